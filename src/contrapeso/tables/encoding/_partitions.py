"""What is kept of a table that is read in partitions: a summary per column, relations, and equal values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Self, TypeAlias

import numpy as np
import pandas as pd

from contrapeso.errors import InvalidDataError
from contrapeso.tables._infer import infer_schema
from contrapeso.tables._numbers import plain_floats
from contrapeso.tables._schema import Column, Schema
from contrapeso.tables.encoding._dependencies import Dependency, Membership, Pairing
from contrapeso.tables.encoding._gaps import Gap
from contrapeso.tables.encoding._identifiers import IdentifierSummary
from contrapeso.tables.encoding._moments import MomentSummary
from contrapeso.tables.encoding._nominal import LabelSummary
from contrapeso.tables.encoding._numeric import NumberSummary, equal_place
from contrapeso.tables.encoding._relations import Relation, Relations
from contrapeso.tables.encoding._similar import RowSample
from contrapeso.tables.encoding._sketch import LabelCounts, ValueCounts

Summary: TypeAlias = NumberSummary | LabelSummary | MomentSummary | IdentifierSummary


@dataclass(slots=True, eq=False)
class TableSummary:
    """Summaries of the rows read so far.

    ``sample`` has rows of the columns of categories where one has more than ``most_labels``.
    ``columns`` are those of the table as it is; ``gaps`` those that a relation re-expresses, in
    their other form; ``equal`` counts, per pair of columns, the values that both hold in one row.
    """

    schema: Schema
    labels: pd.Index
    relations: Relations
    columns: dict[str, Summary] = field(default_factory=dict)
    gaps: dict[str, Summary] = field(default_factory=dict)
    equal: dict[tuple[str, str], ValueCounts] = field(default_factory=dict)
    n_rows: int = 0
    most_labels: int = 256
    sample: RowSample | None = None

    @classmethod
    def start(
        cls, frame: pd.DataFrame, schema: Schema | None, keep: Collection[str], *, related: bool, most_labels: int
    ) -> Self:
        """A summary of no rows yet, with the relations of the first partition."""
        known = infer_schema(frame) if schema is None else schema
        check_columns(frame, known.names)
        none = Relations((), (), known.names, known)
        relations = Relations.find(from_zero(frame), known, keep=keep) if related else none
        return cls(known, frame.columns, relations, most_labels=most_labels)

    def add(self, frame: pd.DataFrame) -> None:
        """Read one partition."""
        check_columns(frame, self.schema.names)
        frame = from_zero(frame)
        if self.n_rows:
            self.relations = self.relations.verify(frame)
        for name, series in named_columns(frame):
            _add(self.columns, name, summarised(series, self.schema[name]))
        if self.relations.reexpressed:
            reduced = self.relations.reduce(frame)
            for name in self.relations.reexpressed:
                _add(self.gaps, name, summarised(reduced[name], self.relations.schema[name]))
        self._add_equal(frame)
        self._add_sample(frame)
        self.n_rows += len(frame)

    def _add_equal(self, frame: pd.DataFrame) -> None:
        series = dict(named_columns(frame))
        for name, sources in self.sources().items():
            values = plain_floats(series[name])
            places = equal_place(values, [plain_floats(series[source]) for source in sources])
            for k, source in enumerate(sources):
                counts = ValueCounts.of(values[places == k])
                old = self.equal.get((name, source))
                self.equal[name, source] = counts if old is None else old.merge(counts)

    def _add_sample(self, frame: pd.DataFrame) -> None:
        """Rows of the columns of categories, where one of them is too wide for one token."""
        labels = {name: _labels_of(summary) for name, summary in self.columns.items()}
        kept = {name: series for name, series in named_columns(frame) if labels[name] is not None}
        wide = any(len(counts.counts) > self.most_labels for counts in labels.values() if counts is not None)
        if wide and len(kept) > 1:
            new = RowSample.of(pd.DataFrame(kept))
            self.sample = new if self.sample is None else self.sample.merge(new)

    def sources(self) -> dict[str, tuple[str, ...]]:
        """Columns whose values a column often repeats, by column."""
        found: dict[str, tuple[str, ...]] = {}
        for pair in self.relations.same_as:
            found[pair.column] = (*found.get(pair.column, ()), pair.source)
        return found

    def merge(self, other: TableSummary) -> None:
        """Take in the rows of another summary; relations stay that both have."""
        if self.schema.names != other.schema.names:
            raise InvalidDataError("Encoders of tables with different columns cannot be merged.")
        self.relations = _merged_relations(self.relations, other.relations, self.schema)
        for name, new in other.columns.items():
            _add(self.columns, name, new)
        self.gaps = {name: merged(name, self.gaps[name], other.gaps[name]) for name in self.relations.reexpressed}
        self.equal = {
            (pair.column, pair.source): self.equal[pair.column, pair.source].merge(
                other.equal[pair.column, pair.source]
            )
            for pair in self.relations.same_as
        }
        if self.sample is not None and other.sample is not None:
            self.sample = self.sample.merge(other.sample)
        self.sample = self.sample or other.sample
        self.n_rows += other.n_rows

    def copy(self) -> Self:
        """Another summary of the same rows, to be added to by itself."""
        return replace(self, columns=dict(self.columns), gaps=dict(self.gaps), equal=dict(self.equal))

    def of(self, name: str) -> Summary:
        """Summary of a column in the form in which it is generated."""
        return self.gaps[name] if name in self.relations.reexpressed else self.columns[name]


def named_columns(frame: pd.DataFrame) -> list[tuple[str, pd.Series]]:
    """Columns with their labels as text."""
    return [(str(label), frame.iloc[:, i]) for i, label in enumerate(frame.columns)]


def from_zero(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with the index 0, 1, 2, ...: relations align columns by it."""
    rows = pd.RangeIndex(len(frame))
    return frame if frame.index.equals(rows) else frame.set_axis(rows, axis=0)


def check_columns(frame: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Refuse a table with other columns."""
    came = tuple(str(label) for label in frame.columns)
    if came != names:
        raise InvalidDataError(
            f"The table has the columns {list(came)} and the encoder {list(names)}. "
            "Bring the columns into the same order, or fit another encoder."
        )


def summarised(series: pd.Series, column: Column) -> Summary:
    """What is kept of one column of one partition."""
    if column.kind == "identifier":
        return IdentifierSummary.of(series, column)
    if column.kind == "datetime":
        moments = MomentSummary.of(series, column)
        return LabelSummary.of(series, column) if moments is None else moments
    if column.kind in {"continuous", "integer", "money"}:
        numbers = NumberSummary.of(series, column)
        return LabelSummary.of(series, column) if numbers is None else numbers
    return LabelSummary.of(series, column)


def _labels_of(summary: Summary) -> LabelCounts | None:
    """Labels of a column of categories."""
    if isinstance(summary, IdentifierSummary):
        return None if summary.unique else summary.labels.labels
    return summary.labels if isinstance(summary, LabelSummary) else None


def _add(summaries: dict[str, Summary], name: str, new: Summary) -> None:
    summaries[name] = merged(name, summaries[name], new) if name in summaries else new


def merged(name: str, left: Summary, right: Summary) -> Summary:
    """One summary of the rows of two."""
    if isinstance(left, NumberSummary) and isinstance(right, NumberSummary):
        return left.merge(right)
    if isinstance(left, MomentSummary) and isinstance(right, MomentSummary):
        return left.merge(right)
    if isinstance(left, IdentifierSummary) and isinstance(right, IdentifierSummary):
        return left.merge(right)
    if isinstance(left, LabelSummary) and isinstance(right, LabelSummary):
        return left.merge(right)
    raise InvalidDataError(
        f"Column {name!r} holds numbers or dates in one partition and other values in another. "
        "Give every partition the same dtype, or the column the kind 'categorical'.",
        {"column": name},
    )


def _merged_relations(left: Relations, right: Relations, schema: Schema) -> Relations:
    """Relations that both tables obey, lookup tables united."""
    theirs = {(type(step), step.output, step.inputs): step for step in right.steps}
    steps = []
    for step in left.steps:
        other = theirs.get((type(step), step.output, step.inputs))
        both = None if other is None else _merged_step(step, other)
        if both is not None:
            steps.append(both)
    pairs = {(pair.column, pair.source) for pair in right.same_as}
    same = tuple(pair for pair in left.same_as if (pair.column, pair.source) in pairs)
    kept = replace(left, steps=tuple(steps), same_as=same)
    reduced = {column.name: column for column in left.schema}
    columns = [reduced[c.name] if c.name in kept.reexpressed else c for c in schema if c.name not in kept.dropped]
    return replace(kept, schema=Schema(tuple(columns)))


def _merged_step(left: Relation, right: Relation) -> Relation | None:
    if isinstance(left, (Dependency, Membership)) and isinstance(right, (Dependency, Membership)):
        pairing = _merged_pairing(left.pairing, right.pairing)
        return None if pairing is None else type(left)(pairing)
    if isinstance(left, (Dependency, Membership)) or isinstance(right, (Dependency, Membership)):
        return None
    if isinstance(left, Gap) and isinstance(right, Gap):
        return left.merged(right)
    return left if left.to_dict() == right.to_dict() else None


def _merged_pairing(left: Pairing, right: Pairing) -> Pairing | None:
    rows = pd.DataFrame({right.source: right.sources, right.target: right.targets})
    both = left.with_rows(rows)
    if both is None:
        return None
    counts = np.zeros(len(both.sources), dtype=np.int64)
    for part in (left, right):
        places = part.find(both.sources)
        counts += np.where(places >= 0, part.counts[places], 0)
    return replace(both, counts=counts)


__all__ = ["Summary", "TableSummary", "check_columns", "from_zero", "merged", "named_columns", "summarised"]
