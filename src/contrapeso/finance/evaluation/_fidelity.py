"""``fidelity``: how real made movements are, category by category, against what came later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from contrapeso._rng import RandomState, generator, seed_sequence
from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Ledger, Texts
from contrapeso.finance.evaluation._classifier_test import structured, two_sample_auc
from contrapeso.finance.evaluation._distances import Ints, repeated_share
from contrapeso.finance.evaluation._excess import Excess, coded, excess_of, sides_of
from contrapeso.finance.evaluation._grams import count_copies, gram_excess, movement_codes
from contrapeso.finance.evaluation._rows import Side, labelled, named_categories, of_category, side_of

Language: TypeAlias = Literal["pt", "en"]
Metric: TypeAlias = Literal["day", "amount", "rounding", "repeated", "closed", "sign", "auc"]

LEAST_FOR_AUC = 30
AUC_SLACK = 0.05
TARGETS: Mapping[Metric, float] = {
    "day": 0.02, "amount": 0.06, "rounding": 0.05, "repeated": 0.05, "closed": 0.0, "sign": 1.0, "auc": 0.65
}  # fmt: skip
"""Most that each number may be (least, for ``sign``): excesses, shares, and the area under the curve."""


@dataclass(frozen=True, slots=True)
class CategoryFidelity:
    """The measurements of one category.

    Attributes
    ----------
    n_train, n_later, n_made : rows on each side.
    day, weekday : Jensen-Shannon divergence in nats of the day of the month and of the week.
    amount : Wasserstein distance of ``sign * log(1 + |amount|)`` over its standard deviation in the later rows.
    rounding : total variation of the coarsest step that divides the amount (1 centavo to 100 units).
    repeated_made, repeated_later, repeated_floor : share of rows whose exact amount occurs again, of equally many made,
        later and training rows.
    closed_made, closed_real : share on days on which banks are closed, made and real (training and later rows).
    sign_coherence : share of made rows with a sign that training rows of the category have.
    auc, auc_floor : area under the curve of made against later rows, and of training against later rows; None where
        a side has under 30 rows.
    copies, repeats : made rows that are a training row in day, amount and description; that are another made row.
    """

    category: str
    n_train: int
    n_later: int
    n_made: int
    day: Excess
    weekday: Excess
    amount: Excess
    rounding: Excess
    repeated_made: float
    repeated_later: float
    repeated_floor: float
    closed_made: float
    closed_real: float
    sign_coherence: float
    auc: float | None
    auc_floor: float | None
    copies: int
    repeats: int

    @property
    def repeated_excess(self) -> float:
        """Gap of the repeated-amount share to the later rows, beyond that of the training rows."""
        return abs(self.repeated_made - self.repeated_later) - abs(self.repeated_floor - self.repeated_later)

    def measured(self) -> dict[Metric, float | None]:
        """The numbers that :data:`TARGETS` speaks of; None where one does not apply."""
        return {
            "day": self.day.excess,
            "amount": self.amount.excess,
            "rounding": self.rounding.excess,
            "repeated": self.repeated_excess,
            "closed": self.closed_made if self.closed_real == 0 else None,
            "sign": self.sign_coherence,
            "auc": self.auc,
        }

    def missed(self) -> tuple[Metric, ...]:
        """The targets that are missed; an area is not where that of training rows is within .05 of it."""
        found = self.measured()
        missed = [name for name, target in TARGETS.items() if not _met(name, found[name], target)]
        as_real = self.auc is not None and self.auc_floor is not None and self.auc - self.auc_floor <= AUC_SLACK
        return tuple(name for name in missed if not (name == "auc" and as_real))

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        excesses = {name: value.to_dict() for name, value in plain.items() if isinstance(value, Excess)}
        return plain | excesses | {"repeated_excess": self.repeated_excess, "missed": list(self.missed())}


def _met(name: Metric, value: float | None, target: float) -> bool:
    if value is None:
        return True
    return value >= target if name == "sign" else value <= target


@dataclass(frozen=True, slots=True)
class FidelityReport:
    """Fidelity by category.

    Attributes
    ----------
    categories : one entry for each category that was made and that training and later rows have.
    left_out : category -> why it has no entry.
    grams : Jensen-Shannon excess of three codes in a row over the whole ledger; None where it does not apply.
    """

    categories: tuple[CategoryFidelity, ...]
    left_out: Mapping[str, str]
    grams: Excess | None

    def mean(self, metric: Metric, least: int = 1) -> float | None:
        """Mean of a metric over the categories with ``least`` training and later rows; None where none applies."""
        found = [one.measured()[metric] for one in self.categories if min(one.n_train, one.n_later) >= least]
        kept = [value for value in found if value is not None]
        return float(np.mean(kept)) if kept else None

    @property
    def copies(self) -> int:
        """Made rows that are a training row."""
        return sum(one.copies for one in self.categories)

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {
            "categories": [one.to_dict() for one in self.categories],
            "left_out": dict(self.left_out),
            "grams": self.grams.to_dict() if self.grams else None,
            "means": {name: self.mean(name) for name in TARGETS},
            "copies": self.copies,
        }

    def describe(self, language: Language = "pt") -> str:
        """A line for each category, in words."""
        from contrapeso.finance.evaluation._words import fidelity_lines

        return "\n".join(fidelity_lines(self, language))


@dataclass(frozen=True, slots=True)
class Codes:
    """Template or instrument of each row of the three ledgers, where the caller knows them."""

    train: Texts
    later: Texts
    made: Texts


def fidelity(
    train: Ledger,
    later: Ledger,
    made: Ledger,
    *,
    codes: Codes | None = None,
    n_draws: int = 200,
    classifier: bool = True,
    classifier_floor: bool = True,
    random_state: RandomState = 0,
) -> FidelityReport:
    """How far made rows are from later real rows, beyond what earlier real rows are, by category.

    Parameters
    ----------
    train : Ledger
        Rows that the made ones were learnt from, with categories.
    later : Ledger
        Real rows after them; nothing was learnt from these.
    made : Ledger
        Synthetic rows, with categories.
    codes : Codes, optional
        Template or instrument of each row; without them category and direction are the codes of the sequences.
    n_draws : int, default 200
        Bootstrap samples of each floor and interval.
    classifier, classifier_floor : bool, default True
        Whether the classifier tries to tell made from later rows, and training from later rows.
    random_state : int or seed, default 0

    Returns
    -------
    FidelityReport

    Raises
    ------
    InvalidDataError
        If a ledger has no row with a category (``TooFewSamplesError``), or a row has no date.
    InvalidParameterError
        If ``n_draws`` is under 20.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> days = [f"2024-{m:02d}-10" for m in range(1, 11)]
    >>> rent = ledger_of(days, [-250000] * 10, ["ALUGUEL"] * 10, categories=["aluguel"] * 10)
    >>> early, late = rent.take(rent.days < rent.days[6]), rent.take(rent.days >= rent.days[6])
    >>> found = fidelity(early, late, early).categories[0]
    >>> found.amount.excess, found.copies
    (0.0, 6)
    """
    if n_draws < 20:
        raise InvalidParameterError(f"n_draws must be 20 or more, so that there is an interval; got {n_draws!r}.")
    root = seed_sequence(random_state)
    numbers = _template_numbers(codes)
    with_code = _Coded(numbers, classifier, classifier_floor, n_draws)
    for ledger in (train, later, made):
        labelled(ledger)
    here = {name: (set(train.categories), set(later.categories)) for name in named_categories(made)}
    left_out = {name: _absent(name, *found) for name, found in here.items() if name not in found[0] & found[1]}
    kept = [name for name in here if name not in left_out]
    entries = tuple(
        _category(name, (train, later, made), with_code, generator(root, 0, i)) for i, name in enumerate(kept)
    )
    return FidelityReport(entries, left_out, _grams((train, later, made), codes, kept, generator(root, 1)))


def _grams(
    ledgers: tuple[Ledger, Ledger, Ledger], codes: Codes | None, kept: list[str], rng: np.random.Generator
) -> Excess | None:
    """Excess of three codes in a row among the rows of the categories that all sides have."""
    given = (codes.train, codes.later, codes.made) if codes else tuple(movement_codes(one) for one in ledgers)
    rows = [np.isin(one.categories.astype(str), kept) for one in ledgers]
    train, later, made = ((o.take(r), np.asarray(c)[r]) for o, c, r in zip(ledgers, given, rows, strict=True))
    return gram_excess(train, later, made, rng)


@dataclass(frozen=True, slots=True)
class _Coded:
    """What every category is measured with."""

    codes: tuple[Ints, Ints, Ints] | None
    classifier: bool
    floor: bool
    n_draws: int

    def of_category(self, name: str, ledgers: tuple[Ledger, Ledger, Ledger]) -> _Coded:
        """The same with the codes of the rows of one category."""
        if self.codes is None:
            return self
        train, later, made = (c[one.categories == name] for c, one in zip(self.codes, ledgers, strict=True))
        return replace(self, codes=(train, later, made))


def _template_numbers(codes: Codes | None) -> tuple[Ints, Ints, Ints] | None:
    """Codes as numbers, the frequent ones of the later rows first, so that trees can split them."""
    if codes is None:
        return None
    sides = [np.asarray(side).astype(str) for side in (codes.train, codes.later, codes.made)]
    known, counts = np.unique(sides[1], return_counts=True)
    place = {name: i for i, name in enumerate(known[np.argsort(-counts, kind="stable")])}
    found = [np.array([place.get(name, len(place)) for name in side], dtype=np.int64) for side in sides]
    return found[0], found[1], found[2]


def _absent(name: str, train: set[str], later: set[str]) -> str:
    where = [side for side, known in (("training", train), ("later", later)) if name not in known]
    return f"no {' and no '.join(where)} row has the category {name!r}"


def _category(
    name: str, ledgers: tuple[Ledger, Ledger, Ledger], how: _Coded, rng: np.random.Generator
) -> CategoryFidelity:
    parts = [of_category(ledger, name) for ledger in ledgers]
    train, later, made = (side_of(part) for part in parts)
    sides = sides_of(train, later, made)
    found = {key: excess_of(sides[key], rng, how.n_draws) for key in ("day", "weekday", "amount", "rounding")}
    same = min(len(train), len(later), len(made))
    amounts = coded(train.cents, later.cents, made.cents)
    copies, repeats = count_copies(parts[0], parts[2])
    areas = _areas((train, later, made), how.of_category(name, ledgers), rng)
    return CategoryFidelity(
        name, len(train), len(later), len(made), **found,
        repeated_made=repeated_share(amounts.made, same),
        repeated_later=repeated_share(amounts.later, same),
        repeated_floor=repeated_share(amounts.train, same),
        closed_made=float(made.closed.mean()),
        closed_real=float(np.concatenate([train.closed, later.closed]).mean()),
        sign_coherence=float(np.isin(np.sign(made.cents), np.sign(train.cents)).mean()),
        auc=areas[0], auc_floor=areas[1], copies=copies, repeats=repeats,
    )  # fmt: skip


def _areas(sides: tuple[Side, Side, Side], how: _Coded, rng: np.random.Generator) -> tuple[float | None, float | None]:
    """Area of made against later rows, and of training against later rows; None where a side has too few rows."""
    if not how.classifier or min(len(sides[1]), len(sides[2])) < LEAST_FOR_AUC:
        return None, None
    codes = how.codes or (None, None, None)
    train, later, made = (structured(side, code) for side, code in zip(sides, codes, strict=True))
    floor = two_sample_auc(later, train, rng) if how.floor and len(train) >= LEAST_FOR_AUC else None
    return two_sample_auc(later, made, rng), floor


__all__ = ["TARGETS", "CategoryFidelity", "Codes", "FidelityReport", "Language", "Metric", "fidelity"]
