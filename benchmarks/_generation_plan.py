"""Which runs of a benchmark of generators are asked for: all by default, fewer by arguments or by the environment.

A part is measured with ``--families``, ``--tables``, ``--seeds`` and ``--protocols`` (comma-separated), or, where
``python -m benchmarks NAME`` is used, with the variables CONTRAPESO_BENCH_FAMILIES, CONTRAPESO_BENCH_TABLES,
CONTRAPESO_BENCH_SEEDS and CONTRAPESO_BENCH_PROTOCOLS. ``--render`` measures nothing. Runs that are not asked for keep
the numbers that they have.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from benchmarks._docs import write
from benchmarks._generation_runs import Run, keep, load, measure
from benchmarks._generation_tables import Protocol
from benchmarks._record import BenchmarkError, Record, save

Job: TypeAlias = tuple[str, str, str, int]
"""Generator, table, division and seed."""
PARTS = ("families", "tables", "seeds", "protocols")


@dataclass(frozen=True, slots=True)
class Asked:
    """Generators, tables, seeds and divisions that are asked for; None is all."""

    families: tuple[str, ...] | None = None
    tables: tuple[str, ...] | None = None
    seeds: tuple[str, ...] | None = None
    protocols: tuple[str, ...] | None = None
    render: bool = False

    def takes(self, job: Job) -> bool:
        """Whether this run is asked for."""
        family, table, protocol, seed = job
        pairs = ((self.families, family), (self.tables, table), (self.seeds, str(seed)), (self.protocols, protocol))
        return not self.render and all(names is None or name in names for names, name in pairs)


def _listed(text: str | None) -> tuple[str, ...] | None:
    return tuple(word.strip() for word in text.split(",") if word.strip()) if text else None


def from_environment(variables: Mapping[str, str] = os.environ) -> Asked:
    """What the variables ask for; everything where none is set."""
    found = {part: _listed(variables.get(f"CONTRAPESO_BENCH_{part.upper()}")) for part in PARTS}
    return Asked(**found, render=variables.get("CONTRAPESO_BENCH_SEEDS") == "none")


def from_arguments(name: str, words: Sequence[str] | None = None) -> Asked:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}")
    for part in PARTS:
        parser.add_argument(f"--{part}", help=f"comma-separated {part}; default: all")
    parser.add_argument("--render", action="store_true", help="measure nothing, only write the record and the page")
    given = parser.parse_args(words)
    return Asked(**{part: _listed(getattr(given, part)) for part in PARTS}, render=given.render)


def jobs(*blocks: tuple[Iterable[str], Iterable[str], Protocol, Iterable[int]]) -> Iterator[Job]:
    """Runs of every block (generators, tables, division, seeds), one table and seed after the other."""
    for families, tables, protocol, seeds in blocks:
        for table in tables:
            for seed in seeds:
                yield from ((family, table, protocol, seed) for family in families)


def carry_out(plan: Iterable[Job], asked: Asked, *, rival: bool = False, **place: object) -> list[Run]:
    """Measure what is asked for of ``plan``, keeping every run as soon as it is there; returns all kept runs.

    A run that fails is said on standard error and the others go on.

    Raises
    ------
    BenchmarkError
        If runs were asked for and all failed.
    """
    done, failed = 0, []
    for job in filter(asked.takes, dict.fromkeys(plan)):
        family, table, protocol, seed = job
        try:
            run = measure(family, table, seed, cast("Protocol", protocol), rival=rival)
        except BenchmarkError as error:
            print(f"{' '.join(map(str, job))}: not measured: {error}", file=sys.stderr)
            failed.append(job)
            continue
        keep([run], **place)  # type: ignore[arg-type]
        print(summary(run), file=sys.stderr, flush=True)
        done += 1
    if failed and not done:
        raise BenchmarkError(f"None of the {len(failed)} runs that were asked for could be measured.")
    return load(**place)  # type: ignore[arg-type]


def summary(run: Run) -> str:
    """One line about a run."""
    errors = (
        f"shape {run.shape_error:.3f} (+{run.shape_excess:.3f}), trend {run.trend_error:.3f} (+{run.trend_excess:.3f})"
    )
    told = (
        f"C2ST held {run.c2st_held:.3f}, score {run.score_train:.3f}, TSTR {run.tstr or 0:.3f}, DCR {run.dcr_share:.1f}"
    )
    return f"{' '.join(map(str, run.key))}: fit {run.fit_cpu_s:.1f} s, {errors}, {told}"


def command_line(name: str, run: Callable[[Asked], Record]) -> None:
    """What ``python -m benchmarks.NAME`` does: measure what is asked for, keep the record, write the page."""
    save(name, run(from_arguments(name)))
    write()


__all__ = ["Asked", "Job", "carry_out", "command_line", "from_arguments", "from_environment", "jobs", "summary"]
