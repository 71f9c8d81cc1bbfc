"""The demo's claims hold; and each of them can fail."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import click
import pytest

from foreseal_client import pictures
from foreseal_client.cli.demo import to_its_end
from foreseal_client.demo.claims import Show
from foreseal_client.demo.search import Needle
from foreseal_client.demo.stage import Stage, write_list
from foreseal_matcher import Bytes, Mode, OnFailure, Policy
from stage_fixture import setting

BENIGN = pictures.generate("landscape", 7, (480, 360))
LISTED = pictures.generate("still-life", 11, (480, 360))


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "foreseal_client.cli", "demo", *arguments],
        capture_output=True, text=True, env=environment, timeout=120, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_the_presenters_own_pictures_go_the_same_way(tmp_path: Path) -> None:
    files = {
        "mine.jpg": LISTED,
        "edited.webp": pictures.edited(LISTED, "sent-on"),
        "other.jpg": BENIGN,
        "cut.jpg": BENIGN[:3000],
        "notes.txt": b"hi",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    paths = [str(tmp_path / name) for name in files]
    ended = run("--json", "--list-picture", paths[0], "--send", *paths[1:], home=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    told = json.loads(ended.stdout)
    claims = {claim["claim"]: claim for claim in told["claims"]}
    assert all(claim["held"] for claim in claims.values())
    assert {
        "edited.webp was held and no byte left.", "other.jpg arrived byte-identical.",
        "cut.jpg was held and no byte left.", "notes.txt arrived byte-identical.",
    } <= set(claims)  # fmt: skip
    assert claims["edited.webp was held and no byte left."]["evidence"]["bytes_out"] == 0
    (searched,) = [claim["evidence"] for claim in claims.values() if claim["id"] == "e"]
    assert searched["hits"] == []
    assert searched["controls_found"] == searched["planted_controls"] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--send", "{here}"], "needs a --list-picture"),
        (["--list-picture", "{here}"], "needs a --send"),
        (["--list-picture", "{gone}", "--send", "{here}"], "does not exist"),
        (["--list-picture", "{here}", "--send", "{gone}"], "does not exist"),
        (["--script", "--list-picture", "{here}", "--send", "{here}"], "cannot be listed"),
    ],
)
def test_bad_arguments_are_one_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "here.txt").write_bytes(b"no picture")
    places = {"here": tmp_path / "here.txt", "gone": tmp_path / "gone.txt"}
    ended = run(*(argument.format(**places) for argument in arguments), home=tmp_path)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


async def told(stage: Stage) -> Show:
    show = Show(stage)
    assert (await show.text_arrives()).held
    return show


async def test_the_claim_of_a_held_picture_fails_when_nothing_is_held(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        show = await told(stage)
        stage.alice.device.lists = write_list(tmp_path / "list", "demo", [LISTED])
        stage.alice.device.policy = Policy(Mode.OBSERVE, OnFailure.CLOSED)
        claim = await show.listed_is_held(LISTED, "l.jpg", "none")
        assert not claim.held
        assert isinstance(claim.evidence["bytes_out"], int)


async def test_the_claim_of_a_held_picture_fails_when_bytes_leave_all_the_same(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        show = await told(stage)
        stage.alice.device.lists = write_list(tmp_path / "list", "demo", [LISTED])
        tap = stage.alice.tap
        leaking = iter(range(1000))
        real = tap.passed
        tap.passed = lambda: real().__class__(real().connections, real().bytes + next(leaking), 0)  # type: ignore[method-assign]
        assert not (await show.listed_is_held(LISTED, "l.jpg", "none")).held


async def test_the_claim_of_a_withheld_picture_fails_when_it_is_shown(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        show = await told(stage)
        assert not (await show.incoming_is_withheld(LISTED, "l.jpg")).held


async def test_the_claim_of_an_update_fails_when_what_it_lists_is_sent_all_the_same(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        show = await told(stage)
        stage.alice.device.policy = Policy(Mode.OBSERVE, OnFailure.CLOSED)
        claim = await show.update_counts_at_the_next_check(LISTED, LISTED, "l.jpg")
        assert not claim.held
        assert claim.evidence["two_signatures"] != "nothing new"


async def test_the_claim_of_the_unreadable_fails_when_the_file_can_be_read(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        show = await told(stage)
        stage.alice.device.policy = stage.bob.device.policy = Policy(Mode.HOLD, OnFailure.CLOSED)
        whole_in_its_first_half = BENIGN + bytes(len(BENIGN))
        assert not (await show.unreadable_is_its_own_outcome(whole_in_its_first_half, "w.jpg")).held


async def test_the_search_fails_when_the_relay_has_something_or_the_plant_is_not_found(tmp_path: Path) -> None:
    async with setting(tmp_path) as stage:
        show = await told(stage)
        assert (await show.kill_loses_nothing(Bytes(BENIGN, "b.jpg"))).held
        assert show.relay_saw_nothing().held
        show.plants.append(Needle("never planted", secrets.token_bytes(64)))
        assert not show.relay_saw_nothing().held
        show.plants.pop()
        (stage.relay.data / "leak.log").write_bytes(show.needles[0].value)
        leaked = show.relay_saw_nothing()
        assert not leaked.held
        assert "leak.log" in str(leaked.evidence["hits"])


async def interrupted() -> None:
    raise KeyboardInterrupt


def test_a_story_that_is_interrupted_says_so_in_a_sentence() -> None:
    with pytest.raises(click.ClickException, match=r"The demo was ended\. What it had made is removed"):
        to_its_end(interrupted())
