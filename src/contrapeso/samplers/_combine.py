"""Adding rows and then cleaning: SMOTE with edited nearest neighbours or Tomek links."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.utils._param_validation import HasMethods, StrOptions

from contrapeso._rng import RandomState
from contrapeso.errors import InvalidParameterError
from contrapeso.samplers._base import BaseOverSampler, BaseSampler, FewSamples, Metadata, _carried_by
from contrapeso.samplers._provenance import Provenance
from contrapeso.samplers._strategy import SamplingStrategy
from contrapeso.samplers._target import Target, TargetLike, open_target
from contrapeso.tables._containers import Rows, Table, TableLike, open_table


@dataclass(frozen=True)
class CleanedProvenance(Provenance):
    """The origin of the new rows that a cleaning left, and the ``places`` they have in the result."""

    places: NDArray[np.int64]

    @property
    def rows(self) -> NDArray[np.int64]:
        """Position of each new row in the resampled table, shape (n_new,)."""
        return self.places


class BaseCombination(BaseOverSampler):
    """Base of the samplers that add rows with one sampler and clean the result with another."""

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseOverSampler._parameter_constraints,
        "smote": [HasMethods(["fit_resample"]), None],
        "n_jobs": [int, None],
        "few_samples": [StrOptions({"adapt", "raise"})],
        "legacy_stream": ["boolean"],
    }

    smote: Any
    few_samples: FewSamples
    legacy_stream: bool
    smote_: Any

    def fit_resample(
        self,
        X: TableLike,
        y: TargetLike,
        *,
        sample_weight: ArrayLike | None = None,
        metadata: Metadata | None = None,
        max_memory: float | str | None = None,
    ) -> tuple[Any, Any]:
        """Resample the table; see :meth:`contrapeso.samplers.SMOTE.fit_resample`.

        Rows that stay are in order, original ones first; with ``legacy_stream`` they are as the cleaning gives them.
        """
        self._check_parameters()
        table, _ = self._open(X, y)
        carried = _carried_by(table.n_rows, sample_weight, metadata)
        self._validate_estimator()
        carries = sample_weight is not None or metadata is not None
        grown, y_grown = _asked(self.smote_, X, y, carries=carries, max_memory=max_memory)
        if isinstance(self.smote_, BaseSampler):
            self.sampling_strategy_ = self.smote_.sampling_strategy_
        cleaner = self._cleaner()
        kept, y_kept = _asked(cleaner, grown, y_grown, carries=carries, max_memory=max_memory)
        places = getattr(cleaner, "sample_indices_", None)
        if places is not None and not self.legacy_stream and bool((np.diff(places) < 0).any()):
            order = np.argsort(places, kind="stable")
            result = open_table(kept)
            kept, y_kept = result.take(order), open_target(y_kept, result.n_rows).take(order)
            places = places[order]
        self._trace(places)
        self._carry(table.n_rows, *carried)
        return kept, y_kept

    def _trace(self, places: Rows | None) -> None:
        """Remember where the rows that stay come from; nothing where one of the samplers does not say."""
        self.provenance_ = self._kept_rows = None  # type: ignore[assignment]
        if places is None or not isinstance(self.smote_, BaseSampler):
            return
        self._kept_rows = self.smote_.sample_indices_[places]
        made = self.smote_.provenance_
        is_new = places >= made.n_rows
        chosen = places[is_new] - made.n_rows
        facts = {field.name: getattr(made, field.name) for field in fields(Provenance)}
        facts |= {"method": type(self).__name__, "parents": made.parents[chosen], "shares": made.shares[chosen]}
        self.provenance_ = CleanedProvenance(**facts, places=np.flatnonzero(is_new).astype(np.int64))

    def _carried(self, values: NDArray[Any], n_rows: int, *, mixed: bool) -> NDArray[Any]:  # noqa: ARG002
        carried = values[self.sample_indices_]
        carried[self.provenance_.rows] = self.provenance_.carried(values, mixed=mixed)
        return carried

    @property
    def sample_indices_(self) -> Rows:  # type: ignore[override]  # computed: it is as long as the result
        """Row that each row of the result is, or whose base it is; shape (n_samples_new,)."""
        rows: Rows | None = getattr(self, "_kept_rows", None)
        if rows is None:
            raise AttributeError(
                f"{type(self).__name__} has no sample_indices_: it was not fitted, or its samplers do not tell theirs."
            )
        return rows

    def _validate_estimator(self) -> None:
        """Set ``smote_`` and the cleaning step, from the parameters or by default."""
        from contrapeso.samplers._smote import SMOTE

        self.smote_ = (
            SMOTE(
                sampling_strategy=self.sampling_strategy,
                random_state=self.random_state,
                n_jobs=self.n_jobs,
                few_samples=self.few_samples,
                legacy_stream=self.legacy_stream,
            )
            if self.smote is None
            else clone(self.smote)
        )
        self._set_cleaner()

    def _look(self, table: Table) -> None:
        if self.smote is None:  # another over-sampler looks for itself
            super()._look(table)

    def _resample(self, table: Table, target: Target, seed: np.random.SeedSequence) -> tuple[Any, Any]:
        raise NotImplementedError(f"{type(self).__name__} asks its two samplers.")

    @abstractmethod
    def _set_cleaner(self) -> None:
        """Set the cleaning step."""

    @abstractmethod
    def _cleaner(self) -> Any:
        """The cleaning step."""


def _asked(
    sampler: Any, X: TableLike, y: TargetLike, *, carries: bool, max_memory: float | str | None
) -> tuple[Any, Any]:
    """What ``sampler`` makes of the table; only samplers of this package know more than a table and a target."""
    own = isinstance(sampler, BaseSampler)
    if not own and (carries or max_memory is not None):
        raise InvalidParameterError(
            f"{type(sampler).__name__} is not a sampler of contrapeso.samplers: it does not carry sample_weight and "
            "metadata, nor keep to max_memory. Use the one of that name from contrapeso.samplers."
        )
    resampled: tuple[Any, Any] = sampler.fit_resample(X, y, **({"max_memory": max_memory} if own else {}))
    return resampled


class SMOTEENN(BaseCombination):
    """SMOTE, then edited nearest neighbours of all classes: rows that disagree with their neighbours go.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable, default 'auto'
        Of the default ``smote``. See :func:`check_sampling_strategy`.
    random_state : int, SeedSequence, Generator, RandomState or None, default None
        Of the default ``smote``.
    smote : sampler, optional
        What adds rows: any sampler with ``fit_resample``; :class:`SMOTE` by default.
    enn : sampler, optional
        What cleans; ``EditedNearestNeighbours(sampling_strategy='all')`` by default.
    n_jobs : int, optional
        Threads of the default samplers; all cores by default.
    few_samples : 'adapt' or 'raise', default 'adapt'
        Of the default ``smote``.
    legacy_stream : bool, default False
        Give imbalanced-learn's rows bit for bit: the default ``smote`` draws as it does, and rows are grouped by class.

    Attributes
    ----------
    smote_, enn_ : samplers
        The two steps, fitted.
    sampling_strategy_ : dict
        Class -> rows made before the cleaning.
    sample_indices_ : int64 array of shape (n_samples_new,)
        Row that each row of the result is, or whose base it is.
    provenance_ : Provenance
        Parents and shares of the new rows that stayed; None if ``smote`` or ``enn`` does not tell.
    n_features_in_ : int
    feature_names_in_ : ndarray, where X has names that are all strings

    References
    ----------
    .. [1] G. E. A. P. A. Batista, R. C. Prati, M. C. Monard, "A study of the behavior of several methods for balancing
       machine learning training data", SIGKDD Explorations 6 (2004) 20-29, Sec. 4.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import SMOTEENN
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 2)), np.repeat([0, 1], [50, 10])
    >>> X[y == 1] += 2.0
    >>> sampler = SMOTEENN(random_state=0)
    >>> X_resampled, y_resampled = sampler.fit_resample(X, y)
    >>> bool(np.all(np.bincount(y_resampled) <= 50))
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseCombination._parameter_constraints,
        "enn": [HasMethods(["fit_resample"]), None],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        smote: Any = None,
        enn: Any = None,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.smote = smote
        self.enn = enn
        self.n_jobs = n_jobs
        self.few_samples = few_samples
        self.legacy_stream = legacy_stream

    def _set_cleaner(self) -> None:
        from contrapeso.samplers._edited import EditedNearestNeighbours

        default = EditedNearestNeighbours(sampling_strategy="all", n_jobs=self.n_jobs)
        self.enn_ = default if self.enn is None else clone(self.enn)

    def _cleaner(self) -> Any:
        return self.enn_


class SMOTETomek(BaseCombination):
    """SMOTE, then the removal of Tomek links of all classes.

    Parameters
    ----------
    sampling_strategy, random_state, smote, n_jobs, few_samples, legacy_stream
        As in :class:`SMOTEENN`.
    tomek : sampler, optional
        What cleans; ``TomekLinks(sampling_strategy='all')`` by default.

    Attributes
    ----------
    smote_, tomek_ : samplers
        The two steps, fitted.
    sampling_strategy_, sample_indices_, provenance_, n_features_in_, feature_names_in_
        As in :class:`SMOTEENN`.

    References
    ----------
    .. [1] G. E. A. P. A. Batista, A. L. C. Bazzan, M. C. Monard, "Balancing training data for automated annotation of
       keywords: a case study", WOB (2003) 10-18.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.samplers import SMOTETomek
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 2)), np.repeat([0, 1], [50, 10])
    >>> X_resampled, y_resampled = SMOTETomek(random_state=0).fit_resample(X, y)
    >>> n_0, n_1 = np.bincount(y_resampled).tolist()
    >>> n_0 == n_1 <= 50  # a link takes one row of each class
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        **BaseCombination._parameter_constraints,
        "tomek": [HasMethods(["fit_resample"]), None],
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        random_state: RandomState = None,
        smote: Any = None,
        tomek: Any = None,
        n_jobs: int | None = None,
        few_samples: FewSamples = "adapt",
        legacy_stream: bool = False,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.smote = smote
        self.tomek = tomek
        self.n_jobs = n_jobs
        self.few_samples = few_samples
        self.legacy_stream = legacy_stream

    def _set_cleaner(self) -> None:
        from contrapeso.samplers._tomek import TomekLinks

        default = TomekLinks(sampling_strategy="all", n_jobs=self.n_jobs)
        self.tomek_ = default if self.tomek is None else clone(self.tomek)

    def _cleaner(self) -> Any:
        return self.tomek_


__all__ = ["SMOTEENN", "SMOTETomek"]
