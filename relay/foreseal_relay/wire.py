"""The wire: frames, limits and codecs shared by relay and client. Pure values, no I/O.

`docs/protocol.md` is the prose; `tests/vectors/wire.json` holds the bytes. Frames are MessagePack arrays whose
first element is the frame's name. Elements added at the end by a later version are ignored; another `version`
in `Hello` or `Login` is refused.
"""

from __future__ import annotations

from typing import Final, TypeVar, get_args

import msgspec

from foreseal_relay.binding import (
    LOGIN_LABEL,
    MAILBOX_LABEL,
    RESUME_LABEL,
    STAMP_LABEL,
    TOKEN_LABEL,
    login_message,
    mailbox_of,
    resume_proof,
    token_digest,
)
from foreseal_relay.owner_frames import (
    Admit,
    AskTerms,
    AskTicket,
    Draw,
    Drawn,
    Frame,
    Requests,
    Resume,
    Terms,
    Ticket,
)  # fmt: skip
from foreseal_relay.refusals import RejectCode, WireError
from foreseal_relay.token_wire import (
    ELEMENT_BYTES,
    EVALUATED_BYTES,
    MAX_DRAW,
    MAX_EPOCH,
    TICKET_BYTES,
    TOKEN_LENGTHS,
    Kind,
)  # fmt: skip

__all__ = [
    "BODY_SIZES", "LOGIN_LABEL", "MAILBOX_LABEL", "RESUME_LABEL", "STAMP_LABEL", "TOKEN_LABEL", "Admit", "AskTerms",
    "AskTicket", "Draw", "Drawn", "DropFrame", "Frame", "InboxFrame", "RejectCode", "Requests", "Resume",
    "ServerFrame", "Terms", "Ticket", "WireError", "decode_drop", "decode_inbox", "decode_server", "encode",
    "login_message", "mailbox_of", "resume_proof", "token_digest",
]  # fmt: skip

VERSION: Final = 1

# --- limits, all in one place ------------------------------------------------------------------------------------

BODY_SIZES: Final = (4096, 16384, 65536)
"""The only lengths an envelope's body may have, in bytes. A first message carries about 2.6 kB of keys, so a
smaller class would betray it (DESIGN, the wire)."""
MAX_FRAME: Final = BODY_SIZES[-1] + 1024
"""Longest frame either side accepts, in bytes."""
MAILBOX_BYTES: Final = 16
EID_BYTES: Final = 16
TOKEN_BYTES: Final = 32
DIGEST_BYTES: Final = 32
COMMITMENT_BYTES: Final = 32
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
MAX_BUNDLE: Final = 8192
MAX_ONE_TIME_PREKEY: Final = 2048
MAX_ONE_TIME_PREKEYS: Final = 100
"""One-time prekeys a mailbox may keep at the relay."""
PREKEYS_A_FRAME: Final = 16
"""One-time prekeys one `Publish` may carry, so that the frame stays under `MAX_FRAME`."""
MAX_ACK: Final = 256
MAX_CREDIT: Final = 1024
MIN_TTL: Final = 60
MAX_TTL: Final = 30 * 86400
"""Seconds an undelivered envelope may wait at the relay."""
MAX_ADMISSION: Final = 64
INVITATION_SENDS: Final = 8
"""Envelopes one invitation may carry before the invited person must have been answered."""
MAX_RETRY_AFTER: Final = 86400
"""Most seconds a refusal may ask a client to wait: a relay cannot silence one for good with a single frame."""
MAX_BLOB: Final = 128 * 1024 * 1024
BLOB_ID_BYTES: Final = 16


# --- both kinds of connection, relay to client -----------------------------------------------------------------------


class Hello(Frame, frozen=True, tag="hello"):
    """First frame on every connection. `nonce`: 32 random bytes, fresh for each connection."""

    version: int
    nonce: bytes


class Rejected(Frame, frozen=True, tag="rejected"):
    """`req` was refused and nothing was stored. `retry_after`: seconds (0..MAX_RETRY_AFTER), 0 where trying again
    cannot help."""

    req: int
    code: str
    retry_after: int = 0


class Done(Frame, frozen=True, tag="done"):
    """`req` was carried out and is durable."""

    req: int


# --- inbox: authenticated, receives and acknowledges only -----------------------------------------------------------


class Login(Frame, frozen=True, tag="login"):
    """Proves the holder of `key`; `mailbox` must be `mailbox_of(key)`; `signature` is over `login_message`.
    `generation` is the client's counter of its own state, 0 or more."""

    version: int
    mailbox: bytes
    key: bytes
    client_nonce: bytes
    signature: bytes
    generation: int


class Welcome(Frame, frozen=True, tag="welcome"):
    """The login holds. `registered`: whether the mailbox exists here. `generation`: the highest this relay has
    seen. `prekeys_left`: one-time prekeys in store (0..MAX_ONE_TIME_PREKEYS). `waiting`: envelopes queued."""

    registered: bool
    generation: int
    prekeys_left: int
    waiting: int


class Register(Frame, frozen=True, tag="register"):
    """Creates the mailbox, or replaces the delivery token of an existing one; the one before goes on for a while.
    `delivery`: `token_digest(token)`."""

    req: int
    delivery: bytes


class Publish(Frame, frozen=True, tag="publish"):
    """Replaces the mailbox's signed bundle and adds one-time prekeys (at most `PREKEYS_A_FRAME` a frame)."""

    req: int
    bundle: bytes
    one_time: tuple[bytes, ...]


class Invite(Frame, frozen=True, tag="invite"):
    """Lets the holder of a token claim one bundle and send `INVITATION_SENDS` envelopes, for `ttl` seconds.
    `invitation`: `token_digest(token)`."""

    req: int
    invitation: bytes
    ttl: int


class Generation(Frame, frozen=True, tag="generation"):
    """The client's counter has moved to `generation`; never lower than what the relay holds."""

    req: int
    generation: int


class Credit(Frame, frozen=True, tag="credit"):
    """The client can take `count` more envelopes (1..MAX_CREDIT). The relay never pushes beyond the sum granted."""

    count: int


class Deliver(Frame, frozen=True, tag="deliver"):
    """One envelope. At least once, in no order. `stamp` proves delivery (franking); `day`: days since 1970-01-01."""

    eid: bytes
    commitment: bytes
    day: int
    key_id: bytes
    body: bytes
    stamp: bytes


class Ack(Frame, frozen=True, tag="ack"):
    """These envelopes are safe on the device and may be forgotten. By explicit ids, never by cursor: an envelope
    that commits late with a lower number would otherwise be deleted unread."""

    req: int
    eids: tuple[bytes, ...]


# --- drop: anonymous, short-lived, one recipient ------------------------------------------------------------------


class Send(Frame, frozen=True, tag="send"):
    """One envelope for `mailbox`. `eid`: 16 random bytes, the same on every retry. `ttl` in seconds.
    `token`: the mailbox's delivery token or an invitation's (32 bytes), or an anonymous one (128) of a stranger."""

    req: int
    mailbox: bytes
    eid: bytes
    ttl: int
    token: bytes
    commitment: bytes
    body: bytes


class Accepted(Frame, frozen=True, tag="accepted"):
    """The envelope is durable: written and synced before this frame was."""

    req: int


class Duplicate(Frame, frozen=True, tag="duplicate"):
    """This `eid` was accepted before; nothing was stored again."""

    req: int


class FetchBundle(Frame, frozen=True, tag="fetch-bundle"):
    """Asks for a mailbox's bundle. An invitation's token claims one one-time prekey, and asking again with the
    same token returns the same one, so that a lost answer costs nothing. An anonymous token does so too, where the
    mailbox takes requests."""

    req: int
    mailbox: bytes
    token: bytes


class Bundle(Frame, frozen=True, tag="bundle"):
    """`one_time` is absent when the mailbox has run out."""

    req: int
    bundle: bytes
    one_time: bytes | None = None


InboxFrame = (
    Login | Resume | AskTicket | AskTerms | Admit | Register | Requests | Publish | Invite | Draw | Generation | Credit
    | Ack
)  # fmt: skip
DropFrame = Send | FetchBundle
ServerFrame = Hello | Rejected | Done | Welcome | Ticket | Terms | Drawn | Deliver | Accepted | Duplicate | Bundle

_encoder = msgspec.msgpack.Encoder()
_inbox: msgspec.msgpack.Decoder[InboxFrame] = msgspec.msgpack.Decoder(InboxFrame)
_drop: msgspec.msgpack.Decoder[DropFrame] = msgspec.msgpack.Decoder(DropFrame)
_any_client: msgspec.msgpack.Decoder[InboxFrame | DropFrame] = msgspec.msgpack.Decoder(InboxFrame | DropFrame)
_server: msgspec.msgpack.Decoder[ServerFrame] = msgspec.msgpack.Decoder(ServerFrame)

_LENGTHS: Final = {
    "mailbox": MAILBOX_BYTES,
    "eid": EID_BYTES,
    "proof": DIGEST_BYTES,
    "ticket": TICKET_BYTES,
    "secret": DIGEST_BYTES,
    "delivery": DIGEST_BYTES,
    "invitation": DIGEST_BYTES,
    "commitment": COMMITMENT_BYTES,
    "key": KEY_BYTES,
    "nonce": NONCE_BYTES,
    "client_nonce": NONCE_BYTES,
    "signature": SIGNATURE_BYTES,
    "stamp": DIGEST_BYTES,
    "key_id": 8,
}


_FIXED: Final = {
    kind: tuple((name, _LENGTHS[name]) for name in kind.__struct_fields__ if name in _LENGTHS)
    for kind in get_args(InboxFrame | DropFrame | ServerFrame)
}
"""Of each frame its fields of one length, found once and not for every frame."""


def encode(frame: InboxFrame | DropFrame | ServerFrame) -> bytes:
    """A frame's bytes."""
    return _encoder.encode(frame)


def decode_inbox(data: bytes) -> InboxFrame:
    """A frame as it may come over an inbox. Raises `WireError` (`WRONG_CONNECTION` for a frame of a drop)."""
    frame = _decode_client(data)
    if isinstance(frame, DropFrame):
        raise WireError(RejectCode.WRONG_CONNECTION, "this frame belongs on a drop connection", frame.req)
    return frame


def decode_drop(data: bytes) -> DropFrame:
    """A frame as it may come over a drop. Raises `WireError` (`WRONG_CONNECTION` for a frame of an inbox)."""
    frame = _decode_client(data)
    if not isinstance(frame, DropFrame):
        raise WireError(RejectCode.WRONG_CONNECTION, "this frame belongs on an inbox", getattr(frame, "req", 0))
    return frame


def decode_server(data: bytes) -> ServerFrame:
    """A frame as a client receives it. Raises `WireError`."""
    return _checked(_decoded(_server, data))


_F = TypeVar("_F")


def _decode_client(data: bytes) -> InboxFrame | DropFrame:
    return _checked(_decoded(_any_client, data))


def _decoded(decoder: msgspec.msgpack.Decoder[_F], data: bytes) -> _F:
    if len(data) > MAX_FRAME:
        raise WireError(RejectCode.MALFORMED, f"a frame holds at most {MAX_FRAME} bytes, this one {len(data)}")
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(RejectCode.MALFORMED, f"not a frame of this protocol: {error}") from error


def _checked(frame: _F) -> _F:
    """`frame`, its fields within the protocol's limits. Raises `WireError`."""
    req: int = getattr(frame, "req", 0)
    for name, length in _FIXED[type(frame)]:
        value = getattr(frame, name)
        if len(value) != length:
            raise WireError(RejectCode.MALFORMED, f"{name} has {len(value)} bytes and needs {length}", req)
    if isinstance(frame, (Send, FetchBundle)) and len(frame.token) not in TOKEN_LENGTHS:
        raise WireError(RejectCode.MALFORMED, f"a token has one of {TOKEN_LENGTHS} bytes, not {len(frame.token)}", req)
    if isinstance(frame, (Hello, Login, Resume)) and frame.version != VERSION:
        raise WireError(RejectCode.VERSION, f"this side speaks version {VERSION}, the other {frame.version}", req)
    problem = _out_of_range(frame)
    if problem:
        raise WireError(RejectCode.MALFORMED, problem, req)
    if isinstance(frame, (Send, Deliver)) and len(frame.body) not in BODY_SIZES:
        raise WireError(RejectCode.BAD_SIZE, f"a body has one of {BODY_SIZES} bytes, this one {len(frame.body)}", req)
    return frame


def _out_of_range(frame: object) -> str | None:
    if not 0 <= getattr(frame, "req", 0) < 2**32:
        return "req must lie in 0..2^32-1"
    match frame:
        case Send(ttl=ttl) | Invite(ttl=ttl):
            within = MIN_TTL <= ttl <= MAX_TTL
            return None if within else f"ttl is {ttl} and must lie in {MIN_TTL}..{MAX_TTL} seconds"
        case Credit(count=count) if not 1 <= count <= MAX_CREDIT:
            return f"credit is {count} and must lie in 1..{MAX_CREDIT}"
        case Login(generation=n) | Resume(generation=n) | Generation(generation=n) | Welcome(generation=n) if (
            not 0 <= n < 2**63
        ):
            return "generation must lie in 0..2^63-1"
        case Welcome(prekeys_left=left) if not 0 <= left <= MAX_ONE_TIME_PREKEYS:
            return f"{left} prekeys are left and must lie in 0..{MAX_ONE_TIME_PREKEYS}"
        case Welcome(waiting=waiting) if waiting < 0:
            return f"{waiting} envelopes wait and cannot be fewer than 0"
        case Admit(admission=admission) if len(admission) > MAX_ADMISSION:
            return f"an admission has at most {MAX_ADMISSION} bytes, not {len(admission)}"
        case Draw(kind=kind, epoch=epoch, blinded=blinded) if (
            kind not in set(Kind)
            or not 0 <= epoch <= MAX_EPOCH
            or not 1 <= len(blinded) <= MAX_DRAW
            or any(len(element) != ELEMENT_BYTES for element in blinded)
        ):
            return f"a draw asks for 1..{MAX_DRAW} elements of {ELEMENT_BYTES} bytes, of a kind that is known"
        case Drawn(evaluated=evaluated) if (
            not evaluated or len(evaluated) % EVALUATED_BYTES or len(evaluated) > MAX_DRAW * EVALUATED_BYTES
        ):
            return f"evaluated elements of {len(evaluated)} bytes"
        case Rejected(retry_after=wait) if not 0 <= wait <= MAX_RETRY_AFTER:
            return f"retry_after is {wait} and must lie in 0..{MAX_RETRY_AFTER} seconds"
        case Ack(eids=eids) if len(eids) > MAX_ACK or any(len(eid) != EID_BYTES for eid in eids):
            return f"at most {MAX_ACK} eids of {EID_BYTES} bytes"
        case Publish(bundle=bundle, one_time=one_time) if (
            not 1 <= len(bundle) <= MAX_BUNDLE
            or len(one_time) > PREKEYS_A_FRAME
            or any(not 1 <= len(prekey) <= MAX_ONE_TIME_PREKEY for prekey in one_time)
        ):
            return f"a bundle has 1..{MAX_BUNDLE} bytes, a frame {PREKEYS_A_FRAME} prekeys of {MAX_ONE_TIME_PREKEY}"
        case _:
            return None
