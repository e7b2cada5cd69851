"""How much memory a resampling will take, told before it is taken."""

from __future__ import annotations

import re
from typing import Any

from contrapeso.errors import InvalidParameterError, MemoryLimitError
from contrapeso.tables._containers import Table

UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}
WORK = 0.2
"""Work memory of a sampler as a share of input and result together."""

BYTES_PER_CELL = 64
"""What a cell of a container that does not tell its size is counted as."""


def bytes_of(limit: float | str) -> int:
    """Number of bytes of 3e9, '3 GB' or '2.8 GiB'."""
    found = re.fullmatch(r"\s*([0-9.]+)\s*([KMGT]?I?)B?\s*", str(limit).upper())
    try:
        size = float(limit) if not isinstance(limit, str) else float(found[1]) * UNITS[found[2]] if found else -1.0
    except (TypeError, ValueError, KeyError):
        size = -1.0
    if isinstance(limit, bool) or not size > 0:
        raise InvalidParameterError(
            f"max_memory must be a positive number of bytes or a text such as '2 GiB'; got {limit!r}."
        )
    return int(size)


def check_memory(limit: float | str, X: Any, table: Table, n_after: int) -> None:
    """Refuse a result of ``n_after`` rows that would pass the limit.

    Raises
    ------
    MemoryLimitError
        With the estimate and the ways out.
    """
    allowed = bytes_of(limit)
    present = size_of(X, table)
    result = present * n_after / max(1, table.n_rows)
    needed = int(result + WORK * (present + result))
    if needed > allowed:
        raise MemoryLimitError(
            f"Resampling {table.n_rows} rows to {n_after} needs about {_said(needed)} besides the input, and "
            f"max_memory is {_said(allowed)}. Ask for fewer rows (sampling_strategy), give X as float32, or "
            "raise the limit.",
            {"needed_bytes": needed, "max_memory_bytes": allowed, "n_rows": n_after},
        )


def _said(size: int) -> str:
    """A size as people say it: of a small one the KiB, else the MiB."""
    return f"{size / 2**20:.0f} MiB" if size >= 10 * 2**20 else f"{size / 2**10:.1f} KiB"


def size_of(X: Any, table: Table) -> int:
    """Bytes that the table takes."""
    if hasattr(X, "memory_usage"):
        return int(X.memory_usage(index=False, deep=False).sum())
    if hasattr(X, "data") and hasattr(X, "indices"):
        return int(X.data.nbytes + X.indices.nbytes + X.indptr.nbytes)
    size = getattr(X, "nbytes", None)
    if size is None and hasattr(X, "estimated_size"):
        size = X.estimated_size()
    return int(size) if size is not None else table.n_rows * table.n_columns * BYTES_PER_CELL


__all__ = ["bytes_of", "check_memory"]
