"""SHAP values of any fitted classifier, on one scale: log-odds.

Trees answer exactly in polynomial time (path-dependent), linear models by a formula, everything else by sampling
permutations. With two classes there is one output, the log-odds of the second class. With more there is one output a
class, its log-probability less the mean over the classes: the softmax of a model does not move when all its margins
do, and centring takes that freedom out, so that two models can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from contrapeso._rng import RandomState, child, generator, seed_sequence
from contrapeso.balancing.explain._linear import is_linear, linear_values
from contrapeso.balancing.explain._permutation import Margin, permutation_values
from contrapeso.balancing.explain._rows import TableOfRows, as_rows, names_of, take
from contrapeso.balancing.explain._treated import Treated
from contrapeso.balancing.explain._trees import tree_values
from contrapeso.errors import InvalidDataError, InvalidParameterError, UnsupportedOperationError
from contrapeso.progress import Cancel, ProgressCallback, never, silent

Floats = NDArray[np.float64]
Method = Literal["trees", "linear", "permutation"]
Scale = Literal["log_odds", "decision"]
N_BACKGROUND = 100
N_TRIED = 20
"""Rows on which exact values are compared with what the model says."""
_BACKGROUND, _WALKS = range(2)


@dataclass(frozen=True, eq=False)
class Explanation:
    """SHAP values of a model on some rows; with the base they add up to what the model says of each row.

    Attributes
    ----------
    values : ndarray of shape (n, p, K)
        K is 1 with two classes (the log-odds of the second one), else the number of classes.
    base : ndarray of shape (K,)
        What the model says on average of the background.
    features : tuple of str, the p columns
    outputs : tuple of str, the K classes that the outputs speak for
    method : {'trees', 'linear', 'permutation'}
    scale : {'log_odds', 'decision'}
        ``decision`` for a model without probabilities: the units of its ``decision_function``.
    errors : ndarray of shape (n, p, K) or None
        Standard errors of the values, where they are sampled.
    """

    values: Floats
    base: Floats
    features: tuple[str, ...]
    outputs: tuple[str, ...]
    method: Method
    scale: Scale
    errors: Floats | None = None

    @property
    def importance(self) -> Floats:
        """Mean absolute SHAP value of each column, (p,), over rows and outputs."""
        found: Floats = np.abs(self.values).mean(axis=(0, 2))
        return found

    @property
    def shares(self) -> Floats:
        """Shares (p,) of the columns in the importance; zeros where no column is used."""
        total = self.importance.sum()
        found: Floats = self.importance / total if total > 0 else np.zeros_like(self.importance)
        return found

    @property
    def margins(self) -> Floats:
        """What the model says of each row by these values, (n, K): their sum and the base."""
        found: Floats = self.values.sum(axis=1) + self.base
        return found

    def flat(self) -> Floats:
        """The values with a row for each row and output, (n K, p)."""
        found: Floats = self.values.transpose(0, 2, 1).reshape(-1, self.values.shape[1])
        return found


def shap_values(
    model: Any,
    X: Any,
    *,
    background: Any = None,
    n_walks: int = 32,
    random_state: RandomState = 0,
    progress: ProgressCallback = silent,
    cancel: Cancel = never,
) -> Explanation:
    """SHAP values of a fitted classifier on the rows ``X``.

    Parameters
    ----------
    model : fitted classifier
        LightGBM and XGBoost classifiers and linear models are answered exactly; a pipeline of samplers and one of these
        as well, since samplers do nothing when a model predicts, and the classifiers of the ladder and of tuning that
        hold one of these, in the columns of the table. Any other one, and one whose chances are not the logistic
        function of these values (a forest of LightGBM, one class against the rest), is sampled, through
        ``predict_proba`` or else ``decision_function``, on the table as it is.
    X : DataFrame or array of shape (n, p)
    background : DataFrame or array, optional
        Rows that stand for "column not known", of the linear and the sampled values: by default (at most 100 of) ``X``.
        Trees carry their own.
    n_walks : int, default=32
        Permutations for each row, of the sampled values: an even number, as they come in pairs.
    random_state : int, Generator, SeedSequence or None, default=0
    progress, cancel : callable, optional

    Returns
    -------
    Explanation

    Raises
    ------
    InvalidParameterError, InvalidDataError, UnsupportedOperationError, CancelledError

    References
    ----------
    .. [1] Lundberg et al., "From local explanations to global understanding with explainable AI for trees",
       Nature Machine Intelligence 2 (2020).
    .. [2] Strumbelj & Kononenko, "Explaining prediction models and individual predictions with feature contributions",
       Knowledge and Information Systems 41 (2014), Algorithm 2.
    """
    if n_walks < 4 or n_walks % 2:
        raise InvalidParameterError(f"n_walks must be an even number of at least 4; got {n_walks}. Use 32.")
    rows, seed = as_rows(X), seed_sequence(random_state)
    outputs, reference = _outputs(model), _background(rows, background, seed)
    margin = Margin.of(model)
    exact = _exact(model, rows, reference, outputs, margin.scale)
    if exact is not None and _adds_up(exact, margin, rows):
        return exact
    walks = generator(child(seed, _WALKS))
    values, base, errors = permutation_values(
        margin, rows, reference, n_walks=n_walks, rng=walks, progress=progress, cancel=cancel
    )
    return _explanation(values, base, rows, outputs, method="permutation", scale=margin.scale, errors=errors)


def _exact(
    model: Any, rows: TableOfRows, reference: TableOfRows, outputs: Sequence[str], scale: Scale
) -> Explanation | None:
    """The values that trees or a linear model give; None of any other."""
    last = predicting_step(model)
    found = tree_values(last, rows, len(outputs))
    if found is not None:
        return _explanation(found[0], found[1], rows, outputs, method="trees")
    inside = Treated.of(last)
    answer = None if inside is None else inside.values(rows, reference)
    if answer is not None:
        return _explanation(answer[1], answer[2], rows, outputs, method=answer[0])
    if is_linear(last, rows):
        values, base = linear_values(last, rows, reference)
        return _explanation(values, base, rows, outputs, method="linear", scale=scale)
    return None


def _adds_up(found: Explanation, margin: Margin, rows: TableOfRows) -> bool:
    """Whether the values and the base are the log-odds that the model gives; a decision function was tried before.

    They are not where a model bends its margins otherwise: a forest of LightGBM, one class against the rest, a
    ``sigmoid`` other than 1.
    """
    if margin.scale == "decision":
        return True
    few = np.arange(min(len(rows), N_TRIED))
    sums = found.margins[few]
    sums = np.column_stack([np.zeros(len(few)), sums]) if sums.shape[1] == 1 else sums
    said = np.asarray(margin.model.predict_proba(take(rows, few)), dtype=np.float64)
    return said.shape == sums.shape and bool(np.allclose(softmax(sums, axis=1), said, rtol=0.0, atol=1e-5))


def predicting_step(model: Any) -> Any:
    """The model of a pipeline whose other steps are samplers, which do nothing at prediction; else ``model`` itself."""
    steps = getattr(model, "steps", None)
    if not steps or not all(_is_idle(step) for _, step in steps[:-1]):
        return model
    return steps[-1][1]


def _is_idle(step: Any) -> bool:
    return step is None or step == "passthrough" or hasattr(step, "fit_resample")


def _outputs(model: Any) -> tuple[str, ...]:
    classes = getattr(model, "classes_", None)
    if classes is None or len(classes) < 2:
        raise UnsupportedOperationError(
            f"{type(model).__name__} has no classes_ of two or more classes: SHAP values are for fitted classifiers. "
            "Fit the model first."
        )
    return tuple(str(label) for label in (classes[1:] if len(classes) == 2 else classes))


def _background(rows: TableOfRows, background: Any, seed: np.random.SeedSequence) -> TableOfRows:
    given = rows if background is None else _alike(rows, as_rows(background))
    n = given.shape[0]
    if background is not None or n <= N_BACKGROUND:
        return given
    return take(given, np.sort(generator(child(seed, _BACKGROUND)).choice(n, N_BACKGROUND, replace=False)))


def _alike(rows: TableOfRows, given: TableOfRows) -> TableOfRows:
    """The background with its columns in the order of the rows."""
    if not (isinstance(rows, pd.DataFrame) and isinstance(given, pd.DataFrame)) or rows.columns.equals(given.columns):
        return given
    if not rows.columns.is_unique or sorted(map(str, rows.columns)) != sorted(map(str, given.columns)):
        raise InvalidDataError(
            f"The background must have the columns of the rows that are explained, {', '.join(names_of(rows))}; got "
            f"{', '.join(names_of(given))}."
        )
    return given[list(rows.columns)]


def _explanation(
    values: Floats, base: Floats, rows: TableOfRows, outputs: Sequence[str], *,
    method: Method, scale: Scale = "log_odds", errors: Floats | None = None,
) -> Explanation:  # fmt: skip
    """``values`` (n, p, K) centred over the classes where there are more than two."""
    if values.shape[2] > 1 and method != "permutation":
        values, base = values - values.mean(axis=2, keepdims=True), base - base.mean()
    return Explanation(values, base, names_of(rows), tuple(outputs), method, scale, errors)


__all__ = ["Explanation", "Method", "Scale", "predicting_step", "shap_values"]
