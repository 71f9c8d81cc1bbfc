"""The desk at its relay: it logs in as any device does, takes in what is handed in, and never sends."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from foreseal_client import login
from foreseal_client.desk.cases import State
from foreseal_client.desk.intake import MAX_WAITING_CASES, Outcome, take
from foreseal_client.desk.room import Desk
from foreseal_client.relay_link import SocketLink
from foreseal_client.sealing.letter import AttachmentRef
from foreseal_relay.public_wire import StampQuestion

__all__ = ["FEW", "Relayed", "collect"]

FEW: Final = 8
"""Submissions under way to the desk at once."""


class Relayed:
    """What the desk's own relay says and holds."""

    def __init__(self, link: SocketLink) -> None:
        self._link = link

    async def made(self, question: StampQuestion) -> bool:
        """See `Sources`. Raises `RelayUnreachableError` or `RelayRefusedError`."""
        return await self._link.directory.made(question)

    async def get(self, ref: AttachmentRef, path: Path) -> None:
        """See `Sources`. Raises what `RelayLink.get_blob` raises."""
        await self._link.get_blob(ref.blob, ref.sealed_size, path)


async def collect(desk: Desk, link: SocketLink, code: bytes | None = None) -> list[Outcome]:
    """Logs in, takes in all that waits at the relay and comes back; what came of each. `code`: a registration code,
    for the first login at a relay that wants one.

    Raises `RelayUnreachableError`, `RelayRefusedError`, `RolledBackError` or `StoreError`; what was acknowledged until
    then is kept."""
    account = desk.account
    with account.store.transaction():
        generation = account.store.account.next_generation()
    taken: list[Outcome] = []
    async with link.inbox(account.account.keys.login_public, generation, account.sign_login) as inbox:
        waiting = inbox.welcome.waiting
        await login.set_up(inbox, account, code, desk=True)
        if not waiting:
            return taken
        arrivals = inbox.arrivals(FEW)
        async for envelope in arrivals:
            if desk.tables.count(State.WAITING) >= MAX_WAITING_CASES:
                break
            taken.append(await take(envelope, desk, Relayed(link)))
            await inbox.acknowledge(envelope.eid)
            if len(taken) >= waiting:
                break
    return taken
