"""THE way in: content and lists to a verdict that is bound to the content."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from foreseal_matcher import verdict as _verdict
from foreseal_matcher.content import MAX_LINKS, MAX_PICTURE_BYTES, Content, Item, Looks
from foreseal_matcher.detectors import examined
from foreseal_matcher.errors import Undecodable
from foreseal_matcher.film_formats import film_format, named_as_film, other_film
from foreseal_matcher.film_limits import MAX_FILM_BYTES
from foreseal_matcher.fingerprints.digests import Reading, read_once
from foreseal_matcher.formats import HEAD_BYTES, named_as_picture, other_picture, sniff
from foreseal_matcher.link_finding import links_in
from foreseal_matcher.lists import ListSet
from foreseal_matcher.looking import looked_up
from foreseal_matcher.verdict import Clear, Match, Reason, Screened, Unreadable, Verdict

__all__ = ["screen"]

C = TypeVar("C", bound=Content)


def screen(content: C, lists: ListSet, looks: Looks = Looks.QUICK, fingerprints: Collection[str] = ()) -> Screened[C]:
    """Checks every item of `content`, and every link in its text, against `lists` and binds the verdict to it; the
    only function that makes a `Screened`. What could not be checked is `Unreadable` and never `Clear`; nothing is
    raised for what is in a file. `looks`: how thoroughly pictures are looked at, which is for the policy to say
    (`Policy.looks`); `decide` refuses what was looked at less thoroughly. `fingerprints`: what each
    picture, as it is, is also compared by where a list has entries of it (`Policy.fingerprints`).

    A match wins over what could not be read, which wins over clear. Content without items and links has nothing that a
    list could hold, and is clear whatever the state of the lists."""
    verdicts = _on_links(content.text, lists)
    for index, item in enumerate(content.items):
        verdicts.append(_checked(item, index, lists, looks, fingerprints))
        verdicts += examined(item, index, lists.detectors)
    return Screened(_verdict._MINT, content, _together(verdicts, lists), looks, frozenset(fingerprints))


def _together(verdicts: list[Verdict], lists: ListSet) -> Verdict:
    for kind in (Match, Unreadable):
        for found in verdicts:
            if isinstance(found, kind):
                return found
    if verdicts and lists.problems:
        problem = lists.problems[0]
        return Unreadable(problem.reason, problem.detail)
    limits = (limit for found in verdicts if isinstance(found, Clear) for limit in found.limits)
    return Clear(tuple(dict.fromkeys(limits)))


def _on_links(text: str, lists: ListSet) -> list[Verdict]:
    """None where the text holds no link. A name that may be a file's is looked up, and asks for no list."""
    verdicts: list[Verdict] = []
    for count, found in enumerate(links_in(text)):
        if count == MAX_LINKS:
            return [*verdicts, Unreadable(Reason.TOO_MANY_LINKS, f"the limit is {MAX_LINKS}")]
        for digest in found.link.digests():
            hit = lists.find_exact(digest, "link")
            if hit is not None:
                span = (found.start, found.end)
                return [Match(hit.entry, hit.list.name, hit.list.version, 0, 0, look="link", span=span)]
        if found.certain and not verdicts:
            verdicts.append(Clear())
    return verdicts


def _checked(item: Item, index: int, lists: ListSet, looks: Looks, fingerprints: Collection[str]) -> Verdict:
    try:
        reading = read_once(item, max(MAX_PICTURE_BYTES, MAX_FILM_BYTES), lists.kinds)
    except OSError as error:
        return Unreadable(Reason.CHANGED, f"it could not be read again: {error.strerror or error}", index)
    if reading.sha256 != item.sha256:
        return Unreadable(Reason.CHANGED, "", index)
    for kind, digest in reading.digests.items():
        exact = lists.find_exact(digest, kind)
        if exact is not None:
            return Match(exact.entry, exact.list.name, exact.list.version, 0, 0, index, "exact")
    try:
        return _looked_at(item, reading, index, lists, looks, fingerprints)
    except Undecodable as problem:
        return Unreadable(problem.reason, problem.detail, index)


def _looked_at(
    item: Item, reading: Reading, index: int, lists: ListSet, looks: Looks, fingerprints: Collection[str]
) -> Verdict:
    """The verdict on what the bytes show. Raises `Undecodable`."""
    head = reading.kept[:HEAD_BYTES]
    if _could_be_a_picture(item, head):
        if not reading.whole:
            raise Undecodable(Reason.TOO_LARGE, f"{reading.size} bytes, the limit is {MAX_PICTURE_BYTES}")
        # Imported here because Pillow takes longer to load than a check takes, and a lookup does without.
        from foreseal_matcher.decode import looks_at

        return looked_up(looks_at(reading.kept), lists, looks, index, fingerprints)
    if _could_be_a_film(item, head):
        if not reading.whole:
            raise Undecodable(Reason.TOO_LARGE, f"{reading.size} bytes, the limit for a film is {MAX_FILM_BYTES}")
        # Imported here because starting a process takes modules that nothing else does.
        from foreseal_matcher.films import frames_of

        return looked_up(frames_of(reading.kept), lists, looks, index, fingerprints)
    return Clear((Reason.OTHER_KIND,))


def _could_be_a_picture(item: Item, head: bytes) -> bool:
    """By its bytes, or because its name says so or it has no bytes to tell by: then decoding says what is wrong."""
    return not head or sniff(head) is not None or other_picture(head) is not None or named_as_picture(item.name)


def _could_be_a_film(item: Item, head: bytes) -> bool:
    """The same for a film, where it could be no picture."""
    return film_format(head) is not None or other_film(head) is not None or named_as_film(item.name)
