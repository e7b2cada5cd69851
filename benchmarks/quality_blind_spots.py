"""Where a quality score cannot see: damaged tables that ``sdmetrics`` scores like a fresh draw, beside our report.

Every blind spot is a table drawn afresh from the same source as the real one, then broken in one way. All numbers
of both sides stand beside those of the unbroken draw. sdmetrics runs with its defaults and with true metadata;
its LogisticDetection draws its folds unseeded, so here it is the median of five seeds. The numbers are kept in
``results/blind_spots.csv`` and shown in ``docs/blind-spots.md``; ``run`` writes both.
"""

from __future__ import annotations

import csv
import statistics
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._record import RESULTS, ROOT, Case, Measurement, Record, Spread, compare, measure, pair_case
from contrapeso.quality import QualityReport, evaluate

Frame = pd.DataFrame
Rng = np.random.Generator
Damage = Callable[[Frame, Frame, Rng], Frame]

ROWS = RESULTS / "blind_spots.csv"
PAGE = ROOT / "docs" / "blind-spots.md"
SDMETRICS = "0.32"
N_ROWS = 2000
N_RUNS = 5
RUN_ROWS = 60_000
CATEGORIES = (10_000, 40_000)
SHAPES, PAIRS, DETECTION, TOTAL = "Column Shapes", "Column Pair Trends", "LogisticDetection", "QualityReport"
OURS, GRADE, PRIVACY, SAYS = "overall", "grade", "privacy", "says"
NOTHING = "nothing"


def people(n_rows: int, seed: int) -> Frame:
    """Thirteen columns: strong pairs, u and u^2, two coins and their exclusive or, independent x and y, a flag."""
    rng = np.random.default_rng(seed)
    place = rng.choice(4, n_rows, p=[0.4, 0.3, 0.2, 0.1])
    plan = np.where(rng.random(n_rows) < 0.6, np.minimum(place, 2), rng.integers(0, 3, n_rows))
    income = np.exp(rng.normal(8, 0.3, n_rows)).round(2)
    u, x, y = rng.normal(size=(3, n_rows))
    a, b = rng.integers(0, 2, (2, n_rows))
    answer = np.array(["no", "yes"], dtype=object)
    columns = {
        "city": np.array(["north", "south", "east", "west"], dtype=object)[place],
        "plan": np.array(["basic", "plus", "max"], dtype=object)[plan],
        "usage": (100 + 20 * (1.5 * place + rng.normal(size=n_rows))).round(2),
        "income": income,
        "rent": (income * rng.uniform(0.2, 0.4, n_rows)).round(2),
        "u": u,
        "square": u**2 + 0.2 * rng.normal(size=n_rows),
        "a": answer[a],
        "b": answer[b],
        "either": answer[a ^ b],
        "x": x,
        "y": y,
        "member": rng.random(n_rows) < 1 / (1 + np.exp(-0.8 * x)),
    }
    return pd.DataFrame(columns)


def mild(n_rows: int, seed: int) -> Frame:
    """Six numbers, a category and a flag on one factor: all depend on each other, no correlation reaches 0.5."""
    rng = np.random.default_rng(seed)
    loadings = np.array([0.65] * 6 + [0.45] * 2)
    scores = loadings * rng.normal(size=(n_rows, 1)) + np.sqrt(1 - loadings**2) * rng.normal(size=(n_rows, 8))
    table = pd.DataFrame(scores[:, :6], columns=[f"score_{k}" for k in range(6)]).round(3)
    band = np.array(["low", "middle", "high"], dtype=object)[np.digitize(scores[:, 6], [-0.5, 0.5])]
    return table.assign(band=band, active=scores[:, 7] > 0)


def tiny(n_rows: int, seed: int) -> Frame:
    """Charges in coulombs, around 1e-16, and a size."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"charge": 1e-16 * rng.exponential(size=n_rows), "size": rng.normal(50, 10, n_rows)})


def answers(n_rows: int, seed: int) -> Frame:
    """Four categorical columns that depend on each other strongly."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 20, n_rows)
    others = [np.where(rng.random(n_rows) < 0.6, first, rng.integers(0, 20, n_rows)) for _ in range(3)]
    return pd.DataFrame({f"answer_{k}": pd.Series(v).astype(str) for k, v in enumerate([first, *others])})


def items(n_categories: int, seed: int) -> Frame:
    """Four rows a category on average, every category at least once, and a price."""
    rng = np.random.default_rng(seed)
    codes = np.concatenate([np.arange(n_categories), rng.integers(0, n_categories, 3 * n_categories)])
    names = pd.Series(rng.permutation(codes)).astype(str).radd("item ")
    return pd.DataFrame({"item": names.astype(object), "price": rng.normal(50, 10, len(codes)).round(2)})


def shuffle(*names: str) -> Damage:
    """Permutes columns (all of them without ``names``), each by itself: the marginals stay exactly."""

    def make(_: Frame, fresh: Frame, rng: Rng) -> Frame:
        return fresh.assign(**{name: rng.permutation(fresh[name].to_numpy()) for name in names or fresh.columns})

    return make


@dataclass(frozen=True, slots=True)
class Spot:
    """A blind spot: ``damage`` of a fresh draw from ``source``, and the measures of sdmetrics that do not see it.

    ``finding`` and ``about`` are the recommendation of our report that names it, and a column that it names.
    """

    name: str
    broken: str
    blind: tuple[str, ...]
    damage: Damage
    finding: str
    about: str | None = None
    source: Callable[[int, int], Frame] = people


SPOTS = (
    Spot(
        "scale", "`usage` multiplied by 50, plus 1,000,000", (PAIRS,),
        lambda _, fresh, _rng: fresh.assign(usage=50 * fresh["usage"] + 1e6), "numeric_shift", "usage",
    ),
    Spot(
        "nulls", "95 % of `rent` emptied", (TOTAL, SHAPES, PAIRS, DETECTION),
        lambda _, fresh, rng: fresh.assign(rent=fresh["rent"].where(rng.random(len(fresh)) < 0.05)), "null_gap", "rent",
    ),
    Spot(
        "exclusive or", "`either` = exactly one of `a` and `b`, shuffled", (TOTAL, SHAPES, PAIRS, DETECTION),
        shuffle("either"), "interaction_broken", "either",
    ),
    Spot(
        "square", "`square` = `u`² with little noise, shuffled", (TOTAL, SHAPES, PAIRS, DETECTION),
        shuffle("square"), "pair_lost", "square",
    ),
    Spot(
        "invented", "`y`, independent of `x` in the real table, replaced by `x`", (TOTAL, SHAPES, PAIRS, DETECTION),
        lambda _, fresh, _rng: fresh.assign(y=fresh["x"]), "pair_invented", "y",
    ),
    Spot(
        "flag", "`member`, a boolean that depends on `x`, shuffled", (TOTAL, SHAPES, PAIRS, DETECTION),
        shuffle("member"), "pair_lost", "member",
    ),
    Spot(
        "unseen", "2 % of `city` replaced by a city that the real table does not have", (TOTAL, SHAPES, PAIRS),
        lambda _, fresh, rng: fresh.assign(city=fresh["city"].where(rng.random(len(fresh)) > 0.02, "Atlantis")),
        "categories_unseen", "city",
    ),
    Spot(
        "copy", "the training rows themselves, in another order", (TOTAL, SHAPES, PAIRS, DETECTION),
        lambda real, _, rng: real.iloc[rng.permutation(len(real))].reset_index(drop=True), "exact_copies",
    ),
    Spot(
        "shuffled, mild", "every column shuffled; no correlation reaches 0.5", (TOTAL, SHAPES, PAIRS, DETECTION),
        shuffle(), "pair_lost", None, mild,
    ),
    Spot("shuffled, strong", "every column shuffled; five strong pairs", (SHAPES, DETECTION), shuffle(), "pair_lost"),
    Spot(
        "tiny numbers", "`charge` (around 1e-16, exponential) replaced by one value, ten times the mean",
        (TOTAL, SHAPES, PAIRS, DETECTION),
        lambda _, fresh, _rng: fresh.assign(charge=1e-15), "numeric_shift", "charge", tiny,
    ),
)  # fmt: skip


def tables(spot: Spot, n_rows: int = N_ROWS, columns: Sequence[str] | None = None) -> tuple[Frame, Frame, Frame, Frame]:
    """Real, fresh, broken and holdout table of ``n_rows`` each; of some ``columns`` only where they are named."""
    real, fresh, holdout = (spot.source(n_rows, seed) for seed in (1, 2, 3))
    if columns is not None:
        real, fresh, holdout = (table[list(columns)] for table in (real, fresh, holdout))
    return real, fresh, spot.damage(real, fresh, np.random.default_rng(4)), holdout


@contextmanager
def numpy_seed(seed: int) -> Iterator[None]:
    """numpy's global generator at ``seed``, and afterwards as it was: what sdmetrics draws from is not to be set."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


def metadata_of(real: Frame) -> dict[str, object]:
    """What sdmetrics wants to know of the columns, by their dtypes."""
    kinds = {"b": "boolean", "f": "numerical", "i": "numerical", "O": "categorical"}
    return {"columns": {name: {"sdtype": kinds[real[name].dtype.kind]} for name in real}}


def sdmetrics_report(real: Frame, synthetic: Frame) -> dict[str, float]:
    """QualityReport as it comes, with its two properties; NaN for a property without a number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the one-table report is deprecated in favour of one that wants many tables
        from sdmetrics.reports.single_table import QualityReport as Rival

        report = Rival()
        report.generate(real, synthetic, metadata_of(real), verbose=False)
        parts = report.get_properties().set_index("Property")["Score"]
        return {TOTAL: float(report.get_score()), **{name: float(parts[name]) for name in (SHAPES, PAIRS)}}


def sdmetrics_detection(real: Frame, synthetic: Frame, n_seeds: int = 5) -> float | str:
    """LogisticDetection, median over seeds; the name of the error where it fails."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sdmetrics.single_table import LogisticDetection

        for seed in range(n_seeds):
            with numpy_seed(seed):
                try:
                    found.append(float(LogisticDetection.compute(real, synthetic, metadata_of(real))))
                except ValueError as error:
                    return type(error).__name__
    return statistics.median(found)


def named(report: QualityReport, spot: Spot) -> tuple[int, str] | None:
    """Place (from 1) and sentence of the finding that names the damage, None where the report does not name it."""
    for place, item in enumerate(report.recommendations, 1):
        if item.code == spot.finding and (spot.about is None or spot.about in item.columns):
            return place, item.text("en")
    return None


def said(report: QualityReport, spot: Spot) -> str:
    """What the report says about the damage, as the page shows it."""
    found = named(report, spot)
    return f"Finding {found[0]} of {len(report.recommendations)}: {found[1]}" if found else NOTHING


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of one blind spot, of the fresh and of the broken table, as it is shown."""

    spot: str
    measure: str
    fresh: str
    broken: str


def look(spot: Spot, n_rows: int = N_ROWS) -> list[Row]:
    """Everything that both sides say about one blind spot."""
    real, fresh, broken, holdout = tables(spot, n_rows)
    theirs = [{**sdmetrics_report(real, t), DETECTION: sdmetrics_detection(real, t)} for t in (fresh, broken)]
    ours = [evaluate(real, table, holdout=holdout, n_jobs=1) for table in (fresh, broken)]
    rows = [Row(spot.name, name, shown(theirs[0][name]), shown(theirs[1][name])) for name in theirs[0]]
    return [
        *rows,
        Row(spot.name, OURS, *(shown(report.overall.value) for report in ours)),
        Row(spot.name, GRADE, *(report.grade or "–" for report in ours)),
        Row(spot.name, PRIVACY, *(report.privacy.text("en") if report.privacy else NOTHING for report in ours)),
        Row(spot.name, SAYS, *(said(report, spot) for report in ours)),
    ]


def shown(value: float | str | None) -> str:
    """A score with three decimals, an error by its name, a dash for no number."""
    if isinstance(value, str):
        return value
    return "–" if value is None or np.isnan(value) else f"{value:.3f}"


def repeated(n_rows: int = RUN_ROWS, n_runs: int = N_RUNS) -> tuple[list[float], list[float]]:
    """Scores of both sides in several runs on the very same two tables, beyond 50,000 rows."""
    real, fresh = answers(n_rows, 1), answers(n_rows, 2)
    theirs = []
    for seed in range(n_runs):
        with numpy_seed(seed):  # the runs differ, but the same way every time
            theirs.append(sdmetrics_report(real, fresh)[TOTAL])
    return [evaluate(real, fresh, depth="quick").overall.value or 0.0 for _ in range(n_runs)], theirs


def whole_report(n_categories: int) -> Callable[[], object]:
    """Set-up of our report without models on a table with a column of so many categories."""
    real, fresh = items(n_categories, 1), items(n_categories, 2)
    return lambda: {"score": evaluate(real, fresh, depth="quick").overall.value}


def total_variation(n_categories: int) -> Callable[[], object]:
    """Set-up of sdmetrics' total variation of that one column."""
    from sdmetrics.single_column import TVComplement

    real, fresh = items(n_categories, 1)["item"], items(n_categories, 2)["item"]
    return lambda: {"score": float(TVComplement.compute(real, fresh))}


def render(rows: Iterable[Row]) -> str:
    """The page."""
    groups = {name: {row.measure: row for row in found} for name, found in groupby(rows, lambda row: row.spot)}
    lines = [_line(spot, groups[spot.name]) for spot in SPOTS if spot.name in groups]
    return HEADER + "\n".join([*lines, "", "## Runs and time", "", *_facts(groups)]) + FOOTER


def _line(spot: Spot, found: Mapping[str, Row]) -> str:
    theirs = [f"**{_change(found[m])}**" if m in spot.blind else _change(found[m]) for m in MEASURES]
    grade = found[GRADE]
    ours = f"{found[OURS].fresh} {grade.fresh} → {found[OURS].broken} {grade.broken}"
    says = found[SAYS].broken
    if found[PRIVACY].broken != found[PRIVACY].fresh:
        says = f"{found[PRIVACY].broken} {says}"
    return f"| {spot.broken} | " + " | ".join((*theirs, ours, says.replace("|", "\\|"))) + " |"


def _change(row: Row) -> str:
    return f"{row.fresh} → {row.broken}"


def _facts(groups: Mapping[str, Mapping[str, Row]]) -> Iterator[str]:
    runs, categories = groups.get("runs"), groups.get("categories")
    if runs:
        theirs, ours = runs[TOTAL], runs[OURS]
        yield (
            f"- {N_RUNS} runs on the very same two tables of {RUN_ROWS:,} rows: QualityReport between {theirs.fresh} "
            f"and {theirs.broken} (it samples 50,000 rows without a seed); ours between {ours.fresh} and {ours.broken}."
        )
    if categories:
        theirs, ours, score = (categories[name] for name in ("TVComplement", "evaluate", "score"))
        yield (
            f"- A column of {CATEGORIES[0]:,} and of {CATEGORIES[1]:,} categories (four rows each): TVComplement "
            f"of the one column takes {theirs.fresh} and {theirs.broken} CPU seconds, growing with the square; our "
            f"whole report without models takes {ours.fresh} and {ours.broken}. TVComplement of a fresh draw is "
            f"{score.fresh} there, because the noise of rare categories counts as damage; the overall score of our "
            f"report is {score.broken}."
        )


MEASURES = (TOTAL, SHAPES, PAIRS, DETECTION)
_COLUMNS = ("what was broken", *MEASURES, "ours", "what our report says")
HEADER = f"""# Blind spots

Tables that are broken in one way, and what two reports say about them: sdmetrics {SDMETRICS} (`QualityReport` with its
two properties, and `LogisticDetection`; its defaults, true metadata) and `contrapeso.quality.evaluate` with a holdout.
Every cell reads: score of an unbroken fresh draw → score of the broken one. **Bold** are the measures of sdmetrics that
do not fall by more than 0.03; `tests/unit/test_blind_spots.py` keeps that true, and says so when a newer version mends
one. A dash: it scored nothing.

Written by `python -m benchmarks quality_blind_spots` from `benchmarks/results/blind_spots.csv`; do not edit by hand.
All tables are simulated with fixed seeds, {N_ROWS:,} rows each: made to show one thing, not to rank anybody.

| {" | ".join(_COLUMNS)} |
|{"---|" * len(_COLUMNS)}
"""
FOOTER = """

## Why

- Column Pair Trends cuts each table into bins of its own, so a column that moved as a whole falls into the same bins.
- It skips every pair whose real correlation is at most 0.5 or whose real Cramér's V is at most 0.3: weak dependence
  that is lost, dependence that is not linear (`u`²) and dependence that is invented are not looked at.
- Column Shapes leaves nulls out, and rounds to 14 decimals.
- LogisticDetection fills nulls with the mean, leaves booleans out, adds up single columns without their interactions,
  and stops at a category that it has not seen.
- None of the four looks at whose rows these are: a copy of the training table scores best of all. (sdmetrics has
  `DCROverfittingProtection` for that, outside the quality score.)

## What ours does not do

- A broken rule among three columns is seen by the joint test, which is a model: `depth="quick"` leaves models out and
  does not see it. Among many sound columns it costs little score: read the findings, not only the grade.
- An unseen category in few rows, and the loss of one weak dependence, are named but cost next to no score; the unseen
  category costs less here than in QualityReport.
- A copy keeps its grade, because copied rows are good rows; the privacy gate says that they must not be released.
  Without a holdout the gate says only that privacy cannot be assessed.
"""


def read(path: Path = ROWS) -> list[Row]:
    """The rows that were kept."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


def write(rows: Sequence[Row]) -> None:
    """Keep the rows and write the page."""
    with ROWS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([field.name for field in fields(Row)])
        writer.writerows(astuple(row) for row in rows)
    PAGE.write_text(render(rows), encoding="utf-8")


def run() -> Record:
    rows = [row for spot in SPOTS for row in look(spot)]
    ours, theirs = repeated()
    rows += [
        Row("runs", TOTAL, f"{min(theirs):.4f}", f"{max(theirs):.4f}"),
        Row("runs", OURS, f"{min(ours):.4f}", f"{max(ours):.4f}"),
    ]
    few = [measure(job, {"n_categories": CATEGORIES[0]}, repeat=3) for job in (whole_report, total_variation)]
    many = compare(whole_report, total_variation, {"n_categories": CATEGORIES[1]}, repeat=5)
    rows += [
        Row("categories", "evaluate", _seconds(few[0]), _seconds(many.ours)),
        Row("categories", "TVComplement", _seconds(few[1]), _seconds(many.rival)),
        Row("categories", "score", *(f"{side.facts['score']:.3f}" for side in (many.rival, many.ours))),
    ]
    write(rows)
    runs = Case(
        f"Overall score in {N_RUNS} runs on the same {RUN_ROWS:,} rows", Spread.of(ours), "",
        rival=Spread.of(theirs), rival_name="sdmetrics QualityReport",
    )  # fmt: skip
    time = pair_case(
        f"One column of {CATEGORIES[1]:,} categories: our whole report against one number", many,
        "sdmetrics TVComplement", of="cpu", target=1.0,
    )  # fmt: skip
    return Record(
        "Blind spots of a quality score",
        f"Score lost to one damage, from a fresh draw to the broken table; {N_ROWS:,} simulated rows.",
        [*lost(rows), runs, time],
        packages=("numpy", "pandas", "lightgbm", "sdmetrics"),
        notes=(
            "docs/blind-spots.md has every number and what our report says.",
            "A copy is good data, so its grade stays; the privacy gate says that it must not be released.",
        ),
    )  # fmt: skip


def lost(rows: Sequence[Row]) -> list[Case]:
    """One case a blind spot: what the damage costs in our overall score and in sdmetrics' own."""
    found = {(row.spot, row.measure): row for row in rows}

    def cost(spot: Spot, name: str) -> Spread:
        row = found[spot.name, name]
        return Spread.of([float(row.fresh) - float(row.broken)])

    return [
        Case(f"Score lost: {spot.broken}", cost(spot, OURS), "", rival=cost(spot, TOTAL), rival_name="QualityReport")
        for spot in SPOTS
    ]


def _seconds(found: Measurement) -> str:
    return f"{found.cpu_s.median:.2g}"


__all__ = ["SPOTS", "Row", "Spot", "look", "read", "render", "repeated", "run", "tables", "write"]
