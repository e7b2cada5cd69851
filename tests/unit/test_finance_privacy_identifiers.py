"""Identifiers are found in the spellings of real statements, and dates, amounts and codes are left alone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.finance.privacy import (
    Identifier,
    cnpj_check_digits,
    cpf_check_digits,
    find_identifiers,
    find_names,
    identifier_key,
    luhn_check_digit,
)

SPELLINGS = [
    ("PIX RECEBIDO 529.982.247-25 JOAO", "cpf", "52998224725"),
    ("PIX 52998224725JOAO SILVA", "cpf", "52998224725"),
    ("Pix 529 982 247 25", "cpf", "52998224725"),
    ("Pix CPF:529982247-25", "cpf", "52998224725"),
    ("TRANSF CPF 12345678900 (digitado errado)", "cpf", "12345678900"),
    ("Pix - Recebido 03/12 10:22 00052998224725 JOAO", "cpf", "52998224725"),
    ("PIX RECEBIDO - KATIA ***.369.793-**", "cpf", "***369793**"),
    ("Kátia ***369793**", "cpf", "***369793**"),
    ("JOAO DA SILVA - •••.369.793-•• - BANCO", "cpf", "***369793**"),
    ("Kátia XXX.369.793-XX", "cpf", "***369793**"),
    ("Kátia 123.***.***-09", "cpf", "123******09"),
    ("Pix recebido - Kátia Hortaliz ***.369.7", "cpf", "***3697"),
    ("TED 11.222.333/0001-81 X LTDA", "cnpj", "11222333000181"),
    ("TED 11.222.333/0001-99 digito errado", "cnpj", "11222333000199"),
    ("TED 11222333000181 X", "cnpj", "11222333000181"),
    ("TED 11 222 333 0001 81", "cnpj", "11222333000181"),
    ("TED 11222333/0001-81", "cnpj", "11222333000181"),
    ("TED 12.ABC.345/01DE-35", "cnpj", "12abc34501de35"),
    ("ted 12abc34501de35 y", "cnpj", "12abc34501de35"),
    ("EMPRESA 12.345.***/0001-**", "cnpj", "12345***0001**"),
    ("COMPRA 4111 1111 1111 1111", "card", "4111111111111111"),
    ("COMPRA 4111111111111111 LOJA", "card", "4111111111111111"),
    ("COMPRA 3782 822463 10005", "card", "378282246310005"),
    ("COMPRA CARTAO **** 1234", "card", "****1234"),
    ("COMPRA CARTAO FINAL 1234", "card", "1234"),
    ("COMPRA 4111XXXXXXXX1111", "card", "4111********1111"),
    ("PIX joao.silva@gmail.com", "email", "joaosilva@gmailcom"),
    ("PIX JOAO.SILVA@GMA", "email", "joaosilva@gma"),
    ("PIX +55 11 98765-4321", "phone", "11987654321"),
    ("PIX +5511987654321", "phone", "11987654321"),
    ("TEL (11) 3456-7890", "phone", "1134567890"),
    ("PIX 11987654321", "phone", "11987654321"),
    ("PIX 11 98765 4321", "phone", "11987654321"),
    ("Oi Fixo 9999-0000", "phone", "99990000"),
    ("PIX 123e4567-e89b-12d3-a456-426614174000", "evp", "123e4567e89b12d3a456426614174000"),
    ("PIX E12345678202401011234abcdefghijk", "evp", "e12345678202401011234abcdefghijk"),
    ("FRETE CEP 01310-100", "cep", "01310100"),
    ("IPVA ABC1D23", "plate", "abc1d23"),
    ("Multa placa abc-1234", "plate", "abc1234"),
    ("Multa placa ABC 1234", "plate", "abc1234"),
    ("PIS 120.45637.89-3", "pis", "12045637893"),
    ("CH AG 1234-5", "agency", "12345"),
    ("Agência: 0012", "agency", "0012"),
    ("CONTA CORRENTE 45871", "account", "45871"),
    ("C/C 45.871-3", "account", "458713"),
    ("TRANSF 0012/45871-3", "account", "0012458713"),
    ("TED PARA 45871-X", "account", "45871*"),
    (
        "23793.38128 60007.827136 95000.063305 9 75520000370000",
        "boleto",
        "23793381286000782713695000063305975520000370000",
    ),
    ("BR18 0036 0305 0000 1000 9795 493C 1", "iban", "br1800360305000010009795493c1"),
]


@pytest.mark.parametrize(("text", "kind", "key"), SPELLINGS)
def test_a_spelling_of_a_real_statement_is_found_once(text: str, kind: str, key: str) -> None:
    [found] = find_identifiers(text)
    assert (found.kind, found.key) == (kind, key)
    assert text[found.start : found.end] == found.text
    [same] = find_identifiers(text, numbers=True)
    assert same == found


@pytest.mark.parametrize(
    "text",
    [
        "", "TARIFA PACOTE", "Parcela 03/36 03/12/2024", "DARF 0220 03/2024", "R$ 12.345,67", "1.234.567,89",
        "20240315 052024", "exercicio 2020-2021", "ISS 2024-01", "JAN-2024", "13º SALÁRIO 1/2", "NFE1234", "UBER *TRIP",
        "max 123 xxx 22", "EXTRA 1234 BOX 12", "SAQUE 24H", "2024-01-15", "1/2/2024", "TAR DOC 4.999,99-",
        "CIL 2620", "VOO 0058",
    ],
)  # fmt: skip
def test_dates_amounts_and_codes_are_no_identifiers(text: str) -> None:
    assert find_identifiers(text, numbers=True) == ()


@pytest.mark.parametrize("text", ["NF 148422", "SISPAG FACIL 133203", "BREWERS FAYRE 40521550", "PED 12345/2024"])
def test_document_numbers_are_found_when_asked_for(text: str) -> None:
    assert find_identifiers(text) == ()
    [found] = find_identifiers(text, numbers=True)
    assert found.kind == "number"


def test_several_identifiers_come_from_left_to_right_without_overlap() -> None:
    text = "Pix - JOAO - •••.123.456-•• - NU PAGAMENTOS (0260) Agência: 1 Conta: 1234567-8 NF 148422"
    found = find_identifiers(text, numbers=True)
    assert [one.kind for one in found] == ["cpf", "agency", "account", "number"]
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert [one.masked for one in found] == [True, False, False, False]


def test_an_identifier_does_not_show_its_text_when_it_is_printed() -> None:
    found = find_identifiers("PIX 529.982.247-25 joao@gmail.com")
    assert "529" not in repr(found)
    assert "joao" not in repr(found)
    [person] = find_names("PIX JOAO SILVA")
    assert "JOAO" not in repr(person)


WORDS = st.lists(st.sampled_from(["PIX", "TED", "ENVIADO", "Loja", "03/12", "São"]), max_size=3).map(" ".join)
DIGITS = st.text("0123456789", min_size=9, max_size=9)


@given(WORDS, DIGITS, st.sampled_from(["{}.{}.{}-{}", "{}{}{}{}", "{} {} {} {}", "{}.{}.{}/{}", "{}{}{}-{}"]), WORDS)
def test_every_valid_cpf_is_found_wherever_it_stands(before: str, base: str, form: str, after: str) -> None:
    if len(set(base)) == 1:
        return
    number = base + cpf_check_digits(base)
    text = f"{before} {form.format(number[:3], number[3:6], number[6:9], number[9:])} {after}"
    assert ("cpf", number) in {(found.kind, found.key) for found in find_identifiers(text)}


@given(WORDS, st.text("0123456789ABCDEFGHJKLMNP", min_size=12, max_size=12), st.sampled_from([True, False]), WORDS)
def test_every_valid_cnpj_with_a_digit_in_its_root_is_found(before: str, base: str, dotted: bool, after: str) -> None:
    if len(set(base)) == 1 or not any(sign.isdigit() for sign in base) or base.startswith("000"):
        return
    number = base + cnpj_check_digits(base)
    form = f"{number[:2]}.{number[2:5]}.{number[5:8]}/{number[8:12]}-{number[12:]}" if dotted else number
    found = find_identifiers(f"{before} {form} {after}")
    assert number.lower() in {one.key for one in found}


@given(st.sampled_from("2345"), st.text("0123456789", min_size=14, max_size=14), st.sampled_from([" ", "-", ""]))
def test_every_card_number_is_found(first: str, rest: str, gap: str) -> None:
    number = first + rest + luhn_check_digit(first + rest)
    text = gap.join(number[start : start + 4] for start in range(0, 16, 4))
    assert number in {found.key for found in find_identifiers(f"COMPRA {text} LOJA", numbers=True)}


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_taken_and_spans_point_into_it(text: str) -> None:
    for found in find_identifiers(text, numbers=True):
        assert isinstance(found, Identifier)
        assert text[found.start : found.end] == found.text
        assert identifier_key(found.text).endswith(found.key)


@pytest.mark.parametrize("piece", ["1", "a", "1 ", "*", "x", "1.1", "a1", "(11", "cpf ", "Maria ", "@", "AG 1 "])
def test_a_huge_description_is_searched_in_linear_time(piece: str) -> None:
    """A quadratic pattern would take minutes here; the test has no clock and would simply not end."""
    text = piece * 20_000
    for end in ("", "1", "@", ",5"):
        find_identifiers(text + end, numbers=True)
        find_names(text + end, unknown=True)
