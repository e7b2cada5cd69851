"""normalize_description: one spelling for what is the same, two for what is not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contrapeso.finance._text import normalize_description

# Letters with a mark, and what a keyboard without dead keys would have typed.
PORTUGUESE = dict(zip("áàâãäéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÇ", "aaaaaeeiooouucaaaaeeiooouc", strict=True))


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("  PIX  ENVIADO\tJOÃO   DA SILVA ", "pix enviado joao da silva"),
        ("Tarifa Pacote Serviços 03/12", "tarifa pacote servicos 03/12"),
        ("UBER *TRIP", "uber *trip"),
        ("PAGTO S&P 1.234,56", "pagto s&p 1.234,56"),
        ("Crédito \u2013 Conta\u00a0Salário", "credito - conta salario"),
        ("TED RECEBIDA - ", "ted recebida"),
        ("DOC", "doc"),
        ("PAG\u200bTO\u00ad BOLETO", "pagto boleto"),
        ("a\x00b", "a b"),
        ("", ""),
        (" - ", ""),
    ],
)
def test_known_descriptions_have_one_spelling(raw, normal):
    assert normalize_description(raw) == normal


@pytest.mark.parametrize("word", ["PIX", "TED", "DOC", "SAQUE", "BOLETO", "TARIFA"])
def test_the_word_of_the_instrument_is_never_stripped(word):
    assert normalize_description(f"{word} FULANO").split() == [word.lower(), "fulano"]


@pytest.mark.parametrize(("one", "other"), [("darf 01/2024", "darf 01 2024"), ("a-b", "a b"), ("10", "1,0")])
def test_punctuation_with_a_meaning_keeps_descriptions_apart(one, other):
    assert normalize_description(one) != normalize_description(other)


@given(st.text())
@example("ﬁlial ½ ẞ İ")
@example("\u13a0\uab70")
@example("a\u200b\u0301 - -")
def test_normalizing_twice_changes_nothing(text):
    once = normalize_description(text)
    assert normalize_description(once) == once
    assert once == " ".join(once.split())


@given(st.text(alphabet="".join(PORTUGUESE) + "abc XYZ/*&.09", max_size=40))
def test_accents_and_case_never_tell_two_descriptions_apart(text):
    plain = "".join(PORTUGUESE.get(char, char) for char in text)
    assert normalize_description(text) == normalize_description(plain.upper()) == normalize_description(plain.lower())
