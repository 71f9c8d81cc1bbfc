"""`foreseal bench`: what lookups, checks and sealing cost on this machine, and what the looks at a picture find."""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, plain, reason_of, say, say_json
from foreseal_client.cli.fingerprints import EVERY, chosen_fingerprints

if TYPE_CHECKING:
    from foreseal_client.bench.looks import Report

__all__ = ["bench"]

_SEED = click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Makes a run repeatable.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")
_CSV = click.option("--csv", "as_csv", is_flag=True, help="Lines of name and value.")
_WORK = click.option(
    "--work", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Where the list is made; on a disk."
)
_PHOTOS = click.option(
    "--photos", required=True, type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
    help="Photographs, all distinct; of people none.",
)  # fmt: skip


@click.group()
def bench() -> None:
    """Measure what a check finds and what it costs on this machine, and what sealing costs.

    Nothing leaves it. Times are for ratios within one run, on the machine that is named beside them. The lists that
    `index` and `check` make are random numbers: they measure speed and say nothing of false matches.
    """


@bench.command()
@click.option("--entries", type=click.IntRange(1, 50_000_000), default=1_000_000, show_default=True)
@click.option("--queries", type=click.IntRange(1, 1_000_000), default=5_000, show_default=True)
@click.option("--starts", type=click.IntRange(1, 100), default=7, show_default=True, help="Of a program, to time them.")
@_SEED
@_JSON
@_CSV
@_WORK
def index(entries: int, queries: int, starts: int, seed: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """Look fingerprints up in a list of so many entries.

    Beside it comparing every row in numpy and, where it is installed, faiss. Needs 150 to 300 bytes of disk for each
    entry while it runs.
    """
    from foreseal_client.bench.lookups import bench_lookups

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        _tell(bench_lookups(Path(folder), entries, queries, seed, starts), as_json, as_csv)


@bench.command()
@click.option("--entries", type=click.IntRange(1, 50_000_000), default=300_000, show_default=True)
@_SEED
@_JSON
@_CSV
@_WORK
def lists(entries: int, seed: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """Build a list, change one entry in a hundred, and bring the old list up to date by a delta.

    Beside it making the rows alone. Needs about 500 bytes of disk for each entry while it runs.
    """
    from foreseal_client.bench.list_life import bench_list_life

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        _tell(bench_list_life(Path(folder), entries, seed), as_json, as_csv)


@bench.command()
@click.option("--entries", type=click.IntRange(2, 10_000_000), default=1_000_000, show_default=True)
@click.option("--checks", type=click.IntRange(1, 100_000), default=1_000, show_default=True)
@_SEED
@_JSON
@_CSV
def log(entries: int, checks: int, seed: int, as_json: bool, as_csv: bool) -> None:
    """Prove that a list stands in a public log of so many entries, and that the log only grew.

    Beside it hashing alone. Needs about 250 bytes of memory for each entry.
    """
    from foreseal_client.bench.log_proofs import bench_log_proofs

    _tell(bench_log_proofs(entries, checks, seed), as_json, as_csv)


@bench.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--entries", type=click.IntRange(1, 50_000_000), default=100_000, show_default=True)
@_SEED
@chosen_fingerprints(EVERY[1:], "Time this one too; may be repeated.")
@_JSON
@_CSV
@_WORK
@click.pass_context
def check(
    context: click.Context,
    files: tuple[Path, ...],
    entries: int,
    seed: int,
    names: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    work: Path | None,
) -> None:
    """Check pictures or films, stage by stage: read, decode, hash, lookup.

    Beside it the floor, which is Pillow's reduced decode alone, and pdqhash and threatexchange where they are
    installed.

    Exit code 0, 3 when a file could not be read, or 2 when a fingerprint is not installed.
    """
    from foreseal_client.bench.checks import bench_checks
    from foreseal_matcher.errors import NotInstalled

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        try:
            figures = bench_checks(Path(folder), files, entries, seed, names)
        except NotInstalled as absent:
            click.echo(f"foreseal bench: {absent}", err=True)
            context.exit(Exit.USAGE)
        except OSError as error:
            click.echo(plain(f"foreseal bench: {error.filename or 'a file'}: {reason_of(error)}"), err=True)
            context.exit(Exit.UNREADABLE)
        _tell(figures, as_json, as_csv)


@bench.command()
@click.option("--mib", type=click.IntRange(1, 100), default=64, show_default=True, help="Size of the attachment.")
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True)
@_JSON
@_CSV
@click.option(
    "--work", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Where the files are made; on a disk."
)
def attachments(mib: int, rounds: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """Seal and open a large attachment, in MiB a second and memory.

    Beside it the floors: libsodium's secretstream alone, and the disk alone.
    """
    from foreseal_client.bench.attachments import bench_attachments

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        _tell(bench_attachments(Path(folder), mib, rounds), as_json, as_csv)


@bench.command()
@click.option("--messages", type=click.IntRange(1, 1_000_000), default=2_000, show_default=True)
@_SEED
@_JSON
@_CSV
@_WORK
def sealing(messages: int, seed: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """Screen, seal and open text messages; set up sessions; turn the ratchet.

    The ratchet beside doubleratchet and vodozemac where those are installed. CPU time, without network and database.
    """
    from foreseal_client.bench.sealed_messages import bench_sealing

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        _tell(bench_sealing(Path(folder), messages, seed), as_json, as_csv)


@bench.command()
@_PHOTOS
@_SEED
@click.option("--edit", "edits", multiple=True, metavar="NAME", help="Only this edit; may be repeated.")
@click.option("--half", type=click.Choice(["tuning", "judging", "all"]), default="judging", show_default=True)
@click.option(
    "--fingerprint", type=click.Choice(EVERY), default="pdq", show_default=True, help="Measured at its limit."
)
@click.option("--crops", is_flag=True, help="List parts of each photograph too, as `list make --crops` does.")
@_JSON
@click.pass_context
def looks(
    context: click.Context,
    photos: Path,
    seed: int,
    edits: tuple[str, ...],
    half: str,
    fingerprint: str,
    crops: bool,
    as_json: bool,
) -> None:
    """Measure the looks at a picture: recall after ordinary edits, nearness of strangers, cost.

    By PDQ in each set of looks, or by another fingerprint as the picture is.

    Exit code 0, or 2 when there are not two usable photographs or an edit is not on the menu.
    """
    from foreseal_client.bench.looks import EDITS, Half, measure, usable
    from foreseal_matcher.errors import NotInstalled

    if crops and fingerprint != "pdq":
        raise click.UsageError("--crops lists parts by PDQ and goes with no other fingerprint")
    files = {path.name: path.read_bytes() for path in photos.iterdir() if path.is_file()}
    try:
        chosen = usable(files, seed, Half(half), fingerprint, crops=crops)
        click.echo(f"{len(chosen)} of {len(files)} files are measured", err=True)
        report = measure(chosen, seed, Half(half), edits or EDITS, fingerprint, _tell_step)
    except (ValueError, NotInstalled) as problem:
        click.echo(f"foreseal bench: {problem}", err=True)
        context.exit(Exit.USAGE)
    if as_json:
        say_json(asdict(report))
    else:
        _as_lines(report)


@bench.command()
@click.option("--films", "count", type=click.IntRange(2, 200), default=12, show_default=True, help="Films to paint.")
@_SEED
@click.option("--edit", "edits", multiple=True, metavar="NAME", help="Only this edit; may be repeated.")
@_JSON
@click.pass_context
def films(context: click.Context, count: int, seed: int, edits: tuple[str, ...], as_json: bool) -> None:
    """Measure films: recall after ordinary edits, nearness of strangers, cost beside libav decoding alone.

    The films are painted for it; nothing else that compares films in this way can be installed to stand beside it.

    Exit code 0; 2 when an edit is not on the menu, 3 when films cannot be checked here.
    """
    from foreseal_matcher import Undecodable
    from foreseal_matcher.films import checkable

    if not checkable():
        click.echo("foreseal bench: films cannot be checked here; install foreseal[film]", err=True)
        context.exit(Exit.UNREADABLE)
    from foreseal_client.bench.films import FILM_EDITS, measure_films

    with tempfile.TemporaryDirectory(prefix="foreseal-bench-") as folder:
        try:
            report = measure_films(
                Path(folder), count, seed, edits or FILM_EDITS, lambda step: click.echo(f"  {plain(step)}", err=True)
            )
        except ValueError as problem:
            click.echo(f"foreseal bench: {problem}", err=True)
            context.exit(Exit.USAGE)
        except Undecodable as problem:
            click.echo(f"foreseal bench: {problem}", err=True)
            context.exit(Exit.UNREADABLE)
    _tell(asdict(report), as_json, as_csv=False)


@bench.command()
@_PHOTOS
@_SEED
@click.option("--each", type=click.IntRange(2, 10_000), default=200, show_default=True, help="Pictures of a kind.")
@click.option("--fingerprint", type=click.Choice(EVERY[:-1]), default="pdq", show_default=True)
@_JSON
@click.pass_context
def strangers(context: click.Context, photos: Path, seed: int, each: int, fingerprint: str, as_json: bool) -> None:
    """Hold harmless pictures against a list that they are not on.

    One half of the photographs, cut into parts, is the list. The other half, its parts, memes and screenshots made of
    it, and documents, chats, dark frames and skies that are drawn are held against it, and against each other.

    Exit code 0, or 2 when there are not two usable photographs.
    """
    from foreseal_client.bench.strangers import measure_strangers
    from foreseal_matcher.errors import NotInstalled

    files = {path.name: path.read_bytes() for path in photos.iterdir() if path.is_file()}
    try:
        report = measure_strangers(files, seed, each, fingerprint, _tell_step)
    except (ValueError, NotInstalled) as problem:
        click.echo(f"foreseal bench: {problem}", err=True)
        context.exit(Exit.USAGE)
    if as_json:
        say_json(asdict(report))
        return
    say("list", f"{report.entries} entries", f"of {report.parts} parts", f"limit {report.limit}")
    for one in report.strangers:
        bound = f"under {one.upper:.2g}" if not one.stopped else f"{one.stopped / one.pictures:.2g}"
        listed = f"{one.stopped} of {one.pictures} stopped, nearest {one.nearest}"
        say(one.kind, one.looks, listed, bound, f"{one.alike} like another of the kind, nearest {one.nearest_alike}")


@bench.command()
@click.option("--messages", type=click.IntRange(1, 100_000), default=500, show_default=True)
@click.option("--queue", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True)
@_JSON
@_CSV
@_WORK
def reports(messages: int, queue: int, as_json: bool, as_csv: bool, work: Path | None) -> None:
    """What proving a message costs, a long queue, and the way from a report to the first device that stops it."""
    from foreseal_client.bench.reports import bench_reports

    with tempfile.TemporaryDirectory(dir=work, prefix="foreseal-bench-") as folder:
        _tell(bench_reports(Path(folder), messages, queue), as_json, as_csv)


def _tell_step(step: str) -> None:
    click.echo(f"  {plain(step)}", err=True)


def _tell(figures: dict[str, object], as_json: bool, as_csv: bool) -> None:
    from foreseal_client.bench.machine import machine

    figures |= {"machine": machine()}
    if as_json:
        say_json(figures)
        return
    lines = _flat("", figures)
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([("name", "value"), *lines])
        return
    for name, value in lines:
        say(name, value)


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else str(name), each)
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _flat(f"{prefix}.{at}", each)
    else:
        yield prefix, str(value)


def _as_lines(report: Report) -> None:
    for one in report.recall:
        note = "" if one.tuned_for else "not tuned for"
        say("recall", one.edit, one.looks, f"{one.recall:.2f}", f"{one.low:.2f}-{one.high:.2f}", note)
    for look in report.strangers:
        bound = f"under {look.upper:.2g}" if not look.matches else "-"
        say("strangers", look.look, f"nearest {look.nearest:g}", f"{look.matches} of {look.pairs} pairs", bound)
    for each in report.cost:
        say("cost", each.looks, f"{each.fingerprints} fingerprints", f"{each.milliseconds:.1f} ms")
