"""`foreseal`: the group of commands."""

from __future__ import annotations

from typing import Final

import click

from foreseal_client.cli.lazy import LazyGroup

__all__ = ["foreseal"]

_COMMANDS: Final = {
    "bench": ("bench", "bench", "Measure what a check finds and what it costs on this machine."),
    "chat": ("chat", "chat", "Write to people and groups, on a screen or in lines."),
    "check": ("check", "check", "Check files and links against a hash list, as the chat does before sending."),
    "compare": ("compare", "compare", "Say how far apart two pictures or films are."),
    "config": ("config", "config", "Show what is set, and where."),
    "conformance": ("conformance", "conformance", "Run named flows against a client that speaks the RPC."),
    "demo": ("demo", "demo", "Two people, one relay, a real check before the seal."),
    "desk": ("desk", "desk", "Where reports arrive, and two people decide."),
    "directory": ("directory", "directory", "Find people by a public handle, and be found, if you want to be."),
    "doctor": ("doctor", "doctor", "Say what is installed, what works here and what a check costs."),
    "fingerprint": ("fingerprint", "fingerprint", "Print the fingerprints of files."),
    "list": ("lists", "lists", "Make, import and look into hash lists."),
    "pressured": ("pressured", "pressured", "Somebody is pressuring you: help lines, block, keep evidence."),
    "profile": ("profile", "profile", "Check, lock, back up and restore a local store."),
    "report": ("report", "report", "Hand messages, a link or an appeal to a desk."),
    "relay": ("relay", "relay", "Run a relay."),
    "rpc": ("rpc", "rpc", "Run a client without a screen, driven by JSON-RPC."),
    "story": ("story", "story", "Write a scenario of the demo down as a page to take away."),
    "study": ("study", "study", "Measure a check on your own photographs, and write a report."),
}
"""Command -> module below this package, its click command, and the line that `--help` shows."""

_HELP: Final = """End-to-end encrypted chat that checks pictures on the device, before they are sealed.

Some call this upload prevention, others client-side scanning. Foreseal runs it, measures it and takes no side.
"""

foreseal = click.version_option(package_name="foreseal", prog_name="foreseal")(
    LazyGroup("foreseal_client.cli", _COMMANDS, _HELP)
)
