"""Columns that another column determines (functional dependencies): found, dropped, looked up again.

``a -> b`` is taken where it holds on every row, the values of ``a`` repeat, and chance does not explain
it: were ``b`` shuffled, all groups of equal ``a`` would agree with probability
``prod_g sum_v p_v ** n_g`` (``n_g`` rows of a group, ``p_v`` frequencies of ``b``).

Where ``a`` has more values than one token holds, a generator hits its group better than the value
itself. Such a ``b`` stays in the table, and it is ``a`` that is drawn again, among the values that go
with ``b``, in the rows where the two disagree (a :class:`Membership`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import CorruptArchiveError
from contrapeso.tables._numbers import nulls

Places = NDArray[np.int64]
Codes = NDArray[np.int32]

LOG_CHANCE = -25.0
"""A dependency that shuffled columns would show with a higher log-probability is taken for an accident."""

PAIRS = 512
"""Pairs of rows with one value of ``a`` that are compared before the whole columns are."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """Every value of ``source`` seen, with the value of ``target`` that goes with it and its training rows.

    ``sources`` and ``targets`` are series of one length in the dtypes of their columns, ``counts`` int64.
    ``floor`` says that an unseen source takes the target of the greatest seen one below it; without it an
    unseen source takes the target with most rows.
    """

    source: str
    target: str
    sources: pd.Series
    targets: pd.Series
    counts: Places
    floor: bool = False

    def find(self, series: pd.Series) -> Places:
        """Place of each value of ``series`` among ``sources``, -1 where it was not seen."""
        keys, values = _plain(self.sources), _plain(series)
        gone, key_gone = nulls(self.sources), nulls(series)
        places = np.full(len(series), -1, dtype=np.int64)
        order = np.flatnonzero(~gone)
        found = pd.Index(keys[order]).get_indexer(pd.Index(values[~key_gone]))
        places[~key_gone] = np.where(found < 0, -1, order[found] if len(order) else -1)
        places[key_gone] = int(gone.argmax()) if gone.any() else -1
        return places

    def nearest(self, series: pd.Series) -> Places:
        """As :meth:`find`, unseen values replaced by the seen one that stands in for them."""
        places = self.find(series)
        lost = np.flatnonzero(places < 0)
        if len(lost):
            places[lost] = int(self.counts.argmax())
            present = lost[~nulls(series)[lost]]
            if self.floor and len(present):
                places[present] = self._below(series.iloc[present])
        return places

    def _below(self, series: pd.Series) -> Places:
        order = np.flatnonzero(~nulls(self.sources))
        keys = _plain(self.sources)[order]
        order = order[np.argsort(keys, kind="stable")]
        ranks = np.searchsorted(_plain(self.sources)[order], _plain(series), side="right") - 1
        return order[np.maximum(ranks, 0)]

    def codes_of_targets(self) -> Codes:
        """One whole number for each different target."""
        return _factorize(self.targets)

    def with_rows(self, frame: pd.DataFrame) -> Pairing | None:
        """The pairing with the rows of ``frame`` added, or None where they break it."""
        if not len(frame):
            return self
        source, target = frame[self.source], frame[self.target]
        fresh = pair_values(self.source, self.target, source, target, floor=self.floor)
        if fresh is None:
            return None
        places = self.find(fresh.sources)
        seen = places >= 0
        if not same_values(self.targets.iloc[places[seen]], fresh.targets[seen]):
            return None
        counts = np.concatenate([self.counts, fresh.counts[~seen]])
        counts[places[seen]] += fresh.counts[seen]
        sources, targets = _joined(self.sources, fresh.sources[~seen]), _joined(self.targets, fresh.targets[~seen])
        return Pairing(self.source, self.target, sources, targets, counts, self.floor)

    def to_dict(self) -> dict[str, Any]:
        """The pairing as JSON types."""
        return {
            "source": self.source,
            "target": self.target,
            "sources": write_series(self.sources),
            "targets": write_series(self.targets),
            "counts": self.counts.tolist(),
            "floor": self.floor,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The pairing that :meth:`to_dict` wrote."""
        sources, targets = read_series(data["sources"]), read_series(data["targets"])
        counts = np.array(data["counts"], dtype=np.int64)
        return cls(data["source"], data["target"], sources, targets, counts, bool(data["floor"]))


@dataclass(frozen=True, slots=True, eq=False)
class Dependency:
    """``target`` is dropped, and looked up from ``source``."""

    pairing: Pairing

    @property
    def output(self) -> str:
        """Column that is computed."""
        return self.pairing.target

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that it is computed from."""
        return (self.pairing.source,)

    def reduced(self, frame: pd.DataFrame) -> pd.Series | None:  # noqa: ARG002  (one signature for all relations)
        """None: the column is left out."""
        return None

    def restored(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.Series:  # noqa: ARG002
        """The target column."""
        series = self.pairing.targets.iloc[self.pairing.nearest(frame[self.pairing.source])]
        return series.reset_index(drop=True)

    def verified(self, frame: pd.DataFrame) -> Dependency | None:
        """The relation with what ``frame`` adds, or None where it does not hold."""
        pairing = self.pairing.with_rows(frame)
        return None if pairing is None else Dependency(pairing)

    def describe(self) -> tuple[str, str]:
        """English and Portuguese sentence."""
        source, target = self.pairing.source, self.pairing.target
        return (
            f"{target} is determined by {source}; it is computed, not generated.",
            f"{target} é determinada por {source}; é calculada, não gerada.",
        )


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """Both columns are generated; where they disagree, ``source`` is drawn again among those of ``target``.

    Draws are by training frequency. A source that was never seen is left alone.
    """

    pairing: Pairing

    @property
    def output(self) -> str:
        """Column that is corrected."""
        return self.pairing.source

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that it must agree with."""
        return (self.pairing.target,)

    def reduced(self, frame: pd.DataFrame) -> pd.Series:
        """The column as it is."""
        return frame[self.pairing.source]

    def restored(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
        """The source column, in agreement with the target column."""
        series, pairing = frame[self.pairing.source], self.pairing
        places = pairing.find(series)
        groups = pairing.codes_of_targets()
        first = np.unique(groups, return_index=True)[1]
        table = Pairing(pairing.target, "", pairing.targets.iloc[first], pairing.targets.iloc[first], pairing.counts)
        at = table.find(frame[pairing.target])
        wanted = np.where(at >= 0, groups[first][at], -1)
        wrong = np.flatnonzero((places >= 0) & (wanted >= 0) & (groups[places] != wanted))
        if not len(wrong):
            return series
        places[wrong] = _draw_members(groups, pairing.counts, wanted[wrong], rng)
        kept = series.copy()
        kept.iloc[wrong] = pairing.sources.iloc[places[wrong]].to_numpy()
        return kept

    def verified(self, frame: pd.DataFrame) -> Membership | None:
        """The relation with what ``frame`` adds, or None where it does not hold."""
        pairing = self.pairing.with_rows(frame)
        return None if pairing is None else Membership(pairing)

    def describe(self) -> tuple[str, str]:
        """English and Portuguese sentence."""
        source, target = self.pairing.source, self.pairing.target
        return (
            f"{source} determines {target}; where generated values disagree, {source} is drawn again within {target}.",
            f"{source} determina {target}; onde valores gerados divergem, {source} é sorteada de novo em {target}.",
        )


def _draw_members(groups: Codes, counts: Places, wanted: Codes, rng: np.random.Generator) -> Places:
    """Place of a member of each wanted group, by ``counts``."""
    order = np.argsort(groups, kind="stable")
    total = np.concatenate([[0], np.cumsum(counts[order])])
    low = np.searchsorted(groups[order], wanted, side="left")
    high = np.searchsorted(groups[order], wanted, side="right")
    point = total[low] + rng.random(len(wanted)) * (total[high] - total[low])
    picked = np.searchsorted(total, point, side="right") - 1
    return cast(Places, order[np.clip(picked, low, high - 1)])


def candidate_pairs(codes: Codes, n_distinct: Sequence[int], sources: Collection[int]) -> list[tuple[int, int]]:
    """Pairs (a, b) of columns of ``codes`` (n, p) for which no two of a few hundred rows disprove a -> b."""
    found = []
    sizes = np.asarray(n_distinct)
    for a in sources:
        order = np.argsort(codes[:, a], kind="stable")
        twins = np.flatnonzero(codes[order[1:], a] == codes[order[:-1], a])
        if not len(twins):
            continue
        twins = twins[np.unique(np.linspace(0, len(twins) - 1, PAIRS).astype(np.int64))]
        targets = np.flatnonzero((sizes <= sizes[a]) & (sizes > 1) & (np.arange(len(sizes)) != a))
        for some in (twins[:: max(1, len(twins) // 16)], twins):  # sixteen pairs disprove nearly all
            left, right = order[some], order[some + 1]
            same = codes[np.ix_(left, targets)] == codes[np.ix_(right, targets)]
            targets = targets[same.all(axis=0)]
        found += [(a, int(b)) for b in targets]
    return found


def determines(a: Codes, b: Codes) -> bool:
    """Whether equal codes in ``a`` have equal codes in ``b``."""
    first = np.zeros(int(a.max()) + 1, dtype=np.int32)
    first[a] = b
    return bool(np.array_equal(first[a], b))


def log_chance(a: Codes, b: Codes) -> float:
    """Log-probability that a shuffled ``b`` is determined by ``a``."""
    share = np.bincount(b) / len(b)
    log_share = np.log(share[share > 0])
    sizes, repeats = np.unique(np.bincount(a), return_counts=True)
    agree = [float(np.logaddexp.reduce(size * log_share)) for size in sizes]
    return float(np.dot(repeats, agree))


def is_steplike(a: pd.Series, b: Codes) -> bool:
    """Whether ``b`` changes so rarely along sorted ``a`` that an unseen value goes with its neighbour below."""
    gone = nulls(a)
    values = _plain(a)[~gone]
    order = np.argsort(values, kind="stable")
    changes = int(np.count_nonzero(np.diff(b[~gone][order])))
    return changes * 8 <= len(pd.unique(values))


def pair_values(
    source: str, target: str, a: pd.Series, b: pd.Series, *, floor: bool, bound: int = 2**62
) -> Pairing | None:
    """The pairing of two columns, or None where a value of ``a`` goes with two of ``b`` or there are over ``bound``."""
    codes = _factorize(a)
    first = np.unique(codes, return_index=True)[1]
    if len(first) > bound:
        return None
    sources, targets = (s.iloc[first].reset_index(drop=True) for s in (a, b))
    if not same_values(targets.iloc[codes], b):
        return None
    return Pairing(source, target, sources, targets, np.bincount(codes).astype(np.int64), floor)


def same_values(left: pd.Series, right: pd.Series) -> bool:
    """Whether two series hold the same values, null for null."""
    gone = nulls(left)
    if not np.array_equal(gone, nulls(right)):
        return False
    mine, theirs = _plain(left)[~gone], _plain(right)[~gone]
    return bool(np.all(mine == theirs))


def _factorize(series: pd.Series) -> Codes:
    return pd.factorize(_plain(series), use_na_sentinel=False)[0].astype(np.int32)


def _plain(series: pd.Series) -> NDArray[Any]:
    """Values as a NumPy array whose items compare: numbers and moments as they are, all else as objects."""
    if isinstance(series.dtype, np.dtype):
        return series.to_numpy()
    return series.to_numpy(dtype=object)


def _joined(first: pd.Series, second: pd.Series) -> pd.Series:
    return pd.concat([first, second], ignore_index=True).astype(first.dtype) if len(second) else first


def write_series(series: pd.Series) -> dict[str, Any]:
    """A short series as JSON types: its dtype and its cells."""
    head: dict[str, Any] = {"dtype": str(series.dtype)}
    if isinstance(series.dtype, pd.CategoricalDtype):
        head["categories"] = [_write_cell(v) for v in series.dtype.categories]
        head["categories_dtype"], head["ordered"] = str(series.dtype.categories.dtype), bool(series.dtype.ordered)
    gone = nulls(series)
    cells = [None if g else _write_cell(v) for v, g in zip(series.astype(object), gone, strict=True)]
    return head | {"cells": cells}


def read_series(data: dict[str, Any]) -> pd.Series:
    """The series that :func:`write_series` wrote."""
    cells = np.empty(len(data["cells"]), dtype=object)
    cells[:] = [_read_cell(cell) for cell in data["cells"]]
    plain = pd.Series(cells, dtype=object)
    if data["dtype"] == "category":
        categories = pd.Index([_read_cell(v) for v in data["categories"]], dtype=data["categories_dtype"])
        return plain.astype(pd.CategoricalDtype(categories, ordered=data["ordered"]))
    return plain if data["dtype"] == "object" else plain.astype(data["dtype"])


_WRITERS: tuple[tuple[type, str], ...] = (
    (pd.Timestamp, "timestamp"),
    (pd.Timedelta, "timedelta"),
    (datetime, "datetime"),
    (date, "date"),
)


def _write_cell(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) and not isinstance(value, (np.datetime64,)) else value
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else {"type": "float", "text": repr(value)}
    if isinstance(value, Decimal):
        return {"type": "decimal", "text": str(value)}
    for kind, name in _WRITERS:
        if isinstance(value, kind):
            return {"type": name, "text": cast(Any, value).isoformat()}
    return {"type": "text", "text": str(value)}


def _read_cell(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    readers: dict[str, Any] = {
        "float": float,
        "decimal": Decimal,
        "timestamp": pd.Timestamp,
        "timedelta": pd.Timedelta,
        "datetime": datetime.fromisoformat,
        "date": date.fromisoformat,
        "text": str,
    }
    if cell.get("type") not in readers:
        raise CorruptArchiveError(f"A value of type {cell.get('type')!r} is of none that relations store.")
    return readers[cell["type"]](cell["text"])


__all__ = [
    "LOG_CHANCE",
    "Dependency",
    "Membership",
    "Pairing",
    "candidate_pairs",
    "determines",
    "is_steplike",
    "log_chance",
    "pair_values",
    "read_series",
    "same_values",
    "write_series",
]
