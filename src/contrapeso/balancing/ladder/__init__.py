"""The evidence ladder: whether to treat an imbalance, and how, measured on folds that all treatments share."""

from contrapeso.balancing.ladder._choose import choose
from contrapeso.balancing.ladder._classifier import BalancedClassifier
from contrapeso.balancing.ladder._decision import Confirmation, Decision, RungResult
from contrapeso.balancing.ladder._objective import Objective
from contrapeso.balancing.ladder._rungs import RUNGS, Rung

__all__ = ["RUNGS", "BalancedClassifier", "Confirmation", "Decision", "Objective", "Rung", "RungResult", "choose"]
