"""The commands and their options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from contrapeso import __version__, workflows
from contrapeso._log import configure
from contrapeso.cli import _finance
from contrapeso.cli import _render as render
from contrapeso.cli._interrupt import interruptible
from contrapeso.cli._options import (
    File,
    Json,
    Kinds,
    Seed,
    Session,
    Sheet,
    Source,
    Target,
    begin,
    kinds_of,
    table_ref,
)
from contrapeso.cli._output import Language, Output, system_language
from contrapeso.config import load_settings
from contrapeso.errors import ContrapesoError, InvalidParameterError

app = typer.Typer(
    name="contrapeso",
    help="Measure class imbalance, treat it, and prove the quality of every synthetic row.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:  # noqa: FBT001  (typer's callback signature)
    if asked:
        typer.echo(f"contrapeso {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    context: typer.Context,
    state_dir: Annotated[Path | None, typer.Option(help="Folder of the embedded database.")] = None,
    language: Annotated[
        Literal["pt", "en"] | None, typer.Option("--lang", help="Language of tables and reports.")
    ] = None,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    session = cast("Session", context.obj)
    settings = load_settings(state_dir)
    configure(settings.log_level, settings.log_file, settings.state_dir)
    session.settings = settings
    words: Language = language or settings.language or system_language()
    session.output = Output(session.output.as_json, words)


@app.command("import")
def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="OFX, XLSX, CSV or Parquet files.")],
    bank: Annotated[str | None, typer.Option(help="Bank of files that do not name it.")] = None,
    account: Annotated[str | None, typer.Option(help="Account of files that do not name it.")] = None,
    as_json: Json = False,
) -> None:
    """Import bank statements and company books into the database; no row is lost in silence.

    Example: contrapeso import extrato-2025-01.ofx livro-caixa.xlsx
    """
    settings, output = begin(context, as_json=as_json)
    with output.progress() as progress:
        result = workflows.import_files(files, settings, bank=bank, account=account, progress=progress)
    output.show(result, *render.imported(result, output.language))
    for error in result.errors:
        if not as_json:
            output.fail(error)
    if result.errors:
        raise typer.Exit(result.errors[0].exit_code)


@app.command()
def analyze(
    context: typer.Context,
    file: File = None,
    source: Source = None,
    target: Target = None,
    text: Annotated[str | None, typer.Option(help="Column of descriptions, to measure ambiguity.")] = None,
    sheet: Sheet = None,
    kind: Kinds = None,
    as_json: Json = False,
) -> None:
    """Tell how imbalanced a table is: counts, ratio, severity, scarcity, ambiguity, and the plan.

    Example: contrapeso analyze customers.csv --target churn
    """
    settings, output = begin(context, as_json=as_json)
    result = workflows.analyze(table_ref(file, source, sheet), settings, target=target, text=text, kinds=kinds_of(kind))
    output.show(result, *render.analyzed(result, output.language))


@app.command()
def worth(
    context: typer.Context,
    file: File = None,
    source: Source = None,
    target: Target = None,
    model_type: Annotated[
        str, typer.Option("--model", "-m", help="The classifier to be helped; lightgbm, logistic_regression, ...")
    ] = "lightgbm",
    objective: Annotated[
        str,
        typer.Option(help="ranking, decision or probability; or mcc, f1, balanced_accuracy, log_loss, brier."),
    ] = "ranking",
    budget: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="Time to measure; 0 for no limit.")] = 60.0,
    time_column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column that orders the rows; date for bank rows.")
    ] = None,
    group_column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column whose values stay on one side of a fold.")
    ] = None,
    curves: Annotated[
        Path | None, typer.Option("--curves", help="Write precision, recall and calibration to this SVG.")
    ] = None,
    sheet: Sheet = None,
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Tell whether treating the imbalance is worth it, by comparing treatments with doing nothing; often it is not.

    Example: contrapeso worth customers.csv --target churn --budget 30
    """
    settings, output = begin(context, as_json=as_json)
    asked = workflows.Asked(
        target=target,
        model_type=model_type,  # type: ignore[arg-type]  # checked there, with the list
        objective=objective,
        budget_s=budget or None,
        time_column=time_column,
        group_column=group_column,
        seed=seed,
    )
    with interruptible() as cancel, output.progress() as progress:
        result = workflows.worth(
            table_ref(file, source, sheet),
            settings,
            asked,
            curves=curves,
            language=output.language,
            progress=progress,
            cancel=cancel,
        )
    output.show(result, *render.weighed(result, output.language))


@app.command()
def balance(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write: .csv, .xlsx or .parquet.")],
    file: File = None,
    source: Source = None,
    target: Target = None,
    strategy: Annotated[
        str,
        typer.Option(
            help="auto, minority, not majority, all, not minority, a ratio such as 0.5, or CLASS=COUNT,CLASS=COUNT."
        ),
    ] = "auto",
    method: Annotated[str, typer.Option(help="auto, smote, smotenc, random_over or random_under.")] = "auto",
    form: Annotated[str | None, typer.Option("--format", help="csv, csv-br, xlsx or parquet.")] = None,
    sheet: Sheet = None,
    kind: Kinds = None,
    holdout: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Share of each class to set aside in NAME.holdout.parquet, such as 0.2."),
    ] = None,
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Balance a table: the original rows first and unchanged, then marked synthetic rows.

    Example: contrapeso balance customers.csv --target churn --out balanced.parquet
    """
    settings, output = begin(context, as_json=as_json)
    with output.progress() as progress:
        result = workflows.balance(
            table_ref(file, source, sheet),
            settings,
            out=out,
            target=target,
            strategy=strategy,
            method=method,
            form=form,
            kinds=kinds_of(kind),
            holdout=holdout,
            seed=seed,
            progress=progress,
        )
    output.show(result, *render.balanced(result, output.language))


@app.command()
def generate(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write: .csv, .xlsx or .parquet.")],
    file: File = None,
    source: Source = None,
    rows: Annotated[int | None, typer.Option(min=0, help="Rows to make; as many as trained by default.")] = None,
    method: Annotated[
        str,
        typer.Option(help="auto, mixture, autoregressive, vae, gan, cgan, diffusion or transformer."),
    ] = "auto",
    target: Target = None,
    per_class: Annotated[
        list[str] | None,
        typer.Option("--per-class", metavar="LABEL=N", help="Exactly N rows of this class; may be repeated."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="COLUMN=VALUE", help="A value that all rows have; may be repeated."),
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Sample from this saved model; no FILE then.")] = None,
    save_model: Annotated[Path | None, typer.Option("--save-model", help="Keep the trained model here (.cps).")] = None,
    max_time: Annotated[
        float | None, typer.Option("--max-time", metavar="SECONDS", min=0.1, help="Wall time for the training.")
    ] = None,
    holdout: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Share of each class to set aside in NAME.holdout.parquet, such as 0.2."),
    ] = None,
    form: Annotated[str | None, typer.Option("--format", help="csv, csv-br, xlsx or parquet.")] = None,
    sheet: Sheet = None,
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Learn a table and write new rows like it, all of them marked synthetic, with the card of the model.

    Example: contrapeso generate customers.csv --out synthetic.parquet --target churn --save-model customers.cps
    """
    settings, output = begin(context, as_json=as_json)
    table = None if file is None and source is None else table_ref(file, source, sheet)
    with output.progress() as progress:
        result = workflows.generate(
            table,
            settings,
            out=out,
            rows=rows,
            training=workflows.TrainingWish(method, target, holdout, max_time),
            per_class=per_class or (),
            where=where or (),
            form=form,
            model=model,
            save_model=save_model,
            seed=seed,
            progress=progress,
        )
    output.show(result, *render.generated(result, output.language))


@app.command()
def assess(
    context: typer.Context,
    real: Annotated[Path | None, typer.Argument(metavar="[REAL]", help="Real rows, or a balanced table.")] = None,
    synthetic: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[SYNTHETIC]...", help="Synthetic rows, or a balanced table; several are compared."),
    ] = None,
    source: Source = None,
    target: Target = None,
    holdout: Annotated[Path | None, typer.Option(help="Real rows that the synthetic ones were not made from.")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", "-r", help="Write the HTML report here, and NAME.json beside it.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what needs models: the joint test, attacks.")
    ] = False,
    sensitive: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Column to check fairness on; may be repeated.")
    ] = None,
    quasi_identifier: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Column that others may know; may be repeated.")
    ] = None,
    sequence_index: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column that orders the rows.")] = None,
    sequence_key: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column whose rows belong together, such as the account.")
    ] = None,
    fail_under: Annotated[
        Literal["A", "B", "C", "D"] | None,
        typer.Option(
            "--fail-under", help="Exit with 8 if the grade is lower, absent, or the rows must not be released."
        ),
    ] = None,
    kind: Kinds = None,
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Grade synthetic rows against real ones: score, interval, grade, advice, report.

    Example: contrapeso assess customers.csv balanced.parquet --target churn --report report.html --fail-under B
    """
    settings, output = begin(context, as_json=as_json)
    made = list(synthetic or [])
    if source is not None and real is not None:  # the database holds the real rows, every file is synthetic
        made, real = [real, *made], None
    result = workflows.assess(
        table_ref(real, source),
        [workflows.TableRef(path) for path in made],
        settings,
        target=target,
        holdout=table_ref(holdout, None) if holdout else None,
        kinds=kinds_of(kind),
        depth="quick" if quick else "full",
        sensitive=sensitive or (),
        quasi_identifiers=quasi_identifier or (),
        sequence_index=sequence_index,
        sequence_key=sequence_key,
        html=report,
        language=output.language,
        seed=seed,
    )
    output.show(result, *render.assessed(result, output.language))
    if fail_under is not None and (error := result.below(fail_under)) is not None:
        raise typer.Exit(error.exit_code if as_json else output.fail(error))


@app.command()
def train(
    context: typer.Context,
    file: File = None,
    source: Source = None,
    target: Target = None,
    model_type: Annotated[
        str,
        typer.Option(
            "--model",
            "-m",
            help="auto, random_forest, lightgbm, xgboost, logistic_regression, hist_gradient_boosting, linear_svm or "
            "kmeans.",
        ),
    ] = "auto",
    balancing: Annotated[
        str,
        typer.Option("--balancing", "-b", help="auto, none, smote, hybrid, undersample, synthetic or class_weight."),
    ] = "auto",
    objective: Annotated[
        str,
        typer.Option(help="decision, ranking or probability; or mcc, f1, balanced_accuracy, log_loss, brier."),
    ] = "decision",
    test_size: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of the days, rows or groups to leave untouched.")
    ] = 0.25,
    time_column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column that orders the rows; date for bank rows.")
    ] = None,
    group_column: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column whose values stay on one side of the split.")
    ] = None,
    budget: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Time for the choices; 0 for no limit.")
    ] = 60.0,
    name: Annotated[str | None, typer.Option(help="Name in the registry; the table and the target by default.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where the model is kept (.cpm); in the state folder by default.")
    ] = None,
    sheet: Sheet = None,
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Train a classifier, say on untouched rows whether balancing helps, and register it; Ctrl-C stops it cleanly.

    Example: contrapeso train --source company_financial --name categorias
    """
    settings, output = begin(context, as_json=as_json)
    with interruptible() as cancel, output.progress() as progress:
        result = workflows.train(
            table_ref(file, source, sheet),
            settings,
            target=target,
            model_type=model_type,  # type: ignore[arg-type]  # checked there, with the list
            balancing=balancing,  # type: ignore[arg-type]
            objective=objective,
            test_size=test_size,
            time_column=time_column,
            group_column=group_column,
            budget_s=budget or None,
            name=name,
            out=out,
            seed=seed,
            progress=progress,
            cancel=cancel,
        )
    output.show(result, *render.trained(result, output.language))


@app.command()
def predict(
    context: typer.Context,
    model: Annotated[str, typer.Option("--model", "-m", help="NAME, NAME@STAGE, NAME@VERSION, an id, or a .cpm file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write: .csv, .xlsx or .parquet.")],
    file: File = None,
    source: Source = None,
    form: Annotated[str | None, typer.Option("--format", help="csv, csv-br, xlsx or parquet.")] = None,
    sheet: Sheet = None,
    as_json: Json = False,
) -> None:
    """Write a table with the class that a trained model predicts for each row, and its probability.

    Example: contrapeso predict extrato.csv --model categorias@production --out classificado.xlsx
    """
    settings, output = begin(context, as_json=as_json)
    with output.progress() as progress:
        result = workflows.predict(
            table_ref(file, source, sheet), settings, model=model, out=out, form=form, progress=progress
        )
    output.show(result, *render.predicted(result, output.language))


@app.command()
def models(
    context: typer.Context,
    name: Annotated[str | None, typer.Option(help="Only the versions of this name.")] = None,
    stage: Annotated[
        str | None,
        typer.Option(
            "--stage", metavar="MODEL=STAGE", help="Put a model in candidate, staging, production or archived."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the trained models with stage and measures, or change the stage of one.

    Example: contrapeso models --stage categorias@2=production
    """
    settings, output = begin(context, as_json=as_json)
    if stage is not None:
        which, _, wanted = stage.rpartition("=")
        if not which:
            raise InvalidParameterError(f"--stage takes MODEL=STAGE, for example --stage 3=production; got {stage!r}.")
        result = workflows.set_stage(settings, which, wanted)
    else:
        result = workflows.list_models(settings, name=name)
    output.show(result, *render.registered(result, output.language))


@app.command()
def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write: .csv, .xlsx or .parquet.")],
    file: File = None,
    source: Source = None,
    form: Annotated[str | None, typer.Option("--format", help="csv, csv-br, xlsx or parquet.")] = None,
    sheet: Sheet = None,
    as_json: Json = False,
) -> None:
    """Write a table in another format; the mark of synthetic rows is kept in all of them.

    Example: contrapeso export --source company_financial --out livro.xlsx
    """
    settings, output = begin(context, as_json=as_json)
    result = workflows.export(table_ref(file, source, sheet), settings, out=out, form=form)
    output.show(result, *render.exported(result, output.language))


@app.command()
def labels(
    context: typer.Context,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="RAW[=CANONICAL]", help="Accept a proposal, or give the category; may be repeated."),
    ] = None,
    reject: Annotated[
        list[str] | None, typer.Option(metavar="RAW", help="Keep this spelling as its own category; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Review the spellings of the categories: what was merged, suggested or put in quarantine.

    Example: contrapeso labels --accept "Juros=Juros / Multa" --reject "Aporte Corretora"
    """
    settings, output = begin(context, as_json=as_json)
    if accept or reject:
        result = workflows.decide_labels(settings, _accepted(accept or []), reject or [])
    else:
        result = workflows.review_labels(settings)
    output.show(result, *render.labelled(result, output.language))


def _accepted(pairs: list[str]) -> dict[str, str | None]:
    """Spelling -> category that the person gave, None for the proposed one."""
    split = (pair.partition("=") for pair in pairs)
    return {raw: canonical if mark else None for raw, mark, canonical in split}


@app.command()
def demo(
    context: typer.Context,
    folder: Annotated[Path, typer.Option(help="Folder for everything the demo makes.")] = Path("demo"),
    seed: Seed = 42,
    as_json: Json = False,
) -> None:
    """Run the whole path on a simulated company: import, analyze, balance, assess, export.

    Example: contrapeso demo --folder demo
    """
    settings, output = begin(context, as_json=as_json)
    with output.progress() as progress:
        result = workflows.run_demo(folder, settings, language=output.language, seed=seed, progress=progress)
    output.show(result, *render.demonstrated(result, output.language))


@app.command()
def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Tell what is installed and in use: versions, native or pure kernels and why, folders, extras.

    Example: contrapeso doctor
    """
    settings, output = begin(context, as_json=as_json)
    result = workflows.doctor(settings)
    output.show(result, *render.diagnosed(result, output.language))


app.add_typer(_finance.app)


def run(arguments: Sequence[str]) -> int:
    """Exit code of the command line ``arguments``."""
    session = Session(Output(as_json="--json" in arguments, language=system_language()))
    try:
        app(args=list(arguments), prog_name="contrapeso", obj=session)
    except ContrapesoError as error:
        return session.output.fail(error)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    return 0
