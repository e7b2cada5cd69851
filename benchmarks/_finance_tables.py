"""The ledgers that the finance benchmarks run on: three real tables and the simulated company, split in time.

Labels of the workbook are canonicalised, its balances and notes left out. Rows of the real tables without a readable
date, amount or category are left out too. The split is by day: the last 30 % of the rows are later rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

from benchmarks._choose_sets import SHARED
from contrapeso.finance import apply_labels, propose_labels, simulate_company
from contrapeso.finance._ledger import Ledger, ledger_of

LATER_SHARE = 0.3
LEAST_ROWS = 12
"""Rows of a category in the training slice and in the later one, below which it is not measured."""


def _ledger(frame: pd.DataFrame, currency: str) -> Ledger:
    """Ledger of the columns day, cents, text, category, account of the rows that have them all, in order of days."""
    kept = frame.dropna(subset=["day", "cents", "category"])
    kept = kept[kept["category"].astype(str).str.strip() != ""].sort_values("day", kind="stable")
    return ledger_of(
        kept["day"].to_numpy("datetime64[D]"), kept["cents"].astype(np.int64).to_numpy(), kept["text"].fillna(""),
        categories=kept["category"].astype(str), accounts=kept["account"], currency=currency,
    )  # fmt: skip


def workbook() -> Ledger:
    """``mc_2021``: the workbook of one small firm."""
    frame = pd.read_parquet(SHARED / "mc_2021.parquet")
    labels = frame["Tipo"]
    applied = apply_labels(labels, propose_labels(labels).decisions())
    cents = (pd.to_numeric(frame["Valor"], errors="coerce") * 100).round()
    days = pd.to_datetime(frame["Data"], errors="coerce")
    columns = {"day": days, "cents": cents, "text": frame["Descrição"], "category": applied, "account": ""}
    return _ledger(pd.DataFrame(columns), "BRL")


def senate() -> Ledger:
    """``ceaps_2020``: expenses of senators, all positive; the days of 2020."""
    frame = pd.read_parquet(SHARED / "ceaps_2020.parquet")
    days = pd.to_datetime(frame["DATA"], format="%d/%m/%Y", errors="coerce")
    days = days.where((days >= "2020-01-01") & (days < "2021-01-01"))
    text = frame["FORNECEDOR"].fillna("") + " " + frame["DETALHAMENTO"].fillna("").str.slice(0, 60)
    columns = {
        "day": days, "cents": (frame["VALOR_REEMBOLSADO"] * 100).round(), "text": text.str.strip(),
        "category": frame["TIPO_DESPESA"].str.slice(0, 40), "account": "",
    }  # fmt: skip
    return _ledger(pd.DataFrame(columns), "BRL")


def council() -> Ledger:
    """``calderdale``: purchasing cards of a British council, 2014 to 2017."""
    frame = pd.read_parquet(SHARED / "calderdale_card_2014_2017.parquet")
    days = pd.to_datetime(frame["Transaction Date"], errors="coerce")
    days = days.where((days >= "2014-01-01") & (days < "2018-01-01"))
    columns = {
        "day": days, "cents": (frame["Net Amount"] * 100).round(), "text": frame["Supplier Name"],
        "category": frame["Merchant Category Group"], "account": "",
    }  # fmt: skip
    return _ledger(pd.DataFrame(columns), "GBP")


def company(seed: int = 2026, months: int = 24) -> Ledger:
    """The simulated company with its true categories."""
    truth = simulate_company(seed, months).truth
    columns = {
        "day": truth["date"], "cents": truth["amount_cents"], "text": truth["description"],
        "category": truth["category"], "account": truth["account"],
    }  # fmt: skip
    return _ledger(pd.DataFrame(columns), "BRL")


TABLES: dict[str, Callable[[], Ledger]] = {
    "mc_2021": workbook,
    "ceaps_2020": senate,
    "calderdale": council,
    "company 2026": company,
    "company 7": lambda: company(7),
    "company 11": lambda: company(11),
}


@cache
def opened(name: str) -> Ledger:
    """The ledger of a name."""
    return TABLES[name]()


@cache
def split(name: str) -> tuple[Ledger, Ledger]:
    """Training and later rows; a day is in one of them."""
    ledger = opened(name)
    cut = np.sort(ledger.days)[int((1 - LATER_SHARE) * len(ledger))]
    return ledger.take(ledger.days < cut), ledger.take(ledger.days >= cut)


def measured_categories(train: Ledger, later: Ledger) -> list[str]:
    """Categories with enough rows on both sides to measure anything."""
    counts = [pd.Series(side.categories).value_counts() for side in (train, later)]
    return sorted(name for name, n in counts[0].items() if n >= LEAST_ROWS and counts[1].get(name, 0) >= LEAST_ROWS)


__all__ = ["TABLES", "measured_categories", "opened", "split"]
