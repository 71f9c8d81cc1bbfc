"""A kit for suites that drive clients and a relay: the pytest plugin and the conformance flows stand on it.

Everything in it is synchronous for who uses it; a loop in a thread of its own does the work. Clients are spoken to in
JSON-RPC and in nothing else, in this process or in another, so that the same flow runs against somebody else's client.
"""
