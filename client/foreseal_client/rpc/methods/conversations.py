"""Methods for what stands beside the words of a conversation: receipts, typing, disappearing, deleting."""

from __future__ import annotations

from foreseal_client.rpc.calling import method
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.conversation_view import ConversationView, conversation_view
from foreseal_client.rpc.methods.accounts import Done, OfAccount
from foreseal_client.rpc.methods.messages import OfMessage
from foreseal_client.rpc.methods.people import OfContact
from foreseal_client.rpc.service import Service
from foreseal_client.sealing.notes import Shares
from foreseal_client.store import Direction, Standing

__all__ = ["SendReceipt", "SendTyping", "UpdateContact"]


class SendReceipt(OfAccount, frozen=True):
    """`ids`: messages that the person has had before their eyes."""

    ids: tuple[int, ...]


class SendTyping(OfContact, frozen=True):
    """`stop`: the draft was left."""

    stop: bool = False


class UpdateContact(OfContact, frozen=True):
    """Each part may be left out: then it stays. `expiration`: seconds after which what either of the two writes from
    now on disappears, 0 for never; `receipts`, `typing`: whether this account lets them see what was read, and that
    something is being typed, if they do the same."""

    expiration: int | None = None
    receipts: bool | None = None
    typing: bool | None = None


@method("getConversation")
async def get_conversation(service: Service, params: OfContact) -> ConversationView:
    """Say what is settled with a contact beside the words."""
    account = service.account(params.account)
    return conversation_view(account.device.store.conversations.get(account.contact(params.recipient).identity))


@method("updateContact")
async def update_contact(service: Service, params: UpdateContact) -> ConversationView:
    """Settle how long messages with a contact stay, and what the two let each other see. The other side is told."""
    account = service.account(params.account)
    contact, conversations = account.contact(params.recipient), account.messenger.conversations
    if contact.standing in (Standing.MEMBER, Standing.REQUESTED):
        raise RpcError(Code.REFUSED, f"{contact.name} is {contact.standing}: only with contacts is it settled.")
    allowed, settled = account.device.safeguards, conversations.settled(contact.identity)
    if (params.receipts and not allowed.may_send_receipts) or (params.typing and not allowed.may_send_typing):
        raise RpcError(Code.REFUSED, "This profile tells nobody what was read or is being typed. Nothing was changed.")
    if params.expiration is not None:
        settled = await conversations.set_timer(contact, params.expiration)
    wanted = _with(_with(settled.shares, Shares.RECEIPTS, params.receipts), Shares.TYPING, params.typing)
    if wanted != settled.shares:
        settled = await conversations.share(contact, wanted)
    return conversation_view(settled)


@method("sendReceipt")
async def send_receipt(service: Service, params: SendReceipt) -> Done:
    """Say that messages were read: their time runs from now, and their writers are told, where both sides want that, at
    the next letter or in an hour's slot of the clock."""
    account = service.account(params.account)
    messages = [account.message(id) for id in params.ids]
    account.messenger.conversations.read(one for one in messages if one.direction is Direction.IN)
    return Done()


@method("sendTyping")
async def send_typing(service: Service, params: SendTyping) -> Done:
    """Say that something is being typed: told in a slot of the clock, where both sides want that."""
    account = service.account(params.account)
    contact, conversations = account.contact(params.recipient), account.messenger.conversations
    if params.stop:
        conversations.handed_in(contact)
    else:
        conversations.typing(contact)
    return Done()


@method("remoteDelete")
async def remote_delete(service: Service, params: OfMessage) -> Done:
    """Delete an own message for both sides. The other device is asked to; a modified client can keep it."""
    account = service.account(params.account)
    await account.messenger.conversations.delete_for_both(account.message(params.id))
    return Done()


@method("deleteMessage")
async def delete_message(service: Service, params: OfMessage) -> Done:
    """Delete a message from this device alone. Nobody is told."""
    account = service.account(params.account)
    account.messenger.conversations.delete_here(account.message(params.id))
    return Done()


def _with(shares: Shares, one: Shares, wanted: bool | None) -> Shares:
    if wanted is None:
        return shares
    return shares | one if wanted else shares & ~one
