"""The whole path on a company that Contrapeso simulates itself, in a folder of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contrapeso.errors import FileUnwritableError
from contrapeso.progress import Progress, ProgressCallback, silent
from contrapeso.workflows._analyze import AnalysisResult, analyze
from contrapeso.workflows._assess import AssessmentResult, assess
from contrapeso.workflows._balance import BalanceResult, balance
from contrapeso.workflows._export import ExportResult, export
from contrapeso.workflows._import import ImportResult, import_files
from contrapeso.workflows._source import TableRef

if TYPE_CHECKING:
    from contrapeso.config import Settings

HOLDOUT = 0.2
STEPS = ("simulate", "import", "analyze", "balance", "assess", "export")


@dataclass(frozen=True, slots=True)
class DemoResult:
    """Every step of the demo, in order."""

    folder: Path
    imported: ImportResult
    analysis: AnalysisResult
    balanced: BalanceResult
    assessment: AssessmentResult
    exports: tuple[ExportResult, ...]

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        steps: Mapping[str, object] = {
            "import": self.imported.to_dict(),
            "analyze": self.analysis.to_dict(),
            "balance": self.balanced.to_dict(),
            "assess": self.assessment.to_dict(),
            "export": [made.to_dict() for made in self.exports],
        }
        return {"folder": str(self.folder), **steps}


def run_demo(
    folder: Path,
    settings: Settings,
    *,
    language: Literal["pt", "en"] = "pt",
    seed: int = 42,
    progress: ProgressCallback = silent,
) -> DemoResult:
    """Simulate a company under ``folder``, then import, analyze, balance, assess and export its books.

    The database is an embedded one inside ``folder``, whatever ``settings`` says: a demo never
    writes into a real database. A second run finds every file already imported.
    """
    from contrapeso.finance import simulate_company, write_company

    own = settings.model_copy(update={"state_dir": folder / "state", "database_url": None})
    books = TableRef(source="company_financial")
    made = folder / "balanced.parquet"

    def step(name: str) -> None:
        progress(Progress("demo", STEPS.index(name), len(STEPS)))

    step("simulate")
    try:
        files = write_company(simulate_company(), folder / "statements")
    except OSError as error:
        raise FileUnwritableError(
            f"The demo cannot write into {folder}: {error.strerror or error}. Name another place with --folder.",
            {"path": str(folder)},
        ) from error
    step("import")
    imported = import_files(files, own)
    step("analyze")
    analysis = analyze(books, own)
    step("balance")
    balanced = balance(books, own, out=made, holdout=HOLDOUT, seed=seed)
    step("assess")
    report = folder / "report.html"
    held = TableRef(balanced.holdout_path) if balanced.holdout_path else None
    assessment = assess(
        TableRef(made),
        [],
        own,
        target=books.default_target(),
        holdout=held,
        html=report,
        language=language,
        seed=seed,
    )
    step("export")
    exports = tuple(
        export(TableRef(made), own, out=folder / name, form=form)
        for name, form in (("balanced.xlsx", "xlsx"), ("balanced.csv", "csv-br"))
    )
    progress(Progress("demo", len(STEPS), len(STEPS)))
    return DemoResult(folder, imported, analysis, balanced, assessment, exports)
