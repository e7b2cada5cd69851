"""A synthetic bank row never contradicts itself: sign and type agree, and banks post on days they post on."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.finance._coherence import make_coherent, nearest_day

DAYS = pd.date_range("2025-01-01", periods=120, freq="D")


def _frame(dates: list[pd.Timestamp], amounts: list[int], classes: list[str], word: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": pd.Series(dates, dtype="datetime64[s]"),
            "amount_cents": pd.Series(amounts, dtype="int64"),
            "transaction_type": [word] * len(dates),
            "category": classes,
        }
    )


def test_type_follows_the_sign_in_the_dialect_of_the_table() -> None:
    for words in (("debit", "credit"), ("expense", "income")):
        real = _frame([DAYS[1], DAYS[2]], [-1, 1], ["a", "b"], words[0]).assign(transaction_type=list(words))
        made = _frame([DAYS[1]] * 3, [-5, 5, 0], ["a"] * 3, words[1])
        assert make_coherent(made, real, "category")["transaction_type"].tolist() == [words[0], words[1], words[1]]


def test_a_class_without_weekends_gets_none_and_one_with_weekends_may_keep_them() -> None:
    weekdays = [day for day in DAYS if day.dayofweek < 5]
    real = _frame(
        [*weekdays, *DAYS], [1] * (len(weekdays) + len(DAYS)), ["salary"] * len(weekdays) + ["pix"] * 120, "credit"
    )
    made = _frame([*DAYS, *DAYS], [1] * 240, ["salary"] * 120 + ["pix"] * 120, "credit")
    dates = make_coherent(made, real, "category")["date"]
    assert not dates[:120].dt.dayofweek.ge(5).any()
    assert dates[120:].tolist() == list(DAYS)


@given(
    st.lists(st.integers(-400, 400), min_size=1, max_size=30),
    st.lists(st.one_of(st.none(), st.integers(-500, 500)), max_size=30),
)
def test_nearest_day_is_what_a_search_over_all_days_finds(days: list[int], dates: list[int | None]) -> None:
    epoch = pd.Timestamp("2025-01-01")
    sorted_days = np.unique(np.array([epoch + pd.Timedelta(d, unit="D") for d in days], dtype="datetime64[s]"))
    given_dates = pd.Series(
        [pd.NaT if d is None else epoch + pd.Timedelta(d, unit="D") for d in dates], dtype="datetime64[s]"
    )
    for before, after in zip(given_dates, nearest_day(given_dates, sorted_days), strict=True):
        if pd.isna(before):
            assert pd.isna(after)
            continue
        expected = min(pd.to_datetime(sorted_days), key=lambda day, at=before: (abs(day - at), day))
        assert after == expected
