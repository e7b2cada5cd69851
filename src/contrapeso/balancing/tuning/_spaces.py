"""What can be tuned: one table of methods, each with the dimensions that it alone has.

``strength`` s is common to all: a class of n rows ends with ``n ** (1 - s) * N ** s``, N being the largest class (the
smallest, where rows are dropped). 0 leaves the rows as they are, 1 makes the classes equal, and the steps between are
even in the ratio of the classes, whatever it was at first. As weights it is the exponent of the inverse class shares.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from contrapeso.errors import InvalidParameterError

Value = int | float | str
Kind = Literal["int", "float", "choice"]
Family = Literal["weights", "under", "over", "hybrid", "generator"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One parameter: whole numbers or numbers in [low, high], on a log scale where ``log``; or one of ``choices``.

    ``numbers_only``: left out where the table has categories.
    """

    name: str
    kind: Kind
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    choices: tuple[str | int, ...] = ()
    numbers_only: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """One way of treating the rows.

    ``source`` is the class of :mod:`contrapeso.samplers`, or the family of :mod:`contrapeso.generators`. A ``dear``
    method is tried only when it is asked for by name.
    """

    name: str
    family: Family
    source: str
    dimensions: tuple[Dimension, ...] = ()
    dear: bool = False

    @property
    def needs_numbers(self) -> bool:
        """Whether it makes rows between points, in no variant for a table of categories alone."""
        return self.family == "over" and self.source not in ("RandomOverSampler", "SMOTE")


def _whole(name: str, low: int, high: int, *, log: bool = False) -> Dimension:
    return Dimension(name, "int", low, high, log)


def _number(name: str, low: float, high: float, *, log: bool = False, numbers_only: bool = False) -> Dimension:
    return Dimension(name, "float", low, high, log, numbers_only=numbers_only)


def _choice(name: str, *choices: str | int) -> Dimension:
    return Dimension(name, "choice", choices=choices)


STRENGTH = _number("strength", 0.1, 1.0)
_K = _whole("k_neighbors", 1, 15)
_M = _whole("m_neighbors", 3, 20)
_DROPOUT = _number("dropout", 0.0, 0.5)
_EPOCHS = _whole("epochs", 20, 200, log=True)
_HIDDEN = _whole("hidden", 16, 256, log=True)
_GAN = (
    _whole("width", 64, 512, log=True),
    _whole("n_blocks", 1, 5),
    _whole("discriminator_width", 32, 256, log=True),
    _EPOCHS,
)

_ALL: tuple[Method, ...] = (
    Method("weights", "weights", ""),
    Method("random_under", "under", "RandomUnderSampler"),
    Method("random_over", "over", "RandomOverSampler", (_number("shrinkage", 0.0, 1.0, numbers_only=True),)),
    Method("smote", "over", "SMOTE", (_K,)),
    Method("borderline", "over", "BorderlineSMOTE", (_K, _M, _choice("kind", "borderline-1", "borderline-2"))),
    Method("adasyn", "over", "ADASYN", (_whole("n_neighbors", 1, 15),)),
    Method(
        "prowsyn",
        "over",
        "ProWSyn",
        (_whole("n_neighbors", 2, 15), _whole("n_levels", 2, 8), _number("theta", 0.1, 5.0, log=True)),
    ),
    Method("polynom_fit", "over", "PolynomFitSMOTE", (_choice("topology", "star", "bus", "mesh", "poly_2"),)),
    Method(
        "geometric",
        "over",
        "GeometricSMOTE",
        (
            _K,
            _number("truncation_factor", -1.0, 1.0),
            _number("deformation_factor", 0.0, 1.0),
            _choice("selection_strategy", "combined", "minority", "majority"),
        ),
    ),
    Method("svm_smote", "over", "SVMSMOTE", (_K, _M, _number("out_step", 0.1, 0.9)), dear=True),
    Method(
        "kmeans_smote",
        "over",
        "KMeansSMOTE",
        (_whole("k_neighbors", 1, 10), _number("cluster_balance_threshold", 0.01, 0.2, log=True)),
        dear=True,
    ),
    Method(
        "lee",
        "over",
        "Lee",
        (_K, _whole("n_neighbors", 2, 15), _number("rejection_level", 0.1, 0.9)),
        dear=True,
    ),
    Method("smobd", "over", "SMOBD", (_number("eta1", 0.0, 1.0), _whole("min_samples", 2, 15)), dear=True),
    Method("smote_ipf", "over", "SMOTEIPF", (_K, _whole("n_folds", 3, 9)), dear=True),
    Method("smote_enn", "hybrid", "SMOTEENN", (_K, _whole("enn_neighbors", 1, 7), _choice("enn_kind", "all", "mode"))),
    Method("smote_tomek", "hybrid", "SMOTETomek", (_K,)),
    Method(
        "mixture",
        "generator",
        "mixture",
        (_whole("n_components", 4, 64, log=True), _number("prior", 0.05, 2.0, log=True)),
        dear=True,
    ),
    Method(
        "autoregressive",
        "generator",
        "autoregressive",
        (_whole("state", 16, 256, log=True), _HIDDEN, _DROPOUT, _EPOCHS),
        dear=True,
    ),
    Method(
        "vae",
        "generator",
        "vae",
        (_whole("latent", 4, 64, log=True), _HIDDEN, _whole("prior_parts", 8, 128, log=True), _DROPOUT, _EPOCHS),
        dear=True,
    ),
    Method("gan", "generator", "gan", _GAN, dear=True),
    Method("cgan", "generator", "cgan", _GAN, dear=True),
    Method(
        "diffusion",
        "generator",
        "diffusion",
        (_whole("width", 64, 512, log=True), _whole("n_blocks", 1, 5), _DROPOUT, _EPOCHS),
        dear=True,
    ),
    Method(
        "transformer",
        "generator",
        "transformer",
        (_choice("width", 32, 64, 128, 256), _whole("n_layers", 1, 6), _choice("n_heads", 2, 4), _DROPOUT, _EPOCHS),
        dear=True,
    ),
)

METHODS: dict[str, Method] = {method.name: method for method in _ALL}
AUTO: tuple[str, ...] = tuple(method.name for method in _ALL if not method.dear)


def asked(sampler: str | Iterable[str], *, only_categories: bool) -> tuple[Method, ...]:
    """The methods of these names, in the order of the table; for 'auto' all that are not dear and suit the columns.

    Raises
    ------
    InvalidParameterError
        If there is no such method, or none is named; the message names the nearest.
    """
    names = [sampler] if isinstance(sampler, str) else list(sampler)
    auto = [name for name in AUTO if not (only_categories and METHODS[name].needs_numbers)]
    wanted = {name for given in names for name in (auto if given == "auto" else (given,))}
    for name in sorted(wanted, key=str):
        if name not in METHODS:
            nearest = get_close_matches(str(name), METHODS, n=1, cutoff=0.0)[0]
            raise InvalidParameterError(
                f"There is no method {name!r} to tune; nearest is {nearest!r}. Methods: auto, {', '.join(METHODS)}.",
                {"nearest": nearest},
            )
    if not wanted:
        raise InvalidParameterError("sampler must name at least one method, or be 'auto'; got none.")
    return tuple(method for method in _ALL if method.name in wanted)


def dimensions_of(method: Method, *, has_categories: bool) -> Sequence[Dimension]:
    """The dimensions of the method in a table with or without categories; ``strength`` first."""
    own = (found for found in method.dimensions if not (found.numbers_only and has_categories))
    return (STRENGTH, *own)


__all__ = ["AUTO", "METHODS", "STRENGTH", "Dimension", "Family", "Method", "Value", "asked", "dimensions_of"]
