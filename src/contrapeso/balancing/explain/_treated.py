"""The model inside a treated classifier (of the ladder, of tuning), explained in the columns of the table.

Sampling is over when a model predicts, and the correction for the class shares adds a constant to the log-odds. What is
left is the encoding: the SHAP values of the columns that were made of one column add up to that column's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.balancing.explain._linear import is_linear, linear_values
from contrapeso.balancing.explain._rows import TableOfRows
from contrapeso.balancing.explain._trees import tree_values
from contrapeso.balancing.ladder._design import Design, Expansion, indicators
from contrapeso.balancing.ladder._fit import FittedRung, Member
from contrapeso.tables._containers import open_table

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Treated:
    """One model behind a design, its feed and the prior correction."""

    member: Member
    fitted: FittedRung
    design: Design
    owner: NDArray[np.intp]

    @classmethod
    def of(cls, model: Any) -> Treated | None:
        """The parts of a treated classifier; None of any other, of an ensemble, and where chances are calibrated."""
        fitted, design = getattr(model, "_fitted", None), getattr(model, "_design", None)
        if not isinstance(fitted, FittedRung) or not isinstance(design, Design) or design.columns is None:
            return None
        if len(fitted.members) != 1 or getattr(model, "calibration_", None) is not None:
            return None
        member = fitted.members[0]
        if len(member.known) != len(fitted.real):
            return None
        return cls(member, fitted, design, _owners(design, fitted.feed.expansion))

    def values(
        self, X: TableOfRows, background: TableOfRows
    ) -> tuple[Literal["trees", "linear"], Floats, Floats] | None:
        """Method, values (n, p, K) and base (K,) in the columns of ``X``; None where the model has no exact answer."""
        fed = self._fed(X)
        n_outputs = 1 if len(self.fitted.real) == 2 else len(self.fitted.real)
        method: Literal["trees", "linear"] = "trees"
        found = tree_values(self.member.model, fed, n_outputs)
        if found is None and hasattr(self.member.model, "predict_proba") and is_linear(self.member.model, fed):
            method, found = "linear", linear_values(self.member.model, fed, self._fed(background))
        if found is None:
            return None
        by_column = np.zeros((len(fed), X.shape[1], n_outputs))
        for place, column in enumerate(self.owner):
            by_column[:, column] += found[0][:, place]
        return method, by_column, found[1] + self._shift()

    def _fed(self, X: TableOfRows) -> Floats:
        return np.asarray(self.fitted.feed(self.design.transform(open_table(X))), dtype=np.float64)

    def _shift(self) -> Floats:
        """What the prior correction adds to the log-odds."""
        if not self.fitted.corrects:
            return np.zeros(1)
        moved = np.log(self.fitted.real) - np.log(self.member.seen)
        return moved[1:] - moved[:1] if len(moved) == 2 else moved


def _owners(design: Design, expansion: Expansion | None) -> NDArray[np.intp]:
    """Column of the table that each column of the fed matrix was made of."""
    assert design.order is not None  # noqa: S101  (a fitted design of plain columns)
    if expansion is None:
        return design.order
    numbers, codes = design.order[: expansion.n_numbers], design.order[expansion.n_numbers :]
    widths = [indicators(np.zeros(1), size).shape[1] for size in expansion.n_categories]
    flags = numbers[expansion.nullable] if expansion.nullable.any() else numbers[:0]
    return np.concatenate([numbers, flags, np.repeat(codes, widths)])


__all__ = ["Treated"]
