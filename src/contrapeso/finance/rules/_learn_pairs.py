"""Rules among columns, learned: keys, dependencies, signs of categories, orders and sums."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from contrapeso.finance.rules._candidates import Candidate, Mine, name_of, quoted, slug
from contrapeso.finance.rules._chance import N_PERMUTATIONS, hypergeometric_p, permutation_p, sampled
from contrapeso.finance.rules._laws_sets import majority
from contrapeso.finance.rules._learn_columns import FREE_TEXT
from contrapeso.finance.rules._values import Bools, Floats, Ints, Values

MOST_PARTS = 8
DERIVED = frozenset({"amount_cents", "balance_cents"})


def pair_rules(mine: Mine) -> Iterator[Candidate]:
    """Candidates of every kind among columns."""
    yield from _keys(mine)
    yield from _dependencies(mine)
    yield from _signs(mine)
    yield from _orders(mine)
    yield from _sums(mine)


def _keys(mine: Mine) -> Iterator[Candidate]:
    """A column of codes, alone or within the account, of which each value comes once."""
    for name, values in mine.of_kind("text").items():
        if name in FREE_TEXT or values.missing.mean() > 0.1:
            continue
        for columns in ([name], ["account", name]):
            if len(columns) > 1 and (name == "account" or "account" not in mine.columns):
                continue
            group, gone = mine.table.groups(columns)
            if len(np.unique(group[~gone])) == (~gone).sum():
                yield Candidate({"id": slug("unico", *columns), "type": "unique", "columns": columns})
                break


def _dependencies(mine: Mine) -> Iterator[Candidate]:
    """X -> Y with one to three columns X; a wider X only where no part of it determines Y."""
    names = [
        name
        for name, values in mine.of_kind("text", "truth").items()
        if name not in FREE_TEXT and 2 <= _n_distinct(values) <= len(values.data) / 2
    ][:MOST_PARTS]
    for dependent in names:
        found: list[frozenset[str]] = []
        others = [name for name in names if name != dependent]
        for size in (1, 2, 3):
            for determinant in combinations(others, size):
                if size > 1 and ((len(others) > 6 and size == 3) or any(part <= set(determinant) for part in found)):
                    continue
                candidate = _dependency(mine, determinant, dependent)
                if candidate is not None:
                    found.append(frozenset(determinant))
                    yield candidate


def _n_distinct(values: Values) -> int:
    return len(np.unique(values.data[~values.missing]))


def _dependency(mine: Mine, determinant: tuple[str, ...], dependent: str) -> Candidate | None:
    group, gone = mine.table.groups(determinant)
    values, missing = mine.table.codes(dependent)
    rows = np.flatnonzero(~gone & ~missing)
    share, support = _agreement(group[rows], values[rows])
    if support < mine.least_support or share < max(mine.soft, 0.9):
        return None
    few = rows[sampled(len(rows), mine.rng)]
    inner = np.unique(group[few], return_inverse=True)[1].ravel()
    word = np.unique(values[few], return_inverse=True)[1].ravel()
    observed = _agreement(inner, word)[0]
    draws = np.array([_agreement(inner, mine.rng.permutation(word))[0] for _ in range(N_PERMUTATIONS)])
    rule = {
        "id": slug("dep", *determinant, "determina", dependent), "type": "functional_dependency",
        "determinant": list(determinant), "dependent": dependent,
    }  # fmt: skip
    return Candidate(rule, permutation_p(observed, draws))


def _agreement(group: Ints, values: Ints) -> tuple[float, int]:
    """Share of the rows that have the most frequent value of their group, and how many rows have company."""
    if not len(group):
        return 0.0, 0
    best, size = majority(group, values, int(group.max()) + 1)
    in_company = size[group] > 1
    support = int(in_company.sum())
    return (float((values == best[group])[in_company].mean()) if support else 0.0), support


def _signs(mine: Mine) -> Iterator[Candidate]:
    """Categories and instruments whose amounts have one sign: the sure ones together, the others one by one."""
    amount = mine.columns.get("amount") or mine.columns.get("amount_cents")
    if amount is None or amount.kind != "number":
        return
    for column, (codes, words) in mine.kinds_of_rows.items():
        known = ~amount.missing & (codes >= 0) & (amount.data != 0)
        total = int(known.sum())
        for sign, operator in ((-1, "<"), (1, ">")):
            hits = known & (np.sign(amount.data) == sign)
            n, k = (np.bincount(codes[part], minlength=len(words)) for part in (known, hits))
            if k.sum() == total:
                continue  # one sign in the whole table is no rule about categories
            yield from _signed(mine, column, words, (n, k), operator)


def _signed(mine: Mine, column: str, words: list[str], counts: tuple[Ints, Ints], operator: str) -> Iterator[Candidate]:
    (n, k), sure = counts, dict[str, float]()
    total, marked = int(n.sum()), int(k.sum())
    then, side = f"amount {operator} 0", "negativo" if operator == "<" else "positivo"
    for place in np.flatnonzero((n >= mine.least_support) & (k >= mine.soft * n)):
        word = quoted(words[place])
        if word is None:
            continue
        p_value = hypergeometric_p(int(k[place]), int(n[place]), marked, total)
        if k[place] >= mine.hard * n[place] and p_value < 0.001:
            sure[word] = p_value
        else:
            rule = {"id": slug("sinal", side, column, words[place]), "type": "implication", "then": then}
            yield Candidate({**rule, "when": f"{name_of(column)} == {word}"}, p_value)
    for start in range(0, len(sure), 20):
        some = dict(list(sure.items())[start : start + 20])
        when = f"{name_of(column)} in ({', '.join(some)},)"
        if len(when) > 900:
            continue
        rule = {
            "id": slug("sinal", side, column, str(start // 20 or "")),
            "type": "implication",
            "when": when,
            "then": then,
        }
        yield Candidate(rule, max(some.values()))


def _orders(mine: Mine) -> Iterator[Candidate]:
    """``a <= b`` of two columns of numbers or of dates, where permuting one of them breaks it."""
    for kind in ("number", "day"):
        names = [name for name in mine.of_kind(kind) if name not in DERIVED][:MOST_PARTS]
        for one, two in combinations(names, 2):
            for left, right in ((one, two), (two, one)):
                a, b = mine.columns[left], mine.columns[right]
                rows = np.flatnonzero(~a.missing & ~b.missing)
                if len(rows) < mine.least_support or (a.data[rows] == b.data[rows]).mean() > 0.95:
                    continue
                if (a.data[rows] <= b.data[rows]).mean() < mine.hard:
                    continue
                few = rows[sampled(len(rows), mine.rng)]
                x, y = a.data[few], b.data[few]
                draws = np.array([(x <= mine.rng.permutation(y)).mean() for _ in range(N_PERMUTATIONS)])
                rule = {"id": slug(left, "ate", right), "type": "inequality", "left": left, "op": "<=", "right": right}
                yield Candidate(rule, permutation_p(float((x <= y).mean()), draws))


def _sums(mine: Mine) -> Iterator[Candidate]:
    """``a = |b|``, ``a = -b``, ``a = b + c``, ``a = b - c``, kept if permuting ``a`` breaks it."""
    names = [name for name, v in mine.of_kind("number").items() if name not in DERIVED and _n_distinct(v) > 2][
        :MOST_PARTS
    ]
    data = {name: mine.columns[name].data.astype(np.float64) for name in names}
    known = {name: ~mine.columns[name].missing for name in names}
    for target in names:
        others = [name for name in names if name != target]
        found = False
        for other in others:
            same = _fits(mine, data[target], data[other], known[target] & known[other])
            for text, wanted in (
                (f"abs({name_of(other)})", np.abs(data[other])),
                (f"-{name_of(other)}", -data[other]),
            ):
                if same < mine.hard and _fits(mine, data[target], wanted, known[target] & known[other]) >= mine.hard:
                    found = True
                    yield _sum(mine, target, text, (data[target], wanted), known[target] & known[other])
        if found:
            continue
        for one, two in combinations(others, 2):
            for sign, mark in ((1, "+"), (-1, "-")):
                for left, right in ((one, two), (two, one))[: 1 if sign > 0 else 2]:
                    there = known[target] & known[left] & known[right]
                    wanted = data[left] + sign * data[right]
                    if _fits(mine, data[target], wanted, there) >= mine.hard and np.any(data[right][there]):
                        text = f"{name_of(left)} {mark} {name_of(right)}"
                        yield _sum(mine, target, text, (data[target], wanted), there)


def _fits(mine: Mine, target: Floats, wanted: Floats, there: Bools) -> float:
    if there.sum() < mine.least_support:
        return 0.0
    rows = np.flatnonzero(there)[:500]
    if (share := float((np.abs(target[rows] - wanted[rows]) <= 0.005 + 1e-9).mean())) < mine.hard:
        return share
    return float((np.abs(target[there] - wanted[there]) <= 0.005 + 1e-9).mean())


def _sum(mine: Mine, column: str, text: str, sides: tuple[Floats, Floats], there: Bools) -> Candidate:
    rows = np.flatnonzero(there)[sampled(int(there.sum()), mine.rng)]
    x, y = (side[rows] for side in sides)
    draws = np.array([(np.abs(mine.rng.permutation(x) - y) <= 0.005).mean() for _ in range(N_PERMUTATIONS)])
    rule = {"id": slug("formula", column, text), "type": "formula", "column": column, "equals": text}
    return Candidate(rule, permutation_p(float((np.abs(x - y) <= 0.005).mean()), draws))


__all__ = ["pair_rules"]
