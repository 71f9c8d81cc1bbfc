"""THE way in: content and lists to a verdict that is bound to the content."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, TypeVar

from foreseal_matcher import verdict as _verdict
from foreseal_matcher.content import MAX_LINKS, MAX_PICTURE_BYTES, Content, Item, Looks
from foreseal_matcher.detectors import examined
from foreseal_matcher.errors import NotInstalled, Undecodable
from foreseal_matcher.fingerprints.digests import Reading, read_once
from foreseal_matcher.fingerprints.known import FINGERPRINTS
from foreseal_matcher.fingerprints.pdq import MATCH_AT
from foreseal_matcher.formats import HEAD_BYTES, named_as_picture, other_picture, sniff
from foreseal_matcher.link_finding import links_in
from foreseal_matcher.lists import ListSet
from foreseal_matcher.looks import seen
from foreseal_matcher.verdict import Clear, Match, Reason, Screened, Unreadable, Verdict

if TYPE_CHECKING:
    # `decode` brings Pillow, which takes longer to load than a lookup takes.
    from foreseal_matcher.decode import Look

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
        reading = read_once(item, MAX_PICTURE_BYTES, lists.kinds)
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
    if not _could_be_a_picture(item, reading):
        return Clear((Reason.OTHER_KIND,))
    if not reading.whole:
        raise Undecodable(Reason.TOO_LARGE, f"{reading.size} bytes, the limit is {MAX_PICTURE_BYTES}")
    # Imported here because Pillow takes longer to load than a check takes, and a lookup does without.
    from foreseal_matcher.decode import looks_at

    telling = False
    for picture in looks_at(reading.kept):
        for how, fingerprint in seen(picture, looks):
            if not fingerprint.telling:
                continue
            telling = True
            near = lists.nearest(fingerprint.bits, MATCH_AT)
            if near is not None:
                look = picture.name_with(how)
                return Match(near.entry, near.list.name, near.list.version, near.distance, MATCH_AT, index, look)
        beside = _beside(picture, index, lists, fingerprints)
        if beside is not None:
            return beside
    return Clear() if telling else Clear((Reason.FEATURELESS,))


def _beside(picture: Look, index: int, lists: ListSet, fingerprints: Collection[str]) -> Verdict | None:
    """The verdict by the fingerprints beside PDQ, of the picture as it is: what little they say, further looks would
    only make chances of."""
    for name in sorted(lists.kinds.intersection(fingerprints)):
        known = FINGERPRINTS[name]
        try:
            taken = known.of(picture)
        except NotInstalled as absent:
            return Unreadable(Reason.FINGERPRINT_ABSENT, str(absent), index)
        near = lists.nearest(taken.bits, known.limit, name) if taken.telling else None
        if near is not None:
            return Match(near.entry, near.list.name, near.list.version, near.distance, known.limit, index, picture.name)
    return None


def _could_be_a_picture(item: Item, reading: Reading) -> bool:
    """By its bytes, or because its name says so or it has no bytes to tell by: then decoding says what is wrong."""
    head = reading.kept[:HEAD_BYTES]
    return not head or sniff(head) is not None or other_picture(head) is not None or named_as_picture(item.name)
