"""How many rows each class shall have: the exact counts behind every strategy of ``ImbalancedDataHandler``.

With ``largest`` and ``smallest`` rows in those classes and the ratio r, read as the decimal it is written as:

- adding rows: every class with fewer than ceil(r * largest) rows is raised to exactly that; none loses a row;
- dropping rows: every class with more than floor(smallest / r) rows is cut to exactly that;
- hybrid: the largest classes are cut half-way, to ``top`` = max(ceil((largest + smallest) / 2), floor(smallest / r)),
  and the smaller ones raised to ceil(r * top). The second term keeps a class from being cut further than r asks for.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction
from math import ceil, floor
from typing import Any, TypeAlias

import numpy as np

from contrapeso.balancing._strategy import goals
from contrapeso.errors import InvalidDataError, InvalidParameterError

Sizes: TypeAlias = dict[Hashable, int]


def check_ratio(target_ratio: object) -> float:
    """``target_ratio`` as a float.

    Raises
    ------
    InvalidParameterError
        If it is no number in (0, 1].
    """
    is_number = isinstance(target_ratio, (int, float, np.integer, np.floating)) and not isinstance(target_ratio, bool)
    if not is_number or not 0 < float(target_ratio) <= 1:  # type: ignore[arg-type]  # a number, as just seen
        raise InvalidParameterError(
            f"target_ratio is the rows of each smaller class over the largest, in (0, 1]; got {target_ratio!r}."
        )
    return float(target_ratio)  # type: ignore[arg-type]


def n_rows_of(X: Any, y: Any) -> int:
    """Rows of ``X``, which are as many as the labels ``y``; unlike the samplers it takes an empty table.

    Raises
    ------
    InvalidDataError
        If they differ.
    """
    n_x, n_y = (_length(box, name) for box, name in ((X, "X"), (y, "y")))
    if n_x != n_y:
        raise InvalidDataError(
            f"Found input variables with inconsistent numbers of samples: X has {n_x} rows, y has {n_y}."
        )
    return n_x


def _length(box: Any, name: str) -> int:
    shape = getattr(box, "shape", None)
    if isinstance(shape, tuple) and len(shape) > 0:
        return int(shape[0])
    if hasattr(box, "__len__"):
        return len(box)
    raise InvalidDataError(f"{name} must hold one row per example; got {type(box).__name__}.")


def is_reached(counts: Mapping[Hashable, int], ratio: float) -> bool:
    """Whether no class is under the ratio."""
    return over_sizes(counts, ratio) == {}


def over_sizes(counts: Mapping[Hashable, int], ratio: float) -> Sizes:
    """Class -> rows afterwards, of the classes that grow."""
    return _changed(counts, goals(ratio, counts, "over"))


def under_sizes(counts: Mapping[Hashable, int], ratio: float) -> Sizes:
    """Class -> rows afterwards, of the classes that shrink."""
    return _changed(counts, goals(ratio, counts, "under"))


def hybrid_sizes(counts: Mapping[Hashable, int], ratio: float) -> tuple[Sizes, Sizes]:
    """Class -> rows afterwards, of the classes that shrink and of those that grow."""
    exact = Fraction(repr(float(ratio)))
    largest, smallest = max(counts.values()), min(counts.values())
    top = min(largest, max(ceil(Fraction(largest + smallest, 2)), floor(smallest / exact)))
    low = ceil(exact * top)
    return {c: top for c, n in counts.items() if n > top}, {c: low for c, n in counts.items() if n < low}


def _changed(counts: Mapping[Hashable, int], asked: Mapping[Hashable, int]) -> Sizes:
    return {label: asked[label] for label, n in counts.items() if asked[label] != n}


def imbalance(counts: Mapping[Hashable, int]) -> float | None:
    """Largest class over the smallest; None without classes."""
    return max(counts.values()) / min(counts.values()) if counts else None


__all__ = ["Sizes", "check_ratio", "hybrid_sizes", "imbalance", "is_reached", "n_rows_of", "over_sizes", "under_sizes"]
