"""Synthetic bank movements against later real ones: fidelity by category, and whether they are worth making.

Three real tables and three simulated companies, cut in time: 70 % of the rows to learn from, the rest to judge by.
``python -m benchmarks finance`` measures all of it; a part::

    python -m benchmarks.finance --makers pattern_based,bootstrap --tables mc_2021 --seeds 2
    python -m benchmarks.finance --render

Numbers are kept in ``results/finance_fidelity.csv`` and ``results/finance_worth.csv``; what is there is not measured
again unless ``--anew`` is given. The rivals need ``CONTRAPESO_RIVALS_PYTHON`` (see ``_finance_rivals.py``).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import pandas as pd

from benchmarks._docs import write
from benchmarks._finance_makers import OURS, RIVALS, STAND_INS, made_by, make
from benchmarks._finance_tables import TABLES, measured_categories, opened, split
from benchmarks._record import RESULTS, BenchmarkError, Case, Record, Spread, save
from contrapeso.finance.evaluation import TARGETS, fidelity, realism, worth

FIDELITY, WORTH = RESULTS / "finance_fidelity.csv", RESULTS / "finance_worth.csv"
MAKERS = (*OURS, *STAND_INS, *RIVALS)
SLOW_TABLES = ("ceaps_2020", "calderdale", "company 7", "company 11")
"""Tables that CTGAN is not fitted to; a slow rival has one seed too."""
EXAMPLES = (3, 12)
WORTH_TABLES = ("mc_2021", "company 2026", "company 7", "company 11")
INTERVALS = (
    "Fidelity: spread over the seeds. Minority F1: the point with its interval of 95 %, over three cuts in time and "
    "the seeds, clustered by payee or by day, whichever is wider."
)
WORDS = {
    "day": "day of the month, JSD excess (nats)", "amount": "amount, W1 excess (sd)",
    "rounding": "rounding step, TV excess", "repeated": "repeated amounts, excess of the gap",
    "closed": "share on closed days where the real is 0", "sign": "sign coherence",
    "auc": "C2ST AUC, n >= 30",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured; nothing but the page where ``render`` is set."""

    makers: tuple[str, ...] = MAKERS
    tables: tuple[str, ...] = tuple(TABLES)
    seeds: int = 10
    worth: bool = True
    render: bool = False
    anew: bool = False


def measure_fidelity(maker: str, table: str, seed: int) -> list[dict[str, object]]:
    """A row for each category, and one of the whole table whose category is empty."""
    train, later = split(table)
    made, seconds = made_by(maker, train, measured_categories(train, later), seed)
    start = process_time()
    report = fidelity(train, later, made, random_state=seed)
    scores = realism(train, later, made, random_state=seed)
    key = {"maker": maker, "table": table, "seed": seed}
    rows: list[dict[str, object]] = []
    for one in report.categories:
        score = scores.categories[one.category].score
        facts = {"n_train": one.n_train, "n_later": one.n_later, "n_made": one.n_made, "copies": one.copies}
        rows.append(key | {"category": one.category} | facts | one.measured() | {
            "auc_floor": one.auc_floor,
            "repeats": one.repeats, "realism": score,
        })  # fmt: skip
    whole = {"grams": report.grams.excess if report.grams else None, "make_s": seconds, "n_made": len(made)}
    return [*rows, key | {"category": "", "measure_s": process_time() - start} | whole]


def measure_worth(table: str, examples: int, methods: Sequence[str], seeds: int) -> list[dict[str, object]]:
    """A row for each treatment."""
    report = worth(opened(table), make, methods=methods, seeds=seeds, examples=examples)
    rows: list[dict[str, object]] = []
    for one in report.treatments:
        gaps = {"none": one.against_none, "weights": one.against_weights}
        ends = {f"{part}_{name}": getattr(gap, part) for name, gap in gaps.items() for part in ("value", "low", "high")}
        rows.append({
            "table": table, "examples": examples, "treatment": one.treatment, "minority_f1": one.minority_f1,
            "macro_f1": one.macro_f1, "majority_f1": one.majority_f1, **ends, "verdict": one.verdict,
            "verdict_weights": one.verdict_against_weights, "alarm": one.treatment in report.alarms,
            "seeds": seeds, "n_test": report.n_test,
        })  # fmt: skip
    return rows


def measure_all(asked: Asked) -> list[str]:
    """Everything asked for that is not kept yet; sentences on what could not be measured."""
    skipped: list[str] = []
    for maker in asked.makers:
        for table in asked.tables:
            skipped += _measure(maker, table, asked)
    if asked.worth:
        methods = [name for name in asked.makers if name not in RIVALS]
        for table in set(asked.tables) & set(WORTH_TABLES):
            for examples in EXAMPLES:
                found = pd.DataFrame(measure_worth(table, examples, methods, min(asked.seeds, 10)))
                _keep(WORTH, found, ["table", "examples", "treatment"])
    return skipped


def _measure(maker: str, table: str, asked: Asked) -> list[str]:
    if maker == "ctgan" and table in SLOW_TABLES:
        return [f"{maker} is not fitted to {table}: it would take hours of one core."]
    known = _kept(FIDELITY)
    there = set() if known.empty or asked.anew else set(
        known.loc[(known["maker"] == maker) & (known["table"] == table), "seed"]
    )  # fmt: skip
    for seed in range(1 if maker in RIVALS else asked.seeds):
        if seed in there:
            continue
        try:
            found = pd.DataFrame(measure_fidelity(maker, table, seed))
        except BenchmarkError as error:
            return [f"{maker} on {table} was not measured: {error}."]
        _keep(FIDELITY, found, ["maker", "table", "seed", "category"])
        print(maker, table, seed, file=sys.stderr, flush=True)
    return []


def _kept(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path).fillna({"category": ""})
    except FileNotFoundError:
        return pd.DataFrame()


def _keep(path: Path, found: pd.DataFrame, key: list[str]) -> None:
    """Add rows to a file; newer ones take the place of older ones of the same key."""
    both = pd.concat([frame for frame in (_kept(path), found) if len(frame)], ignore_index=True)
    both.drop_duplicates(key, keep="last").sort_values(key).to_csv(path, index=False, float_format="%.6g")


# -- the page ----------------------------------------------------------------------------------------------------------


def fidelity_cases(known: pd.DataFrame) -> list[Case]:
    """A case for each maker, metric and table: the spread over the seeds of the mean over the categories."""
    cases = []
    for maker in [name for name in MAKERS if name in set(known["maker"])]:
        for table in [name for name in TABLES if name in set(known["table"])]:
            part = known[(known["maker"] == maker) & (known["table"] == table)]
            by_category = part[part["category"] != ""]
            for metric, words in WORDS.items():
                values = by_category.groupby("seed")[metric].mean().dropna()
                if len(values):
                    cases.append(_case(maker, table, metric, words, values, by_category))
            copies = by_category.groupby("seed")["copies"].sum()
            if len(copies):
                target = 0.0 if maker in OURS else None
                cases.append(
                    Case(f"{maker}, {table}: exact copies of training rows", Spread.of(copies), "rows", target)
                )
    return cases


def _case(maker: str, table: str, metric: str, words: str, values: pd.Series, by_category: pd.DataFrame) -> Case:
    better = "higher" if metric == "sign" else "lower"
    floor = by_category[f"{metric}_floor"].mean() if metric.startswith("auc") else float("nan")
    note = f"Training rows against later rows: {floor:.2f}." if floor == floor else ""
    target = TARGETS.get(metric) if maker in OURS else None  # type: ignore[call-overload]
    return Case(f"{maker}, {table}: {words}", Spread.of(values), "", target, better, note=note)  # type: ignore[arg-type]


def worth_cases(known: pd.DataFrame) -> list[Case]:
    """A case for each method, table and number of examples: points of minority F1 over none, over class weights."""
    cases = []
    wanted = {3: (6.0, 2.0), 12: (-0.5, -0.5)}
    for row in known.itertuples():
        if row.treatment in {"none"}:
            continue
        for name, target in zip(("none", "weights"), wanted[row.examples], strict=True):
            gap = Spread(*(100 * getattr(row, f"{part}_{name}") for part in ("value", "low", "high")), n=2)
            claim = f"{row.treatment}, {row.table}, {row.examples} examples: minority F1 over {name}"
            aim = target if row.treatment in OURS else None
            cases.append(Case(claim, gap, "pp", aim, "higher"))
    return cases


def record(skipped: Sequence[str] = ()) -> Record:
    """The page of all that is kept."""
    known, gains = _kept(FIDELITY), _kept(WORTH)
    if known.empty:
        raise BenchmarkError("No table of movements is measured; the shared tables may be absent.")
    seconds = known[known["category"] == ""].groupby("maker")["make_s"].sum()
    spent = "; ".join(f"{maker} {value:.1f} s" for maker, value in seconds.items())
    return Record(
        "Synthetic bank movements",
        "Each maker learns from the first 70 % of the rows of a table and gives as many of each category with 12 rows "
        "or more on both sides; fidelity is measured against the last 30 %. Excesses are over the distance of "
        "bootstrap samples of the training rows, of equal size; targets are judged on the mean over the categories.",
        [*fidelity_cases(known), *(worth_cases(gains) if len(gains) else [])],
        packages=("numpy", "scikit-learn", "lightgbm"),
        notes=(f"Processor seconds to make all rows of all tables and seeds: {spent}.", INTERVALS, *skipped),
    )  # fmt: skip


def run(asked: Asked | None = None) -> Record:
    """Measure what is asked for and make the record of all that is kept."""
    wanted = asked or Asked()
    return record([] if wanted.render else measure_all(wanted))


def from_arguments(words: Sequence[str] | None = None) -> Asked:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.finance")
    parser.add_argument("--makers", default=",".join(MAKERS), help="comma-separated; default: %(default)s")
    parser.add_argument("--tables", default=",".join(TABLES), help="comma-separated; default: %(default)s")
    parser.add_argument("--seeds", type=int, default=10, help="default: %(default)d; rivals have one")
    parser.add_argument("--no-worth", action="store_true", help="measure fidelity only")
    parser.add_argument("--render", action="store_true", help="measure nothing, only write the record and the page")
    parser.add_argument("--anew", action="store_true", help="measure again what is kept")
    given = parser.parse_args(words)
    makers, tables = tuple(given.makers.split(",")), tuple(given.tables.split(","))
    unknown = sorted((set(makers) - set(MAKERS)) | (set(tables) - set(TABLES)))
    if unknown:
        raise BenchmarkError(
            f"There is no {', '.join(unknown)}; makers: {', '.join(MAKERS)}; tables: {', '.join(TABLES)}."
        )
    return Asked(makers, tables, given.seeds, not given.no_worth, given.render, given.anew)


if __name__ == "__main__":
    save("finance", run(from_arguments()))
    print(f"wrote {write().name}", file=sys.stderr)
