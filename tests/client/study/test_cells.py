"""Cells through the real client, relay and matcher: what they leave in the samples."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from foreseal_client.study import leaks, sending
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.checked import LINKS
from foreseal_client.study.listing import write_large_list
from foreseal_client.study.measuring import measured
from foreseal_client.study.photographs import COMPARED
from foreseal_client.study.safeguards import BECAME
from foreseal_client.study.strangers import ALIKE, OTHERS, PARTS_OF
from foreseal_client.study.updating import UPDATED
from foreseal_client.study.ways import FAMILIES, PARTS, SETS
from foreseal_relay.token_wire import ALLOWANCE, Kind
from sample_pictures import encoded, picture


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path, 1, quick=True)


def test_a_held_send_is_seen_no_more_than_no_send_and_a_text_is_with_whoever_sits_there(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ALLOWANCE[Kind.BLOB] >= leaks.SITTING, "a file costs a token, and the next one would wait until tomorrow"
    assert sending.SITTING * len(sending.POLICIES) <= ALLOWANCE[Kind.BLOB]
    monkeypatch.setattr(leaks, "SITTING", 2)
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in measured(Cell("leaks", "nothing, held, text", "1"), ground):
        if one.measure != "content bytes":
            seen[one.variant].add((one.measure, one.value))
    assert seen["held"] == seen["nothing"]
    assert not {("bytes up", "0"), ("connections", "0")} & seen["text"]


def test_links_are_measured_by_stage_and_every_pass_is_of_the_same_figure(ground: Ground) -> None:
    (ground.work / "random-1000.part").mkdir()  # as a run that was cut off leaves it
    assert measured(Cell("making", "random list", "1000"), ground)
    samples = measured(Cell("cost", LINKS, "1000 pass 2"), ground)
    times = {one.looks: one.number for one in samples if one.measure == "wall ms"}
    assert set(times) == {"first whole check", "whole", "decide", "seal"}
    assert min(times.values()) > 0
    assert {one.variant for one in samples} == {"1000"}
    assert [path.name for path in ground.work.iterdir()] == ["random-1000"]


def test_an_update_of_one_entry_in_a_hundred_is_a_small_share_of_the_list(ground: Ground) -> None:
    bytes_of = {one.looks: one.number for one in measured(Cell("updating", UPDATED, "500"), ground)}
    assert 500 * 32 <= bytes_of["the list"] < 500 * 64
    assert bytes_of["an update, by delta"] > bytes_of["the delta"] > 5 * 32
    assert bytes_of["the delta"] < bytes_of["the list"] / 10


def test_each_safeguard_stops_what_it_looks_at_and_both_let_a_friends_words_and_new_picture_pass(
    ground: Ground,
) -> None:
    samples = measured(Cell("safeguards", "all scenarios", "both"), ground)
    became = {one.subject: one.value for one in samples if one.measure == BECAME}
    assert became == {
        "known picture, the same file, from a friend of long": "held",
        "known picture, the same file, from a new contact": "held",
        "known picture, the same file, from a stranger": "refused",
        "known picture, by an altered client": "withheld",
        "new picture, on no list, from a friend of long": "shown",
        "new picture, on no list, from a new contact": "covered",
        "new picture, on no list, from a stranger": "refused",
        "text that asks for a picture, from a friend of long": "shown",
        "text that asks for a picture, from a new contact": "shown",
        "text that asks for a picture, from a stranger": "refused",
        "known link, from a friend of long": "held",
        "known link, from a new contact": "held",
        "picture listed by mistake, from a friend of long": "held",
        "picture cut off in the middle, which cannot be checked, from a friend of long": "held",
        "new picture of their own, to a friend of long": "shown",
        "new picture of their own, to a new contact": "moment",
    }


def strangers(ground: Ground, subject: str) -> tuple[Sample, ...]:
    files = {name: encoded(picture(seed, 160, 128), "PNG") for seed, name in enumerate(("own", "other", "listed"))}
    for name, data in files.items():
        (ground.work / name).write_bytes(data)
    words = {
        name: {one.fingerprint: np.frombuffer(bytes.fromhex(one.value), np.uint64) for one in read}
        for name in ("own", "other")
        for read in [measured(Cell("reading", name, "", ground.work / name), ground)[: len(COMPARED)]]
    }
    columns = {name: np.stack([words["own"][name], words["other"][name]]) for name in COMPARED}
    # A part of the other that the photograph itself would match, were it not its own.
    columns |= {PARTS: columns["pdq"][[0, 1]], PARTS_OF: np.array(["own", "other"])}
    where, subjects = ground.work / OTHERS.format(half="judging"), np.array(["own", "other"])
    np.savez(where, allow_pickle=False, subjects=subjects, **columns)
    measured(Cell("listing", subject, "", ground.work / subject), ground)
    write_large_list(ground.work, [subject], 100)
    return measured(Cell("strangers", "own", "judging", ground.work / "own"), ground)


def test_a_photograph_is_no_stranger_to_itself_and_far_from_what_is_made_of_another(ground: Ground) -> None:
    samples = strangers(ground, "listed")
    assert {one.value for one in samples if one.measure == ALIKE} == {""}
    nearest = {(one.variant, one.fingerprint, one.looks): one.number for one in samples if one.measure != ALIKE}
    assert {kind for kind, *_ in nearest} == {"judging", "photographs", "memes", "screenshots"}
    assert min(bits for (kind, name, _), bits in nearest.items() if name == "pdq") > 31
    ways = len(COMPARED) - 1 + 2 * len(SETS) + len(FAMILIES)
    assert len([one for one in samples if one.measure == "nearest of 1 others"]) == ways


@pytest.mark.parametrize("question", ["reading", "listing", "recall", "drift"])
def test_a_cell_of_photographs_takes_a_file(ground: Ground, question: str) -> None:
    with pytest.raises(ValueError, match="takes a file"):
        measured(Cell(question, "none"), ground)


def test_samples_do_not_say_where_a_program_lies_that_is_gone(ground: Ground) -> None:
    (ground.work / "own").write_bytes(encoded(picture(1), "PNG"))
    gone = Ground(ground.work, 1, quick=True, decoders={"old": "/home/secret/decoder"})
    reasons = [
        one.reason for one in measured(Cell("drift", "own", "", ground.work / "own"), gone) if one.variant == "old"
    ]
    assert len(reasons) == 1
    assert reasons[0]
    assert "secret" not in reasons[0]
