"""Messages with real proofs, made without a relay, for tests of reports."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from foreseal_client.reports.said import Category, Disclosed, Report
from foreseal_client.sealing import franking
from foreseal_client.sealing.keys import DeviceKeys
from foreseal_client.sealing.letter import VERSION, AttachmentRef, LetterContent, encode_letter
from foreseal_relay.franking import StampKey
from foreseal_relay.wire import mailbox_of

__all__ = ["DAY", "Sent"]

DAY = 20_000


@dataclass
class Sent:
    """A sender, a recipient with a mailbox, and the key that their relay stamps with."""

    sender: DeviceKeys = field(default_factory=DeviceKeys.generate)
    recipient: DeviceKeys = field(default_factory=DeviceKeys.generate)
    stamps: StampKey = field(default_factory=lambda: StampKey(secrets.token_bytes(32)))

    @property
    def mailbox(self) -> bytes:
        return mailbox_of(self.recipient.login_public)

    def message(self, text: str = "look at this", attachments: tuple[AttachmentRef, ...] = ()) -> Disclosed:
        """What the recipient can disclose of a message that was delivered."""
        content = encode_letter(LetterContent(VERSION, DAY * 86_400, text, attachments))
        commitment, opening = franking.commit(content)
        eid = secrets.token_bytes(16)
        signature = franking.sign_opening(self.sender.identity, commitment, opening, self.mailbox, eid)
        stamp = self.stamps.stamp(commitment, self.mailbox, eid, DAY)
        return Disclosed(
            self.sender.identity_public, self.mailbox, eid, content, commitment, opening, signature, DAY,
            self.stamps.id, stamp,
        )  # fmt: skip

    def delivered(self, one: Disclosed) -> bool:
        """What the relay answers."""
        return one.key_id == self.stamps.id and self.stamps.confirms(
            one.stamp, one.commitment, one.mailbox, one.eid, one.day
        )

    def report(self, *messages: Disclosed, words: str = "") -> Report:
        return Report(Category.THREAT, words, self.recipient.login_public, messages)
