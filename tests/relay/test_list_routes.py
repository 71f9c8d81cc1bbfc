"""A repository of lists served by the relay: files of three folders, and nothing else."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from foreseal_relay.home import HomeError
from foreseal_relay.serving import Settings, serving

CONTENT = bytes(range(256)) * 300


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    for name in (
        "metadata/1.root.json", "metadata/timestamp.json", "targets/demo/abc.pdq.bin", "pending/targets.json",
        "log/checkpoint", "log/tiles/0/0.8", "log/positions/demo", "log/entries/0.json",
    ):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(CONTENT)
    (tmp_path / "secret").write_bytes(b"not to be served")
    return folder


@pytest.fixture
async def relay(tmp_path: Path, repository: Path) -> AsyncIterator[str]:
    async with serving(Settings(tmp_path / "data", lists=repository)) as (url, _):
        yield url


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_files_are_served_whole_and_in_parts(relay: str, http: aiohttp.ClientSession) -> None:
    url = f"{relay}/lists/targets/demo/abc.pdq.bin"
    async with http.get(url) as answer:
        assert (answer.status, await answer.read()) == (200, CONTENT)
        assert answer.headers["Content-Type"] == "application/octet-stream"
    async with http.get(url, headers={"Range": "bytes=100-199"}) as answer:
        assert (answer.status, await answer.read()) == (206, CONTENT[100:200])
    async with http.head(url) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(CONTENT)))
    async with http.get(url, headers={"Range": "bytes=99999999-"}) as answer:
        assert answer.status == 416


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        ("metadata/timestamp.json", True), ("log/checkpoint", True), ("log/positions/demo", True),
        ("metadata/1.root.json", False), ("log/tiles/0/0.8", False), ("log/entries/0.json", False),
    ],
)  # fmt: skip
async def test_only_what_is_newest_may_change_under_its_name(
    relay: str, http: aiohttp.ClientSession, name: str, moves: bool
) -> None:
    async with http.get(f"{relay}/lists/{name}") as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == ("no-cache" if moves else "public, max-age=31536000, immutable")


@pytest.mark.parametrize("name", ["metadata/timestamp.json", "targets/demo/abc.pdq.bin"])
async def test_what_a_client_has_is_not_sent_again_until_it_changes(
    relay: str, http: aiohttp.ClientSession, repository: Path, name: str
) -> None:
    url = f"{relay}/lists/{name}"
    async with http.get(url) as answer:
        tag = answer.headers["ETag"]
    assert tag.startswith('"')  # a strong one: parts of a file may be put together by it (RFC 9110, section 8.8.1)
    for sent in (tag, f'"other", {tag}', "*"):
        async with http.get(url, headers={"If-None-Match": sent}) as answer:
            assert (answer.status, await answer.read(), answer.headers["ETag"]) == (304, b"", tag)
    (repository / name).write_bytes(CONTENT + b"and more")
    async with http.get(url, headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (200, CONTENT + b"and more")
        assert answer.headers["ETag"] != tag


@pytest.mark.parametrize(
    "path",
    [
        "",
        "metadata",
        "metadata/",
        "targets/demo",
        "targets/demo/",
        "pending/targets.json",
        "metadata/2.root.json",
        "metadata/../pending/targets.json",
        "metadata/%2e%2e/pending/targets.json",
        "targets/..%2f..%2fsecret",
        "targets/demo/%2e%2e/%2e%2e/%2e%2e/secret",
        "metadata//1.root.json",
        "metadata/1.root.json/",
        "metadata/1.root.json%00",
        "metadata/.hidden",
        "targets/a/b/c/d",
        "targets/" + "a" * 300,
    ],
)
async def test_nothing_else_is_there(relay: str, http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(URL(f"{relay}/lists/{path}", encoded=True)) as answer:
        assert answer.status == 404
        assert b"not to be served" not in await answer.read()


async def test_a_link_that_leads_out_and_a_pipe_are_not_served(
    relay: str, http: aiohttp.ClientSession, repository: Path
) -> None:
    (repository / "targets" / "out").symlink_to(repository.parent / "secret")
    (repository / "targets" / "above").symlink_to(repository.parent, target_is_directory=True)
    (repository / "targets" / "loop").symlink_to(repository / "targets" / "loop")
    os.mkfifo(repository / "targets" / "pipe")
    for name in ("out", "above/secret", "loop", "pipe"):
        async with http.get(f"{relay}/lists/targets/{name}") as answer:
            assert answer.status == 404, name


async def test_it_can_be_read_and_not_written(relay: str, http: aiohttp.ClientSession, repository: Path) -> None:
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        async with http.request(method, f"{relay}/lists/metadata/timestamp.json", data=b"other") as answer:
            assert answer.status == 405
    assert (repository / "metadata" / "timestamp.json").read_bytes() == CONTENT


async def test_a_relay_without_lists_serves_none(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    async with (
        serving(Settings(tmp_path / "other")) as (url, _),
        http.get(f"{url}/lists/metadata/timestamp.json") as answer,
    ):
        assert answer.status == 404


async def test_a_folder_that_is_no_repository_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="no repository of lists"):
        async with serving(Settings(tmp_path / "data", lists=tmp_path)):
            pass
