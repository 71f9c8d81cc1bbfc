"""The methods of the headless client. Importing this package makes all of them known."""

from foreseal_client.rpc.calling import METHODS
from foreseal_client.rpc.methods import (
    accounts,
    appeals,
    checks,
    conversations,
    groups,
    messages,
    people,
    requests,
    safeguards,
    subscribing,
    testing,
)

__all__ = [
    "METHODS", "accounts", "appeals", "checks", "conversations", "groups", "messages", "people", "requests",
    "safeguards", "subscribing", "testing",
]  # fmt: skip
