"""Rules about single columns, learned: kinds, what is always filled, bounds, grids, lists and forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.rules._candidates import Candidate, Mine, quoted, slug
from contrapeso.finance.rules._chance import N_PERMUTATIONS, binomial_p, permutation_p, sampled
from contrapeso.finance.rules._patterns import check_pattern
from contrapeso.finance.rules._values import Floats, Ints, Values

GRIDS = (100.0, 50.0, 10.0, 5.0, 1.0, 0.5, 0.1, 0.05)
MOST_VALUES = 30
FREE_TEXT = frozenset({"description", "payee", "description_raw"})


def columns_rules(mine: Mine) -> Iterator[Candidate]:
    """Candidates of every kind about single columns."""
    yield from _types(mine)
    yield from _filled(mine)
    for name, values in mine.of_kind("number").items():
        yield from _bounds(mine, name, values)
    yield from _grids(mine)
    for name, values in mine.of_kind("text").items():
        if name not in FREE_TEXT:
            yield from _lists(name, values)
            yield from _forms(name, values)


def _types(mine: Mine) -> Iterator[Candidate]:
    for name, values in mine.columns.items():
        if values.kind == "day":
            yield Candidate({"id": slug("tipo", name), "type": "type", "column": name, "kind": "date"})
        elif values.kind == "number":
            data = values.data[~values.missing]
            whole = np.abs(data - np.round(data)) < 1e-9
            kind = "integer" if whole.all() else "centavos"
            if whole.all() or (np.abs(data * 100 - np.round(data * 100)) < 1e-6).all():
                yield Candidate({"id": slug("tipo", name), "type": "type", "column": name, "kind": kind})


def _filled(mine: Mine) -> Iterator[Candidate]:
    """Columns that are always there, and those that are missing together."""
    columns = mine.columns
    full = [name for name, values in columns.items() if not values.missing.any()]
    if full:
        yield Candidate({"id": "campos_presentes", "type": "required", "columns": full})
    partly = [name for name, values in columns.items() if 0.01 <= values.missing.mean() <= 0.99][:6]
    if len(partly) < 2:
        return
    weights = 1 << np.arange(len(partly))
    there = np.array([~columns[name].missing for name in partly])
    codes = weights @ there
    counts = np.bincount(codes, minlength=1 << len(partly))
    if (common := np.flatnonzero(counts >= max(3, 0.002 * len(codes)))).size >= 1 << len(partly):
        return
    few = sampled(len(codes), mine.rng)
    allowed = np.isin(np.arange(1 << len(partly)), common)
    draws = np.array(
        [
            allowed[weights @ np.array([row[mine.rng.permutation(few)] for row in there])].mean()
            for _ in range(N_PERMUTATIONS)
        ]
    )
    patterns = [[name for bit, name in enumerate(partly) if code >> bit & 1] for code in common.tolist()]
    rule = {"id": "campos_juntos", "type": "required", "columns": partly, "patterns": patterns}
    yield Candidate(rule, permutation_p(float(allowed[codes].mean()), draws))


def _bounds(mine: Mine, name: str, values: Values) -> Iterator[Candidate]:
    """Bounds of each category, and of all rows where there is none; wider than what was seen by the tail's own law."""
    if name in {"amount_cents", "balance_cents"} and name.removesuffix("_cents") in mine.columns:
        return
    known = ~values.missing
    base = {"id": slug("faixa", name), "type": "range", "column": name}
    if name.startswith("amount") and "category" in mine.kinds_of_rows:
        codes, words = mine.kinds_of_rows["category"]
        bounds = []
        for code, rows in _groups(np.where(known, codes, -1)):
            if len(rows) >= mine.least_support:
                low, high = tail_bounds(values.data[rows].astype(np.float64))
                bounds.append({"key": [words[code]], "min": low, "max": high})
        if bounds:
            yield Candidate({**base, "by": ["category"], "bounds": bounds})
        return
    low, high = tail_bounds(values.data[known].astype(np.float64))
    yield Candidate({**base, "min": low, "max": high})


def tail_bounds(values: Floats) -> tuple[float, float]:
    """Bounds that a new value passes with a chance of about 1 in 20 times the number of values, in steps of .01.

    Values of one sign keep it. On the logarithm of the size, excesses over the ninth decile follow a generalised Pareto
    law (fitted by probability-weighted moments [1]_, its shape held to at most .5), which says how far the tail goes.

    References
    ----------
    .. [1] Hosking & Wallis, "Parameter and quantile estimation for the generalized Pareto distribution",
       Technometrics 29 (1987), Sec. 3.
    """
    positive, negative = values[values > 0], -values[values < 0]
    sides = [_side(side) if len(side) else None for side in (negative, positive)]
    low = -sides[0][1] if sides[0] else (sides[1][0] if sides[1] and not (values == 0).any() else 0.0)
    high = sides[1][1] if sides[1] else (-sides[0][0] if sides[0] and not (values == 0).any() else 0.0)
    return float(np.floor(low * 100) / 100), float(np.ceil(high * 100) / 100)


def _side(sizes: Floats) -> tuple[float, float]:
    logs = np.log(sizes)
    top, bottom = _reach(logs), -_reach(-logs)
    return max(float(np.exp(min(bottom, logs.min() - 0.05))), 0.01), float(np.exp(max(top, logs.max() + 0.05)))


def _reach(logs: Floats) -> float:
    """Level that one in 20 n values passes; at most 1.5 above the largest (a factor of 4.5)."""
    n = len(logs)
    threshold = np.quantile(logs, 0.9)
    excess = np.sort(logs[logs > threshold] - threshold)
    largest = float(logs.max())
    if len(excess) < 5 or excess[-1] <= 0:
        spread = float(logs.std())
        return min(largest + 1.5, max(largest, float(logs.mean()) + 4.5 * spread))
    first = excess.mean()
    second = float((excess * (np.arange(len(excess), 0, -1) - 0.65) / len(excess)).mean())
    gap = max(first - 2 * second, 1e-9)
    xi, scale = float(np.clip(2 - first / gap, -0.5, 0.5)), 2 * first * second / gap
    chance = 0.1 * 20 * n
    step = np.log(chance) if abs(xi) < 1e-6 else (chance**xi - 1) / xi
    return min(largest + 1.5, max(largest, float(threshold + max(scale, 0.0) * step)))


def _groups(codes: Ints) -> Iterator[tuple[int, Ints]]:
    """Rows of each code from 0 on."""
    order = np.argsort(codes, kind="stable")
    cuts = np.flatnonzero(np.diff(codes[order])) + 1
    for rows in np.split(order, cuts):
        if len(rows) and codes[rows[0]] >= 0:
            yield int(codes[rows[0]]), rows


def _grids(mine: Mine) -> Iterator[Candidate]:
    """The coarsest grid of each category: hard together, soft one by one."""
    values = mine.columns.get("amount")
    if values is None or values.kind != "number" or "category" not in mine.kinds_of_rows:
        return
    codes, words = mine.kinds_of_rows["category"]
    steps, worst = [], 0.0
    for code, rows in _groups(np.where(values.missing, -1, codes)):
        amounts = np.abs(values.data[rows].astype(np.float64))
        step, share, p_value = _coarsest(amounts, mine)
        if len(rows) < mine.least_support or step is None:
            continue
        if share >= mine.hard:
            steps.append({"key": [words[code]], "step": step})
            worst = max(worst, p_value)
        else:
            rule = {"id": slug("grade", words[code]), "type": "resolution", "column": "amount", "step": step}
            word = quoted(words[code])
            if word is not None:
                yield Candidate({**rule, "when": f"category == {word}"}, p_value)
    if steps:
        yield Candidate(
            {"id": "grade_por_categoria", "type": "resolution", "column": "amount", "by": ["category"], "steps": steps},
            worst,
        )


def _coarsest(amounts: Floats, mine: Mine) -> tuple[float | None, float, float]:
    """The coarsest grid on which enough amounts lie, their share, and the chance of it for the distinct amounts."""
    distinct = np.unique(amounts)
    for level in (mine.hard, mine.soft):
        for step in GRIDS:
            share = float((np.abs(amounts / step - np.round(amounts / step)) < 1e-6).mean())
            if share >= level:
                hits = int((np.abs(distinct / step - np.round(distinct / step)) < 1e-6).sum())
                return step, share, binomial_p(hits, len(distinct), 0.01 / step)
    return None, 0.0, 1.0


def _lists(name: str, values: Values) -> Iterator[Candidate]:
    """A list of values, if few and each is there often enough that a new one is not expected (Good and Turing)."""
    counts = np.bincount(values.data[~values.missing].astype(np.int64), minlength=len(values.words))
    seen = counts[counts > 0]
    if not 1 <= len(seen) <= MOST_VALUES or len(seen) > 0.2 * seen.sum() or (seen == 1).sum() > 0.01 * seen.sum():
        return
    words = [str(word) for word, count in zip(values.words, counts, strict=True) if count]
    yield Candidate({"id": slug("lista", name), "type": "enum", "column": name, "values": sorted(words)})


_CLASS = re.compile(r"\d+|[^\W\d_]+|[\W_]")


def _forms(name: str, values: Values) -> Iterator[Candidate]:
    """The form of a code such as N2401020001: the same classes of signs in each value."""
    words = [str(word) for word in values.words]
    if (
        len(words) <= MOST_VALUES
        or max(map(len, words)) > 60
        or sum(any(c.isdigit() for c in w) for w in words) < len(words)
    ):
        return
    shapes: Counter[tuple[str, ...]] = Counter()
    lengths: dict[tuple[str, ...], list[tuple[int, ...]]] = {}
    for word in words:
        parts = _CLASS.findall(word)
        shape = tuple("0" if part.isdigit() else "a" if part.isalpha() else part for part in parts)
        shapes[shape] += 1
        lengths.setdefault(shape, []).append(tuple(map(len, parts)))
    common = [shape for shape, count in shapes.most_common(3) if count >= 3 and len(shape) <= 12]
    if sum(shapes[shape] for shape in common) < 0.99 * len(words):
        return
    pattern = "|".join(_written(shape, np.array(lengths[shape])) for shape in common)
    try:
        check_pattern(pattern)
    except InvalidParameterError:
        return  # too loose a form to be one
    yield Candidate({"id": slug("formato", name), "type": "regex", "column": name, "pattern": pattern})


def _written(shape: tuple[str, ...], lengths: Ints) -> str:
    parts = []
    for kind, low, high in zip(shape, lengths.min(axis=0), lengths.max(axis=0), strict=True):
        if kind in {"0", "a"}:
            times = f"{{{low}}}" if low == high else f"{{{low},{high}}}"
            parts.append((r"\d" if kind == "0" else r"[^\W\d_]") + ("" if low == high == 1 else times))
        else:
            parts.append(re.escape(kind))
    return "".join(parts)


__all__ = ["columns_rules", "tail_bounds"]
