"""What is counted, what is called severe or scarce, and what the verdict dares to say."""

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from contrapeso.balancing import ImbalanceAnalysis, analyze_imbalance, severity
from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError
from contrapeso.tables import infer_schema

labels = st.lists(st.sampled_from(["a", "b", "c", "á", ""]) | st.none(), max_size=60)


def columns(n: int) -> pd.DataFrame:
    """A feature table with no two equal rows."""
    return pd.DataFrame({"x": np.arange(n) * 1.5 + 0.1, "kind": ["even", "odd"] * (n // 2) + ["even"] * (n % 2)})


# --- counts -------------------------------------------------------------------------------------


@given(labels)
def test_counts_are_those_of_a_counter_and_missing_labels_are_no_class(y: list[str | None]) -> None:
    analysis = analyze_imbalance(y)
    assert analysis.class_counts == Counter(label for label in y if label is not None)
    assert analysis.n_missing == y.count(None)
    assert analysis.n_rows == len(y)


@given(labels)
def test_classes_run_from_the_most_to_the_least_frequent_whatever_the_order_of_rows(y: list[str | None]) -> None:
    analysis = analyze_imbalance(y)
    assert [c.count for c in analysis.classes] == sorted((c.count for c in analysis.classes), reverse=True)
    assert analysis.to_dict() == analyze_imbalance(y[::-1]).to_dict()


@given(labels)
def test_shares_sum_to_one_and_ratios_are_to_the_largest(y: list[str | None]) -> None:
    analysis = analyze_imbalance(y)
    if analysis.classes:
        assert math.isclose(sum(c.share for c in analysis.classes), 1)
        assert analysis.ratio == max(c.ratio for c in analysis.classes)
        assert min(c.ratio for c in analysis.classes) == 1


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60))
def test_entropy_is_that_of_scipy(y: list[str]) -> None:
    analysis = analyze_imbalance(y)
    counts = list(Counter(y).values())
    if len(counts) < 2:
        assert analysis.entropy is None
    else:
        assert analysis.entropy == pytest.approx(entropy(counts, base=len(counts)))


ABSENT = [None, float("nan"), pd.NA, pd.NaT]


@pytest.mark.parametrize(
    "y",
    [
        ["s", "n", "s", None, "s"],
        np.array(["s", "n", "s", None, "s"], dtype=object),
        pd.Series(["s", "n", "s", None, "s"], index=[9, 9, 4, 4, 1]),
        pd.Series(["s", "n", "s", None, "s"], dtype="string"),
        pd.Series(["s", "n", "s", None, "s"], dtype="category"),
        pd.Series(pd.Categorical(["s", "n", "s", None, "s"], categories=["unused", "n", "s"])),
        pd.Series(["s", "n", "s", None, "s"], dtype="string[pyarrow]"),
        pd.DataFrame({"y": ["s", "n", "s", None, "s"]}),
        np.array([["s"], ["n"], ["s"], [None], ["s"]], dtype=object),
        ("s", "n", "s", None, "s"),
        iter(["s", "n", "s", None, "s"]),
        *[["s", "n", "s", absent, "s"] for absent in ABSENT],
    ],
    ids=lambda y: str(y) if hasattr(y, "__len__") else "iterator",  # names without addresses: workers compare them
)
def test_every_container_gives_the_same_counts(y: object) -> None:
    analysis = analyze_imbalance(y)  # type: ignore[arg-type]
    assert analysis.class_counts == {"s": 3, "n": 1}
    assert analysis.n_missing == 1


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (np.array([2, 1, 2], dtype=np.int8), {2: 2, 1: 1}),
        (np.array([2.0, 1.0, np.nan]), {1.0: 1, 2.0: 1}),
        ([True, False, True], {True: 2, False: 1}),
        (pd.Series([True, None, True], dtype="boolean"), {True: 2}),
        (pd.Series([1, None, 1], dtype="Int64"), {1: 2}),
        ([1, "1", None, "1"], {"1": 2, 1: 1}),
        (np.array(["x", "y", "x"]), {"x": 2, "y": 1}),
        (pd.Series(pd.to_datetime(["2024-01-01", "2024-01-01"])), {pd.Timestamp("2024-01-01"): 2}),
    ],
    ids=str,
)
def test_labels_keep_their_own_type(y: object, expected: dict[object, int]) -> None:
    found = analyze_imbalance(y).class_counts  # type: ignore[arg-type]
    assert found == expected
    assert [type(label) for label in found] == [type(label) for label in expected]


def test_equally_frequent_classes_come_in_their_natural_order() -> None:
    assert [c.label for c in analyze_imbalance([10, 9, 2, 10, 9, 2]).classes] == [2, 9, 10]


@pytest.mark.parametrize("wrong", ["text", b"bytes", {"a": 1}])
def test_one_label_is_not_a_column_of_labels(wrong: object) -> None:
    with pytest.raises(InvalidParameterError, match="one label per row"):
        analyze_imbalance(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [np.zeros((3, 2)), pd.DataFrame({"a": [1], "b": [1]})], ids=["array", "frame"])
def test_two_columns_of_labels_are_refused(wrong: object) -> None:
    with pytest.raises(InvalidDataError, match="one column of labels"):
        analyze_imbalance(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [[0.5, 1.0], [1.0, math.inf], np.array([1.25])], ids=str)
def test_a_continuous_number_is_no_class(wrong: object) -> None:
    with pytest.raises(InvalidDataError, match="continuous number"):
        analyze_imbalance(wrong)  # type: ignore[arg-type]


def test_labels_that_cannot_be_compared_are_refused() -> None:
    with pytest.raises(InvalidDataError, match="must be hashable"):
        analyze_imbalance([["a"], ["b"]])


# --- severity, scarcity -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "word"),
    [(1, "low"), (1.999, "low"), (2, "moderate"), (4.999, "moderate"), (5, "high"), (9.999, "high"), (10, "extreme")],
)
def test_severity_changes_exactly_at_its_thresholds(ratio: float, word: str) -> None:
    assert severity(ratio) == word


@pytest.mark.parametrize("ratio", [0.5, 0, -1, float("nan")])
def test_a_ratio_below_one_has_no_severity(ratio: float) -> None:
    with pytest.raises(InvalidParameterError, match="at least 1"):
        severity(ratio)


@pytest.mark.parametrize(("n", "asked"), [(1.99, False), (2, True), (2.01, True)])
def test_balancing_is_asked_for_from_two_to_one(n: float, asked: bool) -> None:
    analysis = analyze_imbalance(["a"] * int(100 * n) + ["b"] * 100)
    assert analysis.requires_balancing is asked


@pytest.mark.parametrize(
    ("n", "missing"),
    [
        (5, {"smote_impossible": 1, "generator_impossible": 5, "metrics_unstable": 25}),
        (6, {"generator_impossible": 4, "metrics_unstable": 24}),
        (10, {"metrics_unstable": 20}),
        (29, {"metrics_unstable": 1}),
        (30, {}),
    ],
)
def test_scarcity_tells_how_many_rows_are_missing(n: int, missing: dict[str, int]) -> None:
    profile = analyze_imbalance(["a"] * 100 + ["b"] * n).classes[-1]
    assert profile.rows_missing == missing
    assert list(profile.scarce) == list(missing)


def test_no_row_and_one_class_have_documented_answers() -> None:
    empty = analyze_imbalance([])
    assert (empty.n_classes, empty.ratio, empty.severity, empty.requires_balancing) == (0, None, None, False)
    assert empty.advice == ("empty",)
    single = analyze_imbalance(["only"] * 3)
    assert (single.n_classes, single.ratio, single.severity, single.requires_balancing) == (1, 1.0, "low", False)
    assert single.advice == ("single_class",)
    assert analyze_imbalance([None, None]).advice == ("empty",)


# --- distinct rows ------------------------------------------------------------------------------

cells = st.sampled_from([0.0, -0.0, 1.5, float("nan")])
rows = st.lists(st.tuples(st.sampled_from("ab"), cells, st.sampled_from(["u", "v", None])), min_size=1, max_size=40)


def slow_distinct(table: list[tuple[str, float, str | None]], label: str) -> int:
    return len({(None if math.isnan(x) else x + 0.0, v) for c, x, v in table if c == label})


@given(rows)
def test_distinct_rows_are_those_of_a_set(table: list[tuple[str, float, str | None]]) -> None:
    frame = pd.DataFrame({"x": [x for _, x, _ in table], "v": pd.Series([v for *_, v in table], dtype=object)})
    schema = infer_schema(frame, overrides={"x": "continuous", "v": "categorical"})
    for profile in analyze_imbalance([c for c, *_ in table], frame=frame, schema=schema).classes:
        assert profile.distinct == slow_distinct(table, str(profile.label))
        assert profile.effective == profile.distinct


def test_an_identifier_does_not_make_copies_distinct() -> None:
    frame = pd.DataFrame({"id": [f"k{i}" for i in range(30)], "x": [1.5] * 30})
    analysis = analyze_imbalance(["a"] * 20 + ["b"] * 10, frame=frame)
    assert analysis.identifiers == ("id",)
    assert [c.distinct for c in analysis.classes] == [1, 1]


def test_with_identifiers_alone_nothing_is_said_about_distinct_rows() -> None:
    analysis = analyze_imbalance(["a"] * 20 + ["b"] * 10, frame=pd.DataFrame({"id": [f"k{i}" for i in range(30)]}))
    assert [c.distinct for c in analysis.classes] == [None, None]
    assert analysis.ambiguity is None


def test_many_wide_columns_do_not_overflow_the_row_number() -> None:
    n = 400
    frame = pd.DataFrame(np.random.default_rng(0).random((n, 60)))
    analysis = analyze_imbalance(["a", "b"] * (n // 2), frame=pd.concat([frame, frame]).iloc[:n])
    assert [c.distinct for c in analysis.classes] == [n // 2, n // 2]


def test_tables_of_other_lengths_are_refused() -> None:
    with pytest.raises(InvalidDataError, match="frame has 3 rows and y has 2"):
        analyze_imbalance(["a", "b"], frame=columns(3))
    with pytest.raises(InvalidDataError, match="text has 1 rows and y has 2"):
        analyze_imbalance(["a", "b"], text=["x"])


# --- ambiguity ----------------------------------------------------------------------------------

described = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", None]), st.sampled_from(["PIX João", "pix  joão ", "TED", "", None])),
    min_size=1,
    max_size=40,
)


@given(described)
def test_ambiguity_is_that_of_a_slow_count(table: list[tuple[str | None, str | None]]) -> None:
    groups: dict[str, Counter[str]] = {}
    for label, text in table:
        key = " ".join((text or "").split()).casefold()
        if label is not None and key:
            groups.setdefault(key, Counter())[label] += 1
    doubtful = {key: found for key, found in groups.items() if len(found) > 1}
    ambiguity = analyze_imbalance([c for c, _ in table], text=[t for _, t in table]).ambiguity
    assert ambiguity is not None
    compared = sum(found.total() for found in groups.values())
    assert ambiguity.n_compared == compared
    assert ambiguity.n_ambiguous == sum(found.total() for found in doubtful.values())
    assert ambiguity.n_groups == len(doubtful)
    if compared:
        assert ambiguity.ceiling == pytest.approx(sum(max(f.values()) for f in groups.values()) / compared)
    else:
        assert ambiguity.share is ambiguity.ceiling is None
    assert sorted(sorted(g.classes) for g in ambiguity.groups) == sorted(sorted(f.items()) for f in doubtful.values())


def test_the_most_ambiguous_descriptions_come_first_and_without_their_text() -> None:
    y = ["a"] * 3 + ["b"] * 4 + ["a", "b"]
    text = ["Maria"] * 7 + ["José"] * 2
    ambiguity = analyze_imbalance(y, text=text).ambiguity
    assert ambiguity is not None
    assert [g.n_rows for g in ambiguity.groups] == [7, 2]
    assert ambiguity.groups[0].classes == (("b", 4), ("a", 3))
    assert "Maria" not in json.dumps(ambiguity.to_dict())


def test_descriptions_are_kept_only_on_demand() -> None:
    found = analyze_imbalance(["a", "b"], text=["Maria ", "maria"], keep_texts=True).ambiguity
    assert found is not None
    assert found.groups[0].text == "Maria "
    assert found.groups[0].to_dict()["text"] == "Maria "


def test_only_the_ten_most_ambiguous_descriptions_are_listed_but_all_are_counted() -> None:
    text = [f"t{i}" for i in range(25)] * 2
    found = analyze_imbalance(["a"] * 25 + ["b"] * 25, text=text).ambiguity
    assert found is not None
    assert (len(found.groups), found.n_groups, found.n_ambiguous) == (10, 25, 50)


def test_without_descriptions_whole_rows_are_compared() -> None:
    frame = pd.DataFrame({"x": [1.5, 1.5, 2.5, 3.5], "v": ["u", "u", "u", "u"]})
    analysis = analyze_imbalance(["a", "b", "a", "b"], frame=frame)
    assert analysis.ambiguity is not None
    assert (analysis.ambiguity.basis, analysis.ambiguity.n_ambiguous) == ("columns", 2)
    assert [c.ambiguous for c in analysis.classes] == [1, 1]


def test_a_text_column_is_found_by_name_and_a_wrong_name_is_told() -> None:
    frame = columns(4)
    named, given_apart = (analyze_imbalance(list("aabb"), frame=frame, text=t) for t in ("kind", frame["kind"]))
    assert named == given_apart
    with pytest.raises(ColumnNotFoundError, match="text='descricao' names no column"):
        analyze_imbalance(["a"] * 4, frame=frame, text="descricao")
    with pytest.raises(ColumnNotFoundError, match="none was given"):
        analyze_imbalance(["a"] * 4, text="kind")


# --- verdict and words --------------------------------------------------------------------------


def advice_of(**counts: int) -> tuple[str, ...]:
    return analyze_imbalance([label for label, n in counts.items() for _ in range(n)]).advice


def test_the_verdict_follows_the_counts() -> None:
    assert advice_of(a=100, b=60) == ("balanced",)
    assert advice_of(a=1000, b=200) == ("rarely_helps", "compare")
    assert advice_of(a=1000, b=199) == ("compare",)
    assert advice_of(a=1000, b=29) == ("unstable", "compare")
    assert advice_of(a=1000, b=5) == ("too_scarce", "unstable", "compare")


def test_copies_do_not_count_as_evidence() -> None:
    n = 1000
    frame = columns(n)
    frame.iloc[800:] = frame.iloc[800]
    y = ["a"] * 800 + ["b"] * 200
    assert analyze_imbalance(y).advice == ("rarely_helps", "compare")
    assert analyze_imbalance(y, frame=frame).advice == ("too_scarce", "unstable", "compare")


@pytest.mark.parametrize(("doubtful", "first"), [(99, "compare"), (100, "labels_first")])
def test_from_ten_percent_ambiguous_rows_the_labels_come_first(doubtful: int, first: str) -> None:
    y = ["a"] * 1 + ["b"] * 150 + ["a"] * 849
    text = ["same"] * doubtful + [f"t{i}" for i in range(1000 - doubtful)]
    assert analyze_imbalance(y, text=text).advice[0] == first


def test_no_verdict_promises_a_gain() -> None:
    for y in (["a"] * 900 + ["b"] * 5, ["a"] * 900 + ["b"] * 300, ["a"] * 900 + ["b"] * 100):
        verdict = analyze_imbalance(y).verdict
        assert "do not prove that balancing helps" in verdict.en
        assert "não provam que balancear ajuda" in verdict.pt


def test_both_languages_carry_the_same_numbers_in_their_own_writing() -> None:
    analysis = analyze_imbalance(["a"] * 12345 + ["b"] * 1000 + [None])
    assert "12.345" in analysis.verdict.pt
    assert "12,3" in analysis.verdict.pt
    assert "12,345" in analysis.verdict.en
    assert "12.3 (extreme)" in analysis.verdict.en
    assert "(1 sem rótulo)" in analysis.verdict.pt


def test_the_printed_table_has_a_line_for_every_class() -> None:
    analysis = analyze_imbalance(["alfa"] * 90 + ["beta"] * 3, frame=columns(93))
    for text in (str(analysis), analysis.describe("pt")):
        table = text.split("\n\n")[0].split("\n")
        assert len(table) == 2 + analysis.n_classes
        assert table[2].startswith("alfa")
        assert table[3].startswith("beta")
    assert "no SMOTE" in str(analysis)
    assert "sem SMOTE" in analysis.describe("pt")
    assert str(analyze_imbalance([])) == "No row has a label: there is nothing to measure."


def test_a_third_language_is_refused() -> None:
    for call in (analyze_imbalance(["a"]).describe, analyze_imbalance([]).describe):
        with pytest.raises(InvalidParameterError, match="'pt' or 'en'"):
            call("es")  # type: ignore[arg-type]


@pytest.mark.parametrize("y", [[], ["a", "b", None], [1, 2, 2], [True], [pd.Timestamp("2024-01-01")]], ids=str)
def test_the_analysis_is_json(y: list[object]) -> None:
    data = analyze_imbalance(y, frame=columns(len(y)) if y else None).to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data


def test_an_analysis_is_a_value() -> None:
    one, other = (analyze_imbalance(["a", "a", "b"], frame=columns(3)) for _ in range(2))
    assert one == other
    assert isinstance(hash(one), int)
    assert isinstance(one, ImbalanceAnalysis)


# --- real tables --------------------------------------------------------------------------------


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "target"),
    [("adult_train", "income"), ("ceaps_2020", "TIPO_DESPESA"), ("german", "risk"), ("bank_marketing", "y")],
)
def test_counts_of_real_tables_are_those_of_their_manifest(shared_data: Path, name: str, target: str) -> None:
    frame = pd.read_parquet(shared_data / f"{name}.parquet")
    features = frame.drop(columns=[target])
    analysis = analyze_imbalance(frame[target], frame=features)
    assert analysis.class_counts == frame[target].value_counts().to_dict()
    kept = [c for c in features.columns if c not in analysis.identifiers]
    expected = frame[~frame.duplicated([*kept, target])][target].value_counts().to_dict()
    assert {c.label: c.distinct for c in analysis.classes} == expected
