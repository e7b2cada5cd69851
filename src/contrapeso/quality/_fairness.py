"""Are the groups of a sensitive column represented, labelled and served alike in the synthetic table?

Shares and label rates are counted on all rows; fidelity, detection and models are measured on the drawn samples.
``docs/fairness.md`` has the formulas. Everything is compared with the real rows: what is unfair in the real table is
shown, and only what the synthetic table adds to it is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import ColumnNotFoundError, InvalidParameterError
from contrapeso.metrics._fairness import (
    MIN_GROUP,
    LabelRates,
    Shares,
    bootstrap_interval,
    gap,
    group_shares,
    label_rates,
    ratio,
)
from contrapeso.quality._columns import AnyColumn, Labels
from contrapeso.quality._fairness_findings import fairness_findings, is_underrepresented
from contrapeso.quality._fairness_groups import Groups, cross, groups_of, unusable
from contrapeso.quality._fairness_models import (
    Models,
    Outcome,
    fit_models,
    mitigations_of,
    outcome_of,
    outcome_readings,
)
from contrapeso.quality._fairness_quality import (
    Detector,
    Quality,
    fit_detector,
    joint_z,
    quality_of,
    quality_readings,
)
from contrapeso.quality._reference import Classes
from contrapeso.quality._samples import Samples
from contrapeso.quality._sections import Fairness, GroupFairness, Mitigation, Reading

Bools = NDArray[np.bool_]
_NEITHER = np.full(2, np.nan)
_STREAM = 11  # of the seed; the samples and the reference have others


@dataclass(frozen=True, slots=True)
class Context:
    """What all sensitive columns share; ``positive`` is the code of the positive class."""

    classes: Classes
    samples: Samples | None
    labels: tuple[str, ...]
    positive: int | None
    detector: Detector | None
    models: Models | None
    n_jobs: int
    seed: int

    @property
    def positive_name(self) -> str | None:
        """Name of the positive class."""
        return None if self.positive is None else self.labels[self.positive]

    def rng(self, *stream: int) -> np.random.Generator:
        """A generator of its own for each measure."""
        return generator(seed_sequence(self.seed), _STREAM, *stream)


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured of the groups of one column."""

    shares: Shares
    quality: Quality | None = None
    rates: LabelRates | None = None
    outcome: Outcome | None = None


def assess_fairness(
    columns: Sequence[AnyColumn],
    classes: Classes,
    samples: Samples | None,
    sensitive: Sequence[str],
    *,
    target: str | None = None,
    positive: str | None = None,
    n_jobs: int = 1,
    seed: int = 0,
) -> tuple[Fairness, ...]:
    """One section for each sensitive column, then one for each two of them crossed.

    Parameters
    ----------
    columns, classes : as for :func:`draw_samples`
        All rows of the real, the synthetic and the holdout table.
    samples : Samples or None
        Without samples (too few rows) shares and labels are measured alone.
    sensitive : sequence of str
        Numbers are cut at the quartiles of the real table, unless they have five values at most.
    target : str, optional
        Class column; without it, representation and fidelity are measured alone.
    positive : str, optional
        The class whose rate is compared with that of all others; by default the rarest real class.

    Raises
    ------
    ColumnNotFoundError
        If a sensitive column is not among ``columns``.
    InvalidParameterError
        If a sensitive column is the target, or ``positive`` is no class of the real table.
    """
    by_name = {column.column.name: column for column in columns}
    names = list(dict.fromkeys(sensitive))
    _check(names, by_name, target)
    found = by_name.get(target) if target is not None else None
    labels = found.labels if isinstance(found, Labels) else ()
    code = _positive(classes, labels, positive, target)
    context = _context(classes, samples, labels, code, (n_jobs, seed))
    usable: list[Groups] = []
    sections = []
    for stream, name in enumerate(names):
        reason = unusable(by_name[name])
        if reason is not None:
            absent = Reading("representation_ratio", None, reason=reason)
            sections.append(Fairness(name, (), (absent,), positive=context.positive_name))
            continue
        groups = groups_of(by_name[name])
        usable += [groups] if len(groups.names) > 1 else []
        sections.append(_section(context, groups, stream))
    crossed = [cross(*two) for two in combinations(usable, 2)]
    sections += [_section(context, two, len(names) + k) for k, two in enumerate(crossed) if len(two.names) > 1]
    return tuple(sections)


def _context(
    classes: Classes, samples: Samples | None, labels: tuple[str, ...], positive: int | None, how: tuple[int, int]
) -> Context:
    """The models that all columns share, fitted once."""
    n_jobs, seed = how
    root = seed_sequence(seed)
    detector = None if samples is None else fit_detector(samples, n_jobs, generator(root, _STREAM, 0))
    models = None
    if samples is not None and positive is not None:
        models = fit_models(samples, positive, n_jobs, generator(root, _STREAM, 1))
    return Context(classes, samples, labels, positive, detector, models, n_jobs, seed)


def _check(names: Sequence[str], by_name: Mapping[str, AnyColumn], target: str | None) -> None:
    for name in names:
        if name == target:
            raise InvalidParameterError(f"sensitive={name!r} is the target; name columns that tell groups apart.")
        if name not in by_name:
            raise ColumnNotFoundError(
                f"The sensitive column {name!r} is not among the compared columns: {', '.join(by_name)}. "
                "Identifiers and free text tell no groups apart; override the kind in the schema if it is neither."
            )


def _positive(classes: Classes, labels: tuple[str, ...], positive: str | None, target: str | None) -> int | None:
    """Code of the positive class; None without a target or with one real class."""
    if not labels:
        if positive is not None:
            raise InvalidParameterError(f"positive={positive!r} needs a target; name the class column.")
        return None
    counts = np.bincount(classes.real, minlength=classes.n_classes)[: len(labels)]
    real = [k for k in range(len(labels)) if counts[k]]
    if positive is not None and str(positive) not in {labels[k] for k in real}:
        raise InvalidParameterError(
            f"positive={positive!r} is no class of {target!r} in the real table. Its classes: "
            f"{', '.join(labels[k] for k in real)}."
        )
    if len(real) < 2:
        return None
    if positive is not None:
        return labels.index(str(positive))
    return min(real, key=lambda k: (counts[k], labels[k]))


def _section(context: Context, groups: Groups, stream: int) -> Fairness:
    """Everything about one column, or about two crossed; mitigation is tried for single columns alone."""
    counts = groups.count(context.classes)
    found = Measured(group_shares(*counts))
    if len(groups.names) < 2:
        alone = (Reading("representation_ratio", None, reason="one_group"),)
        return Fairness(groups.column, _table(groups, found), alone, positive=context.positive_name)
    rng = context.rng(2, stream)
    order = np.argsort(np.array(context.labels, dtype=str))  # the draws depend on names, not on the order of the rows
    real, synthetic = (part[order] for part in counts)
    if context.positive is not None and synthetic[real.sum(axis=1) > 0].sum() >= MIN_GROUP:
        positive = int(np.flatnonzero(order == context.positive)[0])
        found = replace(found, rates=label_rates(real, synthetic, positive, rng))
    if context.samples is not None and context.detector is not None:
        found = replace(found, quality=quality_of(context.samples, context.detector, groups, rng))
    if context.samples is not None and context.models is not None:
        found = replace(found, outcome=outcome_of(context.models, context.samples, groups, rng))
    readings = tuple(_readings(context, groups, found))
    mitigations = _mitigations(context, groups, found)
    return Fairness(groups.column, _table(groups, found), readings, mitigations, context.positive_name)


def _readings(context: Context, groups: Groups, found: Measured) -> Iterator[Reading]:
    """All readings of a column; those that could not be measured say why."""
    yield from _share_readings(groups, found.shares)
    if found.quality is not None and context.detector is not None:
        yield from quality_readings(context.detector, found.quality)
    else:
        yield Reading("disparate_quality", None, reason="too_few_rows")
    if found.rates is not None:
        yield from _label_readings(groups, found.rates)
    else:
        reason = "no_target" if not context.labels else "single_class" if context.positive is None else "too_few_rows"
        yield Reading("demographic_parity_difference", None, reason=reason)
    if found.outcome is not None:
        yield from outcome_readings(found.outcome)
    elif context.positive is not None:
        yield Reading("equalized_odds_difference", None, reason="too_few_rows")


def _mitigations(context: Context, groups: Groups, found: Measured) -> tuple[Mitigation, ...]:
    if context.models is None or context.samples is None or found.outcome is None or len(groups.sources) > 1:
        return ()
    return mitigations_of(context.models, context.samples, groups, found.outcome, context.n_jobs)


def _table(groups: Groups, found: Measured) -> tuple[GroupFairness, ...]:
    return tuple(_row(name, found, k) for k, name in enumerate(groups.names))


def _row(name: str, found: Measured, k: int) -> GroupFairness:
    shares, quality, rates, outcome = found.shares, found.quality, found.rates, found.outcome
    low, high = shares.interval[k]
    positive = np.array([rates.real[k], rates.synthetic[k]]) if rates is not None and rates.use[k] else _NEITHER
    decided, areas = np.full((3, 2), np.nan), (np.nan, np.nan)
    if outcome is not None:
        areas = outcome.auc[k]
        enough = np.array([outcome.rows[k].sum(), outcome.rows[k, 1], outcome.rows[k, 0]]) >= MIN_GROUP
        decided = np.where(enough[:, None], outcome.rates[:, :, k], np.nan)
    return GroupFairness(
        group=name,
        n_real=int(shares.n_real[k]),
        n_synthetic=int(shares.n_synthetic[k]),
        share_real=float(shares.real[k]),
        share_synthetic=float(shares.synthetic[k]),
        ratio=_known(shares.ratio[k]),
        interval=None if np.isnan(shares.ratio[k]) else (float(low), float(high)),
        lost=bool(shares.lost[k]),
        fidelity=None if quality is None else _known(np.clip(quality.fidelity[k, 0], 0.0, 1.0)),
        auc=None if quality is None else _known(quality.auc[k]),
        positive_real=_known(positive[0]),
        positive_synthetic=_known(positive[1]),
        tpr_real=_known(decided[1, 0]),
        tpr_synthetic=_known(decided[1, 1]),
        fpr_real=_known(decided[2, 0]),
        fpr_synthetic=_known(decided[2, 1]),
        selection_real=_known(decided[0, 0]),
        selection_synthetic=_known(decided[0, 1]),
        model_auc_real=_known(areas[0]),
        model_auc_synthetic=_known(areas[1]),
        reason="group_too_small" if shares.n_real[k] < MIN_GROUP else None,
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _share_readings(groups: Groups, shares: Shares) -> Iterator[Reading]:
    """The least represented group, the number of lost groups, and that of groups too small to judge."""
    known = np.flatnonzero(~np.isnan(shares.ratio[: len(groups.names)]))
    if known.size:
        worst = known[np.argmin(shares.ratio[known])]
        low, high = shares.interval[worst]
        yield Reading("representation_ratio", float(shares.ratio[worst]), (float(low), float(high)), 1.0)
    else:
        yield Reading("representation_ratio", None, reason="group_too_small")
    yield Reading("groups_lost", float(shares.lost[: len(groups.names)].sum()), reference=0.0)
    small = len(groups.names) - known.size + groups.n_hidden
    if small:
        yield Reading("groups_too_small", float(small), reason="group_too_small")


def _label_readings(groups: Groups, rates: LabelRates) -> Iterator[Reading]:
    """Gap and ratio of the positive rates, and how much the synthetic table widens the gap."""
    use = rates.use.copy()
    use[len(groups.names) :] = False
    if use.sum() < 2:
        for name in ("demographic_parity_difference", "demographic_parity_ratio", "bias_amplification"):
            yield Reading(name, None, reason="group_too_small")
        return
    real, synthetic = (float(gap(side, use)) for side in (rates.real, rates.synthetic))
    draws_real, draws = gap(rates.real_draws, use), gap(rates.synthetic_draws, use)
    yield Reading("demographic_parity_difference", synthetic, bootstrap_interval(synthetic, draws), real)
    value, reference = _known(float(ratio(rates.synthetic, use))), _known(float(ratio(rates.real, use)))
    if value is None:
        yield Reading("demographic_parity_ratio", None, None, reference, "no_positive")
    else:
        drawn = ratio(rates.synthetic_draws, use)
        interval = bootstrap_interval(value, drawn[~np.isnan(drawn)])
        yield Reading("demographic_parity_ratio", value, interval, reference)
    change = synthetic - real
    yield Reading("bias_amplification", change, bootstrap_interval(change, draws - draws_real, low=-1.0), 0.0)
    shift, reach = _largest_shift(rates, use)
    yield Reading("label_rate_shift", shift, (max(-1.0, shift - reach), min(1.0, shift + reach)), 0.0)


def _largest_shift(rates: LabelRates, use: Bools) -> tuple[float, float]:
    """Change of the positive rate in the group where it is surest, and the reach of its interval over all groups.

    The error is that of the bootstrap, and at least that of two shares with their pooled rate (a group without a
    positive has no spread of its own).
    """
    change = (rates.synthetic - rates.real)[use]
    n, m = rates.n_real[use], rates.n_synthetic[use]
    pooled = (rates.real[use] * n + rates.synthetic[use] * m + 1) / (n + m + 2)
    error = np.maximum(
        (rates.synthetic_draws - rates.real_draws)[:, use].std(axis=0), np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    )
    k = int(np.argmax(np.abs(change) / error))
    return float(change[k]), joint_z(change.size) * float(error[k])


__all__ = ["assess_fairness", "fairness_findings", "is_underrepresented"]
