"""What is measured on rows rather than on counts: models, attacks, support, sequences, fairness, mined rules, tests.

Each part is measured or absent; an absent one is listed under what was not assessed, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from contrapeso.errors import InvalidDataError
from contrapeso.quality._diversity import assess_diversity
from contrapeso.quality._fairness import assess_fairness
from contrapeso.quality._given import Given, Read
from contrapeso.quality._joint import assess_joint
from contrapeso.quality._mined import mine_rules, report_mined
from contrapeso.quality._privacy import assess_copies, assess_privacy, duplicate_share
from contrapeso.quality._reference import Keys, Reference
from contrapeso.quality._report import NotAssessed, Privacy
from contrapeso.quality._samples import Samples, draw_samples
from contrapeso.quality._sections import Fairness, Joint, MinedRule, Reading, Sequences, TestResult, Usefulness
from contrapeso.quality._sequences import assess_sequences
from contrapeso.quality._support import assess_support
from contrapeso.quality._tests import run_tests
from contrapeso.quality._usefulness import assess_usefulness

MIN_MODEL_ROWS = 50
MAX_OVERLAP = 0.9
MAX_REPEATED = 0.2


@dataclass(frozen=True, slots=True)
class RowLevel:
    """The sections of the report beyond the core, and the standard errors of those that enter the score."""

    privacy: Privacy
    joint: Joint | None = None
    joint_error: float = 0.0
    usefulness: Usefulness | None = None
    usefulness_error: float = 0.0
    sequences: Sequences | None = None
    sequences_error: float = 0.0
    diversity: tuple[Reading, ...] = ()
    support: tuple[Reading, ...] = ()
    fairness: tuple[Fairness, ...] = ()
    mined_rules: tuple[MinedRule, ...] = ()
    tests: tuple[TestResult, ...] = ()
    absent: tuple[NotAssessed, ...] = ()


def measure_rows(given: Given, tables: Read, reference: Reference) -> RowLevel:
    """Everything that ``given.wanted`` asks for.

    Raises
    ------
    InvalidDataError
        If the holdout is a part of the real table: then it controls nothing.
    """
    _check_holdout(tables.all_keys)
    # Matrix products differ in their last bits with the number of threads; models run side by side instead.
    with threadpool_limits(1, user_api="blas"):
        return _measured(given, tables, reference)


def _measured(given: Given, tables: Read, reference: Reference) -> RowLevel:
    wanted, columns, classes = given.wanted, tables.all_columns, tables.all_classes
    full = wanted.depth == "full"
    samples = _samples(given, tables) if full else None
    joint, joint_error = assess_joint(samples, n_jobs=wanted.n_threads) if samples else (None, 0.0)
    kinds = {column.column.name: column.column.kind for column in columns}
    use, use_error = assess_usefulness(samples, kinds, n_jobs=wanted.n_threads) if samples else (None, 0.0)
    sequences, sequences_error = _sequences(given)
    return RowLevel(
        privacy=_privacy(given, tables, samples),
        joint=joint,
        joint_error=joint_error,
        usefulness=use,
        usefulness_error=use_error,
        sequences=sequences,
        sequences_error=sequences_error or 0.0,
        diversity=assess_diversity(columns, tables.all_keys, classes, seed=given.seed),
        support=assess_support(samples) if samples else (),
        fairness=_fairness(given, tables, samples),
        mined_rules=_mined(given) if full else (),
        tests=run_tests(
            tables.columns.compared, wanted.tests,
            weights=reference.real.weights, keys=tables.keys[0], seed=given.seed,
        ),
        absent=tuple(_absent(given, samples)),
    )  # fmt: skip


def _privacy(given: Given, tables: Read, samples: Samples | None) -> Privacy:
    """The gate: all attacks, or exact copies alone in a quick assessment."""
    keys, classes, n_columns = tables.all_keys, tables.all_classes, len(tables.columns.copied)
    if given.wanted.depth == "quick":
        return assess_copies(keys, classes, n_columns)
    known, threads = given.wanted.quasi_identifiers, given.wanted.n_threads
    return assess_privacy(keys, classes, n_columns, samples, quasi_identifiers=known, n_jobs=threads)


def _fairness(given: Given, tables: Read, samples: Samples | None) -> tuple[Fairness, ...]:
    """One section for each sensitive column and two of them crossed; none where no column was named."""
    wanted = given.wanted
    if not wanted.sensitive:
        return ()
    return assess_fairness(
        tables.all_columns, tables.all_classes, samples, wanted.sensitive,
        target=given.target, positive=wanted.positive, n_jobs=wanted.n_threads, seed=given.seed,
    )  # fmt: skip


def _check_holdout(keys: tuple[Keys, Keys, Keys]) -> None:
    """A holdout whose rows are nearly all in the real table is no holdout, unless the real table repeats itself."""
    real, _, holdout = keys
    if not holdout.size or duplicate_share(real) > MAX_REPEATED:
        return
    inside = float(np.isin(holdout, real).mean())
    if inside > MAX_OVERLAP:
        raise InvalidDataError(
            f"{inside:.0%} of the holdout rows are in the real table. A holdout has rows that were never used to make "
            "the synthetic ones: take its rows out of the real table, or leave holdout out."
        )


def _samples(given: Given, tables: Read) -> Samples | None:
    samples = draw_samples(tables.all_columns, tables.all_classes, tables.all_keys, given.target, given.seed)
    if samples is None or not samples.names:
        return None
    sizes = (samples.train.n_effective, samples.fresh.n_effective, samples.synthetic.n_rows)
    return samples if min(sizes) >= MIN_MODEL_ROWS else None


def _sequences(given: Given) -> tuple[Sequences | None, float | None]:
    """The sequence section where an order was named and the synthetic table has it."""
    order, key = given.wanted.sequence_index, given.wanted.sequence_key
    if order is None or any(name not in given.synthetic for name in (order, key) if name is not None):
        return None, None
    holdout = given.holdout
    if holdout is not None and any(name not in holdout for name in (order, key) if name is not None):
        holdout = None
    return assess_sequences(
        given.real, given.synthetic, order, key, holdout=holdout, schema=given.schema, seed=given.seed
    )


def _mined(given: Given) -> tuple[MinedRule, ...]:
    """Rules that nobody gave, found in the real table alone."""
    return report_mined(mine_rules(given.real, given.schema, seed=given.seed), _whole(given))


def _whole(given: Given) -> pd.DataFrame:
    """The synthetic table with every real column; those that it lacks are null."""
    gone = [name for name in given.real if name not in given.synthetic]
    return given.synthetic.assign(**dict.fromkeys(map(str, gone))) if gone else given.synthetic


def _absent(given: Given, samples: Samples | None) -> Iterator[NotAssessed]:
    """What was not measured on rows, and why."""
    if samples is None:
        reason = "quick" if given.wanted.depth == "quick" else "few_model_rows"
        yield from (NotAssessed(code, reason) for code in ("joint_test", "model_performance"))
    if given.wanted.depth == "quick":
        yield NotAssessed("privacy_attacks", "quick")
    if given.target is not None:
        gone = _classes_left_out(given)
        if gone:
            yield NotAssessed("classes", "classes_left_out", gone)
    if not given.wanted.sensitive:
        yield NotAssessed("fairness", "no_sensitive")
    order, key = given.wanted.sequence_index, given.wanted.sequence_key
    if order is None:
        yield NotAssessed("sequences", "no_sequence")
    elif any(name not in given.synthetic for name in (order, key) if name is not None):
        yield NotAssessed("sequences", "sequence_missing", (order,))


def _classes_left_out(given: Given) -> tuple[str, ...]:
    """Classes without a synthetic row, the 20 most frequent."""
    real, made = (frame[given.target].dropna().astype(str) for frame in (given.real, given.synthetic))
    kept = set(made)
    return tuple(label for label in real.value_counts().index if label not in kept)[:20]


__all__ = ["RowLevel", "measure_rows"]
