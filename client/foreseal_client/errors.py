"""Faults of the client. Expected outcomes (`Held`, `Withheld`, `Rejected`) are values and not here.

Each docstring is fit to show to a person: what happened, what it means, what to do.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "BackupError",
    "BlockedError",
    "BrokenSessionError",
    "CardError",
    "ChangedSinceCheckError",
    "ClientError",
    "MovedOnError",
    "NoTokenError",
    "OtherKeysError",
    "PeerFaultError",
    "ProfileInUseError",
    "RegistrationError",
    "RelayRefusedError",
    "RelayUnreachableError",
    "RolledBackError",
    "SettingError",
    "SpoolError",
    "StoreDamagedError",
    "StoreError",
    "WrongKeyError",
    "WrongPassphraseError",
]


_PASSING: Final = frozenset(
    {"full", "unavailable", "bad-login", "not-logged-in", "no-token", "blob-402",
     "blob-408", "blob-429", "blob-500", "blob-502", "blob-503",
     "blob-504", "blob-507"}
)  # fmt: skip


class ClientError(Exception):
    """Something went wrong in the client."""

    def __str__(self) -> str:
        """The particular text if there is one, else the docstring."""
        return super().__str__() or " ".join((type(self).__doc__ or "").partition("\n\n")[0].split())


class ChangedSinceCheckError(ClientError):
    """The file changed between its check and its sealing. It was not sent. Attach it again."""


class CardError(ClientError):
    """This is not a card or invitation that can be used."""


class PeerFaultError(ClientError):
    """What the other side sent breaks the protocol. It was dropped and nothing was changed."""


class BlockedError(ClientError):
    """This person is blocked: nothing goes there. Unblock them first."""


class OtherKeysError(PeerFaultError):
    """This relay now shows other keys for tokens than it showed this device first: it may be marking you, or have lost
    its keys. No tokens are drawn from it. Messages to your contacts go on; attachments and first messages to strangers
    wait. Ask whoever runs it; if they say that the keys are new, forget the old ones.

    `relay`: which one."""

    def __init__(self, relay: str) -> None:
        super().__init__()
        self.relay = relay


class BrokenSessionError(PeerFaultError):
    """A message could not be opened with the keys that this device shares with its sender: one of the two devices has
    lost some, or the message was altered on its way. Both agree on new keys; ask for the message to be sent again.

    `sender`: the identity key it claims (32 bytes), `round`: that of the session it claims to belong to."""

    def __init__(self, detail: str, sender: bytes, round_: int) -> None:
        super().__init__(detail)
        self.sender = sender
        self.round = round_


class RelayUnreachableError(ClientError):
    """The relay cannot be reached. What you wrote is kept on this device and is sent when the relay is back."""


class RelayRefusedError(ClientError):
    """The relay refused. Nothing was stored there."""

    def __init__(self, code: str, retry_after: float = 0, detail: str = "") -> None:
        super().__init__(detail or f"The relay refused this ({code}).")
        self.code = code
        self.retry_after = retry_after

    @property
    def is_final(self) -> bool:
        """Whether trying the same again cannot help. What a relay may get over is only this: being full, or ill."""
        return self.retry_after == 0 and self.code not in _PASSING


class NotYetError(RelayRefusedError):
    """The day's tokens are about to be drawn. What needs one is tried again after that, in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__("not-yet", max(seconds, 0.1), " ".join((type(self).__doc__ or "").split()))


class RegistrationError(RelayRefusedError):
    """This relay makes no mailbox for this person. Nothing was made there."""

    def __init__(self, detail: str) -> None:
        super().__init__("admission", detail=detail)


class NoTokenError(RelayRefusedError):
    """Today's tokens for this are used up. What waits is sent when new ones are drawn, at the latest tomorrow."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("no-token", 3600, detail or " ".join((type(self).__doc__ or "").split()))


class RolledBackError(ClientError):
    """Another device goes on with what was restored from this one, or this one was put back twice within a month: two
    that write as one person would undo each other's work, so it has stopped. Go on with the other one, or make a new
    profile and exchange invitations again.

    `generation`: the relay's counter, where a login has brought it."""

    def __init__(self, generation: int = 0) -> None:
        super().__init__()
        self.generation = generation


class SettingError(ClientError):
    """A setting is written in a way that means nothing. Nothing was changed."""


class StoreError(ClientError):
    """The local store cannot be used."""


class StoreDamagedError(StoreError):
    """The local store cannot be read. Restore it from a backup."""


class SpoolError(StoreError, OSError):
    """A file that was kept on this device cannot be read. Attach it again, or ask for it again."""


class MovedOnError(StoreError):
    """This message was sent or deleted meanwhile. Nothing of it leaves a second time."""


class WrongKeyError(StoreError):
    """This key does not open the local store. Nothing was changed. Check the passphrase or the key file."""


class BackupError(StoreError):
    """This backup cannot be used. Nothing was changed."""


class WrongPassphraseError(BackupError):
    """This passphrase does not open the backup. Nothing was changed. Type it again."""


class ProfileInUseError(StoreError):
    """Another Foreseal client has this profile open. Close it first: two at once would break its conversations."""
