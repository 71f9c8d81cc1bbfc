"""`python -m foreseal_relay`: the relay without the client's command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from foreseal_relay.server import Settings, run


def main() -> int:
    """Reads the arguments and runs the relay; returns the exit code."""
    parser = argparse.ArgumentParser(prog="foreseal_relay", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the relay's directory")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--origin", metavar="URL", help="the public URL that clients dial")
    parser.add_argument("--lists", type=Path, metavar="DIR", help="a repository of hash lists to serve at /lists/")
    parser.add_argument(
        "--while-stdin",
        action="store_true",
        help="stop when standard input ends: a relay started with a pipe then ends with whoever started it",
    )
    parser.add_argument("--directory", choices=("off", "on"), default="off", help="a public directory and an open room")
    parser.add_argument("--room", default="Open room", metavar="NAME", help="what the open room is called")
    given = parser.parse_args()
    settings = Settings(
        given.data, given.host, given.port, given.origin, given.lists, public=given.directory == "on", room=given.room
    )
    return run(settings, while_stdin=given.while_stdin)


if __name__ == "__main__":
    sys.exit(main())
