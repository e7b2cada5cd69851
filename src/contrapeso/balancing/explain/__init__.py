"""What balancing did to a model: which columns it looks at (SHAP values), and how it treats groups of people.

Both are shown beside chance: importance beside that of models of real rows alone, groups with paired intervals.
"""

from __future__ import annotations

from contrapeso.balancing._group_bias import Disparity, GroupBias, GroupRate, check_group_bias
from contrapeso.balancing.explain._change import FeatureChange, ImportanceChange, compare_importance
from contrapeso.balancing.explain._values import Explanation, Method, Scale, shap_values

__all__ = [
    "Disparity",
    "Explanation",
    "FeatureChange",
    "GroupBias",
    "GroupRate",
    "ImportanceChange",
    "Method",
    "Scale",
    "check_group_bias",
    "compare_importance",
    "shap_values",
]
