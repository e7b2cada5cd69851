"""How often a person was right in a blind test, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from contrapeso.errors import InsufficientDataError, InvalidDataError
from contrapeso.finance.statements._blind_file import open_sealed, read_filled

Verdict: TypeAlias = Literal["told_apart", "not_told_apart", "mistaken"]
_CHANCE = 0.5
_SENTENCES: dict[Literal["pt", "en"], dict[Verdict, str]] = {
    "pt": {
        "told_apart": "as linhas sintéticas foram distinguidas das reais.",
        "not_told_apart": "não dá para separar isto de cara ou coroa.",
        "mistaken": "as respostas foram piores que cara ou coroa: reais e sintéticas foram trocadas.",
    },
    "en": {
        "told_apart": "the synthetic rows were told from the real ones.",
        "not_told_apart": "this cannot be told from tossing a coin.",
        "mistaken": "the answers were worse than tossing a coin: real and synthetic were taken for each other.",
    },
}


@dataclass(frozen=True, slots=True)
class BlindScore:
    """The outcome of a blind test.

    Attributes
    ----------
    n_rows, n_answered, n_right : int
        Rows of the sheet, those with an answer, and right answers. Rows left blank do not count.
    interval : tuple of float
        95 % score interval of Wilson for the share of right answers; 0.5 is tossing a coin.
    p_value : float
        Two-sided exact binomial test against 0.5.
    n_synthetic, n_synthetic_found : int
        Synthetic rows with an answer, and those of them that were called synthetic.
    n_real, n_real_suspected : int
        Real rows with an answer, and those of them that were called synthetic.
    """

    n_rows: int
    n_answered: int
    n_right: int
    interval: tuple[float, float]
    p_value: float
    n_synthetic: int
    n_synthetic_found: int
    n_real: int
    n_real_suspected: int

    @property
    def share(self) -> float:
        """Share of right answers."""
        return self.n_right / self.n_answered

    @property
    def verdict(self) -> Verdict:
        """Whether the interval lies above one half, around it, or below."""
        low, high = self.interval
        return "told_apart" if low > _CHANCE else "mistaken" if high < _CHANCE else "not_told_apart"

    def sentence(self, language: Literal["pt", "en"] = "pt") -> str:
        """The outcome in one sentence."""
        low, high = (100 * limit for limit in self.interval)
        shares = f"{100 * self.share:.1f} % ({low:.1f}-{high:.1f} %)"
        said = _SENTENCES[language][self.verdict]
        if language == "pt":
            shares = shares.replace(".", ",")
            return f"{self.n_right} certas de {self.n_answered} respostas, {shares}, intervalo de 95 %: {said}"
        return f"{self.n_right} right of {self.n_answered} answers, {shares}, 95 % interval: {said}"


def score_blind(sheet: str | Path, answers: str | Path) -> BlindScore:
    """How often the person who filled in ``sheet`` was right, by the sealed ``answers``.

    Parameters
    ----------
    sheet : the workbook of :func:`blind_sheet` with answers in it, saved as XLSX or CSV
    answers : the sealed answers written beside it

    Raises
    ------
    InvalidDataError
        If the answers are not those that the sheet commits to, its rows were changed, or an answer is no answer.
    InsufficientDataError
        If no row is answered.
    UnreadableFileError
        If a file is of another kind.
    """
    from scipy.stats import binomtest

    from contrapeso.metrics._attacks import wilson

    filled, truth = read_filled(Path(sheet)), open_sealed(Path(answers))
    if filled.commitment != truth.commitment:
        raise InvalidDataError(
            "The sealed answers are not those that the sheet commits to: the SHA-256 printed in it is another one. "
            "Give the file that was written together with the sheet.",
            {"printed": filled.commitment, "found": truth.commitment},
        )
    if filled.rows_sha256 != truth.rows_sha256:
        raise InvalidDataError(
            "The rows of the sheet are not those that were written: some were changed, sorted or taken out. "
            "Write the answers into the sheet as it came."
        )
    pairs = [
        (said, is_so) for said, is_so in zip(filled.said_synthetic, truth.synthetic, strict=True) if said is not None
    ]
    if not pairs:
        raise InsufficientDataError("No row of the sheet is answered. Write real or sintética into at least one.")
    n_right = sum(said == is_so for said, is_so in pairs)
    n_synthetic = sum(is_so for _, is_so in pairs)
    return BlindScore(
        n_rows=len(truth.synthetic),
        n_answered=len(pairs),
        n_right=n_right,
        interval=wilson(n_right / len(pairs), len(pairs)),
        p_value=float(binomtest(n_right, len(pairs)).pvalue),
        n_synthetic=n_synthetic,
        n_synthetic_found=sum(said and is_so for said, is_so in pairs),
        n_real=len(pairs) - n_synthetic,
        n_real_suspected=sum(said and not is_so for said, is_so in pairs),
    )


__all__ = ["BlindScore", "Verdict", "score_blind"]
