"""The error codes of the headless client. They are the exit codes of the command line where those exist."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from foreseal_client.errors import (
    BlockedError,
    CardError,
    ClientError,
    PeerFaultError,
    ProfileInUseError,
    RelayRefusedError,
    RelayUnreachableError,
    RolledBackError,
    SettingError,
    StoreError,
    WrongKeyError,
)

__all__ = ["MEANINGS", "Code", "RpcError", "explained"]


class Code(IntEnum):
    """What `error.code` holds. Positive ones are also exit codes; negative ones are those of JSON-RPC 2.0."""

    PARSE = -32700
    INVALID_REQUEST = -32600
    NO_METHOD = -32601
    INVALID_PARAMS = -32602
    INTERNAL = -32603
    FAILED = 1
    USAGE = 2
    UNREADABLE = 3
    NO_LIST = 11
    REFUSED = 12
    UNREACHABLE = 20
    IN_USE = 21
    WRONG_KEY = 22
    UNKNOWN = 23
    ROLLED_BACK = 24
    OVER = 25
    GONE = 26


MEANINGS: Final = {
    Code.PARSE: "What was sent is no JSON.",
    Code.INVALID_REQUEST: "It is JSON and no request of JSON-RPC 2.0, or it is too long.",
    Code.NO_METHOD: "There is no such method, or it answers only under --test-methods.",
    Code.INVALID_PARAMS: "A parameter is missing, of another type, or unknown.",
    Code.INTERNAL: "A fault of this program. Nothing is known of what became of the call.",
    Code.FAILED: "It could not be done; the message says why.",
    Code.USAGE: "It was asked for in a way that cannot be carried out.",
    Code.UNREADABLE: "A file could not be read.",
    Code.NO_LIST: "There is no hash list that could be used.",
    Code.REFUSED: "The relay, the group's rules or the policy refused it.",
    Code.UNREACHABLE: "The relay cannot be reached now.",
    Code.IN_USE: "Another client has this profile open.",
    Code.WRONG_KEY: "The key does not open this profile.",
    Code.UNKNOWN: "There is no such account, contact, group, message or attachment here.",
    Code.ROLLED_BACK: "The device was restored from an older state and has stopped.",
    Code.OVER: "The client was told to shut down.",
    Code.GONE: "Events from so long ago are not kept any more.",
}
"""What each says, for people and for the published description."""

_FAULTS: Final[tuple[tuple[type[Exception], Code], ...]] = (
    (ProfileInUseError, Code.IN_USE),
    (WrongKeyError, Code.WRONG_KEY),
    (RolledBackError, Code.ROLLED_BACK),
    (RelayUnreachableError, Code.UNREACHABLE),
    (RelayRefusedError, Code.REFUSED),
    (CardError, Code.USAGE),
    (SettingError, Code.USAGE),
    (BlockedError, Code.REFUSED),
    (PeerFaultError, Code.REFUSED),
    (StoreError, Code.FAILED),
    (ClientError, Code.FAILED),
    (OSError, Code.UNREADABLE),
    (ValueError, Code.USAGE),
)


class RpcError(Exception):
    """A call was not carried out. `code` says of which kind, the message what is to be done."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def explained(fault: Exception) -> RpcError:
    """The error that a caller is told for a fault; one of ours that nobody foresaw is `INTERNAL`, by its type alone:
    its text could hold what a person wrote."""
    if isinstance(fault, RpcError):
        return fault
    for kind, code in _FAULTS:
        if isinstance(fault, kind):
            if isinstance(fault, OSError) and not isinstance(fault, ClientError):
                return RpcError(code, f"{fault.filename or 'A file'}: {fault.strerror or type(fault).__name__}.")
            return RpcError(code, str(fault))
    return RpcError(Code.INTERNAL, f"A fault of this program ({type(fault).__name__}). {MEANINGS[Code.INTERNAL]}")
