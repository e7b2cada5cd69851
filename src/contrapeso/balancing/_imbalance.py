"""The imbalance of a target as a value: its numbers, their words, and what they allow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from contrapeso.balancing import _describe
from contrapeso.balancing._ambiguity import Ambiguity
from contrapeso.balancing._counts import Label, json_label
from contrapeso.balancing._texts import AdviceCode, Language
from contrapeso.errors import InvalidParameterError

Severity = Literal["low", "moderate", "high", "extreme"]
Scarcity = Literal["smote_impossible", "generator_impossible", "metrics_unstable"]

REQUIRES_BALANCING_FROM = 2.0
AMBIGUITY_HIGH = 0.10
"""From this share of ambiguous rows on, the first advice is to review the labels."""
ENOUGH_ROWS = 200
"""Distinct rows per class from which published comparisons rarely see a gain for a tuned model."""
USABLE_ROWS: dict[Scarcity, int] = {"smote_impossible": 6, "generator_impossible": 10, "metrics_unstable": 30}
"""Distinct rows below which SMOTE with 5 neighbours is impossible, no generator is fitted, metrics are unstable."""


def severity(ratio: float) -> Severity:
    """Word for a ratio of the largest class to another: low < 2 <= moderate < 5 <= high < 10 <= extreme."""
    if not ratio >= 1:
        raise InvalidParameterError(f"A ratio of the largest class to another is at least 1; got {ratio!r}.")
    steps: tuple[tuple[float, Severity], ...] = ((2, "low"), (5, "moderate"), (10, "high"))
    return next((name for end, name in steps if ratio < end), "extreme")


@dataclass(frozen=True, slots=True)
class ClassProfile:
    """One class: ``ratio`` is the largest class over this one, ``share`` is of the labelled rows.

    ``distinct`` are the rows left after exact duplicates over the feature columns, ``ambiguous`` the
    rows whose text (or columns) occur under another class too; both None where no table was given.
    """

    label: Label
    count: int
    share: float
    ratio: float
    severity: Severity
    distinct: int | None = None
    ambiguous: int | None = None

    @property
    def effective(self) -> int:
        """Distinct rows where they are known, else rows."""
        return self.count if self.distinct is None else self.distinct

    @property
    def rows_missing(self) -> dict[Scarcity, int]:
        """For every usable size that the class does not reach, the distinct rows that are missing."""
        return {flag: size - self.effective for flag, size in USABLE_ROWS.items() if self.effective < size}

    @property
    def scarce(self) -> tuple[Scarcity, ...]:
        """The usable sizes that the class does not reach."""
        return tuple(self.rows_missing)

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {
            "label": json_label(self.label),
            "count": self.count,
            "share": self.share,
            "ratio": self.ratio,
            "severity": self.severity,
            "distinct": self.distinct,
            "ambiguous": self.ambiguous,
            "scarce": list(self.scarce),
            "rows_missing": dict(self.rows_missing),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the numbers allow, as stable codes and in words; never a promise that balancing helps."""

    codes: tuple[AdviceCode, ...]
    pt: str
    en: str

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {"codes": list(self.codes), "pt": self.pt, "en": self.en}


@dataclass(frozen=True, slots=True)
class ImbalanceAnalysis:
    """Imbalance of a target, classes from the most to the least frequent.

    ``ratio`` is the largest class over the smallest, 1.0 for a single class and None where no row has
    a label; ``entropy`` is Shannon's, divided by its greatest value log(n_classes), None below two
    classes. ``identifiers`` are the columns that were left out when equal rows were looked for.
    """

    n_rows: int
    n_missing: int
    classes: tuple[ClassProfile, ...]
    ambiguity: Ambiguity | None = None
    identifiers: tuple[str, ...] = ()

    @property
    def n_classes(self) -> int:
        """Classes with at least one row."""
        return len(self.classes)

    @property
    def ratio(self) -> float | None:
        """Largest class over the smallest."""
        return self.classes[0].count / self.classes[-1].count if self.classes else None

    @property
    def severity(self) -> Severity | None:
        """Word for :attr:`ratio`; None where there is no ratio."""
        return None if self.ratio is None else severity(self.ratio)

    @property
    def requires_balancing(self) -> bool:
        """Whether the ratio is 2 or more; whether balancing pays is another question (see the verdict)."""
        return self.ratio is not None and self.ratio >= REQUIRES_BALANCING_FROM

    @property
    def entropy(self) -> float | None:
        """Normalised Shannon entropy of the classes, in [0, 1]; 1 is perfectly even."""
        if self.n_classes < 2:
            return None
        return min(1.0, -sum(c.share * math.log(c.share) for c in self.classes) / math.log(self.n_classes))

    @property
    def majority_class(self) -> Label:
        """Most frequent class; None where there is none."""
        return self.classes[0].label if self.classes else None

    @property
    def minority_class(self) -> Label:
        """Least frequent class (the first of several equals); None where there is none."""
        return min(self.classes, key=lambda profile: profile.count).label if self.classes else None

    @property
    def class_counts(self) -> dict[Label, int]:
        """Label -> rows."""
        return {profile.label: profile.count for profile in self.classes}

    @property
    def advice(self) -> tuple[AdviceCode, ...]:
        """Codes of the verdict, the most urgent first."""
        if self.n_classes < 2:
            return ("single_class",) if self.classes else ("empty",)
        share = self.ambiguity.share if self.ambiguity else None
        codes: list[AdviceCode] = ["labels_first"] if share is not None and share >= AMBIGUITY_HIGH else []
        if not self.requires_balancing:
            return (*codes, "balanced")
        least = min(profile.effective for profile in self.classes)
        if least < USABLE_ROWS["smote_impossible"]:
            codes.append("too_scarce")
        if least < USABLE_ROWS["metrics_unstable"]:
            codes.append("unstable")
        if least >= ENOUGH_ROWS:
            codes.append("rarely_helps")
        return (*codes, "compare")

    @property
    def verdict(self) -> Verdict:
        """What was measured and what follows from it, in both languages."""
        return Verdict(self.advice, _describe.verdict(self, "pt"), _describe.verdict(self, "en"))

    def describe(self, language: Language = "en") -> str:
        """A table of the classes and the verdict, in words."""
        return _describe.analysis(self, language)

    def __str__(self) -> str:
        return self.describe("en")

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {
            "n_rows": self.n_rows,
            "n_missing": self.n_missing,
            "n_classes": self.n_classes,
            "ratio": self.ratio,
            "severity": self.severity,
            "requires_balancing": self.requires_balancing,
            "entropy": self.entropy,
            "majority_class": json_label(self.majority_class) if self.classes else None,
            "minority_class": json_label(self.minority_class) if self.classes else None,
            "classes": [profile.to_dict() for profile in self.classes],
            "ambiguity": self.ambiguity.to_dict() if self.ambiguity else None,
            "identifiers": list(self.identifiers),
            "verdict": self.verdict.to_dict(),
        }


__all__ = [
    "AMBIGUITY_HIGH", "ENOUGH_ROWS", "USABLE_ROWS", "ClassProfile", "ImbalanceAnalysis", "Scarcity", "Severity",
    "Verdict", "severity",
]  # fmt: skip
