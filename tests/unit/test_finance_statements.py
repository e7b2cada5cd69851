"""Statements and sheets: exact bytes, typed cells, nothing that runs, and the same rows back from the reader."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import FileUnwritableError, InsufficientDataError, InvalidDataError, InvalidParameterError
from contrapeso.finance import Transaction, simulate_company
from contrapeso.finance._ledger import ledger_of
from contrapeso.finance.balances import check_chain, read_rows
from contrapeso.finance.ingest import parse_file
from contrapeso.finance.ingest._ofx import statement_facts
from contrapeso.finance.statements import Written, write_csv, write_ofx, write_xlsx
from contrapeso.tables.reading import read_grids

WRITERS = {"csv": write_csv, "xlsx": write_xlsx, "ofx": write_ofx}
SHEETS = ["csv", "xlsx"]


def row(**changes: object) -> dict[str, object]:
    """A synthetic fee of R$ 12,50, changed by ``changes``."""
    values = {
        "date": dt.date(2024, 5, 6), "amount": -12.5, "description": "TARIFA PACOTE 05/2024", "category": "Tarifas",
        "transaction_type": "debit", "account": "45-1", "bank": "Banco Alameda", "fitid": "", "is_synthetic": True,
        "provenance": {"method": "pattern_based", "parents": [[3, 1.0]], "date": "dia 5, seguinte", "amount": {}},
    }  # fmt: skip
    return values | changes


@pytest.fixture(scope="module")
def company_rows() -> list[dict[str, object]]:
    """Five months of the simulated company, and 80 synthetic rows: the text of one row, the amount of another."""
    truth = simulate_company(months=5).truth
    real = [
        {
            "date": found.date.date(), "description": found.description, "amount": found.amount_cents / 100,
            "category": found.category, "transaction_type": "debit" if found.amount_cents < 0 else "credit",
            "balance": found.balance_cents / 100, "account": found.account, "bank": found.bank, "fitid": found.fitid,
        }
        for found in truth.itertuples()
    ]  # fmt: skip
    rng = np.random.default_rng(0)
    blank = {"fitid": "", "balance": None, "is_synthetic": True}
    made = [
        real[i]
        | {name: real[j][name] for name in ("amount", "transaction_type")}
        | blank
        | {"provenance": {"method": "smote", "parents": [[int(i), 0.5], [int(j), 0.5]]}}
        for i, j in rng.integers(0, len(real), (80, 2))
    ]
    return [*real, *made]


def written(form: str, rows: list[dict], folder: Path, **options: object) -> tuple[Written, tuple[Transaction, ...]]:
    outcome = WRITERS[form](rows, folder / f"arquivo.{form}", **options)
    found = parse_file(outcome.path)
    assert not [refused for refused in found.quarantined if refused.needs_review]
    return outcome, found.transactions


def cents(value: object) -> int:
    return round(Decimal(str(value)) * 100)


def is_synthetic(found: Transaction) -> bool:
    return found.extra.get("is_synthetic") == "sim"


@pytest.mark.parametrize("form", SHEETS)
def test_a_sheet_read_again_has_every_row_in_its_order_with_its_fields_and_mark(form, company_rows, tmp_path) -> None:
    outcome, found = written(form, company_rows, tmp_path)
    assert (outcome.n_rows, outcome.n_synthetic, outcome.n_left_out) == (len(company_rows), 80, 0)
    given = iter(outcome.fitids)
    for row_, back in zip(company_rows, found, strict=True):
        made = bool(row_.get("is_synthetic"))
        assert back.date == row_["date"]
        assert back.amount_cents == cents(row_["amount"])
        assert back.description_raw == row_["description"]
        assert back.category_raw == row_["category"]
        assert (back.bank, back.account) == (row_["bank"], row_["account"])
        assert back.balance_cents == (None if row_["balance"] is None else cents(row_["balance"]))
        assert back.fitid == (next(given) if made else row_["fitid"])
        assert is_synthetic(back) == made


def test_an_ofx_read_again_has_the_synthetic_rows_only_in_exact_shadow_accounts(company_rows, tmp_path) -> None:
    outcome, found = written("ofx", company_rows, tmp_path)
    made = [row_ for row_ in company_rows if row_.get("is_synthetic")]
    assert (outcome.n_rows, outcome.n_left_out) == (80, len(company_rows) - 80)
    assert outcome.notes[0].startswith("real_rows: ")
    assert Counter((t.date, t.amount_cents, t.description_raw) for t in found) == Counter(
        (row_["date"], cents(row_["amount"]), " ".join(row_["description"].split())) for row_ in made
    )
    assert all(is_synthetic(t) and t.fitid.startswith("SYN-") and t.account.startswith("SYN-") for t in found)
    assert {t.bank for t in found} == {"Dados sintéticos"}
    assert Counter(t.fitid for t in found) == Counter(outcome.fitids)
    by_fitid = {t.fitid: t for t in found}
    assert [by_fitid[name].amount_cents for name in outcome.fitids] == [cents(row_["amount"]) for row_ in made]
    assert parse_file(outcome.path).reasons == {}


def test_the_ledger_balance_follows_from_the_opening_and_every_amount(company_rows, tmp_path) -> None:
    outcome, found = written("ofx", company_rows, tmp_path, opening_cents=1_234_56)
    facts = statement_facts(outcome.path.read_bytes())
    assert len(facts) == len({t.account for t in found})
    for fact in facts:
        own = [t for t in found if t.account == fact.account]
        assert fact.ledger_balance_cents == 1_234_56 + sum(t.amount_cents for t in own)
        assert [t.date for t in own] == sorted(t.date for t in own)
        assert (fact.start, fact.end, fact.ledger_date) == (own[0].date, own[-1].date, own[-1].date)


def test_balances_of_a_shadow_account_that_follow_are_kept_and_others_computed_anew(tmp_path) -> None:
    rows = [row(account="SYN-0003", balance=100.0), row(account="SYN-0003", balance=87.5)]
    outcome, _ = written("ofx", rows, tmp_path)
    assert outcome.notes == ()
    assert statement_facts(outcome.path.read_bytes())[0].ledger_balance_cents == 87_50
    outcome, _ = written("ofx", [rows[0], rows[1] | {"balance": 99.0}], tmp_path)
    assert outcome.notes[0].startswith("balances: ")
    assert statement_facts(outcome.path.read_bytes())[0].ledger_balance_cents == 75_00


def test_synthetic_rows_duplicate_no_original_and_real_rows_are_known_as_their_originals(
    company_rows, tmp_path
) -> None:
    made = [row_ for row_ in company_rows if row_.get("is_synthetic")]
    real = [row_ for row_ in company_rows if not row_.get("is_synthetic")]
    originals = identities(written("csv", real, tmp_path / "real")[1])
    exports = [identities(written(form, made, tmp_path / form, run=f"r-{form}")[1]) for form in WRITERS]
    assert len(set().union(originals, *exports)) == len(real) + len(WRITERS) * len(made)
    mixed = identities(written("xlsx", company_rows, tmp_path / "mixed")[1])
    assert len(mixed - originals) == len(made)
    assert originals < mixed


def identities(found: tuple[Transaction, ...]) -> set[tuple]:
    """What makes two rows the same row to the store: the bank's identifier, else the text and its occurrence."""
    return {
        (t.bank, t.account, t.date, t.amount_cents, t.fitid or (t.description, t.occurrence)) for t in found
    }  # fmt: skip


@pytest.mark.parametrize("form", list(WRITERS))
def test_the_same_rows_give_the_same_bytes_and_stay_as_they_are(form, company_rows, tmp_path) -> None:
    before = [dict(row_) for row_ in company_rows]
    first = WRITERS[form](company_rows, tmp_path / f"a.{form}")
    second = WRITERS[form](company_rows, tmp_path / f"b.{form}")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.sha256 == second.sha256
    assert company_rows == before


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\x00"), max_size=40
) | st.sampled_from(
    ["=1+1", "+55 11", "-estorno", "@cmd", "'=x", "a;b", 'a"b', "<&>", "&amp;", "&#65;", "João Ã©", "R$ 5", "07"]
)
LINES = st.lists(st.tuples(st.dates(dt.date(2001, 1, 1), dt.date(2049, 12, 31)), st.integers(-10**11, 10**11), TEXT),
                 min_size=1, max_size=12)  # fmt: skip


def states_no_balance(text: str) -> bool:
    return not re.search("saldo|s a l d o|balance|total|soma", text.casefold())


@settings(max_examples=60, deadline=None)
@given(lines=LINES)
@pytest.mark.parametrize("form", list(WRITERS))
def test_any_text_any_date_and_any_amount_come_back(form: str, lines: list, tmp_path_factory) -> None:
    rows = [row(date=day, amount=Decimal(amount).scaleb(-2), description=text,
                transaction_type="debit" if amount < 0 else "credit") for day, amount, text in lines
            if states_no_balance(text)] or [row()]  # fmt: skip
    _, found = written(form, rows, tmp_path_factory.mktemp("any"))
    shape = (lambda text: " ".join(text.split())) if form == "ofx" else (lambda text: text)
    expected = Counter((r["date"], cents(r["amount"]), guard_lost(shape(r["description"]))) for r in rows)
    assert Counter((t.date, t.amount_cents, guard_lost(shape(t.description_raw))) for t in found) == expected
    assert all(is_synthetic(t) for t in found)


def guard_lost(text: str) -> str:
    """A text that begins as a guard does (``'=``) loses its apostrophe: the reader cannot tell who wrote it."""
    return text[1:] if re.match(r"'[=+\-@]", text) else text


def test_no_cell_of_a_csv_or_workbook_runs_as_a_formula(tmp_path) -> None:
    evil = ['=HYPERLINK("http://x","y")', "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"]
    rows = [row(description=text, category=text, bank=text, note=text, provenance={"method": text}) for text in evil]
    text = write_csv(rows, tmp_path / "a.csv").path.read_text(encoding="utf-8-sig")
    for cells in list(csv.reader(io.StringIO(text), delimiter=";"))[1:]:
        assert not [cell for cell in cells if cell[:1] in "=+@\t\r" and cell]
        assert [cell for cell in cells if cell.startswith("-")] == ["-12,50"]
    book = write_xlsx(rows, tmp_path / "a.xlsx", rules=[{"id": "=1"}]).path
    with zipfile.ZipFile(book) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets" in name]
        assert len(sheets) == 3
        assert not any("<f>" in sheet or "<f " in sheet or "<hyperlink" in sheet for sheet in sheets)


def test_the_csv_is_as_a_brazilian_spreadsheet_wants_it(tmp_path) -> None:
    content = write_csv([row(amount=-1234.56, extra=0.5, flag=True)], tmp_path / "a.csv").path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, line, end = content.decode("utf-8-sig").split("\r\n")
    assert header == "Sintético;Data;Descrição;Valor;Tipo;Categoria;Banco;Conta;FITID;extra;flag"
    assert re.fullmatch(
        r"sim;06/05/2024;TARIFA PACOTE 05/2024;-1234,56;debit;Tarifas;Banco Alameda;45-1;SYN-\w{8}-1;0,5;sim", line
    )
    assert end == ""


def test_the_workbook_has_typed_cells_three_sheets_and_a_mark_that_is_more_than_a_colour(tmp_path) -> None:
    rows = [row(is_synthetic=False, provenance=None, fitid="N240506001"), row(amount=1234.5, balance=99.99)]
    path = write_xlsx(rows, tmp_path / "a.xlsx", rules=[{"id": "sinal", "severity": "hard", "after": 1.0}]).path
    movements, origin, rules = read_grids(path)
    assert [grid.name for grid in (movements, origin, rules)] == ["Lançamentos", "Proveniência", "Regras"]
    header, real, made = movements.rows
    cell = dict(zip(header, made, strict=True))
    assert cell["Sintético"] == "sim"
    assert dict(zip(header, real, strict=True))["Sintético"] == "não"
    assert cell["Data"] == dt.date(2024, 5, 6)
    assert (cell["Valor"], cell["Saldo"]) == (1234.5, 99.99)
    assert isinstance(cell["Valor"], float)
    told = dict(zip(origin.rows[0], origin.rows[1], strict=True))
    assert told["Linha"] == 3
    assert told["FITID"] == cell["FITID"]
    assert told["Método"] == "pattern_based"
    assert told["Linhas de origem e pesos"] == "[[3, 1.0]]"
    assert told["Como surgiu a data"] == "dia 5, seguinte"
    assert rules.rows == (("Regra", "Severidade", "Cumprimento depois de garantir"), ("sinal", "hard", 1.0))
    with zipfile.ZipFile(path) as archive:
        styles = archive.read("xl/styles.xml").decode()
        assert 'formatCode="R$ #,##0.00"' in styles.replace("&quot;", '"')
        assert 'patternType="light' in styles
        assert "2000-01-01T00:00:00Z" in archive.read("docProps/core.xml").decode()


def test_the_sheets_that_explain_are_never_read_as_movements_whatever_is_told(tmp_path) -> None:
    told = {"date": "2024-01-01", "amount": 5, "Data": "x", "Valor": 1, "value date": 3, "nested": {"a": [1, None]}}
    rows = [row(provenance=told), row(provenance=None)]
    path = write_xlsx(rows, tmp_path / "a.xlsx", rules=[{"Data": "2024-01-01", "Valor": 3}]).path
    found = parse_file(path)
    assert len(found.transactions) == 2
    assert set(found.reasons) == {"header_row", "side_table"}


def test_a_workbook_without_rules_or_synthetic_rows_says_so(tmp_path) -> None:
    grids = read_grids(write_xlsx([row(is_synthetic=False, provenance=None)], tmp_path / "a.xlsx").path)
    assert grids[1].rows[1][0] == "Nenhuma linha sintética."
    assert grids[2].rows == (("Regra",), ("Nenhuma regra foi informada.",))


@pytest.mark.parametrize("form", list(WRITERS))
def test_synthetic_identifiers_are_unique_in_their_own_namespace(form, tmp_path) -> None:
    rows = [row(fitid="SYN-run-1"), row(fitid="SYN-x-7"), row(fitid="SYN-x-7"), row(fitid="N2405060001"), row(fitid="")]
    rows += [row(fitid="SYN-run-3", is_synthetic=False)]
    outcome, _ = written(form, rows, tmp_path, run="run")
    assert outcome.fitids == ("SYN-run-1", "SYN-run-2", "SYN-run-4", "SYN-run-5", "SYN-run-6")


@pytest.mark.parametrize("run", ["", "a b", "a;b", "ç", "x" * 201, "a<b"])
def test_a_run_that_makes_no_identifier_is_refused(run: str, tmp_path) -> None:
    with pytest.raises(InvalidParameterError, match="run is made of"):
        write_ofx([row()], tmp_path / "a.ofx", run=run)


@pytest.mark.parametrize("form", SHEETS)
def test_short_or_repeated_numbers_of_real_rows_are_documents_not_identifiers(form, tmp_path) -> None:
    real = {"date": dt.date(2024, 5, 6), "amount": 1.0, "description": "x", "category": "c"}
    rows = [real | {"id": 1}, real | {"id": 2}, real | {"id": None, "is_synthetic": True}]
    _, found = written(form, rows, tmp_path, run="r")
    assert [t.fitid for t in found] == ["", "", "SYN-r-1"]
    assert [t.extra.get("document") for t in found] == ["1", "2", None]


@pytest.mark.parametrize("form", SHEETS)
def test_expense_tables_stay_positive_and_rows_without_any_bank_field_work(form, tmp_path) -> None:
    rows = [{"DATA": "06/05/2024", "VALOR_REEMBOLSADO": 10.5, "TIPO_DESPESA": "Locomoção", "SENADOR": "A"}]
    rows += [rows[0] | {"VALOR_REEMBOLSADO": 3.25, "is_synthetic": True}]
    outcome = WRITERS[form](rows, tmp_path / f"a.{form}")
    assert sorted(t.amount_cents for t in parse_file(outcome.path).transactions) == [325, 1050]
    typed = [{"date": "2024-05-06", "amount": 5.0, "type": kind, "category": "c"} for kind in ("expense", "income")]
    grid = read_grids(WRITERS[form](typed, tmp_path / f"b.{form}").path)[0]
    place = grid.rows[0].index("Valor")
    assert [line[place] for line in grid.rows[1:]] in ([5.0, 5.0], ["5,00", "5,00"])
    assert [t.amount_cents for t in parse_file(tmp_path / f"b.{form}").transactions] == [-500, 500]


def test_an_ofx_needs_synthetic_rows_and_one_currency_for_each_account(tmp_path) -> None:
    with pytest.raises(InsufficientDataError, match="none of the 1 rows"):
        write_ofx([row(is_synthetic=float("nan"))], tmp_path / "a.ofx")
    with pytest.raises(InvalidDataError, match="BRL, USD"):
        write_ofx([row(currency="BRL"), row(currency="USD")], tmp_path / "a.ofx")
    assert not list(tmp_path.iterdir())
    outcome, found = written("ofx", [row(currency="USD")], tmp_path)
    assert outcome.n_rows == 1
    assert found[0].currency == "USD"


def test_a_description_longer_than_the_format_allows_is_cut_and_told(tmp_path) -> None:
    outcome, found = written("ofx", [row(description="ab " * 200)], tmp_path)
    assert outcome.notes[0].startswith("memo_cut: 1 ")
    assert len(found[0].description_raw) <= 255


def test_a_file_appears_whole_or_not_at_all(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("antes")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FileUnwritableError, match="No space left"):
        write_csv([row()], path)
    assert path.read_text() == "antes"
    assert [found.name for found in tmp_path.iterdir()] == ["a.csv"]
    with pytest.raises(FileUnwritableError):
        write_csv([row()], path / "under-a-file.csv")


def test_many_rows_are_written_and_their_chain_is_exact(tmp_path) -> None:
    rng = np.random.default_rng(1)
    days = np.sort(rng.integers(0, 700, 3000))
    rows = [row(date=dt.date(2023, 1, 1) + dt.timedelta(int(day)), amount=int(value) / 100)
            for day, value in zip(days, rng.integers(-10**7, 10**7, 3000), strict=True)]  # fmt: skip
    outcome, found = written("ofx", rows, tmp_path)
    closing = statement_facts(outcome.path.read_bytes())[0].ledger_balance_cents
    assert closing is not None
    moved = np.cumsum([t.amount_cents for t in found])
    opening = closing - int(moved[-1])
    assert opening % 100_00 == 0
    assert opening + moved.min() >= 0
    ledger = ledger_of([t.date for t in found], [t.amount_cents for t in found], ["x"] * 3000,
                       balances=(opening + moved).tolist())  # fmt: skip
    assert check_chain(ledger).continuity == 1.0


def test_a_row_that_its_reader_would_take_for_a_balance_or_a_total_is_told(tmp_path) -> None:
    rows = [row(), row(description="SALDO ANTERIOR"), row(description="Total")]
    for form, n in (("csv", 2), ("xlsx", 2), ("ofx", 1)):
        outcome = WRITERS[form](rows, tmp_path / f"a.{form}")
        assert outcome.notes == (
            f"set_aside: {n} rows will be taken for balances or totals, by their text, when read.",
        )
        assert len(parse_file(outcome.path).transactions) == len(rows) - n


def test_odd_values_of_other_keys_are_written_as_what_they_are(tmp_path) -> None:
    odd = {"tags": ["a", "b"], "when": dt.datetime(2024, 1, 1, 10), "none": float("nan"), "far": float("inf"), "n": 3}  # noqa: DTZ001
    for form, when in (("csv", "01/01/2024 10:00:00"), ("xlsx", "2024-01-01 10:00:00")):
        outcome, (found,) = written(form, [row(**odd)], tmp_path)
        assert found.extra == {"is_synthetic": "sim", "tags": '["a", "b"]', "when": when, "far": "inf", "n": "3"}
        assert outcome.notes == ()


def test_a_text_longer_than_a_cell_is_cut_in_a_workbook_and_told(tmp_path) -> None:
    outcome, (found,) = written("xlsx", [row(description="a" * 40_000)], tmp_path)
    assert outcome.notes[0].startswith("text_cut: 1 ")
    assert len(found.description_raw) == 32_767
    assert len(written("csv", [row(description="a" * 40_000)], tmp_path)[1][0].description_raw) == 40_000


def test_no_rows_make_an_empty_sheet(tmp_path) -> None:
    assert write_csv([], tmp_path / "a.csv").n_rows == write_xlsx([], tmp_path / "a.xlsx").n_rows == 0


TABLES = {
    "ceaps_2020": {
        "date": "DATA", "amount": "VALOR_REEMBOLSADO", "description": "DETALHAMENTO", "category": "TIPO_DESPESA",
    },
    "calderdale_card_2014_2017": {
        "date": "Transaction Date", "amount": "Net Amount", "description": "Supplier Name",
        "category": "Merchant Category Group",
    },
}  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize("name", list(TABLES))
def test_public_tables_without_bank_fields_come_back_from_a_sheet(name: str, form: str, tmp_path, shared_data) -> None:
    roles = TABLES[name]
    frame = pd.read_parquet(shared_data / f"{name}.parquet").dropna(subset=[roles["date"], roles["amount"]])
    rows = frame.iloc[::40].to_dict("records")
    for row_ in rows[::10]:
        row_["is_synthetic"] = True
    table = read_rows(rows, roles)
    back = parse_file(WRITERS[form](rows, tmp_path / f"a.{form}", columns=roles).path)
    refused = sum(refusal.needs_review for refusal in back.quarantined)
    assert len(back.transactions) + refused == len(rows)
    assert refused <= 0.01 * len(rows)
    if not refused:
        signs = {a.cents * b.amount_cents >= 0 for a, b in zip(table.lines, back.transactions, strict=True)}
        assert len(signs) == 1  # a header may say that all are expenses
        assert [abs(t.amount_cents) for t in back.transactions] == [abs(line.cents) for line in table.lines]
        assert [t.date for t in back.transactions] == [line.date for line in table.lines]
    assert sum(map(is_synthetic, back.transactions)) >= len(rows[::10]) - refused
