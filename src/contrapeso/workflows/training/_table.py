"""The rows that a classifier is trained on: labels, what orders or groups them, and which are left untouched."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from contrapeso.errors import InsufficientDataError, InvalidDataError, SingleClassError
from contrapeso.workflows._source import known_column, mark_of
from contrapeso.workflows.training import _splits
from contrapeso.workflows.training._result import Note

if TYPE_CHECKING:
    import pandas as pd

    from contrapeso.workflows.training._splits import Split


LEAST_PAYEES = 4
"""Payees from which a tiny file is split by them."""


@dataclass(frozen=True, eq=False)
class TrainingTable:
    """Rows with a class: what they are known by, the labels, and what orders or groups them."""

    features: pd.DataFrame
    labels: pd.Series
    moments: pd.Series | None
    groups: pd.Series | None
    payees: pd.Series | None
    has_text: bool
    notes: tuple[Note, ...]


def training_table(
    frame: pd.DataFrame, target: str, *, time_column: str | None, group_column: str | None
) -> TrainingTable:
    """Rows that have a class, and what is known of them."""
    from contrapeso.finance.features import as_dates, column_roles, is_transactions, payee_key

    mark = mark_of(frame)
    if mark is not None:
        raise InvalidDataError(
            f"The table has a {mark!r} column: it is balanced already, and synthetic rows must not judge a model. "
            "Train on the real table; the balancing is done inside the training folds (--balancing)."
        )
    labelled = frame[frame[target].notna()].reset_index(drop=True)
    labels = _labels(labelled[target])
    _splits.check_rows(labels)
    bank = is_transactions(frame)
    time = time_column or ("date" if bank and target != "date" else None)
    time = None if time is None else known_column(frame, time)
    group = None if group_column is None else known_column(frame, group_column)
    away = [target, *([group] if group is not None else [])]
    features = labelled.drop(columns=away)
    features = features.set_axis(features.columns.map(str), axis=1)
    n = len(frame) - len(labelled)
    notes = (Note(f"{n} linhas sem classe ficaram de fora.", f"{n} rows without a class were left out."),) if n else ()
    return TrainingTable(
        features,
        labels,
        None if time is None else as_dates(labelled[time]),
        None if group is None else labelled[group],
        labelled["description"].fillna("").map(payee_key) if bank and "description" in features else None,
        "text" in column_roles(features).values(),
        notes,
    )


def _labels(column: pd.Series) -> pd.Series:
    """Labels of one sortable type: as they are where numpy knows the dtype, else as text."""
    kind = getattr(column.dtype, "kind", "O")
    return column if isinstance(column.dtype, np.dtype) and kind in "iub" else column.astype(str).astype(object)


def outer_split(table: TrainingTable, share: float, *, forced: bool, seed: int) -> Split:
    """Rows that teach and untouched rows: in time where there is time, by group where one is named, else by class.

    A tiny file of bank rows is split by payee, unless the split in time is ``forced``.
    """
    split = _outer_split(table, share, forced=forced, seed=seed)
    _check_split(table.labels, split)
    return split


def _outer_split(table: TrainingTable, share: float, *, forced: bool, seed: int) -> Split:
    if table.moments is not None and (forced or (table.groups is None and not _is_tiny(table.moments))):
        return _splits.split_in_time(table.moments, share)
    groups = table.groups
    if groups is None and table.payees is not None and table.payees.nunique() >= LEAST_PAYEES:
        groups = table.payees
    if groups is not None:
        return _splits.split_by_group(groups, share, seed)
    return _splits.split_by_class(table.labels, share, seed)


def _is_tiny(moments: pd.Series) -> bool:
    n_days = moments.dt.normalize().nunique()
    return bool(n_days < _splits.LEAST_DAYS or len(moments) < _splits.LEAST_DATED_ROWS)


def _check_split(labels: pd.Series, split: Split) -> None:
    """Raise where one side cannot do its part."""
    taught = labels.iloc[split.train].nunique()
    if not len(split.test) or not len(split.train):
        raise InsufficientDataError(
            f"The split leaves {len(split.train)} rows to learn from and {len(split.test)} to judge by. "
            "Change test_size, or give more rows.",
            {"n_train": len(split.train), "n_test": len(split.test)},
        )
    if taught < 2:
        raise SingleClassError(
            f"The {len(split.train)} rows that teach ({split.kind} split) have one class only. "
            "Change test_size, or name no time column."
        )


def groups_of(table: TrainingTable, split: Split, rows: Any) -> pd.Series | None:
    """What the inner divisions must keep together: the groups of the outer one."""
    if split.kind != "group":
        return None
    found = table.groups if table.groups is not None else table.payees
    return None if found is None else found.iloc[rows]


def clusters_of(table: TrainingTable, split: Split) -> Any:
    """What the bootstrap draws whole: the days of bank rows, else the groups, else the rows."""
    import pandas as pd

    rows = split.test
    if table.moments is not None:
        return pd.factorize(table.moments.iloc[rows].dt.normalize(), use_na_sentinel=False)[0]
    groups = groups_of(table, split, rows)
    return np.arange(len(rows)) if groups is None else pd.factorize(groups, use_na_sentinel=False)[0]


def seen_payees(payees: pd.Series, split: Split) -> Any:
    return payees.iloc[split.test].isin(set(payees.iloc[split.train])).to_numpy()


def notes_of(table: TrainingTable, split: Split) -> tuple[Note, ...]:
    notes = list(table.notes)
    if split.n_left_out:
        n = split.n_left_out
        notes.append(Note(f"{n} linhas sem data ficaram de fora.", f"{n} rows without a date were left out."))
    new = sorted(set(map(str, table.labels.iloc[split.test])) - set(map(str, table.labels.iloc[split.train])))
    if new:
        listed = ", ".join(new[:10])
        notes.append(
            Note(
                f"Classes que só aparecem na parte intocada e não podem ser acertadas: {listed}.",
                f"Classes that only the untouched part has, and that cannot be found: {listed}.",
            )
        )
    if split.kind == "group" and table.moments is not None:
        notes.append(
            Note(
                "Poucos dias para separar no tempo: a parte intocada são favorecidos inteiros.",
                "Too few days for a split in time: the untouched part is made of whole payees.",
            )
        )
    return tuple(notes)


def data_hash(frame: pd.DataFrame) -> str:
    """SHA-256 of names, types and values of a table, in their order."""
    import pandas as pd

    digest = hashlib.sha256()
    for name in frame.columns:
        column = frame[name]
        values = column.astype(object).map(repr) if column.dtype == object else column
        digest.update(f"{name}\0{column.dtype}\0".encode())
        digest.update(pd.util.hash_array(values.to_numpy(), categorize=True).tobytes())
    return digest.hexdigest()


__all__ = [
    "TrainingTable",
    "clusters_of",
    "data_hash",
    "groups_of",
    "notes_of",
    "outer_split",
    "seen_payees",
    "training_table",
]
