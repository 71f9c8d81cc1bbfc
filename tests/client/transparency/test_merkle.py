"""Merkle trees and their proofs: what RFC 9162 says holds, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.transparency.merkle import (
    EMPTY,
    Flaw,
    Proof,
    ProofRefused,
    consistency_of,
    inclusion_of,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from foreseal_client.transparency.tiles import BrokenTile, Tiles, extended, tile_name
from sample_logs import grown

FACTS = json.loads((Path(__file__).parents[2] / "vectors" / "merkle.json").read_text())
KNOWN = [bytes.fromhex(entry) for entry in FACTS["entries"]]
MOST = 40


def entries(count: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(count)]


TREE = grown(entries(MOST))
ROOTS = [root_of(grown(entries(size)).hash, size) for size in range(MOST + 1)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_public_implementations(size: int) -> None:
    assert root_of(grown(KNOWN[:size]).hash, size).hex() == FACTS["roots"][size]


def test_proofs_are_those_of_the_public_implementations() -> None:
    for fact in FACTS["inclusion"]:
        assert [step.hex() for step in inclusion_of(grown(KNOWN).hash, fact["index"], fact["size"])] == fact["proof"]
    for fact in FACTS["consistency"]:
        assert [step.hex() for step in consistency_of(grown(KNOWN).hash, fact["old"], fact["new"])] == fact["proof"]


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_entry_of_every_tree_is_proven_and_in_no_other_place(size: int) -> None:
    read = grown(entries(size)).hash
    for index, entry in enumerate(entries(size)):
        proof = inclusion_of(read, index, size)
        verify_inclusion(leaf_hash(entry), index, size, proof, ROOTS[size])
        with pytest.raises(ProofRefused):
            verify_inclusion(leaf_hash(b"another"), index, size, proof, ROOTS[size])
        if size > 1:
            with pytest.raises(ProofRefused):
                verify_inclusion(leaf_hash(entry), (index + 1) % size, size, proof, ROOTS[size])


@pytest.mark.parametrize("new", range(MOST + 1))
def test_every_tree_begins_with_every_smaller_one(new: int) -> None:
    for old in range(new + 1):
        verify_consistency(old, ROOTS[old], new, ROOTS[new], consistency_of(grown(entries(new)).hash, old, new))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_proof_that_was_altered_shortened_or_lengthened_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MOST))
    old, index = data.draw(st.integers(1, new - 1)), data.draw(st.integers(0, new - 1))
    read, leaf = grown(entries(new)).hash, leaf_hash(b"entry %d" % index)
    ways: list[tuple[Proof, Callable[[Proof], None]]] = [
        (inclusion_of(read, index, new), lambda steps: verify_inclusion(leaf, index, new, steps, ROOTS[new])),
        (consistency_of(read, old, new), lambda steps: verify_consistency(old, ROOTS[old], new, ROOTS[new], steps)),
    ]
    for proof, demand in ways:
        at = data.draw(st.integers(0, len(proof) - 1))
        turned = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        refused = [(*proof[:at], turned, *proof[at + 1 :]), proof[:-1], proof[1:], (*proof, bytes(32)), ()]
        for steps in refused:
            with pytest.raises(ProofRefused):
                demand(steps)


def test_each_flaw_has_its_name() -> None:
    read = grown(entries(7)).hash
    proof, leaf = inclusion_of(read, 2, 7), leaf_hash(b"entry 2")
    for flaw, index, steps in (
        (Flaw.BEYOND, 7, proof), (Flaw.BEYOND, -1, proof), (Flaw.SHORT, 2, proof[:-1]), (Flaw.LONG, 2, (*proof, leaf)),
        (Flaw.OTHER_ROOT, 3, proof),
    ):  # fmt: skip
        with pytest.raises(ProofRefused) as refused:
            verify_inclusion(leaf, index, 7, steps, ROOTS[7])
        assert refused.value.flaw is flaw
    way = consistency_of(read, 3, 7)
    for flaw, old, past, steps in (
        (Flaw.SHRUNK, 8, ROOTS[8], ()), (Flaw.SHORT, 3, ROOTS[3], ()), (Flaw.LONG, 7, ROOTS[7], way),
        (Flaw.OTHER_PAST, 3, bytes(32), way), (Flaw.OTHER_PAST, 7, bytes(32), ()), (Flaw.OTHER_PAST, 0, bytes(32), ()),
        (Flaw.OTHER_ROOT, 3, ROOTS[3], (way[1], way[0], *way[2:])),
    ):  # fmt: skip
        with pytest.raises(ProofRefused) as refused:
            verify_consistency(old, past, 7, ROOTS[7], steps)
        assert refused.value.flaw is flaw, (flaw, old)


def test_there_are_no_proofs_for_what_is_not_there() -> None:
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="none at"):
            inclusion_of(TREE.hash, index, size)
    with pytest.raises(ValueError, match="cannot begin"):
        consistency_of(TREE.hash, 5, 4)
    assert ROOTS[0] == EMPTY


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_tiles_are_the_same_however_a_log_grew(steps: list[int]) -> None:
    files: dict[str, bytes] = {}
    size = 0
    for step in steps:
        leaves = [leaf_hash(b"entry %d" % number) for number in range(size, size + step)]
        more = extended(Tiles(size, files.__getitem__), leaves)
        assert not {name for name in more if name in files and files[name] != more[name]}
        files |= more
        size += step
    assert root_of(Tiles(size, files.__getitem__).hash, size) == root_of(grown(entries(size)).hash, size)


def test_a_tile_of_another_length_is_named() -> None:
    tiles = Tiles(3, lambda _: bytes(64))
    with pytest.raises(BrokenTile, match=tile_name(0, 0, 3)):
        tiles.hash(0, 1)
