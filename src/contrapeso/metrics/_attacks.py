"""Privacy attacks on a synthetic table as pure functions: what an attacker guesses, how often he is right, how sure.

An attack is run on rows that the generator may have seen (members) and on equally many that it has not (control).
What it gains on the members beyond the control comes from the rows themselves; the rest can be learnt from the
population, and no release of useful data avoids it. Risks follow Giomi et al., "A unified framework for quantifying
privacy risk in synthetic data" (PoPETs 2023): ``(main - control) / (1 - control)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from contrapeso.metrics._features import Features

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = NDArray[np.intp]
Interval = tuple[float, float]
Z95 = 1.959963984540054
N_COLUMNS = 3
_HAIR = 1e-6


def family_z(n_tests: int, level: float = 0.95) -> float:
    """Quantile that keeps ``n_tests`` two-sided intervals right together at ``level`` (Bonferroni)."""
    return NormalDist().inv_cdf(1 - (1 - level) / (2 * max(n_tests, 1)))


def wilson(share: float, n: float, z: float = Z95) -> Interval:
    """Score interval of a proportion, 95 % by default; ``n`` may be an effective size.

    References
    ----------
    .. [1] Wilson, "Probable inference", J. Am. Stat. Assoc. 22 (1927).
    """
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, float(centre - reach)), min(1.0, float(centre + reach))


def risk(main: float, control: float) -> float | None:
    """``(main - control) / (1 - control)``: 1 is total, below 0 means no gain; None where the control is 1.

    References
    ----------
    .. [1] Giomi et al., PoPETs 2023(2), Sec. 4.2.
    """
    return (main - control) / (1 - control) if control < 1 else None


def risk_interval(main: float, control: float, sizes: tuple[float, float], z: float = Z95) -> Interval | None:
    """Interval of :func:`risk`; None where the control is 1.

    The difference has Newcombe's hybrid score interval, from the Wilson limits of both rates; it is divided by
    ``1 - control`` and so lies above zero exactly where the difference does.

    References
    ----------
    .. [1] Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine
       17 (1998), method 10.
    """
    if control >= 1:
        return None
    (a_low, a_high), (c_low, c_high) = wilson(main, sizes[0], z), wilson(control, sizes[1], z)
    low = main - control - np.hypot(main - a_low, c_high - control)
    high = main - control + np.hypot(a_high - main, control - c_low)
    return max(-1.0, float(low / (1 - control))), min(1.0, float(high / (1 - control)))


def area(members: Floats, others: Floats) -> float:
    """Chance that a member scores above another row, ties half (the AUC of an attack); 0.5 is guessing.

    Parameters
    ----------
    members, others : ndarray of shape (n,) and (m,), both at least 1
    """
    ranks = rankdata(np.concatenate([members, others]))[: members.size]
    return float((ranks.sum() - members.size * (members.size + 1) / 2) / (members.size * others.size))


def area_interval(value: float, n_members: int, n_others: int, z: float = Z95) -> Interval:
    """Score interval of an AUC: the areas t with ``(value - t)^2 <= z^2 V(t)``, V by Hanley and McNeil.

    ``V(t) = t (1 - t) (1 + N (1 - t) / (2 - t) + N t / (1 + t)) / (n m)``, ``N = (n + m) / 2 - 1``. Defined at 0 and 1,
    and at 0.5 the variance of the rank test.

    References
    ----------
    .. [1] Newcombe, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2",
       Statistics in Medicine 25 (2006), method 5.
    """
    extra = (n_members + n_others) / 2 - 1

    def outside(t: float) -> bool:
        spread = t * (1 - t) * (1 + extra * (1 - t) / (2 - t) + extra * t / (1 + t)) / (n_members * n_others)
        return (value - t) ** 2 > z**2 * spread

    return _edge(outside, 0.0, value), _edge(outside, 1.0, value)


def _edge(outside: Callable[[float], bool], end: float, inside: float) -> float:
    """Where ``outside`` changes between ``end`` and ``inside``, by bisection."""
    if not outside(end):
        return end
    for _ in range(60):
        middle = (end + inside) / 2
        end, inside = (middle, inside) if outside(middle) else (end, middle)
    return inside


def tpr_at_fpr(members: Floats, others: Floats, fpr: float = 0.01) -> tuple[float, float]:
    """Greatest share of members above a threshold that at most ``fpr`` of the others reach, and that share of others.

    References
    ----------
    .. [1] Carlini et al., "Membership inference attacks from first principles", IEEE S&P 2022, Sec. III.
    """
    allowed = int(fpr * others.size + 1e-9)
    falling = np.sort(others)[::-1]
    bar = falling[allowed] if allowed < others.size else -np.inf
    return float(np.mean(members > bar)), float(np.mean(others > bar))


def distance_scores(to_synthetic: Floats) -> Floats:
    """Nearest-distance attack: the nearer the nearest synthetic row, the likelier a member.

    Parameters
    ----------
    to_synthetic : ndarray of shape (n, k), ascending distances of each attacked row to synthetic rows
    """
    scores: Floats = -to_synthetic[:, 0]
    return scores


def density_scores(to_synthetic: Floats, to_reference: Floats) -> Floats:
    """Density-ratio attack: how much denser the synthetic rows lie here than reference rows do.

    The log ratio of nearest-neighbour densities, ``mean_j log d_j(reference) - mean_j log d_j(synthetic)`` over the
    j-th nearest rows: DOMIAS with a k-NN density in place of a flow.

    Parameters
    ----------
    to_synthetic, to_reference : ndarray of shape (n, k), ascending distances of each attacked row

    References
    ----------
    .. [1] van Breugel et al., "Membership inference attacks against synthetic data through overfitting detection",
       AISTATS 2023 (DOMIAS), eq. 2.
    """
    scores: Floats = np.log(to_reference + _HAIR).mean(axis=1) - np.log(to_synthetic + _HAIR).mean(axis=1)
    return scores


def local_scores(to_synthetic: Floats, to_reference: Floats) -> Floats:
    """Local-share attack: share of synthetic rows among the k nearest of synthetic and reference rows together.

    Nearer rows weigh more, ``(1 - d / d_k)^3``, which finds copies that equal weights do not.

    Parameters
    ----------
    to_synthetic, to_reference : ndarray of shape (n, k), ascending distances of each attacked row

    References
    ----------
    .. [1] Ward, Wang and Cheng, "Data plagiarism index", 2024 (arXiv 2406.13012), Sec. 3 (with equal weights).
    """
    k = to_synthetic.shape[1]
    bar = np.sort(np.hstack([to_synthetic, to_reference]), axis=1)[:, k - 1, None]
    ours, theirs = (_nearness(distances, bar).sum(axis=1) for distances in (to_synthetic, to_reference))
    scores: Floats = ours / (ours + theirs)
    return scores


def _nearness(distances: Floats, bar: Floats) -> Floats:
    """Weight of each row by its distance, a hair for those at ``bar`` itself, nothing beyond it."""
    relative = np.divide(distances, bar, out=np.zeros_like(distances), where=bar > 0)
    weight: Floats = np.where(distances <= bar, (1 - np.minimum(relative, 1.0)) ** 3 + _HAIR, 0.0)
    return weight


def guess_is_right(truth: Floats, guess: Floats, *, tolerance: float | None = None) -> Flags:
    """Whether each guess of a secret is right, (n,).

    A category is right where equal, a number within ``tolerance`` (in its unit), a null (NaN) where both are null.
    """
    near = truth == guess if tolerance is None else np.abs(truth - guess) <= tolerance
    right: Flags = near | (np.isnan(truth) & np.isnan(guess))
    return right


def is_linked(left: NDArray[np.integer], right: NDArray[np.integer]) -> Flags:
    """Whether the k nearest synthetic rows by one half of the columns and by the other share a row, (n,).

    Parameters
    ----------
    left, right : ndarray of shape (n, k), synthetic rows found for each attacked row (-1: none)

    References
    ----------
    .. [1] Giomi et al., PoPETs 2023(2), Sec. 5.2 (linkability).
    """
    linked: Flags = ((left[:, :, None] == right[:, None, :]) & (left[:, :, None] >= 0)).any(axis=(1, 2))
    return linked


@dataclass(frozen=True, slots=True)
class Predicate:
    """Conditions on a row, all to hold: (column, comparison, value); the value of ``is null`` is 0."""

    terms: tuple[tuple[int, str, float], ...]

    def matches(self, columns: Sequence[Floats]) -> Flags:
        """Which rows satisfy all terms, (n,); a null satisfies ``is null`` alone."""
        found = _holds(columns, self.terms[0])
        for term in self.terms[1:]:
            found &= _holds(columns, term)
        return found


def _holds(columns: Sequence[Floats], term: tuple[int, str, float]) -> Flags:
    at, comparison, value = term
    values = columns[at]
    if comparison == "<=":
        found = values <= value
    elif comparison == ">=":
        found = values >= value
    else:
        found = np.isnan(values) if comparison == "is null" else values == value
    return np.asarray(found, dtype=bool)


def single_predicates(synthetic: Features) -> list[Predicate]:
    """Guesses of a condition on one column that one real row alone satisfies, made from the synthetic rows alone.

    For each column: what is below its least and above its greatest number, each value that it holds once, and null
    where it is null once.

    References
    ----------
    .. [1] Giomi et al., PoPETs 2023(2), Sec. 5.1 (univariate singling out).
    """
    found: list[Predicate] = []
    for at in range(synthetic.n_columns):
        column = synthetic.values[:, at]
        values, counts = np.unique(column[~np.isnan(column)], return_counts=True)
        terms = [(at, "==", float(value)) for value in values[counts == 1]]
        if values.size and not synthetic.categorical[at]:
            terms += [(at, "<=", float(values[0])), (at, ">=", float(values[-1]))]
        if np.isnan(column).sum() == 1:
            terms.append((at, "is null", 0.0))
        found += [Predicate((term,)) for term in terms]
    return found


def joint_predicates(synthetic: Features, n_wanted: int, n_tries: int, rng: np.random.Generator) -> list[Predicate]:
    """Guesses of conditions on three columns that one real row alone satisfies, from synthetic rows drawn at random.

    A category is to be equal, a number at least as far from the median of its column on the same side, a null null.
    Kept are the first ``n_wanted`` different ones that a single synthetic row satisfies.

    References
    ----------
    .. [1] Giomi et al., PoPETs 2023(2), Sec. 5.1 (multivariate singling out).
    """
    if not synthetic.n_rows or not synthetic.n_columns:
        return []
    columns = column_list(synthetic)
    medians = [float(np.median(x[~np.isnan(x)])) if not np.isnan(x).all() else np.nan for x in columns]
    width = min(N_COLUMNS, synthetic.n_columns)
    found: dict[Predicate, None] = {}
    rows = rng.integers(0, synthetic.n_rows, size=n_tries)
    chosen = np.sort(np.argsort(rng.random((n_tries, synthetic.n_columns)), axis=1)[:, :width], axis=1)
    for row, three in zip(rows.tolist(), chosen.tolist(), strict=True):
        if len(found) == n_wanted:
            break
        predicate = Predicate(tuple(_term(synthetic, medians[at], row, at) for at in three))
        if predicate not in found and np.count_nonzero(predicate.matches(columns)) == 1:
            found[predicate] = None
    return list(found)


def _term(synthetic: Features, median: float, row: int, at: int) -> tuple[int, str, float]:
    value = float(synthetic.values[row, at])
    if np.isnan(value):
        return at, "is null", 0.0
    if synthetic.categorical[at]:
        return at, "==", value
    return at, ">=" if value > median else "<=", value


def column_list(table: Features) -> list[Floats]:
    """The columns, each in one piece of memory."""
    return list(np.ascontiguousarray(table.values.T))


def singled_out(predicates: Sequence[Predicate], table: Features) -> Positions:
    """The row that alone satisfies each predicate, -1 where none or several do, (number of predicates,)."""
    columns = column_list(table)
    rows = np.full(len(predicates), -1, dtype=np.intp)
    for k, predicate in enumerate(predicates):
        found = predicate.matches(columns)
        if np.count_nonzero(found) == 1:
            rows[k] = int(found.argmax())
    return rows


def only_match(table: Features, rows: Features) -> Positions:
    """The row of ``table`` that alone equals each of ``rows`` on all columns, -1 where none or several do, (m,)."""
    n = table.n_rows
    both = np.concatenate([table.values, rows.values]) + 0.0
    cells = np.hstack([np.where(np.isnan(both), 0.0, both), np.isnan(both)])
    _, key = np.unique(cells, axis=0, return_inverse=True)
    key = key.reshape(-1)
    counts = np.bincount(key[:n], minlength=int(key.max(initial=-1)) + 1)
    owner = np.full(counts.size, -1, dtype=np.intp)
    owner[key[:n]] = np.arange(n)
    found: Positions = np.where(counts[key[n:]] == 1, owner[key[n:]], -1)
    return found


__all__ = [
    "Z95",
    "Predicate",
    "area",
    "area_interval",
    "column_list",
    "density_scores",
    "distance_scores",
    "family_z",
    "guess_is_right",
    "is_linked",
    "joint_predicates",
    "local_scores",
    "only_match",
    "risk",
    "risk_interval",
    "single_predicates",
    "singled_out",
    "tpr_at_fpr",
    "wilson",
]
