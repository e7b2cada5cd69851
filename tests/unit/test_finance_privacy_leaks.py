"""The leak report finds what a slow search finds, is quiet about rows that hold nothing real, and shows nothing raw."""

import json
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import InsufficientDataError, InvalidParameterError
from contrapeso.finance import normalize_description, simulate_company
from contrapeso.finance._ledger import Ledger, ledger_of
from contrapeso.finance.privacy import (
    Pseudonyms,
    content_words,
    find_identifiers,
    is_cpf,
    leak_report,
    plant_canaries,
    real_texts,
    scrub,
)


@pytest.fixture(scope="module")
def company() -> Ledger:
    rows = simulate_company(months=12).truth
    return ledger_of(rows["date"], rows["amount_cents"], rows["description"], categories=rows["category"])


@pytest.fixture(scope="module")
def halves(company: Ledger) -> tuple[Ledger, Ledger]:
    cut = int(0.7 * len(company))
    return company.take(np.arange(cut)), company.take(np.arange(cut, len(company)))


def moved(ledger: Ledger, texts: list[str] | None = None) -> Ledger:
    """Rows with other amounts, and other texts if any are given."""
    return ledger_of(ledger.days, ledger.cents + 137, ledger.descriptions if texts is None else texts)


def test_training_rows_again_are_found_by_every_check(halves: tuple[Ledger, Ledger]) -> None:
    train, holdout = halves
    planted, canaries = plant_canaries(train, 5, random_state=0)
    report = leak_report(planted, planted, holdout=holdout, canaries=canaries)
    assert not report.passed
    for name in ("exact_copies", "names", "identifiers", "canaries"):
        assert report.zero[name].n > 0
        assert report.zero[name].share == pytest.approx(report.zero[name].copying, abs=0.02)
    assert report.zero["exact_copies"].share == 1
    assert report.zero["exact_copies"].normal == 0
    assert report.zero["canaries"].n == sum(len(canary.rows) for canary in canaries)
    assert report.closeness.excess > 3 * report.closeness.error


def test_pseudonymised_rows_with_other_amounts_pass(halves: tuple[Ledger, Ledger]) -> None:
    train, holdout = halves
    names = Pseudonyms(real_texts(train.descriptions), random_state=0)
    kinds = ["PIX ENVIADO {} {}", "Pix recebido - {} {}", "TED {} {}"]
    said = [kinds[i % 3].format(names.person(f"p{i}"), names.cpf(f"p{i}")) for i in range(len(holdout))]
    report = leak_report(train, moved(holdout, said), holdout=holdout)
    assert report.passed
    assert report.leaks == ()
    assert report.identifier_kinds == {}
    assert report.longest_run[0] == 0


def test_unseen_real_rows_show_the_rate_that_is_normal(halves: tuple[Ledger, Ledger]) -> None:
    train, holdout = halves
    odd, even = holdout.take(np.arange(1, len(holdout), 2)), holdout.take(np.arange(0, len(holdout), 2))
    report = leak_report(train, odd, holdout=even)
    for count in report.repeats.values():
        assert count.share == pytest.approx(count.normal, abs=0.12)
    assert report.repeats["description"].normal > 0.5
    assert abs(report.closeness.share - 0.5) < 0.25


def test_without_a_holdout_repeats_are_compared_with_those_inside_the_training_rows() -> None:
    train = ledger_of(["2024-01-02"] * 4, [-100, -100, -200, -300], ["FEE A", "FEE A", "FEE A", "FEE B"])
    report = leak_report(train, ledger_of(["2024-01-02"], [-100], ["FEE C"]))
    assert report.closeness is None
    assert report.repeats["date_amount"].normal == 0.5
    assert report.repeats["description"].normal == 0.75
    assert report.repeats["date_amount"].n == 1
    assert report.zero["names"].normal is None
    assert report.passed


def slow_name_rows(texts: list[str], names: list[str]) -> int:
    """Rows whose words hold those of a name in one piece."""
    count = 0
    for text in texts:
        words = " " + " ".join(content_words(text)) + " "
        count += any(f" {' '.join(content_words(name))} " in words for name in names)
    return count


PEOPLE = ["Ana Lima", "João da Silva Souza", "Otto Quintarelo", "Bruno Prado", "Tarumbé"]
WORDS = ["PIX", "Ana", "LIMA", "joão", "da", "Silva", "SOUZA", "Otto", "Quintarelo", "TARUMBÉ", "Bruno", "NF", "4711"]
TEXTS = st.lists(
    st.lists(
        st.sampled_from(WORDS),
        max_size=6,
    ).map(" ".join),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60)
@given(TEXTS)
def test_names_are_counted_as_a_slow_search_counts_them(texts: list[str]) -> None:
    n = len(texts)
    train = ledger_of(["2024-01-02"], [1], ["TARIFA"])
    made = ledger_of(["2024-02-02"] * n, range(n), texts)
    report = leak_report(train, made, names=PEOPLE)
    assert report.zero["names"].n == slow_name_rows(texts, PEOPLE)
    pairs = {pair for name in PEOPLE for pair in combinations(content_words(name), 2)}
    parts = 0
    for text in texts:
        words = content_words(text)
        parts += not slow_name_rows([text], PEOPLE) and bool(pairs & set(pairwise(words)))
    assert report.zero["name_parts"].n == parts


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 2), st.sampled_from(["a b", "A  B", "c"])), max_size=15))
def test_copies_are_counted_as_a_slow_search_counts_them(rows: list[tuple[int, int, str]]) -> None:
    days = [np.datetime64("2024-01-01") + day for day, _, _ in rows]
    made = ledger_of(days, [cents for _, cents, _ in rows], [text for _, _, text in rows])
    train = made.take(np.arange(0, len(made), 3))
    report = leak_report(train, made)
    real = [(day, cents, normalize_description(text)) for day, cents, text in rows[::3]]
    assert report.zero["exact_copies"].n == sum((d, c, normalize_description(t)) in real for d, c, t in rows)
    assert report.repeats["date_amount"].n == sum((d, c) in {key[:2] for key in real} for d, c, _ in rows)


@pytest.mark.parametrize(
    ("real", "made", "check"),
    [
        ("PIX JOAO SILVA", "Pix recebido - João da Silva", "names"),
        ("PIX JOAO CARLOS SILVA", "TED JOAO CARLOS PRADO", "name_parts"),
        ("PIX 529.982.247-25", "TED 52998224725", "identifiers"),
        ("PIX 529.982.247-25", "TED ***.982.247-**", "identifiers"),
        ("PIX ***.982.247-**", "TED 529.982.247-25", "identifiers"),
        ("TRANSF 45871-3", "CONTA 458713", "identifiers"),
        ("NF 148422", "FATURA 148.422", "identifiers"),
        ("PIX joao@gmail.com", "PIX JOAO@GMAIL.COM", "identifiers"),
        ("TED 12.ABC.345/01DE-35", "ted 12abc34501de35", "identifiers"),
    ],
)
def test_a_real_thing_in_another_spelling_is_still_found(real: str, made: str, check: str) -> None:
    report = leak_report(ledger_of(["2024-01-02"], [1], [real]), ledger_of(["2024-03-02"], [2], [made]))
    assert [name for name, count in report.zero.items() if count.n] == [check]


def test_what_three_rows_of_two_counterparties_share_is_public() -> None:
    rows = ["LOJA ALFA 4004 12345678", "LOJA BETA 12345678", "LOJA BETA 12345678", "MARIA APARECIDA SILVA"]
    rows += ["MARIA APARECIDA SOUZA", "MARIA APARECIDA PRADO"]
    train = ledger_of(["2024-01-02"] * 6, range(6), rows)
    made = ledger_of(["2024-02-02"] * 2, [11, 12], ["LOJA GAMA 12345678", "MARIA APARECIDA LEMOS"])
    assert leak_report(train, made).passed


def test_a_name_that_is_declared_public_may_stay() -> None:
    train = ledger_of(["2024-01-02"], [1], ["DESPESA SENADORA ANA LIMA"])
    made = ledger_of(["2024-02-02"], [2], ["DESPESA SENADORA ANA LIMA 02/2024"])
    assert leak_report(train, made).zero["names"].n == 1
    assert leak_report(train, made, public=["Ana Lima"]).passed


def test_the_report_is_json_and_shows_no_name_or_number(halves: tuple[Ledger, Ledger]) -> None:
    train = halves[0]
    report = leak_report(train, train, holdout=halves[1], names=["Dalva Brazanel"])
    said = json.dumps(report.to_dict()) + report.render("pt") + report.render("en") + repr(report)
    for text in set(train.descriptions):
        for found in find_identifiers(text):
            assert found.text not in said
    assert "brazanel" not in said.lower()
    assert "hortaliz" not in said.lower()


def test_the_words_of_the_report_promise_nothing(halves: tuple[Ledger, Ledger]) -> None:
    report = leak_report(halves[0], moved(halves[1]))
    pt, en = report.render(), report.render("en")
    assert "pseudonimizadas" in pt
    assert "pseudonymised" in en
    assert "REPROVADO" in pt
    assert "FAILED" in en
    assert "anôni" not in pt.lower()
    assert "anonym" not in en.lower()


def test_the_same_inputs_give_the_same_report(halves: tuple[Ledger, Ledger]) -> None:
    made = halves[1].take(np.arange(100))
    one, other = (leak_report(halves[0], made, holdout=halves[1]).to_dict() for _ in range(2))
    assert one == other


def test_empty_ledgers_and_rows_without_text_are_no_errors() -> None:
    nothing, some = ledger_of([], [], []), ledger_of(["2024-01-02"] * 30, range(30), [""] * 30)
    assert leak_report(nothing, nothing).passed
    assert leak_report(some, nothing).passed
    assert leak_report(nothing, some, holdout=some).passed
    assert not leak_report(some, some, holdout=some).passed


def test_canaries_are_new_words_and_numbers_of_nobody(halves: tuple[Ledger, Ledger]) -> None:
    train = halves[0]
    planted, canaries = plant_canaries(train, 6, random_state=1)
    assert len(planted) == len(train) + 1 + 2 + 3 + 4 + 1 + 2
    assert [len(canary.rows) for canary in canaries] == [1, 2, 3, 4, 1, 2]
    real = {word for text in train.descriptions for word in content_words(text)}
    for canary in canaries:
        assert not set(canary.words) & real
        assert not is_cpf(canary.cpf)
        for row in canary.rows:
            assert set(canary.words) <= set(content_words(planted.descriptions[row]))
    assert not planted.balance_known[len(train) :].any()
    assert set(planted.days[len(train) :]) <= set(train.days)
    again, _ = plant_canaries(train, 6, random_state=1)
    assert again.descriptions.tolist() == planted.descriptions.tolist()


def test_one_word_of_a_canary_is_enough_to_be_caught(halves: tuple[Ledger, Ledger]) -> None:
    planted, canaries = plant_canaries(halves[0], 2, random_state=0)
    made = moved(halves[0].take(np.arange(2)), [f"PIX {canaries[0].words[0].upper()}", "PIX"])
    assert leak_report(planted, made, canaries=canaries).zero["canaries"].n == 1


def test_canaries_need_rows_and_a_number(halves: tuple[Ledger, Ledger]) -> None:
    with pytest.raises(InsufficientDataError):
        plant_canaries(ledger_of([], [], []), 5)
    with pytest.raises(InvalidParameterError, match="at least 1"):
        plant_canaries(halves[0], 0)
    with pytest.raises(InvalidParameterError, match="words of their own"):
        plant_canaries(halves[0], 5000)


def test_scrubbed_descriptions_hold_no_real_person_or_number(company: Ledger) -> None:
    from contrapeso.finance.privacy import find_names

    names = Pseudonyms(real_texts(company.descriptions), random_state=0)
    real = {text for text in set(company.descriptions) if find_names(text) or find_identifiers(text, numbers=True)}
    rows = sorted(real)
    train = ledger_of(["2024-01-02"] * len(rows), range(len(rows)), rows)
    made = moved(train, [scrub(text, names) for text in rows])
    report = leak_report(train, made)
    assert {name: count.n for name, count in report.zero.items() if name != "name_parts"} == {
        "exact_copies": 0, "names": 0, "identifiers": 0, "canaries": 0,
    }  # fmt: skip


@pytest.mark.shared
def test_real_descriptions_of_three_sources_are_searched(shared_data) -> None:
    """Masked people of the 2021 workbook stand as PESSOA 2; its phone lines and document numbers are real shapes."""
    year = pd.read_parquet(shared_data / "mc_2021.parquet")["Descrição"].dropna().astype(str).tolist()
    kinds = [found.kind for text in year for found in find_identifiers(text, numbers=True)]
    assert kinds.count("phone") >= 50
    assert kinds.count("number") >= 20
    assert set(kinds) <= {"phone", "number"}
    senate = pd.read_parquet(shared_data / "ceaps_2020.parquet")["CNPJ_CPF"].dropna().astype(str)
    found = [find_identifiers(text) for text in senate.drop_duplicates()[:2000]]
    assert np.mean([len(one) == 1 and one[0].kind in {"cnpj", "cpf"} for one in found]) > 0.99


def test_canaries_are_told_only_where_they_were_planted() -> None:
    real = ledger_of(["2024-05-06"] * 3, [-1250, -900, -300], ["TARIFA PACOTE", "TARIFA DOC", "IOF"])
    planted, canaries = plant_canaries(real, 2, random_state=0)
    assert "canário" not in leak_report(real, real).render("pt")
    assert "canário" in leak_report(planted, real, canaries=canaries).render("pt")
