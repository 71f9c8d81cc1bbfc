"""Whether a message belongs into a group's conversation: judged by the state that is in force here."""

from __future__ import annotations

from dataclasses import dataclass

from foreseal_client.groups.log import GroupLog

__all__ = ["Admitted", "NotAMember", "Unseen", "judge"]


@dataclass(frozen=True, slots=True)
class Admitted:
    """It is from a member. `behind`: it was written under another state than the one in force, so its writer may have
    to be told."""

    behind: bool


@dataclass(frozen=True, slots=True)
class NotAMember:
    """Its writer is not in the group, or no longer. It is not shown. `reason` is for reading."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """It was written under a state that is not here. It waits, and that state is asked for by its hash."""

    wanted: bytes


def judge(log: GroupLog, sender: bytes, state: bytes) -> Admitted | NotAMember | Unseen:
    """What to do with a message of `sender`, an identity, written under the state with this hash.

    A state that is not here may be the one that let its writer in; one that is here cannot make a member of whoever
    was removed since.
    """
    if state not in log.states:
        return Unseen(log.missing_under(state))
    if not log.agreed.has(sender):
        return NotAMember("A message to a group came from somebody who is not in it. It was dropped.")
    return Admitted(state != log.agreed.in_force.hash)
