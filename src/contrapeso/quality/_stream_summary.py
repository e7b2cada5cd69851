"""First passes over tables in chunks: classes, then distributions, labels, row keys and a sample of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.metrics import Rows
from contrapeso.metrics._sketch import KeySample, LabelCounts, QuantileSketch, bottom, row_priorities
from contrapeso.quality._columns import Labels, Numbers
from contrapeso.quality._columns import _label_note as label_note
from contrapeso.quality._details import MAX_DECIMALS
from contrapeso.quality._details import _on_grid as on_grid
from contrapeso.quality._reference import MAX_CLASSES, row_keys
from contrapeso.quality._stream_chunks import Chunks, ReadColumn, chunks_of, plain, read_chunk, read_column
from contrapeso.tables import Schema

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Keys = NDArray[np.uint64]
SAMPLE_ROWS = 30_000
_HASHED = frozenset({"text", "identifier"})


@dataclass(frozen=True)
class ClassPlan:
    """Classes by the target: real labels first, a null target last; one class without a target.

    ``sizes`` (3, C) are rows of the real, synthetic and holdout table, ``kept`` (C,) the classes whose real rows
    are compared, ``names`` the counts of real and synthetic rows by name for the report.
    """

    codes: Mapping[str, int]
    sizes: Floats
    kept: NDArray[np.bool_]
    names: tuple[Counter[str], Counter[str]]

    @property
    def n_classes(self) -> int:
        """Number of classes, the null one included."""
        return int(self.sizes.shape[1])

    def shares(self) -> Floats:
        """Class shares that both tables are compared in, (C,); see ``build_reference``."""
        real, synthetic, _ = self.sizes
        mix: Floats = synthetic / synthetic.sum() * (real > 0)
        whole: Floats = real / real.sum()
        return mix if mix.any() else whole

    def of(self, target: ReadColumn | None, n_rows: int) -> Codes:
        """Class of each row of a chunk, (n_rows,)."""
        if target is None or not isinstance(target.data, Labels):
            return np.zeros(n_rows, dtype=np.intp)
        null = self.n_classes - 1
        lookup = np.array([self.codes.get(name, null) for name in target.data.labels] + [null], dtype=np.intp)
        return lookup[target.codes]


def plan_classes(sources: Sequence[Chunks | None], schema: Schema, target: str, booleans: frozenset[str]) -> ClassPlan:
    """Classes and their sizes, from the target column of the three tables alone.

    Raises
    ------
    InvalidParameterError
        If the target has more than 100 values in the real table.
    """
    counts: list[Counter[str]] = []
    nulls, names = [0, 0, 0], (Counter[str](), Counter[str]())
    for place, (source, what) in enumerate(zip(sources, ("real", "synthetic", "holdout"), strict=True)):
        found: Counter[str] = Counter()
        for frame in chunks_of(source, what, (target,)) if source is not None else ():
            read = read_column(frame, schema[target], boolean=target in booleans)
            assert isinstance(read.data, Labels)  # noqa: S101  (the target is a category)
            sizes = np.bincount(read.data.real + 1, minlength=len(read.data.labels) + 1)
            nulls[place] += int(sizes[0])
            found.update(dict(zip(read.data.labels, sizes[1:].tolist(), strict=True)))
            if place < 2:
                names[place].update(_named_counts(frame[target]))
        if place == 0 and len(found) > MAX_CLASSES:
            raise InvalidParameterError(
                f"target={target!r} has {len(found)} values; a target has at most {MAX_CLASSES} classes. "
                "Name the class column, or leave target out to compare with the whole real table."
            )
        counts.append(found)
    codes = {name: code for code, name in enumerate(dict.fromkeys(name for found in counts for name in found))}
    table = np.array([[*(found[name] for name in codes), null] for found, null in zip(counts, nulls, strict=True)])
    kept = table[1] > 0
    if not (kept & (table[0] > 0)).any():
        kept = np.ones_like(kept)
    return ClassPlan(codes, np.where([kept, kept | True, kept | True], table, 0).astype(np.float64), kept, names)


def _named_counts(series: pd.Series) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for value, n in series.value_counts(sort=False).items():
        counts[str(value)] += int(n)
    return {name: n for name, n in counts.items() if n}


def one_class() -> ClassPlan:
    """The plan without a target; sizes are filled in when the rows are counted."""
    return ClassPlan({}, np.zeros((3, 1)), np.ones(1, dtype=bool), (Counter(), Counter()))


def class_weights(shares: Floats, sizes: Floats) -> Floats | None:
    """Share of one row of each class, (C,), or None where all rows weigh the same; see ``Rows.of``."""
    shares = np.where(sizes > 0, shares, 0.0)
    shares = shares / shares.sum()
    weights = np.divide(shares, sizes, out=np.zeros_like(shares), where=sizes > 0)
    return None if np.allclose(weights[sizes > 0], 1 / sizes.sum(), rtol=1e-12, atol=0) else weights


def counted_rows(shares: Floats, sizes: Floats, n_groups: int) -> Rows:
    """Group, shares and sizes of a table whose rows are counted elsewhere."""
    shares = np.where(sizes > 0, shares, 0.0)
    none = np.empty(0, dtype=np.intp)
    return Rows(none, none, n_groups, shares / shares.sum(), sizes, class_weights(shares, sizes))


class RowSample:
    """The ``k`` rows of least priority of all chunks: a uniform sample that no order of chunks changes."""

    def __init__(self, k: int) -> None:
        self._k = k
        self._frames: list[pd.DataFrame] = []
        self._priorities: list[Keys] = []
        self._limit: np.uint64 | None = None

    def add(self, frame: pd.DataFrame, priorities: Keys) -> None:
        """The rows of one chunk."""
        at = bottom(priorities, self._k)
        if self._limit is not None:
            at = at[priorities[at] <= self._limit]
        self._frames.append(frame.iloc[at])
        self._priorities.append(priorities[at])
        if sum(part.size for part in self._priorities) >= 2 * self._k:
            self._shrink()

    @property
    def n_chunks(self) -> int:
        """How many chunks are held; 0 where none was added."""
        return len(self._frames)

    def frame(self) -> pd.DataFrame:
        """The rows, least priority first."""
        self._shrink()
        return self._frames[0]

    def _shrink(self) -> None:
        priorities = np.concatenate(self._priorities)
        at = bottom(priorities, self._k)
        self._frames = [_stacked(self._frames).iloc[at].reset_index(drop=True)]
        self._priorities = [priorities[at]]
        if at.size == self._k:
            self._limit = priorities[at[-1]]


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Rows of all frames; columns whose type changes on the way become objects."""
    if len(frames) == 1:
        return frames[0]
    columns = {}
    for name in dict.fromkeys(name for frame in frames for name in frame):
        parts = [frame[name] if name in frame else pd.Series([None] * len(frame), dtype=object) for frame in frames]
        same = all(part.dtype == parts[0].dtype for part in parts)
        if not same and not all(pd.api.types.is_numeric_dtype(part.dtype) for part in parts):
            parts = [part.astype(object) for part in parts]
        columns[name] = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)


@dataclass
class TableSummary:
    """What one pass over a table leaves; of the real one, only rows of the classes kept are in columns.

    ``null_mass`` and ``n_null`` are of each column, ``seen`` the hashes of free text and of identifiers, ``decimals``
    the grid that all numbers of a column are on (above 4: none).
    """

    numbers: dict[str, QuantileSketch] = field(default_factory=dict)
    labels: dict[str, LabelCounts] = field(default_factory=dict)
    null_mass: dict[str, float] = field(default_factory=dict)
    seen: dict[str, KeySample] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    decimals: dict[str, int] = field(default_factory=dict)
    keys: KeySample = field(default_factory=KeySample)
    sample: pd.DataFrame = field(default_factory=pd.DataFrame)
    mass: float = 0.0
    n_kept: int = 0

    @property
    def n_rows(self) -> int:
        """All rows of the table."""
        return self.keys.n_rows

    def null_share(self, name: str) -> float:
        """Weighted share of null rows of a column."""
        return self.null_mass.get(name, 0.0) / self.mass if self.mass else 0.0

    def n_present(self, name: str) -> int:
        """Rows where a column is not null."""
        if name in self.broken:
            return 0
        return self.numbers[name].n_values if name in self.numbers else self.labels[name].n_values

    def distinct_share(self, name: str) -> float | None:
        """Different labels in rows that are not null; None for numbers and where not all labels are kept."""
        if name in self.seen:
            distinct, present = repeats(self.seen[name])
        elif name in self.labels and self.labels[name].exact:
            distinct, present = self.labels[name].hashes.size, self.labels[name].n_values
        else:
            return None
        return distinct / present if present else None


@dataclass(frozen=True)
class Reading:
    """How the chunks are read: kinds, columns that rows are compared on, classes, rows of the sample."""

    schema: Schema
    target: str | None
    booleans: frozenset[str]
    copied: frozenset[str]
    classes: ClassPlan
    sample_rows: int = SAMPLE_ROWS

    def keys(self, columns: Mapping[str, ReadColumn], n_rows: int) -> Keys:
        """Key of every row of a chunk."""
        return row_keys([columns[n].data for n in self.schema.names if n in self.copied], "real", n_rows)

    def klass(self, columns: Mapping[str, ReadColumn], n_rows: int) -> Codes:
        """Class of every row of a chunk."""
        return self.classes.of(columns.get(self.target) if self.target is not None else None, n_rows)


def summarize(source: Chunks, what: str, reading: Reading, weights: Floats | None) -> TableSummary:
    """One pass over a table; ``weights`` (C,) are those of a row of each class."""
    found, sample = TableSummary(), RowSample(reading.sample_rows)
    is_real = what == "real"
    for frame in chunks_of(source, what):
        columns = read_chunk(frame, reading.schema, reading.booleans)
        keys, klass = reading.keys(columns, len(frame)), reading.klass(columns, len(frame))
        found.keys = found.keys.add(keys, klass)
        sample.add(frame, row_priorities(keys))
        if what == "holdout":
            continue
        kept = reading.classes.kept[klass] if is_real else np.ones(len(frame), dtype=bool)
        _add_columns(found, columns, kept, None if weights is None else weights[klass[kept]])
    if not sample.n_chunks:
        raise InvalidDataError(
            f"The {what} table gave a chunk when it was first called and none when it was called again. "
            "Return a fresh iterator over all chunks at each call."
        )
    found.sample = plain(source, sample.frame())
    return found


def _add_columns(
    found: TableSummary, columns: Mapping[str, ReadColumn], kept: NDArray[np.bool_], weights: Floats | None
) -> None:
    whole = bool(kept.all())
    n_kept, start = int(kept.sum()), found.n_rows - kept.size
    found.n_kept += n_kept
    found.mass += float(n_kept if weights is None else weights.sum())
    for name, read in columns.items():
        if read.broken:
            found.broken.add(name)
        if read.note is not None:
            found.notes.setdefault(name, read.note)
        part = read if whole else read.take(kept)
        if isinstance(read.data, Numbers):
            values = part.numbers
            gone = np.isnan(values)
            found.numbers[name] = found.numbers.get(name, QuantileSketch()).add(values, weights)
            found.decimals[name] = grid_of(values, found.decimals.get(name, 0))
        else:
            gone = part.codes < 0
            _add_labels(found, name, read, (part.codes, weights), start)
        null = float(gone.sum() if weights is None else weights[gone].sum())
        found.null_mass[name] = found.null_mass.get(name, 0.0) + null


def _add_labels(
    found: TableSummary, name: str, read: ReadColumn, rows: tuple[Codes, Floats | None], start: int
) -> None:
    kind = read.data.column.kind
    if kind in _HASHED:
        shown = read.codes[read.codes >= 0]
        found.seen[name] = found.seen.get(name, KeySample()).add(
            read.hashes[shown], np.zeros(shown.size, dtype=np.intp)
        )
    if kind == "identifier":
        return
    assert isinstance(read.data, Labels)  # noqa: S101
    names = np.array(read.data.labels, dtype=object)
    more = LabelCounts.of(read.hashes, names, *rows, start)
    found.labels[name] = found.labels[name].merged(more) if name in found.labels else more.merged(LabelCounts.empty())


def grid_of(values: Floats, decimals: int) -> int:
    """Least decimals, from ``decimals`` up to one above the most looked for, that all finite values have."""
    finite = values[np.isfinite(values)] if decimals <= MAX_DECIMALS else values[:0]
    while decimals <= MAX_DECIMALS and not (on_grid(finite[:100], decimals).all() and on_grid(finite, decimals).all()):
        decimals += 1
    return decimals


def repeats(seen: KeySample) -> tuple[int, int]:
    """Different and all values of a sample of keys."""
    keys, _ = seen.arrays()
    return int(np.unique(keys).size), int(keys.size)


def cast_note(real: pd.Series, synthetic: pd.Series) -> bool:
    """Whether one table holds numbers in a label column and the other text or booleans."""
    return label_note(real, synthetic) is not None


__all__ = [
    "SAMPLE_ROWS",
    "ClassPlan",
    "Reading",
    "TableSummary",
    "cast_note",
    "class_weights",
    "counted_rows",
    "grid_of",
    "one_class",
    "plan_classes",
    "repeats",
    "summarize",
]
