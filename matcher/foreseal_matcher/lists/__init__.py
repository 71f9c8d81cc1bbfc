"""Hash lists: entries, their file layout, making them, and opening them verified."""

from foreseal_matcher.lists.building import Progress, build_list
from foreseal_matcher.lists.changes import Changes, Tally, changes
from foreseal_matcher.lists.delta import apply_delta, leads_to, make_delta
from foreseal_matcher.lists.entries import ListedHash, Purpose
from foreseal_matcher.lists.followed import FollowedLists
from foreseal_matcher.lists.from_files import from_file
from foreseal_matcher.lists.hash_list import HashList
from foreseal_matcher.lists.installing import index_list
from foreseal_matcher.lists.kinds import KINDS, Kind, Matching
from foreseal_matcher.lists.list_set import Hit, ListFacts, ListProblem, ListSet
from foreseal_matcher.lists.manifest import Manifest
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
    "switch_to",
    "withdraw",
]
