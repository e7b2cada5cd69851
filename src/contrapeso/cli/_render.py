"""Results of the workflows as tables and sentences for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from contrapeso.cli._output import Language
from contrapeso.cli._texts import number, text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from contrapeso.quality import QualityReport, Score
    from contrapeso.workflows import (
        AnalysisResult,
        AssessmentResult,
        BalanceResult,
        DemoResult,
        DoctorResult,
        ExportResult,
        FileOutcome,
        GenerateResult,
        ImportResult,
        LabelsResult,
        ModelsResult,
        PredictResult,
        TrainResult,
        WorthResult,
    )
    from contrapeso.workflows.training._measure import Rate

Parts = list["RenderableType"]
N_ADVICE = 5
N_RELATIONS = 8


def _table(language: Language, *headers: str) -> Table:
    """Empty table whose first column is text and whose other columns are numbers."""
    table = Table(show_edge=False, pad_edge=False, box=None, header_style="bold")
    for j, key in enumerate(headers):
        table.add_column(text(key, language), justify="left" if j == 0 else "right", overflow="fold")
    return table


def imported(result: ImportResult, language: Language) -> Parts:
    """A line a file: what came, what was added, what was not and why."""
    table = _table(language, "file", "rows", "imported", "duplicates", "not_transactions", "set_aside", "result")
    for file in result.files:
        table.add_row(escape(file.path.name), *_file_cells(file, language))
    parts: Parts = [table]
    to_review = sum(file.n_to_review for file in result.files)
    if to_review:
        parts.append(text("review", language, n=to_review))
    if result.new_labels:
        parts.append(text("new_labels", language, n=result.new_labels))
    return parts


def _file_cells(file: FileOutcome, language: Language) -> list[str]:
    outcome = file.outcome
    if outcome is None:
        return ["", "", "", "", "", text("refused", language)]
    review = file.n_to_review
    aside = len(outcome.quarantined) - review
    counts = (outcome.raw_count, outcome.imported, len(outcome.duplicates), aside, review)
    state = "already" if outcome.already_imported else "ok"
    return [*(number(count, language) for count in counts), text(state, language)]


def analyzed(result: AnalysisResult, language: Language) -> Parts:
    """The analysis and the plan, as they describe themselves."""
    return [escape(result.analysis.describe(language)), "", escape(result.plan.describe(language))]


def weighed(result: WorthResult, language: Language) -> Parts:
    """The sentence, the leaderboard, and where the curves are."""
    parts: Parts = [escape(result.decision.describe(language))]
    if result.curves is not None:
        parts.append(f"{text('written', language)}: {escape(str(result.curves))}")
    return parts


def balanced(result: BalanceResult, language: Language) -> Parts:
    """Counts before and after, what the reader must know, and where the files are."""
    table = _table(language, "class", "before", "added", "dropped", "after")
    for row in result.counts:
        cells = (number(n, language) for n in (row.before, row.added, row.dropped, row.after))
        table.add_row(escape(row.label), *cells)
    parts: Parts = [table]
    parts += [escape(note) for note in result.notes(language)]
    parts.append(f"{text('written', language)}: {escape(str(result.path))} ({text('seed', language)} {result.seed})")
    if result.provenance_path is not None:
        parts.append(f"{text('provenance', language)}: {escape(str(result.provenance_path))}")
    return parts


def generated(result: GenerateResult, language: Language) -> Parts:
    """What made the rows and how well, what holds in them, and where the files are."""
    probe = text("not_measured", language) if result.probe is None else number(result.probe, language, 3)
    facts = {
        "rows": number(result.n_rows, language),
        "method": result.method,
        "trained_on": number(result.card.n_rows, language),
        "probe": probe,
        "cpu_seconds": number(result.cpu_s, language, 1),
        "relations": number(len(result.relations[language]), language),
    }
    table = Table(show_header=False, show_edge=False, pad_edge=False, box=None)
    for key, fact in facts.items():
        table.add_row(text(key, language), escape(fact))
    parts: Parts = [table]
    parts += [f"  - {escape(relation)}" for relation in result.relations[language][:N_RELATIONS]]
    parts += [escape(note) for note in result.notes]
    if result.n_per_class:
        counts = ", ".join(f"{label}: {number(n, language)}" for label, n in result.n_per_class.items())
        parts.append(f"{text('classes', language)}: {escape(counts)}")
    parts.append(f"{text('written', language)}: {escape(str(result.path))} ({text('seed', language)} {result.seed})")
    parts.append(f"{text('card', language)}: {escape(str(result.card_path))}")
    if result.model_path is not None:
        parts.append(f"{text('model', language)}: {escape(str(result.model_path))}")
    if result.holdout_path is not None:
        files = {"train": result.train_path, "out": result.path, "path": result.holdout_path}
        named = {name: escape(str(path)) for name, path in files.items()}
        parts.append(text("held_out", language, n=number(result.n_holdout, language), **named))
    return parts


def assessed(result: AssessmentResult, language: Language) -> Parts:
    """Grade, dimensions, advice, privacy of each synthetic table, and where the report is."""
    parts: Parts = []
    for name, report in result.reports.items():
        parts += [f"[bold]{escape(name)}[/bold]"] if len(result.reports) > 1 else []
        parts += _graded(report, language)
    if result.html is not None:
        parts.append(f"{text('report', language)}: {escape(str(result.html))}")
    return parts


def _graded(report: QualityReport, language: Language) -> Parts:
    parts: Parts = [_verdict(report, language)]
    for dimension in report.dimensions:
        parts.append(
            f"  {escape(dimension_name(dimension.name, language))}: {_score(dimension.score, language)}"
            f" ({text('threshold', language)} {number(dimension.threshold, language, 2)})"
        )
    if report.privacy is not None:
        parts.append(f"{text('privacy', language)}: {escape(report.privacy.text(language))}")
    if report.recommendations:
        parts.append(f"{text('advice', language)}:")
        parts += [f"  - {escape(advice.text(language))}" for advice in report.recommendations[:N_ADVICE]]
    return parts


def _verdict(report: QualityReport, language: Language) -> str:
    grade = report.grade or text("no_grade", language)
    flag = f" ({text('provisional', language)})" if report.provisional and report.grade else ""
    if report.privacy is not None and report.privacy.do_not_release:
        flag += f", [bold]{text('do_not_release', language)}[/bold]"
    return f"[bold]{text('grade', language)}: {escape(grade)}[/bold]{flag}, {_score(report.overall, language)}"


def _score(score: Score, language: Language) -> str:
    if score.value is None:
        from contrapeso.quality import reason_text

        return f"{text('not_measured', language)}: {escape(reason_text(score.reason or '', language))}"
    words = f"{text('score', language)} {number(score.value, language, 3)}"
    if score.interval is not None:
        low, high = (number(end, language, 3) for end in score.interval)
        words += f", {text('interval', language)} {low}-{high}"
    if score.ceiling is not None:
        words += f", {text('ceiling', language)} {number(score.ceiling, language, 3)}"
    return words


def dimension_name(name: str, language: Language) -> str:
    """Name of a dimension of quality for people."""
    from contrapeso.quality import dimension_text

    return dimension_text(name, language)


def trained(result: TrainResult, language: Language) -> Parts:
    """What was done and why, how it was judged, the classes, and where the model is."""
    decimals = 3
    table = _table(language, "measure", "without", "with", "difference", "interval_short")
    for reading in result.readings:
        low, high = reading.difference_interval
        cells = (number(value, language, decimals) for value in (reading.before, reading.after, reading.difference))
        ends = f"{number(low, language, decimals)} .. {number(high, language, decimals)}"
        mark = " *" if reading.measure == result.measure else ""
        table.add_row(text(f"measure_{reading.measure}", language) + mark, *cells, ends)
    facts = {"model_type": result.model_type, "treatment": f"{result.rung} ({result.balancing})"}
    parts: Parts = [f"{text(key, language)}: {escape(fact)}" for key, fact in facts.items()]
    parts += [escape(result.reason(language)), _split_words(result, language), table]
    by_itself = f"_{result.rung}" if result.verdict == "ajuda" and result.rung in ("threshold", "calibrated") else ""
    verdict = text(f"verdict_{result.verdict}{by_itself}", language)
    parts.append(f"[bold]{text('verdict', language)}: {verdict}[/bold]")
    parts += ["", _class_table(result, language)]
    for stratum in result.strata:
        words = text(f"stratum_{stratum.name}", language)
        parts.append(f"{words}: {_rate(stratum.after, language)} ({number(stratum.after.n, language)})")
    parts += [escape(note) for note in result.notes(language)]
    parts.append(
        f"{text('model', language)}: {escape(result.model.label)} (id {result.model.id}), {result.model.stage}"
    )
    parts.append(f"{text('written', language)}: {escape(str(result.path))} ({text('seed', language)} {result.seed})")
    return parts


def _split_words(result: TrainResult, language: Language) -> str:
    counts = {"train": number(result.n_train, language), "test": number(result.n_test, language)}
    return text(f"split_{result.split}", language, day=result.first_day or "", **counts)


def _class_table(result: TrainResult, language: Language) -> Table:
    table = _table(language, "class", "train_rows", "test_rows", "precision", "recall")
    for row in result.classes:
        counts = (number(row.n_train, language), number(row.n_test, language))
        table.add_row(escape(row.label), *counts, _rate(row.precision, language), _rate(row.recall, language))
    return table


def _rate(rate: Rate, language: Language) -> str:
    if rate.value is None or rate.interval is None:
        return "-"
    low, high = (number(end, language, 2) for end in rate.interval)
    return f"{number(rate.value, language, 2)} [dim]{low}-{high}[/dim]"


def predicted(result: PredictResult, language: Language) -> Parts:
    """How many rows of each class, and where the file is."""
    counts = ", ".join(f"{label}: {number(n, language)}" for label, n in result.n_per_class.items())
    n_rows = number(result.n_rows, language)
    return [
        f"{text('model', language)}: {escape(result.model)}",
        f"{escape(result.column)}: {escape(counts)}",
        f"{text('written', language)}: {escape(str(result.path))} ({n_rows} {text('rows', language)})",
    ]


def registered(result: ModelsResult, language: Language) -> Parts:
    """A line a model."""
    if not result.models:
        return [text("no_models", language)]
    table = _table(language, "model", "id", "stage", "model_type", "treatment", "verdict", "trained_at")
    for model in result.models:
        measured = model.metrics
        verdict = text(f"short_{measured['verdict']}", language) if "verdict" in measured else "-"
        when = model.created_at.strftime("%d/%m/%Y" if language == "pt" else "%Y-%m-%d")
        cells = (model.label, str(model.id), model.stage, model.kind, str(measured.get("rung", "-")), verdict, when)
        table.add_row(*map(escape, cells))
    return [table]


def exported(result: ExportResult, language: Language) -> Parts:
    """Where the file is."""
    n_rows = number(result.n_rows, language)
    return [f"{text('written', language)}: {escape(str(result.path))} ({n_rows} {text('rows', language)})"]


def labelled(result: LabelsResult, language: Language) -> Parts:
    """A line a spelling."""
    if not result.labels:
        return [text("no_labels", language)]
    table = _table(language, "spelling", "count", "stands_for", "status", "reason")
    for column in table.columns[2:]:
        column.justify = "left"
    for label in result.labels:
        why = label.reason_pt if language == "pt" else label.reason_en
        cells = (repr(label.raw), number(label.count, language), label.canonical or "-", label.status, why)
        table.add_row(*map(escape, cells))
    return [table]


def demonstrated(result: DemoResult, language: Language) -> Parts:
    """Every step under its title, and the one file to open."""
    steps = (
        ("step_import", imported(result.imported, language)),
        ("step_analyze", analyzed(result.analysis, language)),
        ("step_balance", balanced(result.balanced, language)),
        ("step_assess", assessed(result.assessment, language)),
        ("step_export", [part for made in result.exports for part in exported(made, language)]),
    )
    parts: Parts = [text("example_company", language)]
    for title, content in steps:
        parts += ["", f"[bold]{text(title, language)}[/bold]", *content]
    if result.assessment.html is not None:
        parts += ["", f"[bold]{text('open', language)}:[/bold] {escape(str(result.assessment.html.resolve()))}"]
    return parts


def diagnosed(result: DoctorResult, language: Language) -> Parts:
    """A line a fact; under the kernels, what to do where they are not the native ones."""

    def line(key: str, fact: str) -> str:
        return f"{text(key, language)}: {escape(fact)}"

    kernels = result.kernels
    used = text(f"kernels_{result.choice}", language, isa=kernels.isa, isas=", ".join(kernels.isas))
    writable = text("writable" if result.state_writable else "not_writable", language)
    parts: Parts = [
        escape(f"Contrapeso {result.version}, {result.python}, {result.system}"),
        escape(", ".join(f"{name} {version}" for name, version in result.libraries.items())),
        f"[bold]{line('kernels', used)}[/bold]",
    ]
    if result.choice != "native":
        parts.append(text(f"way_out_{result.choice}", language))
    parts += [
        line("threads", str(kernels.threads)),
        line("state_folder", f"{result.state_dir} ({writable})"),
        line("database", text(f"database_{result.database}", language)),
    ]
    for extra, there in result.extras.items():
        state = text("installed" if there else "absent", language, how=f"pip install 'contrapeso[{extra}]'")
        parts.append(line("extra", f"{extra}, {state}"))
    return parts
