"""Writing a table for people or machines: CSV (plain and pt-BR), XLSX with typed cells, Parquet.

A spreadsheet program runs a text cell that begins with ``= + - @`` as a formula. XLSX text cells
are therefore typed as text and carry Excel's own quote prefix (the value stays as it is); the
pt-BR CSV, which is made for spreadsheets, puts an apostrophe before such text. The plain CSV is
made for programs and keeps every value as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from contrapeso.errors import FileUnwritableError, InvalidParameterError
from contrapeso.workflows._source import MARK

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

Format_ = Literal["csv", "csv-br", "xlsx", "parquet"]
FORMATS: tuple[Format_, ...] = get_args(Format_)
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")
XLSX_ROWS = 1_048_575
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def format_of(path: Path, asked: str | None) -> Format_:
    """Format asked for, or the one that the file name says."""
    name = asked or path.suffix.lstrip(".").casefold()
    for known in FORMATS:
        if name == known:
            return known
    raise InvalidParameterError(
        f"{name!r} is not an export format. Use one of {', '.join(FORMATS)}, by --format or by the ending of the file."
    )


def write_frame(frame: pd.DataFrame, path: Path, form: Format_) -> None:
    """``frame`` written to ``path``; the file appears whole or not at all."""
    with whole_file(path) as part:
        _WRITERS[form](frame, part)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place to write to, which becomes ``path`` when everything is written and vanishes otherwise."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise FileUnwritableError(
            f"{path} cannot be written: {error.strerror or error}. Name another place, or make room there.",
            {"path": str(path)},
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False, compression="zstd")


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _write_csv_br(frame: pd.DataFrame, path: Path) -> None:
    import pandas as pd

    shown = for_people(frame)
    for name in shown.columns:
        if name in _MONEY_NAMES.values() and name not in frame:
            shown[name] = shown[name].map("{:.2f}".format, na_action="ignore").str.replace(".", ",")
        elif pd.api.types.is_datetime64_any_dtype(shown[name]):
            shown[name] = shown[name].dt.strftime(_date_format(shown[name]))
        elif _is_text(shown[name]):
            shown[name] = shown[name].map(escape_formula, na_action="ignore")
    shown.to_csv(path, index=False, sep=";", decimal=",", encoding="utf-8-sig", lineterminator="\r\n")


def _write_xlsx(frame: pd.DataFrame, path: Path) -> None:
    from xlsxwriter import Workbook

    if len(frame) > XLSX_ROWS:
        raise InvalidParameterError(f"A sheet holds {XLSX_ROWS} rows; the table has {len(frame)}. Use csv or parquet.")
    shown = for_people(frame)
    with path.open("wb") as file:
        book = Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True})
        book.set_properties({"created": EPOCH, "comments": "Contrapeso"})  # same table, same bytes
        _fill_sheet(book, shown)
        book.close()


def _fill_sheet(book: Workbook, frame: pd.DataFrame) -> None:
    import pandas as pd

    sheet = book.add_worksheet("Dados")
    bold, quoted = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    sheet.freeze_panes(1, 0)
    for j, name in enumerate(frame.columns):
        sheet.write_string(0, j, str(name), bold)
        column = frame[name]
        sheet.set_column(j, j, 14, _column_format(book, str(name), column))
        for i, value in enumerate(column.tolist(), start=1):
            if value is None or value is pd.NaT or value != value:  # noqa: PLR0124  (NaN)
                continue
            if isinstance(value, bool):
                sheet.write_boolean(i, j, value)
            elif isinstance(value, (int, float)):
                sheet.write_number(i, j, value)
            elif isinstance(value, pd.Timestamp):
                sheet.write_datetime(i, j, value.to_pydatetime().replace(tzinfo=None))
            else:
                text = str(value)
                sheet.write_string(i, j, text, quoted if text.startswith(FORMULA_PREFIXES) else None)
    sheet.autofilter(0, 0, max(len(frame), 1), max(len(frame.columns) - 1, 0))


def _column_format(book: Workbook, name: str, column: pd.Series) -> Format | None:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(column):
        return book.add_format({"num_format": "dd/mm/yyyy" if _whole_days(column) else "dd/mm/yyyy hh:mm:ss"})
    if name in _MONEY_NAMES.values():
        return book.add_format({"num_format": "#,##0.00"})
    return None


_MONEY_NAMES = {"amount_cents": "Valor", "balance_cents": "Saldo"}
_NAMES = {
    "date": "Data",
    "description": "Descrição",
    "category": "Categoria",
    "transaction_type": "Tipo",
    "bank": "Banco",
    "account": "Conta",
    "currency": "Moeda",
    MARK: "Sintético",
}


def for_people(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with Portuguese headers for our own columns, cents as reais, and a sim/não mark."""
    shown = frame.copy()
    for cents in _MONEY_NAMES:
        if cents in shown:
            shown[cents] = shown[cents] / 100
    if MARK in shown:
        shown[MARK] = shown[MARK].map({True: "sim", False: "não"})
    names = {**_MONEY_NAMES, **_NAMES} if "amount_cents" in frame else {MARK: _NAMES[MARK]}
    return shown.rename(columns={old: new for old, new in names.items() if new not in frame.columns})


def escape_formula(value: object) -> object:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_PREFIXES) else value


def _is_text(column: pd.Series) -> bool:
    import pandas as pd

    return not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column))


def _whole_days(column: pd.Series) -> bool:
    dates = column.dropna()
    return bool((dates == dates.dt.normalize()).all())


def _date_format(column: pd.Series) -> str:
    return "%d/%m/%Y" if _whole_days(column) else "%d/%m/%Y %H:%M:%S"


_WRITERS = {"csv": _write_csv, "csv-br": _write_csv_br, "xlsx": _write_xlsx, "parquet": _write_parquet}
