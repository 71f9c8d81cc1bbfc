"""What is published of the headless client is what it does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from foreseal_client.cli.answers import Exit
from foreseal_client.rpc.codes import MEANINGS, Code
from foreseal_client.rpc.methods import METHODS
from foreseal_client.rpc.openrpc import openrpc

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "openrpc.json"
SIGNAL_CLI = {
    "version", "register", "listContacts", "send", "receive", "subscribeReceive", "unsubscribeReceive",
    "getAttachment", "updateGroup", "quitGroup", "listGroups", "listIdentities", "trust", "block", "unblock",
}  # fmt: skip


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        return {str(part["$ref"])} if "$ref" in part else set().union(*map(references, part.values()), set())
    return set().union(*map(references, part), set()) if isinstance(part, list) else set()


def test_the_published_document_is_made_from_the_code() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json.loads(json.dumps(openrpc())), (
        "run: foreseal rpc --spec > docs/openrpc.json"
    )


def test_it_has_every_method_and_everything_that_it_refers_to() -> None:
    document = openrpc()
    assert [one["name"] for one in document["methods"]] == sorted(METHODS)
    assert all(one["summary"] for one in document["methods"])
    for reference in references(document):
        part = document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_names_are_those_of_signal_cli_where_it_has_them() -> None:
    assert SIGNAL_CLI - set(METHODS) == set()


def test_error_codes_are_the_exit_codes_of_the_command_line() -> None:
    for name in {code.name for code in Exit} & {code.name for code in Code}:
        assert Exit[name].value == Code[name].value
    held = {code.value for code in Exit if code.name not in {one.name for one in Code}}
    assert held & {code.value for code in Code} == set()
    assert set(MEANINGS) == set(Code)
