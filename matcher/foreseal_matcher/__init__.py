"""Foreseal's matcher: bytes in, a verdict out. It opens no socket, holds no keys and draws nothing.

>>> lists = ListSet.open([Path("demo-list")], today=date.today())
>>> screened = screen(Bytes(data, "holiday.jpg"), lists)
>>> outcome = decide(screened, Policy(Mode.HOLD, OnFailure.CLOSED))  # Cleared[Bytes] | Held
"""

from foreseal_matcher.content import Bytes, Content, Item, Looks, Written
from foreseal_matcher.detectors import Detector, DetectorUnusable, Finding, installed_detectors
from foreseal_matcher.errors import ListNotWritten, MatcherError, Undecodable
from foreseal_matcher.gate import Mode, OnFailure, Policy, decide
from foreseal_matcher.lists import HashList, ListFacts, ListProblem, ListSet
from foreseal_matcher.overlap import Overlap
from foreseal_matcher.screen import screen
from foreseal_matcher.verdict import Clear, Cleared, Entry, Held, Match, Reason, Screened, Unreadable, Verdict

__all__ = [
    "Bytes",
    "Clear",
    "Cleared",
    "Content",
    "Detector",
    "DetectorUnusable",
    "Entry",
    "Finding",
    "HashList",
    "Held",
    "Item",
    "ListFacts",
    "ListNotWritten",
    "ListProblem",
    "ListSet",
    "Looks",
    "Match",
    "MatcherError",
    "Mode",
    "OnFailure",
    "Overlap",
    "Policy",
    "Reason",
    "Screened",
    "Undecodable",
    "Unreadable",
    "Verdict",
    "Written",
    "decide",
    "installed_detectors",
    "screen",
]
