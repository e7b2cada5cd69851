"""Codecs of single columns: scales of numbers, categories, moments, identifiers, text, and their summaries."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import genpareto

from contrapeso.errors import InvalidDataError
from contrapeso.tables import infer_schema
from contrapeso.tables.encoding import Encoded, Encoding, TableEncoder
from contrapeso.tables.encoding._scale import Specials, ValueScale
from contrapeso.tables.encoding._sketch import LIMIT, SIZE, LabelCounts, ValueCounts, factor
from contrapeso.tables.encoding._state import pack_value, unpack_value
from contrapeso.tables.encoding._tails import upper_tail
from contrapeso.tables.encoding._text import SLOT, DigitTemplates

FREE = Encoding(relations=False)
numbers = hnp.arrays(np.float64, st.integers(1, 400), elements=st.floats(-1e6, 1e6).map(lambda v: round(v, 1)))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def fitted(name: str, values: object, config: Encoding = FREE, kind: str | None = None) -> TableEncoder:
    frame = pd.DataFrame({name: values})
    schema = infer_schema(frame, {name: kind} if kind else None)
    return TableEncoder(config, schema=schema).fit(frame)


def decoded(encoder: TableEncoder, n: int = 1_000, seed: int = 0) -> pd.Series:
    """Rows by the encoder's own marginals and priors: every token drawn alone, given its parent."""
    draw = rng(seed)
    codes = np.zeros((n, len(encoder.tokens_)), dtype=np.int32)
    for t, token in enumerate(encoder.tokens_):
        logits = token.log_marginal if token.parent is None else token.log_prior[codes[:, token.parent]]
        codes[:, t] = np.argmax(
            np.broadcast_to(logits, (n, token.n_codes)) + draw.gumbel(size=(n, token.n_codes)), axis=1
        )
    return encoder.decode(Encoded(codes), draw).iloc[:, 0]


# numbers


@given(numbers, st.integers(2, 8), st.sampled_from([None, 1]), st.sampled_from([0, 1, 4]))
@settings(max_examples=80)
def test_decoded_values_lie_in_the_cell_that_they_were_encoded_to(
    values: np.ndarray, max_atoms: int, decimals: int | None, fine: int
) -> None:
    config = Encoding(max_atoms=max_atoms, fine_levels=fine, n_bins=8)
    scale = ValueScale.fit(ValueCounts.of(values), Specials(), config, decimals=decimals)
    codes, residual = scale.encode(values)
    drawn = scale.decode(codes, residual, rng())
    atom = scale.atom_at(values)[1]
    assert_array_equal(drawn[atom], values[atom])
    assert_array_equal(scale.encode(drawn)[0], codes)


@given(numbers)
@settings(max_examples=50)
def test_codes_are_in_the_order_of_values(values: np.ndarray) -> None:
    scale = ValueScale.fit(ValueCounts.of(values), Specials(), Encoding(max_atoms=2, n_bins=8))
    assert (scale.lo <= scale.hi).all()
    assert (scale.hi[:-1] < scale.lo[1:]).all()
    middles = np.full(scale.n_codes, np.nan)
    middles[scale.atom_codes] = scale.atoms
    simple = np.array(
        [not ((scale.atoms > a) & (scale.atoms < b)).any() for a, b in zip(scale.lo, scale.hi, strict=True)]
    )
    simple = simple.astype(bool)
    middles[scale.cell_code[simple]] = (scale.lo[simple] + scale.hi[simple]) / 2
    assert (np.diff(middles[~np.isnan(middles)]) >= 0).all()
    assert scale.mass.sum() == len(values)


def test_repeated_values_of_a_fine_column_stand_alone() -> None:
    values = np.concatenate([np.zeros(300), np.full(40, 100.0), rng().normal(50, 20, 2_000)])
    scale = ValueScale.fit(ValueCounts.of(values), Specials(), Encoding())
    assert_array_equal(scale.atoms, [0.0, 100.0])
    assert 32 <= len(scale.lo) <= 70


def test_a_draw_from_all_cells_has_the_distribution_of_the_column() -> None:
    values = np.round(rng().lognormal(3, 1, 20_000), 2)
    scale = ValueScale.fit(ValueCounts.of(values), Specials(), Encoding(), decimals=2)
    codes, residual = scale.encode(values)
    drawn = scale.decode(codes, residual, rng())
    levels = np.linspace(0.01, 0.99, 50)
    assert_allclose(np.quantile(drawn, levels), np.quantile(values, levels), rtol=0.01)


def test_whole_numbers_within_a_bin_keep_their_shares() -> None:
    values = np.repeat(np.arange(400.0), 5)
    scale = ValueScale.fit(ValueCounts.of(values), Specials(), Encoding(n_bins=20, tails="clip"), decimals=0)
    codes, _ = scale.encode(np.repeat(values, 50))
    drawn = scale.decode(codes, None, rng())
    counts = np.bincount(drawn.astype(int), minlength=400)
    assert abs(counts - 250).max() < 6 * np.sqrt(250)  # false alarm under 1e-6


def test_tails_go_beyond_the_extreme_about_once_per_table() -> None:
    values = rng().pareto(3, 20_000) + 1
    frame = pd.DataFrame({"v": values})
    for tails, low, high in (("extend", 1, 60), ("clip", 0, 0)):
        encoder = TableEncoder(Encoding(tails=tails, relations=False)).fit(frame)
        rows = encoder.encode(pd.concat([frame] * 20))
        beyond = int((encoder.decode(rows, rng())["v"] > values.max()).sum())
        assert low <= beyond <= high
        assert (encoder.decode(rows, rng())["v"] > 0).all()


def test_tail_parameters_are_near_those_of_the_sample() -> None:
    excess = genpareto.rvs(0.25, scale=2.0, size=200_000, random_state=7)
    tail = upper_tail(ValueCounts.of(excess[:40_000]), 100.0, 1)
    assert tail is not None
    assert tail.xi == pytest.approx(0.25, abs=0.12)


def test_values_at_a_bound_get_no_tail() -> None:
    values = np.minimum(rng().normal(80, 60, 5_000), 100.0)
    scale = ValueScale.fit(ValueCounts.of(values), Specials(), Encoding())
    assert scale.upper is None
    assert scale.lower is not None


@pytest.mark.parametrize(("dtype", "size"), [("float64", 1e308), ("float32", 1e38), ("float16", 6e4)])
def test_values_near_the_limit_of_their_width_stay_finite(dtype: str, size: float) -> None:
    values = (rng().uniform(-1, 1, 700) * size).astype(dtype)
    encoder = fitted("v", values)
    rows = encoder.encode(pd.DataFrame({"v": np.repeat(values, 20)}))
    drawn = encoder.decode(rows, rng())["v"]
    assert drawn.dtype == dtype
    assert np.isfinite(drawn).all()


def test_extremes_of_few_rows_are_hidden_by_option() -> None:
    values = np.append(rng().normal(size=3_000), [1e6, -1e6])
    hidden = fitted("v", values, Encoding(k_extreme=10, min_support=10, relations=False))
    drawn = decoded(hidden, 5_000)
    assert np.abs(drawn).max() < 50
    _, arrays = hidden.state()
    stored = np.concatenate([arrays[name].ravel() for name in arrays if name.endswith(("lo", "hi", "knots", "atoms"))])
    tenth = np.sort(values)[[9, -10]]  # what extremes are replaced by
    assert not np.isin(stored, np.setdiff1d(values, tenth)).any()
    assert np.abs(stored).max() < 50


def test_bins_and_atoms_have_the_support_asked_for() -> None:
    values = rng().integers(0, 600, 4_000).astype(float)
    scale = ValueScale.fit(ValueCounts.of(values), Specials(), Encoding(min_support=25), decimals=0)
    assert scale.mass.min() >= 25


@pytest.mark.parametrize(("rows", "codes"), [(900, 32), (4_000, 64), (9_000, 128)])
def test_bins_grow_with_rows(rows: int, codes: int) -> None:
    token = fitted("v", rng().normal(size=rows)).tokens_[0]
    assert token.n_codes == codes


def test_fine_columns_have_a_second_level_only_with_enough_rows() -> None:
    assert [t.part for t in fitted("v", rng().normal(size=6_000)).tokens_] == ["value", "fine"]
    assert [t.part for t in fitted("v", rng().normal(size=4_500)).tokens_] == ["value"]
    residual = fitted("v", rng().normal(size=6_000), Encoding(fine_levels=0))
    assert residual.tokens_[0].residual
    assert residual.tokens_[0].within.all()


# summaries


@given(
    st.lists(
        hnp.arrays(np.float64, st.integers(0, 30), elements=st.sampled_from([0.0, 1.5, -2.0, 7.0])),
        min_size=2,
        max_size=5,
    )
)
def test_merged_counts_are_those_of_all_values(parts: list[np.ndarray]) -> None:
    merged = ValueCounts.of(parts[0])
    for part in parts[1:]:
        merged = ValueCounts.of(part).merge(merged)
    values, counts = np.unique(np.concatenate(parts), return_counts=True)
    assert_array_equal(merged.values, values)
    assert_array_equal(merged.counts, counts)
    assert merged.exact


def test_a_sketch_keeps_ranks_within_its_error_and_heavy_values_exactly() -> None:
    draw = rng(2)
    parts = [np.concatenate([draw.normal(size=40_000), np.full(400, 0.25)]) for _ in range(12)]
    sketch = ValueCounts.of(parts[0])
    for part in parts[1:]:
        sketch = sketch.merge(ValueCounts.of(part))
    values = np.sort(np.concatenate(parts))
    assert not sketch.exact
    assert len(sketch) <= LIMIT
    assert sketch.total == len(values)
    assert sketch.counts[sketch.values == 0.25] == 4_800
    assert (sketch.values[0], sketch.values[-1]) == (values[0], values[-1])
    rank = np.searchsorted(values, sketch.values, side="right")
    off = np.abs(np.cumsum(sketch.counts) - rank).max()
    assert off <= sketch.error <= 12 * len(values) / SIZE


def test_sketches_merge_the_same_both_ways() -> None:
    left, right = (ValueCounts.of(rng(seed).normal(size=60_000)) for seed in (1, 2))
    one, other = left.merge(right), right.merge(left)
    assert_array_equal(one.values, other.values)
    assert_array_equal(one.counts, other.counts)


def test_labels_that_differ_by_type_are_counted_apart() -> None:
    series = pd.Series([1, True, 1.0, "1", True], dtype=object)
    codes, values = factor(series)
    counts = LabelCounts.of(codes, values)
    assert sorted((type(v).__name__, n) for v, n in counts.counts.values()) == [
        ("bool", 2.0), ("float", 1.0), ("int", 1.0), ("str", 1.0),
    ]  # fmt: skip


@given(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.decimals(allow_nan=False),
        st.dates(),
        st.datetimes(),
        st.text(),
        st.timedeltas(),
        st.binary(),
    )
)
def test_a_packed_value_is_the_same_value_of_the_same_type(value: object) -> None:
    back = unpack_value(json.loads(json.dumps(pack_value(value))))
    assert back == value
    assert type(back) is type(value)


# categories


def test_the_mode_is_code_zero_and_ordinal_columns_keep_their_order() -> None:
    frame = pd.DataFrame({"c": ["x"] * 2 + ["y"] * 5 + [None]})
    codes = TableEncoder(FREE).fit(frame).encode(frame).codes[:, 0]
    assert codes.tolist() == [1, 1, 0, 0, 0, 0, 0, 2]
    ordered = pd.Series(["lo", "hi", "hi", "mid"], dtype=pd.CategoricalDtype(["lo", "mid", "hi"], ordered=True))
    encoder = TableEncoder(FREE).fit(pd.DataFrame({"o": ordered}))
    assert encoder.encode(pd.DataFrame({"o": ordered})).codes[:, 0].tolist() == [0, 2, 2, 1]
    assert encoder.tokens_[0].ordered


def test_many_categories_take_two_tokens_and_come_back() -> None:
    labels = [f"shop{i}" for i in range(5_000)]
    frame = pd.DataFrame({"shop": labels + labels[:100] * 20})
    encoder = TableEncoder(FREE, schema=infer_schema(frame, {"shop": "categorical"})).fit(frame)
    assert [t.part for t in encoder.tokens_] == ["value", "member"]
    assert all(t.n_codes <= 256 for t in encoder.tokens_)
    assert encoder.decode(encoder.encode(frame), rng()).equals(frame)
    assert np.exp(encoder.tokens_[0].log_marginal[encoder.encode(frame.head(1)).codes[0, 0]]) == pytest.approx(
        21 / 7_000, rel=0.05
    )


def test_a_hundred_thousand_categories_are_bounded_by_the_rare_bucket() -> None:
    labels = np.array([f"k{i}" for i in range(100_000)], dtype=object)
    frame = pd.DataFrame({"k": np.concatenate([labels, labels[:50]])})
    encoder = TableEncoder(FREE, schema=infer_schema(frame, {"k": "categorical"})).fit(frame)
    back = encoder.decode(encoder.encode(frame), rng())["k"]
    assert set(back) <= set(labels)
    assert back.head(50).equals(frame["k"].head(50))
    assert (back == frame["k"]).mean() > 0.6


def test_values_of_few_rows_are_hidden_by_option() -> None:
    values = ["a"] * 30 + ["b"] * 20 + ["secret"] * 2
    for extra, expected in (([], "a"), ([None] * 3, None)):
        frame = pd.DataFrame({"c": values + extra})
        encoder = TableEncoder(Encoding(min_support=5, relations=False)).fit(frame)
        back = encoder.decode(encoder.encode(frame), rng())["c"]
        assert back[50] == expected
        content, _ = encoder.state()
        assert "secret" not in json.dumps(content["columns"])


def test_unseen_categories_take_the_rare_bucket_or_the_mode() -> None:
    encoder = fitted("c", ["a"] * 5 + ["b"])
    assert encoder.encode(pd.DataFrame({"c": ["new"]})).codes[0, 0] == 0


# moments


def test_dates_are_months_and_days_that_rows_have() -> None:
    days = pd.bdate_range("2020-01-01", "2022-12-30")
    frame = pd.DataFrame({"when": days.repeat(3)})
    encoder = TableEncoder(FREE).fit(frame)
    assert [t.part for t in encoder.tokens_] == ["value", "day"]
    assert encoder.decode(encoder.encode(frame), rng()).equals(frame)
    drawn = decoded(encoder, 3_000)
    assert drawn.isin(days).all()


def test_times_of_day_keep_their_step_zone_and_nulls() -> None:
    draw = rng(3)
    moments = pd.Timestamp("2021-03-01") + pd.to_timedelta(draw.integers(0, 400 * 24 * 4, 3_000) * 15, unit="min")
    zoned = pd.Series(moments).dt.tz_localize("UTC").dt.tz_convert("America/Sao_Paulo")
    zoned = zoned.mask(draw.random(3_000) < 0.1)
    frame = pd.DataFrame({"at": zoned})
    encoder = TableEncoder(FREE).fit(frame)
    assert encoder.decode(encoder.encode(frame), rng()).equals(frame)
    drawn = decoded(encoder, 2_000)
    assert drawn.dtype == frame["at"].dtype
    assert (drawn.dropna().dt.minute % 15 == 0).all()
    assert 0.05 < drawn.isna().mean() < 0.15


def test_text_dates_over_many_decades_stay_dates_in_their_format() -> None:
    days = pd.Series(pd.date_range("1930-01-01", "2020-12-31", periods=4_000)).dt.strftime("%d/%m/%Y")
    encoder = fitted("born", days)
    assert encoder.tokens_[0].part == "value"
    assert "day" not in {t.part for t in encoder.tokens_}
    back = encoder.decode(encoder.encode(pd.DataFrame({"born": days})), rng())["born"]
    parsed = pd.to_datetime(back, format="%d/%m/%Y")
    assert (np.abs((parsed - pd.to_datetime(days, format="%d/%m/%Y")).dt.days) < 900).all()


def test_days_can_be_asked_for_in_any_form() -> None:
    days = pd.Series(pd.bdate_range("2020-01-01", "2021-12-31"))
    encoder = fitted("d", days.dt.strftime("%Y-%m-%d"))
    asked = encoder.given(pd.DataFrame({"d": [pd.Timestamp("2020-01-02")]}))
    assert_array_equal(asked.codes, encoder.encode(pd.DataFrame({"d": ["2020-01-02"]})).codes)
    with pytest.raises(InvalidDataError, match="2020-01-03, 2020-01-06"):
        encoder.given(pd.DataFrame({"d": ["2020-01-04"]}))


# identifiers and text


def test_whole_identifiers_go_on_after_the_greatest() -> None:
    encoder = fitted("id", np.arange(100, 150))
    assert encoder.tokens_ == ()
    rows = encoder.encode(pd.DataFrame({"id": np.arange(3)}))
    assert encoder.decode(rows, rng())["id"].tolist() == [150, 151, 152]
    assert encoder.decode(rows, rng(), start=3)["id"].tolist() == [153, 154, 155]
    assert encoder.given(pd.DataFrame({"id": [1]})).unresolved == ("id",)


def test_text_identifiers_have_the_shape_of_the_old_and_none_of_them() -> None:
    old = [f"INV-{i:05d}-{'AB'[i % 2]}" for i in rng().permutation(90_000)[:2_000]]
    encoder = fitted("document_id", old)
    rows = encoder.encode(pd.DataFrame({"document_id": old}))
    new = encoder.decode(rows, rng())["document_id"]
    assert new.str.fullmatch(r"INV-\d{5}-[AB]").all()
    assert new.is_unique
    assert not new.isin(old).any()


def test_no_hash_of_an_identifier_is_kept_where_privacy_is_asked_for() -> None:
    old = [f"INV-{i:05d}" for i in range(2_000)]
    _, arrays = fitted("document_id", old, Encoding(min_support=5)).state()
    assert all(array.size == 0 for array in arrays.values())


def test_a_saved_encoder_holds_no_hash_of_an_identifier() -> None:
    old = [f"{i:011d}" for i in rng().permutation(10**8)[:2_000]]
    encoder = fitted("document_id", old)
    content, arrays = encoder.state()
    assert not any(name.endswith("hashes") for name in arrays)
    assert not any(text in json.dumps(content) for text in old[:200])
    again = TableEncoder.from_state(json.loads(json.dumps(content)), arrays)
    new = again.decode(again.encode(pd.DataFrame({"document_id": old})), rng())["document_id"]
    assert new.is_unique
    assert new.str.fullmatch(r"\d{11}").all()


def test_a_loaded_encoder_leaves_the_corner_that_the_old_identifiers_fill() -> None:
    old = [f"DOC-{i:05d}" for i in range(60)]
    content, arrays = fitted("document_id", old).state()
    again = TableEncoder.from_state(content, arrays)
    new = again.decode(again.encode(pd.DataFrame({"document_id": old[:20]})), rng())["document_id"]
    assert new.is_unique
    assert (~new.isin(old)).any()


def test_identifiers_grow_longer_where_their_shape_is_used_up() -> None:
    old = [f"A{i}" for i in range(100)]
    new = fitted("doc_id", old).decode(fitted("doc_id", old).encode(pd.DataFrame({"doc_id": old * 5})), rng())["doc_id"]
    assert new.is_unique
    assert not new.isin(old).any()


def test_text_keeps_its_templates_and_gets_new_digits() -> None:
    draw = rng(4)
    texts = [f"COMPRA CARTAO {draw.integers(1_000, 9_999)} LOJA {i % 300}" for i in range(900)]
    texts += [f"TARIFA AVULSA {word}" for word in ("MENSAL", "UNICA") for _ in range(50)]
    texts += [f"PAGTO {chr(65 + i % 26)}{chr(65 + i // 26)} {i}" for i in range(400)]
    encoder = fitted("historico", texts, kind="text")
    frame = pd.DataFrame({"historico": texts})
    back = encoder.decode(encoder.encode(frame), rng())["historico"]
    mask = r"\d+"
    assert (back.str.replace(mask, "#", regex=True) == frame["historico"].str.replace(mask, "#", regex=True)).all()
    assert back[:900].isin(texts).mean() < 0.1
    assert back[900:1_000].tolist() == texts[900:1_000]


def test_a_repeated_text_is_a_template_of_its_own() -> None:
    learned = DigitTemplates.empty().fit({"MOTEL 6": 30.0, "MOTEL 12": 1.0, "CASA": 1.0})
    assert learned.encode(["MOTEL 6", "MOTEL 12", "CASA"]) == ["MOTEL 6", f"MOTEL {SLOT}", "CASA"]
    again = DigitTemplates.from_state(json.loads(json.dumps(learned.state())))
    drawn = again.decode([f"MOTEL {SLOT}"] * 50, rng())
    assert all(len(text) == len("MOTEL 12") and text[6] != "0" for text in drawn)
