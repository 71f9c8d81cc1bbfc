"""The published description of the headless client, made from the types of its methods (OpenRPC 1.3, JSON Schema)."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

import msgspec

from foreseal_client.rpc.calling import Method
from foreseal_client.rpc.codes import MEANINGS, Code
from foreseal_client.rpc.methods import METHODS
from foreseal_client.rpc.methods.subscribing import Ended, Pushed
from foreseal_client.rpc.session import Ready

__all__ = ["openrpc"]

_TEMPLATE: Final = "#/components/schemas/{name}"
_NOTIFICATIONS: Final = {"ready": Ready, "receive": Pushed, "subscriptionEnded": Ended}
_ABOUT: Final = (
    "JSON-RPC 2.0, one object a line on stdio or a Unix socket, or POST /v1/rpc on loopback. Parameters are given by "
    "name. `ready` comes first. Calls are answered as they are done; drafts of one account leave in order. Methods "
    "that begin with `test.` answer only under --test-methods."
)


def openrpc() -> dict[str, Any]:
    """The whole document: methods by name, the schemas they use, errors, and the notifications."""
    methods = [METHODS[name] for name in sorted(METHODS)]
    told, schemas = msgspec.json.schema_components(
        [*(one.result for one in methods), *_NOTIFICATIONS.values()], ref_template=_TEMPLATE
    )
    _, taken = msgspec.json.schema_components([one.params for one in methods], ref_template=_TEMPLATE)
    own = {one.params.__name__ for one in methods}
    schemas |= {name: schema for name, schema in taken.items() if name not in own}
    return {
        "openrpc": "1.3.2",
        "info": {"title": "Foreseal's headless client", "version": version("foreseal"), "description": _ABOUT},
        "methods": [
            _described(one, result, taken[one.params.__name__])
            for one, result in zip(methods, told[: len(methods)], strict=True)
        ],
        "components": {"schemas": dict(sorted(schemas.items())), "errors": {c.name.lower(): _error(c) for c in Code}},
        "x-notifications": [
            {"name": name, "summary": _line(kind.__doc__), "params": {"$ref": _TEMPLATE.format(name=kind.__name__)}}
            for name, kind in _NOTIFICATIONS.items()
        ],
    }


def _described(method: Method, result: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    required = params.get("required", [])
    return {
        "name": method.name,
        "summary": _line(method.about),
        "description": _line(method.params.__doc__),
        "paramStructure": "by-name",
        "params": [
            {"name": name, "required": name in required, "schema": schema}
            for name, schema in params.get("properties", {}).items()
        ],
        "result": {"name": "result", "schema": result},
        "errors": [{"$ref": f"#/components/errors/{code.name.lower()}"} for code in Code],
    }


def _error(code: Code) -> dict[str, Any]:
    return {"code": int(code), "message": MEANINGS[code], "data": {"kind": code.name.lower()}}


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
