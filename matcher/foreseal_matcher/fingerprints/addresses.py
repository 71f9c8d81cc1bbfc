"""Numeric addresses in the many ways that browsers take them, brought into one."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

__all__ = ["as_ipv4", "as_ipv6"]

_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{0,8}|[0-9]{1,12}")


def as_ipv4(parts: Sequence[str]) -> str | None:
    """Four decimal numbers for one to four numbers in decimal, octal (0 before) or hexadecimal (0x before), the last
    of which fills what is left (URL standard, 3.5, "IPv4 parser"); None if they are no address."""
    if not 1 <= len(parts) <= 4 or not all(map(_NUMBER.fullmatch, parts)):
        return None
    try:
        *first, last = (_number(part) for part in parts)
    except ValueError:
        return None
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(parts)):
        return None
    whole = last + sum(number << 8 * (3 - at) for at, number in enumerate(first))
    return str(ipaddress.IPv4Address(whole))


def as_ipv6(written: str) -> str | None:
    """The address in brackets, shortened as RFC 5952 does; None if it is none."""
    inside, bracket, after = written[1:].partition("]")
    try:
        return f"[{ipaddress.IPv6Address(inside).compressed}]" if bracket and not after and "%" not in inside else None
    except ValueError:
        return None


def _number(written: str) -> int:
    if written[:2] in ("0x", "0X"):
        return int(written[2:] or "0", 16)
    return int(written, 8 if len(written) > 1 and written[0] == "0" else 10)
