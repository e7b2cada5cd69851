"""Quality assessment against ``sdmetrics``: one pass over every column and every pair.

The table is simulated: 100,000 rows and 30 columns (17 numeric, skewed, whole and with nulls; 3 dates; 10
categorical with 2 to 2,000 categories, Zipf), with latent factors behind them. The synthetic table is a draw with
weaker dependence, another scale and another share of nulls.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._record import Case, Pair, Record, Spread, compare, measure, pair_case, peak_case, wall_case

N_ROWS = 100_000
N_ROWS_LARGE = 500_000
TARGET_CPU_RATIO = 1 / 12
TARGET_CPU_RATIO_LARGE = 1 / 8
TARGET_PEAK_LARGE_MIB = 1.2 * 1024


def simulate(n_rows: int, seed: int, *, strength: float = 1.0) -> pd.DataFrame:
    """A table of 30 columns that depend on three latent factors by ``strength``."""
    rng, loadings = np.random.default_rng(seed), np.random.default_rng(7)
    factors = rng.normal(size=(n_rows, 3))
    columns: dict[str, Any] = {}
    for j in range(17):
        column = strength * factors @ loadings.normal(size=3) + rng.normal(size=n_rows)
        if j % 4 == 1:
            column = np.round(np.exp(column / 2) * 100, 2)
        if j % 4 == 2:
            column = np.rint(column * 10)
        if j % 4 == 3:
            column[rng.random(n_rows) < 0.05 * strength] = np.nan
        columns[f"number_{j}"] = column
    for j in range(3):
        days = np.clip(rng.normal(365 + 100 * factors[:, j], 60), 0, 900).astype(int)
        columns[f"date_{j}"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(days, unit="D")
    for j, n_categories in enumerate((2, 2, 3, 5, 8, 16, 42, 100, 500, 2000)):
        zipf = np.cumsum(1 / np.arange(1, n_categories + 1))
        uniform = 1 / (1 + np.exp(-1.7 * (strength * factors[:, j % 3] + rng.normal(size=n_rows)) / 1.4))
        codes = np.searchsorted(zipf / zipf[-1], uniform)
        columns[f"label_{j}"] = np.array([f"value {k}" for k in range(n_categories)], dtype=object)[codes]
    return pd.DataFrame(columns)


def limit_threads(*, one_thread: bool) -> None:
    """Keep this process to one core: threads that spin while they wait are CPU time too."""
    if one_thread:
        from threadpoolctl import threadpool_limits

        threadpool_limits(1)
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def core_pass(n_rows: int, *, one_thread: bool = False) -> Callable[[], object]:
    """Codes, KS, Wasserstein, total variation, all pairs with intervals, Spearman: what the report is made of."""
    from contrapeso.metrics import ks_and_wasserstein as ks
    from contrapeso.metrics import spearman_of_sorted, tv_of_shares
    from contrapeso.quality._given import check, read
    from contrapeso.quality._measure import CodedNumbers, code_columns, measure
    from contrapeso.quality._reference import build_reference
    from contrapeso.tables import infer_schema

    limit_threads(one_thread=one_thread)
    real, synthetic = simulate(n_rows, 1), simulate(n_rows, 2, strength=0.8)
    schema = infer_schema(real)

    def run() -> object:
        given = check(real, synthetic, holdout=None, schema=schema, target=None, rules=None, seed=0, thresholds=None)
        tables = read(given)
        reference = build_reference(tables.classes, tables.keys, 0)
        coded = code_columns(tables.columns.compared, reference.real, len(synthetic), None)
        measured = measure(coded, reference, None)
        numeric = [item for item in coded if isinstance(item, CodedNumbers)]
        distances = [ks(item.sorted_real, item.sorted_synthetic) for item in numeric]
        shares = [tv_of_shares(column.p, column.q) for column in measured.columns]
        sides = zip(*((item.sorted_real, item.sorted_synthetic) for item in numeric), strict=True)
        correlations = [spearman_of_sorted(side) for side in sides]
        return {
            "pairs_scored": len(measured.pairs.score),
            "pairs_dependent": int((~np.isnan(measured.pairs.score)).sum()),
            "score": round(float(measured.pairs.total()[0]), 4),
            "columns": len(distances) + len(shares) + len(correlations),
        }

    return run


def whole_evaluate(n_rows: int) -> Callable[[], object]:
    """``evaluate`` from two DataFrames to the report, schema inference, bars and recommendations included."""
    from contrapeso.quality import evaluate

    real, synthetic = simulate(n_rows, 1), simulate(n_rows, 2, strength=0.8)

    def run() -> object:
        report = evaluate(real, synthetic)
        return {"score": round(report.overall.value or 0.0, 4), "grade": report.grade}

    return run


def sdmetrics_report(n_rows: int, *, one_thread: bool = False) -> Callable[[], object]:
    """``QualityReport.generate`` as it comes: 50,000 rows sampled, pairs without a strong trend skipped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the one-table report is deprecated in favour of one that wants many tables
        from sdmetrics.reports.single_table import QualityReport

    limit_threads(one_thread=one_thread)
    real, synthetic = simulate(n_rows, 1), simulate(n_rows, 2, strength=0.8)
    kinds = {"n": "numerical", "d": "datetime", "l": "categorical"}
    metadata = {"columns": {name: {"sdtype": kinds[str(name)[0]]} for name in real}}

    def run() -> object:
        report = QualityReport()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            report.generate(real, synthetic, metadata, verbose=False)
            details = report.get_details("Column Pair Trends")
        return {"pairs_scored": int(details["Score"].notna().sum()), "score": round(float(report.get_score()), 4)}

    return run


def run() -> Record:
    core = compare(core_pass, sdmetrics_report, {"n_rows": N_ROWS}, repeat=5)
    single = compare(core_pass, sdmetrics_report, {"n_rows": N_ROWS, "one_thread": True}, repeat=5)
    large = compare(core_pass, sdmetrics_report, {"n_rows": N_ROWS_LARGE, "one_thread": True}, repeat=5)
    whole = measure(whole_evaluate, {"n_rows": N_ROWS}, repeat=5, warmup=1)
    rival = "sdmetrics QualityReport"
    return Record(
        "Quality assessment",
        "Simulated rows, 30 columns, against as many: all columns and all 435 pairs, every row.",
        [
            cpu_case("Core pass, 100,000 x 30, CPU, one core", single, TARGET_CPU_RATIO),
            pair_case("Core pass, 100,000 x 30, wall", core, rival),
            pair_case("Core pass, 100,000 x 30, peak memory", core, rival, of="peak"),
            cpu_case("Core pass, 500,000 x 30, CPU, one core", large, TARGET_CPU_RATIO_LARGE),
            replace(
                pair_case("Core pass, 500,000 x 30, peak memory", large, rival, of="peak"),
                target=TARGET_PEAK_LARGE_MIB,
                judged="measured",
            ),
            wall_case("evaluate(), 100,000 x 30, to the finished report", whole),
            peak_case("evaluate(), 100,000 x 30, peak memory", whole),
        ],
        packages=("numpy", "pandas", "scipy", "sdmetrics"),
        notes=(
            (
                f"Pairs scored: ours {core.ours.facts['pairs_scored']} with intervals from 20 row groups, "
                f"sdmetrics {core.rival.facts['pairs_scored']} (the others have no strong trend in its sense)."
            ),
            (
                f"Scores are not comparable: pair score ours {core.ours.facts['score']}, "
                f"sdmetrics overall {core.rival.facts['score']}."
            ),
            "The core pass starts from two DataFrames and a schema, and is at least what QualityReport computes.",
        ),
    )


def cpu_case(claim: str, pair: Pair, target: float) -> Case:
    """Case on CPU seconds; the ratio is of the medians, its spread from the extremes."""
    ours, rival = pair.ours.cpu_s, pair.rival.cpu_s
    ratio = Spread(ours.median / rival.median, ours.low / rival.high, ours.high / rival.low, ours.n)
    return Case(
        claim, ours, "s", target, "lower", "ratio", rival, "sdmetrics QualityReport", ratio,
        f"Target: at least {round(1 / target)} times less CPU.",
    )  # fmt: skip


__all__ = ["run"]
