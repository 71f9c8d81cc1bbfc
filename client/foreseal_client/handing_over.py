"""Bringing to a desk what a person hands in: kept first, gone as soon as a relay takes it, never lost in between."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

import msgspec

from foreseal_client.cards import parse_card
from foreseal_client.device import Device
from foreseal_client.errors import (
    CardError,
    NoTokenError,
    PeerFaultError,
    RelayRefusedError,
    RelayUnreachableError,
    RolledBackError,
    StoreError,
)
from foreseal_client.first_contact import FirstContact
from foreseal_client.reports.handing_in import NUMBER_BYTES, Handed, encode
from foreseal_client.reports.said import OwnPicture, Report, Said, TakenBack
from foreseal_client.store import HandedRow, Progress
from foreseal_relay import wire

__all__ = [
    "HandedOver",
    "Kept",
    "KeptForDesks",
    "bring_kept",
    "hand_in",
    "hand_over",
    "keep",
    "not_yet",
    "take_back",
    "waits",
]

_EID_LABEL: Final = b"foreseal/1 submission\x00"
_SAID: Final = msgspec.msgpack.Decoder[Said](Said)
_AGAIN: Final = 6 * 3600
"""Seconds until a desk that refused is tried again: it may have had all that it takes on one day."""
_KEPT: Final = "It is kept on this device and handed in when that can be done; nothing is lost."


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of a submission. `waits`: a sentence that says why it has not left yet, empty once the relay has it
    for the desk."""

    number: bytes
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A submission that has not left. `identity`: the mailbox of the desk that it is for."""

    row: HandedRow
    identity: bytes
    relay: str


class KeptForDesks:
    """What is kept on a device until its desk's relay takes it, and the bringing of it."""

    def __init__(self, device: Device, first: FirstContact) -> None:
        self._device = device
        self._first = first

    def relays(self) -> set[str]:
        """The relays that something waits for."""
        return {kept.relay for kept in _kept(self._device)}

    def waiting(self, relay: str) -> list[Kept]:
        """What waits for one relay, the oldest first."""
        return [kept for kept in _kept(self._device) if kept.relay == relay]

    async def bring(self, kept: Kept) -> None:
        """Hands one in. Raises `RelayUnreachableError`, or `RelayRefusedError` with the time after which to try again:
        whatever it was, the person said that it should go."""
        row = next((row for row in self._device.store.handed_in.all() if row.number == kept.row.number), None)
        if row is None or row.state is not Progress.WAITING:
            return  # taken back meanwhile, or gone
        try:
            await _bring(row, self._device, self._first)
        except NoTokenError:
            raise
        except RelayRefusedError as fault:
            raise RelayRefusedError(fault.code, max(fault.retry_after, _AGAIN), str(fault)) from fault
        except (PeerFaultError, ValueError) as fault:
            raise RelayRefusedError("bad-keys", _AGAIN, str(fault)) from fault


def keep(said: Said, text: str, device: Device) -> HandedRow:
    """A submission to the desk of this card, kept until its relay has it. Raises `CardError`, `ValueError` for what
    is too much, and `RolledBackError` on a device that has stopped: it would be kept for ever."""
    if device.rolled_back:
        raise RolledBackError
    number = secrets.token_bytes(NUMBER_BYTES)
    encode(Handed(number, parse_card(text).mailbox, said), _signed_by(said, device))
    row = HandedRow(number, text, type(said).__name__, device.now, Progress.WAITING, msgspec.msgpack.encode(said))
    with device.store.transaction():
        device.store.handed_in.put(row)
    return row


async def hand_in(said: Said, text: str, device: Device, first: FirstContact) -> HandedOver:
    """Keeps it, and brings it to the desk of this card. Raises what `keep` and `hand_over` do."""
    return await hand_over(keep(said, text, device), device, first)


async def hand_over(row: HandedRow, device: Device, first: FirstContact) -> HandedOver:
    """Brings what is kept to its desk; it stays for later where the relay cannot be reached, takes no more today, or
    today's tokens are used up, and a running client goes on with it by itself.

    Raises `PeerFaultError`, `RelayRefusedError` or `ValueError` where it could never be handed in; then nothing of it
    is kept. Whatever else ends this, a full disk or an impatient person, leaves it for later: they said it goes."""
    try:
        await _bring(row, device, first)
    except RelayUnreachableError as fault:
        return not_yet(row, fault)
    except (PeerFaultError, RelayRefusedError, ValueError) as fault:
        if isinstance(fault, RelayRefusedError) and _may_pass(fault):
            return not_yet(row, fault)
        with device.store.transaction():
            device.store.handed_in.forget(row.number)
        raise
    return HandedOver(row.number)


def not_yet(row: HandedRow, fault: RelayUnreachableError | RelayRefusedError) -> HandedOver:
    """What a person is told of something that waits."""
    return HandedOver(row.number, f"{_why(fault)} {_KEPT}")


async def bring_kept(device: Device, first: FirstContact) -> list[HandedOver]:
    """Tries once for each submission that is kept here; what became of them."""
    outcomes, desks = [], KeptForDesks(device, first)
    for kept in _kept(device):
        try:
            await desks.bring(kept)
            outcomes.append(HandedOver(kept.row.number))
        except (RelayUnreachableError, RelayRefusedError) as fault:
            outcomes.append(HandedOver(kept.row.number, _why(fault)))
    return outcomes


async def take_back(number: bytes, device: Device, first: FirstContact) -> None:
    """Tells the desk that what has this number is taken back. What still waited does not go any more, whatever comes of
    telling: the desk is told because an answer of its relay may have been lost. Raises `StoreError` for a number that
    is not kept here, and what `FirstContact.hand_in` raises; then it can be tried again."""
    store = device.store
    row = next((row for row in store.handed_in.all() if row.number == number), None)
    if row is None:
        raise StoreError("Nothing with this number was handed in from this device.")
    if row.state is Progress.WAITING:
        with store.transaction():
            store.handed_in.move(number, Progress.TAKEN_BACK)
            if row.kind != OwnPicture.__name__:
                store.handed_in.forget_content(number)
    await _tell_taken_back(row, first)
    with store.transaction():
        store.handed_in.move(number, Progress.TAKEN_BACK)


def waits(row: HandedRow, device: Device) -> bool:
    """Whether it is kept here and goes when it can."""
    return any(one.number == row.number and one.state is Progress.WAITING for one in device.store.handed_in.all())


async def _tell_taken_back(row: HandedRow, first: FirstContact) -> None:
    card, fresh = parse_card(row.card), secrets.token_bytes(NUMBER_BYTES)
    await first.hand_in(card, encode(Handed(fresh, card.mailbox, TakenBack(row.number))), _eid(fresh))


async def _bring(row: HandedRow, device: Device, first: FirstContact) -> None:
    card, said = parse_card(row.card), _SAID.decode(row.said or b"")
    packed = encode(Handed(row.number, card.mailbox, said), _signed_by(said, device))
    await first.hand_in(card, packed, _eid(row.number))
    if not waits(row, device):  # taken back on its way: the desk may have been told before it had what it is about
        await _tell_taken_back(row, first)
    with device.store.transaction():
        device.store.handed_in.receive(row.number)
        if not isinstance(said, OwnPicture):  # whose state is told from lists later on
            device.store.handed_in.forget_content(row.number)


def _kept(device: Device) -> list[Kept]:
    found = []
    for row in device.store.handed_in.all():
        if row.state is Progress.WAITING and row.said is not None:
            try:
                card = parse_card(row.card)
            except CardError:  # of a version that reads cards otherwise: it stays, and says that it waits
                continue
            found.append(Kept(row, card.mailbox, card.relay))
    return found


def _may_pass(fault: RelayRefusedError) -> bool:
    """Whether the same may be taken another day. A desk that had its fill today answers as one that is not there."""
    return not fault.is_final or fault.code == wire.RejectCode.NOT_DELIVERABLE


def _why(fault: RelayUnreachableError | RelayRefusedError) -> str:
    if isinstance(fault, RelayRefusedError) and fault.code == wire.RejectCode.NOT_DELIVERABLE:
        return "This desk takes nothing more today, or is not there any more: its relay does not say which."
    return str(fault)


def _signed_by(said: Said, device: Device) -> bytes:
    """A report is signed by the login key of the mailbox that its messages came to, everything else by nobody."""
    return device.account.keys.login if isinstance(said, Report) else b""


def _eid(number: bytes) -> bytes:
    """The envelope's id follows from the number and does not show it: the relay sees the one, and whoever has the
    other can take the submission back."""
    return hashlib.sha256(_EID_LABEL + number).digest()[:16]
