"""Tables that are read in pieces, twice: once to learn the encoder, once to encode.

Whatever comes (a table in memory, a Parquet file or folder, an Arrow data set, a function that
opens an iterator of frames) becomes the same thing: a way to ask for its frames again. Pieces that
do not fit in memory are encoded to arrays on disk, which the training loop indexes by row.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import pandas as pd

from contrapeso.errors import FileMissingError, InsufficientDataError, InvalidDataError
from contrapeso.progress import Progress, ProgressCallback
from contrapeso.tables._containers import open_table
from contrapeso.tables.encoding import Encoded, TableEncoder

CHUNK_ROWS = 65_536
TableSource: TypeAlias = Any
"""A DataFrame, array, list of dicts, Arrow or polars table; a Parquet path; an Arrow data set; a function of frames."""


@dataclass(frozen=True, slots=True)
class Source:
    """A table as frames that can be asked for again; ``in_memory`` when there is one and it is here."""

    frames: Callable[[], Iterator[pd.DataFrame]]
    in_memory: bool


def open_source(data: TableSource) -> Source:
    """``data`` as a source of frames.

    Raises
    ------
    InvalidDataError
        If it is none of the things a generator can learn from, or has no rows or columns.
    FileMissingError
        If it is a path at which there is nothing.
    """
    if isinstance(data, (str, os.PathLike)):
        return _parquet(Path(data))
    if callable(data) and not hasattr(data, "__dataframe__"):
        return Source(lambda: _checked(data()), in_memory=False)
    if type(data).__module__.startswith("pyarrow._dataset"):
        return Source(lambda: (batch.to_pandas() for batch in data.to_batches(batch_size=CHUNK_ROWS)), in_memory=False)
    if isinstance(data, Mapping):
        data = pd.DataFrame(data)
    frame = as_frame(data)
    return Source(lambda: iter([frame]), in_memory=True)


def as_frame(data: TableSource) -> pd.DataFrame:
    """``data`` as a DataFrame with text names and the index 0, 1, 2, ..."""
    if hasattr(data, "__len__") and len(data) == 0:
        raise InsufficientDataError("The table has no rows. Pass at least one.")
    table = open_table(data)
    if not hasattr(table, "frame"):
        raise InvalidDataError("A generator learns from dense tables; got a sparse one. Convert it with .toarray().")
    frame = cast(pd.DataFrame, table.frame()).reset_index(drop=True)
    names = [str(name) for name in frame.columns]
    return frame if list(frame.columns) == names else frame.set_axis(names, axis=1)


def _parquet(path: Path) -> Source:
    if not path.exists():
        raise FileMissingError(f"There is no file or folder {path}.")
    if path.is_file() and path.suffix.lower() not in {".parquet", ".pq"}:
        from contrapeso.tables import read_frame

        frame = as_frame(read_frame(path))
        return Source(lambda: iter([frame]), in_memory=True)
    import pyarrow.dataset as arrow

    data = arrow.dataset(path, format="parquet")
    return Source(lambda: (batch.to_pandas() for batch in data.to_batches(batch_size=CHUNK_ROWS)), in_memory=False)


def _checked(frames: object) -> Iterator[pd.DataFrame]:
    if not hasattr(frames, "__iter__"):
        raise InvalidDataError(f"A callable source must return an iterable of DataFrames; got {type(frames).__name__}.")
    for frame in frames:
        if len(frame) > 0:
            yield as_frame(frame)


def first_frame(source: Source) -> pd.DataFrame:
    """The first frame.

    Raises
    ------
    InsufficientDataError
        If there is none.
    """
    for frame in source.frames():
        return frame
    raise _no_rows()


def _no_rows() -> InsufficientDataError:
    return InsufficientDataError("There are no rows to learn from. Pass a table, or frames, with at least one row.")


def learn_encoder(source: Source, encoder: TableEncoder, progress: ProgressCallback, cancel: Callable[[], None]) -> str:
    """Fit ``encoder`` on all the frames; the digest of the rows, which depends on their order and values."""
    digest, seen = blake2b(digest_size=16), 0
    for frame in source.frames():
        cancel()
        if len(frame) == 0:
            continue
        encoder.partial_fit(frame)
        digest.update(row_hashes(frame).tobytes())
        seen += len(frame)
        progress(Progress("encoder", seen))
    if seen == 0:
        raise _no_rows()
    encoder.finish()
    return digest.hexdigest()


def digest_of(source: Source) -> tuple[str, int]:
    """Digest and number of the rows."""
    digest, n = blake2b(digest_size=16), 0
    for frame in source.frames():
        digest.update(row_hashes(frame).tobytes())
        n += len(frame)
    if n == 0:
        raise _no_rows()
    return digest.hexdigest(), n


def encode_all(source: Source, encoder: TableEncoder, n: int, folder: Path, cancel: Callable[[], None]) -> Encoded:
    """All ``n`` rows as codes: in memory for a table that is there, else in two files of ``folder``, mapped."""
    if source.in_memory:
        return encoder.encode(next(iter(source.frames())))
    places = [folder / "codes", folder / "residual"]
    codes: Any = np.memmap(places[0], dtype=np.int32, mode="w+", shape=(n, len(encoder.tokens_)))
    residual: Any = None
    start = 0
    for frame in source.frames():
        cancel()
        if len(frame) == 0:
            continue
        rows = encoder.encode(frame)
        if start + len(rows) > n:
            raise InvalidDataError(f"The source gave {n} rows when it was read first and more now. It must not change.")
        codes[start : start + len(rows)] = rows.codes
        if rows.residual is not None and rows.residual.shape[1]:
            if residual is None:
                shape = (n, rows.residual.shape[1])
                residual = np.memmap(places[1], dtype=np.float32, mode="w+", shape=shape)
            residual[start : start + len(rows)] = rows.residual
        start += len(rows)
    if start != n:
        raise InvalidDataError(f"The source gave {n} rows when it was read first and {start} now. It must not change.")
    return Encoded(codes, residual)


def row_hashes(frame: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """64-bit hash of every row by its values."""
    plain = frame.astype({name: object for name in frame.columns if frame[name].dtype == object})
    return np.asarray(pd.util.hash_pandas_object(plain, index=False), dtype=np.uint64)


__all__ = [
    "CHUNK_ROWS",
    "Source",
    "TableSource",
    "as_frame",
    "digest_of",
    "encode_all",
    "first_frame",
    "learn_encoder",
    "open_source",
    "row_hashes",
]
