"""What holds for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

from foreseal_client.demo import relay_process
from nursery import Nursery
from relay_process import RelayProcess

# Properties that do not say how often they are tried are tried so often; `make soak` tries them for longer.
settings.register_profile("suite", max_examples=int(os.environ.get("FORESEAL_EXAMPLES", "30")))
settings.load_profile("suite")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Ten thousand objects are made here that all stay: the collector need not look at them, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
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
