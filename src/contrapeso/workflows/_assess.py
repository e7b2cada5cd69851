"""Grading synthetic rows against the real ones, with a report that a person can forward."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contrapeso.errors import InvalidParameterError, QualityTooLowError
from contrapeso.workflows._source import MARK, TableRef, known_column, load_frame, mark_of, split_marked, truth
from contrapeso.workflows._writers import whole_file

if TYPE_CHECKING:
    import pandas as pd

    from contrapeso.config import Settings
    from contrapeso.quality import BalanceSection, QualityReport
    from contrapeso.tables import Kind

Letter = Literal["A", "B", "C", "D"]


@dataclass(frozen=True, slots=True)
class AssessmentResult:
    """Quality reports of one or several synthetic tables, by name, and the files that show them."""

    real: str
    reports: Mapping[str, QualityReport]
    html: Path | None
    json: Path | None = None

    @property
    def report(self) -> QualityReport:
        """The report of the first synthetic table."""
        return next(iter(self.reports.values()))

    def below(self, letter: Letter) -> QualityTooLowError | None:
        """Why these tables are not good enough for ``letter``; None where they are.

        Of two letters ("B/C") the lower counts: the higher one is not sure.
        """
        for name, report in self.reports.items():
            why = _below(report, letter)
            if why is not None:
                return QualityTooLowError(f"{name}: {why}", {"table": name, "grade": report.grade, "asked": letter})
        return None

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result: ``report`` of one synthetic table, ``reports`` of several."""
        found: dict[str, object] = {name: report.to_dict() for name, report in self.reports.items()}
        one = {"synthetic": next(iter(found)), "report": self.report.to_dict()}
        files = {"html": str(self.html) if self.html else None, "json": str(self.json) if self.json else None}
        return {"real": self.real, **(one if len(found) == 1 else {"reports": found}), **files}


def _below(report: QualityReport, letter: Letter) -> str | None:
    if report.grade is None:
        return f"no grade, so not {letter} or better: {report.overall.reason}."
    if report.privacy is not None and report.privacy.do_not_release:
        return f"graded {report.grade}, but not to be released: {report.privacy.text('en')}"
    if report.grade[-1] > letter:
        return f"graded {report.grade}, asked for {letter} or better."
    return None


def assess(
    real: TableRef,
    synthetic: Sequence[TableRef],
    settings: Settings,
    *,
    target: str | None = None,
    holdout: TableRef | None = None,
    kinds: Mapping[str, Kind] | None = None,
    depth: Literal["quick", "full"] = "full",
    sensitive: Sequence[str] = (),
    quasi_identifiers: Sequence[str] = (),
    sequence_index: str | None = None,
    sequence_key: str | None = None,
    html: Path | None = None,
    language: Literal["pt", "en"] = "pt",
    seed: int = 42,
) -> AssessmentResult:
    """Quality of each ``synthetic`` table against ``real``; one balanced table alone is split by its mark.

    Parameters
    ----------
    target : column of the classes; real rows are then weighted to the class mix of the synthetic ones
    holdout : real rows that the synthetic ones were not made from; without it privacy cannot be judged
    depth, sensitive, quasi_identifiers, sequence_index, sequence_key : see :func:`contrapeso.quality.evaluate`
    html : where to write the report, a comparison where there are several tables; JSON goes beside it
    """
    from contrapeso.quality import evaluate
    from contrapeso.tables import infer_schema

    pairs = _pairs(real, synthetic, settings)
    held = _real_rows(load_frame(holdout, settings)) if holdout else None
    target = target or real.default_target()
    reports: dict[str, QualityReport] = {}
    sections = []
    for ref, originals, made in pairs:
        if target is not None:
            target = known_column(originals, target)
            originals = originals[originals[target].notna()].reset_index(drop=True)  # noqa: PLW2901
        reports[_free_name(ref.label, reports)] = evaluate(
            originals,
            made,
            schema=infer_schema(originals, overrides=kinds),
            target=target,
            holdout=held,
            depth=depth,
            sensitive=sensitive,
            quasi_identifiers=quasi_identifiers,
            sequence_index=sequence_index,
            sequence_key=sequence_key,
            seed=seed,
        )
        sections.append(_balance_section(originals, made, target, *_origins(ref)) if target else None)
    if html is None:
        return AssessmentResult(real.label, reports, None)
    return AssessmentResult(real.label, reports, html, _write(reports, sections[0], html, language))


def _free_name(label: str, taken: Mapping[str, object]) -> str:
    """``label``, numbered where two files have one name."""
    names = [label, *(f"{label} ({k})" for k in range(2, len(taken) + 2))]
    return next(name for name in names if name not in taken)


def _write(
    reports: Mapping[str, QualityReport], section: BalanceSection | None, html: Path, language: Literal["pt", "en"]
) -> Path:
    """Write the page to ``html`` and the numbers beside it; the path of the numbers."""
    from contrapeso.quality import render_comparison, render_html

    alone = next(iter(reports.values()))
    several = len(reports) > 1
    page = (
        render_comparison(reports, language=language)
        if several
        else render_html(alone, language=language, balance=section)
    )
    plain = {name: report.to_dict() for name, report in reports.items()} if several else alone.to_dict()
    numbers = html.with_suffix(".json")
    for path, text in ((html, page), (numbers, json.dumps(plain, ensure_ascii=False, allow_nan=False) + "\n")):
        with whole_file(path) as part:
            part.write_text(text, encoding="utf-8")
    return numbers


def _pairs(
    real: TableRef, synthetic: Sequence[TableRef], settings: Settings
) -> list[tuple[TableRef, pd.DataFrame, pd.DataFrame]]:
    """Each synthetic table with the real rows that it is compared with."""
    if not synthetic:
        return [(real, *_two_tables(real, None, settings))]
    return [(ref, *_two_tables(real, ref, settings)) for ref in synthetic]


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
