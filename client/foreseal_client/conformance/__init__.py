"""Named flows that any client which speaks the RPC can be run against: what should happen between people, a relay and
a check, one function each. A flow names the methods it needs; a client without one of them is skipped there."""

from foreseal_client.conformance.catalogue import FLOWS, Flow

__all__ = ["FLOWS", "Flow"]
