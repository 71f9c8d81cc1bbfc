"""Settings only ever tighten, whoever asks for what; a young person's are loosened by the passcode alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreseal_client.device import Device
from foreseal_client.errors import SettingError
from foreseal_client.safeguard_settings import Changed, PasscodeWanted, begin_young, change_passcode, change_settings
from foreseal_client.safeguards.asked import ENVIRONMENT, Asked, asked_in_environment, in_force, read_asked
from foreseal_client.safeguards.passcode import FREE_TRIES, Lock, Opened, TooSoon, Wrong
from foreseal_client.safeguards.settings import (
    MAX_DAYS,
    MAX_FIRST_CONTACTS,
    NAMES,
    ORDINARY,
    YOUNG,
    GroupAdds,
    Requests,
    Safeguards,
    looser,
    tightest,
)
from foreseal_client.store.backup import write_backup
from foreseal_client.store.restoring import restore_backup
from foreseal_matcher import ListSet, Mode, OnFailure, Policy
from sample_stores import CHEAP, KEY

DAYS = st.integers(0, MAX_DAYS)
VALUES = {
    "requests": st.sampled_from(Requests), "groups": st.sampled_from(GroupAdds), "may_be_listed": st.booleans(),
    "first_contacts": st.integers(0, MAX_FIRST_CONTACTS), "moment_days": DAYS, "plain_links_days": DAYS,
    "reminder_days": DAYS, "may_send_receipts": st.booleans(), "may_send_typing": st.booleans(),
    "may_disappear": st.booleans(), "young": st.booleans(),
}  # fmt: skip
SETTINGS = st.fixed_dictionaries(VALUES).map(lambda values: Safeguards(**values))
ASKED = st.fixed_dictionaries({}, optional={name: VALUES[name] for name in NAMES if name != "young"})
SOURCES = st.lists(st.tuples(st.sampled_from(["flag", "environment", "foreseal.toml", "user's"]), ASKED), max_size=4)
PASSCODE, NOW = "open sesame", 1_795_000_000


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


def opened(folder: Path, clock: Clock, name: str | None = None) -> Device:
    policy = Policy(Mode.HOLD, OnFailure.CLOSED)
    return Device(folder, KEY, lists=ListSet.empty(), policy=policy, clock=clock, name=name, relay="http://r")


@pytest.fixture(scope="module")
def kim(clock: Clock) -> Iterator[Device]:
    with tempfile.TemporaryDirectory() as folder:
        device = opened(Path(folder), clock, "Kim")
        begin_young(device, Lock.new("Aunt Mo", PASSCODE, CHEAP))
        yield device
        device.close()


@pytest.fixture(autouse=True)
def _as_made(kim: Device, clock: Clock) -> None:
    clock.now = NOW
    with kim.store.transaction():
        kim.store.safeguards.put(YOUNG, Lock.new("Aunt Mo", PASSCODE, CHEAP))
    kim.asked = ()


def written(value: object) -> str:
    return str(value).lower()


def test_no_setting_is_without_an_order_and_none_without_a_value_here() -> None:
    assert set(NAMES) == set(Safeguards.__struct_fields__) == set(VALUES)


@given(one=SETTINGS, other=SETTINGS)
def test_the_tightest_of_two_is_looser_than_neither_and_takes_each_part_from_one_of_them(
    one: Safeguards, other: Safeguards
) -> None:
    joined = tightest(one, other)
    assert looser(joined, one) == looser(joined, other) == ()
    assert all(getattr(joined, name) in (getattr(one, name), getattr(other, name)) for name in NAMES)
    assert joined == tightest(other, one)


def test_a_young_persons_settings_are_looser_than_the_ordinary_ones_in_nothing() -> None:
    assert looser(YOUNG, ORDINARY) == ()
    assert set(looser(ORDINARY, YOUNG)) == set(NAMES) - {"groups"}


@given(kept=SETTINGS, sources=SOURCES)
def test_whatever_is_asked_for_anywhere_nothing_becomes_looser_than_the_profile_keeps_it(
    kept: Safeguards, sources: list[tuple[str, dict[str, object]]]
) -> None:
    force = in_force(kept, [read_asked(source, {n: written(v) for n, v in asked.items()}) for source, asked in sources])
    assert looser(force.settings, kept) == ()
    for name in NAMES:
        if getattr(force.settings, name) != getattr(kept, name):
            assert force.sources[name] != "profile"


@given(kept=SETTINGS, asked=ASKED)
def test_what_is_asked_for_and_is_tighter_holds_and_what_is_looser_is_said_to_be_ignored(
    kept: Safeguards, asked: dict[str, object]
) -> None:
    force = in_force(kept, [Asked("flag", asked)])
    wanted = msgspec.structs.replace(kept, **asked)
    assert {name for _, name in force.ignored} == set(looser(wanted, kept))
    assert looser(force.settings, wanted) == ()


@given(asked=ASKED)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_no_environment_loosens_a_young_persons_device(kim: Device, asked: dict[str, object]) -> None:
    kim.asked = (asked_in_environment({f"{ENVIRONMENT}{n.upper()}": written(v) for n, v in asked.items()}),)
    assert looser(kim.safeguards, YOUNG) == ()


@given(wanted=SETTINGS, passcode=st.none() | st.text(max_size=12).filter(lambda text: text != PASSCODE))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
def test_nothing_but_the_passcode_makes_a_young_persons_profile_looser(
    kim: Device, clock: Clock, wanted: Safeguards, passcode: str | None
) -> None:
    kept = kim.store.safeguards.settings()
    clock.now += 10_000
    outcome = change_settings(kim, wanted, passcode)
    assert isinstance(outcome, Changed) == (looser(wanted, kept) == ())
    assert looser(kim.store.safeguards.settings(), kept) == ()


def test_the_passcode_makes_it_looser_and_tightening_again_takes_none(kim: Device) -> None:
    lax = msgspec.structs.replace(YOUNG, requests=Requests.ANYONE)
    assert change_settings(kim, lax) == PasscodeWanted(("requests",), "Aunt Mo", 0)
    assert change_settings(kim, lax, PASSCODE) == Changed(lax)
    assert kim.safeguards.requests is Requests.ANYONE
    assert change_settings(kim, YOUNG) == Changed(YOUNG)


def test_wrong_passcodes_are_counted_before_they_are_judged_and_survive_a_restart(tmp_path: Path, clock: Clock) -> None:
    device = opened(tmp_path, clock, "Kim")
    begin_young(device, Lock.new("Aunt Mo", PASSCODE, CHEAP))
    for _ in range(FREE_TRIES):
        assert isinstance(change_settings(device, ORDINARY, "wrong wrong"), Wrong)
    device.close()
    device = opened(tmp_path, clock)
    assert change_settings(device, ORDINARY, PASSCODE) == TooSoon(30)
    assert device.store.safeguards.settings() == YOUNG
    clock.now += 30
    assert isinstance(change_settings(device, ORDINARY, PASSCODE), Changed)
    device.close()


def test_the_passcode_passes_into_other_hands_by_the_one_that_holds_and_no_other(kim: Device) -> None:
    assert isinstance(change_passcode(kim, "wrong wrong", "Mallory", "mallory's", CHEAP), Wrong)
    assert change_passcode(kim, PASSCODE, "Uncle Jo", "another one", CHEAP) == Opened()
    lock = kim.store.safeguards.lock()
    assert lock is not None
    assert (lock.holder, lock.fits("another one"), lock.fits(PASSCODE)) == ("Uncle Jo", True, False)


def test_a_profile_is_made_a_young_persons_once(kim: Device) -> None:
    with pytest.raises(SettingError, match="already"):
        begin_young(kim, Lock.new("Mallory", "mallory's", CHEAP))


def test_a_backup_is_no_way_round_the_passcode(tmp_path: Path, clock: Clock) -> None:
    device = opened(tmp_path / "old", clock, "Kim")
    begin_young(device, Lock.new("Aunt Mo", PASSCODE, CHEAP))
    change_settings(device, ORDINARY, "wrong wrong")
    write_backup(device.store, tmp_path / "backup", "correct horse", now=NOW, fresh=CHEAP)
    device.close()
    restore_backup(tmp_path / "backup", tmp_path / "new", "correct horse", lambda _: KEY, now=NOW)
    device = opened(tmp_path / "new", clock)
    lock = device.store.safeguards.lock()
    assert device.safeguards == YOUNG
    assert lock is not None
    assert (lock.wrong, lock.fits(PASSCODE)) == (1, True)
    device.close()


@pytest.mark.parametrize(
    "values",
    [{"request": "invited"}, {"young": "false"}, {"": ""}, {"moment_days": "-1"}, {"moment_days": "9" * 400},
     {"moment_days": 366}, {"first_contacts": "many"}, {"requests": "nobody"}, {"groups": 3},
     {"may_disappear": "perhaps"},
     {"requests": None}, {"requests": ["invited"]}, {"moment_days": 1.5}],
)  # fmt: skip
def test_what_is_no_setting_is_refused_by_the_name_of_who_asked(values: dict[str, object]) -> None:
    with pytest.raises(SettingError, match=r"^foreseal\.toml: "):
        read_asked("foreseal.toml", values)
