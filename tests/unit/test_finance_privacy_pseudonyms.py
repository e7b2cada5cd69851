"""A pseudonym is the same for the same key, and never a real name, part of one, or a real number."""

import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import InvalidParameterError, UnmetConditionsError
from contrapeso.finance import normalize_description
from contrapeso.finance.privacy import (
    GIVEN_NAMES,
    SURNAMES,
    Pseudonyms,
    content_words,
    find_identifiers,
    identifier_key,
    is_cnpj,
    is_cpf,
    is_pis,
    luhn_ok,
    real_texts,
)

KEYS = st.text(min_size=0, max_size=20)
NAMES = st.lists(st.sampled_from([*GIVEN_NAMES[:12], *SURNAMES[:12]]), min_size=1, max_size=4).map(" ".join)
METHODS = ("person", "firm", "cpf", "cnpj", "account", "phone", "email", "evp")


@given(st.sampled_from(METHODS), KEYS, st.lists(NAMES, max_size=4), st.integers(0, 3))
def test_the_same_key_and_seed_give_the_same_pseudonym_in_any_order(method: str, key: str, real, seed: int) -> None:
    one, other = Pseudonyms(real, seed), Pseudonyms(reversed(real), seed)
    other.person("somebody else")
    other.firm(key + "x")
    assert getattr(one, method)(key) == getattr(other, method)(key) == getattr(one, method)(key)


def test_another_seed_or_other_real_texts_give_other_pseudonyms() -> None:
    """A guessed name cannot be confirmed from the seed alone."""
    keys = [f"payee {i}" for i in range(50)]
    made = {tuple(map(Pseudonyms(real, seed).person, keys)) for real in ((), ("Ana Lima",)) for seed in (0, 1)}
    assert len(made) == 4
    assert all(len(set(names)) >= 49 for names in made)


def test_without_a_seed_every_object_has_its_own_secret() -> None:
    assert [Pseudonyms().person(str(i)) for i in range(20)] != [Pseudonyms().person(str(i)) for i in range(20)]


@settings(max_examples=30)
@given(st.lists(NAMES, min_size=1, max_size=60), st.integers(0, 100))
def test_no_two_words_of_a_real_name_come_back_in_their_order(real: list[str], seed: int) -> None:
    names = Pseudonyms(real, seed)
    pairs = {pair for name in real for pair in combinations(content_words(name), 2)}
    for key in range(40):
        words = content_words(names.person(str(key)))
        assert not pairs & set(combinations(words, 2))
        assert normalize_description(names.person(str(key))) not in map(normalize_description, real)


def test_even_where_all_pairs_of_the_gazetteer_are_real_there_are_names_left() -> None:
    real = [f"{given} {surname}" for given in GIVEN_NAMES for surname in SURNAMES[::2]]
    names = Pseudonyms(real, 0)
    forbidden = set(map(content_words, real))
    for key in range(200):
        words = content_words(names.person(str(key)))
        assert not forbidden & set(combinations(words, 2))


def test_a_cut_pseudonym_is_no_cut_real_name() -> None:
    real = ["JOAO SIL", "Maria Sou", "ANA L"]
    names = Pseudonyms(real, 0)
    for key in range(3000):
        words = content_words(names.person(str(key)))
        for first, second in combinations(words, 2):
            assert not (first == "joao" and second.startswith("sil"))
            assert not (first == "ana" and second.startswith("l"))


@given(KEYS, st.lists(st.sampled_from(["Auto", "Posto", "Padaria", "Ltda", "ME"]), max_size=3, unique=True))
def test_a_firm_keeps_its_shared_words_and_gets_an_invented_one(key: str, keep: list[str]) -> None:
    real = ["Posto Marambeia", "Padaria Sol Ltda"]
    firm = Pseudonyms(real, 0).firm(key, keep)
    assert [word for word in firm.split() if word in keep] == keep
    assert not {"marambeia", "sol"} & set(content_words(firm))
    assert len(content_words(firm)) > len([word for word in keep if word])


def test_kept_words_that_are_a_whole_real_name_are_not_all_kept() -> None:
    names = Pseudonyms(["Auto Posto"], 0)
    assert "auto posto" not in normalize_description(names.firm("x", ["Auto", "Posto"]))
    assert "auto posto" in normalize_description(Pseudonyms([], 0).firm("x", ["auto", "posto"]))


@given(KEYS)
def test_numbers_of_persons_and_firms_are_masked_unless_asked_otherwise(key: str) -> None:
    names = Pseudonyms([], 1)
    assert re.fullmatch(r"\*{3}\.\d{3}\.\d{3}-\*{2}", names.cpf(key))
    assert re.fullmatch(r"\*{2}\.\d{3}\.\d{3}/0001-\*{2}", names.cnpj(key))
    assert re.fullmatch(r"\*{3}\d{2}-\d", names.account(key))
    assert re.fullmatch(r"\(\d{2}\) 9\*{4}-\d{4}", names.phone(key))
    assert is_cpf(names.cpf(key, masked=False))
    assert is_cnpj(names.cnpj(key, masked=False))
    assert is_cnpj(names.cnpj(key, masked=False, alphanumeric=True))
    assert names.cpf(key, masked=False)[4:11] != names.cpf(key)[4:11] or key is None
    assert names.email(key).endswith("@example.com")
    [found] = find_identifiers(names.evp(key))
    assert found.kind == "evp"


def test_a_masked_cpf_never_shows_the_digits_of_a_real_one() -> None:
    first = Pseudonyms([], 0)
    taken = {first.cpf(str(i)) for i in range(300)}
    real = [f"123{middle[4:7]}{middle[8:11]}00" for middle in taken]
    names = Pseudonyms([f"CPF {number}" for number in real], 0)
    assert not taken & {names.cpf(str(i)) for i in range(3000)}


SHAPES = st.from_regex(r"\A(NF |S|)[0-9]{1,12}([-./][0-9]{1,4})?\Z") | st.sampled_from(
    ["9999-0000", "ABC1D23", "abc-1234", "0012/45871-3", "000123456", "529.982.247-25", "4111 1111 1111 1111", ""]
)


@given(SHAPES, KEYS)
def test_a_number_keeps_its_shape_and_belongs_to_nobody(text: str, key: str) -> None:
    made = Pseudonyms([text], 5).number_like(text, key)
    assert len(made) == len(text)
    for old, new in zip(text, made, strict=True):
        assert (old.isdigit() and (new.isdigit() or new == "*")) or (old.isalpha() and new.isalpha()) or old == new
        assert old.isupper() == new.isupper()
    if any(sign.isdigit() for sign in text):
        assert made != text
    assert not any(judge(made) for judge in (is_cpf, is_cnpj, is_pis, luhn_ok))


def test_leading_zeros_words_in_front_and_years_behind_stay() -> None:
    names = Pseudonyms([], 0)
    assert names.number_like("NF 000148422", "k").startswith("NF 000")
    assert names.number_like("NF 000148422", "k")[6] != "0"
    assert names.number_like("12345/2024", "k").endswith("/2024")
    assert names.number_like("ABC1D23", "k")[:3] != "ABC"


@settings(max_examples=30)
@given(st.sets(st.from_regex(r"\A[0-9]{5}\Z"), min_size=1, max_size=50), st.integers(0, 20))
def test_no_number_is_a_real_one_in_any_punctuation(real: set[str], seed: int) -> None:
    names = Pseudonyms([f"NF {number}" for number in real], seed)
    keys = {identifier_key(number) for number in real}
    for text in ("12345", "1234-5", "12.345"):
        for key in range(20):
            assert identifier_key(names.number_like(text, str(key))) not in keys


def test_where_every_number_of_a_shape_is_real_the_digits_are_masked() -> None:
    names = Pseudonyms([str(i) for i in range(10)], 0)
    assert names.number_like("7", "k") == "*"


def test_identifiers_of_every_kind_are_replaced_by_their_like() -> None:
    text = "529.982.247-25 11.222.333/0001-81 a@b.com.br ***.123.456-** +55 11 98765-4321 AG 1234 CC 45871-3"
    names = Pseudonyms([text], 0)
    for found in find_identifiers(text):
        made = names.identifier(found, found.key)
        assert identifier_key(made) != found.key
        [again] = find_identifiers(f"{'CC ' if found.kind == 'account' else ''}{made}") or [None]
        if found.kind in {"cpf", "cnpj", "email", "phone"}:
            assert again is not None
            assert again.kind == found.kind
    assert names.cpf("k") != names.cpf("l")


def test_real_texts_are_the_names_and_identifiers_of_descriptions() -> None:
    rows = ["PIX JOAO SILVA ***.123.456-**", "NF 148422 OTTO QUINTARELO", "TARIFA PACOTE"]
    found = real_texts(rows, names=["Padaria Sol"])
    assert found == {"JOAO SILVA", "***.123.456-**", "148422", "OTTO QUINTARELO", "Padaria Sol"}


def test_bad_arguments_are_errors_with_a_way_out() -> None:
    with pytest.raises(InvalidParameterError, match="put it into a list"):
        Pseudonyms("joao silva", 0)
    with pytest.raises(InvalidParameterError, match="at least 2"):
        Pseudonyms([], 0).person("k", n_words=1)


def test_when_nothing_is_free_the_error_tells_how_many_texts_are_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contrapeso.finance.privacy._pseudonyms.invented_words", lambda: ("Tarumba",))
    with pytest.raises(UnmetConditionsError, match="1 texts are forbidden"):
        Pseudonyms(["Tarumba"], 0).firm("k")


def test_an_object_does_not_show_the_real_names_when_it_is_printed() -> None:
    assert "Quintarelo" not in repr(Pseudonyms(["Otto Quintarelo"], 0))
