"""Weights and rows that mend the groups of a table: how often each row counts; no label is ever changed."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.metrics._fairness import MIN_GROUP, group_codes

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Objects = NDArray[np.object_]
Goal = Literal["real_shares", "independent", "minimum"]


def reweigh(
    groups: ArrayLike,
    labels: ArrayLike | None = None,
    goal: Goal = "independent",
    *,
    real_groups: ArrayLike | None = None,
    real_labels: ArrayLike | None = None,
    minimum: int = MIN_GROUP,
    weights: ArrayLike | None = None,
) -> Floats:
    """How much each row should count so that the groups are treated as ``goal`` says, (n,); no label is changed.

    Parameters
    ----------
    groups, labels : array-like of shape (n,)
        Sensitive group and class of each (synthetic) row; null is a group.
    goal : {"independent", "real_shares", "minimum"}
        ``independent``: class and group become independent, ``w = P(g) P(y) / P(g, y)``. ``real_shares``: the groups
        get their real shares within each class (over all rows without labels); the class mix stays. ``minimum``:
        groups with fewer than ``minimum`` rows count as that many.
    real_groups, real_labels : array-like, for ``real_shares``
        The same of the real rows.
    weights : array-like of shape (n,), optional
        Weights that the rows have already.

    Returns
    -------
    ndarray of shape (n,)
        With a mean of one; for ``minimum``, one for each row of a group that is large enough.
        A combination of group and class without a row cannot be mended by weights; generate rows for it.

    Raises
    ------
    InvalidParameterError, InvalidDataError
        If the goal is unknown, lacks what it needs, or the columns differ in length.

    References
    ----------
    .. [1] Kamiran & Calders, "Data preprocessing techniques for classification without discrimination",
       Knowl. Inf. Syst. 33 (2012), Sec. 3.2 (reweighing).

    Examples
    --------
    >>> from contrapeso.metrics import reweigh
    >>> reweigh(["a", "a", "a", "b", "b", "b"], [1, 1, 0, 1, 0, 0]).tolist()
    [0.75, 0.75, 1.5, 1.5, 0.75, 0.75]
    """
    if goal not in get_args(Goal):
        raise InvalidParameterError(f"goal must be one of {', '.join(get_args(Goal))}; got {goal!r}.")
    known = np.asarray(groups, dtype=object)
    y = np.asarray(np.zeros(known.size, dtype=np.intp) if labels is None else labels, dtype=object)
    mass = _mass(weights, known, y)
    if goal == "minimum":
        return _to_minimum(group_codes(known)[0], mass, minimum)
    if goal == "real_shares":
        if real_groups is None or (labels is not None and real_labels is None):
            raise InvalidParameterError("goal='real_shares' needs real_groups, and real_labels where there are labels.")
        other = np.asarray(real_groups, dtype=object)
        other_y = np.zeros(other.size, dtype=np.intp) if labels is None else real_labels
        return _to_real((known, y), mass, (other, np.asarray(other_y, dtype=object)))
    if labels is None:
        raise InvalidParameterError("goal='independent' makes class and group independent: give the labels.")
    return _to_independent(known, y, mass)


def _mass(weights: ArrayLike | None, groups: Objects, labels: Objects) -> Floats:
    """Weights of the rows, checked along with the labels."""
    mass = np.ones(groups.size) if weights is None else np.asarray(weights, dtype=np.float64)
    for what, part in (("labels", labels), ("weights", mass)):
        if part.shape != groups.shape or groups.ndim != 1:
            raise InvalidDataError(f"groups and {what} need one value per row; got {groups.shape} and {part.shape}.")
    if not (np.isfinite(mass) & (mass >= 0)).all():
        raise InvalidDataError("Weights must be finite and not negative.")
    return mass


def _to_minimum(codes: Codes, mass: Floats, minimum: int) -> Floats:
    if isinstance(minimum, bool) or not isinstance(minimum, (int, np.integer)) or minimum < 1:
        raise InvalidParameterError(f"minimum must be an int >= 1; got {minimum!r}.")
    rows = np.bincount(codes)
    weights: Floats = mass * np.maximum(1.0, minimum / np.maximum(rows, 1))[codes]
    return weights


def _to_independent(groups: Objects, labels: Objects, mass: Floats) -> Floats:
    (codes, n_groups), (klass, n_classes) = group_codes(groups), group_codes(labels)
    cells = np.bincount(codes * n_classes + klass, weights=mass, minlength=n_groups * n_classes)
    table = cells.reshape(n_groups, n_classes).astype(np.float64)
    wanted = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / max(float(table.sum()), 1e-300)
    return _mean_one(mass * _over(wanted, table)[codes, klass])


def _to_real(ours: tuple[Objects, Objects], mass: Floats, real: tuple[Objects, Objects]) -> Floats:
    """Weights that give the groups their real shares within each class; classes that are not real stay."""
    _mass(None, *real)
    codes, n_groups = group_codes(np.concatenate([ours[0], real[0]]))
    klass, n_classes = group_codes(np.concatenate([ours[1], real[1]]))
    cell, n, size = klass * n_groups + codes, mass.size, n_classes * n_groups
    shape = n_classes, n_groups
    have = np.bincount(cell[:n], weights=mass, minlength=size).reshape(shape).astype(np.float64)
    real_rows = np.bincount(cell[n:], minlength=size).reshape(shape)
    want = real_rows * (have > 0)
    total = want.sum(axis=1, keepdims=True)
    wanted = np.where(
        real_rows.sum(axis=1, keepdims=True) > 0, want / np.maximum(total, 1) * have.sum(axis=1, keepdims=True), have
    )
    return _mean_one(mass * _over(wanted, have).ravel()[cell[:n]])


def _over(top: Floats, bottom: Floats) -> Floats:
    """``top / bottom``, 0 where there is nothing to weigh."""
    found: Floats = np.divide(top, bottom, out=np.zeros_like(bottom), where=bottom > 0)
    return found


def _mean_one(weights: Floats) -> Floats:
    total = weights.sum()
    return weights * (weights.size / total) if total > 0 else weights


def resample(
    groups: ArrayLike,
    labels: ArrayLike | None = None,
    goal: Goal = "independent",
    *,
    real_groups: ArrayLike | None = None,
    real_labels: ArrayLike | None = None,
    minimum: int = MIN_GROUP,
    n: int | None = None,
    seed: int = 0,
) -> Codes:
    """Positions of rows, sorted, in the numbers that :func:`reweigh` weighs them with; for models without weights.

    Each combination of group and class gets its share of ``n`` rows (largest remainder); within it every row is taken
    equally often, the rest drawn by ``seed``. By default ``n`` is the number of rows, for ``minimum`` as many more
    as it takes.

    Examples
    --------
    >>> from contrapeso.metrics import resample
    >>> resample(["a", "a", "a", "b"], goal="minimum", minimum=3).tolist()
    [0, 1, 2, 3, 3, 3]
    """
    weights = reweigh(groups, labels, goal, real_groups=real_groups, real_labels=real_labels, minimum=minimum)
    n = round(float(weights.sum())) if n is None else n
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 0:
        raise InvalidParameterError(f"n must be an int >= 0; got {n!r}.")
    if not weights.size:
        return np.empty(0, dtype=np.intp)
    if not weights.any():
        raise InvalidDataError("No row is of a group that the real rows have; check the names of the groups.")
    codes, _ = group_codes(groups)
    klass = np.zeros_like(codes) if labels is None else group_codes(labels)[0]
    cell = np.unique(codes * (klass.max() + 1) + klass, return_inverse=True)[1]
    quotas = _largest_remainder(np.bincount(cell, weights=weights).astype(np.float64), n)
    rng = np.random.default_rng(seed)
    taken = [_evenly(np.flatnonzero(cell == k), int(quota), rng) for k, quota in enumerate(quotas)]
    rows: Codes = np.sort(np.concatenate(taken))
    return rows


def _largest_remainder(shares: Floats, n: int) -> Codes:
    """Whole numbers in the proportion of ``shares`` that sum to ``n``."""
    exact = shares * (n / shares.sum())
    whole: Codes = np.floor(exact + 1e-9).astype(np.intp)
    first = np.argsort(-(exact - whole), kind="stable")[: n - int(whole.sum())]
    whole[first] += 1
    return whole


def _evenly(rows: Codes, quota: int, rng: np.random.Generator) -> Codes:
    """``quota`` of the rows, each as often as the others or once more."""
    copies, rest = divmod(quota, rows.size)
    taken: Codes = np.concatenate([np.repeat(rows, copies), rng.permutation(rows)[:rest]])
    return taken


__all__ = ["Goal", "resample", "reweigh"]
