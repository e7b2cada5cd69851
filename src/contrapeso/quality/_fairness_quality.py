"""How well each group is imitated: its columns one by one, and whether a model can tell its rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from contrapeso.metrics import Jackknife, assign_groups, each, fit_trees
from contrapeso.metrics._fairness import LEVEL, MIN_GROUP, Weighted, fidelity, weighted_auc
from contrapeso.metrics._joint import assign_folds
from contrapeso.quality._fairness_groups import Groups
from contrapeso.quality._samples import Sample, Samples
from contrapeso.quality._sections import Interval, Reading

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
N_FOLDS = 3
N_BLOCKS = 20


@dataclass(frozen=True, slots=True)
class Detector:
    """Scores of a classifier that tells fresh real rows from synthetic ones, each by a fold that did not see it."""

    fresh: Floats
    synthetic: Floats
    auc: float


@dataclass(frozen=True, slots=True)
class Quality:
    """Fidelity (groups, 1 + 20), that of fresh rows, detection AUC and its error; NaN for a group with few rows."""

    fidelity: Floats
    fresh: Floats
    auc: Floats
    error: Floats


def fit_detector(samples: Samples, n_jobs: int, rng: np.random.Generator) -> Detector:
    """One classifier for all groups, three folds by row key: its scores are comparable between groups."""
    fresh, synthetic = samples.fresh, samples.synthetic
    rows = fresh.features.stacked(synthetic.features)
    answer = np.arange(rows.n_rows) >= fresh.n_rows
    weights = np.concatenate([fresh.weights / fresh.weights.sum(), synthetic.weights / synthetic.weights.sum()])
    weights *= rows.n_rows / 2
    fold = assign_folds(np.concatenate([fresh.keys, synthetic.keys]), answer, N_FOLDS, rng)

    def score(k: int) -> Floats:
        seen = fold != k
        trees = fit_trees(rows.take(seen), answer[seen], "binary", weights=weights[seen], seed=samples.seed)
        return trees.predict(rows.take(~seen))

    scores = np.empty(rows.n_rows)
    for k, found in enumerate(each(score, range(N_FOLDS), n_jobs)):
        scores[fold == k] = found
    auc, _ = weighted_auc(scores, answer, weights)
    return Detector(scores[: fresh.n_rows], scores[fresh.n_rows :], auc)


def quality_of(samples: Samples, detector: Detector, groups: Groups, rng: np.random.Generator) -> Quality:
    """Fidelity and detection within each group, real rows in the class mix of the synthetic rows of the group."""
    sides = {name: _Side.of(samples, groups, name, rng) for name in ("train", "fresh", "synthetic")}
    columns = [k for k, name in enumerate(samples.names) if k != samples.target and name not in groups.sources]
    made = [_group_quality(sides, detector, columns, k) for k in range(len(groups.names))]
    found = [np.array(part) for part in zip(*made, strict=True)]
    return Quality(found[0], found[1], found[2], found[3])


@dataclass(frozen=True, slots=True)
class _Side:
    """Rows of one sample with their groups and jackknife blocks."""

    sample: Sample
    groups: Codes
    blocks: Codes

    @classmethod
    def of(cls, samples: Samples, groups: Groups, name: str, rng: np.random.Generator) -> _Side:
        sample: Sample = getattr(samples, name)
        return cls(sample, groups.of(samples, name), assign_groups(sample.keys, sample.klass, N_BLOCKS, rng))

    def weighted(self, at: Codes, weights: Floats) -> Weighted:
        return Weighted(self.sample.features.take(at), weights, self.blocks[at])


def _group_quality(
    sides: Mapping[str, _Side], detector: Detector, columns: Sequence[int], k: int
) -> tuple[Floats, Floats, float, float]:
    """Fidelity of synthetic and of fresh rows, detection AUC and its error in group ``k``; NaN with few rows."""
    at = {name: np.flatnonzero(side.groups == k) for name, side in sides.items()}
    klass = {name: side.sample.klass[at[name]] for name, side in sides.items()}
    size = max(int(side.sample.klass.max()) for side in sides.values()) + 1
    counts = {name: np.bincount(part, minlength=size) for name, part in klass.items()}
    mix = np.where((counts["train"] > 0) & (counts["fresh"] > 0), counts["synthetic"], 0).astype(np.float64)
    weights = {name: to_mix(part, mix) for name, part in klass.items()}
    nothing = np.full(N_BLOCKS + 1, np.nan)
    if min(_kish(part) for part in weights.values()) < MIN_GROUP:
        return nothing, nothing, float("nan"), float("nan")
    rows = {name: side.weighted(at[name], weights[name]) for name, side in sides.items()}
    found = [fidelity(rows["train"], rows[name], columns) if columns else nothing for name in ("synthetic", "fresh")]
    scores = np.concatenate([detector.fresh[at["fresh"]], detector.synthetic[at["synthetic"]]])
    answer = np.arange(scores.size) >= at["fresh"].size
    return found[0], found[1], *weighted_auc(scores, answer, np.concatenate([weights["fresh"], weights["synthetic"]]))


def to_mix(klass: Codes, mix: Floats) -> Floats:
    """Weights that bring the rows to the class ``mix``; classes outside it weigh nothing."""
    counts = np.bincount(klass, minlength=mix.size)
    found: Floats = np.divide(mix, counts, out=np.zeros_like(mix), where=counts > 0)[klass]
    return found


def _kish(weights: Floats) -> float:
    return float(weights.sum() ** 2 / (weights**2).sum()) if weights.any() else 0.0


def quality_readings(detector: Detector, quality: Quality) -> Iterator[Reading]:
    known = ~np.isnan(quality.fidelity[:, 0])
    if known.sum() >= 2:
        worst = Jackknife.of(_disparity(quality.fidelity[known]))
        reference = float(_disparity(quality.fresh[known])[0])
        yield Reading("disparate_quality", worst.value, (worst.low, worst.high), reference)
    else:
        yield Reading("disparate_quality", None, reason="group_too_small")
    found = np.flatnonzero(~np.isnan(quality.auc))
    if found.size:
        k = found[np.argmax(quality.auc[found])]
        reach = joint_z(found.size) * quality.error[k]
        interval = clipped(quality.auc[k] - reach, quality.auc[k] + reach)
        yield Reading("group_detection_auc", float(quality.auc[k]), interval, detector.auc)


def _disparity(scores: Floats) -> Floats:
    """Worst group over the mean of the groups, of scores (groups, replicates)."""
    mean = scores.mean(axis=0)
    found: Floats = np.divide(scores.min(axis=0), mean, out=np.zeros_like(mean), where=mean > 0)
    return np.clip(found, 0.0, 1.0)


def joint_z(n: int) -> float:
    return float(-ndtri((1 - LEVEL) / 2 / n))


def clipped(low: float, high: float) -> Interval:
    return max(0.0, float(low)), min(1.0, float(high))


__all__ = ["Detector", "Quality", "clipped", "fit_detector", "joint_z", "quality_of", "quality_readings", "to_mix"]
