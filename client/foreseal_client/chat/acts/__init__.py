"""What each command does. They take the desk and what was written behind the name, and tell the face."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

from foreseal_client.chat.acts.checks import (
    appeal_last,
    lists,
    policy,
    relay,
    reveal,
    review_queue,
    send_held,
    why,
)
from foreseal_client.chat.acts.fading import delete, receipts, timer, typing
from foreseal_client.chat.acts.groups import add, group, leave, members, remove, rename
from foreseal_client.chat.acts.guarding import help_me, safeguards
from foreseal_client.chat.acts.ledger import ledger
from foreseal_client.chat.acts.people import accept, block, invite, key, people, safety, to, unblock
from foreseal_client.chat.acts.reporting import report
from foreseal_client.chat.acts.screen import attach, end, older, search, show_help, theme
from foreseal_client.chat.acts.strangers import card, find, requests, room, strangers, write

__all__ = ["ACTS", "Act"]

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

Act = Callable[["ChatDesk", str], Awaitable[None]]
ACTS: Final[Mapping[str, Act]] = {
    "accept": accept, "add": add, "appeal": appeal_last, "attach": attach, "block": block, "card": card,
    "delete":     delete, "quit": end, "find": find, "group": group, "help-me": help_me, "invite": invite,
    "key": key, "leave":     leave, "ledger": ledger, "lists": lists, "members": members, "older": older,
    "people": people, "policy": policy, "receipts": receipts, "relay": relay, "remove": remove, "rename": rename,
    "report": report, "requests": requests, "reveal": reveal, "review": review_queue, "room": room,
    "safeguards": safeguards, "safety": safety, "search":     search, "send": send_held, "help": show_help,
    "strangers": strangers, "theme": theme, "timer": timer, "to": to, "typing": typing, "unblock": unblock,
    "why": why, "write": write,
}  # fmt: skip
"""By the name of the command."""
