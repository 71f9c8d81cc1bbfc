"""A person in a test: their client, driven from outside."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from foreseal_client.kit.calls import Calls
from foreseal_client.kit.samples import Picture
from foreseal_client.rpc.methods.messages import Outcome
from foreseal_client.rpc.methods.people import Text
from foreseal_client.rpc.methods.subscribing import Pushed, Subscribed
from foreseal_client.rpc.notices import ContactNotice, ConversationNotice, GroupNotice, MessageNotice
from foreseal_client.rpc.views import AccountView, ContactView, GroupView, MessageView, PolicyView

__all__ = ["Client", "File"]

File = Picture | bytes | Path
T = TypeVar("T")
_PATIENCE: Final = 10.0
_LONG: Final = 30.0


class Client:
    """`name`: what others see; `account`: what the client calls it; `capabilities`: the methods it answers."""

    def __init__(self, name: str, account: str, calls: Calls, relay: str) -> None:
        self.name = name
        self.calls = calls
        self.capabilities = frozenset(calls.ready.methods)
        self._seen: set[int] = set()
        self.call("subscribeReceive", Subscribed, since=0)
        known = self.call("register", AccountView, account=account, name=name, relay=relay)
        self.identity = known.identity
        self.mailbox = bytes.fromhex(known.mailbox)

    def __repr__(self) -> str:
        return f"<client {self.name}>"

    def call(self, method: str, kind: type[T], **params: Any) -> T:
        """Any method, its result as `kind`. Raises `CallError` or `TimeoutError`."""
        return self.calls.call(method, params, kind)

    def meet(self, other: Client) -> Client:
        """Makes contacts of the two, by an invitation of the other's, and waits until either can write to the other.
        Returns the other."""
        self.accept(other)
        self.call("send", Outcome, recipient=other.identity, message="", wait=0)
        self.wait_for("contact", identity=other.identity, answered=True, timeout=_LONG)
        return other

    def accept(self, other: Client) -> ContactView:
        """Accepts an invitation of the other's, and no more: they do not know yet."""
        return self.call("acceptInvitation", ContactView, invitation=other.call("invite", Text).text)

    def knows(self, other: Client) -> bool:
        """Whether the other is a contact."""
        return any(one.identity == other.identity for one in self.call("listContacts", list[ContactView]))

    def send(
        self,
        to: Client | GroupView,
        text: str = "",
        *,
        attachment: File | None = None,
        attachments: Sequence[File] = (),
        acknowledged: bool = False,
        wait: float = _PATIENCE,
    ) -> Outcome:
        """Sends, and waits up to `wait` seconds for the relay; somebody who is no contact yet becomes one first."""
        if isinstance(to, Client) and not self.knows(to):
            self.meet(to)
        files = [*attachments] if attachment is None else [attachment, *attachments]
        return self.call("send", Outcome, **_letter(to, text, files), acknowledged=acknowledged, wait=wait)

    def begin_send(self, to: Client | GroupView, text: str = "", *, attachment: File | None = None) -> int:
        """Asks for it and does not wait; what to call `answered` with."""
        return self.calls.begin("send", _letter(to, text, [] if attachment is None else [attachment]))

    def answered(self, begun: int, kind: type[T]) -> T:
        """The result of what was begun. Raises `CallError` or `TimeoutError`."""
        return self.calls.result(begun, "what was begun", kind)

    def wait_for(self, kind: str, timeout: float = _PATIENCE, **fields: object) -> Any:
        """The first event of this kind that was not taken yet and has these fields, such as `text="hello"`.

        `message`: one that arrived, for the first time, withheld ones too; `change`: a message that became another
        one; `gone`: one of which nothing is left; `contact`, `group`, `conversation`; and by their names `connection`,
        `keyChange`, `refused`, `reminder`, `requests`, `trouble`, `transfer`, `typing`. Raises `TimeoutError`, which
        tells what came instead."""

        def wanted(pushed: Pushed) -> object | None:
            found_kind, found = self._named(pushed)
            fits = found_kind == kind and all(getattr(found, name, None) == value for name, value in fields.items())
            return found if fits else None

        asked = "".join(f", {name}={value!r}" for name, value in fields.items())
        found = self.calls.take(wanted, timeout, f"{kind}{asked}")
        if isinstance(found, MessageView):
            self._seen.add(found.id)
        return found

    def messages(self, other: Client | GroupView) -> list[MessageView]:
        """What stands in a conversation, the oldest first."""
        if isinstance(other, GroupView):
            return self.call("listMessages", list[MessageView], groupId=other.group_id)
        return self.call("listMessages", list[MessageView], recipient=other.identity)

    def file(self, message: MessageView, at: int = 0) -> bytes:
        """The bytes of a message's attachment."""
        content = self.call("getAttachment", dict[str, str], id=message.attachments[at].id)
        return base64.b64decode(content["data"])

    def group(self, name: str, *others: Client) -> GroupView:
        """A new group of contacts; people who are none yet become contacts first."""
        for other in others:
            if not self.knows(other):
                self.meet(other)
        return self.call("updateGroup", GroupView, name=name, members=[other.identity for other in others])

    def set_policy(self, mode: str, on_failure: str = "fail-closed") -> PolicyView:
        """Sets it, looser too."""
        return self.call("test.setPolicy", PolicyView, mode=mode, onFailure=on_failure)

    def set_lists(self, *folders: Path) -> None:
        """Checks against these from now on."""
        self.call("test.setLists", dict[str, bool], folders=[str(folder) for folder in folders])

    def go_offline(self) -> None:
        """Disconnects; the profile stays open."""
        self.call("disconnect", AccountView)

    def go_online(self) -> None:
        """Connects again, and waits for the relay."""
        self.call("connect", AccountView)

    def close(self) -> None:
        """Ends the client."""
        self.calls.close()

    def _named(self, pushed: Pushed) -> tuple[str, object]:
        event = pushed.result.event
        match event:
            case MessageNotice(message):
                first = message.direction == "in" and message.id not in self._seen
                return ("message" if first else "change"), message
            case ContactNotice(contact):
                return "contact", contact
            case GroupNotice(group):
                return "group", group
            case ConversationNotice(conversation):
                return "conversation", conversation
            case other:
                return str(type(other).__struct_config__.tag), other


def _letter(to: Client | GroupView, text: str, files: Sequence[File]) -> dict[str, Any]:
    whom = {"recipient": to.identity} if isinstance(to, Client) else {"groupId": to.group_id}
    return {**whom, "message": text, "attachments": [_written(file) for file in files]}


def _written(file: File) -> str:
    if isinstance(file, Path):
        return str(file)
    name, data = (file.name, file.data) if isinstance(file, Picture) else ("file.bin", file)
    return f"data:application/octet-stream;filename={name};base64,{base64.b64encode(data).decode()}"
