"""Classes and their probabilities for the rows of a table, by a model of the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contrapeso.errors import InvalidDataError
from contrapeso.progress import Progress, ProgressCallback, silent
from contrapeso.workflows._source import TableRef, load_frame
from contrapeso.workflows._writers import format_of, write_frame

if TYPE_CHECKING:
    from contrapeso.config import Settings

PROBABILITY = "probability"


@dataclass(frozen=True, slots=True)
class PredictResult:
    """What was predicted, by which model, and where it was written.

    ``column`` has the classes, ``probability`` their probabilities; ``n_per_class`` counts the rows of each.
    """

    table: str
    model: str
    n_rows: int
    column: str
    n_per_class: Mapping[str, int]
    path: Path

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {
            "table": self.table,
            "model": self.model,
            "n_rows": self.n_rows,
            "columns": [self.column, PROBABILITY],
            "n_per_class": dict(self.n_per_class),
            "path": str(self.path),
        }


def predict(
    ref: TableRef,
    settings: Settings,
    *,
    model: int | str | Path,
    out: Path,
    form: str | None = None,
    progress: ProgressCallback = silent,
) -> PredictResult:
    """Write the table at ``ref`` with two columns more: the predicted class and its probability.

    Parameters
    ----------
    model : id, ``NAME`` (the newest version), ``NAME@STAGE``, ``NAME@VERSION``, or an archive file
    out : where to write; the rows and columns of the table come first and unchanged

    Raises
    ------
    ColumnNotFoundError, InvalidDataError
        If the table lacks a column that the model needs or has other things in it; the message names them.
    NotFoundError, CorruptArchiveError, NewerArchiveError
        If the model cannot be had.
    """
    from contrapeso.workflows.training._models import opened_model

    chosen = format_of(out, form)
    label, classifier, target = opened_model(settings, model)
    progress(Progress("read"))
    frame = load_frame(ref, settings)
    column = f"predicted_{target}"
    taken = [name for name in (column, PROBABILITY) if name in frame.columns]
    if taken:
        raise InvalidDataError(
            f"The table already has {' and '.join(map(repr, taken))}, which the prediction would replace. "
            "Rename or remove them.",
            {"columns": taken},
        )
    progress(Progress("predict"))
    chances = classifier.predict_proba(frame)
    classes = classifier.predict(frame)
    place = {value: k for k, value in enumerate(classifier.classes_.tolist())}
    certain = [float(row[place[value]]) for row, value in zip(chances, classes.tolist(), strict=True)]
    made = frame.copy()
    made[column], made[PROBABILITY] = classes, certain
    write_frame(made, out, chosen)
    counts = made[column].astype(str).value_counts().to_dict()
    return PredictResult(ref.label, label, len(made), column, {str(k): int(n) for k, n in counts.items()}, out)


__all__ = ["PredictResult", "predict"]
