"""Causal self-attention over the tokens of a row, with the keys and values of what came before kept for sampling.

Shapes are static: a training step sees (batch, n_tokens, width), a sampling step one place of every row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn


@dataclass(frozen=True, slots=True, eq=False)
class Cache:
    """Keys and values of one layer: both (batch, n_heads, n_tokens, head width), filled place by place."""

    keys: Tensor
    values: Tensor

    @classmethod
    def empty(cls, batch: int, n_heads: int, n_tokens: int, head_width: int, like: Tensor) -> Cache:
        """Room for ``n_tokens`` places."""
        shape = (batch, n_heads, n_tokens, head_width)
        return cls(like.new_empty(shape), like.new_empty(shape))


class CausalAttention(nn.Module):
    """Attention of every place to itself and those before it. Shape: (batch, n_tokens, width) -> the same."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.mix = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """All places at once."""
        query, key, value = self._heads(x)
        found = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.out(found.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def step(self, x: Tensor, cache: Cache, place: int) -> Tensor:
        """One place ``x`` (batch, 1, width), whose key and value go to the cache."""
        query, key, value = self._heads(x)
        cache.keys[:, :, place] = key[:, :, 0]
        cache.values[:, :, place] = value[:, :, 0]
        seen = slice(0, place + 1)
        found = nn.functional.scaled_dot_product_attention(query, cache.keys[:, :, seen], cache.values[:, :, seen])
        return self.out(found.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def _heads(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mixed = self.mix(x).unflatten(2, (3, self.n_heads, -1)).permute(2, 0, 3, 1, 4)
        return mixed[0], mixed[1], mixed[2]


class Layer(nn.Module):
    """Attention and a gated perceptron (SwiGLU), each on normed input and added to it."""

    def __init__(self, width: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        inner = 8 * ((8 * width // 3 + 7) // 8)
        self.norm_attention = nn.LayerNorm(width)
        self.attention = CausalAttention(width, n_heads)
        self.norm_gate = nn.LayerNorm(width)
        self.gate = nn.Linear(width, 2 * inner)
        self.down = nn.Linear(inner, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """All places at once: (batch, n_tokens, width)."""
        return self._perceptron(x + self.dropout(self.attention(self.norm_attention(x))))

    def step(self, x: Tensor, cache: Cache, place: int) -> Tensor:
        """One place: (batch, 1, width)."""
        return self._perceptron(x + self.attention.step(self.norm_attention(x), cache, place))

    def _perceptron(self, x: Tensor) -> Tensor:
        gate, value = self.gate(self.norm_gate(x)).chunk(2, dim=-1)
        return x + self.dropout(self.down(nn.functional.silu(gate) * value))  # type: ignore[no-any-return]


class CausalStack(nn.Module):
    """Layers and a last norm. Shape: (batch, n_tokens, width) -> the same."""

    def __init__(self, width: int, n_layers: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.n_heads = n_heads
        layers = [Layer(width, n_heads, dropout) for _ in range(n_layers)]
        self.layers = nn.ModuleList(layers)
        self.norm = nn.LayerNorm(width)
        for layer in layers:
            for last in (layer.attention.out, layer.down):
                nn.init.normal_(last.weight, std=0.02 / (2 * n_layers) ** 0.5)
                nn.init.zeros_(last.bias)

    def forward(self, x: Tensor) -> Tensor:
        """All places at once."""
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)  # type: ignore[no-any-return]

    def caches(self, batch: int, n_tokens: int, like: Tensor) -> list[Cache]:
        """Empty caches of all layers."""
        head_width = self.norm.normalized_shape[0] // self.n_heads
        return [Cache.empty(batch, self.n_heads, n_tokens, head_width, like) for _ in self.layers]

    def step(self, x: Tensor, caches: list[Cache], place: int) -> Tensor:
        """One place (batch, 1, width) after those in the caches."""
        for layer, cache in zip(self.layers, caches, strict=True):
            x = cast("Layer", layer).step(x, cache, place)
        return self.norm(x)  # type: ignore[no-any-return]


__all__ = ["Cache", "CausalAttention", "CausalStack", "Layer"]
