"""What holds for all tests."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

from foreseal_client.demo import relay_process
from nursery import Nursery
from relay_process import RelayProcess

# Properties that do not say how often they are tried are tried so often; `make soak` tries them for longer.
settings.register_profile("suite", max_examples=int(os.environ.get("FORESEAL_EXAMPLES", "30")))
settings.load_profile("suite")


_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_ROOM: Final = 1024**3
"""Bytes that have to be free there; a run takes a sixth of it."""
_OURS: Final = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Files of tests lie in memory, where there is room: what is tried is what was written and in which order, and a
    disk is waited for some ten thousand times in one run. `TMPDIR` puts them elsewhere."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # As for what a script runs in the background. What tests start and interrupt would inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    told = os.statvfs(_MEMORY)
    if told.f_bavail * told.f_frsize < _ROOM or told.f_flag & os.ST_NOEXEC:  # some run what they have built
        return
    config.stash[_OURS] = folder = Path(tempfile.mkdtemp(prefix="fs-", dir=_MEMORY))
    folder.chmod(0o711)  # a server that does not run as root has a folder in it
    os.environ["TMPDIR"], tempfile.tempdir = str(folder), None  # for programs that tests start, and for this one


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Garbage is looked for once more, so that a file left open is said; pytest and the interpreter would look six
    times at what stays, for ten seconds in all. Only what failed leaves anything, whatever programs left."""
    gc.collect()
    gc.freeze()
    if _OURS in session.config.stash and exitstatus != pytest.ExitCode.TESTS_FAILED:
        session.config.add_cleanup(lambda: shutil.rmtree(session.config.stash[_OURS], ignore_errors=True))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Ten thousand objects are made here that all stay: the collector need not look at them, now or later. What tests
    leave goes by its count of references, but for cycles; looking for those often took a tenth of the run."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 50, 1000)
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _relays_start_at_once() -> Iterator[None]:
    """Relays are forked where that can be done; that a fresh one starts as well is a test of its own."""
    if not hasattr(os, "fork"):
        yield
        return
    nursery = Nursery()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relay_process, "launched", nursery.launched)
        patch.setattr(RelayProcess, "nursery", nursery)
        yield
    nursery.close()
