"""The plan: class -> rows to add or drop, by which method and why. A value; samplers execute it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, get_args

from contrapeso.balancing import _describe
from contrapeso.balancing._counts import Label, Labels, count_classes, json_label, ordered
from contrapeso.balancing._imbalance import ImbalanceAnalysis
from contrapeso.balancing._strategy import KEEP_AT_LEAST, Side, Strategy, goals
from contrapeso.balancing._texts import Language, ReasonCode, check_language, decimal, reason
from contrapeso.errors import InvalidParameterError

if TYPE_CHECKING:
    from contrapeso.tables import Kind, Schema

Method = Literal["none", "random_over", "smote", "smotenc", "random_under"]
AskedMethod = Literal["auto", "random_over", "smote", "smotenc", "random_under"]

AUTO_LIMIT = 10.0
"""Synthetic rows per distinct real row that strategy 'auto' does not pass."""
INTERPOLATED = frozenset({"continuous", "integer", "money", "datetime"})
"""Kinds of column between whose values there are values."""


@dataclass(frozen=True, slots=True)
class PlanItem:
    """What happens to one class: ``after == before + add - drop``, and never both added and dropped."""

    label: Label
    before: int
    add: int
    drop: int
    after: int
    method: Method
    reason_pt: str
    reason_en: str

    def __post_init__(self) -> None:
        exact = self.after == self.before + self.add - self.drop
        if not exact or min(self.add, self.drop, self.before, self.after) < 0 or (self.add and self.drop):
            raise InvalidParameterError(
                f"Class {self.label!r}: {self.before} + {self.add} - {self.drop} must be {self.after}, with nothing "
                "negative and either added or dropped rows, not both."
            )

    def reason(self, language: Language) -> str:
        """Why, in words."""
        check_language(language)
        return self.reason_pt if language == "pt" else self.reason_en

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {
            "label": json_label(self.label),
            "before": self.before,
            "add": self.add,
            "drop": self.drop,
            "after": self.after,
            "method": self.method,
            "reason": {"pt": self.reason_pt, "en": self.reason_en},
        }


@dataclass(frozen=True, slots=True)
class BalancePlan:
    """One item per class, from the most to the least frequent.

    ``strategy`` and ``method`` are what was asked for; ``n_missing`` rows without a label take no
    part and stay as they are.
    """

    items: tuple[PlanItem, ...]
    strategy: str = "auto"
    method: str = "auto"
    k_neighbors: int = 5
    n_missing: int = 0

    @property
    def n_before(self) -> int:
        """Labelled rows before."""
        return sum(item.before for item in self.items)

    @property
    def n_add(self) -> int:
        """Synthetic rows to make."""
        return sum(item.add for item in self.items)

    @property
    def n_drop(self) -> int:
        """Real rows to drop."""
        return sum(item.drop for item in self.items)

    @property
    def n_after(self) -> int:
        """Labelled rows afterwards."""
        return sum(item.after for item in self.items)

    @property
    def changes_nothing(self) -> bool:
        """Whether no row is added or dropped."""
        return self.n_add == 0 and self.n_drop == 0

    @property
    def ratio_before(self) -> float | None:
        """Largest class over the smallest before; None without classes."""
        return _ratio([item.before for item in self.items])

    @property
    def ratio_after(self) -> float | None:
        """Largest class over the smallest afterwards; None without classes."""
        return _ratio([item.after for item in self.items])

    def __getitem__(self, label: Label) -> PlanItem:
        """Item of the class ``label``."""
        for item in self.items:
            if item.label == label:
                return item
        raise KeyError(label)

    def sampling_strategy(
        self, side: Literal["over", "under"] | None = None, *, method: Method | None = None
    ) -> dict[Label, int]:
        """Class -> rows afterwards, as samplers take it: only the classes that change.

        ``side`` may be left out unless the plan both adds and drops; ``method`` keeps the classes of
        one method.
        """
        if side is None:
            if self.n_add and self.n_drop:
                raise InvalidParameterError(
                    "This plan adds rows to some classes and drops rows of others, and no sampler takes both at once; "
                    "ask for sampling_strategy('under') and sampling_strategy('over')."
                )
            side = "under" if self.n_drop else "over"
        return {
            item.label: item.after
            for item in self.items
            if (item.add if side == "over" else item.drop) and method in (None, item.method)
        }

    def describe(self, language: Language = "en") -> str:
        """A table of what happens to each class and why."""
        return _describe.plan(self, language)

    def __str__(self) -> str:
        return self.describe("en")

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {
            "strategy": self.strategy,
            "method": self.method,
            "k_neighbors": self.k_neighbors,
            "n_missing": self.n_missing,
            "n_before": self.n_before,
            "n_add": self.n_add,
            "n_drop": self.n_drop,
            "n_after": self.n_after,
            "ratio_before": self.ratio_before,
            "ratio_after": self.ratio_after,
            "items": [item.to_dict() for item in self.items],
        }


def _ratio(counts: list[int]) -> float | None:
    least = min(counts, default=0)
    return max(counts) / least if least else None


def plan_balance(
    y: Labels | Mapping[Label, int] | ImbalanceAnalysis,
    strategy: Strategy = "auto",
    *,
    method: AskedMethod = "auto",
    target_ratio: float | None = None,
    max_synthetic_ratio: float | None = None,
    k_neighbors: int = 5,
    kinds: Mapping[str, Kind] | Schema | None = None,
) -> BalancePlan:
    """Rows to add to or drop from each class, with method and reason.

    Parameters
    ----------
    y : labels of shape (n_rows,), a mapping of class to rows, or an :class:`ImbalanceAnalysis`
        From an analysis the plan also knows how many rows of a class are distinct.
    strategy : 'auto', 'minority', 'majority', 'not minority', 'not majority', 'all', float or mapping
        'auto' is careful: it adds rows until each class is just past half the largest (ratio below
        2), at most ``max_synthetic_ratio`` per distinct real row, and leaves a class of one distinct
        row alone; with ``method='random_under'`` it drops rows until the ratio is below 2, no class
        below 30 rows. The other names are those of imbalanced-learn, one to one. A float is the
        ratio of each smaller class to the largest, rounded up to whole rows (when dropping: of
        the smallest to each other, rounded down). A mapping holds the rows of classes afterwards.
    method : 'auto' and 'smote' interpolate where at least ``k_neighbors`` + 1 distinct rows allow it
        and copy where not; 'smotenc' is SMOTE for mixed columns; 'random_over', 'random_under'
    target_ratio : a float ``strategy`` by name
    max_synthetic_ratio : most synthetic rows per distinct real row of a class
        None means 10 for 'auto' and no limit for what is asked for by name, ratio or count.
    kinds : kinds of the feature columns (or their Schema), to choose between SMOTE, SMOTE-NC and copies

    Returns
    -------
    BalancePlan
        Its counts are exact: the samplers make and drop these numbers of rows.

    Examples
    --------
    >>> plan = plan_balance({"a": 100, "b": 30, "c": 2})
    >>> plan.sampling_strategy()
    {'b': 51, 'c': 22}
    """
    _check_options(method, max_synthetic_ratio, k_neighbors)
    if target_ratio is not None:
        if strategy != "auto":
            raise InvalidParameterError(f"Give strategy or target_ratio, not both; got {strategy!r}, {target_ratio!r}.")
        strategy = target_ratio
    counts, distinct, n_missing = _evidence(y)
    side = _side(strategy, method)
    limit = max_synthetic_ratio
    if limit is None and strategy == "auto":
        limit = AUTO_LIMIT
    asked = goals(strategy, counts, side)
    way = _Way(counts, asked, method, limit, k_neighbors, _family(method, kinds), careful=strategy == "auto")
    items = tuple(way.item(label, n, distinct.get(label, n)) for label, n in counts.items())
    return BalancePlan(items, _written(strategy), method, k_neighbors, n_missing)


def _check_options(method: str, limit: float | None, k_neighbors: int) -> None:
    if method not in get_args(AskedMethod):
        raise InvalidParameterError(f"method must be one of {', '.join(get_args(AskedMethod))}; got {method!r}.")
    if limit is not None and not (limit > 0 and limit < float("inf")):
        raise InvalidParameterError(f"max_synthetic_ratio must be a number > 0 or None; got {limit!r}.")
    if isinstance(k_neighbors, bool) or k_neighbors < 1:
        raise InvalidParameterError(f"k_neighbors must be an integer >= 1; got {k_neighbors!r}.")


def _evidence(y: Labels | Mapping[Label, int] | ImbalanceAnalysis) -> tuple[dict[Label, int], dict[Label, int], int]:
    """Rows and distinct rows per class, most frequent first, and rows without a label."""
    if isinstance(y, ImbalanceAnalysis):
        return y.class_counts, {profile.label: profile.effective for profile in y.classes}, y.n_missing
    if isinstance(y, Mapping):
        return ordered(y), {}, 0
    classes = count_classes(y)
    return classes.as_dict(), {}, classes.n_missing


def _side(strategy: Strategy, method: AskedMethod) -> Side:
    if method == "random_under":
        return "under"
    return "both" if isinstance(strategy, Mapping) and method == "auto" else "over"


def _written(strategy: Strategy) -> str:
    return str({str(k): int(v) for k, v in strategy.items()} if isinstance(strategy, Mapping) else strategy)


def _family(method: AskedMethod, kinds: Mapping[str, Kind] | Schema | None) -> Method:
    """How rows of a large enough class are made: by the kinds where they are known, else as asked."""
    if method == "random_over":
        return "random_over"
    if kinds is None:
        return "smotenc" if method == "smotenc" else "smote"
    found = set(kinds.values()) if isinstance(kinds, Mapping) else {column.kind for column in kinds.columns}
    used = found - {"identifier"}
    if not used & INTERPOLATED:
        return "random_over"
    return "smote" if used <= INTERPOLATED else "smotenc"


@dataclass(frozen=True, slots=True)
class _Way:
    """What is common to the classes of one plan."""

    counts: Mapping[Label, int]
    asked: Mapping[Label, int]
    method: AskedMethod
    limit: float | None
    k_neighbors: int
    family: Method
    careful: bool

    def item(self, label: Label, n: int, distinct: int) -> PlanItem:
        goal = self.asked.get(label, n)
        if goal < n:
            floored = self.careful and goal == KEEP_AT_LEAST
            return _item(label, n, -(n - goal), "random_under", _both("drop_floor" if floored else "drop", floor=goal))
        if goal == n:
            return _item(label, n, 0, "none", _both(self._idle(label, n)))
        if self.careful and distinct == 1:
            return _item(label, n, 0, "none", _both("one_row"))
        method, why = self._making(n, distinct)
        most = goal - n if self.limit is None else int(Fraction(repr(float(self.limit))) * distinct)
        add = min(goal - n, most)
        if add < goal - n:
            why = _join(why, self._limited(goal))
        return _item(label, n, add, method if add else "none", why)

    def _idle(self, label: Label, n: int) -> ReasonCode:
        if len(self.counts) == 1:
            return "single_class"
        if label not in self.asked:
            return "not_asked"
        return "majority" if n == max(self.counts.values()) and self.method != "random_under" else "enough"

    def _making(self, n: int, distinct: int) -> tuple[Method, tuple[str, str]]:
        if self.family == "random_over":
            return "random_over", _both("copy_asked" if self.method == "random_over" else "copy_no_numbers")
        if distinct <= self.k_neighbors:
            code: ReasonCode = "copy_too_few" if distinct == n else "copy_too_few_distinct"
            return "random_over", _both(code, n=distinct, k=self.k_neighbors)
        code = "interpolate" if self.family == "smote" else "interpolate_mixed"
        return self.family, _both(code, n=distinct, k=self.k_neighbors)

    def _limited(self, goal: int) -> tuple[str, str]:
        assert self.limit is not None  # noqa: S101  (only a limit can hold back)
        digits = 0 if float(self.limit).is_integer() else 2
        return (
            reason("limited", "pt", cap=decimal(self.limit, "pt", digits), goal=goal),
            reason("limited", "en", cap=decimal(self.limit, "en", digits), goal=goal),
        )


def _both(code: ReasonCode, **values: object) -> tuple[str, str]:
    return reason(code, "pt", **values), reason(code, "en", **values)


def _join(first: tuple[str, str], second: tuple[str, str]) -> tuple[str, str]:
    return f"{first[0]}; {second[0]}", f"{first[1]}; {second[1]}"


def _item(label: Label, before: int, change: int, method: Method, why: Iterable[str]) -> PlanItem:
    reason_pt, reason_en = why
    return PlanItem(label, before, max(change, 0), max(-change, 0), before + change, method, reason_pt, reason_en)


__all__ = ["AUTO_LIMIT", "INTERPOLATED", "AskedMethod", "BalancePlan", "Method", "PlanItem", "plan_balance"]
