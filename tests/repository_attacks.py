"""What a server, a stranger or too few endorsers can do to a repository: each is named after what it is refused as."""

from __future__ import annotations

import copy
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, TargetFile, Targets

from foreseal_client.publishing.keys import load_signers, make_key
from foreseal_client.publishing.listed import add_list
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.publishing import prepare_list, prepare_root
from foreseal_client.updates.fetching import fetcher_for
from foreseal_client.updates.names import CATALOGUE
from foreseal_client.updates.refusals import Refusal
from foreseal_client.updates.updating import update
from foreseal_matcher.lists import Purpose
from sample_lists import lines
from sample_repositories import NOW, TODAY, Publisher, World
from turned import last_bit_turned

__all__ = ["ATTACKS", "Attack", "one_endorser_is_not_two", "refused_as"]

Attack = Callable[[World], Awaitable[object]]
ATTACKS: list[tuple[Refusal, Attack]] = []


def refused_as(reason: Refusal) -> Callable[[Attack], Attack]:
    def note(attack: Attack) -> Attack:
        ATTACKS.append((reason, attack))
        return attack

    return note


# --- signatures -------------------------------------------------------------------------------------------------


def next_targets(here: World) -> Metadata[Targets]:
    """The next targets, which hold another version of the list and nobody's signature."""
    newest = here.publisher.repository.targets()
    assert newest is not None
    targets = copy.deepcopy(newest.signed)
    add_list(here.publisher.repository, targets, here.publisher.write(lines(20)[:30], "forged"))
    targets.version += 1
    return Metadata(targets)


async def put_signed(here: World, targets: Metadata[Targets], *signers: CryptoSigner) -> None:
    for signer in signers:
        targets.sign(signer, append=True)
    here.publisher.put_targets(targets)
    await here.update()


@refused_as(Refusal.NOT_ENDORSED)
async def a_list_without_a_signature(here: World) -> None:
    await put_signed(here, next_targets(here))


@refused_as(Refusal.NOT_ENDORSED)
async def one_endorser_is_not_two(here: World) -> None:
    await put_signed(here, next_targets(here), *here.publisher.of("alice"))


@refused_as(Refusal.NOT_ENDORSED)
async def strangers_keys(here: World) -> None:
    await put_signed(here, next_targets(here), *(CryptoSigner.generate_ed25519() for _ in range(3)))


@refused_as(Refusal.NOT_ENDORSED)
async def the_online_key_endorses_nothing(here: World) -> None:
    await put_signed(here, next_targets(here), *here.publisher.of("alice", "online"))


@refused_as(Refusal.NOT_ENDORSED)
async def one_signature_under_two_names(here: World) -> None:
    targets = next_targets(here)
    alice, bob = here.publisher.of("alice", "bob")
    made = alice.sign(targets.signed_bytes)
    targets.signatures[made.keyid] = made
    targets.signatures[bob.public_key.keyid] = type(made)(bob.public_key.keyid, made.signature)
    await put_signed(here, targets)


@refused_as(Refusal.NOT_SIGNED)
async def a_time_stamp_by_a_strangers_key(here: World) -> None:
    stamp = here.publisher.repository.timestamp()
    assert stamp is not None
    stamp.signed.version += 1
    stamp.sign(CryptoSigner.generate_ed25519())
    here.publisher.repository.put(stamp)
    await here.update()


# --- older states, and parts of several -------------------------------------------------------------------------


@refused_as(Refusal.ROLLED_BACK)
async def the_time_stamp_of_yesterday(here: World) -> None:
    path = here.publisher.metadata("timestamp.json")
    old = path.read_bytes()
    here.publisher.publish(2)
    newest = (await here.update()).list.digest
    path.write_bytes(old)
    try:
        await here.update()
    finally:
        assert here.in_force == newest
        await go_back(here)


async def go_back(here: World) -> None:
    """The device as it was before version 2, for the assertion that all attacks share."""
    here.out.rename(here.out.with_name("newer"))
    repository = Publisher.beginning(here.publisher.folder / "again")
    repository.publish(1)
    path = repository.repository.folder
    update(str(path), fetcher_for(str(path)), here.out, TODAY, root=repository.root)


@refused_as(Refusal.ROLLED_BACK)
async def older_lists_under_a_new_time_stamp(here: World) -> None:
    old = here.publisher.repository.targets()
    assert old is not None
    here.publisher.publish(2)
    newest = (await here.update()).list.digest
    here.publisher.put_snapshot(9, old)
    try:
        await here.update()
    finally:
        assert here.in_force == newest
        await go_back(here)


@refused_as(Refusal.MIXED)
async def a_snapshot_of_another_state(here: World) -> None:
    here.publisher.publish(2)
    here.publisher.metadata("2.snapshot.json").write_bytes(here.publisher.metadata("1.snapshot.json").read_bytes())
    await here.update()


@refused_as(Refusal.MIXED)
async def targets_of_another_state(here: World) -> None:
    here.publisher.publish(2)
    here.publisher.metadata("2.targets.json").write_bytes(here.publisher.metadata("1.targets.json").read_bytes())
    await here.update()


# --- what has expired -------------------------------------------------------------------------------------------


async def other_publisher(here: World, *, root_days: int = 0, days: int = 0) -> None:
    """The same list from a repository whose root, or all of it, was signed that many days ago."""
    publisher = Publisher.beginning(here.publisher.folder / "old", NOW - timedelta(days=root_days or days))
    publisher.publish(1, NOW - timedelta(days=days))
    folder = str(publisher.repository.folder)
    update(folder, fetcher_for(folder), here.out.with_name("other"), TODAY, root=publisher.root)


@refused_as(Refusal.FROZEN)
async def a_server_that_keeps_showing_an_old_state(here: World) -> None:
    await other_publisher(here, days=8)


@refused_as(Refusal.ROOT_EXPIRED)
async def a_root_that_nobody_renewed(here: World) -> None:
    await other_publisher(here, root_days=366)


# --- roots ------------------------------------------------------------------------------------------------------


@refused_as(Refusal.NO_ROOT)
async def no_root_at_all(here: World) -> None:
    folder = str(here.publisher.repository.folder)
    update(folder, fetcher_for(folder), here.out.with_name("other"), TODAY)


@refused_as(Refusal.OTHER_ROOT)
async def a_root_other_than_the_one_that_is_trusted(here: World) -> None:
    await here.update(root=Publisher.beginning(here.publisher.folder / "other").root)


@refused_as(Refusal.BAD_ROOT)
async def a_root_that_was_edited(here: World) -> None:
    folder = str(here.publisher.repository.folder)
    edited = here.publisher.root.replace(b'"threshold":2', b'"threshold":1')
    update(folder, fetcher_for(folder), here.out.with_name("other"), TODAY, root=edited)


@refused_as(Refusal.ROOT_NOT_ENDORSED)
async def a_new_root_that_too_few_of_the_old_endorsers_signed(here: World) -> None:
    publisher = here.publisher
    keys = publisher.folder / "usurpers"
    usurpers = [make_key(keys, name) for name in ("mallory", "mallet")]
    prepare_root(publisher.repository, usurpers, 2, publisher.online.public_key, publisher.log.public_key, NOW)
    root = Pending(publisher.repository).root()
    assert root is not None
    for signer in (*load_signers(keys), publisher.signers["alice"]):
        root.sign(signer, append=True)
    publisher.repository.put(root)
    await here.update()


# --- files ------------------------------------------------------------------------------------------------------


def of_next_version(here: World, file: str = "demo/sha256.bin") -> Path:
    here.publisher.publish(2)
    return here.publisher.target(file)


@refused_as(Refusal.WRONG_LENGTH)
async def a_file_cut_off(here: World) -> None:
    path = of_next_version(here)
    os.truncate(path, path.stat().st_size - 1)
    await here.update()


@refused_as(Refusal.WRONG_LENGTH)
async def a_file_with_more_behind_it(here: World) -> None:
    with of_next_version(here).open("ab") as file:
        file.write(b"more")
    await here.update()


@refused_as(Refusal.WRONG_HASH)
async def a_file_with_one_bit_turned(here: World) -> None:
    path = of_next_version(here)
    content = path.read_bytes()
    path.write_bytes(last_bit_turned(content))
    await here.update()


@refused_as(Refusal.MISSING)
async def a_file_that_is_gone(here: World) -> None:
    of_next_version(here).unlink()
    await here.update()


@refused_as(Refusal.MISSING)
async def a_column_that_nobody_endorsed(here: World) -> None:
    targets = next_targets(here)
    del targets.signed.targets["demo/pdq.bin"]
    await put_signed(here, targets, *here.publisher.of("alice", "bob"))


# --- what is signed and cannot be used all the same ---------------------------------------------------------------


@refused_as(Refusal.OTHER_LIST)
async def another_list_in_the_place_of_this_one(here: World) -> None:
    targets = next_targets(here)
    other = here.publisher.write(lines(3), "1", name="other")
    add_list(here.publisher.repository, targets.signed, other)
    renamed = {path.replace("other/", "demo/"): target for path, target in targets.signed.targets.items()}
    targets.signed.targets = {
        path: TargetFile(target.length, target.hashes, path, target.unrecognized_fields)
        for path, target in renamed.items()
    }
    for path, target in targets.signed.targets.items():
        source = next((here.publisher.repository.folder / "targets").rglob(f"{target.hashes['sha256']}.*"))
        place = here.publisher.repository.place_of(target)
        if not place.exists():
            place.write_bytes(source.read_bytes())
        assert place.exists(), path
    await put_signed(here, targets, *here.publisher.of("alice", "bob"))


@refused_as(Refusal.OTHER_LIST)
async def another_list_asked_for_in_a_folder_that_has_one(here: World) -> None:
    await here.update(name="other")


@refused_as(Refusal.OTHER_PURPOSE)
async def the_same_list_for_another_purpose(here: World) -> None:
    targets = next_targets(here)
    targets.signed.targets = {CATALOGUE: targets.signed.targets[CATALOGUE]}
    research = here.publisher.write(lines(9), "r", purpose=Purpose.RESEARCH)
    add_list(here.publisher.repository, targets.signed, research)
    await put_signed(here, targets, *here.publisher.of("alice", "bob"))


@refused_as(Refusal.UNUSABLE)
async def a_list_that_is_stale_although_it_was_signed_today(here: World) -> None:
    made = TODAY - timedelta(days=40)
    opened = here.publisher.write(lines(4), "stale", made=made)
    prepare_list(here.publisher.repository, opened, NOW)
    here.publisher.complete()
    await here.update()


@refused_as(Refusal.NO_SUCH_LIST)
async def a_list_that_is_not_there(here: World) -> None:
    folder = str(here.publisher.repository.folder)
    update(folder, fetcher_for(folder), here.out.with_name("other"), TODAY, root=here.publisher.root, name="nowhere")


@refused_as(Refusal.NO_SUCH_LIST)
async def one_of_several_without_saying_which(here: World) -> None:
    prepare_list(here.publisher.repository, here.publisher.write(lines(3), "1", name="second"), NOW)
    here.publisher.complete()
    folder = str(here.publisher.repository.folder)
    update(folder, fetcher_for(folder), here.out.with_name("other"), TODAY, root=here.publisher.root)
