"""Words for firms: invented names that sound Brazilian, and the ordinary words that firms share.

An invented word is built of syllables, so that there are more than any ledger uses up. It means nothing; that no firm
in the world is called so cannot be promised, only that none in the data at hand is.
"""

from __future__ import annotations

from functools import cache

from contrapeso.finance._text import normalize_description

_STEMS = (
    "Alvor", "Ambar", "Andor", "Arand", "Baluv", "Beltor", "Boraz", "Brumel", "Cadriv", "Calum", "Candor", "Carum",
    "Catiz", "Celidr", "Cimbor", "Corond", "Curiv", "Dalbor", "Delvan", "Dorim", "Drumol", "Elband", "Emburz", "Esparv",
    "Facund", "Falior", "Ferul", "Fombar", "Galind", "Garubel", "Gemur", "Graliv", "Guarib", "Helvar", "Ibitur",
    "Indar", "Jacorv", "Jandiv", "Jatumb", "Juvel", "Lavor", "Lembur", "Lindov", "Lomar", "Lumbaz", "Macurv", "Mandril",
    "Maravid", "Melgor", "Mirand", "Mombar", "Nabur", "Nalvir", "Nemor", "Novand", "Olimbr", "Orband", "Pacuv",
    "Paldor", "Parumb", "Peldriv", "Piraluv", "Polmar", "Quelim", "Quiband", "Ralvor", "Remund", "Ribald", "Rondiv",
    "Sabur", "Salmor", "Sarund", "Selviv", "Silbor", "Solmir", "Tabur", "Talviz", "Tarim", "Temold",
    "Tirband", "Torvid", "Tucumel", "Ulbar", "Umbrel", "Valdriv", "Varum", "Velorb", "Virand", "Vombal",
    "Xavand", "Zabur", "Zelmor", "Zimband",
)  # fmt: skip
_ENDINGS = (
    "ara", "ari", "aia", "ela", "elo", "era", "eira", "ense", "esca", "eta", "ia", "ica", "ida", "ila", "im", "ina",
    "inga", "ino", "ira", "isa", "iva", "oca", "ola", "ona", "ora", "osa", "ova", "uba", "uma", "una",
)  # fmt: skip

TRADES: tuple[str, ...] = (
    "Alimentos", "Assessoria", "Atacado", "Auto Peças", "Bebidas", "Café", "Calçados", "Climatização", "Comercial",
    "Comércio", "Confecções", "Construtora", "Consultoria", "Contabilidade", "Decorações", "Distribuidora", "Drogaria",
    "Editora", "Elétrica", "Embalagens", "Empreendimentos", "Engenharia", "Equipamentos", "Eventos", "Farmácia",
    "Ferragens", "Floricultura", "Gráfica", "Hidráulica", "Imobiliária", "Importadora", "Indústria", "Informática",
    "Instalações", "Laboratório", "Lanchonete", "Lavanderia", "Locadora", "Logística", "Madeireira", "Manutenção",
    "Máquinas", "Marcenaria", "Materiais", "Mercado", "Metalúrgica", "Móveis", "Oficina", "Padaria", "Papelaria",
    "Participações", "Plásticos", "Posto", "Produtos", "Refrigeração", "Representações", "Restaurante", "Segurança",
    "Serralheria", "Serviços", "Sistemas", "Soluções", "Supermercado", "Tecidos", "Tecnologia", "Telecom", "Tintas",
    "Transportadora", "Transportes", "Turismo", "Usinagem", "Utilidades", "Viagens", "Vidraçaria",
)  # fmt: skip
"""What firms say that they do; shared by many, so it names none of them."""
LEGAL_FORMS: tuple[str, ...] = ("Ltda", "ME", "EPP", "Eireli", "S/A", "SA", "S.A", "MEI", "Cia", "SS", "SLU")
"""Endings of the name of a firm that say its legal form."""

_MORE_GENERIC = """
administradora agencia agropecuaria associacao banco bar brasil brasileira brasileiro cartao casa central centro clinica
clube colegio companhia condominio cooperativa corretora credito do escola e em empresa estacionamento filho filhos
fundacao geral gestao grupo hospital hotel industria instituto internacional internet irmaos loja lojas nacional
negocios net nova novo o pagamentos pousada prefeitura seguros shop sindicato sociedade solucao store super unidade
vendas como que para com por no na nos nas ao aos um uma se sem sob sobre entre ate mais menos seu sua seus suas
center express digital online group company limited plc the and of co inc llc uk ltd web site cobranca transp transporte
transportes university council college service services
"""


@cache
def generic_words() -> frozenset[str]:
    """Normalised words that many firms share (trades, legal forms, ``casa``, ``brasil``): alone they name nobody.

    >>> {"ltda", "pecas", "s/a", "transportes"} <= generic_words()
    True
    """
    phrases = " ".join((*TRADES, *LEGAL_FORMS, _MORE_GENERIC))
    return frozenset(normalize_description(word) for word in phrases.split())


@cache
def common_words() -> frozenset[str]:
    """Words of instruments and generic words: a name of these alone leads to nobody.

    >>> {"pix", "boleto", "ltda"} <= common_words()
    True
    """
    from contrapeso.finance.features._payee import INSTRUMENTS

    return INSTRUMENTS | generic_words()


@cache
def invented_words() -> tuple[str, ...]:
    """Invented words for firms, in capitals and small letters, none of them a name of the gazetteer.

    >>> len(invented_words()) > 2000
    True
    """
    from contrapeso.finance.privacy._gazetteer import name_words

    taken = name_words() | generic_words()
    words = (stem + ending for stem in _STEMS for ending in _ENDINGS)
    return tuple(word for word in words if normalize_description(word) not in taken)


__all__ = ["LEGAL_FORMS", "TRADES", "common_words", "generic_words", "invented_words"]
