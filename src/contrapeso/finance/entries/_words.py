"""What is said about columns and rows, in Portuguese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["pt", "en"]

_SENTENCES: dict[str, tuple[str, str]] = {
    # why a column has its role
    "declared": ("declarado por quem chamou", "declared by the caller"),
    "by_name": ("pelo nome da coluna", "by the name of the column"),
    "by_content": ("pelo conteúdo: {what}", "by its content: {what}"),
    "directions": ("só tem palavras de entrada e saída", "holds words of money coming in and going out only"),
    "sign_decides": ("cada valor tem um só sinal {of}", "each of its values goes with one sign {of}"),
    "not_directions": (
        "se chama tipo, mas não diz entrada nem saída: é a categoria",
        "is called a type but tells no direction: it is the category",
    ),
    "copy_of": ("é cópia {of} ({how}) em {share} das linhas", "is a copy {of} ({how}) in {share} of the rows"),
    "of_calendar": ("segue {of} da data em {share} das linhas", "follows the {of} of the date in {share} of the rows"),
    "same_as_date": ("repete o dia da data", "repeats the day of the date"),
    "moves_with_date": ("é uma data a {days} dias da data", "is a date {days} days from the date"),
    "clock_varies": (
        "é um momento que varia de linha a linha: não se inventa, fica vazio",
        "is a moment that varies from row to row: never invented, left empty",
    ),
    "one_value": ("tem um só valor", "has one value only"),
    "no_value": ("não tem valores", "has no value"),
    "nested": ("guarda listas ou dicionários: fica vazia", "holds lists or dicts: left empty"),
    "unique": ("cada linha tem um valor próprio", "each row has a value of its own"),
    "identifiers": ("tem {kind}: recebe pseudônimos", "holds {kind}: gets pseudonyms"),
    "person_names": ("tem nomes de pessoas: recebe pseudônimos", "holds names of persons: gets pseudonyms"),
    "firm_names": ("tem nomes de contrapartes: recebe pseudônimos", "holds names of counterparties: gets pseudonyms"),
    "repeated": (
        "{share} das linhas têm um valor visto em {k} linhas ou mais; os outros não são copiados",
        "{share} of the rows have a value seen in {k} rows or more; the others are not copied",
    ),
    "numbers": ("tem números", "holds numbers"),
    "free_text": ("é texto livre: não se inventa, fica vazio", "is free text: never invented, left empty"),
    "document": ("é número de documento: recebe outro da mesma forma", "is a number of a document: gets another one"),
    "mark": ("marca as linhas sintéticas", "marks the synthetic rows"),
    # rows set aside
    "not_a_row": ("não é uma linha: veio {came}", "is no row: {came} came"),
    "blank_row": ("nenhum campo tem valor", "no field has a value"),
    "synthetic_row": ("já é sintética: não se aprende dela", "is synthetic already: nothing is learned from it"),
    "missing_amount": ("falta o valor em {column}", "the amount is missing in {column}"),
    "bad_amount": ("{came} não é um valor em {column}", "{came} in {column} is no amount"),
    "two_amounts": ("tem débito e crédito ao mesmo tempo", "has a debit and a credit at once"),
    "missing_date": ("falta a data em {column}", "the date is missing in {column}"),
    "bad_date": ("{came} não é uma data de 1900 a 2099 em {column}", "{came} in {column} is no date of 1900 to 2099"),
    "balance_row": ("declara um saldo, não um movimento", "states a balance, not a movement"),
    "total_row": ("é um total de outras linhas", "is a total of other rows"),
    "other_currency": ("está em {came}; foi pedida {asked}", "is in {came}; {asked} was asked for"),
    "duplicate_row": (
        "repete a linha {first}: mesmo identificador, data, valor e descrição",
        "repeats row {first}: same identifier, date, amount and description",
    ),
    # kept, and said
    "future_date": (
        "{n} linha(s) com data futura, depois de {today}; ficaram",
        "{n} row(s) with a date in the future, after {today}; kept",
    ),
    "duplicate_id": (
        "{n} linha(s) repetem um identificador de {column} com outro conteúdo; ficaram",
        "{n} row(s) repeat an identifier of {column} with other content; kept",
    ),
    "long_description": (
        "{n} descrição(ões) passam de {limit} caracteres; lê-se o começo",
        "{n} description(s) longer than {limit} characters; their beginning is read",
    ),
    "rounded": ("{n} valor(es) de {column} arredondados ao centavo", "{n} amount(s) of {column} rounded to the cent"),
    "unsure_amounts": (
        "os textos de {column} não provam todos a marca decimal; leu-se '{mark}'",
        "not all texts of {column} prove the decimal mark; '{mark}' was read",
    ),
    "unsure_dates": (
        "as datas de {column} não provam a ordem; leu-se {order}",
        "the dates of {column} do not prove their order; {order} was read",
    ),
    "clock_of_date": (
        "{column} traz uma hora que varia; as novas linhas ficam à meia-noite",
        "{column} carries a time that varies; new rows are at midnight",
    ),
    "sign_of_type": (
        "os valores não têm sinal; {column} diz quem sai e quem entra",
        "amounts carry no sign; {column} says which go out and which come in",
    ),
    "inverted_sign": (
        "{column} mostra que saídas são positivas neste arquivo",
        "{column} shows that money going out is positive here",
    ),
    "type_contradicts_sign": (
        "em {n} linha(s) {column} contradiz o sinal do valor; vale o sinal",
        "in {n} row(s) {column} contradicts the sign of the amount; the sign stands",
    ),
    "all_positive": ("todos os valores são positivos e ficam assim", "all amounts are positive and stay so"),
    "different_keys": (
        "as linhas têm {n} conjuntos de chaves; cada nova linha tem as da linha de que partiu",
        "rows have {n} sets of keys; a new row has those of the row it starts from",
    ),
    "currency_assumed": (
        "{n} linha(s) sem moeda; supõe-se {currency}",
        "{n} row(s) tell no currency; {currency} is assumed",
    ),
    "unread_balances": ("{n} saldo(s) de {column} não foram lidos", "{n} balance(s) of {column} were not read"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence by its stable ``code``, with the values in it.

    >>> Said("missing_amount", {"column": "valor"}).to("en")
    'the amount is missing in valor'
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def to(self, language: Language = "pt") -> str:
        """The sentence in a language."""
        pt, en = _SENTENCES[self.code]
        words = {name: value.to(language) if isinstance(value, Words) else value for name, value in self.values.items()}
        return (pt if language == "pt" else en).format(**words)


@dataclass(frozen=True, slots=True)
class Words:
    """A phrase in both languages."""

    pt: str
    en: str

    def to(self, language: Language) -> str:
        """The phrase in a language."""
        return self.pt if language == "pt" else self.en


def share_of(part: float) -> str:
    """A share of one as a percentage; never 100% for less than all.

    >>> share_of(1.0), share_of(0.9999)
    ('100%', '99.9%')
    """
    return "100%" if part >= 1 else f"{min(99.9, 100 * part):.1f}%".replace(".0%", "%")


__all__ = ["Language", "Said", "Words", "share_of"]
