"""`foreseal pressured`: help lines, blocking and keeping evidence. It needs no match, no passcode and no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import plain, say, say_json
from foreseal_client.cli.on_profile import contact_called, explained, opened_device
from foreseal_client.cli.unlocking import Profile, new_passphrase, passphrase
from foreseal_client.shown import counted

if TYPE_CHECKING:
    from foreseal_client.keeping import KeptOf
    from foreseal_client.safeguards.help_lines import HelpLine

__all__ = ["pressured"]

_EVIDENCE: Final = "FORESEAL_EVIDENCE_PASSPHRASE_FILE"
_FOR_GOOD: Final = (
    "Once erased they cannot be brought back, and what they deleted or what disappeared can be proven by nobody. "
    "Files of evidence that you wrote, and backups, keep theirs."
)
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
    say("kept", counted(kept, "letter"))
    say(EVIDENCE_KEPT)


@pressured.command()
@_PROFILE
@_KEY_FILE
@_JSON
def kept(folder: Path, key_file: Path | None, as_json: bool) -> None:
    """Print about whom evidence is kept, and how many letters. No word of theirs is printed."""
    from foreseal_client.keeping import kept_of

    with opened_device(folder, key_file) as device:
        found = kept_of(device)
    if as_json:
        say_json({"kept": [{"key": one.identity.hex(), "name": one.name, "letters": one.letters} for one in found]})
        return
    for one in found:
        say(one.name, one.identity.hex()[:16], counted(one.letters, "letter"))
    if not found:
        click.echo("Nothing is kept.", err=True)


@pressured.command()
@_PROFILE
@click.argument("who", metavar="WHO")
@_KEY_FILE
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
def forget(folder: Path, who: str, key_file: Path | None, yes: bool, as_json: bool) -> None:
    """Erase what is kept about WHO: a name, or the beginning of a key, as `kept` prints them. It asks first.

    This cannot be undone. What they deleted, or what disappeared, can be proven by nobody afterwards. Messages that are
    still in the conversation stay; so do files that `export` wrote, and backups that were made.

    Exit code 0; 1 when nothing was erased.
    """
    from foreseal_client.keeping import forget as erase
    from foreseal_client.keeping import kept_of

    with opened_device(folder, key_file) as device:
        about = _meant(who, kept_of(device))
        what = f"{counted(about.letters, 'letter')} of {plain(about.name)} ({about.identity.hex()[:16]})"
        click.echo(f"{what}. {_FOR_GOOD}", err=True)
        if not yes and not click.confirm("Erase them", default=False, err=True):
            raise click.ClickException("Nothing was erased.")
        erase(about, device)
    if as_json:
        say_json({"erased": about.letters, "key": about.identity.hex(), "name": about.name})
    else:
        say("erased", counted(about.letters, "letter"), about.name)


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
    say("written", str(out), counted(letters, "letter"))


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


def _meant(who: str, kept: list[KeptOf]) -> KeptOf:
    found = [one for one in kept if one.name == who] or [
        one for one in kept if len(who) >= 8 and one.identity.hex().startswith(who.lower())
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        known = ", ".join(plain(one.name) for one in kept) or "nobody"
        raise click.ClickException(f"Nothing is kept about {plain(who)}. Something is about: {known}.")
    keys = ", ".join(one.identity.hex()[:16] for one in found)
    raise click.ClickException(f"{len(found)} people are called {plain(who)}. Write the beginning of a key: {keys}.")


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
