"""The public side of a relay: plain requests, without a login, on a session that somebody else made (and perhaps led
through a proxy)."""

from __future__ import annotations

from typing import Final

import aiohttp

from foreseal_client.errors import CardError, RelayRefusedError, RelayUnreachableError
from foreseal_client.public_cards import Found, RoomNote, read_claim, read_note
from foreseal_client.relay_blobs import LONGEST_RETRY, reaching
from foreseal_relay.public_wire import (
    HANDLE,
    MAX_STATEMENT,
    ROOM_SHOWN,
    Signed,
    StampQuestion,
    decode_room,
    decode_signed,
    encode_public,
)

__all__ = ["RelayDirectory"]

_WHY: Final = {
    "taken": "This handle is somebody else's, or was not long ago. Choose another.",
    "holds-another": "You have another handle at this relay, or had one not long ago. Keep that one.",
    "stale": "The relay has a later word of yours, or this device's clock is wrong. Try again in an hour.",
    "full": "The relay keeps as many as it may. Try again another day.",
    "unproven": "The relay does not know itself by the address in this profile. Nothing was published.",
}
_MALFORMED: Final = "This relay does not speak our protocol."


class RelayDirectory:
    """What is public at the relay `origin`, dialled at `dial`. Each call raises `RelayUnreachableError` or
    `RelayRefusedError`, also for a relay that has no directory."""

    def __init__(self, session: aiohttp.ClientSession, origin: str, dial: str) -> None:
        self._session = session
        self._origin = origin
        self._dial = dial

    async def publish(self, signed: Signed) -> None:
        """Returns when the relay has the statement on its disk."""
        with reaching():
            async with self._session.post(f"{self._dial}/v1/public", data=encode_public(signed)) as answer:
                if answer.status == 201:
                    return
                self._refuse_common(answer)
                told = await _json(answer)
        why = str(told.get("refused", answer.status))
        raise RelayRefusedError(f"public-{why}", detail=_WHY.get(why, f"The relay refused this ({answer.status})."))

    async def made(self, question: StampQuestion) -> bool:
        """Whether the relay made this stamp. Raises `ValueError` for fields of impossible lengths."""
        packed = question.encoded()
        with reaching():
            async with self._session.post(f"{self._dial}/v1/stamps", data=packed) as answer:
                if answer.status == 404:
                    raise RelayRefusedError("stamps-off", detail="This relay says of no stamp whether it made it.")
                self._refuse_common(answer)
                told = (await _json(answer)).get("made_here")
        if not isinstance(told, bool):
            raise RelayUnreachableError(_MALFORMED)
        return told

    async def find(self, handle: str, today: int) -> Found | None:
        """Where exactly this handle leads; None where it leads nowhere. `today`: days since 1970. Raises `CardError`
        for an answer that its maker did not sign."""
        if not HANDLE.fullmatch(handle):
            return None
        body = await self._get(f"/v1/handles/{handle}", MAX_STATEMENT)
        if body is None:
            return None
        try:
            return read_claim(decode_signed(body), handle, self._origin, today)
        except ValueError as fault:
            raise RelayUnreachableError(_MALFORMED) from fault

    async def room(self, today: int) -> tuple[list[RoomNote], int]:
        """The notes of the open room, and how many were left out because their makers did not sign them."""
        body = await self._get("/v1/room", ROOM_SHOWN * MAX_STATEMENT)
        if body is None:
            raise RelayRefusedError("public-off", detail="This relay has no open room.")
        try:
            signed = decode_room(body)
        except ValueError as fault:
            raise RelayUnreachableError(_MALFORMED) from fault
        notes, false = [], 0
        for one in signed:
            try:
                notes.append(read_note(one, self._origin, today))
            except CardError:
                false += 1
        return notes, false

    async def _get(self, path: str, most: int) -> bytes | None:
        with reaching():
            async with self._session.get(self._dial + path) as answer:
                if answer.status == 404:
                    return None
                self._refuse_common(answer)
                if answer.status != 200:
                    raise RelayUnreachableError(_MALFORMED)
                body = bytearray()
                async for piece in answer.content.iter_chunked(1 << 16):
                    body += piece
                    if len(body) > most:
                        raise RelayUnreachableError(_MALFORMED)
                return bytes(body)

    @staticmethod
    def _refuse_common(answer: aiohttp.ClientResponse) -> None:
        if answer.status == 404:
            raise RelayRefusedError("public-off", detail="This relay has no directory and no open room.")
        if answer.status in (429, 503):
            wait = answer.headers.get("Retry-After", "")
            seconds = min(int(wait), LONGEST_RETRY) if wait.isascii() and wait.isdigit() and len(wait) < 9 else 60
            raise RelayRefusedError(
                "public-rate", seconds, f"The relay wants fewer requests. Try again in {seconds} seconds."
            )


async def _json(answer: aiohttp.ClientResponse) -> dict[str, object]:
    try:
        told = await answer.json()
    except (ValueError, aiohttp.ContentTypeError):
        return {}
    return told if isinstance(told, dict) else {}
