"""The rule of ``method='auto'``: by the kinds of the columns, the size of the class, its columns and its overlap.

1. Size: a class that is to grow has one row: 'random_over', for nothing lies between one row and itself.
2. Kinds: all columns categorical: 'smoten'; 'random_over' where there is one column alone, of which only copies can be
   made.
3. Dimension: more columns of numbers than rows in the smallest class that grows, or more than ``MANY_COLUMNS``:
   'polynom_fit', which asks no neighbours, since in many dimensions all rows are about as far [1]_.
4. Overlap, by the ``NEIGHBORS`` nearest rows of each row of that class: where more than ``DEEP`` of them have none of
   their own class ("outliers" in [2]_), 'random_over', since a segment would run through another class; where more
   than ``TOUCHING`` have fewer of their own than of others, 'prowsyn', which weighs rows by their nearness to the
   border; else 'smote'. With categorical columns 'smotenc' takes the place of 'prowsyn' and 'smote', and rule 3 is
   left out. A class of ``NEIGHBORS`` rows or fewer is too small to measure this.

The overlap is measured on at most ``SAMPLE`` rows drawn with a fixed seed, for at most ``ASKED`` rows of the class.
Methods that drop original rows are never chosen. The thresholds are ours; that one method helps more than another is
for a comparison on rows that were set aside.

References
----------
.. [1] K. Beyer et al., "When is nearest neighbor meaningful?", ICDT 1999, Sec. 3.
.. [2] K. Napierala, J. Stefanowski, "Types of minority class examples and their influence on learning classifiers from
   imbalanced data", Journal of Intelligent Information Systems 46 (2016), Sec. 3.
.. [3] G. Kovács, "An empirical comparison and evaluation of minority oversampling techniques on a large number of
   imbalanced datasets", Applied Soft Computing 83 (2019): polynom-fit first and ProWSyn second of 86 methods.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from contrapeso.samplers import check_sampling_strategy
from contrapeso.samplers._space import Space
from contrapeso.samplers._target import Target, open_target
from contrapeso.samplers._views import open_view
from contrapeso.services._resampling_methods import Parameters, categorical_columns
from contrapeso.tables._containers import SparseTable, Table, open_table

MANY_COLUMNS = 50
TOUCHING, DEEP = 0.2, 0.5
SAMPLE, ASKED, NEIGHBORS = 20_000, 1_000, 5


def suited(X: Any, y: Any, parameters: Parameters) -> tuple[str, list[str]]:
    """The method for the table, and why; lowers ``k_neighbors`` in ``parameters`` where a class is too small."""
    table = open_table(X)
    target = open_target(y, table.n_rows)
    notes: list[str] = []
    smallest = _smallest_growing(target, parameters)
    if smallest is not None and smallest[1] == 1:
        return "random_over", [
            f"random_over: class {smallest[0]!r} has a single row, and no method can interpolate one row"
        ]
    if smallest is not None:
        _fit_k(*smallest, parameters, notes)
    if "categorical_features" in parameters:
        return "smotenc", ["smotenc: the caller named categorical columns", *notes]
    categorical = categorical_columns(X)
    if len(categorical) == table.n_columns:
        method, why = _all_categorical(table.n_columns)
    else:
        method, why = _by_shape(table, target, categorical, smallest)
    return method, [f"{method}: {why}", *notes]


def _all_categorical(n_columns: int) -> tuple[str, str]:
    if n_columns == 1:
        return "random_over", "the only column is categorical, nothing can be interpolated"
    return "smoten", f"all {n_columns} columns are categorical"


def _smallest_growing(target: Target, parameters: Parameters) -> tuple[Hashable, int] | None:
    """The smallest class that is to grow, and its rows."""
    plan = check_sampling_strategy(parameters["sampling_strategy"], target.labels, "over-sampling")
    sizes = {label: int((target.labels == label).sum()) for label, n in plan.items() if n > 0}
    if not sizes:
        return None
    label = min(sizes, key=lambda name: sizes[name])
    return label, sizes[label]


def _fit_k(label: Hashable, size: int, parameters: Parameters, notes: list[str]) -> None:
    k = parameters["k_neighbors"]
    if isinstance(k, int) and size <= k:
        parameters["k_neighbors"] = size - 1
        notes.append(f"k_neighbors lowered from {k} to {size - 1}: class {label!r} has {size} rows")


def _by_shape(
    table: Table, target: Target, categorical: list[int], smallest: tuple[Hashable, int] | None
) -> tuple[str, str]:
    n_numbers = table.n_columns - len(categorical)
    kinds = f"{len(categorical)} of {table.n_columns} columns are categorical" if categorical else "columns are numbers"
    plain = "smotenc" if categorical else "smote"
    if smallest is None:
        return plain, kinds
    label, size = smallest
    if not categorical and n_numbers > min(size, MANY_COLUMNS):
        return "polynom_fit", f"{n_numbers} columns for {size} rows of class {label!r}, where neighbours mean little"
    found = overlap(table, target, label, categorical) if size > NEIGHBORS else None
    if found is None:
        return plain, f"{kinds}; the overlap was not measured"
    said = f"{kinds}; of class {label!r} {found}"
    if found.deep > DEEP:
        return "random_over", said
    return ("prowsyn" if found.touching > TOUCHING and not categorical else plain), said


@dataclass(frozen=True)
class Overlap:
    """Shares of a class's rows with fewer neighbours of their own class than of others, and with none of their own."""

    touching: float
    deep: float

    def __str__(self) -> str:
        return (
            f"{100 * self.touching:.0f} % has more neighbours of other classes than of its own, "
            f"{100 * self.deep:.0f} % has none of its own"
        )


def overlap(table: Table, target: Target, label: Hashable, categorical: list[int]) -> Overlap | None:
    """How far class ``label`` lies inside the others.

    None where it cannot be measured: in a sparse matrix, or where the sample has no row of the class.
    """
    if isinstance(table, SparseTable):
        return None
    rng = np.random.Generator(np.random.PCG64DXSM(0))
    n = table.n_rows
    rows = np.arange(n) if n <= SAMPLE else np.sort(rng.choice(n, SAMPLE, replace=False))
    own = np.asarray(target.labels[rows] == label)
    asked = np.flatnonzero(own)
    if len(asked) == 0:
        return None
    asked = asked if len(asked) <= ASKED else np.sort(rng.choice(asked, ASKED, replace=False))
    points = Space(open_view(table, categorical, method="auto"), n).of(rows.astype(np.int64))
    share = own[points.index.neighbors(NEIGHBORS, asked).rows].mean(axis=1)
    return Overlap(float(np.mean(share < 0.5)), float(np.mean(share == 0.0)))


__all__ = ["ASKED", "DEEP", "MANY_COLUMNS", "NEIGHBORS", "SAMPLE", "TOUCHING", "Overlap", "overlap", "suited"]
