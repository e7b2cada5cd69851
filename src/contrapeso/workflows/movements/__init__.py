"""Movements of banks and companies: planned, balanced, judged, and put to a blind test."""

from contrapeso.workflows.movements._balance import (
    BalancedMovements,
    MovementsWish,
    PlannedMovements,
    balance_movements,
    plan_movements,
)
from contrapeso.workflows.movements._blind import BlindOutcome, BlindTest, blind_test, score_blind_test
from contrapeso.workflows.movements._curves import MovementsCurves, movements_curves
from contrapeso.workflows.movements._judge import MovementsRules, MovementsWorth, movements_rules, movements_worth

__all__ = [
    "BalancedMovements",
    "BlindOutcome",
    "BlindTest",
    "MovementsCurves",
    "MovementsRules",
    "MovementsWish",
    "MovementsWorth",
    "PlannedMovements",
    "balance_movements",
    "blind_test",
    "movements_curves",
    "movements_rules",
    "movements_worth",
    "plan_movements",
    "score_blind_test",
]
