"""The machine that figures were measured on: they mean nothing without it."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

from foreseal_matcher.core import compiled

__all__ = ["machine"]


def machine() -> dict[str, str | int | float]:
    """Processor, cores, system, interpreter, the core in use, and how busy the machine is."""
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else -1.0
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "core": "plain" if compiled() is None else "compiled",
        "load": round(busy, 2),
    }


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or "unknown"
    found = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return found[1] if found else platform.processor() or "unknown"
