"""From the fits of a race to results, the choice, and its confirmation on untouched rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import child, generator
from contrapeso.balancing.ladder import _scores
from contrapeso.balancing.ladder._calibrate import fit_calibration, rarest
from contrapeso.balancing.ladder._choice import Candidate, Difference, corrected_error, differences, half_width, pick
from contrapeso.balancing.ladder._curves import Curve, curve_of
from contrapeso.balancing.ladder._decision import Confirmation, RungResult
from contrapeso.balancing.ladder._fit import fit_rung
from contrapeso.balancing.ladder._objective import Floats, decide
from contrapeso.balancing.ladder._question import decisions, training_rows
from contrapeso.balancing.ladder._race import Key, Race, Run
from contrapeso.balancing.ladder._rungs import Rung
from contrapeso.balancing.ladder._threshold import neutral, threshold_of, tune_offsets
from contrapeso.tables._containers import open_table

N_BOOTSTRAP = 400
TAKEN_BACK_BELOW = 0.3
"""Probability of being better on the untouched rows below which a choice is taken back."""
SIMPLE = ("none", "threshold", "calibrated")


@dataclass(frozen=True)
class Results:
    """Scores by rung and fold, the baseline and the choice."""

    race: Race
    scores: Mapping[str, Mapping[Key, float]]
    baseline: str
    differences: Mapping[str, Difference]
    choice: str
    measures: Mapping[str, Mapping[str, float]]

    def lines(self, chosen: str) -> tuple[RungResult, ...]:
        """The leaderboard: the chosen rung, then by score."""
        found = [self._line(run) for run in self.race.runs.values()]
        return tuple(sorted(found, key=lambda r: (r.name != chosen, -(r.score if r.score is not None else -np.inf))))

    def _line(self, run: Run) -> RungResult:
        rung, scores = run.rung, self.scores.get(run.rung.name, {})
        known = np.array([value for value in scores.values() if not np.isnan(value)])
        status, reason = run.status, run.reason
        if rung.derived and len(known):
            status = "measured"
        if not len(known):
            return RungResult(rung.name, rung.family, parameters(rung), status, reason, n_fits=len(run.chances))
        mean, error = float(known.mean()), corrected_error(known, test_share(self.race))
        several = len(known) > 1  # one fold says nothing of its error
        d = self.differences.get(rung.name)
        seconds = [s for key, s in run.seconds.items() if key in run.folds]
        measures = self.measures.get(rung.name, {})
        half = half_width(error, len(known))
        return RungResult(
            rung.name,
            rung.family,
            parameters(rung),
            status,
            reason,
            score=mean,
            interval=(mean - half, mean + half) if several else None,
            difference=None if d is None else d.mean,
            difference_interval=None if d is None else d.interval,
            p_better=None if d is None else d.p_better,
            seconds=float(np.mean(seconds)) if seconds else None,
            n_fits=len(run.chances),
            **{name: value for name, value in measures.items() if np.isfinite(value)},
        )

    def curves(self, chosen: str) -> tuple[Curve, ...]:
        """Of two classes: the baseline, the chosen rung and the one with the best score."""
        q = self.race.question
        if q.judge.positive is None or not self.scores:
            return ()
        best = max(self.scores, key=lambda name: float(np.nanmean([*self.scores[name].values()])))
        found = []
        for name in dict.fromkeys(("none", chosen, best)):
            rows, chances = _out_of_fold(self.race, name, repeats=(0,))
            hits = q.codes[rows] == q.judge.positive
            found.append(curve_of(name, hits, chances[:, q.judge.positive], q.weights[rows]))
        return tuple(found)


def parameters(rung: Rung) -> dict[str, object]:
    """What the rung does, as a plain dict."""
    named = {"sampler": rung.sampler, "ratio": rung.ratio, "power": rung.power, "members": rung.members}
    return {key: value for key, value in named.items() if value and (key, value) != ("members", 1)}


def test_share(race: Race) -> float:
    """Test rows over training rows of a fold."""
    folds = [fold for key, fold in race._folds.items() if key[0] == 0]
    return float(np.mean([len(fold.test) / len(fold.train) for fold in folds]))


def judge_race(race: Race) -> Results:
    """Scores of all rungs, the baseline among those that treat nothing, and the rung that the rule picks."""
    scores = {name: _scores_of(race, name) for name in race.runs if race.complete(_source(race, name))}
    scores = {name: found for name, found in scores.items() if not np.isnan([*found.values()]).all()}
    if "none" not in scores:  # the time ended before one fold, or no fold can tell
        return Results(race, {}, "none", {}, "none", {})
    baseline = _baseline(race, scores)
    paired = {name: _paired(found, scores[baseline]) for name, found in scores.items() if name != baseline}
    paired = {name: values for name, values in paired.items() if len(values) >= 2}
    rivals = {name: values for name, values in paired.items() if name not in SIMPLE}
    share = test_share(race)
    found = {
        **differences(rivals, share, race.question.judge.objective.least_gain),
        **{name: differences({name: values}, share)[name] for name, values in paired.items() if name in SIMPLE},
    }
    measures = {name: _measures(race, name) for name in scores}
    reference = measures[baseline]["brier"]
    candidates = [
        Candidate(name, race.runs[name].rung.order, found[name], values, measures[name]["brier"] / reference - 1)
        for name, values in rivals.items()
        if reference > 0
    ]
    choice = pick(candidates, race.question.judge.objective.least_gain, share) or baseline
    untreated = measures["none"]["brier"]
    for found_of in measures.values():
        if untreated > 0:
            found_of["brier_change"] = found_of["brier"] / untreated - 1
    return Results(race, scores, baseline, found, choice, measures)


def _source(race: Race, name: str) -> Run:
    """The run whose chances a rung uses: its own, or those of "none"."""
    return race.runs["none"] if race.runs[name].rung.derived else race.runs[name]


def _scores_of(race: Race, name: str) -> dict[Key, float]:
    derived = race.runs[name].rung.derived
    keys = sorted(_source(race, name).folds)
    if derived == "calibrated":
        return {key: _calibrated_score(race, key) for key in keys}
    if name == "none":
        return {key: race.score("none", key, tuned=False) for key in keys}
    return {key: race.score("none" if derived else name, key) for key in keys}


def _calibrated_score(race: Race, key: Key) -> float:
    q, test = race.question, race.tests[key]
    chances = _calibrated(race, key)
    offsets = race.offsets("none", key) if q.judge.tunes else neutral(q.n_classes)
    return q.judge.score(q.codes[test], chances, offsets, q.weights[test])


def _calibrated(race: Race, key: Key) -> Floats:
    """Chances of "none" on one fold, calibrated on the other folds of the round."""
    run, q = race.runs["none"], race.question
    others = [k for k in sorted(run.chances) if k[0] == key[0] and k != key]
    if not others:
        return run.chances[key]
    rows = np.concatenate([race.tests[k] for k in others])
    chances = np.concatenate([run.chances[k] for k in others])
    truth = q.codes[rows]
    fitted = fit_calibration(truth, chances, q.weights[rows], int(np.bincount(truth, minlength=q.n_classes).min()))
    return fitted.apply(run.chances[key])


def _baseline(race: Race, scores: Mapping[str, Mapping[Key, float]]) -> str:
    """The best of doing nothing, moving the threshold and calibrating; nothing, where the gain is below the least."""
    objective = race.question.judge.objective
    able = {"ranking": ("none",), "decision": ("none", "threshold"), "probability": ("none", "calibrated")}
    best = "none"
    for name in able[objective.kind]:
        if name in scores and name != "none":
            gains = _paired(scores[name], scores["none"])
            if len(gains) and gains.mean() > objective.least_gain:
                best = name
    return best


def _paired(scores: Mapping[Key, float], baseline: Mapping[Key, float]) -> Floats:
    keys = sorted(key for key in scores if key in baseline)
    values = np.array([scores[key] - baseline[key] for key in keys])
    return values[~np.isnan(values)] if len(values) else values


def _out_of_fold(race: Race, name: str, repeats: tuple[int, ...]) -> tuple[NDArray[np.int64], Floats]:
    keys = [key for key in sorted(_source(race, name).folds) if key[0] in repeats]
    calibrated = race.runs[name].rung.derived == "calibrated"
    parts = [_calibrated(race, key) if calibrated else _source(race, name).chances[key] for key in keys]
    return np.concatenate([race.tests[key] for key in keys]), np.concatenate(parts)


def _measures(race: Race, name: str) -> dict[str, float]:
    """The other measures, on all test rows of the first round; average precision as the mean of its folds."""
    q = race.question
    rows, chances = _out_of_fold(race, name, repeats=(0,))
    truth, weights = q.codes[rows], q.weights[rows]
    keys = [key for key in sorted(_source(race, name).folds) if key[0] == 0]
    calls = np.concatenate([_called(race, name, key) for key in keys])
    table = _scores.confusion(truth, calls, weights, q.n_classes)
    found = {
        "average_precision": _mean_precision(race, name, keys),
        "brier": _scores.brier(truth, chances, weights),
        "log_loss": _scores.log_loss(truth, chances, weights),
        "mcc": float(_scores.mcc(table)),
        "balanced_accuracy": float(_scores.balanced_accuracy(table)),
        "calibration_error": _scores.calibration_error(truth, chances, weights, q.judge.positive),
    }
    if q.judge.positive is not None:
        offsets = tune_offsets(decisions(race.question.judge), truth, chances, weights)
        found["threshold"] = 0.5 if name == "none" else threshold_of(offsets, q.judge.positive)
    costs = q.judge.objective.cost_matrix(q.n_classes)
    if costs is not None:
        found["cost"] = float((table * costs).sum() / table.sum())
    return found


def _called(race: Race, name: str, key: Key) -> NDArray[np.intp]:
    """Decisions on one fold, at the threshold of the other folds."""
    q, judge = race.question, decisions(race.question.judge)
    keys = [k for k in sorted(_source(race, name).folds) if k[0] == key[0]]
    calibrated = race.runs[name].rung.derived == "calibrated"
    part = {k: _calibrated(race, k) if calibrated else _source(race, name).chances[k] for k in keys}
    others = [k for k in keys if k != key]
    if name == "none" or not others:
        return decide(part[key], neutral(q.n_classes))
    rows = np.concatenate([race.tests[k] for k in others])
    offsets = tune_offsets(judge, q.codes[rows], np.concatenate([part[k] for k in others]), q.weights[rows])
    return decide(part[key], offsets)


def _mean_precision(race: Race, name: str, keys: list[Key]) -> float:
    q = race.question
    values = []
    for key in keys:
        test = race.tests[key]
        chances = _out_of_fold_one(race, name, key)
        values.append(_scores.average_precision(q.codes[test], chances, q.weights[test], q.judge.positive))
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def _out_of_fold_one(race: Race, name: str, key: Key) -> Floats:
    if race.runs[name].rung.derived == "calibrated":
        return _calibrated(race, key)
    return _source(race, name).chances[key]


def confirm(race: Race, results: Results) -> tuple[str, Confirmation | None, str | None]:
    """(rung, confirmation, rung that was taken back) after one look at the untouched rows."""
    chosen, rows = results.choice, race.plan.untouched
    if chosen in SIMPLE or not len(rows):
        return chosen, None, None
    q = race.question
    names = dict.fromkeys((results.baseline, chosen))
    chances = {name: race.clock.heed(partial(_on_untouched, race, name)) for name in names}
    offsets = {name: _offsets_for(race, name) for name in chances}

    def score(name: str, part: NDArray[np.intp]) -> float:
        at = rows[part]
        return q.judge.score(q.codes[at], chances[name][part], offsets[name], q.weights[at])

    everyone = np.arange(len(rows))
    rng = generator(child(q.seed, 40))
    gains: list[float] = []
    strata = strata_of(q.codes[rows], race.plan.units[rows] if race.plan.grouped else everyone)
    for _ in range(N_BOOTSTRAP):
        race.clock.check()
        part = np.concatenate([_resampled(units, rng) for units in strata])
        gains.append(score(chosen, part) - score(results.baseline, part))
    p_better = float(np.mean((np.sign(gains) + 1) / 2))  # a tie is one half
    low, high = np.quantile(gains, [0.025, 0.975])
    holds = p_better >= TAKEN_BACK_BELOW
    found = Confirmation(
        len(rows),
        int(np.bincount(q.codes[rows])[np.unique(q.codes[rows])].min()),
        score(chosen, everyone),
        score(results.baseline, everyone),
        (float(low), float(high)),
        p_better,
        holds,
    )
    return (chosen, found, None) if holds else (results.baseline, found, chosen)


def strata_of(codes: NDArray[np.intp], units: NDArray[np.int64]) -> list[list[NDArray[np.intp]]]:
    """Rows of each unit, the units by the rarest class that they hold: what a bootstrap draws, and from where."""
    rarity = np.empty(codes.max() + 1, dtype=np.int64)
    rarity[np.argsort(np.bincount(codes), kind="stable")] = np.arange(len(rarity))
    order = np.argsort(units, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(units[order])) + 1)
    found: dict[int, list[NDArray[np.intp]]] = {}
    for rows in members:
        found.setdefault(int(rarity[codes[rows]].min()), []).append(rows)
    return [found[rank] for rank in sorted(found)]


def _resampled(units: list[NDArray[np.intp]], rng: np.random.Generator) -> NDArray[np.intp]:
    """Rows of as many units as there are, drawn with replacement."""
    drawn = rng.integers(len(units), size=len(units))
    rows = np.concatenate(units)
    return rows[drawn] if len(rows) == len(units) else np.concatenate([units[k] for k in drawn])


def _on_untouched(race: Race, name: str) -> Floats:
    q, plan = race.question, race.plan
    rung = race.runs[_source(race, name).rung.name].rung
    train = training_rows(q, plan.development, child(q.seed, 50))
    fitted = fit_rung(rung, q.estimator, train, given_weights=q.given_weights)
    chances = fitted.chances(train.encode(open_table(q.table.take(plan.untouched))))
    if race.runs[name].rung.derived != "calibrated":
        return chances
    rows, known = race.pooled("none")
    truth = q.codes[rows]
    fit = fit_calibration(truth, known, q.weights[rows], rarest(truth, rows))
    return fit.apply(chances)


def _offsets_for(race: Race, name: str) -> Floats:
    q = race.question
    if name == "none" or not q.judge.tunes:
        return neutral(q.n_classes)
    rows, chances = _out_of_fold(race, name, tuple({key[0] for key in _source(race, name).folds}))
    return tune_offsets(q.judge, q.codes[rows], chances, q.weights[rows])


__all__ = ["Results", "confirm", "judge_race", "strata_of"]
