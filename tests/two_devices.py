"""Two devices without relay or store, for tests of what is sealed and opened."""

from __future__ import annotations

from dataclasses import dataclass, field

from foreseal_client.sealing.bundles import PeerBundle, open_bundle
from foreseal_client.sealing.handshake import Handshake, address, initiate, respond
from foreseal_client.sealing.keys import DEVICE, DeviceKeys
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.sealing.ratchet import RatchetMessage
from foreseal_client.sealing.session import Session
from foreseal_relay.wire import mailbox_of

__all__ = ["COMMITMENT", "EID", "TODAY", "Line", "Party", "accept", "begin", "lines"]

TODAY = 20_000
COMMITMENT, EID = bytes(32), bytes(16)


@dataclass
class Party:
    """One device: its keys, and its prekeys as they stand."""

    keys: DeviceKeys = field(default_factory=DeviceKeys.generate)
    prekeys: Prekeys = field(default_factory=lambda: Prekeys.generate(TODAY))

    @property
    def mailbox(self) -> bytes:
        return mailbox_of(self.keys.login_public)

    @property
    def address(self) -> bytes:
        return address(self.mailbox, DEVICE)

    def signed_bundle(self) -> bytes:
        return self.prekeys.signed_bundle(self.keys, self.mailbox, TODAY)

    def signed_one_time(self) -> bytes:
        self.prekeys, (signed,) = self.prekeys.replenished(self.keys, self.mailbox, 1)
        return signed

    def bundle(self, *, one_time: bool = True) -> PeerBundle:
        signed = self.signed_one_time() if one_time else None
        return open_bundle(self.signed_bundle(), signed, self.keys.identity_public, self.mailbox, TODAY)


@dataclass
class Line:
    """One side's end of a session, moving on with what it sends and opens."""

    session: Session

    def encrypt(self, letter: bytes) -> RatchetMessage:
        self.session, message = self.session.encrypt(letter, COMMITMENT, EID)
        return message

    def decrypt(
        self, message: RatchetMessage, *, today: int = TODAY, commitment: bytes = COMMITMENT, eid: bytes = EID
    ) -> bytes:
        self.session, letter = self.session.decrypt(message, commitment, eid, today)
        return letter


def begin(alice: Party, bob: Party, *, one_time: bool = True, round_: int = 1) -> tuple[Line, Handshake]:
    """Alice's side of a session with Bob."""
    agreed, handshake = initiate(alice.keys, bob.bundle(one_time=one_time), alice.address, round_)
    return Line(Session.begin(agreed, handshake, DEVICE)), handshake


def accept(alice: Party, bob: Party, handshake: Handshake, message: RatchetMessage) -> tuple[Line, bytes]:
    """Bob's side, and the first letter."""
    agreed = respond(bob.keys, bob.prekeys, handshake, alice.keys.identity_public, alice.address, bob.address)
    line = Line(Session.accept(agreed, handshake, DEVICE, message))
    return line, line.decrypt(message)


def lines(alice: Party, bob: Party) -> tuple[Line, Line]:
    """Both sides of a session that Alice began and Bob has accepted."""
    line, handshake = begin(alice, bob)
    return line, accept(alice, bob, handshake, line.encrypt(b"hello"))[0]
