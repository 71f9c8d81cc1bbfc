"""The page on suites, docs/testing."""

from __future__ import annotations

import yaml

from docs.pages import only_block

__all__ = ["TESTING", "pytest_command"]

TESTING = "docs/testing/index.md"


def pytest_command() -> list[str]:
    """The words that run a suite in its Actions file."""
    (job,) = yaml.safe_load(only_block(TESTING, "yaml"))["jobs"].values()
    (found,) = (step["run"].split() for step in job["steps"] if " pytest --" in step.get("run", ""))
    return [str(word) for word in found]
