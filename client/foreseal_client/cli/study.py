"""`foreseal study`: what the check catches, whom it hurts, what it costs and gives away, on somebody's photographs."""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, plain, reason_of, say, say_json
from foreseal_client.cli.drill import drill

if TYPE_CHECKING:
    from foreseal_client.study.executor import Executor

__all__ = ["study"]

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_QUESTIONS = ("recall", "strangers", "cost", "leaks", "drift", "safeguards")
_KEPT = ". What was measured is kept; once this is put right, the same command with --resume goes on."
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


class _Lengths(click.ParamType[tuple[int, ...]]):
    name = "N,..."

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            lengths = tuple(sorted({int(part.replace("_", "")) for part in str(value).split(",")}))
        except ValueError:
            self.fail(f"{value} is not numbers parted by commas", param, ctx)
        if not 1 <= lengths[0] <= lengths[-1] <= 10_000_000:
            self.fail("a list has 1 to 10,000,000 entries", param, ctx)
        return lengths


class _Decoder(click.ParamType[tuple[str, str]]):
    name = "NAME=COMMAND"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, parted, command = str(value).partition("=")
        try:
            words = shlex.split(command)
        except ValueError:
            words = []
        if not parted or not name.strip() or not words:
            self.fail(f"{value} is not a name, an equals sign and a command", param, ctx)
        if shutil.which(words[0]) is None:  # or each photograph would say so, hours later
            self.fail(f"there is no program {words[0]} that can be run; {name.strip()} is to be one", param, ctx)
        return name.strip(), command


@click.group()
def study() -> None:
    """Measure a check on your own photographs, and write a report.

    Nothing leaves this machine. The report holds no picture and no name of a file. It takes foreseal[study].
    """


@study.command()
@click.option("--photos", required=True, type=_FOLDER, metavar="DIR", help="Photographs; nothing in it is changed.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="For what comes of it; empty or new.",
)
@click.option(
    "--list-size",
    "lengths",
    type=_Lengths(),
    default=None,
    help="Random entries that cost is measured with.  [default: 10000,100000,1000000]",
)
@click.option(
    "--entries",
    type=click.IntRange(1, 1_000_000),
    default=50_000,
    show_default=True,
    help="At most so many on the list made of photographs.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Makes a run repeatable.")
@click.option(
    "--question", "questions", multiple=True, type=click.Choice(_QUESTIONS), help="Only this; may be repeated."
)
@click.option(
    "--workers",
    type=click.IntRange(0, 256),
    default=None,
    help="Processes for photographs; 0 is none beside this one.  [default: one a core]",
)
@click.option(
    "--decoder",
    "decoders",
    type=_Decoder(),
    multiple=True,
    help="Another program that drift is measured with: it reads a file and prints 64 hex digits. May be repeated.",
)
@click.option(
    "--sample",
    type=click.IntRange(2),
    default=None,
    help="So many of the files, drawn by --seed.  [default: all; 120 with --quick]",
)
@click.option("--quick", is_flag=True, help="Fewer photographs, edits and repeats: minutes, not hours.")
@click.option("--resume", is_flag=True, help="Go on with the study in --out.")
@_JSON
@click.pass_context
def run(
    context: click.Context,
    photos: Path,
    out: Path,
    lengths: tuple[int, ...] | None,
    entries: int,
    seed: int,
    questions: tuple[str, ...],
    workers: int | None,
    decoders: tuple[tuple[str, str], ...],
    sample: int | None,
    quick: bool,
    resume: bool,
    as_json: bool,
) -> None:
    """Measure, then write the report.

    What is measured is kept at once: after ^C, or another signal to end, --resume goes on. Files that cannot be read,
    and folders that cannot be opened, are rows with a reason, and pictures that are nearly the same count as one.
    Hidden files and folders, and what a study wrote, are no photographs.

    Drift with another Pillow is measured by an environment that has it, and the matcher:
    --decoder "Pillow 11=/other/bin/python -m foreseal_client.study.elsewhere".

    Exit code 0; 2 when there is nothing to measure or the folder is in use; 130 after ^C or such a signal.
    """  # fmt: skip
    from foreseal_client.cli.progress import progress
    from foreseal_client.ending import as_if_interrupted
    from foreseal_client.study.card import Supposed
    from foreseal_client.study.errors import StudyError
    from foreseal_client.study.plan import Plan
    from foreseal_client.study.record import RECORD
    from foreseal_client.study.report import write_report
    from foreseal_client.study.running import run_study
    from foreseal_client.study.walk import said_of

    sizes = lengths or ((10_000, 100_000) if quick else (10_000, 100_000, 1_000_000))
    programs = dict(decoders)
    drawn, some = (20, sample or 120) if quick else (100, sample)
    plan = Plan(seed, quick, sizes, entries, questions or _QUESTIONS, drawn, tuple(programs), some)
    together, apart = _executors(os.cpu_count() or 1 if workers is None else workers)
    try:
        with as_if_interrupted(), progress() as told:
            files, aside = run_study(photos, out, plan, together, apart, told, programs, resume=resume)
            told("the report", 0, 1)
            found = write_report(out, Supposed())
            told("the report", 1, 1)
    except KeyboardInterrupt:
        click.echo("Stopped. What was measured is kept; the same command with --resume goes on.", err=True)
        context.exit(130)
    except StudyError as problem:
        _refuse(context, problem)
    except OSError as problem:
        _refuse(context, problem, _KEPT if (out / RECORD).exists() else "")
    if said := [*said_of(files.skipped)]:
        click.echo("\n".join((*said, "files.csv says which.")), err=True)
    for path in aside:
        click.echo(
            f"{path.name.partition('.damaged')[0]} was damaged: what could not be read of it was measured again, and "
            f"the file as it was is kept as {path.name}.",
            err=True,
        )
    if as_json:
        say_json({"out": str(out), "findings": len(found)})
    else:
        say("report", str(out / "report.html"))


@study.command()
@click.argument("folder", type=_FOLDER, metavar="DIR")
@click.option(
    "--volume", type=click.IntRange(1, 10**12), default=1_000_000, show_default=True, help="Pictures sent a day."
)
@click.option(
    "--prevalence",
    type=click.FloatRange(0, 1),
    default=1e-6,
    show_default=True,
    help="Share of them that are known material.",
)
@click.option(
    "--coverage",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Share of known material that is on the list.",
)
@click.option(
    "--appeals",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Share of those wrongly stopped who appeal.",
)
@_JSON
@click.pass_context
def report(
    context: click.Context, folder: Path, volume: int, prevalence: float, coverage: float, appeals: float, as_json: bool
) -> None:
    """Write the report of a study again, with a card for what you suppose.

    The same samples and the same suppositions give the same file, byte for byte.

    Exit code 0, or 2 when the folder holds no study.
    """
    from foreseal_client.study.card import Supposed
    from foreseal_client.study.errors import StudyError
    from foreseal_client.study.record import lacking_in, record_in
    from foreseal_client.study.report import card_of, write_report

    supposed = Supposed(volume, prevalence, coverage, appeals)
    try:
        found = write_report(folder, supposed)
        card = card_of(found, supposed, record_in(folder)["settings"]["seed"])
        for said in lacking_in(folder):
            click.echo(said, err=True)
    except (StudyError, OSError) as problem:
        _refuse(context, problem)
    if as_json:
        say_json({"supposed": asdict(supposed), "card": None if card is None else asdict(card)})
        return
    say("report", str(folder / "report.html"))
    if card is None:
        say("card", "none: it takes recall and strangers")
        return
    say("known items stopped a day", f"{card.stopped.value:.3g}", f"{card.stopped.low:.3g} to {card.stopped.high:.3g}")
    say("people wrongly stopped a day", f"{card.wrong.value:.3g}", f"{card.wrong.low:.3g} to {card.wrong.high:.3g}")
    say("appeals a day", f"{card.appeals.value:.3g}", f"{card.appeals.low:.3g} to {card.appeals.high:.3g}")


@study.command()
@click.argument("one", type=_FOLDER, metavar="A")
@click.argument("other", type=_FOLDER, metavar="B")
@_JSON
@click.pass_context
def compare(context: click.Context, one: Path, other: Path, as_json: bool) -> None:
    """Put two studies beside each other: what differs in how they were made, and in what they found.

    Where both measured the same photographs, also how many bits their fingerprints moved: between two versions of
    Pillow, for one.

    Exit code 0, or 2 when a folder holds no study.
    """
    from foreseal_client.study.comparing import compared
    from foreseal_client.study.errors import StudyError
    from foreseal_client.study.record import lacking_in

    try:
        found = compared(one, other)
        for folder in (one, other):
            for said in lacking_in(folder):
                click.echo(plain(f"{folder}: {said}"), err=True)
    except (StudyError, OSError) as problem:
        _refuse(context, problem)
    if as_json:
        say_json(asdict(found))
        return
    for name, (here, there) in found.settings.items():
        say("made", name, str(here), str(there))
    for name, moved in found.moved.items():
        say("moved", name, f"{moved.photographs} photographs", f"mean {moved.mean:.2f} bits", f"most {moved.most}")
    for row in found.findings:
        told = "apart" if row.apart else "within the intervals"
        say(row.question, row.name, row.of, row.how, f"{row.one:.4g}", f"{row.other:.4g}", told)


study.add_command(drill)


def _executors(workers: int) -> tuple[Executor, Executor]:
    from foreseal_client.study.executor import Here, Processes

    return (Processes(workers), Processes(1, apart=True)) if workers else (Here(), Here())


def _refuse(context: click.Context, problem: Exception, further: str = "") -> None:
    said = reason_of(problem) if isinstance(problem, OSError) else str(problem)
    where = f"{problem.filename}: " if isinstance(problem, OSError) and problem.filename else ""
    click.echo(plain(f"foreseal study: {where}{said}{further}"), err=True)
    context.exit(Exit.USAGE)
