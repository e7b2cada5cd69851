"""What a balanced table is worth: the same model fitted to both tables, judged on real rows that neither holds."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InvalidDataError, SingleClassError
from contrapeso.services._cross_validation import SMALL, TUNING_SHARE, best_threshold
from contrapeso.services._handler_measures import LESS_IS_BETTER, Compared, Judgement, compare, n_draws_for

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Pair: TypeAlias = tuple[Any, Any]
MANY_CLASSES = 10
"""Classes beyond which the default model is a random forest: boosting would fit a tree per class and round."""


@dataclass(frozen=True)
class Part:
    """Rows as numbers (n, p), their class codes (-1 where the training rows have no such class) and row hashes."""

    numbers: Floats
    codes: Codes
    hashes: NDArray[np.uint64]

    def at(self, rows: NDArray[Any]) -> Part:
        """Some of the rows."""
        return Part(self.numbers[rows], self.codes[rows], self.hashes[rows])


@dataclass(frozen=True)
class Parts:
    """Training rows, test rows and the balanced table, in the same columns and class codes."""

    train: Part
    test: Part
    balanced: Part
    labels: list[Any]

    @property
    def rare(self) -> int:
        """Code of the rarest class of the training rows."""
        return int(np.bincount(self.train.codes).argmin())


def default_model(n_classes: int, seed: int) -> Any:
    """Boosted trees; a random forest where there are many classes."""
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

    if n_classes > MANY_CLASSES:
        return RandomForestClassifier(n_estimators=25, random_state=seed)
    return HistGradientBoostingClassifier(max_iter=50, early_stopping=False, random_state=seed)


def opened_parts(train: Pair, test: Pair, balanced: Pair) -> Parts:
    """The three tables (X, y) in one form; category codes come from the training rows alone.

    Raises
    ------
    InvalidDataError
        If columns differ, or labels are missing.
    SingleClassError
        If the training rows, or the balanced ones, have one class.
    """
    from contrapeso.samplers._target import open_target
    from contrapeso.tables._containers import open_table

    pairs = (train, test, balanced)
    tables = [_columns(open_table(X)) for X, _ in pairs]
    targets = [open_target(y, len(table)) for (_, y), table in zip(pairs, tables, strict=True)]
    tables = _alike(tables)
    classes = pd.Index(pd.factorize(targets[0].labels, sort=True)[1])
    codes = [np.asarray(classes.get_indexer(pd.Index(target.labels)), dtype=np.intp) for target in targets]
    _refuse_one_class("training", codes[0])
    if (codes[2] < 0).any():
        raise InvalidDataError("The balanced table has a class that the training rows do not have.")
    _refuse_one_class("balanced", codes[2])
    numbers = _numbers(tables)
    parts = [Part(n, c, h) for n, c, h in zip(numbers, codes, map(_hashes, tables), strict=True)]
    return Parts(parts[0], parts[1], parts[2], [*classes])


def _refuse_one_class(name: str, codes: Codes) -> None:
    if len(np.unique(codes)) < 2:
        raise SingleClassError(f"The {name} rows have one class only: nothing can be learnt from them.")


def _columns(table: Any) -> pd.DataFrame:
    return pd.DataFrame(table.matrix.toarray()) if hasattr(table, "matrix") else table.frame()


def _alike(frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Frames with the columns of the first, in its order; the mark of synthetic rows may come on top."""
    from contrapeso.tables._containers import SYNTHETIC_KEY

    first = frames[0]
    for name, frame in zip(("test", "balanced"), frames[1:], strict=True):
        other = set(frame.columns) ^ set(first.columns)
        if other - {SYNTHETIC_KEY} or len(set(first.columns) - set(frame.columns)):
            raise InvalidDataError(
                f"The {name} table has other columns than the training table: {sorted(map(str, other))}."
            )
    if first.columns.is_unique:
        return [frame[list(first.columns)].reset_index(drop=True) for frame in frames]
    if any(list(frame.columns) != list(first.columns) for frame in frames):
        raise InvalidDataError("Columns of one name must be the same, in the same order, in all three tables.")
    return [frame.reset_index(drop=True) for frame in frames]


def _numbers(frames: list[pd.DataFrame]) -> list[Floats]:
    from contrapeso.tables._codec import number_column

    train = frames[0]
    out = [np.empty(frame.shape) for frame in frames]
    for j in range(train.shape[1]):
        encoder = number_column(train.iloc[:, j].rename(str(j)))
        known = None if encoder is not None else pd.Index(train.iloc[:, j].astype(object).dropna().unique())
        for frame, numbers in zip(frames, out, strict=True):
            column = frame.iloc[:, j]
            if encoder is not None:
                numbers[:, j] = np.asarray(encoder.encode(column), dtype=np.float64) * encoder.scale
                continue
            assert known is not None  # noqa: S101  (for the type checker)
            places = known.get_indexer(pd.Index(column.astype(object))).astype(np.float64)
            numbers[:, j] = np.where(places < 0, np.nan, places)
    return out


def _hashes(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """64-bit hash of every row by its values; a whole number counts as the decimal it equals."""
    plain = {
        j: column.astype(np.float64) if _is_plain(column) else column.astype(object).map(str)
        for j, (_, column) in enumerate(frame.items())
    }
    if not plain:
        return np.zeros(len(frame), dtype=np.uint64)
    return np.asarray(pd.util.hash_pandas_object(pd.DataFrame(plain), index=False), dtype=np.uint64)


def _is_plain(column: pd.Series) -> bool:
    return isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf"


def effectiveness(parts: Parts, model: Any, seed: int, n_draws: int | None = None) -> dict[str, Any]:
    """The documented report on both tables; see ``evaluate_balancing_effectiveness``."""
    n_classes, own = len(parts.labels), model is None
    judge = default_model(n_classes, seed) if own else model
    unknown = parts.test.codes < 0
    test = parts.test.at(~unknown)
    if len(test.codes) == 0:
        raise InvalidDataError("No test row has a class of the training rows: there is nothing to judge on.")
    tuning = _tuning_rows(parts.train.codes, seed)
    with _threads(parts, own=own):
        judged = {
            "original": _judged(judge, parts.train, test, parts, tuning),
            "balanced": _judged(judge, parts.balanced, test, parts, _unrelated(parts, tuning)),
        }
    draws = n_draws_for(len(test.codes), n_classes) if n_draws is None else n_draws
    found = compare(judged["original"], judged["balanced"], draws, seed)
    return {
        "original_performance": _performance(found, judged["original"], "original", parts),
        "balanced_performance": _performance(found, judged["balanced"], "balanced", parts),
        "improvement_metrics": {name: _improvement(name, one) for name, one in found.items()},
        "confusion_matrices": _matrices(judged, parts),
        "leakage": _leakage(parts),
        "evidence": {
            "model": type(judge).__name__,
            "n_train": len(parts.train.codes),
            "n_balanced": len(parts.balanced.codes),
            "n_test": len(test.codes),
            "n_test_of_unknown_class": int(unknown.sum()),
            "minority_class": parts.labels[parts.rare],
            "n_test_of_minority": int((test.codes == parts.rare).sum()),
            "interval": "95 %, percentile bootstrap of the test rows within their classes",
            "n_bootstrap": draws,
        },
    }


def _threads(parts: Parts, *, own: bool) -> AbstractContextManager[Any]:
    """Within it the default model has one thread where the table is small: threads wait longer than they work."""
    from contrapeso.samplers._lines import one_thread

    return one_thread("openmp") if own and parts.balanced.numbers.size <= SMALL else nullcontext()


def _tuning_rows(codes: Codes, seed: int) -> tuple[Codes, Codes] | None:
    """Training rows to learn from for the threshold, and those it is tuned on; None where a class has a single row."""
    from sklearn.model_selection import StratifiedShuffleSplit

    sizes = np.bincount(codes)
    if sizes[sizes > 0].min() < 2:
        return None
    n_held = max(round(TUNING_SHARE * len(codes)), len(sizes))
    if len(codes) - n_held < len(sizes):
        return None
    splitter = StratifiedShuffleSplit(1, test_size=n_held, random_state=seed % 2**32)
    inner, held = next(splitter.split(np.zeros(len(codes)), codes))
    return np.sort(inner), np.sort(held)


def _unrelated(parts: Parts, tuning: tuple[Codes, Codes] | None) -> tuple[Codes, Codes] | None:
    """Rows of the balanced table that a model for the threshold may learn from, and those it is tuned on.

    Left out are the held-out training rows, all copies of them, and new rows that stand next to one: of whose two
    nearest training rows of the same class (the parents, of most interpolated rows) one is held out. With them the
    model would know the rows that it is tuned on, and its threshold would be far too sure.
    """
    if tuning is None:
        return None
    train, balanced, held = parts.train, parts.balanced, tuning[1]
    kept = ~np.isin(balanced.hashes, train.hashes[held])
    is_new = ~np.isin(balanced.hashes, train.hashes)
    is_held = np.isin(np.arange(len(train.codes)), held)
    points, others = _scaled(train.numbers, balanced.numbers)
    for code in np.unique(balanced.codes[is_new]):
        real, new = np.flatnonzero(train.codes == code), np.flatnonzero(is_new & (balanced.codes == code))
        kept[new] &= ~is_held[real[_nearest(points[real], others[new])]].any(axis=1)
    return np.flatnonzero(kept), held


def _scaled(train: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Both divided by the spread of the training rows; what is missing stands at the mean."""
    known = ~np.isnan(train)
    n = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, train, 0.0).sum(axis=0) / n
    spread = np.sqrt(np.where(known, (train - mean) ** 2, 0.0).sum(axis=0) / n)
    spread = np.where(spread > 0, spread, 1.0)
    first, second = (np.nan_to_num((rows - mean) / spread, nan=0.0) for rows in (train, other))
    return first, second


def _nearest(points: Floats, asked: Floats) -> NDArray[np.intp]:
    """Places of the two rows of ``points`` nearest to each row of ``asked``."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=min(2, len(points))).fit(points)
    return np.asarray(search.kneighbors(asked, return_distance=False), dtype=np.intp)


def _judged(model: Any, learned: Part, test: Part, parts: Parts, tuning: tuple[Codes, Codes] | None) -> Judgement:
    """What ``model``, fitted to ``learned``, says of the test rows."""
    from sklearn.base import clone

    n = len(parts.labels)
    fitted = clone(model).fit(learned.numbers, learned.codes)
    predicted = np.asarray(fitted.predict(test.numbers), dtype=np.intp)
    chances = _chances(fitted, test.numbers, n)
    if chances is None:
        return Judgement(test.codes, predicted, None, None, parts.rare, None, n)
    corrected = with_shares(chances, _shares(learned.codes, n), _shares(parts.train.codes, n))
    threshold = None if tuning is None else _threshold(model, learned, parts, *tuning)
    return Judgement(test.codes, predicted, chances, corrected, parts.rare, threshold, n)


def _threshold(model: Any, learned: Part, parts: Parts, inner: Codes, held: Codes) -> float | None:
    """The corrected chance of the rarest class that is best on ``held``; None with nothing to learn."""
    from sklearn.base import clone

    if len(np.unique(learned.codes[inner])) < 2:
        return None
    n, real = len(parts.labels), parts.train.codes
    fitted = clone(model).fit(learned.numbers[inner], learned.codes[inner])
    seen = _chances(fitted, parts.train.numbers[held], n)
    assert seen is not None  # noqa: S101  (the caller has just seen that the model gives them)
    corrected = with_shares(seen, _shares(learned.codes[inner], n), _shares(real, n))
    return best_threshold(real[held] == parts.rare, corrected[:, parts.rare])


def _chances(fitted: Any, numbers: Floats, n_classes: int) -> Floats | None:
    if not hasattr(fitted, "predict_proba"):
        return None
    found = np.zeros((len(numbers), n_classes))
    found[:, np.asarray(fitted.classes_, dtype=np.intp)] = fitted.predict_proba(numbers)
    return found


def _shares(codes: Codes, n_classes: int) -> Floats:
    return np.asarray(np.bincount(codes, minlength=n_classes) / len(codes), dtype=np.float64)


def with_shares(chances: Floats, seen: Floats, real: Floats) -> Floats:
    """``chances`` (n, C) of a model that saw the class shares ``seen``, for the shares ``real``.

    References
    ----------
    .. [1] Saerens, Latinne, Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities",
       Neural Computation 14 (2002), eq. 2.4.
    """
    factors = np.divide(real, seen, out=np.zeros_like(real), where=seen > 0)
    moved = chances * factors
    sums = moved.sum(axis=1, keepdims=True)
    return np.asarray(np.where(sums > 0, moved / np.where(sums > 0, sums, 1.0), chances))


def _performance(found: Mapping[str, Compared], judged: Judgement, which: str, parts: Parts) -> dict[str, Any]:
    """Measures of one model, their intervals, its threshold, and why measures are missing."""
    values = judged.measures(np.ones(len(judged.truth)))
    missing = {}
    if judged.chances is None:
        missing["average_precision"] = "the model gives no probabilities"
    elif judged.rare not in judged.curves:
        missing["average_precision"] = f"no test row, or every one, is of the class {parts.labels[judged.rare]!r}"
    if judged.threshold is None:
        missing["balanced_accuracy_tuned"] = "no probabilities, or a class has too few training rows to tune on"
    return {
        **{name: values.get(name) for name in (*missing, *values)},
        "threshold": judged.threshold,
        "intervals": {name: list(getattr(one, f"{which}_interval")) for name, one in found.items()},
        "reasons": missing,
    }


def _improvement(name: str, one: Compared) -> dict[str, Any]:
    return {
        "original": one.original,
        "balanced": one.balanced,
        "difference": one.difference,
        "interval": list(one.interval),
        "better_when": "lower" if name in LESS_IS_BETTER else "higher",
        "verdict": one.verdict(name),
    }


def _matrices(judged: Mapping[str, Judgement], parts: Parts) -> dict[str, Any]:
    """Truth in rows, decisions in columns; the tuned ones are [the rest, the rarest class]."""
    found: dict[str, Any] = {"labels": parts.labels}
    for name, one in judged.items():
        ones = np.ones(len(one.truth))
        tuned = one.tuned(ones)
        found[name] = one.matrix(ones).astype(int).tolist()
        found[f"{name}_tuned"] = None if tuned is None else tuned.astype(int).tolist()
    return found


def _leakage(parts: Parts) -> dict[str, Any]:
    """Test rows that a model has seen, by the values of all columns."""
    in_train = np.isin(parts.test.hashes, parts.train.hashes)
    in_balanced = np.isin(parts.test.hashes, parts.balanced.hashes)
    n_train, n_new = int(in_train.sum()), int((in_balanced & ~in_train).sum())
    return {
        "test_rows_in_train": n_train,
        "test_rows_among_new_rows": n_new,
        "share": (n_train + n_new) / len(parts.test.codes),
        "passed": n_train + n_new == 0,
    }


__all__ = ["MANY_CLASSES", "Part", "Parts", "default_model", "effectiveness", "opened_parts", "with_shares"]
