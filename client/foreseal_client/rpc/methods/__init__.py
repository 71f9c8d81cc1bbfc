"""The methods of the headless client. Importing this package makes all of them known.

`submitAppeal`, receipts, typing, disappearing messages and deletion have no methods here yet.
"""

from foreseal_client.rpc.calling import METHODS
from foreseal_client.rpc.methods import accounts, checks, groups, messages, people, subscribing, testing

__all__ = ["METHODS", "accounts", "checks", "groups", "messages", "people", "subscribing", "testing"]
