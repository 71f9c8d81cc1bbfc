"""Cells through the real client, relay and matcher: what they leave in the samples."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from foreseal_client.bench.random_list import make_random_list
from foreseal_client.study.cell import Cell, Ground, Sample
from foreseal_client.study.cost import list_folder
from foreseal_client.study.listing import write_large_list
from foreseal_client.study.measuring import measured
from foreseal_client.study.photographs import COMPARED
from foreseal_client.study.strangers import OTHERS
from sample_pictures import encoded, picture


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path, 1, quick=True)


def test_a_held_send_is_seen_no_more_than_no_send_and_a_text_is(ground: Ground) -> None:
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in measured(Cell("leaks", "nothing, held, text", "1"), ground):
        if one.measure != "content bytes":
            seen[one.variant].add((one.measure, one.value))
    assert seen["held"] == seen["nothing"]
    assert not {("bytes up", "0"), ("connections", "0")} & seen["text"]


def test_links_are_measured_by_stage(ground: Ground) -> None:
    folder = list_folder(ground.work, 1000)
    folder.mkdir()
    make_random_list(folder, 1000, 1)
    samples = measured(Cell("cost", "text with two links", "1000"), ground)
    times = {one.looks: one.number for one in samples if one.measure == "wall ms"}
    assert set(times) == {"first whole check", "whole", "decide"}
    assert min(times.values()) > 0


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
    where, subjects = ground.work / OTHERS.format(half="judging"), np.array(["own", "other"])
    np.savez(where, allow_pickle=False, subjects=subjects, **columns)
    measured(Cell("listing", subject, "", ground.work / subject), ground)
    write_large_list(ground.work, [subject], 100)
    return measured(Cell("strangers", "own", "judging", ground.work / "own"), ground)


def test_a_photograph_is_no_stranger_to_itself_and_far_from_what_is_made_of_another(ground: Ground) -> None:
    samples = strangers(ground, "listed")
    nearest = {(one.variant, one.fingerprint, one.looks): one.number for one in samples}
    assert {kind for kind, *_ in nearest} == {"judging", "photographs", "memes", "screenshots"}
    assert min(bits for (kind, name, _), bits in nearest.items() if name == "pdq") > 31
    assert len([one for one in samples if one.measure == "nearest of 1 others"]) == len(COMPARED) + 2


@pytest.mark.parametrize("question", ["reading", "listing", "recall", "drift"])
def test_a_cell_of_photographs_takes_a_file(ground: Ground, question: str) -> None:
    with pytest.raises(ValueError, match="takes a file"):
        measured(Cell(question, "none"), ground)
