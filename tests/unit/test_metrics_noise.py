"""The noise floors: what two fresh samples of one population differ by, checked against simulation."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.metrics import column_floor, column_score, kish_size, pair_dependence, pair_floors, table_score

P = np.array([0.4, 0.3, 0.15, 0.1, 0.05])
JOINT = np.array([[0.2, 0.05, 0.05], [0.05, 0.25, 0.1], [0.02, 0.08, 0.2]])


def shares(counts):
    return counts / counts.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(("n", "m"), [(50, 50), (300, 1000), (5000, 5000)])
def test_the_column_floor_is_the_mean_distance_of_two_fresh_samples(n, m):
    rng = np.random.default_rng(0)
    real, synthetic = rng.multinomial(n, P, 4000), rng.multinomial(m, P, 4000)
    distances = np.abs(shares(real) - shares(synthetic)).sum(axis=1) / 2
    floors = [column_floor(real[k : k + 1].astype(float), synthetic[k : k + 1].astype(float)) for k in range(200)]
    assert np.mean(floors) == pytest.approx(distances.mean(), rel=0.05)


def test_the_column_floor_of_a_rare_class_has_the_noise_of_its_few_rows():
    """One class of 10 and one of 1000 real rows, weighted half and half, against 500 fresh rows of each."""
    rng = np.random.default_rng(1)
    other = P[::-1]
    sizes, mix = np.array([10.0, 1000.0]), np.array([0.5, 0.5])
    distances, floors = [], []
    for _ in range(2000):
        real = np.array([rng.multinomial(10, P), rng.multinomial(1000, other)]).astype(float)
        synthetic = np.array([rng.multinomial(500, P), rng.multinomial(500, other)]).astype(float)
        weighted = (mix[:, None] * shares(real)).sum(axis=0)
        distances.append(np.abs(weighted - synthetic.sum(axis=0) / 1000).sum() / 2)
        floors.append(column_floor(real, synthetic, mix, mix))
    assert np.mean(floors) == pytest.approx(np.mean(distances), rel=0.07)
    assert kish_size(mix, sizes) == pytest.approx(1 / (0.25 / 10 + 0.25 / 1000))


@pytest.mark.parametrize(("n", "m"), [(300, 300), (2000, 700)])
def test_the_pair_floor_is_the_mean_distance_of_two_fresh_residual_tables(n, m):
    rng = np.random.default_rng(2)
    real = rng.multinomial(n, JOINT.ravel(), 1500).reshape(-1, 3, 3).astype(float)
    synthetic = rng.multinomial(m, JOINT.ravel(), 1500).reshape(-1, 3, 3).astype(float)

    def residuals(tables):
        p = tables / tables.sum(axis=(1, 2), keepdims=True)
        return p - p.sum(axis=2, keepdims=True) * p.sum(axis=1, keepdims=True)

    distances = np.abs(residuals(real) - residuals(synthetic)).sum(axis=(1, 2)) / 2
    floors = [pair_floors(real[k : k + 1], synthetic[k : k + 1])[2] for k in range(200)]
    assert np.mean(floors) == pytest.approx(distances.mean(), rel=0.05)


def test_the_pair_floor_adds_the_classes_up():
    rng = np.random.default_rng(3)
    mix, sizes = np.array([0.5, 0.5]), (40, 2000)
    tables = (JOINT, JOINT[::-1])
    distances, floors = [], []
    for _ in range(1500):
        real, synthetic = (
            np.array([rng.multinomial(n, t.ravel()).reshape(3, 3) for n, t in zip(ns, tables, strict=True)])
            for ns in (sizes, (600, 600))
        )
        parts = []
        for counts in (real, synthetic):
            p = np.einsum("c,cij->ij", mix, counts / counts.sum(axis=(1, 2), keepdims=True))
            parts.append(p - np.outer(p.sum(axis=1), p.sum(axis=0)))
        distances.append(np.abs(parts[0] - parts[1]).sum() / 2)
        floors.append(pair_floors(real.astype(float), synthetic.astype(float), mix, mix)[2])
    assert np.mean(floors) == pytest.approx(np.mean(distances), rel=0.07)


def test_a_fresh_column_scores_near_one_at_any_size():
    rng = np.random.default_rng(4)
    for n in (30, 300, 30_000):
        real, synthetic = rng.multinomial(n, P, 300), rng.multinomial(n, P, 300)
        scores = [
            column_score(r / n, s / n, column_floor(r[None].astype(float), s[None].astype(float)))
            for r, s in zip(real, synthetic, strict=True)
        ]
        assert np.mean(scores) > 0.95


@given(st.lists(st.integers(0, 100), min_size=2, max_size=8), st.integers(0, 7))
def test_a_column_score_is_one_on_itself_and_falls_as_mass_moves(counts, cell):
    p = (np.array(counts) + 1) / (np.array(counts) + 1).sum()
    target = np.eye(len(p))[cell % len(p)]
    scores = [float(column_score(p, (1 - t) * p + t * target, 0.01)) for t in (0.0, 0.25, 0.5, 1.0)]
    assert scores[0] == 1
    assert all(a >= b - 1e-12 for a, b in pairwise(scores))


def test_one_broken_column_in_ten_pulls_the_table_score_down():
    scores = np.ones(10)
    scores[3] = 0.5
    assert table_score(scores) == pytest.approx(0.5 * 0.95 + 0.5 * 0.5)
    assert table_score(np.array([0.7])) == pytest.approx(0.7)


def test_pair_dependence_tells_kept_lost_and_invented():
    kept = np.array([[400.0, 100.0], [100.0, 400.0]])
    flat = np.full((2, 2), 250.0)
    real, synthetic, score = pair_dependence(kept, kept)
    assert (real, score) == (synthetic, 1.0)
    assert pair_dependence(kept, flat)[2] < 0.1
    assert pair_dependence(flat, kept)[2] < 0.1
    assert np.isnan(pair_dependence(flat, flat)[2])


def test_pair_dependence_does_not_count_a_marginal_error_again():
    real = np.outer([0.5, 0.5], [0.5, 0.5]) * 1000
    moved = np.outer([0.9, 0.1], [0.5, 0.5]) * 1000
    assert np.isnan(pair_dependence(real, moved)[2])
