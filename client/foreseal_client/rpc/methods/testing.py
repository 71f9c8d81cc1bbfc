"""Methods that answer only under --test-methods: a suite sets lists, policy and time with them."""

from __future__ import annotations

from pathlib import Path

from foreseal_client.rpc.calling import Params, method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.methods.accounts import Done, OfAccount
from foreseal_client.rpc.methods.checks import SetPolicy, wanted_policy
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import PolicyView, policy_view
from foreseal_matcher.lists import FollowedLists

__all__ = ["SetClock", "SetLists"]


class SetLists(OfAccount, frozen=True):
    """`folders`: of hash lists; none at all leaves nothing to check against."""

    folders: tuple[str, ...]


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
    device = service.account(params.account).device
    await device.follow(FollowedLists(tuple(Path(one) for one in params.folders)))
    device.lists_changed.set()
    return Done()


@method("test.setClock")
async def set_clock(service: Service, params: SetClock) -> Done:
    """Stop this client's clock at a time; it moves only when it is set again, and never back."""
    try:
        service.clock.set(params.now)
    except ValueError as fault:
        raise RpcError(Code.USAGE, f"{fault}.") from fault
    return Done()
