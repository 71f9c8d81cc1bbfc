"""Archives: their first bytes as the protocol page says, and each way in which one can be damaged."""

from __future__ import annotations

import hmac
import io

import pytest

from foreseal_client.errors import BackupError, WrongPassphraseError
from foreseal_client.sealing.archive import EVIDENCE, open_archive, seal_archive
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.sealing.spool import seal_stream
from turned import last_bit_turned

CHEAP = Stretching(bytes(range(16)), 1, 8192)
KEY = CHEAP.key("open")
HEAD = b"foreseal:backup\n\x01" + (1).to_bytes(4, "big") + (8192).to_bytes(8, "big") + CHEAP.salt
CHECK = hmac.digest(KEY, b"foreseal/1 backup key check", "sha256")
MOST = 16 << 20


def archive(plain: bytes) -> bytes:
    """An archive that holds these bytes, whether they are records or not."""
    return HEAD + CHECK + b"".join(sealed for sealed, _ in seal_stream(iter([plain]), KEY))


def records(data: bytes, passphrase: str) -> list[bytes]:
    return list(open_archive(io.BytesIO(data), passphrase))


def test_an_archive_begins_with_its_kind_a_version_costs_salt_and_a_check_of_the_key() -> None:
    assert b"".join(seal_archive([b"one"], "open", CHEAP)).startswith(HEAD + CHECK)
    evidence = b"".join(seal_archive([b"one"], "open", CHEAP, EVIDENCE))
    check = hmac.digest(KEY, b"foreseal/1 evidence key check", "sha256")
    assert evidence.startswith(b"foreseal:evidence\n" + HEAD[16:] + check)


@pytest.mark.parametrize("said", [[], [b""], [b"one", b"", b"three" * 30_000]])
def test_records_come_back_in_order(said: list[bytes]) -> None:
    assert records(b"".join(seal_archive(said, "open", CHEAP)), "open") == said


@pytest.mark.parametrize(
    "plain",
    [b"\0", b"\0\0\0", b"\0\0\0\x04abc", b"\0\0\0\x01ab", (MOST + 1).to_bytes(4, "big") + b"a", b"\xff" * 4],
)
def test_what_is_no_row_of_whole_records_is_damaged(plain: bytes) -> None:
    with pytest.raises(BackupError, match="damaged or was cut off"):
        records(archive(plain), "open")


def test_a_record_of_sixteen_megabytes_may_be_announced_and_no_longer_one() -> None:
    """The first is cut off, and known to be at the end; the second at once."""
    stream = open_archive(io.BytesIO(archive(b"\0\0\0\x01a" + MOST.to_bytes(4, "big"))), "open")
    assert next(stream) == b"a"
    with pytest.raises(ValueError, match="does not fit"):
        list(seal_archive([bytes(MOST + 1)], "open", CHEAP))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no backup"), (b"foreseal:evidence\n" + HEAD[16:] + CHECK, "no backup"), (HEAD[:20], "damaged"),
        ((HEAD + CHECK)[:-1], "damaged"), (HEAD[:16] + b"\x02" + HEAD[17:] + CHECK, "newer"),
        (HEAD[:16] + b"\x00" + HEAD[17:] + CHECK, "newer"), (HEAD[:17] + bytes(4) + HEAD[21:] + CHECK, "damaged"),
        (HEAD[:17] + b"\x01" + HEAD[18:] + CHECK, "damaged"), (HEAD[:21] + b"\x01" + HEAD[22:] + CHECK, "damaged"),
        (HEAD[:21] + bytes(8) + HEAD[29:] + CHECK, "damaged"), (HEAD + CHECK, "damaged"),
        (last_bit_turned(archive(b"\0\0\0\x01a")), "damaged"), (archive(b"\0\0\0\x01a") + b"x", "damaged"),
    ],
)  # fmt: skip
def test_what_is_foreign_cut_off_newer_or_altered_is_refused_by_name(data: bytes, said: str) -> None:
    with pytest.raises(BackupError, match=said):
        records(data, "open")


def test_another_passphrase_is_told_from_damage() -> None:
    with pytest.raises(WrongPassphraseError):
        records(archive(b"\0\0\0\x01a"), "shut")
