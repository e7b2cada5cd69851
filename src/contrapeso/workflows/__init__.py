"""The one path from a file to a graded, exported table: import, analyze, balance or generate, assess, export.

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

__all__ = [
    "SOURCES",
    "AnalysisResult",
    "AssessmentResult",
    "BalanceResult",
    "DemoResult",
    "DoctorResult",
    "ExportResult",
    "FileOutcome",
    "GenerateResult",
    "ImportResult",
    "LabelsResult",
    "TableRef",
    "TrainingWish",
    "analyze",
    "assess",
    "balance",
    "decide_labels",
    "doctor",
    "export",
    "generate",
    "import_files",
    "opened_store",
    "review_labels",
    "run_demo",
]
