"""The page for somebody else's messenger is executed, in an interpreter that has nothing but the matcher."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from docs.pages import blocks
from foreseal_matcher.lists import Purpose, build_list, from_links, from_picture
from sample_pictures import encoded, picture

PAGE = "docs/adopting.md"
WALL = """
import sys

ALLOWED = sys.stdlib_module_names | {"foreseal_matcher", "numpy", "PIL", "__editable___foreseal_0_1_0_finder"}

class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in ALLOWED:
            raise ImportError(f"{name} is not installed here")

sys.meta_path.insert(0, Wall())
"""
TRIED = """
import socket, sys
from pathlib import Path

def refuse(*arguments, **options):
    raise AssertionError("a socket was opened")

socket.socket = refuse
assert before_encryption("copy.jpg", Path("copy.jpg").read_bytes()) is None
other = Path("other.jpg").read_bytes()
assert before_encryption("other.jpg", other) == other
assert before_encryption("cut.jpg", other[:2000]) is None
assert may_leave(Message("hello", (Bytes(other, "other.jpg"),)))
assert not may_leave(Message("see https://site.example/page"))
assert not may_leave(Message("", (Bytes(Path("copy.jpg").read_bytes(), "copy.jpg"),)))
list_it(other, "https://other.example", Path("made"))
assert ListSet.open([Path("made")], datetime.now(UTC).date()).problems == ()
marked = decide(screen(Bytes(b"do not send on"), LISTS.looking_with([Watermarks()])), POLICY)
assert isinstance(marked, Held)
assert not {"foreseal_client", "foreseal_relay", "click", "textual", "aiohttp"} & set(sys.modules)
print("done")
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    from datetime import UTC, datetime

    listed = encoded(picture(1, 400, 300), "PNG")
    (tmp_path / "copy.jpg").write_bytes(encoded(picture(1, 400, 300).resize((300, 225)), "JPEG"))
    (tmp_path / "other.jpg").write_bytes(encoded(picture(2, 400, 300), "JPEG"))
    lines = from_picture(listed, 1, category="example", source="tests")
    lines += from_links(["https://site.example"], "links", 9, category="example", source="tests")
    today = datetime.now(UTC).date()
    build_list(tmp_path / "my-list", lines, name="n", version="1", made=today, purpose=Purpose.SYNTHETIC)
    return tmp_path


def test_the_page_works_where_nothing_but_the_matcher_is_installed(desk: Path) -> None:
    page = "\n".join(block.text for block in blocks(PAGE) if block.language == "python")
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join((WALL, page, TRIED))],
        cwd=desk, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.stdout == "done\n", ran.stderr


def test_the_first_example_has_ten_lines() -> None:
    first = next(block for block in blocks(PAGE) if block.language == "python")
    assert len([line for line in first.text.splitlines() if line.strip()]) <= 10
