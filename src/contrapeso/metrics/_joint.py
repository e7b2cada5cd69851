"""Can a model tell synthetic rows from real ones? The classifier two-sample test, and what gives the rows away.

Boosted trees learn to tell fresh real rows from synthetic ones in cross-validation; where they cannot, the two tables
have the same distribution as far as trees can see. Copies of a row fall in one fold: a model that has only learnt to
recognise repeated rows finds nothing. Rows that the fresh table itself repeats (ten copies or more) are no copies but
cells of a discrete table and are spread over the folds: kept together, a table of a few booleans could not be tested.

Greedy trees do not see a parity (``c = a xor b``): no single split of it gains anything. So each model also gets the
products of the signs of three columns that differ most between the sides of its own training rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics._features import Features
from contrapeso.metrics._trees import Trees, each, fit_trees

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Keys = NDArray[np.uint64]
Mask = NDArray[np.bool_]

MAX_ROWS = 10_000
COMMON_COPIES = 10
EXPLAINED_ROWS = 1_500
INTERACTION_COLUMNS = 6
INTERACTION_Z, THIRD_Z = 4.0, 3.0  # 15 pairs are tried, then 4 thirds with the best of them
STAND_INS = 3
MIN_INTERACTION = 0.1
MAX_SIGNS = 100
N_TRIPLES = 3
CV_INFLATION = 1.2  # DeLong takes the models as given; on 7 tables the null AUC varied 1.0 to 1.4 times as much
N_SUSPECTS = 20
SUSPECT_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class SuspectRow:
    """A synthetic row (position in its sample), its probability of being synthetic, and the columns that say so."""

    row: int
    probability: float
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class JointTest:
    """What the detector found, all of it on rows that its model has not seen.

    Attributes
    ----------
    auc, error : float
        Weighted area under the ROC curve (ties half; 0.5 where rows cannot be told apart), mean of the folds, and its
        standard error.
    pmse : float
        Mean squared distance of the probability to one half (propensity score mean squared error).
    n_rows : int
        Rows of each side that were used.
    n_effective : float
        Rows of an unweighted sample with the same noise (Kish), of the side that has fewer.
    shares : ndarray of shape (p,)
        Share of each column in the mean absolute SHAP values; zeros where the model uses none.
    interaction : tuple of int
        Two or three columns that separate the tables only together; empty where none was found.
    suspects : tuple of SuspectRow
        Synthetic rows that look most synthetic, the most certain first.
    """

    auc: float
    error: float
    pmse: float
    n_rows: int
    n_effective: float
    shares: Floats
    interaction: tuple[int, ...]
    suspects: tuple[SuspectRow, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of both sides, ``at`` their positions in their samples; the weights of each side sum to its size."""

    X: Features
    synthetic: Mask
    weights: Floats
    keys: Keys
    at: Codes

    def take(self, rows: Codes | Mask) -> _Rows:
        """Some of the rows."""
        return _Rows(
            self.X.take(rows), self.synthetic[rows], self.weights[rows], self.keys[rows], self.at[rows]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Signs:
    """Which side of its middle each value lies on: +1, -1, and 0 for null; for categories, the most frequent or not."""

    middle: Floats
    categorical: Mask

    @classmethod
    def of(cls, X: Features) -> _Signs:
        """Middles: the median of numbers, and the most frequent category."""
        found = [_middle(X.values[:, k], categorical=bool(X.categorical[k])) for k in range(X.n_columns)]
        return cls(np.array(found), X.categorical)

    def __call__(self, X: Features) -> Floats:
        """Signs (n, p)."""
        up = np.where(self.categorical, X.values == self.middle, X.values > self.middle)
        signs: Floats = np.where(np.isnan(X.values), 0.0, np.where(up, 1.0, -1.0))
        return signs


@dataclass(frozen=True, slots=True)
class _Detector:
    """Trees on the columns and on products of the signs of ``triples`` of them."""

    trees: Trees
    signs: _Signs
    triples: tuple[tuple[int, int, int], ...]

    @classmethod
    def fit(cls, rows: _Rows, seed: int) -> _Detector:
        """The detector of synthetic among fresh rows."""
        weights = _balanced(rows)
        signs = _Signs.of(rows.X)
        triples = _triples(signs(rows.X), np.where(rows.synthetic, weights, -weights))
        lifted = _lift(rows.X, signs, triples)
        return cls(fit_trees(lifted, rows.synthetic, "binary", weights=weights, seed=seed), signs, triples)

    def predict(self, X: Features) -> Floats:
        """Probability of being synthetic, (n,)."""
        return self.trees.predict(_lift(X, self.signs, self.triples))

    def contributions(self, X: Features) -> Floats:
        """SHAP values (n, p); a product's is shared by its three columns."""
        found = self.trees.contributions(_lift(X, self.signs, self.triples))
        own: Floats = found[:, : X.n_columns].copy()
        for k, triple in enumerate(self.triples):
            own[:, triple] += found[:, X.n_columns + k, None] / 3
        return own


@dataclass(frozen=True, slots=True)
class _Fold:
    """A model and the rows that it has not seen, with their probabilities of being synthetic."""

    model: _Detector
    rows: _Rows
    probability: Floats


def joint_test(
    fresh: Features,
    synthetic: Features,
    fresh_keys: Keys,
    synthetic_keys: Keys,
    *,
    fresh_weights: Floats | None = None,
    synthetic_weights: Floats | None = None,
    n_rows: int = MAX_ROWS,
    n_folds: int = 3,
    seed: int = 0,
    explain: bool = True,
    n_jobs: int = 1,
) -> JointTest:
    """Classifier two-sample test of synthetic rows against fresh real ones with boosted trees.

    Both sides have equal sizes, at most ``n_rows``; the larger is subsampled by ``seed``. Rows are put in the order of
    their keys first, so the answer does not depend on the order of the rows.

    Parameters
    ----------
    fresh, synthetic : Features of shapes (n, p) and (m, p)
        At least 30 rows each.
    fresh_keys, synthetic_keys : ndarray of uint64 of shapes (n,) and (m,)
        Equal for equal rows.
    fresh_weights, synthetic_weights : ndarray of shapes (n,) and (m,), optional
        Bring the rows to one class mix; all one by default.
    n_rows : int, optional (default=10000)
        Most rows of each side.
    n_folds : int, optional (default=3)
    seed : int, optional (default=0)
    explain : bool, optional (default=True)
        Look for the interaction and the suspects as well.
    n_jobs : int, optional (default=1)
        Threads, one model each; the answer is the same for any number.

    Returns
    -------
    JointTest

    References
    ----------
    .. [1] Lopez-Paz & Oquab, "Revisiting classifier two-sample tests", ICLR 2017.
    .. [2] Snoke et al., "General and specific utility measures for synthetic data", JRSS A 181 (2018), Sec. 3 (pMSE).
    """
    rng = np.random.default_rng([seed, 11])
    n = min(n_rows, fresh.n_rows, synthetic.n_rows)
    left, right = subsample(fresh_keys, n, rng), subsample(synthetic_keys, n, rng)
    rows = _canonical(
        _side(fresh, left, fresh_keys, fresh_weights, synthetic=False),
        _side(synthetic, right, synthetic_keys, synthetic_weights, synthetic=True),
    )
    assigned = assign_folds(rows.keys, rows.synthetic, n_folds, rng)
    folds = each(lambda fold: _learn(rows, assigned == fold, seed), range(n_folds), n_jobs)
    auc, error = _mean_auc(folds)
    shares = _shares(folds, rng)
    probability = np.concatenate([fold.probability for fold in folds])
    weight = np.concatenate([fold.rows.weights for fold in folds])
    return JointTest(
        auc=auc,
        error=error,
        pmse=float(np.average((probability - 0.5) ** 2, weights=weight)),
        n_rows=n,
        n_effective=min(_effective(rows.weights[side]) for side in (rows.synthetic, ~rows.synthetic)),
        shares=shares,
        interaction=_interaction(folds, shares, rng) if explain else (),
        suspects=_suspects(folds) if explain else (),
    )


def joint_score(auc: float, reference: float) -> float:
    """``1 - max(0, auc - reference) / (1 - reference)``: 1 where rows are told apart no better than real rows are."""
    return float(min(1.0, max(0.0, 1 - max(0.0, auc - reference) / max(1 - reference, 1e-9))))


def auc_with_error(score: Floats, positive: Mask, weights: Floats) -> tuple[float, float]:
    """Weighted area under the ROC curve, ties half, and its standard error; NaN without rows of both kinds.

    The error is DeLong's, with the effective sizes of the weighted rows.

    References
    ----------
    .. [1] DeLong, DeLong & Clarke-Pearson, "Comparing the areas under two or more correlated ROC curves",
       Biometrics 44 (1988), Sec. 2.
    """
    if positive.all() or not positive.any():
        return float("nan"), float("nan")
    up, down = _placements(score, positive, weights), 1 - _placements(score, ~positive, weights)
    w, v = weights[positive], weights[~positive]
    value = float(np.average(up, weights=w))
    return value, float(np.sqrt(_squared_error(up, w) + _squared_error(down, v)))


def subsample(keys: Keys, n: int, rng: np.random.Generator) -> Codes:
    """Positions of ``n`` random rows in the order of their keys; depends on what the rows hold, not on their order."""
    canonical = np.argsort(keys, kind="stable")
    if n >= keys.size:
        return canonical
    chosen: Codes = canonical[np.sort(rng.permutation(keys.size)[:n])]
    return chosen


def assign_folds(keys: Keys, synthetic: Mask, n_folds: int, rng: np.random.Generator) -> Codes:
    """Fold of each row, (n,): copies of a row together, unless ten or more of the fresh rows are such copies.

    Groups found on one side only and on both are dealt out in turn, so that folds have both sides in like numbers.
    """
    _, group = np.unique(keys, return_inverse=True)
    copies = np.bincount(group, weights=~synthetic)[group]
    common = copies >= COMMON_COPIES
    if common[~synthetic].mean() > 0.5:  # a discrete table: its new cells are no copies either
        common = np.bincount(group)[group] >= COMMON_COPIES
    # a common row is a group of its own, dealt out with those of its side
    group = np.where(common, group.max() + 1 + np.arange(keys.size), group)
    _, group = np.unique(group, return_inverse=True)
    n_groups = int(group.max()) + 1
    on_left = np.bincount(group, weights=~synthetic, minlength=n_groups) > 0
    on_right = np.bincount(group, weights=synthetic, minlength=n_groups) > 0
    kind = on_left + 2 * on_right + 4 * (np.bincount(group, weights=common, minlength=n_groups) > 0)
    shuffled = rng.permutation(n_groups)
    dealt = shuffled[np.argsort(kind[shuffled], kind="stable")]
    fold = np.empty(n_groups, dtype=np.intp)
    fold[dealt] = np.arange(n_groups) % n_folds
    found: Codes = fold[group]
    return found


def _side(X: Features, rows: Codes, keys: Keys, weights: Floats | None, *, synthetic: bool) -> _Rows:
    w = np.ones(rows.size) if weights is None else weights[rows]
    return _Rows(X.take(rows), np.full(rows.size, synthetic), w * (rows.size / w.sum()), keys[rows], rows)


def _canonical(left: _Rows, right: _Rows) -> _Rows:
    """Both sides in the order of their keys, fresh rows first among equals."""
    both = _Rows(
        left.X.stacked(right.X),
        np.concatenate([left.synthetic, right.synthetic]),
        np.concatenate([left.weights, right.weights]),
        np.concatenate([left.keys, right.keys]),
        np.concatenate([left.at, right.at]),
    )
    return both.take(np.argsort(both.keys, kind="stable"))


def _learn(rows: _Rows, held_out: Mask, seed: int) -> _Fold:
    """A model of the other rows, and its answers on the rows held out."""
    seen, unseen = rows.take(~held_out), rows.take(held_out)
    model = _Detector.fit(seen, seed)
    probability = model.predict(unseen.X) if held_out.any() else np.empty(0)
    return _Fold(model, unseen, probability)


def _middle(values: Floats, *, categorical: bool) -> float:
    present = values[~np.isnan(values)]
    if not present.size:
        return 0.0
    if categorical:
        return float(np.bincount(present.astype(np.intp)).argmax())
    middle = float(np.median(present))
    # where the median is the largest value nothing lies above it: then the line is drawn just below
    return middle if middle < present.max() else float(np.nextafter(middle, -np.inf))


def _triples(signs: Floats, weights: Floats) -> tuple[tuple[int, int, int], ...]:
    """The three triples whose products of signs differ most between the sides; ``weights`` negative for fresh rows.

    In a table of more than 100 columns, triples of those with the most balanced signs: only they tell much apart.
    """
    balance = np.round(signs.std(axis=0), 9)
    varied = np.sort(np.argsort(-balance, kind="stable")[:MAX_SIGNS])
    varied = varied[balance[varied] > 0]
    if varied.size < 3:
        return ()
    best: list[tuple[float, tuple[int, int, int]]] = []
    some, total = signs[:, varied], np.abs(weights).sum()
    for k in range(varied.size - 2):  # one product of matrices for each first column keeps the memory small
        rest = some[:, k + 1 :]
        gaps = np.abs((rest * (some[:, k] * weights)[:, None]).T @ rest)
        gaps = np.triu(np.round(gaps / total, 9), 1)  # the order must not hang on the last bit
        for at in np.argsort(-gaps, axis=None, kind="stable")[:N_TRIPLES]:
            i, j = divmod(int(at), rest.shape[1])
            if i < j:
                triple = (int(varied[k]), int(varied[k + 1 + i]), int(varied[k + 1 + j]))
                best.append((-float(gaps[i, j]), triple))
    return tuple(triple for _, triple in sorted(best)[:N_TRIPLES])


def _lift(X: Features, signs: _Signs, triples: tuple[tuple[int, int, int], ...]) -> Features:
    """The columns, then one product of signs for each triple."""
    if not triples:
        return X
    found = signs(X)
    products = [found[:, list(triple)].prod(axis=1) for triple in triples]
    return Features(
        np.column_stack([X.values, *products]),
        np.concatenate([X.categorical, np.zeros(len(triples), dtype=bool)]),
        (*X.names, *(f"product {k}" for k in range(len(triples)))),
    )


def _balanced(rows: _Rows) -> Floats:
    """Weights of the rows with both sides summing to the same, so that a probability of one half says nothing."""
    total = np.where(rows.synthetic, rows.weights[rows.synthetic].sum(), rows.weights[~rows.synthetic].sum())
    weights: Floats = rows.weights / total * (len(total) / 2)
    return weights


def _mean_auc(folds: list[_Fold]) -> tuple[float, float]:
    """Mean of the folds by their rows; scores of different models are not compared with each other."""
    found = [auc_with_error(fold.probability, fold.rows.synthetic, fold.rows.weights) for fold in folds]
    sizes = np.array([fold.rows.at.size for fold in folds], dtype=np.float64)
    values, errors = np.array(found).T
    kept = ~np.isnan(values)
    if not kept.any():
        return 0.5, 0.5  # every row is a copy of one row: nothing can be told apart, and nothing is known
    w = sizes[kept] / sizes[kept].sum()
    return float(w @ values[kept]), CV_INFLATION * float(np.sqrt((w**2) @ errors[kept] ** 2))


def _placements(score: Floats, of: Mask, weights: Floats) -> Floats:
    """For each row ``of``, the weighted share of the other rows with a lower score, ties half."""
    order = np.argsort(score[~of], kind="stable")
    others, total = score[~of][order], np.concatenate([[0.0], np.cumsum(weights[~of][order])])
    low, high = (total[np.searchsorted(others, score[of], side=side)] for side in ("left", "right"))
    shares: Floats = (low + high) / (2 * total[-1])
    return shares


def _effective(weights: Floats) -> float:
    """Rows of an unweighted sample with the same noise (Kish)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def _squared_error(values: Floats, weights: Floats) -> float:
    """Squared standard error of a weighted mean."""
    total, n = weights.sum(), _effective(weights)
    mean = weights @ values / total
    return float((weights**2) @ (values - mean) ** 2 / total**2 * n / max(n - 1, 1e-9)) if n > 1 else 0.25


def _shares(folds: list[_Fold], rng: np.random.Generator) -> Floats:
    """Mean absolute SHAP value of each column on unseen rows, as shares."""
    total = np.zeros(folds[0].rows.X.n_columns)
    for fold in folds:
        some = _some(fold, rng, EXPLAINED_ROWS // len(folds))
        if some.at.size:
            total += some.weights @ np.abs(fold.model.contributions(some.X))
    return total / total.sum() if total.sum() > 0 else total


def _some(fold: _Fold, rng: np.random.Generator, n: int) -> _Rows:
    return fold.rows.take(np.sort(rng.permutation(fold.rows.at.size)[:n]))


def _suspects(folds: list[_Fold]) -> tuple[SuspectRow, ...]:
    """The synthetic rows with the highest probabilities, and the columns that raise them most."""
    certain = [
        (-float(fold.probability[k]), int(fold.rows.keys[k]), number, int(k))
        for number, fold in enumerate(folds)
        for k in np.flatnonzero(fold.rows.synthetic & (fold.probability > 0.5 + 1e-6))
    ]
    found = []
    for minus, _, number, k in sorted(certain)[:N_SUSPECTS]:
        fold = folds[number]
        raised = fold.model.contributions(fold.rows.X.take(np.array([k])))[0]
        top = np.argsort(-raised, kind="stable")[:SUSPECT_COLUMNS]
        columns = tuple(int(c) for c in top if raised[c] > 0)
        found.append(SuspectRow(int(fold.rows.at[k]), -minus, columns))
    return tuple(found)


def _interaction(folds: list[_Fold], shares: Floats, rng: np.random.Generator) -> tuple[int, ...]:
    """Two or three columns whose interaction separates the tables on unseen rows; empty where none surely does.

    The second difference of the log-odds, with one, the other and both columns shuffled, is zero unless the model uses
    the two together (superset importance [1]_, which sees interactions of any order). Its mean over synthetic rows
    less its mean over fresh rows is what that use adds to the separation: noise that the model has learnt adds nothing
    to unseen rows. A third column joins where the third difference keeps half of it.

    References
    ----------
    .. [1] Liu & Owen, "Estimating mean dimensionality of analysis of variance decompositions", JASA 101 (2006).
    """
    top = [int(k) for k in np.argsort(-shares, kind="stable")[:INTERACTION_COLUMNS] if shares[k] > 0]
    probes = [_Probe.of(fold, top, rng) for fold in folds if fold.rows.at.size]
    whole = _separation(probes, ())
    found = {pair: _separation(probes, pair) for pair in combinations(sorted(top), 2)}
    sure = {
        pair: gain
        for pair, (gain, error) in found.items()
        if gain > INTERACTION_Z * error and gain > MIN_INTERACTION * whole[0]
    }
    if not sure:
        return ()
    best = max(sure, key=lambda pair: sure[pair])
    triples = {third: _separation(probes, tuple(sorted((*best, third)))) for third in sorted(top) if third not in best}
    joins = {k: gain for k, (gain, error) in triples.items() if gain > max(THIRD_Z * error, sure[best] / 2)}
    return tuple(sorted((*best, max(joins, key=lambda k: joins[k])))) if joins else best


def _separation(probes: list[_Probe], columns: tuple[int, ...]) -> tuple[float, float]:
    """What using ``columns`` together adds to the mean log-odds of synthetic over fresh rows, and its error."""
    values = np.concatenate([probe.difference(columns) for probe in probes])
    synthetic = np.concatenate([probe.rows.synthetic for probe in probes])
    weights = np.concatenate([probe.rows.weights for probe in probes])
    if synthetic.all() or not synthetic.any():
        return 0.0, 0.5
    sides = [(values[side], weights[side]) for side in (synthetic, ~synthetic)]
    up, down = (float(np.average(v, weights=w)) for v, w in sides)
    return up - down, float(np.sqrt(sum(_squared_error(v, w) for v, w in sides)))


@dataclass(frozen=True, slots=True)
class _Probe:
    """Rows of one fold, sets of stand-ins for their values, and the log-odds found so far by the columns replaced."""

    model: _Detector
    rows: _Rows
    others: tuple[Floats, ...]
    log_odds: dict[tuple[int, ...], Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, fold: _Fold, columns: list[int], rng: np.random.Generator) -> _Probe:
        """Stand-ins: each of the columns shuffled on its own."""
        rows = _some(fold, rng, EXPLAINED_ROWS // 3)
        others = []
        for _ in range(STAND_INS):
            values = rows.X.values.copy()
            for column in columns:
                values[:, column] = rng.permutation(values[:, column])
            others.append(values)
        return cls(fold.model, rows, tuple(others))

    def difference(self, columns: tuple[int, ...]) -> Floats:
        """Sum over the subsets of ``columns`` of the log-odds with these replaced, odd subsets negative, (n,)."""
        subsets = [subset for size in range(len(columns) + 1) for subset in combinations(columns, size)]
        total: Floats = np.sum([(-1) ** len(subset) * self._with(subset) for subset in subsets], axis=0)
        return total

    def _with(self, replaced: tuple[int, ...]) -> Floats:
        """Log-odds with some columns replaced, mean over the stand-ins."""
        if replaced not in self.log_odds:
            n, some = self.rows.at.size, self.others if replaced else self.others[:1]
            values = np.concatenate([self.rows.X.values] * len(some))
            for k, other in enumerate(some):
                values[k * n : (k + 1) * n, replaced] = other[:, replaced]
            p = np.clip(self.model.predict(replace(self.rows.X, values=values)), 1e-9, 1 - 1e-9)
            self.log_odds[replaced] = np.log(p / (1 - p)).reshape(len(some), n).mean(axis=0)
        return self.log_odds[replaced]


__all__ = ["JointTest", "SuspectRow", "assign_folds", "auc_with_error", "joint_score", "joint_test", "subsample"]
