"""Enforcement of rules on drafts: repair, then reject, and what came of it for each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.finance._ledger import Drafts, Ledger
from contrapeso.finance.rules._repair import Repair, repair_drafts
from contrapeso.finance.rules._report import Compliance, ComplianceReport, RuleReport
from contrapeso.finance.rules._ruleset import RuleSet


@dataclass(frozen=True, slots=True, eq=False)
class Enforced:
    """Drafts after enforcement.

    Attributes
    ----------
    drafts : those that may be delivered, mended.
    kept : whether each draft that came in is among them, (m,)
    repairs : what was changed, rows numbered as they came in.
    rejected_by : number of rejected drafts by the first rule that rejects them.
    report : each rule on the real rows, on the drafts as they came, and on those that are left.
    checks : the check of the drafts that are left, for their provenance (``checks.of_row(i)``).
    """

    drafts: Drafts
    kept: NDArray[np.bool_]
    repairs: tuple[Repair, ...]
    rejected_by: dict[str, int]
    report: ComplianceReport
    checks: RuleReport

    @property
    def n_rejected(self) -> int:
        """Drafts that are left out."""
        return int((~self.kept).sum())


def enforce(rules: RuleSet, drafts: Drafts, real: Ledger | None = None) -> Enforced:
    """Mend the drafts, leave out those that still break a strict rule, and tell compliance before and after.

    Parameters
    ----------
    rules : RuleSet
    drafts : Drafts
    real : rows of the training slice: new rows must not repeat their keys, and soft rules are compared with them.

    Returns
    -------
    Enforced
        Never fewer rows in silence: ``rejected_by`` says which rule took how many.
    """
    before = rules.check(drafts, among=real)
    mended, repairs = repair_drafts(rules, drafts, among=real)
    found = rules.check(mended, among=real)
    kept = ~found.rejected
    left = mended.take(np.flatnonzero(kept))
    checks = rules.check(left, among=real)
    on_real = rules.check(real) if real is not None else None
    rejected_by = found.rejected_by()
    report = compare_compliance(on_real, before, checks, repairs, rejected_by)
    return Enforced(left, kept, repairs, rejected_by, report, checks)


def compare_compliance(
    real: RuleReport | None,
    before: RuleReport,
    after: RuleReport,
    repairs: Sequence[Repair] = (),
    rejected_by: dict[str, int] | None = None,
) -> ComplianceReport:
    """Compliance on real rows, on new ones before enforcement and after, one line for each rule of ``after``."""
    n_repaired = Counter(rule for rule, _ in {(repair.rule, repair.row) for repair in repairs})
    shares = [{} if part is None else {r.rule.id: r.share for r in part.results} for part in (real, before)]
    return ComplianceReport(
        tuple(
            Compliance(
                result.rule,
                shares[0].get(result.rule.id),
                shares[1].get(result.rule.id),
                result.share,
                n_repaired[result.rule.id],
                (rejected_by or {}).get(result.rule.id, 0),
            )
            for result in after.results
        )
    )


def rule_report(rules: RuleSet, real: pd.DataFrame, made: pd.DataFrame) -> ComplianceReport:
    """Compliance of made rows beside that of real ones, without enforcement."""
    report = rules.check(made)
    return compare_compliance(rules.check(real), report, report)


__all__ = ["Enforced", "compare_compliance", "enforce", "rule_report"]
