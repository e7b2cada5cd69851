"""From sketches to drafts: words, no collision with a real or another new movement, and what is told of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contrapeso.finance._ledger import Cents, Drafts, Ledger, Texts, texts
from contrapeso.finance._text import normalize_description
from contrapeso.finance.privacy import Pseudonyms
from contrapeso.finance.synthesis._facts import Facts, Group, Ints
from contrapeso.finance.synthesis._learn import Learned
from contrapeso.finance.synthesis._options import CategoryOptions, Method
from contrapeso.finance.synthesis._pattern import OWN_AMOUNTS, draw_dates, of_groups
from contrapeso.finance.synthesis._sketch import Sketch
from contrapeso.finance.synthesis._told import draft_of

TRIES, NEARBY, OFF_GRID = 20, 4, 12
"""Tries for a free place; from which amounts nearby and other months are taken, and from which the grid is left."""
Key = tuple[int, int, str]


@dataclass(slots=True)
class Taken:
    """Places that are occupied: day, amount and normalised text, of real rows and of those made so far.

    The account is left out, so that a new row is no copy of one of another account either.
    """

    keys: set[Key]
    names: Pseudonyms

    @classmethod
    def of(cls, learned: Learned) -> Taken:
        """The places of the training rows."""
        return cls(keys_of(learned.ledger), learned.names())


@dataclass(slots=True)
class Job:
    """A sketch on its way to drafts: the movements ``open`` have no place yet."""

    facts: Facts
    sketch: Sketch
    method: Method
    options: CategoryOptions
    rng: np.random.Generator
    words: Texts
    slots: list[object]
    open: Ints

    @classmethod
    def of(
        cls, facts: Facts, sketch: Sketch, method: Method, options: CategoryOptions, *, rng: np.random.Generator
    ) -> Job:
        """A job at its beginning."""
        n = len(sketch)
        return cls(facts, sketch, method, options, rng, np.empty(n, dtype=object), [()] * n, np.arange(n))


def key_list(ledger: Ledger) -> list[Key]:
    """Day, amount and normalised text of each row."""
    known = {text: normalize_description(text) for text in dict.fromkeys(ledger.descriptions.tolist())}
    days, cents = ledger.days.astype(np.int64).tolist(), ledger.cents.tolist()
    return [(day, amount, known[text]) for day, amount, text in zip(days, cents, ledger.descriptions, strict=True)]


def keys_of(ledger: Ledger) -> set[Key]:
    """The places that rows occupy."""
    return set(key_list(ledger))


def finished(learned: Learned, jobs: list[Job], taken: Taken, rng: np.random.Generator) -> list[Drafts]:
    """Drafts of each job; a movement that found no free place within 20 tries is left out.

    All jobs are filled together, and those whose places are taken are moved and filled again.
    """
    for job in jobs:
        _bounded(job)
    _place(learned, jobs, taken, rng)
    for trial in range(TRIES):
        if not any(len(job.open) for job in jobs):
            break
        for job in jobs:
            if len(job.open):
                _moved(job.facts, job.sketch, job.open, trial, job.rng)
                _bounded(job)
        _place(learned, jobs, taken, rng)
    return [_drafts(learned, job) for job in jobs]


def _place(learned: Learned, jobs: list[Job], taken: Taken, rng: np.random.Generator) -> None:
    """Texts of all open movements; those with a free place occupy it."""
    columns = [_to_fill(job) for job in jobs]
    templates, days, cents, keys, rows = (np.concatenate(column) for column in zip(*columns, strict=True))
    found, slots = learned.templates.fill(templates, days, cents, keys, taken.names, rng, references=rows)
    start = 0
    for job in jobs:
        end = start + len(job.open)
        job.words[job.open] = found[start:end]
        for place, slot in zip(job.open.tolist(), slots[start:end], strict=True):
            job.slots[place] = slot
        job.open = _claimed(job, taken)
        start = end


def _to_fill(job: Job) -> tuple[Ints, np.ndarray, Cents, Texts, Ints]:
    """Templates, days, amounts, payees and reference rows of the open movements of a job."""
    sketch, base = job.sketch, job.sketch.base[job.open]
    return (
        job.facts.templates[base],
        sketch.days[job.open],
        sketch.cents[job.open],
        sketch.keys[job.open],
        job.facts.rows[base],
    )


def _claimed(job: Job, taken: Taken) -> Ints:
    """The open movements whose place is occupied; the others occupy theirs."""
    lost, at = [], job.open
    days, cents = job.sketch.days[at].astype(np.int64).tolist(), job.sketch.cents[at].tolist()
    for place, day, amount in zip(at.tolist(), days, cents, strict=True):
        key = (day, amount, normalize_description(job.words[place]))
        if key in taken.keys:
            lost.append(place)
        else:
            taken.keys.add(key)
    return np.array(lost, dtype=np.int64)


def _moved(facts: Facts, sketch: Sketch, at: Ints, trial: int, rng: np.random.Generator) -> None:
    """Another amount or another day for movements whose place is taken, in turns.

    First amounts that the group has and days of the same month, where there are prices only any day; then amounts
    nearby and, for one-offs, any month; at last amounts off the grid. A series keeps its month.
    """
    for group, which in of_groups(facts, sketch.base[at]):
        places = at[which]
        prices_only = group.fixed or len(group.amounts.body) < 2
        told = "amount" if trial % 2 == 0 and not (prices_only and trial < NEARBY) else "day"
        if told == "amount":
            sketch.cents[places] = _other_amounts(group, sketch.cents[places], trial, rng)
        else:
            months = sketch.days[places].astype("datetime64[M]").astype(np.int64)
            if group.series < 0 and trial >= (1 if prices_only else NEARBY):
                months = rng.choice(group.months, size=len(places))
            draw_dates(facts, sketch, group, places, months, rng=rng)
        for place in places.tolist():
            sketch.repairs[place][told] += 1


def _other_amounts(group: Group, cents: Cents, trial: int, rng: np.random.Generator) -> Cents:
    """Amounts in place of ``cents``, by trial farther from what was seen."""
    if trial < NEARBY and len(group.at) >= OWN_AMOUNTS:
        return group.amounts.draw(len(cents), rng)[0]
    wish = cents * np.exp(rng.normal(0.0, 0.005 * (1 + trial), len(cents)))
    if trial < OFF_GRID:
        return group.amounts.snap(wish, rng)
    return np.asarray(np.sign(cents) * np.maximum(np.abs(np.round(wish)), 1), dtype=np.int64)


def _bounded(job: Job) -> None:
    """Amounts inside the bounds that the options give."""
    low, high = job.options.min_amount, job.options.max_amount
    if low is None and high is None:
        return
    sign = np.where(job.facts.cents[job.sketch.base] < 0, -1, 1)
    job.sketch.cents[:] = sign * np.clip(np.abs(job.sketch.cents), low, high)


def _drafts(learned: Learned, job: Job) -> Drafts:
    """The drafts of the movements that have a place."""
    facts, sketch = job.facts, job.sketch
    kept = np.setdiff1d(np.arange(len(sketch)), job.open)
    base, n = sketch.base[kept], len(kept)
    ledger = Ledger(
        sketch.days[kept],
        sketch.cents[kept],
        job.words[kept],
        texts([facts.category] * n),
        facts.accounts[base],
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=bool),
        learned.ledger.currency,
    )
    support = [template.support for template in learned.templates.templates]
    return draft_of(ledger, facts, sketch, kept, method=job.method, slots=job.slots, support=support)


__all__ = ["TRIES", "Job", "Key", "Taken", "finished", "key_list", "keys_of"]
