"""What a person hands to a desk: put together on this device, told before it goes, and followed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from foreseal_client.cards import Card, parse_card
from foreseal_client.device import Device
from foreseal_client.errors import PeerFaultError, StoreError
from foreseal_client.reports.said import Appeal, Category, Disclosed, OwnPicture, Report, Said, TakenBack, TipOff
from foreseal_client.sealing.letter import decode_letter
from foreseal_client.store import HandedRow, Message, Progress
from foreseal_matcher import ListSet, Match
from foreseal_matcher.lists import from_file

__all__ = [
    "DESK", "SEALED_SENDER", "appeal_of", "desk_card", "follow_up", "own_picture", "provable", "report_of",
    "set_desk", "told_of",
]  # fmt: skip

DESK: Final = "report.desk"
"""The preference that holds the card of this person's desk."""
_SAID: Final = msgspec.msgpack.Decoder[Said](Said)
SEALED_SENDER: Final = (
    "The relay sees that somebody gives something to the desk, and not who. The desk sees the mailbox that the "
    "messages came to, which is yours, because the proof is over it; it does not learn your name or your key. That you "
    "sent nothing else, and what else was written, nobody learns. Without a proof kept here nothing can be proven, and "
    "nobody can report what they were not sent."
)


def set_desk(device: Device, text: str) -> Card:
    """Takes this card for the desk's from now on. Raises `CardError`."""
    card = parse_card(text)
    with device.store.transaction():
        device.store.preferences.put(DESK, "".join(text.split()))
    return card


def desk_card(device: Device) -> Card:
    """The card of the desk. Raises `StoreError` where none was named."""
    text = device.store.preferences.get(DESK)
    if not text:
        raise StoreError("No desk is named in this profile. Whoever runs one gives you its card: foreseal report desk")
    return parse_card(text)


def provable(message: Message, device: Device) -> Disclosed | None:
    """One message as its recipient can prove it; None where its letter or its proof is not kept, as of one that this
    person wrote, that was deleted or that has disappeared."""
    arrived = device.store.letters.of(message.id)
    if arrived is None:
        return None
    proof = arrived.proof
    return Disclosed(
        arrived.identity, device.mailbox, arrived.eid, arrived.content, proof.commitment, proof.opening,
        proof.signature, proof.day, proof.key_id, proof.stamp,
    )  # fmt: skip


def report_of(messages: Sequence[Message], category: Category, words: str, device: Device) -> Report:
    """A report of exactly these messages. Raises `ValueError` naming the first that nothing proves."""
    found = []
    for message in messages:
        one = provable(message, device)
        if one is None:
            raise ValueError(f"Message {message.id} cannot be reported: what proves it is not on this device.")
        found.append(one)
    return Report(category, words, device.account.keys.login_public, tuple(found))


def told_of(said: Said, device: Device) -> list[tuple[str, str]]:
    """What the desk will learn from this, as names and values; nothing that is not here leaves."""
    match said:
        case Report():
            rows = [("Messages", str(len(said.messages)))]
            for one in said.messages:
                rows += _message_told(one, device)
            return [*rows, ("Your mailbox", device.mailbox.hex()), *_rest(said.category, said.words)]
        case TipOff():
            return [("Link", said.link), *_rest(said.category, said.words)]
        case Appeal():
            about = f"{said.list_name}, version {said.list_version}, entry {said.entry}"
            return [("Entry", about), ("Because", said.ground), ("Your words", said.words or "none")]
        case OwnPicture():
            return [
                ("The picture", "not handed over"),
                ("Its fingerprints", f"{len(said.fingerprints)}, of 32 bytes each"),
                ("What they tell", "whoever has this very picture or one like it can tell that it is the one"),
                ("Your words", said.words or "none"),
            ]
        case TakenBack():
            return [("Number", said.number.hex())]


def own_picture(data: bytes, words: str) -> OwnPicture:
    """The fingerprints of a picture, and nothing of it. Raises `Undecodable`, and `ValueError` for what is a film, or
    has no fingerprint but that of exact copies."""
    rows = from_file(data, 1, category="", source="")
    prints = tuple((row.entry.algorithm, row.value) for row in rows if row.entry.algorithm in ("pdq", "sha256"))
    if not any(kind == "pdq" for kind, _ in prints):
        raise ValueError("This has no fingerprint by which copies that were changed could be found.")
    return OwnPicture(words, prints)


def appeal_of(message: Message, device: Device) -> Appeal:
    """What a person said on this device of something that was stopped, for the desk. Raises `ValueError` where nothing
    was said of it, or no list stopped it."""
    said = device.store.appeals.get(message.id)
    if said is None or not isinstance(message.verdict, Match):
        raise ValueError("Say first that it is wrong, with /appeal in the chat; then it can be handed to the desk.")
    match = message.verdict
    return Appeal(said.ground.value, said.text, match.list_name, match.list_version, match.entry.id)


def follow_up(device: Device, lists: ListSet) -> list[HandedRow]:
    """Everything that was handed in, with what the lists on this device say of pictures: nobody is asked."""
    with device.store.transaction():
        for row in device.store.handed_in.all():
            state = _state(row, lists)
            if state is not row.state:
                device.store.handed_in.move(row.number, state)
    return device.store.handed_in.all()


def _state(row: HandedRow, lists: ListSet) -> Progress:
    if row.said is None or not lists.lists:
        return row.state
    said = _SAID.decode(row.said)
    if not isinstance(said, OwnPicture):
        return row.state
    listed = any(
        lists.find_exact(value, kind) if kind == "sha256" else lists.nearest(value, 0, kind)
        for kind, value in said.fingerprints
    )
    if listed:
        return row.state if row.state is Progress.TAKEN_BACK else Progress.ACTIVE
    if lists.problems:  # it may stand on the one that cannot be used now
        return row.state
    return Progress.WITHDRAWN if row.state in (Progress.ACTIVE, Progress.TAKEN_BACK) else row.state


def _message_told(one: Disclosed, device: Device) -> list[tuple[str, str]]:
    try:
        letter = decode_letter(one.content)
    except PeerFaultError as fault:
        return [("Message", str(fault))]
    sender = device.store.people.get(one.sender)
    when = f"{datetime.fromtimestamp(letter.sent_at, UTC):%Y-%m-%d %H:%M}"
    rows = [("From", f"{'somebody' if sender is None else sender.name}, {when} UTC, with their key"),
            ("Text", letter.text or "none")]  # fmt: skip
    rows += [
        ("File", f"{ref.name or 'without a name'}, {ref.size:,} bytes, with its key") for ref in letter.attachments
    ]
    if letter.return_address is not None:
        rows.append(("Beside it", "the sender's name, relay and mailbox, and what lets others write to them"))
    return rows


def _rest(category: Category, words: str) -> list[tuple[str, str]]:
    return [("As", category.value), ("Your words", words or "none")]
