"""Descriptions as weighted character and word pieces, and a short dense form of them for trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from contrapeso.finance._text import normalize_description

KINDS = ("char", "word")


class DescriptionPieces:
    """TF-IDF of the pieces of one text column: characters 2 to 4 inside words, words and pairs of words.

    Every distinct description counts once for the document frequencies, however often it recurs: a monthly fee is
    not twelve documents. What is learnt is plain: ``terms`` and ``weights`` of each kind of piece.

    References
    ----------
    .. [1] Garcia-Mendez et al., "Identifying Banking Transaction Descriptions via SVM", IEEE Access 8 (2020), Sec. III.
    """

    def __init__(self) -> None:
        self._vectorizers: list[Any] = []

    def fit(self, texts: pd.Series) -> DescriptionPieces:
        """Learn pieces and weights of the distinct ``texts``."""
        distinct = [text for text in dict.fromkeys(normalized(texts)) if text]
        self._vectorizers = [_vectorizer(kind).fit(distinct) for kind in KINDS] if distinct else []
        return self

    def transform(self, texts: pd.Series) -> sparse.csr_matrix:
        """Weights, one row a text; shape (n, number of pieces)."""
        codes, distinct = pd.factorize(normalized(texts))
        if not self._vectorizers or not len(texts):
            return sparse.csr_matrix((len(texts), sum(map(len, self.terms))))
        blocks = [vectorizer.transform(distinct) for vectorizer in self._vectorizers]
        return sparse.hstack(blocks, format="csr")[codes]

    @property
    def terms(self) -> list[list[str]]:
        """Pieces of each kind, in the order of the columns; none where the column had no text."""
        return [list(vectorizer.get_feature_names_out()) for vectorizer in self._vectorizers]

    def names(self, column: str) -> list[str]:
        """Name of every piece."""
        return [f"{column}_{kind}={term}" for kind, terms in zip(KINDS, self.terms, strict=False) for term in terms]

    def __getstate__(self) -> dict[str, Any]:
        """Text and arrays; no piece has a line break, so one text holds all pieces of a kind."""
        return {"terms": ["\n".join(terms) for terms in self.terms], "weights": [v.idf_ for v in self._vectorizers]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._vectorizers = []
        for kind, terms, weights in zip(KINDS, state["terms"], state["weights"], strict=False):
            vectorizer = _vectorizer(kind, {term: i for i, term in enumerate(terms.split("\n"))})
            vectorizer.idf_ = weights
            self._vectorizers.append(vectorizer)


def _vectorizer(kind: str, vocabulary: Mapping[str, int] | None = None) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    shared = {"lowercase": False, "sublinear_tf": True, "vocabulary": vocabulary}
    if kind == "char":
        return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), **shared)
    return TfidfVectorizer(analyzer="word", ngram_range=(1, 2), token_pattern=r"\S+", **shared)  # noqa: S106


def normalized(texts: pd.Series) -> np.ndarray:
    """The one spelling of every text; empty where it is missing. Distinct texts are folded once."""
    codes, distinct = pd.factorize(texts.astype(object))
    folded = np.array([*(normalize_description(str(text)) for text in distinct), ""], dtype=object)
    return folded[codes]


__all__ = ["DescriptionPieces", "normalized"]
