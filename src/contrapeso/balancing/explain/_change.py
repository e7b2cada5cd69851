"""Did balancing change what the model looks at? The change of every column's importance, beside chance.

Two models of equally good rows differ as well: correlated columns take turns. The noise is measured by training the
first model again on bootstrap samples of its own real rows; only what changes by more than two such models differ by,
over all columns together, is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import RandomState, child, generator, seed_sequence
from contrapeso.balancing._texts import Language
from contrapeso.balancing.explain._rows import TableOfRows, as_rows, take
from contrapeso.balancing.explain._values import Explanation, shap_values
from contrapeso.errors import CancelledError, InvalidDataError, InvalidParameterError
from contrapeso.metrics._importance import ImportanceDrift, importance_drift
from contrapeso.progress import Cancel, Progress, ProgressCallback, never, silent

Floats = NDArray[np.float64]
_ROWS, _RESAMPLE, _VALUES = range(3)


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """Share of one column in the importance, before and after.

    ``band`` is how far two models of the real rows alone differ, at the level that holds for all columns together;
    ``is_beyond_chance`` is true of a larger change.
    """

    name: str
    before: float
    after: float
    change: float
    band: float
    is_beyond_chance: bool


@dataclass(frozen=True, slots=True)
class ImportanceChange:
    """What balancing did to the importance of the columns.

    Attributes
    ----------
    features : tuple of FeatureChange
        The largest change first.
    drift : ImportanceDrift or None
        Six distances between both models; None where one of them uses no column.
    baseline : ImportanceDrift or None
        The same between two models of real rows, on average over their pairs.
    method : how the SHAP values were found: trees, linear, permutation
    n_rows, n_models : rows explained, and models of real rows that gave the noise
    level : float
    """

    features: tuple[FeatureChange, ...]
    drift: ImportanceDrift | None
    baseline: ImportanceDrift | None
    method: str
    n_rows: int
    n_models: int
    level: float

    @property
    def changed(self) -> tuple[FeatureChange, ...]:
        """The columns whose importance changed beyond chance."""
        return tuple(found for found in self.features if found.is_beyond_chance)

    def describe(self, language: Language) -> str:
        """The answer in a sentence or two."""
        return _sentence(self, language)

    def to_frame(self) -> pd.DataFrame:
        """One line a column: name, before, after, change, band, is_beyond_chance."""
        names = [found.name for found in fields(FeatureChange)]
        return pd.DataFrame([asdict(found) for found in self.features], columns=names)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def compare_importance(
    model_before: Any,
    model_after: Any,
    X: Any,
    *,
    train: tuple[Any, Any] | None = None,
    baseline_models: Sequence[Any] = (),
    n_models: int = 10,
    level: float = 0.95,
    max_rows: int = 1000,
    n_walks: int = 32,
    random_state: RandomState = 0,
    progress: ProgressCallback = silent,
    cancel: Cancel = never,
) -> ImportanceChange:
    """Which columns changed importance between two fitted classifiers, beyond what chance changes.

    Parameters
    ----------
    model_before, model_after : fitted classifiers of the same columns and classes
        Trained on the real rows as they are, and on the balanced rows.
    X : DataFrame or array of shape (n, p)
        Real rows that neither model was trained on; at most ``max_rows`` of them are explained.
    train : (X, y), optional
        The real rows that ``model_before`` was trained on. It is cloned and trained again on ``n_models`` bootstrap
        samples of them, class by class.
    baseline_models : sequence of fitted classifiers, optional
        Models of other samples of the real rows, at least three, in the place of ``train``.
    n_models : int, default=10
    level : float, default=0.95
        Chance that no column is named where balancing changed nothing, over all columns together.
    max_rows : int, default=1000
    n_walks, random_state, progress, cancel
        As of :func:`shap_values`.

    Returns
    -------
    ImportanceChange

    Raises
    ------
    InvalidParameterError, InvalidDataError, UnsupportedOperationError, CancelledError

    Notes
    -----
    The band of a column is ``t * sqrt(2) * s``: ``s`` the standard deviation of its share over the models of the
    resamples, ``t`` the two-sided quantile of Student's t with one degree of freedom less than models, divided over the
    columns (Bonferroni). A bootstrap sample has about two thirds of the different rows of its table, so the noise is
    rather over- than understated.
    """
    _check(train, baseline_models, n_models, level, max_rows)
    seed, rows = seed_sequence(random_state), as_rows(X)
    if len(rows) > max_rows:
        chosen = generator(child(seed, _ROWS)).choice(len(rows), max_rows, replace=False)
        rows = take(rows, np.sort(chosen))

    def explained(model: Any) -> Explanation:
        values_seed = child(seed, _VALUES)  # the same walks for all models: their noise cancels
        return shap_values(model, rows, n_walks=n_walks, random_state=values_seed, cancel=cancel)

    before, after = explained(model_before), explained(model_after)
    _check_same(before, after)
    baseline = [explained(model) for model in baseline_models]
    if train is not None:
        samples = _Resamples.of(train, seed)
        for k in range(n_models):
            if cancel():
                raise CancelledError("The comparison of importance was cancelled.")
            baseline.append(explained(samples.fitted(model_before, k)))
            progress(Progress("explain", k + 1, n_models))
    return _change(before, after, baseline, level)


def _check(train: object, models: Sequence[Any], n_models: int, level: float, max_rows: int) -> None:
    if (train is None) == (not models):
        raise InvalidParameterError(
            "Noise comes from real rows: give either train=(X, y), the rows that model_before was trained on, or "
            "baseline_models, models of other samples of them."
        )
    given = len(models) if models else n_models
    if given < 3:
        raise InvalidParameterError(f"At least 3 models of real rows are needed to know the noise; got {given}.")
    if not 0.5 <= level < 1:
        raise InvalidParameterError(f"level must be in [0.5, 1); got {level!r}.")
    if max_rows < 1:
        raise InvalidParameterError(f"max_rows must be at least 1; got {max_rows!r}.")


def _check_same(before: Explanation, after: Explanation) -> None:
    if before.features != after.features or before.outputs != after.outputs:
        raise InvalidDataError(
            f"Both models must know the same columns and classes; got classes {', '.join(before.outputs)} and "
            f"{', '.join(after.outputs)}."
        )
    if before.scale != after.scale:
        raise InvalidDataError("One model has probabilities and the other has none: their values have other units.")


@dataclass(frozen=True)
class _Resamples:
    """Bootstrap samples of the training rows, class by class, so that none loses a class."""

    X: TableOfRows
    y: NDArray[Any]
    members: tuple[NDArray[np.intp], ...]
    seed: np.random.SeedSequence

    @classmethod
    def of(cls, train: tuple[Any, Any], seed: np.random.SeedSequence) -> _Resamples:
        X, y = as_rows(train[0]), np.asarray(train[1])
        if len(X) != len(y):
            raise InvalidDataError(f"train must have one label a row; got {len(X)} rows and {len(y)} labels.")
        codes = pd.factorize(y)[0]
        members = tuple(np.flatnonzero(codes == code) for code in range(codes.max() + 1))
        return cls(X, y, members, child(seed, _RESAMPLE))

    def fitted(self, model: Any, k: int) -> Any:
        from sklearn.base import clone

        rng = generator(child(self.seed, k))
        rows = np.sort(np.concatenate([rng.choice(found, found.size) for found in self.members]))
        return clone(model).fit(take(self.X, rows), self.y[rows])


def _change(before: Explanation, after: Explanation, baseline: Sequence[Explanation], level: float) -> ImportanceChange:
    from scipy.stats import t

    shares = np.array([found.shares for found in baseline])
    n_models, p = shares.shape
    band = t.ppf(1 - (1 - level) / (2 * p), n_models - 1) * np.sqrt(2) * shares.std(axis=0, ddof=1)
    change = after.shares - before.shares
    found = [
        FeatureChange(name, float(b), float(a), float(d), float(w), bool(abs(d) > w))
        for name, b, a, d, w in zip(before.features, before.shares, after.shares, change, band, strict=True)
    ]
    ordered = tuple(sorted(found, key=lambda one: (-abs(one.change), one.name)))
    drift = importance_drift(before.flat(), after.flat())
    pairs = [importance_drift(a.flat(), b.flat()) for a, b in combinations(baseline, 2)]
    typical = _typical([one for one in pairs if one is not None])
    return ImportanceChange(ordered, drift, typical, before.method, len(before.values), n_models, level)


def _typical(pairs: Sequence[ImportanceDrift]) -> ImportanceDrift | None:
    """Mean of each distance over the pairs where it is defined."""
    if not pairs:
        return None
    means = {}
    for field in fields(ImportanceDrift):
        known = [getattr(one, field.name) for one in pairs if getattr(one, field.name) is not None]
        means[field.name] = float(np.mean(known)) if known else None
    return ImportanceDrift(**means)  # type: ignore[arg-type]


def _sentence(found: ImportanceChange, language: Language) -> str:
    moved = [f"{one.name} ({one.before:.0%} → {one.after:.0%})" for one in found.changed]
    names = ", ".join(moved[:10]) + (" ..." if len(moved) > 10 else "")
    if language == "pt":
        if not moved:
            return (
                "O balanceamento não mudou a importância de nenhuma coluna além do acaso "
                f"({found.n_models} modelos de linhas reais deram a medida do acaso)."
            )
        return (
            f"Mudaram de importância além do acaso: {names}. A medida do acaso vem de {found.n_models} modelos "
            "treinados só com linhas reais."
        )
    if not moved:
        return (
            "Balancing changed the importance of no column beyond chance "
            f"({found.n_models} models of real rows give the measure of chance)."
        )
    return (
        f"Importance changed beyond chance: {names}. The measure of chance comes from {found.n_models} models "
        "trained on real rows alone."
    )


__all__ = ["FeatureChange", "ImportanceChange", "compare_importance"]
