"""What the families of networks share: they build an objective, the loop trains it, torch samples from it.

Nothing here imports torch before a network is built or restored.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from contrapeso._optional import require
from contrapeso._rng import child
from contrapeso.errors import CorruptArchiveError, UnsupportedOperationError
from contrapeso.generators._card import ModelCard
from contrapeso.generators._privacy import (
    FREQUENCIES,
    DifferentialPrivacy,
    frequency_arrays,
    guarded,
    with_frequencies,
)
from contrapeso.generators._record import TrainingRecord
from contrapeso.generators._synthesizer import Synthesizer
from contrapeso.generators._training import Training
from contrapeso.progress import Cancel, ProgressCallback
from contrapeso.tables.encoding import Encoded, Encoding, Given, Token

if TYPE_CHECKING:
    import os

    import torch

    from contrapeso.generators.deep._objective import Objective
    from contrapeso.generators.deep._private import Budget

CHUNK = 8192
"""Rows sampled or scored at once."""
BUILD, TRAIN, HIDDEN = 0, 1, 2
WARM_RATE = 0.3
"""Share of the learning rate with which :meth:`partial_fit` goes on."""


class DeepSynthesizer(Synthesizer):
    """Base of the families of networks."""

    network: Any
    training: Training
    privacy: DifferentialPrivacy | None = None
    _n_fitted: int
    _net: Objective
    _noisy: tuple[Token, ...] | None = None
    """Tokens with the noisy frequencies that a private network starts from."""
    _spent: Budget | None = None

    def _build(self, tokens: Sequence[Token], n_rows: int, generator: torch.Generator) -> Objective:
        """The family's objective with fresh weights."""
        raise NotImplementedError

    def _defaults(self, tokens: Sequence[Token], n_rows: int) -> Training:
        """The family's options for such a table, none of them None."""
        raise NotImplementedError

    def _target_token(self) -> int | None:
        """Token of the target, or of its coarse part."""
        names = [token.column for token in self.encoder_.tokens_]
        return names.index(self.target_) if self.target_ in names else None

    def _fit_rows(
        self, rows: Encoded, seed: np.random.SeedSequence, progress: ProgressCallback, cancel: Cancel, *, resume: bool
    ) -> TrainingRecord:
        require("torch", extra="deep")
        self._n_fitted = len(rows)
        self._noisy = self._spent = None
        if self.privacy is not None:
            return self._fit_privately(self.privacy, rows, seed, progress, cancel)
        self._net = self._built(seed)
        training = self._filled_training()
        return self._trained(rows, training, child(seed, TRAIN), progress, cancel, resume=resume, fresh=True)

    def _fit_privately(
        self,
        privacy: DifferentialPrivacy,
        rows: Encoded,
        seed: np.random.SeedSequence,
        progress: ProgressCallback,
        cancel: Cancel,
    ) -> TrainingRecord:
        """Train with noise whose seed is kept nowhere, unless ``random_state`` asks for the same rows again."""
        from contrapeso.generators.deep._private import budget, noisy_tokens, train_private

        plan = budget(privacy, len(rows))
        hidden = np.random.SeedSequence() if self.random_state is None else child(seed, HIDDEN)
        self._noisy = noisy_tokens(self.encoder_.tokens_, rows, plan.frequency_noise, hidden)
        self._net, self._spent = self._built(seed), plan
        training = self._filled_training()
        return train_private(self._net, rows, training, plan, seed=hidden, progress=progress, cancel=cancel)

    def _update_rows(
        self, rows: Encoded, seed: np.random.SeedSequence, progress: ProgressCallback, cancel: Cancel
    ) -> TrainingRecord:
        if self.privacy is not None:
            raise UnsupportedOperationError(
                "A private fit has spent its budget; going on would pass it. Fit a new model on all rows."
            )
        from contrapeso.generators.deep._objective import CountsRows

        if isinstance(self._net, CountsRows):
            self._net.forget_rows()
        training = self._filled_training()
        gentle = replace(training, learning_rate=WARM_RATE * (training.learning_rate or 0.0), checkpoint=None)
        return self._trained(rows, gentle, child(seed, TRAIN), progress, cancel, resume=False, fresh=False)

    def _filled_training(self) -> Training:
        return self.training.filled(self._defaults(self.encoder_.tokens_, self._n_fitted))

    def _trained(
        self,
        rows: Encoded,
        training: Training,
        seed: np.random.SeedSequence,
        progress: ProgressCallback,
        cancel: Cancel,
        *,
        resume: bool,
        fresh: bool,
    ) -> TrainingRecord:
        from contrapeso.generators.deep._loop import train

        checkpoint = None if training.checkpoint is None else Path(training.checkpoint)
        return train(
            self._net,
            rows,
            self.encoder_.tokens_,
            training,
            seed=seed,
            weights=None,
            validation=None,
            progress=progress,
            cancel=cancel,
            fresh=fresh,
            resume=checkpoint if resume and checkpoint is not None and checkpoint.exists() else None,
        )

    def _built(self, seed: np.random.SeedSequence) -> Objective:
        return self._build(self._noisy or self.encoder_.tokens_, self._n_fitted, _generator(child(seed, BUILD)))

    def _sample_rows(self, given: Given, seed: np.random.SeedSequence) -> Encoded:
        import torch

        from contrapeso.generators.deep._objective import Request

        parts: list[Encoded] = []
        device = next(self._net.module.parameters()).device
        with self._threads(), torch.inference_mode():
            for number, start in enumerate(range(0, len(given), CHUNK)):
                some = given.rows(slice(start, start + CHUNK))
                allowed = {t: torch.from_numpy(mask).to(device) for t, mask in some.allowed.items()}
                request = Request(torch.from_numpy(some.codes.astype(np.int64)).to(device), allowed)
                codes, residual = self._net.sample(request, _generator(child(seed, number), device))
                within = None if residual is None else residual.float().cpu().numpy()
                parts.append(Encoded(codes.cpu().numpy().astype(np.int32), within))
        return _stacked(parts, len(self.encoder_.tokens_))

    def _log_prob_rows(self, rows: Encoded) -> NDArray[np.float64]:
        import torch

        from contrapeso.generators.deep._objective import Batch

        log_prob = getattr(self._net, "log_prob", None)
        if log_prob is None:
            return super()._log_prob_rows(rows)
        device = next(self._net.module.parameters()).device
        scores = [np.empty(0)]
        with self._threads(), torch.inference_mode():
            for start in range(0, len(rows), CHUNK):
                some = slice(start, start + CHUNK)
                codes = torch.from_numpy(rows.codes[some].astype(np.int64)).to(device)
                residual = None if rows.residual is None else torch.from_numpy(rows.residual[some]).to(device)
                scores.append(log_prob(Batch(codes, residual)).double().cpu().numpy())
        return np.concatenate(scores)

    def export_onnx(self, path: str | os.PathLike[str], *, candidates: int = 1) -> None:
        """Write the sampler as one ONNX file; see :func:`contrapeso.generators.deep._onnx.export_onnx`."""
        self._check_fitted()
        require("torch", extra="deep")
        from contrapeso.generators.deep._onnx import export_onnx

        export_onnx(self, path, candidates=candidates)

    def _encoding(self) -> Encoding:
        encoding = super()._encoding()
        return encoding if self.privacy is None else guarded(encoding)

    def _privacy(self) -> dict[str, Any] | None:
        if self._spent is None:
            return None
        noise = "fresh, kept nowhere" if self.random_state is None else "of random_state: they can be drawn again"
        return self._spent.to_dict() | {"random_numbers": noise}

    def _card(self, digest: str, record: TrainingRecord) -> ModelCard:
        if self._spent is None:
            return super()._card(digest, record)
        card = super()._card("withheld: it would tell whether a table is the one that trained", record)
        return replace(card, limits=(*card.limits, f"Outside epsilon. {self._spent.to_dict()['leaves_out']}"))

    def _threads(self) -> AbstractContextManager[None]:
        from contrapeso.generators.deep._device import threads

        return threads(self.training.n_threads)

    def _model_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        from contrapeso.generators.deep._objective import sampling_module

        weights = sampling_module(self._net).state_dict()
        arrays = {name: value.detach().cpu().numpy() for name, value in weights.items()}
        noisy = {} if self._noisy is None else frequency_arrays(self._noisy)
        return {"n_fitted": self._n_fitted}, arrays | noisy

    def _restore_model(self, content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        torch = require("torch", extra="deep")
        from contrapeso.generators.deep._objective import sampling_module

        self._n_fitted = int(content["n_fitted"])
        if any(name.startswith(FREQUENCIES) for name in arrays):
            self._noisy = with_frequencies(self.encoder_.tokens_, arrays)
        arrays = {name: value for name, value in arrays.items() if not name.startswith(FREQUENCIES)}
        self._net = self._built(np.random.SeedSequence(0))
        weights = {name: torch.from_numpy(value.copy()) for name, value in arrays.items()}
        try:
            sampling_module(self._net).load_state_dict(weights)
        except RuntimeError as error:
            raise CorruptArchiveError(f"The weights do not fit the network: {error}. Save the model again.") from error
        self._net.module.eval()


def _generator(seed: np.random.SeedSequence, device: Any = "cpu") -> torch.Generator:
    import torch

    return torch.Generator(device=device).manual_seed(int(seed.generate_state(1, np.uint64)[0] >> np.uint64(1)))


def _stacked(parts: Sequence[Encoded], n_tokens: int) -> Encoded:
    if not parts:
        return Encoded(np.empty((0, n_tokens), dtype=np.int32))
    codes = np.concatenate([part.codes for part in parts])
    if any(part.residual is None for part in parts):
        return Encoded(codes)
    return Encoded(codes, np.concatenate([part.residual for part in parts if part.residual is not None]))


__all__ = ["DeepSynthesizer"]
