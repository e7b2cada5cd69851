"""The words of analysis and plan, Portuguese and English, keyed by stable codes; and plain tables of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from contrapeso.errors import InvalidParameterError

Language = Literal["pt", "en"]
AdviceCode = Literal[
    "empty", "single_class", "balanced", "labels_first", "too_scarce", "unstable", "rarely_helps", "compare"
]
ReasonCode = Literal[
    "single_class",
    "majority",
    "enough",
    "not_asked",
    "interpolate",
    "interpolate_mixed",
    "copy_too_few",
    "copy_too_few_distinct",
    "copy_asked",
    "copy_no_numbers",
    "one_row",
    "limited",
    "drop",
    "drop_floor",
]

RemarkCode = Literal["copied_rows", "no_numbers", "copied_columns", "new_identifiers"]

_WORDS: dict[str, tuple[str, str]] = {
    "class": ("classe", "class"),
    "rows": ("linhas", "rows"),
    "share": ("parte", "share"),
    "ratio": ("razão", "ratio"),
    "severity": ("gravidade", "severity"),
    "distinct": ("distintas", "distinct"),
    "ambiguous": ("ambíguas", "ambiguous"),
    "scarce": ("escassez", "scarcity"),
    "of_distinct": (" distintas", " distinct"),
    "before": ("antes", "before"),
    "add": ("criar", "add"),
    "drop": ("retirar", "drop"),
    "after": ("depois", "after"),
    "method": ("método", "method"),
    "reason": ("motivo", "reason"),
    "total": ("total", "total"),
    "low": ("baixa", "low"),
    "moderate": ("moderada", "moderate"),
    "high": ("alta", "high"),
    "extreme": ("extrema", "extreme"),
    "smote_impossible": ("sem SMOTE", "no SMOTE"),
    "generator_impossible": ("sem gerador", "no generator"),
    "metrics_unstable": ("métrica instável", "unstable metrics"),
    "none": ("nada", "nothing"),
}

_ADVICE: dict[AdviceCode, tuple[str, str]] = {
    "empty": (
        "Nenhuma linha com rótulo: não há o que medir.",
        "No row has a label: there is nothing to measure.",
    ),
    "single_class": (
        "Há uma só classe: não há o que balancear, e nenhum modelo pode aprender a distingui-la.",
        "There is one class only: nothing can be balanced, and no model can learn to tell it apart.",
    ),
    "balanced": (
        "A maior classe tem menos do dobro da menor (razão abaixo de 2): balancear não é necessário.",
        "The largest class has less than twice the smallest (ratio below 2): balancing is not needed.",
    ),
    "labels_first": (
        (
            "Reveja os rótulos antes: {share} das linhas comparadas aparecem iguais em mais de uma classe. Linhas "
            "sintéticas repetem essa dúvida e não a resolvem; consultar a classe mais comum nestas mesmas linhas "
            "acerta só {ceiling}."
        ),
        (
            "Labels first: {share} of the compared rows occur alike under more than one class. Synthetic rows repeat "
            "that doubt and do not resolve it; looking up the most frequent class on these very rows "
            "is right for only {ceiling}."
        ),
    ),
    "too_scarce": (
        (
            "Com menos de 6 linhas{distinct}: {n} de {of} classes; o SMOTE não se aplica a elas, e juntar classes ou "
            "reunir mais exemplos reais vale mais do que cópias."
        ),
        (
            "Fewer than 6{distinct} rows: {n} of {of} classes; SMOTE does not apply to them, and merging classes or "
            "collecting more real examples is worth more than copies."
        ),
    ),
    "unstable": (
        "Com menos de 30 linhas{distinct}: {n} de {of} classes; qualquer medida feita sobre elas oscila muito.",
        "Fewer than 30{distinct} rows: {n} of {of} classes; any measure taken on them is unstable.",
    ),
    "rarely_helps": (
        (
            "Todas as classes têm ao menos 200 linhas{distinct}: nessa situação balancear raramente ajuda um modelo "
            "bem ajustado; compare antes com pesos de classe ou com um limiar ajustado."
        ),
        (
            "Every class has at least 200{distinct} rows: there, balancing rarely helps a tuned model; compare first "
            "with class weights or a tuned threshold."
        ),
    ),
    "compare": (
        (
            "Estas contagens não provam que balancear ajuda: isso só se vê comparando modelos com e sem balanceamento, "
            "em linhas reais separadas antes."
        ),
        (
            "These counts do not prove that balancing helps: only a comparison of models with and without it, on real "
            "rows set aside before, shows that."
        ),
    ),
}

_REASONS: dict[ReasonCode, tuple[str, str]] = {
    "single_class": ("há uma só classe", "there is one class only"),
    "majority": ("é a maior classe", "it is the largest class"),
    "enough": ("já tem linhas suficientes para a meta", "it already has enough rows for the target"),
    "not_asked": ("a estratégia não inclui esta classe", "the strategy does not name this class"),
    "interpolate": (
        "{n} linhas bastam para SMOTE com {k} vizinhos",
        "{n} rows are enough for SMOTE with {k} neighbours",
    ),
    "interpolate_mixed": (
        "{n} linhas bastam para SMOTE-NC com {k} vizinhos; há colunas não numéricas",
        "{n} rows are enough for SMOTE-NC with {k} neighbours; some columns are not numeric",
    ),
    "copy_too_few": (
        "{n} linhas são poucas para SMOTE com {k} vizinhos: cópias de linhas reais",
        "{n} rows are too few for SMOTE with {k} neighbours: copies of real rows",
    ),
    "copy_too_few_distinct": (
        "{n} linhas distintas são poucas para SMOTE com {k} vizinhos: cópias de linhas reais",
        "{n} distinct rows are too few for SMOTE with {k} neighbours: copies of real rows",
    ),
    "copy_asked": ("cópias de linhas reais, como pedido", "copies of real rows, as asked"),
    "copy_no_numbers": (
        "não há coluna numérica para interpolar: cópias de linhas reais",
        "no numeric column to interpolate: copies of real rows",
    ),
    "one_row": (
        "uma única linha distinta: cópias não ensinam nada; reúna exemplos reais",
        "one distinct row only: copies teach nothing; collect real examples",
    ),
    "limited": (
        "limitado a {cap} linhas sintéticas por linha real (a meta era {goal})",
        "limited to {cap} synthetic rows per real row (the target was {goal})",
    ),
    "drop": ("sorteio das linhas que ficam", "the rows that stay are drawn at random"),
    "drop_floor": (
        "sorteio das linhas que ficam; nunca menos de {floor}, para que as medidas sejam estáveis",
        "the rows that stay are drawn at random; never fewer than {floor}, so that measures stay stable",
    ),
}

_REMARKS: dict[RemarkCode, tuple[str, str]] = {
    "copied_rows": (
        "{n} linhas sintéticas são cópias de linhas reais: não acrescentam informação nem protegem a privacidade.",
        "{n} synthetic rows are copies of real rows: they add no information and protect no privacy.",
    ),
    "no_numbers": (
        "A tabela não tem coluna numérica para interpolar; onde o plano dizia SMOTE, as linhas foram copiadas.",
        "The table has no numeric column to interpolate; where the plan said SMOTE, rows were copied.",
    ),
    "copied_columns": (
        (
            "Em {n} linhas sintéticas estas colunas repetem o valor inteiro de uma linha real, que pode conter nomes: "
            "{columns}."
        ),
        "In {n} synthetic rows these columns repeat the whole value of a real row, which may hold names: {columns}.",
    ),
    "new_identifiers": (
        (
            "Identificadores reais não são copiados; nas linhas sintéticas estas colunas ficam vazias ou recebem "
            "chaves novas: {columns}."
        ),
        "Real identifiers are not copied; in synthetic rows these columns are empty or hold new keys: {columns}.",
    ),
}

_SUMMARY = (
    (
        "{classes} classes em {rows} linhas com rótulo ({missing} sem rótulo); a maior, {majority}, tem {most}, a "
        "menor, {minority}, tem {least}: razão {ratio} ({severity})."
    ),
    (
        "{classes} classes in {rows} labelled rows ({missing} without a label); the largest, {majority}, has {most}, "
        "the smallest, {minority}, has {least}: ratio {ratio} ({severity})."
    ),
)

_AMBIGUITY: dict[str, tuple[str, str]] = {
    "text": (
        "Descrições sob mais de uma classe: {n} de {of} linhas ({share}); descrições: {groups}.",
        "Descriptions under more than one class: {n} of {of} rows ({share}); descriptions: {groups}.",
    ),
    "columns": (
        "Linhas iguais em todas as colunas sob mais de uma classe: {n} de {of} ({share}); grupos: {groups}.",
        "Rows equal in every column under more than one class: {n} of {of} ({share}); groups: {groups}.",
    ),
}


def check_language(language: str) -> None:
    """Refuse a language that has no words here."""
    if language not in ("pt", "en"):
        raise InvalidParameterError(f"language must be 'pt' or 'en'; got {language!r}.")


def _pick(pair: tuple[str, str], language: Language) -> str:
    check_language(language)
    return pair[0] if language == "pt" else pair[1]


def word(code: str, language: Language) -> str:
    """Word of a column head, severity, flag or ``none``."""
    return _pick(_WORDS[code], language)


def advice(code: AdviceCode, language: Language, **values: str) -> str:
    """Sentence of one piece of advice."""
    return _pick(_ADVICE[code], language).format(**values)


def reason(code: ReasonCode, language: Language, **values: object) -> str:
    """Why the plan does what it does to a class."""
    shown = {name: integer(value, language) if isinstance(value, int) else value for name, value in values.items()}
    return _pick(_REASONS[code], language).format(**shown)


def remark(code: RemarkCode, language: Language, *, columns: str, n: int) -> str:
    """What the reader of new rows must know."""
    return _pick(_REMARKS[code], language).format(columns=columns, n=integer(n, language))


def summary(language: Language, **values: str) -> str:
    """The sentence of what was counted."""
    return _pick(_SUMMARY, language).format(**values)


def ambiguity_sentence(basis: str, language: Language, **values: str) -> str:
    """The sentence of what is ambiguous."""
    return _pick(_AMBIGUITY[basis], language).format(**values)


def integer(value: int, language: Language) -> str:
    """``1234`` as ``1.234`` or ``1,234``."""
    text = f"{value:,}"
    return text.replace(",", ".") if language == "pt" else text


def decimal(value: float, language: Language, digits: int = 1) -> str:
    """``1234.5`` as ``1.234,5`` or ``1,234.5``."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "pt" else text


def percent(value: float, language: Language) -> str:
    """``0.0312`` as ``3.1 %``; a share that is not zero and would round to it is ``< 0.1 %``."""
    if 0 < value < 0.0005:
        return f"< {decimal(0.1, language)} %"
    return f"{decimal(100 * value, language)} %"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: frozenset[int]) -> str:
    """Columns aligned with blanks; those at the positions ``left`` to the left, the others to the right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(row: Sequence[str]) -> str:
        cells = [
            text.ljust(w) if i in left else text.rjust(w) for i, (text, w) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([line(head), line(["-" * w for w in widths]), *map(line, rows)])


__all__ = [
    "AdviceCode", "Language", "ReasonCode", "RemarkCode", "advice", "ambiguity_sentence", "check_language", "decimal",
    "grid", "integer", "percent", "reason", "remark", "summary", "word",
]  # fmt: skip
