"""Which mailboxes have an inbox open right now, so that an arriving envelope wakes the right one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

__all__ = ["Presence"]


class Inbox(Protocol):
    """An open inbox, as far as presence knows it."""

    def wake(self) -> None:
        """Something has arrived."""

    def replace(self) -> None:
        """A newer inbox of the same mailbox has taken this one's place."""


class Presence:
    """At most one inbox a mailbox: the newest. An older one may be a half-open connection of the same device."""

    def __init__(self) -> None:
        self._inboxes: dict[bytes, Inbox] = {}

    def enter(self, mailbox: bytes, inbox: Inbox) -> Inbox | None:
        """Makes `inbox` the mailbox's own and returns the one it replaces, if any."""
        older = self._inboxes.get(mailbox)
        self._inboxes[mailbox] = inbox
        return older

    def leave(self, mailbox: bytes, inbox: Inbox) -> None:
        """Forgets `inbox`, unless a newer one has taken its place."""
        if self._inboxes.get(mailbox) is inbox:
            del self._inboxes[mailbox]

    def wake(self, mailbox: bytes) -> None:
        """Tells the mailbox's inbox, if one is open, that an envelope has arrived."""
        if inbox := self._inboxes.get(mailbox):
            inbox.wake()

    def present(self) -> Collection[bytes]:
        """The mailboxes whose inboxes are open here."""
        return self._inboxes.keys()

    def replace(self, mailbox: bytes) -> None:
        """Closes the mailbox's inbox, if one is open here: its owner has logged in at another relay since."""
        if inbox := self._inboxes.pop(mailbox, None):
            inbox.replace()
