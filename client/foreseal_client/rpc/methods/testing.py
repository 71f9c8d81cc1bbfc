"""Methods that answer only under --test-methods: a suite sets lists, policy, faults and time with them."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from foreseal_client.rpc.calling import Params, method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.methods.accounts import Done, OfAccount
from foreseal_client.rpc.methods.checks import SetPolicy, wanted_policy
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.spoiled import CheckFault
from foreseal_client.rpc.views import PolicyView, policy_view

__all__ = ["SetClock", "SetFault", "SetLists"]


_NO_MORE_DATES: Final = 253_402_300_800


class SetLists(OfAccount, frozen=True):
    """`folders`: of hash lists; none at all leaves nothing to check against."""

    folders: tuple[str, ...]


class SetFault(OfAccount, frozen=True):
    """Each may be left out: then it stays. `check`: what becomes of each check of a file; `disk`: `full` lets the
    account's store become no longer than it is."""

    check: CheckFault | None = None
    disk: Literal["free", "full"] | None = None


class SetClock(Params, frozen=True):
    """`now`: seconds since 1970."""

    now: float


@method("test.setPolicy")
async def set_policy(service: Service, params: SetPolicy) -> PolicyView:
    """Set the policy, looser too."""
    device = service.account(params.account).device
    device.policy = wanted_policy(device.policy, params)
    return policy_view(device.policy)


@method("test.setLists")
async def set_lists(service: Service, params: SetLists) -> Done:
    """Check against these lists from now on."""
    await service.account(params.account).check.against(Path(one) for one in params.folders)
    return Done()


@method("test.setFault")
async def set_fault(service: Service, params: SetFault) -> Done:
    """Have something go wrong inside this client, or go right again."""
    account = service.account(params.account)
    if params.check is not None:
        await account.check.meets(params.check)
    if params.disk is not None:
        account.device.store.may_grow(params.disk == "free")
    return Done()


@method("test.setClock")
async def set_clock(service: Service, params: SetClock) -> Done:
    """Stop this client's clock at a time; it moves only when it is set again, and never back."""
    if not 0 <= params.now < _NO_MORE_DATES:
        raise RpcError(Code.USAGE, "A clock is set to a time from 1970 to the year 9999.")
    try:
        service.clock.set(params.now)
    except ValueError as fault:
        raise RpcError(Code.USAGE, f"{fault}.") from fault
    return Done()
