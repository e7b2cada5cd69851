"""Files for people and for programs: typed cells, marks kept, no text runs as a formula."""

from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from contrapeso.errors import InvalidParameterError
from contrapeso.workflows._writers import format_of, write_frame

HOSTILE = ["=1+1", "+55 11", "-", "@cmd", "\tx", "safe", None]


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": pd.to_datetime(["2025-01-31"] * 7),
            "amount_cents": [-123456, 5, 0, 100, 7, 10**12, -1],
            "description": HOSTILE,
            "is_synthetic": [False] * 6 + [True],
        }
    )


def test_xlsx_cells_are_typed_and_hostile_text_stays_text(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_frame(frame, path, "xlsx")
    header, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert header == ["Data", "Valor", "Descrição", "Sintético"]
    assert [row[1] for row in rows] == [-1234.56, 0.05, 0.0, 1.0, 0.07, 10**10, -0.01]
    assert [row[2] for row in rows] == [text or "" for text in HOSTILE]
    assert [row[3] for row in rows] == ["não"] * 6 + ["sim"]
    assert str(rows[0][0]) == "2025-01-31"


def test_xlsx_holds_no_formula_and_quotes_formula_prefixes(frame: pd.DataFrame, tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "t.xlsx"
    write_frame(frame, path, "xlsx")
    with zipfile.ZipFile(path) as book:
        sheet, styles = book.read("xl/worksheets/sheet1.xml"), book.read("xl/styles.xml")
    assert b"<f>" not in sheet
    assert b'quotePrefix="1"' in styles


def test_pt_br_csv_has_decimal_commas_and_escapes_formulas(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_frame(frame, path, "csv-br")
    text = path.read_bytes().decode("utf-8-sig")
    assert text.splitlines()[0] == "Data;Valor;Descrição;Sintético"
    assert text.splitlines()[1] == "31/01/2025;-1234,56;'=1+1;não"
    assert text.splitlines()[7] == "31/01/2025;-0,01;;sim"
    assert "\n=" not in text
    assert ";=" not in text
    assert ";@" not in text


def test_plain_csv_keeps_every_value(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_frame(frame, path, "csv")
    back = pd.read_csv(path, parse_dates=["date"])
    pd.testing.assert_frame_equal(back.fillna(""), frame.fillna(""), check_dtype=False)


def test_same_frame_same_workbook_bytes(frame: pd.DataFrame, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_frame(frame, tmp_path / name, "xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_failed_write_leaves_no_file_behind(tmp_path: Path) -> None:
    too_long = pd.DataFrame({"x": pd.arrays.SparseArray([0.0] * 3)})
    (tmp_path / "t.csv").write_text("before")
    with pytest.raises(KeyError):
        write_frame(too_long, tmp_path / "t.csv", "docx")  # type: ignore[arg-type]
    assert (tmp_path / "t.csv").read_text() == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["t.csv"]


def test_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameterError, match="csv, csv-br, xlsx, parquet"):
        format_of(tmp_path / "x.docx", None)
    assert format_of(Path("x.txt"), "csv-br") == "csv-br"
    assert format_of(Path("x.XLSX"), None) == "xlsx"
