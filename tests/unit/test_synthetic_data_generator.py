"""The documented ``AdvancedSyntheticDataGenerator``."""

from __future__ import annotations

import importlib
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import contrapeso.services.synthetic_data_generator as module
from contrapeso._rng import child, seed_sequence
from contrapeso.errors import (
    CancelledError,
    ColumnNotFoundError,
    CorruptArchiveError,
    FileMissingError,
    FileUnwritableError,
    InvalidDataError,
    InvalidParameterError,
    MissingExtraError,
    NewerArchiveError,
    NotFittedError,
    TrainingDivergedError,
    TrainingWarning,
    UnknownConfigKeyError,
    UnmetConditionsError,
)
from contrapeso.generators import FAMILIES, METHODS
from contrapeso.progress import Progress
from contrapeso.quality import evaluate
from contrapeso.services._config import DEFAULTS
from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator, MethodResult

ROOT = Path(__file__).resolve().parents[2]
MIXTURE = {"methods": ["mixture"]}


def table(n: int = 240, seed: int = 0) -> pd.DataFrame:
    """Bank rows: a class of a tenth, money, whole numbers, days, nulls, and a fee of one per cent."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(["pix", "boleto", "tarifa"], n, p=[0.6, 0.3, 0.1])
    amount = np.round(np.exp(rng.normal(3 + (kind == "boleto"), 1)), 2)
    return pd.DataFrame(
        {
            "kind": kind,
            "amount": amount,
            "parcels": rng.integers(1, 13, n),
            "day": pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 60, n), "D"),
            "paid": rng.random(n) < 0.5,
            "score": pd.Series(rng.normal(size=n)).where(rng.random(n) > 0.2),
        }
    )


def trained(config: dict[str, Any] | None = None, rows: pd.DataFrame | None = None) -> AdvancedSyntheticDataGenerator:
    maker = AdvancedSyntheticDataGenerator(MIXTURE if config is None else config)
    maker.train_models(table() if rows is None else rows, epochs=2)
    return maker


@pytest.fixture(scope="module")
def pair() -> AdvancedSyntheticDataGenerator:
    """The documented configuration, trained once."""
    return trained({"methods": ["vae", "gan"], "sample_size_ratio": 0.5})


# The documented example


def test_the_documented_example_runs_as_it_is_written() -> None:
    data = table(300)

    generator = AdvancedSyntheticDataGenerator({"methods": ["vae", "gan"], "sample_size_ratio": 0.5})
    results = generator.train_models(data, epochs=10)
    synthetic = generator.generate_synthetic_data(data)
    rare = generator.generate_conditional_synthetic_data({"kind": "tarifa"}, n=25)
    metrics = generator.get_quality_metrics()
    check = generator.validate_synthetic_data(data, synthetic)

    assert set(results) == {"vae", "gan"}
    assert all(result["success"] for result in results.values())
    assert len(synthetic) == 150
    assert list(rare["kind"]) == ["tarifa"] * 25
    assert metrics["overall_quality_score"] is not None
    assert check["is_valid"], check["issues"]


def test_both_documented_paths_give_the_same_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    documented = importlib.import_module("src.services.synthetic_data_generator")
    assert documented.AdvancedSyntheticDataGenerator is AdvancedSyntheticDataGenerator
    assert documented.__all__ == ["AdvancedSyntheticDataGenerator"]


@pytest.mark.parametrize(
    "name", ["contrapeso", "contrapeso.generators", "contrapeso.services.synthetic_data_generator"]
)
def test_importing_does_not_load_torch(name: str) -> None:
    code = f"import sys, {name}; print([m for m in ('torch', 'safetensors', 'opacus', 'onnx') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


# The config


def test_the_defaults_are_the_documented_ones() -> None:
    config = AdvancedSyntheticDataGenerator().config
    documented = {"methods": ["vae", "gan"], "sample_size_ratio": 0.5, "epochs": 100, "batch_size": 32}
    assert {name: config[name] for name in documented} == documented


def test_the_whole_documented_config_is_taken_and_its_batch_size_with_it() -> None:
    maker = AdvancedSyntheticDataGenerator(dict(DEFAULTS))
    assert maker._training(3).batch_size == 32
    assert maker._training(3).max_epochs == 3
    assert maker._training(None).max_epochs == 100
    assert AdvancedSyntheticDataGenerator().config == maker.config
    assert AdvancedSyntheticDataGenerator()._training(None).batch_size is None


@pytest.mark.parametrize(
    ("config", "error", "says"),
    [
        ({"method": ["vae"]}, UnknownConfigKeyError, "'methods'"),
        ({"synthetic": {"sample_ratio": 1}}, UnknownConfigKeyError, "'sample_size_ratio'"),
        ({"methods": ["vea"]}, InvalidParameterError, "no method 'vea'"),
        ({"methods": "vae"}, InvalidParameterError, "a list"),
        ({"methods": []}, InvalidParameterError, "a list"),
        ({"methods": None}, InvalidParameterError, "a list"),
        ({"sample_size_ratio": 0}, InvalidParameterError, "above 0"),
        ({"sample_size_ratio": True}, InvalidParameterError, "above 0"),
        ({"sample_size_ratio": math.nan}, InvalidParameterError, "above 0"),
        ({"max_time_s": -1}, InvalidParameterError, "above 0"),
        ({"epochs": 0}, InvalidParameterError, "at least 1"),
        ({"batch_size": 1.5}, InvalidParameterError, "at least 1"),
        ({"mix": "yes"}, InvalidParameterError, "True or False"),
        ({"random_state": -1}, InvalidParameterError, "at least 0"),
        (5, InvalidParameterError, "mapping"),
    ],
)
def test_a_wrong_config_is_an_error_that_names_it(config: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        AdvancedSyntheticDataGenerator(config)


def test_the_methods_are_the_families_and_auto() -> None:
    assert set(METHODS) == {*FAMILIES, "auto"}
    assert set(METHODS) == {
        "vae", "gan", "cgan", "diffusion", "autoregressive", "transformer", "mixture", "auto",
    }  # fmt: skip


def test_auto_is_the_mixture_and_the_autoregressive_network_each_method_once() -> None:
    maker = AdvancedSyntheticDataGenerator({"methods": ["auto", "mixture", "vae"]})
    assert maker._methods() == ["mixture", "autoregressive", "vae"]


# Containers


def test_a_frame_gives_a_frame_with_its_dtypes_columns_and_half_of_its_rows() -> None:
    data = table()
    made = trained(rows=data).generate_synthetic_data(data)
    assert len(made) == 120
    assert list(made.columns) == list(data.columns)
    assert made.dtypes.to_dict() == data.dtypes.to_dict()
    assert set(made["kind"]) <= set(data["kind"])
    cents = made["amount"] * 100
    assert np.allclose(cents, cents.round())
    assert made["score"].isna().any()


def test_names_that_are_no_text_come_back_as_they_were() -> None:
    data = table()[["amount", "parcels"]].set_axis([7, "b"], axis=1)
    assert list(trained(rows=data).generate_synthetic_data(data, 5).columns) == [7, "b"]


def test_a_marked_frame_of_real_rows_gives_marked_rows() -> None:
    data = table()[["kind", "amount"]]
    data.insert(1, "is_synthetic", value=False)
    made = trained(rows=data).generate_synthetic_data(data, 5)
    assert list(made.columns) == ["kind", "is_synthetic", "amount"]
    assert made["is_synthetic"].tolist() == [True] * 5


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, object])
def test_an_array_gives_an_array_of_its_dtype(dtype: type) -> None:
    data = table()[["parcels", "amount"]].to_numpy().astype(dtype)
    made = trained(rows=data).generate_synthetic_data(data, 30)
    assert isinstance(made, np.ndarray)
    assert made.shape == (30, 2)
    assert made.dtype == data.dtype
    assert np.isin(made[:, 0].astype(float), data[:, 0].astype(float)).all()


def test_a_list_of_lists_gives_lists() -> None:
    data = table()[["parcels", "amount"]].to_numpy().tolist()
    made = trained(rows=data).generate_synthetic_data(data, 4)
    assert [len(row) for row in made] == [2, 2, 2, 2]


def records() -> list[dict[str, object]]:
    """Dicts with whole numbers, one key that may be None and one that may be absent."""
    rows: list[dict[str, object]] = []
    for i, (kind, amount) in enumerate(table(120)[["kind", "amount"]].itertuples(index=False)):
        row: dict[str, object] = {"kind": kind, "parcels": 1 + i % 3 if i % 4 else None, "amount": amount}
        rows.append(row if i % 5 else {**row, "note": "estorno"})
    return rows


def test_dicts_give_dicts_and_only_the_new_ones_are_marked() -> None:
    data = records()
    before = json.dumps(data)
    made = trained(rows=data).generate_synthetic_data(data, 60)
    assert json.dumps(data) == before
    assert all(row["is_synthetic"] is True for row in made)
    assert {type(row["parcels"]) for row in made} == {int, type(None)}
    assert {type(row["amount"]) for row in made} == {float}
    assert {row.get("note") for row in made} == {None, "estorno"}
    assert all(row["note"] is not None for row in made if "note" in row)
    assert [key for key in made[0] if key not in {"note", "is_synthetic"}] == ["kind", "parcels", "amount"]


@pytest.mark.parametrize("as_dicts", [False, True])
def test_synthetic_rows_are_never_the_parents_of_others(as_dicts: bool) -> None:
    data = table(60)[["kind", "amount"]].assign(is_synthetic=np.arange(60) > 50)
    with pytest.raises(InvalidDataError, match="9 rows are marked"):
        AdvancedSyntheticDataGenerator(MIXTURE).train_models(data.to_dict("records") if as_dicts else data)


def test_an_arrow_table_is_learned_from_and_its_rows_come_as_a_frame() -> None:
    pa = pytest.importorskip("pyarrow")
    data = pa.Table.from_pandas(table()[["kind", "parcels"]])
    made = trained(rows=data).generate_synthetic_data(data)
    assert isinstance(made, pd.DataFrame)
    assert made.shape == (120, 2)
    marked = data.append_column("is_synthetic", pa.array([True] * 240))
    with pytest.raises(InvalidDataError, match="240 rows are marked"):
        trained(rows=marked)


@pytest.mark.parametrize(
    "data", [np.arange(3.0), pd.DataFrame(), pd.DataFrame({"is_synthetic": [False, False]}), [], None]
)
def test_what_is_no_table_is_refused(data: Any) -> None:
    with pytest.raises(InvalidDataError):
        AdvancedSyntheticDataGenerator(MIXTURE).train_models(data)


def test_other_columns_than_the_trained_ones_are_refused() -> None:
    with pytest.raises(InvalidDataError, match="were trained on"):
        trained().generate_synthetic_data(table()[["kind", "amount"]])


def test_generating_trains_where_nothing_was_trained() -> None:
    maker = AdvancedSyntheticDataGenerator({"methods": ["mixture"], "sample_size_ratio": 0.25})
    assert len(maker.generate_synthetic_data(table(100))) == 25
    assert maker.best_method_ == "mixture"


@pytest.mark.parametrize(("n", "wanted"), [(0, 0), (1, 1), (None, 1)])
def test_counts_are_exact_for_few_rows_too(n: int | None, wanted: int) -> None:
    data = table(3)[["kind", "amount"]]
    assert len(trained({"methods": ["mixture"], "sample_size_ratio": 0.01}, data).generate_synthetic_data(data, n)) == (
        wanted
    )


# Conditions


@pytest.mark.parametrize("method", ["mixture", "autoregressive", "vae", "cgan", "gan"])
def test_conditional_rows_have_exactly_what_was_asked(method: str) -> None:
    maker = trained({"methods": [method], "target": "kind"})
    made = maker.generate_conditional_synthetic_data({"kind": "tarifa", "paid": True}, 17)
    assert made[["kind", "paid"]].drop_duplicates().to_numpy().tolist() == [["tarifa", True]]
    assert len(made) == 17
    wishes = pd.DataFrame({"kind": ["pix", "tarifa", "pix", "boleto"]})
    assert list(maker.generate_conditional_synthetic_data(wishes, 4)["kind"]) == list(wishes["kind"])


def test_conditions_that_cannot_be_are_errors_that_name_them() -> None:
    maker = trained()
    with pytest.raises(ColumnNotFoundError, match="knd"):
        maker.generate_conditional_synthetic_data({"knd": "pix"}, 2)
    with pytest.raises(InvalidDataError, match="ted"):
        maker.generate_conditional_synthetic_data({"kind": "ted"}, 2)


def test_where_the_best_method_does_not_find_such_rows_the_next_one_makes_them(
    pair: AdvancedSyntheticDataGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_found(*_: object, **__: object) -> pd.DataFrame:
        raise UnmetConditionsError("5 of 8 rows were not found in 20 tries.")

    monkeypatch.setattr(pair, "best_method_", "gan")
    monkeypatch.setattr(pair.models_["gan"], "sample", not_found)
    assert list(pair.generate_conditional_synthetic_data({"kind": "tarifa"}, 8)["kind"]) == ["tarifa"] * 8
    monkeypatch.setattr(pair.models_["vae"], "sample", not_found)
    with pytest.raises(UnmetConditionsError):
        pair.generate_conditional_synthetic_data({"kind": "tarifa"}, 8)


# The choice


def test_the_pick_is_the_method_whose_probe_is_nearest_a_half(pair: AdvancedSyntheticDataGenerator) -> None:
    probes = {method: result.probe for method, result in pair.results_.items()}
    assert None not in probes.values()
    assert pair.best_method_ == min(probes, key=lambda method: abs(float(probes[method] or 0) - 0.5))


@pytest.mark.parametrize(
    ("probes", "best"),
    [([0.8, 0.6], "gan"), ([0.55, 0.3], "vae"), ([0.5, 0.5], "vae"), ([0.6, 0.41], "gan")],
)
def test_the_distance_of_the_probe_decides_on_either_side(
    probes: list[float], best: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = iter(probes)
    monkeypatch.setattr(module, "probe_tables", lambda *_: next(queue))
    maker = trained({"methods": ["vae", "gan"]}, table(60))
    assert [result.probe for result in maker.results_.values()] == probes
    assert maker.best_method_ == best
    card = maker.models_[best].card_
    assert card.training["probe"] == probes[["vae", "gan"].index(best)]
    assert f"{card.training['probe']:.3g}" in card.to_markdown()


def test_the_probe_sees_the_rows_that_no_method_has_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]] = []
    monkeypatch.setattr(module, "probe_tables", lambda *parts: seen.append(parts[:3]) or 0.5)
    data = table(200).assign(number=np.arange(200))
    maker = trained(rows=data)
    train, held, made = seen[0]
    assert maker.models_["mixture"].card_.n_rows == len(train) == 160
    assert len(made) == len(held) == 40
    assert sorted([*train["number"], *held["number"]]) == list(range(200))
    assert trained(rows=table(49)).results_["mixture"].probe is None


def test_given_held_out_rows_are_the_ones_compared_with_and_all_others_train() -> None:
    maker = AdvancedSyntheticDataGenerator(MIXTURE)
    result = maker.train_models(table(100), held_out=table(80, seed=1))
    assert maker.models_["mixture"].card_.n_rows == 100
    assert result["mixture"]["probe"] is not None


def test_mixed_methods_share_the_rows_equally(
    pair: AdvancedSyntheticDataGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, int] = {}
    for method, model in pair.models_.items():
        real = model.sample

        def counted(n: int, *, real: Any = real, method: str = method, **options: Any) -> pd.DataFrame:
            asked[method] = n
            return real(n, **options)

        monkeypatch.setattr(model, "sample", counted)
    monkeypatch.setattr(pair, "results_", {name: MethodResult(name, True, 0.55) for name in pair.models_})
    monkeypatch.setitem(pair.config, "mix", True)
    assert len(pair.generate_synthetic_data(table(), 41)) == 41
    assert sorted(asked.values()) == [20, 21]
    asked.clear()
    pair.results_["gan"] = MethodResult("gan", success=True, probe=0.6)
    monkeypatch.setattr(pair, "best_method_", "vae")
    pair.generate_synthetic_data(table(), 41)
    assert asked == {"vae": 41}


def fails(self: object, *_: object, **__: object) -> object:
    raise TrainingDivergedError("The loss became NaN at step 3. Lower the learning rate.")


def test_a_method_that_fails_is_recorded_and_said_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FAMILIES["vae"], "fit", fails)
    maker = AdvancedSyntheticDataGenerator({"methods": ["vae", "mixture"]})
    with pytest.warns(TrainingWarning, match="'vae' was not trained: The loss became NaN"):
        results = maker.train_models(table(60))
    assert results["vae"]["success"] is False
    assert "step 3" in results["vae"]["error"]
    assert (maker.best_method_, list(maker.models_)) == ("mixture", ["mixture"])


def test_where_all_fail_the_first_reason_is_the_answer_and_older_models_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    maker = trained()
    monkeypatch.setattr(FAMILIES["mixture"], "fit", fails)
    with pytest.raises(TrainingDivergedError, match="step 3"):
        maker.train_models(table(60))
    assert len(maker.generate_synthetic_data(table(), 3)) == 3


def test_a_target_that_is_no_column_is_an_error() -> None:
    with pytest.raises(ColumnNotFoundError, match="knd"):
        trained({"methods": ["mixture"], "target": "knd"})


def test_the_target_of_an_array_may_be_its_number() -> None:
    data = table()[["parcels", "amount"]].to_numpy()
    assert trained({"methods": ["mixture"], "target": 0}, data).models_["mixture"].target_ == "0"


def test_progress_tells_each_method_and_a_cancelled_training_keeps_nothing() -> None:
    told: list[Progress] = []
    maker = AdvancedSyntheticDataGenerator({"methods": ["mixture", "vae"]})
    maker.train_models(table(60), epochs=1, progress=told.append)
    assert [at.done for at in told if at.step.startswith("method ")] == [0, 1]
    other = AdvancedSyntheticDataGenerator({"methods": ["mixture", "vae"]})
    with pytest.raises(CancelledError):
        other.train_models(table(60), cancel=lambda: True)
    assert other.models_ == {}


def test_the_time_is_shared_by_the_methods_that_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 100.0, 104.0, 111.0])  # start, then one look before each method
    monkeypatch.setattr(module, "monotonic", lambda: next(clock))
    maker = AdvancedSyntheticDataGenerator({"methods": ["vae", "mixture", "gan"], "max_time_s": 9.0})
    with pytest.warns(TrainingWarning, match="9 s were spent"):
        results = maker.train_models(table(60), epochs=1)
    assert maker.models_["vae"].training.max_time_s == 3.0
    assert results["gan"]["success"] is False
    assert list(maker.models_) == ["vae", "mixture"]


# Quality


def test_quality_is_what_evaluate_measures_on_the_same_rows() -> None:
    maker = trained()
    metrics = maker.get_quality_metrics()
    train, held = maker._parts or (table(), None)
    stream = child(seed_sequence(42), module.MEASURE, 0)
    made = maker.models_["mixture"].sample(len(train), random_state=stream)
    report = evaluate(train, made, holdout=held, depth="quick")
    assert metrics["overall_quality_score"] == report.overall.value
    assert metrics["quality_grade"] == report.grade
    assert metrics["best_method"] == "mixture"
    assert metrics["methods"]["mixture"]["probe"] == maker.results_["mixture"].probe
    assert maker.get_quality_metrics() is metrics


def test_quality_is_measured_again_after_another_training() -> None:
    maker = trained()
    first = maker.get_quality_metrics()
    maker.train_models(table(200, seed=5))
    assert maker.get_quality_metrics() is not first


@pytest.mark.parametrize("call", ["get_quality_metrics", "save_models", "generate_conditional_synthetic_data"])
def test_before_a_training_there_is_an_error_and_no_number(call: str, tmp_path: Path) -> None:
    arguments = {"save_models": (tmp_path,), "generate_conditional_synthetic_data": ({"kind": "pix"}, 2)}
    with pytest.raises(NotFittedError, match="train_models"):
        getattr(AdvancedSyntheticDataGenerator(), call)(*arguments.get(call, ()))


def test_validation_lists_every_break_of_the_schema() -> None:
    data = table()
    maker = AdvancedSyntheticDataGenerator(MIXTURE)
    fine = maker.validate_synthetic_data(data, data.iloc[::-1].reset_index(drop=True))
    assert (fine["is_valid"], fine["issues"]) == (True, [])
    assert fine["overall_quality_score"] == fine["report"]["overall_quality_score"] is not None
    wrong = data.assign(parcels=data["parcels"] + 0.5, kind="ted", amount=data["amount"].where(data["paid"]), more=1)
    found = maker.validate_synthetic_data(data, wrong)
    assert found["is_valid"] is False
    for said in ("'more' is not in", "'parcels' is float64", "'kind' has 240 values", "'amount' has"):
        assert any(said in issue for issue in found["issues"]), said
    assert found["report"] is not None


def test_without_all_columns_nothing_is_scored() -> None:
    found = AdvancedSyntheticDataGenerator(MIXTURE).validate_synthetic_data(table(), table()[["kind", "amount"]])
    assert found["is_valid"] is False
    assert len(found["issues"]) == 4
    assert found["overall_quality_score"] is found["quality_grade"] is found["report"] is None


def test_dicts_are_validated_without_their_mark() -> None:
    data = records()
    maker = trained(rows=data)
    assert maker.validate_synthetic_data(data, maker.generate_synthetic_data(data, 120))["is_valid"]


# Seeds and archives


def test_the_same_seed_gives_the_same_rows_and_every_call_other_ones() -> None:
    config = {"methods": ["mixture", "vae"], "random_state": 7}
    one, two = trained(config), trained(config)
    first = one.generate_synthetic_data(table(), 20)
    pd.testing.assert_frame_equal(first, two.generate_synthetic_data(table(), 20))
    assert not first.equals(one.generate_synthetic_data(table(), 20))
    other = trained({**config, "random_state": 8}).generate_synthetic_data(table(), 20)
    assert not first.equals(other)


def test_loaded_models_go_on_as_the_saved_ones_would(pair: AdvancedSyntheticDataGenerator, tmp_path: Path) -> None:
    pair.generate_synthetic_data(table(), 2)
    pair.save_models(tmp_path / "new" / "models")
    loaded = AdvancedSyntheticDataGenerator()
    loaded.load_models(tmp_path / "new" / "models")
    assert (loaded.best_method_, loaded.config) == (pair.best_method_, pair.config)
    assert loaded.results_ == pair.results_
    wishes = {"kind": "tarifa"}
    pd.testing.assert_frame_equal(
        loaded.generate_synthetic_data(table(), 30), pair.generate_synthetic_data(table(), 30)
    )
    pd.testing.assert_frame_equal(
        loaded.generate_conditional_synthetic_data(wishes, 5), pair.generate_conditional_synthetic_data(wishes, 5)
    )


def test_measured_quality_is_saved_and_what_was_not_measured_is_not_made_up(tmp_path: Path) -> None:
    maker, loaded = trained(), AdvancedSyntheticDataGenerator()
    maker.save_models(tmp_path / "before")
    loaded.load_models(tmp_path / "before")
    with pytest.raises(NotFittedError, match="not measured before"):
        loaded.get_quality_metrics()
    metrics = maker.get_quality_metrics()
    maker.save_models(tmp_path / "after")
    loaded.load_models(tmp_path / "after")
    assert loaded.get_quality_metrics() == json.loads(json.dumps(metrics))


def test_an_archive_holds_no_rows_and_nothing_that_runs_code(tmp_path: Path) -> None:
    trained().save_models(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["generator.json", "mixture.cps"]
    state = json.loads((tmp_path / "generator.json").read_text(encoding="utf-8"))
    keys = {"protocol", "config", "batch_given", "best_method", "results", "quality", "n_draws", "dicts"}
    assert set(state) == keys
    assert state["dicts"] is None  # the form of dicts, where dicts trained


def changed(folder: Path, **values: object) -> None:
    state = json.loads((folder / "generator.json").read_text(encoding="utf-8"))
    (folder / "generator.json").write_text(json.dumps({**state, **values}), encoding="utf-8")


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"protocol": 2}, NewerArchiveError),
        ({"protocol": "1"}, CorruptArchiveError),
        ({"best_method": "gan"}, CorruptArchiveError),
        ({"results": [{"method": "../mixture", "success": True}], "best_method": "../mixture"}, CorruptArchiveError),
        ({"results": [{"name": "mixture"}]}, CorruptArchiveError),
        ({"config": {"methds": []}}, CorruptArchiveError),
        ({"dicts": {"nulls": ["kind"]}}, CorruptArchiveError),
    ],
)
def test_a_damaged_or_newer_archive_is_refused_with_its_code(
    values: dict[str, object], error: type[Exception], tmp_path: Path
) -> None:
    trained().save_models(tmp_path)
    changed(tmp_path, **values)
    maker = trained()
    before = dict(maker.models_)
    with pytest.raises(error) as caught:
        maker.load_models(tmp_path)
    assert type(caught.value) is error
    assert maker.models_ == before


def test_what_is_not_there_or_is_no_json_or_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match=r"generator\.json"):
        AdvancedSyntheticDataGenerator().load_models(tmp_path)
    (tmp_path / "generator.json").write_text("{", encoding="utf-8")
    with pytest.raises(CorruptArchiveError):
        AdvancedSyntheticDataGenerator().load_models(tmp_path)
    with pytest.raises(FileUnwritableError):
        trained().save_models(tmp_path / "generator.json" / "models")


# Without torch


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)


@pytest.mark.usefixtures("without_torch")
def test_without_torch_the_mixture_works_from_training_to_archive(tmp_path: Path) -> None:
    maker = trained()
    maker.save_models(tmp_path)
    loaded = AdvancedSyntheticDataGenerator()
    loaded.load_models(tmp_path)
    made = loaded.generate_conditional_synthetic_data({"kind": "tarifa"}, 5)
    assert list(made["kind"]) == ["tarifa"] * 5
    assert maker.get_quality_metrics()["overall_quality_score"] is not None


@pytest.mark.usefixtures("without_torch")
@pytest.mark.parametrize("method", sorted(set(FAMILIES) - {"mixture"}))
def test_without_torch_a_network_is_answered_with_the_pip_command_before_anything_trains(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FAMILIES["mixture"], "fit", fails)
    with pytest.raises(MissingExtraError, match=r"pip install 'contrapeso\[deep\]'"):
        AdvancedSyntheticDataGenerator({"methods": ["mixture", method]}).train_models(table(60))


@pytest.mark.usefixtures("without_torch")
def test_without_torch_auto_is_the_mixture() -> None:
    maker = trained({"methods": ["auto"]})
    assert list(maker.models_) == ["mixture"]


# Containers of conditional rows


def test_conditional_rows_come_in_the_container_that_was_trained_on(tmp_path: Path) -> None:
    dicts = [
        row | {"parcels": None if i % 5 == 0 else row["parcels"]} for i, row in enumerate(table().to_dict("records"))
    ]
    maker = AdvancedSyntheticDataGenerator(MIXTURE)
    maker.train_models(dicts)
    maker.save_models(tmp_path)
    loaded = AdvancedSyntheticDataGenerator()
    loaded.load_models(tmp_path)
    for each in (maker, loaded):
        rows = each.generate_conditional_synthetic_data({"kind": "tarifa"}, 40)
        assert isinstance(rows, list)
        assert {row["is_synthetic"] for row in rows} == {True}
        assert {row["kind"] for row in rows} == {"tarifa"}
        assert list(rows[0]) == list(each.generate_synthetic_data(dicts, 1)[0])
        assert {type(row["parcels"]) for row in rows} == {int, type(None)}
        with pytest.raises(InvalidDataError, match="is_synthetic"):
            each.train_models(rows)


def test_conditional_rows_of_arrays_and_marked_frames_are_like_the_unconditional_ones() -> None:
    values = np.random.default_rng(0).normal(size=(80, 2)).round(1)
    maker = AdvancedSyntheticDataGenerator(MIXTURE)
    maker.train_models(values)
    rows = maker.generate_conditional_synthetic_data({"0": values[3, 0]}, 4)
    assert isinstance(rows, np.ndarray)
    assert rows[:, 0].tolist() == [values[3, 0]] * 4
    frame = table().assign(is_synthetic=False).rename(columns={"paid": 7})
    maker.train_models(frame)
    made = maker.generate_conditional_synthetic_data({7: True}, 4)
    assert list(made.columns) == list(maker.generate_synthetic_data(frame, 4).columns) == list(frame.columns)
    assert made["is_synthetic"].all()
