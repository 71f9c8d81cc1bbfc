"""`foreseal pressured`: help lines, blocking and keeping evidence. It needs no match, no passcode and no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import say, say_json
from foreseal_client.cli.on_profile import contact_called, explained, opened_device
from foreseal_client.cli.unlocking import Profile, new_passphrase, passphrase

if TYPE_CHECKING:
    from foreseal_client.safeguards.help_lines import HelpLine

__all__ = ["pressured"]

_EVIDENCE: Final = "FORESEAL_EVIDENCE_PASSPHRASE_FILE"
_PROFILE = click.argument("folder", type=Profile(), metavar="PROFILE")
_CONTACT = click.argument("contact", metavar="CONTACT")
_KEY_FILE = click.option("--key-file", type=click.Path(path_type=Path), help="Where its key file lies, if not in it.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group()
def pressured() -> None:
    """Somebody is pressuring you. It is not your fault.

    Help lines, blocking, and keeping what was written as evidence. Nothing here goes over the network, nothing asks
    for a passcode, and nobody is told.
    """


@pressured.command()
@click.option("--region", metavar="XX", help="Two letters, such as DE or US; without it all of them.")
@click.option("--file", "own", type=click.Path(path_type=Path), help="Help lines from a file of your own.")
@_JSON
def lines(region: str | None, own: Path | None, as_json: bool) -> None:
    """Say what you can do, and print help lines. Check the number before relying on it."""
    from foreseal_client.safeguards.help_lines import lines_for, regions
    from foreseal_client.safeguards.words import CHECK_THE_NUMBER, PRESSURED

    with explained():
        known = _help_lines(own)
    found = lines_for(region, known)
    if as_json:
        import msgspec

        say_json({"note": CHECK_THE_NUMBER, "regions": regions(known), "lines": msgspec.to_builtins(found)})
        return
    for sentence in PRESSURED:
        say(sentence)
    click.echo()
    for line in found:
        checked = "nobody has checked this" if line.checked is None else f"checked {line.checked}"
        say(line.region, line.name, line.reach, line.about, f"source {line.source}", checked)
    if region is not None and region.upper() not in regions(known):
        click.echo(f"No line is known here for {region.upper()}. There are: {', '.join(regions(known))}.", err=True)
    click.echo()
    say(CHECK_THE_NUMBER)


@pressured.command()
@_PROFILE
@_CONTACT
@_KEY_FILE
def block(folder: Path, contact: str, key_file: Path | None) -> None:
    """Block CONTACT on this device. What they send is dropped unread; they and the relay are told nothing."""
    from foreseal_client.request_desk import block_quietly
    from foreseal_client.safeguards.words import blocked

    with opened_device(folder, key_file) as device:
        gone = block_quietly(contact_called(contact, device), device, lambda _: None)
    say(blocked(gone.name))


@pressured.command()
@_PROFILE
@_CONTACT
@_KEY_FILE
def keep(folder: Path, contact: str, key_file: Path | None) -> None:
    """Keep what CONTACT wrote as evidence, sealed in this profile, also when messages are removed later."""
    from foreseal_client.keeping import keep as keep_letters
    from foreseal_client.safeguards.words import EVIDENCE_KEPT

    with opened_device(folder, key_file) as device:
        kept = keep_letters(contact_called(contact, device), device)
    say("kept", f"{kept} letters")
    say(EVIDENCE_KEPT)


@pressured.command()
@_PROFILE
@click.argument("out", type=click.Path(path_type=Path))
@_KEY_FILE
def export(folder: Path, out: Path, key_file: Path | None) -> None:
    """Write what was kept to OUT, under a passphrase of its own, to hand to somebody you trust.

    The passphrase is asked for, or read from the file that FORESEAL_EVIDENCE_PASSPHRASE_FILE names.
    """
    from foreseal_client.keeping import export as write

    with opened_device(folder, key_file) as device:
        letters = write(device, out, new_passphrase("Passphrase for the evidence", _EVIDENCE))
    say("written", str(out), f"{letters} letters")


@pressured.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@_JSON
def open_(file: Path, as_json: bool) -> None:
    """Print what a FILE of evidence holds, and whether each letter is proven to be its sender's."""
    from foreseal_client.keeping import open_evidence

    with explained():
        exhibits = open_evidence(file, passphrase("Passphrase of the evidence", _EVIDENCE))
    if as_json:
        say_json(
            {
                "letters": [
                    {
                        "id": one.eid.hex(), "key": one.identity.hex(), "name": one.name, "text": one.text,
                        "sent_at": one.sent_at, "files_sha256": one.files, "proven": one.proven,
                    }
                    for one in exhibits
                ]
            }
        )  # fmt: skip
        return
    for one in exhibits:
        say("proven" if one.proven else "NOT PROVEN", one.name, one.identity.hex()[:16], one.text, *one.files)


def _help_lines(own: Path | None) -> tuple[HelpLine, ...]:
    from foreseal_client.errors import SettingError
    from foreseal_client.safeguards.help_lines import MAX_BYTES, read_help_lines, shipped_lines

    if own is None:
        return shipped_lines()
    with own.open("rb") as source:
        data = source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise SettingError(f"{own} is too long for a file of help lines: at most {MAX_BYTES >> 10} KiB.")
    try:
        return read_help_lines(data.decode("utf-8"))
    except UnicodeDecodeError as fault:
        raise SettingError(f"{own} is no text in UTF-8.") from fault
