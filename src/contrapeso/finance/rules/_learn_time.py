"""Rules about time, learned: business days, the day law of each kind of row, months, rhythm, and running balances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np

from contrapeso.finance.calendar import FIRST_DAY, LAST_DAY, BankCalendar
from contrapeso.finance.rules._candidates import Candidate, Mine, name_of, quoted, slug
from contrapeso.finance.rules._chance import binomial_p
from contrapeso.finance.rules._laws_time import CalendarLaw
from contrapeso.finance.rules._learn_columns import _groups
from contrapeso.finance.rules._params import read_law
from contrapeso.finance.rules._values import Bools, Ints

LEAST_DAYS = 6
_PER_MONTH = 21.0
_ROLLS = ("following", "preceding", "none")


def time_rules(mine: Mine) -> Iterator[Candidate]:
    """Candidates of every kind about time."""
    if mine.table.has("balance") and (mine.table.has("amount")):
        key = ["account"] if mine.table.has("account") else []
        yield Candidate({"id": "saldo_aprendido", "type": "running_balance", **({"key": key} if key else {})})
    if not mine.table.has("date"):
        return
    when = mine.table.days("date")
    known = ~when.missing
    days = when.data.astype(np.int64)
    if known.sum() < mine.least_support:
        return
    yield from _business_days(mine, days, known)
    laws, payees = _laws_table(days, mine.table.calendar), _payees(mine)
    kinds = mine.kinds_of_rows if "template" in mine.kinds_of_rows else mine.kinds_of_rows | payees
    for column, (codes, words) in kinds.items():
        for rows, when_, name in _named(mine, column, np.where(known, codes, -1), words):
            yield from _day_law(mine, days[rows], laws, when_, name)
            yield from _months(mine, days[rows], when_, name)
    for column, (codes, words) in payees.items():  # a category has room for more rows, a series has not
        for rows, when_, name in _named(mine, column, np.where(known, codes, -1), words):
            yield from _rhythm(days[rows], column, when_, name)


def _named(mine: Mine, column: str, codes: Ints, words: list[str]) -> Iterator[tuple[Ints, str, str]]:
    """Rows of each kind that has enough of them, the condition that names it, and an id."""
    for code, rows in _groups(codes):
        word = quoted(words[code])
        if len(rows) >= mine.least_support and word is not None:
            yield rows, f"{name_of(column)} == {word}", slug(column, words[code])


def _payees(mine: Mine) -> dict[str, tuple[Ints, list[str]]]:
    """Counterparties by the words of the description; those that name people are left out."""
    if "description" not in mine.columns:
        return {}
    from contrapeso.finance.privacy import name_words

    values, people = mine.table.column("payee"), name_words()
    words = [str(word) for word in values.words]
    named = np.array([not people.isdisjoint(word.split()) for word in words] or [True], dtype=bool)
    codes = np.where(values.missing, 0, values.data).astype(np.int64)
    return {"payee": (np.where(values.missing | named[codes], -1, codes), words)}


def _business_days(mine: Mine, days: Ints, known: Bools) -> Iterator[Candidate]:
    """Whether rows are on business days: all of them, or some categories, or instruments."""
    open_ = np.zeros(len(days), dtype=bool)
    open_[known] = mine.table.calendar.business.contains(days[known].astype("datetime64[D]"))
    base = {"type": "calendar", "business_day": True}
    share = float(open_[known].mean())
    distinct = np.unique(days[known])
    chance = float(
        mine.table.calendar.business.contains(np.arange(distinct[0], distinct[-1] + 1).astype("datetime64[D]")).mean()
    )
    if share >= mine.hard:
        hits = int(mine.table.calendar.business.contains(distinct.astype("datetime64[D]")).sum())
        yield Candidate({**base, "id": "dias_uteis"}, binomial_p(hits, len(distinct), chance))
        return
    for column, (codes, words) in mine.kinds_of_rows.items():
        sure: list[tuple[str, float]] = []
        for code, rows in _groups(np.where(known, codes, -1)):
            word = quoted(words[code])
            if len(rows) < mine.least_support or word is None or open_[rows].mean() < mine.hard:
                continue
            own, first = np.unique(days[rows], return_index=True)
            p_value = binomial_p(int(open_[rows][first].sum()), len(own), chance)
            if p_value < 0.01:
                sure.append((word, p_value))
        for start in range(0, len(sure), 20):
            some = sure[start : start + 20]
            when = f"{name_of(column)} in ({', '.join(word for word, _ in some)},)"
            if len(when) <= 900:
                rule = {**base, "id": slug("dias_uteis", column, str(start // 20 or "")), "when": when}
                yield Candidate(rule, max(p for _, p in some))


@dataclass(frozen=True)
class _Laws:
    """Day laws and the day that each names in each month of the table, (n_months, n_laws)."""

    parameters: list[dict[str, object]]
    due: Ints
    first_month: int


def _laws_table(days: Ints, calendar: BankCalendar) -> _Laws:
    """All laws that are tried: days with their roll, business days from both ends, labour days."""
    bounds = (np.datetime64(int(days.min()), "D"), np.datetime64(int(days.max()), "D"))
    low, high = (int(bound.astype("datetime64[M]").astype(np.int64)) for bound in bounds)
    low = max(low - 1, int(FIRST_DAY.astype("datetime64[M]").astype(np.int64)))
    high = min(high + 1, int(LAST_DAY.astype("datetime64[M]").astype(np.int64)))
    parameters: list[dict[str, object]] = [{"labour_day": n, "roll": "preceding"} for n in range(1, 11)]
    parameters += [{"day_of_month": day, "roll": roll} for roll in _ROLLS for day in range(1, 32)]
    parameters += [{"nth_business_day": sign * n} for n in range(1, 11) for sign in (1, -1)]
    months = np.arange(low, high + 1)
    due = np.stack([read_law(CalendarLaw, given, "law").due_days(months, calendar) for given in parameters], axis=1)
    return _Laws(parameters, due, low)


def _day_law(mine: Mine, days: Ints, laws: _Laws, when: str, name: str) -> Iterator[Candidate]:
    """The day law that most rows keep, if enough do; the chance of it counts days, not rows, and the laws tried."""
    distinct, counts = np.unique(days, return_counts=True)
    if len(distinct) < LEAST_DAYS:
        return
    month = distinct.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - laws.first_month
    hit = np.zeros((len(distinct), len(laws.parameters)), dtype=bool)
    for step in (0, -1, 1):
        hit |= laws.due[np.clip(month + step, 0, len(laws.due) - 1)] == distinct[:, None]
    shares = counts @ hit / counts.sum()
    best = int(np.argmax(shares))
    if shares[best] < mine.soft:
        return
    p_value = min(1.0, len(laws.parameters) * binomial_p(int(hit[:, best].sum()), len(distinct), 1 / _PER_MONTH))
    yield Candidate({"id": f"dia_{name}"[:64], "type": "calendar", "when": when, **laws.parameters[best]}, p_value)


def _months(mine: Mine, days: Ints, when: str, name: str) -> Iterator[Candidate]:
    """At most four months of the year in which all rows lie."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    in_year = months % 12 + 1
    used = np.flatnonzero(np.bincount(in_year, minlength=13) > (1 - mine.hard) * len(days))
    units = len(np.unique(months))
    if not 1 <= len(used) <= 4 or units < 4 or np.isin(in_year, used).mean() < mine.hard:
        return
    p_value = min(1.0, comb(12, len(used)) * (len(used) / 12) ** units)
    yield Candidate({"id": f"meses_{name}"[:64], "type": "calendar", "when": when, "months": used.tolist()}, p_value)


def _rhythm(days: Ints, column: str, when: str, name: str) -> Iterator[Candidate]:
    """At most so many rows in a month, where chance would pile up more."""
    from scipy.stats import poisson

    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    counts = np.bincount(months - months.min())
    most = int(counts.max())
    if most > 5 or len(counts) < LEAST_DAYS:
        return
    p_value = float(poisson.cdf(most, len(days) / len(counts)) ** len(counts))
    rule = {"id": f"ritmo_{name}"[:64], "type": "recurrence", "key": [column], "period": "month", "at_most": most}
    yield Candidate({**rule, "when": when}, p_value)


__all__ = ["time_rules"]
