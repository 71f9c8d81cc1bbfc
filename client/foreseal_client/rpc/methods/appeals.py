"""Methods for saying that a check was wrong, for the review on this device, and for reporting to a desk."""

from __future__ import annotations

from typing import Literal

from foreseal_client.appealing import settle_appeal, submit_appeal
from foreseal_client.chat.passcode import Passcode
from foreseal_client.handing_over import hand_in
from foreseal_client.reporting import DESK, report_of, set_desk, told_of
from foreseal_client.reports.said import Category
from foreseal_client.rpc.calling import method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.methods.accounts import OfAccount
from foreseal_client.rpc.methods.messages import OfMessage
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import MessageView, View, message_view
from foreseal_client.store import Appeal, Ground, Outcome
from foreseal_client.store.key import read_key_record

__all__ = ["AppealView", "Reported", "ResolveAppeal", "SubmitAppeal"]


class SubmitAppeal(OfMessage, frozen=True):
    """`id`: of a message that was held or withheld; `ground`: why that is wrong; `text`: in the person's own words."""

    ground: Ground
    text: str = ""


class ResolveAppeal(OfMessage, frozen=True):
    """`outcome`: what the reviewer found; `passphrase`: of the profile, where one opens it."""

    outcome: Literal["overturned", "upheld"]
    passphrase: str | None = None


class AppealView(View, frozen=True):
    """What was said of a message, and what came of it: `waiting`, `overturned` or `upheld`."""

    id: int
    ground: Ground
    text: str
    timestamp: int
    outcome: Outcome


class ReportMessage(OfMessage, frozen=True):
    """`id`: of a message that came in; `category`: what it is reported for; `text`: in the person's own words."""

    category: Category
    text: str = ""


class SetDesk(OfAccount, frozen=True):
    """`card`: of the desk that reports go to, as whoever runs it gives it out."""

    card: str


class Desk(View, frozen=True):
    """The desk that reports go to."""

    name: str
    relay: str


class Disclosure(View, frozen=True):
    """One thing that the desk learns."""

    name: str
    value: str


class Reported(View, frozen=True):
    """`number`: under which the desk knows it; `disclosed`: what it learns, and nothing else leaves this device;
    `waits`: why it has not left yet, empty once the relay has it."""

    number: str
    disclosed: tuple[Disclosure, ...]
    waits: str = ""


@method("submitAppeal")
async def submit(service: Service, params: SubmitAppeal) -> AppealView:
    """Say that a message was stopped or hidden wrongly. It is kept on this device, to be reviewed here."""
    account = service.account(params.account)
    return _view(submit_appeal(account.message(params.id), params.ground, params.text, account.device))


@method("listAppeals")
async def list_appeals(service: Service, params: OfAccount) -> tuple[AppealView, ...]:
    """Say what waits to be reviewed, the oldest first."""
    return tuple(_view(one) for one in service.account(params.account).device.store.appeals.waiting())


@method("getAppeal")
async def get_appeal(service: Service, params: OfMessage) -> AppealView:
    """Say what came of the appeal about a message."""
    account = service.account(params.account)
    found = account.device.store.appeals.get(account.message(params.id).id)
    if found is None:
        raise RpcError(Code.UNKNOWN, f"Nobody said that message {params.id} was stopped or hidden wrongly.")
    return _view(found)


@method("resolveAppeal")
async def resolve(service: Service, params: ResolveAppeal) -> MessageView:
    """Say what the review found. `overturned`: the message is shown, or `resolveHold` sends it, once."""
    account = service.account(params.account)
    device = account.device
    appeal = device.store.appeals.get(account.message(params.id).id)
    if appeal is None or appeal.outcome is not Outcome.WAITING:
        raise RpcError(Code.USAGE, f"No appeal about message {params.id} waits to be reviewed.")
    record = read_key_record(device.store.profile)
    if record is not None and (asked := Passcode(record)).asked and not await asked.fits(params.passphrase or ""):
        raise RpcError(Code.REFUSED, "A review takes the passphrase of this profile. Nothing was changed.")
    await settle_appeal(account.message(params.id), Outcome(params.outcome), account.messenger)
    return message_view(account.message(params.id), device, detailed=account.detailed)


@method("setDesk")
async def take_desk(service: Service, params: SetDesk) -> Desk:
    """Name the desk that reports of this account go to."""
    card = set_desk(service.account(params.account).device, params.card)
    return Desk(card.name, card.relay)


@method("reportMessage")
async def report(service: Service, params: ReportMessage) -> Reported:
    """Report one message that came in to the desk: that one, with what proves it, and nothing else."""
    account = service.account(params.account)
    device = account.device
    said = report_of([account.message(params.id)], params.category, params.text.strip(), device)
    desk = device.store.preferences.get(DESK)
    if not desk:
        raise RpcError(Code.USAGE, "No desk is named in this account: setDesk takes its card.")
    handed = await hand_in(said, desk, device, account.messenger.first_contact)
    disclosed = tuple(Disclosure(name, value) for name, value in told_of(said, device))
    return Reported(handed.number.hex(), disclosed, handed.waits)


def _view(appeal: Appeal) -> AppealView:
    return AppealView(appeal.message, appeal.ground, appeal.text, appeal.at, appeal.outcome)
