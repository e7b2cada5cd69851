"""What a file is by its content, its text by its bytes, and limits that are checked first."""

import base64
import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.config import Settings
from contrapeso.errors import (
    ContrapesoError,
    FileMissingError,
    FileTooLargeError,
    UnreadableFileError,
    WrongContentError,
)
from contrapeso.tables.reading import Limits, decode_text, load, sniff


def workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet().write(0, 0, "Data")
    return buffer.getvalue()


def zip_of(**members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return buffer.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "kind", "noted"),
    [
        (workbook(), "a.xlsx", "xlsx", False),
        (workbook(), "a.csv", "xlsx", True),
        (parquet(), "a.parquet", "parquet", False),
        (b"Data;Valor\n01/02/2024;1,50\n", "a.csv", "csv", False),
        (b"Data;Valor\n01/02/2024;1,50\n", "a.xlsx", "csv", True),
        ("Data;Valor\n".encode("utf-16"), "a.csv", "csv", False),
        ("\ufeffData;Valor\n".encode(), "a.csv", "csv", False),
        (b"OFXHEADER:100\nDATA:OFXSGML\n\n<OFX></OFX>", "a.ofx", "ofx", False),
        (b"\r\n<?xml version='1.0'?>\n<?OFX OFXHEADER='200'?>\n<OFX>", "a.csv", "ofx", True),
        (b"<OFX><STMTTRN>", "a.txt", "ofx", True),
        (b"col\nvalue\n", "noname", "csv", False),
    ],
)
def test_the_content_decides_and_the_name_is_noted(data, name, kind, noted):
    found = sniff(data, name=name)
    assert found.kind == kind
    assert bool(found.notes) is noted


@pytest.mark.parametrize("wrapped", [False, True])
def test_base64_text_named_xlsx_says_so(wrapped):
    text = base64.encodebytes(workbook()) if wrapped else base64.b64encode(workbook())
    with pytest.raises(WrongContentError, match="base64") as caught:
        sniff(text, name="entries.xlsx")
    assert caught.value.code == "wrong_content"


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", UnreadableFileError, "empty"),
        (b" \n\n", UnreadableFileError, "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, WrongContentError, r"\.xls"),
        (b"<html><table><tr><td>Data</td></tr></table></html>", WrongContentError, "web page"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", WrongContentError, "web page"),
        (b"<?xml version='1.0'?><Workbook/>", WrongContentError, "XML"),
        (zip_of(content_dot_xml="x"), WrongContentError, "ods"),
        (zip_of(readme_dot_txt="x"), UnreadableFileError, "without a workbook"),
        (workbook()[:400], UnreadableFileError, "damaged"),
        (b"%PDF-1.7 ...", UnreadableFileError, "PDF"),
        (bytes(range(256)) * 8, UnreadableFileError, "neither text"),
    ],
)
def test_what_cannot_be_read_says_what_it_is(data, error, says):
    with pytest.raises(error, match=says):
        sniff(data, name="file.xls")


@given(st.binary(max_size=400))
def test_any_bytes_have_a_kind_or_a_coded_error(data):
    try:
        assert sniff(data).kind in {"parquet", "xlsx", "csv", "ofx"}
    except ContrapesoError as error:
        exit_code = error.exit_code
        assert exit_code == 3


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff\ufffe"), min_size=1, max_size=60)


@given(TEXT, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_unicode_text_comes_back_whatever_its_mark(text, encoding):
    assert decode_text(text.encode(encoding))[0] == text


@given(st.text(st.sampled_from("áéíõçÃ€ abc;"), min_size=1))
def test_windows_text_comes_back_with_a_note_unless_it_is_utf8_too(text):
    data = text.encode("cp1252")
    decoded, encoding, notes = decode_text(data)
    try:
        assert decoded == data.decode("utf-8")
    except UnicodeDecodeError:
        assert (decoded, encoding) == (text, "cp1252")
        assert notes


def test_one_stray_byte_spoils_its_own_line_only():
    text, encoding, notes = decode_text("Histórico\nação\n".encode() + b"caf\xe9\nfim\n")
    assert text == "Histórico\nação\ncafé\nfim\n"
    assert encoding == "utf-8+cp1252"
    assert notes[0].startswith("encoding: 1 lines")


def test_bytes_that_windows_does_not_define_are_latin_1():
    assert decode_text(b"a\x81\xe9")[:2] == ("a\x81é", "latin-1")


def test_a_false_unicode_mark_is_an_error_not_a_guess():
    with pytest.raises(UnreadableFileError, match="UTF-16"):
        decode_text(b"\xff\xfea\x00b\x00c")


def test_limits_are_those_of_the_settings_table():
    defaults = Settings.model_fields
    assert Limits() == Limits(
        defaults["max_file_bytes"].default,
        defaults["max_uncompressed_bytes"].default,
        defaults["max_rows"].default,
        defaults["max_cells"].default,
    )
    assert Limits.from_settings(Settings(max_rows=7)).max_rows == 7


def test_a_file_over_the_limit_names_the_limit_and_the_setting(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * 11)
    with pytest.raises(FileTooLargeError, match=r"11 bytes.*limit is 10.*CONTRAPESO_MAX_FILE_BYTES") as caught:
        load(path, Limits(max_bytes=10))
    assert caught.value.details == {"limit": "max_file_bytes", "allowed": 10, "found": 11}
    assert load(path, Limits(max_bytes=11)) == b"x" * 11


def test_a_missing_file_and_a_folder_are_missing_files(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path, tmp_path / "a\x00b"):
        with pytest.raises(FileMissingError):
            load(path, Limits())
    with pytest.raises(FileMissingError):
        sniff(tmp_path / "none.csv")
