"""Methods for messages: sending, what was held, and what arrived."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

from foreseal_client.draft import Draft
from foreseal_client.groups.changes import Impossible
from foreseal_client.outbound import NotSent, Paused, Queued, Resting
from foreseal_client.rpc.account import Account
from foreseal_client.rpc.attaching import attached, base64_of
from foreseal_client.rpc.calling import method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.journal import Happened
from foreseal_client.rpc.methods.accounts import OfAccount
from foreseal_client.rpc.notices import MessageNotice
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import MessageView, VerdictView, View, message_view, verdict_view
from foreseal_client.store import Message, Standing, State
from foreseal_matcher import Held

__all__ = ["Outcome", "Send"]


class Send(OfAccount, frozen=True):
    """`recipient` (an identity, or the name of one contact) or `groupId`; `message`: the text; `attachments`: paths, or
    `data:TYPE;filename=NAME;base64,...`; `acknowledged`: send what the policy `warn` would stop; `rested`: the person
    took the moment that is asked for before files go to somebody new; `wait`: seconds to wait for the relay."""

    recipient: str | None = None
    group_id: str | None = None
    message: str = ""
    attachments: tuple[str, ...] = ()
    acknowledged: bool = False
    rested: bool = False
    wait: float = 10.0


class Outcome(View, frozen=True):
    """What became of a draft. `sent`: the relay has it, for everybody in a group. `queued`: it is kept here and goes
    when it can. `held`: the check stopped it, and nothing left this device. `refused`: the relay will not take it."""

    kind: Literal["sent", "queued", "held", "refused"]
    message: MessageView
    verdict: VerdictView
    may_override: bool = False


class Resolve(OfAccount, frozen=True):
    """`action`: `again` lets the lists and the policy now in force decide; `anyway` also says that the person wants it
    sent, which only the policy `warn` allows."""

    id: int
    action: Literal["again", "anyway"] = "again"
    rested: bool = False
    wait: float = 10.0


class OfMessage(OfAccount, frozen=True):
    """`id`: of a message of this account."""

    id: int


class Conversation(OfAccount, frozen=True):
    """`recipient` or `groupId`: whose conversation; `limit`: how many of the last messages."""

    recipient: str | None = None
    group_id: str | None = None
    limit: int = 100


class Receive(OfAccount, frozen=True):
    """`since`: the id of the last event seen; `timeout`: seconds to wait for the first; `max_messages`: at most."""

    since: int = 0
    timeout: float = 0.0
    max_messages: int = 100


class Received(View, frozen=True):
    """Incoming messages as they became known or changed; `last`: what to ask on from."""

    messages: tuple[Happened, ...]
    last: int


class GetAttachment(OfAccount, frozen=True):
    """`id`: of the attachment, as a message names it."""

    id: str


class Content(View, frozen=True):
    """A file: its bytes in base64."""

    name: str
    data: str


@method("send")
async def send(service: Service, params: Send) -> Outcome:
    """Send to somebody or to a group. Drafts of one account leave in the order in which they were asked for."""
    account = service.account(params.account)
    async with account.sending:
        draft = Draft(params.message, await attached(params.attachments, account.device))
        try:
            if (params.recipient is None) == (params.group_id is None):
                raise RpcError(Code.USAGE, "Say to whom: recipient or groupId, one of the two.")
            if params.group_id is not None:
                group = account.group(params.group_id)
                outcome = await account.messenger.groups.send(
                    group.id, draft, acknowledged=params.acknowledged, rested=params.rested
                )
            else:
                to = account.contact(params.recipient or "")
                if to.standing is Standing.REQUESTED:
                    raise RpcError(Code.REFUSED, f"{to.name} asks to write to you. Let them in first, then answer.")
                outcome = await account.messenger.send(
                    to, draft, acknowledged=params.acknowledged, rested=params.rested
                )
        finally:
            account.device.discard(draft)
    return await _told(outcome, account, params.wait)


@method("listHolds")
async def list_holds(service: Service, params: OfAccount) -> tuple[MessageView, ...]:
    """Say what was stopped on this device and is kept, the newest first; `released`: it can be sent now."""
    account = service.account(params.account)
    history = account.device.store.history
    return tuple(_view(message, account) for message in history.in_states(State.HELD, State.RELEASED))


@method("resolveHold")
async def resolve_hold(service: Service, params: Resolve) -> Outcome:
    """Try to send once more what was stopped; it goes through the same check as everything."""
    account = service.account(params.account)
    async with account.sending:  # of two that ask for the same, the second is told that it was sent
        message = account.message(params.id)
        if message.state not in (State.HELD, State.RELEASED):
            raise RpcError(Code.USAGE, f"Message {params.id} is {message.state}, and was not stopped.")
        outcome = await account.messenger.send_held(
            message, acknowledged=params.action == "anyway", rested=params.rested
        )
    return await _told(outcome, account, params.wait)


@method("reveal")
async def reveal(service: Service, params: OfMessage) -> Outcome:
    """Show a withheld message after all, where the policy leaves that to the person. `held`: it stays hidden."""
    account = service.account(params.account)
    message = account.message(params.id)
    if message.state not in (State.WITHHELD, State.COVERED):
        raise RpcError(Code.USAGE, f"Message {params.id} is {message.state}, and not hidden.")
    outcome = await account.messenger.reveal(message)
    if isinstance(outcome, Held):
        found = verdict_view(outcome.verdict, detailed=account.detailed)
        return Outcome("held", _view(message, account), found, outcome.may_override)
    return Outcome("sent", _view(outcome, account), verdict_view(outcome.verdict, detailed=account.detailed))


@method("listMessages")
async def list_messages(service: Service, params: Conversation) -> tuple[MessageView, ...]:
    """Say what stands in a conversation, the oldest first."""
    account = service.account(params.account)
    history, limit = account.device.store.history, max(1, min(params.limit, 500))
    if params.group_id is not None:
        found = history.in_group(account.group(params.group_id).id, limit)
    else:
        found = history.with_contact(account.contact(params.recipient or "").identity, limit)
    return tuple(_view(message, account) for message in found)


@method("receive")
async def receive(service: Service, params: Receive) -> Received:
    """Take what arrived since an event, waiting for the first if there is none. `subscribeReceive` pushes instead."""
    account, last, found = service.account(params.account), params.since, list[Happened]()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, min(params.timeout, 3600.0)) or 0.001):
            async for happened in service.journal.follow(params.since):
                last = happened.id
                event = happened.event
                mine = happened.account == account.name and isinstance(event, MessageNotice)
                if mine and isinstance(event, MessageNotice) and event.message.direction == "in":
                    found.append(happened)
                if len(found) >= params.max_messages or (found and last == service.journal.last):
                    break
    return Received(tuple(found), last)


@method("getAttachment")
async def get_attachment(service: Service, params: GetAttachment) -> Content:
    """Give a file of a message that is not withheld."""
    account = service.account(params.account)
    file = account.device.store.history.shown_file(params.id)
    if file is None:
        raise RpcError(Code.UNKNOWN, f"{account.name} shows no attachment {params.id!r}.")
    return Content(file.name, await asyncio.to_thread(base64_of, file))


def _view(message: Message, account: Account) -> MessageView:
    return message_view(message, account.device, detailed=account.detailed)


async def _told(outcome: Queued | NotSent | Paused | Resting | Impossible, account: Account, wait: float) -> Outcome:
    match outcome:
        case Impossible(reason):
            raise RpcError(Code.REFUSED, reason)
        case Resting():
            raise RpcError(Code.REFUSED, "Files to somebody new ask for a moment first. Nothing was sent; say rested.")
        case NotSent(message, held):
            found = verdict_view(held.verdict, detailed=account.detailed)
            return Outcome("held", _view(message, account), found, held.may_override)
        case Paused(message):
            after = message
        case Queued(message):
            after = await account.until_moved(message, max(0.0, min(wait, 60.0)))
    kinds: dict[State, Literal["sent", "refused"]] = {State.SENT: "sent", State.REFUSED: "refused"}
    view = _view(after, account)
    return Outcome(kinds.get(after.state, "queued"), view, view.verdict)
