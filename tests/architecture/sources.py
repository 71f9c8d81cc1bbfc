"""The project's own files, as the architecture tests read them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "foreseal_matcher": ROOT / "matcher",
    "foreseal_relay": ROOT / "relay",
    "foreseal_client": ROOT / "client",
}


@dataclass(frozen=True)
class Module:
    """One module of the three packages, or one file of the tests."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Parsed when a test first looks at it, and not in every worker that collects the tests."""
        return ast.parse(self.text)

    @property
    def public(self) -> bool:
        """Whether no part of its name begins with an underscore."""
        return not any(part.startswith("_") for part in self.name.split("."))

    @property
    def imports(self) -> Iterator[str]:
        """The modules that it names in import statements, wherever they stand."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module

    @property
    def assigned(self) -> set[str]:
        """The names that exist at its top level."""
        names: set[str] = set()
        for node in ast.walk(ast.Module([_without_bodies(node) for node in self.tree.body], [])):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.alias):
                names.add((node.asname or node.name).split(".")[0])
        return names

    @property
    def exported(self) -> list[str] | None:
        """What `__all__` lists, or None where there is none that can be read without running it."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and any(ast.unparse(target) == "__all__" for target in node.targets):
                return [str(name) for name in ast.literal_eval(node.value)]
        return None


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the three packages."""
    return tuple(
        _module(path, ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__"))
        for package, folder in PACKAGES.items()
        for path in sorted((folder / package).rglob("*.py"))
    )


@cache
def files_of_tests() -> tuple[Module, ...]:
    """Every file of the tests."""
    return tuple(_module(path, path.stem) for path in sorted((ROOT / "tests").rglob("*.py")))


def _module(path: Path, name: str) -> Module:
    return Module(name, path, path.read_text(encoding="utf-8"))


def _without_bodies(node: ast.stmt) -> ast.stmt:
    """A definition as its name alone: what stands inside it is not at the top level."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return ast.ClassDef(node.name, [], [], [], [])
    return node


def for_every(some: Iterable[Module]) -> Callable[[Callable[[Module], None]], Callable[[], None]]:
    """Makes one test of what is to hold for each of many modules; it names all for which it does not. As a test each
    they were half of the suite by number, and running a test takes longer than looking at a module."""

    def once(test: Callable[[Module], None]) -> Callable[[], None]:
        def together() -> None:
            broken = []
            for module in some:
                try:
                    test(module)
                except AssertionError as fault:
                    broken.append(f"{module.name}: {fault}")
            assert broken == []

        together.__name__, together.__doc__ = test.__name__, test.__doc__
        return together

    return once
