"""The evidence ladder behind ``strategy='auto'`` with a ``budget_s``: what it chose, and that done to the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np

from contrapeso.errors import InvalidParameterError
from contrapeso.services._handler_goals import Sizes, over_sizes, under_sizes
from contrapeso.services._handler_history import DEFAULT_RATIO
from contrapeso.services._handler_strategies import Applied, by_dropping, grown, smote_of

OBJECTIVES = ("ranking", "decision", "probability")


@dataclass(frozen=True)
class Advised:
    """What the ladder found.

    Attributes
    ----------
    chosen : str
        Name of the rung.
    family : str
    method : str
        Key of the method that makes or drops rows; empty where rows stay as they are.
    ratio : float
        That of the rung.
    reason : dict
        In both languages.
    facts : dict
        The decision as JSON types.
    """

    chosen: str
    family: str
    method: str
    ratio: float
    reason: dict[str, str]
    facts: dict[str, Any]

    def asked(self, target_ratio: float) -> Advised:
        """The same at ``target_ratio``, unless that is the default."""
        return self if target_ratio == DEFAULT_RATIO else replace(self, ratio=target_ratio)


def check_budget(budget_s: object) -> None:
    """Refuse what is neither None nor a number of seconds above 0."""
    is_number = isinstance(budget_s, (int, float)) and not isinstance(budget_s, bool)
    if budget_s is not None and not (is_number and 0 < budget_s < float("inf")):  # type: ignore[operator]  # a number
        raise InvalidParameterError(
            f"config['budget_s'] must be seconds above 0, or None for the fast rule; got {budget_s!r}."
        )


def check_objective(objective: object) -> str | dict[str, Any]:
    """``objective`` as JSON types: its name, or the fields of an ``Objective``."""
    if isinstance(objective, str):
        if objective in OBJECTIVES:
            return objective
        raise InvalidParameterError(f"config['objective'] must be one of {', '.join(OBJECTIVES)}; got {objective!r}.")
    fields = ("kind", "metric", "costs")
    if isinstance(objective, Mapping) and set(objective) <= set(fields) and "kind" in objective:
        found = dict(objective)
    elif hasattr(objective, "kind"):
        found = {name: getattr(objective, name, None) for name in fields}
    else:
        raise InvalidParameterError(
            f"config['objective'] must be one of {', '.join(OBJECTIVES)}, or an Objective; got {objective!r}."
        )
    costs: Any = found.get("costs")
    plain = costs.tolist() if hasattr(costs, "tolist") else costs
    rows = None if plain is None else [list(row) for row in plain]
    return {**{name: value for name, value in found.items() if value is not None}, **({"costs": rows} if rows else {})}


def advised(X: Any, y: Any, objective: str | Mapping[str, Any], budget_s: float, random_state: int) -> Advised:
    """What :func:`contrapeso.balancing.choose` decides for this table."""
    from contrapeso.balancing.ladder._rungs import rung_named

    balancing: Any = import_module("contrapeso.balancing")  # the ladder is loaded on first use
    asked = objective if isinstance(objective, str) else balancing.Objective(**objective)
    decision = balancing.choose(X, y, objective=asked, budget_s=budget_s, random_state=random_state)
    rung = rung_named(decision.chosen)
    method = _method(rung.family, rung.name, X)
    reason = {"pt": decision.reason("pt"), "en": decision.reason("en")}
    return Advised(decision.chosen, rung.family, method, rung.ratio, reason, _plain(decision.to_dict()))


def _plain(value: Any) -> Any:
    """``value`` in the types that JSON gives back, so that a history that is read again is the same."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _method(family: str, name: str, X: Any) -> str:
    """Key of the method of a rung; empty where a rung changes no rows, or no single table holds them."""
    if family == "under":
        return "random_under"
    if family == "over":
        return "random_over" if name.startswith("random_over") else smote_of(X)
    if family == "generator":
        return "mixture"
    return name if family in ("variant", "hybrid") else ""


def carried_out(found: Advised, X: Any, y: Any, counts: Sizes, config: Mapping[str, Any]) -> Applied | Sizes:
    """The table as the ladder advises; for the mixture the sizes."""
    ratio = found.ratio
    if found.method == "random_under":
        if not under_sizes(counts, ratio):
            return Applied(X, y, "none", {})
        return by_dropping(X, y, counts, ratio, config)
    sizes = over_sizes(counts, ratio)
    if found.method == "mixture" or not sizes:
        return sizes
    return grown(X, y, sizes, found.method, config)


__all__ = ["Advised", "advised", "carried_out", "check_budget", "check_objective"]
