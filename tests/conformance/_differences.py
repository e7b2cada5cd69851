"""The one table of tests of imbalanced-learn that end otherwise with our samplers, and why."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("expected_differences.toml")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "migration.md"
START, END = "<!-- generated: expected differences -->", "<!-- end of the generated part -->"


@dataclass(frozen=True)
class Difference:
    """Tests whose identifiers fit one of the patterns ``tests`` (``*`` stands for anything), and the reason."""

    tests: tuple[str, ...]
    reason: str


def load(kind: str) -> list[Difference]:
    """Entries of the table: ``difference`` (they fail, and must) or ``not_applicable`` (they are not run)."""
    with TABLE.open("rb") as file:
        entries = tomllib.load(file).get(kind, [])
    return [Difference(tuple(entry["tests"]), entry["reason"]) for entry in entries]


def patterns(kind: str) -> list[str]:
    """All patterns of the table."""
    return [pattern for entry in load(kind) for pattern in entry.tests]


def render() -> str:
    """The generated part of docs/migration.md."""
    parts = ["### Tests of imbalanced-learn that fail with these samplers, and should", rows(load("difference"))]
    parts += ["### Tests that have no meaning here", rows(load("not_applicable"))]
    return "\n\n".join(parts)


def rows(differences: list[Difference]) -> str:
    if not differences:
        return "None."
    lines = [f"| {'<br>'.join(f'`{test}`' for test in d.tests)} | {d.reason} |" for d in differences]
    return "\n".join(["| test | reason |", "|---|---|", *lines])


def with_generated_part(page: str) -> str:
    """``page`` with its generated part rendered anew."""
    before, _, rest = page.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{render()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_generated_part(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
