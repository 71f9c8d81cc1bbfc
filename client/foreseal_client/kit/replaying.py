"""A transcript played again: the same calls of fresh clients, in the same order.

What clients answered differs from run to run (keys, invitations, ids). Where a recorded call holds a text that an
earlier recorded answer held, the fresh answer's text stands in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from foreseal_client.kit.client import Client
from foreseal_client.kit.transcript import Said
from foreseal_client.kit.world import World

__all__ = ["Difference", "replay"]

_SHORTEST: Final = 16
"""Texts of fewer characters are words and names, and stay as they are."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer that is another one than was recorded. `recorded`, `found`: the kind of each: an error's code, an
    outcome's kind, or "a result"."""

    client: str
    method: str
    recorded: str
    found: str


def replay(said: Iterable[Said], world: World) -> Iterator[Difference]:
    """Plays a transcript in a fresh world. Raises `TimeoutError` where a client does not answer, and `ValueError` for
    calls that are none."""
    lines = list(said)
    answers = {(one.client, id): body for one in lines if one.way == "said" for id, body in _answer(one)}
    clients: dict[str, Client] = {}
    fresh: dict[str, str] = {}
    for one in lines:
        if one.way != "call":
            continue
        call = msgspec.json.decode(one.line)
        if one.client not in clients:
            clients[one.client] = world.new_client(one.client)
        recorded = answers.get((one.client, call.get("id")))
        if call["method"] == "register":
            found: dict[str, Any] = {"result": _as_is(clients[one.client])}
        elif call["method"].startswith(("subscribe", "test.setLists", "test.setClock")):
            continue  # a fresh client has its own events, and its own list
        else:
            params = _in_place(call.get("params", {}), fresh)
            calls = clients[one.client].calls
            answer = calls.answer_to(calls.begin(call["method"], params))
            found = {"error": answer.error} if answer.error else {"result": msgspec.json.decode(answer.result)}
        if recorded is None:
            continue
        _pair(recorded.get("result"), found.get("result"), fresh)
        if _kind(recorded) != _kind(found):
            yield Difference(one.client, call["method"], _kind(recorded), _kind(found))


def _answer(one: Said) -> Iterator[tuple[object, dict[str, Any]]]:
    body = msgspec.json.decode(one.line)
    if isinstance(body, dict) and "id" in body:
        yield body["id"], body


def _as_is(client: Client) -> dict[str, str]:
    return {"identity": client.identity, "mailbox": client.mailbox.hex()}


def _kind(body: dict[str, Any]) -> str:
    if body.get("error"):
        return f"error {body['error']['code']}"
    result = body.get("result")
    return str(result["kind"]) if isinstance(result, dict) and "kind" in result else "a result"


def _pair(recorded: Any, found: Any, fresh: dict[str, str]) -> None:
    """Remembers which text of a recorded answer is which of the fresh one."""
    if isinstance(recorded, str) and isinstance(found, str):
        if len(recorded) >= _SHORTEST:
            fresh[recorded] = found
    elif isinstance(recorded, dict) and isinstance(found, dict):
        for name in recorded.keys() & found.keys():
            _pair(recorded[name], found[name], fresh)
    elif isinstance(recorded, list) and isinstance(found, list):
        for one, other in zip(recorded, found, strict=False):
            _pair(one, other, fresh)


def _in_place(part: Any, fresh: dict[str, str]) -> Any:
    if isinstance(part, str):
        return fresh.get(part, part)
    if isinstance(part, dict):
        return {name: _in_place(value, fresh) for name, value in part.items()}
    return [_in_place(value, fresh) for value in part] if isinstance(part, list) else part
