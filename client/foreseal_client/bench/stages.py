"""The stages of one check of a picture or a film, each to be called by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from foreseal_client.cli.on_disk import OnDisk
from foreseal_matcher import Bytes, ListSet, Looks, Reason, Undecodable, screen
from foreseal_matcher.decode import first_looks
from foreseal_matcher.film_limits import MAX_FILM_BYTES
from foreseal_matcher.films import frames_of
from foreseal_matcher.fingerprints.digests import read_once
from foreseal_matcher.fingerprints.pdq import MATCH_AT, dihedral, pdq
from foreseal_matcher.lists.from_files import is_film
from foreseal_matcher.looks import Pictured

__all__ = ["Stage", "stages_of"]

Stage = Callable[[], object]


def stages_of(file: Bytes | OnDisk, data: bytes, lists: ListSet) -> tuple[Sequence[Pictured], Mapping[str, Stage]]:
    """What is looked at of a file, and each stage by name. `read` covers its SHA-256; `dihedral` is what all eight
    positions take instead of `hash`; `whole` is a check with the plain look, `quick` and `full` with those looks.
    `data`: the file's bytes. Raises `Undecodable`."""
    decoded = (lambda: list(frames_of(data))) if is_film(data) else (lambda: first_looks(data))
    looks: Sequence[Pictured] = decoded()
    if not looks:
        raise Undecodable(Reason.OTHER_KIND)
    fingerprints = [pdq(look.luma, look.full) for look in looks]
    return looks, {
        "read": lambda: read_once(file, MAX_FILM_BYTES),
        "decode": decoded,
        "hash": lambda: [pdq(look.luma, look.full) for look in looks],
        "lookup": lambda: [lists.nearest(each.bits, MATCH_AT) for each in fingerprints],
        "dihedral": lambda: [dihedral(look.luma, look.full) for look in looks],
        "whole": lambda: screen(file, lists, Looks.PLAIN),
        "quick": lambda: screen(file, lists, Looks.QUICK),
        "full": lambda: screen(file, lists, Looks.FULL),
    }
