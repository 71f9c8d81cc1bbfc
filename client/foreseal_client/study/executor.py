"""Where cells are measured: here, or in processes. Another engine takes their place by having `map`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Final, Protocol

from foreseal_client.study.cell import Cell, Sample
from foreseal_client.study.errors import CellError

__all__ = ["Executor", "Here", "Measure", "Processes"]

Measure = Callable[[Cell], tuple[Sample, ...]]
Measured = Iterator[tuple[Cell, tuple[Sample, ...]]]
_AHEAD: Final = 4
"""Cells handed out for each process, so that a corpus of millions is never in memory at once."""


class Executor(Protocol):
    """Measures cells, in any order."""

    def map(self, measure: Measure, cells: Iterable[Cell]) -> Measured:
        """Each cell with its samples, as they are ready. Raises `CellError` for a cell that could not be measured."""


class Here:
    """One after another, in this process."""

    def map(self, measure: Measure, cells: Iterable[Cell]) -> Measured:
        """In their order."""
        for cell in cells:
            try:
                yield cell, measure(cell)
            except Exception as fault:
                raise CellError(cell.key, fault) from fault


class Processes:
    """A pool of `workers` processes. `apart`: a new process for each cell, so that none warms up for the next."""

    def __init__(self, workers: int, *, apart: bool = False) -> None:
        self._workers = workers
        self._apart = apart

    def map(self, measure: Measure, cells: Iterable[Cell]) -> Measured:
        """As they are ready. Cells that were not begun are given up when the iterator is closed."""
        waiting: dict[Future[tuple[Sample, ...]], Cell] = {}
        rest = iter(cells)
        with self._pool() as pool:
            try:
                while True:
                    ahead = self._workers * _AHEAD - len(waiting)
                    with _out_of_reach():
                        waiting |= {pool.submit(measure, cell): cell for cell in islice(rest, ahead)}
                    if not waiting:
                        return
                    ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in ready:
                        cell = waiting.pop(future)
                        yield cell, _outcome(cell, future)
            finally:
                # Waiting, because a pool that is left to itself may start a process for a task while it is torn down.
                pool.shutdown(wait=True, cancel_futures=True)

    def _pool(self) -> ProcessPoolExecutor:
        with _out_of_reach():
            return ProcessPoolExecutor(
                self._workers,
                # Neither forked, because threads may be running, nor sharing what this process has loaded.
                mp_context=get_context("spawn"),
                initializer=_follow_the_parent,
                max_tasks_per_child=1 if self._apart else None,
            )


@contextmanager
def _out_of_reach() -> Iterator[None]:
    """What is started within it hears nothing of ^C and of the end of the terminal, which reach every process of the
    terminal at once: neither before `_follow_the_parent` has run in it, nor in the process of `multiprocessing` that
    tidies up after all others, and would otherwise die and be missed with pages of words. What comes meanwhile for this
    process comes afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _outcome(cell: Cell, future: Future[tuple[Sample, ...]]) -> tuple[Sample, ...]:
    try:
        return future.result()
    except BrokenProcessPool as fault:
        raise CellError(cell.key, MemoryError("its process was ended by the system")) from fault
    except Exception as fault:
        raise CellError(cell.key, fault) from fault


def _follow_the_parent() -> None:
    """^C and the end of the terminal are the parent's to handle; and where the parent is gone, however it ended, nobody
    waits for what is measured here: a worker holds both ends of the pipe that it reads from, and would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
