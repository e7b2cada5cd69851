"""Classical tests of every column, shown only: effect sizes, p-values, and these adjusted for the number of columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import InvalidParameterError
from contrapeso.metrics import _tests as tests
from contrapeso.quality._columns import AnyColumn, Numbers
from contrapeso.quality._sections import TestResult

Floats = NDArray[np.float64]
_STREAM = 11
_ON_NUMBERS: Mapping[str, Callable[[Floats, Floats, np.random.Generator], tests.Outcome]] = {
    "ks_test": lambda real, synthetic, _: tests.ks_test(real, synthetic),
    "mann_whitney": lambda real, synthetic, _: tests.mann_whitney(real, synthetic),
    "js_divergence": lambda real, synthetic, _: tests.js_distance(real, synthetic),
    "wasserstein": lambda real, synthetic, _: tests.wasserstein_effect(real, synthetic),
    "anderson": tests.anderson_darling,
}
TEST_NAMES = (*_ON_NUMBERS, "chi2")
"""Names of the tests; ``chi2`` is for categories, the others for numbers and dates."""


def run_tests(
    columns: Sequence[AnyColumn],
    names: Sequence[str],
    *,
    weights: Floats | None = None,
    keys: NDArray[np.uint64] | None = None,
    seed: int = 0,
) -> tuple[TestResult, ...]:
    """The tests called ``names`` of every column that they are for; effect None where one side has no value.

    Parameters
    ----------
    columns : sequence of Numbers or Labels
    names : sequence of str
        Of :data:`TEST_NAMES`.
    weights : ndarray of shape (n_real,), optional
        Weights of the real rows. Tests know no weights, so each row is kept with probability weight / largest weight.
    keys : ndarray of shape (n_real,), optional
        Row keys, so that the choice does not depend on the order of the rows.
    seed : int
        Seeds that choice and the 20 000 rows that ``anderson`` looks at.

    Returns
    -------
    tuple of TestResult
        By test, then by column. ``p_adjusted`` counts the columns of one test.

    Raises
    ------
    InvalidParameterError
        If there is no test of a name.
    """
    unknown = [name for name in names if name not in TEST_NAMES]
    if unknown:
        raise InvalidParameterError(f"There is no test {unknown[0]!r}; the tests are {', '.join(TEST_NAMES)}.")
    kept = _kept(weights, keys, seed)
    results: list[TestResult] = []
    for name in names:
        fitting = [c for c in columns if isinstance(c, Numbers) is (name != "chi2")]
        outcomes = [_outcome(name, column, kept, seed) for column in fitting]
        corrected = tests.adjusted([np.nan if o.p_value is None else o.p_value for o in outcomes])
        results.extend(
            TestResult(name, column.column.name, _number(o.effect), _number(o.p_value), _number(p))
            for column, o, p in zip(fitting, outcomes, corrected, strict=True)
        )
    return tuple(results)


def _outcome(name: str, column: AnyColumn, kept: NDArray[np.bool_] | None, seed: int) -> tests.Outcome:
    real = column.real if kept is None else column.real[kept]
    if isinstance(column, Numbers):
        return _ON_NUMBERS[name](real, column.synthetic, generator(seed_sequence(seed), _STREAM, 1))  # type: ignore[arg-type]
    return tests.chi2_test(real, column.synthetic)


def _kept(weights: Floats | None, keys: NDArray[np.uint64] | None, seed: int) -> NDArray[np.bool_] | None:
    """Real rows thinned to a sample in which all count the same; None for all of them."""
    if weights is None or not weights.size or np.allclose(weights, weights[0]):
        return None
    order = np.arange(weights.size) if keys is None else np.argsort(keys, kind="stable")
    drawn = np.empty(weights.size)
    drawn[order] = generator(seed_sequence(seed), _STREAM, 0).random(weights.size)
    kept: NDArray[np.bool_] = drawn < weights / weights.max()
    return kept


def _number(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else float(value)


__all__ = ["TEST_NAMES", "run_tests"]
