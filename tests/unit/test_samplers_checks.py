"""What every sampler of ``contrapeso.samplers`` keeps to: one registry, in which a new class is by being public.

scikit-learn's and imbalanced-learn's own checks of estimators, the laws of the house, every container, and input that
has no answer. imbalanced-learn's checks branch on ``isinstance(sampler, BaseOverSampler)`` and read two tags that
only it has, so the classes are registered as virtual subclasses and given those tags, here and nowhere else.
"""

import copy
import inspect
import warnings
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn.over_sampling.base import BaseOverSampler as ImblearnOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling.base import BaseCleaningSampler as ImblearnCleaningSampler
from imblearn.under_sampling.base import BaseUnderSampler as ImblearnUnderSampler
from imblearn.utils._tags import InputTags, SamplerTags, Tags
from imblearn.utils.estimator_checks import check_dataframe_column_names_consistency, check_param_validation
from imblearn.utils.estimator_checks import estimator_checks_generator as imblearn_checks
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.utils._tags import TargetTags
from sklearn.utils.estimator_checks import estimator_checks_generator as sklearn_checks

from contrapeso import samplers
from contrapeso.errors import ContrapesoError, ContrapesoWarning, InvalidDataError, MemoryLimitError, SingleClassError
from contrapeso.samplers._base import BaseSampler
from tests.unit._few_trees import few_trees  # noqa: F401  (every test here uses it)

CLASSES: dict[str, Any] = {
    name: member
    for name in samplers.__all__
    if inspect.isclass(member := getattr(samplers, name)) and issubclass(member, BaseSampler)
}
NEEDED: dict[str, dict[str, Any]] = {
    "SMOTENC": {"categorical_features": [0]},
    "KMeansSMOTE": {"cluster_balance_threshold": 0.0},  # by default it refuses tables without a cluster of its class
    "ClusterCentroids": {"voting": "soft"},  # by default it depends on the container
}
"""Arguments without which a sampler cannot be made or compared; SMOTENC's first column then holds the categories."""

FOREST = {"InstanceHardnessThreshold", "SMOTEIPF"}
"""Samplers that fit trees, which takes its time: fewer examples."""

UNSUITED = {"invalid_data", "too_few_samples", "insufficient_data"}
"""Codes of a method that says it has nothing to do with a table."""

MACHINES = {"ClusterCentroids", "InstanceHardnessThreshold", "KMeansSMOTE", "SMOTEIPF", "SVMSMOTE"}
"""Samplers that fit an estimator of scikit-learn, whose reach is theirs."""

COMBINED = {"SMOTEENN", "SMOTETomek", "SMOTEIPF"}
"""They add rows and drop some again, so their counts are an outcome."""

ANYTHING = {"RandomOverSampler", "RandomUnderSampler", "SMOTEN"}
"""Samplers to which the cells of an array need not be numbers."""

every = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in FOREST else name for name in CLASSES]
)
quiet = pytest.mark.filterwarnings(
    "ignore::contrapeso.errors.ContrapesoWarning", "ignore::sklearn.exceptions.DataConversionWarning"
)


def make(name: str, **given: Any) -> Any:
    """A sampler with the arguments it needs and the seed 0 where it takes one."""
    cls = CLASSES[name]
    seed = {"random_state": 0} if "random_state" in inspect.signature(cls).parameters else {}
    return cls(**{**NEEDED.get(name, {}), **seed, **given})


def kind_of(name: str) -> str:
    if name in COMBINED:
        return "combined"
    return {"over-sampling": "over", "under-sampling": "under", "clean-sampling": "clean"}[CLASSES[name]._sampling_type]


def takes(name: str, parameter: str) -> bool:
    return parameter in inspect.signature(CLASSES[name]).parameters


def of_kind(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [name for name in CLASSES if kind_of(name) in kinds])


def test_the_registry_holds_every_sampler() -> None:
    assert len(CLASSES) >= 20
    assert {"SMOTE", "SMOTEENN", "TomekLinks", "NearMiss", "ADASYN"} <= set(CLASSES)


# --- the checks of others ---------------------------------------------------------------------------------------------


def tagged(name: str) -> Any:
    """The class under its own name, with the tags that imbalanced-learn's checks ask for."""
    base = CLASSES[name]

    def tags(self: Any) -> Tags:
        inputs = InputTags(sparse=True, string=name in ANYTHING, allow_nan=True, dataframe=True)
        return Tags(
            estimator_type="sampler",
            target_tags=TargetTags(required=True),
            input_tags=inputs,
            sampler_tags=SamplerTags(sample_indices=name != "ClusterCentroids"),
        )

    made = type(name, (base,), {"__sklearn_tags__": tags, "__module__": __name__, "__doc__": base.__doc__})
    parent = {"over": ImblearnOverSampler, "under": ImblearnUnderSampler, "clean": ImblearnCleaningSampler}
    if kind_of(name) in parent:
        parent[kind_of(name)].register(made)
    return made


TAGGED = {name: tagged(name) for name in CLASSES}
IMBLEARN_DIFFERS: dict[str, dict[str, str]] = {
    "SMOTEENN": {"check_samplers_nan": "the rows with the missing value disagree with their neighbours, and go"},
    "SMOTENC": {"check_samplers_nan": "the only column of its table is the categorical one, which SMOTENC refuses"},
}
"""Sampler -> check of imbalanced-learn that it does not pass -> reason."""

SKLEARN_DIFFERS: dict[str, dict[str, str]] = {}
"""Sampler -> check of scikit-learn that it does not pass -> reason."""


def cases(name: str, found: Any) -> list[Any]:
    """Parameters of the checks that a generator found; it marks those that are expected to fail itself."""
    listed = []
    for case in found:
        (estimator, check), marks = (case, []) if len(case) == 2 else (case.values, [*case.marks])
        slow = [pytest.mark.slow] if name in FOREST else []
        listed.append(pytest.param(estimator, check, id=f"{name}-{check.func.__name__}", marks=[*marks, *slow]))
    return listed


def imblearn_cases() -> list[Any]:
    listed = []
    for name, cls in TAGGED.items():
        seed = {"random_state": 0} if takes(name, "random_state") else {}
        sampler = cls(**NEEDED.get(name, {}), **seed)
        differs = IMBLEARN_DIFFERS.get(name, {})
        listed += cases(name, imblearn_checks(sampler, expected_failed_checks=differs, mark="xfail"))
    return listed


@quiet
@pytest.mark.parametrize(("estimator", "check"), imblearn_cases())
def test_sampler_passes_the_check_of_imbalanced_learn(estimator: Any, check: Any) -> None:
    check(estimator)


def sklearn_cases() -> list[Any]:
    listed = []
    for name in CLASSES:
        differs = SKLEARN_DIFFERS.get(name, {})
        listed += cases(name, sklearn_checks(make(name), expected_failed_checks=differs, mark="xfail"))
    return listed


@quiet
@pytest.mark.parametrize(("estimator", "check"), sklearn_cases())
def test_sampler_passes_the_check_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


@every
def test_bad_parameters_are_refused_in_the_words_of_scikit_learn(name: str) -> None:
    seed = {"random_state": 0} if takes(name, "random_state") else {}
    check_param_validation(name, TAGGED[name](**NEEDED.get(name, {}), **seed))


@every
def test_feature_names_are_remembered(name: str) -> None:
    if name != "SMOTENC":
        check_dataframe_column_names_consistency(name, make(name))
    X, y = make_classification(n_samples=60, weights=[0.7], random_state=0)
    names = [f"c{i}" for i in range(X.shape[1])]
    fitted = make(name).fit(pd.DataFrame(X, columns=names), y)
    assert fitted.feature_names_in_.tolist() == names
    assert fitted.n_features_in_ == len(names)
    assert fitted.get_feature_names_out().tolist() == names


@quiet
@every
def test_sampler_works_as_a_step_of_imbalanced_learns_pipeline(name: str) -> None:
    X, y = numbers(sizes=(120, 60))
    pipeline = make_pipeline(make(name), LogisticRegression()).fit(X, y)
    alone = LogisticRegression().fit(*make(name).fit_resample(X, y))
    assert pipeline.predict_proba(X) == pytest.approx(alone.predict_proba(X))


def test_virtual_registration_is_confined_to_the_tests() -> None:
    assert not isinstance(make("SMOTE"), ImblearnOverSampler)
    assert isinstance(TAGGED["SMOTE"](), ImblearnOverSampler)


# --- the laws of the house --------------------------------------------------------------------------------------------


def numbers(sizes: tuple[int, ...] = (60, 30, 12), p: int = 3, seed: int = 0) -> tuple[Any, Any]:
    """Overlapping classes in mixed order; the first column holds whole numbers, which may be categories."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    X = rng.normal(size=(len(y), p)) + 0.7 * y[:, None]
    X[:, 0] = np.round(X[:, 0])
    return X, y


@st.composite
def tables(draw: st.DrawFn) -> tuple[Any, Any]:
    """Tables on which every sampler has an answer: overlapping classes of 12 rows at least."""
    sizes = draw(st.lists(st.integers(12, 40), min_size=2, max_size=3, unique=True))
    X, y = numbers(tuple(sizes), draw(st.integers(2, 4)), draw(st.integers(0, 999)))
    dtype = draw(st.sampled_from([np.float64, np.float32, np.int32]))
    X = np.rint(8 * X).astype(dtype) if dtype is np.int32 else X.astype(dtype)
    if draw(st.booleans()):  # some rows twice
        X[: len(X) // 4] = X[len(X) // 4 : 2 * (len(X) // 4)]
    if draw(st.booleans()) and dtype is not np.int32:
        X[np.random.default_rng(0).random(X.shape) < 0.05] = np.nan
    return X, y


def resampled(name: str, X: Any, y: Any, keep: dict[str, Any] | None = None, **given: Any) -> Any:
    """(sampler, X, y) after the fact; None where the sampler says that its method does not suit the table."""
    sampler = make(name, **given)
    try:
        made, labels = sampler.fit_resample(X, y, **(keep or {}))
    except ContrapesoError as error:
        if error.code not in UNSUITED:
            raise
        return None
    return sampler, made, labels


def same_bits(first: Any, second: Any) -> None:
    assert first.dtype == second.dtype
    assert first.tobytes() == second.tobytes()


@quiet
@every
def test_the_laws_hold_on_arrays(name: str) -> None:
    n_examples = 3 if name in FOREST else 12

    @settings(max_examples=n_examples, derandomize=True)
    @given(tables(), st.integers(0, 9))
    def check(table: Any, seed: int) -> None:
        X, y = table
        before, given_seed = X.copy(), {"random_state": seed} if takes(name, "random_state") else {}
        weight, key = np.random.default_rng(1).random(len(y)), np.arange(len(y))
        found = resampled(name, X, y, {"sample_weight": weight, "metadata": {"key": key}}, **given_seed)
        same_bits(X, before)
        if found is None:
            return
        sampler, made, labels = found
        assert (made.dtype, labels.dtype, made.shape[1]) == (X.dtype, y.dtype, X.shape[1])
        assert len(made) == len(labels)
        check_rows(name, sampler, X, y, made, labels)
        check_carried(name, sampler, weight, key)
        for jobs in [1, 2] if takes(name, "n_jobs") else [None]:
            again = {"n_jobs": jobs} if jobs else {}
            _, same, same_labels = resampled(name, X, y, **given_seed, **again)
            same_bits(same, made)
            same_bits(same_labels, labels)

    check()


def check_rows(name: str, sampler: Any, X: Any, y: Any, made: Any, labels: Any) -> None:
    """Originals as they were, counts as planned, new rows as their parents say."""
    plan, present, after = sampler.sampling_strategy_, Counter(y.tolist()), Counter(labels.tolist())
    kind = kind_of(name)
    if name == "ClusterCentroids":
        assert after == {**present, **plan}
        return
    assert_array_equal(labels, y[sampler.sample_indices_])
    if kind in {"under", "clean"}:
        same_bits(made, X[sampler.sample_indices_])
        assert len(sampler.provenance_) == 0
        untouched = {label: n for label, n in present.items() if label not in plan}
        assert {label: after[label] for label in untouched} == untouched
        if kind == "under":
            assert {label: after[label] for label in plan} == plan
        else:
            assert len(set(sampler.sample_indices_.tolist())) == len(made)
        return
    origin = sampler.provenance_
    old = np.setdiff1d(np.arange(len(made)), origin.rows)
    same_bits(made[old], X[sampler.sample_indices_[old]])
    assert bool(np.all(np.diff(sampler.sample_indices_[old]) > 0))
    if kind == "over":
        assert_array_equal(old, np.arange(len(X)))
        if name != "BorderlineSMOTE" or len(origin):  # no row in danger: nothing to make, as imbalanced-learn has it
            assert after == {label: n + plan.get(label, 0) for label, n in present.items()}
    check_parents(name, sampler, X, y, made, labels)


SEGMENTS = {"SMOTE", "ADASYN", "BorderlineSMOTE", "SVMSMOTE", "KMeansSMOTE", "ProWSyn", "SMOTETomek", "SMOTEENN"}
"""Samplers whose new rows are the weighted mean of their parents, and nothing else."""


def check_parents(name: str, sampler: Any, X: Any, y: Any, made: Any, labels: Any) -> None:
    origin = sampler.provenance_
    parents, shares = sampler.sample_parents_, sampler.sample_weights_
    assert parents.shape == shares.shape == (len(origin), parents.shape[1])
    assert np.allclose(shares.sum(axis=1), 1.0)
    assert_array_equal(labels[origin.rows], y[parents[:, 0]])
    assert_array_equal(parents[:, 0], sampler.sample_indices_[origin.rows])
    if name in SEGMENTS and len(parents):
        values = X.astype(float)
        base = values[parents[:, 0]]
        new = made[origin.rows].astype(float)
        assert_array_equal(np.isnan(new), np.isnan(base))
        known = np.where(np.isnan(values[parents]), base[:, None, :], values[parents])
        point = (known * shares[:, :, None]).sum(axis=1)
        slack = 0.5 + 1e-9 if X.dtype.kind in "iu" else 1e-4
        assert np.all(np.isnan(point) | (np.abs(new - point) <= slack))
    if len(origin):
        assert "is synthetic" in origin.explain(0)
        assert len(origin.to_frame()) == len(origin)


def check_carried(name: str, sampler: Any, weight: Any, key: Any) -> None:
    """Old rows keep their weight and their metadata; new ones have the mean, and their base's."""
    if name == "ClusterCentroids":
        return
    rows = sampler.sample_indices_
    assert_array_equal(sampler.metadata_["key"], key[rows])
    expected = weight[rows]
    if len(sampler.provenance_):
        known = weight[sampler.sample_parents_]
        mean = (known * sampler.sample_weights_).sum(axis=1)
        expected[sampler.provenance_.rows] = np.clip(mean, known.min(axis=1), known.max(axis=1))
    assert sampler.sample_weight_ == pytest.approx(expected)


@of_kind("over")
@quiet
def test_counts_are_those_of_a_plan_of_ones_own(name: str) -> None:
    X, y = numbers()
    for plan in ({2: 45}, {1: 31, 2: 33}, {0: 60, 1: 30, 2: 12}):
        _, labels = make(name, sampling_strategy=plan).fit_resample(X, y)
        assert Counter(labels.tolist()) == {0: 60, 1: 30, 2: 12, **plan}


@of_kind("over")
@quiet
def test_rows_of_a_class_do_not_depend_on_what_other_classes_ask_for(name: str) -> None:
    X, y = numbers()
    alone, _ = make(name, sampling_strategy={2: 30}).fit_resample(X, y)
    both, labels = make(name, sampling_strategy={1: 40, 2: 30}).fit_resample(X, y)
    assert alone[len(X) :].tobytes() == both[len(X) :][labels[len(X) :] == 2].tobytes()


@quiet
@every
def test_a_sampler_can_be_used_again_and_does_not_touch_what_it_was_given(name: str) -> None:
    X, y = numbers()
    sampler, state = make(name), np.random.get_state()[1].copy()  # type: ignore[union-attr]  # noqa: NPY002
    before = {key: repr(value) for key, value in sampler.get_params(deep=False).items()}
    first = sampler.fit_resample(X, y)
    again = sampler.fit_resample(X, y)
    same_bits(first[0], again[0])
    assert {key: repr(value) for key, value in sampler.get_params(deep=False).items()} == before
    assert_array_equal(np.random.get_state()[1], state)  # type: ignore[arg-type]  # noqa: NPY002
    same_bits(clone(sampler).fit_resample(X, y)[0], first[0])


@quiet
@every
def test_memory_is_asked_for_before_it_is_taken(name: str) -> None:
    X, y = numbers()
    with pytest.raises(MemoryLimitError, match=r"max_memory is [0-9.]+ KiB"):
        make(name).fit_resample(X, y, max_memory="1 KB")
    make(name).fit_resample(X, y, max_memory="1 GB")


@quiet
@every
def test_weights_and_metadata_of_another_length_are_refused(name: str) -> None:
    X, y = numbers()
    with pytest.raises(InvalidDataError, match="sample_weight must have one value for each of the 102 rows"):
        make(name).fit_resample(X, y, sample_weight=np.ones(5))
    with pytest.raises(InvalidDataError, match="conta must have one value"):
        make(name).fit_resample(X, y, metadata={"conta": [1]})


# --- containers -------------------------------------------------------------------------------------------------------

NUMBER_BOXES: dict[str, Any] = {
    "fortran": np.asfortranarray,
    "csr_matrix": sparse.csr_matrix,
    "csc_array": sparse.csc_array,
    "lists": lambda X: X.tolist(),
    "pandas": lambda X: pd.DataFrame(X, columns=["c", "a", "b"], index=np.arange(len(X)) * 3 + 7),
    "polars": lambda X: pl.DataFrame(X, schema=["c", "a", "b"]),
    "arrow": lambda X: pa.table({"c": X[:, 0], "a": X[:, 1], "b": X[:, 2]}),
    "dicts": lambda X: [dict(zip("cab", row, strict=True)) for row in X.tolist()],
}


def as_array(box: Any) -> Any:
    """The numbers in whatever box."""
    if sparse.issparse(box):
        return box.toarray()
    if isinstance(box, list) and box and isinstance(box[0], dict):
        return np.array([[row[key] for key in "cab"] for row in box])
    return np.asarray(box.to_pandas() if isinstance(box, pa.Table) else box, dtype=float)


@quiet
@pytest.mark.parametrize("box", NUMBER_BOXES)
@every
def test_a_table_gives_the_same_rows_in_every_container(name: str, box: str) -> None:
    X, y = numbers()
    X[:, 1:] = np.where(np.abs(X[:, 1:]) < 0.3, 0.0, X[:, 1:])
    if name != "SMOTENC":  # a column of whole numbers would stay whole in a frame, which has a schema, and not here
        X[:, 0] += np.random.default_rng(1).normal(size=len(X))
    expected, labels = make(name).fit_resample(X, y)
    given_box = NUMBER_BOXES[box](X)
    before = copy.deepcopy(given_box)
    made, made_labels = make(name).fit_resample(given_box, y)
    assert type(made) is type(given_box)
    assert_array_equal(as_array(given_box), as_array(before))
    assert_array_equal(made_labels, labels)
    tolerance = 1e-12 if box in {"csr_matrix", "csc_array"} else 0  # their sums run in another order
    assert as_array(made) == pytest.approx(expected, rel=tolerance, abs=tolerance)


TARGET_BOXES: dict[str, Any] = {
    "list": lambda y: y.tolist(),
    "texts": lambda y: np.array(["a", "b", "c"])[y],
    "series": lambda y: pd.Series(y, name="classe").map({0: "a", 1: "b", 2: "c"}).astype("category"),
    "one-hot": lambda y: np.eye(3, dtype=int)[y],
    "column": lambda y: y.reshape(-1, 1).astype(np.float32),
    "polars": lambda y: pl.Series("classe", y),
    "arrow": pa.array,
}


@quiet
@pytest.mark.parametrize("box", TARGET_BOXES)
@pytest.mark.parametrize("name", [name for name in CLASSES if name not in FOREST])
def test_a_target_gives_the_same_rows_in_every_container(name: str, box: str) -> None:
    X, y = numbers()
    expected, labels = make(name).fit_resample(X, y)
    given_box = TARGET_BOXES[box](y)
    made, made_labels = make(name).fit_resample(X, given_box)
    assert_array_equal(made, expected)
    assert type(made_labels) is type(given_box)
    whole = np.asarray(made_labels)
    if box == "one-hot":
        whole = whole.argmax(axis=1)
    _, codes = np.unique(whole.ravel(), return_inverse=True)
    assert_array_equal(codes, labels)


def mixed(seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Money, dates, categories, booleans, whole numbers that may be missing, and an index with gaps."""
    X, y = numbers((70, 40, 20), seed=seed)
    rng, n = np.random.default_rng(seed), len(y)
    frame = pd.DataFrame(
        {
            "valor": np.where(rng.random(n) < 0.1, np.nan, np.round(100 * X[:, 1], 2)),
            "parcelas": (10 + np.rint(3 * X[:, 2])).astype(np.int16),
            "dias": pd.array(np.where(rng.random(n) < 0.1, None, rng.integers(0, 9, n)), dtype="Int64"),
            "uf": pd.Categorical(np.array(["SP", "RJ", "MG"])[(y + rng.integers(0, 2, n)) % 3]),
            "tipo": np.where(rng.random(n) < 0.1, None, rng.choice(["pix", "ted"], n)),
            "pago": rng.random(n) < 0.5,
            "data": pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, n), unit="D"),
        },
        index=pd.Index([f"linha {i}" for i in range(n)], name="linha"),
    )
    return frame, pd.Series(y, index=frame.index, name="classe").map({0: "a", 1: "b", 2: "c"})


def mixed_sampler(name: str) -> Any:
    return make(name, **({"categorical_features": "auto"} if name == "SMOTENC" else {}))


@quiet
@every
def test_mixed_frames_keep_their_schema(name: str) -> None:
    frame, y = mixed()
    before = frame.copy(deep=True)
    sampler = mixed_sampler(name)
    made, labels = sampler.fit_resample(frame, y)
    pd.testing.assert_frame_equal(frame, before)
    assert made.dtypes.equals(frame.dtypes)
    assert made.columns.equals(frame.columns)
    if name != "ClusterCentroids":
        assert made.index.equals(labels.index)
        old = np.setdiff1d(np.arange(len(made)), sampler.provenance_.rows)
        pd.testing.assert_frame_equal(made.iloc[old], frame.iloc[sampler.sample_indices_[old]], check_exact=True)
    check_schema(made, frame)


def check_schema(made: pd.DataFrame, frame: pd.DataFrame) -> None:
    assert all(float(f"{v:.2f}") == v for v in made["valor"].dropna())
    assert set(made["tipo"].dropna()) <= {"pix", "ted"}
    assert set(made["uf"]) <= {"SP", "RJ", "MG"}
    assert (made["data"].dt.normalize() == made["data"]).all()


@quiet
@every
def test_dicts_keep_their_keys_and_new_ones_are_marked(name: str) -> None:
    frame, y = mixed()
    records = [{k: v for k, v in row.items() if v is not None} for row in frame.astype(object).to_dict("records")]
    before = copy.deepcopy(records)
    sampler = mixed_sampler(name)
    made, _ = sampler.fit_resample(records, y.tolist())
    assert str(records) == str(before)
    if name == "ClusterCentroids":
        return
    new = set(sampler.provenance_.rows.tolist())
    for i, (row, base) in enumerate(zip(made, sampler.sample_indices_.tolist(), strict=True)):
        assert list(row) == [*records[base], *(["is_synthetic"] if i in new else [])]
        assert str({k: v for k, v in row.items() if i not in new}) == str(records[base] if i not in new else {})


# --- input without an answer ------------------------------------------------------------------------------------------

BROKEN: dict[str, tuple[Any, Any, type[ContrapesoError], str]] = {
    "no rows": (np.empty((0, 2)), [], InvalidDataError, "minimum of 1 is required"),
    "no columns": (np.empty((4, 0)), [0, 0, 1, 1], InvalidDataError, "minimum of 1 is required"),
    "no dimension": (np.arange(4.0), [0, 0, 1, 1], InvalidDataError, "Reshape your data"),
    "three dimensions": (np.zeros((4, 2, 2)), [0, 0, 1, 1], InvalidDataError, "2D array, got 3D"),
    "ragged": ([[1.0], [1.0, 2.0]], [0, 1], InvalidDataError, "rectangular"),
    "one class": (np.eye(4), [1, 1, 1, 1], SingleClassError, "more than 1 class"),
    "another length": (np.eye(4), [0, 1, 1], InvalidDataError, "X has 4 rows, y has 3"),
    "no target": (np.eye(4), None, InvalidDataError, "y is None"),
    "missing label": (np.eye(4), [0, 1, None, 1], InvalidDataError, "missing"),
    "continuous target": (np.eye(4), [0.1, 0.2, 0.3, 0.4], InvalidDataError, "Unknown label type"),
    "several labels": (np.eye(4), np.ones((4, 2)), InvalidDataError, "Multilabel"),
    "coo matrix": (sparse.coo_matrix(np.eye(4)), [0, 0, 1, 1], InvalidDataError, "tocsr"),
}


@quiet
@pytest.mark.parametrize("case", BROKEN)
@every
def test_what_is_no_table_is_refused_with_the_way_out(name: str, case: str) -> None:
    X, y, error, says = BROKEN[case]
    for attempt in (make(name).fit_resample, make(name).fit):
        with pytest.raises(error, match=says):
            attempt(X, y)


@quiet
@every
def test_infinities_and_words_in_arrays_are_refused_or_kept(name: str) -> None:
    X, y = numbers()
    words = X.astype(object)
    words[:, 1] = np.where(X[:, 1] > 0, "sim", "não")
    X[3, 2] = np.inf
    for table, says in ((X, "infinity"), (words, r"dates: 1\.")):
        if name in ANYTHING:
            made, _ = make(name).fit_resample(table, y)
            assert made.dtype == table.dtype
        else:
            with pytest.raises(InvalidDataError, match=says):
                make(name).fit_resample(table, y)


DEGENERATE: dict[str, tuple[Any, Any]] = {
    "one feature": (np.random.default_rng(0).normal(size=(60, 1)), np.repeat([0, 1], [40, 20])),
    "constant column": (
        np.column_stack([np.ones(60), np.random.default_rng(0).normal(size=60)]),
        np.repeat([0, 1], [40, 20]),
    ),
    "all constant": (np.ones((40, 2)), np.repeat([0, 1], [28, 12])),
    "empty column": (
        np.column_stack([np.full(60, np.nan), np.random.default_rng(0).normal(size=60)]),
        np.repeat([0, 1], [40, 20]),
    ),
    "all missing": (np.full((40, 2), np.nan), np.repeat([0, 1], [28, 12])),
    "one row in a class": (np.random.default_rng(0).normal(size=(30, 2)), np.repeat([0, 1], [29, 1])),
    "two rows in a class": (np.random.default_rng(0).normal(size=(30, 2)), np.repeat([0, 1], [28, 2])),
    "four rows in a class": (np.random.default_rng(0).normal(size=(30, 2)), np.repeat([0, 1], [26, 4])),
    "two rows in all": (np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0, 1])),
    "balanced": (np.random.default_rng(0).normal(size=(40, 2)), np.repeat([0, 1], 20)),
    "wider than long": (np.random.default_rng(0).normal(size=(30, 80)), np.repeat([0, 1], [20, 10])),
    "each row four times": (
        np.random.default_rng(0).normal(size=(15, 2)).repeat(4, axis=0),
        np.repeat([0, 1], [40, 20]),
    ),
    "separate": (
        np.repeat([[0.0], [100.0]], [40, 20], axis=0) + np.arange(60)[:, None] % 7,
        np.repeat([0, 1], [40, 20]),
    ),
    "tiny numbers": (1e-300 * np.random.default_rng(0).normal(size=(60, 2)), np.repeat([0, 1], [40, 20])),
    "huge numbers": (1e300 * np.random.default_rng(0).normal(size=(60, 2)), np.repeat([0, 1], [40, 20])),
    "minus zeros": (np.where(np.random.default_rng(0).random((60, 2)) < 0.5, 0.0, -0.0), np.repeat([0, 1], [40, 20])),
}


@pytest.mark.parametrize("case", DEGENERATE)
@every
def test_what_is_nearly_no_table_has_an_answer_or_a_coded_refusal(name: str, case: str) -> None:
    X, y = DEGENERATE[case]
    if case == "huge numbers" and name in MACHINES:
        pytest.skip("scikit-learn's machine inside squares the numbers")
    if name == "SMOTENC" and X.shape[1] == 1:
        X = np.column_stack([np.arange(len(X)) % 3, X])
    sampler = make(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ContrapesoWarning)  # others stay errors
        try:
            made, labels = sampler.fit_resample(X, y)
        except ContrapesoError as error:
            if error.code not in UNSUITED:
                raise
            return
    check_rows(name, sampler, X, y, made, labels)
    bounds = np.abs(X[np.isfinite(X)]).max(initial=0.0)
    assert np.all(np.isnan(made) | np.isfinite(made))
    assert np.abs(made[np.isfinite(made)]).max(initial=0.0) <= 10 * bounds
