"""Balancing: how imbalanced a target is, what to do about it as a value, and doing it to a table.

``analyze_imbalance`` measures, ``plan_balance`` decides class by class and says why, ``apply_plan``
runs the samplers over a mixed table. None of them claims that balancing helps: that is for
``choose``, which compares treatments on rows that they did not see; ``tune`` searches, ``compare_importance``
and ``check_group_bias`` show what balancing did to a model. What needs the samplers is loaded on first use, so
that measuring and planning stay quick to start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from contrapeso.balancing._ambiguity import Ambiguity, AmbiguousGroup
from contrapeso.balancing._analysis import analyze_imbalance
from contrapeso.balancing._imbalance import (
    ClassProfile,
    ImbalanceAnalysis,
    Scarcity,
    Severity,
    Verdict,
    severity,
)
from contrapeso.balancing._plan import AskedMethod, BalancePlan, Method, PlanItem, plan_balance
from contrapeso.balancing._strategy import Strategy

if TYPE_CHECKING:
    from contrapeso.balancing._apply import BalancedTable, Remark, Shortfall, apply_plan
    from contrapeso.balancing.explain import (
        Disparity,
        Explanation,
        FeatureChange,
        GroupBias,
        GroupRate,
        ImportanceChange,
        check_group_bias,
        compare_importance,
        shap_values,
    )
    from contrapeso.balancing.ladder import (
        RUNGS,
        BalancedClassifier,
        Confirmation,
        Decision,
        Objective,
        Rung,
        RungResult,
        choose,
    )
    from contrapeso.balancing.tuning import (
        Candidate,
        SetAside,
        TrialRecord,
        TunedClassifier,
        TuningResult,
        tune,
    )

_LATER = {
    **dict.fromkeys(("BalancedTable", "Remark", "Shortfall", "apply_plan"), "_apply"),
    **dict.fromkeys(
        ("RUNGS", "BalancedClassifier", "Confirmation", "Decision", "Objective", "Rung", "RungResult", "choose"),
        "ladder",
    ),
    **dict.fromkeys(("Candidate", "SetAside", "TrialRecord", "TunedClassifier", "TuningResult", "tune"), "tuning"),
    **dict.fromkeys(
        (
            "Disparity",
            "Explanation",
            "FeatureChange",
            "GroupBias",
            "GroupRate",
            "ImportanceChange",
            "check_group_bias",
            "compare_importance",
            "shap_values",
        ),
        "explain",
    ),
}

__all__ = [
    "RUNGS",
    "Ambiguity",
    "AmbiguousGroup",
    "AskedMethod",
    "BalancePlan",
    "BalancedClassifier",
    "BalancedTable",
    "Candidate",
    "ClassProfile",
    "Confirmation",
    "Decision",
    "Disparity",
    "Explanation",
    "FeatureChange",
    "GroupBias",
    "GroupRate",
    "ImbalanceAnalysis",
    "ImportanceChange",
    "Method",
    "Objective",
    "PlanItem",
    "Remark",
    "Rung",
    "RungResult",
    "Scarcity",
    "SetAside",
    "Severity",
    "Shortfall",
    "Strategy",
    "TrialRecord",
    "TunedClassifier",
    "TuningResult",
    "Verdict",
    "analyze_imbalance",
    "apply_plan",
    "check_group_bias",
    "choose",
    "compare_importance",
    "plan_balance",
    "severity",
    "shap_values",
    "tune",
]


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(import_module(f"contrapeso.balancing.{_LATER[name]}"), name)
    raise AttributeError(f"module 'contrapeso.balancing' has no attribute {name!r}")
