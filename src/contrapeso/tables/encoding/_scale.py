"""Numbers as ordered codes: values that repeat stand alone (atoms), the others share quantile bins.

A *cell* is the finest piece that is told apart: a bin, or a sub-bin where a second level is kept.
Inside a cell, values follow the cell's empirical quantile function, kept at a few knots. A value on
a lattice (whole numbers, cents) spreads over its own step there, so that rounding gives each one its share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from contrapeso.tables._numbers import on_grid
from contrapeso.tables.encoding._bins import (
    bins_of,
    fine_levels_of,
    is_share,
    knots_of,
    log_rows,
    log_share,
    n_bins_of,
    n_knots_of,
    normal_scores,
    stand_alone,
    step_of,
    sub_bins_of,
    taken_together,
    without_extremes,
)
from contrapeso.tables.encoding._config import Encoding
from contrapeso.tables.encoding._sketch import Bools, Floats64, ValueCounts
from contrapeso.tables.encoding._state import Arrays, Json
from contrapeso.tables.encoding._tails import Tail, lower_tail, upper_tail
from contrapeso.tables.encoding._tokens import CodeArray, Floats, Token

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Specials:
    """Rows of values that are no finite number."""

    null: float = 0.0
    high: float = 0.0
    low: float = 0.0

    def __add__(self, other: Specials) -> Specials:
        return Specials(self.null + other.null, self.high + other.high, self.low + other.low)


@dataclass(frozen=True, slots=True, eq=False)
class ValueScale:
    """Codes of float64 values.

    Attributes
    ----------
    atoms, atom_codes : ndarray of shape (n_atoms,)
        Values that stand alone, ascending, and their codes.
    lo, hi : ndarray of shape (n_cells,)
        Least and greatest value of each cell, ascending and disjoint.
    knots : ndarray of shape (n_cells, k)
        Quantile function of each cell at 0, 1/(k-1), ..., 1.
    cell_code, cell_sub : ndarray of shape (n_cells,)
        Coarse and fine code of each cell.
    mass : ndarray of shape (n_codes,)
        Training rows of each code.
    special_codes : tuple of int
        Codes of null, +inf and -inf; -1 where there is none.
    step, origin : int, float
        Legal values are ``origin`` plus whole multiples of ``step`` units of the last decimal (50 where all values are
        multiples of 50).
    same_codes : tuple of int
        Codes "the value that another column has in this row"; :meth:`decode` gives NaN for them.
    n_sub : int
        Codes of the fine token; 1 without one.
    """

    atoms: Floats64
    atom_codes: Ints
    lo: Floats64
    hi: Floats64
    knots: Floats64
    cell_code: Ints
    cell_sub: Ints
    cell_mass: Floats64
    mass: Floats64
    special_codes: tuple[int, int, int]
    n_sub: int
    decimals: int | None
    residual: bool
    lower: Tail | None = None
    upper: Tail | None = None
    same_codes: tuple[int, ...] = ()
    step: int = 1
    origin: float = 0.0

    @classmethod
    def fit(
        cls,
        counts: ValueCounts,
        specials: Specials,
        config: Encoding,
        *,
        decimals: int | None = None,
        tails: bool = True,
    ) -> Self:
        """Scale of a column by its distinct values; ``decimals`` is its lattice (0 for whole numbers)."""
        kept = without_extremes(counts, config.k_extreme)
        kept, is_atom = stand_alone(kept, specials.null, config)
        rest = kept.subset(~is_atom)
        if config.min_support > 1:
            rest = taken_together(rest, kept.values[is_atom], config.min_support, decimals)
        bins = bins_of(rest, kept.values[is_atom], n_bins_of(config, kept.total), config.min_support)
        n_sub = fine_levels_of(config, len(kept), kept.total) if len(rest) else 1
        scale = cls._assembled(kept.subset(is_atom), rest, bins, n_sub, decimals)
        step, origin = step_of(kept, decimals)
        scale = replace(scale, step=step, origin=origin, residual=config.fine_levels == 0 and len(rest) > 0)
        scale = scale._with_specials(specials)
        if tails and config.tails == "extend" and len(rest):
            scale = scale._with_tails(kept, config.k_extreme)
        return scale

    @classmethod
    def _assembled(
        cls, atoms: ValueCounts, rest: ValueCounts, bins: NDArray[np.intp], n_sub: int, decimals: int | None
    ) -> Self:
        """Atoms and bins in the order of their values, cells with their knots."""
        n_bins = int(bins[-1]) + 1 if len(bins) else 0
        upto = np.cumsum(rest.counts)
        bin_mass = np.zeros(n_bins)
        np.add.at(bin_mass, bins, rest.counts)
        middles = rest.values[np.searchsorted(upto, np.cumsum(bin_mass) - bin_mass / 2)] if n_bins else np.empty(0)
        order = np.argsort(np.concatenate([atoms.values, middles]), kind="stable")
        code = np.empty(len(order), dtype=np.int32)
        code[order] = np.arange(len(order), dtype=np.int32)
        mass = np.empty(len(order))
        mass[code] = np.concatenate([atoms.counts, bin_mass])
        sub = sub_bins_of(rest, bins, bin_mass, n_sub)
        cells = np.flatnonzero(np.diff(bins * n_sub + sub, prepend=-1)) if n_bins else np.empty(0, np.intp)
        ends = np.append(cells[1:], len(rest)) - 1 if n_bins else cells
        knots = knots_of(rest, cells, ends, n_knots_of(len(cells), rest.total), decimals)
        cell_mass = np.add.reduceat(rest.counts, cells) if n_bins else np.empty(0)
        return cls(
            atoms=atoms.values,
            atom_codes=code[: len(atoms)],
            lo=rest.values[cells],
            hi=rest.values[ends],
            knots=knots,
            cell_code=code[len(atoms) :][bins[cells]],
            cell_sub=sub[cells].astype(np.int32),
            cell_mass=cell_mass,
            mass=mass,
            special_codes=(-1, -1, -1),
            n_sub=n_sub,
            decimals=decimals,
            residual=False,
        )

    def _with_specials(self, specials: Specials) -> Self:
        """Codes of null and the infinities behind the values, where they were seen."""
        codes, mass = [], self.mass.tolist()
        for rows in (specials.null, specials.high, specials.low):
            codes.append(len(mass) if rows else -1)
            mass += [rows] if rows else []
        return replace(self, special_codes=(codes[0], codes[1], codes[2]), mass=np.array(mass))

    def _with_tails(self, kept: ValueCounts, k_extreme: int) -> Self:
        """Tails of the outer cells; none at an atom, none beyond zero where nothing was."""
        least, most = kept.values[0], kept.values[-1]
        lower = upper = None
        if self.hi[-1] == most and most > 0 and not (least >= 0 and is_share(most)):
            upper = upper_tail(kept, float(self.cell_mass[-1]), k_extreme)
        if self.lo[0] == least and least < 0:
            lower = lower_tail(kept, float(self.cell_mass[0]), k_extreme)
        return replace(self, lower=lower, upper=upper)

    def with_same(self, equal: Sequence[ValueCounts]) -> Self:
        """A code for each list of values that another column holds too; atoms stay what they are."""
        if not len(self.lo):
            return self
        cell_mass, mass = self.cell_mass.copy(), []
        for counts in equal:
            own = counts.subset(~self.atom_at(counts.values)[1])
            cell_mass -= np.bincount(self.cells_of(own.values), own.counts, minlength=len(cell_mass))
            mass.append(own.total)
        cell_mass = np.maximum(cell_mass, 0.5)
        codes = self.mass.copy()
        codes[self.cell_code] = 0.0
        np.add.at(codes, self.cell_code, cell_mass)
        same = tuple(range(self.n_codes, self.n_codes + len(mass)))
        return replace(self, cell_mass=cell_mass, mass=np.append(codes, mass), same_codes=same)

    def repeats(self, values: Floats64) -> Bools:
        """Where the code of another column's value would be used: neither atoms nor beyond all numbers."""
        return np.isfinite(values) & ~self.atom_at(values)[1]

    def typical(self, n: int, rng: np.random.Generator) -> Floats64:
        """``n`` values of the bins, by their rows."""
        cell = rng.choice(len(self.lo), size=n, p=self.cell_mass / self.cell_mass.sum())
        return self._draw(cell.astype(np.intp), rng.random(n), np.full((n, 2), 0.5))

    @property
    def n_values(self) -> int:
        """Codes of finite values: those below are 0, ..., ``n_values`` - 1."""
        return len(self.atoms) + len(np.unique(self.cell_code))

    @property
    def n_codes(self) -> int:
        """All codes."""
        return len(self.mass)

    @property
    def n_tokens(self) -> int:
        """1, or 2 with a second level."""
        return 2 if self.n_sub > 1 else 1

    @property
    def n_residual(self) -> int:
        """1 where a position within the bin is kept."""
        return int(self.residual)

    def cells_of(self, values: Floats64) -> NDArray[np.intp]:
        """Cell in whose reach each finite value lies."""
        middle = self.hi[:-1] / 2 + self.lo[1:] / 2
        edges = np.clip(middle, np.nextafter(self.hi[:-1], np.inf), self.lo[1:])
        return np.searchsorted(edges, values, side="right")

    def atom_at(self, values: Floats64) -> tuple[NDArray[np.intp], Bools]:
        """Place of each value among the atoms, and whether it is one."""
        place = np.minimum(np.searchsorted(self.atoms, values), max(0, len(self.atoms) - 1))
        return place, self.atoms[place] == values if len(self.atoms) else np.zeros(len(values), dtype=bool)

    def encode(self, values: Floats64) -> tuple[CodeArray, Floats | None]:
        """Codes (n, ``n_tokens``) and, where one is kept, the position within the bin (n, 1).

        A value that was not seen takes the nearest atom or bin; null takes the middle code if no null was seen.
        """
        codes = np.zeros((len(values), self.n_tokens), dtype=np.int32)
        finite = np.isfinite(values)
        plain = (
            values if finite.all() else np.where(finite, values, np.sign(np.nan_to_num(values)) * np.finfo(float).max)
        )
        cell, inside = None, np.zeros(len(values), dtype=bool)
        if len(self.lo):
            cell, inside = self.cells_of(plain), np.ones(len(values), dtype=bool)
            codes[:, 0] = self.cell_code[cell]
            if self.n_sub > 1:
                codes[:, 1] = self.cell_sub[cell]
        if len(self.atoms):
            place, hit = self.atom_at(plain)
            place = place if len(self.lo) else self._nearest(plain, place)
            hit = hit if len(self.lo) else np.ones(len(values), dtype=bool)
            codes[hit, 0] = self.atom_codes[place[hit]]
            codes[hit, 1:] = 0
            inside &= ~hit
        if not finite.all():
            inside &= self._encode_specials(codes, values)
        if not self.residual or cell is None:
            return codes, None
        return codes, self._positions(plain, cell, inside)

    def _nearest(self, values: Floats64, place: NDArray[np.intp]) -> NDArray[np.intp]:
        before = np.maximum(place - 1, 0)
        with np.errstate(over="ignore"):
            lower = np.abs(values - self.atoms[before]) < np.abs(self.atoms[place] - values)
        return np.where(lower, before, place)

    def _encode_specials(self, codes: CodeArray, values: Floats64) -> Bools:
        """Write the codes of null and the infinities; returns where a bin's position still counts."""
        inside = np.ones(len(values), dtype=bool)
        for code, where in zip(self.special_codes, _special(values), strict=True):
            if code >= 0:
                codes[where, 0], codes[where, 1:], inside[where] = code, 0, False
        if self.special_codes[0] < 0 and self.n_values:
            gone = np.isnan(values)
            middle = int(np.searchsorted(np.cumsum(self.mass), self.mass.sum() / 2))
            codes[gone, 0], codes[gone, 1:] = middle, self.first_sub()[middle]
            inside[gone] = False
        return inside

    def first_sub(self) -> Ints:
        """A fine code that exists, for each coarse code."""
        first = np.zeros(self.n_codes, dtype=np.int32)
        first[self.cell_code[::-1]] = self.cell_sub[::-1]
        return first

    def _positions(self, values: Floats64, cell: NDArray[np.intp], inside: Bools) -> Floats:
        """Place of values on the quantile function of their cell, in (0, 1); 0.5 where it says nothing."""
        out = np.full((len(values), 1), 0.5, dtype=np.float32)
        v, own = values[inside], cell[inside]
        last = self.knots.shape[1] - 1
        flat, first = self.knots.ravel(), own * (last + 1)  # cells are disjoint: all knots ascend
        before, upto = (np.clip(np.searchsorted(flat, v, s) - first, 0, last + 1) for s in ("left", "right"))
        left = np.clip(upto - 1, 0, last - 1)
        width = flat[first + left + 1] - flat[first + left]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            share = np.where(width > 0, (v - flat[first + left]) / width, 0.5)
        place = np.where(upto - before > 1, (before + upto - 1) / 2, left + np.clip(share, 0, 1))
        out[inside, 0] = np.clip(place / last, 1e-6, 1 - 1e-6)
        return out

    def decode(self, codes: CodeArray, residual: Floats | None, rng: np.random.Generator) -> Floats64:
        """Values of codes: atoms themselves, a draw from the cell for bins, NaN for null."""
        out = np.full(self.n_codes, np.nan)
        out[self.atom_codes] = self.atoms
        for code, value in zip(self.special_codes[1:], (np.inf, -np.inf), strict=True):
            if code >= 0:
                out[code] = value
        values = out[codes[:, 0]]
        if not len(self.lo):
            return values
        coarse = np.zeros(self.n_codes, dtype=bool)
        coarse[self.cell_code] = True
        binned = np.flatnonzero(coarse[codes[:, 0]])
        fine = codes[binned, 1] if self.n_sub > 1 else np.zeros(len(binned), dtype=np.int32)
        cell = self._cell_table()[codes[binned, 0], fine]
        place = rng.random(len(codes))[binned] if residual is None else residual[binned, 0].astype(np.float64)
        beyond = rng.random((len(codes), 2))[binned]
        values[binned] = self._draw(cell, place, beyond)
        return values

    def _cell_table(self) -> NDArray[np.intp]:
        """Cell of every (coarse, fine) pair; a pair that no row had takes the nearest cell of its bin."""
        table = np.full((self.n_codes, self.n_sub), -1, dtype=np.intp)
        table[self.cell_code, self.cell_sub] = np.arange(len(self.lo))
        for sub in range(1, self.n_sub):
            table[:, sub] = np.where(table[:, sub] < 0, table[:, sub - 1], table[:, sub])
        for sub in range(self.n_sub - 2, -1, -1):
            table[:, sub] = np.where(table[:, sub] < 0, table[:, sub + 1], table[:, sub])
        return table

    def _draw(self, cell: NDArray[np.intp], place: Floats64, beyond: Floats64) -> Floats64:
        """Values at ``place`` on the quantile functions of cells, on the lattice, never an atom's."""
        last = self.knots.shape[1] - 1
        left = np.clip((place * last).astype(np.intp), 0, last - 1)
        share = place * last - left
        values = (1 - share) * self.knots[cell, left] + share * self.knots[cell, left + 1]
        values = np.clip(self._rounded(values), self.lo[cell], self.hi[cell])
        values = self._off_atoms(values, cell)
        if self.upper is not None:
            past = (cell == len(self.lo) - 1) & (beyond[:, 0] < self.upper.share)
            values[past] = self._rounded(self.hi[-1] + self.upper.excess(beyond[past, 1]))
        if self.lower is not None:
            past = (cell == 0) & (beyond[:, 0] > 1 - self.lower.share)
            values[past] = self._rounded(self.lo[0] - self.lower.excess(beyond[past, 1]))
        return values

    @property
    def lattice(self) -> float:
        """Distance between neighbouring legal values; 0 without a grid."""
        return 0.0 if self.decimals is None else self.step * 10.0**-self.decimals

    def _rounded(self, values: Floats64) -> Floats64:
        if self.decimals is None:
            return values
        if self.step > 1:
            values = self.origin + np.round((values - self.origin) / self.lattice) * self.lattice
        return on_grid(values, self.decimals)

    def _off_atoms(self, values: Floats64, cell: NDArray[np.intp]) -> Floats64:
        """Values moved to a neighbour on the lattice where an atom lies within their cell."""
        hit = np.flatnonzero(self.atom_at(values)[1])
        step = self.lattice
        for move in (1, -1, 2, -2, 3, -3) if step else ():
            if not len(hit):
                return values
            tried = self._rounded(values[hit] + move * step)
            good = ~self.atom_at(tried)[1] & (tried >= self.lo[cell[hit]]) & (tried <= self.hi[cell[hit]])
            values[hit[good]] = tried[good]
            hit = hit[~good]
        values[hit] = self.lo[cell[hit]]
        return values

    def tokens(self, column: str, parts: tuple[str, str] = ("value", "fine")) -> tuple[Token, ...]:
        """One token, or two with a second level (whose parent is counted from the first one here)."""
        within = np.zeros(self.n_codes, dtype=bool)
        within[self.cell_code] = self.residual
        coarse = Token(
            column, parts[0], self.n_codes, self._scores(), log_share(self.mass), within, residual=self.residual
        )
        if self.n_sub == 1:
            return (coarse,)
        pairs = np.zeros((self.n_codes, self.n_sub))
        pairs[self.cell_code, self.cell_sub] = self.cell_mass
        others = pairs.sum(axis=1) == 0
        pairs[others, 0] = np.maximum(self.mass[others], 1.0)
        middles = normal_scores(np.ones(self.n_sub))
        fine = Token(
            column,
            parts[1],
            self.n_sub,
            middles,
            log_share(pairs.sum(axis=0)),
            np.zeros(self.n_sub, dtype=bool),
            parent=0,
            log_prior=log_rows(pairs),
        )
        return coarse, fine

    def _scores(self) -> Floats:
        scores = np.full(self.n_codes, np.nan, dtype=np.float32)
        scores[: self.n_values] = normal_scores(self.mass[: self.n_values])
        return scores

    def reach(self) -> tuple[Floats64, Floats64]:
        """Least and greatest value of each code, tails aside; those that are no finite number reach everywhere."""
        least, most = np.full(self.n_codes, -np.inf), np.full(self.n_codes, np.inf)
        least[self.cell_code], most[self.cell_code] = np.inf, -np.inf
        np.minimum.at(least, self.cell_code, self.lo)
        np.maximum.at(most, self.cell_code, self.hi)
        least[self.atom_codes] = most[self.atom_codes] = self.atoms
        if self.lower is not None and len(self.lo):
            least[self.cell_code[0]] = -np.inf
        if self.upper is not None and len(self.lo):
            most[self.cell_code[-1]] = np.inf
        return least, most

    def near(self, value: float) -> list[float]:
        """Up to four known values beside ``value``, for messages."""
        known = np.unique(np.concatenate([self.atoms, self.lo, self.hi]))
        at = int(np.searchsorted(known, value))
        return [float(v) for v in known[max(0, at - 2) : at + 2]]

    def knows(self, values: Floats64) -> Bools:
        """Which values have a code of their own: atoms, and everything within or between bins."""
        if len(self.lo):
            known = (values >= self.lo[0]) & (values <= self.hi[-1])
            reach = self.hi[-1] - self.lo[0]  # a tail may pass the extremes, but not by more than all there was
            known |= (values > self.hi[-1]) & (values <= self.hi[-1] + reach) & (self.upper is not None)
            known |= (values < self.lo[0]) & (values >= self.lo[0] - reach) & (self.lower is not None)
            with np.errstate(invalid="ignore", over="ignore"):
                known &= np.isclose(self._rounded(values), values, rtol=1e-12, atol=0.0)
        else:
            known = np.zeros(len(values), dtype=bool)
        known |= self.atom_at(values)[1]
        for code, where in zip(self.special_codes, _special(values), strict=True):
            known[where] = code >= 0
        return np.asarray(known, dtype=bool)

    def state(self) -> tuple[dict[str, Json], Arrays]:
        """JSON types and arrays."""
        content: dict[str, Json] = {
            "special_codes": list(self.special_codes),
            "same_codes": list(self.same_codes),
            "n_sub": self.n_sub,
            "decimals": self.decimals,
            "step": self.step,
            "origin": self.origin,
            "residual": self.residual,
            "lower": _tail_state(self.lower),
            "upper": _tail_state(self.upper),
        }
        return content, {name: getattr(self, name) for name in _ARRAYS}

    @classmethod
    def from_state(cls, content: dict[str, Json], arrays: Arrays) -> Self:
        """The scale that :meth:`state` wrote."""
        plain: dict[str, Any] = {name: arrays[name] for name in _ARRAYS}
        null, high, low = content["special_codes"]
        lower, upper = (Tail(*content[side]) if content[side] else None for side in ("lower", "upper"))
        return cls(
            **plain,
            special_codes=(null, high, low),
            same_codes=tuple(content["same_codes"]),
            n_sub=content["n_sub"],
            decimals=content["decimals"],
            step=content["step"],
            origin=content["origin"],
            residual=content["residual"],
            lower=lower,
            upper=upper,
        )


_ARRAYS = ("atoms", "atom_codes", "lo", "hi", "knots", "cell_code", "cell_sub", "cell_mass", "mass")


def _special(values: Floats64) -> tuple[Bools, Bools, Bools]:
    """Where values are null, +inf and -inf."""
    return np.isnan(values), values == np.inf, values == -np.inf


def _tail_state(tail: Tail | None) -> list[float] | None:
    return None if tail is None else [tail.xi, tail.sigma, tail.share]


__all__ = ["Specials", "ValueScale"]
