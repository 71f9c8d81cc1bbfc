"""Two different people: when they have agreed, when they have not, and what the signed trail makes of it."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.desk.agreed import Agreed, agreed_on
from foreseal_client.desk.audit import BEGINNING, Act, Record, Trouble, record, trouble
from foreseal_client.desk.cases import State
from foreseal_client.desk.rules import AGREEING, Voice, Vote, standing
from foreseal_client.reports.said import Category
from foreseal_client.sealing.keys import DeviceKeys

LENA, ROLF, EVE = (DeviceKeys.generate() for _ in range(3))
VOTES = st.lists(
    st.builds(Vote, st.sampled_from(("lena", "rolf", "eve")), st.sampled_from(Voice), st.sampled_from(Category)),
    max_size=6,
)


@given(VOTES)
def test_nothing_is_decided_that_two_different_people_do_not_both_say(votes: list[Vote]) -> None:
    state, category = standing(votes)
    for_it = {vote.officer for vote in votes if vote.voice is Voice.AGREE and vote.category is category}
    against = {vote.officer for vote in votes if vote.voice is Voice.DISMISS}
    assert (state is State.CONFIRMED) <= (len(for_it) >= AGREEING)
    assert (state is State.DISMISSED) <= (len(against) >= AGREEING)


def test_two_who_agree_under_different_categories_have_not_agreed() -> None:
    votes = [Vote("lena", Voice.AGREE, Category.THREAT), Vote("rolf", Voice.AGREE, Category.OTHER)]
    assert standing(votes) == (State.WAITING, None)


def test_two_against_two_waits() -> None:
    votes = [Vote(name, Voice.AGREE, Category.THREAT) for name in "ab"]
    votes += [Vote(name, Voice.DISMISS, Category.THREAT) for name in "cd"]
    assert standing(votes) == (State.WAITING, None)


def trail(*acts: tuple[DeviceKeys, str, int, str]) -> list[Record]:
    """Records as they should be, the first by Lena."""
    made: list[Record] = []
    for number, (keys, what, case, detail) in enumerate(acts, start=1):
        before = made[-1].hash if made else BEGINNING
        name = {LENA: "lena", ROLF: "rolf", EVE: "eve"}[keys]
        made.append(record(Act(number, before, 1000, name, keys.identity_public, what, case, detail), keys.identity))
    return made


def begun(*more: tuple[DeviceKeys, str, int, str]) -> list[Record]:
    rolf = f"rolf reviewer {ROLF.identity_public.hex()}"
    return trail((LENA, "opened the desk", 0, ""), (LENA, "took in", 0, rolf), *more)


SEEN, OTHER = "ab" * 32, "cd" * 32
AGREED = ((LENA, "vote", 1, f"agree threat {SEEN}"), (ROLF, "vote", 1, f"agree threat {SEEN}"))
WAITING = {1: Agreed(State.WAITING)}


def test_the_trail_alone_shows_what_two_people_agreed_on() -> None:
    assert agreed_on(begun(*AGREED)) == {1: Agreed(State.CONFIRMED, Category.THREAT, SEEN)}


def test_one_person_who_votes_twice_is_still_one() -> None:
    assert agreed_on(begun(AGREED[0], AGREED[0])) == WAITING


def test_the_last_word_of_each_counts() -> None:
    assert agreed_on(begun(*AGREED, (ROLF, "vote", 1, f"dismiss threat {SEEN}"))) == WAITING


def test_votes_about_two_contents_of_one_case_do_not_count_together() -> None:
    assert agreed_on(begun(AGREED[0], (ROLF, "vote", 1, f"agree threat {OTHER}"))) == WAITING


def test_two_names_with_one_key_are_one_officer() -> None:
    twin = f"twin reviewer {LENA.identity_public.hex()}"
    assert agreed_on(begun((LENA, "took in", 0, twin), AGREED[0], AGREED[0])) == WAITING


def test_a_vote_that_names_no_content_breaks_the_trail() -> None:
    assert agreed_on(begun((LENA, "vote", 1, "agree threat"))) == Trouble(3, "it is a vote that cannot be read")


def test_a_vote_on_one_case_played_again_for_another_does_not_hold() -> None:
    whole = begun(AGREED[0])
    act = msgspec.structs.replace(whole[-1].act, number=4, before=whole[-1].hash, case=2)
    again = Record(msgspec.msgpack.encode(act), whole[-1].signature)
    assert agreed_on([*whole, again]) == Trouble(4, "its signature does not hold")


def test_a_key_that_no_lead_took_in_breaks_the_trail() -> None:
    assert isinstance(agreed_on(begun((EVE, "vote", 1, f"agree threat {SEEN}"))), Trouble)


def test_a_reviewer_takes_nobody_in() -> None:
    eve = f"eve reviewer {EVE.identity_public.hex()}"
    assert isinstance(agreed_on(begun((ROLF, "took in", 0, eve), (EVE, "vote", 1, f"agree threat {SEEN}"))), Trouble)


def test_a_vote_in_anothers_name_does_not_hold() -> None:
    whole = begun(AGREED[0])
    act = Act(4, whole[-1].hash, 1000, "rolf", ROLF.identity_public, "vote", 1, f"agree threat {SEEN}")
    found = agreed_on([*whole, record(act, LENA.identity)])
    assert found == Trouble(4, "its signature does not hold")


@given(st.data())
def test_a_record_that_is_changed_left_out_or_moved_is_found(data: st.DataObject) -> None:
    whole = begun(*AGREED)
    keys = {LENA.identity_public, ROLF.identity_public}
    assert trouble(whole, keys, whole[-1].hash) is None
    place = data.draw(st.integers(0, len(whole) - 2))
    match data.draw(st.sampled_from(["change", "cut", "swap", "repeat"])):
        case "change":
            at = data.draw(st.integers(0, len(whole[place].packed) - 1))
            packed = bytearray(whole[place].packed)
            packed[at] ^= 1
            broken = [*whole[:place], Record(bytes(packed), whole[place].signature), *whole[place + 1 :]]
        case "cut":
            broken = whole[:place] + whole[place + 1 :]
        case "swap":
            broken = [*whole[:place], whole[place + 1], whole[place], *whole[place + 2 :]]
        case _:
            broken = [*whole[: place + 1], *whole[place:]]
    assert trouble(broken, keys) is not None


def test_a_trail_whose_end_is_missing_is_found_by_a_hash_noted_elsewhere() -> None:
    whole = begun(*AGREED)
    keys = {LENA.identity_public, ROLF.identity_public}
    assert trouble(whole[:-1], keys) is None
    assert trouble(whole[:-1], keys, whole[-1].hash) is not None
