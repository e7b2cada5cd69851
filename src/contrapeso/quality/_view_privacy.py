"""What the page shows of the privacy gate, its attacks beside their controls, and the statistical tests."""

from __future__ import annotations

from dataclasses import dataclass

from contrapeso.quality._attacks import succeeded
from contrapeso.quality._format import ABSENT, clean
from contrapeso.quality._label_readings import ATTACKS, MEASURES, TESTS
from contrapeso.quality._labels import ATTACK_VERDICTS, ATTACKED_SENTENCES, PRIVACY_WORDS
from contrapeso.quality._report import Privacy, QualityReport
from contrapeso.quality._sections import Attack, TestResult
from contrapeso.quality._view_tables import Cell, Head, Show, Table, between, explained, named, picture, span_of
from contrapeso.quality._writer import Writer

MAX_TESTS = 40
"""Columns whose tests are shown."""
_SHARES = frozenset({"share", "auc", "tpr_at_1_fpr", "success_rate"})


@dataclass(frozen=True, slots=True)
class GateView:
    """The gate: its word, its sentence, its copies and its attacks."""

    word: str
    tone: str
    text: str
    rows: tuple[tuple[str, str], ...]
    attacks: Table | None
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestsView:
    """The classical tests, and how many more the machine-readable block holds."""

    table: Table
    more: str


def gate_word(gate: Privacy, say: Writer) -> str:
    """The gate in two or three words."""
    attacked = gate.status == "no_excess_found" and bool(gate.attacks)
    return PRIVACY_WORDS["no_attack_found" if attacked else gate.status].to(say.language)


def gate_text(gate: Privacy, say: Writer) -> str:
    """The gate as a sentence that promises no more than was tried."""
    if gate.attacks and gate.status in ATTACKED_SENTENCES:
        names = ", ".join(dict.fromkeys(_name(a, say).lower() for a in gate.attacks if _matters(a)))
        tried = sum(a.value is not None for a in gate.attacks)
        words = ATTACKED_SENTENCES[gate.status].to(say.language)
        return words.format(n=say.count(tried), names=names or say.t("unknown"))
    return gate.text(say.language)


def _matters(attack: Attack) -> bool:
    """Whether an attack succeeded by more than a trifle."""
    return attack.verdict == "excess" and (attack.name == "exact_copies" or succeeded(attack))


def _name(attack: Attack, say: Writer) -> str:
    return named(attack.name, ATTACKS.get(attack.name), say)


def gate(report: QualityReport, say: Writer) -> GateView | None:
    """The gate, None where it was not looked at."""
    found = report.privacy
    if found is None:
        return None
    copied = say.t("rows", n=say.count(found.n_exact_copies))
    holdout = say.percent(found.holdout_copies) if found.holdout_copies is not None else say.t("absent")
    rows = [
        (say.t("exact_copies"), f"{say.percent(found.exact_copies)} ({copied})"),
        (say.t("holdout_copies"), holdout),
    ]
    if found.n_columns:
        rows.append((say.t("compared_columns"), say.count(found.n_columns)))
    return GateView(
        word=gate_word(found, say),
        tone="alarm" if found.do_not_release else "calm",
        text=gate_text(found, say),
        rows=tuple(rows),
        attacks=_attacks(found, say),
        absent=_absent(found, say),
    )


def _attacks(found: Privacy, say: Writer) -> Table | None:
    """The attacks, those that succeeded first, each beside its control."""
    tried = [attack for attack in found.attacks if attack.value is not None]
    if not tried:
        return None
    order = ("excess", "cannot_be_assessed", "no_excess_found")
    heads = (
        Head(say.t("attack")),
        Head(say.t("attack_result"), "n"),
        Head(say.t("compared"), "wide"),
        Head(say.t("control"), "n"),
        Head(say.t("attack_verdict")),
    )
    rows = tuple(_attack(item, say) for item in sorted(tried, key=lambda a: (not _matters(a), order.index(a.verdict))))
    return Table(say.t("attacks"), heads, rows)


def _absent(found: Privacy, say: Writer) -> tuple[str, ...]:
    """The attacks that could not be run, by reason."""
    reasons: dict[str, list[str]] = {}
    for attack in found.attacks:
        if attack.value is None:
            reasons.setdefault(attack.reason or "", []).append(_name(attack, say))
    return tuple(
        say.t("attacks_absent", names=", ".join(dict.fromkeys(names)), reason=say.reason(code or None))
        for code, names in reasons.items()
    )


def _attack(item: Attack, say: Writer) -> tuple[Cell, ...]:
    """One attack."""
    show: Show = say.percent if item.measure in _SHARES else say.number
    numbers = (item.value, item.control, *(item.interval or ()), *(item.control_interval or ()))
    span = span_of(numbers, "auc" if item.measure == "auc" else "number")
    matters = _matters(item)
    key = "slight" if item.verdict == "excess" and not matters else item.verdict
    return (
        Cell(_name(item, say), _about(item, say)),
        Cell(show(item.value), between(item.interval, show, say)),
        Cell("", picture=picture(item.value, item.control, span, item.interval, item.control_interval)),
        Cell(show(item.control), between(item.control_interval, show, say)),
        Cell(ATTACK_VERDICTS[key].to(say.language), _why(item, say), "bad" if matters else ""),
    )


def _about(item: Attack, say: Writer) -> str:
    """What an attack tries, how it is counted, and on which columns."""
    measure = MEASURES.get(item.measure)
    counted = measure.to(say.language) if measure else clean(item.measure.replace("_", " "))
    names = ", ".join(clean(name, 40) for name in item.columns)
    parts = (
        explained(ATTACKS.get(item.name), say),
        say.t("counted_as", measure=counted, n=say.count(item.n)) if item.n and counted else "",
        say.t("columns_used", names=names) if names else "",
    )
    return " ".join(part for part in parts if part)


def _why(item: Attack, say: Writer) -> str:
    """The reason of an absent answer, or how far above the control it is."""
    if item.verdict == "cannot_be_assessed":
        return say.reason(item.reason)
    return say.t("excess", interval=between(item.excess, say.percent, say)) if item.excess else ""


def tests(report: QualityReport, say: Writer) -> TestsView | None:
    """The classical tests, a column of the table each, largest effect first; None without them."""
    if not report.tests:
        return None
    by_column: dict[str, dict[str, TestResult]] = {}
    for item in report.tests:
        by_column.setdefault(item.column, {})[item.test] = item
    used = list(dict.fromkeys(item.test for item in report.tests))
    ordered = sorted(by_column, key=lambda name: (-max(abs(t.effect or 0.0) for t in by_column[name].values()), name))
    heads = (Head(say.t("column_name")), *(Head(_test_name(test, say), "n") for test in used))
    rows = tuple(
        (Cell(clean(name)), *(_test(by_column[name].get(test), say) for test in used)) for name in ordered[:MAX_TESTS]
    )
    left = len(ordered) - MAX_TESTS
    more = say.t("tests_more", n=say.count(left)) if left > 0 else ""
    return TestsView(Table(say.t("tests"), heads, rows, wide=True), more)


def _test_name(test: str, say: Writer) -> str:
    word = TESTS.get(test)
    return word.to(say.language) if word else clean(test.replace("_", " "))


def _test(item: TestResult | None, say: Writer) -> Cell:
    """One test of one column: the effect, then the p-value as it is and adjusted."""
    if item is None or item.effect is None:
        return Cell(ABSENT)
    if item.p_value is None:
        return Cell(say.number(item.effect, 3))
    return Cell(say.number(item.effect, 3), f"p {p_value(item.p_value, say)} ({p_value(item.p_adjusted, say)})")


def p_value(value: float | None, say: Writer) -> str:
    """A p-value: three decimals, and never zero."""
    if value is not None and value < 0.001:
        return f"<\N{NO-BREAK SPACE}{say.number(0.001, 3)}"
    return say.number(value, 3)


__all__ = ["GateView", "TestsView", "gate", "gate_text", "gate_word", "p_value", "tests"]
