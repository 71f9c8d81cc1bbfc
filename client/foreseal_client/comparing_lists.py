"""What two people's devices tell each other about the lists they check against, inside the letters they write anyway:
a publisher who gives them two lists, or a log that shows them two histories, is found out by their next messages."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from foreseal_client import words
from foreseal_client.store import ComparedHead, Contact, Direction, Message, State, Store
from foreseal_client.transparency.evidence import Evidence
from foreseal_client.transparency.heads import MAX_HEADS, Head, HeadRefused, Judgement, judge
from foreseal_client.transparency.history import History
from foreseal_client.updates.refusals import UpdateRefused
from foreseal_client.updates.remembered import REMEMBERED, recall
from foreseal_matcher import ListSet
from foreseal_matcher.lists.writing import UPDATES
from foreseal_matcher.verdict import Clear

__all__ = ["ComparedLists"]

_ALARMING: Final = (Judgement.SPLIT_VIEW, Judgement.LISTS_DIFFER)
_Stamp = tuple[int, int]


class ComparedLists:
    """The heads that one device holds, read again when an update has replaced them; and what was noticed."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[_Stamp, Head | None, History | None]] = {}
        self._noticed: list[Message] = []

    def told(self, lists: ListSet) -> tuple[bytes, ...]:
        """What a letter says of the lists in force, encoded; nothing of lists that came without a log."""
        return tuple(head.encode() for head, _ in self._own(lists)[:MAX_HEADS])

    def hear(self, contact: Contact, heads: tuple[bytes, ...], store: Store, lists: ListSet, now: int) -> None:
        """Compares what a contact holds with what this device holds. What does not fit becomes a line of the
        conversation, once, and what proves it is kept. Heads that no log signed say nothing. The caller holds the
        transaction."""
        for encoded in heads[:MAX_HEADS]:
            try:
                theirs = Head.decode(encoded)
            except HeadRefused:
                continue
            for ours, history in self._own(lists):
                if ours.key == theirs.key and ours.name == theirs.name:
                    self._compare(contact, ours, history, theirs, store, now)

    def noticed(self) -> list[Message]:
        """The lines that came to conversations since this was last asked."""
        found, self._noticed = self._noticed, []
        return found

    def _compare(self, contact: Contact, ours: Head, history: History, theirs: Head, store: Store, now: int) -> None:
        before = store.heads.get(contact.identity, theirs.key, theirs.name)
        judgement = judge(ours, history, theirs)
        evidence = b""
        if judgement is Judgement.SPLIT_VIEW:
            evidence = Evidence.between(ours, history, theirs).encode()
        found = ComparedHead(
            contact.identity, theirs.key, theirs.name, theirs.encode(), judgement.name.lower().replace("_", "-"),
            now // 86400, evidence,
        )  # fmt: skip
        store.heads.put(found)
        if judgement in _ALARMING and (before is None or before.judgement != found.judgement):
            text = words.lists_differ(judgement, contact.name, ours.name)
            notice = store.history.add(
                contact.identity, Direction.IN, State.NOTICE, at=now, text=text, verdict=Clear(), digest=bytes(32)
            )
            self._noticed.append(notice)

    def _own(self, lists: ListSet) -> list[tuple[Head, History]]:
        """Heads of the lists in force. An update that came as far as the log and not to its end is not told."""
        found = []
        for one in lists.lists:
            head, history = self._held(one.path / UPDATES)
            if head is not None and history is not None and head.digest.hex() == one.digest:
                found.append((head, history))
        return found

    def _held(self, state: Path) -> tuple[Head | None, History | None]:
        try:
            status = (state / REMEMBERED).stat()
        except OSError:
            return None, None
        stamp, known = (status.st_ino, status.st_mtime_ns), self._read.get(state)
        if known is None or known[0] != stamp:
            try:
                remembered = recall(state)
            except UpdateRefused:
                remembered = None  # the next update says so
            head, history = (None, None) if remembered is None else (remembered.told, remembered.history)
            known = self._read[state] = (stamp, head, history)
        return known[1:]
