"""The classifier of the comparison: a linear machine on pieces of the text, amount and calendar."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.finance._ledger import Ledger
from contrapeso.finance.evaluation._distances import Floats
from contrapeso.finance.features import TransactionFeatures

Model: TypeAlias = Literal["svc", "logistic"]
Labels = NDArray[np.str_]
SHIFTS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
N_INNER = 3


def frame_of(ledger: Ledger) -> pd.DataFrame:
    """Date, amount, description and account of a ledger under the names of the canonical row."""
    columns: dict[str, Any] = {
        "date": ledger.days.astype("datetime64[s]"),
        "amount_cents": ledger.cents,
        "description": ledger.descriptions,
    }
    return pd.DataFrame(columns)


def features_of(train: Ledger, test: Ledger) -> tuple[Any, Any]:
    """Sparse numbers of both, learnt from the first; shapes (n, p) and (m, p)."""
    features = TransactionFeatures()
    learnt: Any = features.fit_transform(frame_of(train))
    later: Any = features.transform(frame_of(test))
    return learnt.tocsr(), later.tocsr()


def classifier(model: Model, *, weighted: bool, seed: int = 0) -> Any:
    """The linear classifier, with or without class weights."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    weights = "balanced" if weighted else None
    if model == "logistic":
        return LogisticRegression(C=10.0, class_weight=weights, max_iter=300)
    return LinearSVC(C=1.0, class_weight=weights, random_state=seed, max_iter=5_000, dual=True)


def predicted(model: Model, X: Any, y: Labels, X_test: Any, *, weighted: bool = False) -> Labels:
    """Labels of the test rows; the only label there is where the training rows have one."""
    if len(np.unique(y)) < 2:
        return np.full(X_test.shape[0], y[0])
    return np.asarray(classifier(model, weighted=weighted).fit(X, y).predict(X_test), dtype=str)


def shifted(model: Model, X: Any, y: Labels, X_test: Any, seed: int) -> Labels:
    """Labels by scores from which a share of the log prior is taken; the share is chosen inside the training rows.

    References
    ----------
    .. [1] Menon et al., "Long-tail learning via logit adjustment", ICLR 2021, Sec. 4.1.
    """
    shift = _chosen_shift(model, X, y, seed)
    classes, scores = _scores(model, X, y, X_test)
    return np.asarray(classes[(scores - shift * _log_prior(y, classes)).argmax(axis=1)], dtype=str)


def _chosen_shift(model: Model, X: Any, y: Labels, seed: int) -> float:
    """The share with the best macro-F1 over three inner folds; none where a class cannot be in every fold."""
    rng = np.random.Generator(np.random.PCG64DXSM(seed))
    fold = np.zeros(len(y), dtype=np.int64)
    for name in np.unique(y):
        own = np.flatnonzero(y == name)
        fold[own] = rng.permutation(np.arange(len(own)) % N_INNER)
    found = np.zeros((N_INNER, len(SHIFTS)))
    for held in range(N_INNER):
        learn, judge = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        if len(np.unique(y[learn])) < 2:
            return 0.0
        classes, scores = _scores(model, X[learn], y[learn], X[judge])
        prior = _log_prior(y[learn], classes)
        for i, shift in enumerate(SHIFTS):
            found[held, i] = mean_f1(y[judge], classes[(scores - shift * prior).argmax(axis=1)])
    return SHIFTS[int(found.mean(axis=0).argmax())]


def _scores(model: Model, X: Any, y: Labels, X_test: Any) -> tuple[Labels, Floats]:
    """Classes (c,) and one score each, shape (m, c); log-probabilities for the logistic model."""
    fitted = classifier(model, weighted=False).fit(X, y)
    scores = fitted.predict_log_proba(X_test) if model == "logistic" else fitted.decision_function(X_test)
    if scores.ndim == 1:
        scores = np.column_stack([-scores, scores]) / 2
    return fitted.classes_.astype(str), np.asarray(scores, dtype=np.float64)


def _log_prior(y: Labels, classes: Labels) -> Floats:
    return np.asarray(np.log([(y == name).mean() for name in classes]), dtype=np.float64)


def mean_f1(truth: Labels, guess: Labels, names: Collection[str] | None = None) -> float:
    """Mean F1 over the classes (those of ``names`` where given) that occur in ``truth``; NaN where none does."""
    found = []
    for name in np.unique(truth):
        if names is None or name in names:
            hits = ((truth == name) & (guess == name)).sum()
            found.append(2 * hits / ((truth == name).sum() + (guess == name).sum()))
    return float(np.mean(found)) if found else float("nan")


__all__ = ["Labels", "Model", "features_of", "frame_of", "mean_f1", "predicted", "shifted"]
