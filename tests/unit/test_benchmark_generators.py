"""The judge of the generators finds what was planted, and runs are kept and rendered part by part."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks import (
    _generation,
    _generation_fit,
    _generation_plan,
    _generation_runs,
    generators,
    generators_minority,
    generators_rivals,
)
from benchmarks._generation_fit import FAMILIES
from benchmarks._generation_plan import Asked, from_arguments, from_environment, jobs
from benchmarks._generation_runs import Run, keep, load
from benchmarks._generation_tables import SOURCES, Split, frames, split, stratified_halves
from benchmarks._record import BenchmarkError

ROWS = 400


def people(n: int, seed: int) -> pd.DataFrame:
    """A number, a category that depends on it, a day, and a target of both."""
    rng = np.random.default_rng(seed)
    age = rng.normal(40, 10, n).round(2)
    work = np.where(age + rng.normal(0, 3, n) > 40, "office", "field")
    rich = (age + 10 * (work == "office") + rng.normal(0, 5, n) > 45).astype(int)
    day = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 365, n), unit="D")
    return pd.DataFrame({"age": age, "work": work, "day": day, "rich": rich})


KINDS: dict[str, Any] = {"age": "number", "work": "category", "day": "date", "rich": "category"}
PARTS = Split(people(ROWS, 0), people(ROWS, 1), KINDS, "rich")


def run(**changes: Any) -> Run:
    fields: dict[str, Any] = dict.fromkeys(Run.__dataclass_fields__, 0.5)
    texts = {"generator": "Autoregressive", "table": "adult", "protocol": "half", "version": "", "judge": "x 1"}
    return Run(
        **fields | texts | {"seed": 0, "n_rows": 10, "copies_train": 1, "copies_held": 2, "commit": ""} | changes
    )


def test_fresh_rows_are_not_told_apart_and_are_no_copies() -> None:
    found = _generation.judge(PARTS, people(ROWS, 2))
    assert 0.4 < found.c2st_held < 0.6
    assert 40 < found.dcr_share < 60
    assert 0.4 < found.mia < 0.6
    assert found.copies_train == found.copies_held == 0
    assert found.copies_z == 0
    assert found.tstr is not None
    assert found.tstr > 0.8


def test_independent_columns_keep_the_shape_and_are_told_apart() -> None:
    made = PARTS.train.apply(lambda column: column.sample(frac=1, random_state=len(str(column.name))).to_numpy())
    found = _generation.judge(PARTS, made)
    assert found.shape_error == pytest.approx(0, abs=1e-9)
    assert found.trend_error > _generation.floor(PARTS).trend_error + 5
    assert found.c2st_held > 0.7
    assert found.score_train == pytest.approx(2 - 2 * found.c2st_train)


def test_a_copy_of_the_learnt_rows_fails_every_privacy_figure() -> None:
    found = _generation.judge(PARTS, PARTS.train)
    assert found.copies_train == ROWS
    assert found.copies_z > 10
    assert found.dcr_share > 99
    assert found.mia > 0.95
    assert found.trend_error == pytest.approx(0, abs=1e-9)


def test_whole_numbers_as_floats_and_categories_as_strings_are_the_same_rows() -> None:
    made = PARTS.train.astype({"rich": "float64", "work": "string"})
    assert _generation.judge(PARTS, made) == _generation.judge(PARTS, PARTS.train)


def test_trends_are_those_of_a_slow_count() -> None:
    """Two dependent categories: half the sum of the differences of the joint shares."""
    real, made = PARTS.train[["work", "rich"]], PARTS.held[["work", "rich"]]
    shares = [frame.value_counts(normalize=True) for frame in (real, made)]
    slow = 50 * shares[0].sub(shares[1], fill_value=0).abs().sum()
    kinds: dict[str, Any] = {"work": "category", "rich": "category"}
    assert _generation.shape_and_trend(real, made, kinds)[1] == pytest.approx(slow)


def test_codes_agree_between_tables_and_null_is_minus_one() -> None:
    one, two = pd.DataFrame({"c": ["b", "a", None]}), pd.DataFrame({"c": ["a", "z"]})
    (_, first), (_, second) = _generation.coded([one, two], {"c": "category"})
    assert first[:, 0].tolist() == [1, 0, -1]
    assert second[:, 0].tolist() == [0, 2]


def test_a_target_of_one_class_teaches_nothing() -> None:
    assert _generation.tstr_auc(PARTS.train[PARTS.train["rich"] == 1], PARTS) == 0.5
    assert _generation.tstr_auc(PARTS.train, replace(PARTS, target=None)) is None


def test_a_run_measured_again_replaces_its_row(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    keep([run(), run(seed=1, tstr=None)], path)
    keep([run(fit_cpu_s=7.25)], path)
    assert load(path) == [run(fit_cpu_s=7.25), run(seed=1, tstr=None)]
    assert load(tmp_path / "none.csv") == []


def test_a_part_of_the_plan_is_asked_for_by_arguments_or_by_the_environment() -> None:
    plan = list(jobs((("A", "B"), ("t", "u"), "half", (0, 1))))
    by_words = from_arguments("generators", ["--families", "A", "--seeds", "1"])
    by_names = from_environment({"CONTRAPESO_BENCH_FAMILIES": "A", "CONTRAPESO_BENCH_SEEDS": "1"})
    assert by_words == by_names
    assert [job for job in plan if by_words.takes(job)] == [("A", "t", "half", 1), ("A", "u", "half", 1)]
    assert all(map(Asked().takes, plan))
    assert not any(map(from_arguments("generators", ["--render"]).takes, plan))


def test_one_failing_generator_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def measure(family: str, table: str, seed: int, protocol: str, *, rival: bool) -> Run:
        if family == "A":
            raise BenchmarkError("A fails")
        return run(generator=family, table=table, seed=seed)

    monkeypatch.setattr(_generation_plan, "measure", measure)
    path = tmp_path / "runs.csv"
    kept = _generation_plan.carry_out(jobs((("A", "B"), ("t",), "half", (0,))), Asked(), path=path)
    assert [one.generator for one in kept] == ["B"]
    with pytest.raises(BenchmarkError, match="None of the 1 runs"):
        _generation_plan.carry_out(jobs((("A",), ("t",), "half", (0,))), Asked(), path=path)


class Bootstrap:
    """A generator that draws the learnt rows with replacement."""

    def fit(self, table: pd.DataFrame, target: str | None = None) -> None:
        self.table, self.target = table, target

    def sample(self, n: int = 0, *, n_per_class: Any = None, random_state: int) -> pd.DataFrame:
        if n_per_class is None:
            return self.table.sample(n, replace=True, random_state=random_state)
        groups = self.table.groupby(self.target)
        return pd.concat([groups.get_group(label).sample(m, replace=True) for label, m in n_per_class.items()])


@pytest.mark.parametrize("words", [["--rows", "7"], ["--target", "rich", "--per-class", "[[0, 3], [1, 4]]"]])
def test_the_fitting_process_writes_the_rows_and_says_the_costs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    train, out = tmp_path / "train.parquet", tmp_path / "out.parquet"
    PARTS.train.to_parquet(train)
    monkeypatch.setattr(_generation_fit, "synthesizer", lambda family, seed, options: Bootstrap())
    monkeypatch.setattr("sys.argv", ["fit", "Mixture", str(train), str(out), *words])
    _generation_fit.main()
    costs = json.loads(capsys.readouterr().out.splitlines()[-1])
    made = pd.read_parquet(out)
    assert len(made) == 7
    assert "--rows" in words or made["rich"].tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert {"fit_cpu_s", "sample_cpu_s", "peak_mib"} <= set(costs)


def test_a_rival_without_interpreter_is_a_benchmark_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONTRAPESO_RIVALS_PYTHON", raising=False)
    with pytest.raises(BenchmarkError, match="CONTRAPESO_RIVALS_PYTHON"):
        _generation_runs.fitted("CTGAN", PARTS, 5, 0, rival=True)


@pytest.mark.parametrize("method", ["none", "weights", "SMOTENC"])
def test_minority_rows_of_a_method_are_scored(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    few = PARTS.train.drop(columns="day")
    few = few[(few["rich"] == 0) | (few.index % 5 == 0)].reset_index(drop=True)
    kinds: dict[str, Any] = {name: kind for name, kind in KINDS.items() if name != "day"}
    parts = Split(few, PARTS.held.drop(columns="day"), kinds, "rich")
    monkeypatch.setattr(generators_minority, "stratified_halves", lambda name, seed: parts)
    found = generators_minority.measure(method, "german", 0)
    missing = int((few["rich"] == 0).sum() - (few["rich"] == 1).sum())
    assert found.n_new == (missing if method == "SMOTENC" else 0)
    assert found.trees_ap > 0.6
    assert (found.c2st is None) == (method != "SMOTENC")


def test_the_record_has_the_targets_and_the_ratios_to_the_rivals() -> None:
    ours = [
        run(seed=seed, protocol=protocol, fit_cpu_s=10.0 + seed)
        for seed in (0, 1)
        for protocol in ("half", "published")
    ]
    rivals = [run(generator="CTGAN", fit_cpu_s=1000.0, shape_error=10.0)]
    cases = {case.claim: case for case in generators.record(ours, rivals).cases}
    fit = cases["Autoregressive against CTGAN, half of Adult: fit, CPU"]
    assert fit.ratio is not None
    assert fit.ratio.median == pytest.approx(0.0105)
    assert fit.met
    assert cases["Autoregressive, Adult (10 rows): held-out C2ST AUC"].met
    assert cases["Autoregressive, Adult (10 rows, published division): shape error"].met is False
    assert len(generators_rivals.record(rivals).cases) == len(generators_rivals.CLAIMS)
    with pytest.raises(BenchmarkError):
        generators.record([], rivals)


def test_the_plan_names_families_and_tables_that_there_are() -> None:
    assert {job[0] for job in generators.PLAN} == set(FAMILIES)
    assert {job[1] for job in generators.PLAN} <= set(SOURCES)
    assert len(set(generators.PLAN)) == len(generators.PLAN)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["german", "mammography"])
def test_halves_are_disjoint_equally_large_and_all_rows(shared_data: Path, name: str) -> None:
    whole = pd.concat(frames(name))
    parts = split(name, 0)
    assert len(parts.train) == len(parts.held) == len(whole) // 2
    assert set(parts.kinds) == set(whole)
    both = pd.concat([parts.train, parts.held]).value_counts()
    assert (both <= whole.value_counts().reindex(both.index)).all()


@pytest.mark.shared
def test_stratified_halves_hold_as_many_of_the_rarest_class(shared_data: Path) -> None:
    parts = stratified_halves("mammography", 0)
    assert (parts.train["label"] == 1).sum() == (parts.held["label"] == 1).sum() == 130
