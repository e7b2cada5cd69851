"""Our generators on real tables: cost, likeness, usefulness, privacy; targets on Adult and on five tables more.

``python -m benchmarks generators`` measures all of it (hours); a part::

    python -m benchmarks.generators --families Autoregressive --tables adult,default --seeds 0,1
    python -m benchmarks.generators --render

Runs are kept in ``results/generators.csv``; the record is made of all that are kept. The rivals are measured by
``generators_rivals``; ratios to them use its runs on the same division of Adult.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from benchmarks._generation_plan import Asked, carry_out, command_line, from_environment, jobs
from benchmarks._generation_runs import RIVALS, Run, load
from benchmarks._generation_tables import FINE, NAMED
from benchmarks._record import BenchmarkError, Better, Case, Record, Spread

SEEDS = range(5)
FAST = ("Mixture", "Autoregressive")
DEEP = ("VAE", "GAN", "ConditionalGAN", "Diffusion", "Transformer")
DEFAULT = "Autoregressive"
PLAN = tuple(
    jobs(
        (FAST, ("adult", *NAMED, *FINE), "half", SEEDS),
        (FAST, ("adult", "default"), "published", SEEDS),
        (DEEP, ("adult",), "half", SEEDS),
    )
)
TITLES = {
    "adult": "Adult", "default": "Default", "bank": "Bank Marketing", "german": "German", "ceaps": "CEAPS",
    "calderdale": "Calderdale", "mammography": "Mammography", "satimage": "Satimage", "abalone": "Abalone",
    "us_crime": "US Crime",
}  # fmt: skip
PUBLISHED_SCORES = {"adult": ("TabPC", 0.855), "default": ("TabDiff", 0.591)}
AIMS = {"adult": 0.95, "default": 0.80}
FAMILY_TARGETS = {"Mixture": (None, None, 3.0), "Diffusion": (0.9, 2.5, 300.0)}
Figure = Callable[[Run], float]


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure of the runs of a generator on a table, and its target."""

    what: str
    figure: Figure
    unit: str = ""
    target: float | None = None
    better: Better = "lower"
    aim: float | None = None


def shape(run: Run) -> float:
    return run.shape_error


def trend(run: Run) -> float:
    return run.trend_error


def useful(run: Run) -> float:
    return run.tstr if run.tstr is not None else float("nan")


ADULT_PUBLISHED = (
    Claim("shape error", shape, "%", 0.45, aim=0.40),
    Claim("trend error", trend, "%", 1.1, aim=0.92),
    Claim("fit, CPU", lambda run: run.fit_cpu_s, "s", 40, aim=15),
    Claim("TSTR AUC", useful, "", 0.918, "higher", 0.922),
    Claim("peak memory of the fit", lambda run: run.peak_mib, "MiB"),
    Claim("sampling as many rows, CPU", lambda run: run.sample_cpu_s, "s"),
)
PRIVACY = (
    Claim("copies of learnt rows over chance, in standard errors", lambda run: run.copies_z, "", 2),
    Claim("DCR share of the learnt half", lambda run: run.dcr_share, "%", 52),
    Claim("membership-inference AUC", lambda run: run.mia, "", 0.55, aim=0.53),
)
EXCESS = (
    Claim("shape error above the floor", lambda run: run.shape_excess, "points", 0.2, aim=0.1),
    Claim("trend error above the floor", lambda run: run.trend_excess, "points", 0.5, aim=0.25),
)
HELD = Claim("held-out C2ST AUC", lambda run: run.c2st_held, "")
SCORE = Claim("C2ST score against the learnt rows", lambda run: run.score_train, "", better="higher")
COST = Claim("fit, CPU", lambda run: run.fit_cpu_s, "s")


def only(runs: Iterable[Run], generator: str, table: str, protocol: str = "half") -> list[Run]:
    """Runs of one generator on one table and division, by seed."""
    chosen = [run for run in runs if (run.generator, run.table, run.protocol) == (generator, table, protocol)]
    return sorted(chosen, key=lambda run: run.seed)


def case(runs: Sequence[Run], claim: Claim, more: str = "") -> Case:
    """The claim over the seeds of ``runs``."""
    first = runs[0]
    values = [claim.figure(run) for run in runs]
    division = "" if first.protocol == "half" else ", published division"
    name = f"{first.generator}, {TITLES[first.table]} ({first.n_rows:,} rows{division}): {claim.what}"
    return Case(name, Spread.of(values), claim.unit, claim.target, claim.better, note=told(values, claim.aim, more))


def told(values: Sequence[float], aim: float | None = None, more: str = "") -> str:
    """Mean and standard deviation over the seeds, aim and remark as a note."""
    seeds = (
        f"mean {fmean(values):.4g}, sd {stdev(values):.2g} over {len(values)} seeds" if len(values) > 1 else "one seed"
    )
    return "; ".join(part for part in (seeds, f"aim {aim:g}" if aim is not None else "", more) if part) + "."


def reference(runs: Sequence[Run]) -> str:
    """Floor and fresh real rows of these runs in words."""
    return (
        f"floor {fmean(run.floor_shape for run in runs):.3f} / {fmean(run.floor_trend for run in runs):.3f}, "
        f"fresh real rows {fmean(run.fresh_shape for run in runs):.3f} / {fmean(run.fresh_trend for run in runs):.3f}"
    )


def adult_cases(runs: Sequence[Run]) -> list[Case]:
    """The CPU default on Adult."""
    found = only(runs, DEFAULT, "adult", "published")
    cases = [case(found, claim, reference(found) if claim.unit == "%" else "") for claim in ADULT_PUBLISHED if found]
    halves = only(runs, DEFAULT, "adult")
    if halves:
        judged = Claim(HELD.what, HELD.figure, "", 0.58, aim=0.54)
        real = f"real against real {fmean(run.c2st_real for run in halves):.3f}"
        cases += [case(halves, judged, real), *(case(halves, claim) for claim in PRIVACY)]
    return cases


def score_cases(runs: Sequence[Run]) -> list[Case]:
    """The C2ST score on the two tables of which the published score is known."""
    cases = []
    for table, (name, published) in PUBLISHED_SCORES.items():
        if found := only(runs, DEFAULT, table, "published"):
            claim = Claim(SCORE.what, SCORE.figure, "", published, "higher", AIMS[table])
            cases.append(case(found, claim, f"target: {name}, re-run by its authors; published, not measured here"))
    return cases


def table_cases(runs: Sequence[Run]) -> list[Case]:
    """The CPU default on the named tables, their mean C2ST, and the small tables of fine columns without target."""
    cases, aucs = [], []
    for table in NAMED:
        if found := only(runs, DEFAULT, table):
            cases += [*(case(found, claim, reference(found)) for claim in EXCESS), case(found, HELD), case(found, COST)]
            aucs.append([run.c2st_held for run in found])
    if len(aucs) == len(NAMED):
        means = [fmean(values) for values in zip(*aucs, strict=False)]
        claim = f"{DEFAULT}, mean of {len(NAMED)} tables: held-out C2ST AUC"
        cases.append(Case(claim, Spread.of(means), "", 0.58, note=told(means, 0.55)))
    for table in FINE:
        if found := only(runs, DEFAULT, table):
            cases += [case(found, HELD, reference(found)), case(found, SCORE)]
    return cases


def family_cases(runs: Sequence[Run]) -> list[Case]:
    """Every other family on Adult: cost, errors, held-out C2ST."""
    cases = []
    for family in ("Mixture", *DEEP):
        if found := only(runs, family, "adult"):
            cases += [case(found, replace(claim, target=limit, aim=None)) for claim, limit in _limits(family)]
    return cases


def _limits(family: str) -> list[tuple[Claim, float | None]]:
    """Claims on a family other than the default, with the greatest accepted figure."""
    shapes, trends, seconds = FAMILY_TARGETS.get(family, (None, None, None))
    return [(ADULT_PUBLISHED[0], shapes), (ADULT_PUBLISHED[1], trends), (COST, seconds), (HELD, None)]


@dataclass(frozen=True, slots=True)
class Duel:
    """Ours against a rival: the greatest accepted ratio of each figure."""

    ours: str
    rival: str
    fit: float
    errors: float | None = None
    discriminated: bool = False


DUELS = (
    Duel(DEFAULT, "CTGAN", 1 / 50, 1 / 10),
    Duel(DEFAULT, "TVAE", 1 / 10, 1 / 10),
    Duel(DEFAULT, "TabularARGN", 1 / 4, discriminated=True),
    Duel("GAN", "CTGAN", 1 / 10, 1 / 3),
    Duel("VAE", "TVAE", 1 / 6, 1 / 10),
)


def duel_cases(runs: Sequence[Run], rivals: Sequence[Run]) -> list[Case]:
    """Ours against the rivals on half of Adult: seconds, errors, and C2ST where it is what counts."""
    cases = []
    for duel in DUELS:
        ours, theirs = only(runs, duel.ours, "adult"), only(rivals, duel.rival, "adult")
        if not (ours and theirs):
            continue
        cases.append(against(ours, theirs, duel.rival, COST, duel.fit))
        if duel.errors:
            cases += [against(ours, theirs, duel.rival, claim, duel.errors) for claim in ADULT_PUBLISHED[:2]]
        if duel.discriminated:
            cases.append(against(ours, theirs, duel.rival, HELD, 1.0))
    return cases


def against(ours: Sequence[Run], theirs: Sequence[Run], name: str, claim: Claim, target: float) -> Case:
    """The ratio of every run of ours to the median run of the rival."""
    mine, other = ([claim.figure(run) for run in side] for side in (ours, theirs))
    middle = Spread.of(other)
    title = f"{ours[0].generator} against {name}, half of {TITLES[ours[0].table]}: {claim.what}"
    ratio = Spread.of(value / middle.median for value in mine)
    return Case(title, Spread.of(mine), claim.unit, target, "lower", "ratio", middle, name, ratio, told(mine))


def record(runs: Sequence[Run], rivals: Sequence[Run]) -> Record:
    """The page of all kept runs."""
    if not runs:
        raise BenchmarkError("No run of our generators is kept; measure some first.")
    parts = (adult_cases(runs), score_cases(runs), table_cases(runs), family_cases(runs), duel_cases(runs, rivals))
    judges = ", ".join(sorted({run.judge for run in runs}))
    return Record(
        "Generators",
        "Learned generators at their defaults, each fitted in a process of its own on one core and thread; seconds are "
        "CPU seconds. A random half of a table is learnt and the other half held out, another half for every seed; the "
        "published division is the UCI parts of Adult and 90 % of Default.",
        [found for part in parts for found in part],
        packages=("numpy", "pandas", "torch", "sdmetrics", "lightgbm"),
        notes=(
            (
                f"C2ST and TSTR by {judges}, at its defaults, five folds, categories as codes; the published scores "
                "were taken with one-hot categories and three folds."
            ),
            (
                "The floor is the error of the learnt rows drawn with replacement, mean of three draws. Fresh real "
                "rows are the held-out half in place of the synthetic table: only memorising comes nearer."
            ),
            "The trend of sdmetrics leaves out pairs that hardly depend, so only the excess compares between tables.",
            "Runs may have been measured on several days; results/generators.csv has commit, judge and seed of each.",
        ),
    )


def run(asked: Asked | None = None) -> Record:
    """Measure what is asked for and make the record of all kept runs."""
    return record(carry_out(PLAN, asked or from_environment()), load(RIVALS))


if __name__ == "__main__":
    command_line("generators", run)
