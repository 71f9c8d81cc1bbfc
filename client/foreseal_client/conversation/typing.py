"""That somebody is typing: said in slots of the clock, a few times, and only while both sides want it said."""

from __future__ import annotations

from typing import Final

from foreseal_client.conversation.slots import TYPING_SLOT, next_slot

__all__ = ["MAX_UNANSWERED", "TYPING_SHOWN", "Typing"]

MAX_UNANSWERED: Final = 6
"""Notices of typing in a row to somebody from whom nothing has come: they wait at the relay as every letter does, and
must not fill the mailbox of somebody who is away."""
TYPING_SHOWN: Final = 2 * TYPING_SLOT
"""Seconds that it is shown for after a notice came."""


class Typing:
    """To whom something is being typed, in this run of the client; nothing of it is kept. `secret`: see `next_slot`;
    times in seconds since 1970."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._due: dict[bytes, int] = {}
        self._unanswered: dict[bytes, int] = {}

    def typed(self, identity: bytes, now: int) -> None:
        """A key was pressed. However often, it is said once in a slot."""
        if self._unanswered.get(identity, 0) < MAX_UNANSWERED:
            self._due.setdefault(identity, next_slot(self._secret, identity, now, TYPING_SLOT))

    def ended(self, identity: bytes) -> None:
        """The draft was handed in, whatever became of it."""
        self._due.pop(identity, None)

    def heard(self, identity: bytes) -> None:
        """Something came from there: somebody reads."""
        self._unanswered.pop(identity, None)

    def take_due(self, now: int) -> list[bytes]:
        """Whom to tell now. What is due for longer than a slot, as after a sleep, is told to nobody."""
        due = [identity for identity, slot in self._due.items() if slot <= now]
        told = [identity for identity in due if now - self._due[identity] < TYPING_SLOT]
        for identity in due:
            del self._due[identity]
        for identity in told:
            self._unanswered[identity] = self._unanswered.get(identity, 0) + 1
        return told

    def next_due(self) -> int | None:
        """When the next one is to be told."""
        return min(self._due.values(), default=None)
