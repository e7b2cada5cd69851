"""The decision in words, Portuguese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrapeso.balancing._texts import Language, check_language, decimal, grid, integer, percent

if TYPE_CHECKING:
    from contrapeso.balancing.ladder._decision import Confirmation, Decision, RungResult

METRIC_NAMES = {
    "average_precision": ("precisão média", "average precision"),
    "mcc": ("correlação de Matthews", "Matthews correlation"),
    "balanced_accuracy": ("acurácia balanceada", "balanced accuracy"),
    "f1": ("F1", "F1"),
    "cost": ("custo relativo (negativo)", "relative cost (negative)"),
    "log_loss": ("perda logarítmica (negativa)", "log loss (negative)"),
    "brier": ("Brier (negativo)", "Brier score (negative)"),
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
        "A menor classe tem {n_min} linhas: vizinhos dizem pouco e as medidas são incertas.",
        "The smallest class has {n_min} rows: neighbours say little and the measures are uncertain.",
    ),
    "few_for_generators": (
        "A menor classe tem {n_min} linhas: nenhum gerador foi tentado.",
        "The smallest class has {n_min} rows: no generator was tried.",
    ),
    "balanced": ("As classes são quase iguais em tamanho.", "The classes are nearly equal in size."),
    "copies": (
        "{copies} linhas repetem outra com a mesma classe; cópias ficam sempre na mesma dobra.",
        "{copies} rows repeat another one with its class; copies always stay in one fold.",
    ),
    "label_noise": (
        "{noise} das linhas raras não têm nenhum vizinho da própria classe: reveja os rótulos antes de balancear.",
        "{noise} of the rare rows have no neighbour of their own class: review the labels before balancing.",
    ),
    "leak": (
        "Colunas que sozinhas dizem a classe, como um vazamento: {suspicious}. Confira antes de confiar nos números.",
        "Columns that tell the class alone, as a leak does: {suspicious}. Check them before trusting the numbers.",
    ),
}


def reason(decision: Decision, language: Language) -> str:
    """Why the rung was chosen, in a sentence."""
    check_language(language)
    pt = language == "pt"
    metric = METRIC_NAMES[decision.metric][0 if pt else 1]
    chosen = decision[decision.chosen]
    if decision.treats:
        return _treated(decision, chosen, metric, language)
    best = _best_rival(decision)
    base = {
        "none": ("Não balanceie", "Do not balance"),
        "threshold": ("Não balanceie; mova o limiar", "Do not balance; move the threshold"),
        "calibrated": ("Não balanceie; calibre as probabilidades", "Do not balance; calibrate the probabilities"),
    }[decision.chosen][0 if pt else 1]
    if decision.withdrawn is not None and decision.confirmation is not None:
        tail = (
            f"{decision.withdrawn} parecia melhor nas dobras, mas não nas {decision.confirmation.n} linhas reservadas "
            f"({_difference_of(decision.confirmation, language)} em {metric})"
            if pt
            else f"{decision.withdrawn} looked better on the folds but not on the {decision.confirmation.n} rows set "
            f"aside ({_difference_of(decision.confirmation, language)} in {metric})"
        )
        return f"{base}: {tail}."
    if best is None:
        return f"{base}: " + ("nenhum tratamento pôde ser medido." if pt else "no treatment could be measured.")
    shown = _shown(best, language)
    if pt:
        return f"{base}: o melhor tratamento, {best.name}, muda {metric} em {shown}; P(melhor) = {_p(best, language)}."
    return f"{base}: the best treatment, {best.name}, changes {metric} by {shown}; P(better) = {_p(best, language)}."


def _treated(decision: Decision, chosen: RungResult, metric: str, language: Language) -> str:
    shown, sure = _shown(chosen, language), _p(chosen, language)
    if language == "pt":
        text = f"Use {chosen.name}: {metric} {shown} contra {decision.baseline}; P(melhor) = {sure}"
        confirmed = ", confirmado em {n} linhas reservadas ({d})."
    else:
        text = f"Use {chosen.name}: {metric} {shown} against {decision.baseline}; P(better) = {sure}"
        confirmed = ", confirmed on {n} rows set aside ({d})."
    if decision.confirmation is None:
        return text + "."
    return text + confirmed.format(n=decision.confirmation.n, d=_difference_of(decision.confirmation, language))


def _best_rival(decision: Decision) -> RungResult | None:
    rivals = [r for r in decision.leaderboard if r.family != "none" and r.difference is not None]
    return max(rivals, key=lambda r: r.difference or 0.0, default=None)


def _shown(result: RungResult, language: Language) -> str:
    if result.difference is None or result.difference_interval is None:
        return "0"
    half = (result.difference_interval[1] - result.difference_interval[0]) / 2
    return f"{_signed(result.difference, language)} ± {decimal(half, language, 3)}"


def _difference_of(found: Confirmation, language: Language) -> str:
    return _signed(found.chosen - found.baseline, language)


def _signed(value: float, language: Language) -> str:
    return ("+" if value >= 0 else "−") + decimal(abs(value), language, 3)


def _p(result: RungResult, language: Language) -> str:
    return "–" if result.p_better is None else decimal(result.p_better, language, 2)


def describe(decision: Decision, language: Language) -> str:
    """Reason, notes, leaderboard and how it was measured."""
    check_language(language)
    k = 0 if language == "pt" else 1
    lines = [reason(decision, language), *notes(decision, language), ""]
    heads = [head[k] for head in HEADS]
    lines.append(grid(heads, [_row(r, language) for r in decision.leaderboard], left=frozenset({0, 1, 12})))
    budget = "–" if decision.budget_s is None else f"{decimal(decision.budget_s, language, 0)} s"
    metric = METRIC_NAMES[decision.metric][k]
    lines.append("")
    if language == "pt":
        lines.append(
            f"Medida: {metric}; divisão {decision.kind}, {decision.n_folds} dobras; "
            f"{decimal(decision.seconds, language)} s de {budget}."
        )
    else:
        lines.append(
            f"Measure: {metric}; {decision.kind} split, {decision.n_folds} folds; "
            f"{decimal(decision.seconds, language)} s of {budget}."
        )
    return "\n".join(lines)


def notes(decision: Decision, language: Language) -> list[str]:
    """What the reader must know about the table."""
    guards = decision.guards
    values = {
        "n_min": integer(guards.n_min, language),
        "copies": integer(guards.copies, language),
        "noise": percent(guards.label_noise or 0.0, language),
        "suspicious": ", ".join(guards.suspicious),
    }
    return [NOTES[code][0 if language == "pt" else 1].format(**values) for code in guards.notes]


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
