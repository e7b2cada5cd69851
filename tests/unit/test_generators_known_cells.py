"""Cells that are known beside cells that are not: sums are solved, orders respected, contradictions refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import UnmetConditionsError
from contrapeso.generators import AutoregressiveNetwork, MixtureSynthesizer, load_synthesizer
from contrapeso.tables import infer_schema
from contrapeso.tables.encoding._gaps import Gap
from contrapeso.tables.encoding._relations import Relations
from tests.unit._generator_cases import made

N = 400


def amounts(n: int = N, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    net, fee, tax = (rng.gamma(2, scale, n).round(2) for scale in (50, 20, 5))
    return pd.DataFrame({"net": net, "fee": fee, "tax": tax, "total": (net + fee + tax).round(2)})


def loans(n: int = N, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 300, n), "D")
    return pd.DataFrame({"start": start, "end": start + pd.to_timedelta(rng.integers(0, 20, n), "D")})


def ranges(n: int = N, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    low = rng.normal(100, 20, n).round(1)
    middle = (low + rng.gamma(2, 10, n)).round(1)
    return pd.DataFrame({"low": low, "middle": middle, "high": (middle + rng.gamma(2, 10, n)).round(1)})


@pytest.fixture(scope="module")
def of_amounts() -> MixtureSynthesizer:
    return MixtureSynthesizer(random_state=0).fit(amounts())


@pytest.fixture(scope="module")
def of_loans() -> MixtureSynthesizer:
    return MixtureSynthesizer(random_state=0).fit(loans())


@pytest.fixture(scope="module")
def of_ranges() -> MixtureSynthesizer:
    return MixtureSynthesizer(random_state=0).fit(ranges())


def with_gaps(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The frame with nulls in these columns of its first hundred rows."""
    gone = pd.DataFrame({name: np.arange(len(frame)) < 100 for name in names})
    return frame.assign(**{name: frame[name].mask(gone[name]) for name in names})


def check_known(frame: pd.DataFrame, filled: pd.DataFrame) -> None:
    """No null is left, and no cell that was there has changed."""
    assert not filled.isna().any().any()
    assert filled.where(frame.notna()).equals(frame)


# Filling nulls


@pytest.mark.parametrize("name", ["net", "fee", "tax", "total"])
def test_the_one_term_of_a_sum_that_is_missing_is_solved_for(of_amounts, name):
    frame = amounts()
    assert of_amounts.impute(with_gaps(frame, [name])).equals(frame)


@pytest.mark.parametrize("names", [["net", "fee"], ["net", "fee", "tax"]])
def test_several_missing_terms_share_the_rest_of_their_total(of_amounts, names):
    frame = with_gaps(amounts(), names)
    filled = of_amounts.impute(frame)
    check_known(frame, filled)
    assert ((filled["net"] + filled["fee"] + filled["tax"] - filled["total"]).abs() < 0.005).all()
    assert (filled >= 0).all().all()
    assert not filled[names].equals(amounts()[names])


def test_whole_terms_beside_cents_stay_whole():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"units": rng.integers(10, 400, N), "cents": rng.gamma(2, 30, N).round(2)})
    frame["total"] = (frame["units"] + frame["cents"]).round(2)
    model = MixtureSynthesizer(random_state=0).fit(frame.astype({"units": "Int64"}))
    gaps = frame.astype({"units": "Int64"})
    gaps.loc[:99, ["units", "cents"]] = pd.NA
    filled = model.impute(gaps)
    assert str(filled["units"].dtype) == "Int64"
    assert ((filled["units"] + filled["cents"] - filled["total"]).abs() < 0.005).all()


@pytest.mark.parametrize("name", ["start", "end"])
def test_the_missing_one_of_two_dates_keeps_their_order(of_loans, name):
    frame = with_gaps(loans(), [name])
    filled = of_loans.impute(frame)
    check_known(frame, filled)
    assert (filled["start"] <= filled["end"]).all()
    assert (filled["end"] - filled["start"]).max() < pd.Timedelta("20D")


@pytest.mark.parametrize("form", ["text", "date", "zoned"])
@pytest.mark.parametrize("keep", [[], ["end"]])
def test_dates_in_any_form_are_filled_in_order(form, keep):
    rng, frame = np.random.default_rng(0), loans()
    writers = {
        "text": lambda column: column.dt.strftime("%Y-%m-%d").astype(object),
        "date": lambda column: column.dt.date.astype(object),
        "zoned": lambda column: column + pd.to_timedelta(rng.integers(0, 86_400, N), "s"),
    }
    frame["end"] += pd.Timedelta("1D")
    frame = frame.apply(writers[form])
    if form == "zoned":
        frame = frame.apply(lambda column: column.dt.tz_localize("UTC").dt.tz_convert("America/Sao_Paulo"))
    model = MixtureSynthesizer(random_state=0).fit(frame, keep=keep)
    assert [type(step) for step in model.encoder_.relations_.steps] == [Gap]
    for names in (["start"], ["end"], ["start", "end"]):
        filled = model.impute(with_gaps(frame, names))
        assert not filled.isna().any().any()
        assert (filled["start"] <= filled["end"]).all()
        assert filled.iloc[100:].equals(frame.iloc[100:])
        assert filled.dtypes.equals(frame.dtypes)


def test_a_fixed_gap_gives_either_date():
    frame = loans().assign(end=lambda rows: rows["start"] + pd.Timedelta("7D"))
    model = MixtureSynthesizer(random_state=0).fit(frame)
    for name in frame:
        assert model.impute(with_gaps(frame, [name])).equals(frame)


def test_a_date_between_two_dates_stays_between_them():
    rng = np.random.default_rng(0)
    frame = loans().assign(paid=lambda rows: rows["end"] + pd.to_timedelta(rng.integers(0, 20, N), "D"))
    model = MixtureSynthesizer(random_state=0).fit(frame)
    for names in (["end"], ["start", "end"], ["start"], ["end", "paid"]):
        gaps = with_gaps(frame, names)
        filled = model.impute(gaps)
        check_known(gaps, filled)
        assert (filled["start"] <= filled["end"]).all()
        assert (filled["end"] <= filled["paid"]).all()


@pytest.mark.parametrize("names", [["low"], ["middle"], ["high"], ["low", "high"], ["low", "middle"]])
def test_numbers_in_order_are_filled_within_their_bounds(of_ranges, names):
    frame = with_gaps(ranges(), names)
    filled = of_ranges.impute(frame)
    check_known(frame, filled)
    assert (filled["low"] <= filled["middle"]).all()
    assert (filled["middle"] <= filled["high"]).all()
    assert (filled["low"] == filled["middle"])[:100].mean() < 0.25  # a bound is not where they pile up


def test_networks_respect_bounds_too():
    model = made("autoregressive", epochs=2, network=AutoregressiveNetwork(order="any")).fit(ranges())
    filled = model.impute(with_gaps(ranges(), ["low"]))
    assert (filled["low"] <= filled["middle"]).all()


EVERYTHING = pd.concat([amounts(), loans(), ranges()], axis=1)
RELATIONS = Relations.find(EVERYTHING, infer_schema(EVERYTHING))


def test_sums_gaps_and_orders_are_all_found():
    assert {type(step).__name__ for step in RELATIONS.steps} == {"Sum", "Gap", "Order"}


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_whatever_is_known_of_rows_comes_back_and_the_relations_hold(seed):
    rng, frame, relations = np.random.default_rng(seed), EVERYTHING, RELATIONS
    known = frame.mask(rng.random(frame.shape) < 0.5)
    drawn = relations.reduce(frame).iloc[rng.permutation(N)].reset_index(drop=True)
    rows = relations.restore(drawn, rng, known)
    assert rows.where(known.notna()).equals(known)
    assert ((rows["net"] + rows["fee"] + rows["tax"] - rows["total"]).abs() < 0.005).all()
    assert (rows["start"] <= rows["end"]).all()
    assert (rows["low"] <= rows["middle"]).all()
    assert (rows["middle"] <= rows["high"]).all()


# Conditions


def test_a_condition_on_the_greater_one_bounds_the_lesser(of_ranges):
    rows = of_ranges.sample(500, conditions={"middle": 100.0}, random_state=0)
    assert (rows["middle"] == 100.0).all()
    assert (rows["low"] <= 100.0).all()
    assert (rows["high"] >= 100.0).all()
    assert rows["low"].nunique() > 20


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"low": 120.0, "middle": 100.0}, ["low=120.0", "middle=100.0", "low is never above middle", "keep="]),
        ({"low": 150.0, "high": 100.0}, ["low=150.0", "high=100.0", "low is never above high"]),
    ],
)
def test_conditions_against_an_order_are_refused_with_values_and_a_way_out(of_ranges, wish, said):
    with pytest.raises(UnmetConditionsError) as caught:
        of_ranges.sample(3, conditions=wish)
    assert all(words in str(caught.value) for words in said)


def test_conditions_against_a_sum_or_the_order_of_dates_are_refused(of_amounts, of_loans):
    row = amounts().iloc[5]
    wishes = pd.DataFrame([row, row.mask(row.index == "total", row["total"] + 1)])
    with pytest.raises(UnmetConditionsError, match=r"Row 1 .*total equals net \+ fee \+ tax"):
        of_amounts.sample(conditions=wishes)
    with pytest.raises(UnmetConditionsError, match="end is never before start"):
        of_loans.sample(2, conditions={"start": pd.Timestamp("2025-06-02"), "end": pd.Timestamp("2025-06-01")})


def test_conditions_against_a_lookup_are_refused_at_once():
    frame = pd.DataFrame({"grade": ["a", "b", "c", "a"] * 40, "points": [3, 2, 1, 3] * 40})
    model = MixtureSynthesizer(random_state=0).fit(frame)
    with pytest.raises(UnmetConditionsError, match="points is determined by grade"):
        model.sample(2, conditions={"grade": "a", "points": 1})


def test_the_way_out_works():
    model = MixtureSynthesizer(random_state=0).fit(ranges(), keep=["low", "middle", "high"])
    rows = model.sample(3, conditions={"low": 120.0, "middle": 100.0})
    assert rows["low"].tolist() == [120.0] * 3


# Dates that conditions name


def test_the_earlier_date_follows_from_a_later_one_that_was_asked_for(of_loans):
    frame = loans()
    model = MixtureSynthesizer(random_state=0).fit(frame, keep=["end"])
    (gap,) = model.encoder_.relations_.steps
    assert isinstance(gap, Gap)
    assert gap.output == "start"
    assert not of_loans.encoder_.relations_.steps[0].backward
    day = frame["end"].iloc[0]
    rows = model.sample(200, conditions={"end": day}, random_state=0)
    assert (rows["end"] == day).all()
    assert (rows["start"] <= day).all()
    assert rows["start"].nunique() > 5
    gaps = with_gaps(frame, ["end"])
    filled = model.impute(gaps)
    check_known(gaps, filled)
    assert (filled["start"] <= filled["end"]).all()


@pytest.mark.parametrize(("early", "late"), [("D", "min"), ("min", "D"), ("s", "s")])
def test_a_backward_gap_undoes_itself_whatever_the_steps(early, late):
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, N), "s")
    end = start + pd.to_timedelta(rng.integers(0, 10**6, N), "s")
    frame = pd.DataFrame({"start": start.floor(early), "end": end.ceil(late)})
    relations = Relations.find(frame, infer_schema(frame), keep=["end"])
    assert relations.reexpressed == ("start",)
    pd.testing.assert_frame_equal(relations.restore(relations.reduce(frame)), frame)
    again = Relations.from_dict(relations.to_dict())
    rows = again.restore(relations.reduce(frame).assign(start=rng.integers(0, 1_000, N)))
    assert (rows["start"] <= rows["end"]).all()


# Labels


def numbered() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {0: rng.choice(["a", "b"], 200), 1: rng.normal(size=200).round(3), "x": rng.integers(0, 9, 200)}
    )


def test_labels_of_columns_come_back_as_they_came(tmp_path: Path) -> None:
    frame = numbered()
    model = MixtureSynthesizer(random_state=0).fit(frame, target=0, keep=[1])
    model.save(tmp_path / "m.cps")
    for again in (model, load_synthesizer(tmp_path / "m.cps")):
        assert again.sample(3).columns.equals(frame.columns)
        asked = again.sample(n_per_class={"a": 2}, conditions={1: frame[1].iloc[0]}, exclude=frame)
        assert asked.columns.equals(frame.columns)
        assert (again.sample(20, constraints=lambda rows: rows[1] > 0)[1] > 0).all()
        assert again.impute(frame.mask(frame[1] > 1)).columns.equals(frame.columns)
        assert again.impute(frame).columns.equals(frame.columns)
        assert again.log_prob(frame).shape == (200,)


def test_labels_of_two_levels_and_of_other_tables() -> None:
    frame = numbered().set_axis(pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["one", "two"]), axis=1)
    assert MixtureSynthesizer(random_state=0).fit(frame).sample(2).columns.equals(frame.columns)
    values = np.random.default_rng(0).normal(size=(100, 2))
    assert list(MixtureSynthesizer(random_state=0).fit(values).sample(2).columns) == ["0", "1"]
