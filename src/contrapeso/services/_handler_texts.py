"""What ``ImbalancedDataHandler`` says, in Portuguese and in English, by stable code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Said: TypeAlias = dict[str, str]
"""``{'pt': ..., 'en': ...}``."""

_TEXTS: Mapping[str, tuple[str, str]] = {
    # why nothing was done
    "empty": ("não há linhas, ou há uma só", "there are no rows, or a single one"),
    "single_class": ("há uma só classe", "there is one class only"),
    "reached": (
        "nenhuma classe está abaixo da razão pedida, {ratio}",
        "no class is below the ratio asked for, {ratio}",
    ),
    "balanced": (
        "a maior classe tem menos do dobro da menor ({found}): isso não pede balanceamento",
        "the largest class has less than twice the rows of the smallest ({found}): that asks for no balancing",
    ),
    # what was done
    "asked": ("a estratégia {strategy!r} foi pedida", "the strategy {strategy!r} was asked for"),
    "random_over": (
        "cópias: as classes pequenas são minúsculas, ficam dentro de outras ou não há números para interpolar",
        "copies: the small classes are tiny, lie inside others, or there are no numbers to interpolate",
    ),
    "smote": (
        "SMOTE: as colunas são números e as classes estão razoavelmente separadas, ou a sobreposição não foi medida",
        "SMOTE: the columns are numbers and the classes are fairly apart, or the overlap was not measured",
    ),
    "smotenc": (
        "SMOTE-NC: há colunas de números e de categorias",
        "SMOTE-NC: there are columns of numbers and of categories",
    ),
    "smoten": ("SMOTE-N: todas as colunas são categorias", "SMOTE-N: all columns are categories"),
    "polynom_fit": (
        "polynom-fit: há colunas demais para que vizinhos signifiquem algo",
        "polynom-fit: there are too many columns for neighbours to mean much",
    ),
    "prowsyn": (
        "ProWSyn: parte da classe rara se mistura com as outras",
        "ProWSyn: a part of the rare class lies among the others",
    ),
    # notes of the recommendations
    "inside_folds": (
        "Balanceie somente as linhas de treino, dentro de cada partição; nunca as de teste.",
        "Balance the training rows only, inside each fold; never the test rows.",
    ),
    "threshold": (
        (
            "Ajuste o limiar de decisão em linhas reais separadas antes de julgar qualquer método: sem isso, balancear "
            "vence só por mover o limiar."
        ),
        (
            "Tune the decision threshold on real rows set aside before judging any method: without it, balancing wins "
            "by moving the threshold alone."
        ),
    ),
    "prior": (
        (
            "Um modelo treinado com classes balanceadas superestima as raras; corrija as probabilidades pela proporção "
            "real das classes."
        ),
        "A model trained on balanced classes overestimates the rare ones; put the real shares back.",
    ),
    "small_classes": (
        (
            "Com menos de {n} linhas: {classes}. Geradores não aprendem com tão pouco, e qualquer medida oscila; "
            "reunir exemplos reais vale mais."
        ),
        (
            "Fewer than {n} rows: {classes}. Generators learn nothing from so few, and any measure is unstable; real "
            "examples are worth more."
        ),
    ),
    "sampled": (
        "A comparação usou {n} de {of} linhas, sorteadas por classe.",
        "The comparison used {n} of {of} rows, drawn by class.",
    ),
    # recommendations
    "no_gain": (
        "nenhum candidato superou não fazer nada além do acaso; ajuste o limiar",
        "no candidate beat doing nothing beyond chance; tune the threshold",
    ),
    "gain": (
        "precisão média {difference} acima de não fazer nada, intervalo de 95 % {interval}",
        "average precision {difference} above doing nothing, 95 % interval {interval}",
    ),
    "no_gain_shown": (
        "não se mostrou ganho: diferença {difference}, intervalo de 95 % {interval}",
        "no gain was shown: difference {difference}, 95 % interval {interval}",
    ),
    "rule_only": (
        "é o que a regra rápida escolheria ({method}); nenhum efeito foi medido",
        "it is what the fast rule would choose ({method}); no effect was measured",
    ),
    "nothing_first": (
        "sem medida, comece por não fazer nada, com limiar ajustado e pesos de classe",
        "without a measurement, begin by doing nothing, with a tuned threshold and class weights",
    ),
    # why nothing was measured
    "few_rows": (
        "a classe {label} tem {n} linhas; são precisas {least} de cada classe para medir um efeito",
        "class {label} has {n} rows; {least} of each class are needed to measure an effect",
    ),
    "needs_none": (
        "as classes não pedem balanceamento, então nada foi comparado",
        "the classes ask for no balancing, so nothing was compared",
    ),
    "no_rows": ("não há duas classes com linhas", "there are no two classes with rows"),
    "failed": ("o método não pôde ser executado: {error}", "the method could not run: {error}"),
    # the ladder
    "ladder_unapplied": (
        (
            "Nenhuma linha foi criada ou retirada: a tabela volta como veio; o modelo ajustado está em "
            "contrapeso.balancing.choose(...).estimator."
        ),
        (
            "No row was made or dropped: the table comes back as it came; the fitted model is in "
            "contrapeso.balancing.choose(...).estimator."
        ),
    ),
}


def said(code: str, **values: object) -> Said:
    """The sentence ``code`` in both languages."""
    pt, en = _TEXTS[code]
    return {"pt": pt.format(**values), "en": en.format(**values)}


def joined(first: Said, second: Said) -> Said:
    """Two halves of a sentence."""
    return {language: f"{first[language]}; {second[language]}" for language in first}


def followed(first: Said, second: Said) -> Said:
    """Two whole sentences."""
    return {language: f"{first[language]} {second[language]}" for language in first}


__all__ = ["Said", "followed", "joined", "said"]
