"""The import law on real OFX files: raw count == imported + quarantined, and the published counts agree."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contrapeso.finance._transaction import ParsedFile
from contrapeso.finance.ingest import parse_file
from contrapeso.finance.ingest._bytes import declared_charset
from contrapeso.finance.ingest._ofx import count_statement_rows, looks_like_ofx

pytestmark = pytest.mark.shared

PAGE = Path(__file__).resolve().parents[2] / "docs" / "import-law.md"
DAY_AS_WRITTEN = re.compile(rb"<DTPOSTED>\s*([0-9]{8})", re.IGNORECASE)


@pytest.fixture(scope="module")
def files(shared_data: Path) -> dict[str, tuple[bytes, ParsedFile]]:
    """Name below the shared folder -> bytes and what was read from them."""
    paths = sorted((shared_data / "ofx").rglob("*.ofx"))
    return {path.relative_to(shared_data).as_posix(): (path.read_bytes(), parse_file(path)) for path in paths}


def published(shared_data: Path) -> Iterator[tuple[str, int, str, str, str]]:
    """(file, transactions, bytes are, declared, oddities) of the table in the README beside the files."""
    text = (shared_data / "README.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].startswith("ofx/") and cells[0].endswith(".ofx"):
            yield cells[0], int(cells[1]), cells[3], cells[4], cells[5]


def test_every_row_is_imported_or_quarantined(files: dict[str, tuple[bytes, ParsedFile]]) -> None:
    assert files
    for name, (data, parsed) in files.items():
        assert count_statement_rows(data) == len(parsed.transactions) + len(parsed.quarantined), name
        ordinals = [one.source.row for one in parsed.transactions] + [one.row for one in parsed.quarantined]
        assert sorted(ordinals) == list(range(1, parsed.raw_count + 1)), name
        assert looks_like_ofx(data[:2048]), name


def test_counts_are_the_published_ones(files: dict[str, tuple[bytes, ParsedFile]], shared_data: Path) -> None:
    table = list(published(shared_data))
    assert {name for name, *_ in table} == set(files)
    for name, transactions, *_ in table:
        assert files[name][1].raw_count == transactions, name


def test_charsets_are_the_published_ones(files: dict[str, tuple[bytes, ParsedFile]], shared_data: Path) -> None:
    for name, _, bytes_are, declared, oddities in published(shared_data):
        data, parsed = files[name]
        assert parsed.encoding in {"latin1/cp1252": {"cp1252"}}.get(bytes_are, {bytes_are}), name
        assert declared_charset(data) == declared, name
        lies = any(note.startswith("charset_lie") for note in parsed.notes)
        assert lies == ("is utf-8" in oddities), name  # 1252 over cp1252 bytes is the truth


def test_published_oddities_are_in_the_report(files: dict[str, tuple[bytes, ParsedFile]], shared_data: Path) -> None:
    for name, _, _, _, oddities in published(shared_data):
        parsed = files[name][1]
        codes = {note.split(":")[0] for note in parsed.notes}
        reasons = set(parsed.reasons)
        assert ("no </OFX>" in oddities) == ("no_end" in codes), name
        if "empty DTPOSTED" in oddities:
            assert "missing_date" in reasons, name
        if "malformed TRNAMT" in oddities:
            assert reasons & {"balance_row", "bad_amount", "bad_date"}, name
        if "repeated FITID" in oddities and parsed.transactions:
            assert codes & {"fitid_repeated", "fitid_reused"}, name


def test_no_description_is_mojibake(files: dict[str, tuple[bytes, ParsedFile]]) -> None:
    for name, (_, parsed) in files.items():
        for one in parsed.transactions:
            for text in (one.description_raw, one.bank):
                assert not is_mojibake(text), name


def is_mojibake(text: str) -> bool:
    """Whether a text is UTF-8 that was read as cp1252: read back, it becomes another valid text."""
    try:
        return text.encode("cp1252").decode("utf-8") != text
    except UnicodeError:
        return False


def test_the_mojibake_check_can_fail() -> None:
    assert is_mojibake("JOÃO".encode().decode("cp1252"))
    assert not is_mojibake("JOÃO CARTÃO Ã")


def test_dates_are_the_days_that_the_bank_wrote(files: dict[str, tuple[bytes, ParsedFile]]) -> None:
    """A second source for the day: the first eight digits in the bytes, row by row."""
    for name, (data, parsed) in files.items():
        pieces = re.split(rb"(?i)<STMTTRN>", data)[1:]
        for one in parsed.transactions:
            written = DAY_AS_WRITTEN.search(pieces[one.source.row - 1])
            assert written is not None, name
            assert f"{one.date:%Y%m%d}" == written[1].decode(), name


def test_amounts_are_the_ones_that_the_bank_wrote(files: dict[str, tuple[bytes, ParsedFile]]) -> None:
    """A second source for the cents: digits of the bytes around the decimal mark, as text."""
    for name, (data, parsed) in files.items():
        pieces = re.split(rb"(?i)<STMTTRN>", data)[1:]
        for one in parsed.transactions:
            written = re.search(rb"(?i)<TRNAMT>\s*([+-]?)\s*0*([0-9]*)[.,]?([0-9]*)", pieces[one.source.row - 1])
            assert written is not None, name
            sign, units, part = (group.decode() for group in written.groups())
            cents = f"{abs(one.amount_cents):03d}"
            assert (cents[:-2].lstrip("0"), cents[-2:]) == (units, part.ljust(2, "0")[:2]), name
            assert (one.amount_cents < 0) == (sign == "-" and one.amount_cents != 0), name


def test_the_page_says_what_the_reader_does(files: dict[str, tuple[bytes, ParsedFile]]) -> None:
    lines = {
        cells[1].strip(): cells
        for cells in (line.split("|") for line in PAGE.read_text("utf-8").splitlines())
        if len(cells) > 8
    }
    for name, (_, parsed) in files.items():
        told = [int(cell) for cell in lines[name][4:7]]
        assert told == [parsed.raw_count, len(parsed.transactions), len(parsed.quarantined)], (
            f"{name}: run python scripts/import_table.py"
        )
