"""The calendar of banks: its table against the rules and other libraries, its arithmetic against numpy and loops."""

import doctest
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dateutil.easter import easter as easter_of_dateutil
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.finance.calendar import (
    FIRST_DAY,
    HOLIDAY_RULES,
    LAST_DAY,
    OBLIGATIONS,
    Obligation,
    OpenDays,
    bank_calendar,
    bank_holidays,
    date_ordinals,
    due_dates,
    easter,
    get_obligation,
    payment_dates,
    roll_dates,
)
from contrapeso.finance.example import _calendar as example

ROOT = Path(__file__).resolve().parents[2]
CALENDAR = bank_calendar()
BUSINESS, LABOUR = CALENDAR.business, CALENDAR.labour
HOLIDAYS = np.array(sorted({holiday.day for holiday in bank_holidays()}), dtype="datetime64[D]")
EVERY_DAY = np.arange(FIRST_DAY, LAST_DAY + 1)
MONTHS = np.arange("2000-01", "2100-01", dtype="datetime64[M]")
# A town with holidays of its own, all short days closed, at rest on Carnival
TOWN = bank_calendar(
    {"01-25": "Aniversário", "02-29": "Bissexto", date(2026, 7, 9): "Revolução"},
    closed=("ash_wednesday", "christmas_eve", "last_business_day"),
    optional_days="rest",
)
COUNTERS = [BUSINESS, LABOUR, TOWN.business, TOWN.labour]

inner_days = st.dates(date(2000, 2, 1), date(2099, 11, 30))
months = st.sampled_from(MONTHS.tolist())
counters = st.sampled_from(COUNTERS)
TABLES_OF_YEARS = {
    2001: "01-01 02-26 02-27 04-13 04-21 05-01 06-14 09-07 10-12 11-02 11-15 12-25",
    2023: "01-01 02-20 02-21 04-07 04-21 05-01 06-08 09-07 10-12 11-02 11-15 12-25",
    2024: "01-01 02-12 02-13 03-29 04-21 05-01 05-30 09-07 10-12 11-02 11-15 11-20 12-25",
    2025: "01-01 03-03 03-04 04-18 04-21 05-01 06-19 09-07 10-12 11-02 11-15 11-20 12-25",
    2026: "01-01 02-16 02-17 04-03 04-21 05-01 06-04 09-07 10-12 11-02 11-15 11-20 12-25",
}
EASTERS = "2000-04-23 2008-03-23 2011-04-24 2019-04-21 2024-03-31 2025-04-20 2026-04-05 2038-04-25 2049-04-18"


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


def walk(day: date, step: int, counter: OpenDays) -> date:
    """The first open day from ``day`` on, ``day`` included."""
    while not counter.contains(day):
        day += timedelta(days=step)
    return day


# The table


def test_the_table_is_what_the_rules_give() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/bank_holidays.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_easter_sundays_are_those_of_published_tables_and_of_dateutil() -> None:
    known = days(*EASTERS.split())
    assert_array_equal(easter(known.astype("datetime64[Y]").astype(int) + 1970), known)
    years = np.arange(1583, 4000)
    assert easter(years).tolist() == [easter_of_dateutil(year) for year in years.tolist()]


@pytest.mark.parametrize(("year", "expected"), TABLES_OF_YEARS.items())
def test_holidays_of_a_year_are_those_published(year: int, expected: str) -> None:
    assert [holiday.day for holiday in CALENDAR.holidays_of(year)] == [
        date.fromisoformat(f"{year}-{day}") for day in expected.split()
    ]


def test_black_awareness_day_is_national_from_2024_on() -> None:
    years = [holiday.day.year for holiday in bank_holidays() if holiday.code == "black_awareness"]
    assert years == list(range(2024, 2100))
    assert_array_equal(BUSINESS.contains(["2023-11-20", "2024-11-20"]), [True, False])


def test_every_holiday_has_names_and_a_source() -> None:
    assert all(rule.name_pt and rule.name_en and rule.source for rule in HOLIDAY_RULES)
    assert CALENDAR.why_closed("2025-04-18") == "Sexta-feira Santa"
    assert CALENDAR.why_closed(date(2024, 4, 21), "en") == "Sunday, Tiradentes Day"
    assert CALENDAR.why_closed("2000-04-21") == "Sexta-feira Santa, Tiradentes"
    assert CALENDAR.why_closed("2025-04-17") is None


@given(st.integers(2000, 2099))
def test_the_example_company_keeps_the_same_holidays(year: int) -> None:
    assert {holiday.day for holiday in CALENDAR.holidays_of(year)} == example.holidays(year)


def test_bizdays_has_the_same_bank_days_from_2000_to_2099() -> None:
    bizdays = pytest.importorskip("bizdays", reason="the second source bizdays is not installed")
    anbima = bizdays.Calendar.load("ANBIMA")
    theirs = {np.datetime64(day) for day in anbima.holidays}
    assert {day for day in theirs ^ set(HOLIDAYS) if day >= FIRST_DAY} == {np.datetime64("2000-04-23")}  # a Sunday
    shared = EVERY_DAY[EVERY_DAY.astype(object) <= anbima.enddate]  # it ends on 25 December 2099
    assert shared[-1] == np.datetime64("2099-12-25")
    assert_array_equal(BUSINESS.contains(shared), [anbima.isbizday(day) for day in shared.tolist()])
    sample = shared[400:-400:53]
    for roll in ("following", "preceding", "modified_following"):
        assert roll_dates(sample, roll, BUSINESS).tolist() == [getattr(anbima, roll)(day) for day in sample.tolist()]
    open_days = sample[BUSINESS.contains(sample)]
    for n in (-22, -1, 1, 5, 252):
        assert BUSINESS.add(open_days, n).tolist() == [anbima.offset(day, n) for day in open_days.tolist()]


def test_holidays_closes_the_exchange_and_counts_labour_days_alike() -> None:
    library = pytest.importorskip("holidays", reason="the second source holidays is not installed")
    closed = np.array(sorted(library.financial_holidays("BVMF", years=range(2000, 2100))), dtype="datetime64[D]")
    exchange = bank_calendar(closed=("christmas_eve", "last_business_day"))
    with_short_days = EVERY_DAY.astype("datetime64[Y]").astype(int) + 1970 >= 2018  # the years in which it knows them
    expected = np.is_busday(EVERY_DAY, holidays=closed)
    assert_array_equal(exchange.business.contains(EVERY_DAY)[with_short_days], expected[with_short_days])
    assert_array_equal(BUSINESS.contains(EVERY_DAY)[~with_short_days], expected[~with_short_days])
    legal = np.array(sorted(library.country_holidays("BR", years=range(2000, 2100))), dtype="datetime64[D]")
    assert_array_equal(LABOUR.contains(EVERY_DAY), np.is_busday(EVERY_DAY, weekmask="1111110", holidays=legal))


# Arithmetic


def test_business_days_are_those_of_numpy() -> None:
    assert_array_equal(BUSINESS.contains(EVERY_DAY), np.is_busday(EVERY_DAY, holidays=HOLIDAYS))
    inner = EVERY_DAY[31:-31]
    for roll in ("following", "preceding"):
        expected = np.busday_offset(inner, 0, roll=roll, holidays=HOLIDAYS)
        assert_array_equal(getattr(BUSINESS, roll)(inner), expected)
    expected = np.busday_offset(inner, 0, roll="modifiedfollowing", holidays=HOLIDAYS)
    assert_array_equal(roll_dates(inner, "modified_following", BUSINESS), expected)
    for n in (1, 7, 15):
        assert_array_equal(BUSINESS.add(inner, n), np.busday_offset(inner, n, roll="backward", holidays=HOLIDAYS))
        assert_array_equal(BUSINESS.add(inner, -n), np.busday_offset(inner, -n, roll="forward", holidays=HOLIDAYS))


@given(st.lists(st.tuples(inner_days, inner_days), min_size=1))
def test_counts_are_those_of_numpy(pairs: list[tuple[date, date]]) -> None:
    start, end = np.array([sorted(pair) for pair in pairs], dtype="datetime64[D]").T
    assert_array_equal(BUSINESS.count(start, end), np.busday_count(start, end, holidays=HOLIDAYS))


@given(inner_days, inner_days, inner_days, counters)
def test_counts_add_up_and_change_their_sign_with_the_direction(a: date, b: date, c: date, counter: OpenDays) -> None:
    assert counter.count(a, b) + counter.count(b, c) == counter.count(a, c)
    assert counter.count(a, b) == -counter.count(b, a)


@given(inner_days, st.integers(-3000, 3000), st.integers(-3000, 3000), counters)
def test_steps_add_up_on_open_days(day: date, n: int, m: int, counter: OpenDays) -> None:
    start = counter.following(day)
    reach = (counter.n_before[(start - FIRST_DAY).astype(int)] + np.array([n, n + m])).tolist()
    if all(0 <= place < len(counter.open_days) for place in reach):
        there = counter.add(start, n)
        assert counter.contains(there)
        assert counter.count(start, there) == n
        assert counter.add(there, m) == counter.add(start, n + m)
        assert counter.add(there, -n) == start


@given(inner_days, counters)
def test_rolling_ends_on_the_nearest_open_day_of_its_side(day: date, counter: OpenDays) -> None:
    assert counter.following(day).item() == walk(day, 1, counter)
    assert counter.preceding(day).item() == walk(day, -1, counter)
    assert counter.next(day).item() == walk(day + timedelta(days=1), 1, counter)
    assert counter.previous(day).item() == walk(day - timedelta(days=1), -1, counter)


@given(inner_days, counters)
def test_modified_following_stays_in_its_month_and_none_stays_put(day: date, counter: OpenDays) -> None:
    rolled = roll_dates(day, "modified_following", counter).item()
    later = counter.following(day).item()
    assert rolled.month == day.month
    assert rolled == (later if later.month == day.month else counter.preceding(day).item())
    assert roll_dates(day, "none", counter).item() == day


@given(inner_days, st.sampled_from(["following", "preceding", "modified_following", "none"]))
def test_rolling_twice_is_rolling_once(day: date, roll: str) -> None:
    once = roll_dates([day], roll, BUSINESS)
    assert_array_equal(roll_dates(once, roll, BUSINESS), once)


def test_zero_steps_leave_even_a_closed_day() -> None:
    assert_array_equal(BUSINESS.add(["2024-11-20", "2024-11-21"], 0), days("2024-11-20", "2024-11-21"))


def test_answers_have_the_shape_of_dates_and_steps_together() -> None:
    grid = EVERY_DAY[100:106].reshape(2, 3)
    assert BUSINESS.following(grid).shape == BUSINESS.count(grid, grid).shape == (2, 3)
    assert BUSINESS.add(grid[:, :, None], [1, 2, 3, -4]).shape == (2, 3, 4)
    assert BUSINESS.following("2024-11-20").shape == ()
    assert BUSINESS.following([]).shape == (0,)
    assert BUSINESS.nth_of_month("2025-03", [1, -1]).shape == (2,)
    for answer in (BUSINESS.following(grid), BUSINESS.add(grid, 0), roll_dates(grid, "none", BUSINESS)):
        assert answer.dtype == np.dtype("datetime64[D]")


def test_dates_of_every_kind_mean_the_same_day() -> None:
    column = pd.Series(pd.to_datetime(["2024-11-20 23:59:59", "2024-11-21 00:00:00"]))
    kinds = [column, column.to_numpy(), pd.DatetimeIndex(column), column.dt.date, column.dt.date.to_list()]
    kinds += [
        ["2024-11-20", "2024-11-21"],
        column.astype("datetime64[s]"),
        [datetime.fromisoformat("2024-11-20 09:00"), date(2024, 11, 21)],
    ]
    for dates in kinds:
        assert_array_equal(BUSINESS.contains(dates), [False, True])


@pytest.mark.parametrize(
    ("dates", "rule"),
    [
        (["2024-11-20", None], "missing"),
        (pd.Series(pd.to_datetime(["2024-11-20", None])), "1 missing dates"),
        (["1999-12-31"], "2000-01-01 to 2099-12-31"),
        (np.array(["2100-01-01"], dtype="datetime64[D]"), "2100-01-01"),
        ([20241120], "int64"),
        ([True], "bool"),
        (["20/11/2024"], "no date"),
        ([date(2024, 11, 20), 7.5], "no date"),
        (pd.Series(pd.to_datetime(["2024-11-20"], utc=True)), "time zone"),
        ([datetime(2024, 11, 20, tzinfo=UTC)], "time zone"),
    ],
)
def test_what_is_no_plain_day_of_the_century_is_refused(dates: object, rule: str) -> None:
    for ask in (BUSINESS.contains, BUSINESS.following, BUSINESS.ordinal, lambda d: BUSINESS.count(d, d)):
        with pytest.raises(InvalidDataError, match=rule):
            ask(dates)


def test_answers_beyond_the_century_are_refused() -> None:
    for ask in (
        lambda: BUSINESS.preceding("2000-01-02"),
        lambda: BUSINESS.next("2099-12-31"),
        lambda: BUSINESS.add("2050-06-15", [1, 20_000]),
        lambda: BUSINESS.add("2050-06-15", -20_000),
    ):
        with pytest.raises(InvalidDataError, match="outside the calendar"):
            ask()
    with pytest.raises(InvalidDataError, match="whole numbers"):
        BUSINESS.add("2050-06-15", 1.5)


def test_a_calendar_cannot_be_changed() -> None:
    mine = np.ones(len(EVERY_DAY), dtype=np.bool_)
    counter = OpenDays(mine)
    mine[:] = False
    assert counter.contains("2024-11-20")
    for array in (counter.mask, counter.n_before, counter.open_days):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(InvalidDataError, match="36525"):
        OpenDays(np.ones(365, dtype=np.bool_))


# Months


@given(months, counters)
def test_ordinals_count_the_open_days_of_the_month_from_both_ends(month: date, counter: OpenDays) -> None:
    first = np.datetime64(month, "M")
    every = np.arange(first.astype("datetime64[D]"), (first + 1).astype("datetime64[D]"))
    open_days = [day for day in every.tolist() if counter.contains(day)]
    n = len(open_days)
    assert counter.n_in_month(first) == n
    assert_array_equal(counter.nth_of_month(first, np.arange(1, n + 1)), np.array(open_days, dtype="datetime64[D]"))
    assert_array_equal(counter.nth_of_month(first, np.arange(-n, 0)), np.array(open_days, dtype="datetime64[D]"))
    assert_array_equal(counter.ordinal(open_days), np.arange(1, n + 1))
    assert_array_equal(counter.ordinal_from_end(open_days), np.arange(n, 0, -1))
    assert_array_equal(counter.ordinal(every) + counter.ordinal_from_end(every), n + counter.contains(every))


@pytest.mark.parametrize("n", [0, 24, -24])
def test_a_day_that_the_month_does_not_have_is_refused(n: int) -> None:
    with pytest.raises(InvalidDataError, match=f"2025-03 has 19 open days; number {n} was asked"):
        BUSINESS.nth_of_month(["2025-03"], n)


@given(st.lists(inner_days, min_size=1, max_size=20))
def test_ordinals_agree_with_pandas_and_with_the_counters(dates: list[date]) -> None:
    found, column = date_ordinals(dates, CALENDAR), pd.Series(pd.to_datetime(pd.Series(dates)))
    assert_array_equal(found.day, column.dt.day)
    assert_array_equal(found.days_left, column.dt.days_in_month - column.dt.day)
    assert_array_equal(found.weekday, column.dt.dayofweek)
    assert_array_equal(found.is_month_end, column.dt.is_month_end)
    assert_array_equal(found.is_business_day, BUSINESS.contains(dates))
    assert_array_equal(found.is_labour_day, LABOUR.contains(dates))
    open_days = found.is_business_day
    assert_array_equal(BUSINESS.nth_of_month(column[open_days], found.business[open_days]), column[open_days])
    assert_array_equal(BUSINESS.nth_of_month(column[open_days], -found.business_from_end[open_days]), column[open_days])
    assert_array_equal(found.labour + found.labour_from_end, LABOUR.n_in_month(dates) + found.is_labour_day)


def test_every_month_has_one_first_and_one_last_business_day() -> None:
    found = date_ordinals(EVERY_DAY, CALENDAR)
    for flags, n in ((found.is_first_business_day, 1), (found.is_last_business_day, -1)):
        assert_array_equal(EVERY_DAY[flags], BUSINESS.nth_of_month(MONTHS, n))
    assert np.count_nonzero(found.is_month_end) == len(MONTHS)


# Options


def test_local_holidays_fall_on_one_day_or_every_year() -> None:
    assert_array_equal(TOWN.business.contains(["2024-01-25", "2030-01-25", "2026-07-09", "2027-07-09"]), [0, 0, 0, 1])
    assert [holiday.day.year for holiday in TOWN.holidays if holiday.name_pt == "Bissexto"] == list(
        range(2000, 2100, 4)
    )
    assert TOWN.why_closed("2024-01-25") == "Aniversário"


def test_local_holidays_may_leave_transfers_between_banks_open() -> None:
    calendar = bank_calendar({"2026-07-09": "Revolução"}, local_banks="open")
    assert calendar.business.contains("2026-07-09")
    assert not calendar.labour.contains("2026-07-09")
    assert calendar.why_closed("2026-07-09") is None


def test_closing_short_days_closes_only_what_was_open() -> None:
    closed = bank_calendar(closed=("ash_wednesday", "christmas_eve", "last_business_day")).business
    fewer = EVERY_DAY[BUSINESS.contains(EVERY_DAY) & ~closed.contains(EVERY_DAY)]
    by_year = {year: [] for year in range(2000, 2100)}
    for day in fewer.tolist():
        by_year[day.year].append(f"{day:%m-%d}")
    assert by_year[2022] == ["03-02", "12-30"]
    assert by_year[2024] == ["02-14", "12-24", "12-31"]
    assert {len(found) for found in by_year.values()} == {2, 3}
    assert not np.any(closed.contains(EVERY_DAY) & ~BUSINESS.contains(EVERY_DAY))


def test_calendars_of_the_same_options_are_one_object() -> None:
    assert bank_calendar() is CALENDAR
    assert bank_calendar(closed=("christmas_eve", "ash_wednesday")) is bank_calendar(
        closed=["ash_wednesday", "christmas_eve"]
    )


@pytest.mark.parametrize("key", ["25/01", "13-01", "02-30", "W01-1", "", 125, "1999-01-01", date(2100, 1, 1)])
def test_a_local_holiday_that_is_no_day_is_refused(key: object) -> None:
    with pytest.raises(InvalidParameterError, match=r"local holiday|is outside"):
        bank_calendar({key: "?"})


@pytest.mark.parametrize("option", [{"closed": ["easter"]}, {"optional_days": "maybe"}, {"local_banks": "no"}])
def test_an_unknown_option_is_refused(option: dict[str, object]) -> None:
    with pytest.raises(InvalidParameterError, match=f"{next(iter(option))} takes .*; got"):
        bank_calendar(**option)


# Obligations


@pytest.mark.parametrize(
    ("month", "code", "expected"),
    [
        ("2025-03", "payroll", "2025-03-06"),  # Saturday the 1st and Carnival count: 1, 3, 4, 5, 6
        ("2025-04", "payroll", "2025-04-04"),  # the fifth is Saturday the 5th: Friday
        ("2025-05", "payroll", "2025-05-07"),  # after 1 May: 2, 3, 5, 6, 7
        ("2024-04", "fgts_digital", "2024-04-19"),
        ("2020-06", "irrf", "2020-06-19"),
        ("2020-06", "pis_cofins", "2020-06-25"),
        ("2020-05", "pis_cofins", "2020-05-25"),
        ("2024-08", "pis_cofins", "2024-08-23"),
        ("2020-06", "fgts_gfip", "2020-06-05"),
        ("2020-06", "das", "2020-06-22"),
        ("2021-06", "das", "2021-06-21"),
        ("2025-04", "das", "2025-04-22"),
        ("2024-11", "das", "2024-11-21"),
        ("2024-11", "inss", "2024-11-19"),
        ("2024-11", "thirteenth_first", "2024-11-29"),
        ("2025-12", "thirteenth_second", "2025-12-19"),
        ("2025-07", "irpj_csll", "2025-07-31"),
        ("2027-01", "irpj_csll", "2027-01-29"),
    ],
)
def test_obligations_fall_on_the_days_that_were_published(month: str, code: str, expected: str) -> None:
    assert due_dates(month, code, CALENDAR) == np.datetime64(expected)


@given(months, st.sampled_from(sorted(OBLIGATIONS)), st.integers(1, 31))
def test_every_obligation_rolls_to_its_side(month: date, code: str, day: int) -> None:
    row = OBLIGATIONS[code]
    text = f"{month:%Y-%m}"
    if row.months != tuple(range(1, 13)):
        text = f"{month:%Y}-{row.months[0]:02d}"
    if not (row.since or "2000-02") <= text <= (row.until or "2099-11"):
        return
    chosen = day if row.day is None else None
    nominal = due_dates(text, row, CALENDAR, day=chosen, roll="none")
    paid = due_dates(text, row, CALENDAR, day=chosen)
    assert paid == payment_dates(nominal, code, CALENDAR)
    if row.roll == "none" or BUSINESS.contains(nominal):
        assert paid == nominal
    else:
        assert BUSINESS.contains(paid)
        assert (paid > nominal) == (row.roll == "following")


@given(months.filter(lambda month: date(2000, 2, 1) <= month < date(2099, 12, 1)))
def test_wages_are_there_by_the_fifth_labour_day(month: date) -> None:
    paid, fifth = (due_dates(month, "payroll", CALENDAR, roll=roll) for roll in (None, "none"))
    assert paid <= fifth
    assert LABOUR.ordinal(fifth) == 5
    assert BUSINESS.count(paid, fifth) <= 1
    rest = bank_calendar(optional_days="rest")
    assert due_dates(month, "payroll", rest).item() == example.payday(month.year, month.month)
    assert paid <= due_dates(month, "payroll", rest)


def test_wages_in_cash_may_stay_on_saturday_and_carnival_may_rest() -> None:
    assert due_dates("2025-04", "payroll", CALENDAR, roll="none") == np.datetime64("2025-04-05")
    tuesday = bank_calendar({"2025-03-04": "Carnaval"})  # a state that made the Tuesday a holiday
    assert due_dates("2025-03", "payroll", tuesday) == np.datetime64("2025-03-07")
    assert due_dates("2025-03", "payroll", bank_calendar(optional_days="rest")) == np.datetime64("2025-03-07")


def test_contracts_name_their_own_day_and_short_months_end_it() -> None:
    asked = due_dates(["2025-02", "2025-03", "2024-02"], "rent", CALENDAR, day=30, roll="none")
    assert_array_equal(asked, days("2025-02-28", "2025-03-30", "2024-02-29"))
    iss = Obligation("iss", "ISS", "ISS", "following", "Lei municipal", day=10)
    assert due_dates("2025-05", iss, CALENDAR) == np.datetime64("2025-05-12")
    second = Obligation("fee", "Tarifa", "Fee", "none", "tariff table", day=2, counter="business")
    assert due_dates("2025-03", second, CALENDAR) == np.datetime64("2025-03-06")


@pytest.mark.parametrize(
    ("month", "code", "options", "rule"),
    [
        ("2025-03", "boleto", {}, "needs the day of the month"),
        ("2025-03", "boleto", {"day": 32}, "1 to 31"),
        ("2025-03", "thirteenth_first", {}, "its months are 11"),
        ("2024-04", "fgts_gfip", {}, "to 2024-03"),
        (["2024-04", "2024-03"], "fgts_digital", {}, "not paid in 2024-03"),
        ("2025-03", "boletto", {}, "Did you mean 'boleto'"),
        ("2025-03", "???", {}, "Known: boleto"),
        ("2025-03", "das", {"roll": "backward"}, "roll is one of"),
    ],
)
def test_what_an_obligation_does_not_know_is_refused(
    month: object, code: str, options: dict[str, object], rule: str
) -> None:
    with pytest.raises(InvalidParameterError, match=rule.replace("?", r"\?")):
        due_dates(month, code, CALENDAR, **options)


def test_a_bill_due_when_branches_stay_shut_is_paid_in_january() -> None:
    public = bank_calendar(closed=("last_business_day",))
    assert payment_dates("2024-12-31", "boleto", public) == np.datetime64("2025-01-02")
    assert due_dates("2024-12", Obligation("x", "", "", "preceding", "", day=31), public) == np.datetime64("2024-12-30")


def test_every_obligation_has_names_a_source_and_a_roll() -> None:
    for code, row in OBLIGATIONS.items():
        assert get_obligation(code) is row
        assert row.code == code
        assert row.name_pt
        assert row.name_en
        assert row.source


@pytest.mark.shared
def test_the_real_books_of_2021_post_on_bank_days_only(shared_data: Path) -> None:
    from contrapeso.finance.ingest import parse_file

    dates = np.array([row.date for row in parse_file(shared_data / "mc_2021.parquet").transactions], "datetime64[D]")
    assert len(dates) == 488
    assert BUSINESS.contains(dates).all()
    short = bank_calendar(closed=("ash_wednesday", "christmas_eve", "last_business_day")).business
    assert_array_equal(dates[~short.contains(dates)], days("2021-02-17", "2021-12-24"))  # short days do have rows


# The page


def test_the_blocks_of_the_page_run_as_written_and_every_row_stands_on_it() -> None:
    path = ROOT / "docs" / "calendar.md"
    result = doctest.testfile(os.fspath(path), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0
    text = path.read_text(encoding="utf-8")
    assert [row.code for row in OBLIGATIONS.values() if f"| `{row.code}` |" not in text] == []
    assert [rule.code for rule in HOLIDAY_RULES if f"| `{rule.code}` |" not in text] == []


def test_the_calendar_loads_no_pandas_and_no_learning_library() -> None:
    heavy = ("pandas", "sklearn", "torch")
    use = "import sys, contrapeso.finance.calendar as door; door.bank_calendar()"
    code = f"{use}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
