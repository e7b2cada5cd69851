"""How each bank words a movement: the same kind of payment reads differently on every statement."""

from __future__ import annotations

from contrapeso.finance.example._cast import AccountName
from contrapeso.finance.example._drafts import Draft

_ALAMEDA_LENGTH = 36
_ALAMEDA = {
    "pix_in": "PIX RECEBIDO {who}",
    "pix_in_firm": "PIX RECEBIDO {who}",
    "pix_out": "PIX ENVIADO {who}",
    "expense_back": "PIX ENVIADO {who}",
    "ted_in": "TED RECEBIDA {who}",
    "ted_out": "TED ENVIADA {who}",
    "doc_in": "DOC RECEBIDO {who}",
    "boleto_in": "LIQ COBRANÇA {detail} {who}",
    "boleto_out": "PAGTO BOLETO {who}",
    "debit": "DÉB AUT {who}",
    "wage": "PAGTO SALÁRIO {who}",
    "advance": "ADIANT SALÁRIO {who}",
    "thirteenth": "13º SALÁRIO {detail} {who}",
    "das": "DAS SIMPLES NACIONAL {detail}",
    "darf": "DARF DCTFWEB {detail}",
    "fgts": "GRF FGTS {detail}",
    "fgts_digital": "FGTS DIGITAL {detail}",
    "iptu": "IPTU {detail}",
    "tfe": "TAXA DE FISCALIZAÇÃO {detail}",
    "package_fee": "TARIFA PACOTE SERVIÇOS {detail}",
    "boleto_fee": "TAR LIQ COBRANÇA",
    "ted_fee": "TAR TED INTERNET",
    "fee_back": "ESTORNO TARIFA",
    "late_fee": "MULTA E MORA {who}",
    "overdraft_interest": "JUROS CHEQUE ESPECIAL {detail}",
    "overdraft_tax": "IOF CHEQUE ESPECIAL {detail}",
}
_SERRA = {
    "pix_in": "Pix recebido - {who} {detail}",
    "pix_in_firm": "Pix recebido - {who}",
    "pix_out": "Pix enviado - {who}",
    "pix_back": "Devolução de Pix - {who} {detail}",
    "ted_in": "TED recebida - {who}",
    "ted_out": "TED enviada - {who}",
    "card_in": "Crédito de vendas ({detail}) - {who}",
    "card_out": "Compra no cartão - {who}",
    "boleto_out": "Pagamento de boleto - {who}",
    "ipva": "IPVA {detail}",
    "package_fee": "Tarifa cesta cooperado {detail}",
    "terminal_fee": "Aluguel de maquininha",
    "advance_fee": "Taxa de antecipação de recebíveis",
    "ted_fee": "Tarifa TED",
    "late_fee": "Multa e juros de boleto - {who}",
    "overdraft_interest": "Juros sobre limite {detail}",
    "overdraft_tax": "IOF sobre limite {detail}",
}
_WALLET = {"order_in": "Venda online pedido {who}", "order_fee": "Comissão pedido {who}"}


def worded(draft: Draft) -> str:
    """Description of ``draft`` as its bank prints it.

    >>> from datetime import date
    >>> worded(Draft(date(2024, 1, 8), -100, "Folha de Pagamento", "alameda", "wage", "Davi Marquezal"))
    'PAGTO SALÁRIO DAVI MARQUEZAL'
    """
    text = _STYLES[draft.account][draft.kind].format(who=draft.who, detail=draft.detail)
    if draft.account == "alameda":
        return text.upper()[:_ALAMEDA_LENGTH].strip()
    return " ".join(text.split())


_STYLES: dict[AccountName, dict[str, str]] = {"alameda": _ALAMEDA, "serra": _SERRA, "wallet": _WALLET}

__all__ = ["worded"]
