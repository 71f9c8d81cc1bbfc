"""Why an update was refused: what happened, what it means for the person, and what to do."""

from __future__ import annotations

from enum import Enum
from typing import Final

from foreseal_client.transparency.entry import LoggedList

__all__ = ["Refusal", "StoppedAtFence", "UpdateRefused"]

_ASK: Final = "Ask whoever publishes the list; do not take a new root from a place that you do not trust as much."
_AGAIN: Final = "Try again later; if it goes on, ask whoever publishes the list."
_DISK: Final = "Free some room, or choose a folder that can be written to, and try again."


class Refusal(Enum):
    """A reason, and its two sentences: what happened, and what to do. Between them stands what is in force."""

    NO_ROOT = (
        "There is no trusted root yet, so nothing tells the publisher of this list from anybody else.",
        "Get the file root.json from the publisher by a way you trust and name it once with --root.",
    )
    OTHER_ROOT = (
        "Another root is trusted for this list already.",
        "Leave out --root; to change whom you trust, install the list into a new folder.",
    )
    BAD_ROOT = ("This is not a root that its own endorsers signed.", "Get root.json again from the publisher.")
    ROOT_EXPIRED = ("The repository's root has expired: its endorsers have not renewed their word.", _ASK)
    ROOT_NOT_ENDORSED = (
        "The repository offers a new root that too few of the endorsers trusted so far have signed.",
        _ASK,
    )
    NOT_ENDORSED = ("Too few of the trusted endorsers have signed this list.", _ASK)
    NOT_SIGNED = ("The repository's time stamp or snapshot is not signed by the key that the endorsers named.", _ASK)
    ROLLED_BACK = ("The server offers an older state than this device has seen before.", _ASK)
    FROZEN = (
        "What the server offers has expired: it may be keeping newer lists back, or nobody renewed it.",
        "Check that this device's clock is right; then ask whoever publishes the list.",
    )
    MIXED = ("The server mixes files of different states of the repository.", _AGAIN)
    MALFORMED = ("What the server offers cannot be read as a repository's metadata.", _AGAIN)
    NO_REPOSITORY = ("There is no repository of lists at this address.", "Check the address that follows --from.")
    NO_SUCH_LIST = ("The repository holds no list of this name.", "Name one that it holds with --name.")
    MISSING = ("The server lacks a file that the endorsers signed.", _AGAIN)
    WRONG_LENGTH = ("A file is shorter or longer than the one that the endorsers signed.", _AGAIN)
    WRONG_HASH = ("A file is not the one that the endorsers signed: its digest differs.", _AGAIN)
    ENDLESS = ("The server sent more than a file of the repository can have.", _AGAIN)
    OTHER_LIST = ("The update is for a list of another name.", "Install that list into a folder of its own.")
    OTHER_PURPOSE = (
        "The update has another purpose than the list that is installed.",
        "If you agree to that purpose, install it into a new folder.",
    )
    UNUSABLE = ("The list was signed and cannot be used all the same.", _ASK)
    NO_LOG = (
        "The endorsers name no public log, so nobody else could see what this device is given.",
        "Ask whoever publishes the list to begin a log and to have it signed by the endorsers.",
    )
    LOG_NOT_SIGNED = ("The head of the public log is not signed by the key that the endorsers named.", _ASK)
    LOG_STALLED = (
        "The public log was last signed too long ago: somebody may be keeping newer entries back.",
        "Check that this device's clock is right; then ask whoever publishes the list.",
    )
    LOG_SHRUNK = ("The public log has fewer entries than this device has seen before.", _ASK)
    LOG_FORKED = (
        "The public log was signed with two different histories. Both heads are kept in the folder .updates/evidence.",
        "Show them to others who use this list, and do not use it for anything that matters before it is explained.",
    )
    LOG_DAMAGED = ("The files of the public log do not belong to the head that it signed.", _AGAIN)
    LOG_FORGOTTEN = (
        "What this device remembers of the public log cannot be read.",
        "Install the list into a new folder; its log is then looked at as for the first time.",
    )
    NOT_LOGGED = ("This version of the list does not stand in the public log as its newest.", _ASK)
    NOT_AS_LOGGED = ("This version of the list is another than the public log says.", _ASK)
    NEW_SCOPE = (
        "The update goes beyond what you have accepted for this list.",
        "If you want that, name each of them with --accept, as it is written here.",
    )
    UNREACHABLE = ("The server cannot be reached.", "Check the address and the connection, and try again.")
    SLOW = ("The server stopped sending, or sends too slowly.", "Try again later.")
    REDIRECTED = ("The server sent us to another address, and that is not followed.", "Name the right address.")
    ANSWERED = ("The server answered with an error.", _AGAIN)
    NOT_PRIVATE = (
        "Lists are fetched over HTTPS, or from this machine itself.",
        "Name an address that begins with https://",
    )
    BUSY = ("Another update of this list is under way.", "Wait until it is done.")
    NOT_WRITTEN = ("The list could not be written.", _DISK)

    @property
    def happened(self) -> str:
        """The first sentence."""
        return self.value[0]

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.value[1]


class UpdateRefused(Exception):
    """An update was refused or could not be fetched. Nothing of it is in force: the list that was installed before
    still is. The message says why and what to do; `reason` names it."""

    def __init__(self, reason: Refusal, detail: str = "") -> None:
        told = f" ({detail})" if detail else ""
        super().__init__(
            f"{reason.happened}{told} Nothing was changed: a list installed before stays in force. {reason.remedy}"
        )
        self.reason = reason
        self.detail = detail


class StoppedAtFence(UpdateRefused):
    """The update is signed, and has something that this person has not accepted: `news`, in the form in which `accept`
    takes it. It is logged, unless what is new is the log itself. The list installed before stays in force until they
    do. `offered` and `before`: what the log says of the list that is offered and of the one that was taken last, None
    where the update did not come so far."""

    def __init__(
        self, news: tuple[str, ...], offered: LoggedList | None = None, before: LoggedList | None = None
    ) -> None:
        super().__init__(Refusal.NEW_SCOPE, ", ".join(news))
        self.news = news
        self.offered = offered
        self.before = before
