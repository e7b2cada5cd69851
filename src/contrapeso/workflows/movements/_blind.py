"""A blind test of a table: real and synthetic movements mixed in a workbook, and how well a person told them apart."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contrapeso.errors import InsufficientDataError
from contrapeso.workflows._source import TableRef
from contrapeso.workflows.movements._balance import MovementsWish, rules_of
from contrapeso.workflows.movements._rows import keys_of, read

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.finance.statements import BlindScore, BlindSheet

LEAST_MADE = 10
"""Synthetic rows below which a category is not taken up in a test of it."""


@dataclass(frozen=True, eq=False)
class BlindTest:
    """The files of a blind test."""

    table: str
    files: BlindSheet
    method: str

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        plain = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(self.files).items()}
        return {"table": self.table, "method": self.method, **plain}

    def describe(self, language: Literal["pt", "en"]) -> str:
        """What to do with the files."""
        lines = {
            "pt": (
                f"{self.files.n_rows} linhas para julgar: {self.files.sheet}",
                f"Respostas lacradas: {self.files.answers}",
                f"Depois: contrapeso finance blind-score {self.files.sheet} {self.files.answers}",
            ),
            "en": (
                f"{self.files.n_rows} rows to judge: {self.files.sheet}",
                f"Sealed answers: {self.files.answers}",
                f"Then: contrapeso finance blind-score {self.files.sheet} {self.files.answers}",
            ),
        }
        return "\n".join(lines[language])


@dataclass(frozen=True, eq=False)
class BlindOutcome:
    """How a person did."""

    score: BlindScore

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {**asdict(self.score), "share": self.score.share, "verdict": self.score.verdict}

    def describe(self, language: Literal["pt", "en"]) -> str:
        """The outcome in one sentence."""
        return self.score.sentence(language)


def blind_test(
    ref: TableRef, settings: Settings, wish: MovementsWish | None = None, *, folder: Path, n: int = 40
) -> BlindTest:
    """Write a workbook of real and synthetic movements to ``folder``, and the sealed answers beside it.

    As many synthetic rows as real ones are made of each category (at least ten of it in the table), so that a row's
    category does not give it away. Real rows are shown under pseudonyms, as the synthetic ones are.

    Raises
    ------
    InsufficientDataError
        If no category has ten rows.
    """
    from contrapeso.finance.statements import blind_sheet
    from contrapeso.finance.synthesis import balance

    wish = wish or MovementsWish()
    rows, entries = read(ref, settings, wish.mapping)
    names, counts = _counted(entries.ledger.categories.tolist())
    asked = {
        name: {"rows": count}
        for name, count in zip(names, counts, strict=True)
        if count >= LEAST_MADE and (not wish.categories or name in wish.categories)
    }
    if not asked:
        raise InsufficientDataError(
            f"A blind test needs a category with {LEAST_MADE} rows; the largest here has {max(counts, default=0)}."
        )
    result = balance(
        rows,
        target_category=tuple(asked),
        method=wish.method,  # type: ignore[arg-type]  # checked there, with the list
        options=asked,
        mapping=wish.mapping,
        rules=rules_of(entries, None),
        inner_validation=False,
        random_state=wish.seed,
    )
    known = {category for row in result.synthetic for category in [row.get(keys_of(entries).get("category", ""))]}
    real = [row for row in rows if row.get(keys_of(entries).get("category", "")) in known]
    files = blind_sheet(real, result.synthetic, folder, n, wish.seed, columns=keys_of(entries))
    return BlindTest(ref.label, files, wish.method)


def score_blind_test(sheet: Path, answers: Path) -> BlindOutcome:
    """How often the person who filled in ``sheet`` was right."""
    from contrapeso.finance.statements import score_blind

    return BlindOutcome(score_blind(sheet, answers))


def _counted(categories: list[str]) -> tuple[list[str], list[int]]:
    from collections import Counter

    found = Counter(name for name in categories if name)
    return list(found), list(found.values())


__all__ = ["BlindOutcome", "BlindTest", "blind_test", "score_blind_test"]
