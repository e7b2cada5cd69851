"""The target: read once as class codes, and given back in its own container with the new labels added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.api.extensions import ExtensionArray

from contrapeso.errors import InvalidDataError
from contrapeso.tables._columnar import Columnar, ColumnarColumn, open_column, open_columnar, refuse_foreign
from contrapeso.tables._containers import Rows, concat_series, extend_index

Labels = NDArray[Any]  # labels are whatever the caller uses
TargetLike = Any  # list, array, pandas, polars or Arrow column, one-column table; what comes in goes out


@dataclass(frozen=True)
class Target:
    """An opened target. ``labels`` is a 1-D array; ``codes`` numbers the sorted classes from 0."""

    box: TargetLike
    labels: Labels
    codes: NDArray[np.intp]
    columnar: Columnar | ColumnarColumn | None = None

    def members(self, code: int) -> Rows:
        """Rows of the class with this code, in order."""
        return np.flatnonzero(self.codes == code).astype(np.int64)

    def take(self, rows: Rows) -> TargetLike:
        """The labels of these rows in the target's container."""
        if self.columnar is not None:
            return self.columnar.take(rows)
        if isinstance(self.box, (pd.Series, pd.DataFrame)):
            return self.box.iloc[rows]
        if isinstance(self.box, (list, tuple)):
            return type(self.box)([self.box[i] for i in rows])
        if isinstance(self.box, (pd.Index, ExtensionArray)):
            return self.box.take(rows)
        return np.asarray(self.box)[rows]

    def extend(self, bases: Rows, old: pd.Index | None, new: pd.Index | None) -> TargetLike:
        """The target followed by the labels of ``bases``.

        A pandas target with the index ``old`` of the table gets the table's new index ``new``.
        """
        if self.columnar is not None:
            return self.columnar.repeat(bases)
        if not isinstance(self.box, (pd.Series, pd.DataFrame)):
            return self._joined(self.take(bases))
        aligned = old is not None and new is not None and self.box.index.equals(old)
        index: Any = new if aligned else extend_index(self.box.index, len(bases))
        if isinstance(self.box, pd.Series):
            return concat_series(self.box, self.box.iloc[bases]).set_axis(index).rename(cast(Any, self.box.name))
        columns = [concat_series(self.box.iloc[:, j], self.box.iloc[bases, j]) for j in range(self.box.shape[1])]
        grown = pd.concat(columns, axis=1).set_axis(index, axis=0)
        return grown.set_axis(self.box.columns, axis=1)

    def _joined(self, more: TargetLike) -> TargetLike:
        """The target followed by ``more``, both without labels of rows."""
        if isinstance(self.box, (list, tuple)):
            return self.box + more
        if isinstance(self.box, pd.Index):
            return self.box.append(more)
        if isinstance(self.box, ExtensionArray):
            return pd.concat([pd.Series(self.box), pd.Series(more)]).array
        return np.concatenate([np.asarray(self.box), more])


def open_target(y: TargetLike, n_rows: int) -> Target:
    """The opened form of ``y``: class labels, one per row, or one-hot rows.

    Raises
    ------
    InvalidDataError
        If labels are missing, continuous, or several per row, or there are not ``n_rows`` of them.
    """
    columnar = open_columnar(y) or open_column(y)
    labels = _labels(y if columnar is None else columnar)
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
    _refuse_continuous(labels)
    return Target(y, labels, codes, columnar)


@overload
def check_target_type(y: TargetLike) -> Labels: ...
@overload
def check_target_type(y: TargetLike, indicate_one_vs_all: Literal[False]) -> Labels: ...
@overload
def check_target_type(y: TargetLike, indicate_one_vs_all: Literal[True]) -> tuple[Labels, bool]: ...
def check_target_type(
    y: TargetLike,
    indicate_one_vs_all: bool = False,  # noqa: FBT001, FBT002  (imbalanced-learn's signature)
) -> Labels | tuple[Labels, bool]:
    """Class labels of ``y`` as a 1-D array, and on request whether they came one-hot.

    Parameters
    ----------
    y : array-like of shape (n_samples,), (n_samples, 1) or one-hot (n_samples, n_classes)
    indicate_one_vs_all : bool, default False

    Returns
    -------
    labels : ndarray of shape (n_samples,)
        Labels as they are, or the column of the 1 in each one-hot row.
    is_one_vs_all : bool
        Whether ``y`` was one-hot; only where ``indicate_one_vs_all``.

    Raises
    ------
    InvalidDataError
        If the labels are continuous or several per row.

    Examples
    --------
    >>> from contrapeso.samplers._target import check_target_type
    >>> check_target_type([[0, 1], [1, 0]], indicate_one_vs_all=True)
    (array([1, 0]), True)
    """
    labels = _labels(open_columnar(y) or open_column(y) or y)
    _refuse_continuous(labels)
    if not indicate_one_vs_all:
        return labels
    shape = np.shape(y)
    return labels, len(shape) == 2 and shape[1] > 1


def _refuse_continuous(labels: Labels) -> None:
    if labels.dtype.kind == "c":
        raise InvalidDataError("Complex data not supported: y holds complex numbers. Give every class a name.")
    if labels.dtype.kind == "f" and bool(np.isinf(labels).any()):
        raise InvalidDataError("Input y contains infinity, which is no class. Drop those rows or give them a class.")
    if labels.dtype.kind == "f" and bool(np.any(labels != np.rint(labels))):
        raise InvalidDataError(
            "Unknown label type: continuous. The target must hold classes; cut the numbers into classes first."
        )


def _labels(y: TargetLike | Columnar | ColumnarColumn) -> Labels:
    if y is None:
        raise InvalidDataError(
            "A sampler requires y to be passed, but the target y is None: it holds the class of every row."
        )
    refuse_foreign(y, "y")
    array = _array(y)
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


def _array(y: TargetLike | Columnar | ColumnarColumn) -> Labels:
    """``y`` as an array of labels; a one-column table gives its column, whose dtype no other column widens."""
    if isinstance(y, ColumnarColumn):
        return y.labels()
    if isinstance(y, Columnar):
        frame = y.frame()
        return np.asarray(frame.iloc[:, 0] if frame.shape[1] == 1 else frame)
    if np.ma.is_masked(y):
        raise InvalidDataError("y is a masked array, and some labels are masked. Drop those rows or give them a class.")
    try:
        return np.asarray(y)
    except ValueError as error:
        raise InvalidDataError(f"y must hold one class per row; its rows differ in length: {error}") from error


def _is_one_hot(array: ArrayLike) -> bool:
    values = np.asarray(array)
    return values.dtype.kind in "biuf" and bool(np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all())


__all__ = ["Labels", "Target", "TargetLike", "check_target_type", "open_target"]
