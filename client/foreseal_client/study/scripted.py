"""What the people of a script send: contents of every kind, made from a seed, and the list that knows some of them."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from foreseal_client import pictures
from foreseal_client.draft import Draft
from foreseal_matcher import Bytes, ListSet
from foreseal_matcher.films import checkable
from foreseal_matcher.lists import ListedHash, Purpose, build_list, from_file
from foreseal_matcher.lists.sources import from_links

__all__ = ["KNOWN_LINK", "draft_of", "kinds", "known_film", "known_picture", "script_list"]

KNOWN_LINK: Final = "https://listed.example/one"
_SIZE: Final = (640, 480)
_WORDS: Final = ("we", "meet", "at", "seven", "near", "the", "old", "bridge", "and", "bring", "bread", "home")


def kinds() -> tuple[str, ...]:
    """What is sent in a script, and `nothing` and `held`, which are not; films where they can be checked."""
    return ("nothing", "held", "text", "long text", "link", "picture", *(("film",) if checkable() else ()))


def draft_of(kind: str, chance: random.Random) -> Draft:
    """A message of one of `kinds`, all but `nothing`. `held` is a copy of the known picture."""
    text = " ".join(chance.choices(_WORDS, k=chance.randint(1, 40)))
    match kind:
        case "held":
            return Draft("", (Bytes(known_picture(), "one.jpg"),))
        case "long text":
            return Draft(" ".join(chance.choices(_WORDS, k=chance.randint(1200, 2400))))
        case "link":
            return Draft(f"{text} https://maps.example/{chance.randrange(10**6)}")
        case "picture":
            return Draft("", (Bytes(_picture(chance.randrange(6)), "two.jpg"),))
        case "film":
            return Draft("", (Bytes(_film(chance.randrange(1, 3)), "three.mp4"),))
        case _:
            return Draft(text)


@cache
def known_picture() -> bytes:
    """A painted picture that the list of the script knows."""
    return pictures.generate("still-life", 11, _SIZE)


@cache
def known_film() -> bytes:
    """A film that it knows."""
    return _film(0)


def script_list(folder: Path, mistaken: bytes = b"") -> ListSet:
    """The list, made in `folder`: a picture, a link, a film where films can be checked, and `mistaken`, a picture that
    has no business on it."""
    today = datetime.now(UTC).date()
    listed = [known_picture(), *([known_film()] if checkable() else []), *([mistaken] if mistaken else [])]
    rows: list[ListedHash] = [
        row for id, file in enumerate(listed, start=1) for row in from_file(file, id, category="study", source="study")
    ]
    rows += from_links([KNOWN_LINK], "study", len(listed) + 1, category="study", source="study")
    build_list(folder, rows, name="study", version="1", made=today, purpose=Purpose.SYNTHETIC)
    return ListSet.open([folder], today)


@cache
def _picture(seed: int) -> bytes:
    return pictures.generate(pictures.FAMILIES[seed], 200 + seed, _SIZE)


@cache
def _film(seed: int) -> bytes:
    # Imported here because libav need not be installed.
    from foreseal_client.pictures.films import encoded_film, painted_film

    film = painted_film(300 + 10 * seed, 2)
    return encoded_film(film.frames, film.rate)
