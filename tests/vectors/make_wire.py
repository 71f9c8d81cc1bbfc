"""Writes `wire.json`: every frame's bytes with its fields, byte strings that are refused, and derived values.

Run it when the protocol gains something: `python tests/vectors/make_wire.py`. The bytes of what is there already must
not change within a version of the protocol; the diff shows whether they did.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from foreseal_relay import wire
from foreseal_relay.franking import StampKey
from foreseal_relay.tickets import Tickets

HERE: Final = Path(__file__).parent
pack: Final = msgspec.msgpack.encode

KEY: Final = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC: Final = KEY.public_key().public_bytes_raw()
MAILBOX: Final = wire.mailbox_of(PUBLIC)
EID, TOKEN, COMMITMENT = b"\x0e" * 16, b"\x07" * 32, b"\x0c" * 32
SERVER_NONCE, CLIENT_NONCE = b"\x5e" * 32, b"\xc1" * 32
BODY: Final = b"\xb0" * 4096
ORIGIN: Final = "https://relay.example"
STAMP_KEY: Final = StampKey(b"\x0a" * 32)
DAY: Final = 20_000
LOGIN_MESSAGE: Final = wire.login_message(ORIGIN, MAILBOX, SERVER_NONCE, CLIENT_NONCE, 3)
TICKET: Final = Tickets(b"\x0b" * 32).issue(14, MAILBOX, PUBLIC, 3, DAY * 86400)
PROOF: Final = wire.resume_proof(TICKET.secret, LOGIN_MESSAGE)

FRAMES: Final[dict[str, list[Any]]] = {
    "inbox": [
        wire.Login(wire.VERSION, MAILBOX, PUBLIC, CLIENT_NONCE, KEY.sign(LOGIN_MESSAGE), 3),
        wire.Register(1, wire.token_digest(TOKEN)),
        wire.Publish(2, b"bundle", (b"one", b"two")),
        wire.Invite(3, wire.token_digest(TOKEN), 86400),
        wire.Generation(4, 4),
        wire.Credit(64),
        wire.Ack(5, (EID, bytes(16))),
        wire.Resume(wire.VERSION, MAILBOX, TICKET.ticket, CLIENT_NONCE, PROOF, 3),
        wire.AskTicket(14),
        wire.AskTerms(15),
        wire.Admit(16, b"a code"),
        wire.Requests(17, True),
        wire.Draw(18, "blob", 714, (b"\xee" * 32, b"\xef" * 32)),
    ],
    "drop": [
        wire.Send(6, MAILBOX, EID, 86400, TOKEN, COMMITMENT, BODY),
        wire.FetchBundle(7, MAILBOX, TOKEN),
        wire.FetchBundle(19, MAILBOX, b"\x70" * 128),
    ],
    "server": [
        wire.Hello(wire.VERSION, SERVER_NONCE),
        wire.Rejected(8, wire.RejectCode.FULL, 300),
        wire.Done(9),
        wire.Welcome(True, 3, 42, 2),
        wire.Deliver(EID, COMMITMENT, DAY, STAMP_KEY.id, BODY, STAMP_KEY.stamp(COMMITMENT, MAILBOX, EID, DAY)),
        wire.Accepted(10),
        wire.Duplicate(11),
        wire.Bundle(12, b"bundle", b"one"),
        wire.Bundle(13, b"bundle"),
        TICKET,
        wire.Terms(15, "work", 20),
        wire.Drawn(18, b"\x9f" * 64 + b"\xed" * 32),
    ],
}
TOLERATED: Final = [
    ("a later version may add elements at the end", "inbox", pack(["credit", 64, "new", [1]]), wire.Credit(64)),
]
REFUSED: Final = [
    ("no bytes", "inbox", b"", "malformed", 0),
    ("a byte MessagePack never uses", "inbox", b"\xc1", "malformed", 0),
    ("not an array", "drop", pack({"send": 1}), "malformed", 0),
    ("an empty array", "drop", pack([]), "malformed", 0),
    ("an unknown name", "inbox", pack(["subscribe", 1]), "malformed", 0),
    ("a name that is a number", "inbox", pack([1, 2]), "malformed", 0),
    ("a field is missing", "inbox", pack(["register", 1]), "malformed", 0),
    ("text where bytes belong", "inbox", pack(["register", 1, "x" * 32]), "malformed", 0),
    ("a boolean where a number belongs", "inbox", pack(["credit", True]), "malformed", 0),
    ("bytes after the frame", "inbox", pack(["credit", 1]) + b"\x00", "malformed", 0),
    ("cut off", "inbox", pack(["register", 1, bytes(32)])[:-1], "malformed", 0),
    ("an array that claims four billion elements", "inbox", b"\xdd\xff\xff\xff\xff", "malformed", 0),
    ("nested a thousand deep", "inbox", b"\x91" * 1000 + b"\xc0", "malformed", 0),
    ("a digest of 31 bytes", "inbox", pack(["register", 1, bytes(31)]), "malformed", 1),
    ("a mailbox of 15 bytes", "drop", pack(["fetch-bundle", 7, bytes(15), bytes(32)]), "malformed", 7),
    ("no credit", "inbox", pack(["credit", 0]), "malformed", 0),
    ("more credit than may be granted", "inbox", pack(["credit", wire.MAX_CREDIT + 1]), "malformed", 0),
    ("a life of 59 seconds", "inbox", pack(["invite", 3, bytes(32), wire.MIN_TTL - 1]), "malformed", 3),
    ("a life of more than 30 days", "inbox", pack(["invite", 3, bytes(32), wire.MAX_TTL + 1]), "malformed", 3),
    ("a generation below 0", "inbox", pack(["generation", 4, -1]), "malformed", 4),
    ("a generation of 2^63", "inbox", pack(["generation", 4, 2**63]), "malformed", 4),
    ("more eids than one Ack holds", "inbox", pack(["ack", 5, [bytes(16)] * (wire.MAX_ACK + 1)]), "malformed", 5),
    ("an eid of 17 bytes", "inbox", pack(["ack", 5, [bytes(17)]]), "malformed", 5),
    ("an empty bundle", "inbox", pack(["publish", 2, b"", []]), "malformed", 2),
    ("17 prekeys in a frame", "inbox", pack(["publish", 2, b"b", [b"p"] * 17]), "malformed", 2),
    ("a req of 2^32", "inbox", pack(["generation", 2**32, 1]), "malformed", 2**32),
    ("another version", "inbox", pack(["login", 2, *[bytes(n) for n in (16, 32, 32, 64)], 0]), "version", 0),
    (
        "a body of 4095 bytes",
        "drop",
        wire.encode(msgspec.structs.replace(FRAMES["drop"][0], body=BODY[1:])),
        "bad-size",
        6,
    ),
    ("a send on an inbox", "inbox", wire.encode(FRAMES["drop"][0]), "wrong-connection", 6),
    ("an acknowledgement on a drop", "drop", wire.encode(FRAMES["inbox"][6]), "wrong-connection", 5),
    ("a login on a drop", "drop", wire.encode(FRAMES["inbox"][0]), "wrong-connection", 0),
    ("fewer prekeys left than none", "server", pack(["welcome", True, 3, -1, 2]), "malformed", 0),
    ("more prekeys left than a mailbox keeps", "server", pack(["welcome", True, 3, 101, 2]), "malformed", 0),
    ("fewer envelopes waiting than none", "server", pack(["welcome", True, 3, 42, -1]), "malformed", 0),
    ("a welcome with a generation of 2^63", "server", pack(["welcome", True, 2**63, 42, 2]), "malformed", 0),
    ("a wait of less than nothing", "server", pack(["rejected", 8, "full", -1]), "malformed", 8),
    ("a wait of more than a day", "server", pack(["rejected", 8, "full", 86401]), "malformed", 8),
    ("a token of 64 bytes", "drop", pack(["fetch-bundle", 7, MAILBOX, bytes(64)]), "malformed", 7),
    ("a ticket of 79 bytes", "inbox", pack(["resume", 1, MAILBOX, bytes(79), bytes(32), bytes(32), 3]), "malformed", 0),
    ("a draw of a kind that is none", "inbox", pack(["draw", 18, "gold", 714, [bytes(32)]]), "malformed", 18),
    ("a draw of nothing", "inbox", pack(["draw", 18, "blob", 714, []]), "malformed", 18),
    ("a draw of 33 elements", "inbox", pack(["draw", 18, "blob", 714, [bytes(32)] * 33]), "malformed", 18),
    ("a draw of an element of 31 bytes", "inbox", pack(["draw", 18, "blob", 714, [bytes(31)]]), "malformed", 18),
    ("an admission of 65 bytes", "inbox", pack(["admit", 16, bytes(65)]), "malformed", 16),
    ("a proof without an element", "server", pack(["drawn", 18, bytes(64)]), "malformed", 18),
    ("a ticket's secret of 31 bytes", "server", pack(["ticket", 14, bytes(80), bytes(31)]), "malformed", 14),
    ("a frame of the relay, from a client", "inbox", wire.encode(wire.Done(9)), "malformed", 0),
]


def shown(value: object) -> object:
    """A field as JSON: bytes as `{"hex": ...}`, a long run of one byte as `{"byte": ..., "times": n}`."""
    if isinstance(value, bytes):
        if len(value) > 64 and len(set(value)) == 1:
            return {"byte": value[:1].hex(), "times": len(value)}
        return {"hex": value.hex()}
    if isinstance(value, tuple):
        return [shown(item) for item in value]
    return value


def vectors() -> dict[str, object]:
    """Everything in `wire.json`."""
    return {
        "version": wire.VERSION,
        "frames": [
            {
                "on": on,
                "frame": type(frame).__name__,
                "fields": {name: shown(getattr(frame, name)) for name in frame.__struct_fields__},
                "hex": wire.encode(frame).hex(),
            }
            for on, frames in FRAMES.items()
            for frame in frames
        ],
        "tolerated": [
            {"why": why, "on": on, "hex": data.hex(), "same as": wire.encode(frame).hex()}
            for why, on, data, frame in TOLERATED
        ],
        "refused": [
            {"why": why, "on": on, "hex": data.hex(), "code": code, "req": req} for why, on, data, code, req in REFUSED
        ],
        "derived": {
            "login key": PUBLIC.hex(),
            "mailbox of the login key": MAILBOX.hex(),
            "origin": ORIGIN,
            "server nonce": SERVER_NONCE.hex(),
            "client nonce": CLIENT_NONCE.hex(),
            "generation": 3,
            "login message": LOGIN_MESSAGE.hex(),
            "token": TOKEN.hex(),
            "digest of the token": wire.token_digest(TOKEN).hex(),
            "stamp key": STAMP_KEY.secret.hex(),
            "stamp key id": STAMP_KEY.id.hex(),
            "stamp": STAMP_KEY.stamp(COMMITMENT, MAILBOX, EID, DAY).hex(),
            "stamp covers": {"commitment": COMMITMENT.hex(), "mailbox": MAILBOX.hex(), "eid": EID.hex(), "day": DAY},
        },
    }


if __name__ == "__main__":
    (HERE / "wire.json").write_text(json.dumps(vectors(), indent=1) + "\n")
