"""Options that commands share, and what every command does first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from contrapeso import workflows
from contrapeso.cli._output import Output
from contrapeso.config import Settings
from contrapeso.errors import InvalidParameterError

if TYPE_CHECKING:
    from contrapeso.tables import Kind


@dataclass
class Session:
    """What one call of the command line knows: the options before the command, then ``--json``."""

    output: Output
    settings: Settings | None = None


File = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="CSV, XLSX or Parquet table.")]
Source = Annotated[
    Literal["transactions", "company_financial"] | None,
    typer.Option("--source", help="Read the table from the database instead of a file."),
]
Target = Annotated[str | None, typer.Option("--target", "-t", help="Column of the classes.")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook; the first one by default.")]
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="COLUMN=KIND", help="Override an inferred column kind; may be repeated."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Random seed; the same seed gives the same bytes.")]


def begin(context: typer.Context, *, as_json: bool) -> tuple[Settings, Output]:
    """Settings and output of this command; ``--json`` is remembered so that an error is JSON too."""
    session = cast("Session", context.obj)
    session.output = Output(as_json, session.output.language)
    assert session.settings is not None  # noqa: S101  (the callback ran before)
    return session.settings, session.output


def table_ref(file: Path | None, source: str | None, sheet: str | None = None) -> workflows.TableRef:
    if file is None and source is None:
        raise InvalidParameterError("Name a table: a FILE, or --source transactions, or --source company_financial.")
    return workflows.TableRef(file, source, sheet)  # type: ignore[arg-type]


def kinds_of(pairs: list[str] | None) -> dict[str, Kind]:
    """Column -> kind of the ``--kind`` options; the names are checked where the schema is made."""
    kinds: dict[str, Kind] = {}
    for pair in pairs or []:
        column, _, kind = pair.rpartition("=")
        if not (column and kind):
            raise InvalidParameterError(f"--kind takes COLUMN=KIND, for example --kind age=integer; got {pair!r}.")
        kinds[column] = cast("Kind", kind)
    return kinds


__all__ = ["File", "Json", "Kinds", "Seed", "Session", "Sheet", "Source", "Target", "begin", "kinds_of", "table_ref"]
