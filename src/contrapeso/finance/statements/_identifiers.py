"""Identifiers of synthetic rows: a namespace of their own, so that no importer takes one for a bank's."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.balances import Line

PREFIX = "SYN-"
MAX_CHARS = 255
"""Longest FITID of OFX."""


def synthetic_ids(lines: Sequence[Line], run: str | None = None) -> list[str]:
    """Identifier of each line: ``SYN-<run>-<n>`` for synthetic ones, different from all others; real ones keep theirs.

    A synthetic row that has such an identifier already, and alone, keeps it. ``run`` is by default told by the
    synthetic rows themselves, so the same rows always have the same identifiers.

    Raises
    ------
    InvalidParameterError
        If ``run`` has other signs than letters, digits, ``.``, ``_`` and ``-``, or more than 200.
    """
    run = _run_of(lines) if run is None else run
    if (
        not 0 < len(run) <= 200
        or not run.replace("-", "").replace("_", "").replace(".", "").isalnum()
        or not run.isascii()
    ):
        raise InvalidParameterError(f"run is made of letters, digits, '.', '_' and '-', at most 200; got {run[:60]!r}.")
    counts = Counter(line.id for line in lines)
    kept = {line.id for line in lines if line.synthetic and counts[line.id] == 1 and _is_synthetic_id(line.id)}
    taken = kept | {line.id for line in lines if not line.synthetic}
    ids: list[str] = []
    number = 0
    for line in lines:
        if not line.synthetic or line.id in kept:
            ids.append(line.id)
            continue
        number += 1
        while f"{PREFIX}{run}-{number}" in taken:
            number += 1
        ids.append(f"{PREFIX}{run}-{number}")
    return ids


def _is_synthetic_id(text: str) -> bool:
    return text.startswith(PREFIX) and len(text) <= MAX_CHARS and text.isprintable() and " " not in text


def _run_of(lines: Sequence[Line]) -> str:
    """Eight hexadecimal digits of the synthetic rows."""
    made = [(line.date.isoformat(), line.cents, line.description, line.account) for line in lines if line.synthetic]
    return hashlib.sha256(repr(made).encode("utf-8", "backslashreplace")).hexdigest()[:8]


__all__ = ["MAX_CHARS", "PREFIX", "synthetic_ids"]
