"""Which thresholds can be asked of synthetic rows? Those that real rows themselves meet.

The real table is cut in random halves again and again, and one half is assessed as if it were synthetic. What almost
all halves reach is what sampling alone leaves within reach; a threshold above it refuses perfect rows. The halves share
the rows of one table, so the spread is that of this table, and each has half of its rows: synthetic rows assessed
against the whole table meet a little less noise than the proposal allows for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import RandomState, child, generator, seed_sequence
from contrapeso.errors import CancelledError, ColumnNotFoundError, InvalidParameterError
from contrapeso.progress import Cancel, Progress, ProgressCallback, never, silent
from contrapeso.quality._evaluate import evaluate
from contrapeso.quality._given import Depth
from contrapeso.quality._report import QualityReport
from contrapeso.quality._rules import Rules
from contrapeso.quality._score import MIN_ROWS, PROVISIONAL_ROWS, THRESHOLDS, DimensionName
from contrapeso.quality._texts import Language, reason_text
from contrapeso.tables import Schema, infer_schema

PROPOSED: tuple[DimensionName, ...] = (
    "statistical_similarity",
    "distribution_preservation",
    "business_rule_compliance",
)
HIGHEST = 0.99
"""Scores of columns and pairs end at 1, where noise is cut off: a threshold of 1 would ask for more than real rows."""
MIN_MEASURED = 0.9
"""Share of the splits that must have a score for its quantile to be proposed."""


@dataclass(frozen=True, slots=True)
class ProposedThreshold:
    """The threshold that real rows themselves meet in one dimension, or None with a ``reason``.

    ``scores`` are those of one half against the other, ascending; ``default`` is the threshold of the engine.
    """

    name: DimensionName
    threshold: float | None
    default: float
    scores: tuple[float, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ThresholdProposal:
    """Thresholds from real-vs-real.

    Attributes
    ----------
    dimensions : tuple of ProposedThreshold
    n_rows, n_splits : rows of the real table, and how often it was cut
    level : share of the splits that meet each threshold
    is_provisional : whether a half has fewer than 200 rows, so that its scores tell little
    depth : {'quick', 'full'}, what was measured
    """

    dimensions: tuple[ProposedThreshold, ...]
    n_rows: int
    n_splits: int
    level: float
    is_provisional: bool
    depth: Depth

    @property
    def thresholds(self) -> dict[str, float]:
        """The proposals as ``evaluate(thresholds=...)`` and ``quality_thresholds`` take them."""
        return {found.name: found.threshold for found in self.dimensions if found.threshold is not None}

    def describe(self, language: Language = "pt") -> str:
        """The proposal in words, with what is missing and why."""
        return _sentences(self, language)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def propose_thresholds(
    real: pd.DataFrame,
    *,
    target: str | None = None,
    n_splits: int = 20,
    level: float = 0.95,
    rules: Rules | None = None,
    schema: Schema | None = None,
    depth: Depth = "quick",
    random_state: RandomState = 0,
    progress: ProgressCallback = silent,
    cancel: Cancel = never,
) -> ThresholdProposal:
    """Quality thresholds that real rows meet in ``level`` of random halves of ``real``.

    Parameters
    ----------
    real : DataFrame of shape (n, p)
    target : str, optional
        Class column: both halves get its classes in equal parts.
    n_splits : int, default=20
        At least ``1 / (1 - level)``: a share of 5 % of fewer than 20 splits is not one of them.
    level : float, default=0.95
    rules : mapping of name to predicate or Rule, optional
        Without them no ``business_rule_compliance`` is proposed.
    schema : Schema, optional
        Kinds of the columns, inferred from all rows by default.
    depth : {'quick', 'full'}, default='quick'
        As of :func:`evaluate`: ``distribution_preservation`` is measured by pairs alone, or by the joint test of
        trees as well. Propose with the depth with which you assess.
    random_state : int, Generator, SeedSequence or None, default=0
    progress, cancel : callable, optional
        ``cancel`` is asked between two splits.

    Returns
    -------
    ThresholdProposal
        Each threshold is rounded down to a hundredth, .99 at most but for rules. Below 30 rows in a half there
        is none, with the reason.

    Raises
    ------
    InvalidParameterError, ColumnNotFoundError, InvalidDataError, CancelledError

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> real = pd.DataFrame({"amount": rng.normal(size=1000), "kind": rng.choice(["pix", "ted"], 1000)})
    >>> found = propose_thresholds(real)
    >>> found.thresholds["statistical_similarity"] > 0.9
    True
    """
    _check(real, target, n_splits, level)
    seed = seed_sequence(random_state)
    found_schema = infer_schema(real) if schema is None and len(real) else schema
    reports = []
    for k in range(n_splits):
        if cancel():
            raise CancelledError("The proposal of thresholds was cancelled.")
        first, second = _halves(real, target, generator(child(seed, k)))
        reports.append(
            evaluate(first, second, schema=found_schema, target=target, rules=rules, seed=k, depth=depth, n_jobs=1)
        )
        progress(Progress("propose thresholds", k + 1, n_splits))
    dimensions = tuple(_proposed(name, reports, level) for name in PROPOSED)
    return ThresholdProposal(dimensions, len(real), n_splits, level, len(real) // 2 < PROVISIONAL_ROWS, depth)


def _check(real: pd.DataFrame, target: str | None, n_splits: int, level: float) -> None:
    if target is not None and target not in real.columns:
        raise ColumnNotFoundError(f"There is no column {target!r} to split by; there are {', '.join(map(str, real))}.")
    if not 0.5 <= level < 1:
        raise InvalidParameterError(f"level must be in [0.5, 1); got {level!r}.")
    least = int(np.ceil(1 / (1 - level) - 1e-9))
    if n_splits < least:
        raise InvalidParameterError(
            f"n_splits must be at least 1 / (1 - level) = {least}, or no split is below the threshold; got {n_splits}."
        )


def _halves(real: pd.DataFrame, target: str | None, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two random halves, each class in equal parts; the odd row of a class goes to one of them at random."""
    codes = np.zeros(len(real), dtype=np.intp)
    if target is not None:
        codes = pd.factorize(real[target], use_na_sentinel=False)[0].astype(np.intp)
    side = np.zeros(len(real), dtype=np.bool_)
    for code in range(int(codes.max(initial=-1)) + 1):
        rows: NDArray[np.intp] = rng.permutation(np.flatnonzero(codes == code))
        side[rows[: (rows.size + int(rng.integers(2))) // 2]] = True
    return real[side], real[~side]


def _proposed(name: DimensionName, reports: Sequence[QualityReport], level: float) -> ProposedThreshold:
    scores = [next(one.score for one in report.dimensions if one.name == name) for report in reports]
    known = sorted(score.value for score in scores if score.value is not None)
    if len(known) < MIN_MEASURED * len(reports) or not known:
        reason = next((score.reason for score in scores if score.value is None), None)
        return ProposedThreshold(name, None, THRESHOLDS[name], tuple(known), reason or "insufficient_data")
    low = float(np.floor(np.quantile(known, 1 - level, method="lower") * 100 + 1e-9) / 100)
    highest = 1.0 if name == "business_rule_compliance" else HIGHEST
    return ProposedThreshold(name, min(low, highest), THRESHOLDS[name], tuple(known))


_NAMES: dict[str, tuple[str, str]] = {
    "statistical_similarity": ("semelhança estatística", "statistical similarity"),
    "distribution_preservation": ("preservação das relações", "preserved dependence"),
    "business_rule_compliance": ("regras de negócio", "business rules"),
}


def _sentences(found: ThresholdProposal, language: Language) -> str:
    side = 0 if language == "pt" else 1
    known = [
        f"{_NAMES[one.name][side]} {one.threshold:.2f} ({('padrão', 'default')[side]} {one.default:.2f})"
        for one in found.dimensions
        if one.threshold is not None
    ]
    parts = []
    if known:
        lead = (
            "Linhas reais alcançam em {0:.0%} das metades sorteadas: {1}.",
            "Real rows reach in {0:.0%} of random halves: {1}.",
        )
        parts.append(lead[side].format(found.level, ", ".join(known)))
    if found.n_rows // 2 < MIN_ROWS:
        few = (
            "Com {0} linhas cada metade tem menos de {1}: são poucas para propor um limite.",
            "With {0} rows each half has fewer than {1}: too few to propose a threshold.",
        )
        return " ".join([*parts, few[side].format(found.n_rows, MIN_ROWS)])
    parts += [
        f"{_NAMES[one.name][side].capitalize()}: {reason_text(one.reason, language)}"
        for one in found.dimensions
        if one.reason is not None
    ]
    if found.is_provisional:
        short = (
            "Cada metade tem menos de {0} linhas: a proposta é provisória.",
            "Each half has fewer than {0} rows: the proposal is provisional.",
        )
        parts.append(short[side].format(PROVISIONAL_ROWS))
    return " ".join(parts)


__all__ = ["ProposedThreshold", "ThresholdProposal", "propose_thresholds"]
