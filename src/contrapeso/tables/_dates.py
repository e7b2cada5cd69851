"""Dates written as text: the one format of a column, and the coarsest step its moments fall on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

DATE_FORMATS: tuple[str, ...] = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%d/%m/%y",
    "%m/%d/%y",
    "%Y%m%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d %b %Y",
    "%d-%b-%y",
    "%d-%b-%Y",
)
"""Tried in this order: where day and month cannot be told apart, the day comes first."""

STEPS_NS: tuple[int, ...] = (86_400_000_000_000, 3_600_000_000_000, 60_000_000_000, 1_000_000_000, 1_000_000, 1_000, 1)
"""Day, hour, minute, second, millisecond, microsecond and nanosecond, in nanoseconds."""

_SHORTEST, _LONGEST = 8, 26
_PANDAS_FIRST, _PANDAS_LAST = np.datetime64("1678-01-01", "us"), np.datetime64("2262-01-01", "us")


def parse_dates(values: Sequence[str], fmt: str) -> NDArray[np.datetime64] | None:
    """Moments of ``values`` in microseconds, or None unless every one is written in ``fmt`` to the character.

    Years that pandas cannot hold (0202, a typing error of real files) are read one by one.
    """
    moments = pd.to_datetime(np.array([*values], dtype=object), format=fmt, errors="coerce")
    far = np.flatnonzero(np.asarray(moments.isna()))
    if len(far) > 5 + len(values) // 100:
        return None
    ticks = moments.to_numpy().astype("datetime64[us]")
    try:
        ticks[far] = [datetime.strptime(values[int(i)], fmt) for i in far]  # noqa: DTZ007
    except ValueError:
        return None
    return ticks if write_dates(ticks, fmt) == list(values) else None


def write_dates(ticks: NDArray[np.datetime64], fmt: str) -> list[str]:
    """Text of each moment in ``fmt``; years always have four digits."""
    near = (ticks > _PANDAS_FIRST) & (ticks < _PANDAS_LAST)
    texts = np.empty(len(ticks), dtype=object)
    texts[near] = pd.DatetimeIndex(ticks[near]).strftime(fmt)
    texts[~near] = [_write_far(moment, fmt) for moment in ticks[~near].astype(object)]
    return [str(text) for text in texts]


def _write_far(moment: datetime, fmt: str) -> str:
    return moment.strftime(fmt.replace("%Y", f"{moment.year:04d}"))


def detect_format(values: Sequence[str]) -> str | None:
    """First of :data:`DATE_FORMATS` in which every value is written, to the character; else None."""
    if not values or not all(_SHORTEST <= len(v) <= _LONGEST and v[0].isdigit() for v in values):
        return None
    sample = values[:: max(1, len(values) // 50)]
    for fmt in DATE_FORMATS:
        if parse_dates(sample, fmt) is not None and parse_dates(values, fmt) is not None:
            return fmt
    return None


def coarsest_step(ticks: NDArray[np.int64], ticks_per_second: int) -> int:
    """Largest calendar step, in ticks, that divides every tick; 1 where there is none."""
    for step_ns in STEPS_NS:
        step, rest = divmod(step_ns * ticks_per_second, 1_000_000_000)
        if step and not rest and not bool(np.any(ticks % step)):
            return step
    return 1


__all__ = ["DATE_FORMATS", "coarsest_step", "detect_format", "parse_dates", "write_dates"]
