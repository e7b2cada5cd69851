"""A plan carried out on mixed tables: originals untouched, counts exact, schema kept, every new row explained."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.balancing import BalancedTable, analyze_imbalance, apply_plan, plan_balance
from contrapeso.balancing._apply import Shortfall, _shortfalls
from contrapeso.balancing._identifiers import new_identifiers
from contrapeso.balancing._rows import MOST_VOTED_VALUES, scaled
from contrapeso.errors import InvalidDataError, InvalidParameterError, SingleClassError
from contrapeso.progress import Progress
from contrapeso.tables import infer_schema

CATEGORIES = ["pix", "boleto", "ted"]


def company(n_big: int = 60, n_small: int = 12, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """A table with one column of every kind, with gaps, and its labels."""
    rng = np.random.default_rng(seed)
    n = n_big + n_small
    frame = pd.DataFrame(
        {
            "valor": rng.integers(-99_999, 99_999, n) / 100,
            "parcelas": rng.integers(1, 13, n),
            "taxa": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
            "data": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "tipo": rng.choice(CATEGORIES, n),
            "pago": rng.random(n) < 0.5,
            "nota": pd.Categorical(rng.choice(["C", "B", "A"], n), categories=["C", "B", "A"], ordered=True),
            "canal": np.where(rng.random(n) < 0.3, None, rng.choice(["app", "web"], n)),
            "descricao": [f"PAGAMENTO {rng.integers(1e6)} LOJA {i}" for i in range(n)],
            "fitid": [f"F{i:05d}" for i in range(n)],
        },
        index=pd.Index([f"linha {i}" for i in range(n)], name="linha"),
    )
    order = rng.permutation(n)
    y = pd.Series(np.repeat(["grande", "pequena"], [n_big, n_small])[order], index=frame.index, name="classe")
    return frame, y


def balanced(frame: pd.DataFrame, y: Any, strategy: Any = "not majority", **options: Any) -> BalancedTable:
    return apply_plan(plan_balance(y, strategy), frame, y, **options)


FRAME, Y = company()
RESULT = balanced(FRAME, Y)

# --- laws ---------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(
    st.integers(2, 40),
    st.integers(0, 5),
    st.sampled_from(["auto", "not majority", "all", "minority", 0.3, 0.77]),
    st.integers(0, 2**32),
)
def test_originals_first_bit_for_bit_and_counts_as_planned(
    n_small: int, n_missing: int, strategy: Any, seed: int
) -> None:
    frame, labels = company(45, n_small, seed)
    y = labels.astype(object).where(np.arange(len(labels)) >= n_missing, None)
    plan = plan_balance(y, strategy)
    result = apply_plan(plan, frame, y, seed=seed)
    n = len(frame)
    pd.testing.assert_frame_equal(result.frame.iloc[:n], frame, check_freq=False)
    pd.testing.assert_series_equal(result.y.iloc[:n], y)
    assert result.y.value_counts().to_dict() == {item.label: item.after for item in plan.items}
    assert result.is_synthetic.tolist() == [False] * n + [True] * plan.n_add
    assert result.shortfalls == ()
    assert result.frame.index.is_unique


@settings(max_examples=25)
@given(st.integers(1, 60), st.integers(1, 12), st.integers(0, 3), st.integers(0, 99))
def test_dropped_rows_are_the_planned_ones_and_the_rest_stays_in_order(
    big: int, small: int, n_missing: int, seed: int
) -> None:
    frame, labels = company()
    y = labels.astype(object).where(np.arange(len(labels)) >= n_missing, None)
    counts = y.value_counts()
    plan = plan_balance(y, {"grande": min(big, int(counts["grande"])), "pequena": min(small, int(counts["pequena"]))})
    result = apply_plan(plan, frame, y, seed=seed)
    pd.testing.assert_frame_equal(result.frame, frame.loc[result.frame.index])
    assert result.frame.index.tolist() == [label for label in frame.index if label in set(result.frame.index)]
    assert result.y.isna().sum() == n_missing
    assert result.y.value_counts().to_dict() == {item.label: item.after for item in plan.items}
    pd.testing.assert_series_equal(result.y, y.loc[result.frame.index])


def test_adding_and_dropping_at_once() -> None:
    result = balanced(FRAME, Y, {"grande": 30, "pequena": 40})
    assert result.y.value_counts().to_dict() == {"pequena": 40, "grande": 30}
    assert result.is_synthetic.tolist() == [False] * 42 + [True] * 28
    kept = result.frame.index[:42]
    pd.testing.assert_frame_equal(result.frame.iloc[:42], FRAME.loc[kept])
    found = result.provenance_frame()
    assert found["row"].tolist() == list(range(42, 70))
    assert set(Y.iloc[found["base"]]) == {"pequena"}  # parents are rows of the table that came in


@settings(max_examples=10)
@given(st.integers(0, 2**63))
def test_the_same_seed_gives_the_same_bytes(seed: int) -> None:
    one, other = (balanced(FRAME, Y, seed=seed) for _ in range(2))
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)
    pd.testing.assert_frame_equal(one.provenance_frame(), other.provenance_frame(), check_exact=True)


def test_another_seed_gives_other_rows() -> None:
    assert not balanced(FRAME, Y, seed=1).synthetic.equals(balanced(FRAME, Y, seed=2).synthetic)


def test_the_input_is_not_touched() -> None:
    frame, y = company()
    before = frame.copy(deep=True), y.copy(deep=True)
    balanced(frame, y, {"grande": 30, "pequena": 40})
    pd.testing.assert_frame_equal(frame, before[0])
    pd.testing.assert_series_equal(y, before[1])


# --- the schema of new rows ---------------------------------------------------------------------


def parents() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    found = RESULT.provenance_frame()
    new = RESULT.synthetic.reset_index(drop=True)
    return new, *(FRAME.iloc[found[side]].reset_index(drop=True) for side in ("base", "neighbour"))


def test_dtypes_and_columns_are_those_that_came_in() -> None:
    assert RESULT.frame.dtypes.to_dict() == FRAME.dtypes.to_dict()
    assert RESULT.frame.columns.equals(FRAME.columns)
    assert RESULT.frame.index.name == "linha"


@pytest.mark.parametrize("column", ["valor", "parcelas", "taxa", "data"])
def test_numbers_and_dates_lie_between_the_two_parents(column: str) -> None:
    new, base, neighbor = (part[column] for part in parents())
    both = pd.concat([base, neighbor], axis=1)
    inside = (new >= both.min(axis=1)) & (new <= both.max(axis=1))
    assert (inside | new.isna()).all()
    assert (new != base).any()


@pytest.mark.parametrize(("column", "unit"), [("valor", 0.01), ("parcelas", 1)])
def test_new_numbers_are_the_weighted_mean_of_their_parents_on_the_grid(column: str, unit: float) -> None:
    new, base, neighbor = (part[column].to_numpy(dtype=float) for part in parents())
    weights = RESULT.provenance_frame()[["weight_base", "weight_neighbour"]].to_numpy()
    exact = base * weights[:, 0] + neighbor * weights[:, 1]
    assert np.abs(new - exact).max() <= unit / 2 + 1e-9


def test_money_stays_on_its_cents_and_dates_on_whole_days() -> None:
    new = RESULT.synthetic
    assert (new["valor"] == new["valor"].round(2)).all()
    assert (new["data"] == new["data"].dt.normalize()).all()


def test_a_number_is_missing_exactly_where_the_base_parent_misses_it() -> None:
    new, base, _ = parents()
    assert new["taxa"].isna().tolist() == base["taxa"].isna().tolist()
    assert 0 < new["taxa"].isna().sum() < len(new)


@pytest.mark.parametrize("column", ["tipo", "pago", "nota", "canal"])
def test_categories_stay_among_those_of_the_class(column: str) -> None:
    new = RESULT.synthetic[column]
    seen = FRAME[column][Y == "pequena"]
    assert set(new.dropna()) <= set(seen.dropna())
    assert not new.isna().any() or seen.isna().any()


def test_a_category_is_missing_exactly_where_the_base_parent_misses_it() -> None:
    new, base, _ = parents()
    assert new["canal"].isna().tolist() == base["canal"].isna().tolist()
    assert 0 < new["canal"].isna().sum() < len(new)


def test_texts_come_whole_from_the_base_parent_and_the_result_says_so() -> None:
    new, base, _ = parents()
    assert new["descricao"].tolist() == base["descricao"].tolist()
    remark = next(found for found in RESULT.remarks if found.code == "copied_columns")
    assert (remark.columns, remark.n_rows) == (("descricao",), 48)
    assert "descricao" in remark.text("pt")
    assert "may hold names" in remark.text("en")


def test_identifiers_are_never_those_of_a_real_row() -> None:
    assert RESULT.synthetic["fitid"].tolist() == [f"SYN-{i}" for i in range(1, 49)]
    assert [found.code for found in RESULT.remarks] == ["copied_columns", "new_identifiers"]


def test_a_category_of_many_values_is_taken_from_the_base_parent() -> None:
    n = 400
    rng = np.random.default_rng(0)
    many = [f"c{i % (MOST_VOTED_VALUES + 1)}" for i in range(n)]
    frame = pd.DataFrame({"x": rng.normal(size=n), "many": many, "few": rng.choice(["u", "v"], n)})
    y = ["a"] * 300 + ["b"] * 100
    schema = infer_schema(frame, overrides={"many": "categorical"})
    result = apply_plan(plan_balance(y, "all"), frame, y, schema=schema)
    base = result.provenance_frame()["base"]
    assert result.synthetic["many"].tolist() == frame["many"].iloc[base].tolist()
    assert result.remarks[0].columns == ("many",)


def test_no_column_decides_alone_who_is_near() -> None:
    """Two groups told apart by a small-scaled column; a column in millions holds only noise."""
    rng = np.random.default_rng(0)
    group = np.repeat([0.0, 1.0], 30)
    frame = pd.DataFrame({"small": group + rng.normal(0, 0.01, 60), "large": rng.normal(0, 1e6, 60)})
    frame = pd.concat([frame, pd.DataFrame({"small": rng.normal(size=100), "large": rng.normal(0, 1e6, 100)})])
    y = ["minor"] * 60 + ["major"] * 100
    found = balanced(frame.reset_index(drop=True), y).provenance_frame()
    same = group[found["base"]] == group[found["neighbour"]]
    assert same.mean() > 0.8  # by the raw scale about half of the neighbours would be of the other group


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=3, max_size=3), min_size=1, max_size=20)
)
def test_scaled_columns_have_no_mean_and_unit_spread(rows: list[list[float]]) -> None:
    points = scaled(np.array(rows))
    for j, raw in enumerate(np.array(rows).T):
        known = raw[~np.isnan(raw)]
        assert np.isnan(points[:, j]).tolist() == np.isnan(raw).tolist()
        if len(known) and np.ptp(known) > 1e-3:
            kept = points[:, j][~np.isnan(raw)]
            assert kept.mean() == pytest.approx(0, abs=1e-6)
            assert kept.std() == pytest.approx(1)


# --- methods ------------------------------------------------------------------------------------


def test_classes_too_small_for_neighbours_are_copied_and_it_is_said() -> None:
    frame, y = company(60, 4)
    result = balanced(frame, y)
    assert [found.method for found in result.provenance] == ["RandomOverSampler"]
    base = result.provenance_frame()["base"]
    columns = [name for name in frame.columns if name != "fitid"]
    pd.testing.assert_frame_equal(
        result.synthetic[columns].reset_index(drop=True), frame[columns].iloc[base].reset_index(drop=True)
    )
    assert result.remarks[0].code == "copied_rows"
    assert "cópias de linhas reais" in result.notes("pt")[0]


def test_one_plan_may_interpolate_one_class_and_copy_another() -> None:
    frame, y = company(60, 14)
    y = y.where(~((y == "pequena") & (np.cumsum(y == "pequena") <= 3)), "rara")
    result = balanced(frame, y)
    assert [found.method for found in result.provenance] == ["SMOTENC", "RandomOverSampler"]
    assert result.y.value_counts().to_dict() == {"grande": 60, "pequena": 60, "rara": 60}
    found = result.provenance_frame()
    assert found["row"].tolist() == list(range(len(frame), 180))
    assert found["label"].tolist() == result.y.iloc[len(frame) :].tolist()
    assert y.iloc[found["base"]].tolist() == found["label"].tolist()


def test_a_table_of_numbers_is_given_to_plain_smote() -> None:
    result = balanced(FRAME[["valor", "taxa", "data"]], Y)
    assert [found.method for found in result.provenance] == ["SMOTE"]
    assert result.remarks == ()


def test_a_table_without_numbers_is_copied_whatever_the_plan_says() -> None:
    result = balanced(FRAME[["tipo", "pago"]], Y)
    assert plan_balance(Y, "not majority")["pequena"].method == "smote"
    assert [found.method for found in result.provenance] == ["RandomOverSampler"]
    assert [found.code for found in result.remarks] == ["copied_rows", "no_numbers"]
    with_kinds = apply_plan(
        plan_balance(Y, "not majority", kinds=infer_schema(FRAME[["tipo", "pago"]])), FRAME[["tipo", "pago"]], Y
    )
    assert [found.code for found in with_kinds.remarks] == ["copied_rows"]  # that plan said so itself


def test_a_plan_that_changes_nothing_gives_the_table_back() -> None:
    y = Y.where(Y == "grande", "grande")
    result = balanced(FRAME, y)
    pd.testing.assert_frame_equal(result.frame, FRAME)
    pd.testing.assert_series_equal(result.y, y)
    assert result.n_synthetic == len(result.provenance) == len(result.remarks) == 0
    assert result.provenance_frame().columns.tolist() == RESULT.provenance_frame().columns.tolist()


# --- containers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "y",
    [
        Y.tolist(),
        Y.to_numpy(dtype=object),
        Y.astype("category"),
        Y.astype("string"),
        (Y == "pequena"),
        (Y == "pequena").astype("boolean"),
        (Y == "pequena").astype("int8"),
        pd.Series(Y.to_numpy(), name="outro índice"),
    ],
    ids=["list", "array", "category", "string", "bool", "boolean", "int8", "other index"],
)
def test_labels_of_any_container_keep_their_dtype(y: Any) -> None:
    result = balanced(FRAME, y)
    assert result.y.tolist()[: len(y)] == list(y)
    assert result.y.value_counts().tolist() == [60, 60]
    assert result.y.index.equals(result.frame.index)
    if isinstance(y, pd.Series):
        assert (result.y.dtype, result.y.name) == (y.dtype, y.name)


@pytest.mark.parametrize(
    ("index", "more"),
    [
        (pd.RangeIndex(72), [72, 119]),
        (pd.RangeIndex(10, 154, 2), [154, 248]),
        (pd.Index(np.arange(72)[::-1] * 3), [214, 261]),
        (pd.date_range("2024-01-01", periods=72), ["synthetic-0", "synthetic-47"]),
    ],
    ids=["range", "step", "numbers", "dates"],
)
def test_new_rows_get_index_labels_of_their_own(index: pd.Index, more: list[Any]) -> None:
    result = balanced(FRAME.set_axis(index), Y.set_axis(index))
    assert result.frame.index[:72].tolist() == index.tolist()
    assert [result.frame.index[72], result.frame.index[-1]] == more


def test_the_label_of_a_dropped_row_is_not_given_to_a_new_one() -> None:
    frame, y = FRAME.reset_index(drop=True), Y.reset_index(drop=True)
    result = balanced(frame, y, {"grande": 5, "pequena": 20})
    assert min(result.frame.index[result.is_synthetic]) == 72


def test_columns_need_not_be_named_by_text() -> None:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(72, 3)))
    result = balanced(frame, Y.tolist())
    assert result.frame.columns.equals(frame.columns)


# --- identifiers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (pd.Series(["a", "b"]), ["SYN-1", "SYN-2"]),
        (pd.Series(["a", "SYN-1"], dtype="string"), ["SYN-2", "SYN-3"]),
        (pd.Series(["a", "b"], dtype="string[pyarrow]"), ["SYN-1", "SYN-2"]),
        (pd.Series([7, 90], dtype="int16"), [91, 92]),
        (pd.Series([7.0, 9.0]), [None, None]),
        (pd.Series([7, 9], dtype="Int64"), [None, None]),
        (pd.Series(["a", None]), [None, None]),
        (pd.Series(["a", "b"], dtype="category"), [None, None]),
        (pd.Series([], dtype="int64"), [1, 2]),
    ],
    ids=str,
)
def test_new_keys_fit_the_dtype_of_the_column(series: pd.Series, expected: list[Any]) -> None:
    made = new_identifiers(series, 2)
    assert made.dtype == series.dtype
    assert [None if pd.isna(value) else value for value in made] == expected


@given(st.lists(st.integers(0, 127), min_size=1, unique=True), st.integers(0, 20))
def test_new_numbers_never_meet_a_real_one_or_it_is_an_error(taken: list[int], n: int) -> None:
    series = pd.Series(taken, dtype="int8")
    if max(taken) + n > 127:
        with pytest.raises(InvalidDataError, match="numbers left"):
            new_identifiers(series, n)
    else:
        made = new_identifiers(series, n).tolist()
        assert not set(made) & set(taken)
        assert len(set(made)) == n


def test_the_last_number_of_a_type_is_still_given() -> None:
    assert new_identifiers(pd.Series([125], dtype="int8"), 2).tolist() == [126, 127]
    with pytest.raises(InvalidDataError, match="no 3 numbers left after 125"):
        new_identifiers(pd.Series([125], dtype="int8"), 3)


def test_two_values_are_no_keys() -> None:
    with pytest.raises(InvalidDataError, match="identifier of two values"):
        new_identifiers(pd.Series([True, False]), 1)


# --- origin and refusals ------------------------------------------------------------------------


def test_every_row_can_be_explained() -> None:
    assert "is synthetic (class 'pequena')" in RESULT.explain(72)
    assert "48 new rows" in RESULT.explain(119)
    assert RESULT.explain(0) == "Row 0 is real: it was in the table."
    with pytest.raises(InvalidParameterError, match="120 rows"):
        RESULT.explain(120)


def test_weights_sum_to_one_and_parents_are_of_the_class() -> None:
    found = RESULT.provenance_frame()
    assert found["weight_base"].add(found["weight_neighbour"]).to_numpy() == pytest.approx(1)
    for side in ("base", "neighbour"):
        assert (Y.iloc[found[side]] == "pequena").all()


def test_a_class_that_came_out_short_is_reported() -> None:
    plan = plan_balance(Y, "not majority")
    assert _shortfalls(plan, RESULT.provenance) == ()
    assert _shortfalls(plan, ()) == (Shortfall("pequena", 48, 0),)


def test_progress_ends_at_all_rows() -> None:
    seen: list[Progress] = []
    balanced(FRAME, Y, progress=seen.append)
    assert (seen[-1].done, seen[-1].total) == (48, 48)


def test_a_plan_for_other_rows_is_refused() -> None:
    frame, y = company(60, 13)
    with pytest.raises(InvalidDataError, match="made for other rows: class 'pequena' had 12 rows and has 13 now"):
        apply_plan(plan_balance(Y), frame, y)
    with pytest.raises(InvalidDataError, match="class 'z' had 3 rows and has 0 now"):
        apply_plan(plan_balance({"grande": 60, "pequena": 12, "z": 3}), FRAME, Y)


def test_wrong_tables_are_refused() -> None:
    with pytest.raises(InvalidDataError, match="frame has 71 rows and y has 72"):
        apply_plan(plan_balance(Y), FRAME.iloc[1:], Y)
    with pytest.raises(InvalidDataError, match="takes a pandas DataFrame"):
        apply_plan(plan_balance(Y), FRAME.to_numpy(), Y)  # type: ignore[arg-type]


def test_one_class_cannot_be_enlarged() -> None:
    with pytest.raises(SingleClassError):
        balanced(FRAME, ["only"] * 72, {"only": 80})


def test_a_plan_from_an_analysis_can_be_carried_out() -> None:
    schema = infer_schema(FRAME)
    plan = plan_balance(analyze_imbalance(Y, frame=FRAME, schema=schema), kinds=schema)
    assert apply_plan(plan, FRAME, Y, schema=schema).y.value_counts().to_dict() == {"grande": 60, "pequena": 31}


# --- real tables --------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(("name", "target"), [("ceaps_2020", "TIPO_DESPESA"), ("mc_2021", "Tipo"), ("german", "risk")])
def test_real_tables_keep_their_rows_and_their_schema(shared_data: Path, name: str, target: str) -> None:
    table = pd.read_parquet(shared_data / f"{name}.parquet")
    frame, y = table.drop(columns=[target]), table[target]
    schema = infer_schema(frame)
    plan = plan_balance(y, kinds=schema)
    result = apply_plan(plan, frame, y, schema=schema)
    assert result.frame.iloc[: len(frame)].equals(frame)
    assert result.y.value_counts().to_dict() == {item.label: item.after for item in plan.items}
    again = infer_schema(result.frame, overrides={c.name: c.kind for c in schema})
    assert [c.decimals for c in again] == [c.decimals for c in schema]
    for column in schema.of_kind("categorical", "boolean", "ordinal", "text"):
        assert set(result.synthetic[column].dropna()) <= set(frame[column].dropna())
    for column in schema.of_kind("identifier"):
        assert not set(result.synthetic[column].dropna()) & set(frame[column].dropna())


def test_infinity_is_refused_by_the_name_of_its_column() -> None:
    frame = pd.DataFrame({"a": np.arange(40.0), "far": np.where(np.arange(40) == 5, np.inf, 1.5)})
    y = np.repeat(["n", "p"], [30, 10])
    with pytest.raises(InvalidDataError, match=r"'far' contains infinity \(1 values\)"):
        apply_plan(plan_balance(y), frame, y)
