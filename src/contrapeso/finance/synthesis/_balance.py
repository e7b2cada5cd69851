"""``balance``: rows in, the same rows and the new ones out, with the plan, the report and every warning."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from contrapeso._rng import RandomState, seed_sequence
from contrapeso.finance._ledger import Drafts, Ledger, joined
from contrapeso.finance.balances import BalancePolicy, balance_rows, with_balances
from contrapeso.finance.entries import Entries, read_entries
from contrapeso.finance.rules import ComplianceReport, RuleSet, builtin_rules, enforce
from contrapeso.finance.synthesis._draft import fill_stream, sketched
from contrapeso.finance.synthesis._finish import TRIES, Taken, finished, key_list, keys_of
from contrapeso.finance.synthesis._judge import Judgement, judged
from contrapeso.finance.synthesis._learn import Learned, learn
from contrapeso.finance.synthesis._options import AskedMethod, CategoryOptions
from contrapeso.finance.synthesis._plan import Plan, PlanItem, Text, plan
from contrapeso.finance.synthesis._spellings import Spellings, group_spellings
from contrapeso.finance.synthesis._words import NOTES, Language, both, check_language

if TYPE_CHECKING:
    from contrapeso.finance.calendar import BankCalendar

Row = dict[Any, object]
WEIGHTS_DO = 12
"""Rows of a category from which class weights tend to do as well as new rows."""
RULE_TRIES = 5


@dataclass(frozen=True, slots=True)
class BalanceResult:
    """What came of balancing.

    Attributes
    ----------
    rows : list of dict
        The rows as they came (the same objects where dicts came), then the new ones.
    synthetic : list of dict
        The new ones: the keys of the input in its order, ``is_synthetic: True`` and ``provenance``.
    plan : Plan
    made : mapping of category to new rows; what the plan says, or less with a warning that says why.
    judgements : tuple of Judgement
        What 'auto' measured.
    warnings : tuple of (pt, en)
        Everything there is to know.
    alarms : tuple of (pt, en)
        Those of them that say that something asked for was not done.
    run : str
        Name of the run; the same for the same rows, settings and seed.
    compliance : ComplianceReport or None
        Each rule on the real rows, on the new ones as they were drawn, and as they are now.
    drafts : Drafts or None
        The new rows before they were written; None where there are none.
    entries : Entries or None
        How the input was read.
    learned : Learned or None
        What was learned of it; None where no row could be read.
    """

    rows: list[Row]
    synthetic: list[Row]
    plan: Plan
    made: Mapping[str, int]
    judgements: tuple[Judgement, ...]
    warnings: tuple[Text, ...]
    run: str
    alarms: tuple[Text, ...] = ()
    compliance: ComplianceReport | None = None
    drafts: Drafts | None = None
    entries: Entries | None = None
    learned: Learned | None = None

    def describe(self, language: Language = "pt") -> str:
        """The plan, what was made and every warning, in words."""
        check_language(language)
        place = 0 if language == "pt" else 1
        said = [warning[place] for warning in self.warnings if warning not in self.plan.notes]  # the plan has those
        return "\n".join([self.plan.describe(language), *said])

    def report(self) -> dict[str, object]:
        """JSON object: counts, plan, measurements, warnings; no row."""
        return {
            "run": self.run,
            "n_rows": len(self.rows) - len(self.synthetic),
            "n_synthetic": len(self.synthetic),
            "made": dict(self.made),
            "plan": self.plan.to_dict(),
            "judgements": [found.to_dict() for found in self.judgements],
            "repaired": 0 if self.drafts is None else sum(bool(trace["repairs"]) for trace in self.drafts.traces),
            "warnings": [{"pt": pt, "en": en} for pt, en in self.warnings],
        }


def balance(
    rows: object,
    target_ratio: float | None = None,
    *,
    target_category: str | Collection[str] | None = None,
    method: AskedMethod = "auto",
    options: Mapping[str, Mapping[str, object] | CategoryOptions] | None = None,
    defaults: CategoryOptions | None = None,
    mapping: Mapping[str, str] | None = None,
    rules: RuleSet | Literal["builtin"] | None = "builtin",
    calendar: BankCalendar | None = None,
    balances: BalancePolicy = "null",
    inner_validation: bool = True,
    spellings: Spellings = "group",
    random_state: RandomState = None,
) -> BalanceResult:
    """Rows of scarce categories are filled up with synthetic ones.

    Parameters
    ----------
    rows : list of dict, DataFrame, list of Transaction, pyarrow Table
        Training rows; nothing of them is changed.
    target_ratio, target_category, method, options, defaults
        As of :func:`plan`.
    mapping : mapping of column to role, optional
        Where the columns cannot be told.
    rules : RuleSet, "builtin" or None, default "builtin"
        Kept by every new row: repaired where that can be, else drawn again, else left out and said. The built-in ones
        are those that the rows bear out.
    calendar : BankCalendar, optional
    balances : {"null", "shadow", "rebase"}
        What the balance column of new rows holds.
    inner_validation : bool, default True
        Whether 'auto' measures the methods on earlier and later rows, or goes by size alone.
    spellings : {"group", "keep"}, default "group"
        Whether spellings of one category are counted together, and notes typed in its place not at all; real rows
        stay as they came either way.
    random_state : int, SeedSequence, Generator or None

    Returns
    -------
    BalanceResult
    """
    entries = read_entries(rows, mapping)
    seed = seed_sequence(random_state)
    named = _named(target_category, options)
    grouped = group_spellings(entries.ledger, spellings, named)
    ledger = grouped.ledger
    asked = {
        "target_category": grouped.asked(target_category),
        "method": method,
        "options": options and {grouped.names.get(name, name): value for name, value in options.items()},
        "defaults": defaults,
    }
    if not len(entries.ledger):
        empty = plan(entries.ledger, target_ratio, **asked)  # type: ignore[arg-type]  # as given
        told = (*_of_entries(entries), *empty.notes)
        return BalanceResult(_originals(rows), [], empty, {}, (), told, "", empty.unknown, None, None, entries)
    learned = learn(ledger, calendar=calendar, random_state=seed)
    planned = plan(ledger, target_ratio, series_share=learned.series_share(), **asked)  # type: ignore[arg-type]
    planned, measured = judged(learned, planned) if inner_validation else (planned, ())
    taken = Taken.of(learned)
    done = drafted(learned, planned, taken=taken, rules=_rules(rules, ledger))
    drafts = done.drafts
    told = (*_of_entries(entries), *grouped.notes, *planned.notes, *_advice(planned), *done.shortfalls)
    new: list[Row] = []
    every, run = _originals(rows), run_name(learned, planned, seed)
    if drafts is not None:
        drafts = with_balances(drafts, balances, real=entries.ledger)
        new = entries.write(drafts, run=run, names=taken.names, balances=_written(balances, drafts))
        every = [*every, *new]
        if balances == "rebase":
            every = balance_rows(every, "rebase")
            new = every[len(every) - len(new) :]
    made = Counter(drafts.ledger.categories.tolist()) if drafts is not None else {}
    alarms = (*planned.unknown, *done.shortfalls)
    return BalanceResult(
        every, new, planned, dict(made), measured, told, run, alarms, done.compliance, drafts, entries, learned
    )


def _named(target: str | Collection[str] | None, options: Mapping[str, object] | None) -> set[str]:
    """Categories that somebody asked for by name."""
    targets = [target] if isinstance(target, str) else list(target or ())
    return {*targets, *(options or ())}


def _rules(asked: RuleSet | Literal["builtin"] | None, real: Ledger) -> RuleSet | None:
    """The rules asked for; the built-in ones are those that the real rows bear out."""
    return builtin_rules(real) if isinstance(asked, str) else asked


def _written(balances: BalancePolicy, drafts: Drafts) -> BalancePolicy:
    """The policy, or none where no account states a balance that could be continued."""
    return balances if bool(drafts.ledger.balance_known.all()) else "null"


@dataclass(frozen=True, slots=True)
class Drafted:
    """The drafts of a plan, None where it asks for none; why some are missing; and how the rules are kept."""

    drafts: Drafts | None
    shortfalls: tuple[Text, ...] = ()
    compliance: ComplianceReport | None = None


def drafted(learned: Learned, planned: Plan, *, taken: Taken | None = None, rules: RuleSet | None = None) -> Drafted:
    """The drafts of all items of a plan, at once.

    Those that break a rule after repair are drawn again, up to 5 times, and left out at last.
    """
    items = [item for item in planned.items if item.add]
    if not items:
        return Drafted(None)
    taken = taken or Taken.of(learned)
    made = _made(learned, items, {item.category: item.add for item in items}, taken, 0)
    enforced = None if rules is None else enforce(rules, made, learned.ledger)
    refused: Counter[str] = Counter()
    for stream in range(1, RULE_TRIES):
        if enforced is None or not enforced.n_rejected:
            break
        refused.update(enforced.rejected_by)
        lost = Counter(made.ledger.categories[~enforced.kept].tolist())
        made = joined([enforced.drafts, _made(learned, items, lost, taken, stream)])
        enforced = enforce(rules, made, learned.ledger)  # type: ignore[arg-type]  # there are rules: it was not None
    kept = made if enforced is None else _unrepeated(enforced.drafts, learned)
    return Drafted(kept, _short(items, kept, refused), None if enforced is None else enforced.report)


def _made(learned: Learned, items: list[PlanItem], wanted: Mapping[str, int], taken: Taken, stream: int) -> Drafts:
    """Drafts of the categories of which rows are wanted."""
    jobs = [
        sketched(learned, item.category, wanted[item.category], item.method, options=item.options, stream=stream)
        for item in items
        if wanted.get(item.category) and item.method is not None
    ]
    return joined(finished(learned, jobs, taken, fill_stream(learned, stream)))


def _unrepeated(drafts: Drafts, learned: Learned) -> Drafts:
    """The drafts without those that a repair has made equal to a real row or to another one."""
    seen, kept = keys_of(learned.ledger), []
    for place, key in enumerate(key_list(drafts.ledger)):
        if key not in seen:
            seen.add(key)
            kept.append(place)
    return drafts if len(kept) == len(drafts) else drafts.take(np.array(kept, dtype=np.int64))


def _short(items: list[PlanItem], drafts: Drafts, refused: Counter[str]) -> tuple[Text, ...]:
    """Why there are fewer rows than planned, for each category."""
    made, told = Counter(drafts.ledger.categories.tolist()), []
    rules = ", ".join(f"{rule} {n}" for rule, n in refused.most_common(5))
    for item in items:
        found = {"category": item.category, "made": made[item.category], "asked": item.add}
        if made[item.category] < item.add:
            code = "ruled_out" if refused else "shortfall"
            told.append(both(NOTES, code, tries=TRIES, rules=rules, **found))
    return tuple(told)


def _originals(rows: object) -> list[Row]:
    """The rows as they came, the same objects where a list of dicts came; those of a table as dicts."""
    if isinstance(rows, (list, tuple)):
        return list(rows)
    to_dict = getattr(rows, "to_dict", None)
    if to_dict is not None:  # a DataFrame
        return [dict(row) for row in to_dict(orient="records")]
    to_pylist = getattr(rows, "to_pylist", None)  # an Arrow table
    return [dict(row) for row in to_pylist()] if to_pylist is not None else []


def _of_entries(entries: Entries) -> tuple[Text, ...]:
    """What was set aside, a note on each reason, and what is to know of the rows that were kept."""
    aside = tuple(both(NOTES, "set_aside", n=n, why=code) for code, n in entries.reasons.items())
    return (*aside, *((note.said.to("pt"), note.said.to("en")) for note in entries.notes))


def _advice(planned: Plan) -> tuple[Text, ...]:
    """What is to be said of a plan before anybody trains on it."""
    if not planned.n_add:
        return (both(NOTES, "nothing_to_do"),)
    enough = [item.category for item in planned.items if item.add and item.before >= WEIGHTS_DO]
    return (both(NOTES, "rarely_helps", categories=", ".join(enough)),) if enough else ()


def run_name(learned: Learned, planned: Plan, seed: np.random.SeedSequence) -> str:
    """Eight signs that are the same for the same rows, plan and seed."""
    digest = hashlib.blake2b(digest_size=4)
    digest.update(fingerprint(learned.ledger))
    digest.update(json.dumps(planned.to_dict(), sort_keys=True, ensure_ascii=False).encode())
    digest.update(repr((seed.entropy, seed.spawn_key)).encode())
    return digest.hexdigest()


def fingerprint(ledger: Ledger) -> bytes:
    """Digest of the rows of a ledger."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(ledger.days.astype(np.int64).tobytes())
    digest.update(ledger.cents.tobytes())
    for column in (ledger.descriptions, ledger.categories, ledger.accounts):
        digest.update("\x1f".join(column.tolist()).encode("utf-8", "surrogatepass"))
    return digest.digest()


__all__ = ["BalanceResult", "Drafted", "balance", "drafted", "fingerprint", "run_name"]
