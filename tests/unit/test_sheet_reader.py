"""Sheets as transactions: each trap of real files, one by one, on small files of our own."""

import datetime as dt
import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from contrapeso.errors import FileTooLargeError, UnreadableFileError, WrongContentError
from contrapeso.finance import ParsedFile
from contrapeso.finance.ingest import parse_file
from contrapeso.finance.ingest._cells import are_directions, read_money
from contrapeso.finance.ingest._headers import find_columns, header_key
from contrapeso.tables.reading import CellError, Limits
from contrapeso.tables.reading._numbers import COMMA


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path


def read_csv(folder: Path, text: str, **options) -> ParsedFile:
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return parse_file(path, **options)


def read_book(folder: Path, sheets: dict[str, list[list[object]]], **options) -> ParsedFile:
    path = folder / "t.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if isinstance(cell, str) and cell.startswith("#"):
                        sheet.write_formula(i, j, "=Z1", None, cell)
                    else:
                        sheet.write(i, j, cell)
    return parse_file(path, **options)


def amounts(parsed: ParsedFile) -> list[int]:
    return [row.amount_cents for row in parsed.transactions]


def reasons(parsed: ParsedFile) -> dict[int, str]:
    return {row.row: row.reason for row in parsed.quarantined}


def codes(parsed: ParsedFile) -> list[str]:
    return [note.partition(":")[0] for note in parsed.notes]


def test_a_bank_file_becomes_transactions_of_its_dialect(folder):
    parsed = read_csv(
        folder,
        "Extrato de conta;;;;\nData;Histórico;Documento;Valor (R$);Saldo (R$)\n"
        "13/02/2024;SALDO ANTERIOR;;;1.000,00\n"
        "13/02/2024;PIX ENVIADO João;A000001;-1.234,56;-234,56\n"
        "14/02/2024;Resgate saldo aplicação;A000002;500,00 C;265,44\n"
        ";Total;;-734,56;\n",
        bank="Banco X",
        account="123",
    )
    assert parsed.table == "transactions"
    assert reasons(parsed) == {1: "title_row", 2: "header_row", 3: "balance_row", 6: "total_row"}
    first, second = parsed.transactions
    assert (first.date, first.amount_cents, first.balance_cents) == (dt.date(2024, 2, 13), -123_456, -23_456)
    assert (first.description_raw, first.description) == ("PIX ENVIADO João", "pix enviado joao")
    assert (first.transaction_type, second.transaction_type) == ("debit", "credit")
    assert (first.fitid, first.bank, first.account, first.currency) == ("A000001", "Banco X", "123", "BRL")
    assert (second.amount_cents, second.source.row, second.source.sheet) == (50_000, 5, None)
    assert parsed.transactions[0].source.sha256 == parsed.sha256


def test_the_accountants_workbook_with_all_its_oddities(folder):
    header = [
        "Data",
        "Descrição",
        "Valor",
        "Tipo",
        "Observações:",
        "Valor para relat mensal",
        None,
        "Descricao",
        "SubTotal",
    ]
    day = dt.date(2021, 1, 4)
    parsed = read_book(
        folder,
        {
            "Janeiro": [
                ["RESULTADO FINANCEIRO - JANEIRO"],
                [],
                header,
                [day, "Transferencia SOCIO 1", -100, "Retirada Sócio", None, 100, None, "Receita", 900],
                [day, "Cliente", 94.88, "Receita ", "nota", 94.88],
                [day, "Saldo", "#REF!", "Saldo", None, "#REF!"],
                [day, "Tarifa", "#REF!", "Tarifas Bancárias"],
                [day, "Sem categoria", -1, None],
                [None, None, None, None, None, 0],
                [None, None, None, None, None, None, None, "Telefonia", 80],
                [day, None, -2, "Telefonia"],
                [None, "Sem data", -3, "Telefonia"],
                [day, "Sem valor", None, "Telefonia"],
                ["amanhã", "Data ruim", -3, "Telefonia"],
                [],
                header,
                [day, "Depois", "-1.234", "Telefonia"],
            ],
            "Vazia": [],
            "Resumo": [["Receita", 900], ["Telefonia", 80]],
        },
    )
    assert parsed.table == "company_financial"
    assert parsed.raw_count == 19
    by_sheet = {}
    for row in parsed.quarantined:
        by_sheet.setdefault(row.sheet, {})[row.row] = row.reason
    assert by_sheet["Janeiro"] == {
        1: "title_row",
        2: "blank_row",
        3: "header_row",
        6: "balance_row",
        7: "bad_amount",
        9: "blank_row",
        10: "side_table",
        12: "missing_date",
        13: "missing_amount",
        14: "bad_date",
        15: "blank_row",
        16: "header_row",
    }
    assert by_sheet["Resumo"] == {1: "no_header", 2: "no_header"}
    assert "#REF!" in next(row.detail for row in parsed.quarantined if row.reason == "bad_amount")
    assert amounts(parsed) == [-10_000, 9_488, -100, -200, -123_400]
    assert [row.category_raw for row in parsed.transactions] == [
        *("Retirada Sócio", "Receita ", None, "Telefonia", "Telefonia")
    ]
    assert {row.category for row in parsed.transactions} == {None}
    assert parsed.transactions[0].extra == {"monthly_report_value": "100"}
    assert parsed.transactions[1].extra == {"observations": "nota", "monthly_report_value": "94.88"}
    assert [row.transaction_type for row in parsed.transactions[:2]] == ["expense", "income"]
    assert {"no_description", "number_style"} <= set(codes(parsed))


@pytest.mark.parametrize(
    ("labels", "is_direction"),
    [
        (["D", "C"], True),
        (["debit", "credit"], True),
        (["Débito", "Débito"], True),
        (["entrada", "saída"], True),
        (["receita", "despesa"], True),
        (["expense", "income"], True),
        (["receita", "receita"], False),
        (["receita", "telefonia"], False),
        (["D", "X"], False),
    ],
)
def test_tipo_is_a_category_unless_all_its_values_are_directions(folder, labels, is_direction):
    assert are_directions(set(labels)) is is_direction
    first, second = labels
    parsed = read_csv(folder, f"data;descricao;valor;tipo\n13/01/2024;a;10,00;{first}\n14/01/2024;b;20,00;{second}\n")
    if is_direction:
        signs = [
            -1 if word.lower() in {"d", "debit", "débito", "saída", "despesa", "expense"} else 1 for word in labels
        ]
        assert amounts(parsed) == [1000 * signs[0], 2000 * signs[1]]
        assert [row.category_raw for row in parsed.transactions] == [None, None]
    else:
        assert [row.category_raw for row in parsed.transactions] == labels
        assert codes(parsed) == ["unsigned_amounts"]


def test_signs_win_over_a_type_that_contradicts_them_and_it_is_noted(folder):
    parsed = read_csv(folder, "data;descricao;valor;tipo\n13/01/2024;a;-10,00;D\n14/01/2024;b;-20,00;C\n")
    assert amounts(parsed) == [-1000, -2000]
    assert codes(parsed) == ["type_sign"]


def test_an_unsigned_amount_without_a_direction_is_not_guessed(folder):
    parsed = read_csv(
        folder, "data;descricao;valor;tipo\n13/01/2024;a;10,00;D\n14/01/2024;b;20,00;\n15/01/2024;c;1,00;C\n"
    )
    assert amounts(parsed) == [-1000, 100]
    assert reasons(parsed)[3] == "missing_direction"


def test_a_header_that_says_expense_makes_unsigned_amounts_expenses(folder):
    parsed = read_csv(folder, "DATA;FORNECEDOR;VALOR_REEMBOLSADO;TIPO_DESPESA\n13/01/2024;a;10,00;Viagem\n")
    assert amounts(parsed) == [-1000]
    assert codes(parsed) == ["unsigned_amounts"]


def test_debit_and_credit_columns_give_the_sign(folder):
    text = (
        "Data;Histórico;Débito;Crédito;Saldo\n13/01/2024;a;10,00;;1\n14/01/2024;b;;20,00;2\n15/01/2024;c;1,00;2,00;3\n"
    )
    parsed = read_csv(folder, text + "16/01/2024;d;;;4\n17/01/2024;e;-3,00;-;5\n")
    assert amounts(parsed) == [-1000, 2000, 300]
    assert reasons(parsed) == {1: "header_row", 4: "bad_amount", 5: "missing_amount"}
    negative = read_csv(
        folder, "Data;Histórico;Saída;Entrada\n13/01/2024;a;-10,00;\n14/01/2024;b;-5,00;\n15/01/2024;c;;7,00\n"
    )
    assert amounts(negative) == [-1000, -500, 700]


def test_a_point_is_thousands_or_decimals_by_the_whole_column(folder):
    head = "data;descricao;valor\n"
    assert amounts(read_csv(folder, head + "13/01/2024;a;1.234\n13/01/2024;b;-5,50\n")) == [123_400, -550]
    assert amounts(read_csv(folder, head + "13/01/2024;a;1.234.567\n13/01/2024;b;-1.234\n")) == [123_456_700, -123_400]
    plain = read_csv(folder, "date,description,amount\n2024-01-13,a,12.5\n2024-01-13,b,-1234.00\n")
    assert amounts(plain) == [1250, -123_400]
    alone = read_csv(folder, head + "13/01/2024;a;-1.234\n")
    assert amounts(alone) == [-123_400]
    assert codes(alone) == ["number_style"]
    by_balance = read_csv(folder, 'date,description,amount,balance\n2024-01-13,a,-1.234,"10,50"\n')
    assert amounts(by_balance) == [-123_400]


def test_day_and_month_are_decided_once_and_a_contradiction_is_quarantined(folder):
    text = "data;descricao;valor\n03/04/2024;a;-1,00\n14/04/2024;b;-1,00\n15/04/2024;c;-1,00\n04/16/2024;d;-1,00\n"
    parsed = read_csv(folder, text)
    assert [row.date.day for row in parsed.transactions] == [3, 14, 15]
    assert reasons(parsed)[5] == "bad_date"
    assert codes(parsed) == ["date_style"]
    american = read_csv(folder, "date,description,amount\n04/03/2024,a,-1.50\n04/16/2024,b,-2.50\n")
    assert [row.date.day for row in american.transactions] == [3, 16]


def test_dates_written_once_per_day_are_filled_only_where_the_sheet_does_so_throughout(folder):
    head = "data;descricao;valor\n"
    grouped = head + "13/01/2024;a;-1,00\n;b;-2,00\n;c;-3,00\n14/01/2024;d;-4,00\n;e;-5,00\n;;-15,00\n"
    parsed = read_csv(folder, grouped)
    assert [row.date.day for row in parsed.transactions] == [13, 13, 13, 14, 14]
    assert [row.source.row for row in parsed.transactions] == [2, 3, 4, 5, 6]
    assert reasons(parsed)[7] == "missing_date"
    assert codes(parsed) == ["filled_dates"]
    after_balance = read_csv(folder, grouped.replace("14/01/2024;d;-4,00", "14/01/2024;Saldo anterior;"))
    assert [row.date.day for row in after_balance.transactions] == [13, 13, 13, 14]
    for broken in (
        grouped.replace(";e;-5,00\n", ""),  # only two blanks: no pattern
        grouped.replace("14/01", "13/01"),  # a day that is written twice: blanks are omissions
        grouped.replace("14/01", "12/01").replace("\n;e", "\n15/01/2024;x;-1,00\n;e"),  # days out of order
        head + ";z;-9,00\n" + grouped.removeprefix(head),  # a blank before the first date
        grouped.replace("14/01/2024", "14/13/2024"),  # a day that cannot be read: its rows would get the one before
    ):
        refused = read_csv(folder, broken)
        assert "filled_dates" not in codes(refused)
        assert all(row.date for row in refused.transactions)
        assert "missing_date" in refused.reasons


def test_a_merged_date_holds_for_all_its_rows(folder):
    rows = [["Data", "Descrição", "Valor"], [dt.date(2024, 1, 13), "a", -1], [None, "b", -2], [None, "c", -3]]
    path = folder / "m.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("p")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for i, row in enumerate(rows):
            sheet.write_row(i, 0, row)
        sheet.merge_range("A2:A3", "", day)
        sheet.write_datetime(1, 0, rows[1][0], day)
    parsed = parse_file(path)
    assert [(row.date.day, row.amount_cents) for row in parsed.transactions] == [(13, -100), (13, -200)]
    assert reasons(parsed) == {1: "header_row", 4: "missing_date"}
    assert codes(parsed) == ["merged_cells"]


def _month(month: int) -> list[list[object]]:
    rows = [[dt.date(2021, month, d), f"{month} compra {d}", -d - 0.5, "Telefonia"] for d in range(1, 9)]
    return [
        ["Data", "Descrição", "Valor", "Tipo"],
        *rows,
        [dt.date(2021, month, 20), "Cliente", 900 + month, "Receita"],
    ]


def test_a_result_sheet_that_repeats_the_months_without_signs_is_not_counted_twice(folder):
    months = {"Janeiro": _month(1), "Fevereiro": _month(2)}
    copies = [[a, b, abs(c), d] for rows in months.values() for a, b, c, d in rows[1:]]
    result = [["RESULTADO"], ["Data", "Descrição", "Valor", "Tipo"], *copies, [dt.date(2021, 2, 25), "Só aqui", 5, "x"]]
    alone = read_book(folder, months)
    both = read_book(folder, {**months, "Resultado": result})
    assert amounts(both) == amounts(alone)
    assert both.reasons["repeated_sheet"] == 18
    assert both.reasons["unmatched_copy"] == 1
    assert [row.needs_review for row in both.quarantined if row.reason == "unmatched_copy"] == [True]
    assert "repeated_sheet" in codes(both)


def test_an_unsigned_sheet_of_other_rows_is_kept(folder):
    parsed = read_book(
        folder,
        {
            "Janeiro": _month(1),
            "Receitas": [[a, b, abs(c), d] if i else [a, b, c, d] for i, (a, b, c, d) in enumerate(_month(3))],
        },
    )
    assert len(parsed.transactions) == 18
    assert "repeated_sheet" not in parsed.reasons


def test_equal_rows_of_one_day_are_numbered_within_their_account(folder):
    text = "data;descricao;valor;conta\n"
    text += "13/01/2024;Tarifa;-1,00;1\n" * 2 + "13/01/2024;TARIFA ;-1,00;1\n13/01/2024;Tarifa;-1,00;2\n"
    parsed = read_csv(folder, text)
    assert [row.occurrence for row in parsed.transactions] == [1, 2, 3, 1]
    assert parsed.table == "transactions"


def test_document_numbers_identify_only_if_they_are_long_and_unique(folder):
    head = "data;descricao;valor;documento\n"
    unique = read_csv(folder, head + "13/01/2024;a;-1,00;2024011301\n13/01/2024;b;-1,00;2024011302\n")
    assert [row.fitid for row in unique.transactions] == ["2024011301", "2024011302"]
    for second in ("2024011301", "2"):
        weak = read_csv(folder, head + f"13/01/2024;a;-1,00;2024011301\n13/01/2024;b;-1,00;{second}\n")
        assert {row.fitid for row in weak.transactions} == {""}
        assert weak.transactions[1].extra["document"] == second
        assert "document" in codes(weak)
    fitid = read_csv(folder, "data;descricao;valor;FITID\n13/01/2024;a;-1,00;7\n13/01/2024;b;-1,00;7\n")
    assert [row.fitid for row in fitid.transactions] == ["7", "7"]


def test_company_fields_and_unknown_columns_are_kept_as_extra(folder):
    text = "data;descricao;valor;categoria;Centro de Custo;Departamento;Projeto;Justificativa;Moeda;Cor;\n"
    parsed = read_csv(folder, text + "13/01/2024;a;-1,00;x;cc;dep;pro;porque;usd;azul;\n")
    row = parsed.transactions[0]
    assert row.extra == {
        "cost_center": "cc",
        "department": "dep",
        "project": "pro",
        "justification": "porque",
        "Cor": "azul",
    }
    assert row.currency == "USD"


def test_a_blank_description_takes_the_next_column_that_describes(folder):
    parsed = read_csv(
        folder, "data;fornecedor;valor;detalhamento\n13/01/2024;Loja;-1,00;Papel\n14/01/2024;Loja;-1,00;\n"
    )
    assert [row.description for row in parsed.transactions] == ["papel", "loja"]


def test_rows_with_more_cells_than_the_header_are_not_half_read(folder):
    parsed = read_csv(folder, "data,descricao,valor\n2024-01-13,a,-12,50\n2024-01-13,b,-12\n2024-01-14,c,-13,\n")
    assert reasons(parsed) == {1: "header_row", 2: "ragged_row"}
    assert amounts(parsed) == [-1200, -1300]


def test_a_stray_quote_costs_its_own_row_only(folder):
    text = 'data;descricao;valor\n13/01/2024;"a;-1,00\n13/01/2024;b;-2,00\n13/01/2024;c;-3,00\n'
    parsed = read_csv(folder, text)
    assert amounts(parsed) == [-100, -200, -300]
    assert codes(parsed) == ["broken_quotes"]


def test_text_under_a_workbooks_name_is_read_and_base64_is_refused(folder):
    path = folder / "fresh.xlsx"
    path.write_text("data,descricao,valor\n2024-01-13,a,-1.50\n")
    parsed = parse_file(path)
    assert (parsed.kind, amounts(parsed), codes(parsed)) == ("csv", [-150], ["wrong_name"])
    path.write_text("UEsDBAoAAAAAAIdO4kAAAAAAAAAAAAAAAAAJAAAAZG9jUHJvcHMvUEsDBBQAAAAIAIdO4kD" * 3)
    with pytest.raises(WrongContentError, match="base64"):
        parse_file(path)


def test_ofx_goes_to_its_reader_whatever_the_name(folder):
    path = folder / "t.csv"
    path.write_text(
        "OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>BRL<BANKTRANLIST><STMTTRN>"
        "<TRNTYPE>DEBIT<DTPOSTED>20240113<TRNAMT>-1.50<FITID>1<MEMO>a</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS>"
        "</BANKMSGSRSV1></OFX>"
    )
    parsed = parse_file(path)
    assert (parsed.kind, amounts(parsed)) == ("ofx", [-150])


def test_parquet_rows_are_numbered_by_their_place_and_split_by_sheet(folder):
    path = folder / "t.parquet"
    table = pa.table(
        {
            "aba": ["Jan", "Jan", "Fev"],
            "Data": pa.array([dt.date(2024, 1, 13), None, dt.date(2024, 2, 1)]),
            "Valor": [-1.5, None, -2.0],
            "Descrição": ["a", None, "b"],
        }
    )
    pq.write_table(table, path)
    parsed = parse_file(path)
    assert parsed.raw_count == 3
    assert [(row.source.sheet, row.source.row) for row in parsed.transactions] == [("Jan", 1), ("Fev", 3)]
    assert [(row.sheet, row.row, row.reason) for row in parsed.quarantined] == [("Jan", 2, "blank_row")]


def test_fractions_of_a_cent_are_rounded_and_noted_in_numbers_but_refused_in_text(folder):
    parsed = read_book(
        folder, {"a": [["data", "valor"], [dt.date(2024, 1, 13), -100 / 3], [dt.date(2024, 1, 13), -0.1 - 0.2]]}
    )
    assert amounts(parsed) == [-3333, -30]
    assert "rounded: 1 amounts had fractions of a cent and were rounded half to even." in parsed.notes
    text = read_csv(folder, "data;descricao;valor\n13/01/2024;a;-10,505\n13/01/2024;b;-1,50\n")
    assert reasons(text)[2] == "bad_amount"


@pytest.mark.parametrize("cell", [CellError("#N/A"), "abc", True, dt.date(2024, 1, 1), 1e300, "#VALOR!", 10**30])
def test_what_is_no_amount_is_bad_and_never_zero(cell):
    assert read_money(cell, COMMA).cents is None
    assert read_money(cell, COMMA).problem == "bad_amount"


def test_headers_are_compared_without_accents_case_units_and_punctuation():
    assert [header_key(cell) for cell in ("Observações:", "VALOR (R$)", " Débito/Crédito ", None, 5.0)] == [
        *("observacoes", "valor", "debito credito", "", "")
    ]
    assert find_columns([["Nome", "Idade"], ["a", 1]]) is None


def test_the_header_with_the_most_known_names_wins():
    rows = [["Data", "Valor"], ["Data", "Descrição", "Valor", "Tipo"]]
    assert find_columns(rows).header == 1


def test_a_file_without_a_header_lists_every_row(folder):
    parsed = read_csv(folder, "a;b\n\n1;2\n")
    assert reasons(parsed) == {1: "no_header", 2: "blank_row", 3: "no_header"}
    assert "no_header" in codes(parsed)


def test_limits_and_emptiness_are_checked_before_anything(folder):
    with pytest.raises(FileTooLargeError):
        read_csv(folder, "data;valor\n" * 9, limits=Limits(max_bytes=20))
    with pytest.raises(UnreadableFileError, match="empty"):
        read_csv(folder, "")


def test_bytes_are_hashed_as_they_are(folder):
    parsed = read_csv(folder, "data;descricao;valor\n13/01/2024;a;-1,00\n")
    assert parsed.sha256 == hashlib.sha256((folder / "t.csv").read_bytes()).hexdigest()
