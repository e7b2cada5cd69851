"""Legal moments: what training rows have in common is kept in generated ones, and nothing else is forbidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.tables import infer_schema
from contrapeso.tables._numbers import TimeColumn, time_column
from contrapeso.tables.encoding import Encoding, TableEncoder
from contrapeso.tables.encoding._calendar_grid import ANY_MOMENT, CalendarGrid
from contrapeso.tables.encoding._relations import Relations
from contrapeso.tables.encoding._tokens import Encoded
from tests.unit._generator_cases import made

DAY = 86_400
SECONDS = TimeColumn("t", np.dtype("M8[s]"), "s", 60, 0, "plain")
BUSINESS = CalendarGrid(weekdays=(0, 1, 2, 3, 4))
FIRSTS, LASTS = CalendarGrid(month="first"), CalendarGrid(month="last")
QUARTERS = CalendarGrid(clock=900)
GRIDS = (BUSINESS, FIRSTS, LASTS, QUARTERS, CalendarGrid(weekdays=(2,), clock=3600))
moments = st.lists(st.integers(-(10**9), 4 * 10**9), min_size=1, max_size=20)


def is_legal(grid: CalendarGrid, tick: int) -> bool:
    """The slow way, with pandas."""
    moment = pd.Timestamp(tick, unit="s")
    edge = {None: True, "first": moment.is_month_start, "last": moment.is_month_end}[grid.month]
    return bool(moment.dayofweek in grid.weekdays and edge and tick % DAY % grid.clock == 0)


@given(st.sampled_from(GRIDS), moments)
def test_a_moved_moment_is_legal_and_a_legal_one_stays(grid, ticks):
    moved = grid.moved(SECONDS, np.array(ticks, dtype=np.int64))
    assert all(is_legal(grid, tick) for tick in moved.tolist())
    assert moved.tolist() == grid.moved(SECONDS, moved).tolist()
    kept = [new for old, new in zip(ticks, moved.tolist(), strict=True) if is_legal(grid, old)]
    assert kept == [old for old in ticks if is_legal(grid, old)]
    assert np.abs(moved - ticks).max() <= (31 if grid.month else 7) * DAY


@given(st.sampled_from(GRIDS), moments, st.integers(0, 10 * DAY))
def test_a_moment_is_never_moved_over_its_bound(grid, ticks, slack):
    came = np.array(ticks, dtype=np.int64)
    assert (grid.moved(SECONDS, came, least=came - slack) >= came - slack).all()
    assert (grid.moved(SECONDS, came, most=came + slack) <= came + slack).all()


def test_a_saturday_becomes_a_friday_and_a_sunday_a_monday_unless_a_bound_is_between():
    days = np.array([2 * DAY, 3 * DAY], dtype=np.int64)  # 1970-01-03 and -04
    assert (BUSINESS.moved(SECONDS, days) // DAY).tolist() == [1, 4]
    assert (BUSINESS.moved(SECONDS, days, least=days) // DAY).tolist() == [4, 4]
    assert (BUSINESS.moved(SECONDS, days, most=days) // DAY).tolist() == [1, 1]


@given(moments, moments)
def test_a_relaxed_grid_has_the_moments_of_both(first, second):
    ticks = [np.unique(np.array(part, dtype=np.int64) // 60 * 60) for part in (first, second)]
    grid = CalendarGrid.of(SECONDS, ticks[0], 100.0)
    assert grid.moved(SECONDS, ticks[0]).tolist() == ticks[0].tolist()
    relaxed = grid.relaxed(SECONDS, ticks[1])
    for part in ticks:
        assert relaxed.moved(SECONDS, part).tolist() == part.tolist()
    assert CalendarGrid.from_dict(relaxed.to_dict()) == relaxed


def test_few_rows_make_no_rule():
    monday = np.array([4 * DAY], dtype=np.int64)
    assert CalendarGrid.of(SECONDS, monday, 49.0) == ANY_MOMENT
    assert CalendarGrid.of(SECONDS, monday, 50.0).weekdays == (0,)
    assert CalendarGrid.from_dict(None) == ANY_MOMENT


def test_the_rule_is_of_the_wall_clock_of_a_zone():
    late = pd.date_range("2025-01-06 21:30", periods=200, freq="B", tz="America/Sao_Paulo").to_series(index=range(200))
    number = time_column(late, None, "t")
    assert number is not None
    ticks = late.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype(f"M8[{number.unit}]").astype(np.int64)
    grid = CalendarGrid.of(number, ticks, 200.0)
    assert grid.weekdays == (0, 1, 2, 3, 4)
    assert (grid.moved(number, ticks) == ticks).all()


def far_dates(n: int, seed: int, kind: str) -> pd.Series:
    rng = np.random.default_rng(seed)
    if kind == "business":
        return pd.Series(pd.bdate_range("1990-01-01", periods=9_000)[rng.integers(0, 9_000, n)])
    months = np.datetime64("1990-01", "M") + rng.integers(0, 420, n)
    days = (months + 1).astype("M8[D]") - 1 if kind == "ends" else months.astype("M8[D]")
    return pd.Series(days.astype("M8[ns]"))


@pytest.mark.parametrize("fine_levels", [None, 0])
@pytest.mark.parametrize("kind", ["business", "starts", "ends"])
def test_dates_over_decades_keep_their_grid_in_every_row(kind, fine_levels):
    frame = pd.DataFrame({"t": far_dates(900, 0, kind)})
    encoder = TableEncoder(Encoding(fine_levels=fine_levels)).fit(frame)
    rng = np.random.default_rng(1)
    codes = encoder.encode(frame).codes
    for again in (encoder, TableEncoder.from_state(*encoder.state())):
        made_days = again.decode(Encoded(rng.permuted(codes, axis=0).repeat(5, axis=0)), rng)["t"].dt
        good = {
            "business": made_days.dayofweek < 5,
            "starts": made_days.is_month_start,
            "ends": made_days.is_month_end,
        }[kind]
        assert good.all()


@pytest.mark.parametrize("name", ["autoregressive", "vae"])
def test_a_hundred_business_days_have_no_weekend_beside_them(name):
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2025-01-01", periods=150)[rng.integers(0, 150, 400)]
    frame = pd.DataFrame({"day": days, "value": rng.normal(size=400)})
    rows = made(name, epochs=2).fit(frame).sample(2_000)
    assert (rows["day"].dt.dayofweek < 5).all()


def test_a_gap_ends_on_a_business_day_and_on_the_quarter_of_an_hour():
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 400 * 1440, 800), "min")
    due = (start + pd.to_timedelta(rng.integers(1, 40, 800), "D")).ceil("15min")
    due += pd.to_timedelta(np.where(due.dayofweek > 4, 7 - due.dayofweek, 0), "D")
    frame = pd.DataFrame({"start": start, "due": due})
    relations = Relations.find(frame, infer_schema(frame))
    assert relations.reexpressed == ("due",)
    pd.testing.assert_frame_equal(relations.restore(relations.reduce(frame)), frame)
    drawn = relations.reduce(frame).assign(due=rng.integers(0, 60_000, 800))
    for again in (relations, Relations.from_dict(relations.to_dict())):
        rows = again.restore(drawn)
        assert (rows["due"].dt.dayofweek < 5).all()
        assert (rows["due"].dt.minute % 15 == 0).all()
        assert (rows["due"] >= rows["start"]).all()


def test_a_later_partition_with_a_saturday_widens_the_rule_and_keeps_the_gap():
    rng = np.random.default_rng(0)
    start = pd.bdate_range("2024-01-01", periods=300)[rng.integers(0, 300, 400)]
    frame = pd.DataFrame({"start": start, "due": start + pd.to_timedelta(7 * rng.integers(0, 8, 400), "D")})
    relations = Relations.find(frame, infer_schema(frame))
    more = pd.DataFrame({"start": pd.to_datetime(["2024-02-01"]), "due": pd.to_datetime(["2024-02-03"])})
    wider = relations.verify(more)
    assert wider.reexpressed == ("due",)
    pd.testing.assert_frame_equal(wider.restore(wider.reduce(more)), more)


def test_multiples_of_a_twentieth_with_binary_noise_stay_multiples():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"price": rng.integers(0, 4_000, 900) * 0.05})
    assert (frame["price"] != frame["price"].round(2)).any()
    encoder = TableEncoder().fit(frame)
    for again in (encoder, TableEncoder.from_state(*encoder.state())):
        drawn = again.decode(Encoded(encoder.encode(frame).codes.repeat(5, axis=0)), rng)["price"]
        off = drawn / 0.05 - (drawn / 0.05).round()
        assert off.abs().max() < 1e-9
        seen = drawn[np.isclose(drawn, 0.15)]
        assert set(seen) <= {0.05 * 3, 0.15}


def test_values_that_stand_alone_come_back_with_the_noise_they_had():
    frame = pd.DataFrame({"price": np.tile(np.arange(60) * 0.05, 5)})
    encoder = TableEncoder().fit(frame)
    pd.testing.assert_frame_equal(encoder.decode(encoder.encode(frame), np.random.default_rng(0)), frame)
    codes = encoder.given(pd.DataFrame({"price": [3 * 0.05, 0.15]})).codes
    assert codes[0].tolist() == codes[1].tolist()


def test_numbers_that_only_nearly_lie_on_a_grid_have_none():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.integers(0, 4_000, 900) * 0.05 + rng.normal(size=900) * 1e-7})
    encoder = TableEncoder().fit(frame)
    drawn = encoder.decode(encoder.encode(frame), rng)["x"]
    assert (np.abs(drawn / 0.05 - (drawn / 0.05).round()) > 1e-9).mean() > 0.9
