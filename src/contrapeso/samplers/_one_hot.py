"""The one-hot encoder that imbalanced-learn's SMOTENC shows: fitted for who asks, used for nothing here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import clone

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.samplers._views import ColumnView, View
from contrapeso.tables._containers import ArrayTable, SparseTable, Table


def checked_encoder(encoder: Any, table: Table, view: View, positions: Sequence[int]) -> Any:
    """A clone of ``encoder``, fitted on the columns ``positions`` of the table.

    Raises
    ------
    InvalidParameterError
        If it does not make one column of each category.
    InvalidDataError
        If it cannot be fitted on the columns.
    """
    columns = _columns(table, view, positions)
    fitted = clone(encoder)
    try:
        width = fitted.fit(columns).transform(columns[:1]).shape[1]
        n_categories = sum(len(categories) for categories in fitted.categories_)
    except (TypeError, ValueError) as error:
        raise InvalidDataError(
            f"categorical_encoder cannot be fitted on the categorical columns: {error} Leave categorical_encoder out: "
            "categories of any kind are compared without it."
        ) from error
    except AttributeError as error:
        raise InvalidParameterError(
            f"categorical_encoder must have fit, transform and a fitted categories_, as OneHotEncoder has: {error}."
        ) from error
    if width != n_categories:
        raise InvalidParameterError(
            "SMOTENC requires a one-hot encoding with one column per category for the categorical features. The "
            f"categorical_encoder makes {width} columns for {n_categories} categories: it drops some (drop=...) or "
            "merges infrequent ones. Use OneHotEncoder(handle_unknown='ignore'), or leave it out."
        )
    return fitted


def default_encoder(categories: Sequence[Sequence[object]]) -> Any:
    """A ``OneHotEncoder`` fitted on the ``categories`` of each column.

    Raises
    ------
    InvalidDataError
        If a column mixes types that cannot be sorted, which scikit-learn's encoder does not take.
    """
    from sklearn.preprocessing import OneHotEncoder

    columns = np.empty((max(map(len, categories), default=0), len(categories)), dtype=object)
    for j, values in enumerate(categories):
        columns[:, j] = [values[i % len(values)] if values else None for i in range(len(columns))]
    try:
        return OneHotEncoder(handle_unknown="ignore").fit(columns)
    except TypeError as error:
        raise InvalidDataError(
            f"scikit-learn's OneHotEncoder cannot encode these categories: {error} SMOTENC works without it."
        ) from error


def _columns(table: Table, view: View, positions: Sequence[int]) -> Any:
    if isinstance(table, SparseTable):
        return table.matrix[:, list(positions)].toarray()
    if isinstance(table, ArrayTable):
        return table.array[:, list(positions)]
    assert isinstance(view, ColumnView)  # noqa: S101  (for the type checker: a table with categories has no other)
    return view.frame.iloc[:, list(positions)]


__all__ = ["checked_encoder", "default_encoder"]
