"""The quality report as a value: frozen dataclasses, JSON in and out, no row of either table inside.

Numbers that could not be measured are None and carry a ``reason``; reasons, notes and recommendations
are stable codes whose Portuguese and English sentences live in ``_texts``. Bars hold shares of cells
with at least five real records behind them; rarer cells are merged before they get here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

from contrapeso.quality._sections import (
    Attack,
    Fairness,
    Joint,
    MinedRule,
    Reading,
    Score,
    Sequences,
    TestResult,
    Usefulness,
)
from contrapeso.quality._texts import Language, reason_text, recommendation_text

JsonValue: TypeAlias = str | int | float | bool | list["JsonValue"] | dict[str, "JsonValue"] | None
Direction = Literal["kept", "lost", "invented", "changed"]
CellRole = Literal["range", "value", "null", "other", "unseen", "suppressed"]
PrivacyStatus = Literal["cannot_be_assessed", "no_excess_found", "excess_copies", "attack_succeeded"]
Matrix: TypeAlias = tuple[tuple[float | None, ...], ...]

PROTOCOL = 2
"""Number of the JSON layout of :meth:`QualityReport.to_dict`; older numbers keep loading."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Shares per cell for plotting; ``real`` and ``synthetic`` each sum to one (within rounding).

    ``roles[k]`` says what cell k is: a numeric ``range``, a category ``value``, ``null``, ``other``
    (categories beyond the most frequent), ``unseen`` in the real table, or ``suppressed``, the merger
    of ``suppressed`` cells that had fewer than five real records each.
    """

    labels: tuple[str, ...]
    real: tuple[float, ...]
    synthetic: tuple[float, ...]
    suppressed: int = 0
    roles: tuple[CellRole, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """One column. ``score`` is the noise-corrected similarity; ``ks``, ``tv`` and ``js`` are similarities too.

    ``wasserstein`` is in IQRs of the real column (0 is best, no upper end); None where the metric does not apply.
    ``note`` is a code (``cast``, ``missing_column``, ``constant``, ...).
    """

    name: str
    kind: str
    score: Score
    ks: float | None = None
    tv: float | None = None
    js: float | None = None
    wasserstein: float | None = None
    null_real: float | None = None
    null_synthetic: float | None = None
    unseen_share: float | None = None
    coverage: float | None = None
    bars: Bars | None = None
    note: str | None = None

    def note_text(self, language: Language = "pt") -> str | None:
        """The note as a sentence, None without one."""
        return reason_text(self.note, language) if self.note else None


@dataclass(frozen=True, slots=True)
class PairReport:
    """Dependence of two columns, noise removed, 0 (independent) to 1, in the real and the synthetic table."""

    a: str
    b: str
    dependence_real: float
    dependence_synthetic: float
    score: float
    direction: Direction


@dataclass(frozen=True, slots=True)
class Dependence:
    """Two square matrices over ``columns`` for heat maps.

    ``cramers_v`` (bias-corrected, on the pair cells, 0 to 1) covers every column; ``spearman`` (-1 to 1)
    the numeric ones. None where a value is undefined (a constant column).
    """

    columns: tuple[str, ...]
    real: Matrix
    synthetic: Matrix
    measure: Literal["cramers_v", "spearman"] = "cramers_v"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One side of quality with its threshold and weight; ``passed`` is None where the score is absent."""

    name: Literal[
        "statistical_similarity", "distribution_preservation", "business_rule_compliance", "model_performance"
    ]
    score: Score
    threshold: float
    weight: float
    passed: bool | None


@dataclass(frozen=True, slots=True)
class RuleReport:
    """One business rule: shares of applicable rows that satisfy it, and positions (0-based) of offending rows.

    ``over_regular``: a soft rule that synthetic rows keep clearly more often than real ones.
    """

    name: str
    rate_real: float | None
    rate_synthetic: float | None
    score: float | None
    n_applicable: int
    violations: tuple[int, ...] = ()
    over_regular: bool = False


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to fix: a ``code``, the columns, the evidence, and the gain in overall score if it were at its ceiling."""

    code: str
    columns: tuple[str, ...]
    evidence: Mapping[str, JsonValue]
    expected_gain: float | None = None

    def text(self, language: Language = "pt") -> str:
        """What was found and what to do about it, in one or two sentences."""
        return recommendation_text(self.code, self.columns, self.evidence, language)


@dataclass(frozen=True, slots=True)
class Privacy:
    """A gate, never a part of the score. Shares of rows equal to a real row on every non-identifier column.

    Copies alone say little: tables repeat themselves. ``holdout_copies`` is what rows never used for
    generation score, and without it the ``status`` is ``cannot_be_assessed``.
    """

    status: PrivacyStatus
    exact_copies: float
    n_exact_copies: int
    holdout_copies: float | None = None
    n_columns: int = 0
    attacks: tuple[Attack, ...] = ()

    @property
    def do_not_release(self) -> bool:
        """True when more rows are copied than a holdout repeats by chance, or an attack beats its control."""
        return self.status in ("excess_copies", "attack_succeeded")

    def text(self, language: Language = "pt") -> str:
        """The status in words that do not promise more than was looked for."""
        return reason_text(f"privacy_{self.status}", language)


@dataclass(frozen=True, slots=True)
class ClassCount:
    """Rows of one class of the target."""

    label: str
    n_real: int
    n_synthetic: int


@dataclass(frozen=True, slots=True)
class DataCharacteristics:
    """Sizes and make-up. Duplicates are shares of rows that repeat an earlier row of the same table."""

    n_real: int
    n_synthetic: int
    n_holdout: int | None
    n_columns: int
    kinds: Mapping[str, int]
    target: str | None
    classes: tuple[ClassCount, ...]
    duplicates_real: float
    duplicates_synthetic: float
    missing_columns: tuple[str, ...] = ()
    extra_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """Something that was not measured, and the code of the reason."""

    code: str
    reason: str
    columns: tuple[str, ...] = ()

    def text(self, language: Language = "pt") -> str:
        """The reason as a sentence."""
        return reason_text(self.reason, language)


@dataclass(frozen=True, slots=True)
class Method:
    """How the numbers came to be, enough to repeat them.

    ``reference`` is ``class_mix`` when the real rows were re-weighted to the class mix of the synthetic
    ones, ``n_effective`` the size of the real sample after that. ``ceiling`` names its source. ``n_sampled`` are the
    real, synthetic and holdout rows that models and attacks saw of tables read in chunks; None where they saw all.
    """

    seed: int
    bins_marginal: int
    bins_pair: int
    n_groups: int
    reference: Literal["whole_table", "class_mix"]
    n_effective: float
    ceiling: Literal["holdout", "half_split", "none"]
    versions: Mapping[str, str] = field(default_factory=dict)
    n_sampled: tuple[int, ...] | None = None

    def text(self, language: Language = "pt") -> str:
        """Reference and ceiling in words."""
        parts = (f"reference_{self.reference}", f"ceiling_{self.ceiling}")
        return " ".join(reason_text(part, language) for part in parts)


@dataclass(frozen=True, slots=True)
class QualityReport:
    """What :func:`contrapeso.quality.evaluate` found.

    ``grade`` is A to F, two letters ("B/C") when the interval straddles a band, None when there is no
    overall score (``overall.reason`` says why). ``pairs`` are the 30 worst, ``pair_counts`` count all;
    ``pair_score`` is their part of the dimension ``distribution_preservation``, the joint test is the rest.
    ``clean_rows`` is the share of synthetic rows that violate no rule, beside that of the real rows.
    """

    overall: Score
    grade: str | None
    provisional: bool
    dimensions: tuple[Dimension, ...]
    columns: tuple[ColumnReport, ...]
    pairs: tuple[PairReport, ...]
    pair_counts: Mapping[str, int]
    dependence: Dependence | None
    correlation: Dependence | None
    rules: tuple[RuleReport, ...]
    recommendations: tuple[Recommendation, ...]
    privacy: Privacy | None
    data: DataCharacteristics
    not_assessed: tuple[NotAssessed, ...]
    method: Method
    timestamp: str
    joint: Joint | None = None
    usefulness: Usefulness | None = None
    diversity: tuple[Reading, ...] = ()
    sequences: Sequences | None = None
    fairness: tuple[Fairness, ...] = ()
    mined_rules: tuple[MinedRule, ...] = ()
    tests: tuple[TestResult, ...] = ()
    pair_score: Score | None = None
    clean_rows: Reading | None = None

    def dimension(self, name: str) -> Dimension:
        """The dimension called ``name``.

        Raises
        ------
        KeyError
            If there is no such dimension.
        """
        for dimension in self.dimensions:
            if dimension.name == name:
                return dimension
        raise KeyError(f"No dimension {name!r}; there are {', '.join(d.name for d in self.dimensions)}.")

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready dicts, lists, strings, numbers and None."""
        return {"protocol": PROTOCOL, **_plain(asdict(self))}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> QualityReport:
        """The report that :meth:`to_dict` wrote.

        Raises
        ------
        InvalidDataError
            If the layout is newer than this version or a part is missing.
        """
        from contrapeso.quality._load import load_report

        return load_report(data)


def _plain(value: Any) -> Any:
    """``value`` with tuples as lists and mappings as dicts."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


__all__ = [
    "PROTOCOL",
    "Bars",
    "CellRole",
    "ClassCount",
    "ColumnReport",
    "DataCharacteristics",
    "Dependence",
    "Dimension",
    "Direction",
    "JsonValue",
    "Matrix",
    "Method",
    "NotAssessed",
    "PairReport",
    "Privacy",
    "PrivacyStatus",
    "QualityReport",
    "Recommendation",
    "RuleReport",
    "Score",
]
