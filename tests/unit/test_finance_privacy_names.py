"""Names of persons are found by the gazetteer, and invented words are nobody's."""

import pytest

from contrapeso.finance import normalize_description
from contrapeso.finance.privacy import (
    GIVEN_NAMES,
    SURNAMES,
    Pseudonyms,
    find_identifiers,
    find_names,
    generic_words,
    in_style_of,
    invented_words,
    name_words,
    scrub,
)


def test_the_gazetteer_is_large_normalised_and_without_repeats() -> None:
    assert len(GIVEN_NAMES) >= 500
    assert len(SURNAMES) >= 300
    assert len(set(GIVEN_NAMES)) == len(GIVEN_NAMES)
    assert all(normalize_description(word) == word and " " not in word for word in name_words())
    assert {"joao", "maria", "conceicao", "goncalves", "silva"} <= name_words()


def test_the_gazetteer_has_no_word_of_an_instrument_or_of_all_firms() -> None:
    assert not name_words() & {"pix", "ted", "boleto", "tarifa", "juros", "imposto", "saldo", "conta"}
    assert name_words() & generic_words() == {"sa"}  # Sá, and S.A.


def test_invented_words_are_many_and_in_no_gazetteer() -> None:
    words = [normalize_description(word) for word in invented_words()]
    assert len(set(words)) == len(words) > 2_000
    assert not set(words) & (name_words() | generic_words())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("PIX ENVIADO JOAO DA SILVA", ["JOAO DA SILVA"]),
        ("Pix recebido - José Carlos dos Santos Júnior 03/12", ["José Carlos dos Santos Júnior"]),
        ("TED MARIA A. SOUZA / ANA LIMA", ["MARIA A. SOUZA", "ANA LIMA"]),
        ("PIX 52998224725JOAO SILVA", ["JOAO SILVA"]),
        ("TARIFA PACOTE", []),
        ("PADARIA SANTOS", []),
        ("PIX JOAO", []),
        ("", []),
    ],
)
def test_a_person_is_a_given_name_and_another_name(text: str, names: list[str]) -> None:
    assert [found.text for found in find_names(text)] == names


def test_unknown_surnames_are_taken_only_when_asked_for() -> None:
    text = "PIX ENVIADO OTTO QUINTARELO LTDA"
    assert find_names(text) == ()
    [found] = find_names(text, unknown=True)
    assert found.text == "OTTO QUINTARELO"
    assert found.key == "otto quintarelo"


@pytest.mark.parametrize(
    ("old", "styled"),
    [("JOAO SILVA", "INES ARAUJO"), ("JOÃO SILVA", "INÊS ARAÚJO"), ("joao", "inês araújo"), ("João", "Inês Araújo")],
)
def test_a_pseudonym_takes_the_style_of_the_text_that_it_replaces(old: str, styled: str) -> None:
    assert in_style_of("Inês Araújo", old) == styled


def test_scrubbing_replaces_persons_and_numbers_and_keeps_the_rest() -> None:
    text = "PIX ENVIADO 03/12 JOAO CARLOS SILVA 529.982.247-25 NF 148422 joao@gmail.com"
    names = Pseudonyms([text], random_state=3)
    new = scrub(text, names)
    assert new == scrub(text, names)
    assert new.startswith("PIX ENVIADO 03/12 ")
    for real in ("JOAO", "529", "148422", "gmail"):
        assert real not in new
    real_keys = {found.key for found in find_identifiers(text, numbers=True)}
    assert not real_keys & {found.key for found in find_identifiers(new, numbers=True)}
    assert scrub("TARIFA PACOTE 03/2024", names) == "TARIFA PACOTE 03/2024"
