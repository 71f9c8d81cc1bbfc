"""What each command does. They take the desk and what was written behind the name, and tell the face."""

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
from foreseal_client.chat.acts.people import accept, block, invite, key, people, safety, to, unblock
from foreseal_client.chat.acts.screen import attach, end, older, search, show_help, theme
from foreseal_client.chat.acts.strangers import card, find, requests, room, strangers, write

__all__ = [
    "accept", "add", "appeal_last", "attach", "block", "card", "delete", "end", "find", "group", "help_me", "invite",
    "key", "leave", "lists", "members", "older", "people", "policy", "receipts", "relay", "remove", "rename",
    "requests", "reveal", "review_queue", "room", "safeguards", "safety", "search", "send_held", "show_help",
    "strangers", "theme", "timer", "to", "typing", "unblock", "why", "write",
]  # fmt: skip
