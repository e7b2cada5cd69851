"""The metrics by name, each with its direction, its range and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from contrapeso.metrics import _association, _marginal, _noise

On = Literal["numeric", "label", "any", "numeric pair", "label pair", "pair table"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: ``compute`` and how to read it. ``high`` is None where the metric has no upper end.

    ``on`` says what ``compute`` takes: two columns (numeric arrays, label arrays, or any), two tables of two columns,
    or two contingency tables.
    """

    name: str
    on: On
    direction: Literal["up", "down"]
    low: float
    high: float | None
    reference: str
    compute: Callable[..., object]

    @property
    def meaning(self) -> str:
        """The first line of the documentation of ``compute``."""
        return (self.compute.__doc__ or "").strip().partition("\n")[0]


def _up(name: str, on: On, reference: str, compute: Callable[..., object]) -> Metric:
    return Metric(name, on, "up", 0.0, 1.0, reference, compute)


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
    _up("pair_dependence", "pair table", "docs/metrics.md, pair dependence", _noise.pair_dependence),
)  # fmt: skip

REGISTRY: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _METRICS})
"""Every metric by name."""

__all__ = ["REGISTRY", "Metric"]
