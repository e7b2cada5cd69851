"""What may be said about how the rows of one category are made, and the methods there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import Literal, TypeAlias, get_args

from contrapeso.errors import InvalidParameterError, UnknownConfigKeyError

Method: TypeAlias = Literal["pattern_based", "smote", "synthetic"]
AskedMethod: TypeAlias = Literal["auto", "pattern_based", "smote", "synthetic"]
METHODS: tuple[AskedMethod, ...] = get_args(AskedMethod)


@dataclass(frozen=True, slots=True)
class CategoryOptions:
    """How the rows of one category are made.

    Attributes
    ----------
    method : {"auto", "pattern_based", "smote", "synthetic"}, optional
        In place of the method that was asked for all.
    target_ratio : float, optional
        Rows afterwards over those of the largest category; in place of the one for all.
    rows : int, optional
        New rows, whatever the ratio.
    k_neighbors : int, default 5
        Of ``smote``; fewer where the category has fewer.
    new_payees : float, default 0.0
        Share of one-off rows with a payee that the real rows do not have; the others get the one pseudonym of the payee
        of their base. Every invented name more is noise to a classifier: a share of 0.1 cost 3 points of the F1 of
        scarce categories.
    spread : float, optional
        Standard deviation of the log of the level of a sibling series; by default learned.
    min_amount, max_amount : int, optional
        Bounds of the absolute amount in centavos, beside what is learned.
    """

    method: AskedMethod | None = None
    target_ratio: float | None = None
    rows: int | None = None
    k_neighbors: int = 5
    new_payees: float = 0.0
    spread: float | None = None
    min_amount: int | None = None
    max_amount: int | None = None

    def __post_init__(self) -> None:
        check_method(self.method or "auto")
        check_ratio(self.target_ratio)
        for name, low in (("rows", 0), ("k_neighbors", 1), ("min_amount", 0), ("max_amount", 0)):
            _check_whole(name, getattr(self, name), low)
        _check_number("new_payees", self.new_payees, 1.0)
        _check_number("spread", self.spread, 2.0)
        if self.min_amount is not None and self.max_amount is not None and self.min_amount > self.max_amount:
            raise InvalidParameterError(
                f"min_amount must not pass max_amount; got {self.min_amount} and {self.max_amount}."
            )

    def to_dict(self) -> dict[str, object]:
        """What was said, without what was not."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def options_of(given: Mapping[str, object] | CategoryOptions | None) -> CategoryOptions:
    """Options from a mapping; an unknown key is an error that names the nearest one."""
    if given is None:
        return CategoryOptions()
    if isinstance(given, CategoryOptions):
        return given
    if not isinstance(given, Mapping):
        raise InvalidParameterError(f"The options of a category are a mapping; got {given!r}.")
    known = [field.name for field in fields(CategoryOptions)]
    for key in given:
        if key not in known:
            nearest = next(iter(get_close_matches(str(key), known, n=1, cutoff=0.0)), "")
            raise UnknownConfigKeyError(
                f"Options of a category have no key {key!r}; the nearest is {nearest!r}. Valid keys: "
                f"{', '.join(known)}.",
                {"key": str(key), "nearest": nearest, "valid": known},
            )
    return CategoryOptions(**given)  # type: ignore[arg-type]  # each value is checked when the options are made


def check_method(method: object) -> None:
    """Refuse a method that there is not."""
    if method not in METHODS:
        raise InvalidParameterError(f"method must be one of {', '.join(METHODS)}; got {method!r}.")


def check_ratio(ratio: object) -> None:
    """Refuse a ratio that is not in (0, 1]; None is no ratio."""
    number = isinstance(ratio, (int, float)) and not isinstance(ratio, bool)
    if ratio is not None and not (number and 0 < ratio <= 1):  # type: ignore[operator]  # a number by now
        raise InvalidParameterError(
            f"target_ratio is rows over those of the largest category, above 0 and at most 1, or None; got {ratio!r}."
        )


def _check_whole(name: str, value: object, low: int) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= low
    if value is not None and not whole:
        raise InvalidParameterError(f"{name} must be a whole number >= {low}; got {value!r}.")


def _check_number(name: str, value: object, high: float) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is not None and not (number and 0 <= value <= high):  # type: ignore[operator]  # a number by now
        raise InvalidParameterError(f"{name} must be from 0 to {high:g}; got {value!r}.")


__all__ = ["METHODS", "AskedMethod", "CategoryOptions", "Method", "check_method", "check_ratio", "options_of"]
