"""Making a mailbox at a relay that does not make them for nothing: work is done, or a code of its operator shown."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Final

from foreseal_client.errors import RegistrationError
from foreseal_client.relay_inbox import Inbox
from foreseal_relay.token_wire import work_done

__all__ = ["MOST_WORK", "enter", "work"]

MOST_WORK: Final = 24
"""Zero bits that a relay may ask for; each one more doubles the work, and this takes some ten seconds or twenty."""


async def enter(inbox: Inbox, origin: str, mailbox: bytes, code: bytes | None) -> None:
    """Brings what this relay asks for before a mailbox is made. `code`: what its operator gave this person.

    Raises `RegistrationError`, `RelayUnreachableError` or `RelayRefusedError`.
    """
    terms = await inbox.terms()
    match terms.wants:
        case "nothing":
            return
        case "code" if code is not None:
            await inbox.admit(code)
        case "code":
            raise RegistrationError(
                "This relay makes a mailbox only for people with a code. Ask whoever runs it for one."
            )
        case "work" if 0 <= terms.work <= MOST_WORK:
            await inbox.admit(await asyncio.to_thread(work, origin, mailbox, terms.work))
        case "work":
            raise RegistrationError(f"This relay asks for more work than is reasonable ({terms.work} bits).")
        case _:
            raise RegistrationError("This relay asks for something that this version does not know. Update it.")


def work(origin: str, mailbox: bytes, bits: int) -> bytes:
    """Eight bytes whose hash with origin and mailbox begins with so many zero bits."""
    return next(proof for proof in (n.to_bytes(8, "big") for n in count()) if work_done(origin, mailbox, proof) >= bits)
