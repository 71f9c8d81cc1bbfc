"""`foreseal desk` and `foreseal report` as an officer, a person and a script meet them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from yarl import URL

from chat_stage import new_device
from foreseal_client.cli.desk import desk
from foreseal_client.cli.report import report
from foreseal_client.reporting import set_desk
from foreseal_client.sealing import passphrases
from foreseal_matcher.lists import HashList
from foreseal_relay.serving import Settings, serving
from sample_lists import nothing_listed
from sample_pictures import encoded, picture

FIRST, SECOND = "lena's passphrase", "rolf's passphrase"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id at its least: what it costs a person is not what is tried here."""
    fresh = passphrases.Stretching.fresh
    monkeypatch.setattr(passphrases.Stretching, "fresh", lambda: fresh(passes=1, memory=8192))


class Office:
    """A desk's folder, and the officers' passphrases in files."""

    def __init__(self, folder: Path, relay: str = "http://127.0.0.1:1") -> None:
        self.folder = folder / "desk"
        self.files = {"lena": folder / "lena.txt", "rolf": folder / "rolf.txt"}
        self.files["lena"].write_text(FIRST)
        self.files["rolf"].write_text(SECOND)
        self.did("init", str(self.folder), "--relay", relay)
        self.did("officer", "add", str(self.folder), "rolf", new="rolf")

    def run(self, *arguments: str, officer: str = "lena", new: str = "") -> Result:
        named = {"FORESEAL_PASSPHRASE_FILE": str(self.files[officer])}
        if new:
            named["FORESEAL_NEW_PASSPHRASE_FILE"] = str(self.files[new])
        return CliRunner().invoke(desk, [*arguments, "--officer", officer], env=named)

    def did(self, *arguments: str, officer: str = "lena", new: str = "") -> str:
        ran = self.run(*arguments, officer=officer, new=new)
        assert ran.exit_code == 0, ran.output
        return ran.stdout

    def refused(self, *arguments: str, officer: str = "lena") -> str:
        ran = self.run(*arguments, officer=officer)
        assert ran.exit_code == 1, ran.output
        assert "Traceback" not in ran.output
        return ran.stderr


def test_from_a_tip_off_to_a_list_that_two_people_agreed_on(tmp_path: Path) -> None:
    office = Office(tmp_path)
    here, listed = str(office.folder), tmp_path / "listed"
    brought = tmp_path / "brought.png"
    brought.write_bytes(encoded(picture(61), "PNG"))
    assert office.did("tip", here, str(brought), "--category", "threat", "--words", "found it") == "case\t1\n"
    assert office.did("tip", here, "https://x.example/\x1b[2J") == "case\t2\n"
    assert [line.split("\t")[0] for line in office.did("queue", here).splitlines()] == ["1", "2"]
    assert "\x1b" not in office.did("show", here, "2")
    assert "brought.png" in office.did("show", here, "1")
    assert office.did("note", here, "1", "seen this before") == "1\tnoted\n"
    assert office.did("vote", here, "1", "agree") == "1\twaiting\n"
    assert "Nothing that two people agreed on" in office.refused("propose", here, str(listed))
    assert office.did("vote", here, "1", "agree", officer="rolf") == "1\tconfirmed\n"
    assert "Only a lead" in office.refused("propose", here, str(listed), officer="rolf")
    assert "1 added\t0 taken off" in office.did("propose", here, str(listed))
    assert HashList.of_any_age(listed).entries == 1
    assert "votes change nothing" in office.refused("vote", here, "1", "dismiss")
    assert "no such case" in office.refused("show", here, "99")
    told = json.loads(office.did("show", here, "1", "--json"))
    assert (told["state"], told["votes"]) == ("proposed", {"lena": "agree", "rolf": "agree"})
    numbers = json.loads(office.did("counts", here))
    assert numbers["cases"]["state"] == {"proposed": 1, "waiting": 1}
    last = office.did("audit", here).splitlines()[-1].split("\t")[1]
    assert f"last\t{last}\n" in office.did("audit", here, "--last", last)
    assert "not in this trail" in office.refused("audit", here, "--last", "00" * 32)


def test_what_cannot_be_is_told_in_a_sentence(tmp_path: Path) -> None:
    office = Office(tmp_path)
    here = str(office.folder)
    assert "not empty" in office.refused("init", here, "--relay", "http://127.0.0.1:1")
    assert "relay's address" in office.refused("init", str(tmp_path / "other"), "--relay", "ftp://x")
    assert "no file here, and no link" in office.refused("tip", here, "what")
    assert "cannot be reached" in office.refused("collect", here)
    assert "socks5:" in office.refused("collect", here, "--proxy", "http://x")
    assert "needs a lead" in office.refused("officer", "remove", here, "lena")
    assert "There is no terminal" in office.refused("open", here)
    office.files["lena"].write_text(SECOND)
    assert "passphrase does not open" in office.refused("queue", here)
    (office.folder / "officers.json").write_text("{")
    assert "damaged" in office.refused("queue", here)


async def test_a_person_hands_in_a_link_and_a_picture_of_themselves_and_takes_it_back(tmp_path: Path) -> None:
    async with serving(Settings(tmp_path / "relay")) as (url, _):
        office = await asyncio.to_thread(Office, tmp_path, url)
        here, profile = str(office.folder), tmp_path / "alice"
        await asyncio.to_thread(office.did, "collect", here)
        device = new_device(profile, "Alice", url, nothing_listed())
        set_desk(device, await asyncio.to_thread(office.did, "card", here))
        device.close()
        mine = tmp_path / "me.png"
        mine.write_bytes(encoded(picture(62), "PNG"))

        async def does(*arguments: str, answer: str | None = None) -> Result:
            return await asyncio.to_thread(CliRunner().invoke, report, list(arguments), answer)

        told = await does("link", str(profile), "https://x.example", "--category", "threat", answer="n\n")
        assert told.exit_code == 1
        assert "Link: https://x.example" in told.stderr
        assert "Nothing was handed in" in told.stderr
        assert (await does("link", str(profile), "https://x.example", "--yes")).exit_code == 0
        sent = await does("picture", str(profile), str(mine), "--yes")
        assert "The picture: not handed over" in sent.stderr
        number = sent.stdout.split("\t")[1].strip()
        assert await asyncio.to_thread(office.did, "collect", here) == "taken\t2\n"
        assert "nobody at the desk can see it" in await asyncio.to_thread(office.did, "show", here, "2")
        assert (await does("take-back", str(profile), number)).exit_code == 0
        await asyncio.to_thread(office.did, "collect", here)
        assert json.loads(await asyncio.to_thread(office.did, "show", here, "2", "--json"))["state"] == "taken-back"
        rows = json.loads((await does("status", str(profile), "--json")).stdout)["handed_in"]
        assert [row["state"] for row in rows] == ["received", "taken-back"]
        assert (await does("again", str(profile))).stdout == "", "nothing waits"
        for wrong in (("take-back", str(profile), "zz"), ("send", str(profile), "7"), ("appeal", str(profile), "7")):
            refused = await does(*wrong)
            assert (refused.exit_code, "Traceback" in refused.output) == (1, False)
    kept = await does("link", str(profile), "https://y.example", "--yes")  # the relay is gone
    assert (kept.exit_code, kept.stdout.split("\t")[0]) == (0, "waiting")
    assert "kept on this device" in kept.stderr
    async with serving(Settings(tmp_path / "relay", port=URL(url).port or 0)):
        assert (await does("again", str(profile))).stdout == kept.stdout.replace("waiting", "received")
        assert await asyncio.to_thread(office.did, "collect", here) == "taken\t1\n"
