"""What mypy in strict mode says of code that does not exist: of a snippet, or of a module changed in one place.

assert errors_in("decide(draft, policy)")
assert errors_without("screen", ROOT / "client/foreseal_client/outbound.py")
"""

from __future__ import annotations

import ast
import multiprocessing
import os
import tempfile
import zlib
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

from mypy import api

from architecture.sources import ROOT

# Apart from the ordinary cache, which must never hold what was read from a changed copy.
CACHE = ROOT / ".mypy_cache" / "architecture"
# A snippet is read in place of this very file: mypy remembers errors by path, so the path has to stay the same.
STAND_IN = Path(__file__).resolve()


def errors_in(snippet: str) -> list[str]:
    """The errors in `snippet`, a whole module."""
    return _errors(STAND_IN, snippet)


def errors_after(module: Path, passage: str, replacement: str) -> list[str]:
    """The errors in `module` when `passage`, which it must hold exactly once, reads `replacement` instead. Errors
    elsewhere are left out. The file itself is not touched."""
    text = module.read_text(encoding="utf-8")
    if text.count(passage) != 1:
        raise LookupError(f"{module.name} holds {text.count(passage)} times and not once: {passage}")
    return _errors(module, text.replace(passage, replacement))


def errors_without(step: str, module: Path) -> list[str]:
    """The errors in `module` when its one call of `step` is deleted and what was handed to it goes on unchanged:
    `x = step(draft, lists)` becomes `x = draft`; `x, cost = await measured(step, draft)` becomes
    `x, cost = (draft, None)`."""
    text = module.read_text(encoding="utf-8")
    calls = [found for node in ast.walk(ast.parse(text)) if (found := _call_of(step, node))]
    # An awaited call is found twice, the await before the call inside it.
    if not calls or len({ast.unparse(content) for _, content in calls}) != 1:
        raise LookupError(f"{module.name} does not call {step} exactly once")
    call, content = calls[0]
    given = ast.unparse(content)
    # What measures a step gives its result and the cost; without the step there is a content and no cost.
    replacement = f"({given}, None)" if isinstance(call, ast.Await) else given
    return errors_after(module, ast.get_source_segment(text, call) or "", replacement)


def _call_of(step: str, node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """A call of `step`, or one that is handed `step` to call it, and the content that it is given."""
    call = node.value if isinstance(node, ast.Await) else node
    if isinstance(call, ast.Call) and isinstance(node, ast.expr):
        first, *others = (call.func, *call.args)
        if ast.unparse(first) == step and others:
            return node, others[0]
        if others and ast.unparse(others[0]) == step and len(others) > 1:
            return node, others[1]
    return None


def _errors(module: Path, text: str) -> list[str]:
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(CACHE), "--show-absolute-path"]
    with tempfile.TemporaryDirectory() as directory:
        changed = Path(directory) / module.name
        changed.write_text(text, encoding="utf-8")
        # mypy takes a file of the same size and the same second for the one in its cache; two changes of one module
        # can be both. So the time is made from the text.
        stamp = zlib.crc32(text.encode())
        os.utime(changed, (stamp, stamp))
        arguments = [*options, "--shadow-file", str(module), str(changed), str(module)]
        told, fault, _ = _apart().submit(api.run, arguments).result()
    if fault:
        raise RuntimeError(f"mypy could not run: {fault}")
    return [line for line in told.splitlines() if line.startswith(f"{module}:") and ": error:" in line]


@cache
def _apart() -> ProcessPoolExecutor:
    """A process that is mypy's own: with each run it keeps some 30 MB that nobody asks for again."""
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
