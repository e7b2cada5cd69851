"""What rules and their reports say, in Portuguese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["pt", "en"]

WORDS: Mapping[str, Mapping[Language, str]] = MappingProxyType(
    {
        "type": {"pt": "{columns}: valor de outro tipo ({what})", "en": "{columns}: value of another type ({what})"},
        "required": {"pt": "{columns}: preenchimento obrigatório", "en": "{columns}: must be filled"},
        "range": {"pt": "{columns}: fora dos limites ({what})", "en": "{columns}: out of bounds ({what})"},
        "resolution": {
            "pt": "{columns}: não é múltiplo do passo ({what})",
            "en": "{columns}: not a multiple of its step ({what})",
        },
        "enum": {"pt": "{columns}: valor fora da lista", "en": "{columns}: value not in the list"},
        "regex": {"pt": "{columns}: formato diferente ({what})", "en": "{columns}: another form ({what})"},
        "check_digit": {
            "pt": "{columns}: dígito verificador errado ou documento sem máscara",
            "en": "{columns}: wrong check digit, or an identifier that is not masked",
        },
        "implication": {"pt": "Deveria valer: {what}", "en": "Should hold: {what}"},
        "inequality": {"pt": "Deveria valer: {what}", "en": "Should hold: {what}"},
        "functional_dependency": {
            "pt": "{columns}: mesmo determinante com valor diferente ({what})",
            "en": "{columns}: same determinant, another value ({what})",
        },
        "fixed_combination": {
            "pt": "{columns}: combinação que não existe nos dados",
            "en": "{columns}: combination that the data do not have",
        },
        "formula": {"pt": "{columns}: a conta não fecha ({what})", "en": "{columns}: the sum is wrong ({what})"},
        "unique": {"pt": "{columns}: linha repetida", "en": "{columns}: repeated row"},
        "running_balance": {
            "pt": "Saldo não continua o anterior ({columns})",
            "en": "Balance does not continue the one before ({columns})",
        },
        "calendar": {"pt": "Data fora do calendário da regra ({what})", "en": "Date against the calendar ({what})"},
        "era": {"pt": "Data fora da época ({what})", "en": "Date outside of the era ({what})"},
        "recurrence": {"pt": "Série fora do ritmo ({what})", "en": "Series out of its rhythm ({what})"},
        "aggregate": {"pt": "Total fora do esperado ({what})", "en": "Total out of what is expected ({what})"},
        "expression": {"pt": "Deveria valer: {what}", "en": "Should hold: {what}"},
        "privacy": {
            "pt": "{columns}: nome ou documento que não pode aparecer",
            "en": "{columns}: a name or identifier that must not appear",
        },
    }
)
"""The message of each type of rule that has none of its own."""

SAY: Mapping[str, Mapping[Language, str]] = MappingProxyType(
    {
        "hard": {"pt": "obrigatória", "en": "hard"},
        "soft": {"pt": "estatística", "en": "soft"},
        "kept": {"pt": "cumprida", "en": "kept"},
        "broken": {"pt": "violada", "en": "broken"},
        "not_applicable": {"pt": "não se aplica", "en": "not applicable"},
        "below_real": {"pt": "abaixo do real", "en": "below the real rows"},
        "over_regular": {"pt": "regular demais", "en": "over-regular"},
        "as_real": {"pt": "como no real", "en": "as the real rows"},
        "rows": {"pt": "{n} linhas, {clean} sem violação", "en": "{n} rows, {clean} without a violation"},
        "share": {
            "pt": "{mark} {id} ({severity}): {share} de {asked} linhas; {message}",
            "en": "{mark} {id} ({severity}): {share} of {asked} rows; {message}",
        },
        "silent": {"pt": "- {id}: não se aplica ({why})", "en": "- {id}: not applicable ({why})"},
        "absent": {"pt": "falta a coluna {column}", "en": "column {column} is absent"},
        "nothing_asked": {"pt": "nenhuma linha atende à condição", "en": "no row meets its condition"},
        "table": {
            "pt": "regra | real | antes | depois | reparadas | rejeitadas | veredito",
            "en": "rule | real | before | after | repaired | rejected | verdict",
        },
        "example": {"pt": "ex.: linha {row}: {values}", "en": "e.g. row {row}: {values}"},
        "satisfiable": {
            "pt": "As regras obrigatórias valem juntas em {share} das {n} linhas reais.",
            "en": "The hard rules hold together on {share} of the {n} real rows.",
        },
        "weak": {
            "pt": "{id} vale em {share} das {n} linhas reais a que se aplica; obrigatória, precisa de {least}.",
            "en": "{id} holds on {share} of the {n} real rows it is about; a hard rule needs {least}.",
        },
        "contradiction": {
            "pt": "{ids} se contradizem em {n} linhas reais: {why}",
            "en": "{ids} contradict each other on {n} real rows: {why}",
        },
        "joint": {
            "pt": "Juntas, as regras obrigatórias valem em {share} das linhas reais; o mínimo é {least}.",
            "en": "Together the hard rules hold on {share} of the real rows; the least is {least}.",
        },
        "no_value": {
            "pt": "nenhum valor de {column} atende a todas",
            "en": "no value of {column} meets all of them",
        },
        "no_day": {"pt": "nenhum dia atende a todas", "en": "no day meets all of them"},
        "never_both": {
            "pt": "nenhuma dessas linhas atende às duas",
            "en": "none of these rows meets both",
        },
    }
)
"""Sentences of the reports."""


def percent(value: float | None, language: Language = "pt") -> str:
    """A share as a percentage: 99,5 % in Portuguese; a dash where there is none.

    Examples
    --------
    >>> percent(0.995), percent(1.0, "en"), percent(None)
    ('99,5 %', '100 %', '-')
    """
    if value is None:
        return "-"
    shown = f"{100 * value:.1f}".removesuffix(".0")
    if shown == "100" and value < 1:
        shown = "99.9"
    return f"{shown.replace('.', ',') if language == 'pt' else shown} %"


__all__ = ["SAY", "WORDS", "Language", "percent"]
