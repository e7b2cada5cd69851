"""``ambiguity_map``: where rows that look alike have several categories, and what that costs any classifier."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Ledger
from contrapeso.finance._text import normalize_description
from contrapeso.finance.evaluation._fidelity import Language
from contrapeso.finance.evaluation._rows import labelled
from contrapeso.finance.evaluation._splits import payees

By: TypeAlias = Literal["description", "payee", "description and direction"]


@dataclass(frozen=True, slots=True)
class AmbiguousText:
    """A description or payee with several categories: rows of each, the most frequent first."""

    text: str
    categories: Mapping[str, int]

    @property
    def n_rows(self) -> int:
        """Rows with this text."""
        return sum(self.categories.values())

    @property
    def lost(self) -> int:
        """Rows that the best single answer gets wrong."""
        return self.n_rows - max(self.categories.values())


@dataclass(frozen=True, slots=True)
class AmbiguousPair:
    """Two categories that share texts: ``rows`` is the sum over texts of the lesser count; ``texts`` a few of them."""

    categories: tuple[str, str]
    rows: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AmbiguityMap:
    """What no classifier of this text can tell apart.

    Attributes
    ----------
    by : what rows are alike by.
    n_rows, n_texts : rows that have a category and a text, distinct texts.
    ambiguous_rows : rows whose text has more than one category.
    ceiling : share of rows that a look-up by text, made of these very rows, gets right. Nothing that sees the text only
        can do better here; optimistic, because a text that occurs once always counts as right.
    ceiling_repeated : the same over texts that occur more than once.
    left_out_one : share that a look-up made of the other rows gets right, over rows whose text occurs elsewhere.
    macro_f1_ceiling : macro-F1 of the look-up.
    texts : ambiguous texts, those that cost most first.
    pairs : pairs of categories that share texts, the worst first.
    """

    by: By
    n_rows: int
    n_texts: int
    ambiguous_rows: int
    ceiling: float
    ceiling_repeated: float | None
    left_out_one: float | None
    macro_f1_ceiling: float
    texts: tuple[AmbiguousText, ...]
    pairs: tuple[AmbiguousPair, ...]

    @property
    def share(self) -> float:
        """Share of the rows whose text has more than one category."""
        return self.ambiguous_rows / self.n_rows

    def to_dict(self, *, with_texts: bool = False) -> dict[str, object]:
        """JSON object; descriptions hold names, so they are in it only where asked for."""
        plain: dict[str, object] = {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name not in {"texts", "pairs"}
        }
        pairs = [{"categories": list(p.categories), "rows": p.rows} | _texts(p, with_texts) for p in self.pairs]
        texts = [{"text": t.text, "categories": dict(t.categories)} for t in self.texts] if with_texts else []
        return plain | {"share": self.share, "pairs": pairs, "texts": texts}

    def describe(self, language: Language = "pt") -> str:
        """The share, the ceiling and the worst pairs, in words; no description is quoted."""
        from contrapeso.finance.evaluation._words import ambiguity_lines

        return "\n".join(ambiguity_lines(self, language))


def _texts(pair: AmbiguousPair, with_texts: bool) -> dict[str, object]:  # noqa: FBT001
    return {"texts": list(pair.texts)} if with_texts else {}


def ambiguity_map(ledger: Ledger, *, by: By = "description", n_texts: int = 50) -> AmbiguityMap:
    """Descriptions (or payees) that occur under more than one category, and the ceiling that they set.

    Parameters
    ----------
    ledger : Ledger with categories
    by : {"description", "payee", "description and direction"}, default "description"
        What makes rows alike. Descriptions are compared with case, accents and loose signs folded.
    n_texts : int, default 50
        Most ambiguous texts that are kept.

    Returns
    -------
    AmbiguityMap

    Raises
    ------
    InvalidParameterError
        If ``by`` is unknown.
    TooFewSamplesError
        If no row has a category.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> rows = ledger_of(["2024-05-06"] * 4, [-1, -2, -3, -4], ["PIX ANA", "Pix Ana", "PIX ANA", "DARF"],
    ...                  categories=["retirada", "retirada", "reembolso", "impostos"])
    >>> found = ambiguity_map(rows)
    >>> found.share, found.ceiling, found.pairs[0].categories
    (0.75, 0.75, ('reembolso', 'retirada'))
    """
    if by not in get_args(By):
        raise InvalidParameterError(f"by is one of {', '.join(get_args(By))}; got {by!r}.")
    rows = labelled(ledger)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, category in zip(_keys(rows, by), rows.categories, strict=True):
        if key:
            counts[key][category] += 1
    groups = [AmbiguousText(key, dict(_ordered(found))) for key, found in sorted(counts.items())]
    if not groups:
        groups = [AmbiguousText("", dict(_ordered(Counter(rows.categories))))]
    return _mapped(by, groups, n_texts)


def _keys(rows: Ledger, by: By) -> list[str]:
    if by == "payee":
        return list(payees(rows))
    folded = {text: normalize_description(text) for text in set(rows.descriptions)}
    keys = [folded[text] for text in rows.descriptions]
    if by == "description":
        return keys
    return [f"{key} ({'-' if cents < 0 else '+'})" if key else "" for key, cents in zip(keys, rows.cents, strict=True)]


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _mapped(by: By, groups: list[AmbiguousText], n_texts: int) -> AmbiguityMap:
    n = sum(group.n_rows for group in groups)
    repeated = [group for group in groups if group.n_rows > 1]
    ambiguous = [group for group in groups if len(group.categories) > 1]
    n_repeated = sum(group.n_rows for group in repeated)
    return AmbiguityMap(
        by, n, len(groups), sum(group.n_rows for group in ambiguous),
        ceiling=1 - sum(group.lost for group in groups) / n,
        ceiling_repeated=1 - sum(group.lost for group in repeated) / n_repeated if n_repeated else None,
        left_out_one=sum(_right_by_others(group) for group in repeated) / n_repeated if n_repeated else None,
        macro_f1_ceiling=_macro_f1(groups),
        texts=tuple(sorted(ambiguous, key=lambda group: (-group.lost, -group.n_rows, group.text))[:n_texts]),
        pairs=_pairs(ambiguous),
    )  # fmt: skip


def _right_by_others(group: AmbiguousText) -> float:
    """Rows of a text that the most frequent category of its other rows gets right; ties are shared out."""
    right = 0.0
    for category, n in group.categories.items():
        others = {name: m - (name == category) for name, m in group.categories.items()}
        best = max(others.values())
        right += n * (others[category] == best) / sum(m == best for m in others.values())
    return right


def _macro_f1(groups: list[AmbiguousText]) -> float:
    truth, guess, hits = Counter[str](), Counter[str](), Counter[str]()
    for group in groups:
        answer = next(iter(group.categories))
        truth.update(group.categories)
        guess[answer] += group.n_rows
        hits[answer] += group.categories[answer]
    return float(np.mean([2 * hits[name] / (truth[name] + guess[name]) for name in truth]))


def _pairs(groups: list[AmbiguousText]) -> tuple[AmbiguousPair, ...]:
    rows: Counter[tuple[str, str]] = Counter()
    texts: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for group in groups:
        names = sorted(group.categories)
        for i, one in enumerate(names):
            for other in names[i + 1 :]:
                shared = min(group.categories[one], group.categories[other])
                rows[one, other] += shared
                texts[one, other].append((-shared, group.text))
    ordered = sorted(rows, key=lambda pair: (-rows[pair], pair))
    return tuple(AmbiguousPair(p, rows[p], tuple(text for _, text in sorted(texts[p])[:3])) for p in ordered)


__all__ = ["AmbiguityMap", "AmbiguousPair", "AmbiguousText", "By", "ambiguity_map"]
