"""The far ends of generated columns: as often as in the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from scipy import stats  # noqa: E402

from contrapeso.generators import (  # noqa: E402
    AutoregressiveSynthesizer,
    DiffusionNetwork,
    DiffusionSynthesizer,
    Training,
    VAESynthesizer,
)
from contrapeso.generators.deep._cells import Cells, Parts  # noqa: E402
from contrapeso.generators.deep._noise import Preconditioning, heun, karras_sigmas  # noqa: E402
from contrapeso.tables.encoding._tokens import Token  # noqa: E402

N_ROWS, N_NEW = 8_000, 100_000
SMALL = DiffusionNetwork(width=64, n_blocks=1)
FAMILIES = {
    "autoregressive": AutoregressiveSynthesizer(random_state=0),
    "vae": VAESynthesizer(random_state=0),
    "diffusion": DiffusionSynthesizer(SMALL, Training(epochs=12), random_state=0),
}
LEVELS = (0.01, 0.002)
AT_MOST = {0.01: (0.75, 1.3), 0.002: (0.6, 1.5)}
"""Bounds of the rate beyond a quantile over the training rate, mean over both ends of four columns."""


def table(n, seed):
    """Four laws that share a factor, and two categories that move them."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    factor = rng.normal(size=n)

    def normal(weight):
        return weight * factor + np.sqrt(1 - weight**2) * rng.normal(size=n)

    return pd.DataFrame(
        {
            "kind": np.array(["a", "b", "c"])[kind],
            "flag": np.where(rng.random(n) < 0.2 + 0.3 * kind, "x", "y"),
            "lognormal": np.exp(normal(0.7) + 0.5 * kind),
            "normal": normal(0.8),
            "student": stats.t.ppf(stats.norm.cdf(normal(0.5)), 3),
            "uniform": stats.norm.cdf(normal(0.6)),
        }
    )


def exceedance_ratios(made, real, level):
    """Generated over real share of rows beyond the quantiles at ``level`` and 1 - ``level`` of the real rows."""
    found = []
    for name in real.columns[2:]:
        low, high = np.quantile(real[name], [level, 1 - level])
        found += [(made[name] < low).mean() / (real[name] < low).mean()]
        found += [(made[name] > high).mean() / (real[name] > high).mean()]
    return np.array(found)


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_values_beyond_the_far_quantiles_come_about_as_often_as_in_the_training_rows(family):
    real = table(N_ROWS, seed=0)
    made = FAMILIES[family].fit(real).sample(N_NEW, random_state=1)
    for level in LEVELS:
        least, most = AT_MOST[level]
        assert least < exceedance_ratios(made, real, level).mean() < most


# --- cells of the autoregressive family and the VAE


def token(masses, *, within=None):
    """A number column of bins with these masses."""
    share = np.asarray(masses, dtype=float) / np.sum(masses)
    middle = stats.norm.ppf(np.cumsum(share) - share / 2)
    inside = np.ones(len(share), dtype=bool) if within is None else np.asarray(within)
    return Token(
        "x", "value", len(share), middle.astype(np.float32), np.log(share).astype(np.float32), inside, residual=True
    )


def one_part(mean, log_scale, n):
    return Parts(torch.zeros(n, 1), torch.full((n, 1), mean), torch.full((n, 1), log_scale))


@given(st.lists(st.floats(0.5, 20), min_size=2, max_size=40), st.floats(0.001, 0.999), st.data())
def test_a_position_comes_back_from_its_score(masses, place, data):
    cells = Cells(token(masses), 5_000)
    code = torch.tensor([data.draw(st.integers(0, len(masses) - 1))])
    score = cells.scores(code, torch.tensor([place]))
    assert float(cells._position(code, score.double())) == pytest.approx(place, abs=2e-3)
    low, high = float(cells.edges[code]), float(cells.edges[code + 1])
    assert low - 1e-4 <= float(score) <= high + 1e-4


@given(st.lists(st.floats(0.5, 20), min_size=2, max_size=40))
def test_scores_ascend_with_the_value_across_all_cells(masses):
    cells = Cells(token(masses), 5_000)
    codes = torch.arange(len(masses)).repeat_interleave(9)
    scores = cells.scores(codes, torch.linspace(0.01, 0.99, 9).repeat(len(masses)))
    assert bool((scores.diff() > 0).all())


@pytest.mark.parametrize("code", [0, 49])
def test_the_density_of_the_score_does_not_jump_at_the_inner_edge_of_an_outer_cell(code):
    cells = Cells(token(np.ones(50)), 20_000)
    inner = 1.0 if code == 0 else 0.0
    near = abs(inner - 1e-3)
    outside = torch.tensor([1 if code == 0 else 48])
    edge = float(cells.edges[1 if code == 0 else 49])
    own = abs(float(cells.scores(torch.tensor([code]), torch.tensor([near]))) - edge)
    other = abs(float(cells.scores(outside, torch.tensor([1 - near]))) - edge)
    assert own == pytest.approx(other, rel=0.02)


@pytest.mark.parametrize("code", [0, 49])
def test_a_logistic_far_from_an_outer_cell_lays_rows_evenly_in_it(code):
    """Kolmogorov-Smirnov at p > 1e-3: a false alarm once in a thousand seeds, and the seed is fixed."""
    cells, n = Cells(token(np.ones(50)), 20_000), 20_000
    parts = one_part(0.0, float(np.log(abs(float(cells.tail[code])))), n)
    codes = torch.full((n,), code)
    drawn = cells.draw(parts, codes, torch.Generator().manual_seed(0)).numpy()
    assert stats.kstest(drawn, "uniform").statistic < 0.015
    losses = cells.position_losses(parts, codes, torch.linspace(0.01, 0.99, n))
    assert float(losses.abs().max()) < 0.03


@settings(max_examples=25)
@given(st.integers(2, 60), st.floats(-1.0, 1.0), st.floats(-1.5, -0.7), st.booleans())
def test_the_density_of_positions_in_an_outer_cell_integrates_to_one(n_cells, mean, log_scale, upper):
    cells, n = Cells(token(np.ones(n_cells)), 200_000), 4_000
    codes = torch.full((n,), n_cells - 1 if upper else 0)
    middles = (torch.arange(n) + 0.5) / n
    density = (-cells.position_losses(one_part(mean, log_scale, n), codes, middles)).exp()
    assert float(density.mean()) == pytest.approx(1.0, abs=0.03)


def test_only_outer_bins_are_stretched():
    within = np.ones(6, dtype=bool)
    within[0] = False
    tail = Cells(token(np.ones(6), within=within), 5_000).tail.tolist()
    assert tail[:5] == [0.0] * 5
    assert tail[5] > 0
    assert Cells(token([1.0]), 5_000).tail.tolist() == [0.0]
    assert Cells(token([9.0, 1.0]), 5_000).tail[0] == 0.0  # more than half of the rows


# --- sampler of the diffusion


@pytest.mark.parametrize("n_steps", [2, 4, 12, 40])
def test_standard_normal_data_keep_their_spread_however_few_the_steps(n_steps):
    denoise = Preconditioning().denoiser(lambda x, level: torch.zeros_like(x))
    start = torch.linspace(-3, 3, 7, dtype=torch.float64)[:, None]
    sigmas = karras_sigmas(n_steps)
    exact = start / (1 + float(sigmas[0]) ** 2) ** 0.5 * float(sigmas[0])
    found = heun(denoise, float(sigmas[0]) * start, sigmas)
    assert found.numpy() == pytest.approx(exact.numpy(), abs=1e-4)


def test_few_steps_draw_another_gaussian_nearly_exactly():
    scale = 0.6
    start, sigmas = torch.tensor([[1.0]], dtype=torch.float64), karras_sigmas(12)
    high = float(sigmas[0])
    found = heun(lambda x, sigma: x * scale**2 / (scale**2 + sigma[:, None] ** 2), high * start, sigmas)
    assert float(found) == pytest.approx(scale * high / (high**2 + scale**2) ** 0.5, rel=0.03)
