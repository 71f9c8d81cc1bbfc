"""Files that a caller names or brings along, and files that go back to it."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import re
from pathlib import Path
from typing import Final

from foreseal_client.device import INLINE, Device
from foreseal_client.draft import MAX_ATTACHMENT, MAX_NAME
from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.sealing.spool import Spool, chunks_of
from foreseal_matcher import Bytes
from foreseal_matcher.content import Item

__all__ = ["attached", "base64_of", "brought"]

_DATA: Final = re.compile(r"data:[\w.+/-]*(?:;filename=([^;,]*))?;base64,", re.ASCII)


async def attached(named: tuple[str, ...], device: Device) -> tuple[Item, ...]:
    """Each as an item of this device, read once. Raises `RpcError`, `OSError` or `ValueError`."""
    return tuple([await asyncio.to_thread(_attached, one, device) for one in named])


def brought(text: str) -> Bytes | None:
    """The file in a data URI (RFC 2397); None for what is a path. Raises `RpcError`."""
    if not text.startswith("data:"):
        return None
    head = _DATA.match(text)
    if head is None:
        raise RpcError(Code.USAGE, "A file that is brought along is written data:TYPE;filename=NAME;base64,...")
    try:
        data = base64.b64decode(text[head.end() :], validate=True)
    except (ValueError, binascii.Error) as fault:
        raise RpcError(Code.USAGE, f"The file {head[1]!r} is not whole base64.") from fault
    return Bytes(data, (head[1] or "file")[:MAX_NAME])


def base64_of(item: Item) -> str:
    """An item's bytes in base64. Raises `OSError`."""
    with item.open() as source:
        return base64.b64encode(source.read(MAX_ATTACHMENT)).decode()


def _attached(text: str, device: Device) -> Item:
    item = brought(text)
    if item is None:
        return device.attach(Path(text))
    if item.size <= INLINE:
        return item
    return Spool.write(chunks_of(io.BytesIO(item.data)), device.store.new_file(), item.name)
