"""What is asked of generated rows is met as it was meant, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.generators import MixtureSynthesizer


def table(n: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    day = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 300, n), "D")
    return pd.DataFrame(
        {
            "big": rng.random(n) < 0.3,
            "count": rng.integers(0, 9, n),
            "fifties": 50 * rng.integers(0, 4000, n),
            "share": rng.beta(0.4, 0.4, n).clip(0, 0.999999),
            "amount": np.round(rng.lognormal(4, 1, n), 2),
            "day": day,
            "settled": day + pd.to_timedelta(rng.integers(0, 4, n), "D"),
        }
    )


@pytest.fixture(scope="module")
def model() -> MixtureSynthesizer:
    return MixtureSynthesizer(random_state=0).fit(table(), target="big")


@pytest.mark.parametrize(
    "wish", [{"big": "False"}, {"big": None}, {"big": 2}, {"count": 1.7}, {"count": "3"}, {"count": None}]
)
def test_values_of_another_type_are_refused_not_turned_into_others(model: Any, wish: dict[str, object]) -> None:
    with pytest.raises(InvalidParameterError, match=next(iter(wish))):
        model.sample(4, conditions=wish)


def test_labels_of_another_type_are_refused(model: Any) -> None:
    with pytest.raises(InvalidParameterError, match="'no'"):
        model.sample(n_per_class={"no": 2})
    assert model.sample(n_per_class={True: 2, np.False_: 1})["big"].tolist() == [True, True, False]


@pytest.mark.parametrize("wish", [{"amount": 1e12}, {"amount": 12.345}, {"share": 2.0}, {"fifties": 75}])
def test_numbers_that_no_row_could_have_are_refused(model: Any, wish: dict[str, object]) -> None:
    with pytest.raises(InvalidDataError, match=next(iter(wish))):
        model.sample(4, conditions=wish)


def test_multiples_stay_multiples_and_shares_stay_shares(model: Any) -> None:
    rows = model.sample(20_000, random_state=0)
    assert (rows["fifties"] % 50 == 0).all()
    assert rows["share"].between(0, 1).all()


def test_a_date_and_the_later_one_that_follows_from_it_can_be_asked_together(model: Any) -> None:
    day = pd.Timestamp("2025-03-03")
    rows = model.sample(20, conditions={"day": day, "settled": day + pd.Timedelta(days=1)}, max_tries=60)
    assert (rows["settled"] - rows["day"] == pd.Timedelta(days=1)).all()
