"""The policies of balances: nothing stated, exact chains in accounts of their own, one chain with the real rows."""

from __future__ import annotations

import copy
import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError
from contrapeso.finance._ledger import Drafts, Ledger, ledger_of
from contrapeso.finance.balances import (
    balance_rows,
    check_chain,
    in_shadow_accounts,
    order_within_days,
    read_rows,
    rebase,
    with_balances,
    without_balances,
)

DAY = st.dates(dt.date(2023, 1, 1), dt.date(2023, 3, 31))
MOVEMENTS = st.lists(
    st.tuples(DAY, st.integers(-500_000, 500_000), st.sampled_from(["", "45-1", "7203-8"])), max_size=25
)


def drafts_of(movements: list[tuple[dt.date, int, str]]) -> Drafts:
    n = len(movements)
    ledger = ledger_of(
        np.array([m[0] for m in movements], dtype="datetime64[D]"), [m[1] for m in movements], ["x"] * n,
        accounts=[m[2] for m in movements],
    )  # fmt: skip
    return Drafts(ledger, np.full((n, 1), -1), np.ones((n, 1)), tuple({"method": "x"} for _ in range(n)))


def intact(movements: list[tuple[dt.date, int, str]]) -> Ledger:
    """The movements as real rows by day, each with its balance."""
    made = in_shadow_accounts(drafts_of(sorted(movements, key=lambda m: m[0])), opening_cents=777).ledger
    names = [m[2] for m in sorted(movements, key=lambda m: m[0])]
    return ledger_of(made.days, made.cents, made.descriptions, accounts=names, balances=made.balances.tolist())


@given(MOVEMENTS)
def test_shadow_accounts_have_an_exact_chain_no_real_name_and_no_balance_below_zero(movements: list) -> None:
    drafts = drafts_of(movements)
    made = in_shadow_accounts(drafts, real=drafts.ledger)
    ledger = made.ledger
    chain = check_chain(ledger, np.argsort(ledger.days, kind="stable"))
    assert chain.n_held == chain.n_links
    assert chain.n_links == max(len(movements) - len(set(ledger.accounts)), 0)
    assert ledger.balance_known.all()
    assert (ledger.balances >= 0).all()
    assert not set(ledger.accounts) & {"", "45-1", "7203-8"}
    assert all(name.startswith("SYN-") for name in ledger.accounts)
    np.testing.assert_array_equal(ledger.cents, drafts.ledger.cents)
    assert all(trace["balance"]["policy"] == "shadow" and trace["method"] == "x" for trace in made.traces)
    for account in set(ledger.accounts):
        opening = {t["balance"]["opening_cents"] for t in made.traces if t["balance"]["account"] == account}
        assert len(opening) == 1
        assert opening.pop() % 100_00 == 0


def test_shadow_names_keep_clear_of_names_that_are_taken() -> None:
    drafts = drafts_of([(dt.date(2024, 5, 6), 1, "45-1"), (dt.date(2024, 5, 6), 1, "SYN-0007")])
    real = drafts_of([(dt.date(2024, 5, 6), 1, "SYN-0001")]).ledger
    assert in_shadow_accounts(drafts, real=real).ledger.accounts.tolist() == ["SYN-0002", "SYN-0007"]
    assert in_shadow_accounts(drafts, opening_cents=5).ledger.balances.tolist() == [6, 6]


@given(MOVEMENTS, MOVEMENTS)
def test_rebase_gives_one_exact_chain_over_real_and_new_rows_and_keeps_what_the_bank_stated(
    old: list, new: list
) -> None:
    real, drafts = intact(old), drafts_of(new)
    found = rebase(real, drafts)
    whole = ledger_of(
        np.concatenate([found.real.days, found.drafts.ledger.days]),
        np.concatenate([found.real.cents, found.drafts.ledger.cents]),
        ["x"] * (len(old) + len(new)),
        accounts=[*found.real.accounts, *found.drafts.ledger.accounts],
        balances=[
            int(balance) if known else None
            for ledger in (found.real, found.drafts.ledger)
            for balance, known in zip(ledger.balances, ledger.balance_known, strict=True)
        ],
    )
    chain = check_chain(whole, found.order)
    assert chain.n_held == chain.n_links
    assert found.n_breaks == 0
    np.testing.assert_array_equal(found.original, real.balances)
    assert set(found.without) == {m[2] for m in new} - {m[2] for m in old}
    assert found.drafts.ledger.balance_known.tolist() == [m[2] in {o[2] for o in old} for m in new]
    if not new:
        np.testing.assert_array_equal(found.real.balances, real.balances)


def test_rebase_says_how_many_links_of_the_bank_were_broken_already() -> None:
    real = ledger_of(["2024-05-06", "2024-05-07"], [100, 100], ["a", "b"], balances=[1100, 9999])
    found = rebase(real, drafts_of([]))
    assert found.n_breaks == 1
    assert found.real.balances.tolist() == [1100, 1200]
    assert found.original.tolist() == [1100, 9999]


def test_rebase_continues_the_order_that_the_balances_tell_not_the_file_order() -> None:
    real = ledger_of(["2024-05-06"] * 2, [-30, 50], ["a", "b"], balances=[120, 150])
    found = rebase(real, drafts_of([(dt.date(2024, 5, 6), 5, "")]))
    assert found.order.tolist() == [1, 0, 2]
    assert found.drafts.ledger.balances.tolist() == [125]
    assert order_within_days(real)[0].tolist() == [1, 0]


def test_policies_have_one_door_and_unknown_ones_are_refused() -> None:
    drafts = drafts_of([(dt.date(2024, 5, 6), 5, "")])
    assert not with_balances(drafts, "null").ledger.balance_known.any()
    assert without_balances(drafts).traces[0]["balance"] == {"policy": "null"}
    assert with_balances(drafts, "shadow").ledger.balances.tolist() == [5]
    real = ledger_of(["2024-05-05"], [1], ["a"], balances=[101])
    assert with_balances(drafts, "rebase", real=real).ledger.balances.tolist() == [106]
    with pytest.raises(InvalidParameterError, match="real="):
        with_balances(drafts, "rebase")
    with pytest.raises(InvalidParameterError, match="null, shadow, rebase"):
        with_balances(drafts, "zero")  # type: ignore[arg-type]
    with pytest.raises(InvalidParameterError, match="null, shadow, rebase"):
        balance_rows([], "zero")  # type: ignore[arg-type]


REAL = {"data": "06/05/2024", "descricao": "PIX", "valor": "10,00", "saldo": "60,00", "conta": "45-1"}
MADE = {
    "data": "06/05/2024",
    "descricao": "TARIFA",
    "valor": "-2,50",
    "saldo": None,
    "conta": "45-1",
    "is_synthetic": True,
}


def test_rows_keep_keys_order_and_types_and_the_given_ones_stay_as_they_are() -> None:
    rows = [dict(REAL), dict(MADE)]
    before = copy.deepcopy(rows)
    rebased = balance_rows(rows, "rebase")
    assert rebased[0] == REAL | {"balance_original": "60,00"}
    assert rebased[1] == MADE | {"saldo": "57,50"}
    shadow = balance_rows(rows, "shadow")
    assert shadow[0] == REAL
    assert shadow[1] == MADE | {"saldo": "97,50", "conta": "SYN-0001"}
    assert balance_rows(rows, "null") == rows == before


@pytest.mark.parametrize(
    ("amount", "balance", "expected"),
    [
        (10.0, 60.0, 57.5), (Decimal("10.00"), Decimal("60.00"), Decimal("57.50")), ("10.00", "60.00", "57.50"),
        (10, 60, 57.5), (np.float64(10), np.float64(60), 57.5),
    ],
)  # fmt: skip
def test_new_balances_are_written_in_the_type_of_the_stated_ones(
    amount: object, balance: object, expected: object
) -> None:
    real = {"date": dt.date(2024, 5, 6), "amount": amount, "balance": balance}
    less = type(amount)("-2.50") if isinstance(amount, (str, Decimal)) else -2.5
    made = {"date": dt.date(2024, 5, 6), "amount": less, "balance": None, "is_synthetic": True}
    found = balance_rows([real, made], "rebase")[1]["balance"]
    assert found == expected
    assert type(found) is type(expected)


def test_whole_centavos_stay_whole_centavos() -> None:
    real = {"date": dt.date(2024, 5, 6), "amount_cents": 1000, "balance_cents": 6000}
    made = {"date": dt.date(2024, 5, 6), "amount_cents": -250, "balance_cents": None, "is_synthetic": True}
    assert balance_rows([real, made], "rebase")[1]["balance_cents"] == 5750


@pytest.mark.parametrize(
    ("row", "cents"),
    [
        ({"date": "2024-05-06", "amount": "R$ 1.234,56"}, 123456),
        ({"date": dt.datetime(2024, 5, 6, 12), "amount": -0.29}, -29),  # noqa: DTZ001
        ({"Date": pd.Timestamp("2024-05-06"), "Amount": np.int64(3)}, 300),
        ({"DATA": np.datetime64("2024-05-06"), "VALOR_REEMBOLSADO": Decimal("4.95")}, 495),
        ({"data": "06.05.2024", "valor": "(12,00)"}, -1200),
    ],
)
def test_dates_and_amounts_are_read_in_any_usual_form(row: dict, cents: int) -> None:
    line = read_rows([row]).lines[0]
    assert (line.date, line.cents, line.synthetic) == (dt.date(2024, 5, 6), cents, False)


@pytest.mark.parametrize(
    ("mark", "synthetic"),
    [
        (True, True), (np.True_, True), (1, True), ("sim", True),
        (False, False), (None, False), (float("nan"), False), ("não", False),
    ],
)  # fmt: skip
def test_only_a_true_mark_makes_a_row_synthetic(mark: object, synthetic: bool) -> None:
    row = {"date": "2024-05-06", "amount": 1, "is_synthetic": mark}
    assert read_rows([row]).lines[0].synthetic is synthetic


def test_amounts_without_a_sign_take_it_from_the_type_and_are_known_as_such() -> None:
    rows = [
        {"date": "2024-05-06", "amount": 5, "type": "débito"},
        {"date": "2024-05-06", "amount": 7, "type": "credito"},
    ]
    table = read_rows(rows)
    assert [line.cents for line in table.lines] == [-500, 700]
    assert table.unsigned
    book = read_rows([{"Data": "2024-05-06", "Valor": 5, "Tipo": "Telefonia"}])
    assert book.lines[0].category == "Telefonia"
    assert not book.unsigned


@pytest.mark.parametrize(
    "bad",
    [
        {"amount": None}, {"amount": float("nan")}, {"amount": "abc"}, {"amount": True}, {"amount": float("inf")},
        {"date": None}, {"date": pd.NaT}, {"date": "2024-13-01"},
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_named_never_lost(bad: dict) -> None:
    good = {"date": "2024-05-06", "amount": 1.0}
    with pytest.raises(InvalidDataError, match=r"rows from 0: 1"):
        read_rows([good, good | bad])


def test_missing_and_misnamed_columns_say_what_is_there() -> None:
    with pytest.raises(ColumnNotFoundError, match="columns="):
        read_rows([{"when": "2024-05-06", "amount": 1}])
    assert read_rows([{"when": "2024-05-06", "amount": 1}], {"date": "when"}).lines[0].cents == 100
    with pytest.raises(ColumnNotFoundError, match="'wen'"):
        read_rows([{"when": "2024-05-06", "amount": 1}], {"date": "wen"})
    with pytest.raises(InvalidParameterError, match="none of date"):
        read_rows([{"date": "2024-05-06", "amount": 1}], {"colour": "date"})
