"""The ledger: which checks a device made, line by line, each bound to the one before it. Values and rules, no I/O.

What a line says is in `lines`, how lines hang together in `chain`, and what may be wrong with them in `verifying`.
"""

from foreseal_client.ledger.chain import BEGINNING, Head, HeadError, Link, follow_on, parse_head
from foreseal_client.ledger.lines import (
    MAX_LINE,
    Checked,
    Course,
    Erased,
    Found,
    Kind,
    Line,
    ListUsed,
    Outcome,
    Said,
    Switched,
    read_line,
)
from foreseal_client.ledger.verifying import Fault, Finding, exported, verify_export, verify_links

__all__ = [
    "BEGINNING",
    "MAX_LINE",
    "Checked",
    "Course",
    "Erased",
    "Fault",
    "Finding",
    "Found",
    "Head",
    "HeadError",
    "Kind",
    "Line",
    "Link",
    "ListUsed",
    "Outcome",
    "Said",
    "Switched",
    "exported",
    "follow_on",
    "parse_head",
    "read_line",
    "verify_export",
    "verify_links",
]
