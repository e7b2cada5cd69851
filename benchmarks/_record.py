"""What a benchmark measures and how it is kept.

How to write one (a module of this package, not starting with ``_``)::

    from benchmarks._record import Record, compare, measure, pair_case, wall_case

    def ours(n): X, y = ...; return lambda: SMOTE(random_state=0).fit_resample(X, y)   # set-up, not timed
    def rival(n): X, y = ...; return lambda: imblearn...fit_resample(X, y)

    def run() -> Record:
        pair = compare(ours, rival, {"n": 30_000}, repeat=5)
        return Record("Samplers", "SMOTE on simulated rows.",
                      [pair_case("SMOTE, 30,000 rows", pair, "imbalanced-learn", target=1.0)],
                      packages=("numpy", "imbalanced-learn"))

``ours`` and ``rival`` are *set-up* functions at the top level of an importable module: they take
JSON values, are called in a process of their own, and return the function that is timed. With
``fresh=True`` the set-up runs again, untimed, before every repeat (an empty database). A timed
function may return a dict of facts (row counts, a checksum), kept with the measurement, or a
function that makes it, called when time and memory are taken.
A command is a list of strings. Ours and rival run alternately, in one run, each in its own
process; the ratio is taken pair by pair: ours / rival, below 1 means that ours takes less.
``threads=1`` holds the numerical libraries of the measured processes to one thread; what is
asked of the timed function itself (``n_jobs``) is the set-up's. ``calls=20`` makes 20 calls a
run and keeps the time of one, for work that is too short to time alone.

Every target that is missed stays in the record and is shown as missed. Records hold no path and
no host name.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Literal, TypeAlias

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).resolve().parent / "results"
Setup: TypeAlias = Callable[..., Callable[[], object]]
Job: TypeAlias = Setup | Sequence[str]
Better: TypeAlias = Literal["lower", "higher"]
Side: TypeAlias = Literal["wall", "cpu", "peak", "extra"]

THREAD_VARIABLES = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
)  # fmt: skip
PAGE_MIB = 2**-8
"""Least memory that counts, so that a call that added nothing has a ratio."""


class BenchmarkError(RuntimeError):
    """A measured process that failed."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and greatest of ``n`` repeats."""

    median: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Spread of ``values``."""
        kept = [float(value) for value in values]
        return cls(statistics.median(kept), min(kept), max(kept), len(kept))


@dataclass(frozen=True, slots=True)
class Measurement:
    """Wall and CPU seconds, and peak resident memory in MiB, of a process.

    ``peak_mib`` is the whole process (interpreter, imports and inputs included); ``extra_mib`` is
    what the timed call added on top of what was held before the first one (equal to the peak for commands).
    ``facts`` is what the last run returned.
    """

    wall_s: Spread
    cpu_s: Spread
    peak_mib: Spread
    extra_mib: Spread
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pair:
    """Ours and the rival, measured alternately; ratios are ours / rival of neighbouring runs."""

    ours: Measurement
    rival: Measurement
    wall_ratio: Spread
    peak_ratio: Spread
    cpu_ratio: Spread
    extra_ratio: Spread


@dataclass(frozen=True, slots=True)
class Case:
    """One claim with its target and what was measured.

    ``judged`` says which number the target is about: the measurement or its ratio to the rival.
    """

    claim: str
    measured: Spread
    unit: str
    target: float | None = None
    better: Better = "lower"
    judged: Literal["measured", "ratio"] = "measured"
    rival: Spread | None = None
    rival_name: str | None = None
    ratio: Spread | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the target; None where no target was set."""
        number = self.ratio if self.judged == "ratio" else self.measured
        if self.target is None or number is None:
            return None
        return number.median <= self.target if self.better == "lower" else number.median >= self.target

    def to_dict(self) -> dict[str, object]:
        """JSON object with ``met`` written out."""
        return {**asdict(self), "met": self.met}


@dataclass(frozen=True, slots=True)
class Record:
    """One page of results: what was measured, the cases, and the packages whose versions matter."""

    title: str
    what: str
    cases: Sequence[Case]
    packages: Sequence[str] = ("numpy", "pandas")
    notes: Sequence[str] = ()


class _Worker:
    """A child process that runs one job as often as it is asked."""

    def __init__(
        self, job: Job, kwargs: Mapping[str, object], *, fresh: bool, threads: int | None = None, calls: int = 1
    ) -> None:
        order = {"command": list(job)} if not callable(job) else _call_order(job, kwargs, fresh=fresh, calls=calls)
        settings = {} if threads is None else dict.fromkeys(THREAD_VARIABLES, str(threads))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks._worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=ROOT,
            env={**os.environ, **settings},
        )  # fmt: skip
        self._send(json.dumps(order))

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise BenchmarkError(f"The measured process ended early ({self._process.wait()}).") from error

    def once(self) -> dict[str, object]:
        assert self._process.stdout is not None
        self._send("run")
        line = self._process.stdout.readline()
        if not line:
            raise BenchmarkError(f"The measured process failed with exit status {self._process.wait()}.")
        answer: dict[str, object] = json.loads(line)
        return answer

    def __enter__(self) -> _Worker:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                stream.close()
        self._process.wait()


def _call_order(setup: Setup, kwargs: Mapping[str, object], *, fresh: bool, calls: int) -> dict[str, object]:
    name = getattr(setup, "__qualname__", "")
    if not name.isidentifier() or setup.__module__ == "__main__":
        raise BenchmarkError(f"{setup!r} must be a function at the top level of an importable module.")
    return {"module": setup.__module__, "function": name, "kwargs": dict(kwargs), "fresh": fresh, "calls": calls}


def measure(
    job: Job, kwargs: Mapping[str, object] | None = None, *,
    repeat: int = 5, warmup: int = 0, fresh: bool = False, threads: int | None = None, calls: int = 1,
) -> Measurement:  # fmt: skip
    """Spread of ``repeat`` runs of ``job``: a set-up function (with its ``kwargs``) or a command."""
    with _Worker(job, kwargs or {}, fresh=fresh, threads=threads, calls=calls) as worker:
        for _ in range(warmup):
            worker.once()
        return _summary([worker.once() for _ in range(repeat)])


def compare(
    ours: Job, rival: Job, kwargs: Mapping[str, object] | None = None, *,
    repeat: int = 5, warmup: int = 1, fresh: bool = False, threads: int | None = None, calls: int = 1,
) -> Pair:  # fmt: skip
    """Both jobs, alternately, each in its own process; who goes first changes from pair to pair."""
    with (
        _Worker(ours, kwargs or {}, fresh=fresh, threads=threads, calls=calls) as us,
        _Worker(rival, kwargs or {}, fresh=fresh, threads=threads, calls=calls) as them,
    ):
        for _ in range(warmup):
            us.once()
            them.once()
        pairs = []
        for i in range(repeat):
            first, second = (us, them) if i % 2 == 0 else (them, us)
            answers = {first: first.once(), second: second.once()}
            pairs.append((answers[us], answers[them]))
    return Pair(
        _summary([a for a, _ in pairs]),
        _summary([b for _, b in pairs]),
        Spread.of(_number(a, "wall_s") / _number(b, "wall_s") for a, b in pairs),
        Spread.of(_number(a, "peak_mib") / _number(b, "peak_mib") for a, b in pairs),
        Spread.of(_number(a, "cpu_s") / _number(b, "cpu_s") for a, b in pairs),
        Spread.of(_added(a) / _added(b) for a, b in pairs),
    )


def _number(answer: Mapping[str, object], key: str) -> float:
    value = answer[key]
    assert isinstance(value, (int, float))
    return float(value)


def _added(answer: Mapping[str, object]) -> float:
    """Memory in MiB that the run added."""
    return max(PAGE_MIB, _number(answer, "peak_mib") - _number(answer, "base_mib"))


def _summary(answers: Sequence[Mapping[str, object]]) -> Measurement:
    facts = answers[-1]["facts"]
    assert isinstance(facts, dict)

    def spread(key: str) -> Spread:
        return Spread.of(_number(answer, key) for answer in answers)

    extra = Spread.of(map(_added, answers))
    return Measurement(spread("wall_s"), spread("cpu_s"), spread("peak_mib"), extra, facts)


def wall_case(claim: str, measurement: Measurement, *, target: float | None = None, note: str = "") -> Case:
    """Case on wall seconds without a rival."""
    return Case(claim, measurement.wall_s, "s", target, note=note)


def peak_case(claim: str, measurement: Measurement, *, target: float | None = None, note: str = "") -> Case:
    """Case on the peak memory of the process without a rival."""
    return Case(claim, measurement.peak_mib, "MiB", target, note=note)


def pair_case(
    claim: str, pair: Pair, rival_name: str, *, of: Side = "wall", target: float | None = None, note: str = ""
) -> Case:
    """Case on ours against the rival; ``target`` is the greatest ratio ours / rival that is accepted."""
    ours, theirs = pair.ours, pair.rival
    measured, rival, ratio = {
        "wall": (ours.wall_s, theirs.wall_s, pair.wall_ratio),
        "cpu": (ours.cpu_s, theirs.cpu_s, pair.cpu_ratio),
        "peak": (ours.peak_mib, theirs.peak_mib, pair.peak_ratio),
        "extra": (ours.extra_mib, theirs.extra_mib, pair.extra_ratio),
    }[of]
    unit = "s" if of in {"wall", "cpu"} else "MiB"
    return Case(claim, measured, unit, target, "lower", "ratio", rival, rival_name, ratio, note)


def machine() -> dict[str, object]:
    """Processor, cores in use, memory, system and Python; no name of the host and no path."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": _cpu_model(),
        "cores": cores,
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Installed version of each package that is installed."""
    found: dict[str, str] = {}
    for name in ("contrapeso", *packages):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def commit() -> str | None:
    """Short hash of the checked-out commit, with ``+`` where the tree differs; None outside git."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return f"{head}+" if _git("status", "--porcelain") else head
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip()


def save(name: str, record: Record, *, load_before: float | None = None) -> Path:
    """Write ``record`` to ``benchmarks/results/<name>.json``; returns the path."""
    facts = machine()
    if load_before is not None:
        facts["load_before"] = round(load_before, 2)
    page = {
        "title": record.title,
        "what": record.what,
        "command": f"python -m benchmarks {name}",
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit(),
        "machine": facts,
        "versions": versions(record.packages),
        "notes": list(record.notes),
        "cases": [case.to_dict() for case in record.cases],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(page, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


__all__ = [
    "RESULTS", "ROOT", "BenchmarkError", "Case", "Measurement", "Pair", "Record", "Spread",
    "compare", "machine", "measure", "pair_case", "peak_case", "save", "versions", "wall_case",
]  # fmt: skip
