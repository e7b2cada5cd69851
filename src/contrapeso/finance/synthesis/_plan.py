"""The plan: category -> rows to make, by which method and why. A value that is printed before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Ledger
from contrapeso.finance.synthesis._options import (
    AskedMethod,
    CategoryOptions,
    Method,
    check_method,
    check_ratio,
    options_of,
)
from contrapeso.finance.synthesis._words import HEADS, NOTES, REASONS, Language, both, check_language, decimal, percent

MINORITY_SHARE = 0.10
"""Without a ratio only categories of at most this share of the rows are filled up."""
HALF = Fraction(1, 2)
"""Without a ratio they are filled up to this part of the largest."""
AT_LEAST = 10
CAP = 10
"""Without a ratio: synthetic rows for each real one, at most."""
FEW, MANY = 15, 100
"""Rows from which neighbourhoods, and from which a generator, are worth a try."""
STRUCTURED = 0.6
"""Share of rows in recurring series from which the series decide the method."""

USUAL = CategoryOptions()
Text = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PlanItem:
    """What happens to one category: ``after == before + add``.

    ``reason_pt`` and ``reason_en`` say why so many rows, and why by this method; ``method`` is None where no row is
    made.
    """

    category: str
    before: int
    add: int
    method: Method | None
    reason_pt: str
    reason_en: str
    options: CategoryOptions = USUAL

    @property
    def after(self) -> int:
        """Rows afterwards."""
        return self.before + self.add

    def reason(self, language: Language) -> str:
        """Why, in words."""
        check_language(language)
        return self.reason_pt if language == "pt" else self.reason_en

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {
            "category": self.category,
            "before": self.before,
            "add": self.add,
            "after": self.after,
            "method": self.method,
            "reason": {"pt": self.reason_pt, "en": self.reason_en},
            "options": self.options.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """One item per category, from the most to the least frequent, and what is to be known beforehand.

    ``notes`` are sentences in both languages; ``unknown`` are those on categories that were asked for and do not occur.
    """

    items: tuple[PlanItem, ...]
    target_ratio: float | None
    method: AskedMethod
    notes: tuple[Text, ...] = ()
    unknown: tuple[Text, ...] = ()

    @property
    def n_add(self) -> int:
        """Rows to make."""
        return sum(item.add for item in self.items)

    def __getitem__(self, category: str) -> PlanItem:
        for item in self.items:
            if item.category == category:
                return item
        raise KeyError(category)

    def describe(self, language: Language = "pt") -> str:
        """A table of what happens to each category and why, and the notes under it."""
        check_language(language)
        place = 0 if language == "pt" else 1
        names = ("category", "before", "add", "after", "method", "reason")
        lines = [tuple(HEADS[name][place] for name in names)]
        lines += [_line(item, language) for item in self.items]
        sums = (sum(item.before for item in self.items), self.n_add, sum(item.after for item in self.items))
        lines.append((HEADS["total"][place], *(str(number) for number in sums), "", ""))
        widths = [max(len(line[i]) for line in lines) for i in range(len(names) - 1)]
        table = ["  ".join([*_cells(line, widths), line[-1]]).rstrip() for line in lines]
        return "\n".join([*table, *(note[place] for note in self.notes)])

    def __str__(self) -> str:
        return self.describe("pt")

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {
            "target_ratio": self.target_ratio,
            "method": self.method,
            "n_add": self.n_add,
            "items": [item.to_dict() for item in self.items],
            "notes": [{"pt": pt, "en": en} for pt, en in self.notes],
        }


def _line(item: PlanItem, language: Language) -> tuple[str, ...]:
    method = item.method or HEADS["none"][0 if language == "pt" else 1]
    category = item.category if len(item.category) <= 40 else item.category[:39] + "…"
    return category, str(item.before), str(item.add), str(item.after), method, item.reason(language)


def _cells(line: tuple[str, ...], widths: list[int]) -> list[str]:
    """Text to the left, numbers to the right."""
    return [
        cell.rjust(width) if 0 < i < 4 else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(line[:-1], widths, strict=True))
    ]


def plan(
    ledger: Ledger,
    target_ratio: float | None = None,
    *,
    target_category: str | Collection[str] | None = None,
    method: AskedMethod = "auto",
    options: Mapping[str, Mapping[str, object] | CategoryOptions] | None = None,
    defaults: CategoryOptions | None = None,
    series_share: Mapping[str, float] | None = None,
) -> Plan:
    """Rows to make for each category, with method and reason.

    Parameters
    ----------
    ledger : Ledger
        Training rows; those without a category are not counted.
    target_ratio : float in (0, 1], optional
        Rows afterwards over those of the largest category, rounded up to whole rows, and kept exactly. By default the
        careful goal: categories of at most a tenth of the rows get half as many as the largest, at least 10, at most
        10 synthetic for each real one.
    target_category : str or collection of str, optional
        Only these; all by default. One that was asked for by name counts as a minority whatever its share.
    method : {"auto", "pattern_based", "smote", "synthetic"}
        'auto' goes by the number of rows and by the share of them in recurring series.
    options : mapping of category to options, optional
    defaults : CategoryOptions, optional
        Of the categories that ``options`` does not name.
    series_share : mapping of category to share of its rows in recurring series, optional

    Returns
    -------
    Plan

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> days, cents = ["2024-05-06"] * 44, [-100] * 44
    >>> found = plan(ledger_of(days, cents, [""] * 44, categories=["a"] * 40 + ["b"] * 4), 0.25)
    >>> print(found.describe("en"))
    category  rows  new  after  method         reason
    a           40    0     40  none           it is the largest category
    b            4    6     10  pattern_based  10 rows are 0.25 of the largest (40); 4 rows are few for neighbourhoods
    total       44    6     50
    """
    check_method(method)
    check_ratio(target_ratio)
    counts = Counter(category for category in ledger.categories.tolist() if category)
    order = sorted(counts, key=lambda category: (-counts[category], category))
    asked, unknown = _asked(target_category, order)
    notes = list(unknown)
    said = {category: options_of(given) for category, given in (options or {}).items()}
    notes += [_unknown(category, order) for category in said if category not in counts]
    way = _Way(counts, target_ratio, method, asked, series_share or {}, _distinct(ledger))
    usual = defaults or USUAL
    items = tuple(way.item(category, said.get(category, usual)) for category in order)
    if missing := len(ledger) - counts.total():
        notes.append(both(NOTES, "no_category", n=missing))
    notes += [
        both(NOTES, "largest_asked", category=category)
        for category in asked or ()
        if order and category == order[0] and said.get(category, usual).rows is None
    ]
    return Plan(items, target_ratio, method, tuple(notes), tuple(unknown))


def _asked(target: str | Collection[str] | None, known: list[str]) -> tuple[list[str] | None, list[Text]]:
    """The categories asked for that occur, None for all; and a note on each that does not."""
    if target is None:
        return None, []
    names = [target] if isinstance(target, str) else list(dict.fromkeys(target))
    if not all(isinstance(name, str) for name in names):
        raise InvalidParameterError(f"target_category is a category or several, as text; got {target!r}.")
    return [name for name in names if name in known], [_unknown(name, known) for name in names if name not in known]


def _unknown(category: str, known: list[str]) -> Text:
    shown = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
    return both(NOTES, "unknown_category", category=category, known=shown or "-")


def _distinct(ledger: Ledger) -> Counter[str]:
    """Category -> rows that are distinct in day, amount and text."""
    rows = zip(
        ledger.categories,
        ledger.days.astype(np.int64).tolist(),
        ledger.cents.tolist(),
        ledger.descriptions,
        strict=True,
    )
    return Counter(category for category, *_ in set(rows))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Way:
    """What is common to the categories of one plan."""

    counts: Counter[str]
    ratio: float | None
    method: AskedMethod
    asked: list[str] | None
    series_share: Mapping[str, float]
    distinct: Counter[str]

    def item(self, category: str, options: CategoryOptions) -> PlanItem:
        before = self.counts[category]
        add, why = self._rows(category, before, options)
        if not add:
            return PlanItem(category, before, 0, None, *why, options)
        method, how = self._method(category, before, options)
        return PlanItem(category, before, add, method, f"{why[0]}; {how[0]}", f"{why[1]}; {how[1]}", options)

    def _rows(self, category: str, before: int, options: CategoryOptions) -> tuple[int, Text]:
        if self.asked is not None and category not in self.asked:
            return 0, both(REASONS, "not_asked")
        if options.rows is not None:
            return options.rows, both(REASONS, "rows", add=options.rows)
        largest = max(self.counts.values())
        ratio = options.target_ratio if options.target_ratio is not None else self.ratio
        if before == largest:
            return 0, both(REASONS, "majority")
        if ratio is None:
            return self._careful(category, before, largest)
        goal = ceil(Fraction(repr(float(ratio))) * largest)
        return self._up_to(before, goal, Fraction(repr(float(ratio))), largest)

    def _careful(self, category: str, before: int, largest: int) -> tuple[int, Text]:
        """The goal without a ratio."""
        share = before / self.counts.total()
        if self.asked is None and share > MINORITY_SHARE:
            return 0, both(REASONS, "not_minority", share=percent(share), limit=percent(MINORITY_SHARE))
        goal = max(ceil(HALF * largest), min(AT_LEAST, largest))
        most = CAP * self.distinct[category]
        add, why = self._up_to(before, goal, HALF, largest)
        if add <= most:
            return add, why
        capped = both(REASONS, "capped", cap=CAP)
        return most, (f"{why[0]}; {capped[0]}", f"{why[1]}; {capped[1]}")

    def _up_to(self, before: int, goal: int, ratio: Fraction, largest: int) -> tuple[int, Text]:
        if before >= goal:
            return 0, both(REASONS, "enough", before=before, goal=goal)
        return goal - before, both(REASONS, "ratio", goal=goal, ratio=decimal(float(ratio)), largest=largest)

    def _method(self, category: str, before: int, options: CategoryOptions) -> tuple[Method, Text]:
        asked = options.method or self.method
        if asked == "smote" and before == 1:
            return "pattern_based", both(REASONS, "alone")
        if asked != "auto":
            return asked, both(REASONS, "asked")
        return method_by_size(before, self.series_share.get(category, 0.0))


def method_by_size(before: int, series_share: float) -> tuple[Method, Text]:
    """The method that the number of rows, and the share of them in recurring series, speak for."""
    if before < FEW:
        return "pattern_based", both(REASONS, "few", before=before)
    if series_share >= STRUCTURED:
        return "pattern_based", both(REASONS, "series", share=percent(series_share))
    if before < MANY:
        return "smote", both(REASONS, "some", before=before)
    return "synthetic", both(REASONS, "many", before=before)


def with_method(item: PlanItem, method: Method, why: Text) -> PlanItem:
    """The item by another method, for this reason; what was said of the rows stays."""
    pt, en = item.reason_pt.split("; "), item.reason_en.split("; ")
    return replace(
        item, method=method, reason_pt="; ".join([*pt[:-1], why[0]]), reason_en="; ".join([*en[:-1], why[1]])
    )


__all__ = ["Plan", "PlanItem", "method_by_size", "plan", "with_method"]
