"""The recommendations of ``ImbalancedDataHandler``: what was measured on this table, and what follows from it.

Doing nothing, class weights, copies and SMOTE are compared on the same folds, each with a threshold tuned on rows of
its own. Where a class has too few rows for that, no effect is given, and the reason stands in its place.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from contrapeso._rng import child, generator, seed_sequence
from contrapeso.balancing import ImbalanceAnalysis
from contrapeso.balancing._counts import plain
from contrapeso.errors import ContrapesoError, ContrapesoWarning
from contrapeso.services._cross_validation import CONFIDENCE, Folds, Scores, cross_validate, make_folds, summary
from contrapeso.services._handler_effect import MANY_CLASSES, default_model
from contrapeso.services._handler_strategies import smote_of
from contrapeso.services._handler_texts import Said, joined, said
from contrapeso.services._resampling_methods import choose

LEAST_ROWS = 10
"""Rows of every class that a comparison needs: two in each of five folds."""
MOST_ROWS = 4_000
"""Rows of the comparison; of a longer table they are drawn by class."""
N_FOLDS, N_FOLDS_OF_MANY = 5, 3
"""Folds, and folds where there are so many classes that every fit is long."""
SHOWN = ("average_precision", "balanced_accuracy_tuned", "brier", "f1_macro")
CANDIDATES: Mapping[str, str] = {
    "none": "the table as it is",
    "class_weight": "estimator.set_params(class_weight='balanced')",
    "random_over": "smote_handler.apply_smote(X, y, 'random_over')",
    "smote": "handle_imbalanced_data(X, y, strategy='smote')",
}
"""What is compared, and how it is done."""


@dataclass(frozen=True)
class Comparison:
    """Scores of every candidate on the same folds, and of those that could not run the reason."""

    scores: Mapping[str, Scores]
    failed: Mapping[str, str]
    folds: Folds
    n_rows: int
    n_used: int

    def outcome(self, name: str) -> dict[str, Any]:
        """Measures of one candidate, and their differences to doing nothing, each with its interval."""
        if name in self.failed:
            return {"measured": False, "reason": said("failed", error=self.failed[name])}
        found: dict[str, Any] = {"measured": True}
        for measure in SHOWN:
            values, base = self.scores[name][measure], self.scores["none"][measure]
            one, paired = (
                summary(values, self.folds),
                summary([a - b for a, b in zip(values, base, strict=True)], self.folds),
            )
            found[measure] = {
                "value": one["mean"],
                "interval": one["interval"],
                "difference": paired["mean"],
                "difference_interval": paired["interval"],
            }
        return found

    def gain(self, name: str) -> tuple[float, tuple[float, float]]:
        """Difference in average precision to doing nothing, and its interval."""
        found = self.outcome(name)["average_precision"]
        low, high = found["difference_interval"]
        return float(found["difference"]), (float(low), float(high))

    def evidence(self) -> dict[str, Any]:
        """On what the outcomes rest."""
        return {
            "measured": True,
            "n_rows": self.n_used,
            "n_rows_of_table": self.n_rows,
            "n_folds": len(self.folds.pairs),
            "model": type(self.folds.estimator).__name__,
            "minority_class": plain(self.folds.minority),
            "measure": "average_precision",
            "interval": f"{100 * CONFIDENCE:.0f} %, corrected for overlapping training folds (Nadeau, Bengio 2003)",
            "brier": "before any correction of the class shares",
        }


def compared(X: Any, y: Any, config: Mapping[str, Any], seed: int) -> Comparison:
    """The candidates on stratified folds; resampled inside the training folds only."""
    from contrapeso.samplers._target import open_target
    from contrapeso.tables._containers import open_table

    table = open_table(X)
    target = open_target(y, table.n_rows)
    rows = _drawn(target.codes, seed)
    X_used, y_used = (X, y) if rows is None else (table.take(rows), target.take(rows))
    n_classes = int(target.codes.max()) + 1
    n_folds = N_FOLDS_OF_MANY if n_classes > MANY_CLASSES else N_FOLDS
    model = default_model(n_classes, _word(seed))
    folds = replace(make_folds(X_used, y_used, n_folds, seed, model), own_judge=True)
    scores: dict[str, Scores] = {}
    failed: dict[str, str] = {}
    for name in CANDIDATES:
        try:
            scores[name] = _scored(folds, name, X, config)
        except ContrapesoError as error:
            if name == "none":
                raise
            failed[name] = str(error)
    return Comparison(scores, failed, folds, table.n_rows, len(target.codes) if rows is None else len(rows))


def _scored(folds: Folds, name: str, X: Any, config: Mapping[str, Any]) -> Scores:
    from sklearn.base import clone

    if name == "class_weight":
        weighted = clone(folds.estimator).set_params(class_weight="balanced")
        return cross_validate(replace(folds, estimator=weighted), _as_it_is)
    if name == "none":
        return cross_validate(folds, _as_it_is)
    return cross_validate(folds, _resampling(smote_of(X) if name == "smote" else name, config))


def _as_it_is(X: Any, y: Any) -> tuple[Any, Any]:
    return X, y


def _resampling(method: str, config: Mapping[str, Any]) -> Callable[[Any, Any], tuple[Any, Any]]:
    def resample(X: Any, y: Any) -> tuple[Any, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ContrapesoWarning)  # a fold has fewer rows than the table, on purpose
            sampler = choose(X, y, method, {**config, "sampling_strategy": "auto"}, {}).sampler()
            made: tuple[Any, Any] = sampler.fit_resample(X, y)
        return made

    return resample


def _drawn(codes: Any, seed: int) -> Any:
    """Rows of the comparison, in order; None where all are used. Every class keeps ``LEAST_ROWS``."""
    n = len(codes)
    if n <= MOST_ROWS:
        return None
    rng = generator(seed_sequence(seed), 1)
    parts = []
    for code in range(int(codes.max()) + 1):
        members = np.flatnonzero(codes == code)
        size = min(len(members), max(LEAST_ROWS, round(MOST_ROWS * len(members) / n)))
        parts.append(rng.permutation(members)[:size])
    return np.sort(np.concatenate(parts)).astype(np.int64)


def _word(seed: int) -> int:
    return int(child(seed_sequence(seed), 2).generate_state(1)[0])


def unmeasured(analysis: ImbalanceAnalysis) -> Said | None:
    """Why no effect can be measured; None where it can."""
    if analysis.n_classes < 2:
        return said("no_rows")
    if not analysis.requires_balancing:
        return said("needs_none")
    least = analysis.classes[-1]
    if least.count < LEAST_ROWS:
        return said("few_rows", label=repr(least.label), n=least.count, least=LEAST_ROWS)
    return None


def ranked(found: Comparison) -> list[dict[str, Any]]:
    """Strategies, those with a shown gain first, then doing nothing, then the others by their difference."""
    gains = {name: found.gain(name) for name in CANDIDATES if name != "none" and name not in found.failed}
    order = sorted(gains, key=lambda name: -gains[name][0])
    better = [name for name in order if gains[name][1][0] > 0]
    rows = [_row(name, gains[name], shown=True) for name in better]
    rows.append(_line("none", said("threshold" if better else "no_gain"), shown=False))
    rows += [_row(name, gains[name], shown=False) for name in order if name not in better]
    return [*rows, *(_line(name, said("failed", error=why), shown=None) for name, why in found.failed.items())]


def _row(name: str, gain: tuple[float, tuple[float, float]], *, shown: bool) -> dict[str, Any]:
    difference, (low, high) = gain
    words = {"difference": f"{difference:+.3f}", "interval": f"[{low:+.3f}, {high:+.3f}]"}
    return _line(name, said("gain" if shown else "no_gain_shown", **words), shown=shown)


def _line(name: str, reason: Said, *, shown: bool | None) -> dict[str, Any]:
    return {
        "strategy": name,
        "how": CANDIDATES.get(name, f"handle_imbalanced_data(X, y, strategy={name!r})"),
        "shown_gain": shown,
        "reason": reason,
    }


def without_measure(why: Said, method: str) -> list[dict[str, Any]]:
    """Strategies where nothing was measured: doing nothing first, then what the fast rule would do."""
    rule = joined(said("rule_only", method=method), why)
    return [_line("none", said("nothing_first"), shown=None), _line("auto", rule, shown=None)]


def notes(analysis: ImbalanceAnalysis, found: Comparison | None) -> list[dict[str, str]]:
    """What to mind, as ``{code, pt, en}``."""
    if analysis.n_classes == 0:
        return []
    verdict = analysis.verdict
    lines = [{"code": "verdict", "pt": verdict.pt, "en": verdict.en}]
    lines += [{"code": code, **said(code)} for code in ("inside_folds", "threshold", "prior")]
    small = [repr(c.label) for c in analysis.classes if c.count < LEAST_ROWS]
    if small:
        names = ", ".join(small[:5]) + (" ..." if len(small) > 5 else "")
        lines.append({"code": "small_classes", **said("small_classes", n=LEAST_ROWS, classes=names)})
    if found is not None and found.n_used < found.n_rows:
        lines.append({"code": "sampled", **said("sampled", n=found.n_used, of=found.n_rows)})
    return lines


__all__ = ["CANDIDATES", "LEAST_ROWS", "Comparison", "compared", "notes", "ranked", "unmeasured", "without_measure"]
