"""The one config dict that the service classes take: defaults, merged with what the caller gave.

An unknown key is an error that names the nearest key that exists; nothing is ignored in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from difflib import get_close_matches

from contrapeso.errors import InvalidParameterError, UnknownConfigKeyError

SMOTE_DEFAULTS: Mapping[str, object] = {"random_state": 42, "k_neighbors": 5, "sampling_strategy": "auto"}
SYNTHETIC_DEFAULTS: Mapping[str, object] = {
    "methods": ["vae", "gan"],
    "sample_size_ratio": 0.5,
    "epochs": 100,
    "batch_size": 32,
    "random_state": 42,
    "target": None,
    "max_time_s": None,
    "mix": False,
}
QUALITY_DEFAULTS: Mapping[str, object] = {
    "statistical_tests": ["ks_test", "mann_whitney", "js_divergence"],
    "quality_thresholds": {
        "statistical_similarity": 0.8,
        "distribution_preservation": 0.75,
        "business_rule_compliance": 0.9,
    },
}
DEFAULTS: Mapping[str, object] = {
    "smote": SMOTE_DEFAULTS,
    "synthetic": SYNTHETIC_DEFAULTS,
    "quality": QUALITY_DEFAULTS,
}


def merge(defaults: Mapping[str, object], given: Mapping[str, object] | None) -> dict[str, object]:
    """A fresh dict: ``defaults`` with the values of ``given`` laid over them, section by section.

    Raises
    ------
    UnknownConfigKeyError
        If ``given`` has a key that ``defaults`` does not; the message names the nearest one.
    InvalidParameterError
        If a section is not a mapping.
    """
    return _merge(defaults, given, path="config")


def section(name: str, given: Mapping[str, object] | None) -> dict[str, object]:
    """The settings of one class, from its own section or from the whole documented dict.

    ``{'k_neighbors': 3}`` and ``{'smote': {'k_neighbors': 3}, 'quality': {...}}`` say the same to the class
    of section ``'smote'``; the other sections are checked too.
    """
    defaults = DEFAULTS[name]
    assert isinstance(defaults, Mapping)  # noqa: S101  (every section is one)
    if isinstance(given, Mapping) and not DEFAULTS.keys().isdisjoint(given):
        whole = merge(DEFAULTS, given)[name]
        assert isinstance(whole, dict)  # noqa: S101
        return whole
    return merge(defaults, given)


def _merge(defaults: Mapping[str, object], given: object, path: str) -> dict[str, object]:
    if given is None:
        return deepcopy(dict(defaults))
    if not isinstance(given, Mapping):
        raise InvalidParameterError(f"{path} must be a mapping with the keys {sorted(defaults)}; got {given!r}.")
    merged: dict[str, object] = deepcopy(dict(defaults))
    for key, value in given.items():
        if key not in defaults:
            raise _unknown(key, defaults, path)
        default = defaults[key]
        merged[key] = _merge(default, value, f"{path}[{key!r}]") if isinstance(default, Mapping) else deepcopy(value)
    return merged


def _unknown(key: object, defaults: Mapping[str, object], path: str) -> UnknownConfigKeyError:
    nearest = next(iter(get_close_matches(str(key), list(defaults), n=1, cutoff=0.0)), "")
    return UnknownConfigKeyError(
        f"{path} has no key {key!r}; the nearest is {nearest!r}. Valid keys: {', '.join(sorted(defaults))}.",
        {"key": str(key), "nearest": nearest, "valid": sorted(defaults)},
    )


__all__ = ["DEFAULTS", "QUALITY_DEFAULTS", "SMOTE_DEFAULTS", "SYNTHETIC_DEFAULTS", "merge", "section"]
