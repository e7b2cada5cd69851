"""The spellings in which identifiers stand in bank descriptions, the most certain first.

A shape is a pattern and a judge. Where check digits exist they decide; where punctuation or a word in front (``CPF``,
``Ag.``, ``Conta``) leaves no doubt, a number is taken in spite of a wrong check digit, for people mistype.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contrapeso.finance.privacy._digits import (
    boleto_ok,
    compact,
    iban_ok,
    is_cnpj,
    is_cpf,
    is_pis,
    luhn_ok,
    nfe_key_ok,
)

IdentifierKind: TypeAlias = Literal[
    "cpf", "cnpj", "pis", "voter_id", "card", "boleto", "nfe_key", "iban", "email", "phone", "evp", "cep", "plate",
    "agency", "account", "number",
]  # fmt: skip
Judge: TypeAlias = Callable[[str], IdentifierKind | None]

MASK = "*•xX#●"
"""Signs that banks print in place of digits."""
_M = rf"[{MASK}]"
_D = rf"[0-9{MASK}]"
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<![0-9])", r"(?![0-9])"
_ALONE_BEFORE, _ALONE_AFTER = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_THREE = re.compile("[0-9]{3}")
_DATE = re.compile(
    r"(?:(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])20[0-4][0-9]"
    r"|20[0-4][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[1-9]|1[0-2])20[0-4][0-9]|20[0-4][0-9](?:0[1-9]|1[0-2]))"
)
_SEPARATED_DATE = re.compile(
    r"[0-3]?[0-9]([./-])[01]?[0-9]\1(?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2}([./-])[01]?[0-9]\2[0-3]?[0-9]"
    r"|[01]?[0-9][./-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[./-](?:[01]?[0-9]|(?:19|20)[0-9]{2})"
)
_NO_PLATE_WORDS = (
    "ago abr abt agt agn aut boa cod cta dar das deb dez doc fat fev fgt gps jan jul jun lot mai mar nov nfe nfs nsu"
    " num out ped pix pgt ref seq set tar ted tec tef tit tra uni ccb abn apr aug dec feb may oct sep ltd"
)
_NO_PLATE = frozenset(_NO_PLATE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Shape:
    """A spelling: its pattern (the identifier is group 1 where there is one), its judge, and what a text needs for it.

    Attributes
    ----------
    least_digits, least_length : fewer digits or signs in the whole text, and the pattern is not tried.
    needs : signs of which the text must hold one; empty where it need not.
    """

    pattern: re.Pattern[str]
    judge: Judge
    least_digits: int
    needs: frozenset[str] = frozenset()
    least_length: int = 0


def _always(kind: IdentifierKind) -> Judge:
    return lambda _text: kind


def _where(kind: IdentifierKind, holds: Callable[[str], bool]) -> Judge:
    return lambda text: kind if holds(text) else None


def _long_line(text: str) -> IdentifierKind | None:
    if boleto_ok(text):
        return "boleto"
    return "nfe_key" if nfe_key_ok(text) else None


def _firm(text: str) -> IdentifierKind | None:
    """CNPJ, or a CPF that a bank filled up with zeros to the length of a CNPJ."""
    number = compact(text)
    for length in (14, 15):
        if len(number) == length and set(number[: length - 11]) == {"0"} and is_cpf(number[-11:]):
            return "cpf"
    if len(number) == 15:
        return "cnpj" if number[0] == "0" and is_cnpj(number[1:]) else None
    return "cnpj" if is_cnpj(number) else None


def _slashed_firm(text: str) -> IdentifierKind | None:
    return "cnpj" if compact(text).isdigit() or is_cnpj(text) else None


def _lettered_firm(text: str) -> IdentifierKind | None:
    number = compact(text)
    mixed = any(sign.isdigit() for sign in number[:12]) and any(sign.isalpha() for sign in number)
    return "cnpj" if mixed and is_cnpj(number) else None


def _masked(kind: IdentifierKind, length: int) -> Judge:
    """A masked number with at least two digits left and two masked."""

    def judge(text: str) -> IdentifierKind | None:
        shown = sum(sign.isdigit() for sign in text)
        hidden = sum(sign in MASK for sign in text)
        return kind if shown >= 2 and hidden >= 2 and shown + hidden == length else None

    return judge


def _eleven_digits(text: str) -> IdentifierKind | None:
    if is_cpf(text) or re.fullmatch(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}[-/][0-9]{2}", text):
        return "cpf"
    number = compact(text)
    if number == text and text[0] in "123456789" and text[1] != "0" and text[2] == "9":
        return "phone"
    return "pis" if number == text and is_pis(number) else None


def _card(text: str) -> IdentifierKind | None:
    return "card" if text[0] in "23456" and luhn_ok(text) else None


def _phone(text: str) -> IdentifierKind | None:
    """A phone number where the punctuation says so; bare digits are too many things."""
    digits = re.sub(r"[^0-9]", "", text)
    digits = digits[2:] if len(digits) in {12, 13} and digits.startswith("55") else digits
    if len(digits) not in {10, 11} or "0" in digits[:2] or (len(digits) == 11 and digits[2] != "9"):
        return None
    return "phone" if set(text) & set("+(-") else None


def _local_phone(text: str) -> IdentifierKind | None:
    first, _, second = text.partition("-")
    return None if _YEAR.fullmatch(first) and _YEAR.fullmatch(second) else "phone"


def _plate(text: str) -> IdentifierKind | None:
    return None if text[:3].lower() in _NO_PLATE else "plate"


def _account(text: str) -> IdentifierKind | None:
    return None if _YEAR.fullmatch(text.partition("-")[0]) else "account"


def _number(text: str) -> IdentifierKind | None:
    """A document number: five digits or more, three of them in a row, and no date."""
    digits = sum(sign.isdigit() for sign in text)
    if digits < 5 or _THREE.search(text) is None:
        return None
    return None if _DATE.fullmatch(text) or _SEPARATED_DATE.fullmatch(text) else "number"


def _shape(pattern: str, judge: Judge, least_digits: int, needs: str = "", least_length: int = 0) -> Shape:
    return Shape(re.compile(pattern, re.IGNORECASE), judge, least_digits, frozenset(needs), least_length)


_CPF_LIKE = r"[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}[ ./-]?[0-9]{2}"
_BRANCHED = r"[0-9]{4}(?:-[0-9x])?\s?[/ .]\s?[0-9]{4,12}-[0-9x]"
_ACCOUNT_WORDS = (
    r"conta(?:[ -](?:corrente|poupan[cç]a|sal[aá]rio|pagamento|pgto))?|c/c|c/p|cc|cta|cta\.?\s?corr|account|acct"
)
_PHONE_WORDS = r"tel(?:efone)?|fone|cel(?:ular)?|whats(?:app)?|phone|m[oó]vel|fixo"

SHAPES: tuple[Shape, ...] = (
    _shape(r"[a-z0-9._%+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*", _always("email"), 0, "@"),
    _shape(
        rf"{_ALONE_BEFORE}[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4,12}}{_ALONE_AFTER}",
        _always("evp"),
        0,
        "-",
    ),
    _shape(rf"{_ALONE_BEFORE}[ed][0-9]{{8}}20[0-9]{{10}}[a-z0-9]{{6,11}}{_ALONE_AFTER}", _always("evp"), 20),
    _shape(rf"{_ALONE_BEFORE}(?=[0-9]*[a-f])[0-9a-f]{{32}}{_ALONE_AFTER}", _always("evp"), 2, least_length=32),
    _shape(r"\bBR[0-9]{2}(?: ?[0-9]{4}){5} ?[0-9]{3} ?[a-z] ?[0-9a-z]\b", _where("iban", iban_ok), 25),
    _shape(r"\bBR[0-9]{2}(?: ?[0-9]){23} ?[a-z] ?[0-9a-z]\b", _where("iban", iban_ok), 25),
    _shape(rf"{_NO_DIGIT_BEFORE}[0-9](?:[ .-]{{0,2}}[0-9]){{43,47}}{_NO_DIGIT_AFTER}", _long_line, 44),
    _shape(
        rf"{_ALONE_BEFORE}[0-9a-z]{{2}}\.?[0-9a-z]{{3}}\.?[0-9a-z]{{3}}/[0-9a-z]{{4}}-?[0-9]{{2}}{_NO_DIGIT_AFTER}",
        _slashed_firm,
        2,
        "/",
    ),
    _shape(
        rf"{_NO_DIGIT_BEFORE}{_D}{{4}}[ .-]?{_D}{{4}}[ .-]?{_D}{{4}}[ .-]?{_D}{{4}}(?!{_D})",
        _masked("card", 16),
        4,
        MASK,
    ),
    _shape(
        rf"{_NO_DIGIT_BEFORE}{_D}{{2}}\.?{_D}{{3}}\.?{_D}{{3}}/?{_D}{{4}}-?{_D}{{2}}(?!{_D})",
        _masked("cnpj", 14),
        2,
        MASK,
    ),
    _shape(
        rf"{_NO_DIGIT_BEFORE}0?[0-9]{{2}}[ .-]?[0-9]{{3}}[ .-]?[0-9]{{3}}[ ./-]?[0-9]{{4}}[ ./-]?[0-9]{{2}}"
        rf"{_NO_DIGIT_AFTER}",
        _firm,
        14,
    ),
    _shape(
        rf"{_ALONE_BEFORE}[0-9a-z]{{2}}[ .-]?[0-9a-z]{{3}}[ .-]?[0-9a-z]{{3}}[ ./-]?[0-9a-z]{{4}}[ ./-]?[0-9]{{2}}"
        rf"{_ALONE_AFTER}",
        _lettered_firm,
        3,
        least_length=14,
    ),
    _shape(
        rf"{_NO_DIGIT_BEFORE}{_D}{{3}}[. ]?{_D}{{3}}[. ]?{_D}{{3}}[-/ ]?{_D}{{2}}(?!{_D})", _masked("cpf", 11), 2, MASK
    ),
    _shape(rf"{_M}{{3}}\.[0-9]{{1,3}}(?:\.[0-9]{{0,3}})?(?:-{_M}{{0,2}})?", _always("cpf"), 1, MASK),
    _shape(rf"(?<!{_M}){_M}{{2,16}}[ .-]?[0-9]{{3,4}}{_NO_DIGIT_AFTER}", _always("card"), 3, MASK),
    _shape(r"\bfin(?:al)?[ .:]+([0-9]{4})(?![0-9])", _always("card"), 4),
    _shape(r"\bcpf\W{0,4}([0-9][0-9. /-]{6,12}[0-9])(?![0-9])", _always("cpf"), 8),
    _shape(r"\b(?:pis|pasep|nis|nit)\W{0,4}([0-9][0-9. /-]{9,12}[0-9])(?![0-9])", _always("pis"), 11),
    _shape(r"\bt[ií]t(?:ulo|\.)?(?: de)? eleitor\W{0,4}([0-9][0-9 ]{8,13}[0-9])", _always("voter_id"), 10),
    _shape(rf"{_NO_DIGIT_BEFORE}[0-9]{{3}}\.[0-9]{{5}}\.[0-9]{{2}}-[0-9]{_NO_DIGIT_AFTER}", _always("pis"), 11),
    _shape(rf"{_NO_DIGIT_BEFORE}{_CPF_LIKE}{_NO_DIGIT_AFTER}", _eleven_digits, 11),
    _shape(rf"{_NO_DIGIT_BEFORE}[0-9]{{4}}(?:[ .-]?[0-9]{{4}}){{2}}[ .-]?[0-9]{{1,7}}{_NO_DIGIT_AFTER}", _card, 13),
    _shape(rf"{_NO_DIGIT_BEFORE}3[47][0-9]{{2}}[ .-]?[0-9]{{6}}[ .-]?[0-9]{{5}}{_NO_DIGIT_AFTER}", _card, 15),
    _shape(
        r"(?<![0-9.,/-])(?:\+?55[ .-]?)?\(?[0-9]{2}\)?[ .-]?9?[ ]?[0-9]{4}[ .-]?[0-9]{4}(?![0-9])", _phone, 10, "+(-"
    ),
    _shape(r"(?<![0-9.,/-])[1-9][1-9] 9[0-9]{4} [0-9]{4}(?![0-9])", _always("phone"), 11),
    _shape(rf"\b(?:{_PHONE_WORDS})\W{{0,3}}([0-9(][0-9() .-]{{6,16}}[0-9])(?![0-9])", _always("phone"), 8),
    _shape(r"(?<![0-9A-Za-z./-])9?[0-9]{4}-[0-9]{4}(?![0-9A-Za-z/-])", _local_phone, 8, "-"),
    _shape(r"(?<![0-9A-Za-z./-])[0-9]{2}\.?[0-9]{3}-[0-9]{3}(?![0-9A-Za-z-])", _always("cep"), 8, "-"),
    _shape(r"\bcep\W{0,3}([0-9]{5}[ -]?[0-9]{3})(?![0-9])", _always("cep"), 8),
    _shape(r"(?<![0-9A-Za-z])[a-z]{3}-?[0-9][0-9a-j][0-9]{2}(?![0-9A-Za-z/.,-])", _plate, 3),
    _shape(r"\bplacas?\W{0,3}([a-z]{3}[ -]?[0-9][0-9a-j][0-9]{2})(?![0-9A-Za-z])", _always("plate"), 3),
    _shape(rf"(?<![0-9/.-]){_BRANCHED}{_ALONE_AFTER}", _account, 9, "-"),
    _shape(
        r"\bag(?:[eê]ncia|[eê]nc|encia)?\b\.?[ :.nº°]{0,4}([0-9]{1,5}(?:-[0-9x])?)(?![0-9/,])", _always("agency"), 1
    ),
    _shape(rf"\b(?:{_ACCOUNT_WORDS})\b\.?[ :.nº°]{{0,4}}([0-9][0-9.]{{2,15}}(?:-[0-9x])?)(?![0-9/,])", _account, 3),
    _shape(r"(?<![0-9A-Za-z./-])[0-9]{4,13}-[0-9x](?![0-9A-Za-z-])", _account, 5, "-"),
)
NUMBER = _shape(
    r"(?<![0-9A-Za-z])(?<![0-9][.,/-])(?=[a-z]{0,12}+[0-9])[0-9a-z]++(?:[./-][0-9]++)*+(?!,[0-9])", _number, 5
)
"""Any other number of five digits or more: documents, orders, authentications."""

__all__ = ["MASK", "NUMBER", "SHAPES", "IdentifierKind", "Shape"]
