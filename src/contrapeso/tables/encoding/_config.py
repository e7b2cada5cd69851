"""Options of the shared encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contrapeso.errors import InvalidParameterError


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a table becomes codes; None lets the data choose.

    Attributes
    ----------
    n_bins : int, optional
        Quantile bins of a continuous column: by default 32 to 256 by the rows; 16 to 128 without fine levels.
    max_atoms : int, default=256
        A column of at most so many values is taken value by value; fewer in small tables with no fine level.
    fine_levels : int, optional
        Sub-bins of a bin: by default 16 for columns with fine structure and enough rows, 0 for none.
    max_codes : int, default=256
        Most codes of one token; more categories than that are coded by two tokens, or end in a rare bucket.
    relations : bool, default=True
        Whether functional dependencies, sums, orders and equal values are found, and kept by construction.
    tails : {'extend', 'clip'}, default='extend'
        Whether values beyond the observed extremes may come (a generalised Pareto tail) or not.
    k_extreme : int, default=1
        Privacy: minimum and maximum are replaced by the k-th extremes.
    min_support : int, default=1
        Privacy: a bin, an atom or a category needs so many rows, else it joins its neighbours or the rare bucket.
    """

    n_bins: int | None = None
    max_atoms: int = 256
    fine_levels: int | None = None
    max_codes: int = 256
    relations: bool = True
    tails: Literal["extend", "clip"] = "extend"
    k_extreme: int = 1
    min_support: int = 1

    def __post_init__(self) -> None:
        for name, least in (("max_atoms", 2), ("max_codes", 8), ("k_extreme", 1), ("min_support", 1)):
            if getattr(self, name) < least:
                raise InvalidParameterError(f"Encoding.{name} must be at least {least}; got {getattr(self, name)}.")
        for name, least in (("n_bins", 2), ("fine_levels", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise InvalidParameterError(f"Encoding.{name} must be None or at least {least}; got {value}.")
        if self.tails not in {"extend", "clip"}:
            raise InvalidParameterError(f"Encoding.tails must be 'extend' or 'clip'; got {self.tails!r}.")


__all__ = ["Encoding"]
