"""Whether balancing is worth it for the rows at hand: measured, in words, and as a reason not to balance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from contrapeso.errors import InsufficientDataError
from contrapeso.finance.entries import read_entries
from contrapeso.finance.evaluation import DraftedRows, worth

if TYPE_CHECKING:
    from contrapeso.finance.evaluation import WorthReport

SEEDS = 2


def measured_worth(rows: object, mapping: Mapping[str, str] | None, seed: int, **options: object) -> WorthReport:
    """Our methods against doing nothing, class weights, thresholds and copies, on later rows; see ``worth``."""
    ledger = read_entries(rows, mapping).ledger
    return worth(ledger, DraftedRows(seed), **{"seeds": SEEDS, **options})  # type: ignore[arg-type]  # checked there


def reason_to_decline(rows: object, mapping: object, seed: int, target: str | None) -> str | None:
    """Why these rows should not be balanced, with the numbers; None where it helps or cannot be measured."""
    minority = None if target is None else [target]
    try:
        found = measured_worth(rows, cast("Mapping[str, str] | None", mapping), seed, minority=minority)
    except InsufficientDataError:
        return None
    if found.verdict == "ajuda":
        return None
    best = max((one for one in found.treatments if one.treatment in found.given), key=lambda one: one.minority_f1)
    gain, weights = best.against_none, best.against_weights
    span = f"{100 * gain.low:+.1f} to {100 * gain.high:+.1f}"
    return (
        f"Not balanced: on later rows, new ones by {best.treatment} change the F1 of scarce categories by "
        f"{100 * gain.value:+.1f} points ({span}) beside doing nothing and by {100 * weights.value:+.1f} beside class "
        f"weights. Recommended: {found.recommendation}. Set config['decline'] to False to balance all the same."
    )


__all__ = ["measured_worth", "reason_to_decline"]
