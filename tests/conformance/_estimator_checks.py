"""imbalanced-learn's estimator checks and scikit-learn's, on every sampler; copied beside its tests and run there."""

import warnings
from typing import Any

import imblearn.combine
import imblearn.over_sampling
import imblearn.under_sampling
import numpy as np
import pytest
from imblearn.utils._test_common.instance_generator import INIT_PARAMS
from imblearn.utils.estimator_checks import (
    _set_checking_parameters,
    check_dataframe_column_names_consistency,
    check_param_validation,
    estimator_checks_generator,
)
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.utils.estimator_checks import estimator_checks_generator as sklearn_checks_generator

import contrapeso.samplers


def samplers() -> list[Any]:
    """An instance of every sampler we have, with the parameters that imbalanced-learn tests its own with."""
    made = []
    for module in (imblearn.over_sampling, imblearn.under_sampling, imblearn.combine):
        for name in module.__all__:
            if not hasattr(contrapeso.samplers, name):
                continue
            given = INIT_PARAMS.get(getattr(module, name), {})
            for parameters in given if isinstance(given, list) else [given]:
                sampler = getattr(module, name)(**parameters)
                _set_checking_parameters(sampler)
                if name == "InstanceHardnessThreshold":  # 13 of the 20 seconds of all checks, with a hundred trees
                    sampler.set_params(estimator=RandomForestClassifier(n_estimators=5, random_state=0))
                made.append(sampler)
    return made


def label(sampler: Any) -> str:
    version = f"-{sampler.version}" if type(sampler).__name__ == "NearMiss" else ""
    return type(sampler).__name__ + version


def pairs(generator: Any) -> list[Any]:
    found = []
    for sampler in samplers():
        if type(sampler).__name__ == "SMOTENC":
            continue  # needs a categorical column; imbalanced-learn leaves it out too and has tests of its own for it
        for estimator, check in generator(sampler):
            found.append(pytest.param(estimator, check, id=f"{label(sampler)}-{check.func.__name__}"))
    return found


@pytest.mark.parametrize(("estimator", "check"), pairs(estimator_checks_generator))
def test_imbalanced_learn_check(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


@pytest.mark.parametrize(("estimator", "check"), pairs(sklearn_checks_generator))
def test_scikit_learn_check(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


@pytest.mark.parametrize("sampler", samplers(), ids=label)
def test_param_validation(sampler: Any) -> None:
    check_param_validation(type(sampler).__name__, sampler)


@pytest.mark.parametrize("sampler", [s for s in samplers() if type(s).__name__ != "SMOTENC"], ids=label)
def test_column_names(sampler: Any) -> None:
    check_dataframe_column_names_consistency(type(sampler).__name__, sampler)


@pytest.mark.parametrize("sampler", samplers(), ids=label)
def test_the_same_seed_gives_the_same_rows(sampler: Any) -> None:
    rng = np.random.default_rng(0)
    X, y = np.round(rng.normal(size=(120, 3)), 1), np.repeat([0, 1, 1, 1], 30)
    X[:, 0] = rng.integers(0, 2, 120)
    first, again = (clone(sampler).fit_resample(X, y) for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
