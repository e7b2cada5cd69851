"""Check digits agree with a second, slow way to compute them, and catch every mistyped digit that they promise to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.errors import InvalidParameterError
from contrapeso.finance.privacy import (
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

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digits(n: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=n, max_size=n)


def slow_cpf(base: str) -> str:
    """The schoolbook rule: ten times the sum, modulo 11, modulo 10."""
    for heaviest in (10, 11):
        total = 0
        for place in range(heaviest - 1):
            total += int(base[place]) * (heaviest - place)
        base += str(total * 10 % 11 % 10)
    return base[-2:]


def slow_cnpj(base: str) -> str:
    """Values from a table, weights 2 to 9 counted from the right and begun again."""
    value = {sign: number for number, sign in enumerate(DIGITS)} | {sign: 17 + n for n, sign in enumerate(LETTERS)}
    for _ in range(2):
        total, weight = 0, 2
        for sign in reversed(base):
            total += value[sign] * weight
            weight = 2 if weight == 9 else weight + 1
        base += str(0 if total % 11 in {0, 1} else 11 - total % 11)
    return base[-2:]


def slow_luhn(number: str) -> bool:
    total = 0
    for place, sign in enumerate(reversed(number)):
        digit = int(sign)
        if place % 2:
            digit = sum(map(int, str(2 * digit)))
        total += digit
    return total % 10 == 0


def slow_ten(part: str) -> str:
    return next(digit for digit in DIGITS if slow_luhn(part + digit))


def slow_eleven(part: str) -> int:
    weights = [2, 3, 4, 5, 6, 7, 8, 9] * 6
    return sum(int(digit) * weight for digit, weight in zip(reversed(part), weights, strict=False)) % 11


@given(digits(9))
def test_cpf_digits_agree_with_the_schoolbook(base: str) -> None:
    assert cpf_check_digits(base) == slow_cpf(base)


@given(st.text(DIGITS + LETTERS, min_size=12, max_size=12))
def test_cnpj_digits_agree_with_the_table_for_digits_and_letters(base: str) -> None:
    assert cnpj_check_digits(base) == slow_cnpj(base)


@given(digits(10))
def test_pis_digit_agrees_with_the_schoolbook(base: str) -> None:
    total = sum(int(digit) * int(weight) for digit, weight in zip(base, "3298765432", strict=True))
    assert pis_check_digit(base) == str({10: 0, 11: 0}.get(11 - total % 11, 11 - total % 11))


@given(digits(15))
def test_luhn_digit_agrees_with_digit_sums(base: str) -> None:
    number = base + luhn_check_digit(base)
    assert slow_luhn(number)
    assert luhn_ok(number)
    assert [luhn_ok(base + digit) for digit in DIGITS].count(True) == 1


@pytest.mark.parametrize(
    ("number", "judge"),
    [
        ("529.982.247-25", is_cpf),
        ("11.222.333/0001-81", is_cnpj),
        ("12.ABC.345/01DE-35", is_cnpj),  # the worked example of the Receita Federal
        ("12abc34501de35", is_cnpj),
        ("4111 1111 1111 1111", luhn_ok),
        ("3782 822463 10005", luhn_ok),
        ("BR1800360305000010009795493C1", iban_ok),  # the example of the IBAN registry
        ("23793.38128 60007.827136 95000.063305 9 75520000370000", boleto_ok),
        ("001905009 5 40144816069 0 6809350314 3 37370000000100".replace(" ", ""), boleto_ok),
    ],
)
def test_known_numbers_pass(number: str, judge) -> None:
    assert judge(number)


@pytest.mark.parametrize("judge", [is_cpf, is_cnpj, is_pis, is_voter_id, luhn_ok, boleto_ok, nfe_key_ok, iban_ok])
@pytest.mark.parametrize("text", ["", "abc", "12", "۱۲۳۴۵۶۷۸۹۰۱", "1" * 5000, "***.456.789-**"])
def test_what_is_no_number_is_refused_without_an_error(judge, text: str) -> None:
    assert not judge(text)


@pytest.mark.parametrize("digit", DIGITS)
def test_numbers_of_one_digit_are_no_cpf_cnpj_or_pis(digit: str) -> None:
    assert not is_cpf(digit * 11)
    assert not is_pis(digit * 11)
    assert not is_cnpj(digit * 14)


@given(digits(9), st.integers(0, 10), st.integers(1, 9))
def test_one_mistyped_digit_of_a_cpf_is_caught(base: str, place: int, change: int) -> None:
    number = base + cpf_check_digits(base)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert not is_cpf(wrong) or "0" in number[9:]  # a check digit of 0 stands for two remainders


@pytest.mark.parametrize("base", ["", "12345678", "1234567890", "12345678a"])
def test_a_base_of_another_shape_is_an_error_that_does_not_repeat_it(base: str) -> None:
    with pytest.raises(InvalidParameterError, match="9 digits") as caught:
        cpf_check_digits(base)
    assert not base or base not in str(caught.value)


@given(digits(8), st.integers(1, 28))
def test_voter_digits_make_a_voters_number(base: str, state: int) -> None:
    number = f"{base}{state:02d}"
    number += voter_check_digits(number)
    assert is_voter_id(number)
    total = sum(int(number[i]) * (i + 2) for i in range(8)) % 11
    assert number[10] == ("1" if total == 0 and state in {1, 2} else str(total % 10))


@given(digits(3), digits(4), digits(10), digits(25))
def test_a_bank_line_built_by_hand_passes_and_its_bar_code_too(bank: str, factor: str, value: str, free: str) -> None:
    rest = slow_eleven(bank + "9" + factor + value + free)
    check = str(1 if 11 - rest in {0, 10, 11} else 11 - rest)
    fields = [bank + "9" + free[:5], free[5:15], free[15:]]
    line = "".join(field + slow_ten(field) for field in fields) + check + factor + value
    if bank[0] != "8":
        assert boleto_ok(line)
        assert boleto_ok(bank + "9" + check + factor + value + free)
        wrong = str((int(line[9]) + 1) % 10)
        assert not boleto_ok(line[:9] + wrong + line[10:])


@given(st.sampled_from("6789"), digits(41))
def test_a_bill_built_by_hand_passes(kind: str, rest: str) -> None:
    def check(part: str) -> str:
        if kind in "67":
            return slow_ten(part)
        remainder = slow_eleven(part)
        return {0: "0", 1: "0", 10: "1"}.get(remainder, str(11 - remainder))

    code = "81" + kind + check("81" + kind + rest[:40]) + rest[:40]
    line = "".join(code[start : start + 11] + check(code[start : start + 11]) for start in range(0, 44, 11))
    assert boleto_ok(code)
    assert boleto_ok(line)


@given(digits(37))
def test_the_key_of_an_invoice_built_by_hand_passes(rest: str) -> None:
    body = "352403" + rest
    remainder = slow_eleven(body)
    assert nfe_key_ok(body + str(0 if remainder < 2 else 11 - remainder))


@given(digits(23), st.sampled_from(LETTERS), st.sampled_from(LETTERS + DIGITS))
def test_an_iban_with_its_check_digits_passes(account: str, kind: str, owner: str) -> None:
    value = "".join(str(int(sign, 36)) for sign in f"{account}{kind}{owner}BR00")
    check = f"{98 - int(value) % 97:02d}"
    assert iban_ok(f"BR{check}{account}{kind}{owner}")
    assert not iban_ok(f"BR{(int(check) + 1) % 97:02d}{account}{kind}{owner}")
