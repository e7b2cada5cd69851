"""Where a table comes from: a file, or one of the two documented sources of the database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError, NotFoundError

if TYPE_CHECKING:
    import pandas as pd

    from contrapeso.config import Settings

SourceName = Literal["transactions", "company_financial"]
SOURCES: tuple[SourceName, ...] = get_args(SourceName)
MARK = "is_synthetic"

_SOURCE_COLUMNS: dict[SourceName, tuple[str, ...]] = {
    "transactions": (
        "date",
        "amount_cents",
        "description",
        "transaction_type",
        "bank",
        "account",
        "currency",
        "category",
    ),
    "company_financial": ("date", "amount_cents", "description", "transaction_type", "category"),
}


@dataclass(frozen=True, slots=True)
class TableRef:
    """A file (``path``, and ``sheet`` of a workbook) or a database ``source``; exactly one of the two."""

    path: Path | None = None
    source: SourceName | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        if (self.path is None) == (self.source is None):
            raise InvalidParameterError(
                f"A table is a file or a database source ({', '.join(SOURCES)}), exactly one of them; "
                f"got file {str(self.path) if self.path else None!r} and source {self.source!r}."
            )

    @property
    def label(self) -> str:
        """Name of the table for people."""
        return self.source or (self.path.name if self.path else "")

    def default_target(self) -> str | None:
        """Column that is the target unless another is named."""
        return "category" if self.source else None

    def default_text(self) -> str | None:
        """Column that holds the description unless another is named."""
        return "description" if self.source else None


def load_frame(ref: TableRef, settings: Settings) -> pd.DataFrame:
    """Rows of ``ref`` as a frame, in their stored order."""
    if ref.path is not None:
        from contrapeso.tables import Limits, read_frame

        return read_frame(ref.path, sheet=ref.sheet, limits=Limits.from_settings(settings))
    assert ref.source is not None  # noqa: S101  (guaranteed by TableRef)
    return _load_source(ref.source, settings)


def _load_source(source: SourceName, settings: Settings) -> pd.DataFrame:
    import pandas as pd

    from contrapeso.workflows._stores import opened_store

    with opened_store(settings) as store:
        table = store.read_table(source, columns=list(_SOURCE_COLUMNS[source]))
    if table.num_rows == 0:
        raise NotFoundError(
            f"The database holds no rows in {source!r}. Import a statement or workbook first: contrapeso import FILE"
        )
    frame: pd.DataFrame = table.to_pandas()
    return frame.assign(date=pd.to_datetime(frame["date"]).astype("datetime64[s]"))


def target_column(frame: pd.DataFrame, target: str | None) -> str:
    """Checked name of the target column of ``frame``; the error lists the columns that could be one."""
    if target is None:
        raise InvalidParameterError(
            f"Which column holds the classes? Name it with --target. Columns with few values: {_candidates(frame)}.",
            {"columns": list(map(str, frame.columns))},
        )
    return known_column(frame, target)


def known_column(frame: pd.DataFrame, name: str) -> str:
    """``name`` if it is a column of ``frame``, else an error that names the nearest ones."""
    from difflib import get_close_matches

    if name in frame.columns:
        return name
    names = [str(column) for column in frame.columns]
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else f"Columns: {', '.join(names)}."
    raise ColumnNotFoundError(f"There is no column {name!r} in the table. {hint}", {"column": name, "columns": names})


def _candidates(frame: pd.DataFrame) -> str:
    few = [str(name) for name in frame.columns if 2 <= frame[name].nunique() <= 50]
    return ", ".join(few) or "none"


def split_marked(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Real and synthetic rows of a balanced table, by its ``is_synthetic`` (or ``Sintético``) column."""
    mark = mark_of(frame)
    if mark is None:
        raise InvalidDataError(
            f"The table has no {MARK!r} column to tell synthetic rows from real ones. "
            "Give the two tables apart: contrapeso assess REAL SYNTHETIC"
        )
    is_synthetic = truth(frame[mark])
    rest = frame.drop(columns=[mark])
    return rest[~is_synthetic].reset_index(drop=True), rest[is_synthetic].reset_index(drop=True)


def mark_of(frame: pd.DataFrame) -> str | None:
    """Name of the column that marks synthetic rows, or None."""
    return next((name for name in (MARK, "Sintético") if name in frame.columns), None)


def truth(column: pd.Series) -> pd.Series:
    """Boolean view of a mark column however it was typed (true/sim/1)."""
    return column.astype(str).str.strip().str.casefold().isin(["true", "sim", "1", "1.0", "yes"])
