"""What ``FinancialCategoryBalancer`` tells of the categories it has seen: aggregates, and no row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from contrapeso.finance._ledger import Ledger
from contrapeso.finance.synthesis import Learned

QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)
N_WORDINGS = 5

Facts = dict[str, dict[str, Any]]


def statistics_of(learned: Learned) -> dict[str, Facts]:
    """``category_stats``, ``temporal_stats``, ``amount_distributions`` and ``learned_patterns`` by category."""
    found: dict[str, Facts] = {
        "category_stats": {},
        "temporal_stats": {},
        "amount_distributions": {},
        "learned_patterns": {},
    }
    shares = learned.series_share()
    for category in sorted(set(learned.ledger.categories) - {""}):
        rows = np.flatnonzero(learned.ledger.categories == category)
        part = learned.ledger.take(rows)
        found["category_stats"][category] = _counts(part, len(learned.ledger), shares.get(category, 0.0))
        found["temporal_stats"][category] = _times(part)
        found["amount_distributions"][category] = _amounts(part)
        found["learned_patterns"][category] = _pattern(learned, category, part, rows)
    return found


def _counts(part: Ledger, n_all: int, series_share: float) -> dict[str, Any]:
    return {
        "count": len(part),
        "share": len(part) / n_all,
        "in_series": series_share,
        "negative_share": float((part.cents < 0).mean()),
        "n_descriptions": len(set(part.descriptions)),
    }


def _times(part: Ledger) -> dict[str, Any]:
    months = part.days.astype("datetime64[M]")
    day = (part.days - months.astype("datetime64[D]")).astype(np.int64)
    weekday = (part.days.astype(np.int64) + 3) % 7
    return {
        "first": str(part.days.min()),
        "last": str(part.days.max()),
        "n_months": len(np.unique(months)),
        "day_of_month": np.bincount(day, minlength=31).tolist(),
        "weekday": np.bincount(weekday, minlength=7).tolist(),
        "weekend_share": float((weekday >= 5).mean()),
    }


def _amounts(part: Ledger) -> dict[str, Any]:
    amounts = part.cents / 100
    low, first, middle, third, high = (float(value) for value in np.quantile(amounts, QUANTILES))
    return {
        "min": low,
        "q25": first,
        "median": middle,
        "q75": third,
        "max": high,
        "mean": float(amounts.mean()),
        "std": float(amounts.std()),
        "n_distinct": len(np.unique(part.cents)),
        "whole_share": float((part.cents % 100 == 0).mean()),
    }


def _pattern(
    learned: Learned, category: str, part: Ledger, rows: np.ndarray[Any, np.dtype[np.int64]]
) -> dict[str, Any]:
    """The range of amounts, the wordings with slots in place of names, and the laws of dates."""
    sizes = np.abs(part.cents) / 100
    numbers, counts = np.unique(learned.templates.of_row[rows], return_counts=True)
    common = numbers[np.argsort(-counts, kind="stable")][:N_WORDINGS]
    laws = {group.law.describe("pt"): len(group.at) for group in learned.facts(category).groups}
    return {
        "typical_amount_range": [float(sizes.min()), float(sizes.max())],
        "common_descriptions": [learned.templates.templates[number].text for number in common.tolist()],
        "temporal_patterns": sorted(laws, key=lambda law: (-laws[law], law))[:N_WORDINGS],
    }


def plain(statistics: Mapping[str, Facts]) -> dict[str, Facts]:
    """A copy that the caller may change."""
    return {name: {category: dict(facts) for category, facts in table.items()} for name, table in statistics.items()}


__all__ = ["Facts", "plain", "statistics_of"]
