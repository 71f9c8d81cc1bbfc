"""`foreseal list`: the life of a hash list, each command in a module of its own."""

from __future__ import annotations

from typing import Final

from foreseal_client.cli.lazy import LazyGroup

__all__ = ["lists"]

_COMMANDS: Final = {
    "apply": ("deltas", "apply", "Make the list that a delta leads to."),
    "build": ("building", "build", "Build one list from several."),
    "changes": ("deltas", "changes", "Say what came, went and changed between two lists."),
    "compact": ("withdrawing", "compact", "Drop old records, and make one of entries that are alike."),
    "delta": ("deltas", "delta", "Write what leads from one list to another."),
    "endorse": ("endorsing", "endorse", "Show what waits in a repository, and sign it."),
    "import": ("importing", "import_files", "List what other programs wrote down, from files."),
    "index": ("indexing", "index", "Verify a list from elsewhere and build its index."),
    "info": ("info", "info", "Verify a list and say what it holds."),
    "log": ("log", "log", "Watch the public log of a repository: who published what, and when."),
    "make": ("making", "make", "List pictures and links."),
    "publish": ("publishing", "publish", "Publish lists under their endorsers' signatures."),
    "update": ("updating", "update", "Bring a list to the newest version that its endorsers signed."),
    "withdraw": ("withdrawing", "withdraw", "Take entries off a list."),
}
"""Command -> module below this package, its click command, and the line that `--help` shows."""

_HELP: Final = """Make, import, publish, update and look into hash lists.

A list is a folder. Its purpose is "synthetic" or "research"; Foreseal ships and connects to no real list.
"""

lists = LazyGroup("foreseal_client.cli.lists", _COMMANDS, _HELP)
