"""Counts of training rows as experts: they leave a row out of its own counts, and what is drawn follows them."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

torch = pytest.importorskip("torch")

from contrapeso.errors import CancelledError, UnsupportedOperationError  # noqa: E402
from contrapeso.generators import (  # noqa: E402
    AutoregressiveSynthesizer,
    DifferentialPrivacy,
    Training,
    load_synthesizer,
)
from contrapeso.generators._networks import AutoregressiveNetwork  # noqa: E402
from contrapeso.generators.deep import _autoregressive as autoregressive  # noqa: E402
from contrapeso.generators.deep._experts import candidates, chosen_keys, wide  # noqa: E402
from contrapeso.generators.deep._objective import Batch, Request  # noqa: E402
from contrapeso.generators.deep._run import PREPARE_ROWS  # noqa: E402
from contrapeso.tables.encoding import Token  # noqa: E402

N, CITIES, SHOPS, HOURS = 300, 25, 64, 32


def token(name: str, codes: np.ndarray, size: int, *, ordered: bool = False) -> Token:
    share = (np.bincount(codes, minlength=size) + 0.5) / (len(codes) + 0.5 * size)
    position = ndtri(np.cumsum(share) - share / 2) if ordered else np.full(size, np.nan)
    return Token(
        name, "value", size, position.astype(np.float32), np.log(share).astype(np.float32), np.zeros(size, dtype=bool)
    )


def rows(n: int = N, seed: int = 0) -> np.ndarray:
    """Kind, city by the kind, shop by the city, hour by the shop."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 2, n)
    city = np.minimum(rng.geometric(0.15, n) - 1 + 3 * kind, CITIES - 1)
    shop = np.where(rng.random(n) < 0.8, (7 * city) % SHOPS, rng.integers(0, SHOPS, n))
    hour = np.clip(shop // 2 + rng.integers(-1, 2, n), 0, HOURS - 1)
    return np.column_stack([kind, city, shop, hour])


TABLE = rows()
TOKENS = (
    token("kind", TABLE[:, 0], 2),
    token("city", TABLE[:, 1], CITIES),
    token("shop", TABLE[:, 2], SHOPS),
    token("hour", TABLE[:, 3], HOURS, ordered=True),
)


def counted(tokens: tuple[Token, ...] = TOKENS, *, noise: float = 0.2) -> object:
    generator = torch.Generator().manual_seed(0)
    built = autoregressive.build(tokens, AutoregressiveNetwork(state=16, hidden=16), N, generator)
    built.prepare(Batch(torch.from_numpy(TABLE[:, : len(tokens)])))
    with torch.no_grad():
        for parameter in built.module.parameters():
            parameter.add_(noise * torch.randn(parameter.shape, generator=generator))
    built.module.eval()
    return built


def test_tokens_of_many_codes_have_experts_and_small_tables_none() -> None:
    assert wide(TOKENS) == [1, 2, 3]
    assert candidates(TOKENS, 3) == [(2,)]  # the hour has an order: the cities are too few to tell of it
    assert candidates(TOKENS, 2) == [(0,), (1,)]
    generator = torch.Generator().manual_seed(0)
    assert autoregressive.build(TOKENS[:1], AutoregressiveNetwork(), N, generator).module.experts is None
    for network, n in (
        (AutoregressiveNetwork(order="any"), N),
        (AutoregressiveNetwork(counts=False), N),
        (AutoregressiveNetwork(), 2 * PREPARE_ROWS),
    ):
        assert autoregressive.build(TOKENS, network, n, generator).module.experts is None


def test_the_column_that_tells_most_is_the_first_key() -> None:
    keys = chosen_keys(TABLE, TOKENS, 2)
    assert keys[0] == (1,)


def test_constant_columns_are_no_keys() -> None:
    table = np.column_stack([np.zeros(N, dtype=np.int64), TABLE[:, 1]])
    assert chosen_keys(table, TOKENS[:2], 1) == []


@pytest.mark.parametrize("training", [False, True])
def test_counts_are_those_of_the_rows_and_without_the_row_itself_in_training(training: bool) -> None:
    built = counted(noise=0.0)
    experts, codes = built.module.experts, torch.from_numpy(TABLE[:40])
    with torch.no_grad():
        experts.weight.zero_()
        experts.bias.zero_()
        experts.slope.zero_()
    experts.train(training)
    keys, base = chosen_keys(TABLE, TOKENS, 2), np.full(SHOPS, 1 / SHOPS)
    found = experts.log_prior(2, torch.zeros(40, 16), codes, torch.from_numpy(base).float().expand(40, -1))
    for i in range(40):
        others = np.delete(TABLE, i, axis=0) if training else TABLE
        voices = [base]
        for key in keys:
            same = others[(others[:, key] == TABLE[i, key]).all(axis=1)]
            if (TABLE[:, key] == TABLE[i, key]).all(axis=1).sum() > 1:
                voices.append(np.bincount(same[:, 2], minlength=SHOPS) / len(same))
        expected = np.log(np.maximum(np.mean(voices, axis=0), 1e-6))
        np.testing.assert_allclose(found[i].detach().numpy(), expected, atol=1e-4)


def test_probabilities_of_all_rows_add_up_to_one() -> None:
    everything = torch.tensor(list(product(range(2), range(CITIES), range(SHOPS), range(HOURS))))
    with torch.inference_mode():
        total = counted().log_prob(Batch(everything)).exp().sum()
    assert float(total) == pytest.approx(1.0, abs=1e-3)


def test_drawn_rows_follow_the_probabilities() -> None:
    built, n = counted(TOKENS[:3]), 60_000
    everything = torch.tensor(list(product(range(2), range(CITIES), range(SHOPS))))
    with torch.inference_mode():
        drawn, _ = built.sample(Request(torch.full((n, 3), -1), {}), torch.Generator().manual_seed(1))
        expected = built.log_prob(Batch(everything)).exp().numpy()
    place = (drawn[:, 0] * CITIES + drawn[:, 1]) * SHOPS + drawn[:, 2]
    found = np.bincount(place.numpy(), minlength=len(everything)) / n
    bound = np.sqrt(expected / n).sum() / np.sqrt(2 * np.pi)
    assert np.abs(found - expected).sum() / 2 < 1.3 * bound  # the expected distance, known to a few per cent


def test_conditions_on_the_left_and_on_the_right_are_met() -> None:
    wish = torch.full((200, 4), -1)
    wish[:, 1], wish[:, 2] = 4, 28
    with torch.inference_mode():
        drawn, _ = counted().sample(Request(wish, {}), torch.Generator().manual_seed(1))
    assert (drawn[:, 1] == 4).all()
    assert (drawn[:, 2] == 28).all()


def test_what_one_column_determines_is_learned_from_few_rows() -> None:
    found = {}
    for counts in (False, True):
        network = AutoregressiveNetwork(counts=counts)
        model = AutoregressiveSynthesizer(network, Training(epochs=8), random_state=0).fit(shops(N))
        found[counts] = float(model.log_prob(shops(2_000, seed=1)).mean())
    assert found[True] > found[False] + 0.2


def shops(n: int, seed: int = 0) -> pd.DataFrame:
    table = rows(n, seed)
    return pd.DataFrame(
        {
            "kind": [f"k{v}" for v in table[:, 0]],
            "city": [f"c{v}" for v in table[:, 1]],
            "shop": [f"s{v}" for v in table[:, 2]],
        }
    )


def fitted(**options: object) -> AutoregressiveSynthesizer:
    return AutoregressiveSynthesizer(training=Training(epochs=2), random_state=3, **options).fit(shops(N))


def test_a_saved_model_draws_the_same_rows(tmp_path: Path) -> None:
    model = fitted()
    model.save(tmp_path / "model.zip")
    again = load_synthesizer(tmp_path / "model.zip")
    pd.testing.assert_frame_equal(model.sample(50, random_state=1), again.sample(50, random_state=1))
    np.testing.assert_array_equal(model.log_prob(shops(20)), again.log_prob(shops(20)))


def test_resumed_training_gives_the_same_bits(tmp_path: Path) -> None:
    path = tmp_path / "run.zip"

    def made() -> AutoregressiveSynthesizer:
        return AutoregressiveSynthesizer(
            training=Training(epochs=3, checkpoint=path, checkpoint_every_s=0.0), random_state=0
        )

    whole = made().fit(shops(N)).sample(40, random_state=0)
    path.unlink()
    told = []

    def stop() -> bool:
        told.append(0)
        return len(told) > 12

    with pytest.raises(CancelledError):
        made().fit(shops(N), cancel=stop)
    pd.testing.assert_frame_equal(made().fit(shops(N), resume=True).sample(40, random_state=0), whole)


def test_later_rows_are_learned_and_not_taken_out_of_counts_they_are_not_in() -> None:
    model = fitted()
    model.sample(10)
    model.partial_fit(shops(100, seed=5))
    assert not model._net.module.experts.leave_out
    assert len(model.sample(20)) == 20


def test_private_models_count_nothing() -> None:
    model = AutoregressiveSynthesizer(privacy=DifferentialPrivacy(epsilon=3.0, epochs=1), random_state=0).fit(shops(N))
    experts = model._net.module.experts
    assert experts is None or not experts.filled


def test_a_model_with_counts_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedOperationError, match="counts=False"):
        fitted().export_onnx(tmp_path / "model.onnx")
