"""The documented ``ImbalancedDataHandler``: balance a table to an exact ratio, advise, measure the effect, remember."""

from __future__ import annotations

import copy
import os
import warnings
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from contrapeso.balancing import analyze_imbalance
from contrapeso.errors import ContrapesoWarning, InvalidParameterError
from contrapeso.services import _handler_state as state
from contrapeso.services._config import merge
from contrapeso.services._handler_goals import Sizes, check_ratio, n_rows_of, over_sizes
from contrapeso.services._handler_history import DEFAULT_RATIO, Asked, Outcome, entry, idle, totals
from contrapeso.services._handler_ladder import Advised, advised, carried_out, check_budget, check_objective
from contrapeso.services._handler_strategies import (
    Applied,
    by_both,
    by_dropping,
    by_rule,
    by_smote,
    class_sizes,
    labels_of,
)
from contrapeso.services._handler_texts import followed, said
from contrapeso.services.smote_implementation import SMOTEImplementation

if TYPE_CHECKING:
    from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator

STRATEGIES = ("auto", "smote", "synthetic", "hybrid", "undersample")
HANDLER_DEFAULTS: Mapping[str, object] = {
    "smote_config": None,
    "synthetic_config": None,
    "budget_s": None,
    "objective": "ranking",
    "random_state": 42,
}
PLAIN = {"smote": by_smote, "undersample": by_dropping, "hybrid": by_both}


class ImbalancedDataHandler:
    """Balances tables by a named strategy, by a fast rule, or by measured evidence, and remembers what it did.

    Parameters
    ----------
    config : mapping, optional
        ``smote_config`` (the section of :class:`SMOTEImplementation`; its ``sampling_strategy`` counts for
        ``smote_handler`` alone, here ``target_ratio`` says how many rows), ``synthetic_config`` (the section of
        :class:`AdvancedSyntheticDataGenerator`, without ``target``), ``budget_s`` (None: 'auto' follows the fast rule;
        seconds: 'auto' asks the evidence ladder of :func:`contrapeso.balancing.choose`), ``objective`` ('ranking',
        'decision', 'probability' or an ``Objective``, of the ladder) and ``random_state`` (42; also that of the two
        sections where they give none).

    Attributes
    ----------
    config : dict
    smote_handler : SMOTEImplementation
    synthetic_generator : AdvancedSyntheticDataGenerator
        After the strategy 'synthetic' the one that was trained for it.
    imbalance_info : dict
        ``SMOTEImplementation.detect_imbalance`` of the last table; ``{}`` before.
    balancing_history : list of dict
        One entry per table, oldest first.
    performance_metrics : dict
        That of :meth:`get_performance_metrics`.
    provenance_ : tuple of Provenance
        Parents, weights and seed of the new rows of the last table; empty where rows were not made out of rows.

    Raises
    ------
    UnknownConfigKeyError, InvalidParameterError
        If ``config`` has a key or a value that does not exist.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.services.imbalanced_data_handler import ImbalancedDataHandler
    >>> X, y = np.arange(60.0).reshape(30, 2), np.repeat([0, 1], [24, 6])
    >>> handler = ImbalancedDataHandler({"random_state": 7})
    >>> X_balanced, y_balanced = handler.handle_imbalanced_data(X, y, strategy="smote", target_ratio=0.5)
    >>> np.bincount(y_balanced).tolist()
    [24, 12]
    """

    def __init__(self, config: Mapping[str, object] | None = None) -> None:
        self.config = merge(HANDLER_DEFAULTS, config)
        check_budget(self.config["budget_s"])
        self.config["random_state"] = _check_seed(self.config["random_state"])
        self.config["objective"] = check_objective(self.config["objective"])
        self.smote_handler = SMOTEImplementation(self._section("smote"))
        self.synthetic_generator = self._generator(None)
        self.imbalance_info: dict[str, Any] = {}
        self.balancing_history: list[dict[str, Any]] = []
        self.provenance_: tuple[Any, ...] = ()

    def _section(self, name: str) -> dict[str, object]:
        """What was given for one class, with the handler's seed where it gives none."""
        given = self.config[f"{name}_config"]
        if given is not None and not isinstance(given, Mapping):
            raise InvalidParameterError(f"config['{name}_config'] must be a mapping; got {given!r}.")
        inner = (given or {}).get(name, given or {})
        if not isinstance(inner, Mapping):
            raise InvalidParameterError(f"config['{name}_config'][{name!r}] must be a mapping; got {inner!r}.")
        return {"random_state": self.config["random_state"], **inner}

    def _generator(self, target: str | None) -> AdvancedSyntheticDataGenerator:
        """An untrained generator for a table with the class column ``target``."""
        from contrapeso.services.synthetic_data_generator import AdvancedSyntheticDataGenerator

        given = self._section("synthetic")
        if given.get("target") is not None:
            raise InvalidParameterError(
                f"synthetic_config['target'] must be left out: y is the target here; got {given['target']!r}."
            )
        return AdvancedSyntheticDataGenerator({**given, "target": target})

    @property
    def performance_metrics(self) -> dict[str, Any]:
        """That of :meth:`get_performance_metrics`."""
        return self.get_performance_metrics()

    def handle_imbalanced_data(
        self, X: Any, y: Any, strategy: str = "auto", target_ratio: float = DEFAULT_RATIO
    ) -> tuple[Any, Any]:
        """``X`` and ``y`` balanced, in their containers.

        Parameters
        ----------
        X, y
            As in :meth:`contrapeso.samplers.SMOTE.fit_resample`.
        strategy : {'auto', 'smote', 'synthetic', 'hybrid', 'undersample'}, default 'auto'
            'auto' adds rows: copies for classes too small to interpolate, else by the rule of
            :meth:`SMOTEImplementation.apply_smote`; it leaves a table alone whose largest class has less than twice the
            rows of the smallest, unless a ratio is asked for. With ``budget_s`` it does what the evidence ladder found
            best, at its ratio unless another than 1 is asked for, which may be nothing: the table then comes back as it
            came, with a warning. 'smote' adds rows by SMOTE, SMOTE-NC or SMOTE-N as the columns are. 'synthetic' adds
            rows of a generator trained on the table. 'undersample' drops rows by lot. 'hybrid' cuts the largest
            classes half-way, to max(ceil((largest + smallest) / 2), floor(smallest / target_ratio)) rows, and raises
            the smaller ones by SMOTE to the ratio, cleaned of Tomek links; new rows that the cleaning refuses are
            replaced, so that the counts are exact.
        target_ratio : float in (0, 1], default 1.0
            Rows of every smaller class over those of the largest, kept to the row: classes below it get
            ceil(target_ratio * largest) rows, others keep theirs; 'undersample' cuts every class to
            floor(smallest / target_ratio) rows.

        Returns
        -------
        X_balanced, y_balanced
            Original rows first and unchanged, those that were dropped left out. The very objects that came in where
            there is nothing to do: no row or one, one class, no class below the ratio.

        Raises
        ------
        InvalidParameterError
            If the strategy does not exist or the ratio is not in (0, 1].
        InvalidDataError
            If labels are missing, or the table is not one that the method takes.
        MissingExtraError
            'synthetic' with a method that needs torch, where it is not installed.

        Warns
        -----
        ContrapesoWarning
            If the ladder found that the rows are best left as they are; FewSamplesWarning if a class is too small.
        """
        _check_strategy(strategy)
        asked, n_rows = Asked(strategy, check_ratio(target_ratio)), n_rows_of(X, y)
        counts = class_sizes(y, n_rows) if n_rows > 1 else {}
        self.imbalance_info = self.smote_handler.detect_imbalance(X, labels_of(y)) if n_rows > 1 else {}
        reason = idle(asked, counts)
        if reason is not None:
            outcome = Outcome(Applied(X, y, "none", {}), "none", reason)
        elif strategy == "auto" and self.config["budget_s"] is not None:
            outcome = self._by_evidence(X, y, counts, asked.ratio)
        else:
            outcome = self._by_name(X, y, counts, asked)
        done = outcome.done
        after = counts if done.method == "none" else class_sizes(done.y, n_rows_of(done.X, done.y))
        self.provenance_ = done.provenance
        self.balancing_history.append(entry(asked, outcome, counts, after))
        return done.X, done.y

    def _by_name(self, X: Any, y: Any, counts: Sizes, asked: Asked) -> Outcome:
        """The table by a named strategy or the fast rule."""
        config = self.smote_handler.config
        if asked.strategy == "auto":
            done = by_rule(X, y, counts, asked.ratio, config)
            return Outcome(done, "fast", said(done.method.partition("+")[0]))
        reason = said("asked", strategy=asked.strategy)
        if asked.strategy == "synthetic":
            return Outcome(self._generated(X, y, over_sizes(counts, asked.ratio)), "named", reason)
        return Outcome(PLAIN[asked.strategy](X, y, counts, asked.ratio, config), "named", reason)

    def _generated(self, X: Any, y: Any, sizes: Sizes, methods: Iterable[str] | None = None) -> Applied:
        from contrapeso.services._handler_synthetic import by_generator, target_name

        name = target_name(X)
        maker = self._generator(name)
        if methods is not None:
            maker.config["methods"] = list(methods)
        done = by_generator(X, y, sizes, maker, name)
        self.synthetic_generator = maker
        return done

    def _by_evidence(self, X: Any, y: Any, counts: Sizes, ratio: float) -> Outcome:
        """The table as the ladder advises."""
        budget, seed = cast(float, self.config["budget_s"]), cast(int, self.config["random_state"])
        found = advised(X, y, cast(Any, self.config["objective"]), budget, seed)
        facts = {"decision": found.facts, "chosen": found.chosen}
        if found.method:
            return Outcome(self._advised(found.asked(ratio), X, y, counts), "ladder", found.reason, facts)
        reason = followed(found.reason, said("ladder_unapplied"))
        warnings.warn(f"{found.chosen}: {reason['en']}", ContrapesoWarning, stacklevel=3)
        return Outcome(Applied(X, y, "none", {}), "ladder", reason, facts)

    def _advised(self, found: Advised, X: Any, y: Any, counts: Sizes) -> Applied:
        done = carried_out(found, X, y, counts, self.smote_handler.config)
        if isinstance(done, Applied):
            return done
        return self._generated(X, y, done, ["mixture"]) if done else Applied(X, y, "none", {})

    def get_balancing_recommendations(self, X: Any, y: Any) -> dict[str, Any]:
        """What the table is like, what could be done, and what it brought on folds of this very table.

        Doing nothing, class weights, copies and SMOTE are compared by five-fold cross-validation on at most 4,000 rows.
        Where a class has fewer than 10 rows nothing is measured, and the reason is given.

        Returns
        -------
        dict
            ``imbalance_analysis`` (of ``detect_imbalance`` and :func:`~contrapeso.balancing.analyze_imbalance`),
            ``recommended_strategies`` (best first: {strategy, how, shown_gain, reason in pt and en}),
            ``expected_outcomes`` (``evidence``, and by strategy each measure with its value, its difference to doing
            nothing and the 95 % intervals; {measured: False, reason} where nothing was measured) and
            ``implementation_notes`` ({code, pt, en}).
        """
        from contrapeso.services import _handler_advice as advice

        empty: dict[str, Any] = {"measured": False, "reason": said("no_rows")}
        if n_rows_of(X, y) == 0:
            return {
                "imbalance_analysis": {},
                "recommended_strategies": [],
                "expected_outcomes": {"evidence": empty},
                "implementation_notes": [],
            }
        labels = labels_of(y)
        analysis = analyze_imbalance(labels, frame=_frame(X))
        why = advice.unmeasured(analysis)
        found = None
        if why is None:
            found = advice.compared(X, y, self.smote_handler.config, cast(int, self.config["random_state"]))
            strategies = advice.ranked(found)
            outcomes = {name: found.outcome(name) for name in advice.CANDIDATES}
        else:
            strategies = advice.without_measure(why, self._rule(X, labels)) if analysis.requires_balancing else []
            outcomes = {}
        return {
            "imbalance_analysis": {**analysis.to_dict(), **self.smote_handler.detect_imbalance(X, labels)},
            "recommended_strategies": strategies,
            "expected_outcomes": {
                "evidence": {"measured": False, "reason": why} if found is None else found.evidence(),
                **outcomes,
            },
            "implementation_notes": advice.notes(analysis, found),
        }

    def _rule(self, X: Any, y: Any) -> str:
        """The method that the rule of ``SMOTEImplementation`` names."""
        found: list[str] = self.smote_handler.detect_imbalance(X, y)["recommended_methods"]
        return found[0]

    def evaluate_balancing_effectiveness(  # noqa: PLR0917  (the documented signature)
        self,
        X_train: Any,
        y_train: Any,
        X_test: Any,
        y_test: Any,
        X_balanced: Any,
        y_balanced: Any,
        *,
        estimator: Any = None,
        n_bootstrap: int | None = None,
    ) -> dict[str, Any]:
        """The same model fitted to the training rows and to the balanced table, both judged on the real test rows.

        Parameters
        ----------
        X_train, y_train, X_test, y_test, X_balanced, y_balanced
            ``X_balanced`` is made out of ``X_train`` alone; the test rows are real and in neither.
        estimator : classifier, optional
            Gradient-boosted trees by default, a random forest beyond 10 classes. It gets the columns as numbers,
            categories as codes.
        n_bootstrap : int, optional
            Draws of the test rows; 500 by default, fewer for large tables (at least 100).

        Returns
        -------
        dict
            ``original_performance`` and ``balanced_performance``: of the rarest class ``average_precision``,
            ``roc_auc``, ``minority_recall``, ``minority_precision`` and ``balanced_accuracy_tuned`` (against the rest,
            at the ``threshold`` that was best on a third of the training rows, which that model did not learn from);
            ``accuracy``, ``f1_macro``, ``balanced_accuracy`` as the model decides; ``brier``, and ``brier_corrected``
            after the class shares of the training rows are put back; with more than two classes
            ``average_precision_macro`` and ``roc_auc_macro``; ``intervals``, and ``reasons`` for what is None.
            ``improvement_metrics``: by measure {original, balanced, difference, interval, better_when, verdict}.
            ``confusion_matrices``: truth in rows. ``leakage``: test rows that occur in the training rows or among the
            new rows, by the values of all columns; they are counted, not left out. ``evidence``: on what all rests.

        Raises
        ------
        InvalidDataError
            If the tables have other columns.
        SingleClassError
            If a table to learn from has one class.

        Notes
        -----
        The threshold is one of the corrected probability, so that it means the same for both models. For that of the
        balanced model the held-out rows, their copies and the new rows next to them (one of whose two nearest training
        rows of the class is held out) are taken from its table: else the model would know what it is tuned on.
        """
        from contrapeso.services._handler_effect import effectiveness, opened_parts

        if n_bootstrap is not None and (isinstance(n_bootstrap, bool) or n_bootstrap < 1):
            raise InvalidParameterError(f"n_bootstrap must be a whole number of at least 1; got {n_bootstrap!r}.")
        parts = opened_parts((X_train, y_train), (X_test, y_test), (X_balanced, y_balanced))
        return effectiveness(parts, estimator, cast(int, self.config["random_state"]), n_bootstrap)

    def get_balancing_history(self) -> list[dict[str, Any]]:
        """Every table that was handled, oldest first.

        Each entry has ``operation, timestamp, seconds, strategy`` (asked for), ``method`` (applied; 'none' where
        nothing was done), ``rule`` ('none', 'named', 'fast' or 'ladder'), ``target_ratio, reason`` (in pt and en),
        ``notes, parameters, counts_before, counts_after, ratio_before, ratio_after``, and by the ladder ``chosen`` and
        ``decision``.
        """
        return copy.deepcopy(self.balancing_history)

    def get_performance_metrics(self) -> dict[str, Any]:
        """Sums over the history.

        Returns
        -------
        dict
            ``total_operations``, ``average_processing_time`` (seconds), ``average_imbalance_reduction`` (share of the
            imbalance ratio that went, from 0 to 1: 1 - ratio after / ratio before), ``strategy_usage`` (strategy ->
            times), ``most_used_strategy``. What has no operation to be computed from is None.
        """
        return totals(self.balancing_history)

    def save_balancing_state(self, path: str | os.PathLike[str]) -> None:
        """Write config, imbalance info and history to the JSON file ``path``, all of it or nothing.

        No row is written, and no model: ``synthetic_generator.save_models(folder)`` keeps those.

        Raises
        ------
        FileUnwritableError
            If the folder is not there or the disk refuses.
        InvalidParameterError
            If the config holds what JSON cannot.
        """
        state.write_state(path, self.config, self.imbalance_info, self.balancing_history)

    def load_balancing_state(self, path: str | os.PathLike[str]) -> None:
        """Read what :meth:`save_balancing_state` wrote, in the place of config, imbalance info and history.

        Raises
        ------
        FileMissingError, CorruptArchiveError, NewerArchiveError
        """
        config, info, history = state.read_state(path)
        try:
            fresh = type(self)(config)
        except ValueError as error:
            raise state.corrupt(Path(path), str(error)) from error
        fresh.imbalance_info, fresh.balancing_history = info, history
        self.__dict__.update(fresh.__dict__)


def _check_strategy(strategy: object) -> None:
    if strategy not in STRATEGIES:
        nearest = get_close_matches(str(strategy), STRATEGIES, n=1, cutoff=0.0)[0]
        raise InvalidParameterError(
            f"There is no strategy {strategy!r}; the nearest is {nearest!r}. Strategies: {', '.join(STRATEGIES)}.",
            {"strategy": str(strategy), "nearest": nearest},
        )


def _check_seed(seed: object) -> int:
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**32:
        raise InvalidParameterError(f"config['random_state'] must be a whole number from 0 to 2**32 - 1; got {seed!r}.")
    return int(seed)


def _frame(X: Any) -> Any:
    """``X`` as a frame with text names; None for a sparse matrix, which has none."""
    from contrapeso.tables._containers import open_table

    table = open_table(X)
    if not hasattr(table, "frame"):
        return None
    frame = table.frame()
    return frame.set_axis([str(name) for name in frame.columns], axis=1)


__all__ = ["ImbalancedDataHandler"]
