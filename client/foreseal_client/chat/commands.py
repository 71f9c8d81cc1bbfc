"""Every command, once: the same by key, by slash and in the palette, on the screen and in lines. What each does stands
in `acts`, by the same name: a screen needs the names first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = ["COMMANDS", "HELP", "Command", "help_rows"]


@dataclass(frozen=True, slots=True)
class Command:
    """`argument`: what may follow the name; `key`: unless a person sets another."""

    name: str
    argument: str
    help: str
    key: str
    title: str = ""
    """What stands in the footer, for those that do."""


_ALL: Final = (
    Command("help", "", "this page", "f1", "Help"),
    Command("attach", "[FILE]", "attach a file to the next message", "ctrl+o", "Attach"),
    Command("reveal", "", "look at what arrived hidden, where the policy lets you", "f2", "Reveal"),
    Command("why", "", "why something was stopped, hidden or passed", "f3", "Why"),
    Command("relay", "", "what the relay sees", "f4", "Relay"),
    Command("policy", "[MODE [FAILURE]]", "what a match is followed by; loosening asks", "f5", "Policy"),
    Command("appeal", "", "say that something was stopped or hidden wrongly", "f6"),
    Command("review", "", "look at what waits for a review, as the reviewer", "f7"),
    Command("report", "", "hand a message that you were sent to a desk, with its proof", ""),
    Command("send", "", "send what was stopped before and may pass now", "f8"),
    Command("to", "[NAME]", "turn to a person or a group", "ctrl+t", "To"),
    Command("people", "", "everybody and every group, and what is unread", ""),
    Command("search", "WORDS", "find words in this conversation, then in all", "ctrl+f", "Search"),
    Command("older", "", "show older messages", ""),
    Command("invite", "", "make an invitation to hand over, as text and to be scanned", "f9"),
    Command("accept", "[INVITATION]", "accept an invitation that somebody gave you", "f10"),
    Command("requests", "[NAME]", "strangers who ask to write to you", ""),
    Command("block", "", "block this person; what they send is dropped unread", ""),
    Command("unblock", "", "take in again what this person sends", ""),
    Command("find", "HANDLE [RELAY]", "look up a public handle, exactly as spelt", ""),
    Command("room", "", "who has left a note in the relay's open room", ""),
    Command("card", "", "your own card, as text and to be scanned", ""),
    Command("write", "[CARD]", "write to a stranger of whom you have the card", ""),
    Command("strangers", "[on|off]", "whether whoever has your card may write to you", ""),
    Command("safeguards", "[NAME=VALUE]", "what protects this profile, and changing it", ""),
    Command("help-me", "[REGION]", "somebody is pressuring you: help lines, block, keep it", "f11"),
    Command("timer", "[TIME|off]", "let messages here disappear: 30s, 5m, 8h, 7d", ""),
    Command("receipts", "[on|off]", "let each other see what was delivered and read", ""),
    Command("typing", "[on|off]", "let each other see who is typing", ""),
    Command("delete", "", "delete a message: here, or an own one for both", ""),
    Command("safety", "", "compare the safety number with this person", ""),
    Command("key", "", "look at this person's new key", ""),
    Command("group", "[NAME]", "found a group", ""),
    Command("members", "", "who is in this group", ""),
    Command("add", "[NAME]", "take somebody into this group", ""),
    Command("remove", "[NAME]", "put somebody out of this group", ""),
    Command("rename", "[NAME]", "call this group otherwise", ""),
    Command("leave", "", "leave this group", ""),
    Command("lists", "", "the hash lists, and whether they can be used", ""),
    Command("ledger", "[on|off]", "which checks were written down, and what that tells others", ""),
    Command("theme", "", "dark, or light with high contrast", "f12"),
    Command("quit", "", "end; what waits is sent next time", "ctrl+q", "Quit"),
)
COMMANDS: Final[Mapping[str, Command]] = MappingProxyType({command.name: command for command in _ALL})
HELP: Final = "Enter sends, ctrl+j starts a new line, Tab moves on, Esc is the safe choice, ctrl+p finds any of these."


def help_rows(keys: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Every command with its key, and what it is for. `keys`: as they are set, by command."""
    return tuple(
        (f"{keys.get(command.name, command.key):7}/{command.name} {command.argument}".rstrip(), command.help)
        for command in COMMANDS.values()
    )
