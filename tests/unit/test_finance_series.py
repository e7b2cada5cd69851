"""Date laws: known obligations are found and foretold, draws never leave what was seen, series of a known company."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.finance._ledger import Ledger, ledger_of
from contrapeso.finance.calendar import OBLIGATIONS, bank_calendar, due_dates
from contrapeso.finance.example import simulate_company
from contrapeso.finance.features._payee import payee_key
from contrapeso.finance.series import DateLaw, Series, find_series, learn_law
from contrapeso.finance.series._anchors import ANCHORS
from contrapeso.finance.series._grid import EXACT, NEAR, grid_of
from contrapeso.finance.series._law import _Table
from contrapeso.finance.series._profile import circular, shrunk

CALENDAR = bank_calendar()
PAGE = Path(__file__).resolve().parents[2] / "docs" / "series.md"
MONTHS = np.arange("2022-01", "2024-01", dtype="datetime64[M]")
LATER = np.arange("2024-01", "2025-01", dtype="datetime64[M]")
WINDOW = ("2024-01-01", "2024-12-31")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def histogram(days: np.ndarray) -> np.ndarray:
    place = (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(int)
    return np.bincount(place, minlength=31) / len(days)


def jsd(p: np.ndarray, q: np.ndarray) -> float:
    middle = (p + q) / 2

    def half(a: np.ndarray) -> float:
        some = a > 0
        return float((a[some] * np.log(a[some] / middle[some])).sum()) / 2

    return half(p) + half(q)


@pytest.mark.parametrize("code", ["das", "inss", "payroll", "thirteenth_first", "pis_cofins"])
def test_the_law_of_an_obligation_foretells_its_days_in_years_that_it_did_not_see(code: str) -> None:
    yearly = OBLIGATIONS[code].months
    months = np.arange("2010-01", "2024-01", dtype="datetime64[M]") if len(yearly) == 1 else MONTHS
    months = months[np.isin(months.astype(int) % 12 + 1, yearly)]
    later = LATER[np.isin(LATER.astype(int) % 12 + 1, yearly)].repeat(40)
    law = learn_law(due_dates(months, code, CALENDAR), CALENDAR)
    made, traces = law.draw(len(later), WINDOW, rng(), months=later)
    assert (made == due_dates(later, code, CALENDAR)).mean() > 0.9
    assert len(traces) == len(later)


@pytest.mark.parametrize("day", [1, 5, 10, 13, 20, 28, 31])
@pytest.mark.parametrize("roll", ["following", "preceding"])
def test_a_day_of_the_month_and_its_roll_are_told_apart(day: int, roll: str) -> None:
    paid = due_dates(MONTHS, "rent", CALENDAR, day=day, roll=roll)
    found = learn_law(paid, CALENDAR).main
    made = due_dates(LATER, "rent", CALENDAR, day=day, roll=roll)
    grid = grid_of(LATER[0].astype("datetime64[D]"), made.max(), CALENDAR)
    named = (grid.dates_of(found) + grid.first).astype("datetime64[D]")
    assert np.isin(made, named).all()


def test_laws_counted_in_business_days_are_found_from_both_ends() -> None:
    third = learn_law(CALENDAR.business.nth_of_month(MONTHS.astype("datetime64[D]"), 3), CALENDAR)
    last = learn_law(CALENDAR.business.nth_of_month(MONTHS.astype("datetime64[D]"), -2), CALENDAR)
    assert (third.kind, third.main.number) == ("nth_business", 3)
    assert (last.kind, last.main.number) == ("from_end", 2)


def test_a_group_of_three_laws_is_a_mixture_of_three() -> None:
    days = np.concatenate([due_dates(MONTHS, code, CALENDAR) for code in ("payroll", "das", "inss")])
    law = learn_law(days, CALENDAR)
    found = {(part.anchor.kind, part.anchor.number, part.anchor.roll): part.share for part in law.parts}
    for anchor in (("labour", 5, "preceding"), ("day", 20, "following"), ("day", 20, "preceding")):
        assert found[anchor] == pytest.approx(1 / 3, abs=0.07)


def test_three_rows_keep_the_rolls_that_they_cannot_tell_apart() -> None:
    law = learn_law(["2024-03-05", "2024-04-05", "2024-06-05"], CALENDAR)
    rolls = {part.anchor.roll for part in law.parts if part.anchor.number == 5 and part.anchor.kind == "day"}
    assert rolls == {"following", "preceding"}


def test_a_weekly_habit_is_a_law_of_weekdays() -> None:
    law = learn_law(np.arange("2023-01-05", "2024-01-05", 7, dtype="datetime64[D]"), CALENDAR)
    assert (law.kind, law.weekday, law.describe(), law.describe("en")) == ("weekday", 3, "quintas", "Thursdays")


open_days = CALENDAR.business.nth_of_month("2020-01", 1) + np.arange(1500)
open_days = open_days[CALENDAR.business.contains(open_days)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(open_days.tolist()), min_size=1, max_size=40), st.integers(0, 9))
def test_draws_stay_on_business_days_in_the_days_and_months_seen(days: list[object], seed: int) -> None:
    seen = np.array(days, dtype="datetime64[D]")
    made, _ = learn_law(seen, CALENDAR).draw(200, None, rng(seed))
    assert CALENDAR.business.contains(made).all()
    assert (made >= seen.min()).all()
    assert (made <= seen.max()).all()
    assert set(made.astype("datetime64[M]").astype(int) % 12) <= set(seen.astype("datetime64[M]").astype(int) % 12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 1400), min_size=1, max_size=60))
def test_the_probabilities_of_a_month_are_those_of_the_formula(offsets: list[int]) -> None:
    law = learn_law(np.datetime64("2021-01-01") + np.array(offsets), CALENDAR)
    grid = grid_of(law.first, law.last, CALENDAR)
    low, high = ((day - np.datetime64(grid.first, "D")).astype(int) for day in (law.first, law.last))
    table = _Table(law, grid, int(low), int(high))
    for month in np.unique(table.month):
        days = table.days[table.month == month]
        inside = [low <= day <= high and law.by_type[grid.day_type[day]] > 0 for day in days]
        free = [
            law.by_day[grid.day[day]] * law.by_type[grid.day_type[day]] * ok
            for day, ok in zip(days, inside, strict=True)
        ]
        for place, day in enumerate(days):
            slow = law.free_share * free[place] / sum(free) if sum(free) else 0.0
            for part in law.parts:
                hit = grid.hits[ANCHORS.index(part.anchor), day]
                slow += inside[place] * part.share * {EXACT: 1 - part.slip, NEAR: part.slip / 2}.get(int(hit), 0.0)
            assert table.rates[table.month == month][place] == pytest.approx(slow, abs=1e-9)


def test_draws_have_the_probabilities_of_the_table() -> None:
    days = np.concatenate([due_dates(MONTHS, code, CALENDAR) for code in ("payroll", "das")])
    law = learn_law(np.concatenate([days, open_days[500:700]]), CALENDAR)
    made, _ = law.draw(60_000, None, rng())
    grid = grid_of(law.first, law.last, CALENDAR)
    low, high = ((day - np.datetime64(grid.first, "D")).astype(int) for day in (law.first, law.last))
    table = _Table(law, grid, int(low), int(high))
    weights = law.month_weights(table.months) * (table.total > 0)
    chance = (weights / weights.sum())[table.month] * table.rates / np.maximum(table.total[table.month], 1e-300)
    seen = np.bincount((made - np.datetime64(grid.first, "D")).astype(int) - table.days[0], minlength=len(chance))
    some = chance * len(made) >= 5
    z = (seen - chance * len(made))[some] / np.sqrt(chance[some] * len(made))
    assert np.abs(z).max() < 4.5  # false alarm below 1 in 200
    assert abs((z**2).mean() - 1) < 0.3


def test_weekends_stay_where_rows_have_them() -> None:
    days = np.datetime64("2023-01-01") + np.arange(0, 700)
    made, _ = learn_law(days, CALENDAR).draw(20_000, None, rng())
    assert (~CALENDAR.business.contains(made)).mean() == pytest.approx(
        (~CALENDAR.business.contains(days)).mean(), abs=0.02
    )


def test_months_of_the_year_without_a_row_get_none_even_in_a_wider_window() -> None:
    law = learn_law(due_dates(MONTHS[np.isin(MONTHS.astype(int) % 3, [0])], "das", CALENDAR), CALENDAR)
    made, _ = law.draw(500, ("2022-01-01", "2026-12-31"), rng())
    assert set(made.astype("datetime64[M]").astype(int) % 12 + 1) == {1, 4, 7, 10}
    assert set(made.astype("datetime64[Y]").astype(int) + 1970) == {2022, 2023, 2024, 2025, 2026}


def test_the_same_seed_gives_the_same_days_and_traces() -> None:
    law = learn_law(open_days[:90], CALENDAR)
    first, second = law.draw(50, None, rng(4)), law.draw(50, None, rng(4))
    assert (first[0] == second[0]).all()
    assert first[1] == second[1]


def test_a_trace_tells_the_day_before_the_roll() -> None:
    law = learn_law(due_dates(MONTHS, "das", CALENDAR), CALENDAR)
    made, traces = law.draw(40, ("2024-10-21", "2024-10-21"), rng())
    assert (made == np.datetime64("2024-10-21")).all()
    assert {key: traces[0][key] for key in ("kind", "number", "roll", "slip", "nominal")} == {
        "kind": "day",
        "number": 20,
        "roll": "following",
        "slip": 0,
        "nominal": "2024-10-20",
    }


def test_one_row_is_a_law_of_one_day() -> None:
    made, traces = learn_law(["2024-05-17"], CALENDAR).draw(20, None, rng())
    assert (made == np.datetime64("2024-05-17")).all()
    assert traces[0]["kind"] == "free"
    wide, _ = learn_law(["2024-05-17"], CALENDAR).draw(200, ("2024-05-01", "2024-05-31"), rng())
    assert len(np.unique(wide)) > 10


@pytest.mark.parametrize("year", [1850, 1999, 2150])
def test_outside_the_table_weekends_alone_are_closed_and_the_law_says_so(year: int) -> None:
    months = np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[M]")
    days = np.busday_offset(months.astype("datetime64[D]") + 9, 0, roll="forward")
    law = learn_law(days, CALENDAR)
    made, _ = law.draw(100, None, rng())
    assert (law.main.kind, law.main.number, law.main.roll) == ("day", 10, "following")
    assert np.is_busday(made).all()
    assert not law.holidays_known
    assert law.describe("en").endswith("holidays unknown")
    assert learn_law(due_dates(MONTHS, "das", CALENDAR), CALENDAR).holidays_known


def test_bad_input_is_told() -> None:
    with pytest.raises(InvalidDataError, match="at least one date"):
        learn_law([], CALENDAR)
    with pytest.raises(InvalidDataError, match="1 missing"):
        learn_law(["2024-01-02", "NaT"], CALENDAR)
    with pytest.raises(InvalidDataError, match="400 years"):
        learn_law(["0202-01-02", "2024-01-02"], CALENDAR)
    law = learn_law(["2024-01-02", "2024-02-02"], CALENDAR)
    with pytest.raises(InvalidParameterError, match="needs rng"):
        law.draw(3)
    with pytest.raises(InvalidParameterError, match="first not after the last"):
        law.draw(3, ("2024-02-01", "2024-01-01"), rng())
    with pytest.raises(InvalidParameterError, match="one month for each"):
        law.draw(3, None, rng(), months=["2024-01"])
    with pytest.raises(InvalidDataError, match="2024-05"):
        law.draw(1, None, rng(), months=["2024-05"])
    with pytest.raises(InvalidDataError, match="wider window"):
        law.draw(1, ("2024-03-02", "2024-03-03"), rng())
    with pytest.raises(InvalidDataError, match="one key for each row"):
        find_series(ledger_of(["2024-01-02"], [-1], ["a"]), [])


def test_no_draws_are_no_days() -> None:
    days, traces = learn_law(["2024-01-02"], CALENDAR).draw(0, None, rng())
    assert (len(days), traces) == (0, [])


def test_chance_is_shrunk_away_and_difference_is_kept() -> None:
    expected = np.full(31, 20.0)
    level = shrunk(expected + np.array([1.0, -1.0] * 15 + [0.0]), expected, 1.0)
    peak = shrunk(np.where(np.arange(31) == 4, 400.0, 8.0), expected, 1.0)
    assert np.abs(level - 1).max() < 1e-3
    assert peak[4] > 15
    assert circular(np.eye(31)[0], 1.0)[1] == pytest.approx(circular(np.eye(31)[0], 1.0)[30])


@pytest.mark.parametrize("seed", [2026, 1])
def test_days_of_a_known_company_are_as_near_to_its_later_days_as_its_own_earlier_ones(seed: int) -> None:
    truth = simulate_company(seed=seed, months=24).truth
    excess = [day_excess(group) for _, group in truth.groupby("category") if len(group) >= 40]
    assert len(excess) >= 10
    assert max(excess) <= 0.02
    assert np.mean(excess) <= 0.0


def day_excess(group: pd.DataFrame) -> float:
    """JSD of drawn to later days over that of bootstrapped earlier days, both of the size of the later slice."""
    days = group.date.to_numpy().astype("datetime64[D]")
    early, late = days[days < np.datetime64("2025-06-01")], days[days >= np.datetime64("2025-06-01")]
    law, random, goal, m = learn_law(early, CALENDAR), rng(7), histogram(late), len(late)
    made = [jsd(histogram(law.draw(m, None, random)[0]), goal) for _ in range(60)]
    real = [jsd(histogram(early[random.integers(0, len(early), m)]), goal) for _ in range(60)]
    return float(np.mean(made) - np.mean(real))


# -- series


def company(months: int = 24) -> tuple[Ledger, list[str]]:
    truth = simulate_company(months=months).truth
    ledger = ledger_of(
        truth.date.to_numpy(), truth.amount_cents, truth.description, categories=truth.category, accounts=truth.account
    )
    return ledger, [f"{kind}|{payee_key(text)}" for kind, text in zip(truth.kind, truth.description, strict=True)]


def found_in_company() -> tuple[Series, ...]:
    ledger, keys = company()
    return find_series(ledger, keys, calendar=CALENDAR)


def test_the_series_of_a_known_company_have_the_laws_that_made_them() -> None:
    series = {one.key: one for one in found_in_company()}
    for key, law, kind in (
        ("das|simples nacional", "day 20, following", "variable"),
        ("darf|darf dctfweb", "day 20, preceding", "fixed"),
        ("wage|salario jonas verzolim", "labour day 5, preceding", "variable"),
        ("terminal_fee|aluguel maquininha", "business day 5", "fixed"),
        ("iptu|iptu parc", "day 12, following", "fixed"),
    ):
        assert series[key].law.main.text("en") == law
        assert (series[key].cadence, series[key].amount_kind) == ("monthly", kind)


def test_no_row_is_in_two_series_and_all_have_one_sign_and_order() -> None:
    series = found_in_company()
    rows = np.concatenate([one.rows for one in series])
    assert len(np.unique(rows)) == len(rows)
    assert all(len(np.unique(np.sign(one.cents))) == 1 for one in series)
    assert all((np.diff(one.days.astype(int)) >= 0).all() for one in series)


def of_days(days: np.ndarray, cents: object = -1000) -> Series:
    amounts = np.broadcast_to(np.asarray(cents), len(days))
    (series,) = find_series(ledger_of(days, amounts, ["x"] * len(days)), ["x"] * len(days), calendar=CALENDAR)
    return series


@pytest.mark.parametrize(
    ("cadence", "months"), [("monthly", 1), ("bimonthly", 2), ("quarterly", 3), ("half_yearly", 6), ("yearly", 12)]
)
def test_the_cadence_is_that_of_the_months(cadence: str, months: int) -> None:
    chosen = np.arange("2015-01", "2024-01", dtype="datetime64[M]")[::months]
    series = of_days(due_dates(chosen, "das", CALENDAR))
    assert series.cadence == cadence
    made, _ = series.occurrences(("2015-01-01", "2023-12-31"), rng())
    assert (made.astype("datetime64[M]") == chosen).all()


@pytest.mark.parametrize(("cadence", "step"), [("weekly", 7), ("fortnightly", 14)])
def test_weeks_are_weeks(cadence: str, step: int) -> None:
    days = np.arange("2023-01-02", "2023-12-31", step, dtype="datetime64[D]")
    series = of_days(days)
    made, _ = series.occurrences(None, rng())
    assert series.cadence == cadence
    assert (np.diff(made.astype(int)) % step == 0).all()
    assert abs(len(made) - len(days)) <= 2
    assert len(series.free_months()) == 0


def test_a_monthly_series_is_free_in_the_months_that_it_missed_and_gets_one_row_a_month() -> None:
    days = due_dates(np.delete(MONTHS, [5, 11]), "das", CALENDAR)
    series = of_days(days)
    assert series.free_months().astype(str).tolist() == ["2022-06", "2022-12"]
    made, _ = series.occurrences(None, rng())
    months = made.astype("datetime64[M]")
    assert len(np.unique(months)) == len(months) == 24


def test_two_subscriptions_with_one_firm_are_two_series() -> None:
    first, second = (due_dates(MONTHS, "rent", CALENDAR, day=day) for day in (5, 18))
    days = np.concatenate([first, second])
    cents = np.repeat([-4990, -12900], len(MONTHS))
    found = find_series(ledger_of(days, cents, ["FIRM"] * len(days)), ["firm"] * len(days), calendar=CALENDAR)
    assert sorted((one.level_cents, one.law.main.number) for one in found) == [(-12900, 18), (-4990, 5)]


@pytest.mark.parametrize(
    ("cents", "kind"),
    [
        ([-1000] * 6 + [-1100] * 6, "fixed"),
        ([-1000, -1150, -900, -1080, -950, -1200] * 2, "variable"),
        ([-1000, -150, -9000, -380, -2950, -12000] * 2, "irregular"),
    ],
)
def test_amounts_are_fixed_variable_or_irregular(cents: list[int], kind: str) -> None:
    assert of_days(due_dates(MONTHS[:12], "das", CALENDAR), cents).amount_kind == kind


def test_rows_without_a_key_and_too_few_rows_are_in_no_series() -> None:
    days = due_dates(MONTHS[:4], "das", CALENDAR)
    assert find_series(ledger_of(days, [-1] * 4, ["x"] * 4), [""] * 4) == ()
    assert find_series(ledger_of(days[:2], [-1] * 2, ["x"] * 2), ["a"] * 2) == ()
    assert find_series(ledger_of([], [], []), []) == ()


def is_weekend(days: np.ndarray) -> np.ndarray:
    return (days.astype(int) + 3) % 7 >= 5


def is_closed_bank(days: np.ndarray) -> np.ndarray:
    return ~CALENDAR.business.contains(days) & ~is_weekend(days)


@pytest.mark.shared
def test_real_rows_without_weekends_give_none(shared_data: Path) -> None:
    frame = pd.read_parquet(shared_data / "mc_2021.parquet")
    when, kind = pd.to_datetime(frame["Data"], errors="coerce"), frame["Tipo"].fillna("").str.strip()
    checked = 0
    for _, days in when[when.notna() & (kind != "")].groupby(kind):
        seen = days.to_numpy().astype("datetime64[D]")
        made, _ = learn_law(seen, CALENDAR).draw(500, None, rng())
        for is_closed in (is_weekend, is_closed_bank):
            assert is_closed(seen).any() or not is_closed(made).any()
            checked += 1
    assert checked > 10


def test_the_page_runs_as_written() -> None:
    result = doctest.testfile(os.fspath(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0


def test_a_law_is_a_value_with_named_parts() -> None:
    law = learn_law(due_dates(MONTHS, "das", CALENDAR), CALENDAR)
    assert isinstance(law, DateLaw)
    assert sum(part.share for part in law.parts) + law.free_share == pytest.approx(1.0)
    assert law.describe() == "dia 20, útil seguinte (99%)"
