"""What is asked of the rows to sample, and how rows that miss it are drawn again within a budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import ColumnNotFoundError, InvalidParameterError, UnmetConditionsError
from contrapeso.generators._stream import row_hashes
from contrapeso.tables.encoding import Clash

Mask = NDArray[np.bool_]
Constraint: TypeAlias = Callable[[pd.DataFrame], Any]
"""Says of every row of a frame whether it is legal: a boolean array or series."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """The rows asked for: how many, the values they must have, and what else must hold of them."""

    n: int
    conditions: pd.DataFrame | None = None
    constraints: Sequence[Constraint] = ()
    exclude: pd.DataFrame | None = None
    max_tries: int = 20
    _forbidden: NDArray[np.uint64] | None = field(default=None)

    def accepted(self, frame: pd.DataFrame) -> Mask:
        """Which rows meet the constraints and are no copies of excluded rows."""
        good = np.ones(len(frame), dtype=bool)
        for constraint in self.constraints:
            good &= _verdict(constraint, frame)
        if self._forbidden is not None:
            good &= ~np.isin(row_hashes(frame), self._forbidden)
        return good

    @property
    def open(self) -> bool:
        """Whether a drawn row may be refused."""
        return bool(self.constraints) or self._forbidden is not None


def wanted(
    n: int | None,
    *,
    columns: Sequence[str],
    target: str | None,
    n_per_class: Mapping[Any, int] | None = None,
    conditions: Mapping[str, Any] | pd.DataFrame | None = None,
    constraints: Constraint | Sequence[Constraint] = (),
    exclude: pd.DataFrame | None = None,
    max_tries: int = 20,
) -> Wanted:
    """The request that the arguments of ``sample`` make.

    Raises
    ------
    InvalidParameterError
        If they contradict each other or a count is negative.
    ColumnNotFoundError
        If a condition names a column that is not in the table.
    """
    _check_count("max_tries", max_tries, least=1)
    frame = _classes(n_per_class, target) if n_per_class is not None else None
    if frame is not None and n is not None and n != len(frame):
        raise InvalidParameterError(f"n={n}, and n_per_class asks for {len(frame)} rows. Give one of the two.")
    if conditions is not None:
        frame = _joined(frame, conditions, n)
    total = len(frame) if frame is not None else n
    if total is None:
        raise InvalidParameterError("sample() needs n, n_per_class, or conditions with one row per wanted row.")
    _check_count("n", total, least=0)
    _check_names(frame, columns)
    checks = (constraints,) if callable(constraints) else tuple(constraints)
    hashes = None if exclude is None else np.unique(row_hashes(exclude))
    return Wanted(int(total), frame, checks, exclude, max_tries, hashes)


def collect(
    wish: Wanted,
    draw: Callable[[NDArray[np.intp], int], pd.DataFrame],
    also: Callable[[NDArray[np.intp], pd.DataFrame], Mask] | None = None,
) -> pd.DataFrame:
    """Frames of ``draw(rows, try)`` until every wanted row has one that is accepted, by ``also(rows, frame)`` too.

    Raises
    ------
    UnmetConditionsError
        If some are missing after ``max_tries``.
    """
    frame = draw(np.arange(wish.n), 0)
    if (not wish.open and also is None) or wish.n == 0:
        return frame
    good = wish.accepted(frame) & (also(np.arange(wish.n), frame) if also else True)
    kept = [(np.flatnonzero(good), frame[good])]
    missing = np.flatnonzero(~good)
    for attempt in range(1, wish.max_tries):
        if len(missing) == 0:
            break
        frame = draw(missing, attempt)
        good = wish.accepted(frame) & (also(missing, frame) if also else True)
        kept.append((missing[good], frame[good]))
        missing = missing[~good]
    if len(missing):
        raise unmet(wish, len(missing), "meet the conditions and constraints and differ from the excluded rows")
    return _in_order(kept)


def match(wish: Wanted, pool: Callable[[int, int], pd.DataFrame], names: Sequence[str]) -> pd.DataFrame:
    """Rows of ``pool(n, try)`` whose values in ``names`` are those asked for: rejection, for what codes cannot express.

    Raises
    ------
    UnmetConditionsError
        If some are missing after ``max_tries``.
    """
    assert wish.conditions is not None  # noqa: S101  (there is nothing to match without)
    asked = row_hashes(wish.conditions[list(names)])
    missing = np.arange(wish.n)
    kept: list[tuple[NDArray[np.intp], pd.DataFrame]] = []
    for attempt in range(wish.max_tries):
        if len(missing) == 0:
            break
        frame = pool(min(max(8 * len(missing), 1024), 262_144), attempt)
        frame = frame[wish.accepted(frame)]
        places, rows = _paired(asked[missing], row_hashes(frame[list(names)]))
        kept.append((missing[places], frame.iloc[rows]))
        missing = np.delete(missing, places)
    if len(missing):
        raise unmet(wish, len(missing), f"have the values asked for in {', '.join(names)}")
    return _in_order(kept)


def _paired(asked: NDArray[np.uint64], found: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of ``asked`` and of ``found`` with equal hashes, each used once."""
    places: list[NDArray[np.intp]] = []
    rows: list[NDArray[np.intp]] = []
    for value in np.unique(asked):
        here, there = np.flatnonzero(asked == value), np.flatnonzero(found == value)
        count = min(len(here), len(there))
        places.append(here[:count])
        rows.append(there[:count])
    return np.concatenate(places), np.concatenate(rows)


def _in_order(kept: Sequence[tuple[NDArray[np.intp], pd.DataFrame]]) -> pd.DataFrame:
    order = np.concatenate([places for places, _ in kept])
    frames = [frame for _, frame in kept if len(frame)] or [kept[0][1]]
    joined = pd.concat(frames, ignore_index=True)
    return joined.iloc[np.argsort(order)].reset_index(drop=True)


def unmet(wish: Wanted, n_missing: int, what: str) -> UnmetConditionsError:
    """The error that says how many rows were not found."""
    return UnmetConditionsError(
        f"{n_missing} of {wish.n} rows that {what} were not found in {wish.max_tries} tries. Ask for less, raise "
        "max_tries, name the columns as fit(data, keep=[...]) so that no relation computes them, or condition with "
        "AutoregressiveSynthesizer(AutoregressiveNetwork(order='any')).",
        {"n_missing": n_missing, "n_wanted": wish.n, "max_tries": wish.max_tries},
    )


def contradicted(clash: Clash) -> UnmetConditionsError:
    """The error that says which values asked for contradict which relation."""
    asked = " and ".join(f"{name}={value!r}" for name, value in clash.values)
    names = [name for name, _ in clash.values]
    return UnmetConditionsError(
        f"Row {clash.row} of the conditions asks for {asked}, and in the training rows {clash.relation}. Change one of "
        f"the values, or call fit(data, keep={names!r}) so that no relation ties these columns.",
        {"row": clash.row, "columns": names, "relation": clash.relation},
    )


def _classes(n_per_class: Mapping[Any, int], target: str | None) -> pd.DataFrame:
    if target is None:
        raise InvalidParameterError("n_per_class needs the target: call fit(data, target='column').")
    for label, count in n_per_class.items():
        _check_count(f"n_per_class[{label!r}]", count, least=0)
    labels = [label for label, count in n_per_class.items() for _ in range(count)]
    column = np.empty(len(labels), dtype=object)
    column[:] = labels
    return pd.DataFrame({target: column})


def _joined(frame: pd.DataFrame | None, conditions: Mapping[str, Any] | pd.DataFrame, n: int | None) -> pd.DataFrame:
    if isinstance(conditions, pd.DataFrame):
        rows = conditions.reset_index(drop=True)
        wanted_rows = len(frame) if frame is not None else n
        if wanted_rows is not None and wanted_rows != len(rows):
            raise InvalidParameterError(f"conditions has {len(rows)} rows, and {wanted_rows} rows are asked for.")
    else:
        count = len(frame) if frame is not None else n
        if count is None:
            raise InvalidParameterError("conditions as a mapping need n: how many rows shall have these values?")
        rows = pd.DataFrame({name: _repeated(value, count) for name, value in conditions.items()})
    if frame is None:
        return rows
    twice = sorted(set(frame.columns) & set(rows.columns))
    if twice:
        raise InvalidParameterError(f"Column {twice[0]!r} is in n_per_class and in conditions. Give one of the two.")
    return pd.concat([frame, rows], axis=1)


def _repeated(value: object, count: int) -> pd.Series:
    column = np.empty(count, dtype=object)
    column[:] = [value] * count
    return pd.Series(column, dtype=object)


def _check_names(frame: pd.DataFrame | None, columns: Sequence[str]) -> None:
    for name in () if frame is None else frame.columns:
        if name not in columns:
            raise ColumnNotFoundError(f"No column {name!r}. Columns: {', '.join(columns)}.", {"column": str(name)})


def _check_count(name: str, value: object, *, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InvalidParameterError(f"{name} must be a whole number of at least {least}; got {value!r}.")


def _verdict(constraint: Constraint, frame: pd.DataFrame) -> Mask:
    verdict = np.asarray(constraint(frame), dtype=object)
    if verdict.shape != (len(frame),):
        raise InvalidParameterError(
            f"A constraint must answer one boolean per row, shape ({len(frame)},); got shape {verdict.shape}."
        )
    return np.asarray([not pd.isna(value) and bool(value) for value in verdict], dtype=bool)


__all__ = ["Constraint", "Wanted", "collect", "contradicted", "match", "unmet", "wanted"]
