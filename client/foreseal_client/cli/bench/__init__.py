"""`foreseal bench`: what things cost and find on this machine, each measurement in a module of its own."""

from __future__ import annotations

from typing import Final

from foreseal_client.cli.lazy import LazyGroup

__all__ = ["bench"]

_COMMANDS: Final = {
    "attachments": ("sealed", "attachments", "Seal and open a large attachment, in MiB a second and memory."),
    "chat": ("chats", "chat", "Open, scroll, receive and search in a long conversation; start the chat."),
    "check": ("checks", "check", "Check pictures or films, stage by stage: read, decode, hash, lookup."),
    "films": ("films", "films", "Measure films: recall after ordinary edits, nearness of strangers, cost."),
    "index": ("lookups", "index", "Look fingerprints up in a list of so many entries."),
    "kit": ("kit", "kit", "Meet, write and hold as a suite does, beside what no suite can do without."),
    "ledger": ("ledger", "ledger", "Write checks down, beside making them."),
    "lists": ("lookups", "lists", "Build a list, change it, and bring an old one up to date by a delta."),
    "log": ("lookups", "log", "Prove that a list stands in a public log, and that the log only grew."),
    "looks": ("looks", "looks", "Measure the looks at a picture: recall after edits, nearness of strangers, cost."),
    "observer": ("observer", "observer", "Infer what a relay could from what it sees, beside guessing."),
    "relay": ("relay", "relay", "Have a relay accept envelopes durably, beside what the machine can do at all."),
    "reports": ("reports", "reports", "Prove a message, open a long queue, and go from a report to a device."),
    "sealing": ("sealed", "sealing", "Screen, seal and open text messages; set up sessions; turn the ratchet."),
    "strangers": ("strangers", "strangers", "Hold harmless pictures against a list that they are not on."),
}
"""Command -> module below this package, its click command, and the line that `--help` shows."""

_HELP: Final = """Measure what a check finds and what it costs on this machine, and what sealing and a relay cost.

Nothing leaves it. Times are for ratios within one run, on the machine that is named beside them. The lists that
`index` and `check` make are random numbers: they measure speed and say nothing of false matches.
"""

bench = LazyGroup("foreseal_client.cli.bench", _COMMANDS, _HELP)
