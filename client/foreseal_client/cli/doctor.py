"""`foreseal doctor`: the command. What it looks at is in `foreseal_client.checkup`."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path

import click

from foreseal_client.checkup import Finding, State, examine
from foreseal_client.cli.answers import plain, say_json, today
from foreseal_client.cli.unlocking import Profile, looked_through

__all__ = ["doctor"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option("--profile", type=Profile(), help="Look this profile's store through too: a folder or a name.")
@click.option("--key-file", type=click.Path(path_type=Path), help="Where the profile's key file lies, if not in it.")
def doctor(as_json: bool, profile: Path | None, key_file: Path | None) -> None:
    """Look at this machine: what is installed, what a check costs here, which hash lists are set up.

    Exit code 0 unless there is a problem, then 1. Nothing is sent anywhere.
    """
    findings = list(examine(os.environ, today()))
    if profile is not None:
        findings += _store(profile, key_file)
    healthy = all(finding.state is not State.PROBLEM for finding in findings)
    if as_json:
        say_json({"healthy": healthy, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            click.echo(_line(finding))
    sys.exit(0 if healthy else 1)


def _store(profile: Path, key_file: Path | None) -> list[Finding]:
    from foreseal_client.errors import StoreError

    about = f"profile {profile.name}"
    try:
        found, version = looked_through(profile, key_file)
    except StoreError as fault:
        return [Finding(about, State.PROBLEM, str(fault))]
    advice = "Restore it from a backup: foreseal profile restore"
    return [Finding(about, State.PROBLEM, damage, advice) for damage in found] or [
        Finding(about, State.OK, f"sound, store version {version}")
    ]


def _line(finding: Finding) -> str:
    line = f"{finding.state:<8} {finding.about:<20} {plain(finding.found)}"
    return f"{line}\n{'':<30}{finding.advice}" if finding.advice else line
