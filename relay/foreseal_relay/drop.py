"""The drop: anonymous, short-lived, one recipient. It sends envelopes and fetches a bundle."""

from __future__ import annotations

import asyncio

from foreseal_relay.connection import Connection
from foreseal_relay.limits import DROP_IDLE, SENDS_UNDER_WAY
from foreseal_relay.mailboxes import refusal
from foreseal_relay.relay import Relay
from foreseal_relay.store.interface import StoreError
from foreseal_relay.wire import Accepted, DropFrame, FetchBundle, RejectCode, Send, ServerFrame, decode_drop

__all__ = ["serve_drop"]


async def serve_drop(relay: Relay, connection: Connection, _: bytes) -> None:
    """Serves a drop until it closes. Frames are answered in the order in which their commits end, so that many sends
    of one drop share a commit; `req` says which answer belongs to which."""
    recipient: bytes | None = None
    free = asyncio.Semaphore(SENDS_UNDER_WAY)

    async def serve(frame: DropFrame) -> None:
        try:
            answer = await _answer(relay, frame)
            if isinstance(frame, Send):
                relay.meter.sent(answer)
            await connection.answer(answer)
        finally:
            free.release()

    # Its silence has an end by itself, but not while it is answered and does not read.
    relay.heartbeats.expect(connection, asyncio.get_running_loop())
    async with asyncio.TaskGroup() as under_way:
        async for frame in connection.frames(decode_drop, idle=DROP_IDLE):
            if recipient not in (None, frame.mailbox):
                await connection.refuse(frame.req, RejectCode.SECOND_RECIPIENT)
                continue
            recipient = frame.mailbox
            await free.acquire()
            under_way.create_task(serve(frame))


async def _answer(relay: Relay, frame: DropFrame) -> ServerFrame:
    try:
        match frame:
            case Send():
                answer = await relay.mailboxes.accept(frame, relay.clock())
                if isinstance(answer, Accepted):
                    relay.presence.wake(frame.mailbox)
                return answer
            case FetchBundle():
                return await relay.mailboxes.bundle(frame, relay.clock())
    except StoreError:
        return refusal(frame.req, RejectCode.UNAVAILABLE)
