"""Rows that the same description (or the same columns) puts into more than one class.

Where equal rows carry different labels no sampler and no model can tell them apart, so this is the
ceiling of everything that follows, and it is measured before anything is balanced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.balancing._counts import ClassCounts, Label, json_label
from contrapeso.errors import InvalidDataError

Basis = Literal["text", "columns"]


@dataclass(frozen=True, slots=True)
class AmbiguousGroup:
    """One description (or row of columns) under several classes: rows per class, most frequent first.

    ``text`` is None unless it was asked for: descriptions hold names.
    """

    n_rows: int
    classes: tuple[tuple[Label, int], ...]
    text: str | None = None

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        classes = [{"label": json_label(label), "rows": n} for label, n in self.classes]
        return {"n_rows": self.n_rows, "classes": classes} | ({} if self.text is None else {"text": self.text})


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Share of the compared rows that occur under more than one class.

    ``n_compared`` leaves out rows without a label and, on text, rows without a text. ``ceiling`` is the
    share of compared rows that a look-up of the most frequent class of each group gets right on the
    very rows it was made from; it is optimistic, because a row that occurs once always counts as right.
    """

    basis: Basis
    n_compared: int
    n_ambiguous: int
    n_groups: int
    share: float | None
    ceiling: float | None
    by_class: tuple[int, ...]
    groups: tuple[AmbiguousGroup, ...]

    def to_dict(self) -> dict[str, object]:
        """JSON object."""
        return {
            "basis": self.basis,
            "n_compared": self.n_compared,
            "n_ambiguous": self.n_ambiguous,
            "n_groups": self.n_groups,
            "share": self.share,
            "ceiling": self.ceiling,
            "groups": [group.to_dict() for group in self.groups],
        }


def row_groups(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Number of the group of equal rows for each row, shape (n_rows,); missing equals missing.

    Columns are joined one by one and renumbered, so that the product of two numbers stays below
    n_rows squared and cannot overflow.
    """
    groups = np.zeros(len(frame), dtype=np.int64)
    for position, name in enumerate(frame.columns):
        try:
            codes, uniques = pd.factorize(frame.iloc[:, position], use_na_sentinel=False)
        except TypeError as error:
            raise InvalidDataError(f"Column {name!r} holds values that cannot be compared: {error}.") from error
        joined, _ = pd.factorize(groups * np.int64(max(1, len(uniques))) + codes)
        groups = joined.astype(np.int64)
    return groups


def text_groups(text: pd.Series) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Group of equal texts (case and runs of blanks ignored) and whether there is a text at all."""
    words = text.astype("object").where(text.notna(), "").map(lambda value: " ".join(str(value).split()).casefold())
    codes, _ = pd.factorize(words.to_numpy(dtype=object))
    return codes.astype(np.int64), (words != "").to_numpy(dtype=bool)


@dataclass(frozen=True, slots=True)
class _Tally:
    """Rows per (group, class) that occurs, sorted by group; ``start[g]`` is the first entry of group ``ids[g]``."""

    ids: NDArray[np.int64]
    start: NDArray[np.int64]
    n_labels: NDArray[np.int64]
    label: NDArray[np.int64]
    size: NDArray[np.int64]

    def per_group(self, ufunc: np.ufunc) -> NDArray[np.int64]:
        """``ufunc`` over the sizes of each group."""
        if not len(self.ids):
            return np.empty(0, dtype=np.int64)
        found: NDArray[np.int64] = ufunc.reduceat(self.size, self.start)
        return found

    def entries(self, group: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Classes of the group at this position and their rows, most frequent first."""
        inside = slice(self.start[group], self.start[group] + self.n_labels[group])
        label, size = self.label[inside], self.size[inside]
        order = np.lexsort((label, -size))
        return label[order], size[order]


def _tally(groups: NDArray[np.int64], codes: NDArray[np.int64], n_classes: int) -> _Tally:
    pairs, size = np.unique(groups * np.int64(n_classes) + codes, return_counts=True)
    ids, start = np.unique(pairs // n_classes, return_index=True)
    n_labels = np.diff(np.append(start, len(pairs)))
    return _Tally(ids, start, n_labels, pairs % n_classes, size)


def measure_ambiguity(
    classes: ClassCounts,
    groups: NDArray[np.int64],
    keep: NDArray[np.bool_],
    basis: Basis,
    *,
    texts: Sequence[object] | None = None,
    top: int = 10,
) -> Ambiguity:
    """Ambiguity of ``groups`` against the classes over the rows ``keep`` that have a label."""
    rows = np.flatnonzero(keep & (classes.codes >= 0))
    n_classes = len(classes.labels)
    tally = _tally(groups[rows], classes.codes[rows], max(1, n_classes))
    per_group, several = tally.per_group(np.add), tally.n_labels > 1
    doubtful = np.repeat(several, tally.n_labels)
    by_class = np.bincount(tally.label[doubtful], weights=tally.size[doubtful], minlength=n_classes)
    worst = [int(g) for g in np.argsort(-per_group, kind="stable") if several[g]][:top]
    n_ambiguous, n = int(per_group[several].sum()), len(rows)
    return Ambiguity(
        basis=basis,
        n_compared=n,
        n_ambiguous=n_ambiguous,
        n_groups=int(several.sum()),
        share=n_ambiguous / n if n else None,
        ceiling=int(tally.per_group(np.maximum).sum()) / n if n else None,
        by_class=tuple(int(count) for count in by_class),
        groups=tuple(_group(classes, tally, g, _first_text(texts, groups, rows, tally.ids[g])) for g in worst),
    )


def _group(classes: ClassCounts, tally: _Tally, group: int, text: str | None) -> AmbiguousGroup:
    labels, sizes = tally.entries(group)
    named = tuple((classes.labels[label], int(size)) for label, size in zip(labels, sizes, strict=True))
    return AmbiguousGroup(int(sizes.sum()), named, text)


def _first_text(
    texts: Sequence[object] | None, groups: NDArray[np.int64], rows: NDArray[np.int64], group: np.int64
) -> str | None:
    if texts is None:
        return None
    return str(texts[int(rows[np.argmax(groups[rows] == group)])])


__all__ = ["Ambiguity", "AmbiguousGroup", "Basis", "measure_ambiguity", "row_groups", "text_groups"]
