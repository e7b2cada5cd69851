"""Any table file as one typed frame: values, types, names, order, and notes on what was decided."""

import datetime as dt
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from contrapeso.errors import (
    ContrapesoError,
    FileTooLargeError,
    InvalidDataError,
    InvalidParameterError,
    UnreadableFileError,
    WrongContentError,
)
from contrapeso.tables.reading import Limits, read_frame
from contrapeso.tables.reading._columns import type_cells
from contrapeso.tables.reading._headers import column_names, find_header


def frame_of(folder: Path, text: str | bytes, name: str = "t.csv", **options) -> pd.DataFrame:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_frame(path, **options)


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    return {name: dtype.kind for name, dtype in frame.dtypes.items()}


def test_a_brazilian_file_gets_numbers_dates_and_keeps_codes(tmp_path):
    frame = frame_of(
        tmp_path,
        "Data;Valor;Conta;CPF;Qtd;Taxa;Ativo;Obs\n"
        "13/02/2024;R$ 1.234,56;00123;12345678909;3;0,5;verdadeiro;x\n"
        "01/03/2024;-10,00;00045;11144477735;4;;falso;\n",
    )
    assert kinds(frame) == dict(zip(frame.columns, "MfOOifbO", strict=True))
    assert frame["Valor"].tolist() == [1234.56, -10.0]
    assert frame["Data"].tolist() == [pd.Timestamp(2024, 2, 13), pd.Timestamp(2024, 3, 1)]
    assert frame["Conta"].tolist() == ["00123", "00045"]
    assert frame["Obs"].tolist() == ["x", None]
    assert np.isnan(frame["Taxa"][1])
    assert frame.attrs["notes"] == ()


def test_a_plain_file_agrees_with_pandas(tmp_path):
    generator = np.random.default_rng(0)
    wanted = pd.DataFrame(
        {
            "id": np.arange(500),
            "x": generator.normal(size=500),
            "tiny": generator.normal(size=500) * 1e-9,
            "n": generator.integers(-9, 9, 500),
            "word": generator.choice(["a", "b c", "d,e"], 500),
            "flag": generator.choice([True, False], 500),
        }
    )
    found = frame_of(tmp_path, wanted.to_csv(index=False))
    assert_frame_equal(found, wanted)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=20), st.booleans())
def test_amounts_of_a_column_are_the_generated_ones(tmp_path_factory, cents, grouped):
    texts = [f"{c / 100:,.2f}" if grouped else f"{c / 100:.2f}" for c in cents]
    texts = [t.translate(str.maketrans(",.", ".,")) for t in texts]
    frame = frame_of(tmp_path_factory.getbasetemp(), "k;v\n" + "".join(f"a;{t}\n" for t in texts))
    assert [round(value * 100) for value in frame["v"]] == cents


TABLES = st.lists(st.tuples(st.text("abc", min_size=1, max_size=4), st.integers(0, 9)), min_size=1, max_size=15)


@settings(max_examples=40)
@given(TABLES)
def test_the_quick_and_the_careful_reader_agree(tmp_path_factory, rows):
    folder = tmp_path_factory.getbasetemp()
    text = "name;n;m\n" + "".join(f"{word};{n};{n + 1},5\n" for word, n in rows)
    quick = frame_of(folder, text)
    careful = frame_of(folder, text + '"z";9;1,5;\n')  # a ragged row: every line takes the careful way
    assert any(note.startswith("ragged_rows: 1") for note in careful.attrs["notes"])
    assert_frame_equal(quick, careful.iloc[:-1, :3])


def test_stray_quotes_swallow_no_row_of_a_frame(tmp_path):
    frame = frame_of(tmp_path, 'n;nome;v\n1;"JOAO;10\n2;"MARIA;20\n3;ANA;30\n')
    assert frame["n"].tolist() == [1, 2, 3]
    assert frame["v"].tolist() == [10, 20, 30]
    assert frame.attrs["notes"][0].startswith("broken_quotes: 2")


def test_title_rows_blank_rows_and_ragged_rows_are_noted_and_no_value_is_dropped(tmp_path):
    frame = frame_of(tmp_path, "Relatório\n\nnome;valor\na;1\n\nb;2;extra\nc\n")
    assert frame.columns.tolist() == ["nome", "valor", "column_3"]
    assert frame["nome"].tolist() == ["a", "b", "c"]
    assert frame["column_3"].tolist() == [None, "extra", None]
    codes = [note.partition(":")[0] for note in frame.attrs["notes"]]
    assert codes == ["title_rows", "names", "blank_rows", "ragged_rows"]


def test_a_file_without_header_gets_names_and_keeps_its_first_row(tmp_path):
    frame = frame_of(tmp_path, "ana,3,1.5\nbia,4,2.5\n")
    assert frame.columns.tolist() == ["column_1", "column_2", "column_3"]
    assert len(frame) == 2
    assert frame.attrs["notes"][0].startswith("no_header")


def test_repeated_and_blank_names_are_made_unique(tmp_path):
    frame = frame_of(tmp_path, "a,a,,a_2\n1,2,3,x\n")
    assert frame.columns.tolist() == ["a", "a_3", "column_3", "a_2"]
    assert len(frame.attrs["notes"]) == 2


@given(st.lists(st.sampled_from(["", "a", "a_2", "column_1", "column_2", " a "]), max_size=8), st.integers(0, 8))
def test_names_are_always_unique(header, width):
    names, _ = column_names(header, width)
    assert len(set(names)) == len(names) >= width
    assert all(names)


def test_years_may_be_names_over_numbers():
    rows = [["conta", "2019", "2020"], ["a", "1", "2"], ["b", "3", "4"]]
    assert find_header(rows) == (0, 1)
    assert find_header(rows[1:]) == (None, 0)


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", "2"], "i", [1, 2]),
        (["1", None, "2"], "f", [1.0, np.nan, 2.0]),
        (["1", "NA", "#REF!"], "f", [1.0, np.nan, np.nan]),
        ([1.0, "2,5", None], "f", [1.0, 2.5, np.nan]),
        (["007", "8"], "O", ["007", "8"]),
        (["12345678901234567", "1"], "O", ["12345678901234567", "1"]),
        (["12E5", "13"], "O", ["12E5", "13"]),
        (["true", "False"], "b", [True, False]),
        ([True, None], "O", [True, None]),
        (["yes", "no"], "O", ["yes", "no"]),
        ([None, " "], "O", [None, None]),
        (["NA", "-"], "O", ["NA", "-"]),
        ([1.0, "x", 2.0], "O", ["1", "x", "2"]),
        (["30/02/2024", "01/02/2024"], "O", ["30/02/2024", "01/02/2024"]),
        (["(1,50)", "2,00 D"], "f", [-1.5, -2.0]),
        (["123.456.789-09", "1"], "O", ["123.456.789-09", "1"]),
    ],
)
def test_a_column_has_a_type_only_if_every_value_agrees(cells, kind, values):
    found = type_cells(cells).values
    assert found.dtype.kind == kind
    assert all(a == b or (a != a and b != b) for a, b in zip(found, values, strict=True))


def test_dates_are_dates_only_if_all_are_and_their_order_is_noted_if_unproved():
    assert type_cells(["01/02/2024", "13/02/2024", None]).values.tolist()[:2] == [
        pd.Timestamp(2024, 2, 1),
        pd.Timestamp(2024, 2, 13),
    ]
    unsure = type_cells(["01/02/2024", "03/04/2024"])
    assert unsure.values[1] == pd.Timestamp(2024, 4, 3)
    assert unsure.notes[0].startswith("dates: none of 2")
    assert type_cells(["01/02/2024", "x"]).values.tolist() == ["01/02/2024", "x"]
    assert type_cells([dt.date(2024, 1, 2), None]).values.tolist() == [pd.Timestamp(2024, 1, 2), pd.NaT]


def test_a_few_words_among_numbers_are_reported_and_nothing_is_lost():
    found = type_cells([*map(str, range(30)), "abc"])
    assert found.values.iloc[-1] == "abc"
    assert "1 of 31 values are no numbers" in found.notes[0]


@given(st.lists(st.text(max_size=6) | st.none(), min_size=1, max_size=12))
def test_any_texts_become_a_column_of_their_length_and_only_blanks_go_missing(cells):
    found = type_cells(cells).values
    assert len(found) == len(cells)
    if found.dtype == object and not any(isinstance(value, bool) for value in found):
        assert [value or "" for value in found] == ["" if not (c or "").strip() else c for c in cells]


def book(**sheets: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "dd/mm/yyyy"}) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i + 1, 1, row)
    return buffer.getvalue()


def test_a_workbook_has_typed_columns_of_the_named_sheet(tmp_path):
    rows = [["título"], ["dia", "valor", "código"], [dt.date(2024, 1, 2), 1.5, "007"], [dt.date(2024, 1, 3), 2, "008"]]
    data = book(Vazia=[], Dados=rows, Outra=[["x", "y"], [1, 2]])
    frame = frame_of(tmp_path, data, "t.xlsx")
    assert kinds(frame) == {"dia": "M", "valor": "f", "código": "O"}
    assert frame["dia"].tolist() == [pd.Timestamp(2024, 1, 2), pd.Timestamp(2024, 1, 3)]
    assert any("'Outra'" in note for note in frame.attrs["notes"])
    other = read_frame(tmp_path / "t.xlsx", sheet="Outra")
    assert other.to_dict("list") == {"x": [1], "y": [2]}
    with pytest.raises(InvalidParameterError, match="'Dados'"):
        read_frame(tmp_path / "t.xlsx", sheet="Nada")


def test_parquet_comes_as_it_is_and_a_cut_one_is_refused(tmp_path):
    wanted = pd.DataFrame({"b": [1, 2], "a": ["x", None], "d": pd.to_datetime(["2024-01-01", None])})
    path = tmp_path / "t.parquet"
    wanted.to_parquet(path)
    assert_frame_equal(read_frame(path), wanted)
    with pytest.raises(UnreadableFileError, match="Parquet"):
        frame_of(tmp_path, path.read_bytes()[:-20], "cut.parquet")
    with pytest.raises(FileTooLargeError, match="MAX_ROWS"):
        read_frame(path, limits=Limits(max_rows=1))
    with pytest.raises(FileTooLargeError, match="MAX_UNCOMPRESSED"):
        read_frame(path, limits=Limits(max_uncompressed_bytes=8))


@pytest.mark.parametrize("text", ["a;b\n", "\n\n \n"])
def test_a_table_without_rows_is_an_error(tmp_path, text):
    with pytest.raises((InvalidDataError, UnreadableFileError)):
        frame_of(tmp_path, text)


def test_a_bank_statement_is_no_table_and_text_has_no_sheets(tmp_path):
    with pytest.raises(WrongContentError, match="OFX"):
        frame_of(tmp_path, "<OFX><STMTTRN>", "a.csv")
    with pytest.raises(InvalidParameterError, match="no sheets"):
        frame_of(tmp_path, "a;b\n1;2\n", "b.csv", sheet="x")


@given(st.binary(max_size=300) | st.text(st.sampled_from('ab1,;"\n\r.-/ #é'), max_size=200).map(str.encode))
def test_any_bytes_become_a_frame_or_a_coded_error(tmp_path_factory, data):
    try:
        frame = frame_of(tmp_path_factory.getbasetemp(), data)
    except ContrapesoError as error:
        refused = error.code
        assert refused != "internal"
    else:
        assert frame.columns.is_unique
        assert len(frame)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ceaps_2020", "calderdale_card_2014_2017", "bank_marketing", "german"])
def test_real_tables_written_as_csv_come_back(shared_data, tmp_path, name):
    wanted = pd.read_parquet(shared_data / f"{name}.parquet")
    wanted.to_csv(tmp_path / "t.csv", index=False, sep=";", decimal=",", encoding="utf-8")
    found = read_frame(tmp_path / "t.csv")
    assert len(found) == len(wanted)
    assert found.columns.tolist() == wanted.columns.tolist()
    for column in wanted.select_dtypes("number"):
        np.testing.assert_array_equal(found[column], wanted[column])
    for column in wanted.select_dtypes(object):
        if found[column].dtype == object:
            assert found[column].fillna("").tolist() == wanted[column].fillna("").tolist()


@settings(max_examples=80)
@given(chance=st.randoms(use_true_random=True))
def test_a_damaged_parquet_is_read_or_refused_with_a_code(tmp_path_factory, chance):
    buffer = io.BytesIO()
    pd.DataFrame({"dia": pd.to_datetime(["2024-01-01"] * 20), "x": ["a"] * 20, "n": range(20)}).to_parquet(buffer)
    data = bytearray(buffer.getvalue())
    data[chance.randrange(4, len(data))] = chance.randrange(256)
    try:
        frame_of(tmp_path_factory.getbasetemp(), bytes(data), "damaged.parquet")
    except ContrapesoError as error:
        refused = error.code
        assert refused in {"unreadable_file", "file_too_large", "invalid_data"}
