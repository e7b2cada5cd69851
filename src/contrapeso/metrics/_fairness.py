"""Fairness between groups of rows: shares, rates and their gaps, with intervals.

Everything is a function of counts by class and group, so a bootstrap of rows is a multinomial draw of counts: exact
and cheap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ndtri

from contrapeso.errors import InvalidDataError
from contrapeso.metrics._cells import CategoryCells, NumericCells, marginal_bins
from contrapeso.metrics._features import Features
from contrapeso.metrics._noise import column_floor
from contrapeso.metrics._replicates import N_GROUPS, deletions
from contrapeso.metrics._sorted import SortedColumn

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Bools = NDArray[np.bool_]
MIN_GROUP = 30
N_DRAWS = 1000
LEVEL = 0.95
LOST_CHANCE = 0.01
FOUR_FIFTHS = 0.8


# Labels and decisions of two or more groups


def demographic_parity_difference(selected: ArrayLike, groups: ArrayLike) -> float:
    """Largest less smallest share of ``selected`` (n,) rows over the groups, in [0, 1]; 0 is parity.

    ``selected`` are labels or decisions, 0 or 1; NaN without a row. A null group is a group.

    References
    ----------
    .. [1] Agarwal et al., "A reductions approach to fair classification", ICML 2018, Def. 1;
       ``fairlearn.metrics.demographic_parity_difference``.
    """
    return _spread(_rates(*_checked(selected, groups)))


def demographic_parity_ratio(selected: ArrayLike, groups: ArrayLike) -> float:
    """Smallest over largest share of ``selected`` (n,) rows, in [0, 1]; 1 is parity, NaN where nothing is selected."""
    rates = _rates(*_checked(selected, groups))
    return float(rates.min() / rates.max()) if rates.size and rates.max() > 0 else float("nan")


def equalized_odds_difference(truth: ArrayLike, selected: ArrayLike, groups: ArrayLike) -> float:
    """The larger of two gaps over the groups, of the true and of the false positive rate, in [0, 1]; 0 is parity.

    A group without a positive (negative) row has no true (false) positive rate and is left out of that gap;
    NaN where fewer than two groups are left in one of them.

    References
    ----------
    .. [1] Hardt, Price & Srebro, "Equality of opportunity in supervised learning", NeurIPS 2016, Sec. 2;
       ``fairlearn.metrics.equalized_odds_difference``.
    """
    chosen, codes = _checked(selected, groups)
    truth = _binary(truth, chosen.size)
    gaps = []
    for side in (truth, ~truth):
        rates = _rates(chosen[side], codes[side])
        if rates.size < 2:
            return float("nan")
        gaps.append(_spread(rates))
    return max(gaps)


def _checked(selected: ArrayLike, groups: ArrayLike) -> tuple[Bools, Codes]:
    codes = group_codes(groups)[0]
    return _binary(selected, codes.size), codes


def _binary(values: ArrayLike, n_rows: int) -> Bools:
    found = np.asarray(values)
    if found.shape != (n_rows,):
        raise InvalidDataError(f"One value per row is needed: {n_rows} groups, but values of shape {found.shape}.")
    if not np.isin(found, (0, 1)).all():
        raise InvalidDataError("Labels and decisions must be 0 or 1 (or booleans). Compare with the positive class.")
    return found.astype(bool)


def group_codes(labels: ArrayLike) -> tuple[Codes, int]:
    """Codes 0, 1, ... of a label column, null a label of its own, and how many there are."""
    values = np.asarray(labels, dtype=object)
    if values.ndim != 1:
        raise InvalidDataError(f"Groups and labels must be one column each; got an array of shape {values.shape}.")
    codes, found = pd.factorize(values, use_na_sentinel=False)
    return codes.astype(np.intp), len(found)


def _rates(selected: Bools, codes: Codes) -> Floats:
    """Share of ``selected`` in each group that has a row."""
    sizes = np.bincount(codes)
    rates: Floats = np.bincount(codes, weights=selected)[sizes > 0] / sizes[sizes > 0]
    return rates


def _spread(rates: Floats) -> float:
    return float(rates.max() - rates.min()) if rates.size else float("nan")


def gap(rates: Floats, use: Bools) -> Floats:
    """Largest less smallest rate, (...,), of rates (..., G) over the groups ``use`` (G,)."""
    kept = rates[..., use]
    found: Floats = kept.max(axis=-1) - kept.min(axis=-1)
    return found


def ratio(rates: Floats, use: Bools) -> Floats:
    """Smallest over largest rate, (...,); NaN where the largest is 0."""
    kept = rates[..., use]
    top = kept.max(axis=-1)
    found: Floats = np.divide(kept.min(axis=-1), top, out=np.full_like(top, np.nan), where=top > 0)
    return found


# Shares of groups


@dataclass(frozen=True, slots=True)
class Shares:
    """Share of each group (G,) in the real and the synthetic table, in the class mix of the synthetic one.

    ``n_real`` and ``n_synthetic`` are rows of the classes that both tables have; ``ratio`` is NaN, as is its interval
    (G, 2), for a group with fewer than 30 (effective) real rows. ``lost`` groups have no synthetic row, which chance
    does not explain.
    """

    n_real: Codes
    n_synthetic: Codes
    real: Floats
    synthetic: Floats
    ratio: Floats
    interval: Floats
    lost: Bools


def group_shares(real: Floats, synthetic: Floats) -> Shares:
    """Representation of the groups, from counts (classes, groups) of both tables.

    A real row of class c weighs ``m_c / n_c``. The intervals of the ratios hold together for all groups with 95 %
    (Bonferroni over the groups).

    References
    ----------
    .. [1] Donner & Zou, "Closed-form confidence intervals for functions of the normal mean and standard deviation",
       Stat. Methods Med. Res. 21 (2012) (MOVER), on the score intervals of Wilson (1927).
    """
    used = (real.sum(axis=1) > 0) & (synthetic.sum(axis=1) > 0)
    real, synthetic = real[used], synthetic[used]
    n, m = real.sum(axis=1), synthetic.sum(axis=1)
    mix = m / max(m.sum(), 1.0)
    left, right = real / n[:, None], synthetic / m[:, None]
    p, q = mix @ left, mix @ right
    effective = _effective(p, left, mix, n), _effective(q, right, mix, m)
    enough = (p * effective[0] >= MIN_GROUP - 1e-9) & (real.sum(axis=0) >= MIN_GROUP)
    z = float(-ndtri((1 - LEVEL) / 2 / max(int(enough.sum()), 1)))
    ratios, interval = np.full(p.size, np.nan), np.full((p.size, 2), np.nan)
    for g in np.flatnonzero(enough):
        sides = share_interval(q[g], effective[1][g], z), share_interval(p[g], effective[0][g], z)
        ratios[g], interval[g] = q[g] / p[g], ratio_interval(q[g], sides[0], p[g], sides[1])
    counts = real.sum(axis=0).astype(np.intp), synthetic.sum(axis=0).astype(np.intp)
    return Shares(*counts, p, q, ratios, interval, _lost(real, synthetic))


def _effective(share: Floats, within: Floats, mix: Floats, sizes: Floats) -> Floats:
    """Rows of a plain sample with the same variance of each share, (G,)."""
    variance = ((mix**2 / sizes)[:, None] * within * (1 - within)).sum(axis=0)
    found: Floats = np.divide(
        share * (1 - share), variance, out=np.full_like(share, float(sizes.sum())), where=variance > 0
    )
    return found


def _lost(real: Floats, synthetic: Floats) -> Bools:
    """Groups without a synthetic row whose absence has a chance below 1 % over all groups together.

    Given all rows of a group in both tables, the chance that each of them is real, class by class.
    """
    n, m = real.sum(axis=1)[:, None], synthetic.sum(axis=1)[:, None]
    chance = gammaln(n + 1) - gammaln(n - real + 1) - gammaln(n + m + 1) + gammaln(n + m - real + 1)
    present = real.sum(axis=0) > 0
    limit = np.log(LOST_CHANCE / max(int(present.sum()), 1))
    lost: Bools = present & (synthetic.sum(axis=0) == 0) & (chance.sum(axis=0) < limit)
    return lost


def share_interval(share: float, n: float, z: float) -> tuple[float, float]:
    """Score interval of a share of ``n`` rows at ``z`` standard errors (Wilson 1927)."""
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(max(share * (1 - share), 0.0) / n + z**2 / (4 * n**2))
    return max(0.0, float(centre - reach)), min(1.0, float(centre + reach))


def ratio_interval(
    top: float, of_top: tuple[float, float], bottom: float, of_bottom: tuple[float, float]
) -> tuple[float, float]:
    """Interval of ``top / bottom`` from those of both, by the method of variance estimates recovery."""
    (a, b), (c, d) = of_top, of_bottom
    product = top * bottom
    low = product - np.sqrt(max(product**2 - a * d * (2 * top - a) * (2 * bottom - d), 0.0))
    high = product + np.sqrt(max(product**2 - b * c * (2 * top - b) * (2 * bottom - c), 0.0))
    return max(0.0, float(low / (d * (2 * bottom - d)))), float(high / (c * (2 * bottom - c)))


# Share of positive labels in each group


@dataclass(frozen=True, slots=True)
class LabelRates:
    """``P(y = 1 | g)`` of both tables, (G,), and bootstrap draws of it, (N_DRAWS, G), in the real class mix.

    ``n_real`` and ``n_synthetic`` (G,) are rows, with the real ones of the classes that the synthetic table lacks;
    ``use`` marks the groups with 30 rows in both tables.
    """

    real: Floats
    synthetic: Floats
    n_real: Floats
    n_synthetic: Floats
    real_draws: Floats
    synthetic_draws: Floats
    use: Bools


def label_rates(real: Floats, synthetic: Floats, positive: int, rng: np.random.Generator) -> LabelRates:
    """Positive rates by group, from counts (classes, groups) of both tables.

    The class mix of a synthetic table is a choice, so ``P_S(g | c)`` is weighted with the real ``P(c)``; a class
    without a synthetic row is completed with the real rows of that class.
    """
    n, m = real.sum(axis=1), synthetic.sum(axis=1)
    sums = np.zeros((2, 2, N_DRAWS + 1, real.shape[1]))  # table, positive or rest, draws with the counts first
    for c in np.flatnonzero(n > 0):
        side = int(c != positive)
        drawn = _draws(real[c], n[c], rng)
        sums[0, side] += drawn
        sums[1, side] += _draws(synthetic[c], m[c], rng) * (n[c] / m[c]) if m[c] > 0 else drawn
    total = sums.sum(axis=1)
    rates = np.divide(sums[:, 0], total, out=np.zeros_like(total), where=total > 0)
    completed = np.where(m[:, None] > 0, synthetic, real)[n > 0]
    sizes = real.sum(axis=0), completed.sum(axis=0)
    use = (sizes[0] >= MIN_GROUP) & (sizes[1] >= MIN_GROUP)
    return LabelRates(rates[0, 0], rates[1, 0], *sizes, rates[0, 1:], rates[1, 1:], use)


def _draws(counts: Floats, n: float, rng: np.random.Generator) -> Floats:
    """The counts (K,) and :data:`N_DRAWS` bootstrap samples of them, (1 + N_DRAWS, K)."""
    return np.vstack([counts, rng.multinomial(int(n), counts / n, size=N_DRAWS)]).astype(np.float64)


def bootstrap_interval(
    value: float, draws: Floats, extra_variance: float = 0.0, low: float = 0.0, high: float = 1.0
) -> tuple[float, float]:
    """95 % interval of ``value`` from bootstrap ``draws`` (B,), their bias taken out, clipped to [low, high].

    A gap between groups is a maximum, so resampled gaps are larger on average than the gap itself, as that is than the
    true one: the interval is centred on ``2 value - mean(draws)``. ``extra_variance`` is noise that the draws do
    not have (the training of the models). The interval always holds ``value``.
    """
    reach = 1.959963984540054 * float(np.sqrt(draws.var() + extra_variance))
    centre = 2 * value - float(draws.mean())
    return max(low, min(value, centre - reach)), min(high, max(value, centre + reach))


# Decisions of two models on the same rows


@dataclass(frozen=True, slots=True)
class Decisions:
    """Rows by group, truth, decision of the first and of the second model: counts (G, 2, 2, 2)."""

    counts: Floats

    @classmethod
    def of(cls, groups: Codes, n_groups: int, truth: Bools, first: Bools, second: Bools) -> Decisions:
        """Count the rows (n,)."""
        cell = ((groups * 2 + truth) * 2 + first) * 2 + second
        return cls(np.bincount(cell, minlength=n_groups * 8).reshape(-1, 2, 2, 2).astype(np.float64))

    @property
    def rows(self) -> Floats:
        """Rows by group and truth, (G, 2)."""
        return np.asarray(self.counts.sum(axis=(2, 3)), dtype=np.float64)

    def draws(self, rng: np.random.Generator) -> Floats:
        """Counts of :data:`N_DRAWS` bootstrap samples of the rows, (N_DRAWS, G, 2, 2, 2)."""
        n = self.counts.sum()
        drawn = rng.multinomial(int(n), self.counts.ravel() / n, size=N_DRAWS).reshape(-1, *self.counts.shape)
        return np.asarray(drawn, dtype=np.float64)


def decision_rates(counts: Floats) -> Floats:
    """Selection rate, true and false positive rate of both models, (3, 2, ..., G), from counts (..., G, 2, 2, 2).

    NaN where a group has no row of the kind.
    """
    chosen = np.stack([counts[..., 1, :].sum(axis=-1), counts[..., :, 1].sum(axis=-1)])  # model, ..., G, truth
    rows = counts.sum(axis=(-1, -2))
    by_truth = _divide(chosen, np.broadcast_to(rows, chosen.shape))
    overall = _divide(chosen.sum(axis=-1), np.broadcast_to(rows.sum(axis=-1), chosen.shape[:-1]))
    return np.stack([overall, by_truth[..., 1], by_truth[..., 0]])


def _divide(top: Floats, bottom: Floats) -> Floats:
    found: Floats = np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
    return found


def odds_gap(rates: Floats, rows: Floats) -> Floats:
    """Equalised-odds gap (...,) of rates (3, ..., G) over the groups with 30 ``rows`` (G, 2) of the kind.

    NaN unless two groups have 30 positive and two have 30 negative rows.
    """
    enough = rows >= MIN_GROUP
    if (enough.sum(axis=0) < 2).any():
        return np.full(rates.shape[1:-1], np.nan)
    found: Floats = np.fmax(gap(rates[1], enough[:, 1]), gap(rates[2], enough[:, 0]))
    return found


def weighted_auc(score: Floats, positive: Bools, weights: Floats | None = None) -> tuple[float, float]:
    """Area under the ROC curve, ties half, and its standard error; NaN without rows on both sides.

    References
    ----------
    .. [1] DeLong, DeLong & Clarke-Pearson, "Comparing the areas under two or more correlated receiver operating
       characteristic curves", Biometrics 44 (1988).
    """
    mass = np.ones(score.size) if weights is None else weights
    one, zero = (score[positive], mass[positive]), (score[~positive], mass[~positive])
    if one[1].sum() <= 0 or zero[1].sum() <= 0:
        return float("nan"), float("nan")
    above, below = _placements(one[0], *zero), 1 - _placements(zero[0], *one)
    auc = float(np.average(above, weights=one[1]))
    variance = sum(((w * (v - auc)) ** 2).sum() / w.sum() ** 2 for v, (_, w) in zip((above, below), (one, zero)))  # noqa: B905
    return auc, float(np.sqrt(variance))


def _placements(score: Floats, others: Floats, mass: Floats) -> Floats:
    """Share of the ``others`` below each score, ties half."""
    order = np.argsort(others)
    upto = np.concatenate(([0.0], np.cumsum(mass[order])))
    at = [np.searchsorted(others[order], score, side=side) for side in ("left", "right")]
    found: Floats = (upto[at[0]] + upto[at[1]]) / 2 / upto[-1]
    return found


# Fidelity within a group


@dataclass(frozen=True, slots=True)
class Weighted:
    """Rows with ``weights`` (n,) in jackknife ``blocks`` (n,) numbered 0 to 19."""

    features: Features
    weights: Floats
    blocks: Codes


def fidelity(real: Weighted, other: Weighted, columns: Sequence[int]) -> Floats:
    """Mean column score of ``other`` against ``real`` over ``columns``, on the whole and on each deletion, (1 + 20,).

    Each score is ``1 - (TV - e0) / (1 - e0)`` on null-aware cells of ``real``. Unlike in the score of a table its sign
    is kept, so that the noise of a small group does not lower the mean; fresh rows score 1 on average.
    """
    n, m = (float(side.weights.sum() ** 2 / (side.weights**2).sum()) for side in (real, other))
    replicates = deletions(N_GROUPS)
    total = np.zeros(N_GROUPS + 1)
    for column in columns:
        values = real.features.values[:, column], other.features.values[:, column]
        codes = _cells(values, real.weights, min(n, m), categorical=bool(real.features.categorical[column]))
        p, q = (
            _block_shares(code, codes[2], side, replicates) for code, side in zip(codes[:2], (real, other), strict=True)
        )
        floor = column_floor(p[:1] * n, q[:1] * m)
        floors = np.minimum(
            np.concatenate(([1.0], np.full(N_GROUPS, np.sqrt(N_GROUPS / (N_GROUPS - 1))))) * floor, 0.99
        )
        total += 1 - (np.abs(p - q).sum(axis=-1) / 2 - floors) / (1 - floors)
    return total / len(columns)


def _block_shares(codes: Codes, n_cells: int, side: Weighted, replicates: Floats) -> Floats:
    grouped = np.bincount(side.blocks * n_cells + codes, weights=side.weights, minlength=N_GROUPS * n_cells)
    counts = replicates @ grouped.reshape(N_GROUPS, n_cells)
    found: Floats = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
    return found


def _cells(values: tuple[Floats, Floats], weights: Floats, n: float, *, categorical: bool) -> tuple[Codes, Codes, int]:
    """Cell of every value of both tables, and how many cells there are."""
    if not categorical:
        cells = NumericCells.fit(SortedColumn.of(values[0], weights), marginal_bins(n))
        return cells.encode(values[0]).astype(np.intp), cells.encode(values[1]).astype(np.intp), cells.n_cells
    codes = [np.where(np.isnan(part), -1, part).astype(np.intp) for part in values]
    size = max(int(part.max(initial=0)) for part in codes) + 1
    present = codes[0] >= 0
    counts = np.bincount(codes[0][present], minlength=size)
    mass = np.bincount(codes[0][present], weights=weights[present], minlength=size)
    labels = [f"{k:09d}" for k in range(size)]
    found = CategoryCells.fit(np.asarray(mass, dtype=np.float64), counts, labels, n, size).unseen_as_other()
    return found.encode(codes[0]).astype(np.intp), found.encode(codes[1]).astype(np.intp), found.n_cells


__all__ = [
    "FOUR_FIFTHS",
    "LEVEL",
    "MIN_GROUP",
    "Decisions",
    "LabelRates",
    "Shares",
    "Weighted",
    "bootstrap_interval",
    "decision_rates",
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "fidelity",
    "gap",
    "group_codes",
    "group_shares",
    "label_rates",
    "odds_gap",
    "ratio",
    "weighted_auc",
]
