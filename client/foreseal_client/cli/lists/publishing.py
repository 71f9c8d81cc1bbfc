"""`foreseal list publish`: a list as a repository that others can update from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from foreseal_client.cli.answers import Exit, plain, say, today

if TYPE_CHECKING:
    from foreseal_client.publishing.repository import Repository

__all__ = ["publish"]

_PATH: Final = click.Path(path_type=Path)
_REPOSITORY = click.option("--repository", "folder", required=True, type=_PATH, metavar="REPO", help="Its folder.")
_KEYS = click.option(
    "--keys", required=True, type=_PATH, metavar="DIR", help="The folder of secret keys; never inside the repository."
)
_ENDORSERS = click.option(
    "--endorser", "publics", multiple=True, type=_PATH, metavar="FILE.pub", help="An endorser's public key; repeat it."
)
_THRESHOLD = click.option(
    "--threshold", type=click.IntRange(1, 32), default=2, show_default=True, help="Endorsers that have to agree."
)
_LIST: Final = "list"


class _StepOrList(click.Group):
    """`publish DIR` is short for `publish list DIR`; a folder that is called like a step is written `./init`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = [_LIST, *args]
        return super().parse_args(ctx, args)


@click.group(cls=_StepOrList)
def publish() -> None:
    """Publish lists so that devices can tell who stands behind them.

    \b
    foreseal list publish init --repository REPO --keys DIR    once
    foreseal list publish DIR --repository REPO --keys DIR     for each version
    foreseal list publish refresh --repository REPO --keys DIR at least once a week

    A list counts when enough endorsers have signed it: those whose keys are in the folder sign at once, the others
    with `foreseal list endorse` on machines of their own. Exit code 13 while signatures are lacking, 2 when
    something is wrong; what was published before then still is.
    """


@publish.command()
@_REPOSITORY
@_KEYS
@_ENDORSERS
@click.option(
    "--endorsers", "count", type=click.IntRange(1, 32), default=3, show_default=True,
    help="How many keys to make where no public ones are named: all endorsers on one machine, as on a stage.",
)  # fmt: skip
@_THRESHOLD
@click.pass_context
def init(
    context: click.Context, folder: Path, keys: Path, publics: tuple[Path, ...], count: int, threshold: int
) -> None:
    """Begin a repository, or change its endorsers.

    Makes the keys that sign time stamps and the public log, if they are not there. A change
    needs signatures under the old rule and the new.

    Exit code 0; 13 while signatures are lacking, 2 when something is wrong.
    """
    from foreseal_client.publishing.keys import LOG, ONLINE, load_public, make_key
    from foreseal_client.publishing.publishing import prepare_root

    with _told(context):
        repository = _repository(folder, keys)
        if publics:
            endorsers = [load_public(path) for path in publics]
        else:
            endorsers = [make_key(keys, f"endorser-{number}") for number in range(1, count + 1)]
        online, log = (
            load_public(path) if (path := keys / f"{name}.pub").exists() else make_key(keys, name)
            for name in (ONLINE, LOG)
        )
        prepare_root(repository, endorsers, threshold, online, log, _now())
        _endorse_and_complete(context, repository, keys)
        say(f"{folder}: trusts {threshold} of {len(endorsers)} endorsers")
        say(f"devices need, by a way that is trusted: {repository.first_root}")


@publish.command()
@click.argument("name")
@_KEYS
@click.pass_context
def key(context: click.Context, name: str, keys: Path) -> None:
    """Make an endorser's key: NAME.key stays with its owner, NAME.pub goes to whoever runs `init`.

    Exit code 0, or 2 when it could not be made.
    """
    from foreseal_client.publishing.keys import make_key

    with _told(context):
        public = make_key(keys, name)
        say(f"{keys / name}.key is secret and not encrypted; {keys / name}.pub is to hand over. Key id {public.keyid}")


@publish.command(_LIST)
@click.argument("listed", type=_PATH, metavar="DIR")
@_REPOSITORY
@_KEYS
@click.pass_context
def version(context: click.Context, listed: Path, folder: Path, keys: Path) -> None:
    """Publish the list in DIR in the place of its earlier version.

    When the signatures of others are lacking, it waits; run the same again once they are there.

    Exit code 0; 13 while signatures are lacking, 2 when something is wrong.
    """
    from foreseal_client.publishing.listed import open_to_publish
    from foreseal_client.publishing.publishing import prepare_list

    with _told(context):
        repository = _repository(folder, keys)
        opened = open_to_publish(listed, today())
        prepare_list(repository, opened, _now())
        _endorse_and_complete(context, repository, keys)
        say(f"{opened.name}, version {opened.version}: published in {folder}, digest {opened.digest}")


@publish.command()
@_REPOSITORY
@_KEYS
@click.pass_context
def refresh(context: click.Context, folder: Path, keys: Path) -> None:
    """Renew the time stamp, and the log's, without which devices take a server to be keeping lists back.

    Exit code 0, or 2 when something is wrong.
    """
    from foreseal_client.publishing.keys import load_signers
    from foreseal_client.publishing.publishing import refresh as renewed

    with _told(context):
        repository = _repository(folder, keys)
        expires = renewed(repository, load_signers(keys), _now())
        say(f"{folder}: the time stamp is good until {expires:%Y-%m-%d %H:%M} UTC")


def _endorse_and_complete(context: click.Context, repository: Repository, keys: Path) -> None:
    """Signs with the keys that are here; ends the command where more are needed."""
    from foreseal_client.publishing.keys import load_signers
    from foreseal_client.publishing.pending import Pending
    from foreseal_client.publishing.publishing import complete

    signers = load_signers(keys)
    Pending(repository).sign(signers)
    waiting = complete(repository, signers, _now())
    if waiting is None:
        return
    have, lacking = ", ".join(waiting.signed) or "nobody", ", ".join(waiting.unsigned)
    click.echo(
        plain(
            f"foreseal list: not published yet: {waiting.role} is signed by {have}, {waiting.missing} more of {lacking}"
            f" needed. They run: foreseal list endorse {repository.folder} --keys THEIR.key; then run this again."
        ),
        err=True,
    )
    context.exit(Exit.WAITING)


def _repository(folder: Path, keys: Path) -> Repository:
    from foreseal_client.publishing.faults import KeyProblem
    from foreseal_client.publishing.repository import Repository

    if keys.resolve().is_relative_to(folder.resolve()):
        raise KeyProblem(f"{keys} lies inside the repository, which is served to everybody; keep keys elsewhere.")
    return Repository(folder)


@contextmanager
def _told(context: click.Context) -> Iterator[None]:
    """Ends the command with one sentence where something cannot be published."""
    from foreseal_client.publishing.faults import NotPublished

    try:
        yield
    except (NotPublished, OSError) as problem:
        click.echo(plain(f"foreseal list: {problem}"), err=True)
        context.exit(Exit.USAGE)


def _now() -> datetime:
    return datetime.now(UTC)
