"""What long searches leave to others: the interpreter lock, and the right to be interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from contrapeso.kernels import Index, describe

native = pytest.mark.skipif(describe().backend != "native", reason="the native kernels are not built here")

SEARCH = """
import signal
import numpy as np
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start what runs beside them deaf to it
from contrapeso.kernels import Index
X = np.random.default_rng(0).normal(size=(200_000, 60))
print("ready", flush=True)
Index(X, n_jobs=1).neighbors(5)
print("finished", flush=True)
"""


@native
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


@native
def test_other_threads_run_while_a_search_does() -> None:
    index = Index(np.random.default_rng(0).normal(size=(30_000, 40)), n_jobs=1)
    index.neighbors(1, [0])  # builds the tree
    done = threading.Event()
    turns = 0

    def search() -> None:
        index.neighbors(5)
        done.set()

    thread = threading.Thread(target=search)
    thread.start()
    while not done.is_set():
        turns += 1
        time.sleep(0)
    thread.join()
    assert turns > 100  # with the lock held there would be none


def test_points_far_outside_the_scale_of_the_index_find_their_neighbours() -> None:
    index = Index([[0.0, 1.0], [1.0, 0.0], [5.0, 5.0]], [[0], [1], [1]], mismatch=0.5)
    found = index.query([[1e300, 0.0], [0.0, -1e200]], 3, [[1], [0]])
    assert found.rows[0].tolist() == [0, 1, 2]  # all equally far as far as float64 can tell: the lower row first
    assert np.isfinite(found.distances).all()
    assert index.query([[6.0, 6.0]], 1, [[1]]).rows.tolist() == [[2]]
