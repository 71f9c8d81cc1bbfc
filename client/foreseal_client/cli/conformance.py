"""`foreseal conformance`: named flows against a client that speaks the RPC."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import plain, say, say_json

if TYPE_CHECKING:
    from foreseal_client.kit.world import Options

__all__ = ["conformance"]

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("named", nargs=-1, metavar="[FLOW]...")
@click.option("--client-cmd", metavar="CMD", help="Start this client for each person; {folder} is one of its own.")
@click.option(
    "--relay", "relay_url", metavar="URL", help="A relay that runs already. Its inside is then not looked at."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of pictures, lists and faults, never of keys.")
@click.option("--junit", "report", type=click.Path(path_type=Path), metavar="FILE", help="Write JUnit's XML there.")
@click.option("--transcripts", type=click.Path(path_type=Path), metavar="DIR", help="Keep what failed flows said.")
@click.option("--replay", "recorded", type=_FILE, metavar="FILE", help="Play a transcript again, and no flow.")
@click.option("--names", is_flag=True, help="Only say which flows there are.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a flow.")
def conformance(
    named: tuple[str, ...], client_cmd: str | None, relay_url: str | None, seed: int, report: Path | None,
    transcripts: Path | None, recorded: Path | None, names: bool, as_json: bool,
) -> None:  # fmt: skip
    """Run named flows between people over a relay, each against a fresh set of clients.

    Without --client-cmd the client is Foreseal's own, in this process. A flow that needs what a client does not answer
    is skipped. Passing flows says that those flows passed, and no more.

    Exit code 0 when no flow failed and no answer differed, 1 when one did, 2 for a flow that there is not.
    """
    from foreseal_client.conformance import FLOWS
    from foreseal_client.conformance.running import Came, junit, run_flows
    from foreseal_client.kit.world import Options

    unknown = [name for name in named if name not in FLOWS]
    if unknown:
        raise click.UsageError(f"There is no flow {', '.join(map(repr, unknown))}. See --names.")
    chosen = [FLOWS[name] for name in named or FLOWS]
    if names:
        for one in chosen:
            if as_json:
                say_json({"flow": one.name, "about": one.about, "needs": sorted(one.needs)})
            else:
                say(one.name, one.about)
        return
    options = Options(seed, client_cmd=client_cmd, relay_url=relay_url)
    if recorded is not None:
        sys.exit(_replayed(recorded, options))
    came: list[Came] = []
    try:
        for result in run_flows(chosen, options, transcripts):
            came.append(result)
            if as_json:
                say_json(
                    {"flow": result.flow.name, "outcome": result.outcome, "why": result.why, "seconds": result.seconds}
                )
            else:
                say(result.outcome, result.flow.name, result.why or result.flow.about)
        if report is not None:
            report.write_text(junit(came), encoding="utf-8")
    except OSError as fault:
        raise click.ClickException(plain(f"{fault.filename or 'A file'}: {fault.strerror or fault}.")) from fault
    except TimeoutError as fault:
        raise click.ClickException(plain(f"The client did not start: {fault}")) from fault
    counts = Counter(result.outcome for result in came)
    click.echo(f"{counts['passed']} flows passed, {counts['failed']} failed, {counts['skipped']} skipped.", err=as_json)
    sys.exit(1 if counts["failed"] else 0)


def _replayed(recorded: Path, options: Options) -> int:
    """Plays a transcript again and says what was answered otherwise."""
    from foreseal_client.conformance.running import in_a_world
    from foreseal_client.kit.calls import CallError
    from foreseal_client.kit.replaying import replay
    from foreseal_client.kit.transcript import read_transcript

    try:
        said = read_transcript(recorded)
        with in_a_world(options) as world:
            found = list(replay(said, world))
    except (ValueError, KeyError, OSError, CallError, TimeoutError) as fault:
        raise click.ClickException(plain(f"The transcript could not be played: {fault}")) from fault
    for one in found:
        say("differs", one.client, one.method, f"recorded: {one.recorded}", f"now: {one.found}")
    click.echo(f"{sum(line.way == 'call' for line in said)} calls played, {len(found)} answered otherwise.")
    return 1 if found else 0
