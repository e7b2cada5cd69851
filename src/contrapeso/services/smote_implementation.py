"""The documented ``SMOTEImplementation``: detect imbalance, resample, and compare methods on held-out rows."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from time import perf_counter
from typing import Any

from contrapeso.balancing import analyze_imbalance
from contrapeso.errors import ContrapesoError, ContrapesoWarning, InvalidDataError, InvalidParameterError
from contrapeso.services._config import section
from contrapeso.services._cross_validation import Folds, Scores, cross_validate, make_folds, summary
from contrapeso.services._resampling_methods import (
    HYBRIDS,
    METHODS,
    VARIANTS,
    Choice,
    check_method,
    choose,
    parameters_of,
    sampler_class,
)

SCORE = "f1_macro"


class SMOTEImplementation:
    """Resamples tables with the samplers of Contrapeso and remembers what was done.

    Parameters
    ----------
    config : mapping, optional
        ``random_state`` (42), ``k_neighbors`` (5) and ``sampling_strategy`` ('auto').

    Attributes
    ----------
    config : dict
    smote_variants : dict
        Method -> sampler class.
    hybrid_methods : dict
        Method -> sampler class of the methods that both add and drop rows, original ones among them.
    is_fitted : bool
        Whether :meth:`apply_smote` has made a table.
    provenance_ : Provenance or None
        Parents, weights and seed of every new row of the last :meth:`apply_smote`.

    Raises
    ------
    UnknownConfigKeyError
        If ``config`` has a key that does not exist.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.services.smote_implementation import SMOTEImplementation
    >>> X, y = np.arange(40.0).reshape(20, 2), np.repeat([0, 1], [14, 6])
    >>> X_resampled, y_resampled = SMOTEImplementation().apply_smote(X, y)
    >>> np.bincount(y_resampled).tolist()
    [14, 14]
    """

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        self.config = section("smote", config)
        self.is_fitted = False
        self.provenance_: Any = None
        self._history: list[dict[str, Any]] = []

    @property
    def smote_variants(self) -> dict[str, Any]:
        """Method -> sampler class; asking loads scikit-learn."""
        return {method: sampler_class(method) for method in VARIANTS}

    @property
    def hybrid_methods(self) -> dict[str, Any]:
        """Method -> sampler class; asking loads scikit-learn."""
        return {method: sampler_class(method) for method in HYBRIDS}

    def detect_imbalance(self, X: Any, y: Iterable[object]) -> dict[str, Any]:
        """Imbalance of the labels ``y``; ``{}`` where there is no labelled row.

        Returns
        -------
        dict
            ``imbalance_ratio`` (largest class over smallest), ``severity``, ``requires_balancing`` (from 2),
            ``class_counts``, ``minority_class``, ``majority_class``, ``n_classes``, ``recommended_methods``
            (those that can run on this table; whether one helps is for :meth:`compare_smote_methods`).
        """
        found = analyze_imbalance(y)
        if found.n_classes == 0:
            return {}
        return {
            "imbalance_ratio": found.ratio,
            "severity": found.severity,
            "requires_balancing": found.requires_balancing,
            "class_counts": found.class_counts,
            "minority_class": found.minority_class,
            "majority_class": found.majority_class,
            "n_classes": found.n_classes,
            "recommended_methods": self._recommended(X, y) if found.requires_balancing else [],
        }

    def _recommended(self, X: Any, y: Any) -> list[str]:
        from contrapeso.samplers._target import open_target
        from contrapeso.tables._containers import open_table

        open_target(y, open_table(X).n_rows)
        try:
            chosen = choose(X, y, "auto", {**self.config, "sampling_strategy": "auto"}, {}).method
        except InvalidDataError:  # no distance between these rows, as with infinite numbers: none is needed to copy
            chosen = "random_over"
        return list(dict.fromkeys([chosen, "random_over", "random_under"]))

    def apply_smote(self, X: Any, y: Any, method: str = "auto", **params: Any) -> tuple[Any, Any]:
        """``X`` and ``y`` resampled, in their containers; original rows first, unless the method drops some.

        Parameters
        ----------
        X, y
            As in :meth:`contrapeso.samplers.SMOTE.fit_resample`.
        method : 'auto' or a key of ``smote_variants`` or ``hybrid_methods``, default 'auto'
            'auto' chooses by the kinds of the columns, the size of the smallest class that grows, the number of columns
            and the overlap of the classes (docs/methods.md has the rule), lowers ``k_neighbors`` for tiny classes and
            never drops an original row; the history says what and why.
        **params
            Parameters of the sampler, over those of ``config``.

        Raises
        ------
        InvalidParameterError
            If the method or a parameter does not exist.
        TooFewSamplesError, SingleClassError, InvalidDataError
            As the samplers raise them.
        """
        check_method(method)
        return self._apply("apply_smote", X, y, method, params)

    def apply_borderline_smote(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        """:meth:`apply_smote` with the method 'borderline'."""
        return self._apply("apply_borderline_smote", X, y, "borderline", params)

    def apply_adasyn(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        """:meth:`apply_smote` with the method 'adasyn'."""
        return self._apply("apply_adasyn", X, y, "adasyn", params)

    def apply_svm_smote(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        """:meth:`apply_smote` with the method 'svm_smote'."""
        return self._apply("apply_svm_smote", X, y, "svm_smote", params)

    def apply_kmeans_smote(self, X: Any, y: Any, **params: Any) -> tuple[Any, Any]:
        """:meth:`apply_smote` with the method 'kmeans_smote'."""
        return self._apply("apply_kmeans_smote", X, y, "kmeans_smote", params)

    def apply_hybrid_method(self, X: Any, y: Any, method: str = "smote_enn", **params: Any) -> tuple[Any, Any]:
        """``X`` and ``y`` with rows added and then rows dropped, original ones among them.

        Parameters
        ----------
        method : a key of ``hybrid_methods``, default 'smote_enn'
        **params
            Parameters of the sampler; of 'smote_enn' and 'smote_tomek' also ``base``, the variant that adds rows
            ('smote' by default), with its ``k_neighbors``.
        """
        check_method(method, (), HYBRIDS)
        return self._apply("apply_hybrid_method", X, y, method, params)

    def _apply(self, operation: str, X: Any, y: Any, method: str, params: Mapping[str, Any]) -> tuple[Any, Any]:
        start = perf_counter()
        choice = choose(X, y, method, self.config, params)
        sampler = choice.sampler()
        X_made, y_made = sampler.fit_resample(X, y)
        self.provenance_, self.is_fitted = sampler.provenance_, True
        self._remember(
            operation,
            start,
            method=choice.method,
            requested=method,
            parameters=choice.parameters,
            notes=list(choice.notes),
            counts_before=analyze_imbalance(y).class_counts,
            counts_after=analyze_imbalance(y_made).class_counts,
        )
        return X_made, y_made

    def compare_smote_methods(
        self, X: Any, y: Any, methods: Sequence[str] | None = None, *, n_folds: int = 5, estimator: Any = None
    ) -> dict[str, dict[str, Any]]:
        """Cross-validated worth of each method to a classifier, with doing nothing ('none') among them.

        Parameters
        ----------
        methods : sequence of str, optional
            'auto' or keys of ``smote_variants`` and ``hybrid_methods``; all of them and 'auto' by default.
        n_folds : int, default 5
            Lowered to the rows of the smallest class.
        estimator : classifier, optional
            Gradient-boosted trees by default.

        Returns
        -------
        dict
            ``{method: {success, ...measures, difference_to_none}}``, each measure as {mean, interval (95 %), folds}, on
            rows that neither the method nor the classifier saw: ``average_precision`` (the rarest class against the
            rest), ``balanced_accuracy_tuned`` (at the threshold that was best on a third of the training rows, set
            aside before the resampling), ``brier`` (of that probability; less is better), ``seconds`` (of the
            resampling), ``f1_macro``, ``balanced_accuracy``, ``minority_recall``, ``minority_precision`` as the
            classifier decides by itself, and the difference in ``f1_macro`` to doing nothing. The first three have the
            mean None, with a reason, where the estimator gives no probabilities. {success: False, error, code} where
            the method cannot run; a class too small for ``k_neighbors`` is such a case here.
        """
        wanted = list(dict.fromkeys(["none", *(["auto", *METHODS] if methods is None else methods)]))
        for method in wanted:
            check_method(method, ("none", "auto"))
        start = perf_counter()
        folds = make_folds(X, y, n_folds, self._seed(), estimator)
        baseline = self._scores(folds, "none", {})
        results = {method: self._compared(folds, method, baseline) for method in wanted}
        self._remember("compare_smote_methods", start, methods=wanted, n_folds=len(folds.pairs))
        return results

    def _compared(self, folds: Folds, method: str, baseline: Scores) -> dict[str, Any]:
        try:
            scores = baseline if method == "none" else self._scores(folds, method, {})
        except ContrapesoError as error:
            return {"success": False, "error": str(error), "code": error.code}
        paired = [a - b for a, b in zip(scores[SCORE], baseline[SCORE], strict=True)]
        measured = {measure: summary(values, folds) for measure, values in scores.items()}
        return {"success": True, **measured, "difference_to_none": summary(paired, folds)}

    def _scores(self, folds: Folds, method: str, params: Mapping[str, object]) -> Scores:
        """Scores of one method as it is asked for: one that would have to adapt itself is not that method."""

        def resample(X: Any, y: Any) -> tuple[Any, Any]:
            made: tuple[Any, Any] = self._strict(X, y, method, params).sampler().fit_resample(X, y)
            return made

        def resample_part(X: Any, y: Any) -> tuple[Any, Any]:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ContrapesoWarning)  # a third of the rows is missing on purpose
                made: tuple[Any, Any] = choose(X, y, method, self.config, params).sampler().fit_resample(X, y)
            return made

        def as_it_is(X: Any, y: Any) -> tuple[Any, Any]:
            return X, y

        return cross_validate(folds, as_it_is) if method == "none" else cross_validate(folds, resample, resample_part)

    def _strict(self, X: Any, y: Any, method: str, params: Mapping[str, object]) -> Choice:
        choice = choose(X, y, method, self.config, params)
        if method == "auto" or "few_samples" not in parameters_of(method):
            return choice
        return replace(choice, parameters={"few_samples": "raise", **choice.parameters})

    def optimize_smote_parameters(
        self,
        X: Any,
        y: Any,
        method: str = "smote",
        param_grid: Mapping[str, Sequence[object]] | None = None,
        *,
        n_folds: int = 5,
        estimator: Any = None,
    ) -> dict[str, Any]:
        """The best parameters of ``param_grid`` by cross-validated macro F1; ties go to the first.

        Parameters
        ----------
        method : 'auto' or a key of ``smote_variants`` or ``hybrid_methods``, default 'smote'
        param_grid : mapping of parameter to values, optional
            Any parameters of the method; :meth:`get_method_info` has the grid that is used by default.

        Returns
        -------
        dict
            ``method, best_params, best_score, best_interval, baseline_score`` (doing nothing), ``results`` of every
            candidate and ``reason``. ``best_score`` is the greatest of several, so it flatters; measure the choice
            on rows that were set aside. Where no candidate can run, the first three are None and ``reason`` says why.

        Raises
        ------
        InvalidParameterError
            If the method does not exist, the grid is empty, or it names a parameter that the method does not take.
        """
        check_method(method)
        usual = METHODS["smote" if method == "auto" else method].grid
        grid = dict(usual) if param_grid is None else dict(param_grid)
        candidates = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
        if not grid or not candidates:
            raise InvalidParameterError("param_grid must name a parameter with one value at least; it is empty.")
        for candidate in candidates:
            choose(X, y, method, self.config, candidate)
        start = perf_counter()
        folds = make_folds(X, y, n_folds, self._seed(), estimator)
        baseline = summary(self._scores(folds, "none", {})[SCORE], folds)
        results = [self._candidate(folds, method, candidate) for candidate in candidates]
        best = max((r for r in results if r["success"]), key=lambda r: r["score"], default=None)
        self._remember("optimize_smote_parameters", start, method=method, n_candidates=len(candidates))
        return {
            "method": method,
            "best_params": best and best["params"],
            "best_score": best and best["score"],
            "best_interval": best and best["interval"],
            "baseline_score": baseline["mean"],
            "scoring": SCORE,
            "results": results,
            "reason": None if best else f"No candidate could run: {results[0]['error']}",
        }

    def _candidate(self, folds: Folds, method: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            found = summary(self._scores(folds, method, params)[SCORE], folds)
        except ContrapesoError as error:
            return {"params": params, "success": False, "error": str(error), "code": error.code}
        return {"params": params, "success": True, "score": found["mean"], "interval": found["interval"]}

    def get_method_info(self) -> dict[str, dict[str, object]]:
        """``{method: {name, description, best_for, complexity, paper, sampler, hybrid, parameters, param_grid}}``.

        Complexity is in the rows of the class or of the table; asking loads scikit-learn.
        """
        return {method: info.to_dict(method) for method, info in METHODS.items()}

    def get_performance_history(self) -> list[dict[str, Any]]:
        """What was done, oldest first: operation, timestamp, seconds, and the facts of each."""
        return [dict(entry) for entry in self._history]

    def _seed(self) -> Any:
        return self.config["random_state"]

    def _remember(self, operation: str, start: float, **facts: Any) -> None:
        stamp = datetime.now(UTC).isoformat(timespec="seconds")
        self._history.append({"operation": operation, "timestamp": stamp, "seconds": perf_counter() - start, **facts})


__all__ = ["SMOTEImplementation"]
