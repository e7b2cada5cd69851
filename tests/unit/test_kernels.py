"""Kernels give the answer of ten obvious lines, on both backends, on any number of threads, to the last bit."""

import importlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from imblearn.metrics.pairwise import ValueDifferenceMetric
from numpy.testing import assert_array_equal
from sklearn.neighbors import NearestNeighbors

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.kernels import (
    Index,
    ValueDifference,
    _backend,
    _rows,
    _search,
    _values,
    describe,
    distinct,
    interpolate,
    pick,
    vote,
)


def built() -> bool:
    """Whether the native module is there and can be loaded."""
    try:
        importlib.import_module("contrapeso.kernels._native")
    except ImportError:
        return False
    return True


BUILT = built()
SHAPES = int(os.environ.get("KERNEL_SHAPES", "150"))
"""Random tables of each kind."""


@pytest.fixture(scope="module", params=["python", "native"], autouse=True)
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "native" and not BUILT:
        pytest.skip("the native kernels were not built here; CI builds them")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(_backend.VARIABLE, request.param)
        _backend.native.cache_clear()
        yield request.param
    _backend.native.cache_clear()


def apart(numbers: Any, codes: Any, mismatch: float, points: Any, atoms: Any) -> np.ndarray:
    """Squared distances of points to rows: the definition, column by column."""
    squared = np.zeros((len(points), len(numbers)))
    for j in range(numbers.shape[1]):
        squared += (points[:, j, None] - numbers[None, :, j]) ** 2
    return squared + mismatch * mismatch * (atoms[:, None, :] != codes[None, :, :]).sum(axis=2)


def first(squared: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``k`` least, ties to the lower row, and their distances."""
    rows = np.argsort(squared, axis=1, kind="stable")[:, :k]
    return rows, np.sqrt(np.take_along_axis(squared, rows, axis=1))


def plain(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return rng.normal(size=(n, p))


def lattice(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return rng.integers(-2, 3, size=(n, p)).astype(float)


def repeated(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return rng.normal(size=(max(1, n // 4), p))[rng.integers(max(1, n // 4), size=n)]


def constant(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return np.full((n, p), rng.normal())


def partly_constant(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return np.where(rng.random(p) < 0.5, rng.normal(), rng.normal(size=(n, p)))


def far_away(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    """Offsets at which a float32 sees no difference at all."""
    return 1e9 * rng.normal(size=p) + 1e-3 * rng.integers(0, 50, size=(n, p))


def cents(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return np.round(rng.lognormal(6, 2, size=(n, p)), 2)


def unlike_columns(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return rng.normal(size=(n, p)) * 10.0 ** rng.integers(-9, 10, size=p)


def one_line(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return np.outer(rng.permutation(n) // 2, np.arange(1.0, p + 1))


def clusters(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return 1e4 * rng.normal(size=(5, p))[rng.integers(5, size=n)] + 1e-4 * rng.normal(size=(n, p))


def vanishing(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    """Beside a constant, differences whose squares are no float64, or barely one: rows that differ are tied."""
    return np.hstack([np.ones((n, p - p // 2)), rng.normal(size=(n, p // 2)) * 10.0 ** rng.uniform(-170, -150)])


def smallest(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return np.hstack([np.ones((n, p - p // 2)), 5e-324 * rng.integers(0, 5, size=(n, p // 2))])


def one_outlier(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    numbers = 1e-3 * rng.normal(size=(n, p))
    numbers[rng.integers(n)] = 10.0 ** rng.uniform(6, 15)
    return numbers


def last_columns(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    """All the spread in columns after those that boxes look at, were they not turned."""
    return np.where(np.arange(p) < 16, 1e-7, 1.0) * rng.normal(size=(n, p))


def signed_zeros(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    return rng.choice([0.0, -0.0, 1.0], size=(n, p))


def nearly_tied(rng: np.random.Generator, n: int, p: int) -> np.ndarray:
    """Whole numbers moved by a few units in the last place."""
    whole = rng.integers(1, 4, size=(n, p)).astype(float)
    return whole + np.spacing(whole) * rng.integers(-2, 3, size=(n, p))


KINDS: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    made.__name__: made
    for made in (
        plain, lattice, repeated, constant, partly_constant, far_away, cents, unlike_columns, one_line, clusters,
        signed_zeros, nearly_tied, vanishing, smallest, one_outlier, last_columns,
    )
}  # fmt: skip
every_kind = pytest.mark.parametrize("kind", KINDS)


def some_shape(rng: np.random.Generator, most: int) -> tuple[int, int, int, int]:
    """Rows, number columns, code columns and neighbours, small ones often, d > n and k >= n now and then."""
    n = int(rng.choice([1, 2, 3, rng.integers(1, 40), rng.integers(1, most)]))
    p = int(rng.choice([0, 1, 2, 3, rng.integers(0, 20), rng.integers(0, 50)]))
    q = int(rng.choice([0, 0, 0, 1, 3]))
    return n, p, q, int(rng.choice([1, 2, 5, 6, n, n + 3]))


def check_index(numbers: np.ndarray, codes: np.ndarray, mismatch: float, k: int, rng: np.random.Generator) -> None:
    """All that an index answers, against the definition; 1 and 3 threads."""
    n = len(numbers)
    one, three = (Index(numbers, codes, mismatch=mismatch, n_jobs=jobs) for jobs in (1, 3))
    everything = apart(numbers, codes, mismatch, numbers, codes)
    others = everything.copy()
    np.fill_diagonal(others, np.inf)
    rows, distances = first(others, min(k, n - 1))
    some = rng.integers(n, size=int(rng.integers(0, n + 2)))
    points = numbers[rng.integers(n, size=7)] + rng.choice([0.0, 0.5, 1e-9], size=(7, numbers.shape[1]))
    atoms = rng.integers(-1, 3, size=(7, codes.shape[1])).astype(np.int32)
    foreign = first(apart(numbers, codes, mismatch, points, atoms), min(k, n))
    labels = rng.integers(0, 3, size=n) * int(rng.integers(0, 2))
    enemies = np.where(labels[:, None] == labels, np.inf, everything)
    nearest = np.where(np.isinf(enemies.min(axis=1)), -1, enemies.argmin(axis=1))
    agree = (labels[rows] == labels[:, None]).all(axis=1)
    for index in (one, three):
        assert len(index) == n
        for asked, at in ((None, slice(None)), (some, some)):
            found = index.neighbors(k, asked)
            assert_array_equal(found.rows, rows[at])
            assert_array_equal(found.distances, distances[at])
            enemy = index.nearest_enemy(labels, asked)
            assert_array_equal(enemy.rows, nearest[at])
            assert_array_equal(enemy.distances, np.sqrt(enemies.min(axis=1))[at])
            assert_array_equal(index.neighbors_agree(labels, k, asked), agree[at])
        answer = index.query(points, k, atoms)
        assert_array_equal(answer.rows, foreign[0])
        assert_array_equal(answer.distances, foreign[1])
        assert (found.rows.dtype, found.distances.dtype) == (np.int64, np.float64)


@every_kind
def test_index_answers_as_the_definition_does_on_tables_of_any_shape(kind: str) -> None:
    rng = np.random.default_rng(len(kind))
    for _ in range(SHAPES):
        n, p, q, k = some_shape(rng, 150)
        codes = rng.integers(-1, 3, size=(n, q)).astype(np.int32)
        check_index(KINDS[kind](rng, n, p), codes, float(rng.choice([0.0, 0.3, 1.0, 40.0])), k, rng)


@pytest.mark.slow
@every_kind
def test_index_answers_as_the_definition_does_on_longer_tables(kind: str) -> None:
    rng = np.random.default_rng(1)
    for n, p, q, k in [
        (1500, 3, 0, 5),
        (700, 30, 0, 10),
        (700, 4, 3, 5),
        (1500, 1, 0, 7),
        (500, 12, 0, 60),
        (600, 20, 0, 300),
    ]:
        codes = rng.integers(-1, 9, size=(n, q)).astype(np.int32)
        check_index(KINDS[kind](rng, n, p), codes, 0.7, k, rng)


cells = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6), st.sampled_from([0.0, -0.0, 1e-7, 1e7]))


@given(
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=14).flatmap(
        lambda shape: hnp.arrays(np.float64, (shape[0] + 1, shape[1]), elements=cells)
    ),
    st.integers(0, 3),
    st.integers(0, 16),
    st.sampled_from([0.0, 0.5, 3.0]),
    st.integers(0, 99),
)
@settings(max_examples=120)
def test_index_answers_as_the_definition_does(numbers: np.ndarray, q: int, k: int, mismatch: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_index(numbers, rng.integers(-1, 2, size=(len(numbers), q)).astype(np.int32), mismatch, k, rng)


@pytest.mark.parametrize("power", [-1010, -700, 700, 1010])
@pytest.mark.parametrize("q", [0, 2])
def test_a_power_of_two_changes_distances_by_itself_and_neighbors_not_at_all(power: int, q: int) -> None:
    rng = np.random.default_rng(0)
    numbers, codes = rng.normal(size=(80, 3)), rng.integers(0, 3, size=(80, q)).astype(np.int32)
    here = Index(numbers, codes, mismatch=0.5)
    there = Index(np.ldexp(numbers, power), codes, mismatch=float(np.ldexp(0.5, power)))
    labels = rng.integers(0, 2, size=80)
    for ask in (
        lambda index, scale: index.neighbors(4),
        lambda index, scale: index.query(np.ldexp(numbers[:9] + 0.1, scale), 4, codes[:9]),
        lambda index, scale: index.nearest_enemy(labels),
    ):
        near, far = ask(here, 0), ask(there, power)
        assert_array_equal(far.rows, near.rows)
        assert_array_equal(far.distances, np.ldexp(near.distances, power))
    assert_array_equal(there.neighbors_agree(labels, 4), here.neighbors_agree(labels, 4))


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_no_scale_overflows_or_vanishes(scale: float) -> None:
    ladder = scale * np.array([[1.0], [2.0], [4.0], [8.0]])
    found = Index(ladder).neighbors(2)
    assert found.rows.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert found.distances[:, 0] == pytest.approx(scale * np.array([1.0, 1.0, 2.0, 4.0]))


def test_beside_enormous_numbers_tiny_ones_do_not_count() -> None:
    rng = np.random.default_rng(0)
    huge, tiny = 1e300 * rng.normal(size=(40, 1)), 1e-300 * rng.normal(size=(40, 1))
    assert_array_equal(Index(np.hstack([huge, tiny])).neighbors(3).rows, Index(huge).neighbors(3).rows)


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e200])
@pytest.mark.parametrize("mismatch", [1e-200, 1e160, 1e200, 1e308])
def test_a_mismatch_of_any_size_neither_overflows_nor_vanishes_alone(scale: float, mismatch: float) -> None:
    numbers, codes = scale * np.array([[1.0], [1.0], [1.0], [4.0]]), np.array([[0], [1], [1], [0]])
    found = Index(numbers, codes, mismatch=mismatch).neighbors(1)
    if mismatch > 1e-100:  # beside greater numbers so small a one does not count
        assert found.rows[:3].ravel().tolist() == [3 if mismatch > scale else 1, 2, 1]
    alone = Index(np.zeros((4, 1)), codes, mismatch=mismatch).neighbors(3)
    assert alone.rows.tolist() == [[3, 1, 2], [2, 0, 3], [1, 0, 3], [0, 1, 2]]
    assert alone.distances[1] == pytest.approx([0.0, mismatch, mismatch])


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e300])
def test_a_point_at_the_end_of_all_numbers_has_a_neighbor(scale: float) -> None:
    found = Index([[scale], [2 * scale]]).query([[1.7e308], [-1.7e308]], 1)
    assert found.distances[:, 0] == pytest.approx([1.7e308, 1.7e308])
    assert found.rows[1].tolist() == [0]


def test_two_rows_may_be_farther_apart_than_the_greatest_number() -> None:
    found = Index([[1.7e308], [-1.7e308], [-1.6e308]]).neighbors(1)
    assert (found.rows.ravel().tolist(), found.distances[0, 0]) == ([2, 2, 1], np.inf)


@pytest.mark.parametrize(
    "labels",
    [[-1, 0] * 2, [0, 2**32] * 2, [0, 2**31 - 1] * 2, [0.2, 0.7] * 2, ["a", "b"] * 2, [False, True] * 2],
    ids=str,
)
def test_labels_are_compared_whatever_they_are(labels: Any) -> None:
    index = Index([[1.0], [2.0], [2.5], [4.0]])
    assert index.nearest_enemy(labels).rows.tolist() == [1, 2, 1, 2]
    assert index.neighbors_agree(labels, 1).tolist() == [False] * 4


@pytest.mark.parametrize("n_classes", [40, 400, 2000])
def test_many_classes_have_their_enemies_too(n_classes: int) -> None:
    rng = np.random.default_rng(n_classes)
    centres = 4.0 * rng.normal(size=(n_classes, 3))
    labels = rng.integers(n_classes, size=600)
    numbers = np.round(centres[labels] + rng.normal(size=(600, 3)), 1)
    none = np.empty((600, 0), np.int32)
    squared = apart(numbers, none, 0.0, numbers, none)
    enemies = np.where(labels[:, None] == labels, np.inf, squared)
    np.fill_diagonal(squared, np.inf)
    for k in (3, 20):
        agree = (labels[first(squared, k)[0]] == labels[:, None]).all(axis=1)
        assert_array_equal(Index(numbers).neighbors_agree(labels, k), agree)
    found = Index(numbers).nearest_enemy(labels)
    assert_array_equal(found.rows, enemies.argmin(axis=1))
    assert_array_equal(found.distances, np.sqrt(enemies.min(axis=1)))


def test_one_index_answers_several_threads_at_once() -> None:
    rng = np.random.default_rng(0)
    index = Index(rng.normal(size=(1500, 3)), n_jobs=2)
    kinds = [rng.integers(0, n_classes, size=1500) for n_classes in (2, 3, 5, 9)]
    alone = [Index(index._numbers).nearest_enemy(labels).rows for labels in kinds]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda i: index.nearest_enemy(kinds[i % 4]).rows, range(24)))
    for i, rows in enumerate(together):
        assert_array_equal(rows, alone[i % 4])


@pytest.mark.parametrize(("n", "p"), [(500, 2), (500, 8), (300, 40), (60, 300)])
def test_neighbors_are_those_of_scikit_learns_brute_force(n: int, p: int) -> None:
    numbers = np.random.default_rng(p).normal(size=(n, p))
    theirs = NearestNeighbors(n_neighbors=6, algorithm="brute").fit(numbers)
    ours = Index(numbers).neighbors(6)
    distances, rows = theirs.kneighbors()
    assert_array_equal(ours.rows, rows)
    assert ours.distances == pytest.approx(distances)


def test_more_ties_than_candidates_go_to_the_lower_rows() -> None:
    star = np.vstack([np.eye(30), -np.eye(30), np.zeros((1, 30))])[:, :6].repeat(3, axis=0)
    check_index(star, np.empty((len(star), 0), np.int32), 0.0, 4, np.random.default_rng(0))


def test_rows_without_any_column_are_all_the_same() -> None:
    found = Index(np.empty((4, 0))).neighbors(2)
    assert found.rows.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1]]
    assert not found.distances.any()


def test_one_row_has_no_neighbor_and_no_enemy() -> None:
    index = Index([[1.0, 2.0]])
    assert index.neighbors(5).rows.shape == (1, 0)
    assert index.query([[1.0, 3.0]], 5).distances.tolist() == [[1.0]]
    assert (index.nearest_enemy([7]).rows.tolist(), index.nearest_enemy([7]).distances.tolist()) == ([-1], [np.inf])
    assert index.neighbors_agree([7], 5).tolist() == [True]


def test_no_rows_asked_for_give_no_answer() -> None:
    index, none = Index(np.eye(4)), np.empty(0, dtype=np.int64)
    assert index.neighbors(2, none).rows.shape == (0, 2)
    assert index.query(np.empty((0, 4)), 2).rows.shape == (0, 2)
    assert index.nearest_enemy([0, 0, 1, 1], none).rows.shape == (0,)
    assert index.neighbors_agree([0, 0, 1, 1], 2, none).shape == (0,)
    assert index.neighbors(0).rows.shape == (4, 0)


@pytest.mark.parametrize("form", [np.asfortranarray, lambda a: a[::-1][::-1], lambda a: a.astype(np.float32), list])
def test_any_form_of_array_is_taken(form: Any) -> None:
    numbers = np.random.default_rng(0).integers(0, 9, size=(30, 3)).astype(float)
    assert_array_equal(Index(form(numbers)).neighbors(3).rows, Index(numbers).neighbors(3).rows)


def test_the_table_may_change_after_it_was_read() -> None:
    numbers = np.random.default_rng(0).normal(size=(50, 2))
    before = Index(numbers.copy()).neighbors(3)
    index = Index(numbers)
    kept = numbers.copy()
    index.neighbors(3)
    assert_array_equal(numbers, kept)
    assert_array_equal(index.neighbors(3).rows, before.rows)


@pytest.mark.parametrize(
    ("ask", "error", "says"),
    [
        (lambda: Index([[np.nan]]), InvalidDataError, "finite"),
        (lambda: Index([[np.inf]]), InvalidDataError, "finite"),
        (lambda: Index([1.0, 2.0]), InvalidDataError, r"\(2,\)"),
        (lambda: Index([[1.0], [2.0]], [[1]]), InvalidDataError, r"\(2, columns\)"),
        (lambda: Index([[1.0]]).query([[1.0, 2.0]], 1), InvalidDataError, "1 number columns; got 2"),
        (lambda: Index([[1.0]]).query([[np.nan]], 1), InvalidDataError, "finite"),
        (lambda: Index([[1.0]], [[1]]).query([[1.0]], 1), InvalidDataError, "1 code columns; got 0"),
        (lambda: Index([[1.0]]).neighbors(-1), InvalidParameterError, "k must be at least 0"),
        (lambda: Index([[1.0]]).neighbors(1, [1]), InvalidParameterError, r"\[0, 0\]"),
        (lambda: Index([[1.0]]).neighbors(1, [-1]), InvalidParameterError, r"\[0, 0\]"),
        (lambda: Index([[1.0]]).nearest_enemy([0, 1]), InvalidDataError, "1 rows"),
        (lambda: Index([[1.0]], n_jobs=0), InvalidParameterError, "n_jobs"),
        (lambda: Index([[1.0]], n_jobs=True), InvalidParameterError, "n_jobs"),
    ],
)
def test_what_has_no_answer_is_refused(ask: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        ask()


def test_blocks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    numbers, codes = rng.normal(size=(100, 2)), rng.integers(0, 3, size=(100, 2)).astype(np.int32)
    whole, metric = Index(numbers, codes, mismatch=0.7).neighbors(4), ValueDifference(codes, codes[:, 0])
    apart_whole = metric.neighbors(np.arange(100), 4)
    monkeypatch.setattr(_search, "BLOCK_CELLS", 250)
    monkeypatch.setattr(_values, "BLOCK_CELLS", 250)
    assert_array_equal(Index(numbers, codes, mismatch=0.7).neighbors(4).rows, whole.rows)
    assert_array_equal(metric.neighbors(np.arange(100), 4).rows, apart_whole.rows)


# --- random words -----------------------------------------------------------------------------------------------------


def philox(counter: list[int], key: tuple[int, int]) -> list[int]:
    """Philox-4x64-10 as the paper writes it (Salmon et al. 2011, Sec. 3.3)."""
    mask = 2**64 - 1
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        high0, low0 = divmod(0xD2E7470EE14C6C93 * c0, 2**64)
        high1, low1 = divmod(0xCA5A826395121157 * c2, 2**64)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & mask, (k1 + 0xBB67AE8584CAA73B) & mask
    return [c0, c1, c2, c3]


keys = st.tuples(*[st.integers(0, 2**64 - 1)] * 2)


def test_the_test_knows_the_published_answer() -> None:
    assert philox([0, 0, 0, 0], (0, 0)) == [
        0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B,
    ]  # fmt: skip


@given(keys, st.integers(0, 2**62), st.integers(0, 99))
@settings(max_examples=30)
def test_a_row_owns_a_block_of_philox(key: tuple[int, int], start: int, lane: int) -> None:
    expected = [philox([start + i + 1, lane, 0, 0], key) for i in range(3)]
    assert _rows.blocks(key, start, 3, lane=lane).tolist() == expected


def words(key: tuple[int, int], row: int, lane: int = 0) -> list[int]:
    """NumPy's Philox for one row alone: it adds one to the counter before its first block."""
    generator = np.random.Philox(
        key=np.array(key, dtype=np.uint64), counter=np.array([row, lane, 0, 0], dtype=np.uint64)
    )
    return [int(word) for word in generator.random_raw(4)]


@given(st.integers(1, 9), st.integers(1, 6), st.integers(0, 30), keys, st.sampled_from([1, 2, 3]))
@settings(max_examples=60)
def test_a_pick_is_made_of_the_first_two_words_of_its_row(
    n: int, k: int, n_new: int, key: tuple[int, int], n_jobs: int
) -> None:
    rng = np.random.default_rng(n)
    neighbors, base = rng.integers(0, 99, size=(n, k)), rng.integers(0, n, size=n_new)
    other, gap = pick(neighbors, base, key, n_jobs=n_jobs)
    for i in range(n_new):
        column, fraction = words(key, i)[:2]
        assert other[i] == neighbors[base[i], ((column >> 32) * k) >> 32]
        assert gap[i] == (fraction >> 11) * 2.0**-53
    assert (other.dtype, gap.dtype) == (np.int64, np.float64)


def test_picks_and_votes_are_the_same_on_any_number_of_threads() -> None:
    rng = np.random.default_rng(0)
    n_new = 2 * _rows.CHUNK + 17
    neighbors, base = rng.integers(0, 50, size=(50, 4)), rng.integers(0, 50, size=n_new)
    codes, key = rng.integers(-1, 3, size=(50, 3)).astype(np.int32), (2**64 - 1, 12345)
    one, two = (
        (*pick(neighbors, base, key, n_jobs=jobs), vote(codes, neighbors, base, key, n_jobs=jobs)) for jobs in (1, 2)
    )
    for first_time, second_time in zip(one, two, strict=True):
        assert first_time.tobytes() == second_time.tobytes()
    row = n_new - 3  # beyond the first chunk the words are still those of the row
    assert one[1][row] == (words(key, row)[1] >> 11) * 2.0**-53


def test_picks_are_uniform() -> None:
    neighbors, base = np.arange(5)[None, :], np.zeros(50_000, dtype=np.int64)
    other, gap = pick(neighbors, base, (1, 2))
    # 10000 of each expected with a spread of 89; the mean of the gaps has a spread of 0.0013: 6 sigma, one in 5e8
    assert np.abs(np.bincount(other) - 10_000).max() < 6 * 90
    assert abs(gap.mean() - 0.5) < 6 * 0.0013
    assert 0.0 <= gap.min() <= gap.max() < 1.0


# --- votes ------------------------------------------------------------------------------------------------------------


def elected(ballots: list[int], own: int, word: int) -> int:
    """The winner: the place among those that hold a most frequent code is drawn, null never votes."""
    counts = Counter(code for code in ballots if code >= 0)
    if own < 0 or not counts:
        return own
    places = [code for code in ballots if counts[code] == max(counts.values())]
    return places[((word >> 32) * len(places)) >> 32]


@given(st.integers(1, 8), st.integers(0, 6), st.integers(0, 3), st.integers(0, 25), keys, st.sampled_from([1, 2]))
@settings(max_examples=80)
def test_a_vote_goes_to_a_most_frequent_code(
    n: int, k: int, q: int, n_new: int, key: tuple[int, int], n_jobs: int
) -> None:
    rng = np.random.default_rng(n_new)
    codes = rng.integers(-1, 4, size=(n, q)).astype(np.int32)
    neighbors, base = rng.integers(0, n, size=(n, k)), rng.integers(0, n, size=n_new)
    voted = vote(codes, neighbors, base, key, n_jobs=n_jobs)
    assert (voted.dtype, voted.shape) == (np.int32, (n_new, q))
    for i in range(n_new):
        for j in range(q):
            ballots = [int(codes[row, j]) for row in neighbors[base[i]]]
            assert voted[i, j] == elected(ballots, int(codes[base[i], j]), words(key, i, j)[0])


def test_ties_are_drawn_evenly() -> None:
    codes = np.array([[2], [0], [1], [0], [2], [0]], dtype=np.int32)
    neighbors = np.tile(np.arange(5), (6, 1))
    won = vote(codes, neighbors, np.full(9000, 5), (3, 4))
    assert set(won.ravel().tolist()) == {0, 2}
    assert abs(np.mean(won == 2) - 0.5) < 0.03  # false alarm 1e-8 for a fair coin


# --- distinct rows, points on lines -----------------------------------------------------------------------------------


@given(st.integers(1, 40), st.integers(0, 4), st.integers(0, 3), st.integers(0, 999))
def test_distinct_rows_are_named_by_the_first_of_them(n: int, p: int, q: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    numbers = rng.choice([0.0, -0.0, 1.0, 1e-300, 1.0 + 2.0**-52], size=(n, p))
    codes = rng.integers(-1, 2, size=(n, q)).astype(np.int32)
    rows = [(*a, *b) for a, b in zip(numbers.tolist(), codes.tolist(), strict=True)]
    names = sorted({row: i for i, row in reversed(list(enumerate(rows)))}.values())
    found, which = distinct(numbers, codes)
    assert found.tolist() == names
    assert which.tolist() == [names.index(rows.index(row)) for row in rows]


def point(a: float, b: float, gap: float) -> float:
    """One number of a new row: between its parents to the last bit, missing where the base is."""
    if np.isnan(a) or np.isnan(b) or a == b:
        return a + 0.0
    made = (1.0 - gap) * a + gap * b
    return (min(max(made, min(a, b)), max(a, b)) if 0.0 <= gap <= 1.0 else made) + 0.0


gaps = st.one_of(st.floats(0, 1), st.floats(-3, 3), st.sampled_from([0.0, 1.0, 0.5, -0.0]))
values = {
    np.dtype(np.float64): st.floats(-1e200, 1e200) | st.sampled_from([np.nan, 0.0, -0.0, 5e-324]),
    np.dtype(np.float32): st.floats(-(2.0**100), 2.0**100, width=32) | st.sampled_from([np.nan, 0.0, -0.0]),
    np.dtype(np.int32): st.integers(-(10**8), 10**8),
}


@pytest.mark.parametrize("dtype", values, ids=str)
@given(st.data(), st.integers(1, 8), st.integers(0, 5), st.lists(gaps, max_size=12), st.sampled_from([1, 2]))
@settings(max_examples=60)
def test_points_lie_on_the_line_of_their_parents(
    dtype: np.dtype[Any], data: Any, n: int, p: int, gap: list[float], n_jobs: int
) -> None:
    source = data.draw(hnp.arrays(dtype, (n, p), elements=values[dtype]))
    rng = np.random.default_rng(n)
    base, neighbor = rng.integers(0, n, size=(2, len(gap)))
    out = np.empty((len(gap), p), dtype=dtype)
    interpolate(source, base, neighbor, np.array(gap), out, n_jobs=n_jobs)
    for i, g in enumerate(gap):
        for j in range(p):
            exact = point(float(source[base[i], j]), float(source[neighbor[i], j]), g)
            expected = dtype.type(round(exact) if dtype.kind == "i" else exact)  # round() goes half to even
            assert_array_equal(out[i, j], expected)
            assert np.isnan(expected) or np.signbit(out[i, j]) == np.signbit(expected)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_points_are_the_same_on_any_number_of_threads_and_in_any_layout(dtype: Any) -> None:
    rng = np.random.default_rng(0)
    n_new = _rows.CHUNK + 100
    source, gap = rng.normal(size=(300, 5)).astype(dtype), rng.random(n_new)
    base, neighbor = rng.integers(0, 300, size=(2, n_new))
    outs = [np.empty((n_new, 5), dtype=dtype) for _ in range(4)]
    interpolate(source, base, neighbor, gap, outs[0], n_jobs=1)
    interpolate(source, base, neighbor, gap, outs[1], n_jobs=3)
    interpolate(np.asfortranarray(source), base, neighbor, gap, outs[2])
    wide = np.full((n_new, 10), 7, dtype=dtype)
    interpolate(source, base, neighbor, gap, wide[:, ::2])
    outs[3] = np.ascontiguousarray(wide[:, ::2])
    assert len({out.tobytes() for out in outs}) == 1
    assert (wide[:, 1::2] == 7).all()


# --- the value difference metric --------------------------------------------------------------------------------------


def value_distance(codes: np.ndarray, labels: np.ndarray, a: int, b: int) -> float:
    """Squared, over columns: differences of the class shares of two values."""
    total = 0.0
    for j in range(codes.shape[1]):
        shares = [
            [float(np.sum(labels[codes[:, j] == codes[row, j]] == c)) / float(np.sum(codes[:, j] == codes[row, j]))
             for c in range(int(labels.max()) + 1)]
            for row in (a, b)
        ]  # fmt: skip
        difference = 0.0
        for first_share, second_share in zip(*shares, strict=True):
            difference += abs(first_share - second_share)
        total += difference**2
    return total


@given(st.integers(1, 22), st.integers(1, 4), st.integers(0, 24), st.integers(0, 999), st.sampled_from([1, 2]))
@settings(max_examples=60)
def test_value_difference_neighbors_are_those_of_the_formula(n: int, q: int, k: int, seed: int, n_jobs: int) -> None:
    rng = np.random.default_rng(seed)
    codes, labels = rng.integers(-1, 4, size=(n, q)).astype(np.int32), rng.integers(0, 3, size=n)
    rows = np.flatnonzero(labels == labels[0])
    found = ValueDifference(codes, labels, n_jobs=n_jobs).neighbors(rows, k)
    assert found.rows.shape == found.distances.shape == (len(rows), max(0, min(k, len(rows) - 1)))
    for place, row in enumerate(rows):
        away = sorted((value_distance(codes, labels, int(row), int(b)), int(b)) for b in rows if b != row)
        assert found.rows[place].tolist() == [b for _, b in away[:k]]
        assert found.distances[place].tolist() == [d for d, _ in away[:k]]


def test_value_differences_are_those_of_imbalanced_learn() -> None:
    rng = np.random.default_rng(0)
    codes, labels = rng.integers(0, 5, size=(60, 4)).astype(np.int32), rng.integers(0, 3, size=60)
    theirs = ValueDifferenceMetric(n_categories=codes.max(axis=0) + 1).fit(codes, labels).pairwise(codes)
    found = ValueDifference(codes, labels).neighbors(np.arange(60), 7)
    assert found.distances == pytest.approx(np.take_along_axis(theirs, found.rows, axis=1))
    np.fill_diagonal(theirs, np.inf)
    assert found.distances == pytest.approx(np.sort(theirs, axis=1)[:, :7])


# --- which backend ----------------------------------------------------------------------------------------------------


def test_the_backend_in_use_can_be_told(backend: str) -> None:
    facts = describe()
    assert facts.backend == backend
    assert facts.isa in facts.isas
    assert facts.threads >= 1
    assert facts.reason


def test_an_unknown_backend_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(_backend.VARIABLE, "fast")
    with pytest.raises(InvalidParameterError, match="'auto', 'native' or 'python'; got 'fast'"):
        _backend.native.__wrapped__()


@pytest.mark.skipif(BUILT, reason="the native kernels are built here")
def test_native_kernels_that_were_not_built_are_missed_only_where_they_were_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(_backend.VARIABLE, "auto")
    assert _backend.native.__wrapped__() is None
    monkeypatch.setenv(_backend.VARIABLE, "native")
    with pytest.raises(InvalidParameterError, match="were not built"):
        _backend.native.__wrapped__()


@pytest.mark.parametrize(("n_jobs", "threads"), [(1, 1), (5, 5), (-1, None), (None, None), (-99, 1)])
def test_threads_are_counted_as_joblib_does(n_jobs: int | None, threads: int | None) -> None:
    cores = _backend.n_threads(None)
    assert _backend.n_threads(n_jobs) == (cores if threads is None else threads)
