"""The resampling methods that :class:`SMOTEImplementation` offers, and the choice among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any, TypeAlias

from contrapeso.errors import InvalidParameterError

Parameters: TypeAlias = dict[str, Any]  # parameters of a sampler, which checks them itself


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """One method: the sampler's name, what it takes and when it fits."""

    sampler: str
    name: str
    description: str
    best_for: str
    complexity: str
    parameters: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """Plain dict."""
        return {
            "name": self.name,
            "description": self.description,
            "best_for": self.best_for,
            "complexity": self.complexity,
            "parameters": list(self.parameters),
        }


METHODS: Mapping[str, MethodInfo] = {
    "random_over": MethodInfo(
        "RandomOverSampler",
        "Random over-sampling",
        "Copies rows of the smaller classes, drawn with replacement.",
        "Any column kinds, classes of a single row, and as the baseline that others must beat.",
        "O(new rows)",
        ("sampling_strategy", "random_state", "shrinkage"),
    ),
    "random_under": MethodInfo(
        "RandomUnderSampler",
        "Random under-sampling",
        "Drops rows of the larger classes by lot; those that stay keep their order.",
        "Large tables whose rare class has hundreds of rows.",
        "O(rows)",
        ("sampling_strategy", "random_state", "replacement"),
    ),
    "smote": MethodInfo(
        "SMOTE",
        "SMOTE",
        "Makes points between a row and one of its nearest neighbours of the same class.",
        "Tables of numbers and dates only, with more than k_neighbors rows in each class.",
        "O(n^2 p) at worst in the n rows and p columns of a class",
        ("sampling_strategy", "random_state", "k_neighbors"),
    ),
    "smotenc": MethodInfo(
        "SMOTENC",
        "SMOTE-NC",
        "SMOTE for mixed tables: numbers are interpolated, categories are voted by the neighbours.",
        "Tables with numbers and categories, as bank transactions are.",
        "O(n^2 (p + q)) in the n rows, p number and q category columns of a class",
        ("sampling_strategy", "random_state", "k_neighbors", "categorical_features"),
    ),
}


def sampler_class(method: str) -> Any:
    """Class of the sampler; loads scikit-learn."""
    return getattr(import_module("contrapeso.samplers"), METHODS[method].sampler)


def check_method(method: str, more: tuple[str, ...] = ("auto",)) -> None:
    """Refuse a method that does not exist.

    Raises
    ------
    InvalidParameterError
        The message names the nearest method.
    """
    valid = (*more, *METHODS)
    if method not in valid:
        nearest = get_close_matches(str(method), valid, n=1, cutoff=0.0)[0]
        raise InvalidParameterError(
            f"There is no method {method!r}; the nearest is {nearest!r}. Methods: {', '.join(valid)}.",
            {"method": str(method), "nearest": nearest},
        )


def check_parameters(method: str, given: Mapping[str, object]) -> None:
    """Refuse parameters that ``method`` does not take.

    Raises
    ------
    InvalidParameterError
        The message names the parameters it takes.
    """
    valid = {name for m in ([method] if method in METHODS else METHODS) for name in METHODS[m].parameters}
    for name in given:
        if name not in valid:
            raise InvalidParameterError(
                f"{method!r} has no parameter {name!r}; it takes {', '.join(sorted(valid))}.", {"parameter": name}
            )


@dataclass(frozen=True)
class Choice:
    """A method with its parameters, and the sentences that say what was changed."""

    method: str
    parameters: Parameters
    notes: tuple[str, ...]


def choose(X: Any, y: Any, wanted: str, defaults: Mapping[str, object], given: Mapping[str, object]) -> Choice:
    """The method and its parameters: ``given`` over ``defaults``, only what the method takes.

    'auto' takes SMOTE for numbers and dates, SMOTENC where some columns are categorical and random copies
    where all are; it lowers ``k_neighbors`` to the smallest class that grows. A named method is not changed.
    """
    check_parameters(wanted, given)
    categorical = categorical_columns(X) if wanted in {"auto", "smotenc"} else []
    method, notes = _by_columns(X, categorical, given) if wanted == "auto" else (wanted, [])
    parameters = {**defaults, **given}
    if method == "smotenc" and "categorical_features" not in given:
        parameters["categorical_features"] = categorical
    if wanted == "auto" and "k_neighbors" in METHODS[method].parameters:
        method = _fit_k(y, method, parameters, notes)
    kept = {name: value for name, value in parameters.items() if name in METHODS[method].parameters}
    return Choice(method, kept, tuple(notes))


def categorical_columns(X: Any) -> list[int]:
    """Positions of the columns that hold neither numbers nor dates."""
    smote = import_module("contrapeso.samplers._smote")
    containers = import_module("contrapeso.tables._containers")
    table = containers.open_table(X)
    if isinstance(table, containers.SparseTable):
        return []
    frame = table.frame()
    return [j for j, label in enumerate(frame.columns) if smote.is_categorical(frame.iloc[:, j], str(label))]


def _by_columns(X: Any, categorical: list[int], given: Mapping[str, object]) -> tuple[str, list[str]]:
    if "categorical_features" in given:
        return "smotenc", ["smotenc: the caller named categorical columns"]
    if not categorical:
        return "smote", ["smote: every column holds numbers or dates"]
    n_columns = import_module("contrapeso.tables._containers").open_table(X).n_columns
    if len(categorical) == n_columns:
        return "random_over", ["random_over: every column is categorical, nothing can be interpolated"]
    return "smotenc", [f"smotenc: {len(categorical)} of {n_columns} columns are categorical"]


def _fit_k(y: Any, method: str, parameters: Parameters, notes: list[str]) -> str:
    """Lower ``k_neighbors`` to what the smallest growing class allows; the method that remains possible."""
    samplers = import_module("contrapeso.samplers")
    opened = import_module("contrapeso.samplers._target").open_target(y, len(y))
    plan = samplers.check_sampling_strategy(parameters["sampling_strategy"], opened.labels, "over-sampling")
    sizes = {label: int((opened.labels == label).sum()) for label, n in plan.items() if n > 0}
    k = parameters["k_neighbors"]
    if not sizes or not isinstance(k, int) or min(sizes.values()) > k:
        return method
    label = min(sizes, key=lambda name: sizes[name])
    if sizes[label] == 1:
        notes.append(f"random_over: class {label!r} has a single row, and no method can interpolate one row")
        return "random_over"
    parameters["k_neighbors"] = sizes[label] - 1
    notes.append(f"k_neighbors lowered from {k} to {sizes[label] - 1}: class {label!r} has {sizes[label]} rows")
    return method


__all__ = [
    "METHODS",
    "Choice",
    "MethodInfo",
    "Parameters",
    "check_method",
    "check_parameters",
    "choose",
    "sampler_class",
]
