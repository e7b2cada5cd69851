"""Proposals about labels as values, and their application: nothing is renamed without a record."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import pandas as pd

from contrapeso.errors import InvalidDataError, InvalidParameterError

Status: TypeAlias = Literal["same", "merged", "suggested", "quarantined", "uncategorised"]
Label: TypeAlias = str | None


@dataclass(frozen=True, slots=True)
class LabelProposal:
    """What to do with one raw label.

    Attributes
    ----------
    raw : the label as typed; None for a missing cell.
    canonical : the name it gets if nobody objects; None for no category.
    status : ``same`` (keeps its spelling), ``merged`` (another spelling of ``canonical``), ``suggested``
        (keeps ``canonical`` until somebody accepts ``suggestion``), ``quarantined`` (a note or balance
        mark typed as a label), ``uncategorised`` (says that there is no category).
    rule : the stable name of the rule that decided.
    reason_pt, reason_en : the sentence for a person.
    count : rows with this raw label.
    suggestion : the name it gets if the suggestion is accepted.
    """

    raw: Label
    canonical: Label
    status: Status
    rule: str
    reason_pt: str
    reason_en: str
    count: int
    suggestion: str | None = None


@dataclass(frozen=True)
class LabelProposals:
    """One proposal for each distinct raw label, ordered by canonical name, most frequent first."""

    proposals: tuple[LabelProposal, ...]

    def __iter__(self) -> Iterator[LabelProposal]:
        return iter(self.proposals)

    def __len__(self) -> int:
        return len(self.proposals)

    def __getitem__(self, raw: Label) -> LabelProposal:
        try:
            return self._by_raw[raw]
        except KeyError:
            raise InvalidParameterError(f"No proposal for label {raw!r}: it was not among the labels given.") from None

    @cached_property
    def _by_raw(self) -> dict[Label, LabelProposal]:
        return {proposal.raw: proposal for proposal in self.proposals}

    @property
    def n_rows(self) -> int:
        """Number of labels given, repetitions and missing ones counted."""
        return sum(proposal.count for proposal in self.proposals)

    @property
    def categories(self) -> dict[str, int]:
        """Canonical name -> rows, most frequent first, before any suggestion is accepted."""
        rows: Counter[str] = Counter()
        for proposal in self.proposals:
            if proposal.canonical is not None:
                rows[proposal.canonical] += proposal.count
        return dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))

    def of_status(self, *statuses: Status) -> tuple[LabelProposal, ...]:
        """Proposals with one of ``statuses``."""
        return tuple(proposal for proposal in self.proposals if proposal.status in statuses)

    def decisions(self, accept: Collection[str] = ()) -> dict[Label, Label]:
        """Raw label -> name to apply, with the suggestions named in ``accept`` (raw or canonical) followed."""
        unknown = set(accept) - {name for p in self.proposals if p.suggestion for name in (p.raw, p.canonical)}
        if unknown:
            raise InvalidParameterError(
                f"No suggestion to accept for {sorted(unknown)}; accept= takes raw or canonical names "
                "of proposals that have a suggestion."
            )
        target = {
            (p.canonical or p.raw): p.suggestion
            for p in self.proposals
            if p.suggestion and (p.raw in accept or p.canonical in accept)
        }
        return {p.raw: self._followed(p, target) for p in self.proposals}

    @staticmethod
    def _followed(proposal: LabelProposal, target: Mapping[Label, str]) -> Label:
        """Name at the end of the chain of accepted suggestions that starts at ``proposal``."""
        key, name, seen = proposal.canonical or proposal.raw, proposal.canonical, set[Label]()
        while key in target and key not in seen:
            seen.add(key)
            key = name = target[key]
        return name

    def to_frame(self) -> pd.DataFrame:
        """One row per proposal, columns as the fields of :class:`LabelProposal`."""
        fields = list(LabelProposal.__dataclass_fields__)
        rows = [[getattr(proposal, field) for field in fields] for proposal in self.proposals]
        return pd.DataFrame(rows, columns=fields).astype({"count": "int64"})

    def __str__(self) -> str:
        if not self.proposals:
            return "(no labels)"
        shown = self.to_frame()[["count", "raw", "canonical", "status", "rule", "suggestion"]]
        return shown.fillna("").to_string(index=False)


def apply_labels(raw_labels: Iterable[object], decisions: Mapping[Label, Label]) -> list[Label]:
    """Name of each raw label by ``decisions``, in order; missing labels stay missing.

    Raises
    ------
    InvalidDataError
        If a label has no decision: a rename must be on record, and so must staying as it is.
    """
    applied: list[Label] = []
    for raw in raw_labels:
        label = as_label(raw)
        if label is None:
            applied.append(None)
        elif label in decisions:
            applied.append(decisions[label])
        else:
            raise InvalidDataError(
                f"Label {label!r} has no decision. Propose and decide again with this label among the others."
            )
    return applied


def as_label(raw: object) -> Label:
    """``raw`` as text, or None for None, NaN, NaT and NA."""
    if isinstance(raw, str):
        return str(raw)
    if raw is None or raw is pd.NA or raw is pd.NaT or (isinstance(raw, float) and math.isnan(raw)):
        return None
    raise InvalidParameterError(
        f"Labels are text or missing; got {raw!r} of type {type(raw).__name__}. "
        "Convert the column with astype(str) first."
    )


__all__ = ["Label", "LabelProposal", "LabelProposals", "Status", "apply_labels", "as_label"]
