"""What if more, or fewer, rows were made: scores, realism and risk over the ratio, and what labelled rows are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contrapeso.workflows._source import TableRef
from contrapeso.workflows.movements._balance import MovementsWish
from contrapeso.workflows.movements._rows import read

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.finance.evaluation import LearningCurve, RatioCurve

Language = Literal["pt", "en"]
MORE_LABELLED = 5
_HEADS = {
    "pt": ("razão", "novas", "F1 minoritárias", "F1 da maior", "realismo", "risco de vazar"),
    "en": ("ratio", "made", "minority F1", "F1 of the largest", "realism", "leak risk"),
}
_KNEE = {"pt": "  <- daqui em diante, mais linhas trazem pouco", "en": "  <- from here on, more rows bring little"}
_NO_KNEE = {"pt": "Nenhuma razão ganha meio ponto de F1.", "en": "No ratio gains half a point of F1."}
_WORTH = {
    "pt": "{k} linhas rotuladas a mais por categoria valem cerca de {n} sintéticas.",
    "en": "{k} more labelled rows of each category are worth about {n} synthetic ones.",
}
_BEYOND = {
    "pt": "{k} linhas rotuladas a mais por categoria valem mais que {n} sintéticas, o máximo tentado.",
    "en": "{k} more labelled rows of each category are worth more than {n} synthetic ones, the most that was tried.",
}
_NOTHING = {
    "pt": "{k} linhas rotuladas a mais por categoria não mudam o F1 aqui.",
    "en": "{k} more labelled rows of each category do not change the F1 here.",
}


@dataclass(frozen=True, eq=False)
class MovementsCurves:
    """The curve of the ratio, and what labelled rows are worth in synthetic ones."""

    table: str
    ratio: RatioCurve
    labelled: LearningCurve

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        worth = self.labelled.worth_of(MORE_LABELLED)
        return {
            "table": self.table,
            "ratio": self.ratio.to_dict(),
            "labelled": self.labelled.to_dict(),
            f"worth_of_{MORE_LABELLED}_labelled": worth,
        }

    def describe(self, language: Language) -> str:
        """A line a ratio with the knee marked, and the worth of labelled rows in a sentence."""
        lines = ["  ".join(_HEADS[language])]
        for point in self.ratio.points:
            realism = "-" if point.realism is None else f"{point.realism:.0f}"
            scores = (point.minority_f1, point.majority_f1)
            cells = [f"{point.ratio:g}", f"{point.n_made:.0f}", *(f"{score:.3f}" for score in scores)]
            line = "  ".join([*cells, realism, f"{point.leak_risk:.3f}"])
            lines.append(line.replace(".", ",") if language == "pt" else line)
            if point.ratio == self.ratio.knee:
                lines[-1] += _KNEE[language]
        if self.ratio.knee is None:
            lines.append(_NO_KNEE[language])
        return "\n".join([*lines, self._worth(language)])

    def _worth(self, language: Language) -> str:
        n = self.labelled.worth_of(MORE_LABELLED)
        if n is None:
            return _BEYOND[language].format(k=MORE_LABELLED, n=self.labelled.made[-1])
        return (_WORTH if n else _NOTHING)[language].format(k=MORE_LABELLED, n=round(n))


def movements_curves(ref: TableRef, settings: Settings, wish: MovementsWish | None = None) -> MovementsCurves:
    """Make rows for growing ratios, and for growing numbers of labelled rows, and judge each by later real rows.

    Raises
    ------
    InsufficientDataError
        If the rows cannot be cut in time.
    """
    from contrapeso.finance.evaluation import DraftedRows, learning_curve, ratio_curve
    from contrapeso.finance.synthesis import group_spellings

    wish = wish or MovementsWish()
    _, entries = read(ref, settings, wish.mapping)
    grouped = group_spellings(entries.ledger, named=wish.categories)
    method = "pattern_based" if wish.method == "auto" else wish.method
    make = DraftedRows(wish.seed)
    curve = ratio_curve(grouped.ledger, make, method=method, categories=grouped.asked(wish.categories or None))
    return MovementsCurves(ref.label, curve, learning_curve(grouped.ledger, make, method=method))


__all__ = ["MovementsCurves", "movements_curves"]
