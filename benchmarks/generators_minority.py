"""The rarest class made as large as the largest: our conditional generators against SMOTENC and nothing.

A stratified half of the table is learnt, the rows that a method adds join it, and classifiers trained on the lot are
scored by average precision (rarest class) on the other half: LightGBM and logistic regression at their defaults. The
new rows themselves are told from the held-out rows of their class by the judge of ``generators`` (C2ST AUC).
``none`` adds nothing; ``weights`` adds nothing and weighs the classes (``class_weight="balanced"``).
A part: ``python -m benchmarks.generators_minority --families none,SMOTENC,Autoregressive --tables german --seeds 0``.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from benchmarks._generation import c2st_auc, coded, conformed, judge_name
from benchmarks._generation_plan import Asked, command_line, from_environment, jobs
from benchmarks._generation_runs import fitted
from benchmarks._generation_tables import Split, stratified_halves
from benchmarks._record import RESULTS, BenchmarkError, Case, Record, Spread

ROWS = RESULTS / "generators_minority.csv"
TABLES = {
    "bank": "Bank Marketing", "default": "Default", "german": "German", "mammography": "Mammography",
    "page_blocks": "Page Blocks",
}  # fmt: skip
WITHOUT = ("none", "weights")
SAMPLER = "SMOTENC"
OURS = ("Autoregressive", "Mixture", "ConditionalGAN")
DEFAULT = OURS[0]
RATIO = 1.0
"""Rows of the rarest class, the new ones included, for every row of the largest: what samplers do by default."""
PLAN = tuple(jobs(((*WITHOUT, SAMPLER, *OURS), TABLES, "half", range(5))))


@dataclass(frozen=True, slots=True)
class Augmented:
    """Average precision after one method on one table and seed; what it cost; how its rows were told apart."""

    method: str
    table: str
    seed: int
    n_minority: int
    n_new: int
    trees_ap: float
    linear_ap: float
    c2st: float | None
    fit_cpu_s: float | None
    judge: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes it this measurement and no other."""
        return self.method, self.table, self.seed


def load() -> list[Augmented]:
    """Kept measurements."""
    if not ROWS.is_file():
        return []
    whole, texts = {"seed", "n_minority", "n_new"}, {"method", "table", "judge"}

    def parsed(name: str, text: str) -> Any:
        if name in texts:
            return text
        return None if text == "" else int(text) if name in whole else float(text)

    with ROWS.open(encoding="utf-8", newline="") as file:
        return [Augmented(**{name: parsed(name, text) for name, text in row.items()}) for row in csv.DictReader(file)]


def keep(found: Augmented) -> None:
    """Add a measurement to the file; one of the same method, table and seed is replaced."""
    merged = {one.key: one for one in [*load(), found]}
    with ROWS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Augmented)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(merged[key]) for key in sorted(merged))


def measure(method: str, table: str, seed: int) -> Augmented:
    """One method on one table and seed."""
    parts = stratified_halves(table, seed)
    counts = parts.train[parts.target].value_counts()
    label, n_minority = counts.index[-1], int(counts.iloc[-1])
    n_new = max(0, round(RATIO * int(counts.iloc[0])) - n_minority)
    new, cost = rows_of(method, parts, label, n_new, seed)
    weighed = method == "weights"
    train = pd.concat([parts.train, new], ignore_index=True) if len(new) else parts.train
    trees_ap, linear_ap = scores(train, parts, label, seed, weighed=weighed)
    return Augmented(
        method, table, seed, n_minority, len(new), trees_ap, linear_ap, told_apart(new, parts, label, seed), cost,
        judge_name(),
    )  # fmt: skip


def rows_of(method: str, parts: Split, label: Any, n_new: int, seed: int) -> tuple[pd.DataFrame, float | None]:
    """``n_new`` rows of class ``label`` by ``method``, and the processor seconds of a fit."""
    if method in WITHOUT or n_new == 0:
        return parts.train.head(0), None
    if method == SAMPLER:
        return smote_rows(parts, label, n_new, seed), None
    assert parts.target is not None
    value = label.item() if isinstance(label, np.generic) else label
    extra = ["--target", parts.target, "--per-class", json.dumps([[value, n_new]])]
    facts, made = fitted(method, parts, n_new, seed, extra=extra)
    if len(made) != n_new or not (made[parts.target] == label).all():
        raise BenchmarkError(f"{method} was asked for {n_new} rows of class {label!r} and made something else.")
    return conformed(made, parts), float(facts["fit_cpu_s"])


def smote_rows(parts: Split, label: Any, n_new: int, seed: int) -> pd.DataFrame:
    """Rows by SMOTENC, or by SMOTE where every feature is a number."""
    from contrapeso.samplers import SMOTE, SMOTENC

    assert parts.target is not None
    X, y = parts.train.drop(columns=parts.target), parts.train[parts.target]
    categories = [name for name in parts.of("category") if name != parts.target]
    strategy = {label: int((y == label).sum()) + n_new}
    options: dict[str, Any] = {"sampling_strategy": strategy, "random_state": seed, "n_jobs": 1}
    sampler = SMOTENC(categories, **options) if categories else SMOTE(**options)
    made, labels = sampler.fit_resample(X, y)
    return made.assign(**{parts.target: labels}).iloc[len(X) :][list(parts.train)].reset_index(drop=True)


def scores(train: pd.DataFrame, parts: Split, label: Any, seed: int, *, weighed: bool) -> tuple[float, float]:
    """Average precision of class ``label`` on the held-out half: LightGBM, logistic regression."""
    from lightgbm import LGBMClassifier

    assert parts.target is not None
    kinds = {name: kind for name, kind in parts.kinds.items() if name != parts.target}
    y, truth = (frame[parts.target] == label for frame in (train, parts.held))
    fit, test = (np.hstack([numbers, codes]) for numbers, codes in coded([train, parts.held], kinds))
    options = {"class_weight": "balanced"} if weighed else {}
    boosted = LGBMClassifier(random_state=seed, n_jobs=1, verbose=-1, **options).fit(fit, y)
    linear = logistic(kinds, options).fit(train[list(kinds)], y)
    chances = boosted.predict_proba(test)[:, 1], linear.predict_proba(parts.held[list(kinds)])[:, 1]
    first, second = (float(average_precision_score(truth, chance)) for chance in chances)
    return first, second


def logistic(kinds: Any, options: dict[str, Any]) -> Any:
    """Logistic regression on standardised numbers and one-hot categories."""
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [name for name, kind in kinds.items() if kind == "number"]
    categories = [name for name, kind in kinds.items() if kind == "category"]
    views = [("n", StandardScaler(), numbers), ("c", OneHotEncoder(handle_unknown="ignore"), categories)]
    return make_pipeline(ColumnTransformer(views), LogisticRegression(max_iter=1000, **options))


def told_apart(new: pd.DataFrame, parts: Split, label: Any, seed: int) -> float | None:
    """AUC by which the new rows are told from the held-out rows of their class."""
    if not len(new):
        return None
    real = parts.held[parts.held[parts.target] == label]
    kinds = {name: kind for name, kind in parts.kinds.items() if name != parts.target}
    return c2st_auc(real[list(kinds)], conformed(new, parts)[list(kinds)], kinds, seed)


def only(found: Iterable[Augmented], method: str, table: str) -> dict[int, Augmented]:
    """Measurements of a method on a table by seed."""
    return {one.seed: one for one in found if (one.method, one.table) == (method, table)}


def table_cases(found: Sequence[Augmented], table: str) -> list[Case]:
    """Every method's figures on a table, and the default's gain over SMOTENC seed by seed."""
    cases = []
    for method in (*WITHOUT, SAMPLER, *OURS):
        runs = list(only(found, method, table).values())
        if runs:
            cases += _figures(runs, f"{method}, {TABLES[table]} ({runs[0].n_minority:,} of the rarest class learnt)")
    ours, theirs = only(found, DEFAULT, table), only(found, SAMPLER, table)
    seeds = sorted(ours.keys() & theirs.keys())
    if seeds:
        for name, field in (("LightGBM", "trees_ap"), ("logistic regression", "linear_ap")):
            gains = [getattr(ours[seed], field) - getattr(theirs[seed], field) for seed in seeds]
            claim = f"{DEFAULT} less {SAMPLER}, {TABLES[table]}: average precision, {name}"
            cases.append(Case(claim, Spread.of(gains), "", 0.0, "higher", note=_mean(gains)))
    return cases


def _figures(runs: Sequence[Augmented], title: str) -> list[Case]:
    cases = []
    for name, field in (("LightGBM", "trees_ap"), ("logistic regression", "linear_ap")):
        values = [getattr(one, field) for one in runs]
        what = f"{title}: average precision, {name}"
        cases.append(Case(what, Spread.of(values), "", None, "higher", note=_mean(values)))
    told = [one.c2st for one in runs if one.c2st is not None]
    if told:
        cases.append(Case(f"{title}: C2ST AUC of the new rows", Spread.of(told), "", note=_mean(told)))
    return cases


def _mean(values: Sequence[float]) -> str:
    if len(values) < 2:
        return "One seed."
    error = stdev(values) / len(values) ** 0.5
    return f"Mean {fmean(values):.4f}, standard error {error:.4f}, {len(values)} seeds."


def record(found: Sequence[Augmented]) -> Record:
    """The page of all kept measurements."""
    if not found:
        raise BenchmarkError("No measurement of minority augmentation is kept; measure some first.")
    return Record(
        "Generated minority rows",
        "Rows of the rarest class added to a stratified half until there are as many as of the largest; average "
        "precision of the rarest class on the other half.",
        [case for table in TABLES for case in table_cases(found, table)],
        packages=("numpy", "pandas", "scikit-learn", "lightgbm", "torch"),
        notes=(
            f"C2ST by {', '.join(sorted({one.judge for one in found}))}; SMOTENC is ours, SMOTE where all is numeric.",
            "Default of our generators: Autoregressive; the target is that it is not worse.",
        ),
    )


def run(asked: Asked | None = None) -> Record:
    """Measure what is asked for and make the record of all that is kept."""
    wanted, failed = list(filter((asked or from_environment()).takes, PLAN)), 0
    for method, table, _, seed in wanted:
        try:
            found = measure(method, table, seed)
        except BenchmarkError as error:
            print(f"{method} {table} {seed}: not measured: {error}", file=sys.stderr)
            failed += 1
            continue
        keep(found)
        print(found, file=sys.stderr, flush=True)
    if failed and failed == len(wanted):
        raise BenchmarkError(f"None of the {failed} runs that were asked for could be measured.")
    return record(load())


if __name__ == "__main__":
    command_line("generators_minority", run)
