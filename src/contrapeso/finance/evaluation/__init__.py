"""Whether made movements are real enough, and whether they are worth making.

``fidelity`` and ``realism`` compare them with real rows that came later; ``worth`` ("Vale a pena?"), ``ratio_curve``
and ``learning_curve`` ask a classifier; ``ambiguity_map`` tells what no classifier can do. Rows are made by a callable
that is handed in, :class:`Make`. ``docs/worth-of-balancing.md`` has the definitions.
"""

from contrapeso.finance.evaluation._ambiguity import (
    AmbiguityMap,
    AmbiguousPair,
    AmbiguousText,
    By,
    ambiguity_map,
)
from contrapeso.finance.evaluation._drafted import DraftedRows
from contrapeso.finance.evaluation._excess import Excess
from contrapeso.finance.evaluation._fidelity import (
    TARGETS,
    CategoryFidelity,
    Codes,
    FidelityReport,
    Language,
    Metric,
    fidelity,
)
from contrapeso.finance.evaluation._learning import LearningCurve, learning_curve
from contrapeso.finance.evaluation._make import Make, resample_rows
from contrapeso.finance.evaluation._paired import Difference
from contrapeso.finance.evaluation._ratio import (
    CurveCache,
    RatioCurve,
    RatioPoint,
    knee_of,
    leak_risk,
    ratio_curve,
)
from contrapeso.finance.evaluation._realism import CategoryRealism, RealismReport, realism, row_realism
from contrapeso.finance.evaluation._worth import Judged, Verdict, WorthReport, worth

__all__ = [
    "TARGETS",
    "AmbiguityMap",
    "AmbiguousPair",
    "AmbiguousText",
    "By",
    "CategoryFidelity",
    "CategoryRealism",
    "Codes",
    "CurveCache",
    "Difference",
    "DraftedRows",
    "Excess",
    "FidelityReport",
    "Judged",
    "Language",
    "LearningCurve",
    "Make",
    "Metric",
    "RatioCurve",
    "RatioPoint",
    "RealismReport",
    "Verdict",
    "WorthReport",
    "ambiguity_map",
    "fidelity",
    "knee_of",
    "leak_risk",
    "learning_curve",
    "ratio_curve",
    "realism",
    "resample_rows",
    "row_realism",
    "worth",
]
