"""Tomek links: pairs of rows of two classes, each the nearest row to the other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from contrapeso.samplers._drawn import Item
from contrapeso.samplers._rule import BaseRuleSampler, ClassCodes, Mask
from contrapeso.samplers._space import Points
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.tables._containers import Rows


class TomekLinks(BaseRuleSampler):
    """Drops the rows of the cleaned classes that are in a Tomek link.

    Two rows of different classes are linked when each is the nearest row to the other: one of them is noise, or both
    are at the border.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default 'auto'
        The classes whose linked rows go: 'auto' is all but the smallest. See :func:`check_sampling_strategy`.
    n_jobs : int, optional
        Threads; all cores by default. The rows kept are the same on any number.

    Attributes
    ----------
    sampling_strategy_ : dict
        The classes that are cleaned, each with the size of the smallest class.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Rows kept, ascending.
    dropped_classes_ : list
        Classes of which no row is left.
    provenance_ : Provenance
        Without rows: nothing was made.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    InvalidDataError
        If a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    Equal distances go to the lower row, so a row is in one link at most; of identical rows the first two are each
    other's nearest. Missing numbers stand at the column's median; categories count as in :class:`SMOTENC`.

    One end of every link is outside the largest class. So only the rows of the other classes are asked for their
    nearest row, and of the largest class only those that came up as one.

    References
    ----------
    .. [1] I. Tomek, "Two modifications of CNN", IEEE Transactions on Systems, Man, and Cybernetics 6 (1976) 769-772,
       Sec. III.

    Examples
    --------
    >>> from contrapeso.samplers import TomekLinks
    >>> X, y = [[0.0], [1.0], [1.1], [2.0], [3.0]], [0, 0, 1, 0, 0]
    >>> TomekLinks().fit_resample(X, y)
    ([[0.0], [1.1], [2.0], [3.0]], [0, 1, 0, 0])
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {**BaseRuleSampler._parameter_constraints}

    def __init__(self, *, sampling_strategy: SamplingStrategy = "auto", n_jobs: int | None = None) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_jobs = n_jobs

    def _kept(self, points: Points, target: Target, items: list[Item]) -> Rows:
        return np.flatnonzero(~linked(points, target.codes, [item.code for item in items])).astype(np.int64)

    @staticmethod
    def is_tomek(y: ArrayLike, nn_index: ArrayLike, class_type: Collection[Any]) -> Mask:
        """Whether each row is in a Tomek link and of one of the classes ``class_type``.

        Parameters
        ----------
        y : array of shape (n,)
            Classes.
        nn_index : int array of shape (n,)
            Nearest other row of each row.
        class_type : collection of classes

        Returns
        -------
        bool array of shape (n,)
        """
        labels, nearest = np.asarray(y), np.asarray(nn_index)
        mutual = nearest[nearest] == np.arange(len(labels))
        return np.asarray(mutual & (labels[nearest] != labels) & np.isin(labels, list(class_type)))


def linked(points: Points, codes: ClassCodes, cleaned: list[int]) -> Mask:
    """Whether each row is in a Tomek link and of one of the classes ``cleaned``; shape (n,)."""
    largest = int(np.bincount(codes).argmax())
    asked = np.flatnonzero(codes != largest).astype(np.int64)
    nearest = np.full(len(codes), -1, dtype=np.int64)
    nearest[asked] = points.index.neighbors(1, asked).rows[:, 0]
    foreign = nearest[asked[codes[nearest[asked]] != codes[asked]]]
    others = np.unique(foreign[codes[foreign] == largest])
    nearest[others] = points.index.neighbors(1, others).rows[:, 0]
    known = np.concatenate([asked, others])
    ends = known[(nearest[nearest[known]] == known) & (codes[nearest[known]] != codes[known])]
    links = np.zeros(len(codes), dtype=bool)
    links[ends[np.isin(codes[ends], cleaned)]] = True
    return links


__all__ = ["TomekLinks", "linked"]
