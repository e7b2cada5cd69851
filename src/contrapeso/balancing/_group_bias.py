"""Does balancing treat groups of people differently? Rates of each group before and after, their gaps, their change.

Both models decide on the same rows, so a change is measured on pairs: everything but the calibration is a function of
how many rows of each group, truth and pair of decisions there are, and a bootstrap of the rows is a multinomial draw of
these counts. The intervals are of these two models on rows like these; training again on other rows is not in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from contrapeso._rng import RandomState, child, generator, seed_sequence
from contrapeso.balancing._texts import Language
from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.metrics._fairness import MIN_GROUP, N_DRAWS, Decisions, decision_rates, gap, ratio, share_interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Interval = tuple[float, float]
RateName = Literal["selection_rate", "recall", "false_positive_rate", "precision", "calibration"]
Effect = Literal["larger", "smaller", "not_beyond_chance"]
Verdict = Literal["more_bias", "less_bias", "mixed", "no_change", "not_measured"]
_RATES: tuple[RateName, ...] = ("selection_rate", "recall", "false_positive_rate", "precision")
_COUNTS, _RESIDUALS = range(2)


@dataclass(frozen=True, slots=True)
class GroupRate:
    """One rate of one group, before and after, with intervals; None with a ``reason`` below 30 rows of the kind.

    ``n`` are the rows that the rate is a share of (for ``precision``, of the model that chose fewer). ``calibration``
    is the mean chance given less the share of positives: above 0 the group is overrated.
    """

    group: str
    rate: RateName
    n: int
    before: float | None
    before_interval: Interval | None
    after: float | None
    after_interval: Interval | None
    change: float | None
    change_interval: Interval | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Disparity:
    """A gap (0 is parity) or a ratio (1 is parity) between the groups, before and after.

    ``change_interval`` holds together for all gaps of a report (Bonferroni); ``effect`` is what it says, of the gaps.
    """

    name: str
    before: float | None
    before_interval: Interval | None
    after: float | None
    after_interval: Interval | None
    change: float | None
    change_interval: Interval | None
    effect: Effect | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class GroupBias:
    """What balancing did to the groups.

    Attributes
    ----------
    rates : tuple of GroupRate
    disparities : tuple of Disparity
        Differences and ratios of selection (demographic parity), recall (equal opportunity), recall and false positive
        rate (equalized odds), precision and, where chances are given, calibration.
    verdict : {'more_bias', 'less_bias', 'mixed', 'no_change', 'not_measured'}
        By the gaps whose change is beyond chance.
    positive : str, the class that counts as chosen
    n_rows : int
    level : float
    """

    rates: tuple[GroupRate, ...]
    disparities: tuple[Disparity, ...]
    verdict: Verdict
    positive: str
    n_rows: int
    level: float

    def disparity(self, name: str) -> Disparity:
        """The disparity of that name."""
        known = {found.name: found for found in self.disparities}
        if name not in known:
            raise InvalidParameterError(f"There is no disparity {name!r}; there are {', '.join(known)}.")
        return known[name]

    def describe(self, language: Language) -> str:
        """The verdict in words, with the gaps that changed."""
        return _sentence(self, language)

    def to_frame(self) -> pd.DataFrame:
        """One line a group and rate."""
        return pd.DataFrame([asdict(found) for found in self.rates])

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def check_group_bias(
    y_true: ArrayLike,
    before: ArrayLike,
    after: ArrayLike,
    groups: ArrayLike,
    *,
    positive: Any = None,
    chances_before: ArrayLike | None = None,
    chances_after: ArrayLike | None = None,
    level: float = 0.95,
    random_state: RandomState = 0,
) -> GroupBias:
    """How two models treat groups of the same rows: the one trained without balancing, and the one with.

    Parameters
    ----------
    y_true, before, after : array-like of shape (n,)
        Labels of rows that neither model was trained on, and the decisions of both.
    groups : array-like of shape (n,)
        Group of each row; null is a group.
    positive : label, optional
        The class whose decisions are compared, all others being the rest: by default the rarest of ``y_true``.
    chances_before, chances_after : array-like of shape (n,), optional
        Chance of ``positive`` that each model gives, for the calibration.
    level : float, default=0.95
    random_state : int, Generator, SeedSequence or None, default=0

    Returns
    -------
    GroupBias

    Raises
    ------
    InvalidDataError, InvalidParameterError

    References
    ----------
    .. [1] Hardt, Price & Srebro, "Equality of opportunity in supervised learning", NeurIPS 2016.
    .. [2] Agarwal et al., "A reductions approach to fair classification", ICML 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.balancing.explain import check_group_bias
    >>> truth, group = np.tile([0, 0, 0, 1], 200), np.repeat(["a", "b"], 400)
    >>> after = np.where(group == "b", 1, truth)  # now everybody of group b is chosen
    >>> check_group_bias(truth, truth, after, group).describe("en")[:36]
    'Balancing widened gaps between group'
    """
    if not 0.5 <= level < 1:
        raise InvalidParameterError(f"level must be in [0.5, 1); got {level!r}.")
    rows = _Rows.of(y_true, before, after, groups, positive=positive, chances=(chances_before, chances_after))
    seed = seed_sequence(random_state)
    counts = Decisions.of(rows.group, len(rows.names), rows.truth, *rows.chosen)
    draws = counts.draws(generator(child(seed, _COUNTS)))
    parts = [_of_counts(counts.counts, draws, rows.names)]
    if rows.residuals is not None:
        parts.append(_of_residuals(rows, generator(child(seed, _RESIDUALS))))
    z = float(ndtri((1 + level) / 2))
    measured = {name: found for part in parts for name, found in part.items()}
    rates = tuple(rate for name, found in measured.items() for rate in found.lines(name, rows.names, z))
    gaps = tuple(_disparities(measured, level))
    return GroupBias(rates, gaps, _verdict(gaps), rows.positive, rows.truth.size, level)


# Rows


@dataclass(frozen=True)
class _Rows:
    group: NDArray[np.intp]
    names: tuple[str, ...]
    truth: Bools
    chosen: tuple[Bools, Bools]
    residuals: Floats | None
    positive: str

    @classmethod
    def of(
        cls, y_true: ArrayLike, before: ArrayLike, after: ArrayLike, groups: ArrayLike, *, positive: Any,
        chances: tuple[ArrayLike | None, ArrayLike | None],
    ) -> _Rows:  # fmt: skip
        """Check that there is one value a row, and compare with the positive class."""
        columns = [np.asarray(values, dtype=object) for values in (y_true, before, after, groups)]
        if any(found.shape != columns[0].shape or found.ndim != 1 for found in columns) or not columns[0].size:
            shapes = ", ".join(str(found.shape) for found in columns)
            raise InvalidDataError(
                f"Labels, decisions and groups must be one value a row, one row at least; got {shapes}."
            )
        if pd.isna(columns[0]).any():
            raise InvalidDataError("y_true has rows without a label. Drop them: no decision on them is right or wrong.")
        label = _positive(columns[0], positive)
        _check_decisions(columns[0], columns[1:3])
        truth, first, second = (np.asarray(found == label, dtype=np.bool_) for found in columns[:3])
        codes, names = pd.factorize(columns[3], use_na_sentinel=False, sort=False)
        shown = tuple("(null)" if pd.isna(name) else str(name) for name in names)
        return cls(codes.astype(np.intp), shown, truth, (first, second), _residuals(chances, truth), str(label))


def _check_decisions(y_true: NDArray[np.object_], decisions: list[NDArray[np.object_]]) -> None:
    """Refuse decisions in other labels than the truth, such as '1' for 1: by them nobody would ever be chosen."""
    known = pd.Index(pd.unique(y_true))
    for name, found in zip(("before", "after"), decisions, strict=True):
        made = pd.unique(found)
        if not pd.Index(made).isin(known).any():
            raise InvalidDataError(
                f"No decision of {name!r} is a class of y_true, {', '.join(map(repr, known[:5]))}; got "
                f"{', '.join(map(repr, made[:5]))}. Give the labels themselves."
            )


def _positive(y_true: NDArray[np.object_], positive: Any) -> Any:
    counts = pd.Series(y_true).value_counts()
    if positive is None:
        return counts.index[-1]
    if positive not in counts.index:
        raise InvalidParameterError(
            f"No row of y_true is {positive!r}; its classes are {', '.join(map(str, counts.index))}."
        )
    return positive


def _residuals(chances: tuple[ArrayLike | None, ArrayLike | None], truth: Bools) -> Floats | None:
    """Chance less truth of both models, (n, 2); None where no chances are given."""
    if all(values is None for values in chances):
        return None
    if any(values is None for values in chances):
        raise InvalidParameterError("Give the chances of both models or of none: chances_before and chances_after.")
    found = [np.asarray(values, dtype=np.float64) for values in chances]
    if any(values.shape != truth.shape or not ((values >= 0) & (values <= 1)).all() for values in found):
        raise InvalidDataError("Chances must be one number in [0, 1] a row: the column of the positive class.")
    return np.column_stack(found) - truth[:, None]


# Rates


@dataclass(frozen=True)
class _Measured:
    """A rate of both models: (2, G), bootstrap draws (2, B, G), and the rows that it is a share of, (2, G)."""

    value: Floats
    draws: Floats
    n: Floats

    @property
    def use(self) -> Bools:
        """Groups with 30 rows of the kind."""
        found: Bools = self.n.min(axis=0) >= MIN_GROUP
        return found

    def lines(self, rate: str, names: tuple[str, ...], z: float) -> Iterator[GroupRate]:
        """A line for each group."""
        for g, name in enumerate(names):
            n = int(self.n[:, g].min())
            if not self.use[g]:
                yield GroupRate(name, rate, n, None, None, None, None, None, None, "group_too_small")  # type: ignore[arg-type]
                continue
            first, second = (float(value) for value in self.value[:, g])
            sides = [self._interval(model, g, rate, z) for model in range(2)]
            change = second - first
            reach = z * float(np.nanstd(self.draws[1, :, g] - self.draws[0, :, g]))
            both = (max(-1.0, change - reach), min(1.0, change + reach))
            yield GroupRate(name, rate, n, first, sides[0], second, sides[1], change, both)  # type: ignore[arg-type]

    def _interval(self, model: int, g: int, rate: str, z: float) -> Interval:
        value = float(self.value[model, g])
        if rate != "calibration":
            return share_interval(value, float(self.n[model, g]), z)
        reach = z * float(self.draws[model, :, g].std())
        return value - reach, value + reach


def _of_counts(counts: Floats, draws: Floats, names: tuple[str, ...]) -> dict[str, _Measured]:
    """Selection rate, recall, false positive rate and precision, from counts (G, truth, before, after)."""
    values = np.concatenate([decision_rates(counts), _precision(counts)[None]])
    drawn = np.concatenate([decision_rates(draws), _precision(draws)[None]])
    rows = counts.sum(axis=(2, 3))
    ones = np.ones((2, len(names)))
    sizes = (rows.sum(axis=1) * ones, rows[:, 1] * ones, rows[:, 0] * ones, _chosen(counts).sum(axis=-1))
    return {name: _Measured(v, d, n) for name, v, d, n in zip(_RATES, values, drawn, sizes, strict=True)}


def _chosen(counts: Floats) -> Floats:
    """Chosen rows by truth of both models, (2, ..., G, 2)."""
    return np.stack([counts[..., 1, :].sum(axis=-1), counts[..., :, 1].sum(axis=-1)])


def _precision(counts: Floats) -> Floats:
    chosen = _chosen(counts)
    total = chosen.sum(axis=-1)
    found: Floats = np.divide(chosen[..., 1], total, out=np.full_like(total, np.nan), where=total > 0)
    return found


def _of_residuals(rows: _Rows, rng: np.random.Generator) -> dict[str, _Measured]:
    """Mean chance less share of positives; the draws are normal with the covariance of both models' means."""
    assert rows.residuals is not None  # noqa: S101  (the caller asked)
    size = len(rows.names)
    value, n, draws = np.zeros((2, size)), np.zeros((2, size)), np.zeros((2, N_DRAWS, size))
    for g in range(size):
        found = rows.residuals[rows.group == g]
        n[:, g], value[:, g] = len(found), found.mean(axis=0)
        spread = np.cov(found, rowvar=False) / len(found) if len(found) > 1 else np.zeros((2, 2))
        draws[:, :, g] = rng.multivariate_normal(value[:, g], spread, N_DRAWS, method="eigh").T
    return {"calibration": _Measured(value, draws, n)}


# Gaps


@dataclass(frozen=True, slots=True)
class _Gap:
    """A gap, or a ratio, of both models (2,), and draws of it (2, B)."""

    name: str
    value: Floats
    draws: Floats
    is_ratio: bool = False


def _disparities(measured: dict[str, _Measured], level: float) -> Iterator[Disparity]:
    found = [*_gaps(measured)]
    n_gaps = sum(isinstance(one, _Gap) and not one.is_ratio for one in found)
    z = float(ndtri((1 + level) / 2))
    together = float(-ndtri((1 - level) / 2 / max(n_gaps, 1)))
    for one in found:
        if isinstance(one, str):
            yield Disparity(one, None, None, None, None, None, None, reason="group_too_small")
        else:
            yield _disparity(one, z, together)


def _gaps(measured: dict[str, _Measured]) -> Iterator[_Gap | str]:
    """Every gap, or its name where fewer than two groups are large enough."""
    pairs: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("demographic_parity", ("selection_rate",)),
        ("equal_opportunity", ("recall",)),
        ("equalized_odds", ("recall", "false_positive_rate")),
        ("precision", ("precision",)),
        ("calibration", ("calibration",)),
    )
    for name, rates in pairs:
        parts = [measured[rate] for rate in rates if rate in measured]
        if not parts:
            continue
        too_few = any(part.use.sum() < 2 for part in parts)
        yield f"{name}_difference" if too_few else _joined(f"{name}_difference", parts, gap, np.fmax)
        if name in ("demographic_parity", "equal_opportunity", "equalized_odds"):
            yield f"{name}_ratio" if too_few else _joined(f"{name}_ratio", parts, ratio, np.fmin)


def _joined(
    name: str, parts: list[_Measured], of: Callable[[Floats, Bools], Floats], join: Callable[[Floats, Floats], Floats]
) -> _Gap:
    """The worst of the parts, on the rows and on every draw."""
    value, draws = of(parts[0].value, parts[0].use), of(parts[0].draws, parts[0].use)
    for part in parts[1:]:
        value, draws = join(value, of(part.value, part.use)), join(draws, of(part.draws, part.use))
    return _Gap(name, value, draws, is_ratio=of is ratio)


def _disparity(found: _Gap, z: float, together: float) -> Disparity:
    if np.isnan(found.value).any():
        return Disparity(found.name, None, None, None, None, None, None, reason="nothing_selected")
    first, second = (float(value) for value in found.value)
    sides = [_interval(float(found.value[m]), found.draws[m], z, 0.0, 1.0) for m in range(2)]
    change = second - first
    reach = z if found.is_ratio else together
    both = _interval(change, found.draws[1] - found.draws[0], reach, -1.0, 1.0)
    effect: Effect | None = None
    if not found.is_ratio:
        effect = "larger" if both[0] > 0 else "smaller" if both[1] < 0 else "not_beyond_chance"
    return Disparity(found.name, first, sides[0], second, sides[1], change, both, effect)


def _interval(value: float, draws: Floats, z: float, *bounds: float) -> Interval:
    """Interval with the bias of the bootstrap taken out (see ``bootstrap_interval``), at ``z`` standard errors."""
    known = draws[~np.isnan(draws)]
    centre, reach = 2 * value - float(known.mean()), z * float(known.std())
    return max(bounds[0], min(value, centre - reach)), min(bounds[1], max(value, centre + reach))


def _verdict(found: tuple[Disparity, ...]) -> Verdict:
    effects = {one.effect for one in found if one.effect is not None}
    if not effects:
        return "not_measured"
    if {"larger", "smaller"} <= effects:
        return "mixed"
    if "larger" in effects:
        return "more_bias"
    return "less_bias" if "smaller" in effects else "no_change"


# Words

_GAP_NAMES: dict[str, tuple[str, str]] = {
    "demographic_parity_difference": ("taxa de escolha", "selection rate"),
    "equal_opportunity_difference": ("acerto dos positivos", "recall"),
    "equalized_odds_difference": ("erros (equalized odds)", "errors (equalized odds)"),
    "precision_difference": ("precisão", "precision"),
    "calibration_difference": ("calibração", "calibration"),
}
_VERDICTS: dict[Verdict, tuple[str, str]] = {
    "more_bias": (
        "O balanceamento aumentou diferenças entre grupos: {0}.",
        "Balancing widened gaps between groups: {0}.",
    ),
    "less_bias": (
        "O balanceamento diminuiu diferenças entre grupos: {0}.",
        "Balancing narrowed gaps between groups: {0}.",
    ),
    "mixed": (
        "O balanceamento aumentou umas diferenças entre grupos e diminuiu outras: {0}.",
        "Balancing widened some gaps between groups and narrowed others: {0}.",
    ),
    "no_change": (
        "Nenhuma diferença entre grupos mudou além do acaso; pode ter mudado em até {1:.2f} sem que se veja.",
        "No gap between groups changed beyond chance; one may have changed by up to {1:.2f} unseen.",
    ),
    "not_measured": (
        "Há menos de dois grupos com 30 linhas de cada tipo: não dá para comparar grupos.",
        "Fewer than two groups have 30 rows of the kind: groups cannot be compared.",
    ),
}


def _sentence(found: GroupBias, language: Language) -> str:
    side = 0 if language == "pt" else 1
    gaps = [one for one in found.disparities if one.effect is not None]
    moved = [_moved(one, side) for one in gaps if one.effect != "not_beyond_chance"]
    reach = max((max(abs(bound) for bound in one.change_interval or (0.0,)) for one in gaps), default=0.0)
    return _VERDICTS[found.verdict][side].format("; ".join(moved), reach)


def _moved(found: Disparity, side: int) -> str:
    low, high = found.change_interval or (0.0, 0.0)
    to = ("de {:.2f} para {:.2f}", "from {:.2f} to {:.2f}")[side].format(found.before, found.after)
    return f"{_GAP_NAMES[found.name][side]} {to} ({found.change:+.2f}; {low:+.2f} … {high:+.2f})"


__all__ = ["Disparity", "Effect", "GroupBias", "GroupRate", "RateName", "Verdict", "check_group_bias"]
