"""What the page shows of a balancing: rows per class before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from contrapeso._log import mask
from contrapeso.quality._format import clean, signed
from contrapeso.quality._svg import Alt, stacked_bar
from contrapeso.quality._writer import Writer

MAX_NOTE = 600


@dataclass(frozen=True, slots=True)
class BalanceSection:
    """Counts before and after balancing: ``rows`` are (class, before, added, after); dropped rows are negative."""

    title: str
    rows: tuple[tuple[str, int, int, int], ...]
    method: str
    seed: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class of the balance table."""

    label: str
    before: str
    added: str
    after: str
    bar: Markup


def shown(balance: BalanceSection) -> dict[str, str]:
    """The title and the note of the balancing, safe to show."""
    return {"title": clean(balance.title), "note": clean(balance.note, MAX_NOTE)}


def classes(balance: BalanceSection | None, say: Writer) -> list[ClassRow]:
    """The balance table."""
    if balance is None:
        return []
    largest = max((max(before, after) for _, before, _, after in balance.rows), default=1)
    return [
        ClassRow(
            label=clean(mask(label)),
            before=say.count(before),
            added=signed(added, say.language, 0),
            after=say.count(after),
            bar=Markup(stacked_bar(before, after, largest, Alt("", _class_words(before, added, after, say)))),  # noqa: S704
        )
        for label, before, added, after in balance.rows
    ]


def _class_words(before: int, added: int, after: int, say: Writer) -> str:
    """A class's bar in words."""
    numbers = (
        f"{say.t('before')} {say.count(before)}",
        f"{say.t('added')} {signed(added, say.language, 0)}",
        f"{say.t('after')} {say.count(after)}",
    )
    return ", ".join(numbers)


def facts(balance: BalanceSection | None, say: Writer) -> list[tuple[str, str]]:
    """Totals, ratio, method and seed of the balancing."""
    if balance is None:
        return []
    counts = [[row[1:][k] for row in balance.rows] for k in range(3)]
    before, added, after = (sum(column) for column in counts)
    facts = [
        (say.t("total"), f"{say.count(before)} {signed(added, say.language, 0)} = {say.count(after)}"),
        (say.t("method_used"), clean(balance.method) or say.t("unknown")),
    ]
    ratios = [_ratio(counts[0]), _ratio(counts[2])]
    if None not in ratios:
        facts.insert(
            1,
            (
                say.t("largest_to_smallest"),
                "\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}".join(say.number(ratio, 1) for ratio in ratios),
            ),
        )
    facts.append((say.t("seed"), say.t("unknown") if balance.seed is None else str(balance.seed)))
    return facts


def _ratio(counts: Sequence[int]) -> float | None:
    """Largest class over smallest, None with an empty class."""
    return max(counts) / min(counts) if counts and min(counts) > 0 else None


__all__ = ["BalanceSection", "ClassRow", "classes", "facts", "shown"]
