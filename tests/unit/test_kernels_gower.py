"""Nearest rows by Gower's distance: the answer of ten obvious lines, on both backends, to the last bit."""

import importlib
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.kernels import _backend, _gower, describe, nearest_gower


def built() -> bool:
    """Whether the native module is there and can be loaded."""
    try:
        importlib.import_module("contrapeso.kernels._native")
    except ImportError:
        return False
    return True


needs_native = pytest.mark.skipif(not built(), reason="the native kernels were not built here; CI builds them")


@pytest.fixture(scope="module", params=["python", pytest.param("native", marks=needs_native)], ids=["python", "native"])
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(_backend.VARIABLE, request.param)
        _backend.native.cache_clear()
        assert describe().backend == request.param
        yield request.param
    _backend.native.cache_clear()


Table = tuple[np.ndarray, np.ndarray]


def part(x: float, y: float, width: float) -> float:
    if x == y or (np.isnan(x) and np.isnan(y)):
        return 0.0
    if np.isnan(x) or np.isnan(y) or np.isinf(x) or np.isinf(y) or not 0.0 < width < np.inf:
        return 1.0
    return min(1.0, float(abs(np.float64(x) - np.float64(y)) / np.float64(width)))


@np.errstate(over="ignore")
def slow(reference: Table, query: Table, ranges: np.ndarray, k: int, *, exclude_self: bool) -> tuple[list, list]:
    """The definition: every pair, column by column; ties to the lower row."""
    rows, distances = [], []
    for i, (x, c) in enumerate(zip(*query, strict=True)):
        all_of_it = []
        for row, (y, d) in enumerate(zip(*reference, strict=True)):
            total = 0.0
            for a, b, width in zip(x, y, ranges, strict=True):
                total += part(a, b, width)
            total += int((c != d).sum())
            all_of_it.append((total / max(len(x) + len(c), 1), row))
        best = sorted(each for each in all_of_it if not (exclude_self and each[1] == i))[:k]
        best += [(np.nan, -1)] * (k - len(best))
        rows.append([row for _, row in best])
        distances.append([distance for distance, _ in best])
    return rows, distances


def table(rng: np.random.Generator, kinds: list[str], n: int, q: int) -> Table:
    columns = [KINDS[kind](rng, n) for kind in kinds]
    numbers = np.column_stack(columns) if columns else np.empty((n, 0))
    return numbers.reshape(n, len(kinds)), rng.integers(-1, rng.integers(1, 40), size=(n, q)).astype(np.int32)


def with_nulls(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.where(rng.random(n) < 0.4, np.nan, rng.normal(size=n))


def awkward(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 1e308, -1e308, 5e-324], size=n)


KINDS = {
    "spread": lambda rng, n: rng.normal(size=n),
    "tied": lambda rng, n: rng.integers(0, 5, size=n).astype(float),
    "constant": lambda rng, n: np.full(n, 3.0),
    "null": lambda rng, n: np.full(n, np.nan),
    "with nulls": with_nulls,
    "awkward": awkward,
    "far from zero": lambda rng, n: 1e15 + rng.integers(0, 9, size=n) / 8.0,
    "skewed": lambda rng, n: np.exp(6.0 * rng.normal(size=n)),
    "barely apart": lambda rng, n: 1.0 + rng.integers(0, 4, size=n) * 2.0**-52,
    "smallest": lambda rng, n: 5e-324 * rng.integers(0, 5, size=n),
}


def ranges_of(rng: np.random.Generator, numbers: np.ndarray, odd: bool) -> np.ndarray:
    """Ranges of the reference; with ``odd`` some are too small, negative, null or infinite."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        widths = np.nanmax(numbers, axis=0, initial=-np.inf) - np.nanmin(numbers, axis=0, initial=np.inf)
    strange = rng.choice([0.0, -1.0, np.nan, np.inf, 5e-324, 0.1, 1e300], size=len(widths))
    return np.where(odd & (rng.random(len(widths)) < 0.4), strange, widths)


@st.composite
def searches(draw: st.DrawFn, most: int) -> tuple[Table, Table, np.ndarray, int, bool]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=6))
    n, m, q = draw(st.integers(0, most)), draw(st.integers(0, most)), draw(st.integers(0, 4))
    reference, query = table(rng, kinds, n, q), table(rng, kinds, m, q)
    if draw(st.booleans()) and n and m:  # some of the query are rows of the reference
        copied, at = rng.random(m) < 0.5, rng.integers(0, n, size=m)
        for mine, theirs in zip(query, reference, strict=True):
            mine[copied] = theirs[at[copied]]
    itself = draw(st.booleans())
    widths = ranges_of(rng, reference[0], draw(st.booleans()))
    return reference, reference if itself else query, widths, draw(st.integers(0, 12)), itself


@settings(max_examples=60, deadline=None)
@given(search=searches(most=30))
def test_the_rows_and_distances_are_those_of_the_definition(backend: str, search: tuple) -> None:
    reference, query, widths, k, itself = search
    rows, distances = slow(reference, query, widths, k, exclude_self=itself)
    found = nearest_gower(reference, query, widths, k, exclude_self=itself, n_jobs=1)
    assert_array_equal(found.rows, np.array(rows).reshape(len(query[0]), k))
    assert_array_equal(found.distances, np.array(distances).reshape(len(query[0]), k))


@needs_native
@settings(max_examples=50, deadline=None)
@given(search=searches(most=1200), threads=st.integers(1, 3))
def test_every_instruction_set_gives_the_bits_of_the_pure_search(search: tuple, threads: int) -> None:
    reference, query, widths, k, itself = search
    expected = _gower._nearest(reference, query, widths, k, exclude_self=itself)
    module = importlib.import_module("contrapeso.kernels._native")
    chosen = module.isa()
    try:
        for isa in module.isas():
            module.use(isa)
            rows, distances = module.nearest_gower(*reference, *query, widths, k, itself, threads)
            assert_array_equal(rows, expected.rows, err_msg=isa)
            assert_array_equal(distances, expected.distances, err_msg=isa)
    finally:
        module.use(chosen)


def mixed(seed: int, n: int, *, spread: float = 1.0) -> Table:
    rng = np.random.default_rng(seed)
    numbers = np.column_stack([spread * rng.normal(size=n), np.round(rng.lognormal(3, 1, n)), rng.integers(0, 3, n)])
    return numbers, rng.integers(-1, 7, size=(n, 3)).astype(np.int32)


def test_any_number_of_threads_finds_the_same_rows(backend: str) -> None:
    reference, query = mixed(0, 1500), mixed(1, 1000)
    widths = np.ptp(reference[0], axis=0)
    one = nearest_gower(reference, query, widths, 3, n_jobs=1)
    for jobs in (2, 5, None, -1):
        other = nearest_gower(reference, query, widths, 3, n_jobs=jobs)
        assert_array_equal(other.rows, one.rows)
        assert_array_equal(other.distances, one.distances)


def test_a_row_of_the_reference_is_found_at_no_distance_and_not_by_itself_where_that_is_asked(backend: str) -> None:
    rows = mixed(2, 700)
    widths = np.ptp(rows[0], axis=0)
    assert (nearest_gower(rows, rows, widths).distances == 0.0).all()
    others = nearest_gower(rows, rows, widths, exclude_self=True)
    assert (others.rows[:, 0] != np.arange(700)).all()
    twice = tuple(np.concatenate([part, part]) for part in rows)
    copies = nearest_gower(twice, twice, widths, exclude_self=True)
    assert (copies.distances == 0.0).all()


def test_the_order_of_the_reference_changes_no_distance(backend: str) -> None:
    reference, query = mixed(3, 900), mixed(4, 300)
    order = np.random.default_rng(5).permutation(900)
    widths = np.ptp(reference[0], axis=0)
    moved = nearest_gower((reference[0][order], reference[1][order]), query, widths, 2)
    plain = nearest_gower(reference, query, widths, 2)
    assert_array_equal(moved.distances, plain.distances)


def test_tables_without_rows_or_columns_have_defined_answers(backend: str) -> None:
    none, three = (np.empty((0, 1)), np.empty((0, 1), np.int32)), (np.ones((3, 1)), np.zeros((3, 1), np.int32))
    width = np.ones(1)
    assert nearest_gower(three, none, width, 2).rows.shape == (0, 2)
    empty = nearest_gower(none, three, width, 2)
    assert (empty.rows == -1).all()
    assert np.isnan(empty.distances).all()
    few = nearest_gower(three, three, width, 4, exclude_self=True)
    assert few.rows.tolist() == [[1, 2, -1, -1], [0, 2, -1, -1], [0, 1, -1, -1]]
    assert np.isnan(few.distances[:, 2:]).all()
    bare = (np.empty((3, 0)), np.empty((3, 0), np.int32))
    found = nearest_gower(bare, bare, np.empty(0), 2, exclude_self=True)
    assert found.rows.tolist() == [[1, 2], [0, 2], [0, 1]]
    assert (found.distances == 0.0).all()
    null = (np.full((3, 1), np.nan), np.full((3, 1), -1, np.int32))
    assert nearest_gower(null, null, np.array([np.nan])).distances.tolist() == [[0.0]] * 3
    assert nearest_gower(null, three, width).distances.tolist() == [[1.0]] * 3


def compared(reference: Table, query: Table, widths: np.ndarray) -> np.ndarray:
    """All distances of finite numbers, column by column; shape (m, n)."""
    apart = np.zeros((len(query[0]), len(reference[0])))
    for j, width in enumerate(widths):
        apart += np.minimum(np.abs(query[0][:, j, None] - reference[0][:, j]) / width, 1.0)
    apart += (query[1][:, None] != reference[1][None]).sum(axis=2)
    return apart / (len(widths) + reference[1].shape[1])


@pytest.mark.parametrize("place", [0.0, 20.0 * 8192.0])  # near the least of the reference, and many ranges from it
def test_rows_that_words_of_16_bits_order_the_other_way_are_ordered_rightly(backend: str, place: float) -> None:
    rng = np.random.default_rng(13)
    numbers = place + rng.integers(0, 2, size=(900, 7)) + 1e-3 * rng.integers(-3, 4, size=(900, 7))
    numbers[0] = 0.0
    rows, widths = (numbers, np.empty((900, 0), np.int32)), np.full(7, 8192.0)
    apart = compared(rows, rows, widths)
    np.fill_diagonal(apart, np.inf)
    found = nearest_gower(rows, rows, widths, 3, exclude_self=True)
    assert_array_equal(found.rows, np.argsort(apart, axis=1, kind="stable")[:, :3])
    assert_array_equal(found.distances, np.sort(apart, axis=1)[:, :3])


def test_many_columns_and_many_categories_are_compared_exactly(backend: str) -> None:
    rng = np.random.default_rng(6)
    codes = rng.integers(0, 3, size=(300, 200)).astype(np.int32)
    codes[:, :50] += 65536 * rng.integers(0, 3, size=(300, 50)).astype(np.int32)  # alike in their last 16 bits
    numbers = rng.normal(size=(300, 30))
    widths = np.ptp(numbers, axis=0)
    found = nearest_gower((numbers, codes), (numbers[:100], codes[:100]), widths, 2)
    apart = compared((numbers, codes), (numbers[:100], codes[:100]), widths)
    assert_array_equal(found.rows, np.argsort(apart, axis=1, kind="stable")[:, :2])
    assert_array_equal(found.distances, np.sort(apart, axis=1)[:, :2])


def test_arrays_of_other_layouts_and_types_are_taken(backend: str) -> None:
    reference, query = mixed(7, 50), mixed(8, 20)
    widths = np.ptp(reference[0], axis=0)
    other = (np.asfortranarray(query[0]), query[1].astype(np.int64)[:, ::-1][:, ::-1])
    assert_array_equal(
        nearest_gower(reference, other, widths).rows,  # type: ignore[arg-type]
        nearest_gower(reference, query, widths).rows,
    )


def test_tables_that_do_not_fit_are_refused(backend: str) -> None:
    rows, width = (np.zeros((3, 1)), np.zeros((3, 2), np.int32)), np.ones(1)
    with pytest.raises(InvalidDataError, match="same rows"):
        nearest_gower((rows[0][:2], rows[1]), rows, width)
    with pytest.raises(InvalidDataError, match="same columns"):
        nearest_gower(rows, (rows[0], rows[1][:, :1]), width)
    with pytest.raises(InvalidDataError, match="ranges"):
        nearest_gower(rows, rows, np.ones(2))
    with pytest.raises(InvalidDataError, match="exclude_self"):
        nearest_gower(rows, (rows[0][:2], rows[1][:2]), width, exclude_self=True)
    with pytest.raises(InvalidParameterError, match="n_neighbors"):
        nearest_gower(rows, rows, width, -1)


def test_distances_to_the_closest_record_are_those_of_sdmetrics(backend: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sdmetrics.single_table.privacy.dcr_utils import calculate_dcr

        reference, query = mixed(9, 300), mixed(10, 200, spread=2.0)
        for i, numbers in enumerate((reference[0], query[0])):
            numbers[np.random.default_rng(11 + i).random(numbers.shape) < 0.1] = np.nan
        names = [f"x{j}" for j in range(3)] + [f"c{j}" for j in range(3)]
        kinds = ["numerical"] * 3 + ["categorical"] * 3
        metadata = {"columns": {name: {"sdtype": kind} for name, kind in zip(names, kinds, strict=True)}}
        frames = [
            pd.concat([pd.DataFrame(x), pd.DataFrame(c).astype(object).where(c >= 0, None)], axis=1).set_axis(
                names, axis=1
            )
            for x, c in (query, reference)
        ]
        theirs = calculate_dcr(*frames, metadata).to_numpy()
    widths = np.nanmax(reference[0], axis=0) - np.nanmin(reference[0], axis=0)
    ours = nearest_gower(reference, query, widths).distances[:, 0]
    assert ours.min() < 0.1 < ours.max()
    np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=2e-16)


WIDE = (np.random.default_rng(12).random((20_000, 20)), np.zeros((20_000, 0), np.int32))


@needs_native
def test_other_threads_run_while_a_search_does() -> None:
    done = threading.Event()
    turns = 0

    def search() -> None:
        nearest_gower(WIDE, WIDE, np.ones(20), n_jobs=1)
        done.set()

    thread = threading.Thread(target=search)
    thread.start()
    while not done.is_set():
        turns += 1
        time.sleep(0)
    thread.join()
    assert turns > 100  # with the lock held there would be none


SEARCH = """
import signal
import numpy as np
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start what runs beside them deaf to it
from contrapeso.kernels import nearest_gower
rows = np.random.default_rng(0).random((150_000, 30)), np.zeros((150_000, 0), np.int32)
print("ready", flush=True)
nearest_gower(rows, rows, np.ones(30), 2, n_jobs=1)
print("finished", flush=True)
"""


@needs_native
@pytest.mark.skipif(sys.platform == "win32", reason="signals of another process")
def test_a_long_search_ends_at_an_interruption() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SEARCH], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        while child.poll() is None:  # until the search has begun a signal is Python's own affair; it ends all the same
            child.send_signal(signal.SIGINT)
            try:
                child.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
        out, err = child.communicate()
    assert "finished" not in out
    assert "KeyboardInterrupt" in err
