"""How the house is kept: what a file may be named, how long it may be, what it must say of itself."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

from architecture.sources import PACKAGES, ROOT, Module, files_of_tests, for_every, modules

LONGEST = 400
BANNED_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "data", "process", "common", "misc"}
# The command line imports its commands by name, so that `--help` does not wait for all of them.


def test_the_three_packages_are_all_there() -> None:
    assert {module.name.split(".")[0] for module in modules()} == set(PACKAGES)


def test_every_python_file_stands_in_one_of_the_rooms_or_in_the_tests() -> None:
    known = {module.path for module in (*modules(), *files_of_tests())}
    hidden = re.compile(r"/(\.[^/]+|build|dist)/")
    found = {path for path in ROOT.rglob("*.py") if not hidden.search(str(path.relative_to(ROOT.parent)))}
    assert found - known == set()


def test_the_outer_folders_are_no_packages() -> None:
    assert [folder.name for folder in PACKAGES.values() if (folder / "__init__.py").exists()] == []


@for_every([*modules(), *files_of_tests()])
def test_no_file_is_longer_than_can_be_taken_in(module: Module) -> None:
    assert len(module.text.splitlines()) <= LONGEST


@for_every(modules())
def test_no_module_has_a_name_that_says_nothing(module: Module) -> None:
    assert set(module.name.split(".")) & BANNED_NAMES == set()


@for_every([module for module in modules() if module.public])
def test_a_public_module_says_what_it_is_for(module: Module) -> None:
    assert ast.get_docstring(module.tree)


@for_every([module for module in modules() if module.public])
def test_what_a_module_exports_exists_in_it(module: Module) -> None:
    if module.path.name == "__main__.py" or (module.path.name == "__init__.py" and len(module.tree.body) == 1):
        return  # A docstring alone exports nothing, and nobody imports from what is run.
    assert module.exported is not None
    assert set(module.exported) - module.assigned == set()
    assert len(set(module.exported)) == len(module.exported)


@for_every([*modules(), *files_of_tests()])
def test_nothing_imports_a_second_copy_by_way_of_the_outer_folder(module: Module) -> None:
    assert [name for name in module.imports if name.split(".")[0] in ("client", "relay", "matcher")] == []


@for_every(modules())
def test_only_the_command_line_and_the_lists_import_by_name(module: Module) -> None:
    # What the lists name stands in the same file, also as imports that walls and types are checked by.
    if module.name != "foreseal_matcher.lists" and not module.name.startswith("foreseal_client.cli"):
        assert not re.search(r"\b(import_module|__import__)\b", module.text)


def test_the_client_loads_no_detectors() -> None:
    """Decision 21: nobody's package is shown what people write because it happens to be installed. Decision 94: a test
    makes checks hang or fail by a detector of our own, which answers under --test-methods alone."""
    named = re.compile(r"\b(installed_detectors|looking_with)\b")
    found = {module.name: set(named.findall(module.text)) for module in modules() if named.search(module.text)}
    assert {name: words for name, words in found.items() if name.startswith("foreseal_client")} == {
        "foreseal_client.rpc.spoiled": {"looking_with"}
    }
    assert any(named.search(module.text) for module in modules())


@for_every(modules())
def test_nothing_is_left_for_later(module: Module) -> None:
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK|raise NotImplementedError)\b", module.text)


@pytest.mark.parametrize(
    ("imported", "absent"),
    [
        ("foreseal_matcher", ("aiohttp", "click", "cryptography", "imagehash", "msgspec", "nacl", "scipy", "textual")),
        ("foreseal_relay.wire", ("aiohttp", "numpy", "PIL", "cryptography", "sqlite3")),
        ("foreseal_client.outbound", ("aiohttp", "textual", "imagehash", "scipy", "client")),
    ],
)
def test_a_room_brings_no_more_than_it_needs(imported: str, absent: tuple[str, ...]) -> None:
    program = f"import sys, {imported}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(absent) & set(ran.stdout.split()) == set()
