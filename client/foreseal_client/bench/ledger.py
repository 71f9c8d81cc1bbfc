"""`foreseal bench ledger`: what a line of the ledger costs, beside the check that it is about."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foreseal_client.bench.random_list import MADE, make_random_list
from foreseal_client.bench.timing import median
from foreseal_client.checks import Check, kinds_of, lists_used, said_of
from foreseal_client.draft import Draft
from foreseal_client.ledger import Course, verify_links
from foreseal_client.pictures import generate
from foreseal_client.store import Direction, State, Store
from foreseal_matcher import Bytes, Clear, ListSet, Mode, OnFailure, Policy, decide, screen

__all__ = ["bench_ledger"]

_POLICY = Policy(Mode.HOLD, OnFailure.CLOSED)
_PICTURE = (1024, 768)


def bench_ledger(work: Path, checks: int, entries: int, seed: int) -> dict[str, object]:
    """Figures of so many checks of a text with a link, and a tenth as many of a picture of 0.8 megapixels, against a
    random list in the empty folder `work`. `*_check_ms`: CPU of screening and deciding, medians; `line_ms`: of writing
    its line, `keep_ms`: of keeping the message, both within one transaction, which is not in them; `line_bytes`: a line
    as it is kept; `verify_ms`: of holding all lines to their chain. Raises `OSError` and `StoreError`."""
    lists = ListSet.open([make_random_list(work / "list", entries, seed).folder], MADE)
    data = generate("landscape", seed, _PICTURE)
    drafts = {
        "link": (checks, Draft("see https://example.org/page")),
        "picture": (max(1, checks // 10), Draft("", (Bytes(data, "a.png"),))),
    }
    spent: dict[str, list[float]] = {name: [] for name in (*(f"{kind}_check" for kind in drafts), "line", "keep")}
    store = Store(work / "profile", secrets.token_bytes(32))
    try:
        with store.transaction():
            store.ledger.switch(True, MADE)
        for kind, (rounds, draft) in drafts.items():
            for _ in range(rounds):
                _one(kind, draft, lists, store, spent)
        with _counted(spent.setdefault("verify", [])):
            whole = verify_links(store.ledger.links(), store.ledger.head)
        links = list(store.ledger.links())
    finally:
        store.close()
    if whole.fault is not None:
        raise ValueError("the ledger that was just written is not whole")
    ms = {name: median(found) * 1000 for name, found in spent.items()}
    return {
        "checks": checks,
        "entries": entries,
        "seed": seed,
        **{f"{name}_ms": round(value, 4) for name, value in ms.items()},
        "lines": len(links),
        "line_bytes": round(median([float(len(link.spelled) + 32) for link in links])),
        **{f"line_to_{kind}_check": round(ms["line"] / ms[f"{kind}_check"], 4) for kind in drafts},
        "line_to_keep": round(ms["line"] / ms["keep"], 3),
    }


def _one(kind: str, draft: Draft, lists: ListSet, store: Store, spent: dict[str, list[float]]) -> None:
    with _counted(spent[f"{kind}_check"]):
        decided = decide(screen(draft, lists), _POLICY)
    with store.transaction():
        with _counted(spent["keep"]):
            store.history.add(
                bytes(32), Direction.OUT, State.QUEUED, at=60, text=draft.text, verdict=Clear(), digest=bytes(32),
                eid=secrets.token_bytes(16),
            )  # fmt: skip
        with _counted(spent["line"]):
            check = Check(None, _POLICY, lists_used(lists), kinds_of(draft))
            store.ledger.append(said_of(check, decided, Course.OUT), MADE)


@contextmanager
def _counted(into: list[float]) -> Iterator[None]:
    began = time.process_time()
    yield
    into.append(time.process_time() - began)
