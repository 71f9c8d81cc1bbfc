"""`python -m foreseal_relay`: the relay without the client's command line."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from foreseal_relay.admission import Registration
from foreseal_relay.server import Settings, run


def arguments() -> argparse.ArgumentParser:
    """What the program may be started with."""
    parser = argparse.ArgumentParser(prog="foreseal_relay", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the relay's directory")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--origin", metavar="URL", help="the public URL that clients dial")
    parser.add_argument("--lists", type=Path, metavar="DIR", help="a repository of hash lists to serve at /lists/")
    parser.add_argument(
        "--store",
        metavar="URL",
        default=os.environ.get("FORESEAL_STORE"),
        help="a database that relays share: postgresql://user@host/database (also FORESEAL_STORE)",
    )
    parser.add_argument("--blobs", type=Path, metavar="DIR", help="the folder of blobs that those relays share")
    parser.add_argument(
        "--while-stdin",
        action="store_true",
        help="stop when standard input ends: a relay started with a pipe then ends with whoever started it",
    )
    parser.add_argument("--directory", choices=("off", "on"), default="off", help="a public directory and an open room")
    parser.add_argument("--room", default="Open room", metavar="NAME", help="what the open room is called")
    parser.add_argument("--registration", choices=list(Registration), default=Registration.OPEN, type=Registration)
    parser.add_argument("--tls-cert", type=Path, metavar="PEM", help="a certificate with its chain; needs --tls-key")
    parser.add_argument("--tls-key", type=Path, metavar="PEM", help="its key, not encrypted")
    parser.add_argument("--metrics", type=int, metavar="PORT", help="counts for a monitor, on 127.0.0.1 alone")
    parser.add_argument("--log-json", action="store_true", help="the log as one JSON object a line")
    parser.add_argument("--free-blobs", action="store_true", help="take blobs without tokens")
    return parser


def main() -> int:
    """Reads the arguments and runs the relay; returns the exit code."""
    parser = arguments()
    given = parser.parse_args()
    if (given.tls_cert is None) != (given.tls_key is None):
        parser.error("--tls-cert and --tls-key go together")
    tls = None if given.tls_cert is None else (given.tls_cert, given.tls_key)
    settings = Settings(
        given.data, given.host, given.port, given.origin, given.lists, given.store, given.blobs, given.registration,
        given.free_blobs, given.directory == "on", given.room, tls, given.metrics, given.log_json,
    )  # fmt: skip
    return run(settings, while_stdin=given.while_stdin)


if __name__ == "__main__":
    sys.exit(main())
