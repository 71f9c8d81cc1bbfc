"""Calls of the headless client: what is refused, with which code, and that it lives on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreseal_client.rpc.codes import Code, RpcError
from foreseal_client.rpc.journal import Journal
from foreseal_client.rpc.lines import Lines, TooLong
from foreseal_client.rpc.notices import TroubleNotice
from foreseal_client.rpc.service import Settings
from rpc_session import spoken_to

BAD = {
    b"no json": Code.PARSE,
    b'{"jsonrpc": "2.0", "method": "version", "id": 1': Code.PARSE,
    b"\xff\xfe": Code.PARSE,
    b'{"jsonrpc": "2.0", "method": "version", "params": ' + b"[" * 9000: Code.PARSE,
    b"[]": Code.INVALID_REQUEST,
    b'[{"jsonrpc": "2.0", "method": "version", "id": 1}]': Code.INVALID_REQUEST,
    b"null": Code.INVALID_REQUEST,
    b"{}": Code.INVALID_REQUEST,
    b'{"jsonrpc": "1.0", "method": "version", "id": 1}': Code.INVALID_REQUEST,
    b'{"jsonrpc": "2.0", "method": 4, "id": 1}': Code.INVALID_REQUEST,
    b'{"jsonrpc": "2.0", "method": "version", "id": {}}': Code.INVALID_REQUEST,
    b'{"jsonrpc": "2.0", "method": "nothing", "id": 1}': Code.NO_METHOD,
    b'{"jsonrpc": "2.0", "method": "test.setClock", "params": {"now": 1}, "id": 1}': Code.NO_METHOD,
    b'{"jsonrpc": "2.0", "method": "version", "params": [1], "id": 1}': Code.INVALID_PARAMS,
    b'{"jsonrpc": "2.0", "method": "version", "params": {"more": 1}, "id": 1}': Code.INVALID_PARAMS,
    b'{"jsonrpc": "2.0", "method": "register", "params": {"account": 1}, "id": 1}': Code.INVALID_PARAMS,
    b'{"jsonrpc": "2.0", "method": "register", "params": {}, "id": 1}': Code.INVALID_PARAMS,
    b'{"jsonrpc": "2.0", "method": "send", "params": {"account": "nobody"}, "id": 1}': Code.UNKNOWN,
    b'{"jsonrpc": "2.0", "method": "send", "id": 1}': Code.USAGE,
    b'{"jsonrpc": "2.0", "method": "subscribeReceive", "params": {"since": 99}, "id": 1}': Code.USAGE,
    b'{"jsonrpc": "2.0", "method": "unsubscribeReceive", "params": {"subscription": 9}, "id": 1}': Code.UNKNOWN,
    b"x" * 20_000: Code.INVALID_REQUEST,
}


@pytest.mark.parametrize("line", BAD, ids=lambda line: line[:60].decode("latin-1"))
async def test_bad_input_is_an_error_of_its_own_and_the_next_call_is_answered(line: bytes) -> None:
    async with spoken_to() as client:
        answer = await client.answer(line + b"\n")
        assert answer["error"]["code"] == BAD[line]
        assert answer["error"]["message"]
        assert (await client.call("version"))["result"]["name"] == "foreseal"


async def test_ready_comes_first_and_names_only_what_answers() -> None:
    async with spoken_to() as client:
        (ready,) = client.said
        assert ready["method"] == "ready"
        assert "send" in ready["params"]["methods"]
        assert not [name for name in ready["params"]["methods"] if name.startswith("test.")]
    async with spoken_to(Settings(test_methods=True)) as client:
        assert "test.setPolicy" in client.said[0]["params"]["methods"]


async def test_what_has_no_id_is_carried_out_and_not_answered() -> None:
    async with spoken_to(Settings(test_methods=True)) as client:
        line = b'{"jsonrpc": "2.0", "method": "test.setClock", "params": {"now": 1795348800}}\n'
        client.lines.put_nowait(line + b'{"jsonrpc": "2.0", "method": "nothing"}\n')
        await client.call("version")
        assert len(client.said) == 2
        assert client.service.clock() == 1795348800


async def test_after_shutdown_calls_are_refused_and_what_was_asked_for_before_is_answered() -> None:
    async with spoken_to() as client:
        assert (await client.call("shutdown"))["result"] == {"done": True}
        assert (await client.call("version"))["error"]["code"] == Code.OVER


@pytest.mark.parametrize(
    ("account", "name", "relay"),
    [("../up", "A", "http://r.example"), ("a", "", "http://r.example"), ("a", "A\n", "http://r.example"),
     ("a", "A", "ftp://r.example"), ("a", "A", "http://r.example/path")],
)  # fmt: skip
async def test_an_impossible_account_is_refused_and_nothing_is_made(
    tmp_path: Path, account: str, name: str, relay: str
) -> None:
    async with spoken_to(Settings(tmp_path)) as client:
        answer = await client.call("register", account=account, name=name, relay=relay, wait=0)
        assert answer["error"]["code"] == Code.USAGE
        assert list(tmp_path.iterdir()) == []


async def test_two_clients_on_one_profile_are_an_error_and_the_first_goes_on(tmp_path: Path) -> None:
    account = {"account": "a", "name": "A", "relay": "http://127.0.0.1:9", "wait": 0}
    async with spoken_to(Settings(tmp_path)) as first, spoken_to(Settings(tmp_path)) as second:
        assert (await first.call("register", **account))["result"]["name"] == "A"
        assert (await second.call("register", **account))["error"]["code"] == Code.IN_USE
        assert (await first.call("register", **account))["result"]["name"] == "A"
        assert (await first.call("getPolicy"))["result"]["mode"] == "hold"


async def test_a_policy_is_tightened_and_never_loosened(tmp_path: Path) -> None:
    async with spoken_to(Settings(tmp_path)) as client:
        await client.call("register", account="a", name="A", relay="http://127.0.0.1:9", wait=0)
        for looser in ({"mode": "warn"}, {"onFailure": "fail-open"}):
            assert (await client.call("setPolicy", **looser))["error"]["code"] == Code.REFUSED
        assert (await client.call("setPolicy", mode="hold"))["result"]["onFailure"] == "fail-closed"


async def test_files_that_cannot_be_read_are_errors_and_none_is_left_behind(tmp_path: Path) -> None:
    async with spoken_to(Settings(tmp_path)) as client:
        await client.call("register", account="a", name="A", relay="http://127.0.0.1:9", wait=0)
        wanted = {
            str(tmp_path / "none"): Code.UNREADABLE, str(tmp_path): Code.USAGE, "data:;base64,?": Code.USAGE,
            "data:nonsense": Code.USAGE,
        }  # fmt: skip
        for attachment, code in wanted.items():
            assert (await client.call("checkAttachment", attachment=attachment))["error"]["code"] == code
        assert list((tmp_path / "a" / "files").iterdir()) == []


@given(st.lists(st.binary(max_size=30), max_size=8), st.integers(1, 7))
def test_lines_are_the_same_however_their_bytes_come(parts: list[bytes], cut: int) -> None:
    text = b"\n".join(part.replace(b"\n", b" ") for part in parts)
    lines = Lines(20)
    got = [line for at in range(0, len(text), cut) for line in lines.feed(text[at : at + cut])] + list(lines.end())
    wanted = [line if len(line) <= 20 else TooLong for line in text.split(b"\n") if line.strip() or len(line) > 20]
    assert [TooLong if isinstance(line, TooLong) else line for line in got] == wanted


def test_events_are_replayed_from_an_id_and_those_let_go_of_are_said_to_be_gone() -> None:
    journal = Journal(kept=3)
    for n in range(5):
        journal.add("a", TroubleNotice(str(n)))
    assert [happened.id for happened in journal.since(2)] == [3, 4, 5]
    assert journal.since(5) == []
    for id, code in ((1, Code.GONE), (6, Code.USAGE)):
        with pytest.raises(RpcError) as refused:
            journal.since(id)
        assert refused.value.code == code
