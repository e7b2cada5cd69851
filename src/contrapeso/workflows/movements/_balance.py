"""Scarce categories of movements filled up: planned, made, checked for leaks, written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from contrapeso.errors import InvalidParameterError
from contrapeso.workflows._source import TableRef
from contrapeso.workflows.movements._rows import Row, keys_of, plain_rows, read

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.finance._ledger import Ledger
    from contrapeso.finance.entries import Entries
    from contrapeso.finance.privacy import LeakReport
    from contrapeso.finance.rules import ComplianceReport, RuleSet
    from contrapeso.finance.synthesis import BalanceResult, Plan

Form = Literal["csv", "xlsx", "ofx", "json"]
FORMS: tuple[Form, ...] = get_args(Form)
Language = Literal["pt", "en"]


@dataclass(frozen=True, slots=True)
class MovementsWish:
    """What is asked of the new rows; see :func:`contrapeso.finance.synthesis.balance`."""

    categories: tuple[str, ...] = ()
    method: str = "auto"
    target_ratio: float | None = None
    balances: str = "null"
    measured: bool = True
    mapping: Mapping[str, str] | None = None
    seed: int = 42


@dataclass(frozen=True, eq=False)
class PlannedMovements:
    """What would be done to the movements of a table."""

    table: str
    entries: Entries
    plan: Plan

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result; no row."""
        return {
            "table": self.table,
            "n_rows": self.entries.n_rows,
            "columns": {column.name: column.role for column in self.entries.columns},
            "set_aside": dict(self.entries.reasons),
            "plan": self.plan.to_dict(),
        }

    def describe(self, language: Language) -> str:
        """What was read and what is planned."""
        return f"{self.entries.describe(language)}\n\n{self.plan.describe(language)}"


@dataclass(frozen=True, eq=False)
class BalancedMovements:
    """New rows, where they are, and what was checked."""

    table: str
    path: Path
    result: BalanceResult
    leaks: LeakReport | None
    rules: ComplianceReport | None

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result; no row."""
        return {
            "table": self.table,
            "path": str(self.path),
            **self.result.report(),
            "leaks": None if self.leaks is None else self.leaks.to_dict(),
            "rules": None if self.rules is None else self.rules.to_dict(),
        }

    def describe(self, language: Language) -> str:
        """The plan, the warnings, and the outcome of both checks."""
        parts = [self.result.describe(language)]
        if self.rules is not None:
            parts.append(self.rules.describe(language))
        if self.leaks is not None:
            parts.append(self.leaks.render(language))
        return "\n\n".join(parts)


def plan_movements(ref: TableRef, settings: Settings, wish: MovementsWish | None = None) -> PlannedMovements:
    """What balancing would do, before anything is done: which column is what, and rows by category and method."""
    from contrapeso.finance.synthesis import group_spellings, learn, plan

    wish = wish or MovementsWish()
    _, entries = read(ref, settings, wish.mapping)
    grouped = group_spellings(entries.ledger, named=wish.categories)
    learned = learn(grouped.ledger, random_state=wish.seed)
    found = plan(
        grouped.ledger,
        wish.target_ratio,
        target_category=grouped.asked(wish.categories or None),
        method=wish.method,  # type: ignore[arg-type]  # checked there, with the list
        series_share=learned.series_share(),
    )
    return PlannedMovements(ref.label, entries, replace(found, notes=(*grouped.notes, *found.notes)))


def balance_movements(
    ref: TableRef,
    settings: Settings,
    wish: MovementsWish | None = None,
    *,
    out: Path,
    form: str | None = None,
    rules: Path | None = None,
) -> BalancedMovements:
    """Fill up scarce categories and write the movements to ``out``: those that came, then the synthetic ones, marked.

    An OFX file takes the synthetic rows only, in shadow accounts. New rows keep the rules that hold for the rows that
    came, and are searched for names, identifiers and copies of them.

    Parameters
    ----------
    form : csv (as Excel in Portuguese opens it), xlsx, ofx or json; by default as the name of ``out`` ends
    rules : file of rules (JSON, YAML) in place of the built-in ones

    Raises
    ------
    InvalidParameterError, ColumnNotFoundError, NotFoundError, FileUnwritableError
    """
    from contrapeso.finance.synthesis import balance
    from contrapeso.workflows._stores import opened_store, recorded_run

    wish, chosen = wish or MovementsWish(), _form(out, form)
    params = {"table": ref.label, **asdict(wish), "out": str(out), "form": chosen}
    stopped = "The balancing of movements was interrupted; nothing was written."
    with (
        opened_store(settings) as store,
        recorded_run(store, "balance", params, seed=wish.seed, interrupted=stopped) as run,
    ):
        rows, entries = read(ref, settings, wish.mapping)
        kept = rules_of(entries, rules)
        result = balance(
            rows,
            wish.target_ratio,
            target_category=wish.categories or None,
            method=wish.method,  # type: ignore[arg-type]  # checked there, with the list
            mapping=wish.mapping,
            rules=kept,
            balances=wish.balances,  # type: ignore[arg-type]  # checked there, with the list
            inner_validation=wish.measured,
            random_state=wish.seed,
        )
        found = _checked(ref, out, result)
        _write(result, out, chosen, found)
        run.result, run.outputs = found.to_dict(), [str(out)]
    return found


def rules_of(entries: Entries, path: Path | None) -> RuleSet:
    """The rules of a file, else the built-in ones as far as the rows bear them out."""
    from contrapeso.finance.rules import builtin_rules, load_rules

    return load_rules(path) if path is not None else builtin_rules(entries.ledger)


def _checked(ref: TableRef, out: Path, result: BalanceResult) -> BalancedMovements:
    from contrapeso.finance.privacy import leak_report

    if result.drafts is None or result.learned is None:
        return BalancedMovements(ref.label, out, result, None, None)
    real: Ledger = result.learned.ledger
    made = result.drafts.ledger
    leaks = leak_report(real, made, names=result.learned.templates.names)
    return BalancedMovements(ref.label, out, result, leaks, result.compliance)


def _form(out: Path, asked: str | None) -> Form:
    name = asked or out.suffix.lstrip(".").casefold()
    for known in FORMS:
        if name == known:
            return known
    raise InvalidParameterError(
        f"{name!r} is no format of movements. Use one of {', '.join(FORMS)}, by --format or by the ending of the file."
    )


def _write(result: BalanceResult, out: Path, form: Form, found: BalancedMovements) -> None:
    from contrapeso.finance.statements import write_csv, write_ofx, write_xlsx

    assert result.entries is not None  # noqa: S101  (rows were read)
    keys, run = keys_of(result.entries), result.run or None
    rows: Sequence[Row] = result.rows
    if form == "json":
        _write_json(rows, out)
    elif form == "csv":
        write_csv(rows, out, columns=keys, run=run)
    elif form == "ofx":
        write_ofx(rows, out, columns=keys, run=run)
    else:
        told: Any = found.rules.to_dict()["rules"] if found.rules is not None else ()
        write_xlsx(rows, out, columns=keys, rules=told, run=run)


def _write_json(rows: Sequence[Row], out: Path) -> None:
    from contrapeso.workflows._writers import whole_file

    with whole_file(out) as part:
        part.write_text(json.dumps(plain_rows(rows), ensure_ascii=False, indent=1), encoding="utf-8")


__all__ = [
    "FORMS",
    "BalancedMovements",
    "MovementsWish",
    "PlannedMovements",
    "balance_movements",
    "plan_movements",
    "rules_of",
]
