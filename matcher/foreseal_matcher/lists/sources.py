"""Where entries come from: pictures on this device, and links that somebody wrote down."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from datetime import date

from foreseal_matcher.errors import ListNotWritten
from foreseal_matcher.fingerprints.known import FINGERPRINTS
from foreseal_matcher.fingerprints.links import normalised
from foreseal_matcher.fingerprints.pdq import pdq
from foreseal_matcher.lists.crops import crops_of
from foreseal_matcher.lists.entries import ListedHash
from foreseal_matcher.verdict import Entry

__all__ = ["from_links", "from_picture"]


def from_picture(
    data: bytes,
    id: int,
    *,
    category: str,
    source: str,
    added: date | None = None,
    fingerprints: Collection[str] = (),
    crops: bool = False,
) -> list[ListedHash]:
    """The entry that lists a picture: its SHA-256, then a PDQ for each look at its first frame that is telling enough
    (quality 50 and more; none for a featureless picture, of which only exact copies can be found). All have the same
    `id`. `fingerprints`: names of further ones (`fingerprints.known.LISTABLE`). `crops`: also the PDQs of 18 parts of
    it. Raises `Undecodable`, and `NotInstalled` where what computes one is absent."""
    # Imported here so that looking something up loads no decoder.
    from foreseal_matcher.decode import first_looks

    values = [("sha256", hashlib.sha256(data).digest())]
    for look in first_looks(data):
        whole = pdq(look.luma, look.full)
        if not whole.telling:
            continue
        values.append(("pdq", whole.bits))
        values += [(name, FINGERPRINTS[name].of(look).bits) for name in fingerprints]
        values += [("pdq", part.bits) for part in crops_of(look) if crops and part.telling]
    return [ListedHash(Entry(id, kind, category, source, added), value) for kind, value in dict.fromkeys(values)]


def from_links(lines: Iterable[str], file: str, first_id: int, *, category: str, source: str) -> Iterator[ListedHash]:
    """One link a line, as people write them; a line that begins with `#` is a comment. A host alone lists all of its
    pages and those of the hosts below it, a folder (it ends with a slash) all that lies in it, anything else one page.
    Ids count up from `first_id`; of links that are the same, one is listed. Raises `ListNotWritten` naming `file` and
    the line that is no link."""
    listed: set[bytes] = set()
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        link = normalised(text)
        if link is None or any(sign.isspace() for sign in text):
            raise ListNotWritten(f"{file}, line {number}: {text[:80]!r} is not a link")
        if link.digest not in listed:
            yield ListedHash(Entry(first_id + len(listed), "link", category, source), link.digest)
            listed.add(link.digest)
