"""The shared encoder of the generators: laws over whole tables."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal

from contrapeso.errors import ColumnNotFoundError, InsufficientDataError, InvalidDataError, NotFittedError
from contrapeso.tables import infer_schema
from contrapeso.tables.encoding import Encoded, Encoding, Given, TableEncoder

FREE = Encoding(relations=False)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def round_trip(frame: pd.DataFrame, config: Encoding = FREE) -> pd.DataFrame:
    encoder = TableEncoder(config).fit(frame)
    return encoder.decode(encoder.encode(frame), rng())


def reloaded(encoder: TableEncoder) -> TableEncoder:
    content, arrays = encoder.state()
    return TableEncoder.from_state(json.loads(json.dumps(content)), {name: a.copy() for name, a in arrays.items()})


def continuous(n: int = 3_000, seed: int = 0) -> pd.DataFrame:
    draw = rng(seed)
    return pd.DataFrame(
        {
            "x": draw.normal(size=n),
            "valor": np.round(np.where(draw.random(n) < 0.3, 0.0, draw.lognormal(4, 1.5, n)), 2),
            "count": draw.poisson(9_000, n),
            "label": draw.choice(["a", "b", "c"], n),
        }
    )


ATOMS = {
    "int64": st.integers(-(2**40), 2**40),
    "bool": st.booleans(),
    "text": st.text(max_size=6),
    "float": st.floats(allow_nan=True, allow_infinity=True),
    "nullable": st.one_of(st.none(), st.integers(-5, 5)),
    "mixed": st.sampled_from([1, True, 1.0, "1", None]),
}


@st.composite
def atom_tables(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(1, 12))
    parts = {}
    for name in draw(st.lists(st.sampled_from(sorted(ATOMS)), min_size=1, max_size=4, unique=True)):
        values = draw(st.lists(ATOMS[name], min_size=n, max_size=n))
        dtype = {"nullable": "Int64", "mixed": object, "text": object}.get(name)
        parts[name] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(parts)


@given(atom_tables())
@settings(max_examples=60)
def test_a_table_of_atoms_comes_back_unchanged(frame: pd.DataFrame) -> None:
    assert_frame_equal(round_trip(frame), frame)


@given(atom_tables())
@settings(max_examples=40)
def test_relations_do_not_change_a_table_of_atoms(frame: pd.DataFrame) -> None:
    assert_frame_equal(round_trip(frame, Encoding()), frame)


@given(atom_tables(), st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_a_reloaded_encoder_gives_the_same_codes_and_rows(frame: pd.DataFrame, seed: int) -> None:
    encoder = TableEncoder().fit(frame)
    again = reloaded(encoder)
    codes = encoder.encode(frame)
    assert_array_equal(again.encode(frame).codes, codes.codes)
    assert_frame_equal(again.decode(codes, rng(seed)), encoder.decode(codes, rng(seed)))


SPECIAL = {
    "constant": pd.Series([7] * 6),
    "all null float": pd.Series([np.nan] * 6),
    "all null object": pd.Series([None] * 6, dtype=object),
    "one different": pd.Series([1, 1, 1, 1, 1, 2]),
    "past 2**53": pd.Series([2**60 + i for i in (1, 2, 3, 5, 8, 13)]),
    "far past 2**53": pd.Series([-(2**62), 2**62, 1, 2**60 + 1, 0, 5]),
    "python ints": pd.Series([2**70, 2**70 + 1, 1, 2, 3, None], dtype=object),
    "decimal": pd.Series([Decimal("1.10"), Decimal("2.05"), None, Decimal("3.00"), Decimal("4.99"), Decimal("5.00")]),
    "Int64": pd.Series([1, None, 3, 4, 5, 6], dtype="Int64"),
    "Float64": pd.Series([1.5, None, 3.25, 4, 5, 6], dtype="Float64"),
    "boolean": pd.Series([True, None, False, True, True, False], dtype="boolean"),
    "string": pd.Series(["a", None, "b", "b", "", "é"], dtype="string"),
    "category": pd.Series(["a", None, "b", "b", "c", "c"], dtype=pd.CategoricalDtype(["c", "b", "a", "unseen"])),
    "ordered": pd.Series(
        ["lo", "hi", "mid", "lo", "lo", "hi"], dtype=pd.CategoricalDtype(["lo", "mid", "hi"], ordered=True)
    ),
    "bool": pd.Series([True, False, True, True, False, False]),
    "float32": pd.Series([0.1, 0.2, 0.3, 1e30, -1, 0], dtype="float32"),
    "int8": pd.Series([-128, 127, 0, 1, 2, 3], dtype="int8"),
    "infinite": pd.Series([np.inf, -np.inf, np.nan, 0.0, 1.5, 2.5]),
    "arrow int": pd.Series([1, None, 3, 4, 5, 6], dtype="int64[pyarrow]"),
    "arrow text": pd.Series(["x", None, "y", "y", "z", "z"], dtype="string[pyarrow]"),
    "arrow moment": pd.Series(pd.to_datetime(["2024-01-01", None, "2024-02-01"] * 2)).astype("timestamp[us][pyarrow]"),
    "moments": pd.Series(pd.to_datetime(["2024-01-31 10:00", None, "2024-02-29 11:30"] * 2)),
    "zoned": pd.Series(pd.to_datetime(["2024-01-31", "2024-11-01", "2024-02-29"] * 2)).dt.tz_localize(
        "America/Sao_Paulo"
    ),
    "durations": pd.Series(pd.to_timedelta([1, 2, None, 4, 5, 6], unit="h")),
    "dates": pd.Series([date(2024, 1, 1), None, date(2023, 5, 6)] * 2, dtype=object),
    "datetimes": pd.Series([datetime(2024, 1, 1, 5), datetime(2023, 5, 6, 7)] * 3, dtype=object),  # noqa: DTZ001
    "date texts": pd.Series(["31/01/2024", None, "29/02/2024"] * 2, dtype=object),
    "sparse": pd.Series(pd.arrays.SparseArray([0.0, 0.0, 1.5, 0.0, 2.5, 0.0])),
    "mixed": pd.Series([1, True, 1.0, "1", None, "a"], dtype=object),
}


@pytest.mark.parametrize("name", SPECIAL)
def test_every_dtype_comes_back_with_its_values_and_nulls(name: str) -> None:
    frame = pd.DataFrame({"v": SPECIAL[name]})
    assert_frame_equal(round_trip(frame), frame)
    encoder = TableEncoder(FREE).fit(frame)
    assert_frame_equal(reloaded(encoder).decode(encoder.encode(frame), rng()), frame)


@pytest.mark.parametrize("name", SPECIAL)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_handful_of_rows_is_enough(name: str, n: int) -> None:
    frame = pd.DataFrame({"v": SPECIAL[name].iloc[:n]})
    assert_frame_equal(round_trip(frame, Encoding()), frame)


@pytest.mark.parametrize("name", SPECIAL)
def test_asked_values_have_the_codes_of_rows_that_hold_them(name: str) -> None:
    frame = pd.DataFrame({"v": SPECIAL[name]})
    encoder = TableEncoder(FREE).fit(frame)
    assert_array_equal(encoder.given(frame).codes, encoder.encode(frame).codes)


def test_bins_hold_the_values_that_they_give() -> None:
    frame = continuous()
    for config in (FREE, Encoding(fine_levels=4), Encoding(fine_levels=0), Encoding(n_bins=5, max_atoms=2)):
        encoder = TableEncoder(config).fit(frame)
        rows = encoder.encode(frame)
        drawn = encoder.decode(rows, rng(3))
        assert_array_equal(encoder.encode(drawn).codes, rows.codes)
        assert drawn.dtypes.equals(frame.dtypes)
        assert (drawn["valor"] >= 0).all()


def test_amounts_stay_on_cents_and_repeated_values_are_exact() -> None:
    frame = continuous()
    drawn = round_trip(frame)
    assert (drawn["valor"].round(2) == drawn["valor"]).all()
    assert_array_equal(drawn["valor"] == 0, frame["valor"] == 0)
    assert_array_equal(drawn["label"], frame["label"])


def test_positions_within_bins_bring_values_back() -> None:
    frame = continuous()
    encoder = TableEncoder(Encoding(fine_levels=0, tails="clip")).fit(frame)
    rows = encoder.encode(frame)
    assert rows.residual is not None
    assert rows.residual.shape[1] == sum(token.residual for token in encoder.tokens_)
    assert ((rows.residual > 0) & (rows.residual < 1)).all()
    back = encoder.decode(rows, rng())
    spread = frame["x"].std()
    assert np.abs(back["x"] - frame["x"]).max() < 1e-4 * spread
    assert (back["count"] == frame["count"]).mean() > 0.99


def test_every_code_of_a_training_row_has_a_prior() -> None:
    frame = continuous(6_000).assign(
        day=pd.date_range("2020-01-01", periods=6_000, freq="7h"), shop=[f"s{i % 700}" for i in range(6_000)]
    )
    encoder = TableEncoder(Encoding(fine_levels=8)).fit(frame)
    codes = encoder.encode(frame).codes
    with_parent = [(t, token) for t, token in enumerate(encoder.tokens_) if token.parent is not None]
    assert {token.part for _, token in with_parent} >= {"fine", "member", "day"}
    for t, token in with_parent:
        assert token.parent < t
        assert np.isfinite(token.log_prior[codes[:, token.parent], codes[:, t]]).all()
        assert np.allclose(np.exp(token.log_prior.astype(float)).sum(axis=1), 1, atol=1e-4)


def test_tokens_describe_their_codes() -> None:
    frame = continuous().assign(gone=np.where(np.arange(3_000) % 7 == 0, np.nan, np.arange(3_000) % 5))
    encoder = TableEncoder().fit(frame)
    codes = encoder.encode(frame).codes
    for t, token in enumerate(encoder.tokens_):
        assert codes[:, t].min() >= 0
        assert codes[:, t].max() < token.n_codes
        assert len(token.position) == len(token.log_marginal) == len(token.within) == token.n_codes
        assert np.exp(token.log_marginal.astype(float)).sum() == pytest.approx(1, abs=1e-4)
        held = token.position[np.isfinite(token.position)]
        assert (np.diff(held) >= 0).all()
    gone = next(token for token in encoder.tokens_ if token.column == "gone")
    assert np.isnan(gone.position[-1])
    assert np.isfinite(gone.position[:-1]).all()


def test_partitions_give_what_the_whole_table_gives() -> None:
    frame = continuous(4_000).assign(
        id=np.arange(4_000),
        day=pd.date_range("2020-01-01", periods=4_000, freq="11h"),
        shop=[f"s{i % 700}" for i in range(4_000)],
    )
    schema = infer_schema(frame)
    whole = TableEncoder(FREE, schema=schema).fit(frame)
    parts = TableEncoder(FREE, schema=schema)
    for start in range(0, 4_000, 900):
        parts.partial_fit(frame.iloc[start : start + 900])
    left, right = (
        TableEncoder(FREE, schema=schema).partial_fit(frame.iloc[a:b]) for a, b in ((0, 1_500), (1_500, 4_000))
    )
    swapped = TableEncoder(FREE, schema=schema).partial_fit(frame.iloc[1_500:])
    swapped.merge(TableEncoder(FREE, schema=schema).partial_fit(frame.iloc[:1_500]))
    empty = TableEncoder(FREE, schema=schema).merge(right).merge(TableEncoder(FREE, schema=schema)).merge(left)
    expected = whole.state()
    for other in (parts.finish(), left.merge(right).finish(), swapped.finish(), empty.finish()):
        content, arrays = other.state()
        assert content == expected[0]
        assert arrays.keys() == expected[1].keys()
        for name, array in arrays.items():
            assert_array_equal(array, expected[1][name])


def test_a_relation_that_a_later_partition_breaks_is_given_up() -> None:
    base = pd.DataFrame({"grade": ["a", "b", "c", "a"] * 50, "points": [3, 2, 1, 3] * 50})
    broken = base.assign(points=[3, 2, 1, 9] * 50)
    kept = TableEncoder().partial_fit(base).partial_fit(base).finish()
    assert [t.column for t in kept.tokens_] == ["grade"]
    assert_frame_equal(kept.decode(kept.encode(base), rng()), base)
    given_up = TableEncoder().partial_fit(base).partial_fit(broken).finish()
    assert [t.column for t in given_up.tokens_] == ["grade", "points"]
    merged = TableEncoder().partial_fit(base).merge(TableEncoder().partial_fit(broken)).finish()
    assert [t.column for t in merged.tokens_] == ["grade", "points"]
    both = TableEncoder().partial_fit(base).merge(TableEncoder().partial_fit(base.iloc[:100])).finish()
    assert [t.column for t in both.tokens_] == ["grade"]


def test_a_determined_column_is_asked_for_by_what_determines_it() -> None:
    frame = pd.DataFrame({"grade": ["a", "b", "c", "d"] * 50, "passed": [1.5, 1.5, 0.5, 0.5] * 50})
    encoder = TableEncoder().fit(frame)
    assert [t.column for t in encoder.tokens_] == ["grade"]
    asked = encoder.given(pd.DataFrame({"passed": [1.5, 0.5]}))
    assert asked.unresolved == ()
    assert (asked.codes == -1).all()
    codes = encoder.encode(frame).codes[:4, 0]
    assert_array_equal(asked.allowed[0][:, codes], [[True, True, False, False], [False, False, True, True]])
    with pytest.raises(InvalidDataError, match="passed"):
        encoder.given(pd.DataFrame({"passed": [7.0]}))
    kept = TableEncoder(keep=["passed"]).fit(frame)
    assert "passed" in {t.column for t in kept.tokens_}


def test_repeated_values_of_another_column_are_one_code() -> None:
    draw = rng(5)
    bill = draw.permutation(np.arange(10_000, 60_000))[:4_000]
    paid = np.where(draw.random(4_000) < 0.3, bill, draw.permutation(np.arange(10_000, 60_000))[:4_000])
    frame = pd.DataFrame({"bill_amount": bill, "paid_amount": paid})
    encoder = TableEncoder().fit(frame)
    rows = encoder.encode(frame)
    back = reloaded(encoder).decode(rows, rng())
    assert_array_equal(back["bill_amount"] == back["paid_amount"], bill == paid)
    token = next(i for i, t in enumerate(encoder.tokens_) if t.column == "paid_amount")
    same = rows.codes[bill == paid, token]
    assert len(np.unique(same)) == 1
    assert np.exp(encoder.tokens_[token].log_marginal[same[0]]) == pytest.approx(np.mean(bill == paid), rel=0.01)
    asked = encoder.given(frame.head(50))
    assert_array_equal(asked.codes, rows.codes[:50])


def test_tokens_start_with_the_columns_named_first() -> None:
    encoder = TableEncoder(FREE, first=["label", "count"]).fit(continuous(200))
    order = list(dict.fromkeys(token.column for token in encoder.tokens_))
    assert order == ["label", "count", "x", "valor"]
    assert list(encoder.decode(encoder.encode(continuous(200)), rng()).columns) == ["x", "valor", "count", "label"]


def test_labels_that_are_no_text_are_kept() -> None:
    frame = pd.DataFrame([[1, "a"], [2, "b"], [1, "a"]], columns=pd.Index([0, 1], name="place"))
    encoder = TableEncoder(FREE).fit(frame)
    assert_frame_equal(reloaded(encoder).decode(encoder.encode(frame), rng()), frame, check_column_type=False)


def test_the_same_generator_gives_the_same_rows() -> None:
    frame = continuous()
    encoder = TableEncoder().fit(frame)
    rows = encoder.encode(frame)
    assert_frame_equal(encoder.decode(rows, rng(1)), encoder.decode(rows, rng(1)))
    assert not encoder.decode(rows, rng(1)).equals(encoder.decode(rows, rng(2)))


def test_values_that_were_not_seen_are_encoded_but_cannot_be_asked_for() -> None:
    frame = continuous()
    encoder = TableEncoder().fit(frame)
    odd = frame.head(2).assign(x=[1e9, -1e9], label=["never", None])
    codes = encoder.encode(odd).codes
    assert all(codes[:, t].min() >= 0 and codes[:, t].max() < token.n_codes for t, token in enumerate(encoder.tokens_))
    with pytest.raises(InvalidDataError, match=r"'label'.*'never'.*Nearest"):
        encoder.given(pd.DataFrame({"label": ["never"]}))
    with pytest.raises(InvalidDataError, match=r"'valor'.*Nearest values"):
        encoder.given(pd.DataFrame({"valor": [-3.0]}))
    with pytest.raises(ColumnNotFoundError):
        encoder.given(pd.DataFrame({"absent": [1]}))


def test_misuse_is_told() -> None:
    with pytest.raises(NotFittedError):
        TableEncoder().encode(continuous(5))
    with pytest.raises(InvalidDataError, match="at least one row"):
        TableEncoder().fit(continuous(5).head(0))
    encoder = TableEncoder().fit(continuous(50))
    with pytest.raises(InvalidDataError, match="columns"):
        encoder.encode(continuous(5)[["x"]])
    with pytest.raises(InvalidDataError, match="tokens"):
        encoder.decode(TableEncoder().fit(pd.DataFrame({"a": [1]})).encode(pd.DataFrame({"a": [1]})), rng())


@pytest.mark.shared
@pytest.mark.parametrize("name", ["german", "mc_2021", "ceaps_2020", "bank_marketing"])
def test_real_tables_keep_their_schema_and_their_codes(shared_data: Path, name: str) -> None:
    frame = pd.read_parquet(shared_data / f"{name}.parquet")
    encoder = TableEncoder().fit(frame)
    rows = encoder.encode(frame)
    drawn = reloaded(encoder).decode(rows, rng())
    assert drawn.dtypes.equals(frame.dtypes)
    assert drawn.isna().equals(frame.isna().reset_index(drop=True))
    again = encoder.encode(drawn).codes
    assert (again == rows.codes).mean() > 0.999


def test_rare_categories_that_go_with_one_value_share_groups() -> None:
    draw = rng(6)
    shop = draw.integers(0, 3_000, 20_000)
    frame = pd.DataFrame(
        {
            "shop": [f"s{i}" for i in shop],
            "region": [f"region {i % 20}" for i in shop],
            "noise": draw.choice(list("abc"), 20_000),
        }
    )
    schema = infer_schema(frame, {"shop": "categorical"})
    encoder = TableEncoder(FREE, schema=schema).fit(frame)
    rows = encoder.encode(frame).codes
    group, region = rows[:, 0], rows[:, 2]
    in_groups = group >= 127
    share = pd.crosstab(group[in_groups], region[in_groups], normalize="index").max(axis=1)
    assert share.mean() > 0.6  # one in twenty by chance
    assert_frame_equal(encoder.decode(encoder.encode(frame), rng()), frame)
    halves = [TableEncoder(FREE, schema=schema).partial_fit(frame.iloc[a:b]) for a, b in ((0, 7_000), (7_000, 20_000))]
    assert_array_equal(halves[1].merge(halves[0]).finish().encode(frame).codes, rows)


def test_a_later_date_is_coded_by_its_gap_and_comes_back() -> None:
    draw = rng(7)
    start = pd.Timestamp("2021-01-01") + pd.to_timedelta(draw.integers(0, 900, 3_000), unit="D")
    frame = pd.DataFrame({"issued": start, "due": start + pd.to_timedelta(draw.integers(0, 40, 3_000), unit="D")})
    parts = TableEncoder().partial_fit(frame.iloc[:1_000]).partial_fit(frame.iloc[1_000:]).finish()
    for encoder in (TableEncoder().fit(frame), parts):
        assert encoder.relations_.reexpressed == ("due",)
        again = reloaded(encoder)
        assert_frame_equal(again.decode(again.encode(frame), rng()), frame)
        assert encoder.given(frame[["due"]].head(3)).unresolved == ("due",)
    kept = TableEncoder(keep=["due"]).fit(frame)
    assert kept.given(frame[["due"]].head(3)).unresolved == ()


def test_five_hundred_columns_and_few_rows_are_no_matter() -> None:
    draw = rng(8)
    frame = pd.DataFrame({f"c{i}": draw.integers(0, 1 + i % 7, 40) for i in range(500)})
    encoder = TableEncoder(FREE).fit(frame)
    assert_frame_equal(encoder.decode(encoder.encode(frame), rng()), frame)


@pytest.mark.slow
def test_a_stream_of_partitions_keeps_quantiles_and_memory() -> None:
    encoder = TableEncoder(FREE)
    draw = rng(9)
    parts = [pd.DataFrame({"x": draw.normal(size=60_000), "n": draw.poisson(3, 60_000)}) for _ in range(6)]
    for part in parts:
        encoder.partial_fit(part)
    encoder.finish()
    values = np.concatenate([part["x"] for part in parts])
    rows = encoder.encode(pd.concat(parts))
    drawn = encoder.decode(rows, rng())["x"]
    levels = np.linspace(0.005, 0.995, 100)
    assert np.abs(np.quantile(drawn, levels) - np.quantile(values, levels)).max() < 0.02
    assert np.bincount(rows.codes[:, 0]).min() > 0.8 * len(values) / encoder.tokens_[0].n_codes


def test_no_rows_are_too_few() -> None:
    with pytest.raises(InsufficientDataError, match="at least one row"):
        TableEncoder().fit(pd.DataFrame({"x": []}))


def gappy() -> pd.DataFrame:
    draw = rng(3)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 3_000, 600), "D")
    frame = pd.DataFrame(
        {
            "amount": draw.lognormal(3, 1, 600).round(2),
            "payee": [f"p{i}" for i in draw.integers(0, 500, 600)],
            "opened": start,
            "moment": start + pd.to_timedelta(draw.integers(0, 10**6, 600), "s"),
            "text": [f"LOJA {i} NOTA {j}" for i, j in draw.integers(0, 400, (600, 2))],
            "never": None,
        }
    )
    return frame.mask(pd.DataFrame(draw.random(frame.shape) < 0.2, columns=frame.columns) & [1, 1, 0, 1, 1, 0])


def test_a_column_that_may_not_be_null_has_no_code_that_comes_back_as_null() -> None:
    frame = gappy()
    encoder = TableEncoder(Encoding(max_codes=64)).fit(frame)
    free = Given.nothing(400, len(encoder.tokens_))
    asked = encoder.without_nulls(free, encoder.columns_)
    draw, codes = rng(), np.empty((400, len(encoder.tokens_)), dtype=np.int32)
    for t, token in enumerate(encoder.tokens_):
        weight = np.exp(token.log_marginal)[None].repeat(400, axis=0)
        if token.log_prior is not None and token.parent is not None:
            weight = np.exp(token.log_prior[codes[:, token.parent]])
        weight = (weight + 1e-9 * (weight > 0)) * asked.allowed.get(t, 1)
        codes[:, t] = [draw.choice(token.n_codes, p=row / row.sum()) for row in weight]
    rows = encoder.decode(Encoded(codes), rng())
    assert rows["never"].isna().all()
    assert not rows.drop(columns="never").isna().any().any()


def test_a_row_with_gaps_asks_for_what_is_there() -> None:
    frame = gappy()
    encoder = TableEncoder().fit(frame)
    asked = encoder.known(frame)
    coded = encoder.encode(frame).codes
    stated = asked.codes >= 0
    assert_array_equal(asked.codes[stated], coded[stated])
    for t, token in enumerate(encoder.tokens_):
        if token.parent is None and token.column not in {"never", "moment"}:
            assert_array_equal(stated[:, t], frame[token.column].notna())
            assert not asked.allowed[t][~stated[:, t], -1].any() if token.column != "opened" else t not in asked.allowed


def test_what_relations_compute_is_computed_from_the_known_cells() -> None:
    draw = rng()
    frame = pd.DataFrame({"a": draw.random(400).round(4), "b": draw.random(400).round(4)})
    frame["total"] = (frame["a"] + frame["b"]).round(4)
    encoder = TableEncoder(Encoding(max_atoms=16)).fit(frame)
    assert len(encoder.relations_.dropped) == 1
    rows = encoder.decode(encoder.encode(frame), rng(), known=frame[["a", "b", "total"]])
    assert_frame_equal(rows, frame)
