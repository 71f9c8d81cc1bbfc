"""Signed heads, entries, histories and evidence: read strictly, refused by name."""

from __future__ import annotations

import base64
import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreseal_client.transparency.checkpoint import (
    MAX_NOTE_BYTES,
    CheckpointRefused,
    NoteFlaw,
    assembled,
    open_checkpoint,
    signature_of,
)
from foreseal_client.transparency.entry import EntryRefused, LoggedList, Share
from foreseal_client.transparency.evidence import Evidence, EvidenceRefused
from foreseal_client.transparency.heads import Head, HeadRefused, Judgement, judge
from foreseal_client.transparency.history import History
from foreseal_client.transparency.merkle import consistency_of, leaf_hash
from sample_logs import MemoryLog, grown

LOG = MemoryLog()
ENTRIES = [b"entry %d" % number for number in range(12)]
NOTE = LOG.note(ENTRIES)
ENTRY = LoggedList(
    "demo", "1", date(2026, 11, 22), "synthetic", "ab" * 32, 3, {"pdq": 2, "sha256": 3},
    (Share("a", "x", 1), Share("a", "y", 2)), {"cd" * 32: "alice"}, 1_800_000_000,
)  # fmt: skip


def refused(note: bytes, key: bytes = LOG.key) -> NoteFlaw:
    with pytest.raises(CheckpointRefused) as found:
        open_checkpoint(note, key)
    return found.value.flaw


def test_a_checkpoint_is_what_was_signed_and_can_be_put_together_again() -> None:
    head = open_checkpoint(NOTE, LOG.key)
    assert (head.size, head.time) == (12, 1_800_000_000)
    assert assembled(head.size, head.root, head.time, LOG.key, signature_of(NOTE, LOG.key)) == NOTE


def test_signatures_of_others_beside_it_do_no_harm_and_no_good() -> None:
    witness = f"\u2014 witness.example {base64.b64encode(bytes(72)).decode()}\n".encode()
    assert open_checkpoint(NOTE + witness, LOG.key) == open_checkpoint(NOTE, LOG.key)
    body = NOTE.rpartition(b"\n\n")[0] + b"\n\n"
    assert refused(body + witness) is NoteFlaw.NOT_SIGNED


@pytest.mark.parametrize(
    "edit",
    [
        lambda note: b"", lambda note: note[:-1], lambda note: note + b"x", lambda note: note.replace(b"\n", b"\r\n"),
        lambda note: note.replace(b"\n12\n", b"\n012\n"), lambda note: note.replace(b"\n12\n", b"\n-1\n"),
        lambda note: note.replace(b"time ", b"date "), lambda note: note + note, lambda note: b"\xff" + note,
        lambda note: note + b" " * MAX_NOTE_BYTES, lambda note: note.replace(b"=\ntime", b"\ntime"),
        lambda note: note.rpartition(b"\n\n")[0] + b"\n\n",
    ],
)  # fmt: skip
def test_a_note_in_any_other_form_is_none(edit: object) -> None:
    assert refused(edit(NOTE)) is NoteFlaw.MALFORMED  # type: ignore[operator]


def test_a_head_counts_for_its_own_log_alone() -> None:
    assert refused(NOTE, MemoryLog(2).key) is NoteFlaw.OTHER_LOG
    assert refused(NOTE.replace(b"\n12\n", b"\n13\n")) is NoteFlaw.NOT_SIGNED


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(NOTE) * 8 - 1))
def test_no_bit_of_a_note_can_be_turned(bit: int) -> None:
    turned = bytearray(NOTE)
    turned[bit // 8] ^= 1 << bit % 8
    with pytest.raises(CheckpointRefused):
        open_checkpoint(bytes(turned), LOG.key)


def test_an_entry_has_one_form() -> None:
    encoded = ENTRY.encode()
    assert LoggedList.decode(encoded) == ENTRY
    for other in (encoded + b" ", encoded.replace(b'":', b'": ', 1), encoded[:-1], b"[]", b"\xff", b"[" * 99_999):
        with pytest.raises(EntryRefused):
            LoggedList.decode(other)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2), ("name", ""), ("name", "a\u202eb"), ("digest", "AB" * 32), ("entries", -1), ("entries", True),
        ("made", "yesterday"), ("shares", [["b", "x", 1], ["a", "x", 1]]), ("shares", [["a", "x", 1]] * 2),
        ("shares", {}), ("endorsers", {"alice": "alice"}), ("kinds", []), ("logged", 1.5), ("more", 1),
    ],
)  # fmt: skip
def test_an_entry_that_says_what_none_can_is_refused(field: str, value: object) -> None:
    fields = json.loads(ENTRY.encode()) | {field: value}
    with pytest.raises(EntryRefused):
        LoggedList.decode(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 13))
def test_a_history_tells_the_root_of_every_size_since_it_began(since: int, size: int, asked: int) -> None:
    since, size = sorted((since, size))
    history = History.beginning(since, grown(ENTRIES[:since]).hash)
    history = history.with_more([leaf_hash(entry) for entry in ENTRIES[since:size]])
    wanted = None
    if asked == 0 or since <= asked <= size:
        wanted = open_checkpoint(LOG.note(ENTRIES[:asked]), LOG.key).root
    assert history.root(asked) == wanted


OURS = LOG.head(ENTRIES, index=3)
HISTORY = History.beginning(5, grown(ENTRIES[:5]).hash).with_more([leaf_hash(entry) for entry in ENTRIES[5:]])
OTHER = [*ENTRIES[:6], b"for somebody else", *ENTRIES[7:]]


@pytest.mark.parametrize(
    ("judgement", "theirs"),
    [
        (Judgement.OTHER_LOG, MemoryLog(2).head(ENTRIES, index=3)),
        (Judgement.SAME, OURS),
        (Judgement.SAME, LOG.head(ENTRIES[:8], index=3)),
        (Judgement.OLDER, LOG.head(ENTRIES[:8], digest=1, index=2)),
        (Judgement.NEWER, LOG.head(ENTRIES[:8], digest=1, index=4)),
        (Judgement.AHEAD, LOG.head([*ENTRIES, b"more"], index=3)),
        (Judgement.UNKNOWN, LOG.head(ENTRIES[:4], index=3)),
        (Judgement.LISTS_DIFFER, LOG.head(ENTRIES, digest=1, index=3)),
        (Judgement.SPLIT_VIEW, LOG.head(OTHER, index=3)),
        (Judgement.SPLIT_VIEW, LOG.head(OTHER[:8], index=3)),
    ],
)
def test_two_heads_are_judged(judgement: Judgement, theirs: Head) -> None:
    assert judge(OURS, HISTORY, Head.decode(theirs.encode())) is judgement


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(OURS.encode()) * 8 - 1))
def test_a_head_with_one_bit_turned_is_no_head_or_another_list(bit: int) -> None:
    turned = bytearray(OURS.encode())
    turned[bit // 8] ^= 1 << bit % 8
    try:
        found = Head.decode(bytes(turned))
    except HeadRefused:
        return
    assert found.note == OURS.note


@pytest.mark.parametrize("encoded", [b"", bytes(226), OURS.encode()[:-1], OURS.encode() + b"x", b"\xff" * 240])
def test_what_is_no_head_is_refused(encoded: bytes) -> None:
    with pytest.raises(HeadRefused):
        Head.decode(encoded)


@pytest.mark.parametrize("size", range(1, 13))
def test_evidence_proves_a_split_at_every_size_and_no_honest_log_is_accused(size: int) -> None:
    shorter, proof = LOG.note([b"other", *ENTRIES[1:size]]), consistency_of(grown(ENTRIES).hash, size, 12)
    past = open_checkpoint(LOG.note(ENTRIES[:size]), LOG.key).root
    evidence = Evidence(LOG.key, shorter, NOTE, past, proof)
    assert Evidence.decode(evidence.encode()) == evidence
    honest = Evidence(LOG.key, LOG.note(ENTRIES[:size]), NOTE, past, proof)
    invented = Evidence(LOG.key, LOG.note(ENTRIES[:size]), NOTE, bytes(32), proof)
    for accused in (honest, invented):
        with pytest.raises(EvidenceRefused):
            Evidence.decode(accused.encode())


@pytest.mark.parametrize("encoded", [b"", b"{}", b"[]", b"\xff", b"[" * 9_999, b'{"heads": [1, 2]}'])
def test_what_is_no_evidence_is_said_to_be_none(encoded: bytes) -> None:
    with pytest.raises(EvidenceRefused):
        Evidence.decode(encoded)
