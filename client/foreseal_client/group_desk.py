"""What a person can do with groups in a running client, and what it does by itself: reach members it has no keys of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from foreseal_client import outbound
from foreseal_client.device import Device
from foreseal_client.draft import Draft
from foreseal_client.errors import PeerFaultError, RelayRefusedError, RolledBackError, StoreError
from foreseal_client.events import Event, GroupChanged, MessageChanged
from foreseal_client.group_changes import change_group, found_group, member_of
from foreseal_client.group_mail import cleared_note, queue_for_member, tell_states, written_to
from foreseal_client.groups.changes import Add, Change, Impossible, Rename
from foreseal_client.ledger.lines import Course
from foreseal_client.new_contacts import count
from foreseal_client.store import Consequence, Contact, Group, GroupSend, GroupStanding, Message, Reach
from foreseal_client.workers import RelayWorkers
from foreseal_matcher import Cleared, Held, decide, screen
from foreseal_relay import wire

__all__ = ["GroupDesk"]

_UNREACHABLE_FOR: Final = 3600
"""Seconds until somebody whose keys could not be had is tried again; word from them comes sooner."""


class GroupDesk:
    """The groups of one device. `fetched`: a contact with the bundle that their relay has; `tell` is told what
    happens, `let_out` that something was queued."""

    def __init__(
        self,
        device: Device,
        group: asyncio.TaskGroup,
        fetched: Callable[[Contact], Awaitable[Contact]],
        tell: Callable[[Event], None],
        let_out: Callable[[], None],
        trouble: Callable[[str], None],
    ) -> None:
        self._device = device
        self._fetched = fetched
        self._tell = tell
        self._let_out = let_out
        self._reaching = RelayWorkers(group, device.store.groups, self.reach, trouble)

    # --- what a person can do ------------------------------------------------------------------------------------

    def all(self) -> list[Group]:
        """Every group, by name; also those that this person has left."""
        return self._device.store.groups.all()

    def get(self, group: bytes) -> Group:
        """The group as it is now. Raises `StoreError`."""
        found = self._device.store.groups.get(group)
        if found is None:
            raise StoreError("This group is not on this device.")
        return found

    def history(self, group: bytes) -> list[Message]:
        """Its last messages, the oldest first."""
        return self._device.store.history.in_group(group)

    def progress(self, message: Message) -> list[GroupSend]:
        """What became of a message for each member."""
        return self._device.store.groups.sends(message.id)

    async def found(self, name: str, others: list[Contact]) -> Group | Impossible | Held:
        """A new group. `Held`: its name resembles something listed. Raises `StoreError` or `RolledBackError`."""
        if held := await self._held(name):
            return held
        return self._changed(found_group(await self._note(), name, others, self._device))

    async def add(self, group: bytes, contact: Contact) -> Group | Impossible | Held:
        """Takes a contact in. Raises what `change` raises."""
        return await self.change(group, Add(member_of(contact)))

    async def change(self, group: bytes, change: Change) -> Group | Impossible | Held:
        """Makes a change, if it is allowed. `Held`: the new name resembles something listed. Raises `StoreError` or
        `RolledBackError`."""
        if isinstance(change, Rename) and (held := await self._held(change.name)):
            return held
        note = await self._note()
        return self._changed(change_group(note, self.get(group), change, self._device))

    async def send(
        self,
        group: bytes,
        draft: Draft,
        *,
        acknowledged: bool = False,
        held: Message | None = None,
        rested: bool = False,
    ) -> outbound.Outcome | Impossible:
        """Sends a draft to a group, or stops it; see `outbound.send`."""
        if self._device.rolled_back:
            raise RolledBackError
        to = self.get(group)
        if to.standing is not GroupStanding.JOINED:
            return Impossible("You are not in this group any more.")
        if not written_to(to, self._device):
            return Impossible("Nobody else is in this group whom you have not blocked. Nothing was sent.")
        outcome = await outbound.send(draft, to, self._device, acknowledged=acknowledged, held=held, rested=rested)
        if isinstance(outcome, outbound.NotSent):
            count(Consequence.SHOWN, self._device)
        if not isinstance(outcome, outbound.Resting):
            self._tell(MessageChanged(outcome.message))
            self.poke()
            self._let_out()
        return outcome

    # --- what it does by itself ----------------------------------------------------------------------------------

    def poke(self) -> None:
        """There may be somebody whose keys are wanted."""
        self._reaching.poke()

    def stop(self) -> None:
        """Ends its work for good."""
        self._reaching.stop()

    def learned(self, group: bytes, lost: tuple[Change, ...]) -> None:
        """States of a group came."""
        found = self._device.store.groups.get(group)
        if found is not None:
            self._tell(GroupChanged(found, lost))
        self.poke()
        self._let_out()

    async def reached(self, contact: Contact) -> None:
        """The keys of somebody came: what waited for them is sealed, through the same check as everything. Raises
        `StoreError`."""
        store, device = self._device.store, self._device
        for number in store.groups.keyless(contact.identity):
            message = store.history.get(number)
            if message is None or message.group is None:
                continue
            draft, policy = Draft(message.text, message.files), device.policy
            screened, check = await device.measured(screen, draft, policy)
            decided = decide(screened, policy, reviewed=store.appeals.reviewed(number))
            device.note_check(check, decided, Course.OUT)
            if not isinstance(decided, Held):
                await queue_for_member(decided, message, message.group, contact.identity, device)
        note = await cleared_note(device)
        with store.transaction():
            for group in store.groups.take_owed(contact.identity):
                tell_states(note, self.get(group), contact.identity, device)
            store.groups.judge_anew(contact.identity)
        self._let_out()

    async def reach(self, reach: Reach) -> None:
        """Fetches the keys of a member, or tells them where we can be reached since that changed. Raises what
        `RelayLink` raises."""
        device = self._device
        contact = device.store.people.get(reach.identity)
        if contact is None:
            return
        try:
            if contact.bundle is None:
                contact = await self._fetched(contact)
            if not contact.introduced:
                await outbound.send(Draft(), contact, device)
        except PeerFaultError as fault:
            raise RelayRefusedError("bad-keys", _UNREACHABLE_FOR) from fault
        except RelayRefusedError as fault:
            if fault.code == wire.RejectCode.NOT_DELIVERABLE:
                raise RelayRefusedError(fault.code, _UNREACHABLE_FOR) from fault
            raise
        await self.reached(contact)

    async def _held(self, name: str) -> Held | None:
        """Whether a name is stopped: it goes through the check as a text would, and is then said by a state."""
        device = self._device
        policy = device.policy
        screened, check = await device.measured(screen, Draft(name), policy)
        decided = decide(screened, policy)
        device.note_check(check, decided, Course.OUT)
        return decided if isinstance(decided, Held) else None

    async def _note(self) -> Cleared[Draft]:
        if self._device.rolled_back:
            raise RolledBackError
        return await cleared_note(self._device)

    def _changed(self, outcome: Group | Impossible) -> Group | Impossible:
        if isinstance(outcome, Group):
            self.learned(outcome.id, ())
        return outcome
