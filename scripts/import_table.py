"""Write docs/import-law.md: every row of the shared real files, imported or quarantined with its reason.

Example: python scripts/import_table.py --data ../shared/data

Counts and file names only; no content of a row is written. ``--check`` writes nothing and fails if
the page differs.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contrapeso.errors import ContrapesoError
from contrapeso.finance.ingest import parse_file
from contrapeso.finance.ingest._bytes import declared_charset
from contrapeso.finance.ingest._ofx import count_statement_rows

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "import-law.md"
HEAD = """\
# The import law, file by file

Every `<STMTTRN>` in the raw bytes and every row of a table is either imported or quarantined with a
reason. No row is lost in silence: `ParsedFile` cannot be built otherwise. This page is written by
`python scripts/import_table.py` from real files that are not part of the project; it holds counts only.

*raw*: for OFX, `<STMTTRN` openings counted in the bytes by a counter that shares no code with the
reader (comments included); for tables, rows. *declared / used*: the charset that the header of an OFX
file declares, and the one that its bytes turned out to be.

{summary}

| file | bytes | SHA-256 | raw | imported | quarantined | reasons | declared / used |
|---|---:|---|---:|---:|---:|---|---|
{rows}

## Reasons

{reasons}
"""
REASONS = {
    "balance_row": "states a balance and moves no money",
    "bad_amount": "the amount cannot be read in one way only, or is no whole number of cents",
    "missing_amount": "the amount is absent or empty",
    "bad_date": "the date is no calendar day",
    "missing_date": "the date is absent or empty",
    "truncated": "the file ends inside the row, before its date and amount are whole",
    "commented_out": "the row stands inside a comment",
    "inside_cdata": "the row stands inside a CDATA section",
    "header_row": "names the columns",
    "title_row": "a title above a table",
    "blank_row": "holds nothing",
    "total_row": "sums other rows",
    "side_table": "belongs to another table on the same sheet",
    "repeated_sheet": "the sheet repeats another one",
    "unmatched_copy": "stands in a sheet that repeats another one, but not in that one",
    "no_header": "the sheet has no row that names a date and an amount column",
    "ragged_row": "has more cells than the header",
    "missing_direction": "the amount has no sign and the row does not say which way it goes",
}


@dataclass(frozen=True)
class Line:
    """One file of the table; ``error`` is the code where the file was refused."""

    file: str
    size: int
    sha256: str
    raw: int
    imported: int
    reasons: dict[str, int]
    charset: str
    error: str = ""

    def cells(self) -> str:
        """The line of the Markdown table."""
        why = self.error or ", ".join(f"{reason} {n}" for reason, n in self.reasons.items()) or "-"
        quarantined = sum(self.reasons.values())
        return (
            f"| {self.file} | {self.size} | `{self.sha256[:10]}` | {self.raw} | {self.imported} | {quarantined} "
            f"| {why} | {self.charset} |"
        )


def sources(data: Path) -> Iterator[Path]:
    """The OFX files and the ``mc_*`` tables of the shared folder, sorted."""
    yield from sorted((data / "ofx").rglob("*.ofx"))
    yield from sorted(path for path in data.glob("mc_*") if path.is_file())


def line(path: Path, data: Path) -> Line:
    """What became of one file. The raw count of OFX is the independent counter's, not the reader's."""
    content = path.read_bytes()
    is_ofx = path.suffix.lower() == ".ofx"
    name, sha256 = path.relative_to(data).as_posix(), hashlib.sha256(content).hexdigest()
    raw = count_statement_rows(content) if is_ofx else 0
    try:
        parsed = parse_file(path)
    except ContrapesoError as error:
        return Line(name, len(content), sha256, raw, 0, {}, "-", f"refused: `{error.code}`")
    charset = f"{declared_charset(content) if is_ofx else '-'} / {parsed.encoding}"
    raw = raw if is_ofx else parsed.raw_count
    return Line(name, len(content), sha256, raw, len(parsed.transactions), parsed.reasons, charset)


def page(lines: list[Line]) -> str:
    """The whole page as Markdown."""
    reasons: Counter[str] = Counter()
    for one in lines:
        reasons.update(one.reasons)
    raw, imported = sum(one.raw for one in lines), sum(one.imported for one in lines)
    lost = raw - imported - reasons.total()
    return HEAD.format(
        summary=f"{len(lines)} files: {raw} rows, {imported} imported, {reasons.total()} quarantined, {lost} lost.",
        rows="\n".join(one.cells() for one in lines),
        reasons="\n".join(f"- `{reason}` ({n}): {REASONS.get(reason, '')}" for reason, n in reasons.most_common()),
    )


def main() -> int:
    """Write or check the page; exit status 1 if a row is lost or the page differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the real files")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page differs")
    options = parser.parse_args()
    lines = [line(path, options.data) for path in sources(options.data)]
    lost = [one.file for one in lines if not one.error and one.raw != one.imported + sum(one.reasons.values())]
    text = page(lines)
    if lost:
        sys.stderr.write(f"rows are lost in {', '.join(lost)}\n")
        return 1
    if options.check:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        sys.stderr.write("" if same else "docs/import-law.md is stale; run python scripts/import_table.py\n")
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(lines)} files -> {PAGE.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
