"""Which parameters of which sampler? An Optuna study on the training folds, judged on rows that it never saw.

"none" is trial 0 and the baseline; it is what comes back unless the winner beats it beyond chance on the rows that
were set aside. Studies live in a database and go on where they stopped.
"""

from __future__ import annotations

from contrapeso.balancing.tuning._candidate import Candidate
from contrapeso.balancing.tuning._classifier import TunedClassifier
from contrapeso.balancing.tuning._result import SetAside, TrialRecord, TuningResult
from contrapeso.balancing.tuning._spaces import AUTO, METHODS, Dimension, Method
from contrapeso.balancing.tuning._tune import tune

__all__ = [
    "AUTO",
    "METHODS",
    "Candidate",
    "Dimension",
    "Method",
    "SetAside",
    "TrialRecord",
    "TunedClassifier",
    "TuningResult",
    "tune",
]
