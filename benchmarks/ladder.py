"""The evidence ladder against the best rung in hindsight, on 42 real tables and two learners.

``choose`` sees two thirds of a table; the estimator that it gives back, and every rung fitted to the same rows, are
judged by the other third, in turn. ``python -m benchmarks ladder`` measures all of it (hours); a part::

    python -m benchmarks.ladder --sets imblearn/ecoli,keel/pima --seeds 0 --budget 10
    python -m benchmarks.ladder --render

Folds are kept in ``results/ladder_rungs.csv`` and ``results/ladder_chosen.csv``; what is there is not measured again,
unless ``--anew`` is given (decisions only: what a rung scores does not depend on the rule of choice).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from time import perf_counter

import numpy as np

from benchmarks._choose_runs import (
    LEARNERS,
    Chosen,
    Key,
    keep_chosen,
    keep_rungs,
    load_chosen,
    load_rungs,
    measure_chosen,
    measure_rungs,
    parts,
)  # fmt: skip
from benchmarks._choose_sets import N_FOLDS, Source, opened, sources
from benchmarks._choose_verdicts import (
    HELPS_FROM,
    NOTHING,
    SMOTE,
    WEIGHTS,
    Floats,
    Verdict,
    brier_ratio,
    mean_of,
    verdicts,
)  # fmt: skip
from benchmarks._docs import write
from benchmarks._record import BenchmarkError, Case, Record, Spread, save

BUDGET_S = 10.0
WORSE_BY = 0.01
WHOLE = "imblearn/mammography"
WHOLE_FOLD = -1
"""Fold under which the full ladder on all rows of ``WHOLE`` is kept."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured; nothing but the page where ``render`` is set."""

    sets: tuple[str, ...] | None = None
    seeds: tuple[int, ...] = (0,)
    budget_s: float = BUDGET_S
    n_jobs: int = 1
    clock: str = "wall"
    render: bool = False
    anew: bool = False
    rungs: tuple[str, ...] | None = None

    def tables(self) -> list[Source]:
        """The tables asked for."""
        known = sources()
        unknown = sorted(set(self.sets or ()) - {source.name for source in known})
        if unknown:
            raise BenchmarkError(f"No table named {', '.join(unknown)}; there are: {', '.join(s.name for s in known)}.")
        return [source for source in known if self.sets is None or source.name in self.sets]


def measure_all(asked: Asked) -> None:
    """Every fold asked for that is not there yet, kept as soon as it is measured."""
    for source in asked.tables():
        for seed in asked.seeds:
            _measure(source, seed, asked)
    if any(source.name == WHOLE for source in asked.tables()):
        _measure_whole(asked)


def _measure(source: Source, seed: int, asked: Asked) -> None:
    divided = parts(source, seed)
    for learner in LEARNERS:
        for fold, part in enumerate(divided):
            key = (source.name, learner, seed, fold)
            if key not in load_rungs() or asked.rungs:
                names = asked.rungs if key in load_rungs() else None
                keep_rungs([measure_rungs(source, learner, seed, fold, part, names)])
            if asked.anew or key not in load_chosen():
                found, _ = measure_chosen(source, learner, seed, fold, part, asked.budget_s, asked.n_jobs, asked.clock)
                keep_chosen([found])
            print(*key, file=sys.stderr, flush=True)


def _measure_whole(asked: Asked) -> None:
    """The whole ladder without a clock on all rows of one table, on two threads."""
    key: Key = (WHOLE, "LightGBM", 0, WHOLE_FOLD)
    if asked.anew or key not in load_chosen():
        source = next(one for one in sources() if one.name == WHOLE)
        X, y = opened(source)
        found, _ = measure_chosen(source, "LightGBM", 0, WHOLE_FOLD, (X, y, X, y), None, n_jobs=2)
        keep_chosen([found])


# -- the page ----------------------------------------------------------------------------------------------------------


def one(claim: str, value: float, unit: str = "", **more: object) -> Case:
    """A case of a single number."""
    return Case(claim, Spread.of([value]), unit, **more)  # type: ignore[arg-type]


def summary(found: Sequence[Verdict]) -> list[Case]:
    """Regret, its floor and the harm, over all tables and learners and over those of each learner."""
    cases = _regrets(found, "all")
    for learner in LEARNERS:
        part = [v for v in found if v.learner == learner]
        if part:
            regret = mean_of(part, lambda v: v.regret(v.chosen_ap))
            floor = mean_of(part, lambda v: v.regret(v.oracle))
            cases.append(one(f"Mean regret of choose, {learner}", regret, target=0.01, note=f"Floor {floor:.4f}."))
    return cases + _harms(found) + _against_fixed(found)


def _regrets(found: Sequence[Verdict], which: str) -> list[Case]:
    policies: dict[str, Callable[[Verdict], Floats]] = {
        "always none": lambda v: v.of(NOTHING),
        "always SMOTE (smote_1)": lambda v: v.of(SMOTE),
        "always class weights": lambda v: v.of(WEIGHTS),
    }
    all_of = [v.regret(v.chosen_ap) for v in found]
    spread = (
        f"Median {median(all_of):.4f}, worst {max(all_of):.3f}, {len(all_of)} pairs of table and learner; aim .005."
    )
    excess = mean_of(found, lambda v: float((v.oracle - v.chosen_ap).mean()))
    cases = [
        one(f"Mean regret of choose, {which}", fmean(all_of), target=0.01, note=spread),
        one(
            "Mean regret of the best rung of the other folds (floor)",
            mean_of(found, lambda v: v.regret(v.oracle)),
            note="Even a choice by test rows has this regret where the judged fold is not among them.",
        ),
        one(
            "Mean gain of that best rung over choose",
            excess,
            note="What a choice by other test rows would have gained.",
        ),
    ]
    return cases + [
        one(f"Mean regret, {name}", mean_of(found, lambda v, f=values: v.regret(f(v))))  # type: ignore[misc]
        for name, values in policies.items()
    ]


def _harms(found: Sequence[Verdict]) -> list[Case]:
    worse = [v for v in found if v.gain < -WORSE_BY]
    better = [v for v in found if v.gain > WORSE_BY]
    names = ", ".join(f"{v.table} ({v.learner}, {v.gain:+.3f})" for v in worse) or "none"
    treated = sum(name not in (NOTHING, "threshold", "calibrated") for v in found for name in v.chosen)
    total = sum(len(v.chosen) for v in found)
    return [
        one(
            "Worse than none by more than .01", 100 * len(worse) / len(found), "% of pairs", target=5.0,
            note=f"{names}. Better by more than .01: {len(better)} of {len(found)}.",
        ),
        one("Decisions to treat", 100 * treated / total, "% of folds"),
        one("Mean gain of choose over none", mean_of(found, lambda v: v.gain), better="higher"),
    ]  # fmt: skip


def _against_fixed(found: Sequence[Verdict]) -> list[Case]:
    ap = mean_of(found, lambda v: float(v.chosen_ap.mean()))
    brier = fmean(float(v.chosen_brier.mean()) for v in found)
    cases = []
    for name, rung in (("always SMOTE", SMOTE), ("always class weights", WEIGHTS)):
        theirs = mean_of(found, lambda v, r=rung: float(v.of(r).mean()))  # type: ignore[misc]
        other = fmean(float(v.brier_of(rung).mean()) for v in found)
        cases += [
            _duel(f"Mean average precision against {name}", ap, theirs, name, "higher"),
            _duel(f"Mean Brier score against {name}", brier, other, name, "lower"),
        ]
    rise = 100 * (brier_ratio(found, lambda v: v.chosen_brier) - 1)
    worst = max(found, key=lambda v: v.chosen_brier.mean() - v.brier_of(NOTHING).mean())
    change = worst.chosen_brier.mean() / worst.brier_of(NOTHING).mean() - 1
    note = f"Worst: {worst.table} ({worst.learner}), {change:+.1%}."
    return [*cases, one("Brier score of choose over none, after prior correction", rise, "%", target=2.0, note=note)]


def _duel(claim: str, ours: float, theirs: float, name: str, better: str) -> Case:
    ratio = Spread.of([ours / theirs])
    return Case(
        claim, Spread.of([ours]), "", 1.0, better, "ratio", Spread.of([theirs]), name, ratio  # type: ignore[arg-type]
    )  # fmt: skip


def times(chosen: Iterable[Chosen]) -> list[Case]:
    """How the budget was kept, and the whole ladder on mammography."""
    kept = list(chosen)
    shares = [100 * (c.seconds / c.budget_s - 1) for c in kept if np.isfinite(c.budget_s)]
    cases = []
    if shares:
        over = sum(share > 10 for share in shares)
        load = median(c.load for c in kept)
        note = f"Above 10 % in {over} of {len(shares)} runs; median load {load:.1f} while they ran; aim 5 %."
        cases.append(one("Seconds of choose over its budget, worst", max(shares), "%", target=10.0, note=note))
        cases.append(one("Seconds of choose over its budget, median", median(shares), "%"))
    whole = [c for c in kept if c.fold == WHOLE_FOLD]
    cases += [
        one(
            "Full ladder, mammography, 11,183 rows, two threads", c.seconds, "s", target=60.0,
            note=f"Aim 20 s; load {c.load:.1f} when it began; chose {c.chosen}.",
        )
        for c in whole
    ]  # fmt: skip
    return cases


def by_table(found: Sequence[Verdict]) -> list[Case]:
    """A case for each table and learner: what was chosen and its average precision, beside the best in hindsight."""
    cases = []
    for v in found:
        classes = f"{v.n_classes} classes, " if v.n_classes > 2 else ""
        claim = (
            f"{v.table}, {v.learner} ({v.n:,} rows, {classes}{v.n_rare} of the rarest): took {v.took}; "
            f"none {v.of(NOTHING).mean():.3f}, SMOTE {v.of(SMOTE).mean():.3f}, weights {v.of(WEIGHTS).mean():.3f}, "
            f"regret {v.regret(v.chosen_ap):.4f}{'' if v.helped else '; nothing helped'}"
        )
        best = Spread.of(v.of(v.best))
        cases.append(Case(claim, Spread.of(v.chosen_ap), "", None, "higher", "measured", best, v.best))
    return cases


def untouched(found: Sequence[Verdict]) -> list[Case]:
    """The same on the two thirds of the tables by which no constant of the rule was set."""
    seen = {source.name for source in sources()[::3]}
    part = [v for v in found if v.table not in seen]
    if not part:
        return []
    worse = 100 * sum(v.gain < -WORSE_BY for v in part) / len(part)
    floor = f"Floor {mean_of(part, lambda v: v.regret(v.oracle)):.4f}; {len(part)} pairs of table and learner."
    where = "tables that set no constant of the rule"
    return [
        one(f"Mean regret of choose, {where}", mean_of(part, lambda v: v.regret(v.chosen_ap)), target=0.01, note=floor),
        one(f"Worse than none by more than .01, {where}", worse, "% of pairs", target=5.0),
    ]


def _missing(found: Sequence[Verdict]) -> list[str]:
    """A note on the tables that have no verdict yet."""
    there = {v.table for v in found}
    absent = [source.name for source in sources() if source.name not in there]
    return [f"Not measured yet: {', '.join(absent)}."] if absent else []


def record() -> Record:
    """The page of all that is kept."""
    chosen = load_chosen()
    found = verdicts(chosen, load_rungs())
    if not found:
        raise BenchmarkError("No table of the evidence ladder is measured; measure some first.")
    idle = [f"{v.table} ({v.learner})" for v in found if not v.helped]
    shared = any(c.clock == "processor" for c in chosen.values())
    clocks = ", counted in processor seconds since the machine had other work" if shared else ""
    budgets = sorted({c.budget_s for c in chosen.values() if np.isfinite(c.budget_s)})
    return Record(
        "The evidence ladder",
        "choose on two thirds of a table, its estimator and every rung fitted to the same rows judged by the other "
        f"third, {N_FOLDS} folds in turn; average precision of the rarer class, mean over the classes with more than "
        f"two. Budget {' or '.join(f'{b:g}' for b in budgets)} s on one thread{clocks}.",
        [*summary(found), *untouched(found), *times(chosen.values()), *by_table(found)],
        packages=("numpy", "scikit-learn", "lightgbm"),
        notes=(
            (
                "Regret: the rung with the largest mean over the folds of that table and learner, less what choose "
                "gave. That maximum of some twenty noisy means is biased upward; the floor says by how much: it is the "
                "regret of taking, for each fold, the rung that was best on all the other test folds."
            ),
            (
                f"Nothing helped ({len(idle)} of {len(found)}): the best rung of the other folds gains less than "
                f"{HELPS_FROM:g} over none there: {', '.join(idle)}."
            ),
            (
                "In the table by set, 'ours' is choose with the least and greatest fold, the rival the best rung in "
                "hindsight. A rung that would leave the rows as they are is not fitted; threshold and calibrated rank "
                "as none does. kr-vs-k is a stratified fifth of its rows."
            ),
            "Every third table by name set the constants of the rule of choice; the others are its test.",
            *_missing(found),
        ),
    )


def run(asked: Asked | None = None) -> Record:
    """Measure what is asked for and make the record of all that is kept."""
    wanted = asked or Asked()
    start = perf_counter()
    if not wanted.render:
        measure_all(wanted)
        print(f"ladder: {perf_counter() - start:.0f} s", file=sys.stderr)
    return record()


def from_arguments(words: Sequence[str] | None = None) -> Asked:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ladder")
    parser.add_argument("--sets", help="comma-separated tables, as imblearn/ecoli; default: all")
    parser.add_argument("--seeds", default="0", help="comma-separated seeds of the outer folds; default: 0")
    parser.add_argument("--budget", type=float, default=BUDGET_S, help="seconds of choose; default: %(default)g")
    parser.add_argument("--jobs", type=int, default=1, help="threads of choose; default: %(default)d")
    parser.add_argument(
        "--processor", action="store_true", help="count the budget in processor seconds, on a machine that others use"
    )
    parser.add_argument("--render", action="store_true", help="measure nothing, only write the record and the page")
    parser.add_argument("--anew", action="store_true", help="decide again where a decision is kept")
    parser.add_argument("--rungs", help="comma-separated rungs to measure, again or for the first time")
    given = parser.parse_args(words)
    names = tuple(given.sets.split(",")) if given.sets else None
    seeds = tuple(int(seed) for seed in given.seeds.split(","))
    clock = "processor" if given.processor else "wall"
    rungs = tuple(given.rungs.split(",")) if given.rungs else None
    return Asked(names, seeds, given.budget, given.jobs, clock, given.render, given.anew, rungs)


if __name__ == "__main__":
    save("ladder", run(from_arguments()))
    write()
