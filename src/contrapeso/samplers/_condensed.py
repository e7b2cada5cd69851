"""Condensed nearest neighbour and one-sided selection: the rows of a class that its judge, the k-NN rule, needs.

The judge of a class looks at a store: all rows of the smallest class and some of the class itself. A row is judged
right when enough of its k nearest rows in the store are of its class. With t = "enough" that is so exactly when at
least t rows of its class in the store are nearer than the (k - t + 1)-th nearest row of the smallest class. That
distance never changes, and rows only ever join the store: a row once judged right stays right, one pass over the
class is all that Hart's repeated passes would do, and a row that joins is compared with the open rows alone.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods, Interval

from contrapeso._rng import RandomState, seed_sequence
from contrapeso.errors import InvalidParameterError
from contrapeso.samplers._base import RANDOM_STATE
from contrapeso.samplers._drawn import Codes, Item
from contrapeso.samplers._legacy import legacy_random_state, untouched
from contrapeso.samplers._neighbors import embed
from contrapeso.samplers._rule import BaseRuleSampler, Mask, smallest_class
from contrapeso.samplers._space import Points
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target
from contrapeso.samplers._tomek import linked
from contrapeso.tables._containers import Rows

FloatArray = NDArray[np.float64]
SEEDS = 0
ADDED_BEFORE_PACKING = 32


@dataclass(frozen=True)
class Case:
    """One class to condense.

    ``members`` are its rows, ``against`` those of the smallest class, ``seeds`` places among the members of the rows
    that are in the store from the start. ``wins_ties`` says whether an even vote is for the class, as it is for the
    first in order.
    """

    points: Points
    members: Rows
    against: Rows
    seeds: Rows
    wins_ties: bool

    @property
    def store(self) -> Rows:
        """Rows in the store at the start."""
        return np.concatenate([self.against, self.members[self.seeds]])


class BaseStoreSampler(BaseRuleSampler):
    """Base of the samplers that keep of each class what a store with the smallest class needs."""

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseRuleSampler._parameter_constraints,
        "random_state": RANDOM_STATE,
        "n_neighbors": [
            Interval(Integral, 1, None, closed="left"),
            HasMethods(["kneighbors", "kneighbors_graph"]),
            None,
        ],
        "n_seeds_S": [Interval(Integral, 1, None, closed="left")],
        "legacy_stream": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        n_neighbors: int | Any | None = None,
        n_seeds_S: int = 1,
        n_jobs: int | None = None,
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_neighbors = n_neighbors
        self.n_seeds_S = n_seeds_S
        self.n_jobs = n_jobs
        self.legacy_stream = legacy_stream

    def _kept(self, points: Points, target: Target, items: list[Item]) -> Rows:
        """What is needed of every class that is cleaned, and the others whole, class after class."""
        judge = self._judge()
        parts = [target.members(code) for code in range(int(target.codes.max()) + 1)]
        smallest, embedded = smallest_class(target.codes), embed(points)
        against = parts[smallest]
        rng = legacy_random_state(self.random_state) if self.legacy_stream else None
        classes = _for_estimators(target)
        self.estimators_ = []
        for item in items:
            case = Case(points, item.members, against, self._seeds(item, rng), wins_ties=item.code < smallest)
            if item.code != smallest:
                store, parts[item.code] = self._condense(judge, case, embedded, target)
            else:
                store, own = case.store, item.members
                parts[item.code] = own[case.seeds] if self.legacy_stream else own
            self.estimators_.append(clone(judge).fit(embedded[store], classes[store]))
        return np.concatenate(parts)

    def _seed(self) -> np.random.SeedSequence:
        return seed_sequence(untouched(self.random_state)) if self.legacy_stream else super()._seed()

    @abstractmethod
    def _condense(self, judge: Any, case: Case, embedded: Any, target: Target) -> tuple[Rows, Rows]:
        """The store in the end, and the rows of the class that stay."""

    def _judge(self) -> Any:
        from sklearn.neighbors import KNeighborsClassifier

        if self.n_neighbors is None or isinstance(self.n_neighbors, Integral):
            k = 1 if self.n_neighbors is None else int(self.n_neighbors)
            return KNeighborsClassifier(k, n_jobs=self.n_jobs)
        if not hasattr(self.n_neighbors, "predict"):
            raise InvalidParameterError(
                f"n_neighbors must be a number, None or a classifier such as KNeighborsClassifier, which predicts "
                f"classes; got {self.n_neighbors!r}."
            )
        return clone(self.n_neighbors)

    def _seeds(self, item: Item, rng: np.random.RandomState | None) -> Rows:
        """Places among the members of the rows that begin the store."""
        n = len(item.members)
        if rng is not None:
            return np.asarray(rng.randint(low=0, high=n, size=self.n_seeds_S), dtype=np.int64)
        chosen = item.streams.step(SEEDS).choice(n, size=min(n, self.n_seeds_S), replace=False)
        return chosen.astype(np.int64)


class CondensedNearestNeighbour(BaseStoreSampler):
    """Keeps of each cleaned class the rows that the k-NN rule needs to tell the class from the smallest one.

    A store begins with all rows of the smallest class and ``n_seeds_S`` rows of the class. The rows of the class are
    judged in order by their neighbours in the store; those judged wrong join it. What joined is what is kept.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default 'auto'
        The classes to clean: 'auto' is all but the smallest. See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    n_neighbors : int or classifier, optional
        Neighbours that vote, 1 by default, or an unfitted ``KNeighborsClassifier``.
    n_seeds_S : int, default 1
        Rows of each class in the store at the start, drawn without replacement.
    n_jobs : int, optional
        Threads; all cores by default. The rows kept are the same on any number.
    legacy_stream : bool, default False
        Draw and scan as imbalanced-learn does: the same seed then keeps the same rows. Its defects come with it: seeds
        are drawn with replacement, rows whose place in the class is the row number of one in the store are not
        judged, and of the smallest class, where it is to be cleaned, only the seeds stay.

    Attributes
    ----------
    sampling_strategy_ : dict
        The classes that are cleaned, each with the size of the smallest class.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Rows kept: class after class, in a cleaned one the seeds first and the others in the order in which they
        joined, as imbalanced-learn gives them.
    estimators_ : list of KNeighborsClassifier
        The judge of each cleaned class in the end, fitted on its store.
    dropped_classes_ : list
        Empty: the seeds of every class stay.
    provenance_ : Provenance
        Without rows: nothing was made.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    InvalidParameterError
        If ``n_neighbors`` is an estimator that does not predict classes.
    InvalidDataError
        If a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    Of the smallest class no row goes, even where it is named. At equal distance a row of the smallest class is nearer.
    Missing numbers stand at the column's median; categories count as in :class:`SMOTENC`. A classifier with weights or
    a metric of its own is asked again after every row that joins, which takes long; numbers are judged as told at the
    top of the module, and the whole class is looked at only once.

    References
    ----------
    .. [1] P. E. Hart, "The condensed nearest neighbor rule", IEEE Transactions on Information Theory 14 (1968)
       515-516.

    Examples
    --------
    >>> from contrapeso.samplers import CondensedNearestNeighbour
    >>> X, y = [[0.0], [0.1], [1.0], [1.1], [1.2], [9.0]], ["few", "few", *["many"] * 4]
    >>> CondensedNearestNeighbour(random_state=0).fit_resample(X, y)[1]
    ['few', 'few', 'many']
    """

    def _condense(self, judge: Any, case: Case, embedded: Any, target: Target) -> tuple[Rows, Rows]:
        if _is_plain(judge):
            joined = _scan(case, int(judge.n_neighbors), legacy=self.legacy_stream)
        else:
            joined = _scan_with(judge, case, embedded, target)
        kept = np.concatenate([case.members[case.seeds], case.members[joined]])
        return np.concatenate([case.against, kept]), kept


class OneSidedSelection(BaseStoreSampler):
    """Keeps of each cleaned class the rows that a store judges wrong, and drops those in Tomek links.

    The store holds all rows of the smallest class and ``n_seeds_S`` rows of the class: rows that it judges right are
    redundant. Of what is left the rows of the cleaned classes in Tomek links go, as noise or border.

    Parameters
    ----------
    sampling_strategy : str, list or callable, default 'auto'
        The classes to clean: 'auto' is all but the smallest. See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    n_neighbors : int or classifier, optional
        Neighbours that vote, 1 by default, or an unfitted ``KNeighborsClassifier``.
    n_seeds_S : int, default 1
        Rows of each class in the store, drawn without replacement.
    n_jobs : int, optional
        Threads; all cores by default. The rows kept are the same on any number.
    legacy_stream : bool, default False
        Draw as imbalanced-learn does: the same seed then keeps the same rows. Its defects come with it: seeds are drawn
        with replacement, and of the smallest class, where it is to be cleaned, only the seeds stay.

    Attributes
    ----------
    sampling_strategy_ : dict
        The classes that are cleaned, each with the size of the smallest class.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Rows kept: class after class, in a cleaned one the seeds first, as imbalanced-learn gives them.
    estimators_ : list of KNeighborsClassifier
        The judge of each cleaned class, fitted on its store.
    dropped_classes_ : list
        Classes of which no row is left.
    provenance_ : Provenance
        Without rows: nothing was made.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    InvalidParameterError
        If ``n_neighbors`` is an estimator that does not predict classes.
    InvalidDataError
        If a number is infinite, or a column of an array does not hold numbers or dates.

    Notes
    -----
    As in imbalanced-learn each class is judged once against the seeds, as in the paper, and the rows judged wrong stay
    with the seeds. Of the smallest class none is redundant, even where it is named; its Tomek links then count. At
    equal distance a row of the smallest class is nearer. Missing numbers stand at the column's median; categories
    count as in :class:`SMOTENC`.

    References
    ----------
    .. [1] M. Kubat, S. Matwin, "Addressing the curse of imbalanced training sets: one-sided selection", ICML 1997,
       179-186, Sec. 3.

    Examples
    --------
    >>> from contrapeso.samplers import OneSidedSelection
    >>> X, y = [[0.0], [0.1], [1.0], [1.1], [1.2], [9.0]], ["few", "few", *["many"] * 4]
    >>> OneSidedSelection(random_state=0).fit_resample(X, y)[1]
    ['few', 'few', 'many']
    """

    def _condense(self, judge: Any, case: Case, embedded: Any, target: Target) -> tuple[Rows, Rows]:
        if _is_plain(judge):
            support, needed = _support(case, int(judge.n_neighbors))
            wrong = support < needed
        else:
            fitted = clone(judge).fit(embedded[case.store], target.codes[case.store])
            wrong = fitted.predict(embedded[case.members]) != target.codes[case.members]
        wrong[case.seeds] = False
        return case.store, np.concatenate([case.members[case.seeds], case.members[wrong]])

    def _kept(self, points: Points, target: Target, items: list[Item]) -> Rows:
        needed = super()._kept(points, target, items)
        links = linked(points.at(needed), target.codes[needed], [item.code for item in items])
        return needed[~links]


def _for_estimators(target: Target) -> NDArray[Any]:
    """The labels as scikit-learn's classifiers take them; their codes where it does not (dates, mixed types)."""
    labels = target.labels
    is_known = labels.dtype.kind in "biuSU" or all(isinstance(label, str) for label in labels)
    is_whole = labels.dtype.kind == "f" and bool((np.abs(labels) < 2.0**62).all())
    return labels if is_known or is_whole else target.codes


def _is_plain(judge: Any) -> bool:
    """Whether the judge is the k-NN rule by Euclidean distance and equal votes."""
    from sklearn.neighbors import KNeighborsClassifier

    euclidean = getattr(judge, "metric", None) == "euclidean" or (
        getattr(judge, "metric", None) == "minkowski" and judge.p == 2 and judge.metric_params is None
    )
    return type(judge) is KNeighborsClassifier and euclidean and judge.weights == "uniform"


def _squared(numbers: FloatArray, codes: Codes, others: FloatArray, other_codes: Codes, mismatch: float) -> FloatArray:
    """Squared distances of points in columns, (p, n) and (q, n), to as many others, or to one."""
    total = np.zeros(numbers.shape[1])
    with np.errstate(over="ignore"):
        for own, other in zip(numbers, others, strict=True):
            total += np.square(own - other)
        return np.asarray(total + mismatch * mismatch * (codes != other_codes).sum(axis=0))


def _reach(case: Case, k: int) -> tuple[FloatArray, int]:
    """Squared distance within which rows of the class count for each member, and how many of them are enough."""
    needed = k // 2 if case.wins_ties and k % 2 == 0 else k // 2 + 1
    rank = k - needed + 1
    if rank > len(case.against):
        return np.full(len(case.members), np.inf), needed
    own, enemies = case.points.at(case.members), case.points.at(case.against)
    last = enemies.index.query(own.numbers, rank, own.codes).rows[:, rank - 1]
    far = enemies.at(last)
    return _squared(own.numbers.T, own.codes.T, far.numbers.T, far.codes.T, own.mismatch), needed


def _support(case: Case, k: int) -> tuple[Rows, int]:
    """How many seeds count for each member, and how many are enough."""
    reach, needed = _reach(case, k)
    own = case.points.at(case.members)
    support = np.zeros(len(case.members), dtype=np.int64)
    for seed in case.seeds:
        one = own.at(np.array([seed]))
        support += _squared(own.numbers.T, own.codes.T, one.numbers.T, one.codes.T, own.mismatch) < reach
    return support, needed


class _Open:
    """Members that are not known to be judged right, in order, in columns that are packed now and then."""

    def __init__(self, case: Case, k: int) -> None:
        self._reach, needed = _reach(case, k)
        self._needed = min(needed, 2**62)
        own = case.points.at(case.members)
        self._mismatch = own.mismatch
        self._numbers, self._codes = np.ascontiguousarray(own.numbers.T), np.ascontiguousarray(own.codes.T)
        self._support = np.zeros(len(case.members), dtype=np.int64)
        self._places = np.arange(len(case.members), dtype=np.int64)
        self._at, self._added = 0, 0
        for seed in case.seeds:
            self._count(self._numbers[:, [seed]], self._codes[:, [seed]])

    def settle(self, places: Rows) -> None:
        """Take these members (before any is asked for) as judged right."""
        self._support[places] = self._needed

    def next(self) -> int | None:
        """Place of the next member that is judged wrong."""
        wrong = self._support[self._at :] < self._needed
        if not wrong.any():
            return None
        self._at += int(wrong.argmax())
        return int(self._places[self._at])

    def skip(self) -> None:
        """Go past the member."""
        self._at += 1

    def join(self) -> None:
        """Let the member join the store."""
        here, self._at = self._at, self._at + 1
        number, code = self._numbers[:, [here]], self._codes[:, [here]]
        self._added += 1
        if self._added % ADDED_BEFORE_PACKING == 0:
            self._pack()
        self._count(number, code)

    def _count(self, number: FloatArray, code: Codes) -> None:
        rest = slice(self._at, None)
        apart = _squared(self._numbers[:, rest], self._codes[:, rest], number, code, self._mismatch)
        self._support[rest] += apart < self._reach[rest]

    def _pack(self) -> None:
        rest = np.arange(self._at, len(self._places))
        keep = rest[self._support[rest] < self._needed]
        if 4 * len(keep) < 3 * len(self._places):
            self._numbers, self._codes = self._numbers[:, keep], self._codes[:, keep]
            self._support, self._reach, self._places = self._support[keep], self._reach[keep], self._places[keep]
            self._at = 0


def _scan(case: Case, k: int, *, legacy: bool) -> Rows:
    """Places of the members that join the store, in order; ``legacy`` as imbalanced-learn passes rows over."""
    members = _Open(case, k)
    passed_over = _numbered(case.members[case.seeds], len(case.members)) if legacy else None
    if passed_over is None:
        members.settle(case.seeds)
    joined: list[int] = []
    while (place := members.next()) is not None:
        if passed_over is not None and passed_over[place]:
            members.skip()
            continue
        joined.append(place)
        members.join()
        if passed_over is not None and case.members[place] < len(passed_over):
            passed_over[case.members[place]] = True
    return np.array(joined, dtype=np.int64)


def _numbered(rows: Rows, n: int) -> Mask:
    """Mask of ``n`` places with those set whose number is among ``rows``."""
    mask = np.zeros(n, dtype=bool)
    mask[rows[rows < n]] = True
    return mask


def _scan_with(judge: Any, case: Case, embedded: Any, target: Target) -> Rows:
    """As :func:`_scan` with any judge, which is asked about all later members after every one that joins."""
    own, joined, at = embedded[case.members], list[int](), 0
    known = _numbered(case.seeds, len(case.members))
    label = target.codes[case.members[0]]
    while at < len(case.members):
        store = np.concatenate([case.store, case.members[joined]]).astype(np.int64)
        wrong = clone(judge).fit(embedded[store], target.codes[store]).predict(own[at:]) != label
        wrong &= ~known[at:]
        if not wrong.any():
            break
        joined.append(at + int(wrong.argmax()))
        at = joined[-1] + 1
    return np.array(joined, dtype=np.int64)


__all__ = ["CondensedNearestNeighbour", "OneSidedSelection"]
