"""The one path from a file to a graded, exported table, and from it to a classifier that is kept and used.

Every edge (command line, and later the service and the pages) calls these functions; none of
them prints. Heavy rooms are imported inside, so listing the commands stays quick.
"""

from contrapeso.workflows._analyze import AnalysisResult, analyze
from contrapeso.workflows._assess import AssessmentResult, assess
from contrapeso.workflows._balance import BalanceResult, balance
from contrapeso.workflows._demo import DemoResult, run_demo
from contrapeso.workflows._doctor import DoctorResult, doctor
from contrapeso.workflows._export import ExportResult, export
from contrapeso.workflows._generate import GenerateResult, TrainingWish, generate
from contrapeso.workflows._import import FileOutcome, ImportResult, import_files
from contrapeso.workflows._labels import LabelsResult, decide_labels, review_labels
from contrapeso.workflows._source import SOURCES, TableRef
from contrapeso.workflows._stores import opened_store
from contrapeso.workflows._worth import Asked, WorthResult, worth
from contrapeso.workflows.movements import (
    BalancedMovements,
    BlindOutcome,
    BlindTest,
    MovementsCurves,
    MovementsRules,
    MovementsWish,
    MovementsWorth,
    PlannedMovements,
    balance_movements,
    blind_test,
    movements_curves,
    movements_rules,
    movements_worth,
    plan_movements,
    score_blind_test,
)
from contrapeso.workflows.training import (
    ModelsResult,
    PredictResult,
    TrainResult,
    get_model,
    list_models,
    load_model,
    predict,
    process_data_with_balancing,
    register_model,
    set_stage,
    train,
    train_with_balancing,
)

__all__ = [
    "SOURCES",
    "AnalysisResult",
    "Asked",
    "AssessmentResult",
    "BalanceResult",
    "BalancedMovements",
    "BlindOutcome",
    "BlindTest",
    "DemoResult",
    "DoctorResult",
    "ExportResult",
    "FileOutcome",
    "GenerateResult",
    "ImportResult",
    "LabelsResult",
    "ModelsResult",
    "MovementsCurves",
    "MovementsRules",
    "MovementsWish",
    "MovementsWorth",
    "PlannedMovements",
    "PredictResult",
    "TableRef",
    "TrainResult",
    "TrainingWish",
    "WorthResult",
    "analyze",
    "assess",
    "balance",
    "balance_movements",
    "blind_test",
    "decide_labels",
    "doctor",
    "export",
    "generate",
    "get_model",
    "import_files",
    "list_models",
    "load_model",
    "movements_curves",
    "movements_rules",
    "movements_worth",
    "opened_store",
    "plan_movements",
    "predict",
    "process_data_with_balancing",
    "register_model",
    "review_labels",
    "run_demo",
    "score_blind_test",
    "set_stage",
    "train",
    "train_with_balancing",
    "worth",
]
