"""Parquet files with more rows than are put into memory: their rows come in chunks, as the quality report wants them.

Only Parquet says how many rows it has before it is read; other files are read whole, within the limits of the reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from contrapeso.quality._stream_chunks import CHUNK_ROWS, ParquetChunks
from contrapeso.tables import Limits
from contrapeso.tables.reading import bad_parquet
from contrapeso.workflows._source import TableRef, mark_of, truth

LARGE_ROWS = 2_000_000
"""Rows of a Parquet file above which it is read in chunks."""


@dataclass(frozen=True)
class LargeRows(ParquetChunks):
    """Some rows of a Parquet file as a source of chunks, without the column that marks synthetic ones.

    ``synthetic`` says which of the marked rows come (None: all rows); rows whose ``target`` is null are left out where
    one is named.
    """

    synthetic: bool | None = None
    target: str | None = None

    def __call__(self) -> Iterator[pd.DataFrame]:
        """The chunks, those without a row left out; one empty chunk where there is no row at all.

        Raises
        ------
        UnreadableFileError
            If the file is damaged.
        """
        empty, some = None, False
        for frame in self._frames():
            kept = self._kept(frame)
            if len(kept):
                some = True
                yield kept
            elif empty is None:
                empty = kept
        if not some and empty is not None:
            yield empty

    def only(self, columns: tuple[str, ...]) -> LargeRows:
        """The same rows with some columns alone."""
        return replace(self, columns=columns)

    def head(self) -> pd.DataFrame:
        """The columns of the file, without a row."""
        return pd.DataFrame(columns=pq.read_schema(self.path).names)

    @cached_property
    def mark(self) -> str | None:
        """Name of the column that marks synthetic rows, or None."""
        return mark_of(self.head())

    def _frames(self) -> Iterator[pd.DataFrame]:
        needed = self.columns and tuple(dict.fromkeys((*self.columns, *filter(None, (self.mark, self.target)))))
        try:
            yield from ParquetChunks(self.path, self.rows, needed)()
        except (pa.ArrowException, OSError, ValueError, OverflowError, TypeError, KeyError) as error:
            raise bad_parquet(self.path.name, error) from error

    def _kept(self, frame: pd.DataFrame) -> pd.DataFrame:
        if self.mark is not None:
            if self.synthetic is not None:
                codes, values = pd.factorize(frame[self.mark], use_na_sentinel=False)
                marked = truth(pd.Series(values)).to_numpy(dtype=bool)[codes]  # a spelling is read once, not once a row
                frame = frame[marked == self.synthetic]
            frame = frame.drop(columns=[self.mark])
        if self.target is not None:
            frame = frame[frame[self.target].notna()]
        return frame if self.columns is None else frame[list(self.columns)]


def large_rows(ref: TableRef, limits: Limits) -> LargeRows | None:
    """All rows of ``ref`` in chunks; None where it is no Parquet file with more than ``LARGE_ROWS`` rows.

    Raises
    ------
    FileTooLargeError
        If the file is larger than the limits allow, or one of its row groups once decompressed.
    """
    if ref.path is None or ref.sheet is not None or not _is_parquet(ref.path):
        return None
    try:
        facts = pq.read_metadata(ref.path)
    except (pa.ArrowException, OSError):
        return None  # the reader of files says what is wrong with it
    if facts.num_rows <= LARGE_ROWS:
        return None
    limits.check_bytes(ref.path.stat().st_size, ref.path.name)
    groups = (facts.row_group(k).total_byte_size for k in range(facts.num_row_groups))
    limits.check_uncompressed(max(groups), ref.path.name)
    return LargeRows(ref.path, CHUNK_ROWS)


def _is_parquet(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


__all__ = ["LARGE_ROWS", "LargeRows", "large_rows"]
