"""Models trained on real and on synthetic rows: how they decide on each group, and what re-weighting changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics import Features, assign_groups, each, fit_trees
from contrapeso.metrics._fairness import (
    FOUR_FIFTHS,
    MIN_GROUP,
    Decisions,
    Weighted,
    bootstrap_interval,
    decision_rates,
    fidelity,
    gap,
    odds_gap,
    weighted_auc,
)
from contrapeso.metrics._reweigh import Goal, reweigh
from contrapeso.quality._fairness_groups import Groups
from contrapeso.quality._fairness_quality import clipped, to_mix
from contrapeso.quality._samples import Sample, Samples
from contrapeso.quality._sections import Mitigation, Reading

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Bools = NDArray[np.bool_]
N_REFITS = 5
_STREAM = 11  # the same draws before and after
_GAPS: tuple[tuple[str, Literal["odds", "selection"]], ...] = (
    ("equalized_odds_difference", "odds"),
    ("selection_rate_difference", "selection"),
)
_GOALS: tuple[Goal, ...] = ("real_shares", "independent", "minimum")


@dataclass(frozen=True, slots=True)
class Training:
    """Rows to train a model on: features without the target, truth (positive or not), class and weights."""

    features: Features
    truth: Bools
    klass: Codes
    keys: NDArray[np.uint64]
    weights: Floats

    def take(self, at: Codes | Bools) -> Training:
        """Some of the rows."""
        return Training(self.features.take(at), self.truth[at], self.klass[at], self.keys[at], self.weights[at])


@dataclass(frozen=True, slots=True)
class Models:
    """Two models (trained on real and on completed synthetic rows) on the same fresh rows.

    ``real`` and ``synthetic`` are scores (1 + N_REFITS, n): of the model, then of refits with a fifth of its
    training rows left out. ``completed`` are the synthetic rows at ``own`` and the real rows at ``added``, of the
    classes that the synthetic table lacks; ``kept`` marks the fresh rows whose class is known.
    """

    train: Training
    completed: Training
    own: Codes
    added: Codes
    kept: Bools
    truth: Bools
    tested: Features
    real: Floats
    synthetic: Floats
    n_chosen: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rates (3, 2, G) by group of both models, and what the readings need: gaps on draws and on refits."""

    rates: Floats
    rows: Floats
    draws: Floats
    refits: Floats
    auc: Floats


def fit_models(samples: Samples, positive: int, n_jobs: int, rng: np.random.Generator) -> Models | None:
    """Both models and their refits; None where either truth has fewer than 30 rows to train or to test on."""
    if samples.target is None:
        return None
    null = len(samples.labels) - 1
    train = _training(samples.whole_train, samples.target, positive, null)
    fresh = samples.whole_fresh
    kept = fresh.klass != null
    truth = fresh.klass[kept] == positive
    if min(_smaller_side(train.truth), _smaller_side(truth)) < MIN_GROUP:
        return None
    completed, own, added = _completed(samples, samples.target, train, positive)
    if own.size < MIN_GROUP or _smaller_side(completed.truth) < 1:
        return None
    tested = fresh.features.take(kept).without(samples.target)
    jobs = [*_refits(train, rng), *_refits(completed, rng)]
    scores = np.array(each(lambda job: _fitted(job, tested, samples.seed), jobs, n_jobs))
    n_chosen = round(float(train.truth.mean()) * truth.size)
    half = N_REFITS + 1
    return Models(train, completed, own, added, kept, truth, tested, scores[:half], scores[half:], n_chosen)


def _smaller_side(truth: Bools) -> int:
    return int(min(truth.sum(), (~truth).sum()))


def _training(sample: Sample, target: int, positive: int, null: int) -> Training:
    at = np.flatnonzero(sample.klass != null)
    klass = sample.klass[at]
    return Training(
        sample.features.take(at).without(target), klass == positive, klass, sample.keys[at], np.ones(at.size)
    )


def _completed(samples: Samples, target: int, train: Training, positive: int) -> tuple[Training, Codes, Codes]:
    """Synthetic rows, and real rows of the classes that they lack, each class weighted to its share in ``train``.

    Also the positions of both in their samples.
    """
    size = len(samples.labels)
    null = size - 1
    shares = np.bincount(train.klass, minlength=size).astype(np.float64)
    synthetic = samples.synthetic
    own = np.flatnonzero((synthetic.klass != null) & (shares[synthetic.klass] > 0))
    has = np.bincount(synthetic.klass[own], minlength=size) > 0
    whole = samples.whole_train
    added = np.flatnonzero((whole.klass != null) & ~has[whole.klass])
    klass = np.concatenate([synthetic.klass[own], whole.klass[added]])
    features = synthetic.features.take(own).stacked(whole.features.take(added)).without(target)
    keys = np.concatenate([synthetic.keys[own], whole.keys[added]])
    weights = to_mix(klass, shares)
    return Training(features, klass == positive, klass, keys, weights / weights.mean()), own, added


def _refits(training: Training, rng: np.random.Generator) -> list[Training]:
    """All rows, then the rows without each fifth."""
    fifth = assign_groups(training.keys, training.klass, N_REFITS, rng)
    return [training, *(training.take(fifth != k) for k in range(N_REFITS))]


def _fitted(training: Training, tested: Features, seed: int) -> Floats:
    trees = fit_trees(training.features, training.truth, "binary", weights=training.weights, seed=seed)
    return trees.predict(tested)


def _chosen(scores: Floats, n: int) -> Bools:
    """The ``n`` rows with the highest score (more where some are equal)."""
    found: Bools = scores >= np.partition(scores, scores.size - n)[scores.size - n]
    return found


def outcome_of(models: Models, samples: Samples, groups: Groups, rng: np.random.Generator) -> Outcome:
    """Decisions of both models by group: the rows themselves, bootstrap draws of them, and the refits."""
    group = groups.of(samples, "whole_fresh")[models.kept]
    chosen = [[_chosen(row, models.n_chosen) for row in side] for side in (models.real, models.synthetic)]

    def count(first: int, second: int) -> Decisions:
        return Decisions.of(group, groups.size, models.truth, chosen[0][first], chosen[1][second])

    main = count(0, 0)
    left_out = [count(k, 0) for k in range(1, N_REFITS + 1)], [count(0, k) for k in range(1, N_REFITS + 1)]
    refits = np.stack(
        [decision_rates(np.stack([one.counts for one in side]))[:, m] for m, side in enumerate(left_out)], axis=1
    )
    rates, rows, draws = decision_rates(main.counts), main.rows, decision_rates(main.draws(rng))
    shown = slice(0, len(groups.names))
    auc = np.array([_group_auc(models, group == k) for k in range(len(groups.names))])
    return Outcome(rates[..., shown], rows[shown], draws[..., shown], refits[..., shown], auc)


def _group_auc(models: Models, here: Bools) -> tuple[float, float]:
    """AUC of both models in a group; NaN with fewer than 30 rows of either truth."""
    if _smaller_side(models.truth[here]) < MIN_GROUP:
        return float("nan"), float("nan")
    truth = models.truth[here]
    return weighted_auc(models.real[0][here], truth)[0], weighted_auc(models.synthetic[0][here], truth)[0]


def outcome_readings(outcome: Outcome) -> Iterator[Reading]:
    """Equalised-odds and selection gaps of the model from synthetic rows, beside those of the model from real rows."""
    odds = _gap_of(outcome, "odds")
    if odds is None:
        yield Reading("equalized_odds_difference", None, reason="group_too_small")
    else:
        yield odds.reading("equalized_odds_difference")
        yield odds.change("equalized_odds_change")
    selection = _gap_of(outcome, "selection")
    if selection is None:
        yield Reading("selection_rate_difference", None, reason="group_too_small")
    else:
        yield selection.reading("selection_rate_difference")
    known = ~np.isnan(outcome.auc[:, 1]) if outcome.auc.size else np.zeros(0, dtype=bool)
    if known.any():
        real, synthetic = outcome.auc[known].min(axis=0)
        yield Reading("worst_group_auc", float(synthetic), reference=float(real))


@dataclass(frozen=True, slots=True)
class ModelGap:
    """A gap between groups: of both models (2,), on draws (2, B), on refits (2, N_REFITS)."""

    value: Floats
    draws: Floats
    refits: Floats

    def reading(self, name: str) -> Reading:
        """The gap of the model from synthetic rows, beside that of the model from real rows."""
        value = float(self.value[1])
        interval = bootstrap_interval(value, self.draws[1], self._training_variance(1))
        return Reading(name, value, interval, float(self.value[0]))

    def change(self, name: str) -> Reading:
        """How much larger the gap is; both models decide on the same rows."""
        value = float(self.value[1] - self.value[0])
        variance = self._training_variance(0) + self._training_variance(1)
        return Reading(name, value, bootstrap_interval(value, self.draws[1] - self.draws[0], variance, low=-1.0), 0.0)

    def _training_variance(self, model: int) -> float:
        """Variance by the choice of training rows: delete-a-fifth jackknife."""
        return float((N_REFITS - 1) * self.refits[model].var())


def _gap_of(outcome: Outcome, kind: Literal["odds", "selection"]) -> ModelGap | None:
    """The equalised-odds or the selection gap; None where fewer than two groups are large enough."""

    def of(rates: Floats) -> Floats:
        return odds_gap(rates, outcome.rows) if kind == "odds" else gap(rates[0], outcome.rows.sum(axis=1) >= MIN_GROUP)

    if (outcome.rows.sum(axis=1) >= MIN_GROUP).sum() < 2:
        return None
    value = of(outcome.rates)
    return None if np.isnan(value).any() else ModelGap(value, of(outcome.draws), of(outcome.refits))


def mitigations_of(
    models: Models, samples: Samples, groups: Groups, outcome: Outcome, n_jobs: int
) -> tuple[Mitigation, ...]:
    """The table again after each re-weighting: what it does to fairness, and what it costs."""
    train_groups = groups.of(samples, "whole_train")
    real = train_groups[samples.whole_train.klass != len(samples.labels) - 1]
    ours = np.concatenate([groups.of(samples, "synthetic")[models.own], train_groups[models.added]])
    weights = {goal: _new_weights(goal, models, ours, real) for goal in _GOALS}
    used = {goal: found for goal, found in weights.items() if found is not None}

    def fit(found: Floats) -> Floats:
        return _fitted(replace(models.completed, weights=found), models.tested, samples.seed)

    scores = each(fit, list(used.values()), n_jobs)
    state = _State(samples, groups, models, ours, real, outcome.refits)
    before = state.readings(models.completed.weights, models.synthetic[0])
    return tuple(
        Mitigation(f"reweigh_{goal}", before, state.readings(found, score))
        for (goal, found), score in zip(used.items(), scores, strict=True)
    )


def _new_weights(goal: Goal, models: Models, ours: Codes, real: Codes) -> Floats | None:
    """Weights of the completed rows; None where no group is below its minimum: 4/5 of its real share, 30 rows."""
    training = models.completed
    if goal == "independent":
        return reweigh(ours, training.truth, goal, weights=training.weights)
    if goal == "real_shares":
        return reweigh(
            ours, training.klass, goal, real_groups=real, real_labels=models.train.klass, weights=training.weights
        )
    size = int(max(ours.max(), real.max())) + 1
    share = np.bincount(real, minlength=size) / real.size
    rows = np.bincount(ours, minlength=size)
    wanted = np.where(share > 0, np.maximum(FOUR_FIFTHS * share * ours.size, MIN_GROUP), 0.0)
    below = (rows < wanted) & (rows > 0)
    if not below.any():
        return None
    raised = np.where(below, wanted / np.maximum(rows, 1), 1.0)
    found: Floats = training.weights * raised[ours] / np.average(raised[ours], weights=training.weights)
    return found


@dataclass(frozen=True, slots=True)
class _State:
    """What is read before and after a re-weighting; ``refits`` (of the model before) stand for the training noise."""

    samples: Samples
    groups: Groups
    models: Models
    ours: Codes
    real: Codes
    refits: Floats

    def readings(self, weights: Floats, scores: Floats) -> tuple[Reading, ...]:
        """Fairness of the rows and of the model, its AUC, and the fidelity of the rows, with these weights."""
        return (self._data(weights), *self._model(scores), self._fidelity(weights))

    def _data(self, weights: Floats) -> Reading:
        name = "demographic_parity_difference"
        size = self.groups.size
        enough = np.minimum(np.bincount(self.ours, minlength=size), np.bincount(self.real, minlength=size)) >= MIN_GROUP
        enough[len(self.groups.names) :] = False
        if enough.sum() < 2:
            return Reading(name, None, reason="group_too_small")
        rates = []
        for codes, truth, mass in (
            (self.ours, self.models.completed.truth, weights),
            (self.real, self.models.train.truth, self.models.train.weights),
        ):
            total = np.bincount(codes, weights=mass, minlength=size)
            rates.append(np.bincount(codes, weights=mass * truth, minlength=size) / np.maximum(total, 1e-300))
        return Reading(name, float(gap(rates[0], enough)), reference=float(gap(rates[1], enough)))

    def _model(self, scores: Floats) -> Iterator[Reading]:
        models = self.models
        group = self.groups.of(self.samples, "whole_fresh")[models.kept]
        chosen = [_chosen(part, models.n_chosen) for part in (models.real[0], scores)]
        found = Decisions.of(group, self.groups.size, models.truth, chosen[0], chosen[1])
        shown = slice(0, len(self.groups.names))
        rates, draws = (
            decision_rates(found.counts)[..., shown],
            decision_rates(found.draws(self.samples.rng(_STREAM)))[..., shown],
        )
        outcome = Outcome(rates, found.rows[shown], draws, self.refits, np.empty((0, 2)))
        for name, kind in _GAPS:
            one = _gap_of(outcome, kind)
            yield Reading(name, None, reason="group_too_small") if one is None else one.reading(name)
        auc, error = weighted_auc(scores, models.truth)
        reference, _ = weighted_auc(models.real[0], models.truth)
        yield Reading("auc", auc, clipped(auc - 1.96 * error, auc + 1.96 * error), reference)

    def _fidelity(self, weights: Floats) -> Reading:
        training, models = self.models.completed, self.models
        zeros = np.zeros(training.klass.size, dtype=np.intp)
        real = Weighted(models.train.features, models.train.weights, np.zeros(models.train.klass.size, dtype=np.intp))
        fresh, n = models.tested, models.tested.n_rows
        sides = Weighted(training.features, weights, zeros), Weighted(fresh, np.ones(n), np.zeros(n, dtype=np.intp))
        columns = range(training.features.n_columns)
        value, reference = (float(np.clip(fidelity(real, side, columns)[0], 0.0, 1.0)) for side in sides)
        return Reading("fidelity", value, reference=reference)


__all__ = ["Models", "Outcome", "fit_models", "mitigations_of", "outcome_of", "outcome_readings"]
