"""Classical two-sample tests of each numeric column, for display only.

A p-value says how sure a difference is, not how large: with enough rows every difference is "significant". So each
test comes with its effect size, p-values are adjusted for the number of columns, and no score is made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from contrapeso.metrics import js_similarity
from contrapeso.tables import Schema

Floats = NDArray[np.float64]
Found = dict[str, Any]


def _ks_test(real: Floats, synthetic: Floats) -> Found:
    """Kolmogorov-Smirnov distance and p-value."""
    found = stats.ks_2samp(real, synthetic, method="asymp")
    return {"effect": float(found.statistic), "p_value": float(found.pvalue)}


def _mann_whitney(real: Floats, synthetic: Floats) -> Found:
    """``P(synthetic > real) + P(=) / 2`` (0.5 is best) and p-value."""
    found = stats.mannwhitneyu(synthetic, real, method="asymptotic")
    return {"effect": float(found.statistic / (real.size * synthetic.size)), "p_value": float(found.pvalue)}


def _js_divergence(real: Floats, synthetic: Floats) -> Found:
    """Jensen-Shannon distance on quantile cells of the real column; it has no p-value."""
    return {"effect": 1 - js_similarity(real, synthetic)}


TESTS: Mapping[str, Callable[[Floats, Floats], Found]] = {
    "ks_test": _ks_test,
    "mann_whitney": _mann_whitney,
    "js_divergence": _js_divergence,
}


def run_tests(
    original: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema, tests: Sequence[str]
) -> dict[str, dict[str, Found]]:
    """``{test: {column: {effect, p_value, p_adjusted}}}`` of the columns that are numeric in both tables."""
    columns = {}
    for name in schema.of_kind("continuous", "integer", "money"):
        pair = [_values(table, name) for table in (original, synthetic)]
        if all(part is not None and part.size for part in pair):
            columns[name] = pair
    results: dict[str, dict[str, Found]] = {}
    for test in tests:
        results[test] = {name: TESTS[test](*pair) for name, pair in columns.items()}  # type: ignore[arg-type]
        _adjust(results[test])
    return results


def _values(table: pd.DataFrame, name: str) -> Floats | None:
    """Finite values of a numeric column, None where there is no such column."""
    column = next((table[label] for label in table.columns if str(label) == name), None)
    if column is None or not pd.api.types.is_numeric_dtype(column.dtype):
        return None
    values: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
    finite: Floats = values[np.isfinite(values)]
    return finite


def _adjust(found: Mapping[str, Found]) -> None:
    """Add p-values adjusted by Benjamini and Hochberg (1995)."""
    names = [name for name, result in found.items() if "p_value" in result]
    if names:
        adjusted = stats.false_discovery_control([found[name]["p_value"] for name in names])
        for name, value in zip(names, adjusted, strict=True):
            found[name]["p_adjusted"] = float(value)


__all__ = ["TESTS", "run_tests"]
