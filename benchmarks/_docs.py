"""``docs/benchmarks.md`` from ``benchmarks/results/*.json``: every case, the misses in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks._record import RESULTS, ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
HEADER = """# Benchmarks

Written by `python -m benchmarks --docs` from the records in `benchmarks/results`; do not edit by hand.
`make bench` measures everything anew. Times and memory are medians with [least to greatest] of the
repeats. Memory is the peak of the whole process, interpreter and input included. Ours and the rival
run alternately in the same session, each in its own process; the ratio is ours / rival, pair by
pair, so below 1 means that ours takes less. A target that was missed is listed as missed.
"""


def number(value: float) -> str:
    """``value`` with three significant digits and no exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    digits = max(0, 2 - _exponent(value))
    return f"{value:,.{digits}f}"


def _exponent(value: float) -> int:
    return int(f"{abs(value):e}".partition("e")[2])


def spread(found: Mapping[str, Any] | None, unit: str = "") -> str:
    """Median with [least to greatest]; only the median for a single repeat, a dash for none."""
    if found is None:
        return "–"
    text = f"{number(found['median'])} {unit}".strip()
    return text if found["n"] == 1 else f"{text} [{number(found['low'])} to {number(found['high'])}]"


def _target(case: Mapping[str, Any]) -> str:
    if case["target"] is None:
        return "–"
    sign = "≤" if case["better"] == "lower" else "≥"
    what = "ratio " if case["judged"] == "ratio" else ""
    unit = "" if case["judged"] == "ratio" else f" {case['unit']}"
    return f"{what}{sign} {number(case['target'])}{unit}"


def _met(case: Mapping[str, Any]) -> str:
    return {True: "met", False: "**missed**", None: "no target"}[case["met"]]


def _row(case: Mapping[str, Any]) -> str:
    rival = spread(case["rival"], case["unit"])
    if case["rival_name"]:
        rival = f"{case['rival_name']}: {rival}"
    cells = (
        case["claim"], spread(case["measured"], case["unit"]), rival, spread(case["ratio"]), _target(case), _met(case)
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def miss(case: Mapping[str, Any]) -> str:
    """One sentence on a target that was not reached."""
    judged = case["ratio"] if case["judged"] == "ratio" else case["measured"]
    unit = "" if case["judged"] == "ratio" else f" {case['unit']}"
    what = f"{number(judged['median'])} times {case['rival_name']}" if case["judged"] == "ratio" else (
        f"{number(judged['median'])}{unit}"
    )  # fmt: skip
    limit = "at most" if case["better"] == "lower" else "at least"
    return f"{case['claim']}: the target was {limit} {number(case['target'])}{unit}, measured was {what}."


def _machine(record: Mapping[str, Any]) -> str:
    facts = record["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    commit = f", commit `{record['commit']}`" if record["commit"] else ""
    return (
        f"{facts['cpu']}, {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']}, "
        f"Python {facts['python']}; load before the run {facts['load_before']}. {packages}. "
        f"{record['date']}{commit}."
    )


def section(record: Mapping[str, Any]) -> str:
    """One record as a section: what, command, machine, table, misses, notes."""
    repeats = sorted({case["measured"]["n"] for case in record["cases"]})
    lines = [
        f"## {record['title']}", "", record["what"], "",
        f"- Command: `{record['command']}`", f"- Machine: {_machine(record)}",
        f"- Repeats: {' or '.join(map(str, repeats))}", "",
        "| case | ours | rival | ours / rival | target | result |", "|---|---|---|---|---|---|",
        *map(_row, record["cases"]),
    ]  # fmt: skip
    missed = [case for case in record["cases"] if case["met"] is False]
    remarks = [f"{case['claim']}: {case['note']}" for case in record["cases"] if case["note"]]
    if missed:
        lines += ["", "Missed:", "", *(f"- {miss(case)}" for case in missed)]
    if remarks or record["notes"]:
        lines += ["", "Notes:", "", *(f"- {text}" for text in (*remarks, *record["notes"]))]
    return "\n".join(lines) + "\n"


def load(folder: Path = RESULTS) -> list[dict[str, Any]]:
    """Records of ``folder`` in the order of their names."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def render(records: Sequence[Mapping[str, Any]]) -> str:
    """The whole page."""
    if not records:
        return f"{HEADER}\nNothing has been measured yet.\n"
    return "\n".join([HEADER, *map(section, records)])


def write(page: Path = PAGE) -> Path:
    """Render the kept results into ``page``."""
    page.parent.mkdir(exist_ok=True)
    page.write_text(render(load()), encoding="utf-8")
    return page
