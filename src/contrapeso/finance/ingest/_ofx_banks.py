"""Names of the main Brazilian banks, by their COMPE code and by the names that they give themselves in ORG.

The name of a bank comes from declared fields only. A search for "104" or "001" over the whole file
finds dates and FITIDs: that is how a statement of one bank was booked under another.
"""

from __future__ import annotations

from contrapeso.finance._text import normalize_description

COMPE = {
    1: "Banco do Brasil",
    3: "Banco da Amazônia",
    4: "Banco do Nordeste",
    21: "Banestes",
    33: "Santander",
    37: "Banpará",
    41: "Banrisul",
    47: "Banese",
    70: "BRB",
    77: "Inter",
    84: "Uniprime",
    85: "Ailos",
    97: "Credisis",
    99: "Uniprime Central",
    102: "XP",
    104: "Caixa Econômica Federal",
    133: "Cresol",
    136: "Unicred",
    197: "Stone",
    208: "BTG Pactual",
    212: "Banco Original",
    218: "BS2",
    237: "Bradesco",
    246: "ABC Brasil",
    260: "Nubank",
    290: "PagBank",
    318: "BMG",
    323: "Mercado Pago",
    335: "Digio",
    336: "C6 Bank",
    341: "Itaú Unibanco",
    356: "Banco Real",
    364: "Efí",
    380: "PicPay",
    389: "Mercantil",
    399: "HSBC",
    403: "Cora",
    409: "Unibanco",
    422: "Safra",
    461: "Asaas",
    611: "Paulista",
    623: "Pan",
    633: "Rendimento",
    637: "Sofisa",
    643: "Pine",
    655: "Votorantim",
    707: "Daycoval",
    739: "Cetelem",
    743: "Semear",
    745: "Citibank",
    746: "Modal",
    748: "Sicredi",
    756: "Sicoob",
}

_ALIASES = {
    1: ("brasil", "bb", "do brasil"),
    33: ("santander", "santander brasil"),
    41: ("banrisul", "estado do rio grande do sul"),
    77: ("inter", "intermedium"),
    104: ("caixa", "cef", "caixa economica", "caixa economica federal"),
    197: ("stone", "stone pagamentos"),
    208: ("btg", "btg pactual"),
    212: ("original",),
    237: ("bradesco",),
    260: ("nubank", "nu", "nu pagamentos", "nu pagamentos ip"),
    290: ("pagbank", "pagseguro", "pagseguro internet"),
    323: ("mercado pago", "mercadopago"),
    336: ("c6", "c6 bank"),
    341: ("itau", "itau unibanco"),
    389: ("mercantil", "mercantil do brasil"),
    403: ("cora", "cora scd"),
    422: ("safra",),
    745: ("citibank",),
    748: ("sicredi", "cooperativo sicredi"),
    756: ("sicoob", "cooperativo sicoob", "bancoob"),
}
_BY_NAME = {alias: COMPE[code] for code, aliases in _ALIASES.items() for alias in aliases}
_FURNITURE = frozenset({"banco", "bco", "s", "a", "sa", "s/a", "s.a", "ltda"})


def bank_name(*, org: str = "", fid: str = "", bank_id: str = "", currency: str = "BRL") -> str:
    """The bank that a statement declares, under one spelling; "" where it declares none.

    ORG decides (a known alias gets its usual name, any other is kept as written), then BANKID, then
    FID as a COMPE code. COMPE codes are Brazilian: they are looked up for accounts in BRL only, and
    an unknown code is kept as it is so that two unknown banks never share a name.
    """
    if org and not org.isdigit():
        words = (word.strip(".,-") for word in normalize_description(org).split())
        return _BY_NAME.get(" ".join(word for word in words if word and word not in _FURNITURE), org)
    codes = [code for code in (org, bank_id, fid) if code]
    if currency in {"BRL", ""}:
        for code in codes:
            if code.isascii() and code.isdigit() and len(code) <= 9 and int(code) in COMPE:
                return COMPE[int(code)]
    return codes[0] if codes else ""


__all__ = ["COMPE", "bank_name"]
