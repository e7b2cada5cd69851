"""Sheets as typed cells: what was written comes back, no record is lost, and bombs are refused unopened."""

import csv
import datetime as dt
import io
import struct
import tracemalloc
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import ContrapesoError, FileTooLargeError, UnreadableFileError, WrongContentError
from contrapeso.tables.reading import CellError, Limits, read_grids
from contrapeso.tables.reading._delimited import detect_delimiter, read_delimited
from contrapeso.tables.reading._workbook import inspect_workbook

CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    ['a"b', "x\ny", "1,5", "a;b"]
)


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=12), st.sampled_from(";,\t|"))
def test_well_formed_records_come_back_as_written(rows, delimiter):
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    assert read_delimited(buffer.getvalue(), delimiter).rows == rows


@given(st.text(st.sampled_from('ab;,"\r\n\t|\x00 '), max_size=200))
def test_no_character_is_lost_and_no_line_is_skipped_in_any_text(text):
    found = read_delimited(text, ";")
    kept = sum(cell.count("a") + cell.count("b") for row in found.rows for cell in row)
    assert kept == text.count("a") + text.count("b")


def test_a_stray_quote_swallows_no_row():
    text = 'data;texto;valor\n1;"JOAO;10\n2;MARIA;20\n3;"ANA;30\n4;BIA;40\n'
    found = read_delimited(text)
    assert [row[0] for row in found.rows] == ["data", "1", "2", "3", "4"]
    assert found.notes[0].startswith("broken_quotes: 2")


def test_quoted_line_breaks_stay_in_their_cell_and_are_noted():
    found = read_delimited('a;b\n"x\ny";2\n')
    assert found.rows == [["a", "b"], ["x\ny", "2"]]
    assert found.notes[0].startswith("line_breaks: 1")


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("data;valor\n01/02/2024;1,50\n02/02/2024;2,50\n", ";"),
        ("Extrato, conta 1\n\ndata;texto;valor\n1;a, b;1,5\n2;c;2,5\n", ";"),
        ("nome;obs\nana;a, b, c\nbia;d, e, f\n", ";"),
        ("Extrato, conta\ndata;valor\n1;2,50\n2;3,50\n", ";"),
        ("id,name,tags\n1,ana,x;y\n2,bia,z;w\n3,caio,v;x\n", ","),
        ("Data;Valor\n1;2,50\n2;3,50\n3,4,50\n4;5,50;\n5;6,50;\n", ";"),
        ("a,b,c\n1,x;y,3\n2,z,4\n", ","),
        ("a\tb\n1,5\t2\n3,5\t4\n", "\t"),
        ("a|b|c\n1|2|3\n", "|"),
        ('name,note\nx,"a;b;c"\ny,"d;e;f"\n', ","),
        ("sep=|\na;b|c\n", "|"),
        ("single\nvalue\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_splits_all_rows_alike(text, delimiter):
    assert detect_delimiter(text) == delimiter


def test_ragged_rows_and_blank_lines_are_kept_with_their_numbers():
    (grid,) = read_grids(b"a;b\n1;2;3\n\n4\n", name="x.csv")
    assert grid.rows == (("a", "b"), ("1", "2", "3"), (), ("4",))
    assert [grid.row_number(i) for i in range(4)] == [1, 2, 3, 4]
    assert (grid.delimiter, grid.encoding) == (";", "utf-8")


def book(write) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        write(workbook)
    return buffer.getvalue()


def test_cells_keep_their_types_errors_their_text_and_rows_their_numbers():
    def write(workbook):
        sheet = workbook.add_worksheet("Março")
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(2, 1, ["texto", 1.5, True])
        sheet.write_datetime(2, 4, dt.date(2021, 3, 4), day)
        sheet.write_formula(3, 1, "=Z1", None, "#REF!")
        sheet.write_formula(3, 2, "=1/0", None, "#DIV/0!")
        sheet.merge_range(4, 1, 6, 1, "junto")
        sheet.write(6, 2, 7)
        sheet.write_blank(40, 9, None, day)
        workbook.add_worksheet("vazia")
        workbook.add_chartsheet("gráfico")
        workbook.add_worksheet("oculta").hide()

    first, empty, hidden = read_grids(book(write), name="x.xlsx")
    assert first.name == "Março"
    assert first.first_row == 3
    assert first.rows == (
        ("texto", 1.5, True, dt.date(2021, 3, 4)),
        (CellError("#REF!"), CellError("#DIV/0!"), None, None),
        ("junto", None, None, None),
        (None, None, None, None),
        (None, 7.0, None, None),
    )
    assert first.merged == ((2, 0, 4, 0),)
    assert (empty.name, empty.rows, hidden.name) == ("vazia", (), "oculta")


VALUE = st.one_of(
    st.none(),
    st.integers(-(2**50), 2**50),
    st.integers(-(10**12), 10**12).map(lambda cents: cents / 100),  # the writer keeps 16 digits
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
)


@settings(max_examples=60)
@given(st.lists(st.lists(VALUE, min_size=1, max_size=5), min_size=1, max_size=10))
def test_a_written_workbook_comes_back_cell_by_cell(rows):
    def write(workbook):
        sheet = workbook.add_worksheet()
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(i, j, cell)
                elif cell is not None:
                    sheet.write(i, j, cell)

    (grid,) = read_grids(book(write), name="x.xlsx")
    filled = [i for i, row in enumerate(rows) if any(cell is not None for cell in row)]
    assert len(grid.rows) == (filled[-1] - filled[0] + 1 if filled else 0)
    left = min((j for row in rows for j, cell in enumerate(row) if cell is not None), default=0)
    for i, row in enumerate(grid.rows):
        wanted = rows[grid.row_number(i) - 1][left:]
        assert [cell for cell in row if cell is not None] == [cell for cell in wanted if cell is not None]


@settings(max_examples=80)
@given(st.data())
def test_a_mutated_workbook_is_read_or_refused_with_a_code(data):
    original = _PARTS
    parts = dict(original)
    name = data.draw(st.sampled_from(sorted(parts)))
    content = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
        content = content or bytearray(b" ")
    parts[name] = bytes(content)
    try:
        read_grids(_zip(parts), name="x.xlsx")
    except ContrapesoError as error:
        refused = error.code
        assert refused in {"unreadable_file", "wrong_content", "file_too_large"}


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _parts(write) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book(write))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _simple(workbook):
    sheet = workbook.add_worksheet("Plan1")
    sheet.write_row(0, 0, ["Data", "Valor"])
    sheet.write_row(1, 0, ["01/02/2024", 5.5])
    sheet.write_formula(2, 1, "=Z1", None, "#REF!")


_PARTS = _parts(_simple)
_SHEET = "xl/worksheets/sheet1.xml"


def test_a_zip_bomb_is_refused_before_parsing_in_bounded_memory():
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row>' * 1000
    huge = b"<worksheet><sheetData>" + cells * 1500
    bomb = _zip({**_PARTS, _SHEET: huge})
    assert len(bomb) < 1_000_000 < 50_000_000 < len(huge)
    del huge
    lying = bytearray(bomb)  # the sizes in the central directory say 10 bytes
    at = lying.rfind(b"PK\x01\x02", 0, lying.rfind(_SHEET.encode()))
    lying[at + 24 : at + 28] = struct.pack("<I", 10)
    for data in (bomb, bytes(lying)):
        tracemalloc.start()
        with pytest.raises(FileTooLargeError, match="CONTRAPESO_MAX_UNCOMPRESSED_BYTES"):
            read_grids(data, Limits(max_uncompressed_bytes=20 * 2**20), name="bomb.xlsx")
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
        tracemalloc.stop()


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c></row><x:row><x:c note=">" r="XFD1048576"><v>1</v></x:c></x:row>',
        b"<row><c r='A1'><v>1</v></c></row><row r = '9'><c  r = 'XFD1048576' ><v>1</v></c></row>",
        b"<row r='1048570'>" + b"<c><v>1</v></c>" * 60 + b"</row><row r='1'><c r='A1'><v>1</v></c></row>",
    ],
)
def test_a_sparse_sheet_that_would_fill_the_memory_is_refused(cells):
    data = _zip({**_PARTS, _SHEET: b'<worksheet xmlns:x="y"><sheetData>' + cells + b"</sheetData></worksheet>"})
    with pytest.raises(FileTooLargeError, match="cells"):
        read_grids(data, name="sparse.xlsx")


def test_styled_but_empty_cells_do_not_count():
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    data = _zip({**_PARTS, _SHEET: b"<worksheet><sheetData>" + cells + b"</sheetData></worksheet>"})
    facts = inspect_workbook(data, "x", Limits())["Plan1"]
    assert (facts.n_rows, facts.n_cells) == (1, 1)


def test_one_long_text_in_every_cell_is_refused():
    shared = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>short</t></si><si><t>'
    shared += b"x" * 30_000 + b"</t></si></sst>"
    uses = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>1</v></c></row>' % (i, i) for i in range(1, 20_001))
    few = uses.replace(b"<v>1<", b"<v>0<")
    start, end = b"<worksheet><sheetData>", b"</sheetData></worksheet>"
    parts = {**_PARTS, "xl/sharedStrings.xml": shared}
    limits = Limits(max_uncompressed_bytes=100 * 2**20)
    with pytest.raises(FileTooLargeError, match="decompressed"):
        read_grids(_zip({**parts, _SHEET: start + uses + end}), limits, name="x.xlsx")
    assert inspect_workbook(_zip({**parts, _SHEET: start + few + end}), "x", limits)["Plan1"].n_rows == 20_000


def test_a_workbook_whose_list_of_texts_is_empty_is_read():
    sheet = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>'
    (grid,) = read_grids(_zip({**_PARTS, "xl/sharedStrings.xml": b"<sst/>", _SHEET: sheet}), name="x.xlsx")
    assert grid.rows == ((1.0,),)


def test_a_flipped_bit_in_a_sheet_is_refused_not_read_as_another_amount():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # stored, so that the XML stays well formed
        for name, content in _PARTS.items():
            archive.writestr(name, content)
    data = buffer.getvalue()
    assert read_grids(data, name="x.xlsx")[0].rows[1][1] == 5.5
    assert data.count(b"<v>5.5</v>") == 1
    with pytest.raises(UnreadableFileError, match="checksum"):
        read_grids(data.replace(b"<v>5.5</v>", b"<v>9.5</v>"), name="x.xlsx")


def test_the_quick_and_the_careful_scan_see_the_same_range():
    def write(workbook):
        sheet = workbook.add_worksheet("a")
        for i in range(15_000):
            sheet.write_row(i + 5, 2, [i, f"texto {i % 50}", i / 7])

    parts = _parts(write)
    quick = inspect_workbook(_zip(parts), "x", Limits())["a"]
    parts[_SHEET] = parts[_SHEET].replace(b'<c r="', b'<c  r="')
    assert inspect_workbook(_zip(parts), "x", Limits())["a"] == quick
    assert (quick.first_row, quick.last_row, quick.first_column, quick.last_column) == (6, 15_005, 3, 5)


def test_limits_of_rows_and_cells_hold_for_text_and_workbooks():
    text = b"a;b\n" * 10
    for data in (text, book(_simple)):
        with pytest.raises(FileTooLargeError, match="CONTRAPESO_MAX_ROWS"):
            read_grids(data, Limits(max_rows=2), name="x")
        with pytest.raises(FileTooLargeError, match="CONTRAPESO_MAX_CELLS"):
            read_grids(data, Limits(max_cells=5), name="x")
    with pytest.raises(FileTooLargeError, match="CONTRAPESO_MAX_FILE_BYTES"):
        read_grids(text, Limits(max_bytes=5), name="x")


def test_ofx_is_sent_to_its_own_reader_and_entities_are_refused():
    with pytest.raises(WrongContentError, match="OFX"):
        read_grids(b"<OFX><STMTTRN>", name="x.csv")
    workbook_xml = _PARTS["xl/workbook.xml"].replace(b"<workbook", b'<!DOCTYPE x [<!ENTITY e "e">]><workbook', 1)
    with pytest.raises(UnreadableFileError, match="entities"):
        read_grids(_zip({**_PARTS, "xl/workbook.xml": workbook_xml}), name="x.xlsx")
