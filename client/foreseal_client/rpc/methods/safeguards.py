"""Methods for the safeguards of a profile: what holds, and changing it, with the passcode where that loosens it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from foreseal_client.rpc.account import Account
from foreseal_client.rpc.calling import method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.methods.accounts import OfAccount
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import View
from foreseal_client.safeguard_settings import Changed, PasscodeWanted, change_settings, loosen_settings
from foreseal_client.safeguards import words
from foreseal_client.safeguards.asked import read_asked, with_values
from foreseal_client.safeguards.settings import GroupAdds, Requests

__all__ = ["SafeguardsView", "SetSafeguards", "keep_settings"]


class SetSafeguards(OfAccount, frozen=True):
    """`settings`: those to be changed, by name as `getSafeguards` answers them; `passcode`: where something of a young
    person's profile becomes looser by it."""

    settings: dict[str, str | int | bool]
    passcode: str | None = None


class SafeguardsView(View, frozen=True, rename=None):
    """What holds for an account, whoever asked for it. `holder`: who has the passcode of a young person's profile."""

    requests: Requests
    groups: GroupAdds
    may_be_listed: bool
    first_contacts: int
    moment_days: int
    plain_links_days: int
    reminder_days: int
    may_send_receipts: bool
    may_send_typing: bool
    may_disappear: bool
    young: bool
    holder: str | None


@method("getSafeguards")
async def get_safeguards(service: Service, params: OfAccount) -> SafeguardsView:
    """Say what this account lets others do."""
    return _view(service.account(params.account))


@method("setSafeguards")
async def set_safeguards(service: Service, params: SetSafeguards) -> SafeguardsView:
    """Change some. Tightening is free; loosening a young person's profile takes the passcode."""
    account = service.account(params.account)
    asked = read_asked("setSafeguards", params.settings)
    await keep_settings(asked.values, params.passcode, account)
    return _view(account)


async def keep_settings(values: Mapping[str, object], passcode: str | None, account: Account) -> None:
    """Keeps these settings, by name, and the relay in step. Raises `RpcError`, having changed nothing, where a
    passcode is needed and is not given, not right, or given too soon after a wrong one, and while the account is
    disconnected."""
    device, first_contact = account.device, account.messenger.first_contact
    async with account.settling:
        wanted = with_values(device.store.safeguards.settings(), values)
        outcome = change_settings(device, wanted)
        if isinstance(outcome, PasscodeWanted):
            if passcode is None:
                raise RpcError(Code.REFUSED, words.passcode_wanted(outcome.holder, outcome.loosened))
            outcome = await loosen_settings(device, wanted, passcode)
    if not isinstance(outcome, Changed):
        raise RpcError(Code.REFUSED, words.not_opened(outcome.wait))
    await first_contact.keep_in_step()


def _view(account: Account) -> SafeguardsView:
    lock = account.device.store.safeguards.lock()
    held = msgspec.structs.asdict(account.device.safeguards)
    return msgspec.convert({**held, "holder": None if lock is None else lock.holder}, SafeguardsView)
