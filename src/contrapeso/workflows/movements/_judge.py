"""What can be said of movements before any is made: is it worth it, what is ambiguous, which rules hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from contrapeso.errors import InsufficientDataError
from contrapeso.workflows._source import TableRef
from contrapeso.workflows._writers import whole_file
from contrapeso.workflows.movements._balance import MovementsWish
from contrapeso.workflows.movements._rows import read

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.finance.evaluation import AmbiguityMap, WorthReport
    from contrapeso.finance.rules import RuleReport, RuleSet, Satisfiability

Language = Literal["pt", "en"]


@dataclass(frozen=True, eq=False)
class MovementsWorth:
    """Whether new rows help a classifier of these movements, and what no classifier can do."""

    table: str
    worth: WorthReport
    ambiguity: AmbiguityMap

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result; texts of rows are left out."""
        return {
            "table": self.table,
            "worth": self.worth.to_dict(),
            "ambiguity": {name: getattr(self.ambiguity, name) for name in ("ambiguous_rows", "ceiling", "n_rows")},
        }

    def describe(self, language: Language) -> str:
        """The verdict, a line a treatment, and the ceiling."""
        return f"{self.worth.describe(language)}\n\n{self.ambiguity.describe(language)}"


@dataclass(frozen=True, eq=False)
class MovementsRules:
    """The rules of a table: which hold, and which cannot hold together."""

    table: str
    rules: RuleSet
    report: RuleReport
    satisfiable: Satisfiability
    path: Path | None = None

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result, without values of rows."""
        return {
            "table": self.table,
            "report": self.report.to_dict(examples=False),
            "satisfiable": self.satisfiable.to_dict(),
            "path": None if self.path is None else str(self.path),
        }

    def describe(self, language: Language) -> str:
        """A line a rule, then the contradictions."""
        return f"{self.report.describe(language)}\n\n{self.satisfiable.describe(language)}"


def movements_worth(
    ref: TableRef,
    settings: Settings,
    wish: MovementsWish | None = None,
    *,
    cuts: int = 3,
    seeds: int = 3,
    examples: int | None = None,
) -> MovementsWorth:
    """Compare doing nothing, class weights, threshold, copies and new rows on later movements, real ones.

    Parameters
    ----------
    cuts, seeds : rolling cuts in time, and seeds, over which treatments are paired
    examples : keep at most so many training rows of each scarce category: how it would be with so few

    Raises
    ------
    InsufficientDataError
        If the rows have no categories or cannot be cut in time.
    """
    from contrapeso.finance.evaluation import DraftedRows, ambiguity_map, worth
    from contrapeso.finance.synthesis import METHODS, group_spellings

    wish = wish or MovementsWish()
    _, entries = read(ref, settings, wish.mapping)
    grouped = group_spellings(entries.ledger, named=wish.categories)
    if not any(grouped.ledger.categories):
        raise InsufficientDataError(
            f"{ref.label} has no categories, so there is nothing to classify. "
            "Name their column with --map COLUMN=category."
        )
    methods = [name for name in METHODS if name != "auto"] if wish.method == "auto" else [wish.method]
    found = worth(
        grouped.ledger,
        DraftedRows(),
        methods=methods,
        cuts=cuts,
        seeds=seeds,
        ratio=wish.target_ratio or 0.5,
        examples=examples,
        minority=grouped.asked(wish.categories or None),
    )
    return MovementsWorth(ref.label, found, ambiguity_map(grouped.ledger))


def movements_rules(
    ref: TableRef,
    settings: Settings,
    wish: MovementsWish | None = None,
    *,
    rules: Path | None = None,
    learned: bool = False,
    out: Path | None = None,
) -> MovementsRules:
    """Check rules on a table: built-in ones, those of a file, and (``learned``) those that its rows suggest.

    Parameters
    ----------
    out : where the rules are written as JSON, to be reviewed and used again
    """
    from contrapeso.finance.rules import RuleSet, builtin_rules, check_satisfiable, frame_of, learn_rules, load_rules

    wish = wish or MovementsWish()
    _, entries = read(ref, settings, wish.mapping)
    frame = frame_of(entries.ledger)
    found = load_rules(rules) if rules is not None else builtin_rules(entries.ledger)
    if learned:
        new = [rule for rule in learn_rules(frame, random_state=wish.seed) if rule.id not in found.ids]
        found = RuleSet((*found.rules, *new), found.extra_holidays, found.locale)
    if out is not None:
        with whole_file(out) as part:
            part.write_text(found.dumps("json"), encoding="utf-8")
    return MovementsRules(ref.label, found, found.check(frame), check_satisfiable(found, frame), out)


__all__ = ["MovementsRules", "MovementsWorth", "movements_rules", "movements_worth"]
