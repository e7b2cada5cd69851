"""Ours against imbalanced-learn on one simulated table: what is compared, the set-ups, the cases on the page.

Both sides get the same table and the same arguments. ``jobs`` is what the samplers are asked for, and the numerical
libraries of both processes are held to as many threads: the rival's searches follow ``OMP_NUM_THREADS``.
Before anything is timed a set-up makes and reads the table, fills three times the table's size in memory once
(memory that the machine never gave out before is slow to get, which is not the sampler's doing) and resamples a few
rows, so that what is imported late is there.
"""

from __future__ import annotations

import inspect
import warnings
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Literal

import numpy as np

from benchmarks import _tables
from benchmarks._record import BenchmarkError, Case, Pair, Side, compare, pair_case

RIVAL = "imbalanced-learn"
PACKAGES = ("numpy", "scipy", "scikit-learn", "imbalanced-learn")
RIVAL_ROOMS = ("imblearn.over_sampling", "imblearn.under_sampling", "imblearn.combine")
KIND_NAMES = {
    "blob": "blobs",
    "real": "real-like",
    "mixed": "real-like, 10 categorical",
    "codes": "categorical",
    "census": "census-like",
    "census_scaled": "census-like, scaled",
    "census_mixed": "census-like, 8 categorical",
}
SIDES = {
    "cpu": "processor time",
    "wall": "wall time",
    "peak": "peak memory",
    "extra": "memory added by the call",
}
FEW_ROWS = (750, 250)
NOTES = (
    (
        "One thread: `n_jobs=1` where the class has it, and OMP_NUM_THREADS=1, OPENBLAS_NUM_THREADS=1 and their like "
        "for both processes; two threads: 2 instead of 1, and `NearestNeighbors(n_jobs=2)` for a rival without n_jobs."
    ),
    (
        "Blobs: four normal clouds a class, all columns alike. Real-like: a few heavy-tailed factors behind all "
        "columns, some skewed, in whole numbers, half zero or copies of another; scaled. Simulated, no two rows equal."
    ),
    "An aim is where we want to be one day; the verdict is on the target alone.",
)
Same = Literal["rows", "counts", "near"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One sampler on one table, both sides.

    ``targets`` are the greatest accepted ratios ours / rival of a side of the measurement, None for information.
    ``same`` is what both results must share: the rows kept, the rows per class, or these within ``tolerance``
    (samplers whose number of rows follows from random draws or is rounded differently).
    """

    sampler: str
    kind: str
    n: int
    d: int
    targets: Mapping[Side, float | None]
    share: float = 0.05
    options: Mapping[str, object] = field(default_factory=dict)
    aim: float | None = None
    same: Same = "counts"
    tolerance: float = 0.01
    threads: int = 1
    repeat: int = 5
    warmup: int = 1
    calls: int = 1
    note: str = ""

    @property
    def claim(self) -> str:
        """What is measured, but for the side."""
        version = f" {self.options['version']}" if "version" in self.options else ""
        threads = "one thread" if self.threads == 1 else f"{self.threads} threads"
        name = KIND_NAMES[self.kind]
        share = "" if self.kind in _tables.CENSUS_KINDS else f", {100 * self.share:g} % minority"
        return f"{self.sampler}{version}, {self.n:,} x {self.d} {name}{share}, {threads}"

    def kwargs(self) -> dict[str, object]:
        """Arguments of the set-up functions."""
        table = {"kind": self.kind, "n": self.n, "d": self.d, "share": self.share}
        return {"sampler": self.sampler, "table": table, "jobs": self.threads, "options": dict(self.options)}


def ours(sampler: str, table: Mapping[str, Any], jobs: int, options: Mapping[str, object]) -> Callable[[], object]:
    """Set-up of our sampler."""
    return _timed(_built(_ours(sampler), table, jobs, options), **table)


def rival(sampler: str, table: Mapping[str, Any], jobs: int, options: Mapping[str, object]) -> Callable[[], object]:
    """Set-up of imbalanced-learn's sampler."""
    made = _built(_rival(sampler), table, jobs, options)
    if jobs > 1 and not hasattr(made, "n_jobs"):
        from sklearn.neighbors import NearestNeighbors

        made.set_params(k_neighbors=NearestNeighbors(n_neighbors=made.k_neighbors + 1, n_jobs=jobs))
    return _timed(made, **table)


def _ours(name: str) -> Any:
    return getattr(import_module("contrapeso.samplers"), name)


def _rival(name: str) -> Any:
    rooms = map(import_module, RIVAL_ROOMS)
    return next(getattr(room, name) for room in rooms if hasattr(room, name))


def _built(sampler: Any, table: Mapping[str, Any], jobs: int, options: Mapping[str, object]) -> Any:
    """The sampler with what it takes of seed, threads and categorical columns."""
    known = inspect.signature(sampler).parameters
    always = {
        "random_state": 0,
        "n_jobs": jobs,
        "categorical_features": _tables.categorical(table["kind"], table["d"]),
    }
    return sampler(**{name: value for name, value in always.items() if name in known} | dict(options))


def _timed(sampler: Any, kind: str, n: int, d: int, share: float) -> Callable[[], object]:
    """Function that resamples once; see the top of this file for what is done before."""
    warnings.simplefilter("ignore")
    X, y = _tables.make(kind, n, d, share)
    few = np.concatenate([np.flatnonzero(y == label)[:count] for label, count in enumerate(FEW_ROWS)])
    sampler.fit_resample(X[few], y[few])
    np.ones(3 * X.size).sum()

    def run() -> object:
        _, y_new = sampler.fit_resample(X, y)
        return lambda: facts(sampler, y_new)

    return run


def facts(sampler: Any, y_new: Any) -> dict[str, object]:
    """Rows per class, and a checksum of the positions of the rows kept where the sampler tells them."""
    labels, counts = np.unique(y_new, return_counts=True)
    found: dict[str, object] = {str(label): int(count) for label, count in zip(labels, counts, strict=True)}
    if hasattr(sampler, "sample_indices_"):
        kept = np.sort(np.asarray(sampler.sample_indices_, dtype=np.int64))
        found["kept"] = zlib.crc32(kept.tobytes())
    return found


def check_same(this: Comparison, mine: Mapping[str, object], theirs: Mapping[str, object]) -> str:
    """Refuse to compare the times of different results; returns what the page says of those that differ a little."""
    found, wanted = counts(mine), counts(theirs)
    kept = mine.get("kept"), theirs.get("kept")
    fits = {
        "rows": found == wanted and None not in kept and kept[0] == kept[1],
        "counts": found == wanted,
        "near": found.keys() == wanted.keys()
        and all(abs(found[label] - wanted[label]) <= this.tolerance * wanted[label] for label in found),
    }
    if not fits[this.same]:
        raise BenchmarkError(f"{this.claim}: not the same result ({this.same}): {dict(mine)} and {dict(theirs)}.")
    if found == wanted:
        return ""
    mine_text, their_text = (" and ".join(f"{side[label]:,}" for label in sorted(side)) for side in (found, wanted))
    return f"rows per class: ours {mine_text}, {RIVAL} {their_text}"


def counts(found: Mapping[str, object]) -> dict[str, int]:
    """Rows per class out of the facts of a measurement."""
    return {label: count for label, count in found.items() if label != "kept" and isinstance(count, int)}


def cases(comparisons: Sequence[Comparison], most_rows: int | None = None) -> list[Case]:
    """All ``comparisons`` measured, one after the other; ``most_rows`` makes the tables smaller, for a trial."""
    return [case for one in comparisons for case in measured(smaller(one, most_rows))[1]]


def smaller(this: Comparison, most_rows: int | None) -> Comparison:
    """``this`` on a table of ``most_rows`` rows at most."""
    return this if most_rows is None else replace(this, n=min(this.n, most_rows))


def measured(this: Comparison) -> tuple[Pair, list[Case]]:
    """Both sides measured and their results checked, with one case for each target."""
    pair = compare(
        ours, rival, this.kwargs(),
        repeat=this.repeat, warmup=this.warmup, threads=this.threads, calls=this.calls,
    )  # fmt: skip
    differ = check_same(this, pair.ours.facts, pair.rival.facts)
    aim = "" if this.aim is None else f"aim: ratio {this.aim:.3g}"
    note = "; ".join(text for text in (aim, this.note, differ) if text)
    made = [
        pair_case(f"{this.claim}: {SIDES[side]}", pair, RIVAL, of=side, target=target, note="" if i else note)
        for i, (side, target) in enumerate(this.targets.items())
    ]
    return pair, made
