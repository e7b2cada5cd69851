"""The fewest walks that use every movement of a day once: the intra-day order as an Eulerian path problem.

A movement with a known balance is an edge from the balance before it to the balance after it. Rows in chained order
are a walk over these edges, so the order with the most held links is the cover by the fewest edge-disjoint trails: one
for each component without open ends, else as many as edges leave its vertices beyond those that arrive. Hierholzer's
circuits find it in linear time for a day of any size; no search is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

Trail = list[int]
"""Movements by their number in the day, each one beginning where the one before it ends."""
_HUB = None
_Vertex = int | None


def day_trails(before: Sequence[int], after: Sequence[int]) -> list[Trail]:
    """The fewest trails that hold every movement once, those with open ends first, else in order of their movements.

    Parameters
    ----------
    before, after : balances before and after each movement, in centavos

    References
    ----------
    .. [1] Hierholzer, "Über die Möglichkeit, einen Linienzug ohne Wiederholung und ohne Unterbrechung zu umfahren",
       Mathematische Annalen 6 (1873).

    Examples
    --------
    >>> day_trails([50, 100], [70, 50])
    [[1, 0]]
    """
    n = len(before)
    heads: list[_Vertex] = list(after)
    out: dict[_Vertex, list[int]] = {}
    for edge, vertex in enumerate(before):
        out.setdefault(vertex, []).append(edge)
    for vertex, excess in _open_ends(before, after).items():
        for _ in range(abs(excess)):
            tail, head = (_HUB, vertex) if excess > 0 else (vertex, _HUB)
            out.setdefault(tail, []).append(len(heads))
            heads.append(head)
    for edges in out.values():
        edges.reverse()  # popped from the end: the earlier movement first
    trails = _cut(_circuit(_HUB, out, heads), n)
    for vertex in before:
        if out[vertex]:
            trails.append(_circuit(vertex, out, heads))
    return trails


def trail_starts(before: Sequence[int], after: Sequence[int]) -> frozenset[int]:
    """Balances at which a cover by the fewest trails may begin; every balance where the day ends as it began."""
    surplus = frozenset(vertex for vertex, excess in _open_ends(before, after).items() if excess > 0)
    return surplus or frozenset(before)


def _open_ends(before: Sequence[int], after: Sequence[int]) -> Mapping[int, int]:
    """Movements that leave a balance beyond those that arrive at it, where the two differ."""
    excess = Counter(before)
    excess.subtract(after)
    return {vertex: count for vertex, count in excess.items() if count}


def _circuit(start: _Vertex, out: Mapping[_Vertex, list[int]], heads: Sequence[_Vertex]) -> list[int]:
    """Edges of the circuit from ``start`` over all unused edges that it reaches; they are taken out of ``out``."""
    stack: list[tuple[_Vertex, int]] = [(start, -1)]
    circuit: list[int] = []
    while stack:
        vertex, arrived_by = stack[-1]
        unused = out.get(vertex)
        if unused:
            edge = unused.pop()
            stack.append((heads[edge], edge))
        else:
            stack.pop()
            circuit.append(arrived_by)
    circuit.pop()  # nothing arrived at the start
    circuit.reverse()
    return circuit


def _cut(circuit: Sequence[int], n: int) -> list[Trail]:
    """The circuit cut at the edges of the hub, which are numbered from ``n`` on."""
    trails: list[Trail] = [[]]
    for edge in circuit:
        if edge < n:
            trails[-1].append(edge)
        elif trails[-1]:
            trails.append([])
    return [trail for trail in trails if trail]


__all__ = ["Trail", "day_trails", "trail_starts"]
