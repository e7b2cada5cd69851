"""One point of the search: a method and the values of its parameters; and how many rows it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from contrapeso.balancing.tuning._spaces import METHODS, Method, Value
from contrapeso.errors import InvalidParameterError


@dataclass(frozen=True, slots=True)
class Candidate:
    """A method with its parameters; "none" has neither.

    Attributes
    ----------
    method : str
        A name of :data:`METHODS`, or 'none'.
    strength : float
        0 leaves the classes as they are, 1 makes them equal; see :mod:`contrapeso.balancing.tuning`.
    parameters : mapping of the method's own parameters to values
    """

    method: str = "none"
    strength: float = 0.0
    parameters: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.method != "none" and self.method not in METHODS:
            raise InvalidParameterError(f"There is no method {self.method!r}; there are none, {', '.join(METHODS)}.")

    @property
    def spec(self) -> Method:
        """The row of the table; of "none" that of weights, whose strength is 0."""
        return METHODS["weights" if self.method == "none" else self.method]

    def sizes(self, counts: NDArray[np.intp]) -> dict[int, int]:
        """Class code -> rows afterwards, of the classes that change."""
        there = np.flatnonzero(counts)
        goal = counts[there].min() if self.spec.family == "under" else counts.max()
        wanted = np.rint(counts[there] ** (1.0 - self.strength) * float(goal) ** self.strength).astype(np.intp)
        return {int(c): int(n) for c, n in zip(there, wanted, strict=True) if n != counts[c]}

    def ratio(self, counts: NDArray[np.intp]) -> float:
        """Rows of the smallest class over those of the largest, afterwards."""
        after = counts.astype(np.float64)
        for code, n in ({} if self.spec.family == "weights" else self.sizes(counts)).items():
            after[code] = n
        found = after[after > 0]
        return float(found.min() / found.max())

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {"method": self.method, "strength": self.strength, "parameters": dict(self.parameters)}

    def __str__(self) -> str:
        if self.method == "none":
            return "none"
        given = {"strength": self.strength, **self.parameters}
        shown = [
            f"{name}={value:.3g}" if isinstance(value, float) else f"{name}={value}" for name, value in given.items()
        ]
        return f"{self.method}({', '.join(shown)})"


__all__ = ["Candidate"]
