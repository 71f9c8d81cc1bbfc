"""A short visit to the own relay: a login, and today's tokens, for a command that takes in no mail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from foreseal_client import login
from foreseal_client.device import Device
from foreseal_client.drawing import Drawing
from foreseal_client.first_contact import FirstContact
from foreseal_client.relay_link import RelayLink, SocketLink

__all__ = ["visiting"]


@asynccontextmanager
async def visiting(
    device: Device, trouble: Callable[[str], None], links: Callable[[str], SocketLink] = SocketLink
) -> AsyncIterator[FirstContact]:
    """What the relay is asked about people known by their card. What waits in the mailbox goes on waiting. `trouble`:
    told what went wrong with drawing tokens. Raises `RelayUnreachableError`, `RelayRefusedError`, `RolledBackError`."""
    with device.store.transaction():
        generation = device.store.account.next_generation()
    async with AsyncExitStack() as stack:
        open_links: dict[str, RelayLink] = {}

        async def link(relay: str) -> RelayLink:
            if relay not in open_links:
                open_links[relay] = await stack.enter_async_context(links(relay))
            return open_links[relay]

        own = await link(device.account.relay)
        inbox = await stack.enter_async_context(
            own.inbox(device.account.keys.login_public, generation, device.sign_login)
        )
        await login.set_up(inbox, device)
        drawing = Drawing(device)
        await stack.enter_async_context(drawing.at_home(inbox, own, lambda event: trouble(event.reason)))
        await drawing.today()
        yield FirstContact(device, drawing, link, lambda: inbox)
