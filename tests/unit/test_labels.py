"""The label canonicaliser: laws on typed columns, worked examples, and one real column where it is at hand."""

import doctest
import random
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.errors import InvalidDataError, InvalidParameterError
from contrapeso.finance.labels import LabelProposals, apply_labels, propose_labels
from contrapeso.finance.labels._groups import one_keystroke
from contrapeso.finance.labels._reasons import RULES

NAMES = [
    "Juros / Multa", "Impostos / Tributos", "Tarifa Bancária", "Retirada Sócio", "Água e Luz", "Receita", "Pró-labore",
    "Seguro", "Seguro Saúde", "Juros", "Office Supplies", "Repairs and Maintenance", "Class 1", "Class 2", "A+", "A-",
    "Saldo", "Saldo anterior", "Parcela 2 de 3", "????", "Pix realizado em 24/03", "n/a",
    "Instalação de filtro de água", "5", "12/03/2024", "Verificar com o contador",
    "Contratação de consultorias e trabalhos técnicos de apoio geral",
]  # fmt: skip
NOTES = [
    "Parcela 2 de 3", "Parc 03/03", "2ª parcela", "Installment 2 of 3", "????", "Reembolso?", "Verificar com contador",
    "Pix realizado em 24/03", "Valor devolvido em 22/04", "Refunded on 4/22", "NF 12345", "dia 10", "3 de março",
    "Instalação de filtro de água", "Configuração da central telefônica", "Pago pelo João", "someone@example.com",
    "R$ 150,00", "12,50", "31/12/2024", "2024-01-05", "...", "#REF!",
]  # fmt: skip
BALANCES = ["Saldo", "saldo ", "SALDO ANTERIOR", "Saldo em 31/01", "S A L D O", "Opening balance", "Saldo final do dia"]
MISSING = [
    None, float("nan"), pd.NA, "", "  ", "-", "--", "nan", "None", "NULL", "n/a",
    "Não categorizado", "Sem categoria", "Uncategorised", "A classificar",
]  # fmt: skip
APART = [
    ("Receita", "Receita Federal"), ("Seguro", "Seguro Saúde"), ("Seguro / Saúde", "Seguro Saúde"),
    ("Taxa A", "Taxa B"),
    ("Class 1", "Class 2"), ("Class II", "Class III"), ("Imposto 2023", "Imposto 2024"), ("A+", "A-"), ("A +", "A -"),
    ("<=50K", ">50K"), ("BRL/USD", "USD/BRL"), ("Hotel **", "Hotel ***"), ("C++", "C#"), ("Débito", "Crédito"),
    ("Emissão de notas", "Omissão de notas"), ("Typical angina", "Atypical angina"),
    ("3.1.01 Receitas", "3.1.02 Receitas"),
    ("Despesas", "Despesas Financeiras"), ("Idade 10-12", "Idade 13-15"), ("Suporte 24/7", "Suporte"), ("5%", "15%"),
    ("Juros", "Juros / Multa"), ("Água", "Água e Luz"), ("À vista", "A prazo"), ("Compra A / B", "Compra A"),
]  # fmt: skip
ALIKE = [
    ("Juros / Multa", "Multa / Juros"), ("Juros / Multa", "JUROS/MULTAS"), ("Juros / Multa", "juros e multas"),
    ("Juros / Multa", "Multas & Juros"), ("Tarifa Bancária", "Tarifas Bancárias"), ("Imposto", "Impostos"),
    ("Operação Cambial", "Operações Cambiais"), ("Retirada Sócio", "Retirada\u00a0Sócio "), ("Saúde", "SAUDE"),
    ("Pró-labore", "Prolabore"), ("Pró-labore", "pro labore"), ("I.S.S.", "ISS"), ("Office Supply", "Office supplies"),
    ("Repairs and Maintenance", "Maintenance & Repair"), ("Outros.", "outros"), ("Despesas_Gerais", "Despesas gerais"),
    ("<= 50K", "<=50K"), ("A +", "a+"), ("Ação – Compra", "Ação - compra"), ("Aluguel (loja)", "Aluguel loja"),
]  # fmt: skip


@st.composite
def typed_labels(draw: st.DrawFn) -> list[str | None]:
    """A column of names and notes, each row typed in one of several careless ways."""
    typing = st.sampled_from([str, str, str.upper, str.lower, str.title, lambda t: f" {t}\u00a0", lambda t: f"{t}s",
                              lambda t: " / ".join(reversed(t.split(" / "))), lambda t: t.replace(" ", "  "),
                              lambda t: t.replace("ã", "a").replace("á", "a")])  # fmt: skip
    times = st.sampled_from([1, 1, 1, 2, 6, 30])
    rows = draw(st.lists(st.tuples(st.sampled_from(NAMES), typing, times), max_size=12))
    free = draw(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=4))
    return [typing(name) for name, typing, n in rows for _ in range(n)] + free


@given(typed_labels())
def test_every_label_has_exactly_one_proposal_and_counts_add_up(column: list[str | None]) -> None:
    proposals = propose_labels(column)
    assert {p.raw: p.count for p in proposals} == dict(Counter(column))
    assert proposals.n_rows == len(column)
    assert all(p.rule in RULES and p.reason_pt and p.reason_en for p in proposals)


@given(typed_labels(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(column: list[str | None], shuffler: random.Random) -> None:
    shuffled = column.copy()
    shuffler.shuffle(shuffled)
    assert propose_labels(shuffled) == propose_labels(column)


@given(typed_labels())
def test_canonical_labels_are_proposed_to_themselves(column: list[str | None]) -> None:
    once = apply_labels(column, propose_labels(column).decisions())
    again = propose_labels(once)
    assert {p.raw: p.canonical for p in again} == {label: label for label in once}
    assert not again.of_status("merged", "quarantined")


@given(typed_labels())
def test_status_says_what_happens_to_the_label(column: list[str | None]) -> None:
    for p in propose_labels(column):
        assert (p.canonical is None) == (p.status in {"quarantined", "uncategorised"})
        assert (p.status == "suggested") <= (p.suggestion is not None)
        assert p.status != "same" or p.raw == p.canonical
        assert p.status != "merged" or p.raw != p.canonical


@given(typed_labels())
def test_canonical_is_a_spelling_somebody_typed_apart_from_blanks(column: list[str | None]) -> None:
    typed = {" ".join(label.split()) for label in column if label}
    for name in propose_labels(column).categories:
        assert name in typed or not name.isascii()
        assert name == " ".join(name.split())


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_spellings_of_one_label_are_merged(one: str, other: str) -> None:
    assert propose_labels([one, one, other]).decisions()[other] == propose_labels([one, one, other])[one].canonical


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_labels_stay_apart(one: str, other: str) -> None:
    for column in ([one, other], [one] * 500 + [other] * 3, [one] * 3 + [other] * 500):
        assert len(propose_labels(column).categories) == 2


@pytest.mark.parametrize("note", NOTES)
def test_notes_typed_as_labels_are_quarantined(note: str) -> None:
    proposal = propose_labels(["Receita"] * 30 + ["Tarifas"] * 10 + [note])[note]
    assert (proposal.status, proposal.canonical) == ("quarantined", None)


@pytest.mark.parametrize("mark", BALANCES)
def test_balance_marks_are_no_category_however_frequent(mark: str) -> None:
    proposal = propose_labels(["Receita"] * 3 + [mark] * 50)[mark]
    assert (proposal.status, proposal.rule) == ("quarantined", "balance_mark")


def test_missing_and_null_like_labels_become_uncategorised() -> None:
    proposals = propose_labels([*MISSING, "Receita"])
    assert {p.status for p in proposals if p.raw != "Receita"} == {"uncategorised"}
    assert proposals[None].count == 3


@pytest.mark.parametrize(
    "rare",
    ["Mudança", "Aporte Corretora", "Parcelamento", "Saldo Poupança", "Locação de Imóveis", "Juros pagos",
     "Imposto 2024",
     "13º Salário", "1/3 de Férias", "Escala 12/36", "Suporte 24/7", "Faixa > R$ 1.000", "Manutenção de Veículos",
     "COVID-19",
     "Troca de óleo", "Bom dia"],
)  # fmt: skip
def test_a_real_category_is_not_quarantined_for_being_rare(rare: str) -> None:
    proposal = propose_labels(["Receita"] * 300 + ["Tarifas Bancárias"] * 80 + [rare])[rare]
    assert (proposal.status, proposal.canonical) == ("same", rare)


def test_a_long_sentence_is_a_note_only_where_short_labels_repeat() -> None:
    sentence = "Compra de peças que o fornecedor vai devolver na semana que vem"
    assert propose_labels(["Receita"] * 50 + [sentence])[sentence].rule == "free_text"
    long_names = ["Aquisição de material de consumo para uso no escritório, inclusive software e assinaturas"] * 9
    assert propose_labels([*long_names, sentence])[sentence].status == "same"
    assert propose_labels([sentence, "Outra frase"])[sentence].status == "same"
    once_each = [f"Conta {letter}" for letter in "ABCDEFGH"]
    assert propose_labels(["Receita"] * 2 + once_each + [sentence])[sentence].status == "same"


def test_a_job_is_a_note_once_and_a_category_when_it_repeats() -> None:
    job = "Instalação de ar condicionado"
    assert propose_labels(["Receita"] * 9 + [job])[job].rule == "deed"
    assert propose_labels(["Receita"] * 9 + [job] * 2)[job].status == "same"


def test_numbers_are_labels_in_a_column_of_codes_only() -> None:
    assert propose_labels(["1"] * 6 + ["-1"] * 3 + ["?"]).decisions() == {"1": "1", "-1": "-1", "?": None}
    assert propose_labels(["Receita"] * 6 + ["1"] * 3).decisions()["1"] is None


def test_a_frequent_label_with_a_date_is_a_label() -> None:
    assert propose_labels(["Receita"] * 50 + ["Tabela 10/12"] * 20)["Tabela 10/12"].status == "same"
    assert propose_labels(["Receita"] * 50 + ["Tabela 10/12"] * 2)["Tabela 10/12"].status == "quarantined"


def test_the_canonical_name_is_the_most_frequent_spelling_well_typed() -> None:
    column = ["EMPRESTIMO"] * 2 + ["Empréstimo\u00a0"] * 2 + ["Empréstimo"] + ["emprestimos"]
    assert set(propose_labels(column).decisions().values()) == {"Empréstimo"}
    assert propose_labels(["saude", "Saúde"]).decisions() == {"saude": "Saúde", "Saúde": "Saúde"}


def test_a_part_of_a_compound_label_is_a_question_not_a_merge() -> None:
    proposals = propose_labels(["Juros / Multa"] * 21 + ["Multa / Juros"] * 4 + ["Juros / Multas"] * 4 + ["Juros"] * 4)
    assert proposals.categories == {"Juros / Multa": 29, "Juros": 4}
    assert (proposals["Juros"].status, proposals["Juros"].rule) == ("suggested", "part_of")
    assert "É o mesmo que “Juros / Multa”?" in proposals["Juros"].reason_pt
    assert proposals.decisions()["Juros"] == "Juros"
    assert proposals.decisions(accept=["Juros"])["Juros"] == "Juros / Multa"


@pytest.mark.parametrize(
    ("rare", "meant", "rule"),
    [("Despesas Operacionias", "Despesas Operacionais", "typo"), ("Telefnia Fixa", "Telefonia Fixa", "typo"),
     ("Retirada de Sócio", "Retirada Sócio", "linking_words"),
     ("Desp. Operacionais", "Despesas Operacionais", "abbreviation"),
     ("Juros-Multa", "Juros / Multa", "same_words")],
)  # fmt: skip
def test_probable_spellings_are_suggested(rare: str, meant: str, rule: str) -> None:
    proposal = propose_labels([meant] * 40 + [rare])[rare]
    assert (proposal.status, proposal.rule, proposal.canonical, proposal.suggestion) == ("suggested", rule, rare, meant)


def test_a_typing_error_must_be_rare() -> None:
    column = ["Funcionários"] * 40
    assert propose_labels([*column, *["Funcionárias"] * 2])["Funcionárias"].rule == "typo"
    assert propose_labels([*column, *["Funcionárias"] * 3])["Funcionárias"].status == "same"


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_keystroke_agrees_with_trying_all_keystrokes(one: str, other: str) -> None:
    places, letters = range(len(one) + 1), "abc"
    tried = {one[:i] + letter + one[i:] for i in places for letter in letters}
    tried |= {one[:i] + one[i + 1 :] for i in places}
    tried |= {one[:i] + letter + one[i + 1 :] for i in range(len(one)) for letter in letters}
    tried |= {one[:i] + one[i + 1] + one[i] + one[i + 2 :] for i in range(len(one) - 1)}
    assert one_keystroke(one, other) == (other in tried - {one})


@pytest.mark.parametrize(
    ("rare", "frequent"),
    [
        ("Omissão de notas", "Emissão de notas"),
        ("Atypical angina", "Typical angina"),
        ("Imposto federal 2023", "Imposto federal 2024"),
        ("Categoria A", "Categoria B"),
        ("Class III", "Class II"),
        ("Seguro Saúde", "Seguro"),
        ("USD/BRL", "BRL/USD"),
    ],
)
def test_different_labels_are_not_even_suggested(rare: str, frequent: str) -> None:
    assert not [p.raw for p in propose_labels([rare] + [frequent] * 500) if p.suggestion]


def test_a_part_is_not_suggested_to_a_rarer_compound_or_to_one_of_two() -> None:
    assert propose_labels(["Receita"] * 86 + ["Receita / Reembolso"] * 3)["Receita"].status == "same"
    column = ["Juros"] * 4 + ["Juros / Multa"] * 20 + ["Juros / Tarifa"] * 20
    assert propose_labels(column)["Juros"].status == "same"


def test_a_sentence_typed_with_loose_blanks_is_counted_once() -> None:
    sentence = " Compra de peças que o fornecedor vai devolver\u00a0"
    proposals = propose_labels(["Receita"] * 9 + [sentence])
    assert (proposals.n_rows, proposals[sentence].rule) == (10, "free_text")


def test_mixed_directions_do_not_speak_against_a_suggestion() -> None:
    ways = ["debit"] * 90 + ["credit"] * 30 + ["credit"] * 6
    labels = ["Funcionários"] * 120 + ["Funcionárias"] * 6
    assert propose_labels(labels, directions=ways)["Funcionárias"].suggestion == "Funcionários"


def test_labels_whose_money_goes_opposite_ways_are_not_suggested_to_each_other() -> None:
    labels = ["Funcionários"] * 120 + ["Funcionárias"] * 6
    ways = ["debit"] * 120 + ["credit"] * 6
    assert propose_labels(labels)["Funcionárias"].suggestion == "Funcionários"
    assert propose_labels(labels, directions=ways)["Funcionárias"].status == "same"


def test_rows_of_the_same_description_suggest_the_category_of_a_note() -> None:
    labels = ["Seguro"] * 4 + ["Receita"] * 4 + ["Parcela 2 de 3"]
    texts = ["SEGURO FROTA"] * 4 + ["PIX RECEBIDO"] * 4 + ["Seguro  Frota"]
    proposals = propose_labels(labels, descriptions=texts)
    assert (proposals["Parcela 2 de 3"].status, proposals["Parcela 2 de 3"].suggestion) == ("quarantined", "Seguro")
    assert proposals.decisions()["Parcela 2 de 3"] is None
    assert proposals.decisions(accept=["Parcela 2 de 3"])["Parcela 2 de 3"] == "Seguro"


def test_evidence_must_have_one_value_per_label() -> None:
    with pytest.raises(InvalidDataError, match="directions has 1 values for 2 labels"):
        propose_labels(["a", "b"], directions=["debit"])


def test_accepted_suggestions_are_followed_to_their_end() -> None:
    column = ["Juros / Multa"] * 1000 + ["Juros"] * 900 + ["Multa"] * 3
    accepted = propose_labels(column).decisions(accept=["Juros", "Multa"])
    assert set(accepted.values()) == {"Juros / Multa"}


def test_accepting_what_was_not_suggested_is_an_error() -> None:
    with pytest.raises(InvalidParameterError, match="Receita"):
        propose_labels(["Receita"]).decisions(accept=["Receita"])


def test_applying_without_a_decision_is_an_error() -> None:
    assert apply_labels(["a", None, float("nan")], {"a": "A"}) == ["A", None, None]
    with pytest.raises(InvalidDataError, match="'b' has no decision"):
        apply_labels(["b"], {"a": "A"})


def test_a_label_that_is_neither_text_nor_missing_is_an_error() -> None:
    with pytest.raises(InvalidParameterError, match="astype"):
        propose_labels(["Receita", 7])


def test_proposals_read_as_a_table_and_as_a_frame() -> None:
    proposals = propose_labels(["Receita", "receita", "Receita"])
    assert proposals.to_frame()["count"].sum() == 3
    assert "merged" in str(proposals)
    assert str(propose_labels([])) == "(no labels)"
    assert isinstance(proposals, LabelProposals)


def test_the_page_about_labels_says_what_happens() -> None:
    page = Path(__file__).parents[2] / "docs" / "labels.md"
    result = doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted >= 3
    assert result.failed == 0


@pytest.mark.shared
def test_the_real_workbook_column_is_grouped_as_a_person_would(shared_data: Path) -> None:
    column = pd.read_parquet(shared_data / "mc_2021.parquet", columns=["Tipo"])["Tipo"]
    proposals = propose_labels(column)
    assert proposals.n_rows == 716
    assert len(proposals) == 30
    assert {proposals[raw].canonical for raw in ("Juros / Multa", "Juros / Multas", "Multa / Juros")} == {
        "Juros / Multa"
    }
    assert proposals.categories["Juros / Multa"] == 29
    assert proposals["Juros"].suggestion == "Juros / Multa"
    assert proposals["Reembolso "].canonical == "Reembolso"
    assert {proposals[raw].rule for raw in ("Saldo", "saldo")} == {"balance_mark"}
    assert {p.raw for p in proposals.of_status("quarantined")} >= {"Parcela 2 de 3", "????", "Parc 03/03"}
    assert {proposals[raw].status for raw in ("Mudança", "Aporte Corretora")} == {"same"}
    assert len(proposals.of_status("quarantined")) == 9
    assert len(proposals.categories) == 16
