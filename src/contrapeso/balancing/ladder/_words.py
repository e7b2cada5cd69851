"""The decision in words, Portuguese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrapeso.balancing._texts import Language, check_language, decimal, grid, integer, percent
from contrapeso.balancing.ladder._choice import MOST_BRIER_RISE

if TYPE_CHECKING:
    from contrapeso.balancing.ladder._decision import Confirmation, Decision, RungResult

METRIC_NAMES = {
    "average_precision": ("precisão média", "average precision"),
    "mcc": ("correlação de Matthews", "Matthews correlation"),
    "balanced_accuracy": ("acurácia balanceada", "balanced accuracy"),
    "f1": ("F1", "F1"),
    "cost": ("custo relativo (negativo)", "relative cost (negative)"),
    "log_loss": ("perda logarítmica (negativa)", "log loss (negative)"),
    "brier": ("escore de Brier (negativo)", "Brier score (negative)"),
}
LESS_IS_BETTER = frozenset({"cost", "log_loss", "brier"})
SPOKEN = {
    "average_precision": ("a precisão média", "average precision"),
    "mcc": ("a correlação de Matthews", "Matthews correlation"),
    "balanced_accuracy": ("a acurácia balanceada", "balanced accuracy"),
    "f1": ("o F1", "F1"),
    "cost": ("o custo relativo", "the relative cost"),
    "log_loss": ("a perda logarítmica", "the log loss"),
    "brier": ("o escore de Brier", "the Brier score"),
}
"""Metrics as a sentence names them, losses without their sign."""
UNTREATED = {
    "none": ("Não balanceie", "Do not balance"),
    "threshold": ("Não balanceie; ajuste só o limiar de decisão", "Do not balance; move the threshold"),
    "calibrated": ("Não balanceie; só calibre as probabilidades", "Do not balance; calibrate the probabilities"),
}
RIVALS = {
    "none": ("não tratar", "no treatment"),
    "threshold": ("só ajustar o limiar", "moving the threshold alone"),
    "calibrated": ("só calibrar as probabilidades", "calibrating alone"),
}
KINDS = {
    "stratified": ("estratificada", "stratified"),
    "grouped": ("por grupos", "grouped"),
    "time": ("por tempo", "time"),
}
FAMILY_NAMES = {
    "none": ("sem tratamento", "no treatment"),
    "weights": ("pesos de classe", "class weights"),
    "under": ("subamostragem", "under-sampling"),
    "under_bagging": ("conjunto de subamostras", "ensemble of under-samples"),
    "over": ("sobreamostragem", "over-sampling"),
    "variant": ("variante de SMOTE", "SMOTE variant"),
    "hybrid": ("híbrido", "hybrid"),
    "generator": ("gerador", "generator"),
}
STATUS_NAMES = {
    "measured": ("medido", "measured"),
    "dropped early": ("descartado cedo", "dropped early"),
    "no time": ("sem tempo", "no time"),
    "not needed": ("não se aplica", "not needed"),
    "failed": ("falhou", "failed"),
}
HEADS = (
    ("degrau", "rung"),
    ("família", "family"),
    ("nota", "score"),
    ("diferença (95 %)", "difference (95 %)"),
    ("P(melhor)", "P(better)"),
    ("AP", "AP"),
    ("Brier", "Brier"),
    ("ECE", "ECE"),
    ("MCC", "MCC"),
    ("limiar", "threshold"),
    ("s", "s"),
    ("ajustes", "fits"),
    ("situação", "status"),
)
NOTES = {
    "few_for_neighbors": (
        "A menor classe tem {n_min}: vizinhos dizem pouco e as medidas são incertas.",
        "The smallest class has {n_min}: neighbours say little and the measures are uncertain.",
    ),
    "few_for_generators": (
        "A menor classe tem {n_min}: nenhum gerador foi tentado.",
        "The smallest class has {n_min}: no generator was tried.",
    ),
    "balanced": ("As classes são quase iguais em tamanho.", "The classes are nearly equal in size."),
    "copies": (
        "Cópias de outra linha com a mesma classe: {copies}; cópias ficam sempre na mesma dobra.",
        "Copies of another row with its class: {copies}; copies always stay in one fold.",
    ),
    "label_noise": (
        "{noise} das linhas raras não têm nenhum vizinho da própria classe: reveja os rótulos antes de balancear.",
        "{noise} of the rare rows have no neighbour of their own class: review the labels before balancing.",
    ),
    "leak": (
        "Colunas que sozinhas revelam a classe, sinal de vazamento: {suspicious}. Confira-as antes de usar os números.",
        "Columns that tell the class alone, as a leak does: {suspicious}. Check them before trusting the numbers.",
    ),
}


def reason(decision: Decision, language: Language) -> str:
    """Why the rung was chosen, in a sentence."""
    check_language(language)
    k = 0 if language == "pt" else 1
    if decision.treats:
        return _treated(decision, decision[decision.chosen], language)
    base = UNTREATED[decision.chosen][k]
    if decision.withdrawn is not None and decision.confirmation is not None:
        return f"{base}: {_withdrawn(decision, decision.withdrawn, decision.confirmation, language)}."
    best = _best_rival(decision)
    if best is None:
        return f"{base}: {_unmeasured(decision)[k]}."
    name, metric = _named(best, language), SPOKEN[decision.metric][k]
    shown, sure = _shown(best, language, decision.metric), _p(best, language)
    if best.difference_interval == (0.0, 0.0):
        verb = "não muda" if language == "pt" else "does not change"
        return (
            f"{base}: {'o melhor tratamento' if language == 'pt' else 'the best treatment'}, {name}, {verb} {metric}."
        )
    harm = _harm(decision, best, language)
    if language == "pt":
        return f"{base}: o melhor tratamento, {name}, muda {metric} em {shown}; chance de ser melhor: {sure}{harm}."
    return f"{base}: the best treatment, {name}, changes {metric} by {shown}; chance of being better: {sure}{harm}."


def _treated(decision: Decision, chosen: RungResult, language: Language) -> str:
    k = 0 if language == "pt" else 1
    metric, rival = METRIC_NAMES[decision.metric][k].split(" (")[0], RIVALS[decision.baseline][k]
    shown, sure = _shown(chosen, language, decision.metric), _p(chosen, language)
    if language == "pt":
        text = f"Use {chosen.name}: {metric} {shown} em relação a {rival}; chance de ser melhor: {sure}"
        confirmed = ", confirmado em {n} linhas reservadas ({d})."
    else:
        text = f"Use {chosen.name}: {metric} {shown} against {rival}; chance of being better: {sure}"
        confirmed = ", confirmed on {n} rows set aside ({d})."
    found = decision.confirmation
    if found is None:
        return text + "."
    return text + confirmed.format(n=integer(found.n, language), d=_difference_of(found, language, decision.metric))


def _withdrawn(decision: Decision, name: str, found: Confirmation, language: Language) -> str:
    change, n = _difference_of(found, language, decision.metric), integer(found.n, language)
    metric = SPOKEN[decision.metric][0 if language == "pt" else 1]
    if language == "pt":
        return f"{name} parecia melhor na comparação, mas não nas {n} linhas reservadas (muda {metric} em {change})"
    return f"{name} looked better on the folds but not on the {n} rows set aside (it changes {metric} by {change})"


def _unmeasured(decision: Decision) -> tuple[str, str]:
    """Why no treatment has a result."""
    states = {r.status for r in decision.leaderboard if r.family != "none"}
    if "no time" in states:
        return (
            "o tempo acabou antes que algum tratamento fosse medido",
            "the time ended before a treatment was measured",
        )
    if states == {"not needed"}:
        return "as classes já são próximas em tamanho", "the classes are close in size already"
    if not states:
        return "nenhum tratamento foi pedido", "no treatment was asked for"
    return "nenhum tratamento pôde ser medido", "no treatment could be measured"


def _harm(decision: Decision, best: RungResult, language: Language) -> str:
    """Where the probabilities of the best treatment are worse, and by how much."""
    before, after = decision[decision.baseline].brier, best.brier
    if not before or after is None or after / before - 1 <= MOST_BRIER_RISE or (best.difference or 0.0) <= 0:
        return ""
    rise = percent(after / before - 1, language)
    return (
        f"; mas piora as probabilidades (Brier +{rise})"
        if language == "pt"
        else (f"; but it makes probabilities worse (Brier score +{rise})")
    )


def _named(result: RungResult, language: Language) -> str:
    return f"{result.name} ({FAMILY_NAMES[result.family][0 if language == 'pt' else 1]})"


def _best_rival(decision: Decision) -> RungResult | None:
    rivals = [r for r in decision.leaderboard if r.family != "none" and r.difference is not None]
    return max(rivals, key=lambda r: r.difference or 0.0, default=None)


def _shown(result: RungResult, language: Language, metric: str = "") -> str:
    """Change of the score; of a ``metric`` of which less is better, the change of that."""
    if result.difference is None or result.difference_interval is None:
        return "0"
    half = (result.difference_interval[1] - result.difference_interval[0]) / 2
    less = metric in LESS_IS_BETTER
    digits = _digits(metric)
    change = _signed(-result.difference if less else result.difference, language, digits)
    text = f"{change} ± {decimal(half, language, digits)}"
    return f"{text} ({'menos é melhor' if language == 'pt' else 'less is better'})" if less else text


def _difference_of(found: Confirmation, language: Language, metric: str) -> str:
    gain = found.chosen - found.baseline
    return _signed(-gain if metric in LESS_IS_BETTER else gain, language, _digits(metric))


def _digits(metric: str) -> int:
    return 4 if metric == "brier" else 3


def _signed(value: float, language: Language, digits: int) -> str:
    return ("−" if round(value, digits) < 0 else "+") + decimal(abs(value), language, digits)


def _p(result: RungResult, language: Language) -> str:
    if result.p_better is None:
        return "–"
    if not 0.005 <= result.p_better < 0.995:
        return "> 99 %" if result.p_better > 0.5 else "< 1 %"
    return f"{decimal(100 * result.p_better, language, 0)} %"


def describe(decision: Decision, language: Language) -> str:
    """Reason, notes, leaderboard and how it was measured."""
    check_language(language)
    k = 0 if language == "pt" else 1
    lines = [reason(decision, language), *notes(decision, language), ""]
    heads = [head[k] for head in HEADS]
    lines.append(grid(heads, [_row(r, language) for r in decision.leaderboard], left=frozenset({0, 1, 12})))
    budget = _budget(decision.budget_s, language)
    metric = METRIC_NAMES[decision.metric][k]
    lines.append("")
    if language == "pt":
        lines.append(
            f"Medida: {metric}; divisão {KINDS[decision.kind][k]}, {decision.n_folds} dobras; "
            f"{decimal(decision.seconds, language)} s{budget}."
        )
    else:
        lines.append(
            f"Measure: {metric}; {decision.kind} split, {decision.n_folds} folds; "
            f"{decimal(decision.seconds, language)} s{budget}."
        )
    return "\n".join(lines)


def _budget(budget_s: float | None, language: Language) -> str:
    if budget_s is None:
        return " (sem limite)" if language == "pt" else " (no limit)"
    return f" {'de' if language == 'pt' else 'of'} {decimal(budget_s, language, 0 if budget_s >= 1 else 2)} s"


def notes(decision: Decision, language: Language) -> list[str]:
    """What the reader must know about the table."""
    guards = decision.guards
    values = {
        "n_min": _rows(guards.n_min, language),
        "copies": _rows(guards.copies, language),
        "noise": percent(guards.label_noise or 0.0, language),
        "suspicious": ", ".join(guards.suspicious),
    }
    return [NOTES[code][0 if language == "pt" else 1].format(**values) for code in guards.notes]


def _rows(n: int, language: Language) -> str:
    one, more = ("linha", "linhas") if language == "pt" else ("row", "rows")
    return f"{integer(n, language)} {one if n == 1 else more}"


def _row(r: RungResult, language: Language) -> list[str]:
    k = 0 if language == "pt" else 1

    def number(value: float | None, digits: int = 3) -> str:
        return "–" if value is None else decimal(value, language, digits).replace("-", "−")

    status = STATUS_NAMES[r.status][k] + (f": {r.reason}" if r.status == "failed" else "")
    return [
        r.name,
        FAMILY_NAMES[r.family][k],
        number(r.score),
        "–" if r.difference is None else _shown(r, language),
        _p(r, language),
        number(r.average_precision),
        number(r.brier, 4),
        number(r.calibration_error),
        number(r.mcc),
        number(r.threshold),
        number(r.seconds, 2),
        str(r.n_fits),
        status,
    ]


__all__ = ["METRIC_NAMES", "describe", "notes", "reason"]
