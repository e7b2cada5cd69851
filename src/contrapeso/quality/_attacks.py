"""The privacy attacks of a report: run on rows that the generator may have seen and on rows that it has not.

Train and holdout rows are matched (as many of each class on both sides, in classes that the synthetic table has), so
for a generator that has not seen the split they are exchangeable: every attack succeeds equally often on both, and
what it gains on the train rows is leakage. Because many attacks are tried, "excess" is judged on intervals that hold
together (Bonferroni), and the gate falls only where the excess is also of a practical size (:data:`MARGINS`).

One file, for the attacks share one bench of matched rows and are judged together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contrapeso.kernels import Found
from contrapeso.metrics import Features, fit_trees
from contrapeso.metrics._attacks import (
    Z95,
    area,
    area_interval,
    density_scores,
    distance_scores,
    family_z,
    guess_is_right,
    is_linked,
    joint_predicates,
    local_scores,
    only_match,
    risk_interval,
    single_predicates,
    singled_out,
    tpr_at_fpr,
    wilson,
)
from contrapeso.metrics._proximity import (
    cluster_size,
    dcr_share,
    effective_votes,
    gower_ranges,
    near_rows,
    nearest_rows,
    nndr_ratio,
)
from contrapeso.quality._samples import Samples
from contrapeso.quality._sections import Attack, Interval

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Keys = NDArray[np.uint64]

MAX_ATTACKED = 2000
"""Rows attacked on each side."""
MIN_ROWS = 30
MAX_SECRETS = 5
NUMBER_TOLERANCE = 0.05
"""A guess of a number is right within this share of its range."""
BLIND = 0.9
"""AUC above which nothing that compares distances has a control."""
RARE_SHARE = 0.05
MIN_RARE = 10
FPR = 0.01
SHIFT = 0.55
"""AUC of telling train from holdout rows without the synthetic ones above which the holdout is no control."""
MARGINS = {
    "near_copies": 0.01,
    "dcr_share": 0.04,
    "rare_record_dcr": 0.10,
    "membership_distance": 0.10,
    "membership_density": 0.10,
    "membership_local": 0.10,
    "attribute_inference": 0.02,
    "linkability_1": 0.02,
    "linkability_10": 0.02,
    "singling_out_multivariate": 0.02,
    "quasi_identifiers": 0.02,
}
"""Least excess that lets the gate fall: a DCR share above 0.52, an AUC above 0.55, a risk above 0.02."""
TPR_MARGIN = 0.02
SHOWN = ("nndr_ratio", "singling_out_univariate")
"""Without a say in the gate: whoever draws single values from the table, even column by column, wins the latter."""
ATTACKS = (*MARGINS, *SHOWN, "membership_inference")
N_GUESSES = 1000
"""Conditions that are tried to single a row out."""
N_TRIES = 5000
_Z_SHIFT = 3.0
_K_LOCAL, _K_DENSITY = 10, 1
_JOINT, _SINGLE = 40, 41


class Outcome(Protocol):
    """What an attack reached and how sure that is; ``excess`` is above the control, 1 being total."""

    @property
    def value(self) -> float: ...

    @property
    def control(self) -> float: ...

    def interval(self, z: float) -> Interval: ...

    def control_interval(self, z: float) -> Interval | None: ...

    def excess(self, z: float) -> Interval | None: ...


@dataclass(frozen=True, slots=True)
class Rates:
    """Two success rates, each from a (perhaps effective) number of trials; the excess is anonymeter's risk."""

    value: float
    control: float
    n: float
    n_control: float

    def interval(self, z: float) -> Interval:
        return wilson(self.value, self.n, z)

    def control_interval(self, z: float) -> Interval | None:
        return wilson(self.control, self.n_control, z)

    def excess(self, z: float) -> Interval | None:
        return risk_interval(self.value, self.control, (self.n, self.n_control), z)


@dataclass(frozen=True, slots=True)
class Level:
    """A share with a level that it has by chance."""

    value: float
    n: float
    control: float = 0.5

    def interval(self, z: float) -> Interval:
        return wilson(self.value, self.n, z)

    def control_interval(self, z: float) -> Interval | None:  # noqa: ARG002
        return None

    def excess(self, z: float) -> Interval | None:
        return _above(self.interval(z), self.control)


@dataclass(frozen=True, slots=True)
class Area:
    """The AUC of an attack on n members and ``n_others``; ``control`` is what it takes no synthetic row to reach."""

    value: float
    n: int
    n_others: int
    control: float = 0.5

    def interval(self, z: float) -> Interval:
        return area_interval(self.value, self.n, self.n_others, z)

    def control_interval(self, z: float) -> Interval | None:  # noqa: ARG002
        return None

    def excess(self, z: float) -> Interval | None:
        return _above(self.interval(z), self.control)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio that is 1 by chance and lower where something leaks."""

    value: float
    error: float
    control: float = 1.0

    def interval(self, z: float) -> Interval:
        return max(0.0, self.value - z * self.error), self.value + z * self.error

    def control_interval(self, z: float) -> Interval | None:  # noqa: ARG002
        return None

    def excess(self, z: float) -> Interval | None:
        low, high = self.interval(z)
        return max(-1.0, 1 - high), 1 - low


def _above(interval: Interval, control: float) -> Interval | None:
    """``interval`` on a scale where ``control`` is 0 and 1 is 1."""
    if control >= 1:
        return None
    low, high = ((end - control) / (1 - control) for end in interval)
    return max(-1.0, low), min(1.0, high)


@dataclass(frozen=True, slots=True)
class Finding:
    """An attack before it is judged: an outcome, or a reason why there is none; shown only without a ``margin``."""

    name: str
    measure: str
    outcome: Outcome | None
    n: int = 0
    columns: tuple[str, ...] = ()
    reason: str | None = None
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """Matched rows: ``train`` and ``fresh`` with as many rows of each class, ``synthetic`` of the same classes.

    ``members`` and ``others`` are the attacked ones among them, at most 2,000 each, as positions; ``keys`` are theirs.
    """

    train: Features
    fresh: Features
    synthetic: Features
    members: Codes
    others: Codes
    keys: tuple[Keys, Keys]
    ranges: Floats
    samples: Samples
    n_jobs: int

    def near(self, reference: Features, query: Features, k: int = 1, columns: Sequence[int] | None = None) -> Found:
        """Nearest rows by all or some of the columns."""
        ranges = self.ranges
        if columns is not None:
            is_number = ~reference.categorical
            place = np.cumsum(is_number) - 1
            ranges = ranges[[place[c] for c in columns if is_number[c]]]
            reference, query = reference.only(columns), query.only(columns)
        return nearest_rows(reference, query, ranges, min(k, reference.n_rows), n_jobs=self.n_jobs)

    @property
    def attacked(self) -> tuple[Features, Features]:
        """Members and others."""
        return self.train.take(self.members), self.fresh.take(self.others)


def set_up(samples: Samples, n_jobs: int) -> Bench | None:
    """Matched rows of ``samples``; None where fewer than 30 are left on a side."""
    wanted = np.unique(samples.synthetic.klass)
    train, fresh = (s.take(np.isin(s.klass, wanted)) for s in (samples.train, samples.fresh))
    a, b = matched(train.klass, fresh.klass)
    kept = np.isin(samples.synthetic.klass, train.klass[a])
    if min(a.size, int(kept.sum())) < MIN_ROWS:
        return None
    left, right = train.take(a), fresh.take(b)
    members, others = matched(left.klass, right.klass, MAX_ATTACKED)
    return Bench(
        left.features,
        right.features,
        samples.synthetic.features.take(kept),
        members,
        others,
        (left.keys[members], right.keys[others]),
        gower_ranges(left.features, right.features),
        samples,
        n_jobs,
    )


def matched(left: Codes, right: Codes, limit: int | None = None) -> tuple[Codes, Codes]:
    """Positions in two lists of classes, as many of each class in both, the first of each; at most ``limit``."""
    n_classes = 1 + max(int(left.max(initial=-1)), int(right.max(initial=-1)))
    quota = np.minimum(np.bincount(left, minlength=n_classes), np.bincount(right, minlength=n_classes))
    total = int(quota.sum())
    if limit is not None and total > limit:
        quota = quota * limit // total
    return _first(left, quota), _first(right, quota)


def _first(klass: Codes, quota: Codes) -> Codes:
    """The first ``quota[c]`` positions of each class c, in order."""
    order = np.argsort(klass, kind="stable")
    starts = np.searchsorted(klass[order], np.arange(quota.size))
    rank = np.empty(klass.size, dtype=np.intp)
    rank[order] = np.arange(klass.size) - starts[klass[order]]
    return np.flatnonzero(rank < quota[klass])


def run_attacks(
    samples: Samples, secrets: Sequence[str], quasi_identifiers: Sequence[str], n_jobs: int
) -> list[Attack]:
    """All attacks, judged together."""
    bench = set_up(samples, n_jobs)
    if bench is None or not bench.train.n_columns:
        return refused("too_few_rows" if bench is None else "no_shared_columns")
    shift = blind_area(bench)
    floor = 0.5 if shift is None else shift.interval(_Z_SHIFT)[0]
    level = shift.value if shift is not None and floor > 0.5 else 0.5
    risks = [
        *attribute_inference(bench, secrets),
        *linkability(bench, quasi_identifiers),
        *singling_out(bench),
        *quasi_identifier_matches(bench, quasi_identifiers),
    ]
    near = [*proximity(bench, level), *membership(bench, level)]
    if floor > SHIFT:
        risks = [_blind(item) for item in risks]
    if floor > BLIND:  # rows of another time: even fresh rows lie nearer to those of their own
        near = [_blind(item) for item in near]
    findings = [*near, *risks]
    return [*judged(findings), _shift_attack(shift, bench)]


def _blind(item: Finding) -> Finding:
    """``item`` with a holdout that is no control."""
    return replace(item, margin=None, reason=item.reason or "holdout_differs")


def refused(reason: str) -> list[Attack]:
    """Every attack, not assessed."""
    return [Attack(name, "", None, reason=reason) for name in ATTACKS]


def judged(findings: Sequence[Finding]) -> list[Attack]:
    """Findings with intervals (95 % each), excess over the control (95 % for all together) and verdicts.

    The strongest of the membership attacks comes as one more attack, ``membership_inference``.
    """
    z = family_z(sum(item.outcome is not None for item in findings))
    attacks = [_judged(item, z) for item in findings]
    for measure in ("auc", "tpr_at_1_fpr"):
        tried = [a for a in attacks if a.name.startswith("membership_") and a.measure == measure]
        attacks += _strongest(tried)
    return attacks


def _judged(item: Finding, z: float) -> Attack:
    outcome = item.outcome
    if outcome is None:
        return Attack(item.name, item.measure, None, columns=item.columns, reason=item.reason)
    excess = outcome.excess(z)
    reason = item.reason or ("control_always_right" if excess is None else None)
    verdict = "excess" if excess is not None and excess[0] > 0 else "no_excess_found"
    return Attack(
        name=item.name,
        measure=item.measure,
        value=outcome.value,
        interval=outcome.interval(Z95),
        control=outcome.control,
        control_interval=outcome.control_interval(Z95),
        excess=excess,
        n=item.n,
        verdict="cannot_be_assessed" if item.reason else verdict,  # type: ignore[arg-type]
        columns=item.columns,
        reason=reason,
    )


def _strongest(tried: Sequence[Attack]) -> list[Attack]:
    """The attack with the greatest excess under the name of all; its ``interval`` too holds for all together."""
    measured = [a for a in tried if a.excess is not None and a.value is not None and a.control is not None]
    if not measured:
        return []
    best = max(measured, key=lambda a: ((a.value or 0.0) - (a.control or 0.0), a.name))
    low, high = (max(a.excess[end] for a in measured if a.excess) for end in (0, 1))
    control = best.control or 0.0
    interval = control + low * (1 - control), control + high * (1 - control)
    return [replace(best, name="membership_inference", interval=interval, excess=(low, high))]


def succeeded(attack: Attack) -> bool:
    """Whether an attack that matters beats its control by a practical margin."""
    margin = TPR_MARGIN if attack.measure == "tpr_at_1_fpr" else MARGINS.get(attack.name)
    return attack.verdict == "excess" and margin is not None and attack.excess is not None and attack.excess[0] > margin


def _finding(name: str, measure: str, outcome: Outcome | None, n: int, columns: tuple[str, ...] = ()) -> Finding:
    return Finding(name, measure, outcome, n, columns, margin=MARGINS.get(name))


def proximity(bench: Bench, level: float) -> list[Finding]:
    """Near copies, DCR share and NNDR of all synthetic rows."""
    m = bench.synthetic.n_rows
    close = [near_rows(table, bench.synthetic, bench.ranges) for table in (bench.train, bench.fresh)]
    real, fresh = (bench.near(table, bench.synthetic, 2) for table in (bench.train, bench.fresh))
    share = dcr_share(real.distances[:, 0], fresh.distances[:, 0])
    votes = effective_votes(real, fresh, 2 * bench.train.n_rows)
    ratio = nndr_ratio(real, fresh)
    return [
        _finding("near_copies", "share", _clustered(close[0], close[1]), m),
        _finding("dcr_share", "share", Level(share, votes, level), m),
        Finding("nndr_ratio", "ratio", Ratio(*ratio), m)
        if ratio is not None
        else Finding("nndr_ratio", "ratio", None, m, reason="all_rows_alike"),
    ]


def _clustered(main: Codes, control: Codes) -> Rates:
    """Shares of hits on train and on holdout rows (-1: no hit); hits on one row count as one draw."""
    effect = max(cluster_size(main), cluster_size(control))
    n = max(main.size / effect, 1.0)
    return Rates(float(np.mean(main >= 0)), float(np.mean(control >= 0)), n, n)


def membership(bench: Bench, level: float) -> list[Finding]:
    """Is this row one of those that the generator saw? Three attacks, and one on the rarest rows.

    The holdout is halved: rows of one half are attacked with the other as the attacker's reference, members in turn
    with each, so members and others meet equal references. Nearest neighbours are often mutual, so distances
    between the halves repeat each other: where they are used the others count as half as many.
    """
    to_synthetic, to_reference = _distances(bench)
    n = bench.members.size
    scores = {
        "membership_distance": distance_scores(to_synthetic),
        "membership_density": density_scores(to_synthetic[:, :_K_DENSITY], to_reference[:, :_K_DENSITY]),
        "membership_local": local_scores(to_synthetic, to_reference),
    }
    found = []
    for name, score in scores.items():
        n_others = n if name == "membership_distance" else n // 2
        found.append(_finding(name, "auc", Area(area(score[:n], score[n:]), n, n_others, level), n))
        if n * FPR >= 1:
            true, false = tpr_at_fpr(score[:n], score[n:], FPR)
            found.append(_finding(name, "tpr_at_1_fpr", Rates(true, false, n, n_others), n))
    found.append(_rare(scores["membership_distance"], to_reference.mean(axis=1), n, level))
    return found


def _distances(bench: Bench) -> tuple[Floats, Floats]:
    """Ascending distances of members, then others, to synthetic rows and to the holdout half without them."""
    parity = [np.arange(bench.members.size) % 2, bench.others % 2]
    half = bench.fresh.n_rows // 2
    halves = [bench.fresh.take(np.arange(half) * 2 + at) for at in (0, 1)]
    attacked = bench.attacked[0].stacked(bench.attacked[1])
    k = min(_K_LOCAL, half, bench.synthetic.n_rows)
    to_synthetic = bench.near(bench.synthetic, attacked, k).distances
    to_reference = np.empty_like(to_synthetic)
    own = np.concatenate(parity)
    for at in (0, 1):
        to_reference[own == at] = bench.near(halves[1 - at], attacked.take(own == at), k).distances
    return to_synthetic, to_reference


def _rare(score: Floats, outlying: Floats, n_members: int, level: float) -> Finding:
    """Nearest-distance attack on the 5 % of rows that lie farthest from their holdout neighbours.

    With other references for the two halves of the rows, the distances that make a row rare are equally long.
    """
    rare = np.argsort(-outlying, kind="stable")[: int(RARE_SHARE * score.size)]
    mine, theirs = rare[rare < n_members], rare[rare >= n_members]
    n = min(mine.size, theirs.size)
    if n < MIN_RARE:
        return Finding("rare_record_dcr", "auc", None, n, reason="too_few_rows")
    return _finding("rare_record_dcr", "auc", Area(area(score[mine], score[theirs]), mine.size, theirs.size, level), n)


def blind_area(bench: Bench) -> Area | None:
    """How well train and holdout rows are told apart without any synthetic row; None where that cannot be fitted.

    A holdout that is no random part of the data (a later year) makes attacks succeed that prove nothing.

    References
    ----------
    .. [1] Das, Zhang and Tramer, "Blind baselines beat membership inference attacks for foundation models", 2024.
    """
    members, others = bench.attacked
    rows = members.stacked(others)
    label = np.repeat([1.0, 0.0], [members.n_rows, others.n_rows])
    fold = (np.concatenate(bench.keys) % np.uint64(3)).astype(np.intp)
    if (np.bincount(fold * 2 + label.astype(np.intp), minlength=6) < MIN_ROWS // 3).any():
        return None
    areas = []
    for at in range(3):
        inside = fold == at
        trees = fit_trees(rows.take(~inside), label[~inside], "binary", seed=bench.samples.seed % 2**31)
        score, truth = trees.predict(rows.take(inside)), label[inside] == 1
        areas.append(area(score[truth], score[~truth]))
    return Area(float(np.mean(areas)), members.n_rows, others.n_rows)


def _shift_attack(shift: Area | None, bench: Bench) -> Attack:
    if shift is None:
        return Attack("holdout_shift", "auc", None, reason="too_few_rows")
    excess = shift.excess(_Z_SHIFT)
    return Attack(
        name="holdout_shift",
        measure="auc",
        value=shift.value,
        interval=shift.interval(Z95),
        control=0.5,
        excess=excess,
        n=bench.members.size,
        verdict="excess" if excess is not None and excess[0] > 0 else "no_excess_found",
    )


def attribute_inference(bench: Bench, secrets: Sequence[str]) -> list[Finding]:
    """Who knows all other columns of a row takes the secret of the nearest synthetic row."""
    names = bench.train.names
    if len(names) < 2:
        return [Finding("attribute_inference", "success_rate", None, reason="needs_two_columns")]
    lost = [Finding("attribute_inference", "success_rate", None, 0, (s,), "column_not_compared") for s in secrets
            if s not in names]  # fmt: skip
    chosen = [names.index(s) for s in dict.fromkeys(secrets) if s in names] if secrets else default_secrets(bench)
    if not chosen and not lost:
        return [Finding("attribute_inference", "success_rate", None, reason="all_rows_alike")]
    return lost + [_attribute(bench, at) for at in chosen]


def _attribute(bench: Bench, at: int) -> Finding:
    known = [k for k in range(bench.train.n_columns) if k != at]
    numbers = ~bench.train.categorical
    width = bench.ranges[np.cumsum(numbers)[at] - 1] if numbers[at] else 0.0
    tolerance = NUMBER_TOLERANCE * np.nan_to_num(width) if numbers[at] else None
    rates = []
    for attacked in bench.attacked:
        nearest = bench.near(bench.synthetic, attacked, 1, known).rows[:, 0]
        right = guess_is_right(attacked.values[:, at], bench.synthetic.values[nearest, at], tolerance=tolerance)
        rates.append(float(right.mean()))
    n = bench.members.size
    return _finding("attribute_inference", "success_rate", Rates(rates[0], rates[1], n, n), n, (bench.train.names[at],))


def default_secrets(bench: Bench) -> list[int]:
    """The target and the four other columns with the most information, most first; constants hold no secret."""
    target = bench.samples.target
    ranked = [k for k in by_information(bench) if not _is_constant(bench, k)]
    return sorted(ranked, key=lambda k: k != target)[:MAX_SECRETS]


def _is_constant(bench: Bench, at: int) -> bool:
    values = np.concatenate([bench.train.values[:, at], bench.fresh.values[:, at]])
    return np.unique(values).size < 2


def by_information(bench: Bench) -> list[int]:
    """Columns by entropy, most first; numbers in cells of a tenth of their range, ties by name."""
    rows = bench.train.stacked(bench.fresh)
    numbers = np.flatnonzero(~rows.categorical)
    cells = rows.values.copy()
    width = np.where(bench.ranges > 0, bench.ranges, 1.0) * 2 * NUMBER_TOLERANCE
    cells[:, numbers] = np.floor(rows.values[:, numbers] / width)
    entropy = [_entropy(cells[:, k]) for k in range(rows.n_columns)]
    return sorted(range(rows.n_columns), key=lambda k: (-round(entropy[k], 9), rows.names[k]))


def _entropy(cells: Floats) -> float:
    _, counts = np.unique(cells, return_counts=True)
    shares = counts / cells.size
    return float(-(shares * np.log2(shares)).sum())


def linkability(bench: Bench, quasi_identifiers: Sequence[str]) -> list[Finding]:
    """Two sources hold half of the columns each: do they find the same synthetic row for a person?

    The halves are the quasi-identifiers and the rest; without them columns alternate by information, so that both
    halves hold equally much.
    """
    left, right = _sides(bench, quasi_identifiers)
    if not left or not right:
        return [Finding(f"linkability_{k}", "success_rate", None, reason="needs_two_columns") for k in (1, 10)]
    found = [
        [bench.near(bench.synthetic, attacked, 10, side).rows for side in (left, right)] for attacked in bench.attacked
    ]
    n, columns = bench.members.size, tuple(bench.train.names[k] for k in left)
    results = []
    for k in (1, 10):
        main, control = (float(is_linked(a[:, :k], b[:, :k]).mean()) for a, b in found)
        results.append(_finding(f"linkability_{k}", "success_rate", Rates(main, control, n, n), n, columns))
    return results


def _sides(bench: Bench, quasi_identifiers: Sequence[str]) -> tuple[list[int], list[int]]:
    names = bench.train.names
    declared = [names.index(q) for q in dict.fromkeys(quasi_identifiers) if q in names]
    if declared:
        return sorted(declared), [k for k in range(len(names)) if k not in declared]
    ranked = by_information(bench)
    left = [k for place, k in enumerate(ranked) if place % 4 in (0, 3)]
    return sorted(left), [k for k in range(len(names)) if k not in left]


def singling_out(bench: Bench) -> list[Finding]:
    """Does a condition made from the synthetic rows fit one real row alone? On one column, and on three together."""
    samples = bench.samples
    single = single_predicates(bench.synthetic)
    if len(single) > N_GUESSES:
        drawn = np.sort(samples.rng(_SINGLE).permutation(len(single))[:N_GUESSES])
        single = [single[k] for k in drawn]
    made = {
        "singling_out_univariate": single,
        "singling_out_multivariate": joint_predicates(bench.synthetic, N_GUESSES, N_TRIES, samples.rng(_JOINT)),
    }
    found = []
    for name, predicates in made.items():
        if not predicates:
            found.append(Finding(name, "success_rate", None, reason="no_unique_values"))
            continue
        rows = [singled_out(predicates, table) for table in (bench.train, bench.fresh)]
        found.append(_finding(name, "success_rate", _clustered(*rows), len(predicates)))
    return found


def quasi_identifier_matches(bench: Bench, quasi_identifiers: Sequence[str]) -> list[Finding]:
    """Share of synthetic rows whose quasi-identifiers are those of one train row alone (a k-map of 1)."""
    if not quasi_identifiers:
        return []
    names = bench.train.names
    at = [names.index(q) for q in dict.fromkeys(quasi_identifiers) if q in names]
    if not at:
        columns = tuple(quasi_identifiers)
        return [Finding("quasi_identifiers", "share", None, 0, columns, "column_not_compared")]
    rows = [only_match(table.only(at), bench.synthetic.only(at)) for table in (bench.train, bench.fresh)]
    columns = tuple(names[k] for k in at)
    return [_finding("quasi_identifiers", "share", _clustered(*rows), bench.synthetic.n_rows, columns)]


__all__ = ["ATTACKS", "MARGINS", "TPR_MARGIN", "refused", "run_attacks", "succeeded"]
