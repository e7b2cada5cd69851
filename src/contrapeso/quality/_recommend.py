"""What to fix first: findings with evidence, sorted by what the overall score would gain.

The gain is exact, not guessed: the finding is undone in the shares that were counted (the nulls set to the real
share, a lost pair to its ceiling, a rule to the real rate) and the overall score is computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contrapeso._log import mask
from contrapeso.metrics import MIN_DEPENDENCE, PairMeasures, column_score, table_score, weighted_score
from contrapeso.quality._measure import Coded, CodedLabels, CodedNumbers, Measured
from contrapeso.quality._report import Direction, JsonValue, Recommendation, RuleReport
from contrapeso.quality._score import DimensionName, geometric

Floats = NDArray[np.float64]
LOW_SCORE = 0.8
NULL_GAP = 0.02
NEW_SHARE = 0.005
OFF_GRID = 0.02
OUT_OF_RANGE = 0.01
MAX_PAIRS = 10


@dataclass(frozen=True, slots=True)
class Facts:
    """What a column is made of beyond its score: means, null shares, shares off the real grid and range."""

    wasserstein: float | None
    shift: float | None
    null_real: float
    null_synthetic: float
    whole_synthetic: float | None = None
    decimals_real: int | None = None
    off_grid: float | None = None
    out_of_range: float | None = None


@dataclass(frozen=True, slots=True)
class Gains:
    """The overall score as a function of its parts, to compute it again with one part mended.

    ``reshaped`` has, for each column whose shape is wrong, its pairs with that shape put right. ``preserved`` is the
    dependence dimension as a function of its pair score: the joint test and sequences are the rest of it.
    """

    measured: Measured
    values: Mapping[DimensionName, float]
    n_real: float
    n_synthetic: float
    reshaped: Mapping[int, PairMeasures]
    preserved: Callable[[float], float] = float

    def of(self, mended: Mapping[DimensionName, float]) -> float:
        """Gain in overall score if some dimensions were ``mended``."""
        now = geometric({key: np.array(value) for key, value in self.values.items()})
        then = geometric({key: np.array(mended.get(key, value)) for key, value in self.values.items()})
        return max(0.0, float(then - now))

    def of_column(self, index: int, score: float) -> float:
        """Gain if column ``index`` scored at least ``score``."""
        return self.of(self._column(index, score))

    def of_shape(self, index: int, score: float) -> float:
        """Gain if column ``index`` scored at least ``score`` and its pairs were free of its wrong shape."""
        mended = dict(self._column(index, score))
        if index in self.reshaped:
            own = self.reshaped[index]
            pairs = self.measured.pairs
            at = np.flatnonzero((pairs.a == self._position(index)) | (pairs.b == self._position(index)))
            weight, excess = pairs.kept_weight, pairs.excess[:, 0].copy()
            weight[at], excess[at] = own.kept_weight, own.excess[:, 0]
            mended["distribution_preservation"] = self.preserved(_pair_total(weight, excess))
        return self.of(mended)

    def of_pair(self, index: int) -> float:
        """Gain if pair ``index`` had no excess beyond noise."""
        pairs = self.measured.pairs
        excess = pairs.excess[:, 0].copy()
        excess[index] = min(excess[index], 0.0)
        return self.of({"distribution_preservation": self.preserved(_pair_total(pairs.kept_weight, excess))})

    def explained_by_shape(self, pair: int) -> bool:
        """Whether a pair is well once the shape of one of its columns is put right."""
        pairs = self.measured.pairs
        ends = int(pairs.a[pair]), int(pairs.b[pair])
        for index, own in self.reshaped.items():
            if self._position(index) in ends:
                at = (own.a == ends[0]) & (own.b == ends[1])
                if not (own.score[at] < LOW_SCORE).any():
                    return True
        return False

    def _column(self, index: int, score: float) -> Mapping[DimensionName, float]:
        if not self.measured.scored[index]:
            return {}
        scores = np.array([c.score[0] for c in self.measured.columns])
        scores[index] = max(scores[index], score)
        return {"statistical_similarity": float(table_score(scores[self.measured.scored]))}

    def _position(self, index: int) -> int:
        """Place of a column among those whose pairs are measured."""
        return self.measured.paired.index(index)


def _pair_total(weight: Floats, excess: Floats) -> float:
    kept = weight > MIN_DEPENDENCE
    return float(weighted_score(weight[kept], excess[kept]))


def has_wrong_shape(item: Coded, score: float) -> bool:
    """Whether a numeric column that can be compared scores too low."""
    return isinstance(item, CodedNumbers) and score < LOW_SCORE and item.fine.fixed is None


def direction(pairs: PairMeasures, index: int) -> Direction:
    """What became of a dependence; ``kept`` unless the excess is three standard errors above noise."""
    real, synthetic = pairs.real[index], pairs.synthetic[index]
    if not (pairs.score[index] < LOW_SCORE and pairs.excess[index, 0] > 3 * pairs.excess_error[index]):
        return "kept"
    if synthetic < real / 1.5:
        return "lost"
    return "invented" if real <= MIN_DEPENDENCE or synthetic > 1.5 * real else "changed"


def column_findings(coded: Sequence[Coded], facts: Sequence[Facts], gains: Gains) -> Iterator[Recommendation]:
    """Findings of every column; at most one on its shape."""
    for index, (item, found) in enumerate(zip(coded, facts, strict=True)):
        if item.fine.fixed == 0.0 and item.note != "all_null_synthetic":
            yield Recommendation("column_missing", (item.column.column.name,), {}, gains.of_column(index, 1.0))
            continue
        yield from _null_gap(index, item, found, gains)
        if isinstance(item, CodedNumbers):
            yield from _number_findings(index, item, found, gains)
        else:
            yield from _label_findings(index, item, gains)


def _null_gap(index: int, item: Coded, found: Facts, gains: Gains) -> Iterator[Recommendation]:
    share = max(found.null_real, found.null_synthetic)
    noise = np.sqrt(share * (1 - share) * (1 / gains.n_real + 1 / gains.n_synthetic))
    if abs(found.null_real - found.null_synthetic) <= max(NULL_GAP, 3 * noise):
        return

    def mend(p: Floats, q: Floats) -> Floats:
        rest = 1 - q[item.cells.null]
        mended = q * (1 - p[item.cells.null]) / rest if rest > 0 else p.copy()
        mended[item.cells.null] = p[item.cells.null]
        return mended

    evidence: dict[str, JsonValue] = {"null_real": found.null_real, "null_synthetic": found.null_synthetic}
    yield Recommendation("null_gap", (item.column.column.name,), evidence, _mended_gain(index, gains, mend))


def _mended_gain(index: int, gains: Gains, mend: Callable[[Floats, Floats], Floats], *, shape: bool = False) -> float:
    column = gains.measured.columns[index]
    score = float(column_score(column.p, mend(column.p, column.q), column.floor))
    return gains.of_shape(index, score) if shape else gains.of_column(index, score)


def _number_findings(index: int, item: CodedNumbers, found: Facts, gains: Gains) -> Iterator[Recommendation]:
    score = float(gains.measured.columns[index].score[0])

    def mend(p: Floats, q: Floats) -> Floats:
        """The real shape under the synthetic share of nulls."""
        rest = 1 - p[item.cells.null]
        mended = p * (1 - q[item.cells.null]) / rest if rest > 0 else q.copy()
        mended[item.cells.null] = q[item.cells.null]
        return mended

    if has_wrong_shape(item, score) and found.wasserstein is not None:
        gain = _mended_gain(index, gains, mend, shape=True)
        if found.shift is not None and abs(found.shift) >= 0.8 * found.wasserstein > 0.05:
            yield Recommendation("numeric_shift", (item.column.column.name,), {"shift_iqr": found.shift}, gain)
        else:
            yield Recommendation("shape_differs", (item.column.column.name,), {"score": score}, gain)
    if found.whole_synthetic is not None and found.whole_synthetic < 1 - OFF_GRID:
        yield Recommendation("integers_lost", (item.column.column.name,), {"share_synthetic": found.whole_synthetic})
    elif found.off_grid is not None and found.off_grid > OFF_GRID:
        grid: dict[str, JsonValue] = {"decimals_real": found.decimals_real, "share_synthetic": found.off_grid}
        yield Recommendation("decimals_lost", (item.column.column.name,), grid)
    if found.out_of_range is not None and found.out_of_range > max(
        OUT_OF_RANGE, 10 / max(gains.n_real * (1 - found.null_real), 1)
    ):
        yield Recommendation("out_of_range", (item.column.column.name,), {"share": found.out_of_range})


def _label_findings(index: int, item: CodedLabels, gains: Gains) -> Iterator[Recommendation]:
    column = gains.measured.columns[index]
    cells = item.cells
    missing = _surely_missing(item, column.q, gains)
    explained = False
    if missing.size and item.fine.fixed is None:
        explained = True
        gain = _mended_gain(index, gains, lambda p, q: _restore(p, q, missing))
        yield Recommendation("categories_missing", (item.column.column.name,), _missing(item, missing, column.p), gain)
    unseen = float(column.q[cells.unseen])  # what a fresh sample brings is already taken out
    chance = 3 * np.sqrt(2 * item.fine.tolerated / min(gains.n_real, gains.n_synthetic))
    if unseen > max(NEW_SHARE, chance):
        explained = True
        known = np.flatnonzero(np.bincount(item.column.real[item.column.real >= 0], minlength=len(item.column.labels)))
        n_unseen = np.setdiff1d(item.column.synthetic[item.column.synthetic >= 0], known).size
        share = float(np.mean(item.fine.synthetic == cells.unseen))
        gain = _mended_gain(index, gains, lambda _, q: _drop(q, cells.unseen))
        yield Recommendation(
            "categories_unseen", (item.column.column.name,), {"n_unseen": n_unseen, "share": share}, gain
        )
    score = float(column.score[0])
    if score < LOW_SCORE and not explained and item.fine.fixed is None:
        yield Recommendation("shape_differs", (item.column.column.name,), {"score": score}, gains.of_column(index, 1.0))


def _surely_missing(item: CodedLabels, q: Floats, gains: Gains) -> NDArray[np.intp]:
    """Cells of categories that are missing beyond chance: a fresh table lacks one of them once in a hundred tables."""
    own = item.cells.own
    counts = np.bincount(item.column.real[item.column.real >= 0], minlength=len(item.column.labels))[own]
    chance = (gains.n_real / (gains.n_real + gains.n_synthetic)) ** counts
    missing: NDArray[np.intp] = np.flatnonzero((q[: own.size] == 0) & (chance < 0.01 / max(own.size, 1)))
    return missing


def _missing(item: CodedLabels, missing: NDArray[np.intp], p: Floats) -> dict[str, JsonValue]:
    """How many categories are missing and their mass; names only where five real records stand behind them."""
    own = item.cells.own[missing]
    counts = np.bincount(item.column.real[item.column.real >= 0], minlength=len(item.column.labels))
    free_text = item.column.column.kind in {"text", "identifier"}
    frequent = [] if free_text else [k for k in own if counts[k] >= 5][:5]
    names: list[JsonValue] = [mask(item.column.labels[k]) for k in frequent]
    return {
        "n_missing": int(missing.size),
        "n_categories": int((counts > 0).sum()),
        "mass": float(p[missing].sum()),
        "largest": int(counts[own].max()),
        "names": names,
    }


def _restore(p: Floats, q: Floats, missing: NDArray[np.intp]) -> Floats:
    """``q`` with the missing cells at their real share and the others scaled down."""
    mended: Floats = q * (1 - p[missing].sum())
    mended[missing] = p[missing]
    return mended


def _drop(q: Floats, cell: int) -> Floats:
    """``q`` without one cell, the others scaled up."""
    rest = 1 - q[cell]
    mended = q / rest if rest > 0 else q.copy()
    mended[cell] = 0.0
    return mended


def pair_findings(names: Sequence[str], gains: Gains) -> list[Recommendation]:
    """The pairs whose mending gains most, at most ten."""
    pairs = gains.measured.pairs
    found = []
    for index, score in enumerate(pairs.score):
        kind = direction(pairs, index)
        if kind != "kept" and not gains.explained_by_shape(index):
            evidence: dict[str, JsonValue] = {
                "real": float(pairs.real[index]),
                "synthetic": float(pairs.synthetic[index]),
                "score": float(score),
            }
            columns = (names[pairs.a[index]], names[pairs.b[index]])
            found.append(Recommendation(f"pair_{kind}", columns, evidence, gains.of_pair(index)))
    return by_gain(found)[:MAX_PAIRS]


def rule_findings(rules: Sequence[RuleReport], gains: Gains) -> Iterator[Recommendation]:
    """Rules that synthetic rows break more often than real ones, with positions of offending rows."""
    scores = {rule.name: rule.score for rule in rules if rule.score is not None}
    for rule in rules:
        if rule.score is None or rule.score >= 0.999:
            continue
        mended = float(np.mean([1.0 if name == rule.name else score for name, score in scores.items()]))
        evidence: dict[str, JsonValue] = {
            "rule": rule.name,
            "rate_real": rule.rate_real,
            "rate_synthetic": rule.rate_synthetic,
            "rows": list(rule.violations),
        }
        yield Recommendation("rule_violated", (), evidence, gains.of({"business_rule_compliance": mended}))


_FIRST = (
    "exact_copies", "near_copies", "copies_unjudged", "membership_exposed", "overfit", "linkable", "singled_out",
    "attribute_exposed", "rare_records_exposed",
)  # fmt: skip


def by_gain(found: Sequence[Recommendation]) -> list[Recommendation]:
    """Greatest expected gain first; then findings outside the score, copies and leaks before the others."""
    rounded = [replace(r, expected_gain=None if r.expected_gain is None else round(r.expected_gain, 6)) for r in found]
    rank = {code: k for k, code in enumerate(_FIRST)}

    def place(r: Recommendation) -> tuple[float, int, str, tuple[str, ...]]:
        return 1.0 if r.expected_gain is None else -r.expected_gain, rank.get(r.code, 99), r.code, r.columns

    return sorted(rounded, key=place)


__all__ = [
    "Facts",
    "Gains",
    "by_gain",
    "column_findings",
    "direction",
    "has_wrong_shape",
    "pair_findings",
    "rule_findings",
]
