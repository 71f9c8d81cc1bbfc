"""Messages whose time is over go: while a client runs, and at its start, before anything is shown."""

from __future__ import annotations

from foreseal_client.store import Message, Store

__all__ = ["vanish"]


def vanish(store: Store, now: int) -> list[Message]:
    """Lets go of every message that is due, and begins the time of what has left since; what is gone, as it was.
    `now`: seconds since 1970. Raises `StoreError`."""
    gone = []
    with store.transaction():
        store.fading.begin_sent(now)
        for number in store.fading.due(now):
            message = store.history.get(number)
            if message is not None:
                gone.append(message)
                store.fading.remove(number)
    store.fading.let_go()
    return gone
