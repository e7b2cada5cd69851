"""A trained classifier as it is kept: the features, the fitted model, and the columns that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import ColumnNotFoundError, InvalidDataError

if TYPE_CHECKING:
    import pandas as pd

    from contrapeso.balancing import BalancedClassifier
    from contrapeso.finance.features import TransactionFeatures
    from contrapeso.workflows.training._plain_columns import PlainColumns

Family: TypeAlias = Literal["number", "date", "text"]


@dataclass(frozen=True, slots=True)
class NeededColumn:
    """A column that a model needs, and what its values must be."""

    name: str
    family: Family

    def to_dict(self) -> dict[str, str]:
        """JSON-ready column."""
        return {"name": self.name, "family": self.family}


@dataclass(frozen=True, eq=False)
class TrainedClassifier:
    """What ``train`` keeps and ``predict`` uses.

    Attributes
    ----------
    features : fitted TransactionFeatures, or PlainColumns where the table has no text
    model : fitted BalancedClassifier
    columns : what a table must have, in order
    """

    features: TransactionFeatures | PlainColumns
    model: BalancedClassifier
    columns: tuple[NeededColumn, ...]

    @property
    def classes_(self) -> NDArray[Any]:
        """Classes in the order of the probabilities."""
        return np.asarray(self.model.classes_)

    def predict_proba(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Probability of each class, shape (n, n_classes)."""
        return np.asarray(self.model.predict_proba(self.encoded(frame)))

    def predict(self, frame: pd.DataFrame) -> NDArray[Any]:
        """Class of each row at the threshold that was tuned."""
        return np.asarray(self.model.predict(self.encoded(frame)))

    def encoded(self, frame: pd.DataFrame) -> Any:
        """What the model takes of the rows of ``frame``."""
        return self.features.transform(self.fitting(frame))

    def fitting(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The needed columns of ``frame``.

        Raises
        ------
        ColumnNotFoundError
            If some are not there.
        InvalidDataError
            If some hold other things than the model learnt from.
        """
        named = frame.set_axis(frame.columns.map(str), axis=1)
        missing = [column.name for column in self.columns if column.name not in named.columns]
        if missing:
            raise ColumnNotFoundError(
                f"The table does not fit the model: it lacks {_listed(missing)}. Columns that it has: "
                f"{', '.join(named.columns)}.",
                {"missing": missing},
            )
        wrong = {
            column.name: f"{column.family} expected, {family_of(named[column.name])} found"
            for column in self.columns
            if not _fits(named[column.name], column.family)
        }
        if wrong:
            told = "; ".join(f"{name!r}: {what}" for name, what in wrong.items())
            raise InvalidDataError(
                f"The table does not fit the model: {told}. Give these columns the type that they had in training.",
                {"wrong": wrong},
            )
        return named[[column.name for column in self.columns]]


def needed_columns(frame: pd.DataFrame) -> tuple[NeededColumn, ...]:
    """The columns of ``frame`` and their families."""
    return tuple(NeededColumn(str(name), family_of(frame[name])) for name in frame.columns)


def family_of(column: pd.Series) -> Family:
    """Whether the values of a column are numbers, dates, or anything else (text, truth values, categories)."""
    import pandas as pd

    dtype = column.dtype
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return "date"
    if pd.api.types.is_bool_dtype(dtype):
        return "text"
    return "number" if pd.api.types.is_numeric_dtype(dtype) else "text"


def _fits(column: pd.Series, family: Family) -> bool:
    """Whether a column can stand for one of ``family``; a column without any value fits all."""
    return family == "text" or family_of(column) == family or bool(column.isna().all())


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))


__all__ = ["Family", "NeededColumn", "TrainedClassifier", "family_of", "needed_columns"]
