"""How imbalanced a table is, and what the numbers allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contrapeso.workflows._source import TableRef, known_column, load_frame, mark_of, split_marked, target_column

if TYPE_CHECKING:
    from contrapeso.balancing import BalancePlan, ImbalanceAnalysis
    from contrapeso.config import Settings
    from contrapeso.tables import Kind, Schema


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """Imbalance of one table, the schema of its features, and the plan that ``balance`` would follow."""

    table: str
    target: str
    analysis: ImbalanceAnalysis
    schema: Schema
    plan: BalancePlan

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {
            "table": self.table,
            "target": self.target,
            "analysis": self.analysis.to_dict(),
            "schema": self.schema.to_dict(),
            "plan": self.plan.to_dict(),
        }


def analyze(
    ref: TableRef,
    settings: Settings,
    *,
    target: str | None = None,
    text: str | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> AnalysisResult:
    """Imbalance analysis of the table at ``ref``; synthetic rows of a balanced table are left out.

    Parameters
    ----------
    target : column of the classes; ``category`` for the database sources
    text : column of descriptions, for the share of rows whose text occurs under several classes
    kinds : column -> kind, where the inferred one is wrong
    """
    from contrapeso.balancing import analyze_imbalance, plan_balance
    from contrapeso.tables import infer_schema

    frame = load_frame(ref, settings)
    if mark_of(frame) is not None:
        frame, _ = split_marked(frame)
    column = target_column(frame, target or ref.default_target())
    text = text or ref.default_text()
    features = frame.drop(columns=[column])
    schema = infer_schema(features, overrides=kinds)
    described = known_column(features, text) if text else None
    analysis = analyze_imbalance(frame[column], frame=features, text=described, schema=schema)
    return AnalysisResult(ref.label, column, analysis, schema, plan_balance(analysis, kinds=schema))
