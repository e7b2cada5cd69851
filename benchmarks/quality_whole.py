"""The whole assessment on a real table, exact nearest rows, and the size of the page.

Adult (32,561 rows, 15 columns; the holdout is its test part, the synthetic rows are SMOTENC rows of the smaller class
and a shuffled half) from the shared folder; without it only the simulated cases are measured.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks._record import ROOT, Case, Measurement, Record, Spread, compare, measure, pair_case
from benchmarks.quality import limit_threads, simulate

SHARED = ROOT.parent / "shared" / "data"
TARGETS = {"engine": 30.0, "dcr": 6.0, "page": 500.0}


def adult() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Train rows, as many rows with half of their cells exchanged among rows, and the test rows."""
    train, test = (pd.read_parquet(SHARED / f"adult_{part}.parquet") for part in ("train", "test"))
    rng = np.random.default_rng(0)
    made = train.copy()
    for name in made:
        rows = np.flatnonzero(rng.random(len(made)) < 0.5)
        at = np.arange(len(made))
        at[rows] = rows[rng.permutation(rows.size)]
        made[name] = made[name].iloc[at].to_numpy()
    return train, made, test


def whole_engine() -> Callable[[], object]:
    """The class from two DataFrames to the page: scores, joint test, usefulness, attacks, fairness, tests, HTML."""
    from contrapeso.quality import QualityReport, render_html
    from contrapeso.services.quality_assessment_engine import QualityAssessmentEngine

    limit_threads(one_thread=True)
    train, made, test = adult()
    metadata = {"target": "income", "holdout": test, "sensitive": ["sex", "race"], "n_jobs": 1}

    def run() -> object:
        report = QualityAssessmentEngine().assess_synthetic_quality(train, made, metadata)
        page = render_html(QualityReport.from_dict(report["quality_report"]))
        privacy = report["privacy"]["status"]
        return {"grade": report["quality_grade"], "privacy": privacy, "page_kb": round(len(page.encode()) / 1000)}

    return run


def dcr(rows: int | None = None) -> Callable[[], object]:
    """Distance of every synthetic row of Adult to the closest real one, by Gower's definition, on one thread."""
    from contrapeso.kernels import nearest_gower

    left, right, ranges = _coded(rows)

    def run() -> object:
        return {"mean": round(float(nearest_gower(left, right, ranges, n_jobs=1).distances.mean()), 6)}

    return run


def sdmetrics_dcr(rows: int) -> Callable[[], object]:
    """The same distances by sdmetrics, which pairs all rows in a DataFrame."""
    from sdmetrics.single_table.privacy.dcr_utils import calculate_dcr

    train, made, _ = adult()
    metadata = {
        "columns": {
            name: {"sdtype": "numerical" if pd.api.types.is_numeric_dtype(train[name]) else "categorical"}
            for name in train
        }
    }
    train, made = train.head(rows), made.head(rows)

    def run() -> object:
        return {"mean": round(float(np.mean(calculate_dcr(made, train, metadata))), 6)}

    return run


def _coded(rows: int | None) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray], np.ndarray]:
    train, made, _ = (frame.head(rows) if rows else frame for frame in adult())
    numbers = list(train.select_dtypes("number"))
    both = pd.concat([train, made])
    labels = [pd.factorize(both[name])[0].astype(np.int32) for name in train if name not in numbers]
    codes = np.column_stack(labels)
    parts = [
        (np.ascontiguousarray(part[numbers], dtype=np.float64), np.ascontiguousarray(code))
        for part, code in ((train, codes[: len(train)]), (made, codes[len(train) :]))
    ]
    return parts[0], parts[1], (train[numbers].max() - train[numbers].min()).to_numpy(dtype=np.float64)


def page(n_rows: int) -> Callable[[], object]:
    """The page of 30 simulated columns, all sections filled but fairness and sequences."""
    from contrapeso.quality import evaluate, render_html

    real, synthetic = simulate(n_rows, 1), simulate(n_rows, 2, strength=0.8)
    report = evaluate(real, synthetic, holdout=simulate(n_rows, 3), tests=["ks_test", "chi2"])
    return lambda: {"kb": round(len(render_html(report).encode()) / 1000)}


def run() -> Record:
    cases = [_size_case(measure(page, {"n_rows": 20_000}, repeat=1))]
    if (SHARED / "adult_train.parquet").is_file():
        engine = measure(whole_engine, repeat=5, warmup=1, threads=1)
        exact = measure(dcr, repeat=5, warmup=1, threads=1)
        small = compare(dcr, sdmetrics_dcr, {"rows": 1000}, repeat=5, threads=1)
        cases += [
            _cpu_case(
                "Whole engine to the page, Adult 32,561 x 15, CPU, one core", engine, TARGETS["engine"],
                f"Grade {engine.facts['grade']}, privacy {engine.facts['privacy']}, page {engine.facts['page_kb']} kB.",
            ),
            _cpu_case("Exact DCR, 32,561 x 32,561 mixed, CPU, one core", exact, TARGETS["dcr"], "Gower's distance."),
            pair_case("Exact DCR, 1,000 x 1,000 mixed, CPU", small, "sdmetrics calculate_dcr", of="cpu"),
        ]  # fmt: skip
    return Record(
        "Quality assessment, the whole of it",
        "From two DataFrames and a holdout to the page: scores, joint test, usefulness, attacks, fairness, tests.",
        cases,
        packages=("numpy", "pandas", "scipy", "lightgbm", "sdmetrics"),
        notes=("The synthetic rows of Adult are its own with half of the cells exchanged among rows.",),
    )


def _cpu_case(claim: str, found: Measurement, target: float, note: str) -> Case:
    return Case(claim, found.cpu_s, "s", target, note=note)


def _size_case(found: Measurement) -> Case:
    size = found.facts["kb"]
    assert isinstance(size, int)
    return Case("Page, 30 columns, 20,000 rows", Spread.of([size]), "kB", TARGETS["page"], note="One file, no request.")


__all__ = ["run"]
