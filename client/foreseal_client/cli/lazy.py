"""A group of commands, each imported when it is called, so that `--help` is quick."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

__all__ = ["LazyGroup"]


class LazyGroup(click.Group):
    """Loads a command's module only when that command is used. `commands`: by name, the module below `package`, its
    click command, and the line that `--help` shows."""

    def __init__(self, package: str, commands: Mapping[str, tuple[str, str, str]], help: str) -> None:
        super().__init__(help=help, context_settings={"help_option_names": ["-h", "--help"]})
        self._package = package
        self._commands = commands

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Their names."""
        return sorted(self._commands)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, loaded, or None."""
        if name not in self._commands:
            return None
        module, attribute, _ = self._commands[name]
        command = getattr(import_module(f"{self._package}.{module}"), attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the lines of `--help` without loading a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in sorted(self._commands.items())])
