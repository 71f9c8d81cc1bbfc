"""`foreseal list endorse`: an endorser looks at what waits, and signs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from foreseal_client.cli.answers import Exit, plain, say, today

if TYPE_CHECKING:
    from foreseal_client.publishing.examining import WaitingList

__all__ = ["endorse"]

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=_PATH, metavar="REPO")
@click.option("--keys", type=_PATH, metavar="FILE.key", help="The secret key, or a folder of them. Without it: look.")
@click.option("--list", "own", type=_PATH, metavar="DIR", help="Sign only if it is the list in this folder of yours.")
@click.pass_context
def endorse(context: click.Context, folder: Path, keys: Path | None, own: Path | None) -> None:
    """Show what waits in a repository, and sign it.

    Every file is compared with what is signed. REPO may be a copy: what has to go back is the file with your name in
    REPO/pending, and no secret.

    Exit code 0; 2 when something does not fit, and then nothing is signed.
    """
    from foreseal_client.publishing.examining import waiting_lists, waiting_root
    from foreseal_client.publishing.faults import NotPublished
    from foreseal_client.publishing.keys import load_signers
    from foreseal_client.publishing.listed import open_to_publish
    from foreseal_client.publishing.pending import Pending
    from foreseal_client.publishing.repository import Repository

    repository = Repository(folder)
    try:
        if not folder.is_dir():
            raise NotPublished(f"There is no repository in {folder}; name the folder that holds metadata and targets.")
        root, lists = waiting_root(repository), waiting_lists(repository)
        if root is not None:
            say("root", f"version {root.version}", f"any {root.threshold} of {', '.join(root.endorsers)}")
        for one in lists:
            _show(one)
        if root is None and not lists:
            say(f"{folder}: nothing waits for endorsement")
            return
        if own is not None:
            _demand(open_to_publish(own, today()).digest, lists)
        if keys is None:
            return
        made = Pending(repository).sign(load_signers(keys))
        if not made:
            raise NotPublished(f"No key in {keys} belongs to an endorser of this repository; nothing was signed.")
    except (NotPublished, OSError) as problem:
        click.echo(plain(f"foreseal list: {problem}"), err=True)
        context.exit(Exit.USAGE)
    for role, name in made:
        say(f"{role}: signed by {name}")


def _show(one: WaitingList) -> None:
    manifest = one.manifest
    entries = ", ".join(f"{column.count} {kind}" for kind, column in manifest.columns.items())
    state = "changed" if one.changed else "unchanged"
    say("list", manifest.name, f"version {manifest.version}", str(manifest.purpose), entries, state, manifest.digest)


def _demand(digest: str, lists: list[WaitingList]) -> None:
    from foreseal_client.publishing.faults import NotPublished

    if digest not in {one.manifest.digest for one in lists if one.changed}:
        raise NotPublished(f"The list with the digest {digest} is not what waits here; nothing was signed.")
