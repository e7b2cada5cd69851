"""The documented ``ImbalancedDataHandler``."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import warnings
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn import metrics
from sklearn.linear_model import LogisticRegression, RidgeClassifier

import contrapeso.balancing as balancing_door
import contrapeso.services.synthetic_data_generator as generator_module
from contrapeso.errors import (
    ContrapesoWarning,
    CorruptArchiveError,
    FewSamplesWarning,
    FileMissingError,
    FileUnwritableError,
    InvalidDataError,
    InvalidParameterError,
    MissingExtraError,
    NewerArchiveError,
    SingleClassError,
    UnknownConfigKeyError,
)
from contrapeso.samplers import SMOTE, RandomUnderSampler, TomekLinks
from contrapeso.services import _handler_advice as advice
from contrapeso.services import _handler_effect as effect
from contrapeso.services import _handler_measures as measures
from contrapeso.services import _handler_state as state
from contrapeso.services import _handler_texts as texts
from contrapeso.services.imbalanced_data_handler import STRATEGIES, ImbalancedDataHandler
from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "handler.md"
MIXTURE = {"synthetic_config": {"methods": ["mixture"]}}
OVER = ("auto", "smote", "synthetic")
QUIET = pytest.mark.filterwarnings("ignore::contrapeso.errors.FewSamplesWarning")
SOON = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def numbers(sizes: tuple[int, ...], seed: int = 0) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Rows of three columns in a shuffled order; the classes overlap."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    return rng.normal(size=(len(y), 3)) + y[:, None], y


def mixed(sizes: tuple[int, ...], seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Numbers with nulls, whole numbers, texts, days and categories on an index of texts."""
    X, y = numbers(sizes, seed)
    rng, n = np.random.default_rng(seed + 1), len(y)
    frame = pd.DataFrame(
        {
            "amount": pd.Series(np.round(X[:, 0], 2)).where(rng.random(n) > 0.2),
            "parcels": rng.integers(1, 13, n),
            "kind": rng.choice(["pix", "ted", "boleto"], n),
            "day": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 60, n), "D"),
            "level": pd.Categorical(rng.choice(["a", "b"], n)),
        },
    ).set_axis([f"row {i}" for i in range(n)], axis=0)
    return frame, pd.Series(np.array(["comum", "rara", "raríssima"])[np.minimum(y, 2)], index=frame.index, name="y")


def boxes(sizes: tuple[int, ...]) -> dict[str, tuple[Any, Any]]:
    """The same kind of table in every container."""
    X, y = numbers(sizes)
    frame, labels = mixed(sizes)
    plain = frame.reset_index(drop=True)
    names = labels.tolist()
    gaps = [None if i % 5 == 0 else kind for i, kind in enumerate(frame["kind"])]
    arrow = pa.table({"a": X[:, 0], "n": np.arange(len(y)) % 7, "kind": pa.array(gaps)})
    return {
        "array": (X, y),
        "float32": (X.astype(np.float32), y.astype(np.int8)),
        "objects": (plain[["amount", "kind"]].to_numpy(dtype=object), labels.to_numpy()),
        "frame": (frame, labels),
        "dicts": (frame[["amount", "kind"]].to_dict("records"), names),
        "lists": (X.tolist(), y.tolist()),
        "polars": (pl.from_arrow(arrow), pl.Series("y", names)),
        "arrow": (arrow, pa.array(names)),
        "batch": (arrow.combine_chunks().to_batches()[0], pa.array(names)),
        "csr": (sparse.csr_matrix(np.maximum(X, 0)), y),
    }


def n_rows(X: Any) -> int:
    return int(X.shape[0]) if hasattr(X, "shape") else len(X)


def head(X: Any, n: int) -> Any:
    """The first ``n`` rows as something that ``==`` compares to the bit."""
    if sparse.issparse(X):
        return X.toarray()[:n].tobytes()
    if isinstance(X, (pd.DataFrame, pd.Series)):
        return [X.index[:n].tolist(), *(X.iloc[:n].reset_index().astype(str).to_numpy().tolist())]
    if isinstance(X, np.ndarray):
        return str(X[:n].tolist()), X.dtype
    if isinstance(X, (pl.DataFrame, pl.Series, pa.Table, pa.RecordBatch, pa.Array, pa.ChunkedArray)):
        return str((X[:n] if isinstance(X, (pl.DataFrame, pl.Series)) else X.slice(0, n)).to_pandas().values.tolist())
    return str(X[:n])


def counts_of(y: Any) -> dict[Any, int]:
    labels = y.to_pylist() if isinstance(y, (pa.Array, pa.ChunkedArray)) else list(y)
    return {label: labels.count(label) for label in dict.fromkeys(labels)}


def expected(counts: dict[Any, int], strategy: str, ratio: float) -> dict[Any, int]:
    """Rows afterwards, in ten lines."""
    r, most, least = Fraction(str(ratio)), max(counts.values()), min(counts.values())
    if all(n >= r * most for n in counts.values()):
        return counts
    if strategy == "auto" and ratio == 1 and most < 2 * least:
        return counts
    if strategy == "undersample":
        return {label: min(n, floor(least / r)) for label, n in counts.items()}
    if strategy == "hybrid":
        most = min(most, max(ceil(Fraction(most + least, 2)), floor(least / r)))
    return {label: min(max(n, ceil(r * most)), most) for label, n in counts.items()}


def handler(**config: Any) -> ImbalancedDataHandler:
    return ImbalancedDataHandler({**MIXTURE, **config})


# The counts


@QUIET
@SOON
@given(
    sizes=st.lists(st.integers(1, 40), min_size=2, max_size=5).map(tuple),
    percent=st.integers(1, 100),
    strategy=st.sampled_from(STRATEGIES),
)
def test_every_strategy_ends_at_exactly_the_rows_that_the_ratio_asks_for(
    sizes: tuple[int, ...], percent: int, strategy: str
) -> None:
    X, y = numbers(sizes)
    made, labels = handler().handle_imbalanced_data(X, y, strategy, percent / 100)
    assert counts_of(labels) == expected(counts_of(y), strategy, percent / 100)
    assert len(made) == len(labels)


@QUIET
@SOON
@given(sizes=st.lists(st.integers(1, 40), min_size=2, max_size=4).map(tuple), ratio=st.floats(0.01, 1.0))
def test_the_ratio_is_met_and_not_passed_by_a_row(sizes: tuple[int, ...], ratio: float) -> None:
    X, y = numbers(sizes)
    for strategy in ("smote", "hybrid"):
        after = counts_of(handler().handle_imbalanced_data(X, y, strategy, ratio)[1])
        low, most = min(after.values()), max(after.values())
        assert low >= Fraction(repr(ratio)) * most
        if after != counts_of(y):
            changed = [n for label, n in after.items() if n > counts_of(y)[label]]
            assert all(n - 1 < Fraction(repr(ratio)) * most for n in changed)


@QUIET
@SOON
@given(
    sizes=st.lists(st.integers(1, 30), min_size=2, max_size=4).map(tuple),
    percent=st.integers(1, 100),
    strategy=st.sampled_from(OVER),
    seed=st.integers(0, 1000),
)
def test_original_rows_come_first_bit_for_bit_when_rows_are_added(
    sizes: tuple[int, ...], percent: int, strategy: str, seed: int
) -> None:
    X, y = numbers(sizes, seed)
    made, labels = handler().handle_imbalanced_data(X, y, strategy, percent / 100)
    assert_array_equal(made[: len(X)], X)
    assert_array_equal(labels[: len(y)], y)


@QUIET
@SOON
@given(sizes=st.lists(st.integers(1, 30), min_size=2, max_size=4).map(tuple), percent=st.integers(1, 100))
def test_rows_that_stay_are_original_rows_in_order_when_rows_are_dropped(sizes: tuple[int, ...], percent: int) -> None:
    X, y = numbers(sizes)
    rows = np.column_stack([X, np.arange(len(X))])
    for strategy in ("undersample", "hybrid"):
        made, labels = handler().handle_imbalanced_data(rows, y, strategy, percent / 100)
        known = {tuple(row): k for k, row in enumerate(rows)}
        places = [known.get(tuple(row)) for row in made]
        kept = [place for place in places if place is not None]
        n_kept = sum(min(n, counts_of(labels).get(label, 0)) for label, n in counts_of(y).items())
        assert kept[:n_kept] == sorted(set(kept[:n_kept]))
        assert_array_equal(labels[:n_kept], y[kept[:n_kept]])


@QUIET
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(strategy: str) -> None:
    X, y = numbers((60, 12, 4))
    first, second, other = (
        handler(random_state=seed).handle_imbalanced_data(X, y, strategy)[0].tobytes() for seed in (3, 3, 4)
    )
    assert first == second != other
    once = handler(random_state=3)
    assert [once.handle_imbalanced_data(X, y, strategy)[0].tobytes() for _ in range(2)] == [first, first]


# The strategies


def test_smote_is_the_sampler_at_those_counts() -> None:
    X, y = numbers((40, 12, 9))
    made, labels = handler(smote_config={"random_state": 5, "k_neighbors": 4}).handle_imbalanced_data(
        X, y, "smote", 0.5
    )
    sampler = SMOTE(sampling_strategy={1: 20, 2: 20}, random_state=5, k_neighbors=4)
    wanted, wanted_labels = sampler.fit_resample(X, y)
    assert_array_equal(made, wanted)
    assert_array_equal(labels, wanted_labels)


def test_undersample_is_the_sampler_at_those_counts() -> None:
    X, y = numbers((40, 12, 9))
    made, labels = handler().handle_imbalanced_data(X, y, "undersample", 0.5)
    wanted, _ = RandomUnderSampler(sampling_strategy={0: 18}, random_state=42).fit_resample(X, y)
    assert_array_equal(made, wanted)
    assert counts_of(labels) == {label: {0: 18, 1: 12, 2: 9}[label] for label in counts_of(labels)}


def test_the_rule_copies_tiny_classes_and_interpolates_the_others() -> None:
    X, y = numbers((60, 20, 3, 1))
    engine = handler()
    made, labels = engine.handle_imbalanced_data(X, y)
    new, of = made[len(X) :], labels[len(X) :]
    for tiny in (2, 3):
        assert {tuple(row) for row in new[of == tiny]} <= {tuple(row) for row in X[y == tiny]}
    assert not {tuple(row) for row in new[of == 1]} & {tuple(row) for row in X}
    entry = engine.get_balancing_history()[-1]
    assert entry["rule"] == "fast"
    assert entry["method"].endswith("+random_over")
    assert "copies for 2 classes with 5 rows or fewer" in " ".join(entry["notes"])
    assert set(entry["reason"]) == {"pt", "en"}


@pytest.mark.parametrize(
    ("columns", "method"),
    [(["amount", "parcels"], "smote"), (["amount", "kind"], "smotenc"), (["kind", "level"], "smoten")],
)
def test_smote_follows_the_kinds_of_the_columns(columns: list[str], method: str) -> None:
    X, y = mixed((40, 12))
    engine = handler()
    engine.handle_imbalanced_data(X[columns], y, "smote")
    assert engine.balancing_history[-1]["method"] == method


@QUIET
@pytest.mark.parametrize("columns", [["kind"], ["kind", "level"], ["amount", "kind"], ["day"], ["amount"]])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_takes_every_kind_of_column(strategy: str, columns: list[str]) -> None:
    X, y = mixed((30, 8, 2))
    made, labels = handler().handle_imbalanced_data(X[columns], y, strategy)
    assert counts_of(labels) == expected(counts_of(y), strategy, 1.0)
    assert made.dtypes.equals(X[columns].dtypes)


def test_hybrid_keeps_no_new_row_in_a_tomek_link_while_spare_ones_last() -> None:
    X, y = numbers((80, 20), seed=3)
    engine = handler()
    made, labels = engine.handle_imbalanced_data(X, y, "hybrid")
    assert counts_of(labels) == {0: 50, 1: 50}
    left_out = int(
        re.findall(r"(\d+) rows in Tomek links left out, 0 new", engine.balancing_history[-1]["notes"][-1])[0]
    )
    assert left_out > 0
    minority = {tuple(row) for row in X[y == 1]}
    assert minority <= {tuple(row) for row in made}, "original rows of a class that grows all stay"
    found = engine.provenance_[0]
    assert_array_equal(labels[found.rows], 1)
    assert found.rows.min() == 70
    base, other = X[found.parents[:, 0]], X[found.parents[:, 1]]
    assert np.allclose(made[found.rows], base * found.weights[:, :1] + other * found.weights[:, 1:])
    assert len(TomekLinks().fit_resample(made, labels)[1]) > 90


def test_every_new_row_of_smote_and_of_the_rule_knows_its_parents() -> None:
    X, y = numbers((50, 20, 2))
    engine = handler()
    for strategy in ("auto", "smote"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewSamplesWarning)
            made, labels = engine.handle_imbalanced_data(X, y, strategy)
        rows = np.concatenate([found.rows for found in engine.provenance_])
        assert_array_equal(np.sort(rows), np.arange(len(X), len(made)))
        for found in engine.provenance_:
            assert_array_equal(labels[found.rows], y[found.parents[:, 0]])


# The containers


@QUIET
@pytest.mark.parametrize("name", list(boxes((9, 3))))
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_containers_dtypes_and_original_rows_survive(name: str, strategy: str) -> None:
    X, y = boxes((30, 12, 4))[name]
    if name == "csr" and strategy == "synthetic":
        with pytest.raises(InvalidDataError, match="toarray"):
            handler().handle_imbalanced_data(X, y, strategy)
        return
    before = head(X, n_rows(X)), head(y, len(y))
    made, labels = handler().handle_imbalanced_data(X, y, strategy)
    assert (head(X, n_rows(X)), head(y, len(y))) == before, "the input is untouched"
    assert type(made) is type(X)
    assert isinstance(labels, (pa.ChunkedArray, pa.Array)) if isinstance(y, pa.Array) else type(labels) is type(y)
    assert counts_of(labels) == expected(counts_of(y), strategy, 1.0)
    assert n_rows(made) == len(labels)
    if strategy in OVER:
        assert (head(made, n_rows(X)), head(labels, len(y))) == before
    if isinstance(X, pd.DataFrame):
        assert made.dtypes.equals(X.dtypes)
        assert made.index.equals(labels.index)
        assert made.index.is_unique
    if name == "dicts":
        new = made[len(X) :] if strategy in OVER else []
        assert all(row["is_synthetic"] is True and set(row) <= {"amount", "kind", "is_synthetic"} for row in new)
        assert not any("is_synthetic" in row for row in made[: len(made) - len(new)] if row in X)
    if isinstance(X, (pa.Table, pa.RecordBatch)):
        assert made.schema.equals(X.schema)
    if isinstance(X, pl.DataFrame):
        assert made.schema == X.schema


def test_generated_nulls_of_an_arrow_table_are_nulls_and_columns_without_stay_whole() -> None:
    X, y = boxes((120, 12))["arrow"]
    made, _ = handler().handle_imbalanced_data(X, y, "synthetic")
    new = made.slice(X.num_rows)
    assert new["kind"].null_count > 0
    assert new["a"].null_count == new["n"].null_count == 0


@pytest.mark.parametrize("y", [["sim", "nao"], [True, False], [7, 3], ["1", "2"]])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_labels_of_any_kind_come_back_as_they_were(y: list[Any], strategy: str) -> None:
    X, codes = numbers((24, 8))
    labels = np.array(y)[codes]
    made = handler().handle_imbalanced_data(X, labels, strategy)[1]
    assert made.dtype == labels.dtype
    assert set(made) == set(y)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_one_hot_targets_and_nullable_labels_are_taken(strategy: str) -> None:
    X, y = numbers((24, 8))
    made = handler().handle_imbalanced_data(X, np.eye(2)[y], strategy)[1]
    assert counts_of(made.argmax(axis=1)) == expected(counts_of(y), strategy, 1.0)
    for dtype in ("Int64", "category", "string"):
        labels = pd.Series(y).astype(dtype)
        assert handler().handle_imbalanced_data(X, labels, strategy)[1].dtype == labels.dtype


# Nothing to do, and what is refused


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([], []),
        (np.empty((0, 3)), np.empty(0)),
        (pd.DataFrame({"a": []}), pd.Series([], dtype=int)),
        (np.ones((1, 2)), np.array([1])),
        ([{"a": 1}], ["x"]),
        (np.arange(8.0).reshape(4, 2), np.zeros(4, dtype=int)),
        (np.arange(8.0).reshape(4, 2), np.array([0, 1, 0, 1])),
    ],
)
def test_what_needs_nothing_comes_back_as_the_very_objects(X: Any, y: Any, strategy: str) -> None:
    engine = handler(budget_s=5)
    made, labels = engine.handle_imbalanced_data(X, y, strategy)
    assert made is X
    assert labels is y
    assert engine.balancing_history[-1]["method"] == "none"
    assert engine.balancing_history[-1]["rule"] == "none"


def test_below_a_ratio_of_two_the_rule_does_nothing_unless_a_ratio_is_asked_for() -> None:
    X, y = numbers((19, 10))
    engine = handler()
    assert engine.handle_imbalanced_data(X, y)[0] is X
    assert "menos do dobro" in engine.balancing_history[-1]["reason"]["pt"]
    assert counts_of(engine.handle_imbalanced_data(X, y, target_ratio=0.9)[1]) == {0: 19, 1: 18}
    assert counts_of(engine.handle_imbalanced_data(X, y, "smote")[1]) == {0: 19, 1: 19}


def test_an_unknown_strategy_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(InvalidParameterError, match="There is no strategy 'smot'; the nearest is 'smote'") as caught:
        handler().handle_imbalanced_data([[1.0], [2.0]], [0, 1], "smot")
    assert caught.value.code == "invalid_parameter"
    with pytest.raises(InvalidParameterError):
        handler().handle_imbalanced_data([], [], "none")


@pytest.mark.parametrize("ratio", [0, -1, 1.01, True, None, "1", float("nan"), float("inf")])
def test_a_ratio_outside_its_rule_is_refused(ratio: Any) -> None:
    with pytest.raises(InvalidParameterError, match="target_ratio"):
        handler().handle_imbalanced_data(*numbers((6, 3)), target_ratio=ratio)


def test_failures_are_raised_and_leave_no_entry() -> None:
    engine = handler()
    X, y = numbers((20, 8))
    X[3, 1] = np.inf
    for strategy in ("smote", "hybrid"):
        with pytest.raises(InvalidDataError, match="infinit"):
            engine.handle_imbalanced_data(X, y, strategy)
    with pytest.raises(InvalidDataError, match="NaN"):
        engine.handle_imbalanced_data(np.ones((4, 2)), np.array([0.0, 1.0, np.nan, 0.0]))
    with pytest.raises(InvalidDataError, match="inconsistent"):
        engine.handle_imbalanced_data(np.ones((4, 2)), [0, 1, 0])
    with pytest.raises(InvalidDataError, match="continuous"):
        engine.handle_imbalanced_data(np.ones((4, 2)), [0.5, 1.5, 0.25, 1.0])
    assert engine.balancing_history == []


@QUIET
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_class_of_one_to_five_rows_has_a_defined_end(n: int, strategy: str) -> None:
    X, y = mixed((40, n))
    _, labels = handler().handle_imbalanced_data(X, y, strategy, 0.5)
    assert counts_of(labels) == expected(counts_of(y), strategy, 0.5)


def test_a_named_smote_says_when_a_class_is_too_small_for_it() -> None:
    with pytest.warns(FewSamplesWarning, match="1 samples"):
        handler().handle_imbalanced_data(*numbers((10, 1)), "smote")


@QUIET
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_two_hundred_classes_are_balanced_exactly(strategy: str) -> None:
    X, y = numbers((30, *(3 for _ in range(198)), 1))
    _, labels = handler().handle_imbalanced_data(X, y, strategy)
    assert counts_of(labels) == expected(counts_of(y), strategy, 1.0)


@QUIET
@pytest.mark.filterwarnings("ignore::contrapeso.errors.CopiesWarning")
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_constant_columns_and_equal_rows_are_no_trouble(strategy: str) -> None:
    X, y = np.ones((30, 2)), np.repeat([0, 1], [24, 6])
    made, labels = handler().handle_imbalanced_data(X, y, strategy)
    assert counts_of(labels) == expected(counts_of(y), strategy, 1.0)
    assert_array_equal(made, np.ones((len(labels), 2)))


def test_rows_marked_synthetic_are_not_learned_from() -> None:
    X, y = mixed((20, 5))
    with pytest.raises(InvalidDataError, match="synthetic"):
        handler().handle_imbalanced_data(X.assign(is_synthetic=True), y, "synthetic")


def test_a_column_named_like_the_class_column_is_no_trouble() -> None:
    X, y = mixed((20, 5))
    X = X.rename(columns={"kind": "class"})
    made, _ = handler().handle_imbalanced_data(X, y, "synthetic")
    assert list(made.columns) == list(X.columns)


def test_synthetic_rows_are_those_of_the_generator_that_is_kept() -> None:
    X, y = mixed((60, 12))
    engine = handler()
    fresh = engine.synthetic_generator
    made, _ = engine.handle_imbalanced_data(X, y, "synthetic")
    assert isinstance(engine.synthetic_generator, AdvancedSyntheticDataGenerator)
    assert engine.synthetic_generator is not fresh
    assert engine.synthetic_generator.best_method_ == "mixture"
    assert engine.synthetic_generator.config["target"] == "class"
    assert not made.iloc[len(X) :].duplicated().all()
    assert "rows by mixture" in engine.balancing_history[-1]["notes"]


def test_without_torch_a_learned_method_is_an_error_and_the_mixture_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def require(*_: Any, **__: Any) -> None:
        raise MissingExtraError("pip install 'contrapeso[deep]'")

    monkeypatch.setattr(generator_module, "require", require)
    X, y = mixed((30, 8))
    engine = ImbalancedDataHandler()
    with pytest.raises(MissingExtraError, match="pip install"):
        engine.handle_imbalanced_data(X, y, "synthetic")
    assert engine.balancing_history == []
    assert len(handler().handle_imbalanced_data(X, y, "synthetic")[0]) == 60


# The config


def test_the_sections_are_those_of_the_two_classes() -> None:
    engine = ImbalancedDataHandler(
        {"smote_config": {"smote": {"k_neighbors": 3}}, "synthetic_config": {"methods": ["mixture"], "epochs": 7}}
    )
    assert engine.smote_handler.config == {"random_state": 42, "k_neighbors": 3, "sampling_strategy": "auto"}
    assert engine.synthetic_generator.config["epochs"] == 7
    assert (engine.imbalance_info, engine.balancing_history, engine.provenance_) == ({}, [], ())


def test_the_seed_reaches_the_sections_unless_they_have_their_own() -> None:
    engine = ImbalancedDataHandler({"random_state": 9, "synthetic_config": {"random_state": 4}})
    assert engine.smote_handler.config["random_state"] == 9
    assert engine.synthetic_generator.config["random_state"] == 4
    assert ImbalancedDataHandler().smote_handler.config["random_state"] == 42


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"smote_conf": {}}, "nearest is 'smote_config'"),
        ({"smote_config": {"k_neighbours": 3}}, "nearest is 'k_neighbors'"),
        ({"synthetic_config": {"epoch": 3}}, "nearest is 'epochs'"),
        ({"budget": 3}, "nearest is 'budget_s'"),
    ],
)
def test_an_unknown_key_is_an_error_that_names_the_nearest(config: dict[str, Any], says: str) -> None:
    with pytest.raises(UnknownConfigKeyError, match=says):
        ImbalancedDataHandler(config)


@pytest.mark.parametrize(
    "config",
    [
        {"budget_s": 0},
        {"budget_s": True},
        {"budget_s": "60"},
        {"budget_s": float("nan")},
        {"objective": "rank"},
        {"objective": 3},
        {"objective": {"metric": "f1"}},
        {"random_state": -1},
        {"random_state": 1.5},
        {"smote_config": 3},
        {"smote_config": {"smote": 3}},
        {"synthetic_config": {"target": "kind"}},
        {"synthetic_config": {"methods": []}},
    ],
)
def test_a_value_outside_its_rule_is_an_error(config: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameterError):
        ImbalancedDataHandler(config)


# The ladder


@dataclass
class Told:
    """What stands in for a decision of the ladder."""

    chosen: str

    def reason(self, language: str) -> str:
        return {"pt": "Porque sim.", "en": "Because."}[language]

    def to_dict(self) -> dict[str, Any]:
        return {"chosen": self.chosen}


@pytest.fixture
def ladder(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the ladder answer what it is told, and keeps how it was asked."""
    asked: list[dict[str, Any]] = []

    def answers(name: str) -> list[dict[str, Any]]:
        def choose(X: Any, y: Any, **options: Any) -> Told:
            asked.append(options)
            return Told(name)

        monkeypatch.setattr(balancing_door, "choose", choose, raising=False)
        return asked

    return answers


@pytest.mark.parametrize("rung", ["none", "threshold", "calibrated", "weights", "weights_sqrt", "under_bagging_1"])
def test_a_ladder_that_changes_no_rows_gives_the_table_back_with_the_reason(rung: str, ladder: Any) -> None:
    ladder(rung)
    X, y = numbers((40, 8))
    engine = handler(budget_s=3)
    with pytest.warns(ContrapesoWarning, match=r"Because\. No row was made or dropped"):
        made, labels = engine.handle_imbalanced_data(X, y)
    assert made is X
    assert labels is y
    entry = engine.balancing_history[-1]
    assert (entry["rule"], entry["method"], entry["chosen"]) == ("ladder", "none", rung)
    assert entry["reason"]["pt"].startswith("Porque sim. Nenhuma linha")
    assert entry["decision"] == {"chosen": rung}


@pytest.mark.parametrize(
    ("rung", "method", "after"),
    [
        ("random_under_0.33", "random_under", {0: 24, 1: 8}),
        ("random_over_0.5", "random_over", {0: 40, 1: 20}),
        ("smote_0.25", "smote", {0: 40, 1: 10}),
        ("prowsyn", "prowsyn", {0: 40, 1: 20}),
        ("mixture", "synthetic_mixture", {0: 40, 1: 20}),
    ],
)
def test_a_sampler_of_the_ladder_is_applied_at_its_ratio_or_at_the_one_asked_for(
    rung: str, method: str, after: dict[int, int], ladder: Any
) -> None:
    asked = ladder(rung)
    X, y = numbers((40, 8))
    engine = handler(budget_s=3, objective="probability", random_state=5)
    assert counts_of(engine.handle_imbalanced_data(X, y)[1]) == {label: after[label] for label in counts_of(y)}
    assert engine.balancing_history[-1]["method"] == method
    assert asked == [{"objective": "probability", "budget_s": 3, "random_state": 5}]
    strategy = "undersample" if "under" in rung else "smote"
    own = engine.handle_imbalanced_data(X, y, target_ratio=0.8)[1]
    assert counts_of(own) == expected(counts_of(y), strategy, 0.8)


def test_a_sampler_of_the_ladder_that_cleans_is_applied_as_it_was_measured(ladder: Any) -> None:
    ladder("smote_tomek")
    X, y = numbers((60, 8))
    after = counts_of(handler(budget_s=3).handle_imbalanced_data(X, y)[1])
    assert after[0] <= 60
    assert 8 < after[1] <= 30


def test_a_named_strategy_does_not_ask_the_ladder(ladder: Any) -> None:
    asked = ladder("none")
    handler(budget_s=3).handle_imbalanced_data(*numbers((40, 8)), "smote")
    assert asked == []


def test_an_objective_with_costs_reaches_the_ladder(ladder: Any) -> None:
    asked = ladder("random_over_1")
    objective = balancing_door.Objective(kind="decision", costs=[[0, 1], [9, 0]])
    engine = handler(budget_s=3, objective=objective)
    engine.handle_imbalanced_data(*numbers((40, 8)))
    assert asked[0]["objective"] == objective
    assert engine.config["objective"] == {"kind": "decision", "costs": [[0, 1], [9, 0]]}


@pytest.mark.slow
def test_the_real_ladder_decides_and_its_decision_is_kept(tmp_path: Path) -> None:
    X, y = numbers((300, 25))
    engine = handler(budget_s=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ContrapesoWarning)
        made, _ = engine.handle_imbalanced_data(X, y)
    entry = engine.balancing_history[-1]
    assert entry["rule"] == "ladder"
    assert entry["chosen"] == entry["decision"]["chosen"]
    assert (made is X) == (entry["method"] == "none")
    engine.save_balancing_state(tmp_path / "state.json")


# Recommendations


@pytest.fixture(scope="module")
def recommended() -> tuple[dict[str, Any], Any, Any]:
    X, y = mixed((150, 30))
    return handler().get_balancing_recommendations(X, y), X, y


def test_recommendations_have_the_documented_keys_and_measured_effects(recommended: Any) -> None:
    found, _, y = recommended
    assert list(found) == [
        "imbalance_analysis",
        "recommended_strategies",
        "expected_outcomes",
        "implementation_notes",
    ]
    assert found["imbalance_analysis"]["imbalance_ratio"] == 5.0
    assert found["imbalance_analysis"]["class_counts"] == counts_of(y.sort_values())
    outcomes = found["expected_outcomes"]
    assert set(outcomes) == {"evidence", *advice.CANDIDATES}
    assert outcomes["evidence"]["n_folds"] == 5
    for name in advice.CANDIDATES:
        effect_found = outcomes[name]["average_precision"]
        low, high = effect_found["difference_interval"]
        assert low <= effect_found["difference"] <= high
    assert outcomes["none"]["average_precision"]["difference"] == 0.0


def test_what_is_recommended_follows_from_the_measured_intervals(recommended: Any) -> None:
    found, _, _ = recommended
    rows = found["recommended_strategies"]
    assert {row["strategy"] for row in rows} == set(advice.CANDIDATES)
    for row in rows[1:]:
        low, _ = found["expected_outcomes"][row["strategy"]]["average_precision"]["difference_interval"]
        assert row["shown_gain"] is (low > 0)
    assert all(set(row["reason"]) == {"pt", "en"} for row in rows)
    assert json.dumps(found, default=str)


def test_the_notes_are_in_both_languages(recommended: Any) -> None:
    notes = recommended[0]["implementation_notes"]
    assert [note["code"] for note in notes][:4] == ["verdict", "inside_folds", "threshold", "prior"]
    assert all(note["pt"] != note["en"] for note in notes)


def test_too_few_rows_give_a_reason_in_the_place_of_an_effect() -> None:
    found = handler().get_balancing_recommendations(*numbers((40, 9)))
    evidence = found["expected_outcomes"]
    assert list(evidence) == ["evidence"]
    assert evidence["evidence"]["measured"] is False
    assert "class 1 has 9 rows; 10 of each class" in evidence["evidence"]["reason"]["en"]
    assert [row["strategy"] for row in found["recommended_strategies"]] == ["none", "auto"]
    assert all(row["shown_gain"] is None for row in found["recommended_strategies"])


@pytest.mark.parametrize(("X", "y"), [([], []), (np.ones((3, 1)), [0, 0, 0]), (np.ones((4, 1)), [0, 1, 0, 1])])
def test_what_needs_no_balancing_gets_no_strategy(X: Any, y: Any) -> None:
    found = handler().get_balancing_recommendations(X, y)
    assert found["recommended_strategies"] == []
    assert found["expected_outcomes"]["evidence"]["measured"] is False


def test_a_candidate_that_cannot_run_is_said_and_the_others_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> str:
        raise InvalidDataError("No.")

    monkeypatch.setattr(advice, "smote_of", refused)
    found = handler().get_balancing_recommendations(*numbers((60, 12)))
    assert found["expected_outcomes"]["smote"]["measured"] is False
    assert "No." in found["expected_outcomes"]["smote"]["reason"]["en"]
    assert found["expected_outcomes"]["class_weight"]["measured"] is True
    assert found["recommended_strategies"][-1]["shown_gain"] is None


def test_a_long_table_is_compared_on_rows_drawn_by_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advice, "MOST_ROWS", 100)
    codes = np.repeat([0, 1], [380, 20])
    rows = advice._drawn(codes, 0)
    assert_array_equal(np.bincount(codes[rows]), [95, 10])
    assert_array_equal(rows, np.unique(rows))
    found = handler().get_balancing_recommendations(np.random.default_rng(0).normal(size=(400, 2)), codes)
    assert found["expected_outcomes"]["evidence"]["n_rows"] == 105
    assert found["implementation_notes"][-1]["code"] == "sampled"


# The effect


def split(seed: int = 0, sizes: tuple[int, ...] = (300, 40)) -> tuple[Any, Any, Any, Any]:
    X, y = numbers(sizes, seed)
    half = len(y) // 2
    return X[:half], y[:half], X[half:], y[half:]


@pytest.fixture(scope="module")
def effectiveness() -> tuple[dict[str, Any], tuple[Any, ...]]:
    X, y, X_test, y_test = split()
    made = handler().handle_imbalanced_data(X, y, "smote")
    parts = (X, y, X_test, y_test, *made)
    return handler().evaluate_balancing_effectiveness(*parts, estimator=LogisticRegression(), n_bootstrap=200), parts


def test_the_measures_are_those_of_scikit_learn(effectiveness: Any) -> None:
    found, (X, y, X_test, y_test, X_made, y_made) = effectiveness
    for name, (rows, labels) in {"original": (X, y), "balanced": (X_made, y_made)}.items():
        model = LogisticRegression().fit(rows, labels)
        chances, called = model.predict_proba(X_test)[:, 1], model.predict(X_test)
        told = found[f"{name}_performance"]
        assert told["average_precision"] == pytest.approx(metrics.average_precision_score(y_test, chances))
        assert told["roc_auc"] == pytest.approx(metrics.roc_auc_score(y_test, chances))
        assert told["brier"] == pytest.approx(metrics.brier_score_loss(y_test, chances))
        assert told["f1_macro"] == pytest.approx(metrics.f1_score(y_test, called, average="macro"))
        assert told["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(y_test, called))
        assert told["minority_recall"] == pytest.approx(metrics.recall_score(y_test, called))
        assert told["minority_precision"] == pytest.approx(metrics.precision_score(y_test, called))
        assert found["confusion_matrices"][name] == metrics.confusion_matrix(y_test, called).tolist()
        odds = chances / (1 - chances) * np.mean(y) / (1 - np.mean(y)) / (np.mean(labels) / (1 - np.mean(labels)))
        corrected = odds / (1 + odds)
        assert told["brier_corrected"] == pytest.approx(metrics.brier_score_loss(y_test, corrected))
        tuned = metrics.balanced_accuracy_score(y_test, corrected >= told["threshold"])
        assert told["balanced_accuracy_tuned"] == pytest.approx(tuned)
    assert found["confusion_matrices"]["labels"] == [0, 1]


def test_differences_have_intervals_and_a_verdict_that_follows_from_them(effectiveness: Any) -> None:
    found, _ = effectiveness
    assert set(found) >= {"original_performance", "balanced_performance", "improvement_metrics", "confusion_matrices"}
    for name, told in found["improvement_metrics"].items():
        low, high = told["interval"]
        assert low <= high
        assert told["difference"] == pytest.approx(told["balanced"] - told["original"])
        assert (told["verdict"] == "no difference shown") == (low <= 0 <= high)
        assert told["better_when"] == ("lower" if name.startswith("brier") else "higher")
    brier = found["improvement_metrics"]["brier"]
    assert brier["verdict"] == "worse"
    assert abs(found["improvement_metrics"]["brier_corrected"]["difference"]) < brier["difference"] / 3
    assert json.dumps(found)


def test_the_same_table_twice_shows_no_difference() -> None:
    X, y, X_test, y_test = split()
    found = handler().evaluate_balancing_effectiveness(X, y, X_test, y_test, X, y, n_bootstrap=50)
    assert {told["difference"] for told in found["improvement_metrics"].values()} == {0.0}
    assert found["original_performance"] == found["balanced_performance"]


@given(
    scores=st.lists(st.integers(0, 6), min_size=4, max_size=40),
    seed=st.integers(0, 10_000),
)
@settings(max_examples=60, deadline=None)
def test_curves_with_weights_are_those_of_scikit_learn(scores: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    hits = rng.random(len(scores)) < 0.4
    hits[:2] = [True, False]
    weights = rng.integers(0, 4, len(scores)).astype(float)
    weights[:2] += 1
    curve = measures.Curve.of(hits, np.array(scores, dtype=float))
    wanted = metrics.average_precision_score(hits, scores, sample_weight=weights)
    assert curve.average_precision(weights) == pytest.approx(wanted)
    assert curve.roc_auc(weights) == pytest.approx(metrics.roc_auc_score(hits, scores, sample_weight=weights))


def test_a_bootstrap_draw_measures_as_the_repeated_rows_would() -> None:
    rng = np.random.default_rng(0)
    truth, chances = rng.integers(0, 3, 60), rng.dirichlet([1, 1, 1], 60)
    weights = rng.integers(1, 4, 60)
    one = measures.Judgement(truth, chances.argmax(axis=1), chances, chances, 2, 0.4, 3)
    rows = np.repeat(np.arange(60), weights)
    other = measures.Judgement(truth[rows], chances[rows].argmax(axis=1), chances[rows], chances[rows], 2, 0.4, 3)
    assert one.measures(weights.astype(float)) == pytest.approx(other.measures(np.ones(len(rows))))


def test_prior_correction_is_the_closed_form() -> None:
    p, real, seen = np.array([[0.3, 0.7], [0.9, 0.1]]), np.array([0.95, 0.05]), np.array([0.5, 0.5])
    r = (0.05 / 0.95) / (0.5 / 0.5)
    wanted = p[:, 1] * r / (p[:, 1] * r + 1 - p[:, 1])
    assert effect.with_shares(p, seen, real)[:, 1] == pytest.approx(wanted)


def test_test_rows_that_a_model_has_seen_are_counted() -> None:
    X, y, X_test, y_test = split()
    X_test = X_test.copy()
    X_test[:3] = X[:3]
    made, labels = handler().handle_imbalanced_data(X, y, "smote")
    X_test[3:5] = made[-2:]
    found = handler().evaluate_balancing_effectiveness(X, y, X_test, y_test, made, labels, n_bootstrap=20)
    assert found["leakage"]["test_rows_in_train"] == 3
    assert found["leakage"]["test_rows_among_new_rows"] == 2
    assert found["leakage"]["passed"] is False


def test_the_threshold_is_not_tuned_on_rows_whose_children_were_learned() -> None:
    X, y, X_test, y_test = split(2)
    made, labels = handler().handle_imbalanced_data(X, y, "smote")
    parts = effect.opened_parts((X, y), (X_test, y_test), (made, labels))
    tuning = effect._tuning_rows(parts.train.codes, 0)
    assert tuning is not None
    found = effect._unrelated(parts, tuning)
    assert found is not None
    held = {tuple(row) for row in X[tuning[1]]}
    assert not held & {tuple(row) for row in made[found[0]]}
    for row, label in zip(made[found[0]], labels[found[0]], strict=True):
        same = X[y == label]
        two = same[np.argsort(((same - row) / X.std(axis=0) ** 1).__pow__(2).sum(axis=1))[:2]]
        is_real = any((row == other).all() for other in X)
        assert is_real or not held & {tuple(other) for other in two}


def test_mixed_tables_in_any_container_can_be_evaluated() -> None:
    X, y = mixed((160, 30))
    half = len(X) // 2
    made = handler().handle_imbalanced_data(X[:half], y[:half])
    frames = handler().evaluate_balancing_effectiveness(X[:half], y[:half], X[half:], y[half:], *made, n_bootstrap=20)
    rows = X.to_dict("records")
    made = handler().handle_imbalanced_data(rows[:half], y[:half].tolist())
    dicts = handler().evaluate_balancing_effectiveness(
        rows[:half], y[:half].tolist(), rows[half:], y[half:].tolist(), *made, n_bootstrap=20
    )
    assert dicts["original_performance"]["roc_auc"] == pytest.approx(frames["original_performance"]["roc_auc"])
    assert dicts["leakage"]["passed"]


def test_three_classes_have_macro_curves() -> None:
    X, y, X_test, y_test = split(0, (200, 60, 30))
    made = handler().handle_imbalanced_data(X, y)
    model = LogisticRegression()
    found = handler().evaluate_balancing_effectiveness(X, y, X_test, y_test, *made, estimator=model, n_bootstrap=20)
    chances = LogisticRegression().fit(X, y).predict_proba(X_test)
    told = found["original_performance"]
    assert told["roc_auc_macro"] == pytest.approx(metrics.roc_auc_score(y_test, chances, multi_class="ovr"))
    assert told["brier"] == pytest.approx(np.mean(np.sum((chances - np.eye(3)[y_test]) ** 2, axis=1)) / 2)
    assert found["evidence"]["minority_class"] == 2


def test_what_cannot_be_measured_says_why() -> None:
    X, y, X_test, y_test = split()
    made = handler().handle_imbalanced_data(X, y)
    told = handler().evaluate_balancing_effectiveness(
        X, y, X_test, y_test, *made, estimator=RidgeClassifier(), n_bootstrap=20
    )["original_performance"]
    assert told["average_precision"] is None
    assert told["reasons"]["average_precision"] == "the model gives no probabilities"
    common = y_test == 0
    told = handler().evaluate_balancing_effectiveness(X, y, X_test[common], y_test[common], *made, n_bootstrap=20)[
        "original_performance"
    ]
    assert told["average_precision"] is None
    assert "is of the class 1" in told["reasons"]["average_precision"]


def test_what_cannot_be_compared_is_refused() -> None:
    X, y, X_test, y_test = split()
    engine = handler()
    with pytest.raises(SingleClassError):
        engine.evaluate_balancing_effectiveness(X, np.zeros(len(y)), X_test, y_test, X, y)
    with pytest.raises(InvalidDataError, match="other columns"):
        engine.evaluate_balancing_effectiveness(X, y, X_test[:, :2], y_test, X, y)
    with pytest.raises(InvalidDataError, match="has a class that"):
        engine.evaluate_balancing_effectiveness(X, y, X_test, y_test, X, np.where(y == 1, 7, y))
    with pytest.raises(InvalidDataError, match="No test row"):
        engine.evaluate_balancing_effectiveness(X, y, X_test, y_test + 5, X, y)
    with pytest.raises(InvalidParameterError, match="n_bootstrap"):
        engine.evaluate_balancing_effectiveness(X, y, X_test, y_test, X, y, n_bootstrap=0)


# History, metrics, state


def test_history_and_metrics_add_up() -> None:
    engine = handler()
    assert engine.get_performance_metrics() == {
        "total_operations": 0,
        "average_processing_time": None,
        "average_imbalance_reduction": None,
        "strategy_usage": {},
        "most_used_strategy": None,
    }
    X, y = numbers((40, 10))
    engine.handle_imbalanced_data(X, y, "smote", 0.5)
    engine.handle_imbalanced_data(X, y, "undersample")
    engine.handle_imbalanced_data(X, y, "smote")
    found = engine.performance_metrics
    assert found["total_operations"] == 3
    assert found["strategy_usage"] == {"smote": 2, "undersample": 1}
    assert found["most_used_strategy"] == "smote"
    assert found["average_imbalance_reduction"] == pytest.approx((0.5 + 0.75 + 0.75) / 3)
    assert found["average_processing_time"] > 0
    assert engine.imbalance_info["imbalance_ratio"] == 4.0
    entry = engine.get_balancing_history()[0]
    assert entry["counts_before"] == {0: 40, 1: 10}
    assert entry["counts_after"] == {0: 40, 1: 20}
    entry["method"] = "changed"
    assert engine.balancing_history[0]["method"] == "smote"


def test_the_state_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    engine = handler(random_state=7, smote_config={"k_neighbors": 3}, objective={"kind": "decision", "metric": "f1"})
    X, y = mixed((40, 8))
    engine.handle_imbalanced_data(X, y)
    engine.handle_imbalanced_data(*numbers((30, 9)), "hybrid", 0.7)
    place = tmp_path / "state.json"
    engine.save_balancing_state(place)
    other = ImbalancedDataHandler()
    other.load_balancing_state(place)
    assert other.config == engine.config
    assert other.smote_handler.config == engine.smote_handler.config
    assert other.imbalance_info == engine.imbalance_info
    assert other.get_performance_metrics() == engine.get_performance_metrics()
    for ours, theirs in zip(engine.balancing_history, other.balancing_history, strict=True):
        assert theirs == {**ours, "parameters": theirs["parameters"]}
        assert theirs["parameters"] == json.loads(json.dumps(ours["parameters"]))
    again = tmp_path / "again.json"
    other.save_balancing_state(again)
    assert again.read_bytes() == place.read_bytes()
    assert_array_equal(
        other.handle_imbalanced_data(*numbers((30, 9)))[0], engine.handle_imbalanced_data(*numbers((30, 9)))[0]
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.json", "state.json"]


def test_no_row_is_in_the_state(tmp_path: Path) -> None:
    X, y = mixed((30, 8))
    X["kind"] = "SEGREDO"
    engine = handler()
    engine.handle_imbalanced_data(X, y)
    engine.save_balancing_state(tmp_path / "state.json")
    assert "SEGREDO" not in (tmp_path / "state.json").read_text(encoding="utf-8")


def spoiled(**changes: Any) -> str:
    whole = {"format": state.FORMAT, "protocol": 1, "config": {}, "imbalance_info": {}, "history": []}
    return json.dumps({**whole, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "\x00\x01",
        spoiled(format="other"),
        spoiled(protocol="1"),
        spoiled(protocol=0),
        spoiled(config=None),
        spoiled(config={"smote_conf": {}}),
        spoiled(config={"budget_s": -1}),
        spoiled(imbalance_info={"class_counts": 3}),
        spoiled(history=[3]),
        spoiled(history=[{"operation": "x"}]),
        spoiled(history={}),
        "[" * 100_000,
    ],
)
def test_a_spoiled_state_is_a_coded_error_and_changes_nothing(text: str, tmp_path: Path) -> None:
    place = tmp_path / "state.json"
    place.write_text(text, encoding="utf-8")
    engine = handler(random_state=8)
    engine.handle_imbalanced_data(*numbers((12, 4)), "undersample")
    before = dict(engine.__dict__)
    with pytest.raises(CorruptArchiveError):
        engine.load_balancing_state(place)
    assert engine.__dict__ == before


def test_other_states_that_cannot_be_read_or_written_have_their_codes(tmp_path: Path) -> None:
    engine = handler()
    with pytest.raises(FileMissingError):
        engine.load_balancing_state(tmp_path / "none.json")
    (tmp_path / "new.json").write_text(spoiled(protocol=2), encoding="utf-8")
    with pytest.raises(NewerArchiveError):
        engine.load_balancing_state(tmp_path / "new.json")
    with pytest.raises(FileUnwritableError):
        engine.save_balancing_state(tmp_path / "no folder" / "state.json")
    (tmp_path / "kept.json").write_text("kept", encoding="utf-8")
    odd = handler(smote_config={"random_state": np.random.default_rng(0)})
    with pytest.raises(InvalidParameterError, match="JSON"):
        odd.save_balancing_state(tmp_path / "kept.json")
    assert (tmp_path / "kept.json").read_text(encoding="utf-8") == "kept"


# The door


def test_both_documented_paths_give_the_same_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    documented = importlib.import_module("src.services.imbalanced_data_handler")
    assert documented.ImbalancedDataHandler is ImbalancedDataHandler
    assert documented.__all__ == ["ImbalancedDataHandler"]


def test_importing_loads_no_heavy_library() -> None:
    heavy = ("torch", "sklearn", "lightgbm", "optuna", "matplotlib")
    code = f"import sys, contrapeso.services.imbalanced_data_handler; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def test_every_sentence_is_in_both_languages_with_the_same_gaps() -> None:
    for code, (pt, en) in texts._TEXTS.items():
        assert pt != en, code
        assert set(re.findall(r"{(\w+)", pt)) == set(re.findall(r"{(\w+)", en)), code


def test_the_examples_of_the_page_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 5
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102
    assert_array_equal(np.bincount(names["y_balanced"]), 2 * [(names["y"][names["train"]] == 0).sum()])
    assert set(names["report"]) >= {"original_performance", "balanced_performance"}
    assert names["again"].get_performance_metrics() == names["handler"].get_performance_metrics()


def test_the_page_names_every_strategy_and_setting() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in (*STRATEGIES, "smote_config", "synthetic_config", "budget_s", "objective", "random_state"):
        assert f"`{name}`" in page
