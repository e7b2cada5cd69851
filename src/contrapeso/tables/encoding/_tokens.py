"""What a generator sees of a table: rows of small whole numbers, and what each of them may be.

A *token* is one position of the encoded row. Most columns are one token; a column with many fine
values is two, a coarse one and a fine one whose meaning depends on the coarse one (its ``parent``).
Codes of an ordered token are in the order of the values they stand for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError

CodeArray = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """One position of an encoded row.

    Attributes
    ----------
    column : str
        Column it belongs to.
    part : str
        ``value`` (the column, or its coarse part), ``fine``, or the name of a calendar part.
    n_codes : int
        Codes are 0, ..., ``n_codes`` - 1.
    position : ndarray of shape (n_codes,), float32
        Normal score of the middle of each code's values, in about [-4, 4]; NaN for codes without an
        order (categories, the code of nulls). A token is ordered where any is finite.
    parent : int or None
        Token whose code says what the codes of this one mean; always an earlier one.
    log_prior : ndarray of shape (n_parent_codes, n_codes), float32, or None
        Log of the training frequency of the code given the parent's code, ``-inf`` where the pair
        stands for no value. Only tokens with a parent have one.
    log_marginal : ndarray of shape (n_codes,), float32
        Log of the smoothed training frequency of each code; finite.
    residual : bool
        Whether codes of this token keep a position within them (a bin of a continuous column):
        column of ``Encoded.residual``, in token order.
    within : ndarray of shape (n_codes,), bool
        Codes for which that position means something (bins, not atoms); all false without ``residual``.
    """

    column: str
    part: str
    n_codes: int
    position: Floats
    log_marginal: Floats
    within: NDArray[np.bool_]
    parent: int | None = None
    log_prior: Floats | None = None
    residual: bool = False

    @property
    def ordered(self) -> bool:
        """Whether neighbouring codes are neighbouring values."""
        return bool(np.isfinite(self.position).any())


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Encoded rows.

    ``codes`` is int32 of shape (n, n_tokens). ``residual`` is float32 of shape (n, n_residual), the
    position within the bin in (0, 1), 0.5 where the code is an atom; None means "draw it uniformly".
    """

    codes: CodeArray
    residual: Floats | None = None

    def __post_init__(self) -> None:
        if self.codes.ndim != 2 or (self.residual is not None and len(self.residual) != len(self.codes)):
            raise InvalidDataError("Encoded rows need 2-D codes and as many rows of residuals.")

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What is asked of the rows to be sampled.

    ``codes`` is int32 of shape (n, n_tokens): the code, or -1 where the model is free.
    ``allowed`` maps a token to a bool array of shape (n, n_codes): the codes it may take where its
    code is -1 (a condition on a column that another one determines leaves several).
    ``columns`` are the columns asked for; ``unresolved`` those that codes cannot express, to be met by rejection.
    """

    codes: CodeArray
    allowed: Mapping[int, NDArray[np.bool_]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def nothing(cls, n: int, n_tokens: int) -> Given:
        """``n`` rows of which nothing is asked."""
        return cls(np.full((n, n_tokens), -1, dtype=np.int32))

    def rows(self, chosen: NDArray[np.intp] | slice) -> Given:
        """The requests of some rows."""
        allowed = {token: mask[chosen] for token, mask in self.allowed.items()}
        return Given(self.codes[chosen], allowed, self.columns, self.unresolved)


__all__ = ["CodeArray", "Encoded", "Floats", "Given", "Token"]
