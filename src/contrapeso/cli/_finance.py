"""``contrapeso finance``: movements of banks and companies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Protocol

import typer
from rich.markup import escape

from contrapeso import workflows
from contrapeso.cli._options import Json, Seed, Sheet, Source, begin, table_ref
from contrapeso.cli._output import Language, Output
from contrapeso.errors import InvalidParameterError

app = typer.Typer(
    name="finance",
    help="Bank and company movements: synthetic ones that follow their calendar, amounts, texts and rules.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="OFX, CSV, XLSX or Parquet file of movements.")]
Categories = Annotated[list[str] | None, typer.Option("--category", "-c", help="Only this category; may be repeated.")]
Method = Annotated[str, typer.Option(help="auto, pattern_based, smote or synthetic.")]
Ratio = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE", help="Rows afterwards over those of the largest category, up to 1; careful if not given."
    ),
]
Mapping = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=ROLE", help="What a column is, where it cannot be told; may be repeated."),
]


class Told(Protocol):
    """A result that says itself."""

    def to_dict(self) -> dict[str, object]:
        """JSON-ready form."""

    def describe(self, language: Language) -> str:
        """In words."""


def _show(output: Output, result: Told, *more: str) -> None:
    output.show(result, escape(result.describe(output.language)), *map(escape, more))


def _roles(pairs: list[str] | None) -> dict[str, str] | None:
    """Column -> role of the ``--map`` options; the roles are checked where they are used."""
    roles: dict[str, str] = {}
    for pair in pairs or []:
        column, _, role = pair.rpartition("=")
        if not (column and role):
            raise InvalidParameterError(f"--map takes COLUMN=ROLE, for example --map Tipo=category; got {pair!r}.")
        roles[column] = role
    return roles or None


@app.command()
def plan(
    context: typer.Context,
    file: File = None,
    source: Source = None,
    category: Categories = None,
    method: Method = "auto",
    ratio: Ratio = None,
    mapping: Mapping = None,
    sheet: Sheet = None,
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Tell what each column was taken for, and how many rows of each category would be made, how and why.

    Example: contrapeso finance plan extrato.csv
    """
    settings, output = begin(context, as_json=as_json)
    wish = workflows.MovementsWish(tuple(category or ()), method, ratio, mapping=_roles(mapping), seed=seed)
    _show(output, workflows.plan_movements(table_ref(file, source, sheet), settings, wish))


@app.command()
def balance(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write: .csv, .xlsx, .ofx or .json.")],
    file: File = None,
    source: Source = None,
    category: Categories = None,
    method: Method = "auto",
    ratio: Ratio = None,
    balances: Annotated[
        Literal["null", "shadow", "rebase"],
        typer.Option(help="Balances of new rows: none, of accounts of their own, or all recomputed."),
    ] = "null",
    rules: Annotated[Path | None, typer.Option(help="File of rules to keep, JSON or YAML.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="'auto' goes by the number of rows, without measuring the methods.")
    ] = False,
    mapping: Mapping = None,
    form: Annotated[str | None, typer.Option("--format", help="csv, xlsx, ofx or json.")] = None,
    sheet: Sheet = None,
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Fill up scarce categories: the movements that came, then synthetic ones, marked, each with its provenance.

    Example: contrapeso finance balance extrato.csv --category investimento --out balanceado.xlsx
    """
    settings, output = begin(context, as_json=as_json)
    wish = workflows.MovementsWish(
        tuple(category or ()), method, ratio, balances, not quick, mapping=_roles(mapping), seed=seed
    )
    result = workflows.balance_movements(
        table_ref(file, source, sheet), settings, wish, out=out, form=form, rules=rules
    )
    written = {"pt": "Gravado", "en": "Written"}[output.language]
    _show(output, result, f"{written}: {result.path}")


@app.command()
def worth(
    context: typer.Context,
    file: File = None,
    source: Source = None,
    category: Categories = None,
    method: Method = "auto",
    ratio: Ratio = None,
    cuts: Annotated[int, typer.Option(min=1, help="Cuts in time over which treatments are compared.")] = 3,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds over which they are compared.")] = 3,
    examples: Annotated[
        int | None, typer.Option(min=1, help="Keep so many training rows of each scarce category at most.")
    ] = None,
    mapping: Mapping = None,
    sheet: Sheet = None,
    as_json: Json = False,
) -> None:
    """Vale a pena? Whether new rows help a classifier on later movements, against doing nothing and class weights.

    Example: contrapeso finance worth extrato.csv
    """
    settings, output = begin(context, as_json=as_json)
    wish = workflows.MovementsWish(tuple(category or ()), method, ratio, mapping=_roles(mapping))
    ref = table_ref(file, source, sheet)
    _show(output, workflows.movements_worth(ref, settings, wish, cuts=cuts, seeds=seeds, examples=examples))


@app.command("what-if")
def what_if(
    context: typer.Context,
    file: File = None,
    source: Source = None,
    category: Categories = None,
    method: Method = "pattern_based",
    mapping: Mapping = None,
    sheet: Sheet = None,
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Show scores, realism and risk as more rows are made, and what more labelled rows are worth in synthetic ones.

    Example: contrapeso finance what-if extrato.csv
    """
    settings, output = begin(context, as_json=as_json)
    wish = workflows.MovementsWish(tuple(category or ()), method, mapping=_roles(mapping), seed=seed)
    _show(output, workflows.movements_curves(table_ref(file, source, sheet), settings, wish))


@app.command()
def rules(
    context: typer.Context,
    file: File = None,
    source: Source = None,
    rule_file: Annotated[Path | None, typer.Option("--rules", help="File of rules, JSON or YAML.")] = None,
    learn: Annotated[bool, typer.Option("--learn", help="Add the rules that the rows suggest.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the rules as JSON, to review.")] = None,
    mapping: Mapping = None,
    sheet: Sheet = None,
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Check rules on movements: how many rows keep each, and which cannot hold together.

    Example: contrapeso finance rules extrato.csv --learn --out regras.json
    """
    settings, output = begin(context, as_json=as_json)
    wish = workflows.MovementsWish(mapping=_roles(mapping), seed=seed)
    ref = table_ref(file, source, sheet)
    _show(output, workflows.movements_rules(ref, settings, wish, rules=rule_file, learned=learn, out=out))


@app.command("blind-test")
def blind_test(
    context: typer.Context,
    file: File = None,
    source: Source = None,
    folder: Annotated[Path, typer.Option(help="Folder for the workbook and the sealed answers.")] = Path("teste-cego"),
    rows: Annotated[int, typer.Option("--rows", "-n", min=2, help="Rows to judge.")] = 40,
    category: Categories = None,
    method: Method = "pattern_based",
    mapping: Mapping = None,
    sheet: Sheet = None,
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Write a workbook of real and synthetic movements for a person to tell apart, and the sealed answers.

    Example: contrapeso finance blind-test extrato.csv --folder teste-cego
    """
    settings, output = begin(context, as_json=as_json)
    wish = workflows.MovementsWish(tuple(category or ()), method, mapping=_roles(mapping), seed=seed)
    _show(output, workflows.blind_test(table_ref(file, source, sheet), settings, wish, folder=folder, n=rows))


@app.command("blind-score")
def blind_score(
    context: typer.Context,
    workbook: Annotated[Path, typer.Argument(metavar="SHEET", help="The workbook with answers filled in.")],
    answers: Annotated[Path, typer.Argument(metavar="ANSWERS", help="The sealed answers.")],
    as_json: Json = False,
) -> None:
    """Tell how often the person who filled in the workbook was right, with an interval.

    Example: contrapeso finance blind-score teste-cego/teste-cego.xlsx teste-cego/gabarito-fechado.json
    """
    _, output = begin(context, as_json=as_json)
    _show(output, workflows.score_blind_test(workbook, answers))


__all__ = ["app"]
