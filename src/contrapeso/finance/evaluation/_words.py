"""Reports of this room in words, Portuguese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contrapeso.finance.evaluation._ambiguity import AmbiguityMap, By
    from contrapeso.finance.evaluation._fidelity import FidelityReport, Language, Metric
    from contrapeso.finance.evaluation._paired import Difference
    from contrapeso.finance.evaluation._worth import Judged, WorthReport

_METRICS: dict[Metric, tuple[str, str]] = {
    "day": ("dia do mês", "day of month"),
    "amount": ("valores", "amounts"),
    "rounding": ("arredondamento", "rounding"),
    "repeated": ("valores repetidos", "repeated amounts"),
    "closed": ("dias sem banco", "closed days"),
    "sign": ("sinal", "sign"),
    "auc": ("distinguíveis", "told apart"),
}
_TREATMENTS = {
    "none": ("não balancear", "do nothing"),
    "class_weight": ("pesos de classe", "class weights"),
    "threshold": ("limiar ajustado", "adjusted threshold"),
    "random_oversampling": ("repetir linhas", "random over-sampling"),
}
_ALIKE: dict[By, tuple[str, str]] = {
    "description": ("descrição", "description"),
    "payee": ("favorecido", "payee"),
    "description and direction": ("descrição e direção", "description and direction"),
}
_VERDICTS = {"ajuda": ("ajuda", "helps"), "empate": ("empate", "tie"), "prejudica": ("prejudica", "hurts")}


def _of(pair: tuple[str, str], language: Language) -> str:
    return pair[0 if language == "pt" else 1]


def number(value: float, language: Language, digits: int = 3, *, sign: bool = False) -> str:
    """A number with a decimal comma in Portuguese."""
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return text.replace(".", ",") if language == "pt" else text


def name_of(treatment: str, language: Language) -> str:
    """What a treatment is called; methods keep their names."""
    return _of(_TREATMENTS.get(treatment, (treatment, treatment)), language)


def fidelity_lines(report: FidelityReport, language: Language) -> list[str]:
    """A line for each category, with the targets that it misses."""
    lines = []
    for one in report.categories:
        missed = [_of(_METRICS[name], language) for name in one.missed()]
        verdict = (
            _of(("não atinge: ", "misses: "), language) + ", ".join(missed)
            if missed
            else _of(("dentro de todos os alvos", "within all targets"), language)
        )
        facts = [
            f"{_of(_METRICS['day'], language)} {number(one.day.excess, language, sign=True)}",
            f"{_of(_METRICS['amount'], language)} {number(one.amount.excess, language, sign=True)}",
            f"AUC {number(one.auc, language, 2) if one.auc is not None else '–'}",
        ]
        rows = _of(("linhas", "rows"), language)
        lines.append(f"{one.category} ({one.n_made} {rows}): {', '.join(facts)}; {verdict}.")
    copies = _of(("cópias exatas de linhas reais", "exact copies of real rows"), language)
    return [*lines, f"{report.copies} {copies}."]


def worth_lines(report: WorthReport, language: Language) -> list[str]:
    """The answer, a line for each treatment, and the alarms."""
    answer, advice = _of(_VERDICTS[report.verdict], language), name_of(report.recommendation, language)
    basis = (report.n_test, report.n_cuts, report.n_seeds)
    portuguese = "Vale a pena? {}. Recomendação: {} ({} linhas posteriores, {} cortes, {} sementes)."
    english = "Is it worth it? {}. Recommended: {} ({} later rows, {} cuts, {} seeds)."
    lines = [_of((portuguese, english), language).format(answer, advice, *basis)]
    lines += [_treatment_line(one, language) for one in report.treatments]
    portuguese = "Alarme: {} ganha mais de 10 pontos ou repete linhas posteriores; procure um vazamento."
    english = "Alarm: {} gains over 10 points or repeats later rows; look for a leak."
    return lines + [_of((portuguese, english), language).format(name) for name in report.alarms]


def _treatment_line(one: Judged, language: Language) -> str:
    nothing, weights = _of(("frente a nada", "beside nothing"), language), _of(("a pesos", "beside weights"), language)
    return (
        f"{name_of(one.treatment, language)}: F1 {number(one.minority_f1, language)}; "
        f"{nothing} {_points(one.against_none, language)} ({_of(_VERDICTS[one.verdict], language)}), "
        f"{weights} {_points(one.against_weights, language)} "
        f"({_of(_VERDICTS[one.verdict_against_weights], language)})."
    )


def _points(gap: Difference, language: Language) -> str:
    """A difference in points with its interval."""
    value, low, high = (number(100 * part, language, 1, sign=True) for part in (gap.value, gap.low, gap.high))
    between = _of(("a", "to"), language)
    return f"{value} pp [{low} {between} {high}]"


def ambiguity_lines(found: AmbiguityMap, language: Language) -> list[str]:
    """The share of ambiguous rows, the ceiling, and the five worst pairs."""
    share, ceiling = number(100 * found.share, language, 1), number(100 * found.ceiling, language, 1)
    what = _of(_ALIKE[found.by], language)
    portuguese = (
        "{} % das linhas têm {} que ocorre em mais de uma categoria; nenhum classificador que só veja isso acerta "
        "mais de {} % destas linhas."
    )
    english = (
        "{} % of the rows have a {} that occurs under more than one category; no classifier that sees this only gets "
        "more than {} % of these rows right."
    )
    both, rows = _of(("e", "and"), language), _of(("linhas em comum", "rows in common"), language)
    worst = [f"{p.categories[0]} {both} {p.categories[1]}: {p.rows} {rows}." for p in found.pairs[:5]]
    return [_of((portuguese, english), language).format(share, what, ceiling), *worst]


__all__ = ["ambiguity_lines", "fidelity_lines", "name_of", "number", "worth_lines"]
