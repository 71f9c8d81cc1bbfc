"""Making a mailbox at a relay that does not make them for nothing: work is done, or a code of its operator shown."""

from __future__ import annotations

import asyncio
from typing import Final

from foreseal_client.errors import RegistrationError
from foreseal_client.relay_inbox import Inbox
from foreseal_relay.token_wire import work_begun

__all__ = ["MOST_WORK", "enter", "work"]

MOST_WORK: Final = 22
"""Zero bits that a relay may ask for: a quarter of a minute of one core on average. Each one more doubles it."""


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
                "This relay makes a mailbox only for people with a code. Ask whoever runs it for one, and begin with "
                "--code."
            )
        case "work" if 0 <= terms.work <= MOST_WORK:
            await inbox.admit(await asyncio.to_thread(work, origin, mailbox, terms.work))
        case "work":
            raise RegistrationError(f"This relay asks for more work than is reasonable ({terms.work} bits).")
        case _:
            raise RegistrationError("This relay asks for something that this version does not know. Update it.")


def work(origin: str, mailbox: bytes, bits: int) -> bytes:
    """Eight bytes whose hash with origin and mailbox begins with so many zero bits."""
    begun, bound = work_begun(origin, mailbox), 1 << (256 - bits)
    number = 0
    while True:
        proof = number.to_bytes(8, "big")
        hashed = begun.copy()
        hashed.update(proof)
        if int.from_bytes(hashed.digest(), "big") < bound:
            return proof
        number += 1
