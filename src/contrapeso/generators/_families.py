"""The families: what each constructor takes, and which objective it builds."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from time import perf_counter, process_time
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import RandomState
from contrapeso.errors import CorruptArchiveError, InvalidParameterError
from contrapeso.generators._deep import DeepSynthesizer
from contrapeso.generators._mixture import CategoricalMixture
from contrapeso.generators._networks import (
    AutoregressiveNetwork,
    ConditionalGANNetwork,
    DiffusionNetwork,
    GANNetwork,
    TransformerNetwork,
    VAENetwork,
)
from contrapeso.generators._privacy import DifferentialPrivacy
from contrapeso.generators._record import TrainingRecord
from contrapeso.generators._synthesizer import KIND, Synthesizer
from contrapeso.generators._training import Training
from contrapeso.persistence import read_archive
from contrapeso.progress import Cancel, ProgressCallback
from contrapeso.tables.encoding import Encoded, Encoding, Given, Token

if TYPE_CHECKING:
    import os

    import torch

    from contrapeso.generators.deep._objective import Objective

PLAIN_ENCODING, PLAIN_TRAINING = Encoding(), Training()


class _Network(DeepSynthesizer):
    """A family whose network a module of ``deep`` builds."""

    module: ClassVar[str]

    def __init__(
        self,
        network: Any,
        training: Training = PLAIN_TRAINING,
        encoding: Encoding = PLAIN_ENCODING,
        random_state: RandomState = None,
    ) -> None:
        self.network = network
        self.training = training
        self.encoding = encoding
        self.random_state = random_state

    def _module(self) -> ModuleType:
        return import_module(f"contrapeso.generators.deep.{self.module}")

    def _build(self, tokens: Sequence[Token], n_rows: int, generator: torch.Generator) -> Objective:
        built: Objective = self._module().build(tokens, self.network, n_rows, generator, self._target_token())
        return built

    def _defaults(self, tokens: Sequence[Token], n_rows: int) -> Training:
        found: Training = self._module().defaults(n_rows, tokens)
        return found


class AutoregressiveSynthesizer(_Network):
    """Each column given those before it, on exact values and quantile bins: the default on a CPU.

    Parameters
    ----------
    network : AutoregressiveNetwork
        ``order='fixed'`` is the most faithful; ``order='any'`` conditions exactly on any columns and imputes.
    training : Training
    encoding : Encoding
    random_state : int, Generator, SeedSequence or None, default=None
    privacy : DifferentialPrivacy, optional
        Train with a bound on what the network tells of any row. Epochs, batch size and limit of the gradient are then
        those of the privacy, and nothing is held out or probed.

    References
    ----------
    .. [1] Larochelle and Murray, "The Neural Autoregressive Distribution Estimator", AISTATS 2011.
    .. [2] Tiwald et al., "TabularARGN", arXiv 2501.12012 (2025).

    Examples
    --------
    >>> import pandas as pd
    >>> from contrapeso.generators import AutoregressiveSynthesizer, Training
    >>> rows = pd.DataFrame({"kind": ["pix", "ted"] * 50, "amount": [10.5, 20.0, 10.5, 30.25] * 25})
    >>> model = AutoregressiveSynthesizer(training=Training(epochs=2), random_state=0).fit(rows, target="kind")
    >>> model.sample(n_per_class={"ted": 3})["kind"].tolist()
    ['ted', 'ted', 'ted']
    """

    family = "autoregressive"
    module = "_autoregressive"
    options = (AutoregressiveNetwork, Training, DifferentialPrivacy)
    residuals = True

    def __init__(
        self,
        network: AutoregressiveNetwork = AutoregressiveNetwork(),  # noqa: B008  (frozen)
        training: Training = PLAIN_TRAINING,
        encoding: Encoding = PLAIN_ENCODING,
        random_state: RandomState = None,
        privacy: DifferentialPrivacy | None = None,
    ) -> None:
        super().__init__(network, training, encoding, random_state)
        self.privacy = privacy


class VAESynthesizer(_Network):
    """A variational auto-encoder with an autoregressive decoder over the tokens.

    Parameters
    ----------
    network : VAENetwork
    training : Training
    encoding : Encoding
    random_state : int, Generator, SeedSequence or None, default=None
    privacy : DifferentialPrivacy, optional
        Train with a bound on what the network tells of any row. Epochs, batch size and limit of the gradient are then
        those of the privacy, and nothing is held out or probed.

    References
    ----------
    .. [1] Kingma and Welling, "Auto-Encoding Variational Bayes", ICLR 2014.
    .. [2] Xu et al., "Modeling Tabular Data using Conditional GAN", NeurIPS 2019, Sec. 4.4 (TVAE).
    """

    family = "vae"
    module = "_vae"
    options = (VAENetwork, Training, DifferentialPrivacy)
    residuals = True

    def __init__(
        self,
        network: VAENetwork = VAENetwork(),  # noqa: B008
        training: Training = PLAIN_TRAINING,
        encoding: Encoding = PLAIN_ENCODING,
        random_state: RandomState = None,
        privacy: DifferentialPrivacy | None = None,
    ) -> None:
        super().__init__(network, training, encoding, random_state)
        self.privacy = privacy


class GANSynthesizer(_Network):
    """A generative adversarial network on exact values and quantile bins; conditions are met by rejection.

    Parameters
    ----------
    network : GANNetwork
    training : Training
    encoding : Encoding
    random_state : int, Generator, SeedSequence or None, default=None

    References
    ----------
    .. [1] Goodfellow et al., "Generative Adversarial Nets", NeurIPS 2014.
    .. [2] Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?", ICML 2018.
    """

    family = "gan"
    module = "_gan"
    options = (GANNetwork, Training)
    conditional = False

    def __init__(
        self,
        network: GANNetwork = GANNetwork(),  # noqa: B008
        training: Training = PLAIN_TRAINING,
        encoding: Encoding = PLAIN_ENCODING,
        random_state: RandomState = None,
    ) -> None:
        super().__init__(network, training, encoding, random_state)


class ConditionalGANSynthesizer(_Network):
    """A generative adversarial network that takes the class and any other columns as a condition.

    Parameters
    ----------
    network : ConditionalGANNetwork
    training : Training
    encoding : Encoding
    random_state : int, Generator, SeedSequence or None, default=None

    References
    ----------
    .. [1] Mirza and Osindero, "Conditional Generative Adversarial Nets", arXiv 1411.1784 (2014).
    .. [2] Miyato and Koyama, "cGANs with Projection Discriminator", ICLR 2018.
    """

    family = "cgan"
    module = "_conditional_gan"
    options = (ConditionalGANNetwork, Training)

    def __init__(
        self,
        network: ConditionalGANNetwork = ConditionalGANNetwork(),  # noqa: B008
        training: Training = PLAIN_TRAINING,
        encoding: Encoding = PLAIN_ENCODING,
        random_state: RandomState = None,
    ) -> None:
        super().__init__(network, training, encoding, random_state)


class DiffusionSynthesizer(_Network):
    """Masked diffusion over tokens, and Gaussian diffusion of the positions within bins.

    Parameters
    ----------
    network : DiffusionNetwork
    training : Training
    encoding : Encoding
    random_state : int, Generator, SeedSequence or None, default=None

    References
    ----------
    .. [1] Sahoo et al., "Simple and Effective Masked Diffusion Language Models", NeurIPS 2024.
    .. [2] Shi et al., "TabDiff", ICLR 2025.
    .. [3] Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models", NeurIPS 2022.
    """

    family = "diffusion"
    module = "_diffusion"
    options = (DiffusionNetwork, Training)
    residuals = True

    def __init__(
        self,
        network: DiffusionNetwork = DiffusionNetwork(),  # noqa: B008
        training: Training = PLAIN_TRAINING,
        encoding: Encoding = PLAIN_ENCODING,
        random_state: RandomState = None,
    ) -> None:
        super().__init__(network, training, encoding, random_state)


class TransformerSynthesizer(_Network):
    """A transformer over column tokens, and a flow for the positions within bins: the top tier where a GPU is at hand.

    Parameters
    ----------
    network : TransformerNetwork
    training : Training
    encoding : Encoding
    random_state : int, Generator, SeedSequence or None, default=None

    References
    ----------
    .. [1] Vaswani et al., "Attention Is All You Need", NeurIPS 2017.
    .. [2] Lipman et al., "Flow Matching for Generative Modeling", ICLR 2023.
    """

    family = "transformer"
    module = "_transformer"
    options = (TransformerNetwork, Training)
    residuals = True

    def __init__(
        self,
        network: TransformerNetwork = TransformerNetwork(),  # noqa: B008
        training: Training = PLAIN_TRAINING,
        encoding: Encoding = PLAIN_ENCODING,
        random_state: RandomState = None,
    ) -> None:
        super().__init__(network, training, encoding, random_state)


class MixtureSynthesizer(Synthesizer):
    """A mixture of categorical columns whose hidden states form a tree, fitted by EM: in seconds, without torch.

    Conditionals, likelihood and imputation are exact.

    Parameters
    ----------
    n_components : int, optional
        Values of each hidden state: by default one for 256 rows, 8 to 64.
    n_passes : int, optional
        Passes over the rows: by default as many as make about 160 steps of stepwise EM.
    prior : float, optional
        Rows by which each state leans to the frequencies of the whole table: by default 0.1, and 1 under 5,000 rows.
    encoding : Encoding
    random_state : int, Generator, SeedSequence or None, default=None

    References
    ----------
    .. [1] Dempster, Laird and Rubin, "Maximum Likelihood from Incomplete Data via the EM Algorithm", JRSS B 39 (1977).
    .. [2] Liu and Van den Broeck, "Tractable Regularization of Probabilistic Circuits", NeurIPS 2021.

    Examples
    --------
    >>> import pandas as pd
    >>> from contrapeso.generators import MixtureSynthesizer
    >>> rows = pd.DataFrame({"kind": ["pix", "ted"] * 50, "amount": [10.5, 20.0, 10.5, 30.25] * 25})
    >>> model = MixtureSynthesizer(random_state=0).fit(rows, target="kind")
    >>> sorted(set(model.sample(50, conditions={"kind": "pix"})["amount"]))
    [10.5]
    """

    family = "mixture"
    _mixture: CategoricalMixture

    def __init__(
        self,
        n_components: int | None = None,
        n_passes: int | None = None,
        prior: float | None = None,
        encoding: Encoding = PLAIN_ENCODING,
        random_state: RandomState = None,
    ) -> None:
        self.n_components = n_components
        self.n_passes = n_passes
        self.prior = prior
        self.encoding = encoding
        self.random_state = random_state

    def _fit_rows(
        self, rows: Encoded, seed: np.random.SeedSequence, progress: ProgressCallback, cancel: Cancel, *, resume: bool
    ) -> TrainingRecord:
        del resume  # a fit takes seconds: there is nothing to resume
        started = process_time(), perf_counter()
        self._mixture = CategoricalMixture.fit(
            rows,
            self.encoder_.tokens_,
            n_components=self.n_components,
            n_passes=self.n_passes,
            prior=self.prior,
            seed=seed,
            progress=progress,
            cancel=cancel,
        )
        return _fitted_record(len(rows), *started)

    def _update_rows(
        self, rows: Encoded, seed: np.random.SeedSequence, progress: ProgressCallback, cancel: Cancel
    ) -> TrainingRecord:
        del seed
        started = process_time(), perf_counter()
        self._mixture = self._mixture.update(rows, progress=progress, cancel=cancel)
        return _fitted_record(len(rows), *started)

    def _sample_rows(self, given: Given, seed: np.random.SeedSequence) -> Encoded:
        return self._mixture.sample(given, np.random.Generator(np.random.PCG64DXSM(seed)))

    def _log_prob_rows(self, rows: Encoded) -> NDArray[np.float64]:
        return self._mixture.log_prob(rows.codes)

    def _model_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return self._mixture.state()

    def _restore_model(self, content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._mixture = CategoricalMixture.from_state(content, arrays, self.encoder_.tokens_)


def _fitted_record(n_rows: int, cpu: float, wall: float) -> TrainingRecord:
    return TrainingRecord(
        "EM has converged or done its iterations.",
        n_rows=n_rows,
        cpu_s=process_time() - cpu,
        wall_s=perf_counter() - wall,
    )


FAMILIES: MappingProxyType[str, type[Synthesizer]] = MappingProxyType(
    {
        cls.family: cls
        for cls in (
            AutoregressiveSynthesizer,
            ConditionalGANSynthesizer,
            DiffusionSynthesizer,
            GANSynthesizer,
            MixtureSynthesizer,
            TransformerSynthesizer,
            VAESynthesizer,
        )
    }
)
"""Name of the family -> its class."""


def family_of(name: str) -> type[Any]:
    """The class of the family ``name``.

    Raises
    ------
    InvalidParameterError
        If there is none of that name.
    """
    if name not in FAMILIES:
        raise InvalidParameterError(f"There is no family {name!r}. Families: {', '.join(FAMILIES)}.")
    return FAMILIES[name]


def load_synthesizer(path: str | os.PathLike[str]) -> Synthesizer:
    """The generator that ``save`` wrote, of whatever family.

    Raises
    ------
    FileMissingError, CorruptArchiveError, NewerArchiveError
        If the archive is not there, is damaged, or was written by a newer version.
    MissingExtraError
        If it needs torch and that is not installed.
    """
    archive = read_archive(path, KIND)
    family = archive.content.get("family")
    if not isinstance(family, str) or family not in FAMILIES:
        raise CorruptArchiveError(f"The archive holds the family {family!r}, which this version does not know.")
    return FAMILIES[family].from_archive(archive)


__all__ = [
    "FAMILIES",
    "AutoregressiveSynthesizer",
    "ConditionalGANSynthesizer",
    "DiffusionSynthesizer",
    "GANSynthesizer",
    "MixtureSynthesizer",
    "TransformerSynthesizer",
    "VAESynthesizer",
    "family_of",
    "load_synthesizer",
]
