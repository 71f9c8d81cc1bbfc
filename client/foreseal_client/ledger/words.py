"""What is said of a ledger that is not whole."""

from __future__ import annotations

from typing import Final

from foreseal_client.ledger.verifying import Fault

__all__ = ["explained_fault"]

_WORDS: Final = {
    Fault.ALTERED: "What stands there is not what was written: its hash is another, or it is no line of a ledger.",
    Fault.CUT_OUT: "Lines are missing before this one.",
    Fault.OUT_OF_ORDER: "A line stands in another place than the one it was written in, or stands there twice.",
    Fault.REPLACED: "This line was made for another ledger: it does not follow from the one before it.",
    Fault.CUT_OFF: "Lines are missing at the end: fewer are here than were noted, or than the file says.",
    Fault.ADDED: "Something stands after the end.",
    Fault.REWRITTEN: "What was noted is not in it. It was written anew, or the head is of another ledger.",
    Fault.ERASED_SINCE: "It says that it was erased, and what was noted is not in it. It may have been there before.",
}


def explained_fault(fault: Fault) -> str:
    """A fault in a sentence or two."""
    return _WORDS[fault]
