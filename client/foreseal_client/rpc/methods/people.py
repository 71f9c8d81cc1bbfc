"""Methods for contacts: invitations, keys, blocking."""

from __future__ import annotations

from foreseal_client.contacts import mark_verified
from foreseal_client.rpc.calling import method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.methods.accounts import OfAccount
from foreseal_client.rpc.service import Service
from foreseal_client.rpc.views import ContactView, IdentityView, View, contact_view, identity_view
from foreseal_client.store import Standing

__all__ = ["Accept", "Invite", "OfContact", "Text", "Trust"]


class OfContact(OfAccount, frozen=True):
    """`recipient`: an identity, or the name of one contact."""

    recipient: str


class Invite(OfAccount, frozen=True):
    """`wait`: seconds in which the relay is tried again, 0 to 60: a client logs in anew once a day."""

    wait: float = 3.0


class Accept(OfAccount, frozen=True):
    """`invitation`: as it was handed over."""

    invitation: str


class Trust(OfContact, frozen=True):
    """`verifiedSafetyNumber`: the number that the other person reads out; marks them verified if it is the same.
    `trustAllKnownKeys`: the person has looked at a change of key and lets messages go to the new one."""

    verified_safety_number: str | None = None
    trust_all_known_keys: bool = False


class Text(View, frozen=True):
    """A text to pass on."""

    text: str


@method("invite")
async def invite(service: Service, params: Invite) -> Text:
    """Make an invitation to hand over: it opens one conversation."""
    account = service.account(params.account)
    return Text(await account.reaching(account.messenger.invite, params.wait))


@method("acceptInvitation")
async def accept_invitation(service: Service, params: Accept) -> ContactView:
    """Make a contact of whoever handed over an invitation."""
    account = service.account(params.account)
    return contact_view(await account.messenger.accept_invitation(params.invitation), account.device)


@method("listContacts")
async def list_contacts(service: Service, params: OfAccount) -> tuple[ContactView, ...]:
    """Say whom this account knows, by name; those who ask to be let in are `requested`."""
    device = service.account(params.account).device
    return tuple(contact_view(contact, device) for contact in device.store.people.all())


@method("block")
async def block(service: Service, params: OfContact) -> ContactView:
    """Drop unread whatever somebody sends from now on, also while the account is disconnected. Somebody who only asks
    to be let in is blocked here alone."""
    account = service.account(params.account)
    contact = account.contact(params.recipient)
    await account.block(contact)
    return contact_view(account.contact(contact.identity.hex()), account.device)


@method("unblock")
async def unblock(service: Service, params: OfContact) -> ContactView:
    """Let somebody in again who was blocked. What they sent meanwhile is gone."""
    account = service.account(params.account)
    contact = account.contact(params.recipient)
    if contact.standing is not Standing.BLOCKED:
        raise RpcError(Code.USAGE, f"{contact.name} is {contact.standing}, and not blocked.")
    await account.messenger.unblock(contact)
    return contact_view(account.contact(contact.identity.hex()), account.device)


@method("listIdentities")
async def list_identities(service: Service, params: OfAccount) -> tuple[IdentityView, ...]:
    """Say the safety number of every contact, whether it was compared, and whose key has changed."""
    device = service.account(params.account).device
    return tuple(identity_view(contact, device) for contact in device.store.people.all())


@method("trust")
async def trust(service: Service, params: Trust) -> IdentityView:
    """Say that a safety number was compared, or that a change of key was looked at."""
    account = service.account(params.account)
    contact, device = account.contact(params.recipient), account.device
    if params.verified_safety_number is not None:
        said = "".join(params.verified_safety_number.split())
        if said != "".join(device.safety_number(contact).split()):
            raise RpcError(Code.REFUSED, f"This is not the safety number with {contact.name}. Nothing was marked.")
        mark_verified(contact, device)
    elif params.trust_all_known_keys:
        change = device.store.trust.unseen(contact.identity)
        if change is None:
            raise RpcError(Code.USAGE, f"The key of {contact.name} has not changed.")
        await account.messenger.accept_key(change)
    else:
        raise RpcError(Code.USAGE, "Give verifiedSafetyNumber, or trustAllKnownKeys.")
    return identity_view(contact, device)
