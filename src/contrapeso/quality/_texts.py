"""The sentences of the report, Portuguese and English, keyed by the stable codes that the report carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from contrapeso.quality._format import ABSENT, Language, count, number, percent, signed

_REASONS: dict[str, tuple[str, str]] = {
    "insufficient_data": (
        "Dados insuficientes: a nota pede pelo menos 30 linhas sintéticas e 30 linhas reais das mesmas classes.",
        "Insufficient data: a grade needs at least 30 synthetic rows and 30 real rows of the same classes.",
    ),
    "no_shared_columns": (
        "Nenhuma coluna comparável: só há texto livre, identificadores ou colunas ausentes.",
        "No column can be compared: only free text, identifiers or missing columns.",
    ),
    "one_column": (
        "É preciso de pelo menos duas colunas comparáveis para medir dependência.",
        "At least two comparable columns are needed to measure dependence.",
    ),
    "no_dependence": (
        "Nenhum par de colunas depende um do outro além do ruído, nem nos dados reais nem nos sintéticos.",
        "No two columns depend on each other beyond noise, neither in the real nor in the synthetic table.",
    ),
    "no_rules": ("Nenhuma regra de negócio foi informada.", "No business rules were given."),
    "rules_not_applicable": (
        "Nenhuma linha sintética é atingida pelas regras informadas.",
        "The given rules apply to no synthetic row.",
    ),
    "not_measured_yet": (
        "Esta versão ainda não mede este item.",
        "This version does not measure this yet.",
    ),
    "needs_holdout": (
        "É preciso de linhas reais separadas (holdout), nunca usadas para gerar os dados.",
        "Real rows set aside (a holdout), never used for generation, are needed.",
    ),
    "excluded_text": (
        "Texto livre: fica fora da comparação de distribuições.",
        "Free text: left out of the comparison of distributions.",
    ),
    "excluded_identifier": (
        "Identificador: só a unicidade é verificada.",
        "Identifier: only uniqueness is checked.",
    ),
    "duplicated_identifiers": (
        "Identificador com valores repetidos nos dados sintéticos, únicos nos reais.",
        "Identifier with repeated values in the synthetic table, unique in the real one.",
    ),
    "extra_column": (
        "A coluna existe só na tabela sintética; não há com o que comparar.",
        "The column exists in the synthetic table only; there is nothing to compare it with.",
    ),
    "missing_column": (
        "A coluna não existe na tabela sintética: nota zero.",
        "The column is missing from the synthetic table: score zero.",
    ),
    "not_castable": (
        "Os valores sintéticos não podem ser convertidos para o tipo da coluna real: nota zero.",
        "The synthetic values cannot be converted to the type of the real column: score zero.",
    ),
    "cast": (
        "O tipo difere do real; os valores foram convertidos sem perda.",
        "The type differs from the real one; the values were converted without loss.",
    ),
    "constant": (
        "Coluna constante nos dados reais: a nota é a parcela igual a essa constante.",
        "Constant in the real table: the score is the share equal to that constant.",
    ),
    "all_null_real": (
        "Coluna toda vazia nos dados reais: a nota é a parcela vazia nos sintéticos.",
        "All null in the real table: the score is the null share of the synthetic one.",
    ),
    "all_null_synthetic": (
        "Coluna toda vazia nos dados sintéticos: nota zero.",
        "All null in the synthetic table: score zero.",
    ),
    "class_absent_in_real": (
        "Há classes sintéticas que não existem nos dados reais.",
        "Some synthetic classes do not exist in the real table.",
    ),
    "class_mix_fixed": (
        "A proporção das classes é escolha do plano de balanceamento, por isso não é cobrada.",
        "The class mix is a choice of the balancing plan, so it is not scored.",
    ),
    "reference_whole_table": (
        "Referência: a tabela real inteira.",
        "Reference: the whole real table.",
    ),
    "reference_class_mix": (
        "Referência: as linhas reais, repesadas para a proporção de classes das sintéticas.",
        "Reference: the real rows, re-weighted to the class mix of the synthetic ones.",
    ),
    "ceiling_holdout": (
        "Teto: as mesmas medidas entre os dados reais e as linhas separadas (holdout).",
        "Ceiling: the same measures between the real rows and the holdout.",
    ),
    "ceiling_half_split": (
        "Teto estimado: as mesmas medidas entre metades sorteadas dos dados reais.",
        "Estimated ceiling: the same measures between random halves of the real rows.",
    ),
    "ceiling_none": (
        "Teto não medido: há poucas linhas reais.",
        "Ceiling not measured: there are too few real rows.",
    ),
    "privacy_cannot_be_assessed": (
        "Privacidade não avaliada: sem linhas separadas (holdout) não se sabe quantas cópias são coincidência.",
        "Privacy cannot be assessed: without a holdout nobody knows how many copies are chance.",
    ),
    "privacy_no_excess_found": (
        "Não foram encontradas mais cópias exatas do que o acaso explica. Isto não prova privacidade.",
        "No more exact copies were found than chance explains. This does not prove privacy.",
    ),
    "privacy_excess_copies": (
        "Há mais cópias exatas de linhas reais do que o acaso explica: NÃO DIVULGUE estes dados.",
        "There are more exact copies of real rows than chance explains: DO NOT RELEASE these data.",
    ),
}

_RECOMMENDATIONS: dict[str, tuple[str, str]] = {
    "numeric_shift": (
        "{columns}: deslocada em {shift_iqr:+} intervalos interquartis. Confira a transformação (log?) e os limites.",
        "{columns}: shifted by {shift_iqr:+} interquartile ranges. Check the transform (log?) and the limits.",
    ),
    "shape_differs": (
        "{columns}: a distribuição difere da real (semelhança {score}). Use um gerador mais flexível nesta coluna.",
        (
            "{columns}: the distribution differs from the real one (similarity {score}). "
            "Use a more flexible generator for this column."
        ),
    ),
    "null_gap": (
        "{columns}: {null_real%} vazios nos dados reais, {null_synthetic%} nos sintéticos. Modele os valores ausentes.",
        (
            "{columns}: {null_real%} null in the real table, {null_synthetic%} in the synthetic one. "
            "Model the missing values."
        ),
    ),
    "integers_lost": (
        (
            "{columns}: números inteiros nos dados reais, só {share_synthetic%} inteiros nos sintéticos. "
            "Arredonde como nos reais."
        ),
        (
            "{columns}: whole numbers in the real table, only {share_synthetic%} whole in the synthetic one. "
            "Round as the real data do."
        ),
    ),
    "decimals_lost": (
        (
            "{columns}: no máximo {decimals_real} casas decimais nos dados reais, "
            "mas {share_synthetic%} dos sintéticos têm mais. Arredonde como nos reais."
        ),
        (
            "{columns}: at most {decimals_real} decimals in the real table, "
            "but {share_synthetic%} of the synthetic values have more. Round as the real data do."
        ),
    ),
    "categories_missing": (
        (
            "{columns}: {n_missing} de {n_categories} categorias não aparecem ({mass%} das linhas reais). "
            "Gere por categoria ou sobreamostre as raras."
        ),
        (
            "{columns}: {n_missing} of {n_categories} categories are missing ({mass%} of the real rows). "
            "Generate by category or oversample the rare ones."
        ),
    ),
    "categories_unseen": (
        (
            "{columns}: {n_unseen} categorias inexistentes nos dados reais ({share%} das linhas sintéticas). "
            "Rejeite-as ou mapeie para as reais."
        ),
        (
            "{columns}: {n_unseen} categories that the real table does not have ({share%} of the synthetic rows). "
            "Reject them or map them to real ones."
        ),
    ),
    "out_of_range": (
        "{columns}: {share%} dos valores sintéticos estão fora do intervalo real. Limite os valores.",
        "{columns}: {share%} of the synthetic values lie outside the real range. Clip the values.",
    ),
    "column_missing": (
        "{columns}: a coluna não foi gerada ou não pôde ser convertida. Gere todas as colunas reais.",
        "{columns}: the column was not generated or could not be converted. Generate every real column.",
    ),
    "pair_lost": (
        (
            "{columns}: a dependência se perdeu (de {real} para {synthetic}). "
            "Use um gerador que trate as colunas em conjunto."
        ),
        "{columns}: the dependence is lost (from {real} to {synthetic}). Use a generator that treats them jointly.",
    ),
    "pair_invented": (
        (
            "{columns}: dependência que os dados reais não têm (de {real} para {synthetic}). "
            "Confira cópias e interpolações entre estas colunas."
        ),
        (
            "{columns}: a dependence that the real table does not have (from {real} to {synthetic}). "
            "Check copies and interpolation between these columns."
        ),
    ),
    "pair_changed": (
        "{columns}: a forma da dependência mudou (semelhança {score}). Compare as duas tabelas cruzadas.",
        "{columns}: the form of the dependence has changed (similarity {score}). Compare the two cross tables.",
    ),
    "rule_violated": (
        (
            "Regra {rule}: vale em {rate_real%} das linhas reais e {rate_synthetic%} das sintéticas "
            "(por exemplo, as linhas {rows}). Imponha a regra por rejeição ou ajuste."
        ),
        (
            "Rule {rule}: holds on {rate_real%} of the real rows and {rate_synthetic%} of the synthetic ones "
            "(for example, rows {rows}). Enforce it by rejection or repair."
        ),
    ),
    "duplicates": (
        (
            "{synthetic%} das linhas sintéticas repetem outra linha sintética; nos dados reais, {real%}. "
            "O gerador repete poucos exemplos: aumente a diversidade."
        ),
        (
            "{synthetic%} of the synthetic rows repeat another synthetic row; in the real table {real%}. "
            "The generator repeats a few examples: raise the diversity."
        ),
    ),
    "exact_copies": (
        (
            "{share%} das linhas sintéticas copiam uma linha real; entre linhas reais separadas, {holdout%}. "
            "Remova as cópias e pare o treino mais cedo."
        ),
        (
            "{share%} of the synthetic rows copy a real row; among held-out real rows {holdout%}. "
            "Drop the copies and stop training earlier."
        ),
    ),
}

_PLACEHOLDER = re.compile(r"\{(\w+)(%|:\+)?\}")
REASON_CODES = frozenset(_REASONS)
RECOMMENDATION_CODES = frozenset(_RECOMMENDATIONS)


def reason_text(code: str, language: Language = "pt") -> str:
    """The sentence of a reason or note code."""
    return _REASONS[code][language != "pt"]


def recommendation_text(
    code: str, columns: tuple[str, ...], evidence: Mapping[str, Any], language: Language = "pt"
) -> str:
    """The sentence of a recommendation, with its evidence filled in."""
    return _fill(_RECOMMENDATIONS[code][language != "pt"], columns, evidence, language)


def recommendation_parts(
    code: str, columns: tuple[str, ...], evidence: Mapping[str, Any], language: Language = "pt"
) -> tuple[str, str]:
    """What was found and what to do, apart, for a place that names the columns itself.

    The template is cut before it is filled: a name that holds a full stop cannot move the cut.
    """
    template = _RECOMMENDATIONS[code][language != "pt"].removeprefix("{columns}: ")
    found, _, action = template.partition(". ")
    found = _fill(found, columns, evidence, language)
    return f"{found[:1].upper()}{found[1:]}.", _fill(action, columns, evidence, language)


def _fill(template: str, columns: tuple[str, ...], evidence: Mapping[str, Any], language: Language) -> str:
    """``template`` filled in one pass: a column called ``{score}`` stays what it is."""
    values = {**evidence, "columns": " × ".join(columns)}
    return _PLACEHOLDER.sub(lambda found: _shown(values[found[1]], found[2], language), template)


def _shown(value: Any, form: str | None, language: Language) -> str:
    """A value as a percentage (``%``), with its sign (``:+``) or as it is; a list joined by commas."""
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(item, form, language) for item in value) or ABSENT
    if form == "%":
        known = isinstance(value, (int, float))
        return percent(value, language) if known else {"pt": "n/d", "en": "n/a"}[language]
    if form == ":+" and isinstance(value, (int, float)):
        return signed(value, language)
    if isinstance(value, float):
        return number(value, language)
    return count(value, language) if isinstance(value, int) else str(value)


__all__ = [
    "REASON_CODES",
    "RECOMMENDATION_CODES",
    "Language",
    "reason_text",
    "recommendation_parts",
    "recommendation_text",
]
