"""`foreseal fingerprint`: the PDQ and SHA-256 of files, and the frames of films."""

from __future__ import annotations

from pathlib import Path

import click

from foreseal_client.cli.answers import Exit, plain, reason_of, say, say_json
from foreseal_client.cli.fingerprints import EVERY, chosen_fingerprints

__all__ = ["fingerprint"]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@chosen_fingerprints(EVERY[1:], "Also this one; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def fingerprint(context: click.Context, files: tuple[Path, ...], names: tuple[str, ...], as_json: bool) -> None:
    """Print the fingerprints of files.

    A line each: file, PDQ (64 hex digits), its quality (0..100; under 50 it is not compared), SHA-256, and the further
    ones that were asked for. Of a picture that shines through, as seen on black. A film has a line more for each frame
    that a list would hold of it: file, PDQ, when it is shown. A file that is neither has a SHA-256 and no other.

    Exit code 0, or 3 when a file could not be read.
    """
    missed = False
    for path in files:
        fields = _fields_of(path, names)
        missed |= "reason" in fields
        if as_json:
            say_json(fields)
        else:
            _as_lines(fields, names)
        if "reason" in fields:
            click.echo(plain(f"foreseal fingerprint: {path}: {fields['reason']}"), err=True)
    context.exit(Exit.UNREADABLE if missed else Exit.CLEAR)


def _fields_of(path: Path, names: tuple[str, ...]) -> dict[str, object]:
    """What is to be said of a file; "reason" where that is not all that should be."""
    from foreseal_client.cli.on_disk import OnDisk
    from foreseal_matcher import Reason, Undecodable
    from foreseal_matcher.decode import first_looks
    from foreseal_matcher.errors import NotInstalled
    from foreseal_matcher.fingerprints.known import FINGERPRINTS
    from foreseal_matcher.fingerprints.pdq import pdq
    from foreseal_matcher.lists.from_files import film_print_of, is_film

    fields: dict[str, object] = {"file": str(path), "pdq": None, "quality": None, "sha256": None}
    fields |= dict.fromkeys(names)
    try:
        file = OnDisk.of(path)
        fields["sha256"] = file.sha256.hex()
        data = file.as_picture()
        if is_film(data):
            frames = film_print_of(data).frames
            fields["frames"] = [{"pdq": frame.bits.hex(), "time_ms": frame.time_ms} for frame in frames]
        else:
            look = first_looks(data)[0]
            found = pdq(look.luma, look.full)
            fields |= {"pdq": found.bits.hex(), "quality": found.quality}
            fields |= {name: FINGERPRINTS[name].of(look).bits.hex() for name in names}
    except Undecodable as problem:
        if problem.reason is not Reason.NOT_A_PICTURE:
            fields["reason"] = str(problem)
    except OSError as error:
        fields["reason"] = reason_of(error)
    except NotInstalled as absent:
        fields["reason"] = str(absent)
    return fields


def _as_lines(fields: dict[str, object], names: tuple[str, ...]) -> None:
    shown = ("file", "pdq", "quality", "sha256", *names)
    say(*("-" if fields[name] is None else str(fields[name]) for name in shown))
    frames = fields.get("frames")
    for frame in frames if isinstance(frames, list) else ():
        say(str(fields["file"]), frame["pdq"], f"at {frame['time_ms'] / 1000:.1f} s")
