"""A table without text columns, in the two dtypes that the ladder needs: numbers, and categories as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contrapeso.errors import InvalidDataError

if TYPE_CHECKING:
    import pandas as pd


class PlainColumns:
    """Numbers and dates as float64, everything else as text or None; identifiers are left out.

    The categories get a ``=`` before them, so that codes such as ``2024`` stay categories. What is learnt is the role
    of each column, ``roles_``: the same table gives the same columns whatever rows it has.
    """

    def fit(self, frame: pd.DataFrame) -> PlainColumns:
        """Learn the roles of the columns of ``frame``."""
        from contrapeso.finance.features import column_roles

        self.roles_ = {name: role for name, role in column_roles(frame).items() if role != "ignored"}
        if not self.roles_:
            raise InvalidDataError(
                f"No column of the table is one to learn from: {', '.join(map(str, frame.columns))} are identifiers. "
                "Give a table with at least one other column."
            )
        return self

    def fit_transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Learn the roles, and return the columns of the same rows."""
        return self.fit(frame).transform(frame)

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The columns that were fitted, in their order."""
        import pandas as pd

        return pd.DataFrame({name: _plain(frame[name], role) for name, role in self.roles_.items()}, index=frame.index)


def _plain(column: pd.Series, role: str) -> pd.Series:
    import pandas as pd

    from contrapeso.finance.features import as_dates

    if role == "date":
        days = as_dates(column).to_numpy(dtype="datetime64[s]")
        moved = (days - np.datetime64("2000-01-01T00:00:00")).astype(np.float64) / 86_400
        return pd.Series(np.where(np.isnat(days), np.nan, moved), index=column.index)
    if role in {"number", "amount", "cents"}:
        return pd.to_numeric(column, errors="coerce").astype("float64")
    return column.astype(object).map(lambda value: None if pd.isna(value) else f"={value}").astype(object)


__all__ = ["PlainColumns"]
