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
from foreseal_client.chat.acts.groups import add, group, leave, members, remove, rename
from foreseal_client.chat.acts.people import accept, block, invite, key, let_in, people, safety, to
from foreseal_client.chat.acts.reporting import report
from foreseal_client.chat.acts.screen import attach, end, older, search, show_help, theme

__all__ = [
    "accept", "add", "appeal_last", "attach", "block", "end", "group", "invite", "key", "leave", "let_in", "lists",
    "members", "older", "people", "policy", "relay", "remove", "rename", "report", "reveal", "review_queue", "safety",
    "search", "send_held", "show_help", "theme", "to", "why",
]  # fmt: skip
