"""SMOTEENN and SMOTETomek are their two steps, and tell where every row comes from."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.combine import SMOTEENN as ImblearnSMOTEENN  # noqa: N811
from imblearn.combine import SMOTETomek as ImblearnSMOTETomek
from imblearn.over_sampling import RandomOverSampler as ImblearnOver
from imblearn.under_sampling import TomekLinks as ImblearnTomekLinks
from numpy.testing import assert_array_equal
from sklearn.datasets import make_classification

from contrapeso.errors import InvalidParameterError, MemoryLimitError, TooFewSamplesError
from contrapeso.samplers import SMOTE, SMOTEENN, SMOTENC, RandomOverSampler, RandomUnderSampler, SMOTETomek
from contrapeso.samplers._edited import EditedNearestNeighbours
from contrapeso.samplers._tomek import TomekLinks

X, Y = make_classification(400, n_features=4, weights=[0.85], class_sep=0.6, random_state=0)
both = pytest.mark.parametrize(
    ("combined", "cleaner"),
    [(SMOTEENN, EditedNearestNeighbours(sampling_strategy="all")), (SMOTETomek, TomekLinks(sampling_strategy="all"))],
    ids=["enn", "tomek"],
)


@both
def test_a_combination_is_its_two_steps_with_the_rows_in_order(combined: Any, cleaner: Any) -> None:
    sampler = combined(random_state=3)
    made, labels = sampler.fit_resample(X, Y)
    first = SMOTE(random_state=3)
    grown, y_grown = first.fit_resample(X, Y)
    cleaner.fit_resample(grown, y_grown)
    kept = np.sort(cleaner.sample_indices_)
    assert len(kept) < len(grown)
    assert_array_equal(made, grown[kept])
    assert_array_equal(labels, y_grown[kept])
    assert_array_equal(sampler.sample_indices_, first.sample_indices_[kept])
    assert sampler.sampling_strategy_ == first.sampling_strategy_


@both
def test_every_row_that_stays_knows_its_origin(combined: Any, cleaner: Any) -> None:
    sampler = combined(random_state=0)
    made, labels = sampler.fit_resample(X, Y)
    origin = sampler.provenance_
    old = np.setdiff1d(np.arange(len(made)), origin.rows)
    assert_array_equal(made[old], X[sampler.sample_indices_[old]])
    assert_array_equal(labels, Y[sampler.sample_indices_])
    first, second = (X[origin.parents[:, i]] for i in (0, 1))
    shares = origin.weights
    assert np.allclose(made[origin.rows], first * shares[:, :1] + second * shares[:, 1:])
    assert_array_equal(sampler.sample_parents_, origin.parents)
    assert f"Row {origin.rows[0]} is synthetic" in origin.explain(0)
    assert combined.__name__ in origin.explain(0)
    assert_array_equal(origin.to_frame()["row"], origin.rows)


@both
def test_weights_and_metadata_go_through_both_steps(combined: Any, cleaner: Any) -> None:
    weight, account = np.arange(1.0, 401.0), np.array([f"conta {i}" for i in range(400)])
    sampler = combined(random_state=0)
    sampler.fit_resample(X, Y, sample_weight=weight, metadata={"conta": account})
    assert_array_equal(sampler.metadata_["conta"], account[sampler.sample_indices_])
    old = np.setdiff1d(np.arange(len(sampler.sample_indices_)), sampler.provenance_.rows)
    assert_array_equal(sampler.sample_weight_[old], weight[sampler.sample_indices_[old]])
    mixed = (weight[sampler.sample_parents_] * sampler.sample_weights_).sum(axis=1)
    assert_array_equal(sampler.sample_weight_[sampler.provenance_.rows], mixed)
    sampler.fit_resample(X, Y)
    assert sampler.sample_weight_ is sampler.metadata_ is None


@both
def test_the_legacy_stream_gives_the_rows_of_imbalanced_learn(combined: Any, cleaner: Any) -> None:
    upstream = {SMOTEENN: ImblearnSMOTEENN, SMOTETomek: ImblearnSMOTETomek}[combined]
    for seed in (0, 7):
        expected, expected_labels = upstream(random_state=seed).fit_resample(X, Y)
        made, labels = combined(random_state=seed, legacy_stream=True).fit_resample(X, Y)
        assert_array_equal(made, expected)
        assert_array_equal(labels, expected_labels)


@pytest.mark.parametrize(
    "base", [SMOTE(k_neighbors=2, random_state=1), RandomOverSampler(random_state=1), SMOTENC([3])]
)
def test_any_sampler_may_add_the_rows(base: Any) -> None:
    table = np.column_stack([X[:, :3], np.round(X[:, 3])])
    sampler = SMOTEENN(smote=base)
    sampler.fit_resample(table, Y)
    assert type(sampler.smote_) is type(base)
    assert sampler.smote_ is not base
    assert len(sampler.provenance_) > 0


def test_samplers_of_others_work_and_leave_no_trace() -> None:
    sampler = SMOTETomek(smote=ImblearnOver(random_state=0), tomek=ImblearnTomekLinks(sampling_strategy="all"))
    made, _ = sampler.fit_resample(X, Y)
    grown, y_grown = ImblearnOver(random_state=0).fit_resample(X, Y)
    expected, _ = ImblearnTomekLinks(sampling_strategy="all").fit_resample(grown, y_grown)
    assert_array_equal(made, expected)
    assert sampler.provenance_ is None
    with pytest.raises(AttributeError, match="do not tell"):
        _ = sampler.sample_indices_
    with pytest.raises(InvalidParameterError, match="RandomOverSampler is not a sampler of contrapeso"):
        sampler.fit_resample(X, Y, sample_weight=np.ones(400))


def test_the_cleaning_may_be_chosen() -> None:
    _, labels = SMOTETomek(tomek=RandomUnderSampler(sampling_strategy={0: 100}, random_state=0)).fit_resample(X, Y)
    assert np.bincount(labels).tolist() == [100, int((Y == 0).sum())]


@both
def test_frames_dicts_and_their_marks_survive_both_steps(combined: Any, cleaner: Any) -> None:
    frame = pd.DataFrame(X, columns=list("abcd")).assign(uf=np.random.default_rng(0).choice(["SP", "RJ"], 400))
    frame.index = pd.Index(np.arange(400) * 3)
    made, labels = combined(random_state=0).fit_resample(frame, pd.Series(Y, index=frame.index))
    assert made.dtypes.equals(frame.dtypes)
    assert made.index.equals(labels.index)
    old = made.index.intersection(frame.index)
    pd.testing.assert_frame_equal(made.loc[old], frame.loc[old])
    records = frame.to_dict("records")
    sampler = combined(random_state=0)
    rows, _ = sampler.fit_resample(records, Y.tolist())
    new = set(sampler.provenance_.rows.tolist())
    assert [row.get("is_synthetic") for row in rows] == [True if i in new else None for i in range(len(rows))]
    assert all(rows[i] == records[sampler.sample_indices_[i]] for i in range(len(rows)) if i not in new)


@both
def test_threads_do_not_change_the_rows(combined: Any, cleaner: Any) -> None:
    one, two = (combined(random_state=0, n_jobs=jobs).fit_resample(X, Y)[0] for jobs in (1, 2))
    assert one.tobytes() == two.tobytes()


def test_refusals_come_from_the_steps() -> None:
    with pytest.raises(MemoryLimitError):
        SMOTEENN().fit_resample(X, Y, max_memory="1 KiB")
    with pytest.raises(TooFewSamplesError):
        SMOTEENN(few_samples="raise").fit_resample(X, np.repeat([0, 1], [397, 3]))
    with pytest.raises(InvalidParameterError, match="'smote' parameter of SMOTETomek"):
        SMOTETomek(smote="adasyn").fit(X, Y)
