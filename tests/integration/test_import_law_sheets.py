"""The import law on sheets: every row is a transaction or listed with its reason, on real and on random files."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import ContrapesoError
from contrapeso.finance import ParsedFile
from contrapeso.finance.ingest import parse_file
from contrapeso.tables.reading import read_grids

REASONS = {
    *(
        "header_row",
        "title_row",
        "blank_row",
        "balance_row",
        "total_row",
        "side_table",
        "repeated_sheet",
        "unmatched_copy",
    ),
    *("missing_date", "bad_date", "missing_amount", "bad_amount", "missing_direction", "ragged_row", "no_header"),
}


def check_law(parsed: ParsedFile, rows: set[tuple[str | None, int]]) -> None:
    """Every row once, by its sheet and number, and nothing else."""
    places = [(row.source.sheet, row.source.row) for row in parsed.transactions]
    places += [(row.sheet, row.row) for row in parsed.quarantined]
    assert len(places) == len(rows) == parsed.raw_count
    assert set(places) == rows
    assert {row.reason for row in parsed.quarantined} <= REASONS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sheets")


@pytest.mark.shared
def test_every_row_of_the_2021_books_is_accounted_for(shared_data):
    parsed = parse_file(shared_data / "mc_2021.parquet")
    frame = pd.read_parquet(shared_data / "mc_2021.parquet")
    check_law(parsed, {(sheet, i) for i, sheet in enumerate(frame["aba"], 1)})
    assert parsed.raw_count == 716
    assert parsed.reasons == {"blank_row": 148, "balance_row": 80}
    assert parsed.table == "company_financial"
    real = frame[frame["Tipo"].notna() & (frame["Tipo"].str.lower() != "saldo")]
    assert [row.amount_cents for row in parsed.transactions] == [int(Decimal(v) * 100) for v in real["Valor"]]
    assert [row.date.isoformat() for row in parsed.transactions] == real["Data"].tolist()
    assert [row.category_raw for row in parsed.transactions] == real["Tipo"].tolist()
    assert [row.description_raw for row in parsed.transactions] == real["Descrição"].tolist()
    assert {row.category for row in parsed.transactions} == {None}
    assert parsed.notes == ()


@pytest.mark.shared
def test_the_same_books_as_a_workbook_and_as_text_give_the_same_rows(shared_data, folder):
    frame = pd.read_parquet(shared_data / "mc_2021.parquet")
    wanted = [(r.date, r.amount_cents, r.description, r.category_raw) for r in _transactions(shared_data)]
    path = folder / "books.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, part in frame.groupby("aba", sort=False):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, [f"RESULTADO FINANCEIRO - {name}"])
            sheet.write_row(2, 0, part.columns[1:])
            for i, values in enumerate(part.iloc[:, 1:].itertuples(index=False), 3):
                _write(sheet, i, values)
    parsed = parse_file(path)
    check_law(parsed, {(grid.name, grid.row_number(i)) for grid in read_grids(path) for i in range(len(grid.rows))})
    assert [(r.date, r.amount_cents, r.description, r.category_raw) for r in parsed.transactions] == wanted
    assert parsed.raw_count == 716 + 12 * 3
    brazilian = frame.assign(
        Data=pd.to_datetime(frame["Data"]).dt.strftime("%d/%m/%Y"), Valor=frame["Valor"].str.replace(".", ",")
    )
    brazilian.iloc[:, 1:].to_csv(folder / "books.csv", sep=";", index=False, encoding="cp1252")
    text = parse_file(folder / "books.csv")
    assert [(r.date, r.amount_cents, r.description, r.category_raw) for r in text.transactions] == wanted
    assert text.encoding == "cp1252"


def _transactions(shared_data):
    return parse_file(shared_data / "mc_2021.parquet").transactions


def _write(sheet, i, values):
    date, text, amount, kind, note, copy = values
    if date:
        sheet.write_datetime(i, 0, dt.date.fromisoformat(date))
    for j, cell in ((2, amount), (5, copy)):
        if cell and cell.startswith("#"):
            sheet.write_formula(i, j, "=Z1", None, cell)
        elif cell:
            sheet.write_number(i, j, float(cell))
    for j, cell in ((1, text), (3, kind), (4, note)):
        if cell:
            sheet.write_string(i, j, cell)


@pytest.mark.shared
def test_every_expense_of_the_senators_is_accounted_for(shared_data):
    parsed = parse_file(shared_data / "ceaps_2020.parquet")
    frame = pd.read_parquet(shared_data / "ceaps_2020.parquet")
    check_law(parsed, {(None, i) for i in range(1, len(frame) + 1)})
    assert parsed.reasons == {"bad_date": 1}
    (bad,) = parsed.quarantined
    assert frame["DATA"][bad.row - 1].endswith("0202")
    kept = frame.drop(index=bad.row - 1)
    assert [row.amount_cents for row in parsed.transactions] == [-round(v * 100) for v in kept["VALOR_REEMBOLSADO"]]
    assert [row.date.strftime("%d/%m/%Y") for row in parsed.transactions] == kept["DATA"].tolist()
    assert [row.category_raw for row in parsed.transactions] == kept["TIPO_DESPESA"].tolist()
    assert {row.transaction_type for row in parsed.transactions} == {"expense"}


DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2069, 12, 31))


def only_legacy(word: str) -> bool:
    """Whether the Windows bytes of a word could not be UTF-8 as well (``Â¡`` could be ``¡``)."""
    return word.isascii() or "\ufffd" in word.encode("cp1252").decode("utf-8", "replace")


WORDS = st.text(st.characters(codec="cp1252", exclude_categories=["Cc", "Cs", "Zs"]), min_size=1, max_size=10)
WORDS = WORDS.filter(only_legacy)
MOVEMENTS = st.lists(
    st.tuples(
        DAYS, st.integers(-(10**9), 10**9), WORDS.map(lambda word: f"x{word}"), st.sampled_from(["", "Aluguel", "TI"])
    ),
    min_size=1,
    max_size=12,
)
CHRISTMAS = (dt.date(2024, 12, 25), -12_345, "xmas", "TI")  # proves the order of the date and the decimal mark


def brazilian(cents: int) -> str:
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}".replace(",", ".") + f",{rest:02d}"


def plain(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def bracketed(cents: int) -> str:
    return f"({brazilian(-cents)})" if cents < 0 else f"R$ {brazilian(cents)}"


STYLES = {
    "brazilian": (";", lambda d: f"{d:%d/%m/%Y}", brazilian, "cp1252"),
    "iso": (",", lambda d: d.isoformat(), plain, "utf-8-sig"),
    "american": ("\t", lambda d: f"{d:%m/%d/%Y}", lambda c: f"{c / 100:,.2f}", "utf-16"),
    "accounting": ("|", lambda d: f"{d:%d.%m.%y}", bracketed, "utf-8"),
}


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=40)
@given(rows=MOVEMENTS)
def test_a_well_formed_text_gives_exactly_its_rows(folder, style, rows):
    delimiter, day, amount, encoding = STYLES[style]
    rows = [*rows, CHRISTMAS]
    lines = [delimiter.join(["Data", "Descrição", "Valor", "Categoria"])]
    for date, cents, text, category in rows:
        quoted = '"' + text.replace('"', '""') + '"'
        lines.append(delimiter.join([day(date), quoted, f'"{amount(cents)}"', category]))
    path = folder / "generated.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    parsed = parse_file(path)
    check_law(parsed, {(None, i) for i in range(1, len(rows) + 2)})
    found = [(r.date, r.amount_cents, r.description_raw, r.category_raw or "") for r in parsed.transactions]
    assert found == rows


@settings(max_examples=40)
@given(rows=MOVEMENTS, top=st.integers(0, 4), as_text=st.booleans())
def test_a_well_formed_workbook_gives_exactly_its_rows(folder, rows, top, as_text):
    path = folder / "generated.xlsx"
    rows = [*rows, CHRISTMAS]
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Livro")
        sheet.write_row(top, 1, ["Data", "Descrição", "Valor", "Tipo"])
        for i, (date, cents, text, category) in enumerate(rows, top + 1):
            sheet.write_datetime(i, 1, date)
            sheet.write_string(i, 2, text)
            sheet.write(i, 3, brazilian(cents) if as_text else cents / 100)
            sheet.write(i, 4, category or None)
    parsed = parse_file(path)
    check_law(parsed, {("Livro", i + top + 1) for i in range(len(rows) + 1)})
    found = [(r.date, r.amount_cents, r.description_raw, r.category_raw or "") for r in parsed.transactions]
    assert found == rows


CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            *(
                "Data",
                "Valor",
                "Descrição",
                "Tipo",
                "Saldo",
                "Débito",
                "Crédito",
                "SubTotal",
                "Categoria",
                "Documento",
                "Conta",
            ),
            *(
                "Total",
                "Saldo anterior",
                "D",
                "C",
                "receita",
                "13/01/2024",
                "01/13/2024",
                "1.234,56",
                "1,234.56",
                "1.234",
                "-5",
            ),
            *("#REF!", "0", "-", "  ", "(1,00)", "2024-01-13"),
        ]
    ),
    st.integers(-(10**6), 10**6),
    st.integers(40_000, 46_000),
    st.floats(-1e6, 1e6),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8),
)
GRIDS = st.lists(st.lists(CELLS, max_size=7), max_size=14)
HEADER = ["Data", "Descrição", "Valor", "Tipo", "Saldo"]


@settings(max_examples=60)
@given(sheets=st.lists(GRIDS, min_size=1, max_size=3), with_header=st.booleans())
def test_no_row_of_a_random_workbook_is_lost(folder, sheets, with_header):
    path = folder / "random.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for i, row in enumerate([HEADER, *rows] if with_header else rows):
                sheet.write_row(i, 0, row)
    parsed = parse_file(path)
    check_law(parsed, {(grid.name, grid.row_number(i)) for grid in read_grids(path) for i in range(len(grid.rows))})


@settings(max_examples=150)
@given(text=st.text(st.sampled_from('Data;Valor\n13/01/2024,-5 "\r\tsaldo#.'), max_size=150), with_header=st.booleans())
def test_no_row_of_a_random_text_is_lost(folder, text, with_header):
    path = folder / "random.csv"
    path.write_text(("Data;Descrição;Valor\n" if with_header else "") + text, encoding="utf-8", newline="")
    try:
        parsed = parse_file(path)
    except ContrapesoError as error:
        refused = error.code
        assert refused == "unreadable_file"
        return
    check_law(parsed, {(None, i + 1) for i in range(len(read_grids(path)[0].rows))})


@settings(max_examples=150)
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"", b"PK\x03\x04", b"PAR1", b"Data;Valor\n", b"\xff\xfe", b"<OFX>"]),
)
def test_random_bytes_are_read_or_refused_with_a_code(folder, data, start):
    path = folder / "random.bin"
    path.write_bytes(start + data)
    try:
        parse_file(path)
    except ContrapesoError as error:
        exit_code = error.exit_code
        assert exit_code == 3


@settings(max_examples=100)
@given(chance=st.randoms(use_true_random=True), n=st.integers(1, 6))
def test_damage_to_some_lines_costs_those_lines_only(folder, chance, n):
    header = "Data;Histórico;Valor;Saldo\n".encode()
    lines = [f"{1 + i % 28:02d}/03/2024;Compra {i};-{i},50;{i * 3},00\n".encode() for i in range(30)]
    body = bytearray(b"".join(lines))
    for _ in range(n):
        at = chance.randrange(len(body))
        noise = [chance.choice(b';,"\n\r0-9a\xe9\xff') for _ in range(chance.randrange(4))]
        body[at : at + chance.randrange(4)] = bytes(noise)
    path = folder / "mutated.csv"
    path.write_bytes(header + bytes(body))
    parsed = parse_file(path)
    check_law(parsed, {(None, i + 1) for i in range(len(read_grids(path)[0].rows))})
    found = {(row.description_raw, row.amount_cents) for row in parsed.transactions}
    whole = set(bytes(body).replace(b"\r", b"\n").splitlines(keepends=True))
    lost = [i for i, line in enumerate(lines) if line in whole and (f"Compra {i}", -i * 100 - 50) not in found]
    assert not lost or any(note.startswith("line_breaks") for note in parsed.notes)


def test_many_rows_are_one_to_one(folder):
    path = folder / "many.csv"
    n = 20_000
    rows = (f"{1 + i % 28:02d}/03/2024;PIX {i % 500};-{brazilian(i * 37)};{i},50\n" for i in range(n))
    path.write_text("Data;Histórico;Valor;Saldo\n" + "".join(rows))
    parsed = parse_file(path)
    assert [row.amount_cents for row in parsed.transactions] == [-i * 37 for i in range(n)]
    assert parsed.reasons == {"header_row": 1}
