"""Grading synthetic rows against the real ones, with a report that a person can forward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contrapeso.errors import InvalidParameterError
from contrapeso.workflows._source import MARK, TableRef, known_column, load_frame, mark_of, split_marked, truth
from contrapeso.workflows._writers import whole_file

if TYPE_CHECKING:
    import pandas as pd

    from contrapeso.config import Settings
    from contrapeso.quality import BalanceSection, QualityReport
    from contrapeso.tables import Kind


@dataclass(frozen=True, slots=True)
class AssessmentResult:
    """Quality report of one pair of tables and the file that shows it."""

    real: str
    synthetic: str
    report: QualityReport
    html: Path | None

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {
            "real": self.real,
            "synthetic": self.synthetic,
            "report": self.report.to_dict(),
            "html": str(self.html) if self.html else None,
        }


def assess(
    real: TableRef,
    synthetic: TableRef | None,
    settings: Settings,
    *,
    target: str | None = None,
    holdout: TableRef | None = None,
    kinds: Mapping[str, Kind] | None = None,
    html: Path | None = None,
    language: Literal["pt", "en"] = "pt",
    seed: int = 42,
) -> AssessmentResult:
    """Quality of ``synthetic`` against ``real``; one balanced table alone is split by its mark.

    Parameters
    ----------
    target : column of the classes; real rows are then weighted to the class mix of the synthetic ones
    holdout : real rows that the synthetic ones were not made from; without it copying cannot be judged
    html : where to write the report
    """
    from contrapeso.quality import evaluate, render_html
    from contrapeso.tables import infer_schema

    originals, made = _two_tables(real, synthetic, settings)
    target = target or real.default_target()
    if target is not None:
        target = known_column(originals, target)
        originals = originals[originals[target].notna()].reset_index(drop=True)
    report = evaluate(
        originals,
        made,
        schema=infer_schema(originals, overrides=kinds),
        target=target,
        holdout=_real_rows(load_frame(holdout, settings)) if holdout else None,
        seed=seed,
    )
    if html is not None:
        methods, made_with = _origins(synthetic or real)
        section = _balance_section(originals, made, target, methods, made_with) if target else None
        with whole_file(html) as part:
            part.write_text(render_html(report, language=language, balance=section), encoding="utf-8")
    return AssessmentResult(real.label, synthetic.label if synthetic else real.label, report, html)


def _two_tables(real: TableRef, synthetic: TableRef | None, settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    first = load_frame(real, settings)
    if synthetic is None:
        originals, made = split_marked(first)
    else:
        originals, made = _real_rows(first), _synthetic_rows(load_frame(synthetic, settings))
    if made.empty:
        raise InvalidParameterError(
            f"No row of {(synthetic or real).label!r} is marked synthetic ({MARK}); there is nothing to assess."
        )
    return originals, made


def _real_rows(frame: pd.DataFrame) -> pd.DataFrame:
    return split_marked(frame)[0] if mark_of(frame) else frame


def _synthetic_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of the synthetic table; where it is a balanced one, only those marked synthetic."""
    mark = mark_of(frame)
    if mark is None:
        return frame
    return frame[truth(frame[mark])].drop(columns=[mark]).reset_index(drop=True)


def _origins(made: TableRef) -> tuple[tuple[str, ...], int | None]:
    """Methods and seed of the synthetic rows, from the provenance beside their file; nothing where there is none."""
    import pandas as pd

    beside = made.path.with_suffix(".provenance.parquet") if made.path else None
    if beside is None or not beside.is_file():
        return (), None
    origins = pd.read_parquet(beside, columns=["method", "seed"])
    seeds = origins["seed"].unique()
    return tuple(origins["method"].unique()), int(seeds[0]) if len(seeds) == 1 else None


def _balance_section(
    real: pd.DataFrame, made: pd.DataFrame, target: str, methods: tuple[str, ...], seed: int | None
) -> BalanceSection:
    from contrapeso.quality import BalanceSection

    before, added = real[target].value_counts(), made[target].value_counts()
    rows = [
        (str(label), int(before.get(label, 0)), int(added.get(label, 0)))
        for label in before.index.union(added.index, sort=False)
    ]
    return BalanceSection(
        title=target,
        rows=tuple((label, n, new, n + new) for label, n, new in rows),
        method=", ".join(methods),
        seed=seed,
    )
