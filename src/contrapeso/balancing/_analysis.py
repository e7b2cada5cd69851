"""From labels (and a table) to the imbalance analysis: count, group equal rows, compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.balancing._ambiguity import Ambiguity, measure_ambiguity, row_groups, text_groups
from contrapeso.balancing._counts import ClassCounts, Labels, count_classes
from contrapeso.balancing._imbalance import ClassProfile, ImbalanceAnalysis, severity
from contrapeso.errors import ColumnNotFoundError, InvalidDataError

if TYPE_CHECKING:
    from contrapeso.tables import Schema


def analyze_imbalance(
    y: Labels,
    *,
    frame: pd.DataFrame | None = None,
    text: str | Sequence[object] | pd.Series | None = None,
    schema: Schema | None = None,
    keep_texts: bool = False,
) -> ImbalanceAnalysis:
    """Class counts, ratios, distinct rows, scarcity, ambiguity and verdict of the labels ``y``.

    Parameters
    ----------
    y : labels of shape (n_rows,): list, array or Series; missing labels are counted apart
    frame : DataFrame of shape (n_rows, n_columns), optional
        Feature columns, without the target. Gives the distinct rows per class and, where there is
        no ``text``, the ambiguity over whole rows. Identifiers are left out of both.
    text : name of a column of ``frame``, or one description per row, optional
        Ambiguity is then the share of rows whose description occurs under several classes; case
        and runs of blanks are ignored, rows without a description are not compared.
    schema : Schema of ``frame``; inferred where it is not given
    keep_texts : keep the descriptions of the most ambiguous groups; they may hold names

    Returns
    -------
    ImbalanceAnalysis
        ``n_classes`` is 0 for an empty ``y``, and ``ratio`` 1.0 for a single class.

    Raises
    ------
    InvalidDataError
        Lengths that differ, a continuous ``y``, values that cannot be compared.
    ColumnNotFoundError
        ``text`` names no column of ``frame``.

    Examples
    --------
    >>> analysis = analyze_imbalance(["a"] * 9 + ["b"])
    >>> analysis.ratio, analysis.severity, analysis.requires_balancing
    (9.0, 'high', True)
    """
    classes = count_classes(y)
    n_rows = len(classes.codes)
    series = _text_series(text, frame, n_rows)
    features, identifiers = _features(frame, schema, n_rows)
    groups = None if features is None else row_groups(features)
    ambiguity = _ambiguity(classes, series, groups, keep_texts=keep_texts)
    distinct = None if groups is None else _distinct(classes, groups)
    return ImbalanceAnalysis(n_rows, classes.n_missing, _profiles(classes, distinct, ambiguity), ambiguity, identifiers)


def _profiles(
    classes: ClassCounts, distinct: Iterable[int] | None, ambiguity: Ambiguity | None
) -> tuple[ClassProfile, ...]:
    total = sum(classes.counts)
    unknown = [None] * len(classes.labels)
    rows = zip(
        classes.labels,
        classes.counts,
        unknown if distinct is None else distinct,
        ambiguity.by_class if ambiguity else unknown,
        strict=True,
    )
    return tuple(
        ClassProfile(label, n, n / total, classes.counts[0] / n, severity(classes.counts[0] / n), single, doubtful)
        for label, n, single, doubtful in rows
    )


def _distinct(classes: ClassCounts, groups: NDArray[np.int64]) -> list[int]:
    """Rows of each class that differ from each other."""
    labelled = classes.codes >= 0
    width = max(1, len(classes.labels))
    pairs = np.unique(groups[labelled] * np.int64(width) + classes.codes[labelled])
    return [int(n) for n in np.bincount(pairs % width, minlength=len(classes.labels))]


def _ambiguity(
    classes: ClassCounts, text: pd.Series | None, groups: NDArray[np.int64] | None, *, keep_texts: bool
) -> Ambiguity | None:
    if text is not None:
        same, there = text_groups(text)
        return measure_ambiguity(classes, same, there, "text", texts=text.tolist() if keep_texts else None)
    if groups is not None:
        return measure_ambiguity(classes, groups, np.ones(len(groups), dtype=np.bool_), "columns")
    return None


def _features(
    frame: pd.DataFrame | None, schema: Schema | None, n_rows: int
) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """Columns that can make two rows equal (None where there are none), and the identifiers left out."""
    if frame is None:
        return None, ()
    _check_length("frame", len(frame), n_rows)
    if schema is None:
        from contrapeso.tables import infer_schema

        schema = infer_schema(frame)
    if len(schema) != len(frame.columns):
        raise InvalidDataError(f"The schema has {len(schema)} columns and the frame {len(frame.columns)}.")
    identifiers = tuple(column.name for column in schema if column.kind == "identifier")
    features = frame.iloc[:, [i for i, column in enumerate(schema) if column.kind != "identifier"]]
    return (features if len(features.columns) else None), identifiers


def _text_series(
    text: str | Sequence[object] | pd.Series | None, frame: pd.DataFrame | None, n_rows: int
) -> pd.Series | None:
    if text is None:
        return None
    if isinstance(text, str):
        if frame is None or text not in frame.columns:
            names = [] if frame is None else [str(name) for name in frame.columns]
            raise ColumnNotFoundError(
                f"text={text!r} names no column of the frame ({', '.join(names) or 'none was given'}).",
                {"column": text, "columns": names},
            )
        return frame[text]
    series = text if isinstance(text, pd.Series) else pd.Series(list(text), dtype=object)
    _check_length("text", len(series), n_rows)
    return series


def _check_length(name: str, found: int, n_rows: int) -> None:
    if found != n_rows:
        raise InvalidDataError(f"{name} has {found} rows and y has {n_rows}; they must be the same rows.")


__all__ = ["analyze_imbalance"]
