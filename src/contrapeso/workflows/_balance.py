"""Balancing a table and writing it: originals first and unchanged, then marked synthetic rows with their reasons."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.progress import Progress, ProgressCallback, silent
from contrapeso.workflows._source import MARK, TableRef, load_frame, mark_of, target_column
from contrapeso.workflows._writers import format_of, write_frame

if TYPE_CHECKING:
    import pandas as pd

    from contrapeso.balancing import AskedMethod, BalancedTable, BalancePlan, Remark, Strategy
    from contrapeso.config import Settings
    from contrapeso.tables import Kind


_HOLDOUT = 1_000  # a random stream of its own


@dataclass(frozen=True, slots=True)
class ClassChange:
    """Rows of one class before and after."""

    label: str
    before: int
    added: int
    dropped: int

    @property
    def after(self) -> int:
        """Rows in the balanced table."""
        return self.before + self.added - self.dropped


@dataclass(frozen=True, slots=True)
class BalanceResult:
    """What was planned, what was made, and where it was written."""

    table: str
    target: str
    plan: BalancePlan
    remarks: tuple[Remark, ...]
    path: Path
    provenance_path: Path | None
    seed: int
    holdout_path: Path | None = None
    n_holdout: int = 0

    @property
    def counts(self) -> tuple[ClassChange, ...]:
        """Rows of every class before and after."""
        return tuple(ClassChange(str(i.label), i.before, i.add, i.drop) for i in self.plan.items)

    def notes(self, language: Literal["pt", "en"]) -> tuple[str, ...]:
        """What the reader must know about the rows that were made."""
        n = self.plan.n_missing
        unlabelled = {
            "pt": f"{n} linhas sem classe ficam na tabela e não entram no cálculo.",
            "en": f"{n} rows without a class stay in the table and take no part.",
        }
        held = {
            "pt": f"{self.n_holdout} linhas reais à parte (assess --holdout {self.holdout_path}).",
            "en": f"{self.n_holdout} real rows set aside (assess --holdout {self.holdout_path}).",
        }
        remarks = [found.text(language) for found in self.remarks]
        return (*remarks, *((unlabelled[language],) if n else ()), *((held[language],) if self.n_holdout else ()))

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {
            "table": self.table,
            "target": self.target,
            "plan": self.plan.to_dict(),
            "counts": [
                {"class": c.label, "before": c.before, "added": c.added, "dropped": c.dropped, "after": c.after}
                for c in self.counts
            ],
            "notes": list(self.notes("en")),
            "path": str(self.path),
            "provenance": str(self.provenance_path) if self.provenance_path else None,
            "holdout": str(self.holdout_path) if self.holdout_path else None,
            "n_holdout": self.n_holdout,
            "seed": self.seed,
        }


def balance(
    ref: TableRef,
    settings: Settings,
    *,
    out: Path,
    target: str | None = None,
    strategy: str = "auto",
    method: str = "auto",
    form: str | None = None,
    kinds: Mapping[str, Kind] | None = None,
    holdout: float | None = None,
    seed: int = 42,
    progress: ProgressCallback = silent,
) -> BalanceResult:
    """Balance the table at ``ref`` and write it to ``out``, with an ``is_synthetic`` column at the end.

    Where each new row is from goes to ``<name of out>.provenance.parquet`` beside it: the method, the
    two parents (row numbers of the table that came in), their weights, and the seed.

    Parameters
    ----------
    strategy : a name of :func:`contrapeso.balancing.plan_balance`, a ratio, or ``CLASS=COUNT,CLASS=COUNT``
    method : ``auto``, ``smote``, ``smotenc``, ``random_over`` or ``random_under``
    kinds : column -> kind, where the inferred one is wrong
    holdout : share of the rows of each class to set aside before anything is fitted; they are written to
        ``<name of out>.holdout.parquet``, and with them ``assess`` can judge privacy and usefulness
    """
    from contrapeso.balancing import analyze_imbalance, apply_plan, plan_balance
    from contrapeso.tables import infer_schema

    chosen = format_of(out, form)
    frame = load_frame(ref, settings)
    refuse_balanced(frame, ref)
    column = target_column(frame, target or ref.default_target())
    frame, aside = set_aside(frame, column, holdout, seed)
    features, labels = frame.drop(columns=[column]), frame[column]
    schema = infer_schema(features, overrides=kinds)
    progress(Progress("plan"))
    analysis = analyze_imbalance(labels, frame=features, schema=schema)
    plan = plan_balance(
        analysis,
        _strategy(strategy, {str(label): label for label in analysis.class_counts}),
        method=cast("AskedMethod", method),  # checked there, with the list of methods
        kinds=schema,
    )
    table = apply_plan(plan, features, labels, schema=schema, seed=seed, progress=progress)
    write_frame(_whole(table, frame, column, coherent=ref.source is not None), out, chosen)
    origins, held = _write_provenance(table, out), write_holdout(aside, out)
    return BalanceResult(ref.label, column, plan, table.remarks, out, origins, seed, held, len(aside))


def set_aside(frame: pd.DataFrame, target: str, share: float | None, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows to balance and the holdout: the ``share`` of each class (rounded), drawn by seed."""
    import numpy as np

    from contrapeso._rng import generator, seed_sequence

    if share is None:
        return frame, frame.iloc[:0]
    if not 0 < share < 1:
        raise InvalidParameterError(f"holdout must be a share between 0 and 1, such as 0.2; got {share!r}.")
    shuffled = generator(seed_sequence(seed), _HOLDOUT).permutation(len(frame))
    labels = frame[target].iloc[shuffled]
    place, size = labels.groupby(labels, dropna=False).cumcount(), labels.map(labels.value_counts(dropna=False))
    held = np.zeros(len(frame), dtype=bool)
    held[shuffled] = (place < (size * share).round()).to_numpy()
    return frame[~held].reset_index(drop=True), frame[held].reset_index(drop=True)


def write_holdout(aside: pd.DataFrame, out: Path) -> Path | None:
    """Path of the written holdout; None without one."""
    if aside.empty:
        return None
    path = out.with_suffix(".holdout.parquet")
    write_frame(aside, path, "parquet")
    return path


def refuse_balanced(frame: pd.DataFrame, ref: TableRef) -> None:
    mark = mark_of(frame)
    if mark is not None:
        raise InvalidDataError(
            f"{ref.label!r} has a {mark!r} column: it is a balanced table already, and synthetic rows must not be the "
            "parents of others. Balance the real table, or remove the column if it means something else."
        )


def _strategy(words: str, labels: Mapping[str, Hashable]) -> Strategy:
    """Strategy from the command line: a name, a ratio, or counts by class."""
    if "=" in words and words.rpartition("=")[2].strip().isdecimal():
        return dict(_class_count(part, labels) for part in words.split(","))
    try:
        return float(words)
    except ValueError:
        return cast("Strategy", words)  # names are checked by plan_balance


def _class_count(part: str, labels: Mapping[str, Hashable]) -> tuple[Hashable, int]:
    name, _, count = part.rpartition("=")
    label = name if name in labels else name.strip()
    if label not in labels or not count.strip().isdecimal():
        raise InvalidParameterError(
            f"Counts are written CLASS=COUNT,CLASS=COUNT with whole numbers and the classes {', '.join(labels)}; "
            f"got {part!r}."
        )
    return labels[label], int(count)


def _whole(table: BalancedTable, frame: pd.DataFrame, target: str, *, coherent: bool) -> pd.DataFrame:
    """The balanced table with the target where it was, and the mark at the end."""
    whole = table.frame.copy()
    whole.insert(list(frame.columns).index(target), target, table.y)
    whole[MARK] = table.is_synthetic
    if coherent and table.n_synthetic:
        from contrapeso.finance._coherence import make_coherent

        made = make_coherent(whole[table.is_synthetic], frame, target)
        whole.loc[table.is_synthetic, made.columns] = made
    return whole


def _write_provenance(table: BalancedTable, out: Path) -> Path | None:
    """Path of the written provenance; None where no row was made."""
    if not table.n_synthetic:
        return None
    path = out.with_suffix(".provenance.parquet")
    origins = table.provenance_frame()
    write_frame(origins.assign(label=origins["label"].astype(str)), path, "parquet")
    return path
