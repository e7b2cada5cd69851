"""Templates of descriptions: laws on any text, worked bank wordings, and the promises about names."""

import doctest
import importlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Ledger, ledger_of
from contrapeso.finance._text import normalize_description
from contrapeso.finance.example import simulate_company
from contrapeso.finance.example._cast import COMPANY, EMPLOYEES, FIRMS, PARTNERS, PAYEES
from contrapeso.finance.privacy import Pseudonyms
from contrapeso.finance.templates import INSTRUMENTS, Templates, instruments
from contrapeso.finance.templates._lexicon import PUBLIC_WORDS
from contrapeso.finance.templates._numbers import read_date, read_month, write_date, write_month, write_value
from contrapeso.finance.templates._plan import Reader
from contrapeso.finance.templates._tokens import tokens
from contrapeso.finance.templates._words import fold, learn_words

ROOT = Path(__file__).resolve().parents[2]
BANK_TEXT = st.text(alphabet=st.sampled_from("aZé1 09*./-@x:#ºñ_,(\t"), max_size=40)
ANY_TEXT = st.text(max_size=60)


def ledger(texts: list[str], *, days: object = None, cents: object = None) -> Ledger:
    n = len(texts)
    return ledger_of(
        days if days is not None else ["2024-05-06"] * n, cents if cents is not None else [-100] * n, texts
    )


def filled(learned: Templates, rows: np.ndarray, source: Ledger, *, seed: int = 0, day: str | None = None) -> list[str]:
    days = source.days[rows] if day is None else np.full(len(rows), np.datetime64(day, "D"))
    names = Pseudonyms(learned.names, random_state=seed)
    rng = np.random.default_rng(seed)
    made, slots = learned.fill(
        learned.of_row[rows], days, source.cents[rows], learned.payees[rows], names, rng, references=rows
    )
    assert len(made) == len(slots) == len(rows)
    return list(made)


@pytest.fixture(scope="module")
def company() -> Ledger:
    truth = simulate_company(months=24).truth
    return ledger_of(truth.date.dt.date.to_numpy(), truth.amount_cents, truth.description, accounts=truth.account)


@pytest.fixture(scope="module")
def learned(company: Ledger) -> Templates:
    return Templates.learn(company)


# Any text


@given(st.one_of(ANY_TEXT, BANK_TEXT))
def test_tokens_join_to_the_same_text(text: str) -> None:
    assert "".join(tokens(text)) == text


@pytest.mark.parametrize("unit", ["*", "-", "1-", "x-", "a@", "a.", "*x", "1*", "#", "1:", "é", " ", "\x00", "\ud800"])
def test_five_thousand_characters_of_anything_are_read_and_filled(unit: str) -> None:
    text = (unit * 5000)[:5000]
    assert "".join(tokens(text)) == text
    source = ledger([text, "PIX ENVIADO ANA"])
    assert len(filled(Templates.learn(source), np.array([0, 1]), source)) == 2


@given(st.lists(st.one_of(ANY_TEXT, BANK_TEXT), max_size=8))
@settings(max_examples=60, deadline=None)
def test_literals_and_slots_join_to_the_description(texts: list[str]) -> None:
    pieces = [tokens(text) for text in texts]
    words = learn_words(pieces, np.ones(len(texts), dtype=np.int64), 3, frozenset({"ana"}))
    for text, piece in zip(texts, pieces, strict=True):
        reading = Reader(words).read(piece)
        joined = reading.literals[0] + "".join(
            value + literal for value, literal in zip(reading.values, reading.literals[1:], strict=True)
        )
        assert joined == text
        assert len(reading.kinds) == len(reading.codes) == len(reading.values) == reading.parts.count(None)


@given(st.lists(st.one_of(ANY_TEXT, BANK_TEXT), min_size=1, max_size=8), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_every_row_has_a_template_and_can_be_filled_twice_alike(texts: list[str], seed: int) -> None:
    source = ledger(texts)
    found = Templates.learn(source)
    assert sum(template.support for template in found.templates) == len(texts)
    assert set(found.of_row.tolist()) == set(range(len(found)))
    rows = np.arange(len(texts))
    assert filled(found, rows, source, seed=seed) == filled(found, rows, source, seed=seed)
    assert found.assign(texts)[0].tolist() == found.of_row.tolist()


def test_a_ledger_without_rows_has_no_templates() -> None:
    found = Templates.learn(ledger([]))
    assert (len(found), found.names, len(found.payees)) == (0, frozenset(), 0)


def test_one_row_and_empty_descriptions_work() -> None:
    for texts in ([""], ["PIX ENVIADO JOÃO DA SILVA"], ["", "", "-"]):
        source = ledger(texts)
        found = Templates.learn(source)
        made = filled(found, np.arange(len(texts)), source)
        assert [bool(text) for text in made] == [bool(text) for text in texts]
        assert "JOÃO DA SILVA" not in made


# Names


def test_no_name_of_the_company_and_its_partners_is_printed_again(company: Ledger, learned: Templates) -> None:
    made = [f" {normalize_description(text)} " for text in filled(learned, np.arange(len(company)), company)]
    real = {normalize_description(name) for name, _ in EMPLOYEES} | {normalize_description(p.name) for p in PAYEES}
    real |= {normalize_description(name) for name in (*PARTNERS, *FIRMS, COMPANY)} | set(learned.names)
    words = {name for name in real if " " in name}
    assert len(words) > 150
    assert [name for name in words for text in made if f" {name} " in text] == []


def test_literals_that_are_not_public_have_enough_rows_of_two_counterparties() -> None:
    texts = ["COMPRA ARMARINHO ALFARIM"] * 3 + ["COMPRA ARMARINHO BETANOR", "COMPRA ARMARINHO GAMULET"]
    texts += ["COMPRA ZUMBARIM MATRIZ"] * 5 + ["COMPRA ZUMBARIM FILIAL"] * 5
    found = Templates.learn(ledger(texts))
    literals = {word for template in found.templates for word in template.literals}
    assert "armarinho" in literals
    assert not {"zumbarim", "alfarim", "betanor"} & literals
    stricter = Templates.learn(ledger(texts), least_support=6)
    assert not {"armarinho", "zumbarim"} & {word for template in stricter.templates for word in template.literals}


def test_every_literal_of_the_company_is_public_or_supported(company: Ledger, learned: Templates) -> None:
    rows = [
        (set(map(fold, tokens(text))), payee) for text, payee in zip(company.descriptions, learned.payees, strict=True)
    ]
    for word in {word for template in learned.templates for word in template.literals if word.isalpha()}:
        holders = [payee for words, payee in rows if word in words]
        assert word in PUBLIC_WORDS or (len(holders) >= 3 and len(set(holders)) >= 2), word


def test_words_of_persons_are_never_literals_however_often_they_come() -> None:
    texts = [f"PIX RECEBIDO {given} {last}" for given in ("ANA", "JOSE", "RITA") for last in ("BRAZANEL", "VERZOLIM")]
    found = Templates.learn(ledger(texts * 5))
    assert [template.text for template in found.templates] == ["pix recebido <name>"]
    assert found.templates[0].n_payees == 6


def test_a_payee_has_one_pseudonym_in_all_templates_and_keeps_trade_words_and_case() -> None:
    texts = ["PAGTO BOLETO TINTAS QUIMERIM", "Pix enviado - Tintas Quimerim", "TED ENVIADA TINTAS QUIMERIM"]
    source = ledger(texts)
    boleto, pix, ted = filled(Templates.learn(source), np.arange(3), source)
    assert boleto.startswith("PAGTO BOLETO TINTAS ")
    assert pix.startswith("Pix enviado - Tintas ")
    assert boleto.split()[-1] == ted.split()[-1] == pix.split()[-1].upper() != "QUIMERIM"


def test_new_payees_have_their_own_names_and_keep_them() -> None:
    source = ledger(["PIX ENVIADO ANA SOUZA", "PIX ENVIADO RITA LIMA"])
    found = Templates.learn(source)
    keys = np.array(["a", "b", "a"], dtype=object)
    zeros = np.zeros(3, dtype=np.int64)
    days = np.full(3, np.datetime64("2024-01-02"))
    names = Pseudonyms(found.names, random_state=0)
    made, slots = found.fill(zeros, days, zeros, keys, names, np.random.default_rng(0))
    assert made[0] == made[2] != made[1]
    assert slots[0] == ({"kind": "name", "text": made[0].removeprefix("PIX ENVIADO "), "source": "pseudonym"},)


def test_texts_are_cut_where_the_bank_cuts_them(company: Ledger, learned: Templates) -> None:
    made = filled(learned, np.arange(len(company)), company)
    assert max(len(t) for t, a in zip(made, company.accounts, strict=True) if a == "45871-3") == 36
    styles = {template.style.longest for template in learned.templates}
    assert styles == {0, 36}


def test_accents_stay_out_of_texts_that_have_none() -> None:
    source = ledger(["PIX ENVIADO JOAO SILVA", "PIX ENVIADO ANTONIO CONCEICAO", "PIX ENVIADO JOSE ARAUJO"] * 5)
    assert all(text.isascii() and text.isupper() for text in filled(Templates.learn(source), np.arange(15), source))


# Numbers and days


@pytest.mark.parametrize(
    ("texts", "day", "expected"),
    [
        (["DAS SIMPLES NACIONAL 04/2024"], "2025-01-20", ["DAS SIMPLES NACIONAL 12/2024"]),
        (["IPVA 2024 PARC 2/10"], "2024-08-06", ["IPVA 2024 PARC 5/10"]),
        (["IPVA 2024 PARC 2/3"], "2025-08-06", ["IPVA 2025 PARC 2/3"]),
        (["PARCELA 2 de 10"], "2024-07-06", ["PARCELA 4 de 10"]),
        (["COMPRA CARTAO 05/05"], "2024-07-10", ["COMPRA CARTAO 09/07"]),
        (["COMPRA CARTAO 03/05/24"], "2025-01-01", ["COMPRA CARTAO 29/12/24"]),
        (["FOLHA PAGTO ABRIL/2024"], "2024-03-05", ["FOLHA PAGTO FEVEREIRO/2024"]),
        (["MENSALIDADE ABR"], "2024-10-05", ["MENSALIDADE SET"]),
        (["DARF 0561 IRRF"] * 3, "2024-10-05", ["DARF 0561 IRRF"] * 3),
    ],
)
def test_days_competences_and_instalments_agree_with_the_new_day(
    texts: list[str], day: str, expected: list[str]
) -> None:
    source = ledger(texts)
    assert filled(Templates.learn(source), np.arange(len(texts)), source, day=day) == expected


def test_an_amount_in_the_text_is_the_amount_of_the_row() -> None:
    source = ledger(["PAGTO PARCIAL R$ 1.234,56", "PAGTO PARCIAL R$ 80,00"], cents=[-123456, -8000])
    found = Templates.learn(source)
    names = Pseudonyms(found.names, random_state=0)
    nobody, first = np.array([""], dtype=object), np.array([0])
    amounts, rng = np.array([-500000]), np.random.default_rng(0)
    made, _ = found.fill(first, source.days[:1], amounts, nobody, names, rng, references=first)
    assert made[0] == "PAGTO PARCIAL R$ 5.000,00"


def test_document_numbers_are_fresh_and_numbers_of_a_payee_last() -> None:
    texts = [f"FATURA NF {n}" for n in range(133203, 133243)]
    source = ledger(texts)
    made = filled(Templates.learn(source), np.arange(40), source)
    assert not set(made) & set(texts)
    assert all(len(text) == len(texts[0]) for text in made)
    shops = ledger(["COMPRA BETANOR 2617"] * 5 + ["COMPRA GAMULET 4471"] * 5)
    again = filled(Templates.learn(shops), np.arange(10), shops)
    assert len(set(again)) == 2
    assert not any("2617" in text or "4471" in text for text in again)


def test_identifiers_are_masked_or_made_up() -> None:
    source = ledger(["PIX 529.982.247-25 ANA SOUZA", "TED 11.222.333/0001-81 ALFARIM", "PIX ana.souza@example.org"])
    made = filled(Templates.learn(source), np.arange(3), source)
    assert "***." in made[0]
    assert "**." in made[1]
    assert "ana.souza" not in made[2]
    assert "@" in made[2]


@given(st.dates(min_value=np.datetime64("1990-01-01").item(), max_value=np.datetime64("2089-12-31").item()))
def test_a_written_date_and_month_are_read_again(day) -> None:
    for form in ("03/05/2024", "3.5.2024", "2024-05-03"):
        assert read_date(write_date(form, "dmy", day), "dmy", day) == day
    assert read_date(write_date("03/05", "dmy", day), "dmy", day) == day
    for form in ("05/2024", "2024-05", "AGOSTO/2024"):
        assert read_month(write_month(form, day.year * 12 + day.month - 1)) == day.year * 12 + day.month - 1


@given(st.integers(0, 10**9))
def test_a_written_amount_has_the_same_centavos(cents: int) -> None:
    assert int(write_value("1.234,56", cents).replace(".", "").replace(",", "")) == cents


# Errors and doors


def test_wrong_arguments_are_refused_with_what_came() -> None:
    source = ledger(["TARIFA"])
    with pytest.raises(InvalidParameterError, match="at least 1; got 0"):
        Templates.learn(source, least_support=0)
    found = Templates.learn(source)
    names, rng, none = Pseudonyms(random_state=0), np.random.default_rng(0), np.array([""], dtype=object)
    with pytest.raises(InvalidParameterError, match="number from 0 to 0; got 3 to 3"):
        found.fill(np.array([3]), source.days, source.cents, none, names, rng)
    with pytest.raises(InvalidParameterError, match="length of templates, 1"):
        found.fill(np.array([0]), source.days, source.cents, np.array(["", ""], dtype=object), names, rng)


def test_templates_do_not_depend_on_the_order_of_rows(company: Ledger, learned: Templates) -> None:
    order = np.random.default_rng(0).permutation(len(company))
    other = Templates.learn(company.take(order))
    facts = [{(t.text, t.style, t.support, t.n_payees) for t in found.templates} for found in (other, learned)]
    assert facts[0] == facts[1]


def test_kinds_of_movement_of_the_company_have_templates_of_their_own(company: Ledger, learned: Templates) -> None:
    truth = simulate_company(months=24).truth
    kinds = truth.kind.to_numpy()
    for number in range(len(learned)):
        members = set(kinds[learned.of_row == number]) - {"pix_in_firm", "expense_back"}
        assert len(members - {"pix_in", "pix_out"}) <= 1, (learned.templates[number].text, members)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PIX ENVIADO ANA", "pix"), ("Tarifa TED", "fee"), ("TED RECEBIDA ALFA", "ted"), ("DOC E ALFA", "doc"),
        ("PAGTO BOLETO ALFA", "boleto"), ("Compra no cartão - Posto Alfa", "card"), ("SAQUE BANCO 24H", "cash"),
        ("CHEQUE COMPENSADO", "cheque"), ("DARF 0561", "tax"), ("JUROS CHEQUE ESPECIAL", "interest"),
        ("DÉB AUT LUZ", "debit_order"), ("Transferencia SOCIO 1", "transfer"), ("Assina Já Docs", ""), ("", ""),
    ],
)  # fmt: skip
def test_instruments_of_common_wordings(text: str, name: str) -> None:
    assert instruments([text]).tolist() == [name]


def test_a_doc_above_its_limit_is_a_transfer_and_instruments_know_their_days() -> None:
    assert instruments(["DOC E ALFA"] * 2, np.array([-499_999, -500_000])).tolist() == ["doc", "transfer"]
    assert not INSTRUMENTS["pix"].lives_on(np.datetime64("2020-11-15").item())
    assert INSTRUMENTS["doc"].lives_on(np.datetime64("2024-02-29").item())
    assert not INSTRUMENTS["doc"].lives_on(np.datetime64("2024-03-01").item())


@pytest.mark.parametrize("module", ["_numbers", "_tokens", "_instruments"])
def test_examples_in_docstrings_run(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"contrapeso.finance.templates.{module}"))
    assert found.attempted > 0
    assert found.failed == 0


def test_the_blocks_of_the_page_run_as_written() -> None:
    result = doctest.testfile(os.fspath(ROOT / "docs" / "templates.md"), module_relative=False, encoding="utf-8")
    assert result.attempted > 5
    assert result.failed == 0


@pytest.mark.shared
def test_shared_supplier_names_are_not_printed_again(shared_data: Path) -> None:
    import pandas as pd

    frame = pd.read_parquet(shared_data / "calderdale_card_2014_2017.parquet").head(4000)
    source = ledger(frame["Supplier Name"].tolist())
    found = Templates.learn(source)
    made = [f" {normalize_description(text)} " for text in filled(found, np.arange(len(source)), source)]
    names = sorted(name for name in found.names if " " in name)
    assert len(names) > 100
    everything = "\n".join(made)
    assert [name for name in names if f" {name} " in everything] == []


def test_texts_that_were_made_here_can_be_learned_and_filled_again() -> None:
    from contrapeso.finance.privacy import invented_words

    source = ledger([f"PAGTO BOLETO {word.upper()}" for word in invented_words()])
    made = filled(Templates.learn(source), np.arange(40), source)
    assert not set(made) & set(source.descriptions)
