"""Codes of a row as vectors: one packed table for all tokens, and what is known of the order of their values.

A code has a free vector of its own. Two kinds of token have more to go by: the vector of an ordered one is that plus
a linear map of smooth functions of the code's position, so that rare codes share what their neighbours learn; a fine
token means nothing without its parent, so where the pairs are few every possible (parent, code) pair has a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from contrapeso.tables.encoding._tokens import Token

MAX_JOINT_ROWS = 4096
N_WAVES = 4
N_FEATURES = 1 + 2 * N_WAVES


def smooth_features(position: NDArray[np.float32]) -> NDArray[np.float32]:
    """Smooth functions of the positions (n,) of ordered codes: (n, N_FEATURES); zeros where there is no position.

    The position itself and sines and cosines of 1 to 4 waves over [-4, 4], each of size about 1.
    """
    known = np.isfinite(position)
    x = np.where(known, position, 0.0).astype(np.float64)
    angles = np.pi / 4 * x[:, None] * np.arange(1, N_WAVES + 1)
    found = np.column_stack([x, np.sin(angles), np.cos(angles)])
    return np.where(known[:, None], found, 0.0).astype(np.float32)


class TokenEmbedding(nn.Module):
    """Vectors of the codes of all tokens, entries of about unit variance; an absent code has a learned vector.

    Shape: codes (batch, n_tokens) int64, keep (batch, n_tokens) bool or None -> (batch, n_tokens, width)

    Parameters
    ----------
    tokens : sequence of Token
    width : int
        Length of a vector.
    smooth : bool, default=True
        Whether ordered tokens add the map of their positions.
    joint : bool, default=True
        Whether tokens with a parent have a row for every possible pair, where these are at most 4096.
    generator : torch.Generator, optional
        Source of the starting vectors; torch's own by default.
    """

    def __init__(
        self,
        tokens: Sequence[Token],
        width: int,
        *,
        smooth: bool = True,
        joint: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        plans = [_rows_of(token, joint=joint) for token in tokens]
        self.parents = tuple(plan.parent for plan in plans)
        sizes = np.array([plan.n_rows for plan in plans])
        starts = np.concatenate([[0], np.cumsum(sizes)])
        self.table = nn.Parameter(torch.empty(int(starts[-1]), width))
        _register_lookup(self, plans, starts)
        self.smooth = _SmoothRows(tokens, plans, starts, width) if smooth and any(t.ordered for t in tokens) else None
        self.reset(generator)

    def reset(self, generator: torch.Generator | None = None) -> None:
        """Draw the starting vectors: half of the variance of an ordered code is its smooth part."""
        nn.init.normal_(self.table, generator=generator)
        if self.smooth is not None:
            with torch.no_grad():
                self.table[self.smooth.rows] *= 0.5**0.5
            nn.init.normal_(self.smooth.maps, std=(0.5 / (1 + N_WAVES)) ** 0.5, generator=generator)

    def rows(self, codes: Tensor, keep: Tensor | None = None) -> Tensor:
        """Rows of the table (batch, n_tokens) that stand for the codes; negative or not kept ones are absent."""
        known = codes >= 0 if keep is None else keep & (codes >= 0)
        codes = torch.where(known, codes, self._absent)
        parents = torch.where(self._has_parent, codes[:, self._parent], 0)
        return self._lookup[self._start + parents * self._stride + codes]

    def rows_of(self, t: int, codes: Tensor) -> Tensor:
        """Rows of the table (batch,) that stand for token ``t`` of the codes (batch, n_tokens); negative: absent."""
        code = torch.where(codes[:, t] >= 0, codes[:, t], self._absent[t])
        above_t = self.parents[t]
        if above_t is None:
            return self._lookup[self._start[t] + code]
        above = codes[:, above_t]
        parent = torch.where(above >= 0, above, self._absent[above_t])
        return self._lookup[self._start[t] + parent * self._stride[t] + code]

    def vectors(self) -> Tensor:
        """The whole table (n_rows, width), smooth parts added: compute it once to sample token by token."""
        return self.table if self.smooth is None else self.smooth(self.table)

    def forward(self, codes: Tensor, keep: Tensor | None = None, vectors: Tensor | None = None) -> Tensor:
        """Vectors of the codes; ``vectors`` is what :meth:`vectors` gave, where it was kept."""
        return functional.embedding(self.rows(codes, keep), self.vectors() if vectors is None else vectors)

    _absent: Tensor
    _has_parent: Tensor
    _parent: Tensor
    _start: Tensor
    _stride: Tensor
    _lookup: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows of one token: ``lookup`` (n_parent_codes + 1 or 1, n_codes + 1) gives the row of a pair; the last is absent.

    ``code_of`` (n_rows - 1,) is the code that each row but the absent one stands for.
    """

    lookup: NDArray[np.int64]
    code_of: NDArray[np.int64]
    parent: int | None

    @property
    def n_rows(self) -> int:
        return len(self.code_of) + 1


def _rows_of(token: Token, *, joint: bool) -> _Rows:
    if token.parent is not None and token.log_prior is not None and joint:
        possible = np.isfinite(token.log_prior)
        if possible.sum() <= MAX_JOINT_ROWS:
            return _pair_rows(possible, token.parent)
    codes = np.arange(token.n_codes + 1)
    return _Rows(codes[None], codes[:-1], None)


def _pair_rows(possible: NDArray[np.bool_], parent: int) -> _Rows:
    """A row for every possible pair; any other pair, or one with a part absent, is absent."""
    n_parent, n_codes = possible.shape
    n_pairs = int(possible.sum())
    lookup = np.full((n_parent + 1, n_codes + 1), n_pairs)
    lookup[:n_parent, :n_codes][possible] = np.arange(n_pairs)
    return _Rows(lookup, np.nonzero(possible)[1], parent)


def _register_lookup(module: TokenEmbedding, plans: Sequence[_Rows], starts: NDArray[np.int64]) -> None:
    """Buffers by which (parent code, code) of every token becomes a row of the packed table."""
    lookups = [(plan.lookup + start).ravel() for plan, start in zip(plans, starts[:-1], strict=True)]
    offsets = np.concatenate([[0], np.cumsum([len(found) for found in lookups])])[:-1]
    strides = [plan.lookup.shape[1] if plan.parent is not None else 0 for plan in plans]
    buffers = {
        "_lookup": np.concatenate(lookups),
        "_start": offsets,
        "_stride": strides,
        "_absent": [plan.lookup.shape[1] - 1 for plan in plans],
        "_parent": [0 if plan.parent is None else plan.parent for plan in plans],
    }
    for name, values in buffers.items():
        module.register_buffer(name, torch.as_tensor(np.asarray(values, dtype=np.int64)), persistent=False)
    has_parent = torch.tensor([plan.parent is not None for plan in plans])
    module.register_buffer("_has_parent", has_parent, persistent=False)


class _SmoothRows(nn.Module):
    """Adds to the rows of ordered codes a linear map, one for each token, of the smooth functions of their position."""

    features: Tensor
    rows: Tensor
    _cells: Tensor

    def __init__(self, tokens: Sequence[Token], plans: Sequence[_Rows], starts: NDArray[np.int64], width: int) -> None:
        super().__init__()
        ordered = [t for t, token in enumerate(tokens) if token.ordered]
        tallest = max(len(plans[t].code_of) for t in ordered)
        features = np.zeros((len(ordered), tallest, N_FEATURES), dtype=np.float32)
        rows, cells = [], []
        for k, t in enumerate(ordered):
            code_of = plans[t].code_of
            features[k, : len(code_of)] = smooth_features(tokens[t].position)[code_of]
            rows.append(starts[t] + np.arange(len(code_of)))
            cells.append(k * tallest + np.arange(len(code_of)))
        self.maps = nn.Parameter(torch.empty(len(ordered), N_FEATURES, width))
        self.register_buffer("features", torch.as_tensor(features), persistent=False)
        self.register_buffer("rows", torch.as_tensor(np.concatenate(rows)), persistent=False)
        self.register_buffer("_cells", torch.as_tensor(np.concatenate(cells)), persistent=False)

    def forward(self, table: Tensor) -> Tensor:
        mapped = torch.bmm(self.features, self.maps).flatten(0, 1)
        return table.index_add(0, self.rows, mapped[self._cells].to(table.dtype))


__all__ = ["N_FEATURES", "TokenEmbedding", "smooth_features"]
