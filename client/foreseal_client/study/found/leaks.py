"""How well what is seen at the relay tells one kind of send from another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from foreseal_client.study.cell import Sample
from foreseal_client.study.found.finding import ENOUGH, Finding
from foreseal_client.study.intervals import DRAWS, Interval
from foreseal_client.study.leaks import CONTENT, FEATURES

__all__ = ["AUC", "PADDING", "leaked"]

AUC: Final = "area under the curve"
PADDING: Final = "bytes sent for one of content"
_NOT_SENT: Final = ("held", "nothing")
_FOLDS: Final = 5
_TREES: Final = 20
Rows = Mapping[str, NDArray[np.float64]]


def leaked(samples: Sequence[Sample], seed: int) -> Iterator[Finding]:
    """For held and nothing, and for every two kinds that are sent, the area under the ROC curve, cross-validated: 0.5
    is guessing, 1 is knowing. Its interval comes from drawing trials anew. And what padding costs."""
    seen: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for sample in samples:
        if sample.question == "leaks":
            seen[sample.variant, sample.subject][sample.measure] = sample.number
    kinds = sorted({kind for kind, _ in seen})
    rows = {
        kind: np.array(
            [[figures[name] for name in FEATURES] for (one, _), figures in sorted(seen.items()) if one == kind]
        )
        for kind in kinds
    }
    sent = [kind for kind in kinds if kind not in _NOT_SENT]
    asked = [_NOT_SENT] if set(_NOT_SENT) <= set(kinds) else []
    for one, other in [*asked, *combinations(sent, 2)]:
        n = len(rows[one]) + len(rows[other])
        note = "" if min(len(rows[one]), len(rows[other])) * 2 >= ENOUGH else f"too few for a claim: {n} trials"
        yield Finding("leaks", f"{one} from {other}", AUC, *_auc(rows[one], rows[other], seed), n, note=note)
    up = FEATURES.index("bytes up")
    for kind in sent:
        content = [figures[CONTENT] for (one, _), figures in sorted(seen.items()) if one == kind]
        ratio = float(rows[kind][:, up].sum() / max(sum(content), 1))
        yield Finding.exact("leaks", kind, PADDING, ratio, len(content))


def _auc(one: NDArray[np.float64], other: NDArray[np.float64], seed: int) -> Interval:
    if len(np.unique(np.concatenate([one, other]), axis=0)) == 1:
        return Interval(0.5, 0.5, 0.5)
    # Imported here because it takes seconds to load, and nothing else needs it.
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    features, labels = np.concatenate([one, other]), np.repeat([0, 1], [len(one), len(other)])
    folds = StratifiedKFold(min(_FOLDS, len(one), len(other)), shuffle=True, random_state=seed)
    forest = RandomForestClassifier(_TREES, min_samples_leaf=2, random_state=seed, n_jobs=1)
    scores = cross_val_predict(forest, features, labels, cv=folds, method="predict_proba")[:, 1]
    mine, theirs = scores[labels == 0], scores[labels == 1]
    # Every pair of trials once; the mean over those that a drawing takes is its area (Mann and Whitney).
    won = (theirs[:, None] > mine).astype(float) + (theirs[:, None] == mine) / 2
    chance = np.random.default_rng(seed)
    draws = [
        won[np.ix_(chance.integers(len(theirs), size=len(theirs)), chance.integers(len(mine), size=len(mine)))].mean()
        for _ in range(DRAWS // 4)
    ]
    low, high = np.percentile(draws, (2.5, 97.5))
    return Interval(float(won.mean()), float(low), float(high))
