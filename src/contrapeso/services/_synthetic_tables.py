"""Tables of the synthetic generator's door: opened as frames, given back in their own box, compared by schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

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
    if isinstance(like, (list, tuple)) and all(isinstance(row, Mapping) for row in like):
        return _as_dicts(made, cast("Sequence[Mapping[str, object]]", like))
    table = open_table(cast(Any, like))
    if not isinstance(table, ArrayTable):
        return made
    return cast(Any, table.append(made, np.arange(len(made))))[table.n_rows :]


def _as_dicts(made: pd.DataFrame, like: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """New dicts: whole numbers stay so, and a null is the null of the rows given, or a key that is not there."""
    columns = [_values(made[name], name, like) for name in made.columns]
    nulls = made.isna().to_numpy()
    absent = object()
    null = {name: _null(name, like, absent) for name in made.columns}
    rows: list[dict[str, object]] = []
    for i in range(len(made)):
        row = {
            name: null[name] if nulls[i, j] else columns[j][i]
            for j, name in enumerate(made.columns)
            if not (nulls[i, j] and null[name] is absent)
        }
        rows.append({**row, SYNTHETIC_KEY: True})
    return rows


def _values(column: pd.Series, name: str, like: Sequence[Mapping[str, object]]) -> list[object]:
    values: list[object] = column.tolist()
    known = (row.get(name) for row in like)
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in known if not _is_null(value))
    if whole and column.dtype.kind == "f":
        return [value if _is_null(value) else int(cast(float, value)) for value in values]
    return values


def _null(name: str, like: Sequence[Mapping[str, object]], absent: object) -> object:
    return next((row[name] for row in like if name in row and _is_null(row[name])), absent)


def _is_null(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value))


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


__all__ = ["Table", "as_given", "missing_columns", "opened", "refuse_marked", "schema_issues"]
