"""The flows by name, with what each needs."""

from __future__ import annotations

from foreseal_client.conformance import beside, breakdowns, checks, delivery, groups, people, reviews, strangers
from foreseal_client.conformance.flow import FLOWS, Flow

__all__ = ["FLOWS", "Flow"]

_PARTS = (delivery, checks, people, groups, beside, reviews, strangers, breakdowns)
"""Importing them makes their flows known."""
