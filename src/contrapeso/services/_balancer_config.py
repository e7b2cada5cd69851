"""The config of ``FinancialCategoryBalancer``, and the patterns of categories that callers may give it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from difflib import get_close_matches
from math import isfinite
from typing import Any

import numpy as np

from contrapeso.errors import InvalidParameterError, UnknownConfigKeyError
from contrapeso.finance.synthesis import CategoryOptions
from contrapeso.services._config import merge

BALANCER_DEFAULTS: Mapping[str, object] = {
    "smote_config": None,
    "synthetic_config": None,
    "target_ratio": None,
    "balances": "null",
    "mapping": None,
    "inner_validation": True,
    "decline": False,
    "random_state": 42,
}
SECTIONS = {"smote": "smote_config", "synthetic": "synthetic_config"}
"""Names of the documented config of all classes, and what they are here."""
PATTERN_KEYS = (
    "typical_amount_range",
    "common_descriptions",
    "temporal_patterns",
    "method",
    "target_ratio",
    "rows",
    "k_neighbors",
    "new_payees",
    "spread",
)
FIRST_CATEGORIES = ("receita", "despesa", "transferencia", "investimento", "outros")
NOTHING_KNOWN: Mapping[str, object] = {"typical_amount_range": None, "common_descriptions": [], "temporal_patterns": []}

Pattern = dict[str, Any]


def merged(given: Mapping[str, object] | None) -> dict[str, object]:
    """The config with every default; 'smote' and 'synthetic' of the documented dict are taken too.

    Raises
    ------
    UnknownConfigKeyError, InvalidParameterError
    """
    if given is None or not isinstance(given, Mapping):
        return merge(BALANCER_DEFAULTS, given)
    renamed = {SECTIONS.get(key, key): value for key, value in given.items() if key != "quality"}
    found = merge(BALANCER_DEFAULTS, renamed)
    seed = found["random_state"]
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InvalidParameterError(f"config['random_state'] must be a whole number >= 0; got {seed!r}.")
    found["random_state"] = int(seed)
    return found


def first_patterns() -> dict[str, Pattern]:
    """What is known of the usual categories before any row was seen: nothing but their names."""
    return {category: deepcopy(dict(NOTHING_KNOWN)) for category in FIRST_CATEGORIES}


def checked_patterns(given: object) -> dict[str, Pattern]:
    """Patterns as the caller gave them, each of its keys known and each value legal.

    Raises
    ------
    UnknownConfigKeyError
        If a pattern has an unknown key; the nearest one is named.
    InvalidParameterError
        If a value is outside its rule.
    """
    if not isinstance(given, Mapping) or not all(isinstance(one, Mapping) for one in given.values()):
        raise InvalidParameterError(f"Patterns are a mapping of category to a mapping of facts; got {given!r}.")
    found: dict[str, Pattern] = {}
    for category, pattern in given.items():
        for key in pattern:
            if key not in PATTERN_KEYS:
                nearest = get_close_matches(str(key), PATTERN_KEYS, n=1, cutoff=0.0)[0]
                raise UnknownConfigKeyError(
                    f"The pattern of {category!r} has no key {key!r}; the nearest is {nearest!r}. Valid keys: "
                    f"{', '.join(PATTERN_KEYS)}.",
                    {"key": str(key), "nearest": nearest, "valid": list(PATTERN_KEYS)},
                )
        found[str(category)] = deepcopy(dict(pattern))
        options_of_pattern(found[str(category)])
    return found


def options_of_pattern(pattern: Mapping[str, Any], k_neighbors: int = 5) -> CategoryOptions:
    """How rows of a category are made, as far as its pattern says: its amounts lie in the range given."""
    low, high = _range(pattern.get("typical_amount_range"))
    said = {key: pattern[key] for key in PATTERN_KEYS[3:] if pattern.get(key) is not None}
    return CategoryOptions(**{"k_neighbors": k_neighbors, "min_amount": low, "max_amount": high, **said})


def _range(given: object) -> tuple[int | None, int | None]:
    """Bounds in centavos of a range in units."""
    if given is None:
        return None, None
    pair = list(given) if isinstance(given, (list, tuple)) else []
    if len(pair) != 2 or not all(_is_amount(value) for value in pair):
        raise InvalidParameterError(
            f"typical_amount_range is (least, most) of the absolute amount, both 0 or more; got {given!r}."
        )
    low, high = (round(float(value) * 100) for value in pair)
    return low, high


def _is_amount(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        return False
    return isfinite(value) and bool(value >= 0)


__all__ = [
    "BALANCER_DEFAULTS",
    "FIRST_CATEGORIES",
    "PATTERN_KEYS",
    "Pattern",
    "checked_patterns",
    "first_patterns",
    "merged",
    "options_of_pattern",
]
