"""Arrays in, arrays out: exact nearest neighbours, interpolation in place, votes, row-keyed random numbers, and what
the quality of a table is counted from: sorts that remember the rows, cells, ranks, pair tables.

No estimator, frame or option string comes in here. Two backends give the same bits: the native one (C++, threads,
AVX-512, AVX2 or NEON where the processor has them) and a pure one on NumPy and SciPy, used where the native one was
not built. ``CONTRAPESO_KERNELS`` chooses: ``auto`` (default), ``native`` or ``python``.

Distances. The squared distance of two rows is the sum over their numbers, first to last, of squared
differences, each operation rounded to float64, plus ``mismatch**2`` for every category in which they
differ. Neighbours are ordered by (squared distance, row): ties go to the lower row, on every machine
and any number of threads.
"""

from contrapeso.kernels._backend import Kernels, describe, n_threads
from contrapeso.kernels._columns import (
    add_keys,
    arrange,
    cells_of_sorted,
    count_cells,
    count_pairs,
    measure_tables,
    merge_sorted,
    mix_words,
    number_words,
    ranks_of_sorted,
    sort_column,
    sort_words,
    used_cells,
)
from contrapeso.kernels._gower import nearest_gower
from contrapeso.kernels._index import Found, Index
from contrapeso.kernels._rows import distinct, interpolate, pick, vote
from contrapeso.kernels._values import ValueDifference

__all__ = [
    "Found",
    "Index",
    "Kernels",
    "ValueDifference",
    "add_keys",
    "arrange",
    "cells_of_sorted",
    "count_cells",
    "count_pairs",
    "describe",
    "distinct",
    "interpolate",
    "measure_tables",
    "merge_sorted",
    "mix_words",
    "n_threads",
    "nearest_gower",
    "number_words",
    "pick",
    "ranks_of_sorted",
    "sort_column",
    "sort_words",
    "used_cells",
    "vote",
]
