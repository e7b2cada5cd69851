"""How money moved, as descriptions tell it, and when each instrument existed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Texts, texts
from contrapeso.finance._text import normalize_description

InstrumentName = Literal[
    "pix", "ted", "doc", "boleto", "card", "cash", "cheque", "fee", "tax", "interest", "transfer", "debit_order", ""
]


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument and its limits.

    Attributes
    ----------
    name : str
    any_day : bool
        Whether it posts on weekends and holidays too.
    first_day, last_day : date or None
        Days of its existence; None where there is no such limit.
    limit_cents : int or None
        Largest amount in centavos.
    source : where the limits come from.
    """

    name: InstrumentName
    any_day: bool
    first_day: date | None = None
    last_day: date | None = None
    limit_cents: int | None = None
    source: str = ""

    def lives_on(self, day: date) -> bool:
        """Whether the instrument existed on ``day``."""
        return (self.first_day is None or day >= self.first_day) and (self.last_day is None or day <= self.last_day)


_ALL = (
    Instrument("pix", any_day=True, first_day=date(2020, 11, 16), source="Banco Central, Resolução BCB 1/2020"),
    Instrument("ted", any_day=False, first_day=date(2002, 4, 22), source="Banco Central, SPB"),
    Instrument("doc", any_day=False, last_day=date(2024, 2, 29), limit_cents=499_999, source="FEBRABAN, 2024"),
    Instrument("boleto", any_day=False),
    Instrument("card", any_day=True),
    Instrument("cash", any_day=True),
    Instrument("cheque", any_day=False),
    Instrument("fee", any_day=False),
    Instrument("tax", any_day=False),
    Instrument("interest", any_day=False),
    Instrument("transfer", any_day=True),
    Instrument("debit_order", any_day=False),
    Instrument("", any_day=True),
)
INSTRUMENTS = MappingProxyType({instrument.name: instrument for instrument in _ALL})
"""Every instrument by its name; the empty name is that of a text which tells none."""

FEBRABAN_DAY = date(2024, 7, 8)
"""First day of the common wordings of deposits and withdrawals (FEBRABAN, 30 and 14 of them)."""
FEBRABAN_WORDINGS = re.compile(
    r"^(?:dep (?:cheque|cheq|din(?:heiro)?) (?:atm|ag|corresp)|pix (?:saque|troco)|saque (?:din(?:heiro)? )?"
    r"(?:cartao )?(?:ag|atm|corresp|banco 24h)|saque banco ?24h)\b"
)
"""Normalised wordings that no bank used before :data:`FEBRABAN_DAY`."""

_RULES: tuple[tuple[InstrumentName, tuple[str, ...]], ...] = (
    ("fee", (
        r"tarifas?|tar|taxas? (?:de )?(?:adm|antecip|manut|servic)\w*|cesta|pacote (?:de )?serv\w*|anuidade|fees?",
        r"charges?|comissao|aluguel de maquin\w*|custas",
    )),
    ("interest", (r"juros?|mora|multas?|encargos?|enc|morat\w*|iof|interest|overdraft|cheque especial|lis",)),
    ("tax", (
        r"darfs?|das|gps|grf|grrf|fgts|inss|irrf|irpj|csll|pis|cofins|icms|iss|issqn|iptu|ipva|itbi|itr|gru|dare|gare",
        r"simples nacional|dctf\w*|csrf|tributos?|impostos?|taxa de fiscaliz\w*|licenciamento|tax|vat|hmrc",
    )),
    ("pix", (r"pix",)),
    ("ted", (r"teds?",)),
    ("doc", (r"^(?:(?:cred\w*|deb\w*|transf\w*|receb\w*|env\w*|pag\w*|pgto) )?doc[dte]?|tec",)),
    ("cash", (r"saques?|deposito em dinheiro|dep din\w*|dinheiro|cash|atm|saq|banco 24\w*|withdrawal",)),
    ("cheque", (r"cheques?|chq|cheq|check",)),
    ("boleto", (r"boletos?|bloqueto|titulos?|tit|cobrancas?|cob|cobr|liq cobr\w*",)),
    ("debit_order", (r"deb(?:ito)? (?:aut\w*|em conta)|debaut|convenio|conv|standing order|direct debit",)),
    ("card", (
        r"cart(?:ao|oes)?|compra|visa|mastercard|elo|amex|maquin\w*|cielo|card|pos|eftpos|credito de vendas",
    )),
    ("transfer", (r"transf\w*|tef|sispag|doc|remessa|payment|pagamento|pagto|pgto|salario|deposito|dep",)),
)  # fmt: skip
_PATTERNS = tuple((name, re.compile(rf"(?<![a-z0-9])(?:{'|'.join(words)})(?![a-z0-9])")) for name, words in _RULES)


def instruments(descriptions: object, cents: NDArray[np.int64] | None = None) -> Texts:
    """Instrument that each description tells, empty where it tells none.

    The words that say what a row *is* (a fee, interest, a tax) come before those that say how it was paid, so that
    ``TARIFA TED`` is a fee.

    Parameters
    ----------
    descriptions : sequence of n texts
    cents : int64, shape (n,), optional
        Amounts: a DOC above its limit of 4 999,99 is read as a transfer.

    Examples
    --------
    >>> instruments(["PIX ENVIADO ANA", "TAR TED INTERNET", "DARF 0561", "PAGTO BOLETO ALFA", "Mesa nova"]).tolist()
    ['pix', 'fee', 'tax', 'boleto', '']
    """
    given = texts(descriptions)
    known: dict[str, str] = {}
    found = np.array([known.get(text) or known.setdefault(text, _instrument(text)) for text in given], dtype=object)
    if cents is not None and len(found):
        limit = INSTRUMENTS["doc"].limit_cents or 0
        found[(found == "doc") & (np.abs(cents) > limit)] = "transfer"
    return found


def _instrument(text: str) -> InstrumentName:
    """Instrument of one description."""
    normal = normalize_description(text[:400])
    return next((name for name, pattern in _PATTERNS if pattern.search(normal)), "")


__all__ = ["FEBRABAN_DAY", "FEBRABAN_WORDINGS", "INSTRUMENTS", "Instrument", "InstrumentName", "instruments"]
