"""Training end to end: the untouched part stays untouched, the report is honest, the registry has the model."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contrapeso.balancing import BalancedClassifier
from contrapeso.config import Settings, load_settings
from contrapeso.errors import (
    CancelledError,
    ColumnNotFoundError,
    InsufficientDataError,
    InvalidDataError,
    InvalidParameterError,
    NotFoundError,
    SingleClassError,
)
from contrapeso.finance import simulate_company
from contrapeso.finance.features import TransactionFeatures
from contrapeso.progress import Progress
from contrapeso.workflows import (
    TableRef,
    TrainResult,
    list_models,
    load_model,
    opened_store,
    predict,
    process_data_with_balancing,
    register_model,
    set_stage,
    train,
    train_with_balancing,
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return load_settings(tmp_path / "state")


@pytest.fixture(scope="module")
def movements() -> pd.DataFrame:
    """Eight months of the example company as canonical rows."""
    truth = simulate_company().truth
    kept = truth[truth["date"] < truth["date"].min() + pd.Timedelta(days=150)]
    return kept[["date", "amount_cents", "description", "bank", "account", "category"]].reset_index(drop=True)


def written(frame: pd.DataFrame, path: Path) -> TableRef:
    frame.to_parquet(path, index=False)
    return TableRef(path)


def customers(n: int = 160) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    churn = rng.random(n) < 0.2
    return pd.DataFrame(
        {
            "age": rng.normal(np.where(churn, 55, 40), 6).round(1),
            "plan": rng.choice(["basic", "plus"], n),
            "store": rng.choice([f"s{i}" for i in range(12)], n),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 400, n), unit="D"),
            "churn": np.where(churn, "yes", "no"),
        }
    )


def quick(ref: TableRef, settings: Settings, **options: object) -> TrainResult:
    return train(ref, settings, **{"model_type": "logistic_regression", "balancing": "none", **options})


def test_bank_rows_are_split_by_time_and_a_day_stays_together(tmp_path, settings, movements) -> None:
    result = quick(written(movements, tmp_path / "rows.parquet"), settings, target="category")
    first = pd.Timestamp(result.first_day)
    late = movements["date"] >= first
    assert (result.split, result.n_train, result.n_test) == ("time", int((~late).sum()), int(late.sum()))
    days = np.sort(movements["date"].dt.normalize().unique())
    assert first == days[-round(len(days) * 0.25)]
    assert result.rung == "none"
    assert result.verdict == "empate"
    assert {stratum.name for stratum in result.strata} == {"seen", "cold"}
    assert sum(stratum.after.n for stratum in result.strata) == result.n_test


def test_nothing_is_learnt_from_the_untouched_days(tmp_path, settings, movements) -> None:
    """Labels and texts of the last quarter are replaced by noise: the model that is kept does not change."""
    first = quick(written(movements, tmp_path / "a.parquet"), settings, target="category")
    late = movements["date"] >= pd.Timestamp(first.first_day)
    spoilt = movements.copy()
    rng = np.random.default_rng(0)
    spoilt.loc[late, "category"] = rng.permutation(spoilt.loc[late, "category"].to_numpy())
    spoilt.loc[late, "description"] = "canario zzz"
    spoilt.loc[late, "amount_cents"] = 7
    second = quick(written(spoilt, tmp_path / "b.parquet"), settings, target="category")
    models = [load_model(settings, result.model.id) for result in (first, second)]
    np.testing.assert_array_equal(*(model.predict_proba(movements) for model in models))
    assert not any("canario" in name for name in models[1].features.get_feature_names_out())
    assert first.data_sha256 != second.data_sha256
    assert next(r for r in second.readings if r.measure == "accuracy").after < 0.6


def test_samplers_see_training_rows_only(tmp_path, settings, monkeypatch) -> None:
    """Every row that is fitted, in whatever treatment, is one of those that teach."""
    frame = customers().assign(age=lambda rows: np.arange(len(rows)) + 0.5)  # age names the row
    seen: list[float] = []
    plain = BalancedClassifier.fit

    def watched(self: BalancedClassifier, X: pd.DataFrame, y: object, sample_weight: object = None) -> object:
        seen.extend(X["age"].tolist())
        return plain(self, X, y, sample_weight)

    monkeypatch.setattr(BalancedClassifier, "fit", watched)
    result = quick(written(frame, tmp_path / "t.parquet"), settings, target="churn", balancing="synthetic")
    assert len(set(seen)) == result.n_train == 160 - result.n_test
    assert result.rung == "mixture"


@pytest.mark.parametrize(
    ("balancing", "rungs"),
    [
        ("class_weight", {"weights", "weights_sqrt"}),
        ("undersample", {"random_under_0.33", "random_under_1"}),
        ("smote", {"smote_0.1", "smote_0.25", "smote_0.5", "smote_1"}),
        ("hybrid", {"smote_enn", "smote_tomek"}),
    ],
)
def test_a_treatment_that_is_asked_for_is_done(tmp_path, settings, balancing, rungs) -> None:
    result = quick(written(customers(), tmp_path / "t.parquet"), settings, target="churn", balancing=balancing)
    assert result.rung in rungs
    assert result.decision is not None
    assert {"none", *rungs} <= {line["name"] for line in result.decision["leaderboard"]} | {"none"}


def test_auto_is_the_ladder_and_says_why(tmp_path, settings) -> None:
    result = train(written(customers(), tmp_path / "t.parquet"), settings, target="churn", budget_s=4)
    assert set(result.candidates) == {"lightgbm", "logistic_regression"}
    assert result.decision["chosen"] == result.rung
    assert result.reason("pt") != result.reason("en") != ""
    assert result.split == "stratified"
    assert json.loads(json.dumps(result.to_dict()))["verdict"] in {"ajuda", "empate", "prejudica"}


def test_text_columns_bring_the_linear_candidates(tmp_path, settings, movements) -> None:
    small = movements.iloc[:400]
    result = train(written(small, tmp_path / "t.parquet"), settings, target="category", balancing="none", budget_s=None)
    assert set(result.candidates) == {"linear_svm", "logistic_regression", "lightgbm"}
    assert result.model_type == max(result.candidates, key=result.candidates.get)


def test_a_tiny_statement_is_split_by_payee(tmp_path, settings, movements) -> None:
    tiny = movements.iloc[:30]
    result = quick(written(tiny, tmp_path / "t.parquet"), settings, target="category")
    assert result.split == "group"
    assert next(s for s in result.strata if s.name == "seen").after.n == 0
    assert any("days" in note for note in result.notes("en"))


def test_other_tables_can_be_split_by_a_column(tmp_path, settings) -> None:
    ref = written(customers(), tmp_path / "t.parquet")
    by_group = quick(ref, settings, target="churn", group_column="store")
    assert by_group.split == "group"
    assert "store" not in [column["name"] for column in by_group.model.schema["columns"]]
    by_time = quick(ref, settings, target="churn", time_column="since")
    assert (by_time.split, by_time.first_day is not None) == ("time", True)


def test_the_same_seed_gives_the_same_model(tmp_path, settings) -> None:
    ref = written(customers(), tmp_path / "t.parquet")
    one, two = (
        quick(ref, settings, target="churn", balancing="hybrid", model_type="lightgbm", budget_s=None) for _ in range(2)
    )
    models = [load_model(settings, result.model.id) for result in (one, two)]
    np.testing.assert_array_equal(*(model.predict_proba(customers()) for model in models))
    assert one.readings == two.readings
    assert (one.model.version, two.model.version) == (1, 2)


def test_a_seed_of_any_size_is_taken(tmp_path, settings, movements) -> None:
    big = {"seed": 2**70 + 1, "group_column": "store"}
    result = quick(written(customers(), tmp_path / "t.parquet"), settings, target="churn", model_type="lightgbm", **big)
    assert result.model.seed == 2**70 + 1
    ref = written(movements.iloc[:120], tmp_path / "m.parquet")
    assert quick(ref, settings, target="category", model_type="lightgbm", seed=2**70 + 1).split == "time"


def test_too_little_is_refused_with_the_counts_and_the_run_is_recorded(tmp_path, settings) -> None:
    ref = written(customers(9), tmp_path / "few.parquet")
    with pytest.raises(InsufficientDataError, match="at least 10 rows") as few:
        quick(ref, settings, target="churn")
    assert few.value.details["n_rows"] == 9
    with pytest.raises(SingleClassError, match="two classes"):
        quick(written(customers().assign(churn="no"), tmp_path / "one.parquet"), settings, target="churn")
    with opened_store(settings) as store:
        assert [(run.status, run.error_code) for run in store.runs("train")] == [
            ("failed", "single_class"),
            ("failed", "insufficient_data"),
        ]
        assert store.models() == ()


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"model_type": "forest"}, InvalidParameterError, "model_type is one of"),
        ({"balancing": "magic"}, InvalidParameterError, "balancing is one of"),
        ({"test_size": 1.5}, InvalidParameterError, "test_size must be a share"),
        ({"budget_s": -1}, InvalidParameterError, "budget_s"),
        ({"target": "chrn"}, ColumnNotFoundError, "churn"),
        ({"time_column": "sinc"}, ColumnNotFoundError, "since"),
        ({"name": "a/b"}, InvalidParameterError, "model name"),
        ({"objective": "best"}, InvalidParameterError, "best"),
    ],
)
def test_wrong_options_are_refused_with_the_rule(tmp_path, settings, options, error, words) -> None:
    ref = written(customers(), tmp_path / "t.parquet")
    with pytest.raises(error, match=words):
        quick(ref, settings, **{"target": "churn", **options})


def test_a_balanced_table_is_refused(tmp_path, settings) -> None:
    ref = written(customers().assign(is_synthetic=False), tmp_path / "t.parquet")
    with pytest.raises(InvalidDataError, match="Train on the real table"):
        quick(ref, settings, target="churn")


def test_rows_without_a_class_and_new_classes_are_told(tmp_path, settings) -> None:
    frame = customers().sort_values("since", ignore_index=True)
    frame.loc[:4, "churn"] = None
    frame.loc[150:, "churn"] = "moved"
    result = quick(written(frame, tmp_path / "t.parquet"), settings, target="churn", time_column="since")
    assert any("5 rows without a class" in note for note in result.notes("en"))
    assert any("moved" in note for note in result.notes("pt"))
    moved = next(row for row in result.classes if row.label == "moved")
    assert (moved.n_train, moved.recall.value) == (0, 0.0)


@pytest.mark.parametrize("labels", [[0, 1], [True, False], [1.5, 2.5]])
def test_labels_of_any_type_come_back(tmp_path, settings, labels) -> None:
    frame = customers().assign(churn=lambda rows: np.where(rows["age"] > 45, *labels))
    ref = written(frame, tmp_path / "t.parquet")
    result = quick(ref, settings, target="churn")
    made = predict(ref, settings, model=result.model.id, out=tmp_path / "p.parquet")
    assert set(made.n_per_class) <= {str(label) for label in labels}


def test_cancel_stops_within_a_second_and_registers_nothing(tmp_path, settings, movements) -> None:
    ref = written(movements, tmp_path / "t.parquet")
    asked, steps, late = threading.Event(), [], []

    def progress(at: Progress) -> None:
        steps.append(at.step)
        if at.step not in {"read", "model", "features", "baseline", "balancing"} and not asked.is_set():
            asked.set()
            late.append(time.perf_counter())

    with pytest.raises(CancelledError):
        train(ref, settings, target="category", model_type="lightgbm", progress=progress, cancel=asked.is_set)
    assert time.perf_counter() - late[0] < 5  # a loaded machine; the ladder's own test times the second
    assert "save" not in steps
    with opened_store(settings) as store:
        assert [run.error_code for run in store.runs("train")] == ["cancelled"]
        assert store.models() == ()


def test_an_interruption_is_recorded_as_cancelled(tmp_path, settings) -> None:
    def progress(at: Progress) -> None:
        if at.step == "baseline":
            raise KeyboardInterrupt

    with pytest.raises(CancelledError, match="interrupted"):
        quick(written(customers(), tmp_path / "t.parquet"), settings, target="churn", progress=progress)
    with opened_store(settings) as store:
        assert store.runs("train")[0].error_code == "cancelled"


def test_predict_adds_class_and_probability_beside_the_rows_as_they_are(tmp_path, settings) -> None:
    frame = customers()
    ref = written(frame, tmp_path / "t.parquet")
    result = quick(ref, settings, target="churn", name="saida")
    set_stage(settings, "saida@1", "production")
    told = predict(ref, settings, model="saida@production", out=tmp_path / "p.parquet")
    made = pd.read_parquet(tmp_path / "p.parquet")
    pd.testing.assert_frame_equal(made[frame.columns], frame)
    assert list(made.columns[-2:]) == ["predicted_churn", "probability"]
    model = load_model(settings, result.model.id)
    np.testing.assert_array_equal(made["predicted_churn"], model.predict(frame))
    assert made["probability"].between(0, 1).all()
    assert told.n_per_class == made["predicted_churn"].value_counts().to_dict()
    assert load_model(settings, result.path).columns == model.columns
    fresh = frame.drop(columns="churn").iloc[:3]
    assert (
        predict(written(fresh, tmp_path / "n.parquet"), settings, model=result.path, out=tmp_path / "q.csv").n_rows == 3
    )


def test_predict_refuses_what_does_not_fit_and_names_it(tmp_path, settings) -> None:
    ref = written(customers(), tmp_path / "t.parquet")
    result = quick(ref, settings, target="churn")
    short = written(customers().drop(columns=["age", "plan"]), tmp_path / "s.parquet")
    with pytest.raises(ColumnNotFoundError, match="lacks 'age', 'plan'"):
        predict(short, settings, model=result.model.id, out=tmp_path / "p.parquet")
    typed = written(customers().assign(age="old"), tmp_path / "o.parquet")
    with pytest.raises(InvalidDataError, match="'age': number expected, text found"):
        predict(typed, settings, model=result.model.id, out=tmp_path / "p.parquet")
    again = written(customers().assign(probability=1.0), tmp_path / "g.parquet")
    with pytest.raises(InvalidDataError, match="already has 'probability'"):
        predict(again, settings, model=result.model.id, out=tmp_path / "p.parquet")
    with pytest.raises(NotFoundError, match="There is no model"):
        predict(ref, settings, model="other", out=tmp_path / "p.parquet")
    assert not (tmp_path / "p.parquet").exists()


def test_an_archive_may_be_kept_elsewhere_and_a_classifier_registered_by_hand(tmp_path, settings) -> None:
    ref = written(customers(), tmp_path / "t.parquet")
    result = quick(ref, settings, target="churn", out=tmp_path / "kept" / "m.cpm")
    assert result.path == tmp_path / "kept" / "m.cpm"
    classifier = load_model(settings, result.model.id)
    row = register_model(settings, "by-hand", classifier, kind="logistic_regression", target="churn")
    assert (row.version, row.stage) == (1, "candidate")
    assert not Path(row.archive).is_absolute()
    assert [model.name for model in list_models(settings, name="by-hand").models] == ["by-hand"]


def test_the_record_has_what_an_auditor_asks_for(tmp_path, settings) -> None:
    result = quick(written(customers(), tmp_path / "t.parquet"), settings, target="churn", seed=7)
    [row] = list_models(settings).models
    assert (row.seed, row.kind, row.target, row.data_sha256) == (7, "logistic_regression", "churn", result.data_sha256)
    assert row.schema["classes"] == ["no", "yes"]
    assert row.metrics["readings"][0]["measure"] == "average_precision"
    with opened_store(settings) as store:
        [run] = store.runs("train")
    assert (run.status, run.seed, run.result["model_id"], run.outputs) == ("done", 7, row.id, (str(result.path),))


# --- recipes for pipelines that exist


def test_the_documented_helpers_train_and_prepare(movements) -> None:
    frame = customers()
    X, y = process_data_with_balancing(frame, {"target": "churn"})
    assert len(X) == len(y) == 160
    assert all(np.issubdtype(dtype, np.number) for dtype in X.dtypes)
    model = train_with_balancing("random_forest", X, y)
    assert (model.predict(X) == y).mean() > 0.95
    rows, labels = process_data_with_balancing(movements.iloc[:60].to_dict("records"))
    assert len(rows) == len(labels) == 60
    assert any(name.startswith("text_") for name in rows.columns)
    with pytest.raises(ColumnNotFoundError, match="config\\['target'\\]"):
        process_data_with_balancing(frame)


def test_the_documented_helpers_balance_where_they_are_asked_to() -> None:
    frame = customers()
    config = {"target": "churn", "use_balancing": True, "strategy": "smote", "target_ratio": 1.0}
    y = process_data_with_balancing(frame, config)[1]
    counts = pd.Series(y).value_counts()
    assert counts["yes"] == counts["no"] == (frame["churn"] == "no").sum()
    plain = process_data_with_balancing(frame, {"target": "churn", "use_balancing": False})
    assert len(plain[0]) == len(frame)
    model = train_with_balancing("lightgbm", *plain, {"strategy": "undersample"})
    assert list(model.classes_) == ["no", "yes"]
    with pytest.raises(InvalidParameterError, match="target_ratio"):
        process_data_with_balancing(frame, {**config, "target_ratio": "much"})


def test_features_can_be_refitted_by_clone(movements) -> None:
    from sklearn.base import clone

    assert clone(TransactionFeatures(form="dense", n_components=7)).n_components == 7


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("balancing", ["none", "class_weight"])
def test_a_real_year_is_told_apart_by_its_last_quarter(tmp_path, settings, shared_data, balancing) -> None:
    """Macro-F1 of .87 untreated (docs/training.md); guessing the largest class gives less than .1."""
    raw = pd.read_parquet(shared_data / "mc_2021.parquet")
    amount, day = pd.to_numeric(raw["Valor"], errors="coerce"), pd.to_datetime(raw["Data"], errors="coerce")
    kind = raw["Tipo"].str.strip()
    kept = kind.notna() & amount.notna() & day.notna() & ~kind.str.lower().eq("saldo")
    kept &= kind.map(kind.value_counts()) >= 3
    rows = pd.DataFrame(
        {
            "date": day[kept],
            "amount_cents": (amount[kept] * 100).round().astype("int64"),
            "description": raw.loc[kept, "Descrição"],
            "category": kind[kept],
        }
    )
    ref = written(rows.reset_index(drop=True), tmp_path / "year.parquet")
    result = train(ref, settings, target="category", model_type="linear_svm", balancing=balancing, budget_s=None)
    assert result.split == "time"
    assert next(r for r in result.readings if r.measure == "macro_f1").before > 0.6
    assert result.verdict == "empate" or balancing != "none"


def odd_tables() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(0)
    n = 240

    def table(y: object, **more: object) -> pd.DataFrame:
        return pd.DataFrame({"a": rng.normal(size=n), "b": rng.integers(0, 9, n), **more, "y": y})

    uneven = rng.choice(["u", "v"], n, p=[0.85, 0.15])
    return {
        "many classes": table([f"c{i % 60}" for i in range(n)]),
        "classes of one row": table(["a"] * 150 + ["b"] * 88 + ["c", "d"]),
        "nulls": table(uneven, c=np.where(rng.random(n) < 0.5, np.nan, 1.0), d=[None] * n),
        "constants": table(uneven, k=[1] * n, text=["q"] * n),
        "booleans and dates": table(
            uneven, k=rng.random(n) < 0.5, t=pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), unit="D")
        ),
        "identifiers": table(uneven, id=np.arange(n), code=[f"X{i}" for i in range(n)]),
        "categories": table(pd.Categorical(uneven), c=pd.Categorical(rng.choice(["m", "n"], n))),
        "twelve rows": table(uneven).iloc[:12].assign(y=["u"] * 9 + ["v"] * 3),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", odd_tables())
@pytest.mark.parametrize(("model_type", "balancing"), [("linear_svm", "class_weight"), ("lightgbm", "synthetic")])
def test_odd_tables_are_trained_and_predicted(tmp_path, settings, name, model_type, balancing) -> None:
    ref = written(odd_tables()[name], tmp_path / "t.parquet")
    result = quick(ref, settings, target="y", model_type=model_type, balancing=balancing, budget_s=None)
    assert predict(ref, settings, model=result.model.id, out=tmp_path / "p.parquet").n_rows in {12, 240}


def test_even_classes_are_left_as_they_are_and_it_is_said(tmp_path, settings) -> None:
    frame = customers().assign(churn=["no", "yes"] * 80)
    result = quick(written(frame, tmp_path / "t.parquet"), settings, target="churn", balancing="synthetic")
    assert result.rung == "none"
    assert "as even already" in result.reason("en")
    assert "parelhas" in result.reason("pt")
