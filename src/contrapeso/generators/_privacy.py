"""Options of private training; nothing here needs torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from contrapeso.errors import InvalidParameterError
from contrapeso.tables.encoding import Encoding, Token

LEAST_SUPPORT = 10
"""Rows behind every value, bin edge and extreme that the encoder of a private model tells."""
FREQUENCIES = "frequencies/"
"""Start of the names of the arrays that keep noisy frequencies."""


@dataclass(frozen=True, slots=True)
class DifferentialPrivacy:
    """Differential privacy of rows for the training of a network: DP-SGD [1]_, accounted by opacus.

    Whoever knows the weights, and all rows but one, learns little of whether that row was there: the chance of no
    outcome changes by more than a factor exp(epsilon), but for delta. A row is the unit: where a person has many rows,
    the guarantee for the person is weaker. The number of rows counts as public.

    What is covered: the weights of the network and the frequencies of the codes that it starts from. What is not: the
    encoder, that is names of columns, categories, edges of bins and values within them, which every sample and every
    archive tells. A private model takes it with at least 10 rows behind each of them, clipped at the tenth extremes and
    without relations; that is no guarantee. The guarantee also ends where the random numbers are known: with
    ``random_state`` the noise can be drawn again, and with it taken off. Leave ``random_state=None`` for a release.
    Numbers are of floating point and of a Mersenne Twister, not of a cryptographic source.

    Attributes
    ----------
    epsilon : float, default=3.0
        Budget of the whole fit. Below 3 networks learn little from some ten thousand rows.
    delta : float, optional
        Chance that the bound fails; by default 1 / (10 n).
    clip_norm : float, default=1.0
        Most that the gradient of one row may weigh.
    epochs : int, default=30
        Expected passes over the rows; noise grows with it.
    batch_size : int, optional
        Expected rows of a step, each row drawn independently; by default n / 16, between 128 and 4096.
    frequencies : float, default=0.5
        Share of epsilon that noisy frequencies of the codes would cost alone; the noise of the steps grows by about
        half its square (13 %), for costs of Gaussian noise add up in squares.

    References
    ----------
    .. [1] Abadi et al., "Deep Learning with Differential Privacy", CCS 2016, Algorithm 1.
    """

    epsilon: float = 3.0
    delta: float | None = None
    clip_norm: float = 1.0
    epochs: int = 30
    batch_size: int | None = None
    frequencies: float = 0.5

    def __post_init__(self) -> None:
        for name in ("epsilon", "clip_norm"):
            if not 0.0 < getattr(self, name) < float("inf"):
                raise InvalidParameterError(
                    f"DifferentialPrivacy.{name} must be a number above 0; got {getattr(self, name)!r}."
                )
        for name in ("delta", "frequencies"):
            value = getattr(self, name)
            if value is not None and not 0.0 < value < 1.0:
                raise InvalidParameterError(f"DifferentialPrivacy.{name} must be between 0 and 1; got {value!r}.")
        for name in ("epochs", "batch_size"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or value != int(value) or value < 1):
                raise InvalidParameterError(
                    f"DifferentialPrivacy.{name} must be a whole number of at least 1; got {value!r}."
                )

    def delta_for(self, n_rows: int) -> float:
        """The delta for a table of so many rows."""
        return self.delta if self.delta is not None else 1.0 / (10 * n_rows)

    def sample_rate(self, n_rows: int) -> float:
        """Chance of each row to be drawn in a step."""
        size = self.batch_size if self.batch_size is not None else max(128, min(4096, n_rows // 16))
        return min(size / n_rows, 1.0)

    def n_steps(self, n_rows: int) -> int:
        """Steps of the whole training."""
        return max(1, round(self.epochs / self.sample_rate(n_rows)))


def guarded(encoding: Encoding) -> Encoding:
    """The encoding with at least ten rows behind everything that it tells."""
    return replace(
        encoding,
        k_extreme=max(encoding.k_extreme, LEAST_SUPPORT),
        min_support=max(encoding.min_support, LEAST_SUPPORT),
        relations=False,
        tails="clip",
    )


def frequency_arrays(tokens: Sequence[Token]) -> dict[str, NDArray[Any]]:
    """What noise changed of the tokens, by name, to be kept in an archive; see :func:`with_frequencies`."""
    arrays: dict[str, NDArray[Any]] = {}
    for t, token in enumerate(tokens):
        arrays |= {f"{FREQUENCIES}{t}/log_marginal": token.log_marginal, f"{FREQUENCIES}{t}/position": token.position}
        if token.log_prior is not None:
            arrays[f"{FREQUENCIES}{t}/log_prior"] = token.log_prior
    return arrays


def with_frequencies(tokens: Sequence[Token], arrays: Mapping[str, NDArray[Any]]) -> tuple[Token, ...]:
    """The tokens with the frequencies that :func:`frequency_arrays` kept."""
    return tuple(
        replace(
            token,
            log_marginal=arrays[f"{FREQUENCIES}{t}/log_marginal"],
            position=arrays[f"{FREQUENCIES}{t}/position"],
            log_prior=None if token.log_prior is None else arrays[f"{FREQUENCIES}{t}/log_prior"],
        )
        for t, token in enumerate(tokens)
    )


__all__ = ["FREQUENCIES", "LEAST_SUPPORT", "DifferentialPrivacy", "frequency_arrays", "guarded", "with_frequencies"]
