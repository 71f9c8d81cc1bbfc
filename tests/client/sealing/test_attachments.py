"""Attachments and spools: what arrives, what was cut, swapped or altered, and what stays on the disk."""

from __future__ import annotations

import io
import secrets
import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import CryptoError

from foreseal_client.draft import MAX_ATTACHMENT
from foreseal_client.errors import ChangedSinceCheckError, PeerFaultError, StoreError
from foreseal_client.sealing.attachments import open_attachment, seal_attachment
from foreseal_client.sealing.padding import padme, sealed_size
from foreseal_client.sealing.spool import CHUNK, Spool, chunks_of, open_stream
from foreseal_matcher.content import Bytes
from turned import last_bit_turned


@pytest.mark.parametrize(
    ("length", "padded"), [(0, 0), (1, 1), (2, 2), (9, 10), (1000, 1024), (1025, 1088), (65_537, 67_584)]
)
def test_padme_rounds_as_its_paper_says(length: int, padded: int) -> None:
    assert padme(length) == padded


@pytest.mark.parametrize(
    ("size", "padded", "chunks"),
    [(0, 0, 1), (65_536, 65_536, 1), (65_537, 67_584, 2), (64 << 20, 64 << 20, 1024)],
)
def test_a_blob_is_a_header_and_so_many_chunks_of_64_kib(size: int, padded: int, chunks: int) -> None:
    assert sealed_size(size) == 24 + padded + 17 * chunks


@given(st.integers(0, 2**40))
def test_padme_costs_at_most_twelve_per_cent_and_hides_the_low_bits(length: int) -> None:
    padded = padme(length)
    assert length <= padded <= length * 1.12 + 1
    assert padme(padded) == padded


SIZES = [0, 1, 5, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17]


@pytest.mark.parametrize("size", SIZES)
def test_an_attachment_arrives_byte_identical(tmp_path: Path, size: int) -> None:
    item = Bytes(secrets.token_bytes(size), "a.bin")
    ref = seal_attachment(item, tmp_path / "sealed")
    assert (tmp_path / "sealed").stat().st_size == ref.sealed_size == sealed_size(size)
    spool = open_attachment(tmp_path / "sealed", ref, tmp_path / "opened")
    with spool.open() as reader:
        assert reader.read() == item.data
    assert (spool.name, spool.size, spool.sha256) == (item.name, item.size, item.sha256)


@pytest.mark.parametrize("size", SIZES)
def test_bytes_that_changed_since_the_check_are_never_sealed(tmp_path: Path, size: int) -> None:
    class Swapped(Bytes):
        def open(self) -> io.BytesIO:
            return io.BytesIO(self.data + b"!" if not self.data else last_bit_turned(self.data))

    with pytest.raises(ChangedSinceCheckError):
        seal_attachment(Swapped(secrets.token_bytes(size)), tmp_path / "sealed")
    assert list(tmp_path.iterdir()) == []


def test_what_lies_where_an_attachment_or_a_spool_would_be_written_stays(tmp_path: Path) -> None:
    place = tmp_path / "taken"
    place.write_bytes(b"somebody else's")
    with pytest.raises(FileExistsError):
        seal_attachment(Bytes(b"new"), place)
    with pytest.raises(FileExistsError):
        Spool.write(iter([b"new"]), place, "new")
    assert place.read_bytes() == b"somebody else's"


@pytest.mark.parametrize(("size", "fault"), [(MAX_ATTACHMENT, OSError), (MAX_ATTACHMENT + 1, ValueError)])
def test_an_attachment_over_a_hundred_megabytes_is_refused_before_it_is_read(
    tmp_path: Path, size: int, fault: type[Exception]
) -> None:
    class Long(Bytes):
        @property
        def size(self) -> int:
            return size

        def open(self) -> io.BytesIO:
            raise OSError("read")

    with pytest.raises(fault):
        seal_attachment(Long(b""), tmp_path / "sealed")
    assert list(tmp_path.iterdir()) == []


def test_bytes_that_grew_since_the_check_are_never_sealed(tmp_path: Path) -> None:
    class Grown(Bytes):
        def open(self) -> io.BytesIO:
            return io.BytesIO(self.data + b"more")

    with pytest.raises(ChangedSinceCheckError):
        seal_attachment(Grown(bytes(100)), tmp_path / "sealed")


@pytest.mark.parametrize("cut", [1, CHUNK, 2 * CHUNK])
def test_a_blob_that_was_cut_is_refused_and_leaves_nothing(tmp_path: Path, cut: int) -> None:
    sealed = tmp_path / "sealed"
    ref = seal_attachment(Bytes(bytes(3 * CHUNK)), sealed)
    sealed.write_bytes(sealed.read_bytes()[:-cut])
    with pytest.raises(PeerFaultError, match="size"):
        open_attachment(sealed, ref, tmp_path / "opened")
    ref = msgspec.structs.replace(ref, sealed_size=sealed.stat().st_size)
    with pytest.raises(PeerFaultError, match="cut off"):
        open_attachment(sealed, ref, tmp_path / "opened")
    assert not (tmp_path / "opened").exists()


def test_a_blob_with_one_flipped_bit_or_another_digest_is_refused(tmp_path: Path) -> None:
    sealed = tmp_path / "sealed"
    ref = seal_attachment(Bytes(bytes(1000)), sealed)
    with pytest.raises(PeerFaultError, match="not the one"):
        open_attachment(sealed, msgspec.structs.replace(ref, sha256=bytes(32)), tmp_path / "opened")
    data = bytearray(sealed.read_bytes())
    data[100] ^= 1
    sealed.write_bytes(data)
    with pytest.raises(PeerFaultError, match="altered"):
        open_attachment(sealed, ref, tmp_path / "opened")
    assert not (tmp_path / "opened").exists()


def test_a_stream_is_refused_without_its_final_chunk(tmp_path: Path) -> None:
    spool = Spool.write(chunks_of(io.BytesIO(bytes(2 * CHUNK))), tmp_path / "s", "s")
    whole = spool.path.read_bytes()
    for cut, said in (
        (0, "cut off in its header"),
        (23, "cut off in its header"),
        (24, "before its end"),
        (24 + CHUNK + 17, "before its end"),
    ):
        with pytest.raises(CryptoError, match=said):
            list(open_stream(io.BytesIO(whole[:cut]), spool.key))
    with pytest.raises(CryptoError, match="longer than its end"):
        list(open_stream(io.BytesIO(whole + b"x"), spool.key))


def test_a_spool_is_its_owners_alone(tmp_path: Path) -> None:
    spool = Spool.write(iter([b"x"]), tmp_path / "s", "s")
    assert stat.S_IMODE(spool.path.stat().st_mode) == 0o600


def test_a_spool_holds_no_plaintext_and_is_read_again_and_again(tmp_path: Path) -> None:
    secret = b"a sentence that must not lie about in the open" * 100
    spool = Spool.write(chunks_of(io.BytesIO(secret)), tmp_path / "s", "s")
    assert secret[:46] not in spool.path.read_bytes()
    for _ in range(2):
        with spool.open() as reader:
            assert reader.read() == secret


def test_a_damaged_or_missing_spool_says_so(tmp_path: Path) -> None:
    spool = Spool.write(chunks_of(io.BytesIO(bytes(100))), tmp_path / "s", "s")
    spool.path.write_bytes(last_bit_turned(spool.path.read_bytes()))
    with pytest.raises(StoreError, match="damaged"), spool.open() as reader:
        reader.read()
    spool.path.unlink()
    with pytest.raises(StoreError, match="gone"):
        spool.open()
