"""Other public wordings of a purpose: when rows get one, which ones, and what never comes in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.finance._ledger import Ledger, ledger_of
from contrapeso.finance._text import normalize_description
from contrapeso.finance.privacy import Pseudonyms, name_words
from contrapeso.finance.templates import Templates
from contrapeso.finance.templates._kin import Rewording, families
from contrapeso.finance.templates._lexicon import PUBLIC_WORDS
from contrapeso.finance.templates._model import Style

SALES = [f"PIX RECEBIDO {name}" for name in ("JOAO SILVA", "RITA LIMA", "ANA COSTA", "BRUNO REIS")]


def ledger(wordings: dict[str, list[str]]) -> Ledger:
    texts = [text for listed in wordings.values() for text in listed]
    categories = [category for category, listed in wordings.items() for _ in listed]
    days = [f"2024-05-{1 + i % 28:02d}" for i in range(len(texts))]
    return ledger_of(days, [-100 - i for i in range(len(texts))], texts, categories=categories)


def made_of(source: Ledger, category: str, *, n: int = 300, seed: int = 0, reword: bool = True) -> list[str]:
    learned = Templates.learn(source, reword=reword)
    rows = np.resize(np.flatnonzero(source.categories == category), n)
    names, rng = Pseudonyms(learned.names, random_state=seed), np.random.default_rng(seed)
    made, slots = learned.fill(
        learned.of_row[rows], source.days[rows], source.cents[rows], learned.payees[rows], names, rng, references=rows
    )
    for text, traces in zip(made, slots, strict=True):
        told = [trace["text"] for trace in traces if trace["kind"] == "wording"]
        assert all(wording in text for wording in told)
    return list(made)


TAXES = {"Receita": SALES * 5, "Impostos": ["DAS SIMPLES NACIONAL 04/2024", "ISS 04/2024", "IPTU 2024 PARC 03/10"]}


def test_few_rows_of_a_known_purpose_get_other_wordings_of_it_and_most_keep_theirs() -> None:
    made = made_of(ledger(TAXES), "Impostos")
    own = sum(text.startswith(("DAS SIMPLES", "ISS ", "IPTU ")) for text in made)
    assert 0.5 * len(made) < own < 0.8 * len(made)
    assert any(text.startswith(("DARF ", "FGTS ", "INSS ")) for text in made)
    assert all("/" in text for text in made)


def test_without_rewording_every_literal_is_of_the_ledger() -> None:
    made = made_of(ledger(TAXES), "Impostos", reword=False)
    assert {text.split()[0] for text in made} == {"DAS", "ISS", "IPTU"}


def test_a_category_whose_wordings_were_seen_often_keeps_them() -> None:
    made = made_of(ledger(TAXES | {"Impostos": ["DAS SIMPLES NACIONAL 04/2024", "ISS 04/2024"] * 30}), "Impostos")
    assert {text.split()[0] for text in made} == {"DAS", "ISS"}


def test_wordings_of_other_categories_are_not_taken() -> None:
    made = made_of(ledger(TAXES | {"Folha": ["FGTS 04/2024", "INSS 04/2024", "FGTS DIGITAL"]}), "Impostos")
    words = {word for text in made for word in normalize_description(text).split()}
    assert not words & {"fgts", "inss"}
    assert "darf" in words


def test_a_revenue_code_keeps_its_wording() -> None:
    made = made_of(ledger(TAXES | {"Impostos": ["DARF 0561", "DARF 0561", "DARF 0561"]}), "Impostos")
    assert set(made) == {"DARF 0561"}


def test_a_category_without_a_known_purpose_keeps_its_wordings() -> None:
    made = made_of(ledger(TAXES | {"Diversos": ["COMPRA CARTAO POSTO ALFA", "PAGTO BOLETO"]}), "Diversos")
    assert {text.split()[0] for text in made} == {"COMPRA", "PAGTO"}


def test_one_category_alone_and_rows_without_category_keep_their_wordings() -> None:
    for category in ("Impostos", ""):
        assert {text[:3] for text in made_of(ledger({category: TAXES["Impostos"]}), category)} == {"DAS", "ISS", "IPT"}


def test_english_rows_get_english_wordings() -> None:
    source = ledger({"Sales": SALES * 5, "Bank fees": ["ACCOUNT FEE", "CARD FEE MAY", "Monthly fee"]})
    made = {word for text in made_of(source, "Bank fees") for word in normalize_description(text).split()}
    assert "charge" in made
    assert not made & {"tarifa", "tar", "cesta", "taxa"}


def test_no_wording_has_a_word_of_a_real_name() -> None:
    source = ledger(TAXES | {"Frete": ["PIX ENVIADO ALVARA", "PIX ENVIADO GNRE BARATA", "TED TFF"]})
    learned = Templates.learn(source)
    own = {word for name in learned.names for word in name.split()} - PUBLIC_WORDS
    made = {word for text in made_of(source, "Impostos") for word in normalize_description(text).split()}
    assert not own & made


@pytest.mark.parametrize(
    ("text", "accents", "made"),
    [("TAR TED", False, "CUSTODIA X"), ("tar ted", True, "custódia x"), ("Tar TED", True, "Custódia X")],
)
def test_a_wording_takes_case_and_accents_of_its_row(text: str, made: str, *, accents: bool) -> None:
    one = Rewording(0, 0, len(text), ("custódia X",), 1.0)
    assert one.reworded((f"{text} 12",), 0.99, Style("mixed", accents, 0)) == ((f"{made} 12",), made)


def test_wordings_are_words_without_digits_and_without_names_and_stand_in_one_family_of_a_language() -> None:
    for family in families():
        words = {word for phrase in family.wordings for word in phrase}
        assert not any(sign.isdigit() for word in words for sign in word)
        assert words & name_words() <= {"luz", "sales"}
        assert all(phrase for phrase in family.wordings)
        assert all(stem == normalize_description(stem) for stem in family.stems)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(["DAS 04/2024", "Tar. Ted", "juros/multa", "ÁGUA", "FÉRIAS ANA LIMA", ""]), max_size=8),
    st.lists(st.sampled_from(["Impostos", "Tarifas", "x", ""]), min_size=8, max_size=8),
    st.integers(0, 9),
)
def test_any_labels_can_be_learned_and_filled_twice_alike(texts: list[str], labels: list[str], seed: int) -> None:
    source = ledger_of(["2024-05-06"] * len(texts), [-1] * len(texts), texts, categories=labels[: len(texts)])
    if texts:
        category = str(source.categories[0])
        assert made_of(source, category, n=9, seed=seed) == made_of(source, category, n=9, seed=seed)


def test_one_or_two_digits_that_rows_share_stay_and_longer_numbers_do_not() -> None:
    source = ledger({"a": ["TRANSFERENCIA SOCIO 1"] * 4 + ["TRANSFERENCIA SOCIO 7"], "b": ["CONVENIO 83114"] * 4})
    made = made_of(source, "a", n=50)
    assert made.count("TRANSFERENCIA SOCIO 1") == 40
    assert "TRANSFERENCIA SOCIO 7" not in made
    assert "CONVENIO 83114" not in made_of(source, "b", n=8)
