"""The command line. Each command lies in a file of its own and is loaded only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

__all__ = ["main"]

_NEEDS: Final = "This command needs more than the matcher. Install it with: pip install 'foreseal[demo]'"


def main() -> None:
    """The entry point `foreseal`. Exits 2 with one sentence when the command's packages are not installed."""
    try:
        root = import_module("foreseal_client.cli.root")
        root.foreseal()
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("foreseal_"):
            raise
        sys.stderr.write(f"{_NEEDS} ({missing.name} is missing.)\n")
        raise SystemExit(2) from None
