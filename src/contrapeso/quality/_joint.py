"""Can a model tell synthetic rows from fresh real ones, and what gives them away: a section of the report."""

from __future__ import annotations

import numpy as np

from contrapeso.metrics._joint import JointTest, joint_score, joint_test
from contrapeso.quality._samples import MIN_FRESH, Sample, Samples
from contrapeso.quality._sections import Giveaway, Interval, Joint, Reading, Score, Suspect

_STREAM = 21
_Z = 1.959964
N_GIVEAWAYS = 20
MIN_SUSPICION = 0.75
MAX_REFERENCE = 0.95


def assess_joint(samples: Samples, *, n_jobs: int = 1) -> tuple[Joint, float]:
    """The joint test beside the same test between real rows, and the standard error of its score (0 without a score).

    The score is ``1 - max(0, auc - auc0) / (1 - auc0)``, where ``auc0`` is what real rows reach against real rows, at
    least 0.5, plus two standard errors. Both tests have the same number of rows. Columns, interaction and suspects are
    named only where the synthetic rows are told apart better than that.

    Parameters
    ----------
    samples : Samples
    n_jobs : int, optional (default=1)
        Threads; the answer is the same for any number.

    Returns
    -------
    Joint, float
        ``score`` is None with the reason ``insufficient_data`` below 30 effective rows on a side, or
        ``real_rows_differ`` where a model tells even real rows apart almost surely.
    """
    seed = int(samples.rng(_STREAM).integers(2**31))
    n = min(samples.train.n_rows, samples.fresh.n_rows, samples.synthetic.n_rows)
    found = _test(samples.fresh, samples.synthetic, n, seed, n_jobs, explain=True)
    control = _test(samples.fresh, samples.train, n, seed, n_jobs, explain=False)
    reference = max(0.5, control.auc) + 2 * control.error
    score, error = _score(found, control, reference)
    told_apart = found.auc > reference
    joint = Joint(
        score=score,
        auc=Reading("joint_auc", found.auc, _around(found.auc, found.error), control.auc),
        against=samples.against,
        n_rows=(n, n),
        readings=(_pmse_ratio(found, control),),
        giveaways=_giveaways(found, control, samples.names) if told_apart else (),
        interaction=tuple(samples.names[k] for k in found.interaction) if told_apart else (),
        suspects=_suspects(found, samples) if told_apart else (),
    )
    return joint, error


def _test(fresh: Sample, other: Sample, n: int, seed: int, n_jobs: int, *, explain: bool) -> JointTest:
    return joint_test(
        fresh.features,
        other.features,
        fresh.keys,
        other.keys,
        fresh_weights=fresh.weights,
        synthetic_weights=other.weights,
        n_rows=n,
        seed=seed,
        explain=explain,
        n_jobs=n_jobs,
    )


def _score(found: JointTest, control: JointTest, reference: float) -> tuple[Score, float]:
    """Score with the interval that the errors of both tests give, and the standard error that it amounts to."""
    if min(found.n_effective, control.n_effective) < MIN_FRESH:
        return Score(None, reason="insufficient_data"), 0.0
    if reference > MAX_REFERENCE:
        return Score(None, reason="real_rows_differ"), 0.0
    error = float(np.hypot(found.error, control.error if control.auc > 0.5 else 0.0))
    low, high = (joint_score(found.auc + side * _Z * error, reference) for side in (1, -1))
    ceiling = joint_score(control.auc, reference)
    return Score(joint_score(found.auc, reference), (low, high), ceiling), (high - low) / (2 * _Z)


def _around(auc: float, error: float) -> Interval:
    return max(0.0, auc - _Z * error), min(1.0, auc + _Z * error)


def _pmse_ratio(found: JointTest, control: JointTest) -> Reading:
    """How far the probabilities lie from one half, by how far they lie between real rows (where a label is chance)."""
    if control.pmse < 1e-12:
        return Reading("pmse_ratio", None, reference=1.0, reason="nothing_varies")
    return Reading("pmse_ratio", found.pmse / control.pmse, reference=1.0)


def _giveaways(found: JointTest, control: JointTest, names: tuple[str, ...]) -> tuple[Giveaway, ...]:
    """Columns that the detector uses, the most telling first."""
    order = np.argsort(-found.shares, kind="stable")[:N_GIVEAWAYS]
    return tuple(
        Giveaway(names[k], float(found.shares[k]), float(control.shares[k])) for k in order if found.shares[k] > 0
    )


def _suspects(found: JointTest, samples: Samples) -> tuple[Suspect, ...]:
    """Rows of the synthetic table that are confidently synthetic."""
    return tuple(
        Suspect(
            int(samples.synthetic.rows[suspect.row]),
            suspect.probability,
            tuple(samples.names[k] for k in suspect.columns),
        )
        for suspect in found.suspects
        if suspect.probability >= MIN_SUSPICION
    )


__all__ = ["assess_joint"]
