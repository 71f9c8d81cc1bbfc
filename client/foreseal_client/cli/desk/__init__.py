"""`foreseal desk`: where reports arrive, and two people decide."""

from __future__ import annotations

from typing import Final

from foreseal_client.cli.lazy import LazyGroup

__all__ = ["desk"]

_COMMANDS: Final = {
    "audit": ("trail", "audit", "Check the audit trail, and print its last hash."),
    "card": ("making", "card", "Print the card by which people reach the desk."),
    "collect": ("taking", "collect", "Take in what was handed in at the relay."),
    "counts": ("trail", "counts", "Counts and times, without content, for a study."),
    "init": ("making", "init", "Make a desk with one lead."),
    "note": ("deciding", "note", "Write something down beside a case."),
    "officer": ("making", "officer", "Take an officer in, or out."),
    "open": ("screen", "open_desk", "The desk on a screen, or in lines."),
    "propose": ("proposing", "propose_list", "Make the next version of the list from what two people agreed on."),
    "queue": ("deciding", "queue", "What waits, the most pressing first."),
    "show": ("deciding", "show", "One case, without its pictures."),
    "tip": ("taking", "tip", "Take in a file or a link that somebody brings, without any chat."),
    "vote": ("deciding", "vote", "Say that a case is to be listed, or dismissed."),
}
_HELP: Final = """Where reports arrive. Two different people have to agree before anything is listed.

\b
foreseal desk init DIR --relay URL --officer NAME   once
foreseal desk officer add DIR OTHER --officer NAME  the second person
foreseal desk collect DIR --officer NAME            take in what was handed in
foreseal desk open DIR --officer NAME               look and decide
foreseal desk propose DIR LIST --officer NAME       what endorsers then sign

Every officer has a passphrase and a signing key of their own; all of them sit at this machine. Their passphrase is
asked for, or read from the file that FORESEAL_PASSPHRASE_FILE names.

Exit code 0; 1 with one sentence on stderr.
"""

desk = LazyGroup("foreseal_client.cli.desk", _COMMANDS, _HELP)
