"""What goes with the rows of a table goes with the new ones: mixed by the parents' shares, or the base's."""

import numpy as np
import pytest

from contrapeso.samplers import Provenance


def origin(parents: list[list[int]], shares: list[list[float]]) -> Provenance:
    return Provenance("SMOTE", 3, np.array(parents), np.array(shares), 0, {1: len(parents)}, np.array([1, 1, 0]))


def test_a_weight_is_the_mean_of_the_parents_by_their_shares() -> None:
    made = origin([[0, 1], [1, 2]], [[0.75, 0.25], [0.5, 0.5]])
    assert made.carried(np.array([1.0, 3.0, 5.0]), mixed=True).tolist() == [1.5, 4.0]
    assert made.carried(np.array(["a", "b", "c"]), mixed=False).tolist() == ["a", "b"]


def test_a_row_beyond_its_parents_has_a_weight_within_theirs() -> None:
    beyond = origin([[0, 1], [0, 1], [1, 0]], [[1.5, -0.5], [-1.0, 2.0], [1.5, -0.5]])
    assert beyond.carried(np.array([0.1, 1.0, 9.0]), mixed=True).tolist() == [0.1, 1.0, 1.0]


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7, 1.3, -0.3])
def test_parents_of_one_weight_give_that_weight_to_the_last_bit(share: float) -> None:
    assert origin([[0, 1]], [[1.0 - share, share]]).carried(np.full(3, 0.1), mixed=True).tolist() == [0.1]
