"""The strategies of ``ImbalancedDataHandler``, each a function that gives a table back with exact counts."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import generator, seed_sequence
from contrapeso.balancing import plan_balance
from contrapeso.errors import DroppedClassWarning, InvalidDataError
from contrapeso.services._handler_goals import Sizes, hybrid_sizes, over_sizes, under_sizes
from contrapeso.services._resampling_methods import Choice, categorical_columns, choose

Rows = NDArray[np.int64]
SPARE = 0.25
"""Share of rows that 'hybrid' makes beyond the plan, to take the place of new rows that the cleaning refuses."""
COPIES, CUT = 2**31 - 1, 2**31 - 2  # keys of the random streams, beyond those of any class


@dataclass(frozen=True)
class Applied:
    """A balanced table and how it came about.

    Attributes
    ----------
    X, y : in the containers that came in
    method : str
        Key of the method, of several joined with '+'.
    parameters : dict
    notes : tuple of str
    provenance : tuple of Provenance
        One per method that made rows out of rows; ``parents`` are rows of the table that came in.
    """

    X: Any
    y: Any
    method: str
    parameters: dict[str, Any]
    notes: tuple[str, ...] = ()
    provenance: tuple[Any, ...] = ()


def class_sizes(y: Any, n_rows: int) -> Sizes:
    """Class -> rows, sorted by class, with the labels as samplers name them.

    Raises
    ------
    InvalidDataError
        If labels are missing, continuous or tuples, or there are not ``n_rows`` of them.
    """
    from contrapeso.samplers._strategy import class_counts

    return dict(class_counts(_labels(y, n_rows)))


def by_rule(X: Any, y: Any, counts: Sizes, ratio: float, config: Mapping[str, Any]) -> Applied:
    """Rows added by the fast rule: copies where a class is too small to interpolate, else the method that suits.

    :func:`~contrapeso.balancing.plan_balance` says which class is too small for ``k_neighbors``, and the rule of
    ``SMOTEImplementation`` which method suits the columns, the dimension and the overlap of the others.
    """
    sizes = over_sizes(counts, ratio)
    plan = plan_balance(counts, target_ratio=ratio, k_neighbors=config["k_neighbors"])
    copied = {label: n for label, n in sizes.items() if plan[label].method == "random_over"}
    suited = {label: n for label, n in sizes.items() if label not in copied}
    done = Applied(X, y, "none", {})
    if suited:
        done = grown(X, y, suited, "auto", config)
    if not copied:
        return done
    few = f"copies for {len(copied)} classes with {config['k_neighbors']} rows or fewer, too few to interpolate"
    return _with_copies(done, y, copied, config, (few,))


def by_smote(X: Any, y: Any, counts: Sizes, ratio: float, config: Mapping[str, Any]) -> Applied:
    """Rows added by the SMOTE of the columns' kinds; a class of one row is copied, with a warning."""
    return grown(X, y, over_sizes(counts, ratio), smote_of(X), config)


def smote_of(X: Any) -> str:
    """'smote' for numbers, 'smotenc' for mixed columns, 'smoten' for categories, 'random_over' for a single one."""
    from contrapeso.tables._containers import open_table

    n_columns = open_table(X).n_columns
    n_categorical = len(categorical_columns(X))
    if n_categorical == 0:
        return "smote"
    if n_categorical < n_columns:
        return "smotenc"
    return "smoten" if n_columns > 1 else "random_over"


def by_dropping(X: Any, y: Any, counts: Sizes, ratio: float, config: Mapping[str, Any]) -> Applied:
    """Rows of the larger classes dropped by lot; those that stay keep their order."""
    choice = choose(X, y, "random_under", {**config, "sampling_strategy": under_sizes(counts, ratio)}, {})
    X_kept, y_kept = choice.sampler().fit_resample(X, y)
    return Applied(X_kept, y_kept, choice.method, _facts(choice), choice.notes)


def by_both(X: Any, y: Any, counts: Sizes, ratio: float, config: Mapping[str, Any]) -> Applied:
    """The largest classes cut half-way and the smaller ones raised to the ratio, cleaned of Tomek links.

    New rows are made by SMOTE, a quarter more than needed. Of the table with them the Tomek links are sought: new rows
    in a link are refused, and spare ones take their places (refused ones only where no spare ones are left); of a class
    that is cut, rows in a link go first and the rest by lot. Original rows of classes that are not cut always stay.
    """
    cut, raised = hybrid_sizes(counts, ratio)
    made = Applied(X, y, "none", {})
    if raised:
        asked = {label: n + ceil(SPARE * (n - counts[label])) for label, n in raised.items()}
        made = grown(X, y, asked, smote_of(X), config)
    n = sum(counts.values())
    labels = labels_of(made.y)
    linked = _linked(made.X, made.y)
    kept = np.ones(len(labels), dtype=bool)
    for label, size in raised.items():
        _refuse(kept, n + np.flatnonzero(labels[n:] == label), linked, size - counts[label])
    rng = generator(seed_sequence(config["random_state"]), CUT)
    for label, size in cut.items():
        members = rng.permutation(np.flatnonzero(labels[:n] == label))
        _refuse(kept, members, linked, size)
    rows = np.flatnonzero(kept).astype(np.int64)
    n_kept = int((linked & kept)[n:].sum())
    notes = f"{int((linked & ~kept).sum())} rows in Tomek links left out, {n_kept} new ones kept"
    X_kept, y_kept = _taken(made.X, made.y, rows)
    origin = tuple(_cleaned(found, rows) for found in made.provenance)
    parts = [*([made.method] if raised else []), "tomek", *(["random_under"] if cut else [])]
    return Applied(X_kept, y_kept, "+".join(parts), made.parameters, (*made.notes, notes), origin)


def _refuse(kept: NDArray[np.bool_], members: Rows, linked: NDArray[np.bool_], n: int) -> None:
    """Keep ``n`` of ``members``, those without a link first, in the order given."""
    order = members[np.argsort(linked[members], kind="stable")]
    kept[order[n:]] = False


def _linked(X: Any, y: Any) -> NDArray[np.bool_]:
    """Whether each row is in a Tomek link."""
    from contrapeso.samplers import TomekLinks
    from contrapeso.tables._containers import SparseTable, open_table

    table = open_table(X)
    points = X
    if not isinstance(table, SparseTable) and categorical_columns(X):
        frame = table.frame()
        points = frame.set_axis([f"x{j}" for j in range(frame.shape[1])], axis=1)  # an array has no kinds of columns
    cleaner = TomekLinks(sampling_strategy="all")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DroppedClassWarning)  # which of the linked rows go is decided afterwards
        cleaner.fit_resample(points, labels_of(y))
    linked = np.ones(table.n_rows, dtype=bool)
    linked[cleaner.sample_indices_] = False
    return linked


def grown(X: Any, y: Any, sizes: Sizes, method: str, config: Mapping[str, Any]) -> Applied:
    """Rows added by one method; where it makes fewer than asked for, copies of original rows fill up."""
    choice = choose(X, y, method, {**config, "sampling_strategy": sizes}, {})
    sampler = choice.sampler()
    X_made, y_made = sampler.fit_resample(X, y)
    done = Applied(X_made, y_made, choice.method, _facts(choice), choice.notes, (sampler.provenance_,))
    labels = labels_of(y_made)
    short = {label: n for label, n in sizes.items() if int((labels == label).sum()) < n}
    if not short:
        return done
    missing = sum(n - int((labels == label).sum()) for label, n in short.items())
    return _with_copies(done, y, short, config, (f"{missing} copies where {choice.method} made too few rows",))


def _with_copies(done: Applied, y: Any, sizes: Sizes, config: Mapping[str, Any], notes: tuple[str, ...]) -> Applied:
    """``done`` with copies of original rows, until the classes have ``sizes``."""
    from contrapeso.samplers._base import entropy_of
    from contrapeso.samplers._provenance import Provenance
    from contrapeso.samplers._target import open_target
    from contrapeso.tables._containers import open_table

    table = open_table(done.X)
    target = open_target(done.y, table.n_rows)
    seed = seed_sequence(config["random_state"])
    original = labels_of(y)
    parts = []
    for number, (label, n) in enumerate(sizes.items()):
        members = np.flatnonzero(original == label)
        need = n - int((target.labels == label).sum())
        parts.append(members[generator(seed, COPIES, number).integers(len(members), size=need)])
    bases = np.concatenate(parts).astype(np.int64)
    X_new = table.repeat(bases)
    old = table.data.index if hasattr(table, "data") else None
    y_new = target.extend(bases, old, X_new.index if isinstance(X_new, pd.DataFrame) else None)
    plan = {label: len(part) for label, part in zip(sizes, parts, strict=True)}
    both, none = np.column_stack([bases, bases]), np.zeros(len(bases))
    origin = Provenance("RandomOverSampler", table.n_rows, both, none, entropy_of(seed), plan, original)
    method = "random_over" if done.method in ("none", "random_over") else f"{done.method}+random_over"
    return Applied(X_new, y_new, method, done.parameters, (*done.notes, *notes), (*done.provenance, origin))


def labels_of(y: Any) -> NDArray[Any]:
    """Class labels of ``y`` as an array of shape (n_rows,); one-hot rows become the column of their 1."""
    return _labels(y, len(y))


def _labels(y: Any, n_rows: int) -> NDArray[Any]:
    from contrapeso.samplers._target import open_target

    labels = np.asarray(open_target(y, n_rows).labels)
    found = next((label for label in labels if isinstance(label, tuple)), None) if labels.dtype == object else None
    if found is not None:
        raise InvalidDataError(
            f"Class labels must be text, numbers, booleans or dates; got the tuple {found!r}. Join its parts to a text."
        )
    return labels


def _taken(X: Any, y: Any, rows: Rows) -> tuple[Any, Any]:
    from contrapeso.samplers._target import open_target
    from contrapeso.tables._containers import open_table

    table = open_table(X)
    return table.take(rows), open_target(y, table.n_rows).take(rows)


def _cleaned(made: Any, rows: Rows) -> Any:
    """Origin of the new rows among ``rows`` of the grown table."""
    from contrapeso.samplers._combine import CleanedProvenance
    from contrapeso.samplers._provenance import Provenance

    at = np.searchsorted(made.rows, rows)
    mine = (at < len(made)) & (made.rows[np.minimum(at, max(len(made) - 1, 0))] == rows if len(made) else False)
    chosen = at[mine]
    facts = {field.name: getattr(made, field.name) for field in fields(Provenance)}
    facts |= {"parents": made.parents[chosen], "shares": made.shares[chosen]}
    return CleanedProvenance(**facts, places=np.flatnonzero(mine).astype(np.int64))


def _facts(choice: Choice) -> dict[str, Any]:
    """Parameters as they are written down; the sizes stand in the counts already."""
    return {name: value for name, value in choice.parameters.items() if name != "sampling_strategy"}


__all__ = ["Applied", "by_both", "by_dropping", "by_rule", "by_smote", "class_sizes", "grown", "labels_of", "smote_of"]
