"""A million rows against imbalanced-learn, and ten million alone."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks import _tables
from benchmarks._record import Case, Measurement, Record, Spread, measure, wall_case
from benchmarks._resampling import NOTES, PACKAGES, Comparison, cases, facts, measured, smaller
from benchmarks._worker import MIB, status_mib

MILLION = 1_000_000
D = 30
REAL = Comparison("SMOTE", "real", MILLION, D, {"cpu": 1 / 6, "peak": None, "extra": None}, aim=1 / 9)
BLOB = Comparison("SMOTE", "blob", MILLION, D, {"cpu": 1 / 4.5, "peak": None, "extra": None}, aim=1 / 6, repeat=3)
OTHERS = (
    Comparison("SMOTE", "real", MILLION, D, {"wall": 1 / 6}, threads=2),
    Comparison("SMOTE", "blob", MILLION, D, {"wall": 1 / 4.5}, threads=2),
    Comparison("KMeansSMOTE", "blob", MILLION, D, {"cpu": 1 / 5, "peak": None}, same="near", repeat=3, warmup=0,
               options={"cluster_balance_threshold": 0.05 / 4}),
)  # fmt: skip
ALONE = {"n": 10 * MILLION, "d": 10}
SPARE = 1.2
FLOOR_NOTE = (
    "Stated floor: 2 x 30 x (minority rows)^2 operations at the single precision matrix product's speed, and writing "
    "the result once, on one thread in the same session; a search that leaves rows out can be faster. Aim: at least "
    "0.75."
)


def floor(n: int, d: int, share: float) -> Callable[[], object]:
    """Set-up of what SMOTE costs at least if all pairs of the class were computed: facts in seconds."""
    rng = np.random.default_rng(0)
    A, B = rng.random((2048, 2048), dtype=np.float32), rng.random((2048, 2048), dtype=np.float32)
    X = rng.random((n, d))
    minority, made = round(n * share), round(n * (1 - 2 * share))
    product = np.empty_like(A)

    def run() -> object:
        times = []
        for _ in range(5):
            start = time.process_time()
            np.matmul(A, B, out=product)
            times.append(time.process_time() - start)
        start = time.process_time()
        out = np.empty((n + made, d))
        out[:n] = X
        for first in range(n, n + made, n):
            out[first : first + n] = X[: n + made - first]
        written = time.process_time() - start
        return {"floor_s": 2 * d * minority**2 * min(times) / (2 * 2048**3) + written}

    return run


def floor_case(this: Comparison, ours: Measurement) -> Case:
    """Share of the stated floor that ours reaches."""
    kwargs = {"n": this.n, "d": this.d, "share": this.share}
    found = measure(floor, kwargs, repeat=3, warmup=1, threads=1).facts["floor_s"]
    assert isinstance(found, float)
    cpu = ours.cpu_s
    share = Spread(found / cpu.median, found / cpu.high, found / cpu.low, cpu.n)
    return Case(f"{this.claim}: share of the stated floor", share, "", better="higher", note=FLOOR_NOTE)


def alone(n: int, d: int) -> Callable[[], object]:
    """Set-up of our SMOTE with its default arguments; tells what the interpreter held before the table was made."""
    from contrapeso.samplers import SMOTE

    sampler = SMOTE(random_state=0)
    sampler.fit_resample(*_tables.make("blob", 1_000, d))
    interpreter = status_mib("VmRSS:")
    X, y = _tables.make("blob", n, d)

    def run() -> object:
        X_new, y_new = sampler.fit_resample(X, y)
        size = sum(array.nbytes for array in (X, y, X_new, y_new)) / MIB
        return lambda: facts(sampler, y_new) | {"interpreter_mib": interpreter, "arrays_mib": size}

    return run


def alone_cases(n: int, d: int) -> list[Case]:
    """Ten million rows: it ends, and holds input, result and little more."""
    found = measure(alone, {"n": n, "d": d}, repeat=1)
    held, arrays = found.facts["interpreter_mib"], found.facts["arrays_mib"]
    assert isinstance(held, float)
    assert isinstance(arrays, float)
    peak = found.peak_mib
    over = Spread(peak.median - held, peak.low - held, peak.high - held, peak.n)
    claim = f"SMOTE, {n:,} x {d} blobs, 5 % minority, all threads"
    note = f"input and result are {arrays:,.0f} MiB; target: at most 20 % more, the interpreter not counted"
    return [wall_case(f"{claim}: wall time", found), Case(f"{claim}: memory", over, "MiB", SPARE * arrays, note=note)]


def run(most_rows: int | None = None) -> Record:
    """All comparisons; ``most_rows`` makes the tables smaller, for a trial."""
    blob = smaller(BLOB, most_rows)
    pair, blob_cases = measured(blob)
    n = ALONE["n"] if most_rows is None else min(most_rows, ALONE["n"])
    return Record(
        "A million rows against imbalanced-learn, ten million alone",
        "One call of `fit_resample` on a NumPy table with two classes, default arguments, the smaller class brought "
        "to the size of the other. Rows per class are checked in the run to be the same, or nearly the same where "
        "the rival rounds them.",
        [
            *cases((REAL,), most_rows),
            *blob_cases,
            floor_case(blob, pair.ours),
            *cases(OTHERS, most_rows),
            *alone_cases(n, ALONE["d"]),
        ],
        packages=PACKAGES,
        notes=NOTES,
    )
