"""From samples to findings: one module a question, and nothing but what stands in the samples."""

from __future__ import annotations

from collections.abc import Sequence

from foreseal_client.study.cell import Sample
from foreseal_client.study.found.cost import costs, probing
from foreseal_client.study.found.drift import drifted
from foreseal_client.study.found.finding import Finding
from foreseal_client.study.found.leaks import leaked
from foreseal_client.study.found.photographs import halves_in, looked_through
from foreseal_client.study.found.recall import recalled
from foreseal_client.study.found.safeguards import compared_safeguards
from foreseal_client.study.found.strangers import stopped_strangers

__all__ = ["Finding", "findings"]


def findings(samples: Sequence[Sample], seed: int) -> tuple[Finding, ...]:
    """Everything that a study found, the questions that were not asked left out."""
    halves = halves_in(samples)
    return (
        *looked_through(samples),
        *recalled(samples, halves, seed),
        *stopped_strangers(samples, halves, seed),
        *costs(samples, seed),
        *probing(samples),
        *leaked(samples, seed),
        *drifted(samples, seed),
        *compared_safeguards(samples),
    )
