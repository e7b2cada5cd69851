"""Privacy of movements: identifiers and names in descriptions, pseudonyms, canaries and the leak report.

Rows made with these are *pseudonymised* or *synthetic*. They are not declared to be outside the law of personal data:
the leak report says what was tested and what was found.
"""

from __future__ import annotations

from contrapeso.finance.privacy._canaries import Canary, plant_canaries
from contrapeso.finance.privacy._closeness import Closeness
from contrapeso.finance.privacy._digits import (
    boleto_ok,
    cnpj_check_digits,
    cpf_check_digits,
    iban_ok,
    is_cnpj,
    is_cpf,
    is_pis,
    is_voter_id,
    luhn_check_digit,
    luhn_ok,
    nfe_key_ok,
    pis_check_digit,
    voter_check_digits,
)
from contrapeso.finance.privacy._gazetteer import GIVEN_NAMES, LINKING_WORDS, SURNAMES, given_words, name_words
from contrapeso.finance.privacy._identifiers import Identifier, IdentifierKind, find_identifiers, identifier_key
from contrapeso.finance.privacy._leaks import Count, Leak, LeakReport, leak_report
from contrapeso.finance.privacy._names import PersonName, content_words, find_names, in_style_of
from contrapeso.finance.privacy._pools import LEGAL_FORMS, TRADES, generic_words, invented_words
from contrapeso.finance.privacy._pseudonyms import Pseudonyms
from contrapeso.finance.privacy._reals import real_texts
from contrapeso.finance.privacy._scrub import scrub

__all__ = [
    "GIVEN_NAMES",
    "LEGAL_FORMS",
    "LINKING_WORDS",
    "SURNAMES",
    "TRADES",
    "Canary",
    "Closeness",
    "Count",
    "Identifier",
    "IdentifierKind",
    "Leak",
    "LeakReport",
    "PersonName",
    "Pseudonyms",
    "boleto_ok",
    "cnpj_check_digits",
    "content_words",
    "cpf_check_digits",
    "find_identifiers",
    "find_names",
    "generic_words",
    "given_words",
    "iban_ok",
    "identifier_key",
    "in_style_of",
    "invented_words",
    "is_cnpj",
    "is_cpf",
    "is_pis",
    "is_voter_id",
    "leak_report",
    "luhn_check_digit",
    "luhn_ok",
    "name_words",
    "nfe_key_ok",
    "pis_check_digit",
    "plant_canaries",
    "real_texts",
    "scrub",
    "voter_check_digits",
]
