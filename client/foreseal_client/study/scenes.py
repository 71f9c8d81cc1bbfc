"""The scenes that safeguards are compared by: who sends what to whom. Values, the same under every regime."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from foreseal_client import pictures
from foreseal_client.draft import Draft
from foreseal_client.pictures.menu import changed
from foreseal_client.study.scripted import KNOWN_LINK, known_film, known_picture
from foreseal_matcher import Bytes
from foreseal_matcher.films import checkable

__all__ = ["MISTAKEN", "Part", "Scene", "scenes"]

MISTAKEN = ("skyline", 5)
"""Family and seed of the painted picture that has no business on the list and stands on it."""


class Part(StrEnum):
    """Who has a part in a scene. The protected one is who the safeguards are set for."""

    PROTECTED = "the protected person"
    FRIEND = "a friend of long"
    NEW = "a new contact"
    STRANGER = "a stranger"


@dataclass(frozen=True, slots=True)
class Scene:
    """`what` is sent by `sender` to `receiver`. `altered`: by a client that checks nothing."""

    name: str
    sender: Part
    receiver: Part
    what: Draft
    altered: bool = False


def scenes(seed: int, quick: bool) -> Iterator[Scene]:
    """All of them; with `quick` those that differ in who sends, and not in what became of a picture on its way."""
    known, new, mistaken = known_picture(), pictures.generate("reef", 900 + seed), pictures.generate(*MISTAKEN)
    copies = {
        "known picture, re-saved and made smaller": pictures.edited(known, "sent-on"),
        "known picture, mirrored": changed(known, "mirrored", seed),
        "known picture, cropped 10 %": changed(known, "cropped 10 %", seed),
        "known picture, as a screenshot": changed(known, "screenshot", seed),
    }
    yield from _to_the_protected("known picture, the same file", _file(known), *Part)
    if not quick:
        for name, copy in copies.items():
            yield from _to_the_protected(name, _file(copy), Part.FRIEND)
        if checkable():
            yield from _to_the_protected("known film, the same file", _file(known_film(), "film.mp4"), Part.FRIEND)
    yield Scene(
        "known picture, by an altered client", Part.FRIEND, Part.PROTECTED, _file(known), altered=True
    )  # fmt: skip
    yield from _to_the_protected("new picture, on no list", _file(new), *Part)
    asked = Draft("send me one of you, nobody will see it")
    yield from _to_the_protected("text that asks for a picture", asked, *Part)
    yield from _to_the_protected("known link", Draft(f"look: {KNOWN_LINK}"), Part.FRIEND, Part.NEW)
    yield from _to_the_protected("picture listed by mistake", _file(mistaken), Part.FRIEND)
    broken = _file(new[: len(new) // 2])
    yield from _to_the_protected("picture cut off in the middle, which cannot be checked", broken, Part.FRIEND)
    for receiver in (Part.FRIEND, Part.NEW):
        yield Scene(f"new picture of their own, to {receiver.value}", Part.PROTECTED, receiver, _file(new))


def _to_the_protected(what: str, draft: Draft, *senders: Part) -> Iterator[Scene]:
    for sender in senders:
        if sender is not Part.PROTECTED:
            yield Scene(f"{what}, from {sender.value}", sender, Part.PROTECTED, draft)


def _file(data: bytes, name: str = "picture.jpg") -> Draft:
    return Draft("", (Bytes(data, name),))
