"""Do synthetic rows follow each other as real ones do? Lags, transitions, times between events, lengths, calendar.

**Parts.** Each part has components c (a column and a lag, a column, ...) with a gap ``g_c`` between the tables, a noise
``e_c``, the mean gap between random halves of the real sequences brought to the sizes of the two tables by
``sqrt((1/n + 1/m) / (4/n))``, and a weight ``w_c``, the most that can be lost. The part scores
``1 - sum(g_c - e_c) / sum(w_c)``, the whole the mean of its parts. For lags and transitions the weight is how much rows
depend on the one before, in whichever table more, so lost and invented dependence cost alike and columns without any
say nothing; for distributions it is ``1 - e_c``.

Lags are measured twice, on ranks as they are, which also see that sequences differ in level, and on ranks less their
mean in the sequence, which see only what happens within one.

**Groups.** Noise and error come from 20 groups of whole sequences; with fewer sequences than that, from 20 stretches
of neighbouring rows, and lengths are not assessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.errors import ColumnNotFoundError
from contrapeso.metrics import (
    N_GROUPS,
    N_SPLITS,
    CategoryCells,
    NumericCells,
    SortedColumn,
    halves,
    ks_and_wasserstein,
    normalize,
    pair_floors,
)
from contrapeso.metrics import _sequence as sequence
from contrapeso.metrics._noise import MIN_DEPENDENCE, residual
from contrapeso.metrics._replicates import deletions, jackknife_error
from contrapeso.quality._columns import Labels, Numbers, named, read_columns
from contrapeso.quality._sections import Interval, Reading, Score, Sequences
from contrapeso.tables import Column, Schema, infer_schema

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Sums = Mapping[str, Floats]
TOO_FEW, UNREADABLE, NOTHING = "too_few_sequence_rows", "order_unreadable", "no_sequence_structure"
MIN_ROWS = 30
MAX_LAG = 5
MIN_AUTOCORRELATION = 0.05  # about a dependence of 0.02 between normal columns, the least that pairs count too
MAX_COLUMNS = 60
MAX_CELLS = 20
FINE_CELLS = 200
_STREAM = 41
_T = 2.093  # 95 % of Student's t with 19 degrees of freedom
_DAY_US = 86_400_000_000


def assess_sequences(
    real: pd.DataFrame,
    synthetic: pd.DataFrame,
    order: str,
    key: str | None = None,
    *,
    holdout: pd.DataFrame | None = None,
    schema: Schema | None = None,
    seed: int = 0,
) -> tuple[Sequences, float | None]:
    """The sequence section of a report and the standard error of its score (None without a score).

    Parameters
    ----------
    real, synthetic : DataFrame
        Rows in sequences; ties of ``order`` keep the order of the table.
    order : str
        Column of dates or numbers that orders the rows. What cannot be read as one is null; such rows, and those
        without a key, are left out (reading ``rows_without_order``).
    key : str, optional
        Column that names the sequence (account, series); without it each table is one sequence.
    holdout : DataFrame, optional
        Other real sequences, for references and ceiling; else halves of the real ones.
    schema : Schema, optional
        Kinds of the columns of ``real``; inferred by default.
    seed : int
        Seeds groups, halves, and the 60 columns looked at in a wider table.

    Raises
    ------
    ColumnNotFoundError
        If a table lacks ``order`` or ``key``.
    """
    frames = [named(real, "real"), named(synthetic, "synthetic")]
    frames += [] if holdout is None else [named(holdout, "holdout")]
    for what, frame in zip(("real", "synthetic", "holdout"), frames, strict=False):
        _has(frame, what, order, key)
    schema = schema or infer_schema(frames[0])
    known = schema[order] if order in schema.names else None
    places = [_places(frame[order], known) for frame in frames]
    if any(np.isnan(place).all() for place in places[:2]):
        return _absent(order, key, UNREADABLE if len(real) and len(synthetic) else TOO_FEW)
    keys = [None if key is None else pd.factorize(frame[key])[0].astype(np.intp) for frame in frames]
    ordered = [sequence.Ordered.of(place, k) for place, k in zip(places, keys, strict=True)]
    if min(part.rows.size for part in ordered[:2]) < MIN_ROWS:
        return _absent(order, key, TOO_FEW)
    dated = not _is_number(frames[0][order])
    rng = generator(seed_sequence(seed), _STREAM)
    if len(ordered) == 3 and ordered[2].rows.size < MIN_ROWS:
        ordered.pop()
    whole = all(part.n_sequences >= N_GROUPS for part in ordered)
    tables = [_Rows.of(o, p, rng, whole=whole) for o, p in zip(ordered, places, strict=False)]
    cells = _Cells.of(_columns(frames, schema, {order, key}, rng), tables, dated=dated)
    return _assessed((order, key), tables, cells, halves(N_GROUPS, N_SPLITS, rng), [p.size for p in places])


def _has(frame: pd.DataFrame, what: str, order: str, key: str | None) -> None:
    for name in (order, key):
        if name is not None and name not in frame:
            raise ColumnNotFoundError(
                f"The {what} table has no column {name!r} to put rows in sequences. Its columns: "
                f"{', '.join(frame.columns)}."
            )


def _absent(order: str, key: str | None, reason: str) -> tuple[Sequences, None]:
    return Sequences(order, key, Score(None, reason=reason), ()), None


def _is_number(series: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(series.dtype))


def _places(series: pd.Series, column: Column | None) -> Floats:
    """Numbers as they are, dates as days since 1970; NaN for null and what is neither."""
    if _is_number(series):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(np.isinf(values), np.nan, values)
    moments = series
    if not pd.api.types.is_datetime64_any_dtype(series.dtype):
        form = "ISO8601" if column is None or column.format is None else column.format
        plain = series.astype(object)
        moments = pd.to_datetime(plain, format=form, errors="coerce", utc=True)
        if moments.isna().all():
            moments = pd.to_datetime(plain, format="ISO8601", errors="coerce", utc=True)
    if getattr(moments.dt, "tz", None) is not None:
        moments = moments.dt.tz_convert("UTC").dt.tz_localize(None)
    ticks = moments.to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(ticks), np.nan, ticks.astype(np.int64) / _DAY_US)


def _columns(
    frames: Sequence[pd.DataFrame], schema: Schema, used: set[str | None], rng: np.random.Generator
) -> list[Numbers | Labels]:
    """The other columns that can be compared, 60 at most, dates and free text left out."""
    rest = [c for c in schema if c.name not in used and c.kind not in ("datetime", "text", "identifier")]
    if len(rest) > MAX_COLUMNS:
        rest = [rest[k] for k in np.sort(rng.choice(len(rest), MAX_COLUMNS, replace=False))]
    read = read_columns(frames[0], frames[1], frames[2] if len(frames) > 2 else None, Schema(tuple(rest)))
    return [c for c in read.compared if c.note not in ("missing_column", "not_castable")]


@dataclass(frozen=True, slots=True)
class _Rows:
    """One table in order: ``place`` (k,) and ``group`` (k,) of each of its ordered rows."""

    ordered: sequence.Ordered
    place: Floats
    group: Codes
    whole: bool

    @classmethod
    def of(cls, ordered: sequence.Ordered, places: Floats, rng: np.random.Generator, *, whole: bool) -> _Rows:
        n = ordered.rows.size
        if whole:
            group = (rng.permutation(ordered.n_sequences) % N_GROUPS)[ordered.sequence]
        else:
            group = np.arange(n) * N_GROUPS // n
        return cls(ordered, places[ordered.rows], group, whole)

    @property
    def n_units(self) -> int:
        """What the noise goes with: sequences, or rows where there are few."""
        return self.ordered.n_sequences if self.whole else self.ordered.rows.size

    def intervals(self) -> tuple[Floats, Codes]:
        """Times between rows that follow each other, and their groups."""
        first, later = self.ordered.pairs(1)
        return self.place[later] - self.place[first], self.group[first]

    def sequence_groups(self) -> Codes:
        """Group of each sequence."""
        starts = np.flatnonzero(np.diff(self.ordered.sequence, prepend=-1))
        found: Codes = self.group[starts]
        return found


@dataclass(frozen=True, slots=True)
class _Cells:
    """Columns and the cells, all from the real table, in which every table is counted."""

    numbers: tuple[Numbers, ...]
    labels: tuple[Labels, ...]
    coded: tuple[CategoryCells, ...]
    dated: bool
    whole: bool
    fine: dict[str, NumericCells] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Sequence[Numbers | Labels], tables: Sequence[_Rows], *, dated: bool) -> _Cells:
        labels = tuple(column for column in columns if isinstance(column, Labels))
        n_rows = min(part.ordered.rows.size for part in tables[:2])
        coded = []
        for column in labels:
            counts = np.bincount(column.real[column.real >= 0], minlength=len(column.labels))
            mass = counts / max(counts.sum(), 1)
            coded.append(CategoryCells.fit(mass, counts, column.labels, n_rows, MAX_CELLS))
        whole = all(part.whole for part in tables)
        numbers = tuple(column for column in columns if isinstance(column, Numbers))
        return cls(numbers, labels, tuple(coded), dated, whole)

    def histogram(self, name: str, values: Floats, group: Codes, *, learn: bool) -> Floats:
        """Counts (N_GROUPS, K) in 200 quantile cells of the real values, which the real table comes first to learn."""
        if learn:
            self.fine[name] = NumericCells.fit(SortedColumn.of(values), FINE_CELLS)
        cells = self.fine[name]
        flat = group * cells.n_cells + cells.encode(values)
        return _counts(flat, cells.n_cells)[:, :-1]


def _counts(flat: Codes, width: int) -> Floats:
    return np.bincount(flat, minlength=N_GROUPS * width).reshape(N_GROUPS, width).astype(np.float64)


def _tally(rows: _Rows, cells: _Cells, table: int) -> dict[str, Floats]:
    """Everything that is measured, as sums (N_GROUPS, ...) of a table: 0 real, 1 synthetic, 2 holdout."""
    learn = table == 0
    found: dict[str, Floats] = {}
    found["intervals"] = cells.histogram("intervals", *rows.intervals(), learn=learn)
    if cells.dated:
        days = sequence.month_days(rows.place), sequence.weekdays(rows.place)
        found["month_days"] = _counts(rows.group * sequence.N_MONTH_DAYS + days[0], sequence.N_MONTH_DAYS)
        found["weekdays"] = _counts(rows.group * sequence.N_WEEKDAYS + days[1], sequence.N_WEEKDAYS)
    if cells.whole:
        lengths = rows.ordered.lengths().astype(np.float64)
        found["lengths"] = cells.histogram("lengths", lengths, rows.sequence_groups(), learn=learn)
        found["sequences"] = np.bincount(rows.sequence_groups(), minlength=N_GROUPS).astype(np.float64)
    for number in cells.numbers:
        found |= _tally_number(number, (number.real, number.synthetic, number.holdout)[table], rows, cells, learn=learn)
    for label, coded in zip(cells.labels, cells.coded, strict=True):
        codes = coded.encode((label.real, label.synthetic, label.holdout)[table])
        found |= _tally_label(label.column.name, codes.astype(np.intp), coded.n_cells, rows, whole=cells.whole)
    return found


def _tally_number(column: Numbers, values: Floats, rows: _Rows, cells: _Cells, *, learn: bool) -> dict[str, Floats]:
    name = column.column.name
    ranks = SortedColumn.of(values).ranks()
    found = {f"lags {name}": _lags(ranks, rows)}
    if rows.ordered.n_sequences > 1:
        within = ranks.copy()
        within[rows.ordered.rows] -= sequence.sequence_means(ranks, rows.ordered)[rows.ordered.sequence] - 0.5
        found[f"lags {name} within"] = _lags(within, rows)
    first, later = rows.ordered.pairs(1)
    steps = values[rows.ordered.rows[later]] - values[rows.ordered.rows[first]]
    known = ~np.isnan(steps)
    found[f"steps {name}"] = cells.histogram(f"steps {name}", steps[known], rows.group[first][known], learn=learn)
    if cells.whole:
        means = sequence.sequence_means(values, rows.ordered)
        known = ~np.isnan(means)
        group = rows.sequence_groups()[known]
        found[f"means {name}"] = cells.histogram(f"means {name}", means[known], group, learn=learn)
    return found


def _lags(ranks: Floats, rows: _Rows) -> Floats:
    """Sums (N_GROUPS, MAX_LAG, 6) for the correlations with later rows."""
    sums = [sequence.lag_sums(ranks, rows.ordered, lag, rows.group, N_GROUPS) for lag in range(1, MAX_LAG + 1)]
    return np.stack(sums, axis=1)


def _tally_label(name: str, codes: Codes, n_cells: int, rows: _Rows, *, whole: bool) -> dict[str, Floats]:
    counts = sequence.transition_counts(codes, rows.ordered, n_cells, rows.group, N_GROUPS)
    found = {f"transitions {name}": counts}
    if whole:
        own = np.unique(rows.ordered.sequence * n_cells + codes[rows.ordered.rows])
        group = rows.sequence_groups()[own // n_cells]
        found[f"presence {name}"] = _counts(group * n_cells + own % n_cells, n_cells)
    return found


def _replicated(tally: Sums, weights: Floats) -> dict[str, Floats]:
    """The sums (R, ...) of replicates ``weights`` (R, N_GROUPS)."""
    return {name: np.tensordot(weights, sums, axes=1) for name, sums in tally.items()}


def _each(prefix: str, left: Sums, right: Sums, gap: Callable[[Floats, Floats], Floats]) -> Floats:
    """Gaps (R, C) over the columns that ``prefix`` is about."""
    names = [name for name in left if name == prefix or name.startswith(f"{prefix} ")]
    found = [gap(left[name], right[name]) for name in names]
    return np.column_stack(found) if found else np.empty((len(next(iter(left.values()))), 0))


def _gaps(left: Sums, right: Sums) -> dict[str, Floats]:
    """Gaps (R, C) between the replicates of two tables, by part."""
    found = {
        "lags": _each("lags", left, right, lambda a, b: np.abs(sequence.correlation(a) - sequence.correlation(b))),
        "transitions": _each("transitions", left, right, _residual_gap),
        "intervals": _each("intervals", left, right, sequence.ks_of_counts),
        "lengths": _each("lengths", left, right, sequence.ks_of_counts),
        "calendar": np.column_stack([_each(name, left, right, _variation) for name in ("month_days", "weekdays")]),
        "steps": _each("steps", left, right, sequence.ks_of_counts),
        "means": _each("means", left, right, sequence.ks_of_counts),
    }  # fmt: skip
    if "sequences" in left:
        n, m = left["sequences"][:, None], right["sequences"][:, None]
        found["presence"] = _each("presence", left, right, lambda a, b: np.abs(a / n - b / m))
    return found


def _shares(counts: Floats, n_axes: int) -> Floats:
    """Counts as shares over the last axes; NaN without a count."""
    total = counts.sum(axis=tuple(range(-n_axes, 0)), keepdims=True)
    shares: Floats = np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)
    return shares


def _residual_gap(left: Floats, right: Floats) -> Floats:
    return _total(residual(_shares(left, 2)) - residual(_shares(right, 2)))


def _total(apart: Floats) -> Floats:
    half: Floats = np.abs(apart).sum(axis=(-2, -1)) / 2
    return half


def _variation(left: Floats, right: Floats) -> Floats:
    half: Floats = np.abs(_shares(left, 1) - _shares(right, 1)).sum(axis=-1) / 2
    return half


def _weights(left: Sums, right: Sums, noise: Mapping[str, Floats]) -> dict[str, Floats]:
    """The most that can be lost (C,), by scored part, from the sums of both whole tables; 0 leaves one out."""
    found = {name: np.nan_to_num(1 - noise[name]) for name in ("intervals", "lengths", "calendar")}
    strength = [np.abs(_each("lags", side, side, lambda a, _: sequence.correlation(a))[0]) for side in (left, right)]
    found["lags"] = _above(np.fmax(*strength) - noise["lags"], MIN_AUTOCORRELATION)
    depends = [_dependence(left[name], right[name]) for name in left if name.startswith("transitions ")]
    found["transitions"] = _above(np.array(depends), MIN_DEPENDENCE)
    if "sequences" in left:
        sides = [_each("presence", side, side, lambda a, _: a)[0] / side["sequences"][0] for side in (left, right)]
        found["presence"] = np.fmax(*sides)
    return found


def _dependence(left: Floats, right: Floats) -> float:
    """How much rows depend on the one before in whichever table more, noise removed, from counts (1, K, K)."""
    if not left.sum() or not right.sum():
        return float("nan")
    floors = pair_floors(left, right)
    both = [float(_total(residual(_shares(side, 2)))[0]) for side in (left, right)]
    return float(max(both[0] - floors[0], both[1] - floors[1]))


def _above(strength: Floats, least: float) -> Floats:
    return np.where(np.nan_to_num(strength) > least, strength, 0.0)


def _scores(gaps: Mapping[str, Floats], noise: Mapping[str, Floats], weights: Mapping[str, Floats]) -> Floats:
    """Scores (R, parts) of the parts that have a weight, not yet held within [0, 1]."""
    replicates = len(gaps["intervals"])
    parts: list[Floats] = []
    for name, weight in weights.items():
        used = (weight > 0) & np.isfinite(noise[name])
        if used.any():
            lost = np.where(np.isnan(gaps[name][:, used]), weight[used], gaps[name][:, used] - noise[name][used])
            parts.append(1 - lost.sum(axis=1) / weight[used].sum())
    return np.column_stack(parts) if parts else np.empty((replicates, 0))


def _mean_score(parts: Floats) -> Floats:
    """Mean (R,) of the parts (R, parts), each held within [0, 1]."""
    mean: Floats = np.clip(parts, 0.0, 1.0).mean(axis=1)
    return mean


@dataclass(frozen=True, slots=True)
class _Against:
    """A table against the real one: gaps and scores of the parts with replicates, and the readings of the whole."""

    gaps: Mapping[str, Floats]
    noise: Mapping[str, Floats]
    weights: Mapping[str, Floats]
    scores: Floats
    readings: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Halves:
    """The real table halved at random: sums of both halves of each split, and the gaps between them."""

    splits: Floats
    one: Sums
    other: Sums
    gaps: Mapping[str, Floats]

    @classmethod
    def of(cls, real: Sums, splits: Floats) -> _Halves:
        one, other = _replicated(real, splits), _replicated(real, 1 - splits)
        return cls(splits, one, other, _gaps(one, other))


def _assessed(
    names: tuple[str, str | None], tables: Sequence[_Rows], cells: _Cells, splits: Floats, n_rows: Sequence[int]
) -> tuple[Sequences, float | None]:
    """The section for ``names`` (order, key) from tables in order with ``n_rows`` before rows were left out."""
    tallies = [_tally(rows, cells, k) for k, rows in enumerate(tables)]
    between = _Halves.of(tallies[0], splits)
    found = _against(tables[0], tables[1], tallies[0], tallies[1], between.gaps)
    if not found.scores.shape[1]:
        return _absent(*names, NOTHING)
    if len(tables) > 2:
        fresh = _against(tables[0], tables[2], tallies[0], tallies[2], between.gaps)
        reference, best = fresh.readings, fresh.scores[:1]
    else:
        reference, best = _by_halves(tables[0], _scale(tables[0], tables[1]), between, found)
    readings = [
        Reading(name, value, _interval(value, name, found.gaps), _known(reference.get(name)))
        for name, value in found.readings.items()
        if not np.isnan(value)
    ]
    lost = [1 - rows.ordered.rows.size / max(n, 1) for rows, n in zip(tables, n_rows, strict=False)]
    readings.append(Reading("rows_without_order", lost[1], reference=lost[0]))
    value, error = float(_mean_score(found.scores)[0]), float(jackknife_error(found.scores.mean(axis=1)))
    bounds = max(0.0, value - _T * error), min(1.0, value + _T * error)
    ceiling = float(_mean_score(best).mean()) if best.shape[1] else None
    return Sequences(*names, Score(value, bounds, ceiling), tuple(readings)), error


def _by_halves(real: _Rows, scale: float, between: _Halves, found: _Against) -> tuple[dict[str, float], Floats]:
    """Readings between halves, brought to the sizes of the tables by ``scale``, and their scores (splits, parts)."""
    pairs = [_readings(_at(between.one, k), _at(between.other, k), None) for k in range(len(between.splits))]
    reference = {name: scale * _mean_of(np.array([pair[name] for pair in pairs])) for name in pairs[0]}
    reference["inter_event_wasserstein"] = scale * _half_wasserstein(real, between.splits)
    gaps = {name: gap * scale for name, gap in between.gaps.items()}
    return reference, _scores(gaps, found.noise, found.weights)


def _scale(real: _Rows, other: _Rows) -> float:
    """Noise between real and ``other`` over that between halves of real."""
    n, m = real.n_units, other.n_units
    return float(np.sqrt((1 / n + 1 / m) / (4 / n)))


def _against(real: _Rows, other: _Rows, left: Sums, right: Sums, between: Mapping[str, Floats]) -> _Against:
    """``other`` against the real table, with each group of both left out in turn."""
    out = deletions(N_GROUPS)
    one, two = _replicated(left, out), _replicated(right, out)
    gaps = _gaps(one, two)
    noise = {name: _mean_gap(gap) * _scale(real, other) for name, gap in between.items()}
    weights = _weights(_at(one, 0), _at(two, 0), noise)
    scores = _scores(gaps, noise, weights)
    return _Against(gaps, noise, weights, scores, _readings(_at(one, 0), _at(two, 0), (real, other)))


def _at(sums: Sums, k: int) -> dict[str, Floats]:
    return {name: part[k : k + 1] for name, part in sums.items()}


def _mean_gap(gap: Floats) -> Floats:
    """Mean over the splits (C,); NaN where no split has a gap."""
    n_known = (~np.isnan(gap)).sum(axis=0)
    mean: Floats = np.divide(np.nansum(gap, axis=0), n_known, out=np.full(gap.shape[1], np.nan), where=n_known > 0)
    return mean


_PLAIN = {
    "autocorrelation_gap": "lags",
    "inter_row_ks": "steps",
    "sequence_mean_ks": "means",
    "inter_event_ks": "intervals",
    "sequence_length_ks": "lengths",
    "sequences_per_category_gap": "presence",
}


def _readings(left: Sums, right: Sums, rows: tuple[_Rows, _Rows] | None) -> dict[str, float]:
    """What is shown of two whole tables, NaN where nothing was compared; all are gaps, 0 is best."""
    gaps = _gaps(left, right)
    found = {name: _mean_of(gaps[part][0]) for name, part in _PLAIN.items() if part in gaps}
    moves = [name for name in left if name.startswith("transitions ")]
    found["transition_tv"] = _mean_of(np.array([sequence.transition_distance(left[k][0], right[k][0]) for k in moves]))
    for name, part in (("day_of_month_tv", "month_days"), ("weekday_tv", "weekdays")):
        if part in left:
            found[name] = sequence.share_distance(left[part][0], right[part][0])
    if rows is not None:
        found["inter_event_wasserstein"] = _wasserstein(*(side.intervals()[0] for side in rows))
    return found


def _mean_of(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _wasserstein(real: Floats, other: Floats) -> float:
    """Distance of two samples of times in interquartile ranges of the real ones."""
    reference = SortedColumn.of(real)
    return normalize(ks_and_wasserstein(reference, SortedColumn.of(other))[1], reference)


def _half_wasserstein(real: _Rows, splits: Floats) -> float:
    times, group = real.intervals()
    chosen = splits[:, group] > 0
    return _mean_of(np.array([_wasserstein(times[at], times[~at]) for at in chosen]))


def _interval(value: float, name: str, gaps: Mapping[str, Floats]) -> Interval | None:
    """95 % interval of a reading that is a mean of gaps, by the jackknife."""
    if name not in _PLAIN:
        return None
    gap = gaps[_PLAIN[name]]
    known = ~np.isnan(gap).any(axis=0)
    if not known.any():
        return None
    reach = _T * float(jackknife_error(gap[:, known].mean(axis=1)))
    return max(0.0, value - reach), value + reach


def _known(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else float(value)


__all__ = ["assess_sequences"]
