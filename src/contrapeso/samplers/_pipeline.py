"""A scikit-learn pipeline in which samplers run while it is fitted, and only then.

scikit-learn's own pipeline knows rows that are transformed, never rows that are added or dropped. Here a step with
``fit_resample`` gets the training rows and gives more, fewer or other ones to the next step; ``predict``,
``transform`` and ``score`` pass it by, so a test row is neither invented nor lost. The samplers of this package and
those of imbalanced-learn work alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn import pipeline
from sklearn.base import clone
from sklearn.utils._metadata_requests import _routing_enabled, process_routing
from sklearn.utils._user_interface import _print_elapsed_time
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_memory

from contrapeso.errors import InvalidParameterError
from contrapeso.samplers._base import BaseSampler
from contrapeso.samplers._target import TargetLike
from contrapeso.tables._containers import TableLike

StepParameters: TypeAlias = dict[str, dict[str, dict[str, Any]]]
"""Step -> method -> keyword arguments."""

FIT_METHODS = ("fit", "fit_transform", "fit_predict", "fit_resample")


class Pipeline(pipeline.Pipeline):  # type: ignore[misc]  # scikit-learn has no types
    """Steps one after the other, as scikit-learn's ``Pipeline``; samplers among them run at ``fit`` only.

    Parameters
    ----------
    steps : list of (str, estimator)
        Transformers and samplers in any order, and an estimator, a transformer or a sampler last; 'passthrough' does
        nothing.
    transform_input : list of str, optional
        As in scikit-learn.
    memory : str or object with ``cache``, optional
        Where fitted steps are kept, so that a step with the same input and parameters is not fitted again.
    verbose : bool, default False
        Whether scikit-learn's line with the time of each step is shown.

    Attributes
    ----------
    named_steps : Bunch
    classes_, n_features_in_, feature_names_in_
        Those of the last and of the first step.

    Notes
    -----
    Parameters for single steps are written ``step__parameter``. Those with one value per row (``clf__sample_weight``)
    follow the rows: after a sampler of this package a new row has the mean of its parents' weights, and its base's
    value of anything else. imbalanced-learn's samplers that make rows do not say from which, so there it is refused.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from contrapeso.samplers import SMOTE, Pipeline
    >>> X, y = np.random.default_rng(0).normal(size=(60, 2)), np.repeat([0, 1], [50, 10])
    >>> model = Pipeline([("smote", SMOTE(random_state=0)), ("clf", LogisticRegression())]).fit(X, y)
    >>> model.predict(X).shape
    (60,)
    """

    steps: list[tuple[str, Any]]

    def _validate_steps(self) -> None:
        if not self.steps:
            raise InvalidParameterError("The pipeline is empty. Please add steps.")
        names, estimators = zip(*self.steps, strict=True)
        self._validate_names(names)
        for step in estimators[:-1]:
            if not is_passthrough(step):
                _check_step(step)
        last = estimators[-1]
        if not is_passthrough(last) and not hasattr(last, "fit"):
            raise TypeError(
                "Last step of Pipeline should implement fit or be the string 'passthrough'. "
                f"'{last}' (type {type(last)}) doesn't"
            )

    def _iter(
        self,
        with_final: bool = True,  # noqa: FBT001, FBT002  (scikit-learn's signature)
        filter_passthrough: bool = True,  # noqa: FBT001, FBT002
        filter_resample: bool = True,  # noqa: FBT001, FBT002  (imbalanced-learn's)
    ) -> Iterator[tuple[int, str, Any]]:
        """(number, name, step) of the steps; samplers are left out unless asked for."""
        for number, name, step in super()._iter(with_final, filter_passthrough):
            if not (filter_resample and is_sampler(step)):
                yield number, name, step

    def fit(self, X: TableLike, y: TargetLike = None, **params: Any) -> Self:
        """Fit every step, samplers included, to the rows that the steps before it give."""
        Xt, yt, given = self._fit_before_last(X, y, params, "fit")
        with self._timed(len(self.steps) - 1):
            if self._final_estimator != "passthrough":
                self._final_estimator.fit(Xt, yt, **given.get("fit", {}))
        return self

    def _can_fit_transform(self) -> bool:
        last = self._final_estimator
        return last == "passthrough" or hasattr(last, "transform") or hasattr(last, "fit_transform")

    @available_if(_can_fit_transform)  # type: ignore[untyped-decorator]
    def fit_transform(self, X: TableLike, y: TargetLike = None, **params: Any) -> Any:
        """Fit every step and give the transformed rows, those that samplers made among them."""
        Xt, yt, given = self._fit_before_last(X, y, params, "fit_transform")
        with self._timed(len(self.steps) - 1):
            if self._final_estimator == "passthrough":
                return Xt
            return _fit_transform(self._final_estimator, Xt, yt, given)[0]

    @available_if(pipeline._final_estimator_has("fit_predict"))  # type: ignore[untyped-decorator]
    def fit_predict(self, X: TableLike, y: TargetLike = None, **params: Any) -> Any:
        """Fit every step and give the last one's prediction for the rows it was fitted to."""
        Xt, yt, given = self._fit_before_last(X, y, params, "fit_predict")
        with self._timed(len(self.steps) - 1):
            return self._final_estimator.fit_predict(Xt, yt, **given.get("fit_predict", {}))

    def _can_fit_resample(self) -> bool:
        return self._final_estimator == "passthrough" or is_sampler(self._final_estimator)

    @available_if(_can_fit_resample)  # type: ignore[untyped-decorator]
    def fit_resample(self, X: TableLike, y: TargetLike = None, **params: Any) -> tuple[Any, Any]:
        """Fit every step, the last of which is a sampler, and give the rows and labels that come out."""
        Xt, yt, given = self._fit_before_last(X, y, params, "fit_resample")
        if self._final_estimator == "passthrough":
            return Xt, yt
        with self._timed(len(self.steps) - 1):
            resampled: tuple[Any, Any] = self._final_estimator.fit_resample(Xt, yt, **given.get("fit_resample", {}))
        return resampled

    def _timed(self, number: int) -> Any:
        return _print_elapsed_time("Pipeline", self._log_message(number))

    def _fit_before_last(
        self, X: TableLike, y: TargetLike, params: Mapping[str, Any], method: str
    ) -> tuple[Any, Any, dict[str, dict[str, Any]]]:
        """Rows and labels that reach the last step, and the arguments of its methods."""
        self._validate_params()
        if self.transform_input is not None and not _routing_enabled():
            raise ValueError(
                "The `transform_input` parameter can only be set if metadata routing is enabled. You can enable "
                "metadata routing using `sklearn.set_config(enable_metadata_routing=True)`."
            )
        self.steps = list(self.steps)
        self._validate_steps()
        given = self._for_steps(params, method)
        memory = check_memory(self.memory)
        caches = getattr(memory, "location", "somewhere") is not None
        for number, name, step in self._iter(with_final=False, filter_passthrough=False, filter_resample=False):
            with self._timed(number):
                if is_passthrough(step):
                    continue
                asked = self._get_metadata_for_step(step_idx=number, step_params=given.get(name, {}), all_params=params)
                run = memory.cache(_fit_resample if is_sampler(step) else _fit_transform)
                # With a cache the step is cloned: what is kept must not change with the caller's object.
                X_after, y_after, fitted = run(clone(step) if caches else step, X, y, asked)
            self.steps[number] = (name, fitted)
            if is_sampler(step):
                _carry_on(given, [later for later, _ in self.steps[number + 1 :]], fitted, _n_rows(X))
            X, y = X_after, y_after
        last_name = self.steps[-1][0]
        last = self._get_metadata_for_step(
            step_idx=len(self.steps) - 1, step_params=given.get(last_name, {}), all_params=params
        )
        return X, y, last

    def _for_steps(self, params: Mapping[str, Any], method: str) -> StepParameters:
        """The arguments of every step, by metadata routing or by their names ``step__parameter``."""
        if _routing_enabled():
            asked = "fit" if method == "fit_resample" else method
            routed = process_routing(self, asked, **params)
            return {name: {m: dict(kw) for m, kw in routed.get(name, {}).items()} for name, _ in self.steps}
        given: StepParameters = {name: {m: {} for m in FIT_METHODS} for name, _ in self.steps}
        for key, value in params.items():
            name, separator, parameter = key.partition("__")
            if not separator:
                raise ValueError(
                    f"Pipeline.fit does not accept the {key} parameter. You can pass parameters to specific steps of "
                    "your pipeline using the stepname__parameter format, e.g. "
                    "`Pipeline.fit(X, y, logisticregression__sample_weight=sample_weight)`."
                )
            if name not in given:
                raise InvalidParameterError(f"The pipeline has no step {name!r}; its steps are {', '.join(given)}.")
            for m in FIT_METHODS:
                given[name][m][parameter] = value
        return given


def make_pipeline(
    *steps: Any, memory: Any = None, transform_input: Sequence[str] | None = None, verbose: bool = False
) -> Pipeline:
    """A :class:`Pipeline` of these steps, each named by its class in lower case.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from contrapeso.samplers import SMOTE, make_pipeline
    >>> [name for name, _ in make_pipeline(SMOTE(), LogisticRegression()).steps]
    ['smote', 'logisticregression']
    """
    named = pipeline._name_estimators(steps)
    return Pipeline(named, memory=memory, transform_input=transform_input, verbose=verbose)


def is_passthrough(step: Any) -> bool:
    """Whether the step does nothing."""
    return step is None or (isinstance(step, str) and step == "passthrough")


def is_sampler(step: Any) -> bool:
    """Whether the step gives other rows than it takes."""
    return hasattr(step, "fit_resample")


def _check_step(step: Any) -> None:
    """Refuse an intermediate step that is neither a transformer nor a sampler, or both."""
    transforms = hasattr(step, "transform") or hasattr(step, "fit_transform")
    if isinstance(step, pipeline.Pipeline) and any(is_sampler(inner) for _, inner in step.steps):
        raise TypeError(
            "All intermediate steps of the chain should not be Pipelines that hold samplers: write their steps "
            "one by one into this pipeline."
        )
    if transforms and is_sampler(step):
        raise TypeError(
            "All intermediate steps of the chain should be estimators that implement fit and transform or "
            f"fit_resample (but not both). '{step}' implements both)"
        )
    if not hasattr(step, "fit") or not (transforms or is_sampler(step)):
        raise TypeError(
            "All intermediate steps of the chain should be estimators that implement fit and transform or "
            f"fit_resample (but not both) or be a string 'passthrough' '{step}' (type {type(step)}) doesn't)"
        )


def _fit_resample(sampler: Any, X: Any, y: Any, given: Mapping[str, Mapping[str, Any]]) -> tuple[Any, Any, Any]:
    X_resampled, y_resampled = sampler.fit_resample(X, y, **given.get("fit_resample", {}))
    return X_resampled, y_resampled, sampler


def _fit_transform(step: Any, X: Any, y: Any, given: Mapping[str, Mapping[str, Any]]) -> tuple[Any, Any, Any]:
    if hasattr(step, "fit_transform"):
        return step.fit_transform(X, y, **given.get("fit_transform", {})), y, step
    fitted = step.fit(X, y, **given.get("fit", {}))
    return fitted.transform(X, **given.get("transform", {})), y, fitted


def _carry_on(given: StepParameters, names: list[str], sampler: Any, n_rows: int) -> None:
    """Let the arguments of later steps that have one value per row follow the rows through ``sampler``."""
    for name in names:
        for arguments in given.get(name, {}).values():
            for parameter, value in arguments.items():
                if _is_per_row(value, n_rows):
                    arguments[parameter] = _carried(sampler, np.asarray(value), parameter)


def _carried(sampler: Any, values: NDArray[Any], parameter: str) -> NDArray[Any]:
    if isinstance(sampler, BaseSampler):
        carried: NDArray[Any] = sampler._carried(values, len(values), mixed=parameter == "sample_weight")
        return carried
    rows = getattr(sampler, "sample_indices_", None)
    if rows is None:
        raise InvalidParameterError(
            f"{parameter} has one value per row, and {type(sampler).__name__} does not say from which rows its new "
            "ones come. Use the sampler of that name from contrapeso.samplers."
        )
    return np.asarray(values[rows])


def _is_per_row(value: Any, n_rows: int) -> bool:
    return not isinstance(value, (str, bytes, Mapping)) and hasattr(value, "__len__") and len(value) == n_rows


def _n_rows(X: Any) -> int:
    return int(X.shape[0]) if hasattr(X, "shape") else len(X)


__all__ = ["Pipeline", "make_pipeline"]
