"""Class labels of any container as counts and codes; missing labels are counted apart, never a class."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError, InvalidParameterError

Label: TypeAlias = Hashable
Labels: TypeAlias = Iterable[object]


@dataclass(frozen=True, slots=True, eq=False)
class ClassCounts:
    """Classes from the most to the least frequent, and the class of every row.

    ``codes`` has shape (n_rows,), dtype int64: the position in ``labels``, or -1 where the label is
    missing. Labels that compare equal (``1``, ``1.0`` and ``True``) are one class, as in a dict.
    """

    labels: tuple[Label, ...]
    counts: tuple[int, ...]
    codes: NDArray[np.int64]

    @property
    def n_missing(self) -> int:
        """Rows whose label is missing."""
        return int((self.codes < 0).sum())

    def as_dict(self) -> dict[Label, int]:
        """Label -> rows."""
        return dict(zip(self.labels, self.counts, strict=True))


def count_classes(y: Labels) -> ClassCounts:
    """Counts of the labels ``y``: list, array, Series (nullable and category too), one-column frame."""
    series = as_series(y)
    try:
        codes, uniques = pd.factorize(series)
    except TypeError as error:
        raise InvalidDataError(f"Class labels must be hashable (text, numbers, booleans): {error}.") from error
    labels = [plain(label) for label in uniques.tolist()]
    _check_discrete(labels)
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    order = _order(labels, counts)
    rank = np.empty(len(order) + 1, dtype=np.int64)
    rank[order] = np.arange(len(order))
    rank[-1] = -1  # factorize marks a missing label with -1, which indexes the last place
    return ClassCounts(tuple(labels[i] for i in order), tuple(int(counts[i]) for i in order), rank[codes])


def as_series(y: Labels) -> pd.Series:
    """``y`` as a Series of its own dtype; a list becomes objects, untouched."""
    if isinstance(y, (str, bytes, Mapping)):
        raise InvalidParameterError(f"y must hold one label per row; got a single {type(y).__name__}.")
    if isinstance(y, pd.Series):
        return y
    if isinstance(y, (pd.Index, pd.api.extensions.ExtensionArray)):
        return pd.Series(y)
    if isinstance(y, (pd.DataFrame, np.ndarray)):
        if y.ndim == 2 and y.shape[1] == 1:
            return pd.Series(np.asarray(y)[:, 0]) if isinstance(y, np.ndarray) else y.iloc[:, 0]
        if y.ndim != 1:
            raise InvalidDataError(f"y must have one column of labels; got the shape {y.shape}.")
        return pd.Series(y)
    rows = list(y)
    boxed = np.empty(len(rows), dtype=object)  # a Series from a list would turn [True, None] into objects of its own
    boxed[:] = rows
    return pd.Series(boxed, dtype=object)


def plain(label: object) -> Label:
    """``label`` as a Python value where NumPy wrapped it."""
    value = label.item() if isinstance(label, np.generic) else label
    return value if isinstance(value, Hashable) else str(value)


def _check_discrete(labels: Iterable[object]) -> None:
    for label in labels:
        if isinstance(label, float) and (not math.isfinite(label) or not label.is_integer()):
            raise InvalidDataError(
                f"y looks like a continuous number ({label!r} is among its values); classes are needed. "
                "Turn it into ranges first, or name another target column."
            )


def _order(labels: list[Label], counts: NDArray[np.int64]) -> list[int]:
    """Positions by falling count; ties in the natural order of the labels, or of their text."""
    positions = list(range(len(labels)))
    try:
        positions.sort(key=lambda i: labels[i])  # type: ignore[arg-type, return-value]
    except TypeError:
        positions.sort(key=lambda i: str(labels[i]))
    return sorted(positions, key=lambda i: -int(counts[i]))


def ordered(counts: Mapping[Label, int]) -> dict[Label, int]:
    """``counts`` in the order of :class:`ClassCounts`; classes without rows are left out."""
    for label, n in counts.items():
        if isinstance(n, bool) or not isinstance(n, Integral) or n < 0:
            raise InvalidParameterError(f"The rows of class {label!r} must be an integer >= 0; got {n!r}.")
    kept = [(plain(label), int(n)) for label, n in counts.items() if n > 0]
    labels, sizes = [label for label, _ in kept], np.array([n for _, n in kept], dtype=np.int64)
    return {labels[i]: int(sizes[i]) for i in _order(labels, sizes)}


def json_label(label: Label) -> str | int | float | bool:
    """``label`` as JSON keeps it: text, number or boolean, anything else as its text."""
    return label if isinstance(label, (str, int, float, bool)) else str(label)


__all__ = ["ClassCounts", "Label", "Labels", "as_series", "count_classes", "json_label", "ordered", "plain"]
