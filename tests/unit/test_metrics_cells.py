"""Cells: made from the real column, the same for both tables, with places for ties, nulls and the unseen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.metrics import CategoryCells, NumericCells, SortedColumn, marginal_bins, pair_bins, pair_categories

values = st.lists(
    st.one_of(st.integers(-3, 3).map(float), st.floats(-1e9, 1e9), st.sampled_from([np.nan, np.inf, -np.inf])),
    min_size=1,
    max_size=60,
)


@given(values, values, st.integers(2, 20))
def test_coding_by_sorting_equals_coding_by_search(real, other, n_bins):
    left, right = SortedColumn.of(real), SortedColumn.of(other)
    cells = NumericCells.fit(left, n_bins)
    assert (left.cells(cells.edges) == cells.encode(np.array(real))).all()
    assert (right.cells(cells.edges) == cells.encode(np.array(other))).all()
    assert right.cells(cells.edges).max() < cells.n_cells


@given(values, st.integers(2, 20))
def test_a_value_above_one_bin_of_mass_has_a_cell_to_itself(real, n_bins):
    cells = NumericCells.fit(SortedColumn.of(real), n_bins)
    array = np.array(real)
    present = array[~np.isnan(array)]
    codes = cells.encode(array)
    for value, count in zip(*np.unique(present, return_counts=True), strict=True):
        if count / present.size > 1 / n_bins + 1e-9:
            assert set(array[codes == codes[array == value][0]]) == {value}


@given(values, st.integers(2, 20))
def test_edges_rise_and_nulls_have_their_own_cell(real, n_bins):
    cells = NumericCells.fit(SortedColumn.of(real), n_bins)
    assert (np.diff(cells.edges) > 0).all()
    codes = cells.encode(np.array(real))
    assert ((codes == cells.null) == np.isnan(real)).all()


def test_cells_of_a_continuous_column_hold_equal_shares():
    cells = NumericCells.fit(SortedColumn.of(np.random.default_rng(0).normal(size=10_000)), 20)
    counts = np.bincount(SortedColumn.of(np.random.default_rng(0).normal(size=10_000)).cells(cells.edges))
    assert (np.abs(counts[:20] - 500) <= 1).all()


def test_weights_move_the_edges_to_where_the_mass_is():
    values = np.arange(100.0)
    weights = np.where(values >= 90, 1.0, 1e-9)
    edges = NumericCells.fit(SortedColumn.of(values, weights), 5).edges
    assert edges.min() >= 90


def test_a_shift_is_not_hidden_by_edges_of_its_own():
    real = np.random.default_rng(0).normal(size=1000)
    cells = NumericCells.fit(SortedColumn.of(real), 10)
    assert len(np.unique(cells.encode(real + 1e6))) == 1


@pytest.mark.parametrize(
    ("n", "marginal", "pair", "categories"),
    [(30, 5, 2, 5), (100, 5, 2, 5), (400, 10, 4, 10), (10_000, 50, 8, 40), (10**6, 50, 8, 40)],
)
def test_the_number_of_cells_follows_the_smaller_sample(n, marginal, pair, categories):
    assert (marginal_bins(n), pair_bins(n), pair_categories(n)) == (marginal, pair, categories)


def fit_categories(counts, n_rows=1000, limit=250):
    counts = np.array(counts)
    return CategoryCells.fit(counts.astype(float), counts, [f"c{k}" for k in range(len(counts))], n_rows, limit)


def test_rare_unseen_and_null_categories_have_cells_apart():
    cells = fit_categories([500, 3, 0, 497])
    codes = cells.encode(np.array([0, 3, 1, 2, -1]))
    assert codes.tolist() == [0, 1, cells.other, cells.unseen, cells.null]


def test_a_category_seen_once_never_has_a_cell():
    assert fit_categories([1, 1, 1], n_rows=1e9).own.size == 0


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.integers(1, 10))
def test_own_cells_go_to_the_most_frequent_categories(counts, limit):
    cells = fit_categories(counts, limit=limit)
    assert cells.own.size <= limit
    if cells.own.size:
        left_out = [c for k, c in enumerate(counts) if k not in set(cells.own)]
        assert min(counts[k] for k in cells.own) >= max([c for c in left_out if c >= 5 * sum(counts) / 1000], default=0)
    assert (cells.encode(np.arange(len(counts))) < cells.n_cells).all()
