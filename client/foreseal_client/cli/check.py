"""`foreseal check`: files and links against hash lists, as the chat does before sending."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, named_lists, plain, reason_of, say, say_json, today
from foreseal_client.cli.fingerprints import BESIDE, chosen_fingerprints

if TYPE_CHECKING:
    from foreseal_matcher import ListSet, Looks, Verdict

__all__ = ["check"]

_FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("things", nargs=-1, required=True, metavar="FILE|URL...")
@click.option("--list", "folders", multiple=True, type=_FOLDER, metavar="DIR", help="A hash list; may be repeated.")
@click.option(
    "--looks",
    type=click.Choice(["plain", "quick", "full"]),
    default="quick",
    show_default=True,
    help="How thoroughly pictures are looked at: as they are; also mirrored, turned by quarters and without a border; "
    "also cropped, turned by a few degrees, captioned and inside a screen.",
)
@chosen_fingerprints(BESIDE, "Compare by this one too, where a list has it; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever was found, for surveys.")
@click.pass_context
def check(
    context: click.Context,
    things: tuple[str, ...],
    folders: tuple[Path, ...],
    looks: str,
    names: tuple[str, ...],
    as_json: bool,
    exit_zero: bool,
) -> None:
    """Check files and links against hash lists, as the chat does before sending.

    Pictures and films are compared by what they show, all other files by their bytes.

    A line each: file or link, verdict (clear, match or unreadable), distance, entry, milliseconds, remarks (of a match
    also the look that found it). What is a link and no file here is checked as a link. Nothing leaves this machine.
    Without --list the lists in FORESEAL_LIST are used.

    Exit code 0 nothing listed, 10 listed, 11 list missing or stale, 3 could not read; the first of 10, 11, 3 that
    applies.
    """
    from foreseal_client.short_fingerprints import by_chance_in, chance_warning
    from foreseal_matcher import ListSet, Looks

    lists = ListSet.open(named_lists(folders), today())
    for problem in lists.problems:
        where = f" {problem.path}:" if problem.path else ""
        click.echo(plain(f"foreseal check:{where} {problem.reason} ({problem.detail})"), err=True)
    if not lists.lists:
        click.echo("Make a list with: foreseal list make FILE... --out DIR, and name it with --list DIR.", err=True)
        context.exit(Exit.CLEAR if exit_zero else Exit.NO_LIST)
    chances = by_chance_in(lists.lists, names)
    if chances:
        click.echo(f"foreseal check: {chance_warning(chances, 'what these lists hold')}", err=True)
    outcomes = {_checked(thing, lists, Looks(looks), names, as_json) for thing in things}
    if lists.problems:
        outcomes.add(Exit.NO_LIST)
    worst = next((code for code in (Exit.LISTED, Exit.NO_LIST, Exit.UNREADABLE) if code in outcomes), Exit.CLEAR)
    context.exit(Exit.CLEAR if exit_zero else worst)


def _checked(thing: str, lists: ListSet, looks: Looks, names: tuple[str, ...], as_json: bool) -> Exit:
    """Checks one file or link and says what was found."""
    from foreseal_client.cli.on_disk import OnDisk
    from foreseal_matcher import ListSet, Written, screen

    # What is wrong with a list was said once; here each file is answered for what the usable lists hold.
    usable = ListSet(lists.lists, ())
    content: OnDisk | Written
    try:
        content = Written(thing) if _is_link(thing) else OnDisk.of(Path(thing))
    except OSError as error:
        return _no_file(thing, reason_of(error), as_json)
    began = time.perf_counter()
    verdict = screen(content, usable, looks, names).verdict
    milliseconds = (time.perf_counter() - began) * 1000
    (_as_json if as_json else _as_line)(thing, verdict, milliseconds)
    return _exit_of(verdict)


def _is_link(thing: str) -> bool:
    from foreseal_matcher.link_finding import links_in

    whole = any((found.start, found.end) == (0, len(thing)) and found.certain for found in links_in(thing))
    return whole and not Path(thing).exists()


def _no_file(path: str, why: str, as_json: bool) -> Exit:
    if as_json:
        say_json({"file": path, "verdict": "unreadable", "reason": "no-file", "detail": why, "ms": 0.0})
    else:
        say(path, "unreadable", "-", "-", "-", why)
    return Exit.UNREADABLE


def _as_line(file: str, verdict: Verdict, milliseconds: float) -> None:
    from foreseal_matcher import Clear, Match, Unreadable

    word, distance, entry, remarks = "clear", "-", "-", ""
    match verdict:
        case Clear(limits):
            remarks = "; ".join(limits)
        case Match():
            word, distance = "match", str(verdict.distance)
            entry = f"{verdict.list_name}/{verdict.entry.id}"
            remarks = f"{verdict.entry.algorithm}, {verdict.entry.category}, look: {verdict.look}"
            if verdict.overlap is not None:
                remarks += f", {verdict.overlap}"
        case Unreadable(reason, detail):
            word, remarks = "unreadable", f"{reason} ({detail})" if detail else reason
    say(file, word, distance, entry, f"{milliseconds:.1f} ms", remarks)


def _as_json(file: str, verdict: Verdict, milliseconds: float) -> None:
    from foreseal_matcher import Clear, Match, Unreadable

    fields: dict[str, object] = {"file": file, "verdict": "clear", "distance": None, "entry": None}
    match verdict:
        case Clear(limits):
            fields |= {"limits": [limit.name.lower().replace("_", "-") for limit in limits]}
        case Match():
            fields |= {
                "verdict": "match",
                "distance": verdict.distance,
                "limit": verdict.limit,
                "entry": verdict.entry.id,
                "algorithm": verdict.entry.algorithm,
                "category": verdict.entry.category,
                "list": verdict.list_name,
                "list_version": verdict.list_version,
                "look": verdict.look,
                "span": verdict.span,
            }
            if verdict.overlap is not None:
                fields["overlap"] = asdict(verdict.overlap)
        case Unreadable(reason, detail):
            fields |= {
                "verdict": "unreadable",
                "reason": reason.name.lower().replace("_", "-"),
                "detail": detail,
            }
    say_json(fields | {"ms": round(milliseconds, 2)})


def _exit_of(verdict: Verdict) -> Exit:
    from foreseal_matcher import Clear, Match

    if isinstance(verdict, Match):
        return Exit.LISTED
    return Exit.CLEAR if isinstance(verdict, Clear) else Exit.UNREADABLE
