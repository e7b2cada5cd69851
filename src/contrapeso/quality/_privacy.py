"""The privacy gate: exact copies, near copies and attacks, each against a control; never a privacy score.

The gate says "do not release" or "nothing found"; it never says that a table is private.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels import sort_words
from contrapeso.metrics._attacks import risk_interval, wilson
from contrapeso.quality._attacks import refused, run_attacks, succeeded
from contrapeso.quality._reference import MIN_HOLDOUT, Classes
from contrapeso.quality._report import Privacy, PrivacyStatus
from contrapeso.quality._samples import Samples
from contrapeso.quality._sections import Attack

Keys = NDArray[np.uint64]
Codes = NDArray[np.intp]


def assess_privacy(
    keys: tuple[Keys, Keys, Keys],
    classes: Classes,
    n_copy_columns: int,
    samples: Samples | None,
    *,
    secrets: Sequence[str] = (),
    quasi_identifiers: Sequence[str] = (),
    n_jobs: int = 1,
) -> Privacy:
    """The gate: exact copies over whole tables, every other attack on the rows of ``samples``.

    Parameters
    ----------
    keys, classes, n_copy_columns
        As for :func:`assess_copies`.
    samples : Samples or None
        None, or samples without a holdout: copies are counted and nothing is judged.
    secrets : sequence of str
        Columns whose values are to stay unknown; by default the target and the four with the most information.
    quasi_identifiers : sequence of str
        Columns that an attacker may know: one side of linkability, and the subject of the k-map.
    n_jobs : int
        Threads of the neighbour searches; the answer does not depend on it.

    Returns
    -------
    Privacy
        ``status`` is ``excess_copies`` or ``attack_succeeded`` (do not release), ``no_excess_found`` or
        ``cannot_be_assessed``. In each attack ``interval`` is its own 95 % interval and ``excess`` that of all attacks
        together (Bonferroni), whose lower end decides.

    Raises
    ------
    MissingLibraryError
        If LightGBM, which tests the holdout itself, cannot be loaded.
    """
    gate = assess_copies(keys, classes, n_copy_columns)
    copied = _copy_attack(gate, keys)
    if samples is None or samples.against != "holdout":
        reason = "too_few_rows" if keys[2].size >= MIN_HOLDOUT else "needs_holdout"
        alarmed = gate.status == "excess_copies"
        attacks = (
            copied if alarmed else replace(copied, verdict="cannot_be_assessed", reason=reason),
            *refused(reason),
        )
        return replace(gate, status="excess_copies" if alarmed else "cannot_be_assessed", attacks=attacks)
    attacks = (copied, *run_attacks(samples, secrets, quasi_identifiers, n_jobs))
    return replace(gate, status=_status(gate, attacks), attacks=attacks)


def _status(gate: Privacy, attacks: Sequence[Attack]) -> PrivacyStatus:
    """Copies first; nothing is "not found" where no attack could be run."""
    if gate.status == "excess_copies":
        return "excess_copies"
    if any(succeeded(attack) for attack in attacks):
        return "attack_succeeded"
    tried = [attack for attack in attacks if attack.name not in ("exact_copies", "holdout_shift")]
    ran = any(attack.verdict != "cannot_be_assessed" for attack in tried)
    return "no_excess_found" if ran else "cannot_be_assessed"


def _copy_attack(gate: Privacy, keys: tuple[Keys, Keys, Keys]) -> Attack:
    """Exact copies as one of the attacks."""
    n, n_holdout = keys[1].size, keys[2].size
    share, control = gate.exact_copies, gate.holdout_copies
    if control is None:
        reason = "needs_holdout"
        return Attack("exact_copies", "share", share, wilson(share, n), n=n, reason=reason)
    return Attack(
        name="exact_copies",
        measure="share",
        value=share,
        interval=wilson(share, n),
        control=control,
        control_interval=wilson(control, n_holdout),
        excess=risk_interval(share, control, (n, n_holdout)),
        n=n,
        verdict="excess" if gate.status == "excess_copies" else "no_excess_found",
    )


def copies(real: Keys, other: Keys) -> NDArray[np.bool_]:
    """Which rows of ``other`` equal a row of ``real``, (n,)."""
    copied = np.zeros(other.size, dtype=bool)
    if real.size:
        order, ordered = sort_words(other), real[sort_words(real)]
        found = other[order]
        at = np.minimum(np.searchsorted(ordered, found), real.size - 1)  # ascending on both sides: one walk
        copied[order] = ordered[at] == found
    return copied


def assess_copies(keys: tuple[Keys, Keys, Keys], classes: Classes, n_columns: int) -> Privacy:
    """Share of synthetic rows that copy a real row, next to the rate that chance gives; see :func:`judge_copies`.

    ``keys`` are those of all real rows, the synthetic rows and the holdout (empty where there is none).
    """
    real, synthetic, holdout = keys
    copied = copies(real, synthetic)
    met = Met(
        copied,
        copies(real, holdout),
        copies(holdout, synthetic),
        real.size / max(holdout.size, 1),
        _counts(synthetic).size,
    )
    return judge_copies(met, (classes.holdout, classes.synthetic), int(copied.sum()), n_columns)


@dataclass(frozen=True, slots=True)
class Met:
    """Which rows equal another: synthetic ones a real row, holdout ones a real row, synthetic ones a holdout row.

    ``ratio`` is the number of real rows for each holdout row, ``n_distinct`` that of different synthetic rows: repeats
    of one row say nothing new.
    """

    copied: NDArray[np.bool_]
    repeated: NDArray[np.bool_]
    met: NDArray[np.bool_]
    ratio: float
    n_distinct: int


def judge_copies(found: Met, klass: tuple[Codes, Codes], count: int, n_columns: int) -> Privacy:
    """The gate on exact copies: more of them than chance gives, in the class mix of the synthetic rows.

    Chance is the larger of two rates: at which holdout rows equal a real row, and at which synthetic rows equal a
    holdout row, scaled to the size of the real table. Real rows that are all different by design (each combination
    once) never repeat, and still a generator that knows only the columns meets many of them.
    """
    share = float(found.copied.mean()) if found.copied.size else 0.0
    repeated = _mixed_rate(found.repeated, *klass)
    if repeated is None:
        return Privacy("cannot_be_assessed", share, count, None, n_columns)
    met, n = float(found.met.mean()), found.n_distinct
    low, _ = wilson(share, n)
    highs = wilson(repeated, found.repeated.size)[1], _scaled(wilson(met, n)[1], found.ratio)
    status: PrivacyStatus = "excess_copies" if low > max(highs) else "no_excess_found"
    return Privacy(status, share, count, max(repeated, _scaled(met, found.ratio)), n_columns)


def _scaled(rate: float, ratio: float) -> float:
    """Rate of meeting one of ``ratio`` times as many rows."""
    return float(1 - (1 - min(rate, 1.0)) ** ratio)


def _mixed_rate(copied: NDArray[np.bool_], klass: Codes, target_mix: Codes) -> float | None:
    """Rate of ``copied`` in the class mix of ``target_mix``; None where no class is shared."""
    n_classes = int(max(klass.max(initial=0), target_mix.max(initial=0))) + 1
    sizes = np.bincount(klass, minlength=n_classes)
    mix = np.bincount(target_mix, minlength=n_classes) * (sizes > 0)
    if not mix.sum():
        return None
    rates = np.bincount(klass, weights=copied, minlength=n_classes) / np.maximum(sizes, 1)
    return float((rates * mix).sum() / mix.sum())


def duplicate_share(keys: Keys) -> float:
    """Share of rows that repeat an earlier row."""
    return 1 - _counts(keys).size / keys.size if keys.size else 0.0


def _counts(keys: Keys) -> NDArray[np.intp]:
    """How often each distinct key occurs, in the order of the keys."""
    ordered = keys[sort_words(keys)]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return np.diff(starts, append=keys.size)


def collision_rate(keys: Keys, klass: Codes) -> float:
    """Chance that two different rows of one class are equal, averaged over the classes by their share.

    Unlike the share of duplicates it does not grow with the size of the table.
    """
    rate = 0.0
    for label in np.unique(klass):
        counts = _counts(keys[klass == label])
        n = int(counts.sum())
        if n > 1:
            rate += n / klass.size * float((counts * (counts - 1)).sum()) / (n * (n - 1))
    return rate


__all__ = ["assess_copies", "assess_privacy", "collision_rate", "copies", "duplicate_share", "wilson"]
