"""How many rows each class gains or keeps: ``sampling_strategy`` in all its forms, resolved to counts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from fractions import Fraction
from math import floor
from numbers import Integral, Real
from typing import Literal, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from contrapeso.errors import InvalidDataError, InvalidParameterError, SingleClassError

SamplingType: TypeAlias = Literal["over-sampling", "under-sampling"]
Counts: TypeAlias = dict[Hashable, int]
SamplingStrategy: TypeAlias = float | str | Mapping[Hashable, int] | Callable[..., Mapping[Hashable, int]]

STRATEGIES = ("minority", "majority", "not minority", "not majority", "all", "auto")


def check_sampling_strategy(sampling_strategy: SamplingStrategy, y: ArrayLike, sampling_type: SamplingType) -> Counts:
    """Class -> rows to make (over-sampling) or to keep (under-sampling), sorted by class.

    Parameters
    ----------
    sampling_strategy : float, str, mapping or callable
        A float is the wanted ratio minority / majority, in (0, 1], for two classes; it is read as the
        decimal it is written as (0.29 of 100 is 29). A str is one of 'minority', 'majority', 'not
        minority', 'not majority', 'all', 'auto' ('not majority' over, 'not minority' under). A
        mapping gives the wanted size of each class; a callable takes ``y`` and returns such a mapping.
    y : array-like of shape (n_samples,)
        Class labels.
    sampling_type : 'over-sampling' or 'under-sampling'

    Raises
    ------
    InvalidParameterError
        If the strategy is not one of these forms, or asks to shrink a class while over-sampling (or the
        reverse), or names a class that is not in ``y``.
    SingleClassError
        If ``y`` has one class.
    """
    if sampling_type not in {"over-sampling", "under-sampling"}:
        raise InvalidParameterError(
            f"'sampling_type' should be one of ('over-sampling', 'under-sampling'). Got {sampling_type!r} instead."
        )
    labels = np.asarray(y)
    counts = class_counts(labels)
    if len(counts) < 2:
        raise SingleClassError(
            f"The target 'y' needs to have more than 1 class. Got {len(counts)} class instead.",
            {"classes": [str(label) for label in counts]},
        )
    if isinstance(sampling_strategy, str):
        wanted = _from_name(sampling_strategy, counts, sampling_type)
    elif isinstance(sampling_strategy, Mapping):
        wanted = _from_mapping(sampling_strategy, counts, sampling_type)
    elif isinstance(sampling_strategy, Real) and not isinstance(sampling_strategy, bool):
        wanted = _from_ratio(float(sampling_strategy), counts, sampling_type)
    elif callable(sampling_strategy):
        wanted = _from_mapping(_called(sampling_strategy, y), counts, sampling_type)
    else:
        raise InvalidParameterError(
            "'sampling_strategy' should be a float, a str, a mapping of class to size or a callable. "
            f"Got {sampling_strategy!r} instead."
        )
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


def _called(strategy: Callable[..., Mapping[Hashable, int]], y: ArrayLike) -> Mapping[Hashable, int]:
    wanted = strategy(y)
    if not isinstance(wanted, Mapping):
        raise InvalidParameterError(
            f"The callable 'sampling_strategy' must return a mapping of class to size. Got {wanted!r} instead."
        )
    return wanted


def _from_mapping(sizes: Mapping[Hashable, int], counts: Counts, sampling_type: SamplingType) -> Counts:
    strangers = {label for label in sizes if label not in counts}
    if strangers:
        raise InvalidParameterError(
            f"The {strangers} target class is/are not present in the data. Classes: {list(counts)}."
        )
    broken = {label: n for label, n in sizes.items() if not isinstance(n, Integral) and float(n) != int(n)}
    if broken:
        raise InvalidParameterError(
            f"The number of samples in a class must be whole. 'sampling_strategy' has {broken}."
        )
    if any(n < 0 for n in sizes.values()):
        raise InvalidParameterError(
            "The number of samples in a class cannot be negative. "
            f"'sampling_strategy' contains some negative value: {dict(sizes)}"
        )
    return {label: _one(label, int(n), counts[label], sampling_type) for label, n in sizes.items()}


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
    if not 0 < ratio <= 1:
        raise InvalidParameterError(
            f"When 'sampling_strategy' is a float, it should be in the range (0, 1]. Got {ratio} instead."
        )
    if len(counts) > 2:
        raise InvalidParameterError(
            '"sampling_strategy" can be a float only when the type of target is binary. For multi-class, use a dict. '
            f"The target has {len(counts)} classes."
        )
    exact = Fraction(repr(ratio))
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
