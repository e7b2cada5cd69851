"""Runs of generators, kept as rows of a CSV file so that a benchmark can be measured in parts.

A run is one generator on one table, division and seed. Measuring a run again replaces its row. The JSON record of a
benchmark is made from all the rows that are kept.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks._generation import Floor, floor, judge, judge_name
from benchmarks._generation_tables import Protocol, Split, split
from benchmarks._record import RESULTS, ROOT, THREAD_VARIABLES, BenchmarkError, commit

OURS = RESULTS / "generators.csv"
RIVALS = RESULTS / "generators_rivals.csv"
RIVALS_PYTHON = "CONTRAPESO_RIVALS_PYTHON"
CORE = "CONTRAPESO_BENCH_CORE"
DEADLINE_S = 3 * 3600


@dataclass(frozen=True, slots=True)
class Run:
    """What one fit cost and how its rows were judged, beside the floor of the same division."""

    generator: str
    table: str
    protocol: str
    seed: int
    n_rows: int
    fit_cpu_s: float
    sample_cpu_s: float
    peak_mib: float
    shape_error: float
    trend_error: float
    floor_shape: float
    floor_trend: float
    fresh_shape: float
    fresh_trend: float
    c2st_held: float
    c2st_real: float
    c2st_train: float
    score_train: float
    tstr: float | None
    trtr: float | None
    dcr_share: float
    copies_train: int
    copies_held: int
    copies_z: float
    mia: float
    epochs: float | None
    version: str
    judge: str
    commit: str

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What makes it this run and no other."""
        return self.generator, self.table, self.protocol, self.seed

    @property
    def shape_excess(self) -> float:
        """Shape error above the floor, in points."""
        return self.shape_error - self.floor_shape

    @property
    def trend_excess(self) -> float:
        """Trend error above the floor, in points."""
        return self.trend_error - self.floor_trend


_TEXTS = {"generator", "table", "protocol", "version", "judge", "commit"}
_WHOLE = {"seed", "n_rows", "copies_train", "copies_held"}


def load(path: Path = OURS) -> list[Run]:
    """Kept runs; none where there is no file yet."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [Run(**{name: _parsed(name, text) for name, text in row.items()}) for row in csv.DictReader(file)]


def _parsed(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text
    if text == "":
        return None
    return int(text) if name in _WHOLE else float(text)


def keep(runs: Iterable[Run], path: Path = OURS) -> list[Run]:
    """Merge ``runs`` into the file; a run that was there is replaced. Returns all kept runs."""
    merged = {run.key: run for run in [*load(path), *runs]}
    ordered = [merged[key] for key in sorted(merged)]
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Run)], lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _written(value) for name, value in asdict(run).items()} for run in ordered)
    return ordered


def _written(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def measure(generator: str, table: str, seed: int, protocol: Protocol = "half", *, rival: bool = False) -> Run:
    """Fit in a process of its own on one pinned core and thread, and judge its rows here.

    Raises
    ------
    BenchmarkError
        If the table or the rival's interpreter is missing, or the process failed.
    """
    parts, base = divided(table, seed, protocol)
    facts, made = fitted(generator, parts, len(parts.train), seed, rival=rival)
    return judged(generator, table, seed, protocol, parts, base, facts, made)


def judged(
    generator: str, table: str, seed: int, protocol: str, parts: Split, base: Floor, facts: Mapping[str, Any],
    made: pd.DataFrame,
) -> Run:  # fmt: skip
    """The run that these rows and costs make."""
    verdict = judge(parts, made, seed)
    return Run(
        generator, table, protocol, seed, len(parts.train), facts["fit_cpu_s"], facts["sample_cpu_s"],
        facts["peak_mib"], floor_shape=base.shape_error, floor_trend=base.trend_error,
        fresh_shape=base.fresh_shape, fresh_trend=base.fresh_trend, c2st_real=base.c2st_real,
        trtr=base.trtr, epochs=facts.get("epochs"), version=facts.get("version", ""), judge=judge_name(),
        commit=commit() or "", **verdict.to_dict(),
    )  # type: ignore[arg-type]  # fmt: skip


@lru_cache(maxsize=4)
def divided(table: str, seed: int, protocol: Protocol) -> tuple[Split, Floor]:
    """The rows of a table and their floor; kept while the generators take turns on them."""
    parts = split(table, seed, protocol)
    return parts, floor(parts, seed)


def fitted(
    generator: str, parts: Split, rows: int, seed: int, *, rival: bool = False, extra: Sequence[str] = ()
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Costs and rows of a generator fitted on ``parts.train`` in a child process."""
    with tempfile.TemporaryDirectory() as folder:
        train, out = Path(folder) / "train.parquet", Path(folder) / "out.parquet"
        parts.train.to_parquet(train)
        script = rival_script() if rival else [sys.executable, "-m", "benchmarks._generation_fit"]
        words = [*script, generator, str(train), str(out), "--rows", str(rows), "--seed", str(seed), *extra]
        if rival:
            words += ["--categorical", json.dumps(parts.of("category"))]
        facts = answer(words, generator)
        return facts, pd.read_parquet(out)


def rival_script() -> list[str]:
    """First words of the command that runs a rival."""
    interpreter = os.environ.get(RIVALS_PYTHON)
    if not interpreter:
        raise BenchmarkError(f"The rivals need an interpreter that has them: set {RIVALS_PYTHON} to its path.")
    return [interpreter, str(Path(__file__).with_name("_rivals.py"))]


def answer(words: Sequence[str], what: str) -> dict[str, Any]:
    """Last line of the output of a command on one core and one thread, without accelerator, read as JSON."""
    settings = {
        **os.environ,
        **dict.fromkeys(THREAD_VARIABLES, "1"),
        "PYTHONWARNINGS": "ignore",
        "CUDA_VISIBLE_DEVICES": "",
    }
    core = pinned_core()
    done = subprocess.run(
        list(words), cwd=ROOT, env=settings, capture_output=True, text=True, timeout=DEADLINE_S, check=False,
        preexec_fn=(lambda: os.sched_setaffinity(0, {core})) if core is not None else None,
    )  # fmt: skip
    if done.returncode != 0:
        sys.stderr.write(done.stderr[-4000:])
        raise BenchmarkError(f"{what} failed with exit status {done.returncode}.")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def pinned_core() -> int | None:
    """Core that the fits are held to: the one that is asked for, else the last allowed one; None off Linux."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    asked = os.environ.get(CORE)
    return int(asked) if asked else max(os.sched_getaffinity(0))


__all__ = [
    "CORE", "OURS", "RIVALS", "RIVALS_PYTHON", "Run", "answer", "divided", "fitted", "judged", "keep", "load",
    "measure", "pinned_core", "rival_script",
]  # fmt: skip
