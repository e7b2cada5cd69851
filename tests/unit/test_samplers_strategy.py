"""``sampling_strategy`` means what it means in imbalanced-learn, in all its forms."""

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from imblearn.utils import check_sampling_strategy as imblearn_check

from contrapeso.errors import InvalidDataError, InvalidParameterError, SingleClassError
from contrapeso.samplers import check_sampling_strategy
from contrapeso.samplers._strategy import SamplingType

NAMES = ["minority", "majority", "not minority", "not majority", "all", "auto"]
TYPES: list[SamplingType] = ["over-sampling", "under-sampling"]
ALL_TYPES: list[SamplingType] = [*TYPES, "clean-sampling"]

targets = st.lists(st.integers(1, 30), min_size=2, max_size=4).map(
    lambda sizes: np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
)


def outcome(check: Callable[..., Any], *args: object) -> object:
    try:
        return dict(check(*args))
    except ValueError:
        return "refused"


@given(targets, st.sampled_from(NAMES), st.sampled_from(ALL_TYPES))
def test_names_agree_with_imbalanced_learn(y: np.ndarray, name: str, sampling_type: SamplingType) -> None:
    assert outcome(check_sampling_strategy, name, y, sampling_type) == outcome(imblearn_check, name, y, sampling_type)


@given(targets, st.dictionaries(st.integers(0, 4), st.integers(-1, 40), max_size=4), st.sampled_from(TYPES))
def test_mappings_and_callables_agree_with_imbalanced_learn(
    y: np.ndarray, sizes: dict[int, int], sampling_type: SamplingType
) -> None:
    expected = outcome(imblearn_check, sizes, y, sampling_type)
    assert outcome(check_sampling_strategy, sizes, y, sampling_type) == expected
    assert outcome(check_sampling_strategy, lambda _: sizes, y, sampling_type) == expected


@given(st.integers(1, 200), st.integers(1, 200), st.integers(1, 100).map(lambda c: c / 100), st.sampled_from(TYPES))
def test_a_ratio_is_read_as_the_decimal_it_is_written_as(
    n0: int, n1: int, ratio: float, sampling_type: SamplingType
) -> None:
    y = np.repeat([0, 1], [n0, n1])
    ours, theirs = (outcome(check, ratio, y, sampling_type) for check in (check_sampling_strategy, imblearn_check))
    largest, smallest, exact = max(n0, n1), min(n0, n1), Decimal(str(ratio))
    if sampling_type == "over-sampling":
        wanted = math.floor(largest * exact) - smallest
        possible = wanted > 0
    else:
        wanted = math.floor(smallest / exact)
        possible = wanted <= largest
    assert ours == (
        {int(n0 >= n1) if sampling_type == "over-sampling" else int(n0 <= n1): wanted} if possible else "refused"
    )
    # imbalanced-learn multiplies and divides floats and truncates: 0.29 * 100 is 28 there, and 7 / 0.07 is 99
    if isinstance(ours, dict) and isinstance(theirs, dict):
        assert abs(next(iter(theirs.values())) - wanted) <= 1


@given(targets, st.lists(st.integers(0, 4), max_size=4, unique=True))
def test_lists_of_classes_to_clean_agree_with_imbalanced_learn(y: np.ndarray, classes: list[int]) -> None:
    expected = outcome(imblearn_check, classes, y, "clean-sampling")
    assert outcome(check_sampling_strategy, classes, y, "clean-sampling") == expected
    assert outcome(check_sampling_strategy, lambda _: classes, y, "clean-sampling") == expected
    assert outcome(check_sampling_strategy, np.array(classes, dtype=int), y, "clean-sampling") == expected


@given(targets, st.integers(1, 100), st.data())
def test_a_ratio_of_one_class_is_the_same_as_the_size_it_stands_for(
    y: np.ndarray, percent: int, data: st.DataObject
) -> None:
    sizes = np.bincount(y).tolist()
    label = data.draw(st.integers(0, len(sizes) - 1))
    for sampling_type in TYPES:
        size = max(sizes) * percent // 100 if sampling_type == "over-sampling" else min(sizes) * 100 // percent
        ours = outcome(check_sampling_strategy, {label: percent / 100}, y, sampling_type)
        assert ours == outcome(check_sampling_strategy, {label: size}, y, sampling_type)


def test_ratios_and_sizes_may_stand_side_by_side() -> None:
    y = np.repeat(["a", "b", "c"], [100, 10, 5])
    for ratio in (0.29, np.float32(0.29), Decimal("0.29"), Fraction(29, 100)):
        strategy: Any = {"b": ratio, "c": 7}
        assert check_sampling_strategy(strategy, y, "over-sampling") == {"b": 19, "c": 2}
        assert check_sampling_strategy(lambda _, given=strategy: given, y, "over-sampling") == {"b": 19, "c": 2}
    assert check_sampling_strategy({"a": 0.07, "b": 1.0, "c": 1}, y, "under-sampling") == {"a": 71, "b": 5, "c": 1}
    assert check_sampling_strategy({"a": 1.0}, y, "over-sampling") == {"a": 0}
    assert check_sampling_strategy({"b": 12.0}, y, "over-sampling") == {"b": 2}


def test_29_percent_of_100_is_29() -> None:
    y = np.repeat([0, 1], [100, 10])
    assert check_sampling_strategy(0.29, y, "over-sampling") == {1: 19}
    assert dict(imblearn_check(0.29, y, "over-sampling")) == {1: 18}


def test_the_answer_is_sorted_by_class_with_python_labels() -> None:
    y = np.array(["b"] * 3 + ["a"] * 5 + ["c"])
    answer = check_sampling_strategy({"c": 4, "b": 3}, y, "over-sampling")
    assert list(answer.items()) == [("b", 0), ("c", 3)]
    assert all(type(label) is str for label in answer)


def test_a_callable_gets_the_labels() -> None:
    seen = []

    def strategy(y: np.ndarray) -> dict[int, int]:
        seen.append(y)
        return {1: 2}

    check_sampling_strategy(strategy, [0, 0, 1], "over-sampling")
    assert seen == [[0, 0, 1]]


def test_a_callable_gets_the_arguments_meant_for_it() -> None:
    def strategy(y: list[int], times: int) -> dict[int, int]:
        return {1: y.count(1) * times}

    assert check_sampling_strategy(strategy, [0, 0, 1], "over-sampling", times=3) == {1: 2}


@pytest.mark.parametrize(
    ("strategy", "sampling_type", "says"),
    [
        ("majority", "over-sampling", "cannot be used with over-sampler"),
        ("minority", "under-sampling", "cannot be used with under-sampler"),
        ("most", "over-sampling", "needs to be one of"),
        (0.0, "over-sampling", r"in the range \(0, 1\]"),
        (1.5, "over-sampling", r"in the range \(0, 1\]"),
        (0.1, "over-sampling", "remove samples"),
        (0.1, "under-sampling", "generate new sample"),
        ({2: 9}, "over-sampling", "not present in the data"),
        ({1: -1}, "over-sampling", "cannot be negative"),
        ({0: 3}, "over-sampling", "should be greater or equal"),
        ({0: 9}, "under-sampling", "should be less or equal"),
        ({1: 4.5}, "over-sampling", "whole"),
        ({1: 0.4}, "over-sampling", r"Class 1 is already past the ratio 0\.4: it has 3 .* a ratio above 0\.5"),
        ({0: 0.3}, "under-sampling", r"Class 0 is already past the ratio 0\.3: it has 6 .* a ratio above 0\.5"),
        ({1: "many"}, "over-sampling", "whole number of samples or a ratio"),
        ({1: float("nan")}, "over-sampling", "must be whole"),
        (lambda y: 3, "over-sampling", "must return a mapping"),
        (lambda y: [0], "over-sampling", "must return a mapping"),
        (lambda y: "ab", "clean-sampling", "must return a list of classes"),
        (lambda y: {0: 3}, "clean-sampling", "dict for cleaning methods is not supported"),
        ([0], "over-sampling", "cannot be a list for samplers"),
        ([7], "clean-sampling", "not present in the data"),
        ({0: 3}, "clean-sampling", r"as a dict for cleaning methods is not supported.*\[0\]"),
        (0.5, "clean-sampling", "'clean-sampling' methods do let the user specify the sampling ratio"),
        (None, "over-sampling", "should be a float"),
        (None, "clean-sampling", "should be a str, a list of classes or a callable"),
        (True, "over-sampling", "should be a float"),
        ("auto", "cleaning", "'sampling_type' should be one of"),
    ],
)
def test_what_cannot_be_is_refused_with_the_rule(strategy: Any, sampling_type: Any, says: str) -> None:
    with pytest.raises(InvalidParameterError, match=says):
        check_sampling_strategy(strategy, [0] * 6 + [1] * 3, sampling_type)


def test_a_ratio_needs_two_classes() -> None:
    with pytest.raises(InvalidParameterError, match=r"binary.*dict of ratios.*\{0: 0\.5, \.\.\.\}"):
        check_sampling_strategy(0.5, [0, 0, 1, 2], "over-sampling")


def test_one_class_is_refused() -> None:
    with pytest.raises(SingleClassError, match="more than 1 class"):
        check_sampling_strategy("auto", [1, 1], "over-sampling")


def test_missing_labels_are_refused_with_their_row() -> None:
    with pytest.raises(InvalidDataError, match="the first in row 1"):
        check_sampling_strategy("auto", np.array([0.0, np.nan, 1.0]), "over-sampling")
