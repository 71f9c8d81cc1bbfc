"""What a relay counts: sums over everybody, without a name, an address or a time in them.

Shown in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/) on a port of its
own, to this machine alone: whoever reads the sums often enough learns when this relay is busy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from foreseal_relay.wire import Accepted, Duplicate, RejectCode, ServerFrame

__all__ = ["CONTENT_TYPE", "Meter", "shown"]

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_ANSWERS: Final = ("accepted", "duplicate", *(code.name.lower() for code in RejectCode))


@dataclass(slots=True)
class Meter:
    """Counts since the start. `sends`: by what they were answered; the rest are envelopes."""

    sends: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    acknowledged: int = 0

    def sent(self, answer: ServerFrame) -> None:
        """Counts a send by its answer."""
        match answer:
            case Accepted():
                self.sends["accepted"] += 1
            case Duplicate():
                self.sends["duplicate"] += 1
            case _:
                code = getattr(answer, "code", None)
                if code is not None:
                    self.sends[RejectCode(code).name.lower()] += 1


def shown(meter: Meter, connections: int, inboxes: int, *, failed: bool) -> str:
    """The page that a monitor fetches. `connections`: websockets open now, `inboxes`: of them those logged in."""
    return "\n".join(_lines(meter, connections, inboxes, failed)) + "\n"


def _lines(meter: Meter, connections: int, inboxes: int, failed: bool) -> Iterator[str]:
    yield "# HELP foreseal_sends_total Envelopes brought here, by their answer."
    yield "# TYPE foreseal_sends_total counter"
    for answer in _ANSWERS:
        yield f'foreseal_sends_total{{answer="{answer}"}} {meter.sends[answer]}'
    for name, kind, text, value in (
        ("deliveries_total", "counter", "Envelopes pushed to inboxes, repeats included.", meter.delivered),
        ("acknowledgements_total", "counter", "Envelopes acknowledged.", meter.acknowledged),
        ("connections", "gauge", "Websockets open.", connections),
        ("inboxes", "gauge", "Inboxes logged in.", inboxes),
        ("store_failed", "gauge", "1 when the store accepts nothing until the relay is started again.", int(failed)),
    ):
        yield f"# HELP foreseal_{name} {text}"
        yield f"# TYPE foreseal_{name} {kind}"
        yield f"foreseal_{name} {value}"
