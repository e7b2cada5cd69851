"""Dates: generated from known days in each style, read back; day and month are never swapped one by one."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.tables.reading import detect_date_style, parse_date, parse_datetime
from contrapeso.tables.reading._dates import DMY, MDY

DAYS = st.dates(dt.date(1954, 1, 1), dt.date(2069, 12, 31))
SHORT = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")
LONG = (
    *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
    *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
)
WRITERS = {
    "iso": lambda d: d.isoformat(),
    "iso time": lambda d: f"{d.isoformat()}T23:30:00-03:00",
    "compact": lambda d: f"{d:%Y%m%d}",
    "slash": lambda d: f"{d.day:02d}/{d.month:02d}/{d.year}",
    "short slash": lambda d: f"{d.day}/{d.month}/{d.year}",
    "dash": lambda d: f"{d.day:02d}-{d.month:02d}-{d.year}",
    "dot": lambda d: f"{d.day:02d}.{d.month:02d}.{d.year}",
    "with time": lambda d: f"{d.day:02d}/{d.month:02d}/{d.year} 23:59:59",
    "month name": lambda d: f"{d.day:02d}/{SHORT[d.month - 1]}/{d.year}",
    "upper month": lambda d: f"{d.day:02d}-{SHORT[d.month - 1].upper()}-{d.year}",
    "in words": lambda d: f"{d.day} de {LONG[d.month - 1]} de {d.year}",
    "english": lambda d: f"{d.day} {d:%B} {d.year}",
    "serial": lambda d: float((d - dt.date(1899, 12, 30)).days),
    "serial text": lambda d: str((d - dt.date(1899, 12, 30)).days),
    "serial with time": lambda d: (d - dt.date(1899, 12, 30)).days + 0.75,
    "date": lambda d: d,
    "datetime": lambda d: dt.datetime.fromisoformat(f"{d.isoformat()} 12:00"),
}


@pytest.mark.parametrize("form", WRITERS)
@given(day=DAYS)
def test_a_written_day_is_read_back(form, day):
    assert parse_date(WRITERS[form](day), DMY) == day


@given(DAYS)
def test_month_first_is_read_in_that_style(day):
    assert parse_date(f"{day.month:02d}/{day.day:02d}/{day.year}", MDY) == day


@given(st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)))
def test_two_digit_years_are_1970_to_2069(day):
    assert parse_date(f"{day.day:02d}/{day.month:02d}/{day.year % 100:02d}", DMY) == day


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "",
            "abc",
            "31/02/2024",
            "05/05/0202",
            "2024-13-01",
            "32/01/2024",
            "00/01/2024",
            "5/jan",
            "12/2024",
            "10/13/24/1",
        ),
        *(
            "1 de foo de 2024",
            "99999",
            12.0,
            1e300,
            float("nan"),
            True,
            None,
            dt.time(1, 2),
            "2024-01-01T25:00",
            "1/1-2024",
        ),
    ],
)
def test_what_is_no_date_is_none(cell):
    assert parse_date(cell, DMY) is None


@given(st.text(max_size=25), st.sampled_from([DMY, MDY]))
def test_any_text_is_a_date_or_none(text, style):
    found = parse_date(text, style)
    assert found is None or 1900 <= found.year <= 2099


def test_the_local_date_stays_whatever_the_offset():
    assert parse_datetime("2024-08-05T00:30:00-03:00", DMY) == dt.datetime.fromisoformat("2024-08-05 00:30")
    assert parse_datetime("05/08/2024 11:15 PM", DMY) == dt.datetime.fromisoformat("2024-08-05 23:15")


@pytest.mark.parametrize(
    ("values", "order", "certain"),
    [
        (["03/04/2024", "13/04/2024"], "dmy", True),
        (["03/04/2024", "04/13/2024"], "mdy", True),
        (["13/04/2024", "14/04/2024", "04/13/2024"], "dmy", False),
        (["04/13/2024", "04/14/2024", "13/04/2024"], "mdy", False),
        (["03/04/2024"], "dmy", False),
        (["2024-01-02", 45292.0, None], "dmy", True),
    ],
)
def test_the_order_is_decided_once_by_the_whole_column(values, order, certain):
    style = detect_date_style(values)
    assert (style.order, style.certain) == (order, certain)


def test_a_date_that_contradicts_its_column_is_none_not_swapped():
    values = ["13/04/2024", "14/04/2024", "04/15/2024"]
    style = detect_date_style(values)
    assert [parse_date(value, style) for value in values] == [dt.date(2024, 4, 13), dt.date(2024, 4, 14), None]


@given(st.lists(DAYS, min_size=1, max_size=30), st.sampled_from(["dmy", "mdy"]))
def test_a_column_with_one_late_day_is_read_right(days, order):
    days.append(dt.date(2024, 3, 31))
    texts = [f"{d:%d/%m/%Y}" if order == "dmy" else f"{d:%m/%d/%Y}" for d in days]
    style = detect_date_style(texts)
    assert [parse_date(text, style) for text in texts] == days
