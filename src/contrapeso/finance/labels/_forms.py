"""Labels that are no category by their form: missing values, balance marks and notes.

A note has the form of one: a date, an instalment, a question mark, a reference number, an e-mail
address, a verb told to somebody. Being rare is not a form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contrapeso.finance.labels._keys import fold, has_letters, parts_of, words_of

Rule: TypeAlias = Literal[
    "missing",
    "balance_mark",
    "only_signs",
    "only_numbers",
    "spreadsheet_error",
    "instalment",
    "question",
    "date",
    "amount",
    "reference",
    "request",
    "event",
    "deed",
    "free_text",
]


@dataclass(frozen=True, slots=True)
class Form:
    """A form that speaks against a category.

    ``unless`` names what overrules it: nothing (None), a label that is frequent in its column, one that
    is seen more than once, or a column that consists of codes.
    """

    rule: Rule
    unless: Literal["frequent", "repeated", "coded"] | None = None


_MISSING = frozenset({"nan", "none", "null", "n/a", "na", "#n/a", "<na>", "nat", "nil", "vazio", "blank", "empty"})
_MISSING_PHRASE = re.compile(
    r"(?:nao|not) (?:categorizad|classificad|categori[sz]ed|classified)[oa]?s?"
    r"|sem (?:categoria|classificacao|tipo|rotulo)|a (?:classificar|categorizar|definir)"
    r"|un(?:categori[sz]ed|classified|labell?ed)|no (?:category|label)|to be (?:categori[sz]ed|classified|defined)"
)
_BALANCE = frozenset({"saldo", "saldos", "balance", "balances"})
_BALANCE_QUALIFIER = re.compile(
    r"anterior|inicial|final|atual|do|da|de|dia|mes|ano|em|no|na|a|ao|conta|corrente|"
    r"disponivel|bloqueado|total|parcial|diario|bancario|banco|transportar|transportado|abertura|"
    r"fechamento|opening|closing|beginning|ending|start|end|brought|carried|forward|previous|"
    r"current|available|ledger|running|account|bank|of|day|month|at|on|as|the"
)
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_DD, _MM, _YEAR = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])", r"(?:19|20)\d\d"
_MONTH_NAME = (
    r"(?:janeiro|january|fevereiro|february|marco|march|abril|april|maio|may|junho|june|julho|july|agosto|august"
    r"|setembro|september|outubro|october|novembro|november|dezembro|december)"
)
_MONTH_ABBREVIATION = r"(?:jan|fev|feb|mar|abr|apr|mai|may|jun|jul|ago|aug|set|sep|out|oct|nov|dez|dec)"
_DATE = re.compile(
    rf"(?<![\d/.-])(?:{_DAY}/{_MONTH}/(?:\d\d){{1,2}}|{_MONTH}/{_DAY}/(?:\d\d){{1,2}}|{_DD}([.-]){_MM}\1{_YEAR}"
    rf"|{_YEAR}-{_MM}-{_DD}|{_MONTH}/{_YEAR}|{_DD}/{_MM}|{_MM}/{_DD})(?![\d/.-])"
    rf"|\b(?:em|on|from|until|ate|desde|since|dia) (?:{_DAY}/{_MONTH}|{_MONTH}/{_DAY})\b"
    rf"|\bdia {_DAY}\b|\b{_DAY}o? de {_MONTH_NAME}\b|\b{_DAY}(?:st|nd|rd|th)? (?:of )?{_MONTH_NAME}\b"
    rf"|\b{_MONTH_NAME} {_DAY}\b(?!\d)|\b{_MONTH_ABBREVIATION}(?:/\d\d|[/-]{_YEAR})\b"
)
_ERROR = re.compile(r"#[a-z0-9/]+[!?]")
_QUESTION = re.compile(r"\?$|\?\?")
_INSTALMENT = re.compile(
    r"\b(?:parc(?:ela)?s?|prest(?:acao)?|inst(?:al(?:l?ment)?)?|payment|pagamento|pgto)\b\.?\s*(?:n[o.]*\s*)?"
    r"\d{1,3}\s*(?:de|of|/|-|x)\s*\d{1,3}\b"
    r"|^(?:parc(?:ela)?|instal(?:l?ment)?)\.?\s*(?:n[o.]*\s*)?\d{1,3}$|^\d{1,3}\s*[ao]\.?\s*parc(?:ela)?\b"
)
_OF = re.compile(r"\b(\d{1,3}) (?:de|of) (\d{1,3})\b")
_AMOUNT = re.compile(
    r"(?:r\$|us\$|\$|€|£)\s*\d[\d.,]*[.,]\d\d(?!\d)|(?<![\d.,])\d{1,3}(?:\.\d{3})*,\d\d(?!\d)|\b\d+ (?:reais|dollars)\b"
)
_REFERENCE = re.compile(
    r"\S+@\S+\.\S+|https?://|www\.|(?<![^\W_])\d{6,}(?![^\W_])|\d{3}\.\d{3}\.\d{3}-\d\d"
    r"|\b(?:nf|nfe|nf-e|nota fiscal|pedido|boleto|cheque|invoice|ticket|protocolo)\s*(?:n?[o.]*|#)\s*\d{3,}\b"
)
_REQUEST = re.compile(
    r"^(?:verificar|conferir|checar|perguntar|confirmar|corrigir|revisar|favor|ver com|falar com|falta(?:ndo)?"
    r"|ask|verify|please|check with)\b"
)
_EVENT = re.compile(
    r"\b(?:realizad|devolvid|pag|recebid|enviad|transferid|estornad|efetuad|feit|solicitad|lancad)[oa]s? "
    rf"(?:hoje|ontem|pel[oa]s?|em {_MONTH_NAME}\b|no dia|na data)"
    r"|\b(?:paid|sent|received|returned|refunded|made) (?:by|on|today|yesterday)\b"
)
_DEED = re.compile(
    r"^(?:instalacao|configuracao|conserto|troca|reparo|substituicao|montagem|desmontagem|remocao|ativacao|formatacao"
    r"|installation|configuration|setup|set-up|repair|replacement|removal)\b \s*(?:de|da|do|das|dos|of)\b"
)


def form_of(raw: str) -> Form | None:
    """The form that speaks against ``raw`` being a category, or None.

    >>> form_of("Parcela 2 de 3").rule, form_of("????").rule, form_of("Saldo anterior").rule
    ('instalment', 'only_signs', 'balance_mark')
    >>> form_of("Imposto 2024") is None
    True
    """
    text = fold(raw)
    if _is_missing(text):
        return Form("missing")
    if not has_letters(text):
        return Form("only_numbers", unless="coded") if any(map(str.isdigit, text)) else Form("only_signs")
    if _is_balance(raw):
        return Form("balance_mark")
    return next((form for form, applies in _TESTS if applies(text)), None)


def _is_missing(text: str) -> bool:
    """Whether folded ``text`` says that there is no category."""
    bare = text.strip("()[]. ")
    if not has_letters(text):
        return not text.strip("-_ ")
    return bare in _MISSING or text in _MISSING or bool(_MISSING_PHRASE.fullmatch(bare))


def _is_part_of_series(text: str) -> bool:
    """Whether the text says ``2 de 3``."""
    return any(int(i) <= int(n) for i, n in _OF.findall(text))


def _is_deed(text: str) -> bool:
    """Whether the text names a job and at least two words of what it was done to."""
    return bool(_DEED.search(text)) and len(text.replace("-", " ").split()) >= 4


def _is_balance(raw: str) -> bool:
    """Whether the label is a balance mark: the word itself with qualifiers, dates or numbers only."""
    words = words_of(parts_of(raw))
    if "".join(words) in _BALANCE:
        return True
    rest = [word for word in words if word not in _BALANCE]
    return len(rest) < len(words) and all(_BALANCE_QUALIFIER.fullmatch(word) or not has_letters(word) for word in rest)


_TESTS: tuple[tuple[Form, Callable[[str], object]], ...] = (
    (Form("spreadsheet_error"), _ERROR.fullmatch),
    (Form("instalment"), _INSTALMENT.search),
    (Form("instalment", unless="frequent"), _is_part_of_series),
    (Form("question", unless="frequent"), _QUESTION.search),
    (Form("date", unless="frequent"), _DATE.search),
    (Form("reference", unless="frequent"), _REFERENCE.search),
    (Form("amount", unless="frequent"), _AMOUNT.search),
    (Form("request", unless="frequent"), _REQUEST.search),
    (Form("event", unless="frequent"), _EVENT.search),
    (Form("deed", unless="repeated"), _is_deed),
)
"""Forms of labels with letters, the surest sign first."""

__all__ = ["Form", "Rule", "form_of"]
