"""Carrying out a plan on a mixed table: drop, make, put the schema back, and say where every row is from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import RandomState, child, seed_sequence
from contrapeso.balancing._counts import ClassCounts, Label, Labels, as_series, count_classes, json_label
from contrapeso.balancing._identifiers import new_identifiers
from contrapeso.balancing._plan import BalancePlan
from contrapeso.balancing._rows import Made, Members, Rows, Sizes, Space, copied, interpolated, open_space, placed
from contrapeso.balancing._texts import Language, RemarkCode, remark
from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.progress import Progress, ProgressCallback, silent
from contrapeso.samplers import Provenance, RandomOverSampler, RandomUnderSampler
from contrapeso.tables import EncodedRows, Schema, infer_schema
from contrapeso.tables._containers import concat_series, extend_index

UNDER, INTERPOLATE, COPY = range(3)  # keys of the random streams


@dataclass(frozen=True, slots=True)
class Remark:
    """What the reader of the new rows must know: a stable code, the columns it is about, and how many rows."""

    code: RemarkCode
    columns: tuple[str, ...] = ()
    n_rows: int = 0

    def text(self, language: Language) -> str:
        """The remark in words."""
        return remark(self.code, language, columns=", ".join(self.columns), n=self.n_rows)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A class that got fewer new rows than planned."""

    label: Label
    planned: int
    made: int


@dataclass(frozen=True)
class BalancedTable:
    """A balanced table: the original rows that stay, bit for bit and in order, then the synthetic ones.

    Attributes
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        Columns, dtypes and index labels of the table that came in; new rows have new index labels.
    y : Series of shape (n_rows,)
        Labels, in the dtype that came in, on the index of ``frame``.
    is_synthetic : bool array of shape (n_rows,)
    provenance : one :class:`~contrapeso.samplers.Provenance` per method that made rows
        ``rows`` are positions in ``frame``, ``parents`` positions in the table that came in.
    shortfalls : classes that got fewer rows than planned; empty when the plan was carried out
    remarks : what the reader of the new rows must know
    plan : the plan that was carried out
    """

    frame: pd.DataFrame
    y: pd.Series
    is_synthetic: NDArray[np.bool_]
    provenance: tuple[Provenance, ...]
    shortfalls: tuple[Shortfall, ...]
    remarks: tuple[Remark, ...]
    plan: BalancePlan

    @property
    def n_synthetic(self) -> int:
        """Rows that were made."""
        return int(self.is_synthetic.sum())

    @property
    def synthetic(self) -> pd.DataFrame:
        """The rows that were made."""
        return self.frame[self.is_synthetic]

    def notes(self, language: Language) -> tuple[str, ...]:
        """The remarks in words."""
        return tuple(found.text(language) for found in self.remarks)

    def explain(self, row: int) -> str:
        """The sentence that says why the row at this position of ``frame`` exists."""
        for found in self.provenance:
            place = np.flatnonzero(found.rows == row)
            if len(place):
                return found.explain(int(place[0]))
        if 0 <= row < len(self.frame):
            return f"Row {row} is real: it was in the table."
        raise InvalidParameterError(f"There are {len(self.frame)} rows, numbered from 0; got {row}.")

    def provenance_frame(self) -> pd.DataFrame:
        """One line per new row, in order: row, label, method, parents, weights, seed."""
        parts = [found.to_frame() for found in self.provenance if len(found)]
        if not parts:
            return pd.DataFrame({name: [] for name in PROVENANCE_COLUMNS})
        return pd.concat(parts, ignore_index=True)


PROVENANCE_COLUMNS = ("row", "label", "method", "base", "neighbour", "weight_base", "weight_neighbour", "seed")


def apply_plan(
    plan: BalancePlan,
    frame: pd.DataFrame,
    y: Labels,
    *,
    schema: Schema | None = None,
    seed: RandomState = 0,
    progress: ProgressCallback = silent,
) -> BalancedTable:
    """``frame`` and ``y`` balanced as ``plan`` says.

    Parameters
    ----------
    plan : made for these labels; its counts are carried out to the row
    frame : DataFrame of shape (n_rows, n_columns), any kinds of column, without the target
    y : labels of shape (n_rows,); rows without a label stay as they are
    schema : Schema of ``frame``; inferred where it is not given
    seed : int, SeedSequence, Generator or RandomState; the same int gives the same bytes

    Returns
    -------
    BalancedTable
        Numbers and dates lie between those of two parents, on the column's own grid; categories are
        voted among neighbours, texts come whole from the base parent; identifiers are never copied.
        The columns decide between SMOTE and SMOTE-NC whatever the plan says: SMOTE-NC where a
        category is voted, else SMOTE; without numbers rows are copied and a remark says so.

    Raises
    ------
    InvalidDataError
        If the plan was made for other counts, or ``frame`` and ``y`` differ in length.
    """
    classes = count_classes(y)
    _check(plan, frame, classes)
    root = seed_sequence(seed)
    kept = _kept(plan, classes, root)
    space = open_space(frame, infer_schema(frame) if schema is None else schema)
    made = _make(plan, space, classes, root, progress)
    balanced, labels_after = _assemble(frame, as_series(y), kept, space, made)
    origins = _placed(made, len(kept), classes)
    return BalancedTable(
        frame=balanced,
        y=labels_after,
        is_synthetic=np.arange(len(balanced)) >= len(kept),
        provenance=origins,
        shortfalls=_shortfalls(plan, origins),
        remarks=_remarks(plan, space, origins),
        plan=plan,
    )


def _check(plan: BalancePlan, frame: pd.DataFrame, classes: ClassCounts) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise InvalidDataError(f"apply_plan takes a pandas DataFrame; got {type(frame).__name__}.")
    if len(frame) != len(classes.codes):
        raise InvalidDataError(
            f"frame has {len(frame)} rows and y has {len(classes.codes)}; they must be the same rows."
        )
    planned = {item.label: item.before for item in plan.items}
    if planned != classes.as_dict():
        wrong = next(
            label for label in {**planned, **classes.as_dict()} if planned.get(label) != classes.as_dict().get(label)
        )
        raise InvalidDataError(
            f"The plan was made for other rows: class {wrong!r} had {planned.get(wrong, 0)} rows and has "
            f"{classes.as_dict().get(wrong, 0)} now. Plan again with plan_balance(y).",
            {"class": json_label(wrong)},
        )


def _sizes(classes: ClassCounts, strategy: Mapping[Label, int]) -> Sizes:
    """Class code -> rows afterwards."""
    return {code: strategy[label] for code, label in enumerate(classes.labels) if label in strategy}


def _kept(plan: BalancePlan, classes: ClassCounts, root: np.random.SeedSequence) -> Rows:
    """Positions of the original rows that stay, in order; rows without a label always stay."""
    everyone = np.arange(len(classes.codes))
    sizes = _sizes(classes, plan.sampling_strategy("under"))
    if not sizes:
        return everyone
    labelled = everyone[classes.codes >= 0]
    sampler = RandomUnderSampler(sampling_strategy=sizes, random_state=child(root, UNDER))
    sampler.fit_resample(np.zeros((len(labelled), 1)), classes.codes[labelled])
    return np.union1d(labelled[sampler.sample_indices_], everyone[classes.codes < 0])


def _make(
    plan: BalancePlan, space: Space, classes: ClassCounts, root: np.random.SeedSequence, progress: ProgressCallback
) -> list[Made]:
    """New rows, one part per method."""
    rows = np.flatnonzero(classes.codes >= 0)
    members = Members(rows, classes.codes[rows])
    by_copy = plan.sampling_strategy("over", method="random_over")
    by_neighbors = {k: n for k, n in plan.sampling_strategy("over").items() if k not in by_copy}
    if by_neighbors and not space.codec.numeric_names_:
        by_copy, by_neighbors = {**by_copy, **by_neighbors}, {}
    made = []
    if by_neighbors:
        progress(Progress("interpolate", 0, plan.n_add))
        sizes = _sizes(classes, by_neighbors)
        made.append(interpolated(space, members, sizes, plan.k_neighbors, child(root, INTERPOLATE)))
    if by_copy:
        progress(Progress("copy", sum(len(part.provenance) for part in made), plan.n_add))
        made.append(copied(space, members, _sizes(classes, by_copy), child(root, COPY)))
    progress(Progress("balance", plan.n_add, plan.n_add))
    return made


def _assemble(
    frame: pd.DataFrame, labels: pd.Series, kept: Rows, space: Space, made: list[Made]
) -> tuple[pd.DataFrame, pd.Series]:
    """Kept rows and then new ones, column by column in the dtypes that came in."""
    bases = np.concatenate([np.empty(0, dtype=np.int64), *(part.provenance.parents[:, 0] for part in made)])
    n_new = len(bases)
    index = extend_index(frame.index, n_new)[np.concatenate([kept, np.arange(len(frame), len(frame) + n_new)])]
    if n_new == 0:
        return frame.iloc[kept], labels.iloc[kept].set_axis(index)
    new = _decoded(frame, space, made)
    columns = {j: concat_series(frame.iloc[kept, j], new[j]).array for j in range(frame.shape[1])}
    grown = pd.DataFrame(columns, index=index)
    grown.columns = frame.columns
    grown.attrs = dict(frame.attrs)
    y = concat_series(labels.iloc[kept], labels.iloc[bases]).set_axis(index)
    y.name = labels.name
    return grown, y


def _decoded(frame: pd.DataFrame, space: Space, made: list[Made]) -> list[pd.Series]:
    """The new rows as columns, identifiers made anew."""
    rows = EncodedRows(
        np.concatenate([part.rows.numeric for part in made]), np.concatenate([part.rows.codes for part in made])
    )
    decoded = space.codec.decode(rows)
    kinds = [column.kind for column in space.codec.schema_]
    return [
        new_identifiers(frame.iloc[:, j], len(rows)) if kind == "identifier" else decoded.iloc[:, j]
        for j, kind in enumerate(kinds)
    ]


def _placed(made: list[Made], n_kept: int, classes: ClassCounts) -> tuple[Provenance, ...]:
    """Origins of the new rows, which follow the kept ones part by part."""
    starts = np.cumsum([n_kept, *(len(part.provenance) for part in made)]).tolist()
    return tuple(placed(part.provenance, start, classes.labels) for part, start in zip(made, starts[:-1], strict=True))


def _shortfalls(plan: BalancePlan, origins: tuple[Provenance, ...]) -> tuple[Shortfall, ...]:
    made = Counter(label for found in origins for label in found.labels)
    return tuple(
        Shortfall(item.label, item.add, made[item.label]) for item in plan.items if made[item.label] != item.add
    )


def _remarks(plan: BalancePlan, space: Space, origins: tuple[Provenance, ...]) -> tuple[Remark, ...]:
    n_new = sum(map(len, origins))
    n_copies = sum(len(found) for found in origins if found.method == RandomOverSampler.__name__)
    found: list[Remark] = []
    if n_copies:
        found.append(Remark("copied_rows", (), n_copies))
    if not space.codec.numeric_names_ and n_copies > sum(
        item.add for item in plan.items if item.method == "random_over"
    ):
        found.append(Remark("no_numbers"))
    if n_new > n_copies and space.copied:
        found.append(Remark("copied_columns", space.copied, n_new - n_copies))
    identifiers = space.codec.schema_.of_kind("identifier")
    if n_new and identifiers:
        found.append(Remark("new_identifiers", identifiers, n_new))
    return tuple(found)


__all__ = ["BalancedTable", "Remark", "Shortfall", "apply_plan"]
