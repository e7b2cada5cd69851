"""A set of rules: checked on a table, read from and written to JSON and YAML, changed rule by rule."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._optional import require
from contrapeso.errors import FileMissingError, InvalidParameterError
from contrapeso.finance._ledger import Drafts, Ledger
from contrapeso.finance.calendar import BankCalendar, bank_calendar
from contrapeso.finance.rules._report import N_EXAMPLES, Example, RuleReport, RuleResult
from contrapeso.finance.rules._rule import BROKEN, SILENT, Rule, make_rule
from contrapeso.finance.rules._table import Table, frame_of
from contrapeso.finance.rules._values import UnanswerableError

if TYPE_CHECKING:
    from contrapeso.finance.rules._repair import Repair

MAX_BYTES = 2_000_000
_TOP = frozenset({"version", "locale", "calendar", "extra_holidays", "rules"})


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules with one calendar.

    Attributes
    ----------
    rules : in the order in which they are checked and repaired; ids are unique.
    extra_holidays : days on which banks are closed beside the national ones, by name (see ``bank_calendar``).
    locale : language of the messages that a reader prefers.
    """

    rules: tuple[Rule, ...] = ()
    extra_holidays: Mapping[str, str] = field(default_factory=dict)
    locale: str = "pt-BR"

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise InvalidParameterError(f"Two rules have the id {rule.id!r}. Give one of them another.")
            seen.add(rule.id)
        _ = self.calendar  # a wrong holiday is an error here, not at the first check

    def __len__(self) -> int:
        return len(self.rules)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __getitem__(self, rule: str) -> Rule:
        for one in self.rules:
            if one.id == rule:
                return one
        raise KeyError(rule)

    def __add__(self, other: RuleSet) -> RuleSet:
        """Both sets; a rule of ``other`` takes the place of one with its id."""
        theirs = {rule.id: rule for rule in other}
        mine = tuple(theirs.pop(rule.id, rule) for rule in self)
        return RuleSet((*mine, *theirs.values()), {**self.extra_holidays, **other.extra_holidays}, self.locale)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the rules."""
        return tuple(rule.id for rule in self.rules)

    @property
    def calendar(self) -> BankCalendar:
        """The bank calendar with the extra holidays."""
        return bank_calendar(dict[str | date, str](self.extra_holidays.items()) or None)

    def without(self, ids: Iterable[str]) -> RuleSet:
        """The set without some rules: what a person rejected."""
        gone = set(ids)
        return replace(self, rules=tuple(rule for rule in self.rules if rule.id not in gone))

    def only(self, ids: Iterable[str]) -> RuleSet:
        """The set of some rules: what a person accepted."""
        kept = set(ids)
        return replace(self, rules=tuple(rule for rule in self.rules if rule.id in kept))

    def changed(self, rule: str, **changes: object) -> RuleSet:
        """The set with some entries of one rule changed, as in ``rules.changed("das", severity="soft")``."""
        new = make_rule({**self[rule].to_dict(), **changes})
        return replace(self, rules=tuple(new if one.id == rule else one for one in self.rules))

    def check(self, data: pd.DataFrame | Ledger | Drafts, *, among: pd.DataFrame | Ledger | None = None) -> RuleReport:
        """Compliance of each rule, with examples.

        Parameters
        ----------
        data : frame with canonical column names, Ledger or Drafts
        among : rows that come first and are there too, for rules about many rows: a key that a real row has is taken.
            The report is about ``data`` only.

        Returns
        -------
        RuleReport
            A rule whose columns are absent is not applicable, and says which.

        Examples
        --------
        >>> rules = load_rules({"version": 1, "rules": [{"id": "r", "type": "range", "column": "amount", "max": 0}]})
        >>> report = rules.check(pd.DataFrame({"amount": [-1.0, 2.0]}))
        >>> report["r"].share, report["r"].examples[0].values
        (0.5, {'amount': 2.0})
        """
        frame = as_frame(data)
        alone = Table(frame, self.calendar)
        together, before = _joined(frame, as_frame(among), self.calendar) if among is not None else (alone, 0)
        answers = np.full((len(frame), len(self.rules)), SILENT, dtype=np.int8, order="F")
        results = []
        for place, rule in enumerate(self.rules):
            try:
                try:
                    answers[:, place] = rule.answers(together)[before:]
                except UnanswerableError:  # the rows before lack a column: the rule is asked of these alone
                    answers[:, place] = rule.answers(alone)
                results.append(_result(rule, answers[:, place], alone))
            except UnanswerableError as error:
                results.append(RuleResult(rule, 0, 0, why=str(error), absent=str(error.details.get("absent", ""))))
        return RuleReport(tuple(results), answers)

    def rejected(
        self, data: pd.DataFrame | Ledger | Drafts, *, among: pd.DataFrame | Ledger | None = None
    ) -> NDArray[np.bool_]:
        """Rows that are not to be delivered, (n,); see :attr:`RuleReport.rejected`."""
        return self.check(data, among=among).rejected

    def repair(self, drafts: Drafts, *, among: Ledger | None = None) -> tuple[Drafts, tuple[Repair, ...]]:
        """The drafts with what can be mended mended, and a log; see :func:`repair_drafts`."""
        from contrapeso.finance.rules._repair import repair_drafts

        return repair_drafts(self, drafts, among=among)

    def predicates(self) -> dict[str, Callable[[pd.DataFrame], pd.Series]]:
        """Each rule as a callable: True, False or None for each row, for ``quality.evaluate(rules=...)``."""
        from contrapeso.finance.rules._predicates import predicates

        return predicates(self)

    def to_dict(self) -> dict[str, object]:
        """The set as it stands in a file; :func:`load_rules` reads it back."""
        found: dict[str, object] = {"version": 1, "locale": self.locale, "calendar": "ANBIMA"}
        if self.extra_holidays:
            found["extra_holidays"] = dict(self.extra_holidays)
        found["rules"] = [rule.to_dict() for rule in self.rules]
        return found

    def dumps(self, form: Literal["json", "yaml"] = "json") -> str:
        """The set as text."""
        if form == "json":
            return json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n"
        if form == "yaml":
            yaml = require("yaml", extra="yaml")
            return str(yaml.safe_dump(self.to_dict(), allow_unicode=True, sort_keys=False))
        raise InvalidParameterError(f"form is json or yaml; got {form!r}.")


def as_frame(data: pd.DataFrame | Ledger | Drafts) -> pd.DataFrame:
    """The canonical frame of what is to be checked."""
    if isinstance(data, Drafts):
        return frame_of(data.ledger)
    return frame_of(data) if isinstance(data, Ledger) else data


def _joined(frame: pd.DataFrame, real: pd.DataFrame, calendar: BankCalendar) -> tuple[Table, int]:
    """Real rows and then the others, in the columns that both have, and the number of real rows."""
    shared = [name for name in frame.columns if name in real.columns]
    if not len(real) or not len(frame):
        return Table(frame, calendar), 0
    return Table(pd.concat([real[shared], frame[shared]], ignore_index=True), calendar, len(real)), len(real)


def _result(rule: Rule, answers: NDArray[np.int8], table: Table) -> RuleResult:
    broken = np.flatnonzero(answers == BROKEN)
    asked = int((answers != SILENT).sum())
    examples = tuple(Example(int(row), shown_row(rule, table, int(row))) for row in broken[:N_EXAMPLES])
    return RuleResult(rule, asked, len(broken), examples)


def shown_row(rule: Rule, table: Table, row: int) -> dict[str, object]:
    """A row's values of the columns that a rule reads."""
    names = [name for name in sorted(rule.columns) if name in table.frame.columns]
    if not names:
        names = [name for name in ("date", "amount", "description") if name in table.frame.columns]
    return {name: _told(table.frame[name].iloc[row]) for name in names}


def _told(value: object) -> object:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value.item() if isinstance(value, np.generic) else value


def load_rules(source: str | Path | Mapping[str, object]) -> RuleSet:
    """The rule set of a file (``.json``, ``.yaml``, ``.yml``), of its text, or of a mapping.

    Raises
    ------
    InvalidParameterError
        If something is unknown, missing or of another kind; the sentence names the rule.
    FileMissingError
        If the file is not there.
    MissingExtraError
        If it is YAML and PyYAML is not installed.

    Examples
    --------
    >>> rules = load_rules('{"version": 1, "rules": [{"id": "pix", "type": "era", "valid_from": "2020-11-16"}]}')
    >>> rules.ids
    ('pix',)
    """
    given = dict(source) if isinstance(source, Mapping) else _parsed(source)
    if unknown := set(given) - _TOP:
        raise InvalidParameterError(
            f"A rule file has {', '.join(sorted(_TOP))}; got {', '.join(sorted(map(str, unknown)))} too."
        )
    if given.get("version", 1) != 1:
        raise InvalidParameterError(f"This program reads version 1 of rule files; got {given['version']!r}.")
    if str(given.get("calendar", "ANBIMA")).upper() != "ANBIMA":
        raise InvalidParameterError(
            f"calendar is ANBIMA; got {given['calendar']!r}. Give other holidays as extra_holidays."
        )
    rules = given.get("rules")
    if not isinstance(rules, (list, tuple)):
        raise InvalidParameterError(f"rules is a list of rules; got {type(rules).__name__}.")
    return RuleSet(
        tuple(make_rule(rule) for rule in rules),
        _holidays(given.get("extra_holidays")),
        str(given.get("locale", "pt-BR")),
    )


def _holidays(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return {str(day): str(name) for day, name in value.items()}
    if isinstance(value, (list, tuple)):
        return {str(day): str(day) for day in value}
    raise InvalidParameterError(f"extra_holidays is a list of days, or a name for each day; got {value!r}.")


def _parsed(source: str | Path) -> dict[str, object]:
    """A file or its text as a mapping."""
    text, is_yaml = _text_of(source)
    if len(text) > MAX_BYTES:
        raise InvalidParameterError(f"A rule file has at most {MAX_BYTES} characters; got {len(text)}.")
    if is_yaml:
        found = _yaml(text)
    else:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidParameterError(f"The rules are no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise InvalidParameterError(f"A rule file is a mapping with version and rules; got a {type(found).__name__}.")
    return found


def _text_of(source: str | Path) -> tuple[str, bool]:
    """Text of the rules, and whether it is YAML."""
    if isinstance(source, str) and ("\n" in source or source.lstrip().startswith("{")):
        return source, not source.lstrip().startswith("{")
    path = Path(source)
    try:
        return path.read_text(encoding="utf-8-sig"), path.suffix.lower() in {".yaml", ".yml"}
    except (OSError, UnicodeDecodeError) as error:
        raise FileMissingError(f"The rule file {str(source)!r} cannot be read: {error}.") from error


def _yaml(text: str) -> object:
    """YAML without tags and without anchors, which can make a small file large."""
    yaml = require("yaml", extra="yaml")
    try:
        if any(isinstance(token, (yaml.AnchorToken, yaml.AliasToken)) for token in yaml.scan(text)):
            raise InvalidParameterError("A rule file has no anchors and aliases (& and *). Write the value out.")
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidParameterError(f"The rules are no YAML: {error}.") from error


__all__ = ["RuleSet", "as_frame", "load_rules", "shown_row"]
