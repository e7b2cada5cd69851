"""What ``ImbalancedDataHandler`` remembers of a table: an entry per call, and the sums over all entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import fmean
from time import perf_counter
from typing import Any, Literal

from contrapeso.services._handler_goals import Sizes, imbalance, is_reached
from contrapeso.services._handler_strategies import Applied
from contrapeso.services._handler_texts import Said, said

Rule = Literal["none", "named", "fast", "ladder"]
DEFAULT_RATIO = 1.0


@dataclass(frozen=True)
class Asked:
    """The call: strategy, ratio and when it began."""

    strategy: str
    ratio: float
    start: float = field(default_factory=perf_counter)


@dataclass(frozen=True)
class Outcome:
    """What was done and why; ``facts`` are what the ladder adds."""

    done: Applied
    rule: Rule
    reason: Said
    facts: Mapping[str, Any] = field(default_factory=dict)


def idle(asked: Asked, counts: Sizes) -> Said | None:
    """Why there is nothing to do; None where there is."""
    found = imbalance(counts)
    if found is None:
        return said("empty")
    if len(counts) == 1:
        return said("single_class")
    if is_reached(counts, asked.ratio):
        return said("reached", ratio=f"{asked.ratio:g}")
    if asked.strategy == "auto" and asked.ratio == DEFAULT_RATIO and found < 2:
        return said("balanced", found=f"{found:.2f}")
    return None


def entry(asked: Asked, outcome: Outcome, before: Sizes, after: Sizes) -> dict[str, Any]:
    """The entry of one call."""
    done = outcome.done
    return {
        "operation": "handle_imbalanced_data",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": perf_counter() - asked.start,
        "strategy": asked.strategy,
        "method": done.method,
        "rule": outcome.rule,
        "target_ratio": asked.ratio,
        "reason": dict(outcome.reason),
        "notes": list(done.notes),
        "parameters": dict(done.parameters),
        "counts_before": dict(before),
        "counts_after": dict(after),
        "ratio_before": imbalance(before),
        "ratio_after": imbalance(after),
        **outcome.facts,
    }


def totals(history: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The sums over the entries; None for what has none to be computed from."""
    usage = Counter(str(found["strategy"]) for found in history)
    pairs = [(found["ratio_before"], found["ratio_after"]) for found in history]
    gone = [1 - after / before for before, after in pairs if before is not None and after is not None]
    return {
        "total_operations": len(history),
        "average_processing_time": fmean(found["seconds"] for found in history) if history else None,
        "average_imbalance_reduction": fmean(gone) if gone else None,
        "strategy_usage": dict(usage),
        "most_used_strategy": min(usage, key=lambda name: (-usage[name], name)) if usage else None,
    }


__all__ = ["DEFAULT_RATIO", "Asked", "Outcome", "Rule", "entry", "idle", "totals"]
