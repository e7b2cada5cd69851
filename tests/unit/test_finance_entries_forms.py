"""Amounts and days are written the way the column writes them: reading what was written gives them back."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.finance.entries._amounts import learn_amount_form, read_amounts
from contrapeso.finance.entries._calendar import period_of_column, periods_of
from contrapeso.finance.entries._cells import Cells
from contrapeso.finance.entries._dates import learn_day_form, read_days
from contrapeso.finance.entries._money_text import TextForm

CENTS = st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=20)
DAYS = st.lists(st.dates(dt.date(2000, 1, 1), dt.date(2068, 12, 31)), min_size=1, max_size=20)


def rewritten(values: list[object], unit: str = "units") -> list[object]:
    cells = Cells("amount", values)
    amounts = read_amounts(cells, unit)
    assert amounts.ok.all(), values
    return learn_amount_form(cells, amounts, unit).write(amounts.cents)


@settings(deadline=None)
@given(CENTS, st.sampled_from(["float", "numpy", "decimal", "cents"]))
def test_numbers_are_written_as_they_were(cents: list[int], kind: str) -> None:
    make = {
        "float": lambda c: c / 100,
        "numpy": lambda c: np.float64(c / 100),
        "decimal": lambda c: Decimal(c).scaleb(-2),
        "cents": lambda c: c,
    }[kind]
    values: list[object] = [make(c) for c in cents]
    found = rewritten(values, "cents" if kind == "cents" else "units")
    assert found == values
    assert {type(value) for value in found} == {type(value) for value in values}


FORMS = st.builds(
    TextForm,
    mark=st.just(","),
    group=st.sampled_from(["", "."]),
    prefix=st.sampled_from(["", "R$ ", "R$"]),
    place=st.sampled_from(["before", "after", "behind", "brackets"]),
    decimals=st.sampled_from(["2", "cut", "short"]),
)


@settings(deadline=None, max_examples=300)
@given(CENTS, FORMS, st.booleans())
def test_texts_are_written_as_they_were(cents: list[int], form: TextForm, english: bool) -> None:
    # every part of the form is shown by one of these
    shown = [*cents, 123456, 700, 1250, -50, 123001]
    if english:
        group = "," if form.group else ""
        form = TextForm(".", group, form.prefix.replace("R", "US"), place=form.place, decimals=form.decimals)
    values: list[object] = [form.write(c) for c in shown]
    assert rewritten(values) == values


def test_letters_behind_an_amount_tell_its_direction() -> None:
    values: list[object] = ["1.234,56 D", "10,00 C", "0,50 D"]
    assert read_amounts(Cells("v", values)).cents.tolist() == [-123456, 1000, -50]
    assert rewritten(values) == values


def test_whole_numbers_stay_integers_and_lose_no_centavo() -> None:
    found = learn_amount_form(Cells("v", [100, 250, 99.5]), read_amounts(Cells("v", [100, 250, 99.5])))
    assert found.write(np.array([30000, 12345])) == [300, 123.45]
    assert [type(value) for value in found.write(np.array([30000, 12345]))] == [int, float]


@given(st.lists(st.floats(-1e10, 1e10), min_size=1, max_size=10))
def test_floats_are_read_to_the_nearest_centavo_like_one_by_one(values: list[float]) -> None:
    from contrapeso.finance.ingest._cells import read_money
    from contrapeso.tables.reading import NumberStyle

    read = read_amounts(Cells("v", list(values)))
    slow = [read_money(value, NumberStyle(".", certain=True, why="")) for value in values]
    assert read.cents.tolist() == [money.cents for money in slow]
    assert read.rounded.tolist() == [money.rounded for money in slow]


DAY_FORMS = {
    "iso": lambda d: d.isoformat(),
    "iso midnight": lambda d: f"{d.isoformat()}T00:00:00",
    "iso noon and zone": lambda d: f"{d.isoformat()} 12:00:00-03:00",
    "brazil": lambda d: f"{d:%d/%m/%Y}",
    "dots": lambda d: f"{d:%d.%m.%Y}",
    "short": lambda d: f"{d:%d/%m/%y}",
    "unpadded": lambda d: f"{d.day}/{d.month}/{d.year}",
    "compact": lambda d: f"{d:%Y%m%d}",
    "long": lambda d: f"{d.day} de {MONTHS[d.month - 1]} de {d.year}",
    "named": lambda d: f"{d.day:02d}-{ENGLISH[d.month - 1]}-{d.year}",
    "date": lambda d: d,
    "moment": lambda d: dt.datetime(d.year, d.month, d.day, tzinfo=dt.timezone(dt.timedelta(hours=-3))),
    "noon": lambda d: dt.datetime(d.year, d.month, d.day, 12),  # noqa: DTZ001
    "timestamp": pd.Timestamp,
    "numpy": np.datetime64,
    "numpy ns": lambda d: np.datetime64(d, "ns"),
    "serial": lambda d: (d - dt.date(1899, 12, 30)).days,
    "serial float": lambda d: float((d - dt.date(1899, 12, 30)).days),
}
MONTHS = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split()  # noqa: SIM905
ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905


@pytest.mark.parametrize("form", DAY_FORMS)
@settings(deadline=None, max_examples=40)
@given(days=DAYS)
def test_days_are_written_as_they_were(form: str, days: list[dt.date]) -> None:
    # every part of the form, and the order of day and month, is shown by one of these
    values = [DAY_FORMS[form](day) for day in (*days, dt.date(2024, 2, 29), dt.date(2024, 9, 3), dt.date(2024, 4, 8))]
    cells = Cells("date", values)
    read = read_days(cells)
    assert read.ok.all()
    assert read.days.tolist()[: len(days)] == days
    found = learn_day_form(cells, read.style).write(read.days)
    assert [str(value) for value in found] == [str(value) for value in values]
    assert {type(value) for value in found} == {type(value) for value in values}


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (["2024-01-05T10:11:12", "2024-01-06T13:14:15"], "2024-02-01T00:00:00"),
        (["2024-01-05 10:11:12-03:00", "2024-01-06 13:14:15-03:00"], "2024-02-01 00:00:00-03:00"),
        (["05/01/2024 às 10:11", "16/01/2024 às 13:14"], "01/02/2024 às 00:00"),
    ],
)
def test_an_hour_is_never_invented(values: list[object], written: str) -> None:
    cells = Cells("date", values)
    form = learn_day_form(cells, read_days(cells).style)
    assert form.varies
    assert form.write(np.array(["2024-02-01"], dtype="datetime64[D]")) == [written]


@given(DAYS)
def test_periods_are_those_of_the_calendar(days: list[dt.date]) -> None:
    array = np.array(days, dtype="datetime64[D]")
    assert periods_of(array, "weekday").tolist() == [day.weekday() for day in days]
    assert periods_of(array, "day of the month").tolist() == [day.day for day in days]
    assert periods_of(array, "month of the year").tolist() == [day.month - 1 for day in days]
    assert (periods_of(array, "year") + 1970).tolist() == [day.year for day in days]


def test_a_column_of_one_frequent_value_follows_no_period() -> None:
    days = np.arange("2024-01-01", "2024-07-01", dtype="datetime64[D]")
    flags: list[object] = [i == 7 for i in range(len(days))]
    assert period_of_column(Cells("flag", flags), days) is None
    months: list[object] = [f"{day}"[:7] for day in days]
    found = period_of_column(Cells("month", months), days)
    assert found is not None
    assert (found.period, found.share) == ("month of the year", 1.0)
