"""Check digits of the numbers that Brazilian statements print: CPF, CNPJ, PIS, voter, card, boleto, NF-e and IBAN.

All but the card and the IBAN are weighted sums modulo 11. A number in which one digit is repeated passes the CPF and
PIS arithmetic and is never issued; it is refused here. Functions that judge take any punctuation between the digits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from contrapeso.errors import InvalidParameterError

_SEPARATORS = re.compile(r"[\s./\-]+")
_DIGITS = re.compile(r"[0-9]+")
_CNPJ_BASE = re.compile(r"[0-9A-Z]{12}")
_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
_IBAN = re.compile(r"BR[0-9]{25}[A-Z][0-9A-Z]")

_CNPJ_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_PIS_WEIGHTS = (3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_SAO_PAULO_AND_MINAS = ("01", "02")


def compact(text: str) -> str:
    """``text`` in upper case without blanks, dots, slashes and hyphens.

    >>> compact("12.abc.345/01de-35")
    '12ABC34501DE35'
    """
    return _SEPARATORS.sub("", text).upper()


def cpf_check_digits(base: str) -> str:
    """The two check digits of a CPF whose first nine digits are ``base``.

    Raises
    ------
    InvalidParameterError
        ``base`` is not nine digits.

    Examples
    --------
    >>> cpf_check_digits("529982247")
    '25'
    """
    _need(base, _DIGITS, 9, "The base of a CPF is 9 digits")
    first = _cpf_digit(base, range(10, 1, -1))
    return first + _cpf_digit(base + first, range(11, 1, -1))


def cnpj_check_digits(base: str) -> str:
    """The two check digits of a CNPJ whose first twelve signs are ``base``: digits, or capital letters since July 2026.

    A sign weighs its ASCII code less 48 (``A`` is 17), so that a number of digits alone keeps its check digits [1]_.

    Raises
    ------
    InvalidParameterError
        ``base`` is not twelve signs of 0-9 and A-Z.

    References
    ----------
    .. [1] Receita Federal, Instrução Normativa RFB 2.229 (2024), anexo; Nota Técnica COCAD 49/2024.

    Examples
    --------
    >>> cnpj_check_digits("112223330001"), cnpj_check_digits("12ABC34501DE")
    ('81', '35')
    """
    _need(base, _CNPJ_BASE, 12, "The base of a CNPJ is 12 signs of 0-9 and A-Z")
    first = _eleven(base, _CNPJ_WEIGHTS[1:])
    return first + _eleven(base + first, _CNPJ_WEIGHTS)


def pis_check_digit(base: str) -> str:
    """The check digit of a PIS, PASEP or NIS whose first ten digits are ``base``.

    >>> pis_check_digit("1204563789")
    '3'
    """
    _need(base, _DIGITS, 10, "The base of a PIS is 10 digits")
    return _eleven(base, _PIS_WEIGHTS)


def voter_check_digits(base: str) -> str:
    """The two check digits of a voter's number (título de eleitor): eight digits and the two of the state.

    In São Paulo (01) and Minas Gerais (02) a remainder of 0 gives the digit 1.

    >>> voter_check_digits("1023850106")
    '71'
    """
    _need(base, _DIGITS, 10, "The base of a voter's number is 10 digits")
    state = base[8:]
    first = _voter_digit(base[:8], range(2, 10), state)
    return first + _voter_digit(state + first, range(7, 10), state)


def luhn_check_digit(base: str) -> str:
    """The digit that makes ``base`` pass the test of Luhn.

    >>> luhn_check_digit("7992739871")
    '3'
    """
    _need(base, _DIGITS, len(base), "A card number is digits")
    return str(-_luhn_sum(base + "0") % 10)


def is_cpf(text: str) -> bool:
    """Whether ``text`` is a CPF: eleven digits, not all the same, with their check digits.

    >>> is_cpf("529.982.247-25"), is_cpf("529.982.247-26"), is_cpf("111.111.111-11")
    (True, False, False)
    """
    number = compact(text)
    return _is_digits(number, 11) and _varied(number) and cpf_check_digits(number[:9]) == number[9:]


def is_cnpj(text: str) -> bool:
    """Whether ``text`` is a CNPJ, of digits or alphanumeric, with its check digits.

    >>> is_cnpj("11.222.333/0001-81"), is_cnpj("12.ABC.345/01DE-35"), is_cnpj("00.000.000/0000-00")
    (True, True, False)
    """
    number = compact(text)
    if _CNPJ.fullmatch(number) is None or not _varied(number):
        return False
    return cnpj_check_digits(number[:12]) == number[12:]


def is_pis(text: str) -> bool:
    """Whether ``text`` is a PIS, PASEP or NIS with its check digit.

    >>> is_pis("120.45637.89-3")
    True
    """
    number = compact(text)
    return _is_digits(number, 11) and _varied(number) and pis_check_digit(number[:10]) == number[10]


def is_voter_id(text: str) -> bool:
    """Whether ``text`` is a voter's number: twelve digits, a state from 01 to 28 and the check digits."""
    number = compact(text)
    if not _is_digits(number, 12) or not "01" <= number[8:10] <= "28":
        return False
    return voter_check_digits(number[:10]) == number[10:]


def luhn_ok(text: str) -> bool:
    """Whether the digits of ``text`` pass the test of Luhn, which card numbers of 13 to 19 digits do.

    >>> luhn_ok("4111 1111 1111 1111"), luhn_ok("4111 1111 1111 1112")
    (True, False)
    """
    number = compact(text)
    return _DIGITS.fullmatch(number) is not None and 13 <= len(number) <= 19 and _luhn_sum(number) % 10 == 0


def boleto_ok(text: str) -> bool:
    """Whether ``text`` is a boleto with all its check digits: the line that is typed, or the bar code.

    A bank's boleto is a line of 47 digits, a bill of taxes or utilities one of 48 that begins with 8; both have a bar
    code of 44 [1]_.

    References
    ----------
    .. [1] FEBRABAN, Layout padrão de arrecadação/recebimento com utilização do código de barras, version 7.

    Examples
    --------
    >>> boleto_ok("23793.38128 60007.827136 95000.063305 9 75520000370000")
    True
    """
    number = compact(text)
    if _DIGITS.fullmatch(number) is None:
        return False
    if len(number) == 47:
        return _bank_line_ok(number)
    if len(number) == 48:
        return number[0] == "8" and _bill_line_ok(number)
    return len(number) == 44 and (_bill_code_ok(number) if number[0] == "8" else _bank_code_ok(number))


def nfe_key_ok(text: str) -> bool:
    """Whether ``text`` is the access key of an electronic invoice: 44 digits, the last of them a check digit."""
    number = compact(text)
    if not _is_digits(number, 44) or not 11 <= int(number[:2]) <= 53 or not 1 <= int(number[4:6]) <= 12:
        return False
    return _from_right(number[:43], small="0") == number[43]


def iban_ok(text: str) -> bool:
    """Whether ``text`` is a Brazilian IBAN: its number modulo 97 is 1 (ISO 13616).

    >>> iban_ok("BR18 0036 0305 0000 1000 9795 493C 1")
    True
    """
    number = compact(text)
    if _IBAN.fullmatch(number) is None:
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


def _need(base: str, shape: re.Pattern[str], length: int, rule: str) -> None:
    if shape.fullmatch(base) is None or len(base) != length:
        raise InvalidParameterError(f"{rule}, without punctuation; got {len(base)} signs of another shape.")


def _is_digits(number: str, length: int) -> bool:
    return len(number) == length and _DIGITS.fullmatch(number) is not None


def _varied(number: str) -> bool:
    return len(set(number)) > 1


def _weighted(number: str, weights: Sequence[int]) -> int:
    return sum((ord(sign) - 48) * weight for sign, weight in zip(number, weights, strict=True))


def _eleven(number: str, weights: Sequence[int]) -> str:
    """Eleven less the remainder; 0 where that has two digits."""
    rest = _weighted(number, weights) % 11
    return "0" if rest < 2 else str(11 - rest)


def _cpf_digit(number: str, weights: Sequence[int]) -> str:
    return _eleven(number, weights)


def _voter_digit(number: str, weights: Sequence[int], state: str) -> str:
    rest = _weighted(number, weights) % 11
    if rest == 0 and state in _SAO_PAULO_AND_MINAS:
        return "1"
    return "0" if rest == 10 else str(rest)


def _luhn_sum(number: str) -> int:
    doubled = (2 * int(digit) for digit in number[-2::-2])
    return sum(int(digit) for digit in number[::-2]) + sum(value - 9 if value > 9 else value for value in doubled)


def _ten(number: str) -> str:
    """Check digit modulo 10 of a field of a boleto, which is that of Luhn."""
    return str(-_luhn_sum(number + "0") % 10)


def _from_right(number: str, *, small: str) -> str:
    """Check digit modulo 11, weights 2 to 9 from the right; ``small`` where 11 less the remainder has two digits."""
    total = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(reversed(number)))
    digit = 11 - total % 11
    return small if digit > 9 else str(digit)


def _bank_line_ok(line: str) -> bool:
    fields = (line[:10], line[10:21], line[21:32])
    code = line[:4] + line[32:47] + line[4:9] + line[10:20] + line[21:31]
    return all(_ten(field[:-1]) == field[-1] for field in fields) and _bank_code_ok(code)


def _bank_code_ok(code: str) -> bool:
    return code[4] == _from_right(code[:4] + code[5:], small="1") and _varied(code)


def _bill_digit(code: str, part: str) -> str:
    """Check digit of ``part``; the third sign of a bill's code says how it is computed."""
    return _ten(part) if code[2] in "67" else _bill_eleven(part)


def _bill_eleven(part: str) -> str:
    rest = sum(int(digit) * (2 + place % 8) for place, digit in enumerate(reversed(part))) % 11
    if rest < 2:
        return "0"
    return "1" if rest == 10 else str(11 - rest)


def _bill_line_ok(line: str) -> bool:
    blocks = [line[start : start + 12] for start in range(0, 48, 12)]
    code = "".join(block[:11] for block in blocks)
    return all(_bill_digit(line, block[:11]) == block[11] for block in blocks) and _bill_code_ok(code)


def _bill_code_ok(code: str) -> bool:
    return code[2] in "6789" and _bill_digit(code, code[:3] + code[4:]) == code[3]


__all__ = [
    "boleto_ok",
    "cnpj_check_digits",
    "compact",
    "cpf_check_digits",
    "iban_ok",
    "is_cnpj",
    "is_cpf",
    "is_pis",
    "is_voter_id",
    "luhn_check_digit",
    "luhn_ok",
    "nfe_key_ok",
    "pis_check_digit",
    "voter_check_digits",
]
