"""The scope fence: what a person has accepted for a list, and what an update has beyond it.

A list that grows to other things than it was installed for is the harm that people fear most; endorsers who agree can
sign any category. So what is new to this device stops here, whoever signed it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from foreseal_matcher.lists import Manifest

__all__ = ["Scope", "lacking"]


@dataclass(frozen=True, slots=True)
class Scope:
    """`endorsers`: names by id of key. None where it is not known who they were, as for a list that was installed
    before this was kept."""

    categories: frozenset[str]
    sources: frozenset[str]
    endorsers: Mapping[str, str] | None

    @classmethod
    def of(cls, manifest: Manifest, endorsers: Mapping[str, str] | None) -> Scope:
        """What a list covers, as its endorsers signed it: no row can have a category or source that is not named."""
        return cls(frozenset(manifest.categories), frozenset(manifest.sources), endorsers)

    def beyond(self, accepted: Scope) -> tuple[str, ...]:
        """What this has and `accepted` has not, each as a person names it to accept it."""
        known = accepted.endorsers
        news = [f"category:{name}" for name in sorted(self.categories - accepted.categories)]
        news += [f"source:{name}" for name in sorted(self.sources - accepted.sources)]
        if known is not None and self.endorsers is not None:
            # By key and not by name: anybody can take a name.
            by_name = sorted(self.endorsers.items(), key=itemgetter(1, 0))
            news += [f"endorser:{name}:{keyid[:16]}" for keyid, name in by_name if keyid not in known]
        return tuple(news)

    def with_more(self, other: Scope) -> Scope:
        """Both together: what was accepted once stays so, also where it is gone for a while."""
        return Scope(
            self.categories | other.categories,
            self.sources | other.sources,
            {**(self.endorsers or {}), **(other.endorsers or {})},
        )

    def to_fields(self) -> dict[str, object]:
        """As JSON takes it."""
        endorsers = None if self.endorsers is None else dict(self.endorsers)
        return {"categories": sorted(self.categories), "sources": sorted(self.sources), "endorsers": endorsers}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Scope:
        """From JSON. Raises `KeyError` and `TypeError`."""
        endorsers = fields["endorsers"]
        return cls(
            frozenset(map(str, fields["categories"])),
            frozenset(map(str, fields["sources"])),
            None if endorsers is None else {str(keyid): str(name) for keyid, name in endorsers.items()},
        )


def lacking(news: Collection[str], accept: Collection[str]) -> tuple[str, ...]:
    """What the person has not said yes to."""
    return tuple(one for one in news if one not in accept)
