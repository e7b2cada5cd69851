"""How the bookkeeper types: careless spellings of categories, notes in the category column, texts for amounts."""

from __future__ import annotations

import unicodedata

import numpy as np

from contrapeso.finance.example._cast import (
    CAPITAL,
    FEES,
    INTEREST,
    OPERATING,
    REFUND,
    SALES,
    SUBSCRIPTIONS,
    SUPPLIERS,
    TAXES,
)

_ODD_SHARE, _BLANK_SHARE = 0.05, 0.004
_OTHER_FORMS: dict[str, tuple[str, ...]] = {
    FEES: ("Tarifa Bancária", "Tarifas bancarias"),
    INTEREST: ("Juros / Multas", "Multa / Juros", "Juros/Multa", "Juros e Multa"),
    TAXES: ("Tributos / Impostos", "Imposto / Tributo", "Impostos/Tributos"),
    OPERATING: ("Despesa Operacional", "Despesas  Operacionais"),
    SUPPLIERS: ("Fornecedor",),
    SUBSCRIPTIONS: ("Assinatura",),
    SALES: ("Receitas de Vendas", "Receita de Venda"),
    REFUND: ("Reembolsos",),
    CAPITAL: ("Aportes",),
}
NOTES = (
    "????",
    "Parcela 2 de 3",
    "Pix realizado em {day}",
    "Parc 03/03",
    "Verificar com o contador",
    "Devolvido em {day}",
)
"""What is typed into the category column where a note was meant; ``{day}`` is the date as dd/mm."""


def typed_label(rng: np.random.Generator, category: str) -> str | None:
    """``category`` as typed on one row: nearly always right, sometimes odd, now and then forgotten."""
    draw = rng.random()
    if draw < _BLANK_SHARE:
        return None
    if draw > _ODD_SHARE:
        return category
    careless = (category.upper(), category.lower(), f"{category} ", without_accents(category), f"{category}\u00a0")
    forms = tuple(form for form in (*_OTHER_FORMS.get(category, ()), *careless) if form != category)
    return forms[int(rng.integers(len(forms)))]


def without_accents(text: str) -> str:
    """``text`` without accents.

    >>> without_accents("Tarifas Bancárias")
    'Tarifas Bancarias'
    """
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def reais_text(cents: int, style: str) -> str:
    """Amount as people type it: ``plain`` (-1.234,56), ``currency`` (-R$ 1.234,56) or ``brackets`` ((1.234,56)).

    >>> reais_text(-123456, "plain"), reais_text(-123456, "brackets")
    ('-1.234,56', '(1.234,56)')
    """
    whole, rest = divmod(abs(cents), 100)
    digits = f"{whole:,}".replace(",", ".") + f",{rest:02d}"
    if style == "brackets":
        return f"({digits})" if cents < 0 else digits
    sign = "-" if cents < 0 else ""
    return f"{sign}R$ {digits}" if style == "currency" else f"{sign}{digits}"


__all__ = ["NOTES", "reais_text", "typed_label", "without_accents"]
