"""What a flow is, and how one is made known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from foreseal_client.kit.world import World

__all__ = ["FLOWS", "Flow", "expect", "flow"]


@dataclass(frozen=True, slots=True)
class Flow:
    """`name`: as in a table; `about`: the claim; `needs`: methods that the client has to answer; `own_relay`: whether
    the relay has to be the kit's, because it is looked into, stopped or spoiled."""

    name: str
    about: str
    needs: frozenset[str]
    own_relay: bool
    carry_out: Callable[[World], None]


FLOWS: Final[dict[str, Flow]] = {}
"""Every flow by name, once `catalogue` was imported."""


def flow(
    name: str, *needs: str, own_relay: bool = False
) -> Callable[[Callable[[World], None]], Callable[[World], None]]:
    """Makes a function the flow of this name. Its docstring is the claim."""

    def add(carry_out: Callable[[World], None]) -> Callable[[World], None]:
        about = " ".join((carry_out.__doc__ or "").split())
        FLOWS[name] = Flow(name, about, frozenset({"register", "subscribeReceive", *needs}), own_relay, carry_out)
        return carry_out

    return add


def expect(found: object, wanted: object, what: str) -> None:
    """Raises `AssertionError`, which says what was expected and what was found."""
    if found != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, found {found!r}")
