"""What cost is measured with, and the stages of a check and of what follows it, each to be called by itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from foreseal_client import pictures
from foreseal_client.bench.sealed_messages import Side
from foreseal_client.bench.stages import stages_of
from foreseal_client.draft import Draft
from foreseal_client.pictures.families import Format
from foreseal_client.sealing.attachments import seal_attachments
from foreseal_client.sealing.handshake import initiate
from foreseal_client.sealing.keys import DEVICE
from foreseal_client.sealing.seal import Recipient, Sender, seal
from foreseal_client.sealing.session import Session
from foreseal_client.study.photographs import COMPARED
from foreseal_matcher import Bytes, Cleared, ListSet, Looks, Mode, OnFailure, Policy, decide, screen
from foreseal_matcher.fingerprints.known import FINGERPRINTS

__all__ = ["CHECKED", "FILM", "LINKS", "MAIN_PICTURE", "WHOLE", "Call", "stages_for"]

_BASE: Final = (640, 480)
_POLICY: Final = Policy(Mode.HOLD, OnFailure.CLOSED)
Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Picture:
    """A painted picture. `scale`: times 640 x 480 pixels a side."""

    scale: float
    to_format: Format

    def file(self) -> bytes:
        painted = pictures.generate("landscape", 1, _BASE, "PNG")
        return pictures.edit(painted, scale=self.scale, quality=90, to_format=self.to_format)


MAIN_PICTURE: Final = "JPEG, 2 megapixels"
_PICTURES: Final[Mapping[str, _Picture]] = {
    "JPEG, 0.3 megapixels": _Picture(1, "JPEG"),
    MAIN_PICTURE: _Picture(2.5, "JPEG"),
    "JPEG, 5 megapixels": _Picture(4, "JPEG"),
    "PNG, 2 megapixels": _Picture(2.5, "PNG"),
    "WEBP, 2 megapixels": _Picture(2.5, "WEBP"),
}
LINKS: Final = "text with two links"
FILM: Final = "film of 6 seconds"
CHECKED: Final = (*_PICTURES, LINKS, FILM)
"""What is checked. Film and links are made for it, pictures painted."""
WHOLE: Final = ("quick looks, whole", "whole")
"""What a whole check is called, of a file and of a text."""


def stages_for(subject: str, lists: ListSet, work: Path) -> Mapping[str, Call]:
    """By name, each to be called as often as one likes: a check stage by stage, whole checks, and what a send does once
    it is cleared. `work`: where what is sealed is written."""
    if subject == LINKS:
        draft = Draft("Where it leaves: https://trains.example/today and https://maps.example/way?to=home")
        calls: dict[str, Call] = {"whole": lambda: screen(draft, lists)}
    else:
        data = _film() if subject == FILM else _PICTURES[subject].file()
        draft = Draft("", (Bytes(data),))
        calls = _of_file(Bytes(data), data, lists, pictured=subject != FILM)
    screened = screen(draft, lists, Looks.QUICK)
    decided = decide(screened, _POLICY)
    if not isinstance(decided, Cleared):
        raise TypeError(f"{subject} was held by a list of random entries; choose another seed")
    return {**calls, "decide": lambda: decide(screened, _POLICY), "seal": _sealing(decided, work)}


def _of_file(item: Bytes, data: bytes, lists: ListSet, *, pictured: bool) -> dict[str, Call]:
    looks, stages = stages_of(item, data, lists)
    named = {
        "read and digest": "read", "decode": "decode", "fingerprint pdq": "hash", "lookup": "lookup",
        "plain look, whole": "whole", "quick looks, whole": "quick", "full looks, whole": "full",
    }  # fmt: skip
    calls: dict[str, Call] = {name: stages[stage] for name, stage in named.items()}
    if pictured:
        calls |= {f"fingerprint {name}": partial(FINGERPRINTS[name].of, looks[0]) for name in COMPARED[1:]}
    return calls


def _sealing(cleared: Cleared[Draft], work: Path) -> Call:
    """Attachments into a file, the letter into an envelope, within a session that has begun."""
    alice, bob = Side.new(), Side.new()
    bundle = bob.bundle()
    session = Session.begin(*initiate(alice.keys, bundle, alice.address, 1), DEVICE)
    sender, recipient = Sender(alice.keys, alice.mailbox, None), Recipient(bundle, session)

    def sealed() -> None:
        attachments = seal_attachments(cleared, lambda: work / secrets.token_hex(8))
        seal(cleared, sender, recipient, attachments, now=0)
        for _, path in attachments.blobs:
            path.unlink()

    return sealed


def _film() -> bytes:
    # Imported here because libav need not be installed to measure pictures.
    from foreseal_client.pictures.films import encoded_film, painted_film

    film = painted_film(1, 2)
    return encoded_film(film.frames, film.rate)
