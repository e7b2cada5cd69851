"""Tokens of many codes start from counts of training rows; the network says how far to trust them, and adds the rest.

A softmax over hundreds of codes, most of them in a few rows, learns which of them go together only by learning rows by
heart. Counts know it at once: how often each code came with this value of another column, or with these of two or
three. Each such table is an *expert* that gives the codes probabilities ``q = c / n``. A gate that the network sets,
and the number of rows ``n`` that speak, mix experts and plain frequencies [1]_; the logarithm of the mixture is where
the logits start, so that the network still says what the rest of the row makes more or less likely (mixing after the
softmax instead, rows had codes of another year: held-out AUC .69 for .61 on a table of 2,900 suppliers).

In training a row is taken out of its own counts, so that trust is earned on rows that were not counted. A key is a sum
of codes times odd numbers, modulo 2**64: among 10**6 keys, two are the same by chance in one table of 10**7.

References
----------
.. [1] Jacobs, Jordan, Nowlan and Hinton, "Adaptive mixtures of local experts", Neural Computation 3 (1991), Sec. 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from contrapeso.tables.encoding._tokens import Token

LEAST_CODES = 24
"""Tokens of fewer codes are left to the network alone."""
LEAST_KEYS = 64
"""Codes without an order that a column needs to tell of an ordered token; else the mixture over its cells is better."""
MOST_TOKENS = 100
"""In wider tables there are no experts: their keys would be looked for among too many columns."""
N_SINGLE = 3
"""Columns whose counts are kept for a token, alone, in pairs and all together."""
N_EXPERTS = 2**N_SINGLE - 1
MOST_PARTS = 7
"""Most tokens that make one key: three columns of two tokens, and the token's own coarse part."""
ENTRIES_PER_ROW = 16
"""Counts that a table may keep, for each of its rows."""
LEAST_ROWS = 2
"""Rows that a key needs: the counts of one row would tell that row (DCR share 58.8 for 61.0, held-out AUC .622 for
.616 on a table of 18,000 rows)."""
LEAST = 1e-6
"""Probability that no code falls below before the network has its say."""
NO_KEY = np.iinfo(np.int64).max
MULTIPLIERS = np.random.Generator(np.random.PCG64(0)).integers(1, 1 << 62, MOST_TOKENS + 1) * 2 + 1

Codes = NDArray[np.int64]
Key = tuple[int, ...]


class _Index(NamedTuple):
    """The entries, made ready for look-ups: keys, where each starts (one more than keys), and the rows of each."""

    keys: Tensor
    starts: Tensor
    rows: Tensor


class Experts(nn.Module):
    """Count tables of the tokens of many codes, and the gates that weigh them against the network.

    Every tensor has a size that tokens and ``n_rows`` determine, filled or not, so that a checkpoint of a run and a
    saved model fit a module that has seen no rows. Before :meth:`count` the network is all there is.

    Attributes
    ----------
    place : dict of int to int
        Number of each token that has experts.
    filled : bool
        Whether there are counts.
    leave_out : bool
        Whether the rows of a training batch are among those that were counted.
    """

    parts: Tensor
    factors: Tensor
    entry_key: Tensor
    entry_code: Tensor
    entry_count: Tensor

    def __init__(self, tokens: Sequence[Token], width: int, n_rows: int, *, generator: torch.Generator) -> None:
        super().__init__()
        self.tokens = wide(tokens)
        self.place = {t: k for k, t in enumerate(self.tokens)}
        self._tokens = tuple(tokens)
        self.leave_out = True
        n, size = len(self.tokens), ENTRIES_PER_ROW * n_rows
        self.weight = nn.Parameter(0.01 * torch.randn(n, width, N_EXPERTS + 1, generator=generator))
        self.bias = nn.Parameter(torch.cat([torch.zeros(n, 1), torch.full((n, N_EXPERTS), -1.0)], dim=1))
        self.slope = nn.Parameter(torch.full((n, N_EXPERTS), 0.3))
        self.register_buffer("parts", torch.zeros(n, N_EXPERTS, MOST_PARTS, dtype=torch.int64))
        self.register_buffer("factors", torch.zeros(n, N_EXPERTS, MOST_PARTS + 1, dtype=torch.int64))
        self.register_buffer("entry_key", torch.full((size,), NO_KEY, dtype=torch.int64))
        self.register_buffer("entry_code", torch.zeros(size, dtype=torch.int32))
        self.register_buffer("entry_count", torch.zeros(size, dtype=torch.int32))
        self.filled = False
        self._found: _Index | None = None
        self.register_load_state_dict_post_hook(_refresh)  # type: ignore[no-untyped-call]

    @torch.no_grad()
    def count(self, codes: Tensor) -> None:
        """Choose the keys of every token by the rows (n, n_tokens), and count them."""
        rows = codes.cpu().numpy()
        entries: list[Codes] = []
        room = len(self.entry_key)
        for k, t in enumerate(self.tokens):
            for e, key in enumerate(chosen_keys(rows, self._tokens, t)):
                factors = _factors(key, k * N_EXPERTS + e)
                found = _counted(_hashed(rows, key, factors), rows[:, t])
                if len(found) > room:
                    continue
                room -= len(found)
                entries.append(found)
                self.parts[k, e, : len(key)] = torch.tensor(key, dtype=torch.int64)
                self.factors[k, e, : len(key)] = torch.from_numpy(factors[:-1])
                self.factors[k, e, -1] = int(factors[-1])
        if entries:
            self._write(np.concatenate(entries))

    def _write(self, entries: Codes) -> None:
        entries = entries[np.lexsort((entries[:, 1], entries[:, 0]))]
        for buffer, values in zip((self.entry_key, self.entry_code, self.entry_count), entries.T, strict=True):
            buffer[: len(values)] = torch.from_numpy(np.ascontiguousarray(values)).to(buffer)
        self.refresh()

    def refresh(self) -> None:
        """See what the tables hold now."""
        self._found = None
        self.filled = bool(self.entry_count[:1].sum() > 0)

    def log_prior(self, t: int, h: Tensor, codes: Tensor, base: Tensor) -> Tensor:
        """Log-probabilities (batch, n_codes) of token ``t`` by the counts and, where they are silent, by ``base``.

        ``h`` (batch, width) are the token's vectors, ``base`` (batch, n_codes) the frequencies without experts. In
        training a row's own code is taken out of the counts; else ``codes`` may hold anything from token ``t`` on.
        """
        k, index = self.place[t], self._index()
        at, known = _places(index.keys, self._keys(codes, k))
        lengths = (index.starts[at + 1] - index.starts[at]) * known
        run, entry = _expanded(lengths.flatten(), index.starts[at].flatten())
        row, code = run // N_EXPERTS, self.entry_code[entry].long()
        count, n = self.entry_count[entry], index.rows[at] * known
        if self.training and self.leave_out:
            count, n = count - (code == codes[:, t][row]).int(), (n - 1).clamp(min=0)
        gates = self._gates(k, h, n.float())
        share = (gates[:, 1:] / n.clamp(min=1)).flatten()[run] * count
        total = (gates[:, :1] * base).flatten().index_add(0, row * base.shape[1] + code, share)
        return torch.log(total.clamp(min=LEAST)).view(base.shape)

    def _gates(self, k: int, h: Tensor, n: Tensor) -> Tensor:
        """Weights (batch, 1 + n_experts) of the frequencies without experts and of the experts; 0 for an unseen key."""
        gates = torch.addmm(self.bias[k], h, self.weight[k]).float()
        experts = (gates[:, 1:] + self.slope[k] * torch.log1p(n)).masked_fill(n <= 0, -torch.inf)
        return torch.softmax(torch.cat([gates[:, :1], experts], dim=1), dim=1)

    def _keys(self, codes: Tensor, k: int) -> Tensor:
        """Keys (batch, n_experts) of a token; 0 for an expert that is not there, which no entry has."""
        parts, factors = self.parts[k], self.factors[k]
        return ((codes[:, parts] + 1) * factors[:, :-1]).sum(dim=-1) + factors[:, -1]

    def _index(self) -> _Index:
        if self._found is None or self._found.keys.device != self.entry_key.device:
            used = int((self.entry_count > 0).sum())
            keys, places, lengths = torch.unique_consecutive(
                self.entry_key[:used], return_inverse=True, return_counts=True
            )
            ends = torch.cat([lengths.new_zeros(1), lengths.cumsum(0)])
            rows = torch.zeros_like(keys).index_add(0, places, self.entry_count[:used].long())
            self._found = _Index(keys, ends, rows)
        return self._found


def wide(tokens: Sequence[Token]) -> list[int]:
    """Tokens that experts may help: those of many codes that come after a column which may tell of them."""
    if len(tokens) > MOST_TOKENS:
        return []
    return [t for t, token in enumerate(tokens) if token.n_codes >= LEAST_CODES and candidates(tokens, t)]


def chosen_keys(rows: Codes, tokens: Sequence[Token], t: int) -> list[Key]:
    """Keys of the experts of a token: its own coarse part with the columns that tell most of it, in every combination.

    The columns are found one after the other, each the best beside those before it by the likelihood of rows that are
    left out of the counts; what lowers it is no key.
    """
    own = tuple(s for s in range(t) if tokens[s].column == tokens[t].column)
    base = _left_out(rows, own, t, 1.0 / (1 + int(rows[:, t].max())))
    left = [key for key in candidates(tokens, t) if rows[:, list(key)].any()]
    best: list[Key] = []
    score = float(np.log(base).mean())
    while left and len(best) < N_SINGLE:
        found = [_left_out(rows, sum([*best, key], own), t, base) for key in left]
        scores = [float(np.log(chances).mean()) for chances in found]
        at = int(np.argmax(scores))
        if scores[at] < score:
            break
        base, score = found[at], scores[at]
        best.append(left.pop(at))
    groups = [group for size in range(1, N_SINGLE + 1) for group in combinations(best, size)]
    keys = [sum(group, own) for group in groups]
    return [key for key in keys if len(key) <= MOST_PARTS]


def candidates(tokens: Sequence[Token], t: int) -> list[Key]:
    """Tokens of each column before that of ``t``, and its first one alone.

    For an ordered token these are only columns of ``LEAST_KEYS`` codes without an order.
    """
    found: dict[str, list[int]] = {}
    for s in range(t):
        if tokens[s].column != tokens[t].column:
            found.setdefault(tokens[s].column, []).append(s)
    columns = [own for own in found.values() if not tokens[t].ordered or _is_wide_category(tokens[own[0]])]
    return [*(tuple(own) for own in columns), *((own[0],) for own in columns if len(own) > 1)]


def _is_wide_category(token: Token) -> bool:
    return not token.ordered and token.n_codes >= LEAST_KEYS


def _left_out(rows: Codes, key: Key, t: int, base: Any) -> NDArray[np.float64]:
    """Probability (n,) of the code of every row by the other rows of its key, and by ``base`` where these are few."""
    keys = _hashed(rows, key, _factors(key, 0))
    _, of_key, n = np.unique(keys, return_inverse=True, return_counts=True)
    pairs = of_key * (1 + int(rows[:, t].max())) + rows[:, t]
    _, of_pair, c = np.unique(pairs, return_inverse=True, return_counts=True)
    others, same = n[of_key] - 1.0, c[of_pair] - 1.0
    trust = 0.98 * others / (others + 1.0)
    found: NDArray[np.float64] = trust * same / np.maximum(others, 1.0) + (1.0 - trust) * base
    return found


def _factors(key: Key, number: int) -> Codes:
    """Odd multipliers of the tokens of a key, and what tells this expert from the others."""
    with np.errstate(over="ignore"):
        salt = MULTIPLIERS[-1] * np.int64(number + 1)
    return np.append(MULTIPLIERS[list(key)], salt).astype(np.int64)


def _hashed(rows: Codes, key: Key, factors: Codes) -> Codes:
    total = np.full(len(rows), factors[-1])
    for part, factor in zip(key, factors[:-1], strict=True):
        total += (rows[:, part] + 1) * factor
    return total


def _counted(keys: Codes, codes: Codes) -> Codes:
    """Distinct (key, code, rows), (n_entries, 3)."""
    _, of_key, rows = np.unique(keys, return_inverse=True, return_counts=True)
    told = rows[of_key] >= LEAST_ROWS
    keys, codes = keys[told], codes[told]
    order = np.lexsort((codes, keys))
    keys, codes = keys[order], codes[order]
    starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1) | np.diff(codes, prepend=-1))
    return np.column_stack([keys[starts], codes[starts], np.diff(np.append(starts, len(keys)))])


def _places(known: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Where ``wanted`` is in the sorted ``known``, and whether it is there."""
    at = torch.searchsorted(known, wanted).clamp(max=len(known) - 1)
    return at, known[at] == wanted


def _expanded(lengths: Tensor, starts: Tensor) -> tuple[Tensor, Tensor]:
    """For runs of ``lengths`` from ``starts`` on: the run of every element, and the element."""
    run = torch.repeat_interleave(lengths)
    within = torch.arange(len(run), device=run.device) - (lengths.cumsum(0) - lengths)[run]
    return run, starts[run] + within


def _refresh(module: nn.Module, _: Any) -> None:
    """After other counts were loaded."""
    cast("Experts", module).refresh()


__all__ = ["Experts", "candidates", "chosen_keys", "wide"]
