"""One person's device: keys and store, hash lists and policy, a clock. No connection, no screen."""

from __future__ import annotations

import asyncio
import io
import secrets
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Final, TypeVar

from foreseal_client.cards import Card, Invitation, format_invitation, own_card, parse_invitation
from foreseal_client.checks import Check, cost_of, kinds_of, lists_used, said_of
from foreseal_client.comparing_lists import ComparedLists
from foreseal_client.conversation.vanishing import vanish
from foreseal_client.draft import Draft, demand_regular, name_of
from foreseal_client.errors import CardError, StoreError
from foreseal_client.ledger.lines import Course, Outcome
from foreseal_client.safeguards.asked import Asked, in_force
from foreseal_client.safeguards.settings import Safeguards
from foreseal_client.sealing.bundles import open_bundle
from foreseal_client.sealing.keys import DeviceKeys, sign_raw
from foreseal_client.sealing.notes import Shares
from foreseal_client.sealing.prekeys import Prekeys
from foreseal_client.sealing.safety_number import safety_number
from foreseal_client.sealing.spool import CHUNK, Spool, chunks_of
from foreseal_client.store import Account, Contact, Standing, Store
from foreseal_matcher import Bytes, Clear, Cleared, Held, ListSet, Looks, Mode, Policy, Reason, Verdict
from foreseal_matcher.content import Content, Item
from foreseal_matcher.lists import FollowedLists
from foreseal_relay import wire

__all__ = ["DAY", "HELD_DAYS", "INLINE", "INVITATION_DAYS", "Device"]

INLINE: Final = 1024 * 1024
"""Longest attachment, in bytes, that is held in memory; anything longer becomes a spool."""
INVITATION_DAYS: Final = 7
HELD_DAYS: Final = 30
"""For how long the files of what was stopped are kept, encrypted, on this device."""
DAY: Final = 86400

C = TypeVar("C", bound=Content)
T = TypeVar("T")


class Device:
    """Opens a profile, making its account on first use. `clock`: seconds since 1970.

    Raises `WrongKeyError`, `ProfileInUseError` or `StoreError`.
    """

    def __init__(
        self,
        profile: Path,
        key: bytes,
        *,
        lists: ListSet,
        policy: Policy,
        clock: Callable[[], float],
        name: str | None = None,
        relay: str | None = None,
    ) -> None:
        self.store = Store(profile, key)
        self.store.conversations.may_share = self._may_share
        self._lists = lists
        self._followed: FollowedLists | None = None
        self.lists_changed = asyncio.Event()
        """Set when there are other lists than before, the first ones included; cleared by who acts on it."""
        self.lists_changed.set()
        self.policy = policy
        self.asked: tuple[Asked, ...] = ()
        """What configuration, environment and flags ask for; it can tighten the safeguards and never loosen them."""
        self.compared = ComparedLists()
        self.last_check_ms: float | None = None
        self._clock = clock
        account = self.store.account.get()
        if account is None:
            if not name or not relay:
                self.store.close()
                raise StoreError("This profile has no account yet; making one takes a name and a relay.")
            keys = DeviceKeys.generate()
            account = Account(name, relay.rstrip("/"), keys, secrets.token_bytes(wire.TOKEN_BYTES), 0)
            with self.store.transaction():
                self.store.account.create(account, Prekeys.generate(self.today))
        try:
            vanish(self.store, self.now)
        except StoreError:
            self.store.close()
            raise
        self.account = account
        self.mailbox = wire.mailbox_of(account.keys.login_public)

    @property
    def identity(self) -> bytes:
        """This person's public identity key, 32 bytes."""
        return self.account.keys.identity_public

    @property
    def safeguards(self) -> Safeguards:
        """What holds for this profile now, whoever asked for what."""
        return in_force(self.store.safeguards.settings(), self.asked).settings

    def _may_share(self) -> Shares:
        held = self.safeguards
        receipts = Shares.RECEIPTS if held.may_send_receipts else Shares.NOTHING
        return receipts | (Shares.TYPING if held.may_send_typing else Shares.NOTHING)

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return int(self._clock())

    @property
    def today(self) -> int:
        """Days since 1970."""
        return self.now // DAY

    @property
    def date(self) -> date:
        """The date in UTC."""
        return datetime.fromtimestamp(self.now, UTC).date()

    @property
    def lists(self) -> ListSet:
        """What the last check was made against, or the next one will be."""
        return self._lists if self._followed is None else self._followed.opened

    @lists.setter
    def lists(self, lists: ListSet) -> None:
        self._lists, self._followed = lists, None
        self.lists_changed.set()

    async def follow(self, followed: FollowedLists) -> None:
        """Checks against these from now on, in the version that is in force at each check."""
        self._followed = followed
        await self.newest_lists()

    async def newest_lists(self) -> ListSet:
        """The lists, opened again in a thread if an update has replaced one. What is being checked meanwhile goes on
        with those that it began with."""
        followed = self._followed
        if followed is not None and followed.changed(self.date):
            await asyncio.to_thread(followed.current, self.date)
            self.lists_changed.set()
        return self.lists

    async def measured(
        self, check: Callable[[C, ListSet, Looks, frozenset[str]], T], content: C, policy: Policy
    ) -> tuple[T, Check]:
        """Runs a check against this device's lists in a thread, so that a person can go on typing while a large
        picture is looked at; and what it was made against and took. The policy says how thoroughly. Whoever decides
        what follows tells the ledger: `note_check`."""
        lists, started = await self.newest_lists(), time.perf_counter()
        found = await asyncio.to_thread(check, content, lists, policy.looks, policy.fingerprints)
        took_ms = (time.perf_counter() - started) * 1000
        cost = cost_of(content, lists, policy, took_ms, self.date)
        if cost is not None:
            self.last_check_ms = took_ms
        if not self.store.ledger.on:
            return found, Check(cost, policy)
        return found, Check(cost, policy, lists_used(lists), await asyncio.to_thread(kinds_of, content))

    def note_check(
        self,
        check: Check,
        decided: Cleared[Content] | Held,
        course: Course,
        *,
        again: bool = False,
        outcome: Outcome | None = None,
    ) -> None:
        """Writes a check into the ledger, where there was something to look at and the ledger is on: in the caller's
        transaction, which keeps what came of it, or in one of its own. Raises `StoreError`."""
        if check.kinds:
            with self.store.transaction():
                self.store.ledger.append(said_of(check, decided, course, again, outcome), self.date)

    def kept(self, verdict: Verdict) -> Verdict:
        """What the history keeps of a verdict: under the policy `off`, nothing."""
        return Clear((Reason.POLICY_OFF,)) if self.policy.mode is Mode.OFF else verdict

    def sign_login(self, message: bytes) -> bytes:
        """Signs a login with the login key."""
        return sign_raw(self.account.keys.login, message)

    def attach(self, path: Path) -> Item:
        """A person's file, read once: what they do to it afterwards changes nothing.

        Raises `OSError` when it cannot be read, `ValueError` when it is no file to attach (see `demand_regular`).
        """
        demand_regular(path)
        with path.open("rb") as source:
            head, more = source.read(INLINE), source.read(CHUNK)
            if not more:
                return Bytes(head, name_of(path))
            # A spool is written in whole chunks, and INLINE is a multiple of one.
            chunks = chain(chunks_of(io.BytesIO(head)), [more], chunks_of(source))
            return Spool.write(chunks, self.store.new_file(), name_of(path))

    def discard(self, draft: Draft) -> None:
        """Removes what was copied for a draft that will not be sent."""
        for item in draft.attachments:
            if isinstance(item, Spool) and item.path.name not in self.store.history.files():
                item.path.unlink(missing_ok=True)

    def card(self) -> str:
        """This person's public card."""
        return own_card(self.account.name, self.account.relay, self.account.keys)

    def invitation(self) -> tuple[str, bytes, int]:
        """An invitation to hand over, its token, and for how many seconds the relay should honour it."""
        account, token, lifetime = self.account, secrets.token_bytes(wire.TOKEN_BYTES), INVITATION_DAYS * DAY
        with self.store.transaction():
            self.store.account.add_invitation(token, self.now + lifetime)
        invitation = Invitation(
            1, account.name, account.relay, self.mailbox, account.keys.identity_public, token, self.now + lifetime
        )
        return format_invitation(invitation, account.keys.identity), token, lifetime

    def read_invitation(self, text: str) -> Invitation:
        """Somebody's invitation. Raises `CardError`."""
        invitation = parse_invitation(text, self.now)
        if invitation.identity == self.account.keys.identity_public:
            raise CardError("This is your own invitation. Give it to the person you want to hear from.")
        return invitation

    def add_contact(self, invitation: Invitation, bundle: wire.Bundle) -> Contact:
        """The inviter as a contact. Raises `PeerFaultError` when the relay's bundle is not theirs."""
        peer = open_bundle(bundle.bundle, bundle.one_time, invitation.identity, invitation.mailbox, self.today)
        contact = Contact(
            invitation.identity, invitation.name, invitation.relay, invitation.mailbox, invitation.token,
            invitation.token, peer, Standing.ACCEPTED, introduced=False,
        )  # fmt: skip
        with self.store.transaction():
            self.store.people.put(contact)
            self.store.safeguards.meet(contact.identity, self.today)
            self.store.outbox.unpark(contact.identity)
        return contact

    def add_stranger(self, card: Card, bundle: wire.Bundle) -> Contact:
        """Somebody known by their card alone: what is written to them is a request there, until they answer. Raises
        `PeerFaultError` when the relay's bundle is not theirs."""
        peer = open_bundle(bundle.bundle, bundle.one_time, card.identity, card.mailbox, self.today)
        contact = Contact(
            card.identity, card.name, card.relay, card.mailbox, b"", None, peer, Standing.ACCEPTED, introduced=True
        )  # introduced: the first thing they get is what this person writes, not an empty letter that costs a token
        with self.store.transaction():
            self.store.people.put(contact)
            self.store.safeguards.meet(contact.identity, self.today)
        return contact

    def complete(self, contact: Contact, bundle: wire.Bundle) -> Contact:
        """A contact who wrote first, now with the bundle an answer is sealed to. Raises `PeerFaultError`."""
        peer = open_bundle(bundle.bundle, None, contact.identity, contact.mailbox, self.today)
        with self.store.transaction():
            return self.store.people.change(contact.identity, bundle=peer)

    def change_delivery_token(self) -> None:
        """Takes another delivery token; everybody has to be told it again. The caller holds the transaction and calls
        `read_account` after it."""
        self.store.account.put_delivery_token(secrets.token_bytes(wire.TOKEN_BYTES))
        for other in self.store.people.all():
            self.store.people.change(other.identity, introduced=False)

    @property
    def rolled_back(self) -> bool:
        """Whether a relay has shown that another device goes on in this one's place. It stays so."""
        return self.account.rolled_back

    def note_rolled_back(self) -> None:
        """Remembers it, across restarts: each login would otherwise bring the counter nearer to the relay's."""
        with self.store.transaction():
            self.store.account.note_rolled_back()
        self.read_account()

    def read_account(self) -> None:
        """Goes on with the account as the store has it now."""
        self.account = self.store.account.get() or self.account

    def safety_number(self, contact: Contact) -> str:
        """Sixty digits to compare with this contact."""
        return safety_number(self.account.keys.identity_public, contact.identity)

    def close(self) -> None:
        """Closes the store."""
        self.store.close()
