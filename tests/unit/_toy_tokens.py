"""Invented encoded rows for tests of generators: five tokens of every sort, with real dependence between them."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from contrapeso.tables.encoding._tokens import Encoded, Token

KIND, LEVEL, FINE, AMOUNT, FLAG = range(5)
N_CODES = (3, 32, 8, 16, 2)
ZERO, NULL = 7, 15  # codes of AMOUNT: an atom among bins, and the null
COARSE_FROM = 24  # levels from here on have only the first four fine codes


def toy_rows(n: int, seed: int) -> tuple[tuple[Token, ...], Encoded]:
    """``n`` rows drawn from one law; the tokens are the same for every ``n`` and ``seed``."""
    return toy_tokens(), _draw(n, seed)


@cache
def toy_tokens() -> tuple[Token, ...]:
    """Kind (3 categories), level (32 ordered codes), its fine part (8, parent), amount (bins, atom, null), flag (2)."""
    rows = _draw(20_000, 2**31)
    counts = [np.bincount(rows.codes[:, t], minlength=k) + 0.5 for t, k in enumerate(N_CODES)]
    return (
        _token("kind", counts[KIND]),
        _token("level", counts[LEVEL], ordered=np.ones(32, dtype=bool)),
        _fine_token(rows.codes, counts[FINE]),
        _token("amount", counts[AMOUNT], ordered=np.arange(16) != NULL, bins=~np.isin(np.arange(16), (ZERO, NULL))),
        _token("flag", counts[FLAG]),
    )


def _draw(n: int, seed: int) -> Encoded:
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, size=n, p=[0.5, 0.3, 0.2])
    x = rng.normal(size=n) + np.array([-1.0, 0.0, 1.5])[kind]
    level = np.clip((x + 4) * 4, 0, 31).astype(int)
    u = rng.random(n)
    fine = np.where(level < COARSE_FROM, 8 * u ** (1 + level / 16), 4 * u).astype(int)
    y = 0.8 * x + 0.6 * rng.normal(size=n)
    amount = np.clip((y + 3.5) * 2, 0, 13).astype(int)
    amount += amount >= ZERO
    amount[(kind == 2) & (rng.random(n) < 0.5)] = ZERO
    amount[(kind == 0) & (rng.random(n) < 0.1)] = NULL
    flag = (rng.random(n) < 1 / (1 + np.exp(-2 * x))).astype(int)
    within = rng.beta(2, 1 + kind).clip(1e-3, 1 - 1e-3)
    within[(amount == ZERO) | (amount == NULL)] = 0.5
    codes = np.column_stack([kind, level, fine, amount, flag]).astype(np.int32)
    return Encoded(codes, within[:, None].astype(np.float32))


def _token(
    column: str,
    counts: NDArray[np.float64],
    *,
    ordered: NDArray[np.bool_] | None = None,
    bins: NDArray[np.bool_] | None = None,
) -> Token:
    share = counts / counts.sum()
    ordered = np.zeros(len(counts), dtype=bool) if ordered is None else ordered
    position = np.where(ordered, norm.ppf(np.cumsum(share) - share / 2), np.nan)
    within = np.zeros(len(counts), dtype=bool) if bins is None else bins
    return Token(
        column,
        "value",
        len(counts),
        position.astype(np.float32),
        np.log(share).astype(np.float32),
        within,
        residual=bins is not None,
    )


def _fine_token(codes: NDArray[np.int32], counts: NDArray[np.float64]) -> Token:
    joint = np.zeros((32, 8))
    np.add.at(joint, (codes[:, LEVEL], codes[:, FINE]), 1.0)
    joint += 0.5
    joint[COARSE_FROM:, 4:] = 0
    with np.errstate(divide="ignore"):
        prior = np.log(joint / joint.sum(axis=1, keepdims=True))
    plain = _token("level", counts, ordered=np.ones(8, dtype=bool))
    return Token(
        "level",
        "fine",
        8,
        plain.position,
        plain.log_marginal,
        plain.within,
        parent=LEVEL,
        log_prior=prior.astype(np.float32),
    )
