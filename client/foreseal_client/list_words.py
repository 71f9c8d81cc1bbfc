"""What is said of a list that wants to cover more than its person has accepted; `words` says all else of lists."""

from __future__ import annotations

from typing import Final

from foreseal_client.shown import visible
from foreseal_client.updates.at_fence import AtFence

__all__ = ["CANNOT_FETCH", "KEPT", "NOT_KEPT", "beyond", "changes", "noticed", "taken", "title"]

KEPT: Final = "The old list stays in force. /lists asks again."
NOT_KEPT: Final = "The old list stays in force. That could not be written beside it, so the next start asks again."
CANNOT_FETCH: Final = (
    "This chat goes through a proxy, which lists are not fetched through: nothing is fetched here. foreseal list "
    "update fetches it and asks the same."
)
_KINDS: Final = {"category": "New category", "source": "New source", "endorser": "New endorser", "log": "Another log"}


def noticed(name: str) -> str:
    """The line that says that something waits."""
    return f"The list {visible(name)} has an update that goes beyond what was accepted on this device. /lists shows it."


def beyond(at: AtFence, name: str, version: str) -> str:
    """What the card says. `name` and `version`: of the list in force."""
    if at.another_log:
        return (
            f"The publisher of the list {visible(name)} names another public log than the one that this device has "
            "followed. Nothing was read in it, and no list was fetched. Version "
            f"{visible(version)} stays in force until you decide. Whoever takes another log gives up what the old one "
            "showed: others may have been told something else in it. Ask the publisher why, by a way that you trust."
        )
    offered = "An update" if at.offered is None else f"Version {visible(at.offered.version)}"
    return (
        f"{offered} of the list {visible(name)} is signed by its endorsers and stands in its public log. It goes "
        "beyond what was accepted on this device, so it was stopped before any of it was fetched. Version "
        f"{visible(version)} stays in force until you decide. Signatures say who agreed, not whether they should "
        "have; a category is a word, and nothing here can tell what is filed under it."
    )


def title(at: AtFence) -> str:
    """What the card is called."""
    return "A list has another log" if at.another_log else "A list wants to cover more"


def changes(at: AtFence) -> tuple[tuple[str, str], ...]:
    """The rows of the card: what is new, and then the entries of each category and who signed, before and now."""
    rows = []
    for one in at.news:
        kind, _, rest = one.partition(":")
        rows.append((_KINDS.get(kind, visible(kind)), visible(rest)))
    for category, before, now in at.categories:
        rows.append((f"Entries: {visible(category)}", _moved(before, now)))
    for keyid, name, known in at.endorsers:
        signed = "signed the list before too" if known else "did not sign the list before"
        rows.append((f"Endorser: {visible(name)}", f"{signed} (key {keyid[:16]})"))
    return tuple(rows)


def taken(name: str, version: str) -> str:
    """What is said once it was accepted and is in force."""
    return f"Accepted. The list {visible(name)}, version {visible(version)}, is in force."


def _moved(before: int, now: int) -> str:
    return f"{now:,}, as before" if before == now else f"{before:,} before, {now:,} now"
