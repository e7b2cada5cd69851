"""The target: read once as class codes, and given back in its own container with the new labels added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from contrapeso.errors import InvalidDataError
from contrapeso.tables._containers import Rows, concat_series, extend_index

Labels = NDArray[Any]  # labels are whatever the caller uses
TargetLike = Any  # list, array, Series or one-column DataFrame; what comes in goes out


@dataclass(frozen=True)
class Target:
    """An opened target. ``labels`` is a 1-D array; ``codes`` numbers the sorted classes from 0."""

    box: TargetLike
    labels: Labels
    codes: NDArray[np.intp]

    def members(self, code: int) -> Rows:
        """Rows of the class with this code, in order."""
        return np.flatnonzero(self.codes == code).astype(np.int64)

    def take(self, rows: Rows) -> TargetLike:
        """The labels of these rows in the target's container."""
        if isinstance(self.box, (pd.Series, pd.DataFrame)):
            return self.box.iloc[rows]
        if isinstance(self.box, list):
            return [self.box[i] for i in rows]
        if isinstance(self.box, tuple):
            return tuple(self.box[i] for i in rows)
        return np.asarray(self.box)[rows]

    def extend(self, bases: Rows, old: pd.Index | None, new: pd.Index | None) -> TargetLike:
        """The target followed by the labels of ``bases``.

        A pandas target with the index ``old`` of the table gets the table's new index ``new``.
        """
        if not isinstance(self.box, (pd.Series, pd.DataFrame)):
            more = self.take(bases)
            if isinstance(self.box, (list, tuple)):
                return self.box + more
            return np.concatenate([np.asarray(self.box), more])
        aligned = old is not None and new is not None and self.box.index.equals(old)
        index: Any = new if aligned else extend_index(self.box.index, len(bases))
        if isinstance(self.box, pd.Series):
            return concat_series(self.box, self.box.iloc[bases]).set_axis(index).rename(cast(Any, self.box.name))
        columns = [concat_series(self.box.iloc[:, j], self.box.iloc[bases, j]) for j in range(self.box.shape[1])]
        grown = pd.concat(columns, axis=1).set_axis(index, axis=0)
        return grown.set_axis(self.box.columns, axis=1)


def open_target(y: TargetLike, n_rows: int) -> Target:
    """The opened form of ``y``: class labels, one per row, or one-hot rows.

    Raises
    ------
    InvalidDataError
        If labels are missing, continuous, or several per row, or there are not ``n_rows`` of them.
    """
    labels = _labels(y)
    if len(labels) != n_rows:
        raise InvalidDataError(
            f"Found input variables with inconsistent numbers of samples: X has {n_rows} rows, y has {len(labels)}."
        )
    codes, _ = pd.factorize(labels, sort=True)
    if bool((codes < 0).any()):
        raise InvalidDataError(
            f"Input y contains NaN: {int((codes < 0).sum())} labels are missing, the first in row "
            f"{int(np.argmax(codes < 0))}. Drop those rows or give them a class."
        )
    if labels.dtype.kind == "f" and bool(np.any(labels != np.rint(labels))):
        raise InvalidDataError(
            "Unknown label type: continuous. The target must hold classes; cut the numbers into classes first."
        )
    return Target(y, labels, codes)


def _labels(y: TargetLike) -> Labels:
    if y is None:
        raise InvalidDataError("The samplers need a target: y is None.")
    array = np.asarray(y)
    if array.ndim == 1:
        return array
    if array.ndim == 2 and array.shape[1] == 1:
        return array[:, 0]
    if array.ndim == 2 and _is_one_hot(array):
        return np.asarray(array.argmax(axis=1))
    raise InvalidDataError(
        f"y has shape {array.shape}: one class per row, or one-hot rows, are understood. "
        "Multilabel and multioutput targets are not supported."
    )


def _is_one_hot(array: ArrayLike) -> bool:
    values = np.asarray(array)
    return values.dtype.kind in "biuf" and bool(np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all())


__all__ = ["Labels", "Target", "TargetLike", "open_target"]
