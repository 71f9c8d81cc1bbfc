"""What the operator of a log, with or without the endorsers, can do to a device: each is named after its refusal."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from dataclasses import replace

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata

from foreseal_client.publishing.listed import add_list
from foreseal_client.publishing.logged import entry_for
from foreseal_client.publishing.publishing import prepare_list
from foreseal_client.transparency.checkpoint import Checkpoint, origin_of, sign_checkpoint
from foreseal_client.transparency.entry import LoggedList
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.names import LOG_FIELD
from foreseal_client.updates.refusals import Refusal
from foreseal_client.updates.updating import update
from foreseal_matcher.lists import HashList, ListedHash
from foreseal_matcher.lists.writing import UPDATES
from foreseal_matcher.verdict import Entry
from repository_attacks import next_targets, refused_as
from sample_lists import lines
from sample_repositories import NOW, TODAY, Publisher, World
from turned import last_bit_turned

__all__ = ["another", "beyond_scope", "resigned"]


def another(publisher: Publisher, name: str = "other", version: str = "1") -> LoggedList:
    """An entry for a list that is none of the device's business."""
    return replace(entry_for(publisher.write(lines(3), version, name=name), {}, NOW), logged=0)


def resigned(publisher: Publisher, head: Checkpoint, signer: CryptoSigner) -> None:
    note = sign_checkpoint(head, publisher.log_key, lambda body: bytes.fromhex(signer.sign(body).signature))
    (publisher.log_folder.folder / "checkpoint").write_bytes(note)


@refused_as(Refusal.NO_LOG)
async def a_root_that_names_no_log(here: World) -> None:
    publisher = here.publisher
    root = copy.deepcopy(publisher.repository.root())
    assert root is not None
    del root.signed.unrecognized_fields[LOG_FIELD]
    root.signatures.clear()
    for signer in publisher.of("alice", "bob"):
        root.sign(signer, append=True)
    folder = str(publisher.repository.folder)
    update(folder, fetcher_for(folder), here.out.with_name("other"), TODAY, root=root.to_bytes())


@refused_as(Refusal.LOG_NOT_SIGNED)
async def a_head_that_somebody_else_signed(here: World) -> None:
    head = here.publisher.log_folder.head(here.publisher.log_key)
    resigned(here.publisher, head, CryptoSigner.generate_ed25519())
    await here.update()


@refused_as(Refusal.LOG_NOT_SIGNED)
async def a_head_of_another_log(here: World) -> None:
    head = here.publisher.log_folder.head(here.publisher.log_key)
    resigned(here.publisher, replace(head, origin=origin_of(bytes(32))), here.publisher.log)
    await here.update()


@refused_as(Refusal.LOG_STALLED)
async def a_head_that_nobody_signed_for_more_than_a_week(here: World) -> None:
    head = here.publisher.log_folder.head(here.publisher.log_key)
    resigned(here.publisher, replace(head, time=head.time - 8 * 86400), here.publisher.log)
    await here.update()


@refused_as(Refusal.LOG_STALLED)
async def a_head_from_the_future_which_would_be_fresh_for_years(here: World) -> None:
    head = here.publisher.log_folder.head(here.publisher.log_key)
    resigned(here.publisher, replace(head, time=head.time + 400 * 86400), here.publisher.log)
    await here.update()


@refused_as(Refusal.LOG_SHRUNK)
async def the_head_from_before_an_entry(here: World) -> None:
    path = here.publisher.log_folder.folder / "checkpoint"
    old = path.read_bytes()
    here.publisher.append(another(here.publisher))
    await here.update()
    path.write_bytes(old)
    await here.update()


@refused_as(Refusal.LOG_SHRUNK)
async def an_older_signature_over_the_same_log(here: World) -> None:
    head = here.publisher.log_folder.head(here.publisher.log_key)
    resigned(here.publisher, replace(head, time=head.time - 60), here.publisher.log)
    await here.update()


@refused_as(Refusal.LOG_FORKED)
async def another_history_of_the_same_size(here: World) -> None:
    shutil.rmtree(here.publisher.log_folder.folder)
    here.publisher.append(another(here.publisher))
    try:
        await here.update()
    finally:
        assert list((here.out / UPDATES / "evidence").iterdir())


@refused_as(Refusal.LOG_FORKED)
async def another_history_that_is_longer(here: World) -> None:
    shutil.rmtree(here.publisher.log_folder.folder)
    here.publisher.append(another(here.publisher), another(here.publisher, version="2"))
    await here.update()


@refused_as(Refusal.LOG_DAMAGED)
async def a_tile_with_one_bit_turned(here: World) -> None:
    here.publisher.append(another(here.publisher))
    tile = here.publisher.log_folder.folder / "tiles" / "0" / "0.2"
    tile.write_bytes(last_bit_turned(tile.read_bytes()))
    await here.update()


@refused_as(Refusal.LOG_DAMAGED)
async def a_tile_cut_off(here: World) -> None:
    here.publisher.append(another(here.publisher))
    tile = here.publisher.log_folder.folder / "tiles" / "0" / "0.2"
    tile.write_bytes(tile.read_bytes()[:-1])
    await here.update()


@refused_as(Refusal.LOG_DAMAGED)
async def an_entry_edited_after_it_was_logged(here: World) -> None:
    here.publisher.publish(2)
    path = here.publisher.log_folder.folder / "entries" / "1.json"
    path.write_bytes(path.read_bytes().replace(b'"version":"2"', b'"version":"3"'))
    await here.update()


@refused_as(Refusal.LOG_DAMAGED)
async def a_place_in_the_log_that_is_no_number(here: World) -> None:
    here.publisher.publish(2)
    (here.publisher.log_folder.folder / "positions" / "demo").write_bytes(b"-1\n")
    await here.update()


@refused_as(Refusal.LOG_FORGOTTEN)
async def a_memory_of_the_log_that_was_damaged(here: World) -> None:
    (here.out / UPDATES / "log.json").write_bytes(b"{}")
    await here.update()


@refused_as(Refusal.LOG_FORGOTTEN)
async def a_memory_of_the_log_that_was_edited(here: World) -> None:
    path = here.out / UPDATES / "log.json"
    path.write_text(path.read_text().replace('"since": 1', '"since": 0'))
    await here.update()


@refused_as(Refusal.NOT_LOGGED)
async def a_list_that_enough_endorsers_signed_and_nobody_logged(here: World) -> None:
    targets = next_targets(here)
    for signer in here.publisher.of("alice", "bob"):
        targets.sign(signer, append=True)
    here.publisher.put_targets(targets, logged=False)
    await here.update()


@refused_as(Refusal.NOT_LOGGED)
async def a_place_beyond_the_end_of_the_log(here: World) -> None:
    here.publisher.publish(2)
    (here.publisher.log_folder.folder / "positions" / "demo").write_bytes(b"7\n")
    await here.update()


@refused_as(Refusal.NOT_LOGGED)
async def a_list_while_the_log_has_a_newer_one_for_somebody_else(here: World) -> None:
    here.publisher.publish(2)
    here.publisher.append(another(here.publisher, name="demo", version="for somebody else"))
    (here.publisher.log_folder.folder / "positions" / "demo").write_bytes(b"1\n")
    await here.update()


@refused_as(Refusal.NOT_LOGGED)
async def the_list_in_force_while_the_log_has_a_newer_one_for_somebody_else(here: World) -> None:
    here.publisher.append(another(here.publisher, name="demo", version="for somebody else"))
    await here.update()


@refused_as(Refusal.NOT_AS_LOGGED)
async def an_entry_with_other_counts_by_category(here: World) -> None:
    await here.update()
    opened = here.publisher.write(lines(20)[:30], "counted")
    await logged_as(here, opened, lambda entry: replace(entry, shares=entry.shares[1:]))


@refused_as(Refusal.NOT_AS_LOGGED)
async def an_entry_that_leaves_out_an_endorser(here: World) -> None:
    opened = here.publisher.write(lines(20)[:30], "unsigned")
    await logged_as(here, opened, lambda entry: replace(entry, endorsers={}))


async def logged_as(here: World, opened: HashList, edit: Callable[[LoggedList], LoggedList]) -> None:
    """The list, signed as it should be, under an entry that says something else of it."""
    publisher = here.publisher
    newest = publisher.repository.targets()
    assert newest is not None
    targets = copy.deepcopy(newest.signed)
    add_list(publisher.repository, targets, opened)
    targets.version += 1
    signed = Metadata(targets)
    for signer in publisher.of("alice", "bob"):
        signed.sign(signer, append=True)
    names = {signer.public_key.keyid: name for name, signer in publisher.signers.items() if name in ("alice", "bob")}
    entry = entry_for(opened, dict(sorted(names.items())), NOW)
    publisher.append(edit(entry))
    publisher.put_targets(signed, logged=False)
    await here.update()


@refused_as(Refusal.NEW_SCOPE)
async def beyond_scope(here: World) -> None:
    """A category that was not on the list when it was installed."""
    row = ListedHash(Entry(9_000, "sha256", "another purpose", "tests"), bytes(32))
    prepare_list(here.publisher.repository, here.publisher.write([*lines(20), row], "2"), NOW)
    here.publisher.complete()
    await here.update()


@refused_as(Refusal.NEW_SCOPE)
async def an_endorser_who_never_signed_before(here: World) -> None:
    opened = here.publisher.write(lines(20)[:22], "2")
    prepare_list(here.publisher.repository, opened, NOW)
    here.publisher.complete(by=("bob", "carol"))
    await here.update()
