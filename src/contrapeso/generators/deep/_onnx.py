"""Samplers as one ONNX graph: random numbers in, codes out, with no random operation inside.

A graph runs where there is no torch: the caller draws uniform numbers, runs it, and decodes the codes with the encoder
of the archive. Draws are made by inverting cumulative probabilities, so the same numbers give the same rows everywhere,
up to a rounding of float32 at the border of two codes.

ONNX has no quantile function of the normal law; it is spelled out here after Wichura [1]_.

References
----------
.. [1] Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988),
   routine PPND7.
"""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from contrapeso._optional import require
from contrapeso.errors import InvalidParameterError, UnsupportedOperationError
from contrapeso.generators._deep import DeepSynthesizer
from contrapeso.generators.deep._autoregressive import AutoregressiveObjective
from contrapeso.generators.deep._cells import Cells, Parts
from contrapeso.generators.deep._conditional_gan import ConditionalGANObjective
from contrapeso.generators.deep._decoder import Decoder
from contrapeso.generators.deep._gan import GANObjective
from contrapeso.generators.deep._heads import Heads, draw_at
from contrapeso.generators.deep._noise_generator import NoiseGenerator
from contrapeso.generators.deep._vae import VAEModule, VAEObjective

OPSET = 18
LEAST = 2.0**-25
"""Uniform numbers keep this distance from 0 and 1 where they become normal ones."""
PROBE_ROWS = 3
"""Rows of the example by which the graph is traced; their number is free in the graph."""


class SamplerGraph(nn.Module):
    """A sampler without a random operation.

    Shape: uniform (n, n_uniform) float32 in [0, 1), given (n, n_tokens) int64, -1 where free
    -> codes (n, n_tokens) int64, position (n, n_residual) float32
    """

    n_uniform: int
    n_tokens: int
    takes_given = True

    def forward(self, uniform: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
        """Rows from numbers."""
        raise NotImplementedError


def export_onnx(model: DeepSynthesizer, path: str | os.PathLike[str], *, candidates: int = 1) -> None:
    """Write the sampler of a fitted generator as one ONNX file, for a runtime without torch.

    Inputs of the graph are ``uniform`` (n, n_uniform) float32, independent uniform numbers in [0, 1), and, but for the
    GAN, ``given`` (n, n_tokens) int64: codes that the rows must have, -1 where they are free. Outputs are ``codes``
    (n, n_tokens) int64 and, where the table has positions within bins, ``position`` (n, n_residual) float32. Any n.
    ``n_uniform``, the family and the columns of the tokens are in the metadata of the file.

    The encoder is not in the file: keep the archive of ``save`` beside it, ask it for the codes of conditions
    (``model.encoder_.given(frame).codes``) and decode with ``model.encoder_.decode(Encoded(codes, position), rng)``.

    Given codes always come out as they went in. The other codes follow their conditional law where what is given comes
    first in the order of the tokens, with ``AutoregressiveNetwork(order='any')``, or with the conditional GAN as it
    learned it; otherwise by importance resampling among ``candidates`` rows.

    Parameters
    ----------
    model : AutoregressiveSynthesizer, VAESynthesizer, GANSynthesizer or ConditionalGANSynthesizer
    path : str or path
    candidates : int, default=1
        Rows drawn for each row wanted, of which one is taken by the probability that it gives to what was asked:
        ``model.sample`` draws 16. For the autoregressive family in fixed order and the VAE; the cost grows with it.

    Raises
    ------
    NotFittedError
    MissingExtraError
        If onnx or onnxscript is not installed.
    UnsupportedOperationError
        If the family samples by iterating a network.
    InvalidParameterError
        If ``candidates`` is below 1, or above where the family draws none.
    """
    model._check_fitted()
    for name in ("onnx", "onnxscript"):
        require(name, extra="onnx")
    graph = sampler_graph(model, candidates=candidates)
    program = _translated(graph)
    _slim(program.model)
    program.model.metadata_props.update(
        {
            "family": model.family,
            "n_uniform": str(graph.n_uniform),
            "tokens": json.dumps([[token.column, token.part] for token in model.encoder_.tokens_]),
        }
    )
    program.save(os.fspath(path), external_data=False)


def sampler_graph(model: DeepSynthesizer, *, candidates: int = 1) -> SamplerGraph:
    """The sampler of a fitted generator as a module of torch, on the CPU; :func:`export_onnx` translates it."""
    if candidates < 1:
        raise InvalidParameterError(f"candidates must be at least 1; got {candidates}.")
    objective = model._net
    if isinstance(objective, AutoregressiveObjective):
        made = _autoregressive(objective, candidates)
    elif isinstance(objective, VAEObjective):
        made = _SamplerOfDecoder(cast("VAEModule", _copied(objective.module)), candidates=candidates)
    elif isinstance(objective, GANObjective):
        made = _adversarial(model, objective, candidates)
    else:
        raise UnsupportedOperationError(
            f"{type(model).__name__} samples by iterating its network, which is no single graph. The autoregressive "
            "family, the VAE, the GAN and the conditional GAN can be exported."
        )
    return made.eval().requires_grad_(requires_grad=False)


def _autoregressive(objective: AutoregressiveObjective, candidates: int) -> SamplerGraph:
    if objective.any_order:
        _refuse_candidates(candidates, "any order conditions exactly")
    return _SamplerOfDecoder(
        cast("Decoder", _copied(objective.module)),
        candidates=candidates,
        temperature=objective.temperature,
        any_order=objective.any_order,
    )


def _adversarial(model: DeepSynthesizer, objective: GANObjective, candidates: int) -> SamplerGraph:
    _refuse_candidates(candidates, "an adversarial generator tells no probability")
    maker = cast("NoiseGenerator", _copied(objective._networks.generator))
    n_residual = sum(token.residual for token in model.encoder_.tokens_)
    target = objective.target if isinstance(objective, ConditionalGANObjective) else None
    return _SamplerOfGenerator(maker, n_residual, target)


def _refuse_candidates(candidates: int, why: str) -> None:
    if candidates > 1:
        raise InvalidParameterError(f"candidates must be 1 here ({why}); got {candidates}.")


def _copied(module: nn.Module) -> nn.Module:
    return deepcopy(module).cpu()


@dataclass(slots=True, eq=False)
class _Rows:
    """Rows under way, never changed in place: codes, positions, scores and the state of a decoder."""

    codes: Tensor
    place: Tensor
    scores: Tensor
    state: Tensor


class _SamplerOfDecoder(SamplerGraph):
    """Walks the tokens of a decoder, from a latent vector where a VAE has one."""

    def __init__(
        self, module: Decoder | VAEModule, *, candidates: int, temperature: float = 1.0, any_order: bool = False
    ) -> None:
        super().__init__()
        self.decoder = module if isinstance(module, Decoder) else module.decoder
        self.vae = None if isinstance(module, Decoder) else module
        self.candidates, self.temperature, self.any_order = candidates, temperature, any_order
        self.n_tokens = self.decoder.n_tokens
        self.n_latent = 0 if self.vae is None else 1 + self.vae.prior.mean.shape[1]
        self.n_walk = self.n_latent + self.n_tokens + 2 * len(self.decoder.columns)
        self.n_uniform = self.n_walk if candidates == 1 else candidates * self.n_walk + 1
        self.offspring = _offspring(self.decoder.heads)

    def forward(self, uniform: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
        """Rows from numbers."""
        u = uniform.double()
        if self.candidates == 1:
            rows, _ = self._walked(u, given)
            return rows.codes, rows.place
        many = u[:, 1:].reshape(-1, self.n_walk)
        rows, scores = self._walked(many, given.repeat_interleave(self.candidates, dim=0))
        chosen = draw_at(torch.log_softmax(scores.view(-1, self.candidates), dim=1), u[:, :1])[:, None, None]
        codes, place = (x.view(-1, self.candidates, x.shape[1]) for x in (rows.codes, rows.place))
        return tuple(x.gather(1, chosen.expand(-1, 1, x.shape[2])).squeeze(1) for x in (codes, place))  # type: ignore[return-value]

    def _walked(self, u: Tensor, given: Tensor) -> tuple[_Rows, Tensor]:
        """Rows, and the log-probability (batch,) of what was given, given what was drawn before it."""
        decoder, rows = self.decoder, self._start(u, given)
        table, networks = decoder.embedding.vectors(), decoder.networks.unbound()
        total = torch.zeros_like(rows.state[:, 0])
        at = self.n_latent
        for t in range(self.n_tokens):
            h = decoder.networks(networks[t], rows.state)
            log_p, parts = decoder.log_probabilities(t, h, rows.codes, rows.scores, None, self.temperature)
            asked = given[:, t]
            drawn = draw_at(_with_children(decoder.heads, self.offspring[t], log_p, given), u[:, at : at + 1])
            if self.candidates > 1:
                plain, _ = decoder.log_probabilities(t, h, rows.codes, rows.scores)
                of_asked = plain.gather(1, asked.clamp(min=0)[:, None])[:, 0].clamp(min=-1e4)
                total = total + torch.where(asked >= 0, of_asked, 0.0)
            at += 1
            ends = u[:, at : at + 2].T if t in decoder.columns else None
            at += 0 if ends is None else 2
            rows = self._put(rows, t, torch.where(asked >= 0, asked, drawn), parts, ends, table)
        return rows, total

    def _start(self, u: Tensor, given: Tensor) -> _Rows:
        decoder = self.decoder
        codes = given if self.any_order else torch.full_like(given, -1)
        place = torch.full_like(u[:, : len(decoder.columns)], 0.5).float()
        scores = decoder.cells.scores(codes, place, decoder.columns)
        if self.any_order:
            return _Rows(codes, place, scores, decoder.vectors(codes, scores, codes >= 0).sum(dim=1))
        if self.vae is not None:
            return _Rows(codes, place, scores, self.vae.context(self._latent(self.vae, u)))
        state = torch.zeros_like(u[:, :1]).float().expand(-1, decoder.embedding.table.shape[1])
        return _Rows(codes, place, scores, state)

    def _latent(self, vae: VAEModule, u: Tensor) -> Tensor:
        prior = vae.prior
        log_p = torch.log_softmax(prior.weight_bias, 0)[None].expand(u.shape[0], -1)
        part = draw_at(log_p, u[:, :1])
        noise = normal_quantile(u[:, 1 : self.n_latent].clamp(LEAST, 1 - LEAST)).float()
        return prior.mean[part] + noise * prior.log_scale.clamp(-4, 2).exp()[part]

    def _put(  # noqa: PLR0917
        self, rows: _Rows, t: int, chosen: Tensor, parts: object, ends: Tensor | None, table: Tensor
    ) -> _Rows:
        """The rows with token ``t`` chosen, and a position drawn within it."""
        decoder = self.decoder
        before = decoder.vector(t, rows.codes, rows.scores, table) if self.any_order else 0.0
        codes, place, scores = _replaced(rows.codes, t, chosen), rows.place, rows.scores
        k, column = decoder.cells.place.get(t), decoder.columns.get(t)
        if k is not None:
            cells = cast("Cells", decoder.cells.cells[k])
            if column is not None:
                place = _replaced(place, column, cells.draw_at(cast("Parts", parts), chosen, cast("Tensor", ends)))
            scores = _replaced(scores, k, cells.scores(chosen, None if column is None else place[:, column]))
        return _Rows(codes, place, scores, rows.state + decoder.vector(t, codes, scores, table) - before)


class _SamplerOfGenerator(SamplerGraph):
    """Draws all tokens from the hidden vector of an adversarial generator."""

    def __init__(self, maker: NoiseGenerator, n_residual: int, target: int | None) -> None:
        super().__init__()
        self.maker, self.target, self.takes_given = maker, target, maker.given is not None
        self.n_tokens = len(maker.heads.sizes)
        self.n_uniform = maker.noise + self.n_tokens + n_residual
        self.offspring = _offspring(maker.heads)

    def forward(self, uniform: Tensor, given: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Rows from numbers; positions within bins are uniform."""
        maker, u = self.maker, uniform.double()
        z = normal_quantile(u[:, : maker.noise].clamp(LEAST, 1 - LEAST)).float()
        given = self._with_class(given, u)
        h = maker.hidden_of(z, given)
        codes = torch.full_like(u[:, : self.n_tokens], -1).long() if given is None else given
        for t in range(self.n_tokens):
            log_p = maker.heads.log_probabilities(t, h, codes)
            if given is not None:
                log_p = _with_children(maker.heads, self.offspring[t], log_p, given)
            drawn = draw_at(log_p, u[:, maker.noise + t : maker.noise + t + 1])
            codes = _replaced(codes, t, drawn if given is None else torch.where(given[:, t] >= 0, given[:, t], drawn))
        return codes, uniform[:, maker.noise + self.n_tokens :]

    def _with_class(self, given: Tensor | None, u: Tensor) -> Tensor | None:
        """What is given, with a class of the training frequencies in the rows of which nothing is asked."""
        if given is None or self.target is None:
            return given
        at = self.maker.noise + self.target
        share = cast("Tensor", self.maker.class_share).log()[None].expand(u.shape[0], -1)
        free = (given < 0).all(dim=1)
        return _replaced(
            given, self.target, torch.where(free, draw_at(share, u[:, at : at + 1]), given[:, self.target])
        )


def _offspring(heads: Heads) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(c for c, p in enumerate(heads.parents) if p == t) for t in range(len(heads.parents)))


def _with_children(heads: Heads, children: tuple[int, ...], log_p: Tensor, given: Tensor) -> Tensor:
    """Log-probabilities weighted by the training frequency of the given codes of the token's children."""
    wanted = log_p
    for child in children:
        prior, asked = cast("Tensor", getattr(heads, f"_prior_{child}")), given[:, child]
        wanted = wanted + torch.where((asked >= 0)[:, None], prior.T[asked.clamp(min=0)], 0.0)
    if not children:
        return log_p
    stuck = torch.isinf(wanted).all(dim=1, keepdim=True)
    return torch.log_softmax(torch.where(stuck, log_p, wanted), dim=1)


def _replaced(values: Tensor, column: int, by: Tensor) -> Tensor:
    return torch.cat([values[:, :column], by[:, None], values[:, column + 1 :]], dim=1)


def _translated(graph: SamplerGraph) -> Any:
    """The module as a program of ONNX."""
    names = ["uniform", "given"] if graph.takes_given else ["uniform"]
    example = (torch.full((PROBE_ROWS, graph.n_uniform), 0.5), torch.full((PROBE_ROWS, graph.n_tokens), -1))
    rows = torch.export.Dim("rows", min=1)
    shapes = tuple({0: rows} for _ in names)
    with warnings.catch_warnings(), _quiet(logging.getLogger("torch.onnx")):
        for category in (DeprecationWarning, FutureWarning):  # of torch about itself
            warnings.simplefilter("ignore", category)
        exported = torch.export.export(graph, example[: len(names)], dynamic_shapes=shapes)
        exported = exported.run_decompositions(_SPELLED_OUT)
        return torch.onnx.export(
            exported,
            input_names=names,
            output_names=["codes", "position"],
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
            optimize=False,  # it folds constants in time that grows with the square of the tokens: 69 against 17 CPU s
        )


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Hold back warnings of the logger: it misses packages that nothing here needs."""
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _slim(model: Any) -> None:
    """Drop what the runtime has no use for: stack traces, which name files of this machine, and double work."""
    passes = require("onnx_ir.passes.common", extra="onnx")
    for name in ("ClearMetadataAndDocString", "CommonSubexpressionElimination", "RemoveUnusedNodes"):
        getattr(passes, f"{name}Pass")()(model)


def normal_quantile(p: Tensor) -> Tensor:
    """Normal scores of probabilities in [1e-11, 1 - 1e-11], to seven digits, in operations that ONNX has."""
    p64 = p.double()
    q = p64 - 0.5
    near = 0.180625 - q * q
    middle = q * _polynomial(near, _A) / _polynomial(near, _B)
    far = torch.sqrt(-torch.log(torch.minimum(p64, 1 - p64))) - 1.6
    tail = torch.sign(q) * _polynomial(far, _C) / _polynomial(far, _D)
    return torch.where(q.abs() <= 0.425, middle, tail).to(p.dtype)


def normal_cdf(x: Tensor) -> Tensor:
    """Probabilities of normal scores, of float32 accuracy: runtimes have no other error function."""
    return (0.5 + 0.5 * torch.erf(x.float() * 2**-0.5)).to(x.dtype)


def _expm1(x: Tensor) -> Tensor:
    return (torch.exp(x.double()) - 1.0).to(x.dtype)


def _log1p(x: Tensor) -> Tensor:
    return torch.log(x.double() + 1.0).to(x.dtype)


def _polynomial(x: Tensor, coefficients: tuple[float, ...]) -> Tensor:
    """Sum of ``coefficients[k] * x ** k``."""
    total = torch.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


_A = (3.3871327179, 50.434271938, 159.29113202, 59.109374720)
_B = (1.0, 17.895169469, 78.757757664, 67.187563600)
_C = (1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103)
_D = (1.0, 0.73700164250, 0.12021132975)

_SPELLED_OUT: dict[Any, Callable[..., Tensor]] = {
    torch.ops.aten.special_ndtri.default: normal_quantile,
    torch.ops.aten.special_ndtr.default: normal_cdf,
    torch.ops.aten.special_expm1.default: _expm1,
    torch.ops.aten.expm1.default: _expm1,
    torch.ops.aten.log1p.default: _log1p,
}


__all__ = ["SamplerGraph", "export_onnx", "normal_cdf", "normal_quantile", "sampler_graph"]
