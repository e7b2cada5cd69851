"""Movements as points: where neighbours are looked for, and how far a new movement is from every real one.

Columns, each with about unit spread: asinh of the amount, the day on the circle of the month, the day on the circle of
the week, business-day ordinals from both ends of the month, and directions of the template's words. Another template
is one category apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Cents, Days
from contrapeso.finance.calendar import FIRST_DAY, LAST_DAY, bank_calendar
from contrapeso.finance.synthesis._facts import Facts, Ints
from contrapeso.kernels import Index

Floats = NDArray[np.float64]
N_DIRECTIONS = 4
TEXT_WEIGHT, WEEK_WEIGHT, BUSINESS_WEIGHT = 0.5, 0.5, 0.5
OTHER_TEMPLATE = 2.0
"""How far another template is, in spreads of a number."""
MONTH_DAYS, WEEK_DAYS, BUSINESS_DAYS = 30.44, 7, 21.0
THURSDAY = 3
"""Weekday of 1970-01-01."""


def points(days: Days, cents: Cents, scale: tuple[float, float]) -> Floats:
    """Columns of amount and day, shape (n, 7); ``scale`` is the median absolute amount and the spread of asinh."""
    middle, spread = scale
    amount = np.arcsinh(cents / middle) / spread
    month = days.astype("datetime64[M]").astype("datetime64[D]")
    turn = 2 * np.pi * (days - month).astype(np.float64) / MONTH_DAYS
    week = 2 * np.pi * ((days.astype(np.int64) + THURSDAY) % WEEK_DAYS) / WEEK_DAYS
    ordinal, left = _business(days)
    parts = [
        amount,
        np.cos(turn) * np.sqrt(2.0),
        np.sin(turn) * np.sqrt(2.0),
        WEEK_WEIGHT * np.cos(week),
        WEEK_WEIGHT * np.sin(week),
        BUSINESS_WEIGHT * ordinal / (BUSINESS_DAYS / 3),
        BUSINESS_WEIGHT * left / (BUSINESS_DAYS / 3),
    ]
    return np.column_stack(parts)


def _business(days: Days) -> tuple[Floats, Floats]:
    """Business days up to and from each day in its month; weekdays of the month where no calendar holds."""
    known = (days >= FIRST_DAY) & (days <= LAST_DAY)
    if known.all():
        business = bank_calendar().business
        return business.ordinal(days).astype(np.float64), business.ordinal_from_end(days).astype(np.float64)
    first = days.astype("datetime64[M]").astype("datetime64[D]")
    after = (days.astype("datetime64[M]") + 1).astype("datetime64[D]")
    up_to = np.busday_count(first, days + np.timedelta64(1, "D"))
    return up_to.astype(np.float64), np.busday_count(days, after).astype(np.float64)


def scale_of(cents: Cents) -> tuple[float, float]:
    """Median of the absolute amounts, and the spread of the amounts over it in asinh."""
    middle = max(float(np.median(np.abs(cents))), 1.0)
    spread = float(np.std(np.arcsinh(cents / middle)))
    return middle, spread if spread > 1e-9 else 1.0


def directions(words: Sequence[str], seed: int = 0) -> Floats:
    """Directions of distinct texts by a truncated SVD of their words, shape (n, 4); zeros where words are too few."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from threadpoolctl import threadpool_limits

    found = np.zeros((len(words), N_DIRECTIONS))
    distinct, which = np.unique(np.asarray(words, dtype=str), return_inverse=True)
    if len(distinct) < 3 or not any(text.strip() for text in distinct):
        return found
    counts = TfidfVectorizer(tokenizer=str.split, token_pattern=None, lowercase=False).fit_transform(distinct)
    n = min(N_DIRECTIONS, min(counts.shape) - 1)
    if n < 1:
        return found
    with threadpool_limits(1, user_api="blas"):  # the same bits on any number of threads
        found[:, :n] = TruncatedSVD(n, random_state=seed).fit_transform(counts)[which]
    return found


def neighbors_of(facts: Facts, k: int) -> Ints:
    """The nearest other rows of the same direction; shape (n, min(k, n - 1)), -1 where a direction has no other."""
    width = max(1, min(k, len(facts) - 1))
    numbers = points(facts.days, facts.cents, scale_of(facts.cents))
    numbers = np.column_stack([numbers, TEXT_WEIGHT * directions(facts.wordings)])
    codes = np.unique(facts.templates, return_inverse=True)[1].astype(np.int32)[:, None]
    found = np.full((len(facts), width), -1, dtype=np.int64)
    for out in (False, True):
        at = np.flatnonzero((facts.cents < 0) == out)
        if len(at) > 1:
            near = Index(numbers[at], codes[at], mismatch=OTHER_TEMPLATE, n_jobs=1).neighbors(min(width, len(at) - 1))
            found[at] = at[near.rows[:, np.arange(width) % near.rows.shape[1]]]
    return found


def nearest_real(facts: Facts, days: Days, cents: Cents, templates: Ints) -> tuple[Ints, Floats]:
    """Place in the facts of the real row nearest to each movement, and its distance."""
    if not len(days):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    scale = scale_of(facts.cents)
    known = np.unique(facts.templates)
    index = Index(
        points(facts.days, facts.cents, scale),
        np.searchsorted(known, facts.templates).astype(np.int32)[:, None],
        mismatch=OTHER_TEMPLATE,
        n_jobs=1,
    )
    codes = np.searchsorted(known, templates).astype(np.int32)[:, None]
    found = index.query(points(days, cents, scale), 1, codes)
    return found.rows[:, 0], found.distances[:, 0]


__all__ = ["directions", "nearest_real", "neighbors_of", "points", "scale_of"]
