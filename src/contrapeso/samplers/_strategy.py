"""How many rows each class gains or keeps: ``sampling_strategy`` in all its forms, resolved to counts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from numbers import Integral, Rational, Real
from typing import Literal, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from contrapeso.errors import InvalidDataError, InvalidParameterError, SingleClassError

SamplingType: TypeAlias = Literal["over-sampling", "under-sampling", "clean-sampling"]
Counts: TypeAlias = dict[Hashable, int]
Sizes: TypeAlias = Mapping[Hashable, float]
SamplingStrategy: TypeAlias = float | str | Sizes | Sequence[Hashable] | Callable[..., Sizes | Iterable[Hashable]]

STRATEGIES = ("minority", "majority", "not minority", "not majority", "all", "auto")
SAMPLING_TYPES = ("over-sampling", "under-sampling", "clean-sampling")


def check_sampling_strategy(
    sampling_strategy: SamplingStrategy, y: ArrayLike, sampling_type: SamplingType, **kwargs: object
) -> Counts:
    """Class -> rows to make (over-sampling) or to keep (under-sampling), sorted by class.

    When cleaning, the classes are those whose rows may go, with the size of the smallest class.

    Parameters
    ----------
    sampling_strategy : float, str, mapping, list or callable
        - A float is the wanted ratio minority / majority, in (0, 1], for two classes; it is read as the
          decimal it is written as (0.29 of 100 is 29).
        - A str is one of 'minority', 'majority', 'not minority', 'not majority', 'all', 'auto' ('not
          majority' over, 'not minority' otherwise).
        - A mapping gives the wanted size of each class, or, as a float in (0, 1], its wanted ratio: the
          class to the largest class (over-sampling), the smallest class to the class (under-sampling).
        - A list, for cleaning alone, names the classes to clean.
        - A callable takes ``y`` and returns such a mapping, or such a list for cleaning.
    y : array-like of shape (n_samples,)
        Class labels.
    sampling_type : 'over-sampling', 'under-sampling' or 'clean-sampling'
    **kwargs
        Passed on to a callable strategy.

    Raises
    ------
    InvalidParameterError
        If the strategy is not one of these forms, or asks to shrink a class while over-sampling (or the
        reverse), or names a class that is not in ``y``.
    SingleClassError
        If ``y`` has one class.

    Examples
    --------
    >>> from contrapeso.samplers import check_sampling_strategy
    >>> y = ["a"] * 100 + ["b"] * 40 + ["c"] * 5
    >>> check_sampling_strategy({"b": 0.5, "c": 20}, y, "over-sampling")
    {'b': 10, 'c': 15}
    >>> check_sampling_strategy({"a": 0.1}, y, "under-sampling")
    {'a': 50}
    """
    if sampling_type not in SAMPLING_TYPES:
        raise InvalidParameterError(
            f"'sampling_type' should be one of {SAMPLING_TYPES}. Got {sampling_type!r} instead."
        )
    counts = class_counts(np.asarray(y))
    if len(counts) < 2:
        raise SingleClassError(
            f"The target 'y' needs to have more than 1 class. Got {len(counts)} class instead.",
            {"classes": [str(label) for label in counts]},
        )
    if isinstance(sampling_strategy, str):
        wanted = _from_name(sampling_strategy, counts, sampling_type)
    elif isinstance(sampling_strategy, (Real, Decimal)) and not isinstance(sampling_strategy, bool):
        wanted = _from_ratio(sampling_strategy, counts, sampling_type)
    elif callable(sampling_strategy):
        wanted = _from_classes_or_sizes(sampling_strategy(y, **kwargs), counts, sampling_type, whose="callable")
    else:
        wanted = _from_classes_or_sizes(sampling_strategy, counts, sampling_type)
    return {label: wanted[label] for label in counts if label in wanted}


def class_counts(labels: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Counts:
    """Class -> rows, sorted by class, with Python labels."""
    codes, classes = pd.factorize(labels, sort=True)
    if bool((codes < 0).any()):
        raise InvalidDataError(
            f"The target 'y' has {int((codes < 0).sum())} missing labels "
            f"(the first in row {int(np.argmax(codes < 0))}). Drop those rows or give them a class.",
        )
    sizes = np.bincount(codes, minlength=len(classes)).tolist()
    return dict(zip(pd.Index(classes), sizes, strict=True))


def majority_of(counts: Counts) -> Hashable:
    """The largest class; the first in order among equals."""
    return max(counts, key=lambda label: counts[label])


def minority_of(counts: Counts) -> Hashable:
    """The smallest class; the first in order among equals."""
    return min(counts, key=lambda label: counts[label])


def _from_name(name: str, counts: Counts, sampling_type: SamplingType) -> Counts:
    if name not in STRATEGIES:
        raise InvalidParameterError(
            f"When 'sampling_strategy' is a string, it needs to be one of {STRATEGIES}. Got {name!r} instead."
        )
    over = sampling_type == "over-sampling"
    if name == ("majority" if over else "minority"):
        kind = "over-sampler" if over else "under-sampler and clean-sampler"
        raise InvalidParameterError(f"'sampling_strategy'={name!r} cannot be used with {kind}.")
    name = ("not majority" if over else "not minority") if name == "auto" else name
    largest, smallest = majority_of(counts), minority_of(counts)
    tests: dict[str, Callable[[Hashable], bool]] = {
        "minority": lambda label: label == smallest,
        "majority": lambda label: label == largest,
        "not minority": lambda label: label != smallest,
        "not majority": lambda label: label != largest,
        "all": lambda _: True,
    }
    touched = tests[name]
    made = (
        {label: counts[largest] - n for label, n in counts.items()} if over else dict.fromkeys(counts, counts[smallest])
    )
    return {label: n for label, n in made.items() if touched(label)}


def _from_classes_or_sizes(given: object, counts: Counts, sampling_type: SamplingType, whose: str = "") -> Counts:
    """Of a mapping of class to size or ratio, or, when cleaning, of the classes to clean."""
    cleaning = sampling_type == "clean-sampling"
    if isinstance(given, Mapping):
        if cleaning:
            raise InvalidParameterError(
                "'sampling_strategy' as a dict for cleaning methods is not supported. Please give a list of the "
                f"classes to be cleaned: {list(given)}."
            )
        return _from_mapping(given, counts, sampling_type)
    if cleaning and isinstance(given, Iterable) and not isinstance(given, (str, bytes)):
        return _from_classes(list(given), counts)
    if isinstance(given, (list, tuple, set, frozenset, np.ndarray)) and not whose:
        raise InvalidParameterError(
            "'sampling_strategy' cannot be a list for samplers which are not cleaning methods. Give a mapping of "
            f"class to size or ratio. Got {given!r} instead."
        )
    forms = "a list of classes" if cleaning else "a mapping of class to size or ratio"
    if whose:
        raise InvalidParameterError(f"The {whose} 'sampling_strategy' must return {forms}. Got {given!r} instead.")
    raise InvalidParameterError(
        f"'sampling_strategy' should be {'' if cleaning else 'a float, '}a str, {forms} or a callable. "
        f"Got {given!r} instead."
    )


def _from_classes(classes: list[Hashable], counts: Counts) -> Counts:
    _refuse_strangers(classes, counts)
    return dict.fromkeys(classes, min(counts.values()))


def _refuse_strangers(labels: Iterable[Hashable], counts: Counts) -> None:
    strangers = [label for label in labels if label not in counts]
    if strangers:
        raise InvalidParameterError(
            f"The {strangers} target class is/are not present in the data. Classes: {list(counts)}."
        )


def _from_mapping(sizes: Sizes, counts: Counts, sampling_type: SamplingType) -> Counts:
    _refuse_strangers(sizes, counts)
    wanted = {label: _size(label, size, counts, sampling_type) for label, size in sizes.items()}
    return {label: _one(label, n, counts[label], sampling_type) for label, n in wanted.items()}


def _size(label: Hashable, size: float, counts: Counts, sampling_type: SamplingType) -> int:
    """The wanted rows of a class, which the caller gave as a number or as a ratio."""
    if not isinstance(size, (Real, Decimal)):
        raise InvalidParameterError(
            f"The size of class {label!r} in 'sampling_strategy' should be a whole number of samples or a ratio in "
            f"(0, 1]. Got {size!r} instead."
        )
    if size < 0:
        raise InvalidParameterError(
            "The number of samples in a class cannot be negative. 'sampling_strategy' contains some negative value: "
            f"{size} for class {label!r}."
        )
    if isinstance(size, Integral):
        return int(size)
    if 0 < size <= 1:
        return _size_of_ratio(label, size, counts, sampling_type)
    if size == size // 1:
        return int(size)
    raise InvalidParameterError(
        f"The number of samples in a class must be whole, or a ratio in (0, 1]. 'sampling_strategy' has {size} for "
        f"class {label!r}."
    )


def _size_of_ratio(label: Hashable, ratio: float, counts: Counts, sampling_type: SamplingType) -> int:
    present, exact = counts[label], _exact(ratio)
    if sampling_type == "over-sampling":
        largest = max(counts.values())
        if floor(largest * exact) < present:
            raise InvalidParameterError(
                f"Class {label!r} is already past the ratio {ratio}: it has {present} samples, and the ratio to the "
                f"largest class ({largest}) asks for {floor(largest * exact)}. Give it a ratio above "
                f"{present / largest:.4g}, or leave it out."
            )
        return floor(largest * exact)
    smallest = min(counts.values())
    if floor(smallest / exact) > present:
        raise InvalidParameterError(
            f"Class {label!r} is already past the ratio {ratio}: it has {present} samples, and the smallest class "
            f"({smallest}) is that part of {floor(smallest / exact)}. Give it a ratio above "
            f"{smallest / present:.4g}, or leave it out."
        )
    return floor(smallest / exact)


def _exact(ratio: float) -> Fraction:
    """``ratio`` as the decimal it is written as."""
    return Fraction(ratio) if isinstance(ratio, (Rational, Decimal)) else Fraction(str(ratio))


def _one(label: Hashable, wanted: int, present: int, sampling_type: SamplingType) -> int:
    over = sampling_type == "over-sampling"
    if (wanted < present) if over else (wanted > present):
        method, rule = ("over", "greater") if over else ("under", "less")
        raise InvalidParameterError(
            f"With {method}-sampling methods, the number of samples in a class should be {rule} or equal to "
            f"the original number of samples. Originally, there is {present} samples and {wanted} samples are asked "
            f"for class {label!r}."
        )
    return wanted - present if over else wanted


def _from_ratio(ratio: float, counts: Counts, sampling_type: SamplingType) -> Counts:
    if sampling_type == "clean-sampling":
        raise InvalidParameterError(
            "No 'clean-sampling' methods do let the user specify the sampling ratio: they find out how many rows "
            f"go. Give a str or a list of the classes to be cleaned. Got {ratio} instead."
        )
    if not 0 < ratio <= 1:
        raise InvalidParameterError(
            f"When 'sampling_strategy' is a float, it should be in the range (0, 1]. Got {ratio} instead."
        )
    if len(counts) > 2:
        raise InvalidParameterError(
            '"sampling_strategy" can be a float only when the type of target is binary. For multi-class, use a dict '
            f"of ratios, one for each class to be changed: {{{next(iter(counts))!r}: {ratio}, ...}}. "
            f"The target has {len(counts)} classes."
        )
    exact = _exact(ratio)
    largest, smallest = majority_of(counts), minority_of(counts)
    if sampling_type == "under-sampling":
        other = next(label for label in counts if label != smallest)
        kept = floor(counts[smallest] / exact)
        if kept > counts[other]:
            raise InvalidParameterError(
                "The specified ratio required to generate new sample in the majority class while trying to remove "
                f"samples. Please increase the ratio. (ratio {ratio}, classes {counts})"
            )
        return {other: kept}
    other = next(label for label in counts if label != largest)
    made = floor(counts[largest] * exact) - counts[other]
    if made <= 0:
        raise InvalidParameterError(
            "The specified ratio required to remove samples from the minority class while trying to generate new "
            f"samples. Please increase the ratio. (ratio {ratio}, classes {counts})"
        )
    return cast(Counts, {other: made})


__all__ = [
    "Counts",
    "SamplingStrategy",
    "SamplingType",
    "check_sampling_strategy",
    "class_counts",
    "majority_of",
    "minority_of",
]
