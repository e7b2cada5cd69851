"""The example company: plausible to an accountant, exact to the centavo, the same every time."""

import os
import re
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dateutil.easter import easter as easter_of_dateutil
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.example import (
    CATEGORIES,
    ExampleCompany,
    simulate_company,
    write_company,
)
from contrapeso.finance.example._calendar import easter, following, holidays, is_bank_day, payday, preceding
from contrapeso.finance.example._cast import ACCOUNTS
from contrapeso.finance.example._files import plan_files
from contrapeso.finance.example._typing import NOTES

CLOSED_2024 = "01-01 02-12 02-13 03-29 04-21 05-01 05-30 09-07 10-12 11-02 11-15 11-20 12-25"
CLOSED_2025 = "01-01 03-03 03-04 04-18 04-21 05-01 06-19 09-07 10-12 11-02 11-15 11-20 12-25"


@pytest.fixture(scope="module", params=[2026, 7, 11])
def company(request: pytest.FixtureRequest) -> ExampleCompany:
    return simulate_company(request.param)


@pytest.fixture(scope="module")
def truth(company: ExampleCompany) -> pd.DataFrame:
    return company.truth


@given(st.integers(1900, 2199))
def test_easter_agrees_with_dateutil(year: int) -> None:
    assert easter(year) == easter_of_dateutil(year)


@pytest.mark.parametrize(("year", "days"), [(2024, CLOSED_2024), (2025, CLOSED_2025)])
def test_bank_holidays_are_those_of_the_published_calendars(year: int, days: str) -> None:
    assert holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in days.split()}


@given(st.dates(date(2023, 1, 1), date(2033, 12, 31)))
def test_rolling_ends_on_the_nearest_bank_day_of_its_side(day: date) -> None:
    later, earlier = following(day), preceding(day)
    assert is_bank_day(later)
    assert is_bank_day(earlier)
    assert earlier <= day <= later
    assert not any(is_bank_day(day + timedelta(days=i)) for i in range((later - day).days))
    assert not any(is_bank_day(day - timedelta(days=i)) for i in range((day - earlier).days))


@pytest.mark.parametrize(
    ("year", "month", "day"), [(2024, 1, 5), (2024, 6, 6), (2024, 11, 7), (2025, 3, 7), (2025, 5, 7), (2025, 8, 6)]
)
def test_payday_is_the_fifth_working_day_counted_on_the_calendar_by_hand(year: int, month: int, day: int) -> None:
    # Jan 2024: 2 3 4 5 6(Sat) -> Friday 5. Jun 2024: 1(Sat) 3 4 5 6. Nov 2024: 1 4 5 6 7, the 2nd a holiday.
    # Mar 2025: 1(Sat) 5 6 7 8(Sat) -> Friday 7, after Carnival.
    assert payday(year, month) == date(year, month, day)


def test_it_has_about_three_thousand_movements_in_fourteen_categories(truth: pd.DataFrame) -> None:
    shares = truth["category"].value_counts(normalize=True)
    assert 2_900 <= len(truth) <= 3_300
    assert set(shares.index) == set(CATEGORIES)
    assert len(CATEGORIES) == 14
    assert 0 < shares.iloc[-1] < 0.01
    assert shares.index[-1] == "Aporte"
    assert 0.4 <= shares.iloc[0] <= 0.6
    assert truth["date"].min() == pd.Timestamp(2024, 1, 2)
    assert truth["date"].dt.to_period("M").nunique() == 24


def test_only_pix_is_posted_when_banks_are_closed_and_on_saturdays_only(truth: pd.DataFrame) -> None:
    closed = truth[[not is_bank_day(day.date()) for day in truth["date"]]]
    assert set(closed["kind"]) == {"pix_in"}
    assert set(closed["bank"]) == {"Cooperativa Serra Azul"}
    assert set(closed["date"].dt.weekday) == {5}


def test_balances_are_the_opening_balance_plus_every_amount_so_far(truth: pd.DataFrame) -> None:
    for account in ACCOUNTS.values():
        rows = truth[truth["account"] == account.number]
        assert (rows["balance_cents"] == account.opening_cents + rows["amount_cents"].cumsum()).all()


def test_banks_post_credits_first_and_their_fees_last(truth: pd.DataFrame) -> None:
    fee = truth["category"] == "Tarifas Bancárias"
    turn = pd.Series(np.where(truth["amount_cents"] > 0, 0, np.where(fee, 2, 1)), index=truth.index)
    assert turn.groupby([truth["account"], truth["date"]]).agg(lambda day: day.is_monotonic_increasing).all()
    assert truth["date"].is_monotonic_increasing


def test_amounts_are_whole_centavos_and_their_sign_follows_the_category(truth: pd.DataFrame) -> None:
    assert truth["amount_cents"].dtype == np.int64
    assert (truth["amount_cents"] != 0).all()
    signs = truth.groupby("category")["amount_cents"].agg(["min", "max"])
    coming_in = ["Receita de Vendas", "Aporte"]
    assert (signs.loc[coming_in, "min"] > 0).all()
    assert (signs.drop(index=[*coming_in, "Tarifas Bancárias"])["max"] < 0).all()  # fees are given back now and then


def test_sales_have_a_heavy_tail(truth: pd.DataFrame) -> None:
    sales = truth.loc[truth["category"] == "Receita de Vendas", "amount_cents"]
    assert sales.quantile(0.99) > 12 * sales.median()
    assert sales.nlargest(len(sales) // 100).sum() > 0.1 * sales.sum()


def test_partners_take_round_amounts_and_taxes_are_not_round(truth: pd.DataFrame) -> None:
    whole_tens = (truth["amount_cents"] % 10_00 == 0).groupby(truth["category"]).mean()
    assert whole_tens["Retirada de Sócio"] == 1
    assert whole_tens["Aporte"] == 1
    assert whole_tens["Impostos / Tributos"] < 0.05
    assert 0.1 < whole_tens["Receita de Vendas"] < 0.5


def test_subscriptions_have_price_points(truth: pd.DataFrame) -> None:
    assert truth.loc[truth["category"] == "Assinaturas", "amount_cents"].nunique() <= 8


def test_das_is_a_fixed_share_of_the_sales_of_the_month_before_on_day_20_or_after(truth: pd.DataFrame) -> None:
    month = truth["date"].dt.to_period("M")
    sales = truth[truth["category"] == "Receita de Vendas"].groupby(month)["amount_cents"].sum()
    das = truth[truth["kind"] == "das"].assign(month=month).set_index("month")
    assert len(das) == 24
    assert all(day.date() == following(day.date().replace(day=20)) for day in das["date"])
    for period, row in das.iloc[1:].iterrows():
        assert row["amount_cents"] == -round(sales[period - 1] * 0.0672)
        assert row["description"].endswith(f"{(period - 1).month:02d}/{(period - 1).year}")


def test_wages_are_paid_on_payday(truth: pd.DataFrame) -> None:
    wages = truth[truth["kind"] == "wage"]
    assert len(wages) == 4 * 24
    assert all(day.date() == payday(day.year, day.month) for day in wages["date"])


def test_no_doc_after_banks_stopped_to_take_it_and_none_above_its_limit(truth: pd.DataFrame) -> None:
    doc = truth[truth["description"].str.contains(r"\bDOC\b")]
    assert (doc["date"] <= "2024-02-29").all()
    assert (doc["amount_cents"] <= 4_999_99).all()


def test_one_description_can_mean_two_categories(truth: pd.DataFrame) -> None:
    meanings = truth.groupby("description")["category"].agg(set)
    ambiguous = meanings[meanings.map(len) > 1]
    assert {"Retirada de Sócio", "Reembolso"} in ambiguous.tolist()
    assert {"Fornecedores", "Despesas Operacionais"} in ambiguous.tolist()


def test_two_equal_fees_on_one_day_occur(truth: pd.DataFrame) -> None:
    fees = truth[truth["category"] == "Tarifas Bancárias"]
    assert fees.duplicated(["account", "date", "amount_cents", "description"]).sum() >= 5


def test_late_bills_cost_fine_and_interest_on_the_day_they_are_paid(truth: pd.DataFrame) -> None:
    late = truth[truth["kind"] == "late_fee"]
    paid = truth[truth["kind"] == "boleto_out"].groupby(["account", "date"])["amount_cents"].agg(list)
    assert len(late) >= 5
    for row in late.itertuples():
        assert any(0.02 <= row.amount_cents / bill <= 0.027 for bill in paid[row.account, row.date])


def test_identifiers_are_unique_in_their_account(truth: pd.DataFrame) -> None:
    banks = truth[truth["fitid"] != ""]
    assert not banks.duplicated(["account", "fitid"]).any()
    assert set(truth.loc[truth["fitid"] == "", "bank"]) == {"Carteira Tucunã"}


def test_longer_simulations_begin_with_the_shorter_ones() -> None:
    short, long = (simulate_company(5, months=months).movements for months in (12, 24))
    before_the_web_shop = [row for row in short if row.date < date(2024, 10, 1)]
    assert len(before_the_web_shop) > 1_000
    assert list(long[: len(before_the_web_shop)]) == before_the_web_shop


@pytest.mark.parametrize("months", [1, 2, 5, 14, 36])
def test_every_length_gives_files_that_hold_every_movement(months: int, tmp_path: Path) -> None:
    company = simulate_company(1, months=months)
    statements = [file for file in company.expected.values() if file.table == "transactions"]
    books = [file for file in company.expected.values() if file.table == "company_financial"]
    assert sum(file.new for file in statements) == len(company.movements)
    assert sum(file.transactions + file.errors for file in books) == len(company.movements)
    assert sum(file.errors for file in books) == 1
    assert [path.name for path in write_company(company, tmp_path)] == list(company.expected)


@pytest.mark.parametrize("months", [0, -3, 121])
def test_months_outside_the_rule_are_an_error(months: int) -> None:
    with pytest.raises(InvalidParameterError, match=f"got {months}"):
        simulate_company(months=months)


def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    contents = [
        [path.read_bytes() for path in write_company(simulate_company(seed, months=7), tmp_path / str(n))]
        for n, seed in enumerate((3, 3, 4))
    ]
    assert contents[0] == contents[1]
    assert all(one != other for one, other in zip(contents[0], contents[2], strict=True))


def test_the_bytes_do_not_depend_on_the_hash_seed_of_the_process() -> None:
    code = (
        "import hashlib; from contrapeso.finance.example import simulate_company\n"
        "from contrapeso.finance.example._files import plan_files\n"
        "files = plan_files(simulate_company(3, months=2))\n"
        "print(hashlib.sha256(b''.join(file.content() for file in files)).hexdigest())"
    )
    runs = (
        subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, stdout=-1, check=True)
        for seed in ("1", "2")
    )
    assert len({run.stdout for run in runs}) == 1


def test_files_overlap_and_stay_small(company: ExampleCompany) -> None:
    files = plan_files(company)
    assert sum(len(file.content()) for file in files) < 2_000_000
    assert Counter(file.expected.kind for file in files) == {"ofx": 6, "xlsx": 2, "csv": 1}
    assert sum(file.expected.duplicates > 0 for file in files) == 4


def test_one_statement_lies_about_its_charset_and_has_no_closing_tags(company: ExampleCompany) -> None:
    data = {file.name: file.content() for file in plan_files(company)}
    liar, honest = data["extrato-alameda-2024-1sem.ofx"], data["extrato-serra-azul-2024.ofx"]
    assert b"ENCODING:UTF-8" in liar
    assert b"</MEMO>" not in liar
    with pytest.raises(UnicodeDecodeError):
        liar.decode("utf-8")
    assert honest.decode("utf-8").count("</MEMO>") == company.expected["extrato-serra-azul-2024.ofx"].transactions


def test_statements_state_the_balance_of_their_last_movement(company: ExampleCompany) -> None:
    for file in plan_files(company):
        if file.expected.kind == "ofx":
            text = file.content().decode("cp1252" if "alameda" in file.name else "utf-8")
            cents = [round(float(found) * 100) for found in re.findall(r"<TRNAMT>(-?\d+\.\d\d)", text)]
            assert sum(cents) == file.expected.total_cents
            end = re.search(r"<DTEND>(\d{8})", text)
            rows = [m for m in company.movements if m.bank in text and f"{m.date:%Y%m%d}" <= end[1]]
            assert f"<BALAMT>{rows[-1].balance_cents / 100:.2f}" in text


def test_a_twentieth_of_the_labels_is_typed_oddly_and_some_are_notes(company: ExampleCompany) -> None:
    labels = sum((Counter(f.labels) for f in company.expected.values() if f.kind == "xlsx"), Counter())
    odd = sum(count for label, count in labels.items() if label is not None and label not in CATEGORIES)
    assert 0.03 <= odd / labels.total() <= 0.07
    assert 0 < labels[None] < 0.01 * labels.total()
    plain = [note for note in NOTES if "{" not in note]
    assert all(labels[note] >= 1 for note in plain)


def _check_digits(digits: str, first: range) -> bool:
    """Whether the last two digits are those of a CPF (weights 10.., 11..) or CNPJ, by the published rule."""
    body = digits[:-2]
    for _ in range(2):
        weights = [first[i % len(first)] for i in range(len(body))]
        rest = sum(int(d) * w for d, w in zip(reversed(body), weights, strict=True)) % 11
        body += str(0 if rest < 2 else 11 - rest)
    return body == digits


def test_the_checker_of_documents_knows_documents() -> None:
    assert _check_digits("52998224725", range(2, 13))  # the worked example of the CPF rule
    assert _check_digits("11222333000181", range(2, 10))  # the worked example of the CNPJ rule
    assert not _check_digits("52998224726", range(2, 13))


def test_no_text_holds_a_valid_cpf_or_cnpj(company: ExampleCompany) -> None:
    texts = [row.description for row in company.movements] + [row.fitid for row in company.movements]
    texts += [f"{account.bank} {account.branch} {account.number}" for account in ACCOUNTS.values()]
    for text in set(texts):
        for found in re.findall(r"\d[\d./-]*\d", text):
            digits = re.sub(r"\D", "", found)
            assert not (len(digits) == 11 and _check_digits(digits, range(2, 13))), text
            assert not (len(digits) == 14 and _check_digits(digits, range(2, 10))), text
    assert any("***." in text for text in texts)


def test_descriptions_fit_what_banks_print(truth: pd.DataFrame) -> None:
    alameda = truth[truth["bank"] == "Banco Alameda"]["description"]
    assert alameda.str.len().max() <= 36
    assert (alameda == alameda.str.upper()).all()
    assert (truth["description"] == truth["description"].str.strip()).all()
