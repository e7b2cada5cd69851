"""What the synthetic rows are worth for training models, beside what other real rows are worth: a report section.

Three models are trained for each question and tested on the same fresh real rows: on one half of the real training
rows, on the other half, and on synthetic rows. The three training sets have equally many rows of each class. The other
half is the reference: it says what equally many real rows would have scored.

Two questions: every column from all others (the overall score), and the target (its own classes and its own mix).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from contrapeso.metrics import Features, assign_groups, each
from contrapeso.metrics._importance import ImportanceDrift, importance_drift, importance_shares
from contrapeso.metrics._replicates import N_GROUPS, deletions, jackknife_error
from contrapeso.metrics._usefulness import (
    MIN_GAIN,
    Learnt,
    Measure,
    Target,
    brier_score,
    learn,
    measure,
    model_kinds,
    rank_agreement,
    recalls,
    relative_score,
)
from contrapeso.quality._samples import Sample, Samples
from contrapeso.quality._sections import (
    ClassRecall,
    ColumnImportance,
    ColumnUse,
    Importance,
    Interval,
    ModelUse,
    Reading,
    Score,
    TargetUse,
    Usefulness,
)

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

_STREAM = 22
_Z = 1.959964
MAX_TARGETS = 20
MAX_TRAIN = 5_000
MAX_TEST = 5_000  # for every column; the target is tested on all fresh rows
ENOUGH_TRAIN = 2_000  # with fewer rows the halves are drawn several times, as one draw is mostly noise
MAX_REPEATS = 5
MIN_CLASS = 5  # synthetic rows that a class needs to be trained on; below, it counts as lacking
# trees and leaves: measured on 4 tables, as good as 60 of 15 or better at half the time; few rows want small trees,
# and only larger ones find a parity every time
SMALL, LARGE = (40, 7), (30, 15)
EXPLAINED_ROWS = 1_000
COMPARED_ROWS = 2_000  # training rows where kinds of models are compared
MIN_EXAMPLES = 10
MIN_TOTAL_GAIN = 0.1  # a table of which real rows predict next to nothing says nothing about synthetic ones
MAX_ERROR = 0.12  # a score whose interval is a quarter of [0, 1] to either side says too little for a grade
REAL, OTHER, SYNTHETIC = 0, 1, 2


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows to train on, with weights."""

    X: Features
    weights: Floats


_Sets = tuple[_Rows, _Rows, _Rows]


@dataclass(frozen=True, slots=True)
class _Test:
    """Fresh real rows; ``weights`` (1 + G, n) are of all of them, then without each of the row groups."""

    X: Features
    weights: Floats

    @classmethod
    def of(cls, sample: Sample, rng: np.random.Generator) -> _Test:
        group = assign_groups(sample.keys, sample.klass, N_GROUPS, rng)
        return cls(sample.features, deletions(N_GROUPS)[:, group] * sample.weights)


def assess_usefulness(
    samples: Samples, kinds: Mapping[str, str], *, n_jobs: int = 1, seeds: int = 5
) -> tuple[Usefulness, float]:
    """Usefulness of the synthetic rows for training, and the standard error of its score (0 without a score).

    The score is the mean of the target's and of the overall score; one alone where the other is absent.

    Parameters
    ----------
    samples : Samples
    kinds : mapping of column to kind
        Columns of kind ``text`` are no targets.
    n_jobs : int, optional (default=1)
        Threads; the answer is the same for any number.
    seeds : int, optional (default=5)
        Draws of the training rows for the target.

    Returns
    -------
    Usefulness, float
        ``score`` is None with the reason ``nothing_predictable`` where real rows predict no column either, or
        ``insufficient_data`` where chance alone would decide it.
    """
    overall, overall_error, columns = _assess_columns(samples, kinds, n_jobs)
    target, target_error, importance = _assess_target(samples, n_jobs, seeds)
    parts = [(overall, overall_error)] + ([(target.score, target_error)] if target else [])
    score, error = _mean(parts)
    n_train = min(MAX_TRAIN, samples.train.n_rows // 2)
    n_rows = (n_train, samples.fresh.n_rows, min(n_train, samples.synthetic.n_rows))
    return Usefulness(score, samples.against, n_rows, target, overall, columns, importance), error


def _mean(parts: Sequence[tuple[Score, float]]) -> tuple[Score, float]:
    """Mean of the scores that there are. They share their test rows, so the errors add up in the worst case."""
    known = [(score.value, score.ceiling, error) for score, error in parts if score.value is not None]
    if not known:
        return Score(None, reason=parts[0][0].reason), 0.0
    value, error = float(np.mean([k[0] for k in known])), float(np.mean([k[2] for k in known]))
    ceilings = [k[1] for k in known if k[1] is not None]
    return Score(value, _interval(value, error), float(np.mean(ceilings)) if ceilings else None), error


def _interval(value: float, error: float, low: float = 0.0) -> Interval:
    return max(low, value - _Z * error), min(1.0, value + _Z * error)


# every column from all others


def _assess_columns(
    samples: Samples, kinds: Mapping[str, str], n_jobs: int
) -> tuple[Score, float, tuple[ColumnUse, ...]]:
    """Overall score, its error, and the columns."""
    train = samples.train
    targets = [Target.of(train.features, k, train.weights) for k in _chosen(samples, kinds)]
    n_train = min(MAX_TRAIN, train.n_rows // 2, samples.synthetic.n_rows)
    usable = [target for target in targets if target is not None and _has_examples(target, train, n_train)]
    n_repeats = int(np.clip(-(-ENOUGH_TRAIN // n_train), 1, MAX_REPEATS))
    mix = np.bincount(samples.synthetic.klass).astype(np.float64)
    drawn = [
        _training_sets(train, samples.synthetic, mix, samples.rng(_STREAM, 1, k), complete=False)[0]
        for k in range(n_repeats)
    ]
    sets = [three for three in drawn if three is not None]
    if not sets or not usable:
        return Score(None, reason="nothing_predictable"), 0.0, ()
    fresh = _some(samples.fresh, min(1.0, MAX_TEST / samples.fresh.n_rows), samples.rng(_STREAM, 9))
    test = _Test.of(fresh, samples.rng(_STREAM, 2))
    found = each(lambda item: _tried(item[1], item[0], test), product(sets, usable), n_jobs)
    values = np.array(found).reshape(len(sets), len(usable), 3, N_GROUPS + 1)
    uses = [_column_use(t, v, samples.names) for t, v in zip(usable, values.mean(axis=0), strict=True)]
    score, error = _overall(usable, values)
    return score, error, tuple(use for use in uses if use is not None)


def _chosen(samples: Samples, kinds: Mapping[str, str]) -> list[int]:
    """Columns to predict: all, or the target and others by seed, 20 in all."""
    able = [k for k, name in enumerate(samples.names) if kinds.get(name) != "text"]
    if len(able) <= MAX_TARGETS:
        return able
    by_name = sorted(able, key=lambda k: samples.names[k])
    drawn = [by_name[k] for k in samples.rng(_STREAM, 3).permutation(len(by_name))]
    first = [samples.target] if samples.target in able else []
    return sorted([*first, *(k for k in drawn if k != samples.target)][:MAX_TARGETS])


def _training_sets(
    train: Sample, synthetic: Sample, mix: Floats, rng: np.random.Generator, *, complete: bool
) -> tuple[_Sets | None, bool]:
    """Real rows, other real rows and synthetic rows, equally many of each class, weighted to the class ``mix``.

    With ``complete`` a class without (enough) synthetic rows is trained on the first real rows in all three sets, and
    the second answer says so; otherwise it is left out. None where no class has rows for all three.
    """
    half = assign_groups(train.keys, train.klass, 2, rng)
    shuffled = np.argsort(train.keys, kind="stable")[rng.permutation(train.n_rows)]
    made = np.argsort(synthetic.keys, kind="stable")[rng.permutation(synthetic.n_rows)]
    scale = min(1.0, MAX_TRAIN / max(1, train.n_rows // 2))
    parts: list[tuple[list[tuple[Sample, Codes]], float]] = []
    completed = False
    for label in np.flatnonzero(mix):
        of_class = shuffled[train.klass[shuffled] == label]
        real, other = of_class[half[of_class] == 0], of_class[half[of_class] == 1]
        own = made[synthetic.klass[made] == label]
        rows = [(train, real), (train, other), (synthetic, own)]
        if complete and own.size < MIN_CLASS:
            rows, completed = [(train, real)] * 3, True
        n = min(int(np.ceil(real.size * scale)), *(at.size for _, at in rows))
        if n:
            parts.append(([(sample, at[:n]) for sample, at in rows], float(mix[label])))
    if not parts:
        return None, completed
    return (_gathered(parts, REAL), _gathered(parts, OTHER), _gathered(parts, SYNTHETIC)), completed


def _gathered(parts: Sequence[tuple[list[tuple[Sample, Codes]], float]], side: int) -> _Rows:
    chosen = [(sides[side][0].features.values[sides[side][1]], share) for sides, share in parts]
    values = np.concatenate([rows for rows, _ in chosen])
    weights = np.concatenate([np.full(len(rows), share / len(rows)) for rows, share in chosen])
    X = parts[0][0][0][0].features
    return _Rows(replace(X, values=values), weights * (weights.size / weights.sum()))


def _tried(target: Target, sets: _Sets, test: _Test) -> Floats:
    """The measure of the three models on the test rows and without each group, (3, 1 + G)."""
    y = target.read(test.X)
    return np.array([measure(target, y, _learn(target, rows).predict(test.X), test.weights) for rows in sets])


def _learn(target: Target, rows: _Rows) -> Learnt:
    n_trees, n_leaves = _size(rows)
    return learn(target, rows.X, rows.weights, n_trees=n_trees, n_leaves=n_leaves)


def _size(rows: _Rows) -> tuple[int, int]:
    return LARGE if rows.weights.size >= ENOUGH_TRAIN else SMALL


def _column_use(target: Target, values: Floats, names: Sequence[str]) -> ColumnUse | None:
    """A column with what the three models (3, 1 + G) score; None where the fresh rows cannot be scored."""
    real, other, synthetic = (float(value) for value in values[:, 0])
    if np.isnan(values[:, 0]).any():
        return None
    score = relative_score(synthetic, real, target.dummy) if _predictable(target, values[REAL]) else None
    return ColumnUse(
        column=names[target.column],
        measure=target.measure,
        dummy=target.dummy,
        real=real,
        synthetic=synthetic,
        ceiling=other,
        score=score,
        reason=None if score is not None else "column_not_predictable",
    )


def _has_examples(target: Target, train: Sample, n_train: int) -> bool:
    """Whether a training set of ``n_train`` rows holds ten of the rarer class: with fewer, chance decides it."""
    if target.measure != "auc":
        return True
    values = train.features.values[:, target.column]
    _, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return bool(counts.size and counts.min() / max(train.n_rows, 1) * n_train >= MIN_EXAMPLES)


def _predictable(target: Target, values: Floats) -> bool:
    """Whether a gain (1 + G,) is at least 0.03 and two standard errors."""
    gain = values[0] - target.dummy
    return bool(gain >= max(MIN_GAIN, 2 * float(np.nan_to_num(jackknife_error(values), nan=np.inf))))


def _overall(targets: Sequence[Target], values: Floats) -> tuple[Score, float]:
    """Gain-weighted mean of the relative scores over its real-vs-real value; ``values`` (repeats, columns, 3, 1 + G).

    Either half of the real rows takes the part of the real rows once and of the others once.
    """
    mean = values.mean(axis=0)
    kept = [k for k, t in enumerate(targets) if _predictable(t, mean[k, REAL]) or _predictable(t, mean[k, OTHER])]
    if not kept:
        return Score(None, reason="nothing_predictable"), 0.0
    dummies = np.array([targets[k].dummy for k in kept])
    if (mean[kept, :2, 0].mean(axis=1) - dummies).sum() < MIN_TOTAL_GAIN:
        return Score(None, reason="nothing_predictable"), 0.0
    ratios = _global_ratio(mean[kept] - dummies[:, None, None])
    # a score that is clipped to 0 in every replicate looks sure; what it was clipped from is not
    error = float(max(jackknife_error(ratios), jackknife_error(_unclipped_ratio(mean[kept] - dummies[:, None, None]))))
    if len(values) > 1:  # the draws of the training rows
        draws = np.array([_global_ratio(one[kept] - dummies[:, None, None])[0] for one in values])
        error = float(np.hypot(error, _draw_error(draws)))
    else:  # what the training rows do is seen in how the two real halves differ
        gains = mean[kept, :2, 0] - dummies[:, None]
        apart = np.linalg.norm(gains[:, REAL] - gains[:, OTHER])
        error = float(np.hypot(error, apart / max(gains.sum() / 2, 1e-9)))
    return _scored(float(ratios[0]), error, 1.0)


def _scored(ratio: float, error: float, ceiling: float) -> tuple[Score, float]:
    """A score and its error; none where chance alone decides it."""
    if error > MAX_ERROR:
        return Score(None, reason="insufficient_data"), 0.0
    value = float(np.clip(ratio, 0.0, 1.0))
    return Score(value, _interval(value, error), ceiling), error


def _global_ratio(gains: Floats) -> Floats:
    """Global utility over its real-vs-real value, (1 + G,), of gains (columns, 3, 1 + G)."""
    won, reachable = np.zeros(gains.shape[2]), np.zeros(gains.shape[2])
    for real, other in ((REAL, OTHER), (OTHER, REAL)):
        weight = np.maximum(gains[:, real], 0.0)
        won += np.clip(gains[:, SYNTHETIC], 0.0, weight).sum(axis=0)  # weight times the clipped relative score
        reachable += np.clip(gains[:, other], 0.0, weight).sum(axis=0)
    ratio: Floats = np.divide(won, reachable, out=np.zeros_like(won), where=reachable > 0)
    return ratio


def _unclipped_ratio(gains: Floats) -> Floats:
    """The ratio of all gains as they are, (1 + G,)."""
    reachable = np.maximum(gains[:, [REAL, OTHER]].mean(axis=1).sum(axis=0), 1e-9)
    ratio: Floats = gains[:, SYNTHETIC].sum(axis=0) / reachable
    return ratio


# the target


def _assess_target(samples: Samples, n_jobs: int, seeds: int) -> tuple[TargetUse | None, float, Importance | None]:
    """The target, the error of its score, and the drift of importances; None without a target."""
    if samples.target is None:
        return None, 0.0, None
    name = samples.names[samples.target]
    null = len(samples.labels) - 1
    train, fresh, synthetic = (
        _with_classes(sample, samples.target, null)
        for sample in (samples.whole_train, samples.whole_fresh, samples.synthetic.unweighted())
    )
    counts = np.bincount(train.klass, minlength=null + 1).astype(np.float64)
    drawn = [_training_sets(train, synthetic, counts, samples.rng(_STREAM, 4, k), complete=True) for k in range(seeds)]
    sets = [three for three, _ in drawn if three is not None]
    completed = drawn[0][1]
    classes = _class_order(counts, synthetic.klass if completed else None)
    if not sets or classes.size < 2 or np.unique(fresh.klass).size < 2:
        measured_as: Measure = "auc" if classes.size <= 2 else "log_loss_gain"
        return TargetUse(name, measured_as, Score(None, reason="one_class")), 0.0, None
    trial = _Trial(
        target=Target.of_classes(samples.target, classes),
        test=_Test.of(fresh, samples.rng(_STREAM, 5)),
        labels=tuple(samples.labels[int(k)] for k in classes),
        completed=completed,
    )
    ratio = min(1.0, sets[0][0].weights.size / train.n_rows)
    items = [(three, _some(synthetic, ratio, samples.rng(_STREAM, 6, k))) for k, three in enumerate(sets)]
    runs = each(lambda item: trial.run(*item), items, n_jobs)
    found, error = trial.report(name, runs)
    if found.score.value is None:
        return found, 0.0, None
    few = (_few(sets[0][REAL], samples.rng(_STREAM, 8)), _few(sets[0][SYNTHETIC], samples.rng(_STREAM, 8)))
    kinds = _kinds(trial, *few)
    agreement = rank_agreement([k.real for k in kinds], [k.synthetic for k in kinds])
    importance = _importance(name, trial, runs[0], samples)
    return replace(found, models=kinds, rank_agreement=agreement), error, importance


def _with_classes(sample: Sample, column: int, null: int) -> Sample:
    """Rows with a class, which stands in the target column; all count once."""
    known = np.flatnonzero(sample.klass != null)
    kept = sample.take(known).unweighted()
    values = kept.features.values.copy()
    values[:, column] = kept.klass
    return replace(kept, features=replace(kept.features, values=values))


def _class_order(counts: Floats, made: Codes | None) -> Floats:
    """Classes of the real rows, most frequent first; where only some were ``made`` and there are many, those first.

    Of many classes the first eight are told apart, and they should be the ones in question.
    """
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    if made is not None and order.size > 2:
        order = order[np.argsort(~np.isin(order, made), kind="stable")]
    return order.astype(np.float64)


def _some(sample: Sample, share: float, rng: np.random.Generator) -> Sample:
    canonical = np.argsort(sample.keys, kind="stable")
    return sample.take(canonical[rng.permutation(sample.n_rows)[: round(share * sample.n_rows)]])


@dataclass(frozen=True, slots=True)
class _Run:
    """One draw of the training rows.

    ``values`` (4, 1 + G) of the real, other, synthetic and augmented model, ``brier`` (2, 1 + G) of the real and the
    synthetic one, ``recall`` (3, n_classes) of the real, synthetic and augmented one, ``trts`` of the real one on
    synthetic rows (None where these lack classes).
    """

    values: Floats
    brier: Floats
    recall: Floats
    trts: float | None
    models: tuple[Learnt, Learnt, Learnt]


@dataclass(frozen=True, slots=True)
class _Trial:
    """The target, the fresh rows, the names of its classes, and whether synthetic rows lack some."""

    target: Target
    test: _Test
    labels: tuple[str, ...]
    completed: bool

    def run(self, sets: _Sets, added: Sample) -> _Run:
        """Models of the three sets, and of the real one with synthetic rows ``added``."""
        real, other, synthetic = (_learn(self.target, rows) for rows in sets)
        both = _Rows(sets[REAL].X.stacked(added.features), np.ones(sets[REAL].weights.size + added.n_rows))
        augmented = _learn(self.target, both)
        y = self.target.read(self.test.X)
        said = [model.predict(self.test.X) for model in (real, other, synthetic, augmented)]
        return _Run(
            values=np.array([measure(self.target, y, p, self.test.weights) for p in said]),
            brier=np.array([brier_score(self.target, y, said[k], self.test.weights) for k in (REAL, SYNTHETIC)]),
            recall=np.array([recalls(self.target, y, said[k], self.test.weights[0]) for k in (REAL, SYNTHETIC, 3)]),
            trts=None if self.completed else self._trts(real, sets[SYNTHETIC]),
            models=(real, other, synthetic),
        )

    def _trts(self, real: Learnt, synthetic: _Rows) -> float | None:
        y = self.target.read(synthetic.X)
        value = float(measure(self.target, y, real.predict(synthetic.X), synthetic.weights[None])[0])
        return None if np.isnan(value) else value

    def report(self, name: str, runs: Sequence[_Run]) -> tuple[TargetUse, float]:
        """The runs together, and the error of the score."""
        values = np.array([run.values for run in runs])
        gains = values.mean(axis=0) - self.target.dummy
        readings = self._readings(runs, values)
        best = (values[:, REAL] + values[:, OTHER]).mean(axis=0) / 2
        if not _predictable(self.target, best):
            score, error = Score(None, reason="target_not_predictable"), 0.0
        else:
            real = best - self.target.dummy
            ratio = gains[SYNTHETIC] / np.maximum(real, 1e-9)
            draws = (values[:, SYNTHETIC, 0] - self.target.dummy) / real[0]
            error = float(np.hypot(jackknife_error(ratio), _draw_error(draws)))
            ceiling = float(np.clip(gains[OTHER, 0] / real[0], 0.0, 1.0))
            score, error = _scored(float(ratio[0]), error, ceiling)
        return (
            TargetUse(
                name, self.target.measure, score, readings, recalls=self._recalls(runs), completed=self.completed
            ),
            error,
        )

    def _readings(self, runs: Sequence[_Run], values: Floats) -> tuple[Reading, ...]:
        """What the models score, with intervals over draws and fresh rows, each beside the real one's."""
        low = 0.0 if self.target.measure == "auc" else -np.inf
        means = values[:, :, 0].mean(axis=0)
        intervals = [_spread(values[:, k], low) for k in range(4)]
        brier = np.array([run.brier for run in runs])
        briers = brier[:, :, 0].mean(axis=0)
        trts = [run.trts for run in runs if run.trts is not None]
        back = float(np.mean(trts)) if trts else None
        reason = None if trts else ("classes_missing" if self.completed else "one_class")
        return (
            Reading("tstr", float(means[SYNTHETIC]), intervals[SYNTHETIC], float(means[REAL])),
            Reading("trtr", float(means[REAL]), intervals[REAL], float(means[OTHER])),
            Reading("trts", back, None, float(means[REAL]), reason),
            Reading("augmented", float(means[3]), intervals[3], float(means[REAL])),
            Reading("brier_synthetic", float(briers[1]), _spread(brier[:, 1], 0.0), float(briers[0])),
        )

    def _recalls(self, runs: Sequence[_Run]) -> tuple[ClassRecall, ...]:
        """Recall of the classes by name; those beyond the eighth, which are one, have none."""
        mean = np.mean([run.recall for run in runs], axis=0)
        y = self.target.read(self.test.X)
        return tuple(
            ClassRecall(label, int((y == k).sum()), *(float(value) for value in mean[:, k]))
            for k, label in enumerate(self.labels[: mean.shape[1] - int(self.target.has_other)])
            if (y == k).any()
        )


def _draw_error(draws: Floats) -> float:
    """Standard error from draws of half of the rows each.

    They overlap, so their mean is no surer than one draw is: the spread of halves is the error of the whole [1]_.

    References
    ----------
    .. [1] Wolter, "Introduction to Variance Estimation" (2007), Sec. 3.2 (balanced half-samples).
    """
    return float(draws.std(ddof=1)) if draws.size > 1 else 0.0


def _spread(values: Floats, low: float) -> Interval:
    """95 % interval of the mean of (draws, 1 + G): draws of the training rows and fresh rows."""
    error = float(np.hypot(jackknife_error(values.mean(axis=0)), _draw_error(values[:, 0])))
    return _interval(float(values[:, 0].mean()), error, low)


def _few(rows: _Rows, rng: np.random.Generator) -> _Rows:
    at = np.sort(rng.permutation(rows.weights.size)[:COMPARED_ROWS])
    return _Rows(rows.X.take(at), rows.weights[at])


def _kinds(trial: _Trial, real: _Rows, synthetic: _Rows) -> tuple[ModelUse, ...]:
    """Four kinds of models, trained on real and on synthetic rows."""
    y, weights = trial.target.read(trial.test.X), trial.test.weights[:1]
    found = []
    n_trees, n_leaves = _size(real)
    for kind, learnt in model_kinds(trial.target, real.X, n_trees=n_trees, n_leaves=n_leaves):
        said = [learnt(rows.X, rows.weights, trial.test.X) for rows in (real, synthetic)]
        scores = [float(measure(trial.target, y, p, weights)[0]) for p in said]
        found.append(ModelUse(kind, *scores))
    return tuple(found)


def _importance(name: str, trial: _Trial, run: _Run, samples: Samples) -> Importance | None:
    """Drift of the SHAP values of the synthetic model, beside that between the two real ones."""
    rows = np.sort(samples.rng(_STREAM, 7).permutation(trial.test.X.n_rows)[:EXPLAINED_ROWS])
    X = trial.test.X.take(rows)
    real, other, synthetic = (model.contributions(X) for model in run.models)
    drift, reference = importance_drift(real, synthetic), importance_drift(real, other)
    if drift is None or reference is None:
        return None
    signed = trial.target.measure != "log_loss_gain"  # of many classes only sizes are known
    left, right = importance_shares(real), importance_shares(synthetic)
    names = [n for k, n in enumerate(samples.names) if k != samples.target]
    order = np.argsort(-np.maximum(left, right), kind="stable")
    return Importance(
        target=name,
        readings=tuple(_drift_readings(drift, reference, signed=signed)),
        columns=tuple(ColumnImportance(names[k], float(left[k]), float(right[k])) for k in order),
    )


def _drift_readings(drift: ImportanceDrift, reference: ImportanceDrift, *, signed: bool) -> list[Reading]:
    found = []
    for code, field in (
        ("importance_tv", "total_variation"),
        ("importance_spearman", "spearman"),
        ("importance_cosine", "cosine_distance"),
        ("importance_top5", "top_overlap"),
        ("importance_signs", "sign_agreement"),
        ("importance_rows", "row_correlation"),
    ):
        value, beside = getattr(drift, field), getattr(reference, field)
        if field == "sign_agreement" and not signed:
            found.append(Reading(code, None, reason="many_classes"))
        else:
            found.append(Reading(code, value, None, beside, None if value is not None else "nothing_varies"))
    return found


__all__ = ["assess_usefulness"]
