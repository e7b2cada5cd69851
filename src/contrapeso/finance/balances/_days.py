"""The order of the movements of one account within one day, by the balances that some or all of them state.

Where every movement states its balance, the fewest trails are the best order (:mod:`._trails`). Where only some do
(banks that print the balance of the day once), the gaps between stated balances must be filled with movements that sum
to them: a small day is searched to the end, a large one takes what fits first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contrapeso.finance.balances._trails import Trail, day_trails, trail_starts

SMALL = 8
"""Movements up to which a day with unstated balances is searched to the end; 8! orders are 256 sets of movements."""


@dataclass(frozen=True, slots=True)
class Day:
    """Movements of one account on one day in file order; a balance that is not stated is None.

    ``end`` is the balance that an anchor states at its end.
    """

    cents: tuple[int, ...]
    balances: tuple[int | None, ...]
    end: int | None = None

    def starts(self) -> frozenset[int] | None:
        """Balances at which the day may begin, as far as it tells; None if it does not."""
        known = [(b - c, b) for c, b in zip(self.cents, self.balances, strict=True) if b is not None]
        if len(known) == len(self.cents):
            return trail_starts([pair[0] for pair in known], [pair[1] for pair in known])
        if not known and self.end is None:
            return None
        return frozenset(pair[0] for pair in known) | ({self.end - sum(self.cents)} if self.end is not None else set())

    def walk(self, order: Sequence[int], opening: int | None) -> tuple[int, int | None]:
        """Links that hold in this order, the anchor's left out, and the balance at the end (None: not known)."""
        held, level = 0, opening
        for i in order:
            balance = self.balances[i]
            level = None if level is None else level + self.cents[i]
            if balance is not None:
                held += level == balance
                level = balance
        return held, level


def arrange(day: Day, opening: int | None, wanted: frozenset[int] | None) -> list[int]:
    """The movements in the order in which most links hold; the file order where none is better.

    Parameters
    ----------
    opening : balance before the day, None if not known
    wanted : balances at which the next day may begin, None if it does not tell
    """
    file_order = list(range(len(day.cents)))
    if len(file_order) < 2 or all(balance is None for balance in day.balances):
        return file_order
    if all(balance is not None for balance in day.balances):
        found = _by_trails(day, opening, wanted)
    elif len(file_order) <= SMALL:
        found = _by_search(day, opening, wanted)
    else:
        found = _by_filling(day, opening)
    return max((file_order, file_order[::-1], found), key=lambda order: _score(day, order, opening, wanted))


def _score(day: Day, order: Sequence[int], opening: int | None, wanted: frozenset[int] | None) -> int:
    """Links that hold, the one to the anchor or else to the next day included."""
    held, level = day.walk(order, opening)
    if level is None:
        return held
    return held + (level == day.end if day.end is not None else wanted is not None and level in wanted)


def _by_trails(day: Day, opening: int | None, wanted: frozenset[int] | None) -> list[int]:
    after = [balance for balance in day.balances if balance is not None]
    before = [balance - cents for balance, cents in zip(after, day.cents, strict=True)]
    trails = [_turned(trail, before, after, opening, wanted) for trail in day_trails(before, after)]
    first = next((k for k, trail in enumerate(trails) if before[trail[0]] == opening), None)
    goals = {day.end} if day.end is not None else wanted or frozenset()
    last = next((k for k, trail in reversed(list(enumerate(trails))) if after[trail[-1]] in goals and k != first), None)
    inner = [k for k in range(len(trails)) if k not in {first, last}]
    return [edge for k in (first, *inner, last) if k is not None for edge in trails[k]]


def _turned(
    trail: Trail, before: Sequence[int], after: Sequence[int], opening: int | None, wanted: frozenset[int] | None
) -> Trail:
    """A trail that ends where it begins, turned so that it begins at the opening, else at a balance wanted next."""
    if before[trail[0]] != after[trail[-1]] or before[trail[0]] == opening:
        return trail
    for goals in ({opening}, wanted or frozenset()):
        for place, edge in enumerate(trail):
            if before[edge] in goals:
                return trail[place:] + trail[:place]
    return trail


def _by_search(day: Day, opening: int | None, wanted: frozenset[int] | None) -> list[int]:
    """The best order of a small day: dynamic programming over (movements done, balance then)."""
    n = len(day.cents)
    best: dict[tuple[int, int | None], tuple[int, list[int]]] = {(0, opening): (0, [])}
    for _ in range(n):
        reached: dict[tuple[int, int | None], tuple[int, list[int]]] = {}
        for (done, level), (held, order) in best.items():
            for i in range(n):
                if done >> i & 1:
                    continue
                link, end = _step(day, i, level)
                state = (done | 1 << i, end)
                if state not in reached or held + link > reached[state][0]:
                    reached[state] = (held + link, [*order, i])
        best = reached
    return max((order for _, order in best.values()), key=lambda order: _score(day, order, opening, wanted))


def _step(day: Day, i: int, level: int | None) -> tuple[int, int | None]:
    """Whether the link into movement ``i`` holds, and the balance after it."""
    balance = day.balances[i]
    level = None if level is None else level + day.cents[i]
    return (0, level) if balance is None else (int(level == balance), balance)


def _by_filling(day: Day, opening: int | None) -> list[int]:
    """A good order of a large day with unstated balances: trails in turn, each gap filled with what sums to it."""
    known = [i for i, balance in enumerate(day.balances) if balance is not None]
    after = [balance for balance in day.balances if balance is not None]
    before = [balance - day.cents[i] for i, balance in zip(known, after, strict=True)]
    trails = [[known[edge] for edge in trail] for trail in day_trails(before, after)]
    start = dict(zip(known, before, strict=True))
    loose = [i for i, balance in enumerate(day.balances) if balance is None]
    order: list[int] = []
    level = opening
    while trails:
        k, fill = _next_trail([start[trail[0]] for trail in trails], loose, day.cents, level)
        order += [*fill, *trails.pop(k)]
        loose = [i for i in loose if i not in fill]
        level = day.balances[order[-1]]
    return order + loose


def _next_trail(
    starts: Sequence[int], loose: Sequence[int], cents: Sequence[int], level: int | None
) -> tuple[int, list[int]]:
    """The trail to take next, and the loose movements before it: none, one, two, the first ones or all that fit."""
    if level is None:
        return 0, []
    for k, start in enumerate(starts):
        fill = _that_sum_to(start - level, loose, cents)
        if fill is not None:
            return k, fill
    return 0, []


def _that_sum_to(gap: int, loose: Sequence[int], cents: Sequence[int]) -> list[int] | None:
    """Loose movements that sum to ``gap``, the fewest of a few simple choices; None if none does."""
    if not gap:
        return []
    first_with: dict[int, int] = {}
    pair: list[int] | None = None
    total = 0
    for place, i in enumerate(loose):
        total += cents[i]
        if cents[i] == gap:
            return [i]
        if pair is None and gap - cents[i] in first_with:
            pair = [first_with[gap - cents[i]], i]
        if pair is None and total == gap:
            pair = list(loose[: place + 1])
        first_with.setdefault(cents[i], i)
    return pair


__all__ = ["SMALL", "Day", "arrange"]
