"""Random streams: reproducible, independent, and never drawn from the global state."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso._rng import child, generator, seed_sequence
from contrapeso.errors import InvalidParameterError

keys = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3).map(tuple)


def draws(sequence: np.random.SeedSequence, *key: int) -> list[int]:
    return [int(word) for word in generator(sequence, *key).integers(0, 2**63, size=8)]


@given(st.integers(0, 2**128), keys)
def test_the_same_seed_and_key_give_the_same_stream(seed: int, key: tuple[int, ...]) -> None:
    assert draws(seed_sequence(seed), *key) == draws(seed_sequence(seed), *key)


@given(st.integers(0, 2**64), keys, keys)
def test_two_keys_give_two_streams(seed: int, one: tuple[int, ...], other: tuple[int, ...]) -> None:
    if one != other:
        root = seed_sequence(seed)
        assert draws(root, *one) != draws(root, *other)


@given(st.integers(0, 2**64), st.integers(0, 2**64), keys)
def test_two_seeds_give_two_streams(seed: int, other: int, key: tuple[int, ...]) -> None:
    if seed != other:
        assert draws(seed_sequence(seed), *key) != draws(seed_sequence(other), *key)


@given(st.integers(0, 2**64), st.integers(0, 99), st.integers(0, 99))
def test_a_child_of_a_child_is_the_child_at_the_joined_key(seed: int, first: int, second: int) -> None:
    root = seed_sequence(seed)
    assert draws(child(root, first), second) == draws(root, first, second)


def test_asking_for_a_child_does_not_advance_the_parent() -> None:
    root = seed_sequence(7)
    before = draws(root, 2)
    for key in range(50):
        child(root, key)
    root.spawn(3)
    assert draws(root, 2) == before


def test_a_seed_gives_the_stream_of_numpy() -> None:
    sequence = np.random.SeedSequence(123, spawn_key=(4,))
    expected = np.random.Generator(np.random.PCG64DXSM(sequence)).random(5)
    np.testing.assert_array_equal(generator(seed_sequence(123), 4).random(5), expected)


def test_none_is_fresh_every_time() -> None:
    assert draws(seed_sequence(None)) != draws(seed_sequence(None))


def test_a_seed_sequence_is_taken_as_it_is() -> None:
    given_sequence = np.random.SeedSequence(5, spawn_key=(1, 2))
    given_sequence.spawn(4)
    assert draws(seed_sequence(given_sequence)) == draws(np.random.SeedSequence(5, spawn_key=(1, 2)))


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_a_generator_is_advanced_and_its_seed_decides(make: type) -> None:
    state = make(3)
    first, second = seed_sequence(state), seed_sequence(state)
    assert draws(first) != draws(second)
    assert draws(seed_sequence(make(3))) == draws(first)


def test_numpy_integers_are_seeds_too() -> None:
    assert draws(seed_sequence(np.int32(9))) == draws(seed_sequence(9))  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [-1, 1.0, True, "42", np.bool_(True), np.random, [1, 2]])
def test_anything_else_is_refused_with_the_rule(wrong: object) -> None:
    with pytest.raises(InvalidParameterError, match="random_state must be None, an int >= 0"):
        seed_sequence(wrong)  # type: ignore[arg-type]


def test_the_global_state_of_numpy_is_left_alone() -> None:
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # type: ignore[index, union-attr]  # noqa: NPY002
    generator(seed_sequence(None), 1).random(10)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # type: ignore[index]  # noqa: NPY002
