"""Hash lists: entries, their file layout, making them, and opening them verified.

What makes and changes lists is imported when it is first asked for: it would take a third of the time from the start
of a program to its first answer, and who only looks something up never needs it.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from foreseal_matcher.lists.entries import ListedHash, Purpose
from foreseal_matcher.lists.hash_list import HashList
from foreseal_matcher.lists.kinds import KINDS, Kind, Matching
from foreseal_matcher.lists.list_set import Hit, ListFacts, ListProblem, ListSet
from foreseal_matcher.lists.manifest import Manifest

if TYPE_CHECKING:
    from foreseal_matcher.lists.building import Progress, build_list
    from foreseal_matcher.lists.counting import shares_in
    from foreseal_matcher.lists.delta import apply_delta, leads_to, make_delta
    from foreseal_matcher.lists.differences import Changes, Tally, changes
    from foreseal_matcher.lists.followed import FollowedLists
    from foreseal_matcher.lists.from_files import from_file
    from foreseal_matcher.lists.installing import index_list
    from foreseal_matcher.lists.revising import compact, withdraw
    from foreseal_matcher.lists.sources import from_links, from_picture
    from foreseal_matcher.lists.switching import files_of, switch_to
    from foreseal_matcher.lists.withdrawn import Withdrawal

__all__ = [
    "KINDS",
    "Changes",
    "FollowedLists",
    "HashList",
    "Hit",
    "Kind",
    "ListFacts",
    "ListProblem",
    "ListSet",
    "ListedHash",
    "Manifest",
    "Matching",
    "Progress",
    "Purpose",
    "Tally",
    "Withdrawal",
    "apply_delta",
    "build_list",
    "changes",
    "compact",
    "files_of",
    "from_file",
    "from_links",
    "from_picture",
    "index_list",
    "leads_to",
    "make_delta",
    "shares_in",
    "switch_to",
    "withdraw",
]

_WHERE: Final = MappingProxyType(
    {
        "Changes": "differences",
        "FollowedLists": "followed",
        "Progress": "building",
        "Tally": "differences",
        "Withdrawal": "withdrawn",
        "apply_delta": "delta",
        "build_list": "building",
        "changes": "differences",
        "compact": "revising",
        "files_of": "switching",
        "from_file": "from_files",
        "from_links": "sources",
        "from_picture": "sources",
        "index_list": "installing",
        "leads_to": "delta",
        "make_delta": "delta",
        "shares_in": "counting",
        "switch_to": "switching",
        "withdraw": "revising",
    }
)
"""Name -> the module here that has it, for those that are imported later."""


def __getattr__(name: str) -> object:
    """What `_WHERE` names, as PEP 562 has it. Raises `AttributeError`."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
