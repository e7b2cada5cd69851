"""``worth`` ("Vale a pena?"): whether made rows help a classifier on later rows, against cheaper treatments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import numpy as np

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Ledger
from contrapeso.finance._text import normalize_description
from contrapeso.finance.evaluation._fidelity import Language
from contrapeso.finance.evaluation._grams import row_keys
from contrapeso.finance.evaluation._learner import Model, mean_f1
from contrapeso.finance.evaluation._make import Make
from contrapeso.finance.evaluation._paired import Difference, Run, Scores, scored
from contrapeso.finance.evaluation._splits import Cut, check_tested, largest_of, payees, slice_of, temporal_cuts
from contrapeso.finance.evaluation._treatments import CHEAP, NOTHING, WEIGHTS, Bench, Outcome, carried_out, rows_wanted

Verdict: TypeAlias = Literal["ajuda", "empate", "prejudica"]
METHODS = ("pattern_based", "smote", "synthetic")
LEAST_GAIN = 0.005
MOST_LOSS = 0.01
ALARM = 0.10
LEAST_DRAWS = 50


@dataclass(frozen=True, slots=True)
class Judged:
    """One treatment beside doing nothing and beside class weights.

    Attributes
    ----------
    treatment : its name.
    minority_f1, macro_f1, majority_f1 : mean over the cuts and seeds.
    against_none, against_weights : paired differences of the minority macro-F1.
    macro_against_none, macro_against_weights, majority_against_none : paired differences of the other two.
    verdict : 'ajuda', 'empate' or 'prejudica' beside doing nothing.
    verdict_against_weights : the same beside class weights.
    alarm : whether a gain is so large that a leak is likelier than a success.
    """

    treatment: str
    minority_f1: float
    macro_f1: float
    majority_f1: float
    against_none: Difference
    against_weights: Difference
    macro_against_none: Difference
    macro_against_weights: Difference
    majority_against_none: Difference
    verdict: Verdict
    verdict_against_weights: Verdict
    alarm: bool

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain | {name: value.to_dict() for name, value in plain.items() if isinstance(value, Difference)}


@dataclass(frozen=True, slots=True)
class WorthReport:
    """The answer to "Vale a pena?".

    Attributes
    ----------
    treatments : every treatment, the cheap ones first.
    recommendation : the cheapest treatment that nothing else beats beyond doubt.
    verdict : whether making rows helps beside the best of none and class weights: that of the best method.
    minority : the categories that minority F1 is a mean over.
    n_cuts, n_seeds, n_test : cuts, seeds, distinct later rows.
    strata : treatment -> minority F1 on rows of payees that were seen, and of those that were not.
    asked, given : rows wanted and made by method, over all runs.
    leaks : made rows that equal a later row which no training row equals (day, amount, text), by method.
    near : made rows of the amount, payee and month of a later row, in a month after that of the cut, by method.
    examples : most training rows of each minority category, where they were thinned.
    """

    treatments: tuple[Judged, ...]
    recommendation: str
    verdict: Verdict
    minority: tuple[str, ...]
    n_cuts: int
    n_seeds: int
    n_test: int
    strata: Mapping[str, Mapping[str, float | None]]
    asked: Mapping[str, int]
    given: Mapping[str, int]
    leaks: Mapping[str, int]
    near: Mapping[str, int]
    examples: int | None
    scores: Scores = field(repr=False)

    def of(self, treatment: str) -> Judged:
        """One treatment.

        Raises
        ------
        InvalidParameterError
            If it was not compared.
        """
        for judged in self.treatments:
            if judged.treatment == treatment:
                return judged
        names = ", ".join(one.treatment for one in self.treatments)
        raise InvalidParameterError(f"There is no treatment {treatment!r} in this comparison; there are: {names}.")

    @property
    def alarms(self) -> tuple[str, ...]:
        """Treatments whose gain is above 10 points, or whose rows equal later ones."""
        leaky = {name for found in (self.leaks, self.near) for name, n in found.items() if n}
        return tuple(one.treatment for one in self.treatments if one.alarm or one.treatment in leaky)

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "scores"}
        return plain | {"treatments": [one.to_dict() for one in self.treatments], "alarms": list(self.alarms)}

    def describe(self, language: Language = "pt") -> str:
        """The answer and a line for each treatment, in words."""
        from contrapeso.finance.evaluation._words import worth_lines

        return "\n".join(worth_lines(self, language))


def worth(
    ledger: Ledger,
    make: Make,
    *,
    methods: Sequence[str] = METHODS,
    cuts: int = 3,
    seeds: int | Sequence[int] = 3,
    ratio: float = 0.5,
    examples: int | None = None,
    minority: Sequence[str] | None = None,
    model: Model = "svc",
    n_draws: int = 400,
) -> WorthReport:
    """Whether made rows help a classifier on later rows, against doing nothing, class weights, threshold, copies.

    Everything is learnt from the rows before a cut in time: the classifier, its numbers of the text, and what ``make``
    learns. The later rows are real.

    Parameters
    ----------
    ledger : Ledger
        Real rows with categories.
    make : callable ``make(train, category, n, method, seed) -> Ledger``
        It is given the rows before the cut only.
    methods : sequence of str, default ("pattern_based", "smote", "synthetic")
        Names that are handed to ``make``.
    cuts : int, default 3
        Rolling cuts in time, from half to three quarters of the rows; the quarter after each is the test.
    seeds : int or sequence of int, default 3
        Seeds 0 .. seeds - 1 of the rows that are made and thinned.
    ratio : float, default 0.5
        Rows of each minority category after balancing, over those of the largest category.
    examples : int, optional
        Keep at most so many training rows of each minority category: how it would be with so few.
    minority : sequence of str, optional
        Categories to balance; those with a tenth of the rows or fewer where not given.
    model : {"svc", "logistic"}, default "svc"
    n_draws : int, default 400
        Draws of payees, and of days, for the intervals.

    Returns
    -------
    WorthReport

    Raises
    ------
    InvalidParameterError
        If an option is outside its rule.
    InsufficientDataError
        If the rows cannot be cut in time (under 20 of them, or two categories on both sides nowhere), or no later row
        is of a category to balance.
    """
    asked = Asked(tuple(methods), _seeds(seeds), ratio, examples, None if minority is None else tuple(minority), model)
    asked.check()
    if n_draws < LEAST_DRAWS:
        raise InvalidParameterError(f"n_draws must be {LEAST_DRAWS} or more; got {n_draws!r}.")
    divided = temporal_cuts(ledger, cuts)
    runs, outcomes = _all_runs(ledger, divided, make, asked)
    rng = generator(seed_sequence(0), 5)
    scores = scored(runs, payees(ledger), ledger.days.astype(np.int64), rng, n_draws)
    level = 1 - 0.05 / len(asked.methods)
    judged = tuple(_judge(scores, name, level if name in methods else 0.95) for name in scores.treatments)
    leaks, near = _leaks(ledger, runs, divided, outcomes, methods)
    return WorthReport(
        judged, _recommended(scores, judged, level), _verdict_of_methods(judged, methods),
        minority=tuple(sorted({name for run in runs for name in run.minority})),
        n_cuts=len(divided), n_seeds=len(asked.seeds),
        n_test=len(np.unique(np.concatenate([cut.test for cut in divided]))),
        strata=_strata(runs, divided),
        asked={name: sum(one.asked[name] for one in outcomes) for name in methods},
        given={name: sum(one.given[name] for one in outcomes) for name in methods},
        leaks=leaks, near=near, examples=examples, scores=scores,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a comparison."""

    methods: tuple[str, ...]
    seeds: tuple[int, ...]
    ratio: float
    examples: int | None
    minority: tuple[str, ...] | None
    model: Model

    def check(self) -> None:
        """Raise ``InvalidParameterError`` where an option is outside its rule."""
        once = 0 < len(self.methods) == len(set(self.methods))
        for name, right, value in (
            ("seeds must name one or more", bool(self.seeds), self.seeds),
            ("methods must name one or more, each once", once, self.methods),
            ("methods must not be a cheap treatment", not set(self.methods) & set(CHEAP), self.methods),
            ("ratio must be above 0 and at most 1", 0 < self.ratio <= 1, self.ratio),
            ("examples must be 1 or more", self.examples is None or self.examples >= 1, self.examples),
            ("model must be svc or logistic", self.model in get_args(Model), self.model),
        ):
            if not right:
                raise InvalidParameterError(f"{name}; got {value!r}.")


def _seeds(seeds: int | Sequence[int]) -> tuple[int, ...]:
    return tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)


def _all_runs(ledger: Ledger, divided: Sequence[Cut], make: Make, asked: Asked) -> tuple[list[Run], list[Outcome]]:
    """Every treatment at every cut and seed."""
    runs, outcomes = [], []
    for i, cut in enumerate(divided):
        truth = ledger.categories[cut.test].astype(str)
        majority = largest_of(ledger.categories[cut.train].astype(str), truth)
        for seed in asked.seeds:
            train, names = slice_of(ledger, cut, asked.minority, asked.examples, seed)
            bench = Bench(train, ledger.take(cut.test), rows_wanted(train, names, asked.ratio), asked.model, seed)
            outcome = carried_out(bench, make, asked.methods)
            runs.append(Run(i, seed, cut.test, truth, names, majority, outcome.labels))
            outcomes.append(outcome)
    check_tested(bool(np.isin(run.truth, run.minority).any()) for run in runs)
    return runs, outcomes


def _judge(scores: Scores, name: str, level: float) -> Judged:
    gaps = {
        (measure, other): scores.difference(name, other, measure, level)
        for measure in ("minority_f1", "macro_f1", "majority_f1")
        for other in (NOTHING, WEIGHTS)
    }
    gain, gain_weights = gaps["minority_f1", NOTHING], gaps["minority_f1", WEIGHTS]
    largest = max(gaps[measure, WEIGHTS].value for measure in ("minority_f1", "macro_f1"))
    return Judged(
        name,
        scores.of(name, "minority_f1"), scores.of(name, "macro_f1"), scores.of(name, "majority_f1"),
        gain, gain_weights, gaps["macro_f1", NOTHING], gaps["macro_f1", WEIGHTS], gaps["majority_f1", NOTHING],
        verdict_of(gain, gaps["majority_f1", NOTHING]),
        verdict_of(gain_weights, gaps["majority_f1", WEIGHTS]),
        name not in CHEAP and max(largest, gaps["macro_f1", NOTHING].value) > ALARM,
    )  # fmt: skip


def verdict_of(minority: Difference, majority: Difference) -> Verdict:
    """'ajuda' where the minority gains beyond doubt and the largest category loses no point; 'prejudica' where it
    loses beyond doubt, or the largest category loses more than a point beyond doubt; else 'empate'.

    Differences under half a point are ties whatever their interval.
    """
    if majority.high < -MOST_LOSS or (minority.high < 0 and minority.value <= -LEAST_GAIN):
        return "prejudica"
    helps = minority.low > 0 and minority.value >= LEAST_GAIN and not majority.value < -MOST_LOSS
    return "ajuda" if helps else "empate"


def _recommended(scores: Scores, judged: Sequence[Judged], level: float) -> str:
    """The cheapest treatment that no other beats beyond doubt."""
    best = NOTHING
    for one in judged:
        gain = scores.difference(one.treatment, best, "minority_f1", level)
        loss = scores.difference(one.treatment, best, "majority_f1", level)
        if one.treatment != best and verdict_of(gain, loss) == "ajuda":
            best = one.treatment
    return best


def _verdict_of_methods(judged: Sequence[Judged], methods: Sequence[str]) -> Verdict:
    """The best that a method does beside both doing nothing and class weights."""
    order: tuple[Verdict, ...] = ("prejudica", "empate", "ajuda")
    worse = [
        min(order.index(one.verdict), order.index(one.verdict_against_weights))
        for one in judged
        if one.treatment in methods
    ]
    return order[max(worse)]


def _strata(runs: Sequence[Run], cuts: Sequence[Cut]) -> dict[str, dict[str, float | None]]:
    """Minority F1 on rows whose payee was seen and on the others; None where no such row is of a minority."""
    found: dict[str, dict[str, float | None]] = {}
    for name in runs[0].labels:
        values: dict[str, list[float]] = {"seen": [], "cold": []}
        for run in runs:
            for stratum, rows in (("seen", cuts[run.cut].seen), ("cold", ~cuts[run.cut].seen)):
                values[stratum].append(mean_f1(run.truth[rows], run.labels[name][rows], run.minority))
        found[name] = {key: _mean_of_known(scores) for key, scores in values.items()}
    return found


def _mean_of_known(scores: Sequence[float]) -> float | None:
    known = [score for score in scores if np.isfinite(score)]
    return float(np.mean(known)) if known else None


def _leaks(
    ledger: Ledger, runs: Sequence[Run], cuts: Sequence[Cut], outcomes: Sequence[Outcome], methods: Sequence[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Made rows that can only come from the later rows: equal ones, and ones of the same amount, payee and month."""
    exact, near = dict.fromkeys(methods, 0), dict.fromkeys(methods, 0)
    whole, loose = row_keys(ledger), _near_keys(ledger)
    for run, outcome in zip(runs, outcomes, strict=True):
        train, test = cuts[run.cut].train, cuts[run.cut].test
        only = {whole[i] for i in test} - {whole[i] for i in train}
        last = int(cuts[run.cut].day.astype("datetime64[M]").astype(np.int64))
        only_near = {loose[i] for i in test if loose[i][0] > last}
        for name in methods:
            exact[name] += sum(key in only for key in row_keys(outcome.made[name]))
            near[name] += sum(key in only_near for key in _near_keys(outcome.made[name]))
    return exact, near


def _near_keys(ledger: Ledger) -> list[tuple[int, int, str]]:
    months = ledger.days.astype("datetime64[M]").astype(np.int64)
    texts = {text: normalize_description(text) for text in set(ledger.descriptions)}
    return [
        (int(month), int(cents), key or texts[text])
        for month, cents, key, text in zip(months, ledger.cents, payees(ledger), ledger.descriptions, strict=True)
    ]


__all__ = ["METHODS", "Judged", "Verdict", "WorthReport", "verdict_of", "worth"]
