"""Tuning: "none" first and last unless beaten beyond chance, the same study on every run, and no row on both sides."""

import inspect
import json
import logging
from collections.abc import Iterator
from threading import Event
from typing import ClassVar

import numpy as np
import optuna
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from contrapeso import generators, samplers
from contrapeso._rng import child
from contrapeso.balancing.ladder._folds import fold_count, plan_rows, units_of
from contrapeso.balancing.ladder._question import Question, question_of, training_rows
from contrapeso.balancing.tuning import AUTO, METHODS, Candidate, TunedClassifier, TuningResult, tune
from contrapeso.balancing.tuning._spaces import dimensions_of
from contrapeso.balancing.tuning._treat import fit_candidate, treated
from contrapeso.errors import CancelledError, InvalidDataError, InvalidParameterError, SingleClassError, StoreError
from contrapeso.tables._containers import open_table

LINEAR = LogisticRegression()


def _table(n: int = 600, seed: int = 0, share: float = 0.15) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    score = X[:, 0] + X[:, 1] ** 2 + rng.normal(size=n)
    return X, np.where(score > np.quantile(score, 1 - share), "rare", "usual")


def _mixed(n: int = 300) -> tuple[pd.DataFrame, np.ndarray]:
    X, y = _table(n)
    kind = pd.Categorical(np.where(X[:, 2] > 0, "pix", "ted"))
    return pd.DataFrame({"amount": X[:, 0], "balance": X[:, 1], "kind": kind}), y


def _asked(X, y, estimator=LINEAR) -> Question:
    codes = (np.asarray(y) == "usual").astype(np.intp)
    return question_of(open_table(X), codes, None, estimator, objective="ranking", random_state=0)


def _told(found: TuningResult) -> str:
    """All that is reproducible of a result."""
    plain = found.to_dict()
    for trial in plain["trials"]:
        del trial["seconds"]
    return json.dumps({key: plain[key] for key in ("chosen", "reason", "set_aside", "trials")}, sort_keys=True)


def _quick(X, y, n_trials: int = 8, **options) -> TuningResult:
    options = {"estimator": LINEAR, "budget_s": None, **options}
    return tune(X, y, options.pop("estimator"), n_trials=n_trials, **options)


# The study


def test_none_is_trial_0_and_the_baseline_of_all_others() -> None:
    X, y = _table()
    found = _quick(X, y)
    first = found.trials[0]
    assert (first.number, first.candidate, first.state, first.difference) == (0, Candidate(), "measured", 0.0)
    assert len(found.trials) == 9
    for trial in found.trials[1:]:
        gaps = [ours - none for ours, none in zip(trial.scores, first.scores, strict=False)]
        assert trial.difference == pytest.approx(np.mean(gaps))
        assert len(trial.scores) == (found.n_folds if trial.state == "measured" else len(trial.scores))
    assert found.stopped_by == "trials"


@pytest.mark.parametrize("objective", ["ranking", "mcc"])
def test_same_seed_and_trials_same_result(objective: str) -> None:
    X, y = _table()
    first, second = (_quick(X, y, n_trials=5, objective=objective) for _ in range(2))
    assert _told(first) == _told(second)
    assert_array_equal(first.estimator.predict_proba(X), second.estimator.predict_proba(X))
    other = _quick(X, y, n_trials=2, objective=objective, random_state=1)
    assert _told(first) != _told(other)


def test_a_study_that_goes_on_finds_what_it_would_have_found_in_one_piece(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("contrapeso.balancing.tuning._study.N_STARTUP", 2)  # TPE has its say early
    X, y = _table()
    url = f"sqlite:///{tmp_path / 'studies.sqlite3'}"
    whole = _quick(X, y, n_trials=6)
    part = _quick(X, y, n_trials=3, storage=url)
    rest = _quick(X, y, n_trials=6, storage=url)
    assert (part.n_resumed, rest.n_resumed) == (0, 4)
    assert part.study_name == rest.study_name
    assert _told(rest) == _told(whole)
    again = _quick(X, y, n_trials=6, storage=url)
    assert (again.n_resumed, _told(again)) == (7, _told(whole))


def test_a_trial_that_was_cut_off_leaves_no_trace(tmp_path) -> None:
    X, y = _table()
    url = f"sqlite:///{tmp_path / 'studies.sqlite3'}"
    seen = []
    with pytest.raises(CancelledError):
        _quick(X, y, n_trials=4, storage=url, progress=seen.append, cancel=lambda: len(seen) > 2)
    whole = _quick(X, y, n_trials=4)
    storage = optuna.storages.RDBStorage(url)
    study = optuna.load_study(study_name=whole.study_name, storage=storage)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "COMPLETE", "COMPLETE", "FAIL"]
    study.ask()  # a process that was killed in the middle of a trial
    storage.remove_session()
    storage.engine.dispose()
    found = _quick(X, y, n_trials=4, storage=url)
    assert (found.n_resumed, _told(found)) == (3, _told(whole))


def test_a_study_about_another_question_is_refused(tmp_path) -> None:
    X, y = _table()
    url = f"sqlite:///{tmp_path / 'studies.sqlite3'}"
    named = {"storage": url, "study_name": "fraud", "n_trials": 1}
    _quick(X, y, **named)
    with pytest.raises(InvalidParameterError, match=r"different: data"):
        _quick(X + 1, y, **named)
    with pytest.raises(InvalidParameterError, match=r"different: objective"):
        _quick(X, y, objective="brier", **named)
    with pytest.raises(InvalidParameterError, match="resume=True"):
        _quick(X, y, resume=False, **named)
    unnamed = [_quick(X, y, n_trials=1, storage=url, resume=False).study_name for _ in range(2)]
    assert len({*unnamed}) == 2


def test_a_database_that_cannot_be_used_is_said_without_its_password() -> None:
    X, y = _table(n=200)
    for url in ("sqlite:////nowhere/at/all.sqlite3", "postgresql://me:secret@127.0.0.1:1/none"):
        with pytest.raises(StoreError, match="cannot be used") as told:
            _quick(X, y, n_trials=1, storage=url)
        assert "secret" not in str(told.value)
    with pytest.raises(InvalidParameterError, match="cannot be read"):
        _quick(X, y, n_trials=1, storage="sqlite://[")


def test_the_log_of_optuna_is_silent_and_its_level_is_put_back(capfd) -> None:
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    try:
        _quick(*_table(), n_trials=2)
        assert optuna.logging.get_verbosity() == logging.DEBUG
    finally:
        optuna.logging.set_verbosity(optuna.logging.INFO)
    told = capfd.readouterr()
    assert (told.out, told.err) == ("", "")


@pytest.mark.parametrize("pruner", ["median", "halving"])
def test_what_is_behind_is_dropped_before_its_last_fold(pruner: str) -> None:
    X, y = _table(share=0.05, n=1500)
    found = _quick(X, y, n_trials=20, pruner=pruner)
    pruned = [trial for trial in found.trials if trial.state == "pruned"]
    assert pruned
    assert all(len(trial.scores) < found.n_folds for trial in pruned)
    assert found.best is None or found.best.state == "measured"


# The verdict


def test_where_no_treatment_can_help_none_comes_back() -> None:
    """Eight tables without any signal: two wins or more have a chance of 1.6 % at 2.5 % each."""
    wins = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(500, 3)), (rng.random(500) < 0.2).astype(int)
        found = _quick(X, y, n_trials=4, random_state=seed)
        wins += found.chosen.method != "none"
        assert (found.chosen.method == "none") == (found.reason != "wins")
    assert wins < 2


def test_a_treatment_that_truly_helps_wins_and_its_interval_says_so() -> None:
    """No tree can split fewer rows than two leaves of 1300, until there are more of them."""
    X, y = _table(n=3000, share=0.1)
    model = LGBMClassifier(n_estimators=20, min_child_samples=1300, verbose=-1, n_jobs=1)
    found = _quick(X, y, n_trials=6, sampler=["random_over", "smote"], estimator=model)
    assert found.reason == "wins"
    assert found.set_aside is not None
    assert found.set_aside.interval[0] > 0
    assert found.set_aside.p_better > 0.97
    assert found.chosen == found.best.candidate
    assert "Use " in found.describe("en")
    assert "Usar " in found.describe("pt")
    assert found.estimator.candidate == found.chosen
    # chances are put right for the classes that were made larger
    assert abs(found.estimator.predict_proba(X)[:, 0].mean() - 0.1) < 0.03


def test_without_rows_to_judge_by_the_winner_is_not_taken() -> None:
    X, y = _table(n=200, share=0.1)
    reasons = {_quick(X, y, n_trials=6, random_state=seed).reason for seed in range(3)}
    assert reasons <= {"too_few_rows", "no_gain"}


def test_classes_of_one_size_have_nothing_to_tune() -> None:
    X, _ = _table(n=200)
    found = _quick(X, np.arange(200) % 2)
    assert (found.reason, len(found.trials)) == ("balanced", 1)
    assert "nothing to tune" in found.describe("en")


# Rows


def test_a_sampler_sees_training_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = _table()
    X[:, 3] = np.arange(600)  # every row knows its number
    seen: list[set[int]] = []
    plain = samplers.SMOTE.fit_resample

    def spy(self, rows, *args, **kwargs):
        seen.append({int(number) for number in np.asarray(rows)[:, 3]})
        return plain(self, rows, *args, **kwargs)

    monkeypatch.setattr(samplers.SMOTE, "fit_resample", spy)
    raw = make_pipeline(StandardScaler(), LogisticRegression())
    found = _quick(X, y, n_trials=3, sampler="smote", estimator=raw)
    question = _asked(X, y, raw)
    units, _ = units_of(question.table, question.codes, None)
    plan = plan_rows(question.codes, units, None, grouped=False, seed=child(question.seed, 8))
    folds = plan.folds(0, fold_count(question.codes[plan.development], units[plan.development]))
    allowed = [set(fold.train.tolist()) for fold in folds]
    tried = sum(len(trial.scores) for trial in found.trials[1:])
    assert all(rows in allowed for rows in seen[:tried])
    for rows in seen[tried:]:  # the judgement, and then the fit to all rows where it won
        assert rows in ([set(plan.development.tolist())], [set(range(600))])[found.reason == "wins"] or (
            rows == set(plan.development.tolist())
        )


def test_groups_and_time_divide_the_rows() -> None:
    X, y = _table()
    grouped = _quick(X, y, n_trials=2, groups=np.arange(600) // 4)
    assert grouped.split == "grouped"
    dates = pd.date_range("2024-01-01", periods=600, freq="h")
    timed = _quick(X, y, n_trials=2, time=dates)
    assert timed.split == "time"
    with pytest.raises(InvalidDataError, match="one value for each"):
        _quick(X, y, n_trials=2, time=dates[:10])


def test_mixed_columns_nulls_and_more_classes_are_welcome() -> None:
    frame, _ = _mixed()
    frame.loc[::7, "balance"] = np.nan
    y = np.repeat([0, 1, 2], [200, 60, 40])
    found = _quick(frame, y, n_trials=3, sampler=["weights", "smote"], estimator=None)
    assert {trial.state for trial in found.trials} <= {"measured", "pruned"}
    assert found.estimator.predict(frame).shape == (300,)
    assert set(found.to_frame().columns) > {"method", "difference", "strength"}


# Time


class Waiting(ClassifierMixin, BaseEstimator):
    """A model whose second fold never ends before the test lets it."""

    freed: ClassVar[Event] = Event()
    n_fits: ClassVar[list[int]] = []

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.n_fits.append(1)
        if len(self.n_fits) > 2:
            self.freed.wait(30)
        return self

    def predict_proba(self, X):
        return np.full((len(X), 2), 0.5)


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    Waiting.freed.clear()
    Waiting.n_fits.clear()
    yield Waiting()
    Waiting.freed.set()


def test_a_cancel_does_not_wait_for_the_fit_that_runs(waiting: Waiting) -> None:
    X, y = _table(n=200)
    with pytest.raises(CancelledError):
        tune(X, y, waiting, n_trials=3, budget_s=None, cancel=lambda: len(Waiting.n_fits) > 2)
    assert not Waiting.freed.is_set()  # the fit still waits, and we are back


def test_when_the_time_is_up_the_trials_so_far_are_judged() -> None:
    X, y = _table()
    found = tune(X, y, LINEAR, budget_s=1e-6)
    assert (found.stopped_by, found.reason, len(found.trials)) == ("budget", "no_trials", 1)
    assert found.estimator.predict(X).shape == (600,)
    some = tune(X, y, LINEAR, budget_s=1.5)
    assert some.stopped_by == "budget"
    assert len(some.trials) > 1


def test_progress_counts_the_trials() -> None:
    seen = []
    _quick(*_table(), n_trials=3, progress=seen.append)
    assert [step.done for step in seen] == [1, 2, 3, 4]
    assert seen[-1].total == 4


# The table of methods


def test_every_dimension_is_a_parameter_of_its_class() -> None:
    ours = {"enn_neighbors", "enn_kind", "epochs"}  # of the cleaning step, and of the training
    for method in METHODS.values():
        if method.source in ("", "RandomUnderSampler"):
            assert method.dimensions == ()
            continue
        if method.family != "generator":
            known = set(inspect.signature(getattr(samplers, method.source)).parameters)
        elif method.source == "mixture":
            known = set(inspect.signature(generators.MixtureSynthesizer).parameters)
        else:
            known = set(inspect.signature(generators.family_of(method.source).options[0]).parameters)
        if method.family == "hybrid":
            known |= set(inspect.signature(samplers.SMOTE).parameters)
        assert {found.name for found in method.dimensions} - ours <= known, method.name


def _corners(name: str, has_categories: bool) -> list[Candidate]:
    """The lowest and the highest value of every dimension."""
    found = []
    for end in (0, -1):
        values = {
            d.name: d.choices[end]
            if d.kind == "choice"
            else (d.low, d.high)[end]
            if d.kind == "float"
            else int((d.low, d.high)[end])
            for d in dimensions_of(METHODS[name], has_categories=has_categories)
        }
        if "epochs" in values:
            values |= {"epochs": 2}
        found.append(Candidate(name, values.pop("strength"), values))
    return found


@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].family != "generator" or name == "mixture"])
def test_the_corners_of_every_space_can_be_fitted_and_meet_their_counts(name: str) -> None:
    X, y = _table()
    question = _asked(X, y)
    codes = question.codes
    rows = training_rows(question, np.arange(600), np.random.SeedSequence(0))
    for candidate in _corners(name, has_categories=False):
        sample = treated(candidate, rows)
        counts = np.bincount(sample.codes)
        if METHODS[name].family in ("over", "under", "generator") and name != "smote_ipf":
            expected = np.bincount(codes)
            for code, size in candidate.sizes(expected.copy()).items():
                expected[code] = size
            assert counts.tolist() == expected.tolist(), candidate
        chances = fit_candidate(candidate, question.estimator, rows).chances(rows.matrix)
        assert chances.shape == (600, 2)
        assert np.isfinite(chances).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["autoregressive", "vae", "gan", "cgan", "diffusion", "transformer"])
def test_the_corners_of_the_networks_can_be_fitted(name: str) -> None:
    pytest.importorskip("torch")
    frame, y = _mixed(200)
    question = _asked(frame, y)
    rows = training_rows(question, np.arange(200), np.random.SeedSequence(0))
    for candidate in _corners(name, has_categories=True):
        assert len(treated(candidate, rows).codes) > 200


def test_a_table_of_categories_alone_is_searched_with_what_suits_it() -> None:
    frame, y = _mixed()
    found = _quick(frame[["kind"]].assign(other=np.resize(["a", "b", "c"], 300)), y, n_trials=5)
    assert {trial.candidate.method for trial in found.trials[1:]} <= {
        "weights", "random_under", "random_over", "smote", "smote_enn", "smote_tomek",
    }  # fmt: skip


def test_a_method_that_fails_is_recorded_with_its_reason() -> None:
    X, y = _table()
    raw = make_pipeline(StandardScaler(), LogisticRegression())
    found = _quick(X, y, n_trials=2, sampler="mixture", estimator=raw)
    assert [trial.state for trial in found.trials] == ["measured", "failed", "failed"]
    assert "plain tables" in found.trials[1].reason
    assert (found.reason, found.chosen.method) == ("no_gain", "none")


def test_dear_methods_are_tried_only_by_name() -> None:
    assert "mixture" not in AUTO
    assert "gan" not in AUTO
    found = _quick(*_table(n=300), n_trials=2, sampler=["mixture"])
    assert {trial.candidate.method for trial in found.trials[1:]} == {"mixture"}


def test_strength_is_even_in_the_ratio_of_the_classes() -> None:
    counts = np.array([10_000, 100])
    ratios = [Candidate("smote", strength).ratio(counts) for strength in (0.0, 0.5, 1.0)]
    assert ratios == pytest.approx([0.01, 0.1, 1.0])
    assert Candidate("random_under", 0.5).sizes(counts) == {0: 1000}
    assert Candidate("weights", 1.0).ratio(counts) == 0.01


# Doors


def test_the_classifier_can_be_used_alone_and_its_chances_are_of_the_real_shares() -> None:
    X, y = _table()
    model = TunedClassifier(LINEAR, Candidate("smote", 1.0, {"k_neighbors": 3})).fit(X, y)
    assert model.classes_.tolist() == ["rare", "usual"]
    assert abs(model.predict_proba(X)[:, 0].mean() - 0.15) < 0.05
    tuned = TunedClassifier(LINEAR, Candidate("weights", 1.0), objective="mcc").fit(X, y)
    assert tuned.offsets_[0] != tuned.offsets_[1]
    with pytest.raises(InvalidDataError, match="4"):
        model.predict(X[:, :2])
    with pytest.raises(InvalidParameterError, match="no method"):
        Candidate("smoke")


def test_a_model_without_probabilities_can_be_ranked() -> None:
    X, y = _table()
    assert _quick(X, y, n_trials=3, estimator=LinearSVC()).metric == "average_precision"


def test_bad_parameters_are_refused_with_the_way_out() -> None:
    X, y = _table(n=100)
    for options, said in (
        ({"n_trials": 0}, "n_trials"),
        ({"budget_s": 0}, "budget_s"),
        ({"n_trials": None, "budget_s": None}, "never ends"),
        ({"n_trials": 2, "pruner": "none"}, "pruner"),
        ({"n_trials": 2, "sampler": "smot"}, "nearest is 'smote'"),
        ({"n_trials": 2, "sampler": []}, "at least one"),
        ({"n_trials": 2, "storage": "studies.db"}, "database URL"),
        ({"n_trials": 2, "objective": "rank"}, "nearest is 'ranking'"),
    ):
        with pytest.raises(InvalidParameterError, match=said):
            tune(X, y, LINEAR, **options)
    with pytest.raises(InvalidDataError, match="two classes on both sides"):
        tune(X, np.arange(100) == 3, LINEAR, n_trials=1)
    with pytest.raises(SingleClassError):
        tune(X, np.zeros(100), LINEAR, n_trials=1)
