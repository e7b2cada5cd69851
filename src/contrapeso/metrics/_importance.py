"""Do two models look at the same columns? Their SHAP values on the same rows, compared in six ways.

Correlated columns take turns in trees, so two models of equally good real rows differ as well: show each number beside
its real-vs-real value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TOP = 5


@dataclass(frozen=True, slots=True)
class ImportanceDrift:
    """How far the SHAP values of two models differ; None where a number is undefined.

    Attributes
    ----------
    total_variation : float
        Of the shares of the columns in the mean absolute SHAP value; 0 same, 1 disjoint.
    spearman : float or None
        Rank correlation of the shares; None where one model weighs all columns alike.
    cosine_distance : float
        Of the mean absolute SHAP vectors; one strong feature dominates it.
    top_overlap : float
        Share of the five most important columns that both models have; of fewer where a model uses fewer.
    sign_agreement : float
        Share of the SHAP values where both models push the same way, each weighted by the geometric mean of its sizes.
    row_correlation : float or None
        Mean over the rows of the correlation of their SHAP values.
    """

    total_variation: float
    spearman: float | None
    cosine_distance: float
    top_overlap: float
    sign_agreement: float
    row_correlation: float | None


def importance_shares(contributions: Floats, weights: Floats | None = None) -> Floats:
    """Shares (p,) of the columns in the mean absolute SHAP values (n, p); zeros where no column is used."""
    mean = np.average(np.abs(contributions), axis=0, weights=weights)
    total = mean.sum()
    shares: Floats = mean / total if total > 0 else np.zeros_like(mean)
    return shares


def importance_drift(real: Floats, synthetic: Floats, weights: Floats | None = None) -> ImportanceDrift | None:
    """Drift between the SHAP values of two models on the same rows; None where a model uses no column at all.

    Parameters
    ----------
    real, synthetic : ndarray of shape (n, p)
        SHAP values, n and p at least 1.
    weights : ndarray of shape (n,), optional
        Weights of the rows.

    References
    ----------
    .. [1] "SHAP Distance", arXiv 2511.17590, 2025 (cosine distance of the mean absolute vectors).
    """
    p, q = importance_shares(real, weights), importance_shares(synthetic, weights)
    if not p.any() or not q.any():
        return None
    w = np.ones(len(real)) if weights is None else weights
    return ImportanceDrift(
        total_variation=float(np.abs(p - q).sum() / 2),
        spearman=_spearman(p, q),
        cosine_distance=max(0.0, 1 - float(p @ q) / float(np.linalg.norm(p) * np.linalg.norm(q))),
        top_overlap=_top_overlap(p, q),
        sign_agreement=_sign_agreement(real, synthetic, w),
        row_correlation=_row_correlation(real, synthetic, w),
    )


def _spearman(p: Floats, q: Floats) -> float | None:
    from scipy.stats import rankdata

    a, b = rankdata(p), rankdata(q)
    return None if np.ptp(a) == 0 or np.ptp(b) == 0 else float(np.corrcoef(a, b)[0, 1])


def _top_overlap(p: Floats, q: Floats) -> float:
    size = min(TOP, int((p > 0).sum()), int((q > 0).sum()))
    first, second = (set(np.argsort(-shares, kind="stable")[:size].tolist()) for shares in (p, q))
    return len(first & second) / size


def _sign_agreement(real: Floats, synthetic: Floats, weights: Floats) -> float:
    """Pushes of no size do not vote."""
    size = weights[:, None] * np.sqrt(np.abs(real) * np.abs(synthetic))
    total = size.sum()
    return float(size[np.sign(real) == np.sign(synthetic)].sum() / total) if total > 0 else 0.0


def _row_correlation(real: Floats, synthetic: Floats, weights: Floats) -> float | None:
    a, b = (values - values.mean(axis=1, keepdims=True) for values in (real, synthetic))
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    kept = (scale > 1e-12) & (weights > 0)
    if not kept.any():
        return None
    return float(np.average((a * b).sum(axis=1)[kept] / scale[kept], weights=weights[kept]))


__all__ = ["ImportanceDrift", "importance_drift", "importance_shares"]
