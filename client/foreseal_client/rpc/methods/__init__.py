"""The methods of the headless client. Importing this package makes all of them known.

`submitAppeal`, receipts, typing and disappearing messages are not here: this client cannot do them yet.
"""

from foreseal_client.rpc.calling import METHODS
from foreseal_client.rpc.methods import accounts, checks, groups, messages, people, subscribing, testing

__all__ = ["METHODS", "accounts", "checks", "groups", "messages", "people", "subscribing", "testing"]
