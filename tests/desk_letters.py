"""What is sealed to a desk, and a relay that is asked about it, for tests."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from foreseal_client.desk.room import Desk
from foreseal_client.errors import RelayRefusedError
from foreseal_client.reports.handing_in import Handed, encode
from foreseal_client.reports.said import Disclosed, Said
from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.sealing.letter import AttachmentRef
from foreseal_client.sealing.sealed_sender import sealed_bytes
from foreseal_relay.public_wire import StampQuestion
from foreseal_relay.wire import Deliver
from reported import Sent

__all__ = ["Answering", "envelope", "handed"]


@dataclass
class Answering:
    """A relay that answers as it should, or not at all."""

    sent: Sent
    fault: Exception | None = None
    asked: list[StampQuestion] = field(default_factory=list)

    async def made(self, question: StampQuestion) -> bool:
        self.asked.append(question)
        if self.fault is not None:
            raise self.fault
        one = Disclosed(b"", question.mailbox, question.eid, b"", question.commitment, b"", b"", question.day,
                        question.key_id, question.stamp)  # fmt: skip
        return self.sent.delivered(one)

    async def get(self, ref: AttachmentRef, path: Path) -> None:
        raise RelayRefusedError("blob-404", detail="The relay does not have this file any more.")


def envelope(desk: Desk, packed: bytes) -> Deliver:
    """Sealed to the desk by nobody in particular."""
    account = desk.account
    keys = account.account.keys
    signed = account.store.account.prekeys().rotated(account.today).signed_bundle(keys, account.mailbox, account.today)
    to = open_bundle(signed, None, account.identity, account.mailbox, account.today).payload
    return Deliver(secrets.token_bytes(16), bytes(32), 1, bytes(8), sealed_bytes(packed, to), bytes(32))


def handed(desk: Desk, said: Said, sent: Sent | None = None, number: bytes | None = None) -> Deliver:
    """What somebody hands in; signed by the recipient of `sent`, where it is about a message."""
    seed = b"" if sent is None else sent.recipient.login
    return envelope(desk, encode(Handed(number or secrets.token_bytes(16), desk.account.mailbox, said), seed))
