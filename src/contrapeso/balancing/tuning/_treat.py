"""A candidate applied to training rows, and a model fitted to what comes out.

The rows are those of the ladder, so that both are encoded, fed to models and put right for the class shares alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from contrapeso._rng import child
from contrapeso.balancing.ladder._fit import FittedRung, Member, weight_parameter
from contrapeso.balancing.ladder._prior import shares
from contrapeso.balancing.ladder._rows import Feed, Sample, TrainingRows
from contrapeso.balancing.tuning._candidate import Candidate
from contrapeso.balancing.tuning._spaces import METHODS
from contrapeso.errors import InvalidDataError, SingleClassError, UnsupportedOperationError
from contrapeso.progress import Cancel, never
from contrapeso.tables._containers import SparseTable

_ORDER = {name: k for k, name in enumerate(METHODS)}
_STREAM = 40  # the ladder's own streams lie below


def fit_candidate(candidate: Candidate, estimator: Any, rows: TrainingRows, cancel: Cancel = never) -> FittedRung:
    """A clone of ``estimator`` fitted to ``rows`` as the candidate treats them.

    Raises
    ------
    UnsupportedOperationError
        If it weighs rows and the model takes no weights.
    SingleClassError
        If it leaves rows of one class only.
    """
    from sklearn.base import clone

    name = weight_parameter(estimator)
    weighs = candidate.method == "weights"
    if weighs and name is None:
        raise UnsupportedOperationError(
            f"{type(estimator).__name__} takes no sample_weight, so rows cannot be weighed."
        )
    feed, sample = Feed.of(rows, estimator), treated(candidate, rows, cancel)
    known = np.unique(sample.codes)
    if len(known) < 2:
        raise SingleClassError("The treatment left rows of one class only.")
    weighed = {name: sample.weights} if weighs and name else {}
    model = clone(estimator).fit(feed(sample.matrix), np.searchsorted(known, sample.codes), **weighed)
    member = Member(model, known, shares(sample.codes, sample.weights, rows.n_classes))
    real = shares(rows.codes, rows.weights, rows.n_classes)
    return FittedRung((member,), feed, real, corrects=hasattr(model, "predict_proba"))


def treated(candidate: Candidate, rows: TrainingRows, cancel: Cancel = never) -> Sample:
    """The rows that the candidate would train on; as they are where it changes no class."""
    sizes = candidate.sizes(rows.counts)
    if candidate.method == "none" or not sizes:
        return Sample(rows.matrix, rows.codes, rows.weights)
    if candidate.spec.family == "weights":
        return _weighted(candidate, rows)
    seed = child(rows.seed, _STREAM, _ORDER[candidate.method])  # the same for every strength: noise cancels
    if candidate.spec.family == "generator":
        return _generated(candidate, rows, sizes, seed, cancel)
    sampler = _sampler(candidate, rows, sizes, seed)
    made, codes = sampler.fit_resample(rows._boxed(), rows.codes, sample_weight=rows.weights)
    return Sample(rows._unboxed(made), np.asarray(codes), np.asarray(sampler.sample_weight_))


def _weighted(candidate: Candidate, rows: TrainingRows) -> Sample:
    mass = np.bincount(rows.codes, rows.weights, rows.n_classes)
    factors = np.divide(mass.sum(), mass, out=np.zeros_like(mass), where=mass > 0) ** candidate.strength
    weights = rows.weights * factors[rows.codes]
    return Sample(rows.matrix, rows.codes, weights * (len(weights) / weights.sum()))


# Samplers


def _sampler(candidate: Candidate, rows: TrainingRows, sizes: dict[int, int], seed: np.random.SeedSequence) -> Any:
    from contrapeso import samplers

    source, given = candidate.spec.source, dict(candidate.parameters)
    common: dict[str, Any] = {"sampling_strategy": sizes, "random_state": seed}
    if source == "RandomUnderSampler":
        return samplers.RandomUnderSampler(**common)
    if source == "RandomOverSampler":
        return samplers.RandomOverSampler(**common, shrinkage=float(given.get("shrinkage", 0.0)) or None)
    common["n_jobs"] = 1
    if source in ("SMOTE", "SMOTEENN", "SMOTETomek"):
        base = _smote(rows, common, int(given.get("k_neighbors", 5)))
        return base if source == "SMOTE" else _hybrid(source, base, given, common)
    if rows._only_categories():
        raise UnsupportedOperationError(f"{candidate.method} needs columns of numbers; there are categories only.")
    return getattr(samplers, source)(**common, **given)


def _smote(rows: TrainingRows, common: dict[str, Any], k_neighbors: int) -> Any:
    """SMOTE in the variant that the columns need."""
    from contrapeso import samplers

    categorical = rows._categorical()
    if rows._only_categories():
        return samplers.SMOTEN(**common, k_neighbors=k_neighbors)
    if categorical:
        return samplers.SMOTENC(categorical, **common, k_neighbors=k_neighbors)
    return samplers.SMOTE(**common, k_neighbors=k_neighbors)


def _hybrid(source: str, base: Any, given: dict[str, Any], common: dict[str, Any]) -> Any:
    from contrapeso import samplers

    if source == "SMOTETomek":
        return samplers.SMOTETomek(**common, smote=base)
    enn = samplers.EditedNearestNeighbours(
        sampling_strategy="all",
        n_neighbors=int(given.get("enn_neighbors", 3)),
        kind_sel=str(given.get("enn_kind", "all")),  # type: ignore[arg-type]  # the table has no other
        n_jobs=1,
    )
    return samplers.SMOTEENN(**common, smote=base, enn=enn)


# Generators


def _generated(
    candidate: Candidate, rows: TrainingRows, sizes: dict[int, int], seed: np.random.SeedSequence, cancel: Cancel
) -> Sample:
    """New rows of the classes that grow, from a generator fitted to the rows of these classes."""
    if rows.raw or isinstance(rows.table, SparseTable):
        raise InvalidDataError(
            "Generators make rows of plain tables, and this model takes a sparse table, or its table as it is. "
            "Give a classifier that is no pipeline, or tune samplers."
        )
    growing = np.isin(rows.codes, list(sizes))
    frame = rows._boxed() if rows.design.categorical else pd.DataFrame(rows.matrix).add_prefix("x")
    frame = frame[growing].assign(_class=[f"c{c}" for c in rows.codes[growing]])
    model = _generator(candidate, int(seed.generate_state(1)[0])).fit(frame, target="_class", cancel=cancel)
    wanted = {f"c{c}": size - int(rows.counts[c]) for c, size in sizes.items()}
    made = model.sample(n_per_class=wanted)
    codes = made["_class"].astype(str).str[1:].astype(np.intp).to_numpy()
    new = rows._matrix_of(made.drop(columns="_class"))
    mean = np.bincount(rows.codes, rows.weights, rows.n_classes) / np.maximum(rows.counts, 1)
    return Sample(
        np.vstack([rows.matrix, new]), np.concatenate([rows.codes, codes]), np.concatenate([rows.weights, mean[codes]])
    )


def _generator(candidate: Candidate, seed: int) -> Any:
    """Unfitted generator; what is not in its network or training is left to the data."""
    from contrapeso import generators

    given = dict(candidate.parameters)
    family = generators.family_of(candidate.spec.source)
    if candidate.spec.source == "mixture":
        return family(**given, random_state=seed)
    epochs = given.pop("epochs", None)
    network = family.options[0](**given)
    return family(network, training=generators.Training(epochs=epochs), random_state=seed)  # type: ignore[arg-type]


__all__ = ["fit_candidate", "treated"]
