"""Publishers, endorsers, a log and devices in any order: no device ever runs a list that is not logged and endorsed."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from publishing_machine import Publishing

TestPublishing = Publishing.TestCase
GAMES = int(os.environ.get("FORESEAL_GAMES", "0"))
"""Of `make soak`: that many games, and longer ones."""
TestPublishing.settings = settings(
    max_examples=GAMES or 5,
    stateful_step_count=30 if GAMES else 6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
