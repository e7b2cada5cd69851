"""Tables of the synthetic generator's door: opened as frames, given back in their own box, compared by schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from contrapeso.errors import InvalidDataError
from contrapeso.generators._stream import as_frame
from contrapeso.tables import infer_schema
from contrapeso.tables._containers import SYNTHETIC_KEY, ArrayTable, open_table

Table: TypeAlias = pd.DataFrame | ArrayLike | Sequence[Mapping[str, object]]
FINITE_KINDS = frozenset({"boolean", "categorical", "ordinal"})


def opened(data: Table) -> pd.DataFrame:
    """``data`` as a frame with text names, without the mark of synthetic rows; arrays and dicts get real dtypes."""
    frame = as_frame(data).drop(columns=[SYNTHETIC_KEY], errors="ignore")
    if frame.shape[1] == 0:
        raise InvalidDataError(f"The only column is {SYNTHETIC_KEY!r}, which marks rows and is not learned.")
    return frame if isinstance(data, pd.DataFrame) else frame.infer_objects()


def refuse_marked(data: Table) -> None:
    """Raise where a row of ``data`` is marked synthetic: such rows must not be learned from."""
    n = sum(map(_truth, _marks(data)))
    if n:
        raise InvalidDataError(
            f"{n} rows are marked {SYNTHETIC_KEY!r}, and synthetic rows must not be the parents of others. Train on "
            "the real rows.",
            {"n_synthetic": n},
        )


def _marks(data: Table) -> Sequence[object]:
    if isinstance(data, (list, tuple)):
        return [row.get(SYNTHETIC_KEY) for row in data if isinstance(row, Mapping)]
    frame = as_frame(data)
    return cast("list[object]", frame[SYNTHETIC_KEY].tolist()) if SYNTHETIC_KEY in frame else ()


def _truth(mark: object) -> bool:
    return mark is not None and mark is not pd.NA and mark == True  # noqa: E712  (numpy's True too)


def as_given(made: pd.DataFrame, like: Table) -> Any:
    """The rows ``made`` in the kind of table that ``like`` is; a DataFrame for an Arrow or polars table."""
    if isinstance(like, pd.DataFrame):
        if SYNTHETIC_KEY in like:
            made.insert(list(like.columns).index(SYNTHETIC_KEY), SYNTHETIC_KEY, value=True)
        return made.set_axis(like.columns, axis=1)
    if _are_dicts(like):
        return DictForm.of(cast("Sequence[Mapping[str, object]]", like), list(made.columns)).written(made)
    table = open_table(cast(Any, like))
    if not isinstance(table, ArrayTable):
        return made
    return cast(Any, table.append(made, np.arange(len(made))))[table.n_rows :]


def _are_dicts(data: object) -> bool:
    return isinstance(data, (list, tuple)) and all(isinstance(row, Mapping) for row in data)


_NULLS: dict[str, object] = {"none": None, "nan": float("nan"), "nat": pd.NaT, "na": pd.NA}


@dataclass(frozen=True, slots=True)
class DictForm:
    """How a list of dicts writes its values: what is known of the dicts when they are gone.

    Attributes
    ----------
    nulls : dict of str to str
        The null of each column that has one ("none", "nan", "nat" or "na"); the others leave the key out.
    whole : tuple of str
        Columns whose numbers are all whole, and written so beside nulls too.
    """

    nulls: dict[str, str]
    whole: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> Self:
        """The form of ``rows``."""
        nulls, whole = {}, []
        for name in names:
            values = [row[name] for row in rows if name in row]
            found = next((_null_name(value) for value in values if _is_null(value)), None)
            if found is not None:
                nulls[name] = found
            if all(isinstance(value, int) and not isinstance(value, bool) for value in values if not _is_null(value)):
                whole.append(name)
        return cls(nulls, tuple(whole))

    def written(self, made: pd.DataFrame) -> list[dict[str, object]]:
        """New dicts, marked: whole numbers stay so, and a null is that of the rows given, or a key left out."""
        columns = [self._values(made[name], name) for name in made.columns]
        gone = made.isna().to_numpy()
        rows: list[dict[str, object]] = []
        for i in range(len(made)):
            row = {
                name: _NULLS[self.nulls[name]] if gone[i, j] else columns[j][i]
                for j, name in enumerate(made.columns)
                if not gone[i, j] or name in self.nulls
            }
            rows.append({**row, SYNTHETIC_KEY: True})
        return rows

    def _values(self, column: pd.Series, name: str) -> list[object]:
        values: list[object] = column.tolist()
        if name in self.whole and column.dtype.kind == "f":
            return [value if _is_null(value) else int(cast(float, value)) for value in values]
        return values

    def to_dict(self) -> dict[str, Any]:
        """The form as JSON types."""
        return {"nulls": self.nulls, "whole": list(self.whole)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The form that :meth:`to_dict` wrote."""
        return cls({name: text for name, text in data["nulls"].items() if text in _NULLS}, tuple(data["whole"]))


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """The kind of table that rows were learned from, to give rows in; of a saved generator, the form of dicts only."""

    like: Table | None = None
    dicts: DictForm | None = None

    @classmethod
    def of(cls, data: Table, names: Sequence[str]) -> Self:
        """The box of ``data``; it keeps no row of dicts."""
        if _are_dicts(data):
            return cls(dicts=DictForm.of(cast("Sequence[Mapping[str, object]]", data), names))
        return cls(like=data.iloc[:0] if isinstance(data, pd.DataFrame) else data)

    def filled(self, made: pd.DataFrame) -> Any:
        """The rows ``made`` in such a table; a DataFrame where it is not known."""
        if self.dicts is not None:
            return self.dicts.written(made)
        return made if self.like is None else as_given(made, self.like)


def _is_null(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value))


def _null_name(value: object) -> str:
    return "none" if value is None else "na" if value is pd.NA else "nat" if value is pd.NaT else "nan"


def schema_issues(original: pd.DataFrame, synthetic: pd.DataFrame) -> list[str]:
    """Sentences on how the columns, dtypes, nulls and categories of ``synthetic`` break those of ``original``."""
    issues = [f"Column {name!r} is missing." for name in missing_columns(original, synthetic)]
    issues += [f"Column {name!r} is not in the original." for name in missing_columns(synthetic, original)]
    for column in infer_schema(original):
        if column.name in synthetic:
            issues += _column_issues(column.name, column.kind, original[column.name], synthetic[column.name])
    return issues


def missing_columns(original: pd.DataFrame, synthetic: pd.DataFrame) -> list[str]:
    """Columns of ``original`` that ``synthetic`` does not have."""
    return [name for name in original.columns if name not in synthetic]


def _column_issues(name: str, kind: str, real: pd.Series, made: pd.Series) -> list[str]:
    issues = []
    if real.dtype != made.dtype:
        issues.append(f"Column {name!r} is {made.dtype}, and {real.dtype} in the original.")
    if bool(made.isna().any()) and not bool(real.isna().any()):
        issues.append(f"Column {name!r} has {int(made.isna().sum())} nulls, and the original has none.")
    if kind in FINITE_KINDS:
        unseen = ~made.dropna().isin(real.dropna().unique())
        if bool(unseen.any()):
            issues.append(f"Column {name!r} has {int(unseen.sum())} values that the original does not have.")
    return issues


__all__ = ["Box", "DictForm", "Table", "as_given", "missing_columns", "opened", "refuse_marked", "schema_issues"]
