"""``ratio_curve``: what becomes of scores and risks as more rows are made."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Ledger
from contrapeso.finance.evaluation._learner import Model, mean_f1
from contrapeso.finance.evaluation._make import Make, balanced_draws, first_of_each
from contrapeso.finance.evaluation._realism import realism
from contrapeso.finance.evaluation._splits import Cut, check_tested, largest_of, payees, slice_of, temporal_cuts
from contrapeso.finance.evaluation._treatments import Bench, rows_wanted, with_rows

RATIOS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
LEAST_GAIN = 0.005
MOST_KEPT = 64


@dataclass(frozen=True, slots=True)
class RatioPoint:
    """One ratio of the curve.

    Attributes
    ----------
    ratio : rows of a minority category over those of the largest, after balancing.
    n_made : rows that were made, mean of the runs.
    minority_f1, majority_f1 : macro-F1 of the balanced categories and F1 of the largest, on later rows.
    realism : mean score of the categories, 0 to 100; None where none can be scored or nothing was made.
    leak_risk : share of made rows that share day and amount, or amount and payee, with a training row, beyond the
        share of later real rows that do; 0 to 1.
    """

    ratio: float
    n_made: float
    minority_f1: float
    majority_f1: float
    realism: float | None
    leak_risk: float


@dataclass(frozen=True, slots=True)
class RatioCurve:
    """Scores and risks over the ratio.

    Attributes
    ----------
    points : in order of the ratio; 0 is doing nothing.
    knee : the ratio past which more rows bring little; None where no ratio gains half a point.
    method : which one was asked.
    """

    points: tuple[RatioPoint, ...]
    knee: float | None
    method: str

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {"points": [asdict(point) for point in self.points], "knee": self.knee, "method": self.method}


@dataclass(slots=True)
class CurveCache:
    """Curves by what they are made of; the oldest goes where there are more than 64."""

    kept: OrderedDict[str, tuple[Make, RatioCurve]] = field(default_factory=OrderedDict)

    def get(self, key: str, make: Make) -> RatioCurve | None:
        """The curve of a key that the same ``make`` gave."""
        known = self.kept.get(key)
        return known[1] if known and known[0] is make else None

    def put(self, key: str, make: Make, curve: RatioCurve) -> None:
        """Keep a curve."""
        self.kept[key] = (make, curve)
        while len(self.kept) > MOST_KEPT:
            self.kept.popitem(last=False)


CURVES = CurveCache()
"""Where :func:`ratio_curve` keeps what it measured, for the life of the process."""


def ledger_hash(ledger: Ledger) -> str:
    """SHA-256 of everything that a ledger holds, in hexadecimal."""
    digest = hashlib.sha256(ledger.currency.encode())
    for name in Ledger.__dataclass_fields__:
        column = getattr(ledger, name)
        if name == "currency":
            continue
        held = json.dumps(list(column)).encode() if column.dtype == object else np.ascontiguousarray(column).tobytes()
        digest.update(len(held).to_bytes(8, "big") + held)
    return digest.hexdigest()


def ratio_curve(
    ledger: Ledger,
    make: Make,
    *,
    method: str = "pattern_based",
    categories: Sequence[str] | None = None,
    ratios: Sequence[float] = RATIOS,
    cuts: int = 2,
    seeds: int = 1,
    examples: int | None = None,
    model: Model = "svc",
    cache: CurveCache | None = CURVES,
) -> RatioCurve:
    """What becomes of the classifier, the realism and the risk as more rows are made.

    Rows are made once, for the largest ratio; a smaller ratio takes the first of them.

    Parameters
    ----------
    ledger : Ledger with categories
    make : callable ``make(train, category, n, method, seed) -> Ledger``
    method : str, default "pattern_based"
    categories : sequence of str, optional
        The categories to balance; those with a tenth of the rows or fewer where not given.
    ratios : sequence of float, default (0, 0.1, 0.25, 0.5, 0.75, 1)
    cuts, seeds : int, default 2 and 1
        Cuts in time, and seeds 0 .. seeds - 1, over which scores are averaged.
    examples : int, optional
        Keep at most so many training rows of each minority category.
    model : {"svc", "logistic"}, default "svc"
    cache : CurveCache or None
        The same rows, options and ``make`` give the curve that is kept; None measures anew.

    Returns
    -------
    RatioCurve

    Raises
    ------
    InvalidParameterError
        If a ratio is outside [0, 1] or there is no seed.
    InsufficientDataError
        If the rows cannot be cut in time.
    """
    wanted = sorted({0.0, *map(float, ratios)})
    if wanted[0] < 0 or wanted[-1] > 1 or seeds < 1:
        raise InvalidParameterError(f"ratios are from 0 to 1 and seeds 1 or more; got {ratios!r} and {seeds!r}.")
    facts = [
        ledger_hash(ledger),
        method,
        categories and list(categories),
        wanted,
        cuts,
        seeds,
        examples,
        model,
        id(make),
    ]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    known = cache.get(key, make) if cache is not None else None
    if known is not None:
        return known
    found = [
        _points_of(ledger, cut, make, _Asked(method, categories, tuple(wanted), examples, model, seed))
        for cut in temporal_cuts(ledger, cuts)
        for seed in range(seeds)
    ]
    check_tested(np.isfinite(one[0].minority_f1) for one in found)
    points = tuple(_mean_point([one[i] for one in found]) for i in range(len(wanted)))
    curve = RatioCurve(points, knee_of([p.ratio for p in points], [p.minority_f1 for p in points]), method)
    if cache is not None:
        cache.put(key, make, curve)
    return curve


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str
    categories: Sequence[str] | None
    ratios: tuple[float, ...]
    examples: int | None
    model: Model
    seed: int


def _points_of(ledger: Ledger, cut: Cut, make: Make, asked: _Asked) -> list[RatioPoint]:
    """The curve of one cut and seed."""
    train, names = slice_of(ledger, cut, asked.categories, asked.examples, asked.seed)
    most = rows_wanted(train, names, asked.ratios[-1])
    made = balanced_draws(make, train, most, asked.method, asked.seed)[0]
    test, points = ledger.take(cut.test), []
    for ratio in asked.ratios:
        wanted = rows_wanted(train, names, ratio) if ratio > 0 else {}
        bench = Bench(train, test, wanted, asked.model, asked.seed)
        points.append(_point(bench, made.take(first_of_each(made, wanted)), names, ratio))
    return points


def _point(bench: Bench, rows: Ledger, names: tuple[str, ...], ratio: float) -> RatioPoint:
    train, test = bench.train, bench.test
    truth, guess = test.categories.astype(str), with_rows(bench, rows)
    return RatioPoint(
        ratio,
        float(len(rows)),
        mean_f1(truth, guess, names),
        mean_f1(truth, guess, (largest_of(bench.labels, truth),)),
        realism(train, test, rows, n_draws=50).mean if len(rows) else None,
        leak_risk(train, test, rows) if len(rows) else 0.0,
    )


def leak_risk(train: Ledger, later: Ledger, made: Ledger) -> float:
    """Share of made rows that share day and amount, or amount and payee, with a training row, beyond later rows'.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> a = ledger_of(["2024-05-06"], [-10], ["PIX ANA"])
    >>> b = ledger_of(["2024-06-06"], [-99], ["PIX BIA"])
    >>> leak_risk(a, b, a), leak_risk(a, b, b)
    (1.0, 0.0)
    """
    return max(0.0, _share_known(train, made) - _share_known(train, later))


def _share_known(train: Ledger, rows: Ledger) -> float:
    def keys(ledger: Ledger) -> tuple[list[tuple[int, int]], list[tuple[str, int]]]:
        cents = [int(value) for value in ledger.cents]
        return list(zip(ledger.days.astype(np.int64), cents, strict=True)), list(
            zip(payees(ledger), cents, strict=True)
        )

    (days, names), (own_days, own_names) = keys(train), keys(rows)
    known_days, known_names = set(days), {key for key in names if key[0]}
    hits = [day in known_days or name in known_names for day, name in zip(own_days, own_names, strict=True)]
    return float(np.mean(hits)) if hits else 0.0


def _mean_point(points: list[RatioPoint]) -> RatioPoint:
    scores = [point.realism for point in points if point.realism is not None]
    return RatioPoint(
        points[0].ratio,
        float(np.mean([point.n_made for point in points])),
        float(np.nanmean([point.minority_f1 for point in points])),
        float(np.nanmean([point.majority_f1 for point in points])),
        float(np.mean(scores)) if scores else None,
        float(np.mean([point.leak_risk for point in points])),
    )


def knee_of(ratios: Sequence[float], scores: Sequence[float]) -> float | None:
    """The ratio at which the best score so far stands highest above the straight line from first to best.

    None where the best score is less than half a point above that of the first ratio.

    References
    ----------
    .. [1] Satopaa et al., "Finding a 'Kneedle' in a haystack", ICDCS Workshops 2011, Sec. III.

    Examples
    --------
    >>> knee_of([0, 0.25, 0.5, 1], [0.80, 0.88, 0.89, 0.90]), knee_of([0, 0.5, 1], [0.9, 0.9, 0.89])
    (0.25, None)
    """
    x, best = np.asarray(ratios, dtype=np.float64), np.maximum.accumulate(np.asarray(scores, dtype=np.float64))
    if not np.isfinite(best).all() or best[-1] - best[0] < LEAST_GAIN:
        return None
    end = int(np.argmax(best == best[-1]))
    line = (x - x[0]) / (x[end] - x[0])
    above = ((best - best[0]) / (best[-1] - best[0]) - line)[: end + 1]
    return float(x[int(np.argmax(above))]) if above.max() > 1e-9 else float(x[end])


__all__ = ["CURVES", "CurveCache", "RatioCurve", "RatioPoint", "knee_of", "leak_risk", "ledger_hash", "ratio_curve"]
