"""Whether treating the imbalance of a table is worth it: the evidence ladder on a file or a source of the database."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contrapeso.progress import Cancel, ProgressCallback, never, silent
from contrapeso.workflows._source import TableRef, load_frame, mark_of, split_marked, target_column

if TYPE_CHECKING:
    import pandas as pd

    from contrapeso.balancing import Decision
    from contrapeso.config import Settings
    from contrapeso.workflows.training._estimators import ModelType


@dataclass(frozen=True, eq=False)
class WorthResult:
    """The decision about one table, and where its curves were written."""

    table: str
    target: str
    model_type: str
    decision: Decision
    curves: Path | None = None

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {
            "table": self.table,
            "target": self.target,
            "model_type": self.model_type,
            "curves": None if self.curves is None else str(self.curves),
            "decision": self.decision.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """What the comparison is about."""

    target: str | None = None
    model_type: ModelType = "lightgbm"
    objective: str = "ranking"
    budget_s: float | None = 60.0
    time_column: str | None = None
    group_column: str | None = None
    seed: int = 42


def worth(
    ref: TableRef,
    settings: Settings,
    asked: Asked | None = None,
    *,
    curves: Path | None = None,
    language: Literal["pt", "en"] = "pt",
    progress: ProgressCallback = silent,
    cancel: Cancel = never,
) -> WorthResult:
    """Compare the treatments of an imbalance with doing nothing, by :func:`contrapeso.balancing.choose`.

    Synthetic rows of a balanced table and rows without a class take no part; bank rows are judged in the order of
    time. The vocabulary of descriptions is learnt from all rows, without their labels; everything else from training
    rows. The decision is kept in the history of the database.

    Parameters
    ----------
    asked : target, model, objective, budget, time and group columns, and seed; the defaults of :class:`Asked`
    curves : where an SVG of precision over recall and of calibration is written
    language : of the words in the SVG
    cancel : asked often; true stops the work within a second

    Raises
    ------
    InsufficientDataError
        If fewer than 10 rows have a class.
    SingleClassError
        If they are all of one class.
    CancelledError
    """
    from contrapeso.workflows._stores import opened_store, recorded_run
    from contrapeso.workflows.training._estimators import check_model_type

    asked = asked or Asked()
    check_model_type(asked.model_type)
    params = {"table": ref.label, **asdict(asked)}
    stopped = "The comparison was interrupted."
    with (
        opened_store(settings) as store,
        recorded_run(store, "worth", params, seed=asked.seed, interrupted=stopped) as run,
    ):
        result = _worth(load_frame(ref, settings), ref, asked, progress, cancel)
        if curves is not None:
            result = replace(result, curves=_write(curves, result.decision.curves_svg(language)))
        run.result, run.outputs = result.to_dict(), [str(curves)] if curves else []
    return result


def _worth(frame: pd.DataFrame, ref: TableRef, asked: Asked, progress: ProgressCallback, cancel: Cancel) -> WorthResult:
    from contrapeso.balancing import choose
    from contrapeso.workflows.training._estimators import TABLE_CANDIDATES, TEXT_CANDIDATES, make_estimator
    from contrapeso.workflows.training._steps import encoder_for
    from contrapeso.workflows.training._table import training_table

    if mark_of(frame) is not None:
        frame, _ = split_marked(frame)
    target = target_column(frame, asked.target or ref.default_target())
    table = training_table(frame, target, time_column=asked.time_column, group_column=asked.group_column)
    model_type = asked.model_type
    if model_type == "auto":
        model_type = (TEXT_CANDIDATES if table.has_text else TABLE_CANDIDATES)[0]
    decision = choose(
        encoder_for(table, model_type, asked.seed).fit_transform(table.features),
        table.labels.to_numpy(),
        make_estimator(model_type, has_text=table.has_text, n_rows=len(table.labels), seed=asked.seed),
        objective=asked.objective,
        budget_s=asked.budget_s,
        time=table.moments,
        groups=None if table.groups is None else table.groups.astype(str).to_numpy(),
        random_state=asked.seed,
        progress=progress,
        cancel=cancel,
    )
    return WorthResult(ref.label, target, model_type, decision)


def _write(path: Path, drawing: str) -> Path:
    from contrapeso.errors import FileUnwritableError

    try:
        path.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise FileUnwritableError(
            f"The curves cannot be written to {path}: {error.strerror or error}. Name another file with --curves.",
            {"path": str(path)},
        ) from error
    return path


__all__ = ["Asked", "WorthResult", "worth"]
