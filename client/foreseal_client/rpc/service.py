"""The headless client itself: its accounts, what they are opened with, and what has happened in them."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from foreseal_client.addresses import MAX_PERSON_NAME, is_relay_url
from foreseal_client.device import Device
from foreseal_client.messenger import Links
from foreseal_client.relay_link import SocketLink
from foreseal_client.rpc.account import Account
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.journal import Journal
from foreseal_client.rpc.spoiled import SpoiledCheck
from foreseal_client.safeguards.asked import Asked
from foreseal_client.store.key import file_key
from foreseal_client.virtual_clock import VirtualClock
from foreseal_matcher import ListSet, Mode, OnFailure, Policy
from foreseal_matcher.lists import FollowedLists

__all__ = ["Service", "Settings"]

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a client is started with. `profiles`: the folder in which `register` makes accounts; `lists`: folders of
    hash lists; `test_methods`: whether `test.*` answers."""

    profiles: Path | None = None
    lists: tuple[Path, ...] = ()
    policy: Policy = Policy(Mode.HOLD, OnFailure.CLOSED)
    test_methods: bool = False
    asked: tuple[Asked, ...] = ()
    """What configuration and environment ask of the safeguards: they can only tighten them."""


class Service:
    """`clock`: what all accounts go by; `links`: makes the link to a relay. Used from one event loop."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: VirtualClock | None = None,
        links: Links = SocketLink,
    ) -> None:
        self.settings = settings
        self.journal = Journal()
        self.session = secrets.token_hex(8)
        """Names this run of the client: event ids of another one mean nothing here."""
        self.over = asyncio.Event()
        """Set by `shutdown`."""
        self.clock = clock or VirtualClock()
        self._links = links
        self._accounts: dict[str, Account] = {}
        self._opening = asyncio.Lock()

    @property
    def accounts(self) -> list[Account]:
        """Those that are open, in the order they were opened."""
        return list(self._accounts.values())

    def account(self, wanted: str | None) -> Account:
        """The account of this name; with None the only one there is. Raises `RpcError`."""
        if wanted is None:
            if len(self._accounts) == 1:
                return self.accounts[0]
            raise RpcError(Code.USAGE, f"There are {len(self._accounts)} accounts here. Say which: account.")
        found = self._accounts.get(wanted)
        if found is None:
            raise RpcError(Code.UNKNOWN, f"There is no account {wanted!r} here. Call register, or name its profile.")
        return found

    async def register(self, account: str, name: str, relay: str) -> Account:
        """Makes an account below `profiles`, or opens the one that is there, and connects it. Raises `RpcError`, and
        what `Device` raises."""
        if self.settings.profiles is None:
            raise RpcError(Code.USAGE, "This client was started without --profiles: it makes no accounts.")
        if not _NAME.fullmatch(account):
            raise RpcError(Code.USAGE, "An account is named by letters, digits, _ and -, up to 64 of them.")
        if not 1 <= len(name) <= MAX_PERSON_NAME or not name.strip() or not name.isprintable():
            raise RpcError(Code.USAGE, f"A name has 1 to {MAX_PERSON_NAME} characters that can be seen.")
        if not is_relay_url(relay):
            raise RpcError(Code.USAGE, "A relay's address is http:// or https://, a host, perhaps a port.")
        profile = self.settings.profiles / account
        async with self._opening:
            opened = self._accounts.get(account)
            if opened is None:
                opened = await self._open(account, profile, None, name, relay)
        known = opened.device.account
        if (known.name, known.relay) != (name, relay.rstrip("/")):
            raise RpcError(Code.USAGE, f"{account} is {known.name} at {known.relay} already. Choose another name.")
        return opened

    async def open(self, profile: Path, key: bytes) -> Account:
        """Opens a profile that exists and connects it. Raises what `Device` raises."""
        async with self._opening:
            return await self._open(profile.name, profile, key, None, None)

    async def close(self) -> None:
        """Closes every account."""
        self.over.set()
        for account in self.accounts:
            await account.close()
        self._accounts.clear()

    async def _open(
        self, account: str, profile: Path, key: bytes | None, name: str | None, relay: str | None
    ) -> Account:
        settings = self.settings
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        device = Device(
            profile, key or file_key(profile / "key"), lists=ListSet.empty(), policy=settings.policy, clock=self.clock,
            name=name, relay=relay,
        )  # fmt: skip
        device.asked = settings.asked
        if settings.lists:
            await device.follow(FollowedLists(settings.lists))
        check = SpoiledCheck(device, settings.lists)
        opened = Account(account, device, check, self.journal, self._links, self.clock.pause, settings.test_methods)
        self._accounts[account] = opened
        await opened.connect()
        return opened
