"""Category spellings: proposed after every import, reviewed by a person, never renamed without a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contrapeso.workflows._source import SOURCES, SourceName
from contrapeso.workflows._stores import opened_store

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.store import LabelRow, Store


@dataclass(frozen=True, slots=True)
class LabelsResult:
    """Every spelling in the database and the category that it stands for."""

    labels: tuple[LabelRow, ...]
    n_changed: int = 0

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {"labels": [label.to_dict() for label in self.labels], "rows_changed": self.n_changed}


def propose_stored_labels(store: Store) -> int:
    """Look at the spellings of every source anew, apply the safe ones; returns how many spellings are new."""
    from contrapeso.finance import propose_labels

    new = 0
    for source in SOURCES:
        counts = store.counts_by_category(source, raw=True)
        spellings = [raw for raw, n in counts.items() if raw is not None for _ in range(n)]
        if spellings:
            new += store.save_label_proposals(source, propose_labels(spellings).proposals)
            store.apply_label_map(source)
    return new


def review_labels(settings: Settings) -> LabelsResult:
    """Every spelling with its category, status and reason."""
    with opened_store(settings) as store:
        return LabelsResult(store.labels())


def decide_labels(settings: Settings, accept: Mapping[str, str | None], reject: Sequence[str]) -> LabelsResult:
    """Record decisions and apply them.

    Parameters
    ----------
    accept : spelling -> category; None takes the proposed one
    reject : spellings that are categories of their own, as they are written
    """
    with opened_store(settings) as store:
        for raw, canonical in accept.items():
            for source in _sources_of(store, raw):
                store.decide_label(source, raw, "accepted", canonical=canonical)
        for raw in reject:
            for source in _sources_of(store, raw):
                store.decide_label(source, raw, "rejected")
        changed = sum(store.apply_label_map(source) for source in SOURCES)
        return LabelsResult(store.labels(), changed)


def _sources_of(store: Store, raw: str) -> list[SourceName]:
    """Sources that hold the spelling; all of them where none does, so that the store names the error."""
    return [source for source in SOURCES if any(row.raw == raw for row in store.labels(source))] or [SOURCES[-1]]
