"""`foreseal doctor`: the command. What it looks at is in `foreseal_client.checkup`."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict

import click

from foreseal_client.checkup import Finding, State, examine
from foreseal_client.cli.answers import plain, say_json, today

__all__ = ["doctor"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def doctor(as_json: bool) -> None:
    """Look at this machine: what is installed, what a check costs here, which hash lists are set up.

    Exit code 0 unless there is a problem, then 1. Nothing is sent anywhere.
    """
    findings = list(examine(os.environ, today()))
    healthy = all(finding.state is not State.PROBLEM for finding in findings)
    if as_json:
        say_json({"healthy": healthy, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            click.echo(_line(finding))
    sys.exit(0 if healthy else 1)


def _line(finding: Finding) -> str:
    line = f"{finding.state:<8} {finding.about:<20} {plain(finding.found)}"
    return f"{line}\n{'':<30}{finding.advice}" if finding.advice else line
