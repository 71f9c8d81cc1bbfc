"""Deltas: what lies between two versions of a list, small enough to ship instead of the new one.

A delta names the digest it starts from and carries the whole manifest it ends in. Rows are named by their numbers, so
that applying one compares nothing; what comes out is held to the manifest's digests before it takes the old list's
place.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from foreseal_matcher.errors import DeltaRefused, ListNotWritten, ListUnusable
from foreseal_matcher.index.mapped import contents
from foreseal_matcher.lists.hash_list import HashList, check_age
from foreseal_matcher.lists.kinds import KINDS
from foreseal_matcher.lists.manifest import FORMAT, MANIFEST, MAX_BYTES, Manifest
from foreseal_matcher.regular import read_at_most

if TYPE_CHECKING:
    from foreseal_matcher.lists.writing import Demand

__all__ = ["apply_delta", "leads_to", "make_delta"]


def make_delta(old: HashList, new: HashList, out: Path) -> int:
    """Writes what leads from `old` to `new` into the file `out`; how many bytes that took. The same lists give the
    same bytes. It takes about 150 bytes of memory a row.

    Raises `ListNotWritten` when the file cannot be written, and when `new` is of an old format or has kinds of hash
    that this version does not know: then the whole list has to be shipped."""
    # Imported here because looking something up needs no numpy.
    from foreseal_matcher.lists.delta_layout import Delta, encode
    from foreseal_matcher.lists.sections import sections_between
    from foreseal_matcher.lists.writing import synced

    if new.manifest.format != FORMAT or new.manifest.columns.keys() - KINDS.keys():
        raise ListNotWritten(f"no delta can lead to {new.name} {new.version}: this version would not have written it")
    try:
        encoded = read_at_most(new.path / MANIFEST, MAX_BYTES)
        manifest = Manifest.decode(encoded)
        if manifest.digest != new.digest:
            raise ListNotWritten(f"{new.name} was replaced while the delta was being made; make it again")
        content = encode(Delta(old.digest, encoded, manifest, sections_between(old, new)))
        part = out.with_name(f".{out.name}-part")
        with synced(part) as file:
            file.write(content)
        part.replace(out)
    except ListUnusable as error:
        raise ListNotWritten(f"{new.name}: {error}") from error
    except OSError as error:
        raise ListNotWritten(f"{out.name} cannot be written: {error.strerror or error}") from error
    return len(content)


def apply_delta(old: Path, delta: Path, out: Path, today: date, demand: Demand | None = None) -> Manifest:
    """Makes the list that `delta` leads to from the list in the folder `old`, which may be stale, and puts it into
    the folder `out`, which may be the same. A crash at any moment leaves in `out` what was there or the new list.
    `demand`: called with the new list before it is in force; what it raises leaves the old one.

    Raises `DeltaRefused` when the delta cannot be used, does not start from this list, or leads to one that is not as
    its manifest says, or stale; `ListUnusable` when the list in `old` cannot be used; `ListNotWritten` when `out`
    holds something else than a list or cannot be written. Whatever list was in `out` then stands."""
    from foreseal_matcher.lists.delta_layout import decode
    from foreseal_matcher.lists.sections import write_patched
    from foreseal_matcher.lists.writing import put, room_for_a_list, staged

    base = HashList.of_any_age(old)
    try:
        wanted = decode(contents(delta))
    except (OSError, ListUnusable) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a regular file"
        raise DeltaRefused(f"it cannot be read: {reason}") from error
    _check_ends(base, wanted.base, wanted.manifest, today)
    with room_for_a_list(out), staged(out) as part:
        write_patched(part, base, wanted)
        return put(out, part, wanted.encoded, demand)


def leads_to(delta: Path) -> str:
    """The digest of the list that a delta says it leads to. Raises `DeltaRefused` when it cannot be read."""
    from foreseal_matcher.lists.delta_layout import decode

    try:
        return decode(contents(delta)).manifest.digest
    except (OSError, ListUnusable) as error:
        raise DeltaRefused(f"it cannot be read: {error}") from error


def _check_ends(base: HashList, start: str, target: Manifest, today: date) -> None:
    if base.digest == target.digest:
        raise DeltaRefused(f"the list is already {target.name} {target.version}")
    if base.digest != start:
        raise DeltaRefused(f"it starts from another list than {base.name} {base.version}")
    if target.format != FORMAT or target.columns.keys() - KINDS.keys():
        raise DeltaRefused("it leads to a list that this version cannot make; get the whole list")
    try:
        check_age(target, today)
    except ListUnusable as error:
        raise DeltaRefused(f"the list that it leads to cannot be used: {error}") from error
