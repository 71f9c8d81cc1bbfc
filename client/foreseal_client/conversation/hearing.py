"""What a letter that arrived says beside its text is done, in the transaction that takes the letter."""

from __future__ import annotations

from typing import Final

import msgspec

from foreseal_client import words
from foreseal_client.sealing.letter import LetterContent
from foreseal_client.sealing.notes import Notes, Shares
from foreseal_client.store import Contact, Conversation, Received, Standing, Store

__all__ = ["TIMER_LEAP", "hear"]

TIMER_LEAP: Final = 1000
"""How far one letter may lift the number of a conversation's timer: nobody may bring its last number nearer."""


def hear(by: bytes, content: LetterContent, store: Store, *, now: int, may_disappear: bool = True) -> None:
    """Follows the notes of a letter. `by`: its writer's identity, 32 bytes; `now`: seconds since 1970. A deletion is
    followed whoever asks, for what they wrote themselves; anything else only between contacts. `may_disappear`: whether
    this profile lets others make anything go; where not, what they wrote stays as evidence of it."""
    notes = content.notes or Notes()
    if may_disappear:
        store.fading.withdraw(by, notes.deleted)
    contact = store.people.get(by)
    if content.group or contact is None or contact.standing is not Standing.ACCEPTED:
        return
    before = store.conversations.get(by)
    after = msgspec.structs.replace(
        _timed(before, notes) if may_disappear else before, theirs=Shares(notes.shares & _KNOWN)
    )
    if after != before:
        store.conversations.put(after)
    if after.version != before.version:
        _say_timer(contact, before, after, store, now)
    if Shares.RECEIPTS in after.shared:
        store.fading.note_received(by, notes.delivered, Received.DELIVERED)
        store.fading.note_received(by, notes.read, Received.READ)
    else:
        store.conversations.forget_receipts(by)


def _timed(known: Conversation, notes: Notes) -> Conversation:
    """The timer with the higher number holds; of two with the same number the shorter: both sides come to the same,
    in whatever order letters arrive."""
    version, timer = notes.timer.number, notes.timer.seconds
    if version > known.version + TIMER_LEAP or (version, -_length(timer)) <= (known.version, -_length(known.timer)):
        return known
    return msgspec.structs.replace(known, timer=timer, version=version)


def _length(timer: int) -> int:
    return timer or 2**40


def _say_timer(contact: Contact, before: Conversation, after: Conversation, store: Store, now: int) -> None:
    if before.timer != after.timer:
        store.history.notice(contact.identity, words.timer_set(contact.name, after.timer), at=now)


_KNOWN: Final = int(Shares.RECEIPTS | Shares.TYPING)
