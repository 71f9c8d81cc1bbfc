"""`foreseal`: the group of commands, each imported when it is called, so that `--help` is quick."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Final

import click

__all__ = ["foreseal"]

_COMMANDS: Final = {
    "bench": ("bench", "bench", "Measure what a check finds and what it costs on this machine."),
    "check": ("check", "check", "Check files and links against a hash list, as the chat does before sending."),
    "compare": ("compare", "compare", "Say how far apart two pictures are."),
    "demo": ("demo", "demo", "Two people, one relay, a real check before the seal."),
    "doctor": ("doctor", "doctor", "Say what is installed, what works here and what a check costs."),
    "fingerprint": ("fingerprint", "fingerprint", "Print the fingerprints of files."),
    "list": ("lists", "lists", "Make, import and look into hash lists."),
    "relay": ("relay", "relay", "Run a relay."),
}
"""Command -> module below this package, its click command, and the line that `--help` shows."""


class _Lazy(click.Group):
    """Loads a command's module only when that command is used."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, attribute, _ = _COMMANDS[name]
        command = getattr(import_module(f"foreseal_client.cli.{module}"), attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in sorted(_COMMANDS.items())])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("foreseal"), prog_name="foreseal")
def foreseal() -> None:
    """End-to-end encrypted chat that checks pictures on the device, before they are sealed.

    Some call this upload prevention, others client-side scanning. Foreseal runs it, measures it and takes no side.
    """
