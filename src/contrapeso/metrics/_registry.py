"""The metrics by name, each with its direction, its range and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from contrapeso.metrics import (
    _association,
    _attacks,
    _diversity,
    _fairness,
    _importance,
    _joint,
    _marginal,
    _mmd,
    _noise,
    _proximity,
    _sequence,
    _usefulness,
)

On = Literal[
    "numeric", "label", "any", "numeric pair", "label pair", "pair table", "counts", "distances",
    "decisions and groups", "rows", "scores",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: ``compute`` and how to read it. ``high`` is None where the metric has no upper end.

    ``on`` says what ``compute`` takes: two columns (numeric arrays, label arrays, or any), two tables of two columns,
    two contingency tables, two vectors of counts, distances between rows, rows as features, scores of members and
    others, or decisions with the group of each row. ``low`` is None where there is no lower end.
    """

    name: str
    on: On
    direction: Literal["up", "down"]
    low: float | None
    high: float | None
    reference: str
    compute: Callable[..., object]

    @property
    def meaning(self) -> str:
        """The first line of the documentation of ``compute``."""
        return (self.compute.__doc__ or "").strip().partition("\n")[0]


def _up(name: str, on: On, reference: str, compute: Callable[..., object]) -> Metric:
    return Metric(name, on, "up", 0.0, 1.0, reference, compute)


def _down(name: str, on: On, reference: str, compute: Callable[..., object]) -> Metric:
    return Metric(name, on, "down", 0.0, 1.0, reference, compute)


_METRICS = (
    _up("ks_complement", "numeric", "Kolmogorov 1933; Smirnov 1948", _marginal.ks_complement),
    _up("tv_complement", "label", "total variation distance", _marginal.tv_complement),
    _up("js_similarity", "numeric", "Endres & Schindelin 2003", _marginal.js_similarity),
    Metric("wasserstein", "numeric", "down", 0.0, None, "Kantorovich 1942", _marginal.wasserstein),
    Metric(
        "wasserstein_normalized", "numeric", "down", 0.0, None, "Kantorovich 1942, in IQRs",
        _marginal.wasserstein_normalized,
    ),
    _up("missing_similarity", "any", "difference of null shares", _marginal.missing_similarity),
    _up("range_coverage", "numeric", "sdmetrics RangeCoverage", _marginal.range_coverage),
    _up("boundary_adherence", "numeric", "sdmetrics BoundaryAdherence", _marginal.boundary_adherence),
    _up("category_coverage", "label", "sdmetrics CategoryCoverage", _marginal.category_coverage),
    _up("category_adherence", "label", "sdmetrics CategoryAdherence", _marginal.category_adherence),
    _up(
        "correlation_similarity", "numeric pair", "sdmetrics CorrelationSimilarity", _association.correlation_similarity
    ),
    _up("contingency_similarity", "label pair", "sdmetrics ContingencySimilarity", _association.contingency_similarity),
    _up("category_coverage_weighted", "counts", "Hurlbert 1971", _diversity.weighted_coverage),
    _down("transition_tv", "counts", "total variation, noise removed", _sequence.transition_distance),
    _down("weekday_tv", "counts", "total variation, noise removed", _sequence.share_distance),
    _down("day_of_month_tv", "counts", "total variation, noise removed", _sequence.share_distance),
    _down("joint_auc", "rows", "Lopez-Paz & Oquab 2017", _joint.joint_test),
    Metric("utility", "rows", "up", None, 1.0, "Esteban et al. 2017", _usefulness.utility),
    _down("importance_drift", "rows", "SHAP Distance, arXiv 2511.17590", _importance.importance_drift),
    _down("dcr_share", "distances", "Platzer & Reutterer 2021", _proximity.dcr_share),
    _up("nndr_ratio", "distances", "nearest over second nearest, against the control", _proximity.nndr_ratio),
    _down("membership_auc", "scores", "area under the ROC curve", _attacks.area),
    _down("tpr_at_fpr", "scores", "Carlini et al. 2022", _attacks.tpr_at_fpr),
    Metric("mmd", "distances", "down", 0.0, None, "Gretton et al. 2012", _mmd.mmd),
    _down(
        "demographic_parity_difference", "decisions and groups", "Agarwal et al. 2018",
        _fairness.demographic_parity_difference,
    ),
    _up("demographic_parity_ratio", "decisions and groups", "four-fifths rule", _fairness.demographic_parity_ratio),
    _down(
        "equalized_odds_difference", "decisions and groups", "Hardt et al. 2016", _fairness.equalized_odds_difference
    ),
    _up("pair_dependence", "pair table", "docs/metrics.md, pair dependence", _noise.pair_dependence),
)  # fmt: skip

REGISTRY: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _METRICS})
"""Every metric by name."""

__all__ = ["REGISTRY", "Metric"]
