"""Cells of a study that measure nothing: in a module that a process of its own can import, too."""

from __future__ import annotations

from foreseal_client.study.cell import Cell, Sample

__all__ = ["failing", "two"]


def two(cell: Cell) -> tuple[Sample, ...]:
    """Two samples."""
    return tuple(Sample("recall", cell.subject, edit, "pdq", "", "distance", "3", 'a "why", ü') for edit in ("a", "b"))


def failing(cell: Cell) -> tuple[Sample, ...]:
    """None."""
    raise OSError(f"no {cell.subject}")
