"""Lee: which new rows are rejected, by hand and by brute force; counts stay exact."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from contrapeso.errors import ContrapesoWarning, CopiesWarning, FewSamplesWarning, TooFewSamplesError
from contrapeso.samplers import Lee

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(80, 3)), np.repeat([0, 1, 2], [45, 20, 15])


def test_a_worked_example() -> None:
    # Class at 0 and 10, others at 4 to 6: between 2 and 8 the nearest row is of the others.
    table = np.array([[4.0], [5.0], [6.0], *[[5.0]] * 37, [0.0], [10.0]])
    y = np.repeat([0, 1], [40, 2])
    sampler = Lee(k_neighbors=1, n_neighbors=1, random_state=0)
    made = sampler.fit_resample(table, y)[0][42:, 0]
    assert len(made) == 38
    assert ((made < 2) | (made > 8)).all()
    assert 30 <= sampler.n_rejected_[1] <= 110  # three of five go: 57 expected, three standard deviations 37


APART = X + 1.5 * Y[:, None]


def share_of_strangers(point: np.ndarray, label: int, k: int) -> float:
    order = sorted(range(80), key=lambda i: (np.square(APART[i] - point).sum(), i))
    return float(np.mean(Y[order[:k]] != label))


@pytest.mark.parametrize("level", [0.0, 0.4, 0.5, 0.8])
def test_no_accepted_row_has_more_strangers_around_than_the_level(level: float) -> None:
    sampler = Lee(n_neighbors=5, rejection_level=level, max_rounds=200, random_state=0)
    made, labels = sampler.fit_resample(APART, Y)
    shares = [share_of_strangers(row, label, 5) for row, label in zip(made[80:], labels[80:], strict=True)]
    assert max(shares) <= level
    assert min(sampler.n_rejected_.values()) > 0 or level > 0.5
    assert Counter(labels.tolist()) == {0: 45, 1: 45, 2: 45}


def test_level_one_rejects_nothing_and_makes_one_round() -> None:
    sampler = Lee(rejection_level=1.0, max_rounds=1, random_state=0)
    sampler.fit_resample(X, Y)
    assert sampler.n_rejected_ == {1: 0, 2: 0}
    served = np.bincount(sampler.sample_parents_[:, 0], minlength=80)[45:65]
    assert served.max() - served.min() <= 1


def test_what_cannot_be_accepted_is_taken_with_a_warning() -> None:
    table, y = np.vstack([np.zeros((40, 2)), [[0.0, 1e-9], [0.0, -1e-9]]]), np.repeat([0, 1], [40, 2])
    sampler = Lee(k_neighbors=1, rejection_level=0.0, max_rounds=3, random_state=0)
    with pytest.warns(ContrapesoWarning, match="after 3 rounds 38 of 38"):
        _, labels = sampler.fit_resample(table, y)
    assert Counter(labels.tolist()) == {0: 40, 1: 40}


def test_mixed_tables_with_missing_values() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "v": np.round(rng.gamma(2, 50, 80), 2),
            "dia": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 90, 80), unit="D"),
            "uf": rng.choice(["SP", "RJ", "MG"], 80),
        }
    )
    frame.loc[::7, "v"] = np.nan
    sampler = Lee(rejection_level=0.8, random_state=0)
    made, _ = sampler.fit_resample(frame, Y)
    assert (made.dtypes == frame.dtypes).all()
    assert_array_equal(made["v"].isna().iloc[80:], frame["v"].isna().iloc[sampler.sample_indices_[80:]])
    assert set(made["uf"]) == {"SP", "RJ", "MG"}


def test_new_rows_lie_between_their_parents() -> None:
    sampler = Lee(rejection_level=0.8, random_state=0)
    made = sampler.fit_resample(X, Y)[0][80:]
    parents, share = X[sampler.sample_parents_], sampler.sample_weights_[:, :, None]
    np.testing.assert_allclose(made, (parents * share).sum(axis=1), atol=1e-12)


def test_degenerate_classes_are_copied_with_a_warning_or_refused() -> None:
    y = np.repeat([0, 1], [79, 1])
    with pytest.warns(FewSamplesWarning):
        made, _ = Lee(random_state=0).fit_resample(X, y)
    assert_array_equal(made[80:], np.tile(X[79], (78, 1)))
    with pytest.raises(TooFewSamplesError):
        Lee(few_samples="raise").fit_resample(X, y)
    with pytest.warns(CopiesWarning):
        Lee(random_state=0).fit_resample(np.where((Y == 0)[:, None], X, 1.0), np.minimum(Y, 1))


def test_the_same_seed_gives_the_same_rows_on_any_number_of_threads() -> None:
    first, second = (Lee(random_state=3, n_jobs=n, rejection_level=0.8).fit_resample(X, Y)[0] for n in (1, 2))
    assert_array_equal(first, second)
    assert not np.array_equal(first, Lee(random_state=4, rejection_level=0.8).fit_resample(X, Y)[0])
