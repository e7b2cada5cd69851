"""Relations between columns: the planted ones are found, accidents are not, and nothing is lost on the way."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal

from contrapeso.errors import CorruptArchiveError, InvalidDataError
from contrapeso.tables import infer_schema
from contrapeso.tables.encoding._dependencies import Dependency, Membership, log_chance, read_series, write_series
from contrapeso.tables.encoding._gaps import Gap
from contrapeso.tables.encoding._orders import Order
from contrapeso.tables.encoding._relations import Relations
from contrapeso.tables.encoding._sums import Sum


def find(frame: pd.DataFrame, **options) -> Relations:
    return Relations.find(frame, infer_schema(frame), **options)


def assert_lossless(relations: Relations, frame: pd.DataFrame) -> None:
    assert_frame_equal(relations.restore(relations.reduce(frame)), frame)
    again = Relations.from_dict(json.loads(json.dumps(relations.to_dict(), allow_nan=False)))
    assert_frame_equal(again.restore(again.reduce(frame)), frame)
    assert again.describe() == relations.describe()
    assert again.schema == relations.schema


def planted(n: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    city = rng.choice(["Recife", "Olinda", "Natal", "Mossoró", "Parnamirim"], n)
    net = rng.integers(1, 100_000, n) / 100
    tax = np.rint(net * rng.uniform(0, 20, n)) / 100
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    low = rng.normal(50, 20, n).round(3)
    return pd.DataFrame(
        {
            "city": city,
            "state": np.where(np.isin(city, ["Recife", "Olinda"]), "PE", "RN"),
            "net": net,
            "tax": tax,
            "valor": np.rint((net + tax) * 100) / 100,
            "start": start,
            "end": start + pd.to_timedelta(rng.integers(0, 30, n), unit="D"),
            "low": low,
            "high": low + rng.exponential(10, n).round(3),
            "noise": rng.normal(size=n),
        }
    )


@pytest.mark.parametrize("seed", range(5))
def test_planted_relations_are_found_and_restored(seed):
    frame = planted(seed=seed)
    relations = find(frame)
    kinds = {step.output: type(step) for step in relations.steps}
    assert kinds == {"state": Dependency, "valor": Sum, "end": Gap, "high": Order}
    assert set(relations.dropped) == {"state", "valor"}
    assert relations.reexpressed == ("end",)
    assert_lossless(relations, frame)
    reduced = relations.reduce(frame)
    assert tuple(reduced.columns) == relations.schema.names
    assert (reduced["end"] >= 0).all()
    assert relations.schema["end"].dtype == str(reduced["end"].dtype) == "int64"


def test_relations_hold_in_rows_that_break_them_before():
    frame = planted()
    relations, rng = find(frame), np.random.default_rng(3)
    reduced = relations.reduce(frame)
    shuffled = pd.DataFrame({name: rng.permutation(reduced[name].to_numpy()) for name in reduced})
    back = relations.restore(shuffled)
    assert list(back.columns) == list(frame.columns)
    assert (back.dtypes == frame.dtypes).all()
    assert back.groupby("city")["state"].nunique().max() == 1
    assert_array_equal((back["valor"] * 100).round(), ((back["net"] + back["tax"]) * 100).round())
    assert (back["end"] >= back["start"]).all()
    assert (back["high"] >= back["low"]).all()


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n", [12, 60, 800])
def test_random_tables_have_no_relations(n, seed):
    """False-alarm rate: a dependency by chance needs e**-25, the others more."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "flag": rng.random(n) < 0.02,
            "rare": rng.choice(["x", "y"], n, p=[0.98, 0.02]),
            "kind": rng.choice(list("abcdefgh"), n),
            "many": rng.integers(0, max(2, n // 3), n),
            "count": rng.poisson(3, n),
            "amount": rng.lognormal(3, 1, n).round(2),
            "other": rng.lognormal(3, 1, n).round(2),
            "day": pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 100, n), unit="D"),
            "later": pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 100, n), unit="D"),
        }
    )
    relations = find(frame)
    assert relations.steps == ()
    assert relations.same_as == ()
    assert_lossless(relations, frame)


columns = st.sampled_from(["int", "float", "text", "category", "date", "moment", "Int64", "string", "decimal", "bool"])


def make_column(kind: str, codes: np.ndarray, *, holes: bool) -> pd.Series:
    values = {
        "int": codes * 3,
        "float": codes / 4,
        "text": np.array([f"v{c}" for c in codes], dtype=object),
        "category": pd.Categorical([f"v{c}" for c in codes]),
        "date": np.array([date(2020, 1, 1 + int(c)) for c in codes], dtype=object),
        "moment": pd.Timestamp("2020-01-01") + pd.to_timedelta(codes, unit="h"),
        "Int64": pd.array(codes, dtype="Int64"),
        "string": pd.array([f"v{c}" for c in codes], dtype="string"),
        "decimal": np.array([Decimal(int(c)) / 4 for c in codes], dtype=object),
        "bool": codes % 2 == 0,
    }[kind]
    series = pd.Series(values)
    if holes and kind not in {"int", "bool"}:
        series[codes == 0] = None
    return series


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(columns, st.integers(0, 2), st.integers(1, 9), st.booleans()), min_size=1, max_size=6),
    st.integers(2, 120),
    st.integers(0, 2**32 - 1),
)
def test_restore_undoes_reduce_for_any_dtypes(kinds, n, seed):
    rng = np.random.default_rng(seed)
    roots = [rng.integers(0, 25, n) for _ in range(3)]
    parts = {f"c{i}": make_column(k, roots[r] // d, holes=h) for i, (k, r, d, h) in enumerate(kinds)}
    frame = pd.DataFrame(parts)
    relations = find(frame)
    assert_lossless(relations, frame)
    assert_lossless(relations.verify(frame), frame)
    assert len(relations.verify(frame).steps) == len(relations.steps)


def test_a_chain_is_looked_up_from_the_smallest_column_left():
    rng = np.random.default_rng(0)
    fine = rng.integers(0, 60, 2000)
    frame = pd.DataFrame({"top": fine // 20, "mid": [f"m{v}" for v in fine // 5], "fine": [f"f{v}" for v in fine]})
    relations = find(frame)
    assert relations.dropped == ("mid", "top")
    assert {step.inputs for step in relations.steps} == {("fine",)}
    assert_lossless(relations, frame)


def test_of_two_columns_that_say_the_same_the_first_stays_unless_the_second_is_asked_for():
    frame = pd.DataFrame({"code": [1, 2, 3, 4] * 30, "name": list("abcd") * 30})
    assert find(frame).dropped == ("name",)
    assert find(frame, keep=["name"]).dropped == ("code",)
    assert find(frame, keep=["name", "code"]).steps == ()


def test_columns_asked_for_stay_as_they_are():
    frame = planted()
    relations = find(frame, keep=["valor", "end", "high", "state"])
    assert not {"valor", "end", "high", "state"} & {step.output for step in relations.steps}
    kinds = {step.output: type(step) for step in relations.steps}
    assert kinds == {"tax": Sum, "low": Order, "city": Membership, "start": Gap}
    assert_lossless(relations, frame)


def test_a_sum_of_three_and_an_exact_copy_are_found():
    rng = np.random.default_rng(1)
    parts = {name: rng.integers(0, 100_000, 600) / 100 for name in ("a", "b", "c")}
    frame = pd.DataFrame(parts | {"noise": rng.normal(size=600)})
    frame["total"] = np.rint((frame["a"] + frame["b"] + frame["c"]) * 100) / 100
    frame["copy"] = frame["a"]
    relations = find(frame)
    assert {step.output: set(step.inputs) for step in relations.steps} == {"total": {"a", "b", "c"}, "copy": {"a"}}
    assert_lossless(relations, frame)


def test_a_sum_that_is_off_by_a_cent_once_is_none():
    frame = planted()
    frame.loc[7, "valor"] += 0.01
    frame["valor"] = frame["valor"].round(2)
    assert "valor" not in find(frame).dropped


def test_a_dependency_broken_once_is_none():
    frame = planted()
    frame.loc[7, "state"] = "PE" if frame.loc[7, "state"] == "RN" else "RN"
    assert "state" not in find(frame).dropped


def test_the_probability_of_an_accident_is_that_of_shuffles():
    """Against counting shuffles: 20,000 of them, so 3 standard errors are under 0.011 of the share."""
    a = np.array([0, 0, 1, 1, 2, 3, 4, 5], dtype=np.int32)
    b = np.array([0, 0, 0, 0, 0, 0, 1, 1], dtype=np.int32)
    rng = np.random.default_rng(0)
    draws = rng.choice(b, size=(20_000, len(b)))
    holds = ((draws[:, 0] == draws[:, 1]) & (draws[:, 2] == draws[:, 3])).mean()
    assert np.exp(log_chance(a, b)) == pytest.approx(holds, abs=0.011)


def test_numbers_are_drawn_again_where_the_column_they_determine_was_asked_for():
    frame = pd.DataFrame({"kind": ["pix", "ted"] * 50, "amount": [10.5, 20.0, 10.5, 30.25] * 25})
    relations = find(frame, keep=["kind"])
    assert [(type(s), s.output) for s in relations.steps] == [(Membership, "amount")]
    back = relations.restore(frame.assign(kind="ted"))
    assert set(back["kind"]) == {"ted"}
    assert set(back["amount"]) == {20.0, 30.25}


def many_values(n: int = 6000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    code = rng.integers(0, 900, n)
    return pd.DataFrame({"code": [f"c{v:03d}" for v in code], "group": [f"g{v % 7}" for v in code]})


def test_a_column_of_many_values_is_drawn_again_within_its_group():
    frame = many_values()
    relations = find(frame)
    assert [type(step) for step in relations.steps] == [Membership]
    assert_lossless(relations, frame)
    broken = frame.assign(group=frame["group"].sample(frac=1, random_state=0).to_numpy())
    broken.loc[0, "code"] = "never seen"
    back = relations.restore(broken)
    assert back.loc[0, "code"] == "never seen"
    assert_array_equal(back["group"], broken["group"])
    known = dict(zip(frame["code"], frame["group"], strict=True))
    assert (back["code"][1:].map(known) == back["group"][1:]).all()
    same = broken["code"].map(known) == broken["group"]
    assert_array_equal(back["code"][same], broken["code"][same])
    assert_frame_equal(back, relations.restore(broken))
    other = relations.restore(broken, np.random.default_rng(9))
    assert (other["code"] != back["code"]).any()


def test_an_unseen_source_takes_the_commonest_target_or_that_of_the_value_below():
    frame = pd.DataFrame({"kind": ["a"] * 30 + ["b"] * 20 + ["c"] * 20, "name": ["x"] * 30 + ["y"] * 20 + ["z"] * 20})
    back = find(frame).restore(pd.DataFrame({"kind": ["?", "b", None]}))
    assert back["name"].tolist() == ["x", "y", "x"]
    days = pd.date_range("2020-01-01", periods=600)
    table = pd.DataFrame({"day": np.repeat(days[days.day % 2 == 1], 3)})
    table["release"] = table["day"].dt.strftime("%Y-%m")
    relations = find(table)
    assert relations.dropped == ("release",)
    fresh = relations.restore(pd.DataFrame({"day": [pd.Timestamp("2020-03-12"), pd.Timestamp("2019-01-01")]}))
    assert fresh["release"].tolist() == ["2020-03", "2020-01"]


def test_weekdays_are_not_looked_up_from_many_dates():
    days = pd.Series(np.repeat(pd.date_range("2020-01-01", periods=600), 3))
    frame = pd.DataFrame({"day": days, "weekday": days.dt.day_name()})
    assert find(frame).dropped == ()


def test_gaps_between_dates_of_other_steps_and_with_nulls():
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900 * 86_400, 500), unit="s")
    end = pd.Series((start + pd.to_timedelta(rng.integers(1, 30, 500), unit="D")).normalize())
    end[::7] = pd.NaT
    frame = pd.DataFrame({"start": start, "end": end})
    relations = find(frame)
    assert relations.reexpressed == ("end",)
    assert relations.reduce(frame)["end"].dtype == relations.schema["end"].dtype == "Int64"
    assert_lossless(relations, frame)


@pytest.mark.parametrize("first", [7, 10**6])
def test_a_later_partition_keeps_its_gaps_wherever_its_index_starts(first: int) -> None:
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, 500), unit="D")
    frame = pd.DataFrame({"start": start, "end": start + pd.to_timedelta(rng.integers(0, 30, 500), unit="D")})
    relations = find(frame)
    assert relations.reexpressed == ("end",)
    assert relations.verify(frame.set_index(np.arange(first, first + 500))).reexpressed == ("end",)


def test_gaps_between_dates_written_as_text():
    rng = np.random.default_rng(0)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, 500), unit="D")
    end = start + pd.to_timedelta(rng.integers(0, 30, 500), unit="D")
    frame = pd.DataFrame({"start": start.strftime("%d/%m/%Y"), "end": end.strftime("%Y-%m-%d")}).astype(object)
    relations = find(frame)
    assert relations.reexpressed == ("end",)
    assert_lossless(relations, frame)


def test_an_order_that_follows_from_two_others_is_not_listed():
    rng = np.random.default_rng(0)
    low = rng.normal(size=500)
    mid = low + rng.exponential(size=500)
    frame = pd.DataFrame({"low": low, "mid": mid, "high": mid + rng.exponential(size=500)})
    relations = find(frame)
    assert [(s.lesser, s.greater) for s in relations.steps] == [("low", "mid"), ("mid", "high")]
    back = relations.restore(pd.DataFrame({"low": [3.0, 0.0], "mid": [2.0, np.nan], "high": [1.0, -1.0]}))
    assert back["high"].tolist() == [3.0, -1.0]


def test_columns_with_the_same_value_name_the_source_that_explains_most():
    rng = np.random.default_rng(0)
    bill = np.where(rng.random(3000) < 0.2, 0, rng.integers(1, 10**6, 3000))
    last = np.where(rng.random(3000) < 0.3, bill, rng.integers(0, 10**6, 3000))
    paid = np.where(rng.random(3000) < 0.25, last, rng.integers(0, 10**6, 3000))
    relations = find(pd.DataFrame({"bill": bill, "last": last, "paid": paid}))
    assert [(p.column, p.source) for p in relations.same_as] == [("last", "bill"), ("paid", "last")]
    expected = np.mean((last == bill) & (bill != 0))
    assert relations.same_as[0].share == pytest.approx(expected)


def test_another_partition_drops_what_it_breaks_and_extends_what_it_obeys():
    frame, more = planted(), planted(seed=9)
    more["end"] = more["start"] - pd.Timedelta(days=1)
    more.loc[3:5, "city"], more.loc[3:5, "state"] = "Caicó", "RN"
    relations = find(frame).verify(more)
    assert {step.output for step in relations.steps} == {"state", "valor", "high"}
    both = pd.concat([frame, more], ignore_index=True)
    assert_lossless(relations, both)
    assert relations.schema["end"].kind == "datetime"
    assert relations.restore(relations.reduce(more))["state"][3] == "RN"
    swapped = more.assign(state=more["state"].map({"PE": "RN", "RN": "PE"}))
    assert "state" not in relations.verify(swapped).dropped
    assert "state" in relations.verify(swapped).schema.names


def test_candidates_from_a_sample_are_verified_on_all_rows():
    frame = planted(4000)
    assert {s.output for s in find(frame, max_rows=300).steps} == {"state", "valor", "end", "high"}
    frame.loc[1, "state"] = "PE" if frame.loc[1, "state"] == "RN" else "RN"
    frame.loc[1, "end"] = frame.loc[1, "start"] - pd.Timedelta(days=1)
    frame.loc[1, "valor"] = -1.0
    frame.loc[1, "high"] = frame.loc[1, "low"] - 1
    assert find(frame, max_rows=300).steps == ()


def test_index_and_labels_come_back_as_text_and_the_order_of_columns_is_kept():
    frame = pd.DataFrame({0: [1, 2, 3, 4] * 30, 1: list("abcd") * 30}, index=np.arange(120)[::-1])
    relations = find(frame)
    back = relations.restore(relations.reduce(frame))
    assert_frame_equal(back, frame.set_axis(["0", "1"], axis=1))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_tiny_tables_have_no_relations(n):
    frame = planted(10).head(n)
    assert find(frame).steps == ()
    assert_lossless(find(frame), frame)


def test_another_schema_is_refused():
    frame = planted()
    with pytest.raises(InvalidDataError, match="Infer the schema"):
        Relations.find(frame[["city"]], infer_schema(frame))


def test_a_damaged_relation_is_refused():
    with pytest.raises(CorruptArchiveError, match="Spell"):
        Relations.from_dict(find(planted()).to_dict() | {"steps": [{"type": "Spell"}]})
    with pytest.raises(CorruptArchiveError, match="bomb"):
        read_series({"dtype": "object", "cells": [{"type": "bomb", "text": ""}]})


def test_infinite_and_exact_cells_survive_json():
    series = pd.Series([Decimal("1.10"), float("inf"), pd.Timestamp("2020-01-01"), "a", True, None], dtype=object)
    back = read_series(json.loads(json.dumps(write_series(series), allow_nan=False)))
    assert back.tolist() == series.tolist()


def test_sentences_come_in_both_languages():
    relations = find(planted())
    assert "valor equals net + tax; it is computed, not generated." in relations.describe()
    assert "valor é igual a net + tax; é calculada, não gerada." in relations.describe("pt")


EXPECTED = {
    "adult_train": ["education-num is determined by education; it is computed, not generated."],
    "bank_marketing": [],
    "german": [],
    "ceaps_2020": [],  # its CNPJ has several spellings of a supplier, and the suppliers have several CNPJ
}


@pytest.mark.shared
@pytest.mark.parametrize("name", EXPECTED)
def test_relations_of_real_tables(shared_data: Path, name: str):
    frame = pd.read_parquet(shared_data / f"{name}.parquet")
    relations = find(frame)
    assert list(relations.describe()) == EXPECTED[name]
    assert_lossless(relations, frame)


@pytest.mark.shared
def test_suppliers_follow_from_their_number_once_they_are_spelt_in_one_way(shared_data: Path):
    frame = pd.read_parquet(shared_data / "ceaps_2020.parquet")
    frame["FORNECEDOR"] = frame.groupby("CNPJ_CPF")["FORNECEDOR"].transform("first")
    relations = find(frame)
    assert [(s.output, s.inputs) for s in relations.steps] == [("FORNECEDOR", ("CNPJ_CPF",))]
    assert_lossless(relations, frame)


@pytest.mark.shared
def test_a_payment_is_often_the_bill_of_the_month_before(shared_data: Path):
    frame = pd.read_parquet(shared_data / "default_credit.parquet")
    relations = find(frame)
    assert relations.steps == ()
    best = {}
    for pair in relations.same_as:
        best.setdefault(pair.column, pair.source)
    assert all(best[f"PAY_AMT{k}"] == f"BILL_AMT{k + 1}" for k in range(1, 6))


def test_a_sum_with_an_addend_of_few_values_is_found() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"balance": np.round(rng.gamma(2, 50, 400), 2), "fee": rng.choice([0.0, 1.5, 9.9], 400)})
    frame["total"] = np.round(frame["balance"] + frame["fee"], 2)
    found = Relations.find(frame, infer_schema(frame))
    assert "total" in found.dropped
    pd.testing.assert_frame_equal(found.restore(found.reduce(frame), np.random.default_rng(0)), frame)
