"""What checking a table found: each rule's compliance with examples, and real, before and after side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance.rules._params import plain
from contrapeso.finance.rules._rule import BROKEN, SILENT, Rule
from contrapeso.finance.rules._words import SAY, Language, percent

N_EXAMPLES = 3
SOFT_MARGIN = 0.05
Status: TypeAlias = Literal["kept", "broken", "not_applicable"]
Verdict: TypeAlias = Literal["as_real", "below_real", "over_regular", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Example:
    """A row that breaks a rule: its number and its values of the columns that the rule reads."""

    row: int
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule on one table; ``why`` says why it is not applicable, ``absent`` names the column that it lacks."""

    rule: Rule
    n_asked: int
    n_broken: int
    examples: tuple[Example, ...] = ()
    why: str = ""
    absent: str = ""

    @property
    def share(self) -> float | None:
        """Share of the rows that it is about that keep it; None where it is about none."""
        return 1 - self.n_broken / self.n_asked if self.n_asked else None

    @property
    def status(self) -> Status:
        """A hard rule is broken by one row, a soft one below its ``min_share`` (or never, where it names none)."""
        if self.share is None:
            return "not_applicable"
        if self.rule.severity == "hard":
            return "broken" if self.n_broken else "kept"
        return "broken" if self.share < (self.rule.min_share or 0.0) else "kept"

    def to_dict(self, *, examples: bool = True) -> dict[str, object]:
        """The result as JSON values; the examples are values of rows, and personal data if those are."""
        found: dict[str, object] = {
            "id": self.rule.id,
            "type": self.rule.type,
            "severity": self.rule.severity,
            "enforce": self.rule.enforce,
            "origin": self.rule.origin,
            "status": self.status,
            "n_asked": self.n_asked,
            "n_broken": self.n_broken,
            "share": self.share,
            "why": self.why,
        }
        if examples:
            found["examples"] = [{"row": item.row, "values": plain(item.values)} for item in self.examples]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class RuleReport:
    """All rules on one table.

    Attributes
    ----------
    results : one for each rule, in the order of the set.
    answers : int8, shape (n_rows, n_rules): 1 kept, 0 broken, -1 the rule says nothing.
    """

    results: tuple[RuleResult, ...]
    answers: NDArray[np.int8]

    def __getitem__(self, rule: str) -> RuleResult:
        for result in self.results:
            if result.rule.id == rule:
                return result
        raise KeyError(rule)

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return len(self.answers)

    @property
    def broken_hard(self) -> NDArray[np.bool_]:
        """Whether a row breaks a hard rule, (n_rows,)."""
        hard = [result.rule.severity == "hard" for result in self.results]
        return np.asarray((self.answers[:, hard] == BROKEN).any(axis=1))

    @property
    def clean_share(self) -> float | None:
        """Share of rows that break no hard rule; None without a row."""
        return float(1 - self.broken_hard.mean()) if self.n_rows else None

    @property
    def rejected(self) -> NDArray[np.bool_]:
        """Rows not to be delivered: they break a hard rule that is enforced, or any with ``reject``, (n_rows,)."""
        strict = [is_strict(result.rule) for result in self.results]
        return np.asarray((self.answers[:, strict] == BROKEN).any(axis=1))

    def rejected_by(self) -> dict[str, int]:
        """Number of rejected rows by the first rule that rejects them; rules that reject none are left out."""
        left = np.ones(self.n_rows, dtype=bool)
        found: dict[str, int] = {}
        for place, result in enumerate(self.results):
            if is_strict(result.rule):
                hit = left & (self.answers[:, place] == BROKEN)
                if hit.any():
                    found[result.rule.id] = int(hit.sum())
                    left &= ~hit
        return found

    def of_row(self, row: int) -> dict[str, bool]:
        """Of one row, whether it keeps each rule that says something about it; for its provenance."""
        asked = self.answers[row] != SILENT
        return {
            result.rule.id: bool(answer)
            for result, answer, said in zip(self.results, self.answers[row], asked, strict=True)
            if said
        }

    def to_dict(self, *, examples: bool = True) -> dict[str, object]:
        """The report as JSON values."""
        rules = [result.to_dict(examples=examples) for result in self.results]
        return {"n_rows": self.n_rows, "clean_share": self.clean_share, "rules": rules}

    def describe(self, language: Language = "pt", *, examples: bool = False) -> str:
        """The report in words, a line for each rule."""
        say = {key: words[language] for key, words in SAY.items()}
        lines = [say["rows"].format(n=self.n_rows, clean=percent(self.clean_share, language))]
        for result in self.results:
            if result.share is None:
                why = say["absent"].format(column=result.absent) if result.absent else result.why
                lines.append(say["silent"].format(id=result.rule.id, why=why or say["nothing_asked"]))
                continue
            lines.append(
                say["share"].format(
                    mark="x" if result.status == "broken" else "ok",
                    id=result.rule.id,
                    severity=say[result.rule.severity],
                    share=percent(result.share, language),
                    asked=result.n_asked,
                    message=result.rule.text(language),
                )
            )
            if examples:
                lines += [
                    "   " + say["example"].format(row=item.row, values=plain(item.values)) for item in result.examples
                ]
        return "\n".join(lines)


def is_strict(rule: Rule) -> bool:
    """Whether a new row that breaks the rule is not to be delivered."""
    return rule.enforce == "reject" or (rule.severity == "hard" and rule.enforce != "report")


@dataclass(frozen=True, slots=True)
class Compliance:
    """Shares of one rule on real rows, on new ones before enforcement and after; None where it is about none."""

    rule: Rule
    real: float | None
    before: float | None
    after: float | None
    n_repaired: int = 0
    n_rejected: int = 0

    @property
    def verdict(self) -> Verdict:
        """``below_real``, ``over_regular`` (soft and kept more than 5 points more often than by real rows), or as real.

        Without real rows that the rule is about, a hard rule is to be kept by all and a soft one by ``min_share``.
        """
        if self.after is None:
            return "not_applicable"
        hard = self.rule.severity == "hard"
        wanted = self.real if self.real is not None else (1.0 if hard else self.rule.min_share)
        if wanted is not None and self.after < wanted - (0.0 if hard else SOFT_MARGIN) - 1e-12:
            return "below_real"
        if not hard and self.real is not None and self.after > self.real + SOFT_MARGIN + 1e-12:
            return "over_regular"
        return "as_real"

    def to_dict(self) -> dict[str, object]:
        """The line as JSON values."""
        return {
            "id": self.rule.id,
            "type": self.rule.type,
            "severity": self.rule.severity,
            "real": self.real,
            "before": self.before,
            "after": self.after,
            "n_repaired": self.n_repaired,
            "n_rejected": self.n_rejected,
            "verdict": self.verdict,
            "message": {"pt": self.rule.text("pt"), "en": self.rule.text("en")},
        }


@dataclass(frozen=True, slots=True)
class ComplianceReport:
    """What enforcement did: a line for each rule."""

    lines: tuple[Compliance, ...]

    def __getitem__(self, rule: str) -> Compliance:
        for line in self.lines:
            if line.rule.id == rule:
                return line
        raise KeyError(rule)

    @property
    def over_regular(self) -> tuple[str, ...]:
        """Soft rules that new rows keep too often to look like the real ones."""
        return tuple(line.rule.id for line in self.lines if line.verdict == "over_regular")

    @property
    def below_real(self) -> tuple[str, ...]:
        """Rules that new rows keep less often than the real ones."""
        return tuple(line.rule.id for line in self.lines if line.verdict == "below_real")

    def to_dict(self) -> dict[str, object]:
        """The report as JSON values."""
        return {
            "rules": [line.to_dict() for line in self.lines],
            "over_regular": list(self.over_regular),
            "below_real": list(self.below_real),
        }

    def describe(self, language: Language = "pt") -> str:
        """The report as a table of text."""
        rows = [SAY["table"][language]]
        for line in self.lines:
            shares = (percent(share, language) for share in (line.real, line.before, line.after))
            counts = (str(line.n_repaired), str(line.n_rejected))
            rows.append(" | ".join([line.rule.id, *shares, *counts, SAY[line.verdict][language]]))
        return "\n".join(rows)


__all__ = ["Compliance", "ComplianceReport", "Example", "RuleReport", "RuleResult", "is_strict"]
