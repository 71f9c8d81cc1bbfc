"""Methods for accounts, and for the client as a whole."""

from __future__ import annotations

import asyncio
from importlib.metadata import version as installed_version

from foreseal_client.rpc.calling import Params, method
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import AccountView, View, account_view

__all__ = ["Done", "Nothing", "OfAccount", "Register", "Version", "Waiting"]


class Nothing(Params, frozen=True):
    """No parameters."""


class OfAccount(Params, frozen=True, kw_only=True):
    """`account`: which one; may be left out where there is only one."""

    account: str | None = None


class Waiting(OfAccount, frozen=True):
    """`wait`: seconds to wait for the relay, 0 to 60."""

    wait: float = 10.0


class Register(Params, frozen=True):
    """`account`: what it is called here; `name`: the name that others see; `relay`: its address; `wait`: seconds to
    wait for the relay."""

    account: str
    name: str
    relay: str
    wait: float = 10.0


class Version(View, frozen=True):
    """What answers."""

    name: str
    version: str
    protocol: int


class Done(View, frozen=True):
    """It was done."""

    done: bool = True


@method("version")
async def version(service: Service, params: Nothing) -> Version:
    """Say which program this is, of which version."""
    return Version("foreseal", installed_version("foreseal"), 1)


@method("register")
async def register(service: Service, params: Register) -> AccountView:
    """Make an account, or open the one of that name, and connect it."""
    account = await service.register(params.account, params.name, params.relay)
    await account.until_online(params.wait)
    return account_view(account.name, account.device, online=account.online)


@method("listAccounts")
async def list_accounts(service: Service, params: Nothing) -> tuple[AccountView, ...]:
    """Say which accounts are open."""
    return tuple(account_view(one.name, one.device, online=one.online) for one in service.accounts)


@method("connect")
async def connect(service: Service, params: Waiting) -> AccountView:
    """Connect an account that was disconnected, and wait for its relay for a while."""
    account = service.account(params.account)
    await account.connect()
    await account.until_online(params.wait)
    return account_view(account.name, account.device, online=account.online)


@method("disconnect")
async def disconnect(service: Service, params: OfAccount) -> AccountView:
    """Go offline. What is kept on the device stays, and its profile stays open."""
    account = service.account(params.account)
    await account.disconnect()
    return account_view(account.name, account.device, online=account.online)


@method("shutdown")
async def shutdown(service: Service, params: Nothing) -> Done:
    """Close every account and end. What was asked for before is answered; later calls get an error."""
    asyncio.get_running_loop().call_soon(service.over.set)
    return Done()
