"""A young person's profile holds through the RPC too: nothing but the passcode loosens it, and getting out is free."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from foreseal_client.rpc.codes import Code
from foreseal_client.rpc.service import Settings
from foreseal_client.safeguard_settings import begin_young
from foreseal_client.safeguards.asked import read_asked
from foreseal_client.safeguards.passcode import FREE_TRIES, Lock
from foreseal_client.safeguards.settings import YOUNG, Requests
from foreseal_client.sealing.passphrases import Stretching
from foreseal_client.store import Contact, Standing
from rpc_session import Spoken, spoken_to

PASSCODE = "a passcode"
CHEAP = Stretching(bytes(16), 1, 8 * 1024 * 1024)
LOOSER: list[dict[str, Any]] = [
    {"requests": "anyone"}, {"may_send_receipts": True}, {"may_send_typing": "true"}, {"may_disappear": True},
    {"may_be_listed": True}, {"moment_days": 0}, {"first_contacts": 10}, {"moment_days": 60, "reminder_days": 1},
]  # fmt: skip


@asynccontextmanager
async def young(tmp_path: Path) -> AsyncIterator[Spoken]:
    async with spoken_to(Settings(tmp_path, test_methods=True)) as client:
        await client.call("register", account="a", name="A", relay="http://127.0.0.1:9", wait=0)
        begin_young(client.service.account("a").device, Lock.new("Mum", PASSCODE, CHEAP))
        yield client


async def test_nothing_is_loosened_without_the_passcode_whatever_else_is_said(tmp_path: Path) -> None:
    async with young(tmp_path) as client:
        device = client.service.account("a").device
        tries: list[tuple[str, dict[str, Any]]] = [("setSafeguards", {"settings": one}) for one in LOOSER]
        tries += [("takeRequests", {"taken": True}), ("setSafeguards", {"settings": LOOSER[0], "passcode": "guessed"})]
        for name, params in tries:
            answer = await client.call(name, **params)
            assert answer["error"]["code"] == Code.REFUSED, (name, params)
            assert "Mum" in answer["error"]["message"] or "passcode" in answer["error"]["message"].lower()
        assert device.store.safeguards.settings() == YOUNG
        assert not device.store.account.takes_requests()


@pytest.mark.parametrize("settings", [{"young": False}, {"none": 1}, {"moment_days": 9999}, {"requests": "nobody"}])
async def test_what_is_no_setting_or_cannot_be_set_is_refused_and_changes_nothing(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    async with young(tmp_path) as client:
        answer = await client.call("setSafeguards", settings=settings, passcode=PASSCODE)
        assert answer["error"]["code"] == Code.USAGE
        assert client.service.account("a").device.store.safeguards.settings() == YOUNG


async def test_what_the_profile_does_not_do_cannot_be_turned_on_for_one_contact(tmp_path: Path) -> None:
    async with young(tmp_path) as client:
        device = client.service.account("a").device
        contact = Contact(b"\1" * 32, "B", "", bytes(16), b"", None, None, Standing.ACCEPTED, introduced=True)
        with device.store.transaction():
            device.store.people.put(contact)
        for wanted in ({"receipts": True}, {"typing": True}, {"expiration": 60}):
            answer = await client.call("updateContact", recipient="B", **wanted)
            assert answer["error"]["code"] in (Code.REFUSED, Code.USAGE), wanted
        settled = (await client.call("getConversation", recipient="B"))["result"]
        assert (settled["expiration"], settled["receipts"], settled["typing"]) == (0, False, False)


async def test_a_group_whose_messages_may_not_disappear_is_not_made_at_all(tmp_path: Path) -> None:
    async with young(tmp_path) as client:
        assert (await client.call("updateGroup", name="G", expiration=60))["error"]["code"] == Code.USAGE
        assert (await client.call("listGroups"))["result"] == []


@pytest.mark.parametrize("standing", [Standing.REQUESTED, Standing.MEMBER])
async def test_nothing_is_settled_with_who_is_no_contact(tmp_path: Path, standing: Standing) -> None:
    async with spoken_to(Settings(tmp_path)) as client:
        await client.call("register", account="a", name="A", relay="http://127.0.0.1:9", wait=0)
        store = client.service.account("a").device.store
        with store.transaction():
            store.people.put(Contact(b"\1" * 32, "B", "", bytes(16), b"", None, None, standing, introduced=True))
        for wanted in ({"receipts": True}, {"expiration": 60}):
            assert (await client.call("updateContact", recipient="B", **wanted))["error"]["code"] == Code.REFUSED
        said = (await client.call("send", recipient="B", message="hi"))["error"]["message"]
        assert ("Let them in first" in said) is (standing is Standing.REQUESTED)
        assert store.conversations.get(b"\1" * 32).timer == 0
        assert store.history.with_contact(b"\1" * 32, 9) == []


async def test_what_is_tightened_while_a_passcode_is_looked_at_stays_tight(tmp_path: Path) -> None:
    async with young(tmp_path) as client:
        await client.call("setSafeguards", settings={"requests": "anyone"}, passcode=PASSCODE)
        had = len(client.said)
        for settings, passcode in (({"may_disappear": True}, PASSCODE), ({"requests": "invited"}, None)):
            params = {"settings": settings, "passcode": passcode}
            request = {"jsonrpc": "2.0", "id": 7, "method": "setSafeguards", "params": params}
            client.lines.put_nowait(msgspec.json.encode(request) + b"\n")
        await client.until(had + 2)
        now = (await client.call("getSafeguards"))["result"]
        assert (now["may_disappear"], now["requests"]) == (True, "invited")


async def test_a_disconnected_account_keeps_the_settings_it_had_and_says_so(tmp_path: Path) -> None:
    async with young(tmp_path) as client:
        await client.call("disconnect")
        answer = await client.call("setSafeguards", settings={"moment_days": 60})
        assert answer["error"]["code"] == Code.UNREACHABLE
        assert client.service.account("a").device.store.safeguards.settings() == YOUNG


async def test_the_passcode_loosens_it_and_guessing_is_stopped(tmp_path: Path) -> None:
    async with young(tmp_path) as client:
        changed = await client.call("setSafeguards", settings={"requests": "anyone"}, passcode=PASSCODE)
        assert (changed["result"]["requests"], changed["result"]["young"]) == ("anyone", True)
        for _ in range(FREE_TRIES):
            await client.call("setSafeguards", settings={"may_disappear": True}, passcode="guessed")
        answer = await client.call("setSafeguards", settings={"may_disappear": True}, passcode=PASSCODE)
        assert answer["error"]["code"] == Code.REFUSED, "the right one, too soon after too many wrong ones"


async def test_tightening_is_free_and_what_is_asked_for_elsewhere_holds_beside_it(tmp_path: Path) -> None:
    asked = (read_asked("foreseal.toml", {"requests": "invited"}),)
    async with spoken_to(Settings(tmp_path, asked=asked)) as client:
        await client.call("register", account="a", name="A", relay="http://127.0.0.1:9", wait=0)
        tighter = await client.call("setSafeguards", settings={"may_disappear": False})
        assert tighter["result"]["may_disappear"] is False
        assert (await client.call("getSafeguards"))["result"]["requests"] == "invited"
        store = client.service.account("a").device.store
        kept = store.safeguards.settings()
        assert (await client.call("takeRequests", taken=True))["error"]["code"] == Code.REFUSED
        assert not store.account.takes_requests()
        await client.call("setSafeguards", settings={"requests": "invited"})
        assert (await client.call("takeRequests", taken=True))["error"]["code"] == Code.REFUSED
        assert store.safeguards.settings() == msgspec.structs.replace(kept, requests=Requests.INVITED)
