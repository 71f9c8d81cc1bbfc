"""Whatever a server, a stranger or too few endorsers offer: it is refused by its name, and the old list stays."""

from __future__ import annotations

from pathlib import Path

import pytest

import log_attacks  # noqa: F401 - it adds its own
import server_attacks  # noqa: F401 - and so does it
from foreseal_client.publishing.keys import load_signers, make_key
from foreseal_client.publishing.pending import Pending
from foreseal_client.publishing.publishing import complete, prepare_list, prepare_root
from foreseal_client.updates.refusals import Refusal, StoppedAtFence, UpdateRefused
from repository_attacks import ATTACKS, Attack, one_endorser_is_not_two
from sample_lists import lines
from sample_repositories import NOW, world


@pytest.mark.parametrize(
    ("reason", "attack"), [pytest.param(*one, id=getattr(one[1], "__name__", "")) for one in ATTACKS]
)
async def test_it_is_refused_by_its_name_and_the_old_list_stays_in_force(
    tmp_path: Path, reason: Refusal, attack: Attack
) -> None:
    async with world(tmp_path) as here:
        before = here.in_force
        with pytest.raises(UpdateRefused) as refused:
            await attack(here)
        assert refused.value.reason is reason, refused.value
        assert here.in_force == before


def test_every_refusal_was_provoked_and_says_what_to_do_in_words_of_its_own() -> None:
    assert {reason for reason, _ in ATTACKS} == set(Refusal)
    assert len({reason.happened for reason in Refusal}) == len(Refusal)
    for reason in Refusal:
        told = str(UpdateRefused(reason))
        assert "a list installed before stays in force" in told
        assert told.endswith(reason.remedy)


async def test_after_a_refusal_the_true_repository_is_still_followed(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        with pytest.raises(UpdateRefused):
            await one_endorser_is_not_two(here)
        wanted = here.publisher.publish(5)
        assert (await here.update()).list.digest == wanted.digest


async def test_endorsers_who_agree_can_hand_over_to_others(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        publisher = here.publisher
        dave = make_key(publisher.folder / "new", "dave")
        kept = [publisher.signers[name].public_key for name in ("alice", "bob")]
        prepare_root(publisher.repository, [*kept, dave], 2, publisher.online.public_key, publisher.log.public_key, NOW)
        signers = [*publisher.of("alice", "bob"), *load_signers(publisher.folder / "new")]
        Pending(publisher.repository).sign(signers)
        assert complete(publisher.repository, publisher.of("online", "log"), NOW) is None
        wanted = publisher.write(lines(20)[:33], "after")
        assert prepare_list(publisher.repository, wanted, NOW)
        Pending(publisher.repository).sign([publisher.signers["carol"], signers[2]])
        waiting = complete(publisher.repository, publisher.of("online", "log"), NOW)
        assert waiting is not None
        assert waiting.signed == ("dave",)
        publisher.complete(by=("alice",))
        with pytest.raises(StoppedAtFence) as stopped:
            await here.update()
        (news,) = stopped.value.news
        assert news.startswith("endorser:dave:")
        assert (await here.update(accept=(news,))).list.digest == wanted.digest
