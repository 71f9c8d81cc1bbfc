"""What a store is, in as few words as it can be said: dictionaries, one thing after the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from foreseal_relay.limits import OLD_TOKEN_DAYS, OLD_TOKEN_SENDS
from foreseal_relay.store import Claim, Envelope, Outcome, Standing

__all__ = ["Model"]


@dataclass
class Box:
    """One mailbox."""

    delivery: bytes
    generation: int
    seen_day: int
    bundle: bytes | None = None
    prekeys: list[bytes] = field(default_factory=list)
    claimed: dict[bytes, bytes] = field(default_factory=dict)
    sends: dict[bytes, int] = field(default_factory=dict)
    closes: dict[bytes, int] = field(default_factory=dict)
    envelopes: dict[bytes, Envelope] = field(default_factory=dict)
    tombstones: dict[bytes, int] = field(default_factory=dict)

    def invited(self, token: bytes, hour: int) -> bool:
        return self.closes.get(token, 0) > hour


class Model:
    """`MailboxStore` without a disk. `full` envelopes fill a mailbox."""

    def __init__(self, full: int) -> None:
        self.full = full
        self.boxes: dict[bytes, Box] = {}

    def register(self, mailbox: bytes, delivery: bytes, generation: int, day: int) -> Outcome:
        box = self.boxes.setdefault(mailbox, Box(delivery, generation, day))
        if box.delivery != delivery:
            self.invite(mailbox, box.delivery, OLD_TOKEN_SENDS, (day + 1 + OLD_TOKEN_DAYS) * 24)
            box.delivery = delivery
        return Outcome.STORED

    def put(self, envelope: Envelope, token: bytes, hour: int) -> Outcome:
        box = self.boxes.get(envelope.mailbox)
        if box is None or not (token == box.delivery or box.invited(token, hour)):
            return Outcome.NOT_DELIVERABLE
        if envelope.eid in box.envelopes or envelope.eid in box.tombstones:
            return Outcome.DUPLICATE
        if token != box.delivery and box.sends[token] == 0:
            return Outcome.NOT_DELIVERABLE
        if len(box.envelopes) >= self.full:
            return Outcome.FULL
        box.envelopes[envelope.eid] = envelope
        if token != box.delivery:
            box.sends[token] -= 1
        return Outcome.STORED

    def waiting(self, mailbox: bytes, without: set[bytes], limit: int, hour: int) -> list[Envelope]:
        found = self.boxes[mailbox].envelopes.values() if mailbox in self.boxes else ()
        return [one for one in found if one.expires > hour and one.eid not in without][:limit]

    def acknowledge(self, mailbox: bytes, eids: list[bytes]) -> None:
        for eid in eids:
            if mailbox in self.boxes and eid in self.boxes[mailbox].envelopes:
                box = self.boxes[mailbox]
                box.tombstones[eid] = box.envelopes.pop(eid).expires

    def sign_in(self, mailbox: bytes, generation: int, day: int) -> Standing | None:
        if (box := self.boxes.get(mailbox)) is None:
            return None
        box.generation, box.seen_day = max(box.generation, generation), max(box.seen_day, day)
        return Standing(box.generation, len(box.prekeys), len(box.envelopes))

    def publish(self, mailbox: bytes, bundle: bytes, one_time: list[bytes]) -> Outcome:
        if (box := self.boxes.get(mailbox)) is None:
            return Outcome.NOT_REGISTERED
        box.bundle = bundle
        handed_out = set(box.claimed.values())
        box.prekeys += [one for one in dict.fromkeys(one_time) if one not in box.prekeys and one not in handed_out]
        return Outcome.STORED

    def invite(self, mailbox: bytes, invitation: bytes, sends: int, expires: int) -> Outcome:
        if (box := self.boxes.get(mailbox)) is None:
            return Outcome.NOT_REGISTERED
        box.sends.setdefault(invitation, sends)
        box.closes.setdefault(invitation, expires)
        return Outcome.STORED

    def claim(self, mailbox: bytes, token: bytes, hour: int) -> Claim | None:
        box = self.boxes.get(mailbox)
        if box is None or box.bundle is None or not (token == box.delivery or box.invited(token, hour)):
            return None
        if token != box.delivery and token not in box.claimed and box.prekeys:
            box.claimed[token] = box.prekeys.pop(0)
        return Claim(box.bundle, None if token == box.delivery else box.claimed.get(token))

    def expire(self, hour: int, idle_day: int) -> None:
        self.boxes = {mailbox: box for mailbox, box in self.boxes.items() if box.seen_day >= idle_day}
        for box in self.boxes.values():
            box.envelopes = {eid: one for eid, one in box.envelopes.items() if one.expires > hour}
            box.tombstones = {eid: expires for eid, expires in box.tombstones.items() if expires > hour}
            for invitation in [one for one, expires in box.closes.items() if expires <= hour]:
                for of_it in (box.closes, box.sends, box.claimed):
                    of_it.pop(invitation, None)
