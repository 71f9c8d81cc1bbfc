"""`foreseal bench observer`: its rules, that a held picture which sent anything would be seen, and the page it made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from foreseal_client.bench.observer.cast import DESK
from foreseal_client.bench.observer.guessing import inferences
from foreseal_client.bench.observer.inference import Inference
from foreseal_client.bench.observer.measuring import table
from foreseal_client.bench.observer.script import Act, Record, played
from foreseal_client.bench.observer.seen import Notes, Seen, What
from foreseal_client.cli.bench import bench
from foreseal_client.spacing import AT_ONCE
from foreseal_relay import wire
from foreseal_relay.token_wire import Kind, Token

PAGE = Path(__file__).parents[3] / "docs" / "threat-model.md"
BOXES = {"Ann": "a1", "Ben": "b1", "Cleo": "c1", DESK: "d1"}
CAME = tuple(Seen(0.0, name, What.CAME, BOXES[name]) for name in ("Ann", "Ben", "Cleo"))


def told(*acts: Act, seen: tuple[Seen, ...]) -> dict[str, Inference]:
    return {row.what: row for row in inferences(Record((*CAME, *seen), acts, BOXES), 1)}


def sent(at: float, by: str, to: str, size: int = 4096, paid: str = "delivery") -> Seen:
    return Seen(at, by, What.SENT, BOXES[to], size, paid)


def test_an_address_says_who_writes_and_without_it_who_got_something_last_is_a_guess() -> None:
    seen = (Seen(1.0, "Ben", What.BROUGHT, "b1", 4096), sent(2.0, "Ben", "Ann"), sent(4.0, "Cleo", "Ann"))
    row = told(Act("text", "Ben", ("Ann",), 1.5, 2.5), Act("text", "Cleo", ("Ann",), 3.5, 4.5), seen=seen)[
        "who wrote it"
    ]
    assert (row.right_with, row.right_without, row.n, row.chance) == (2, 1, 2, 0.5)


def test_a_group_is_told_from_two_messages_and_one_of_them_spread_out_is_not() -> None:
    together = (sent(1.0, "Ann", "Ben"), sent(1.05, "Ann", "Cleo"))
    apart = (sent(9.0, "Ann", "Ben"), sent(18.0, "Ann", "Cleo"))
    one, other = Act("group", "Ann", ("Ben", "Cleo"), 0.5, 2.0), Act("group", "Ann", ("Ben", "Cleo"), 8.0, 19.0)
    alone = Act("text", "Ben", ("Ann",), 4.0, 5.0)
    row = told(one, alone, other, seen=(*together, sent(4.5, "Ben", "Ann"), *apart))[
        "for whom a message is, all of them"
    ]
    assert (row.right_with, row.n) == (2, 3)
    assert row.chance == pytest.approx(1 / 3)


def test_a_blob_before_it_is_a_picture_and_a_long_body_a_long_text() -> None:
    seen = (
        Seen(1.0, "Ann", What.STORED, blob="ff"), sent(1.05, "Ann", "Ben"), sent(4.0, "Ann", "Ben", 16384),
        sent(6.0, "Ann", "Ben"),
    )  # fmt: skip
    acts = (
        Act("picture", "Ann", ("Ben",), 0.9, 1.1), Act("long text", "Ann", ("Ben",), 3.9, 4.1),
        Act("text", "Ann", ("Ben",), 5.9, 6.1),
    )  # fmt: skip
    row = told(*acts, seen=seen)["text, long text or picture"]
    assert (row.right_with, row.right_without, row.n) == (3, 3, 3)


def test_a_blob_is_for_whoever_fetches_it_and_without_addresses_perhaps_for_whom_is_written_to_next() -> None:
    acts = (Act("picture", "Ann", ("Ben",), 0.9, 1.9), Act("picture", "Cleo", ("Ann",), 2.9, 3.9))
    seen = (
        Seen(1.0, "Ann", What.STORED, blob="ff"), sent(1.1, "Cleo", "Ann"), sent(1.2, "Ann", "Ben"),
        Seen(1.5, "Ben", What.FETCHED, blob="ff"), Seen(3.0, "Cleo", What.STORED, blob="ee"), sent(3.1, "Cleo", "Ann"),
    )  # fmt: skip
    row = told(*acts, seen=seen)["for whom a blob is"]
    assert (row.right_with, row.right_without, row.n, row.chance) == (1, 1, 2, 0.5)


def test_a_group_that_is_written_to_again_and_again_is_told_without_addresses_too() -> None:
    acts = [Act("group", "Ann", ("Ben", "Cleo"), at, at + 0.9) for at in (1.0, 11.0, 21.0)]
    seen = [letter for act in acts for letter in (sent(act.began, "Ann", "Ben"), sent(act.began + 0.3, "Ann", "Cleo"))]
    row = told(*acts, seen=tuple(seen))["who else is in somebody's group, over all of it"]
    assert (row.right_with, row.right_without, row.n) == (1, 1, 1)
    assert row.chance == 1.0  # of three people it is everybody else


def test_letters_to_each_alone_do_not_make_a_group_of_those_who_get_them() -> None:
    acts = [Act("group", "Ann", ("Ben", "Cleo"), at, at + 9.0) for at in (1.0, 21.0)]
    seen = [letter for act in acts for letter in (sent(act.began, "Ann", "Ben"), sent(act.began + 8, "Ann", "Cleo"))]
    row = told(*acts, seen=tuple(seen))["who else is in somebody's group, over all of it"]
    assert (row.right_with, row.right_without, row.n) == (0, 0, 1)


def test_an_envelope_that_passed_before_or_after_its_act_is_left_out() -> None:
    row = told(Act("group", "Ann", ("Ben", "Cleo"), 1.0, 2.0), seen=(sent(1.5, "Ann", "Ben"), sent(2.5, "Ann", "Cleo")))
    assert row["for whom an envelope is"].n == 1


@pytest.mark.parametrize(
    ("kind", "what"), [("request", "which of two is a first contact"), ("report", "which of two is a report")]
)
def test_the_kind_of_a_token_gives_away_what_it_pays_for(kind: str, what: str) -> None:
    paid = {"request": Kind.FIRST_CONTACT, "report": Kind.REPORT}[kind]
    to = "Ben" if kind == "request" else DESK
    seen = (sent(1.0, "Ann", to, paid=paid), sent(3.0, "Cleo", "Ben"))
    row = told(Act(kind, "Ann", (to,), 0.9, 1.1), Act("text", "Cleo", ("Ben",), 2.9, 3.1), seen=seen)[what]
    assert (row.right_with, row.right_without, row.n, row.chance) == (1, 1, 1, 0.5)


def held(leaks: bool) -> Inference:
    acts, seen = list[Act](), list[Seen]()
    for number in range(40):
        acts += [Act("held", "Ann", (), number, number + 0.4), Act("idle", "Ann", (), number + 0.4, number + 0.8)]
        seen += [sent(number + 0.2, "Ann", "Ben")] if leaks else []
    return told(*acts, seen=tuple(seen))["in which of two a picture was held"]


def test_a_held_picture_that_sent_anything_would_be_seen_each_time_and_silence_is_guessing() -> None:
    assert held(leaks=True).right_with == 40
    assert 10 < held(leaks=False).right_with < 30


def test_the_notes_hold_what_passes_and_nothing_of_what_is_in_it() -> None:
    notes = Notes({b"k" * 32: Kind.REPORT}, clock=lambda: 7.0)
    note = notes.watch("Ann")
    anonymous = Token(bytes(32), b"k" * 32, bytes(64)).encoded()
    body = b"ciphertext" + bytes(4086)
    note(1, True, b"GET /v1/drop HTTP/1.1\r\n\r\n")
    note(1, True, wire.encode(wire.Send(1, bytes(16), bytes(16), 600, anonymous, bytes(32), body)))
    note(1, True, wire.encode(wire.FetchBundle(2, bytes(16), bytes(32))))
    note(2, True, b"PUT /v1/blobs/" + b"ab" * 16 + b" HTTP/1.1\r\n\r\n")
    note(2, True, b"GET /v1/blobs/" + b"cd" * 16 + b" HTTP/1.1\r\n\r\n")
    note(2, True, b"\xff nonsense")
    note(2, True, b"")
    assert notes.seen == [
        Seen(7.0, "Ann", What.SENT, "00" * 16, 4096, "report"),
        Seen(7.0, "Ann", What.ASKED, "00" * 16, 0, "delivery"),
        Seen(7.0, "Ann", What.STORED, blob="ab" * 16),
        Seen(7.0, "Ann", What.FETCHED, blob="cd" * 16),
    ]


async def test_a_small_run_bears_out_what_the_threat_model_says(tmp_path: Path) -> None:
    record = await played(tmp_path, 1, 4, AT_ONCE, 0.1, ("Ann", "Ben", "Cleo", "Dan"))
    found = {row.what: row for row in inferences(record, 1)}
    lines = PAGE.read_text().splitlines()
    begin = lines.index(table([])[0])
    page = {cells[0]: cells for cells in (_cells(line) for line in lines[begin + 2 :][:11])}
    assert found.keys() <= page.keys()
    for what, row in found.items():
        how, with_, without = page[what][1:4]
        assert how == row.how
        if how in ("its mailbox is named", "the kind of its token"):  # what a relay always knows
            assert with_ == without == "100%"
            assert (row.right_with, row.right_without) == (row.n, row.n), what
    assert page["who wrote it"][2] == "100%"
    assert found["who wrote it"].right_with == found["who wrote it"].n
    silent = [act for act in record.acts if act.kind == "held"]
    assert silent
    for act in silent:
        assert not [
            s for s in record.seen if s.address == act.by and s.what is What.SENT and act.began < s.at < act.ended
        ]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("arguments", [("--each", "0"), ("--each", "x"), ("--record", "/no/such/folder/x")])
def test_what_cannot_be_is_refused_in_a_sentence(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Record((), (), {}), ()
    monkeypatch.setattr("foreseal_client.bench.observer.measuring.measure_observer", lambda *_, **__: empty)
    ran = CliRunner().invoke(bench, ["observer", *arguments])
    assert ran.exit_code in (1, 2)
    assert "Traceback" not in ran.output


def test_where_nothing_can_be_written_nothing_is_measured_first(monkeypatch: pytest.MonkeyPatch) -> None:
    measured, where = list[object](), "foreseal_client.bench.observer.measuring.measure_observer"
    monkeypatch.setattr(where, lambda *_, **__: measured.append(0))
    ran = CliRunner().invoke(bench, ["observer", "--record", "/no/such/\u202efolder"])
    assert (ran.exit_code, measured) == (1, [])
    assert "\\u202efolder: No such file or directory." in ran.output


def test_the_table_comes_as_lines_and_as_json(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    row = Inference("who wrote it", "the address", 3, 1, 4, 0.25)
    made = Record((Seen(1.0, "Ann", What.CAME, "a1"),), (), BOXES), (row,)
    monkeypatch.setattr("foreseal_client.bench.observer.measuring.measure_observer", lambda *_, **__: made)
    lines = CliRunner().invoke(bench, ["observer", "--record", str(tmp_path / "seen.json")]).stdout.splitlines()
    assert lines[2] == "| who wrote it | the address | 75% | 25% | 25% | 4 |"
    assert json.loads((tmp_path / "seen.json").read_text())["seen"][0]["what"] == "came"
    told = json.loads(CliRunner().invoke(bench, ["observer", "--json", "--seed", "7"]).stdout)
    assert (told["seed"], told["inferences"][0]["right_with"]) == (7, 3)
