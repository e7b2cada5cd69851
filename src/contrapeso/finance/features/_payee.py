"""Who was paid, as far as a description tells: the key by which rows of one counterparty are kept together."""

from __future__ import annotations

import re

from contrapeso.finance._text import normalize_description

_INSTRUMENTS_WORDS = (
    "boleto cartao cheque cobranca compra conta credito deb debito dep deposito doc doct emitida emitido enviada "
    "enviado pag pagamento pagto pgto pix qr rec recebida recebido remessa saque sispag tarifa tec ted tef transf "
    "transferencia aut automatico via ref para por com de da do das dos em"
)
INSTRUMENTS = frozenset(_INSTRUMENTS_WORDS.split())
"""Words that name the instrument or the direction: they say how money moved, not to whom."""

_WORD = re.compile(r"[^\W\d_]+")


def payee_key(description: str) -> str:
    """The words of ``description`` that name a counterparty; numbers, dates and instruments are left out.

    Where nothing is left the words of the instrument are the key (``tarifa pacote`` has none, ``pix enviado`` is
    one), and an empty text where there is no word at all.

    Examples
    --------
    >>> payee_key("PIX ENVIADO 03/12 João da Silva 1234")
    'joao silva'
    >>> payee_key("PIX ENVIADO 77")
    'pix enviado'
    """
    words = [word for token in normalize_description(description).split() for word in _words(token)]
    named = [word for word in words if word not in INSTRUMENTS]
    return " ".join(named or words)


def _words(token: str) -> list[str]:
    """Words of a token; none where digits are in it, which makes it a number, a date or a document."""
    if any(sign.isdigit() for sign in token):
        return []
    return [word for word in _WORD.findall(token) if len(word) > 1]


__all__ = ["INSTRUMENTS", "payee_key"]
