"""Grading synthetic rows against the real ones, with a report that a person can forward."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

from contrapeso.errors import InvalidParameterError, QualityTooLowError
from contrapeso.workflows._source import MARK, TableRef, known_column, load_frame, mark_of, split_marked
from contrapeso.workflows._writers import whole_file

if TYPE_CHECKING:
    import pandas as pd

    from contrapeso.config import Settings
    from contrapeso.quality import BalanceSection, QualityReport
    from contrapeso.tables import Kind
    from contrapeso.workflows._large import LargeRows

    Table: TypeAlias = pd.DataFrame | LargeRows

Letter = Literal["A", "B", "C", "D"]


class _Wanted(TypedDict):
    """What to measure; see :func:`contrapeso.quality.evaluate`."""

    depth: Literal["quick", "full"]
    sensitive: Sequence[str]
    quasi_identifiers: Sequence[str]
    sequence_index: str | None
    sequence_key: str | None
    seed: int


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

    A Parquet file with more than 2,000,000 rows is read in chunks and never held in memory: all its rows are counted,
    and what needs single rows is measured on a sample of them. Of the limits on a file its size in bytes remains.

    Parameters
    ----------
    target : column of the classes; real rows are then weighted to the class mix of the synthetic ones
    holdout : real rows that the synthetic ones were not made from; without it privacy cannot be judged
    depth, sensitive, quasi_identifiers, sequence_index, sequence_key : see :func:`contrapeso.quality.evaluate`
    html : where to write the report, a comparison where there are several tables; JSON goes beside it
    """
    pairs = [(ref, *_two_tables(real, ref if synthetic else None, settings)) for ref in synthetic or (real,)]
    held = _marked_rows(holdout, settings, synthetic=False) if holdout else None
    target = target or real.default_target()
    wanted = _Wanted(
        depth=depth, sensitive=sensitive, quasi_identifiers=quasi_identifiers, sequence_index=sequence_index,
        sequence_key=sequence_key, seed=seed,
    )  # fmt: skip
    reports: dict[str, QualityReport] = {}
    for ref, originals, made in pairs:
        rows = originals if target is None else _with_class(originals, target)
        report = _evaluated(rows, made, held, wanted, target=target, kinds=kinds)
        if not report.data.n_synthetic:
            raise _nothing_made(ref)
        reports[_free_name(ref.label, reports)] = report
    if html is None:
        return AssessmentResult(real.label, reports, None)
    section = _balance_section(next(iter(reports.values())), *_origins(pairs[0][0]))
    return AssessmentResult(real.label, reports, html, _write(reports, section, html, language))


def _evaluated(
    real: Table,
    made: Table,
    held: Table | None,
    wanted: _Wanted,
    *,
    target: str | None,
    kinds: Mapping[str, Kind] | None,
) -> QualityReport:
    """The report of one synthetic table: on frames, or in chunks where one of the tables is large."""
    import pandas as pd

    from contrapeso.quality import evaluate, evaluate_chunks, frame_chunks
    from contrapeso.tables import infer_schema

    if (
        isinstance(real, pd.DataFrame)
        and isinstance(made, pd.DataFrame)
        and (held is None or isinstance(held, pd.DataFrame))
    ):
        schema = infer_schema(real, overrides=kinds)
        return evaluate(real, made, schema=schema, target=target, holdout=held, **wanted)
    chunks = [frame_chunks(table) if isinstance(table, pd.DataFrame) else table for table in (real, made)]
    held_chunks = frame_chunks(held) if isinstance(held, pd.DataFrame) else held
    return evaluate_chunks(*chunks, kinds=kinds, target=target, holdout=held_chunks, **wanted)


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


def _two_tables(real: TableRef, synthetic: TableRef | None, settings: Settings) -> tuple[Table, Table]:
    """The real and the synthetic rows; of one balanced table where there is no other."""
    if synthetic is not None:
        made = _marked_rows(synthetic, settings, synthetic=True)
        return _marked_rows(real, settings, synthetic=False), _not_empty(made, synthetic)
    large = _large(real, settings)
    if large is None:
        originals, made = split_marked(load_frame(real, settings))
        return originals, _not_empty(made, real)
    split_marked(large.head())  # the error where there is no mark
    return replace(large, synthetic=False), replace(large, synthetic=True)


def _marked_rows(ref: TableRef, settings: Settings, *, synthetic: bool) -> Table:
    """Rows of a table; where it is a balanced one, only those marked synthetic, or only the others."""
    large = _large(ref, settings)
    if large is not None:
        return replace(large, synthetic=synthetic)
    frame = load_frame(ref, settings)
    return split_marked(frame)[synthetic] if mark_of(frame) else frame


def _large(ref: TableRef, settings: Settings) -> LargeRows | None:
    from contrapeso.tables import Limits
    from contrapeso.workflows._large import large_rows

    return large_rows(ref, Limits.from_settings(settings))


def _not_empty(made: Table, ref: TableRef) -> Table:
    import pandas as pd

    if isinstance(made, pd.DataFrame) and made.empty:
        raise _nothing_made(ref)
    return made


def _nothing_made(ref: TableRef) -> InvalidParameterError:
    return InvalidParameterError(f"No row of {ref.label!r} is marked synthetic ({MARK}); there is nothing to assess.")


def _with_class(table: Table, target: str) -> Table:
    """The rows that have a class."""
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        return replace(table, target=known_column(table.head(), target))
    return table[table[known_column(table, target)].notna()].reset_index(drop=True)


def _origins(made: TableRef) -> tuple[tuple[str, ...], int | None]:
    """Methods and seed of the synthetic rows, from the provenance beside their file; nothing where there is none."""
    import pandas as pd

    beside = made.path.with_suffix(".provenance.parquet") if made.path else None
    if beside is None or not beside.is_file():
        return (), None
    origins = pd.read_parquet(beside, columns=["method", "seed"])
    seeds = origins["seed"].unique()
    return tuple(origins["method"].unique()), int(seeds[0]) if len(seeds) == 1 else None


def _balance_section(report: QualityReport, methods: tuple[str, ...], seed: int | None) -> BalanceSection | None:
    """Rows of each class before and after; None without classes."""
    from contrapeso.quality import BalanceSection

    if report.data.target is None:
        return None
    return BalanceSection(
        title=report.data.target,
        rows=tuple((c.label, c.n_real, c.n_synthetic, c.n_real + c.n_synthetic) for c in report.data.classes),
        method=", ".join(methods),
        seed=seed,
    )
