"""Methods as typed functions, and the one way a call takes: decode, look up, check the parameters, carry out, encode.

A method is `async def (service, params) -> result` with both types in its signature: msgspec structs, from which the
published description is made too.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar, get_type_hints

import msgspec

from foreseal_client.rpc.codes import Code, RpcError, explained
from foreseal_client.rpc.service import Service

__all__ = ["METHODS", "Method", "Params", "Request", "answer", "failure", "method", "read_request"]

P = TypeVar("P", bound="Params")
R = TypeVar("R")


class Params(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The parameters of a method, by name. An unknown name is a slip of the hand and refused."""


class Request(msgspec.Struct, frozen=True):
    """A request of JSON-RPC 2.0. Without an `id` nobody waits for an answer."""

    jsonrpc: str
    method: str
    params: msgspec.Raw = msgspec.Raw(b"{}")
    id: str | int | msgspec.UnsetType | None = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class Method:
    """A method: its name, what it takes and gives, and what it is for."""

    name: str
    params: type[Params]
    result: Any
    about: str
    carry_out: Callable[[Service, Any], Awaitable[Any]]

    @property
    def for_tests(self) -> bool:
        """Whether it answers only under --test-methods."""
        return self.name.startswith("test.")


METHODS: Final[dict[str, Method]] = {}
"""Every method by name, once `foreseal_client.rpc.methods` was imported."""

_request: Final = msgspec.json.Decoder(Request)
_encoder: Final = msgspec.json.Encoder()


def method(
    name: str,
) -> Callable[[Callable[[Service, P], Awaitable[R]]], Callable[[Service, P], Awaitable[R]]]:
    """Makes a function the method of this name."""

    def add(carry_out: Callable[[Service, P], Awaitable[R]]) -> Callable[[Service, P], Awaitable[R]]:
        hints = get_type_hints(carry_out)
        METHODS[name] = Method(name, hints["params"], hints["return"], inspect.getdoc(carry_out) or "", carry_out)
        return carry_out

    return add


def read_request(line: bytes) -> Request:
    """The request in one line. Raises `RpcError`."""
    try:
        request = _request.decode(line)
    except msgspec.ValidationError as fault:
        batch = " Batches are not taken: send one request a line." if line.lstrip()[:1] == b"[" else ""
        raise RpcError(Code.INVALID_REQUEST, f"This is no request of JSON-RPC 2.0: {fault}.{batch}") from fault
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise RpcError(Code.PARSE, f"This is no JSON: {fault}.") from fault
    if request.jsonrpc != "2.0":
        raise RpcError(Code.INVALID_REQUEST, 'A request says "jsonrpc": "2.0".')
    return request


async def answer(request: Request, service: Service) -> bytes | None:
    """The answer as one line, or None where nobody waits for one. Never raises but for being cancelled."""
    try:
        result = await _carried_out(request, service)
    except asyncio.CancelledError:
        raise
    except Exception as fault:
        return None if request.id is msgspec.UNSET else failure(request.id, explained(fault))
    if request.id is msgspec.UNSET:
        return None
    return _encoder.encode({"jsonrpc": "2.0", "id": request.id, "result": result}) + b"\n"


def failure(id: str | int | None, error: RpcError) -> bytes:
    """An error as one line."""
    body = {"code": int(error.code), "message": str(error), "data": {"kind": error.code.name.lower()}}
    return _encoder.encode({"jsonrpc": "2.0", "id": id, "error": body}) + b"\n"


async def _carried_out(request: Request, service: Service) -> Any:
    found = METHODS.get(request.method)
    if found is None or (found.for_tests and not service.settings.test_methods):
        hidden = "" if found is None else " It answers only under --test-methods."
        raise RpcError(Code.NO_METHOD, f"There is no method {request.method!r}.{hidden}")
    if service.over.is_set():
        raise RpcError(Code.OVER, "This client was told to shut down. Start another one.")
    try:
        params = msgspec.json.decode(request.params, type=found.params)
    except msgspec.ValidationError as fault:
        raise RpcError(Code.INVALID_PARAMS, f"{request.method}: {fault}.") from fault
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise RpcError(Code.PARSE, f"{request.method}: the parameters are no JSON: {fault}.") from fault
    return await found.carry_out(service, params)
