"""Which rows teach and which are left untouched: in the order of time, by group, or by class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import InsufficientDataError, InvalidParameterError, SingleClassError

Rows = NDArray[np.intp]
SplitKind = Literal["time", "group", "stratified"]

LEAST_ROWS = 10
LEAST_DAYS = 8
LEAST_DATED_ROWS = 40
"""A file of fewer days or rows than these is split by payee: a quarter of it in time would be a week or two."""
_UNTOUCHED = 2_000  # a random stream of its own


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Positions of the rows that teach and of the untouched ones.

    ``first_day`` is the first day of the untouched part of a split in time; ``n_left_out`` counts rows that are in
    neither part because they have no date.
    """

    train: Rows
    test: Rows
    kind: SplitKind
    first_day: date | None = None
    n_left_out: int = 0


def split_in_time(moments: pd.Series, share: float) -> Split:
    """The last ``share`` of the days is untouched; rows of one day are never on both sides.

    Parameters
    ----------
    moments : datetime64 Series of shape (n,); rows without a date are left out
    """
    days = moments.dt.normalize()
    known = np.sort(days.dropna().unique())
    if len(known) < 2:
        raise InsufficientDataError(
            f"A split in time needs rows of at least 2 days; the column {moments.name!r} has {len(known)}. "
            "Name a group column, or leave the time column out.",
            {"n_days": len(known)},
        )
    first = known[-min(max(1, round(len(known) * share)), len(known) - 1)]
    there, late = days.notna().to_numpy(), (days >= first).to_numpy()
    train, test = np.flatnonzero(there & ~late), np.flatnonzero(there & late)
    return Split(train, test, "time", pd.Timestamp(first).date(), int((~there).sum()))


def split_by_group(groups: pd.Series, share: float, seed: int) -> Split:
    """About ``share`` of the rows is untouched, whole groups at a time (the first fold of a grouped division)."""
    from sklearn.model_selection import GroupKFold

    codes, distinct = pd.factorize(groups.astype(object), use_na_sentinel=False)
    n_folds = min(max(2, round(1 / share)), len(distinct))
    if n_folds < 2:
        raise InsufficientDataError(
            f"A split by group needs at least 2 groups; the column {groups.name!r} has {len(distinct)}.",
            {"n_groups": len(distinct)},
        )
    folds = GroupKFold(n_folds, shuffle=True, random_state=seed % 2**31)
    train, test = next(iter(folds.split(codes, groups=codes)))
    return Split(train, test, "group")


def split_by_class(labels: pd.Series, share: float, seed: int) -> Split:
    """``share`` of the rows of each class (rounded) is untouched; a class of one row teaches."""
    order = generator(seed_sequence(seed), _UNTOUCHED).permutation(len(labels))
    codes = pd.Series(pd.factorize(labels)[0][order])
    place, size = codes.groupby(codes).cumcount(), codes.map(codes.value_counts())
    held = np.zeros(len(labels), dtype=bool)
    held[order] = (place < np.minimum((size * share).round(), size - 1)).to_numpy()
    return Split(np.flatnonzero(~held), np.flatnonzero(held), "stratified")


def inner_splits(
    labels: pd.Series, moments: pd.Series | None, groups: pd.Series | None, seed: int
) -> tuple[tuple[Rows, Rows], ...]:
    """Divisions of the rows that teach, of the same kind as the outer one, by which a model is chosen."""
    found: list[Split] = []
    if moments is not None:
        for last in (1.0, 0.75):  # two cuts, each judging the quarter that follows what it learnt from
            days = np.sort(moments.dt.normalize().unique())
            end = days[max(2, round(len(days) * last)) - 1]
            kept = np.flatnonzero((moments.dt.normalize() <= end).to_numpy())
            split = split_in_time(moments.iloc[kept], 0.25 / last)
            found.append(Split(kept[split.train], kept[split.test], "time"))
    elif groups is not None:
        found.append(split_by_group(groups, 0.25, seed))
    else:
        found += [split_by_class(labels, 0.25, seed + k) for k in range(2)]
    return tuple(
        (split.train, split.test)
        for split in found
        if labels.iloc[split.train].nunique() > 1 and labels.iloc[split.test].nunique() > 0
    )


def check_share(share: float) -> None:
    """Raise unless ``share`` is one."""
    if not 0 < share < 1:
        raise InvalidParameterError(f"test_size must be a share between 0 and 1, such as 0.25; got {share!r}.")


def check_rows(labels: Sequence[object] | pd.Series) -> None:
    """Raise unless there are enough labelled rows, of two classes at least."""
    counts = pd.Series(labels).value_counts()
    told = {str(label): int(n) for label, n in counts.items()}
    if len(labels) < LEAST_ROWS:
        raise InsufficientDataError(
            f"Training needs at least {LEAST_ROWS} rows with a class; there are {len(labels)}"
            f"{' (' + ', '.join(f'{label}: {n}' for label, n in told.items()) + ')' if told else ''}. "
            "Import or label more rows.",
            {"n_rows": len(labels), "least": LEAST_ROWS, "class_counts": told},
        )
    if len(counts) < 2:
        raise SingleClassError(
            f"All {len(labels)} rows have the class {counts.index[0]!r}; a classifier needs two classes at least.",
            {"class_counts": told},
        )


__all__ = [
    "LEAST_DATED_ROWS",
    "LEAST_DAYS",
    "LEAST_ROWS",
    "Rows",
    "Split",
    "SplitKind",
    "check_rows",
    "check_share",
    "inner_splits",
    "split_by_class",
    "split_by_group",
    "split_in_time",
]
