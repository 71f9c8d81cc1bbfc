"""What somebody brings to the desk itself: a file or a link, without any chat."""

from __future__ import annotations

import secrets
from pathlib import Path

from foreseal_client.desk.cases import Kind
from foreseal_client.desk.room import Desk
from foreseal_client.draft import demand_regular, name_of
from foreseal_client.reports.handing_in import NUMBER_BYTES
from foreseal_client.reports.said import MAX_LINK, MAX_WORDS, Category, TipOff
from foreseal_client.sealing.spool import Spool, chunks_of

__all__ = ["tip_file", "tip_link"]


def tip_file(desk: Desk, path: Path, category: Category, words: str = "") -> int:
    """A file as a new case; it is copied, encrypted. Raises `OSError`, `ValueError` and `StoreError`."""
    demand_regular(path)
    number = secrets.token_bytes(NUMBER_BYTES)
    with path.open("rb") as source:
        spool = Spool.write(chunks_of(source), desk.tables.new_file(number.hex()), name_of(path))
    try:
        with desk.tables.transaction():
            case = _kept(desk, number, TipOff(category, words[:MAX_WORDS], ""))
            desk.tables.put_file(case, spool)
    except BaseException:
        spool.path.unlink(missing_ok=True)
        raise
    return case


def tip_link(desk: Desk, link: str, category: Category, words: str = "") -> int:
    """A link as a new case. Raises `ValueError` for nothing or too much."""
    if not 0 < len(link.strip()) <= MAX_LINK:
        raise ValueError(f"A link has 1 to {MAX_LINK} characters.")
    with desk.tables.transaction():
        return _kept(desk, secrets.token_bytes(NUMBER_BYTES), TipOff(category, words[:MAX_WORDS], link.strip()))


def _kept(desk: Desk, number: bytes, said: TipOff) -> int:
    case = desk.tables.put_case(number, Kind.TIP_OFF, said.category, desk.now, said, (), listable=True)
    desk.note_act("took a tip-off", case)
    return case
