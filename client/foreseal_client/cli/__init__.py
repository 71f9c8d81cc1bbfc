"""The command line. Each command lies in a file of its own and is loaded only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

from foreseal_client.cli.streams import fill_closed, output_fails, silence_output

__all__ = ["main"]

_NEEDS: Final = "This command needs more than the matcher. Install it with: pip install 'foreseal[demo]'"


def main() -> None:
    """The entry point `foreseal`. Exits 2 with one sentence when the command's packages are not installed, and 74 where
    what it prints cannot be written (EX_IOERR of sysexits.h): other codes are answers, and were not given."""
    fill_closed()
    try:
        root = import_module("foreseal_client.cli.root")
        root.foreseal()
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("foreseal_"):
            raise
        sys.stderr.write(f"{_NEEDS} ({missing.name} is missing.)\n")
        raise SystemExit(2) from None
    except OSError as fault:
        if not output_fails(fault):
            raise
        silence_output()
        sys.stderr.write(f"foreseal: what was to be printed could not be written: {fault.strerror}.\n")
        raise SystemExit(74) from None
