"""What was seen, beside each claim: names and values that anybody can read."""

from __future__ import annotations

import textwrap

from foreseal_matcher import Clear, Match, Unreadable, Verdict

__all__ = ["Evidence", "readable", "told"]

Evidence = dict[str, str | int | float | list[str]]
_WIDTH = 110


def told(verdict: Verdict) -> Evidence:
    """What a verdict says, as evidence."""
    match verdict:
        case Match():
            return {
                "verdict": "match", "distance": verdict.distance, "limit": verdict.limit, "entry": verdict.entry.id,
                "list": verdict.list_name,
            }  # fmt: skip
        case Unreadable():
            return {"verdict": "unreadable", "reason": verdict.reason.value, "detail": verdict.detail}
        case Clear():
            return {"verdict": "clear", "limits": [limit.value for limit in verdict.limits]}


def readable(evidence: Evidence, width: int = _WIDTH) -> str:
    """In lines of at most `width` columns."""
    parts = []
    for name, value in evidence.items():
        shown = "; ".join(value) or "none" if isinstance(value, list) else value
        parts.append(
            f"{name.replace('_', ' ')}: {shown:,}" if isinstance(shown, int) else f"{name.replace('_', ' ')}: {shown}"
        )
    return textwrap.fill(", ".join(parts), width)
