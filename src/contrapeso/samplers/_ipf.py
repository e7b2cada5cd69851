"""SMOTE-IPF: SMOTE, then the iterative partitioning filter removes rows that an ensemble takes for noise."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from contrapeso._rng import RandomState, generator
from contrapeso.errors import ContrapesoWarning
from contrapeso.samplers._base import BaseOverSampler, BaseSampler, FewSamples
from contrapeso.samplers._drawn import FloatArray
from contrapeso.samplers._neighbors import Neighbors
from contrapeso.samplers._provenance import Provenance
from contrapeso.samplers._smote import SMOTE
from contrapeso.samplers._space import Space
from contrapeso.samplers._strategy import SamplingStrategy, SamplingType
from contrapeso.samplers._target import Target, open_target
from contrapeso.tables._containers import Rows, Table, open_table


class SMOTEIPF(BaseSampler):
    """SMOTE followed by an iterative partitioning filter, for data with noisy labels.

    The table that SMOTE gives is split at random into ``n_folds`` parts, a classifier is fitted on each, and all of
    them judge every row. Rows that they outvote are removed, originals too, and this is repeated until ``k`` times
    running fewer rows than the share ``p`` of SMOTE's table went.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        What SMOTE is to make; see :func:`check_sampling_strategy`. The filter may leave fewer.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
    k_neighbors : int or estimator, default 5
        As in :class:`SMOTE`.
    n_folds : int, default 9
        Parts; no more than the rows of the smallest class, so that every part has each class.
    k : int, default 3
        Rounds running that must remove few rows.
    p : float, default 0.01
        Share of the rows that SMOTE gave below which a round removes few.
    voting : 'majority' or 'consensus', default 'majority'
        A row goes if more than half, or all, of the classifiers call it by another class.
    classifier : estimator, optional
        Unfitted; by default scikit-learn's ``DecisionTreeClassifier``. It sees numbers, missing ones at their medians,
        each column scaled to [-1, 1], and categories as codes. A ``random_state`` that is None is set for each part.
    n_jobs : int, optional
        Threads of SMOTE; all cores by default. The result is the same on any number.
    few_samples : 'adapt' or 'raise', default 'adapt'
        As in :class:`SMOTE`.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> rows that SMOTE made.
    smote_ : SMOTE
    n_iter_ : int
        Rounds of the filter.
    n_removed_ : int
        Rows of SMOTE's table that the filter removed.
    sample_indices_ : int64 array of shape (n_samples_new,)
        The original rows that stayed, ascending, then the bases of the new rows that stayed: a row of the result is new
        from position ``provenance_.n_rows`` on. Removed rows appear nowhere, save as parents.
    sample_parents_, sample_weights_ : arrays of shape (n_new, 2)
        Parents, as rows of the table that came in, and their shares, of the new rows that stayed.
    provenance_ : Provenance
        Its ``n_rows`` counts the originals that stayed, behind which the new rows come.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    Raises
    ------
    TooFewSamplesError
        If a class to be enlarged has no more rows than ``k_neighbors``, and ``few_samples='raise'``.

    Notes
    -----
    Counts are SMOTE's less what the filter removed; the filter never empties a class: one that would go is left as it
    is, with a warning. Rows that stay keep their order, originals first. The paper uses C4.5 trees, whose splits are by
    gain ratio; the default here is scikit-learn's CART.

    smote_variants 1.0.1 fits each classifier on all parts but one, which is another filter (the ensemble filter) on
    parts that are not shuffled, compares with the size of the shrinking table, and in its consensus only
    removes rows of the class 0 that all call 1.

    References
    ----------
    .. [1] J. A. Saez, J. Luengo, J. Stefanowski, F. Herrera, "SMOTE-IPF: addressing the noisy and borderline examples
       problem in imbalanced classification by a re-sampling method with filtering", Information Sciences 291 (2015)
       184-203, Sec. 3.
    .. [2] T. M. Khoshgoftaar, P. Rebours, "Improving software quality prediction by noise filtering techniques",
       Journal of Computer Science and Technology 22 (2007) 387-396.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import SMOTEIPF
    >>> X = np.r_[np.arange(0.0, 30.0), np.arange(100.0, 110.0), 15.2][:, None]
    >>> y = np.repeat([0, 1], [30, 11])
    >>> sampler = SMOTEIPF(k_neighbors=3, n_folds=5, random_state=0)
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> 40 in sampler.sample_indices_[: sampler.provenance_.n_rows]
    False
    """

    _sampling_type: ClassVar[SamplingType] = "over-sampling"
    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseOverSampler._parameter_constraints,
        "k_neighbors": [Interval(Integral, 1, None, closed="left"), HasMethods(["kneighbors", "kneighbors_graph"])],
        "n_folds": [Interval(Integral, 2, None, closed="left")],
        "k": [Interval(Integral, 1, None, closed="left")],
        "p": [Interval(Real, 0, 1, closed="right")],
        "voting": [StrOptions({"majority", "consensus"})],
        "classifier": [HasMethods(["fit", "predict"]), None],
        "n_jobs": [int, None],
        "few_samples": [StrOptions({"adapt", "raise"})],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        k_neighbors: Neighbors = 5,
        n_folds: int = 9,
        k: int = 3,
        p: float = 0.01,
        voting: Literal["majority", "consensus"] = "majority",
        classifier: Any = None,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.n_folds = n_folds
        self.k = k
        self.p = p
        self.voting = voting
        self.classifier = classifier
        self.n_jobs = n_jobs
        self.few_samples = few_samples

    @property
    def sample_parents_(self) -> NDArray[np.integer]:
        """Original rows that each new row that stayed comes from, the base first; shape (n_new, 2)."""
        return self.provenance_.parents

    @property
    def sample_weights_(self) -> FloatArray:
        """Share of each parent in its new row, shape (n_new, 2)."""
        return self.provenance_.weights

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        self.smote_ = SMOTE(k_neighbors=self.k_neighbors, n_jobs=self.n_jobs, few_samples=self.few_samples)
        self.smote_.sampling_strategy_ = self.sampling_strategy_
        X_grown, y_grown = self.smote_._resample(table, target, seed)
        grown = open_table(X_grown)
        labelled = open_target(y_grown, grown.n_rows)
        points = Space(self._view(grown), grown.n_rows, self.n_jobs).everyone
        kept = self._filter(np.column_stack([scaled(points.numbers), points.codes]), labelled, seed)
        self.n_removed_ = grown.n_rows - len(kept)
        self._remember(table.n_rows, kept)
        return grown.take(kept), labelled.take(kept)

    def _filter(self, features: FloatArray, target: Target, seed: np.random.SeedSequence) -> Rows:
        """Rows that stay."""
        codes, kept = target.codes, np.arange(len(features))
        few, quiet = self.p * len(features), 0
        self.n_iter_ = 0
        while quiet < self.k:
            rng = generator(seed, int(codes.max()) + 1, self.n_iter_)  # classes have the numbers up to the greatest
            noisy = self._outvoted(features[kept], codes[kept], rng)
            noisy &= ~self._last_of(codes[kept], noisy, target)
            quiet = quiet + 1 if noisy.sum() < few else 0
            kept = kept[~noisy]
            self.n_iter_ += 1
        return kept

    def _outvoted(self, features: FloatArray, codes: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.bool_]:
        """Whether most (or all) of the classifiers, one fitted on each part, call a row by another class."""
        part = parts(codes, min(self.n_folds, int(np.bincount(codes)[np.unique(codes)].min())), rng)
        against = np.zeros(len(codes), dtype=np.int64)
        for number in range(int(part.max()) + 1):
            own = part == number
            against += self._new_classifier(rng).fit(features[own], codes[own]).predict(features) != codes
        n = int(part.max()) + 1
        return np.asarray(against == n if self.voting == "consensus" else 2 * against > n)

    def _new_classifier(self, rng: np.random.Generator) -> Any:
        from sklearn.tree import DecisionTreeClassifier

        classifier = DecisionTreeClassifier() if self.classifier is None else clone(self.classifier)
        seed = int(rng.integers(2**31))
        if classifier.get_params().get("random_state", 0) is None:
            classifier.set_params(random_state=seed)
        return classifier

    def _last_of(self, codes: NDArray[np.intp], noisy: NDArray[np.bool_], target: Target) -> NDArray[np.bool_]:
        """Rows of classes of which nothing would be left."""
        present = np.unique(codes)
        gone = np.setdiff1d(present, codes[~noisy])
        for code in gone:
            label = target.labels[int(np.argmax(target.codes == code))]
            named = label.item() if isinstance(label, np.generic) else label
            warnings.warn(
                f"The filter takes every row of class {named!r} for noise; the class is left as it is.",
                ContrapesoWarning,
                stacklevel=2,
            )
        return np.isin(codes, gone)

    def _remember(self, n_rows: int, kept: Rows) -> None:
        """Where the rows that stayed come from."""
        made = self.smote_.provenance_
        old, new = kept[kept < n_rows], kept[kept >= n_rows] - n_rows
        self.provenance_ = Provenance(
            type(self).__name__, len(old), made.parents[new], made.shares[new], made.seed, made.plan, made.known_labels
        )
        self.sample_indices_ = np.concatenate([old, made.parents[new, 0].astype(np.int64)])

    def _carried(self, values: NDArray[Any], n_rows: int, *, mixed: bool) -> NDArray[Any]:  # noqa: ARG002
        stayed = self.sample_indices_[: self.provenance_.n_rows]
        return np.concatenate([values[stayed], self.provenance_.carried(values, mixed=mixed)])


def scaled(numbers: FloatArray) -> FloatArray:
    """Columns of ``numbers`` on [-1, 1], for classifiers that keep less than float64 does; constant ones at 0."""
    low, high = numbers.min(axis=0) / 2.0, numbers.max(axis=0) / 2.0
    half = np.where(high == low, 1.0, high - low)
    return np.asarray(np.where(high == low, 0.0, (numbers - (low + high)) / half))


def parts(codes: NDArray[np.intp], n_parts: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Number of the part that each row falls in: each class is shuffled and dealt out, so parts are alike."""
    order = rng.permutation(len(codes))
    dealt = order[np.argsort(codes[order], kind="stable")]
    part = np.empty(len(codes), dtype=np.intp)
    part[dealt] = np.arange(len(codes)) % n_parts
    return part


__all__ = ["SMOTEIPF", "parts", "scaled"]
