"""Methods for strangers: who may write first, what they wrote, and what becomes of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from foreseal_client.rpc.account import Account
from foreseal_client.rpc.calling import method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.methods.accounts import Done, OfAccount
from foreseal_client.rpc.methods.people import OfContact
from foreseal_client.rpc.methods.safeguards import keep_settings
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import ContactView, View, contact_view
from foreseal_client.safeguards.asked import in_force
from foreseal_client.safeguards.first_contacts import TooMany
from foreseal_client.safeguards.settings import ORDINARY, Requests
from foreseal_client.safeguards.words import first_contacts_used_up
from foreseal_client.store import Standing

__all__ = ["AddByCard", "RequestView", "Respond", "TakeRequests"]


class AddByCard(OfAccount, frozen=True):
    """`card`: somebody's public card."""

    card: str


class TakeRequests(OfAccount, frozen=True):
    """`taken`: whether people who only have this account's card may write; `passcode`: of a young person's profile,
    where that loosens it."""

    taken: bool
    passcode: str | None = None


class Respond(OfContact, frozen=True):
    """`type`: `accept` lets them in; `leave` leaves it, uncounted, and they learn nothing; `keep` keeps what they wrote
    as evidence, on this device; `block` drops it and whatever they send, on this device alone."""

    type: Literal["accept", "leave", "keep", "block"]


class RequestView(View, frozen=True):
    """Somebody who is no contact wrote. `text`: without a link that could be opened; `files`: how many wait at the
    relay, unseen; `hidden`: letters whose text is not shown; `resembles`: the contact whose name they bear."""

    identity: str
    name: str
    text: str
    shortened: bool
    files: int
    hidden: int
    resembles: str | None
    left: bool


@method("addByCard")
async def add_by_card(service: Service, params: AddByCard) -> ContactView:
    """Make somebody of whom only the card is known a contact. What is written to them is a request there."""
    account = service.account(params.account)
    begun = await account.messenger.requests.begin(params.card)
    if isinstance(begun, TooMany):
        raise RpcError(Code.REFUSED, first_contacts_used_up(begun))
    return contact_view(begun, account.device)


@method("takeRequests")
async def take_requests(service: Service, params: TakeRequests) -> Done:
    """Say whether strangers may write first. The relay is told now, or at the next login."""
    account = service.account(params.account)
    wanted = Requests.ANYONE if params.taken else Requests.INVITED
    if params.taken and _asked_for(account) is Requests.INVITED:
        raise RpcError(Code.REFUSED, "The settings this client was started with let nobody in but who was invited.")
    await keep_settings({"requests": wanted}, params.passcode, account)
    await account.messenger.first_contact.take_requests(is_open=params.taken)
    return Done()


@method("listMessageRequests")
async def list_message_requests(service: Service, params: OfAccount) -> tuple[RequestView, ...]:
    """Say who asks to write to this account, by name, and what may be shown of it. Nothing is fetched for that."""
    return tuple(
        msgspec.convert({**msgspec.structs.asdict(one), "identity": one.identity.hex()}, RequestView)
        for one in await service.account(params.account).messenger.requests.all()
    )


@method("sendMessageRequestResponse")
async def send_message_request_response(service: Service, params: Respond) -> ContactView:
    """Decide about somebody who wrote without an invitation. Nothing of it shows from outside but the letter with which
    an accepted one is answered."""
    account = service.account(params.account)
    contact, requests = account.contact(params.recipient), account.messenger.requests
    if contact.standing is not Standing.REQUESTED:
        raise RpcError(Code.USAGE, f"{contact.name} is {contact.standing}, and does not ask to be let in.")
    match params.type:
        case "accept":
            await account.messenger.accept_request(contact)
        case "leave":
            requests.leave(contact)
        case "keep":
            requests.keep(contact)
        case "block":
            requests.block(contact)
    return contact_view(account.contact(contact.identity.hex()), account.device)


def _asked_for(account: Account) -> Requests:
    """Who may write first, as far as what this client was started with goes."""
    return in_force(ORDINARY, account.device.asked).settings.requests
