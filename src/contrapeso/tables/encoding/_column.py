"""What the table encoder asks of the codec of one column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from contrapeso.tables.encoding._state import Arrays, Json
from contrapeso.tables.encoding._tokens import CodeArray, Floats, Token


@dataclass(frozen=True, slots=True, eq=False)
class ColumnCodes:
    """Codes (n, tokens of the column) and residuals (n, residual tokens of the column)."""

    codes: CodeArray
    residual: Floats | None = None


class ColumnCodec(Protocol):
    """Codec of one column; the parents of its tokens are counted from its own first token."""

    @property
    def name(self) -> str:
        """The column."""

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Its tokens; none where it is not modelled."""

    @property
    def null_codes(self) -> tuple[int, ...]:
        """Codes of its first token that come back as null."""

    def encode(self, series: pd.Series) -> ColumnCodes:
        """Codes of values; never an error for values that were not seen."""

    def decode(self, coded: ColumnCodes, rng: np.random.Generator) -> pd.Series:
        """Values of codes, in the column's dtype."""

    def given(self, series: pd.Series) -> CodeArray:
        """Codes of values that are asked for; InvalidDataError for one that no code stands for."""

    def state(self) -> tuple[dict[str, Json], Arrays]:
        """JSON types and arrays."""


__all__ = ["ColumnCodec", "ColumnCodes"]
