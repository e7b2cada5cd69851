"""imbalanced-learn's own public checks, run on our samplers.

The checks branch on ``isinstance(sampler, BaseOverSampler)`` and read two tags that only imbalanced-learn
has, so the classes are registered as virtual subclasses and given those tags, here and nowhere else.
"""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling.base import BaseOverSampler as ImblearnOverSampler
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling.base import BaseUnderSampler as ImblearnUnderSampler
from imblearn.utils._tags import InputTags, SamplerTags, Tags
from imblearn.utils.estimator_checks import (
    check_dataframe_column_names_consistency,
    check_param_validation,
    estimator_checks_generator,
)
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.utils._tags import TargetTags

from contrapeso.samplers import SMOTE, SMOTENC, RandomOverSampler, RandomUnderSampler

RANDOM = {"RandomOverSampler", "RandomUnderSampler"}


def _with_imblearn_tags(base: type) -> type:
    """``base`` under its own name, with the tags that imbalanced-learn's checks ask for."""

    def tags(self: Any) -> Tags:
        accepts_anything = base.__name__ in RANDOM
        inputs = InputTags(sparse=base is not SMOTENC, string=accepts_anything, allow_nan=True, dataframe=True)
        return Tags(
            estimator_type="sampler",
            target_tags=TargetTags(required=True),
            input_tags=inputs,
            sampler_tags=SamplerTags(sample_indices=accepts_anything),
        )

    tagged = type(base.__name__, (base,), {"__sklearn_tags__": tags, "__module__": __name__})
    (ImblearnUnderSampler if base is RandomUnderSampler else ImblearnOverSampler).register(tagged)
    return tagged


TaggedSMOTE, TaggedOver, TaggedUnder = map(_with_imblearn_tags, (SMOTE, RandomOverSampler, RandomUnderSampler))
TaggedSMOTENC = _with_imblearn_tags(SMOTENC)
SAMPLERS = [TaggedSMOTE(random_state=0), TaggedOver(random_state=0), TaggedUnder(random_state=0)]

EXPECTED_FAILURES: dict[str, dict[str, str]] = {}
"""Sampler -> check -> reason. Empty: every check that applies passes."""


def _checks() -> list[Any]:
    """(sampler, check) pairs; ``parametrize_with_checks`` itself gives pytest a generator, which it no longer takes."""
    pairs = []
    for sampler in SAMPLERS:
        failures = EXPECTED_FAILURES.get(type(sampler).__name__, {})
        for estimator, check in estimator_checks_generator(sampler, expected_failed_checks=failures, mark="xfail"):
            pairs.append(pytest.param(estimator, check, id=f"{type(sampler).__name__}-{check.func.__name__}"))
    return pairs


@pytest.mark.parametrize(("estimator", "check"), _checks())
def test_sampler_passes_the_check_of_imbalanced_learn(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("sampler", [*SAMPLERS, TaggedSMOTENC([0], random_state=0)], ids=lambda s: type(s).__name__)
def test_bad_parameters_are_refused_in_the_words_of_scikit_learn(sampler: Any) -> None:
    check_param_validation(type(sampler).__name__, sampler)


@pytest.mark.parametrize("sampler", [*SAMPLERS, TaggedSMOTENC([0], random_state=0)], ids=lambda s: type(s).__name__)
def test_feature_names_are_remembered(sampler: Any) -> None:
    if not isinstance(sampler, SMOTENC):
        check_dataframe_column_names_consistency(type(sampler).__name__, sampler)
    X, y = make_classification(n_samples=60, weights=[0.7], random_state=0)
    names = [f"c{i}" for i in range(X.shape[1])]
    frame = pd.DataFrame(X, columns=names)
    fitted = clone(sampler).fit(frame, y)
    assert fitted.feature_names_in_.tolist() == names
    assert fitted.n_features_in_ == len(names)
    assert fitted.get_feature_names_out().tolist() == names


@pytest.mark.parametrize("sampler", [SMOTE(), RandomOverSampler(), RandomUnderSampler(), SMOTENC([0])])
def test_sampler_works_as_a_step_of_imbalanced_learns_pipeline(sampler: Any) -> None:
    X, y = make_classification(n_samples=200, weights=[0.9], flip_y=0, random_state=0)
    X[:, 0] = np.round(X[:, 0])
    sampler = clone(sampler).set_params(random_state=0)
    pipeline = make_pipeline(sampler, LogisticRegression())
    pipeline.fit(X, y)
    X_resampled, y_resampled = clone(sampler).fit_resample(X, y)
    alone = LogisticRegression().fit(X_resampled, y_resampled)
    assert pipeline.predict_proba(X) == pytest.approx(alone.predict_proba(X))


def test_virtual_registration_is_confined_to_the_tests() -> None:
    assert not isinstance(SMOTE(), ImblearnOverSampler)
    assert isinstance(TaggedSMOTE(), ImblearnOverSampler)
