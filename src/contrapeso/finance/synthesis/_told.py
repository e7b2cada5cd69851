"""What is told of each draft: its parents, and where template, slots, amount and day come from."""

from __future__ import annotations

import numpy as np

from contrapeso.finance._ledger import Drafts, Ledger
from contrapeso.finance.synthesis._facts import Facts, Ints
from contrapeso.finance.synthesis._options import Method
from contrapeso.finance.synthesis._sketch import Floats, Sketch, modes
from contrapeso.finance.synthesis._space import nearest_real

TAKEN = "a row of this day, amount and text is there"
Traces = tuple[dict[str, object], ...]


def draft_of(
    ledger: Ledger,
    facts: Facts,
    sketch: Sketch,
    kept: Ints,
    *,
    method: Method,
    slots: list[object],
    support: list[int],
) -> Drafts:
    """Drafts of the movements ``kept`` of a sketch, which are the rows of ``ledger``."""
    places, weights = _once(sketch.parents[kept], sketch.weights[kept])
    parents = np.where(places >= 0, facts.rows[np.maximum(places, 0)], -1)
    near, away = nearest_real(facts, ledger.days, ledger.cents, facts.templates[sketch.base[kept]])
    own = _own(facts, sketch, kept, slots, support)
    nearest = zip(facts.rows[near].tolist(), np.round(away, 4).tolist(), strict=True)
    traces = tuple(
        {"method": method, **trace, "nearest": {"row": row, "distance": distance}}
        for trace, (row, distance) in zip(own, nearest, strict=True)
    )
    return Drafts(ledger, parents, weights, traces)


def _own(facts: Facts, sketch: Sketch, kept: Ints, slots: list[object], support: list[int]) -> Traces:
    """The traces of the sketch itself, in plain JSON types."""
    base, how = sketch.base[kept], modes(facts, sketch)
    rows = zip(kept.tolist(), facts.templates[base].tolist(), facts.series[base].tolist(), strict=True)
    made: list[dict[str, object]] = []
    for place, template, series in rows:
        trace: dict[str, object] = {
            "mode": how[place],
            "template": {"number": template, "support": support[template]},
            "slots": slots[place],
            "amount": sketch.amounts[place],
            "date": sketch.dates[place],
            "repairs": [
                {"changed": what, "times": times, "why": TAKEN} for what, times in sketch.repairs[place].items()
            ],
        }
        if series >= 0:
            trace["series"] = {"number": series, "sibling": int(sketch.instance[place])}
        made.append(trace)
    return tuple(made)


def _once(parents: Ints, weights: Floats) -> tuple[Ints, Floats]:
    """Parents named once, with the sum of their weights; those of no weight are none."""
    parents, weights = parents.copy(), weights.copy()
    for column in range(1, parents.shape[1]):
        for before in range(column):
            same = (parents[:, column] == parents[:, before]) & (parents[:, column] >= 0)
            weights[same, before] += weights[same, column]
            parents[same, column], weights[same, column] = -1, 0.0
    return np.where(weights > 0, parents, -1), np.where(parents >= 0, weights, 0.0)


__all__ = ["draft_of"]
