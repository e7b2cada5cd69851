"""Tables that come in chunks: where the chunks come from, and one chunk read as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.quality._columns import NUMERIC_KINDS, AnyColumn, Labels, Numbers, named
from contrapeso.quality._columns import _as_booleans as as_booleans
from contrapeso.quality._columns import _days as days
from contrapeso.quality._columns import _factorize as factorize
from contrapeso.quality._columns import _floats as floats
from contrapeso.quality._columns import _text as text_of
from contrapeso.quality._reference import _utf8 as utf8
from contrapeso.tables import Column, Schema

Keys = NDArray[np.uint64]
Codes = NDArray[np.intp]
Chunks: TypeAlias = Callable[[], Iterator[pd.DataFrame]]
CHUNK_ROWS = 250_000
_NONE = np.empty(0)
_NO_CODE = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class FrameChunks:
    """A DataFrame in chunks of ``rows``."""

    frame: pd.DataFrame
    rows: int

    def __call__(self) -> Iterator[pd.DataFrame]:
        """The chunks, in order; one empty chunk of an empty frame."""
        for start in range(0, max(len(self.frame), 1), self.rows):
            yield self.frame.iloc[start : start + self.rows]


@dataclass(frozen=True, slots=True)
class ParquetChunks:
    """A Parquet file in chunks of ``rows``, text as categories; ``columns`` are those that are read (None: all)."""

    path: Path
    rows: int
    columns: tuple[str, ...] | None = None

    def __call__(self) -> Iterator[pd.DataFrame]:
        """The chunks, in order; one empty chunk of an empty file."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path, read_dictionary=list(self.texts())) as file:
            sizes = [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)]
            for groups in _packed(sizes, self.rows):  # all groups in one reader stay in memory until its end
                for batch in file.iter_batches(self.rows, list(groups), self.columns, use_threads=False):
                    yield batch.to_pandas(use_threads=False)
            if not sum(sizes):
                yield file.schema_arrow.empty_table().to_pandas()

    def texts(self) -> tuple[str, ...]:
        """Text columns of the file, which come as categories though they were none."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pq.read_schema(self.path)
        return tuple(f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type))

    def only(self, columns: tuple[str, ...]) -> ParquetChunks:
        """The same file with some columns alone."""
        return ParquetChunks(self.path, self.rows, columns)


def _packed(sizes: Sequence[int], rows: int) -> Iterator[range]:
    """Neighbouring row groups that together have at most ``rows`` rows, or one that has more."""
    start = total = 0
    for k, size in enumerate(sizes):
        if k > start and total + size > rows:
            yield range(start, k)
            start, total = k, 0
        total += size
    if total:
        yield range(start, len(sizes))


def frame_chunks(frame: pd.DataFrame, rows: int = CHUNK_ROWS) -> FrameChunks:
    """A DataFrame as a source of chunks of ``rows`` rows."""
    return FrameChunks(frame, _checked(rows))


def parquet_chunks(path: str | Path, rows: int = CHUNK_ROWS) -> ParquetChunks:
    """A Parquet file as a source of chunks of ``rows`` rows; it is read anew, chunk by chunk, for every pass."""
    return ParquetChunks(Path(path), _checked(rows))


def _checked(rows: int) -> int:
    if isinstance(rows, bool) or not isinstance(rows, (int, np.integer)) or rows < 1:
        raise InvalidParameterError(f"rows must be an int >= 1, the rows of a chunk; got {rows!r}.")
    return int(rows)


def chunks_of(source: Chunks, what: str, columns: tuple[str, ...] | None = None) -> Iterator[pd.DataFrame]:
    """The chunks of ``source`` with text names, checked; with ``columns``, a file reads those alone."""
    if columns is not None and isinstance(source, ParquetChunks):
        source = source.only(columns)
    for frame in source():
        yield named(frame, what)


def first_chunk(source: Chunks, what: str) -> pd.DataFrame:
    """The first chunk, by which the schema is guessed.

    Raises
    ------
    InvalidDataError
        If there is none.
    """
    for frame in chunks_of(source, what):
        return frame
    raise InvalidDataError(
        f"The {what} table gave no chunk; it must give at least one DataFrame (empty where there is no row)."
    )


def plain(source: Chunks, frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with the text that a file gave as categories as text again."""
    if not isinstance(source, ParquetChunks):
        return frame
    texts = [name for name in source.texts() if name in frame and isinstance(frame[name].dtype, pd.CategoricalDtype)]
    return frame.astype(dict.fromkeys(texts, "object"))


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column of a chunk (its values stand in ``data.real``), the hashes of its labels, and notes on reading it.

    ``broken`` says that a value is not what the schema says; all are null then.
    """

    data: AnyColumn
    hashes: Keys
    note: str | None
    broken: bool

    @property
    def numbers(self) -> NDArray[np.float64]:
        """Numbers of the rows of a numeric column, NaN for null."""
        return np.asarray(self.data.real, dtype=np.float64)

    @property
    def codes(self) -> Codes:
        """Codes of the rows of a label column, -1 for null."""
        return np.asarray(self.data.real, dtype=np.intp)

    def take(self, rows: NDArray[np.bool_]) -> ReadColumn:
        """The column on some rows."""
        if isinstance(self.data, Labels):
            return replace(self, data=replace(self.data, real=self.data.real[rows]))
        return replace(self, data=replace(self.data, real=self.data.real[rows]))


def read_chunk(frame: pd.DataFrame, schema: Schema, booleans: frozenset[str]) -> dict[str, ReadColumn]:
    """Every column of ``schema`` in one chunk; ``booleans`` are label columns of False and True."""
    return {column.name: read_column(frame, column, boolean=column.name in booleans) for column in schema.columns}


def read_column(frame: pd.DataFrame, column: Column, *, boolean: bool) -> ReadColumn:
    """One column of a chunk; null where the chunk does not have it."""
    if column.name not in frame:
        series = pd.Series([None] * len(frame), dtype=object)
        note: str | None = "missing_column"
    else:
        series, note = frame[column.name], None
    if column.kind not in NUMERIC_KINDS:
        return _labels(series, column, note, boolean=boolean)
    if note is not None:
        return ReadColumn(_numbers(column, np.full(len(frame), np.nan)), _hashes(()), note, broken=False)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    values, note = (days if column.kind == "datetime" else floats)(series, column)
    if values is None:
        return ReadColumn(_numbers(column, np.full(len(frame), np.nan)), _hashes(()), note, broken=True)
    return ReadColumn(_numbers(column, values), _hashes(()), note, broken=False)


def _numbers(column: Column, values: NDArray[np.float64]) -> Numbers:
    return Numbers(column, values, _NONE, _NONE)


def _labels(series: pd.Series, column: Column, note: str | None, *, boolean: bool) -> ReadColumn:
    codes, values = factorize(series)
    texts = [value if type(value) is str else text_of(value) for value in values]
    if boolean:
        texts = as_booleans(texts)
    index: dict[str, int] = {}
    for value in texts:
        index.setdefault(value, len(index))
    if len(index) < len(texts):
        codes = np.array([index[value] for value in texts] + [-1], dtype=np.intp)[codes]
    names = tuple(index)
    data = Labels(column, codes, _NO_CODE, _NO_CODE, names, None, column.kind != "text")
    return ReadColumn(data, _hashes(names), note, broken=False)


def _hashes(names: tuple[str, ...]) -> Keys:
    """Hash of every label by its text alone."""
    if not names:
        return np.empty(0, dtype=np.uint64)
    hashed = pd.util.hash_array(np.array([utf8(name) for name in names], dtype=object), categorize=False)
    return hashed.astype(np.uint64)


def boolean_columns(frame: pd.DataFrame, schema: Schema) -> frozenset[str]:
    """Label columns whose real values are False and True: 0 and 1 in another table mean the same."""
    labels = [c for c in schema.columns if c.kind not in NUMERIC_KINDS and c.name in frame]
    texts = {c.name: {text_of(value) for value in factorize(frame[c.name])[1]} for c in labels if c.kind == "boolean"}
    return frozenset(name for name, values in texts.items() if values <= {"False", "True"})


__all__ = [
    "CHUNK_ROWS",
    "Chunks",
    "FrameChunks",
    "ParquetChunks",
    "ReadColumn",
    "boolean_columns",
    "chunks_of",
    "first_chunk",
    "frame_chunks",
    "parquet_chunks",
    "plain",
    "read_chunk",
    "read_column",
]
