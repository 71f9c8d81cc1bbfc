"""Every command, once: the same by key, by slash and in the palette, on the screen and in lines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from foreseal_client.chat import acts

if TYPE_CHECKING:
    from foreseal_client.chat.desk import ChatDesk

__all__ = ["COMMANDS", "Command", "help_text"]


@dataclass(frozen=True, slots=True)
class Command:
    """`argument`: what may follow the name; `key`: unless a person sets another; `act`: what it does."""

    name: str
    argument: str
    help: str
    key: str
    act: Callable[[ChatDesk, str], Awaitable[None]]
    title: str = ""
    """What stands in the footer, for those that do."""


_ALL: Final = (
    Command("help", "", "this page", "f1", acts.show_help, "Help"),
    Command("attach", "[FILE]", "attach a file to the next message", "ctrl+o", acts.attach, "Attach"),
    Command("reveal", "", "look at what arrived hidden, where the policy lets you", "f2", acts.reveal, "Reveal"),
    Command("why", "", "why something was stopped, hidden or passed", "f3", acts.why, "Why"),
    Command("relay", "", "what the relay sees", "f4", acts.relay, "Relay"),
    Command("policy", "[MODE [FAILURE]]", "what a match is followed by; loosening asks", "f5", acts.policy, "Policy"),
    Command("appeal", "", "say that something was stopped or hidden wrongly", "f6", acts.appeal_last),
    Command("review", "", "look at what waits for a review, as the reviewer", "f7", acts.review_queue),
    Command("report", "", "hand a message that you were sent to a desk, with its proof", "", acts.report),
    Command("send", "", "send what was stopped before and may pass now", "f8", acts.send_held),
    Command("to", "[NAME]", "turn to a person or a group", "ctrl+t", acts.to, "To"),
    Command("people", "", "everybody and every group, and what is unread", "", acts.people),
    Command("search", "WORDS", "find words in this conversation, then in all", "ctrl+f", acts.search, "Search"),
    Command("older", "", "show older messages", "", acts.older),
    Command("invite", "", "make an invitation to hand over, as text and to be scanned", "f9", acts.invite),
    Command("accept", "[INVITATION]", "accept an invitation that somebody gave you", "f10", acts.accept),
    Command("let-in", "", "let somebody in who asks to write to you", "", acts.let_in),
    Command("block", "", "block this person; what they send is dropped unread", "", acts.block),
    Command("safety", "", "compare the safety number with this person", "", acts.safety),
    Command("key", "", "look at this person's new key", "", acts.key),
    Command("group", "[NAME]", "found a group", "", acts.group),
    Command("members", "", "who is in this group", "", acts.members),
    Command("add", "[NAME]", "take somebody into this group", "", acts.add),
    Command("remove", "[NAME]", "put somebody out of this group", "", acts.remove),
    Command("rename", "[NAME]", "call this group otherwise", "", acts.rename),
    Command("leave", "", "leave this group", "", acts.leave),
    Command("lists", "", "the hash lists, and whether they can be used", "", acts.lists),
    Command("theme", "", "dark, or light with high contrast", "f12", acts.theme),
    Command("quit", "", "end; what waits is sent next time", "ctrl+q", acts.end, "Quit"),
)
COMMANDS: Final[Mapping[str, Command]] = MappingProxyType({command.name: command for command in _ALL})


def help_text(keys: Mapping[str, str]) -> str:
    """Every command with its key. `keys`: as they are set, by command."""
    lines = ["Enter sends, ctrl+j starts a new line, Tab moves on, Esc is the safe choice.", ""]
    for command in COMMANDS.values():
        name = f"/{command.name} {command.argument}".strip()
        lines.append(f"{keys.get(command.name, command.key):8} {name:24} {command.help}")
    return "\n".join(lines)
