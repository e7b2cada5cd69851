"""The sections beyond the core: each number beside its reference, absent answers with reasons, nobody exposed."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.quality import _labels, _texts, render_html
from contrapeso.quality._attacks import ATTACKS as ATTACK_NAMES
from contrapeso.quality._label_readings import ATTACKS, READINGS, TESTS
from contrapeso.quality._report import Recommendation
from contrapeso.quality._score import BANDS
from contrapeso.quality._sections import Attack, GroupFairness, MinedRule, Reading, Score
from contrapeso.quality._tests import TEST_NAMES
from contrapeso.quality._view_fairness import flag
from contrapeso.quality._view_tables import readings_table, span_of
from contrapeso.quality._writer import Writer
from tests._reports import fairness, filled, privacy
from tests.unit.test_report_html import HOSTILE, PACKAGE, Page, embedded, make_report

PT, EN = Writer("pt"), Writer("en")
RICH = filled(make_report(("valor", "categoria", "data", "alvo")))


def section(html, ident):
    found = re.search(rf'<section id="{ident}".*?</section>', html, re.DOTALL)
    return "" if found is None else Page(found[0]).words


@pytest.fixture(scope="module")
def page():
    return render_html(RICH)


# ---------------------------------------------------------------- layout


def test_every_section_comes_in_the_promised_order(page):
    order = re.findall(r'<section id="(\w+)"', page)
    assert order == [
        "resultado", "corrigir", "dimensoes", "colunas", "relacoes", "modelo", "utilidade", "regras", "sequencias",
        "diversidade", "equidade", "privacidade", "metodo",
    ]  # fmt: skip
    assert order == re.findall(r'<a href="#(\w+)">', page.partition("<nav")[2].partition("</nav>")[0])


def test_a_section_that_was_not_measured_is_not_there():
    html = render_html(make_report())
    for ident in ("modelo", "utilidade", "regras", "sequencias", "diversidade", "equidade"):
        assert f'id="{ident}"' not in html
        assert f'href="#{ident}"' not in html


def test_every_table_has_a_caption_and_headings_with_scope(page):
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        assert "<caption" in table
        for heading in re.findall(r"<th\b[^>]*>", table):
            assert re.search(r"scope=\"?(col|row)", heading)


def test_headings_do_not_skip_a_level(page):
    levels = [int(tag[1]) for tag in Page(page).tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_json_block_holds_the_new_sections():
    data = embedded(Page(render_html(RICH)))
    for key in ("joint", "usefulness", "diversity", "sequences", "fairness", "mined_rules", "tests"):
        assert data[key], key
    assert data["privacy"]["attacks"]


# ---------------------------------------------------------------- verdict


def verdict(report, language="pt"):
    return section(render_html(report, language=language), "resultado")


def test_one_sentence_says_what_is_good_and_what_is_lost():
    kept = replace(RICH, pairs=(), pair_counts={"kept": 6, "lost": 0, "invented": 0, "changed": 0})
    fine = tuple(replace(column, score=Score(0.95)) for column in kept.columns)
    assert "Colunas e pares de colunas estão bons; a estrutura valor × categoria × data se perdeu." in verdict(
        replace(kept, columns=fine)
    )
    worst = replace(fine[1], score=Score(0.4))
    told = verdict(replace(kept, columns=(fine[0], worst, *fine[2:])), "en")
    assert "the column categoria has the wrong shape; a model recognises the synthetic rows." in told


def test_lost_and_invented_relations_are_counted_in_the_sentence():
    counts = {"kept": 1, "lost": 3, "invented": 1, "changed": 0}
    fine = tuple(replace(column, score=Score(0.95)) for column in RICH.columns)
    text = verdict(replace(RICH, pair_counts=counts, columns=fine, joint=None), "en")
    assert "Each column on its own is good; 3 relations between columns are lost; one relation was invented." in text


def test_nothing_bad_is_said_where_nothing_is():
    fine = tuple(replace(column, score=Score(0.95)) for column in RICH.columns)
    counts = {"kept": 6, "lost": 0, "invented": 0, "changed": 0}
    text = verdict(replace(RICH, columns=fine, pair_counts=counts, joint=None), "en")
    assert "Nothing that was measured is far from what is expected of real rows." in text


def test_a_refused_table_keeps_its_grade_and_says_do_not_release_beside_it():
    report = replace(RICH, grade="A", privacy=privacy("attack_succeeded"))
    html = render_html(report, language="en")
    top = html[html.index('id="resultado"') : html.index('id="corrigir"')]
    assert re.search(
        r'<p class="letter">.*?A</p>\s*<div class="verdict-words">\s*<p class="stamp">Do not release', top, re.DOTALL
    )
    assert "a copy is good data and still must not leave" in top
    assert "exact copies" in top  # which attack


def test_the_bar_carries_interval_ceiling_and_the_cut_points_of_the_grades(page):
    bar = re.search(r'<svg class="score".*?</svg>\s*</section>', page, re.DOTALL)[0]
    assert bar.count('class="whisker"') == 3
    assert 'class="diamond"' in bar
    for edge, letter in BANDS[:-1]:
        assert f">{PT.score(edge)}<" in bar
        assert f">{letter}<" in bar
    assert PT.score(BANDS[0][0]) in _labels.METRICS["overall"].good.pt
    assert PT.score(BANDS[-2][0]) in _labels.METRICS["overall"].good.pt


# ---------------------------------------------------------------- sections


def test_the_auc_is_said_as_a_guess_beside_real_rows(page):
    text = section(page, "modelo")
    assert "o modelo aponta a sintética em 64,3% das vezes (entre 62,0% e 66,4%)" in text
    assert "Entre duas linhas reais, a mesma prova dá 50,8%." in text
    assert "A combinação que mais as entrega: valor × categoria × data." in text
    assert "nunca com 1" in text  # the warning of the readings for show
    assert "Dados insuficientes" in text  # an absent reading says why


def test_suspects_are_positions_and_never_values(page):
    rows = re.findall(r"<th scope=row><bdi>(\d+)</bdi>", re.search(r'id="modelo".*?</section>', page, re.DOTALL)[0])
    assert [int(row) for row in rows] == [suspect.row for suspect in RICH.joint.suspects]


def test_an_untrained_model_gives_its_reason_and_no_number():
    joint = replace(RICH.joint, auc=Reading("joint_auc", None), score=Score(None, reason="insufficient_data"))
    text = section(render_html(replace(RICH, joint=joint)), "modelo")
    assert "Dados insuficientes" in text
    assert "aponta a sintética em" not in text


def test_training_on_synthetic_rows_stands_beside_training_on_real_ones(page):
    text = section(page, "utilidade")
    assert "Treino só com sintéticas" in text
    assert "0,82 entre 0,80 e 0,84 0,88" in text
    assert "Juros e multas 40 61,0% 35,0% 66,0%" in text
    assert "suas linhas reais entraram nos dois treinos" in text
    assert "Não medida" in text or "não medida" in text  # the column that nobody can predict
    assert "Entre reais" in text  # importance drift beside its real-vs-real value


def test_mined_rules_stand_apart_from_the_rules_of_the_score(page):
    text = section(page, "regras")
    assert text.index("Regras informadas") < text.index("não entram na nota até alguém aceitá-las")
    assert "3, 18, 77, 90" in text
    assert "uma nunca passa da outra" in text


def test_groups_are_flagged_beyond_their_interval_only():
    group = GroupFairness("a", 100, 50, 0.5, 0.3, 0.6, (0.5, 0.7))
    assert flag(group, EN) == "under-represented"
    assert flag(replace(group, interval=(0.3, 1.1)), EN) == ""
    assert flag(replace(group, ratio=0.85), EN) == ""
    assert flag(replace(group, ratio=1.4, interval=(1.2, 1.6)), EN) == "over-represented"
    assert flag(replace(group, ratio=0.0, lost=True), EN) == "group lost"
    assert flag(replace(group, ratio=None), EN) == ""


def test_empty_groups_and_truth_values_are_said_in_words():
    group = replace(fairness("x").groups[0], group="True x \N{EMPTY SET}")
    report = replace(RICH, fairness=(replace(fairness("x"), groups=(group,), positive="True"),))
    text = section(render_html(report, language="en"), "equidade")
    assert "yes × empty" in text
    assert "Positive outcome: yes." in text


def test_mitigation_is_shown_before_and_after(page):
    text = section(page, "equidade")
    assert "Antes e depois de repesar até grupo e resultado não dependerem um do outro" in text
    assert "18,0% entre 12,0% e 24,0% 11,0% entre 5,0% e 17,0% −0,07 10,0%" in text


def test_an_attack_stands_beside_its_control_and_nothing_is_called_private(page):
    text = section(page, "privacidade")
    assert "Nenhum ataque encontrado" in text
    assert "Isto não prova privacidade." in text
    assert "52,0% entre 49,0% e 55,0% 50,0% entre 47,0% e 53,0% nada encontrado" in text
    assert "Não puderam ser avaliados" in text
    for language in ("pt", "en"):
        words = section(render_html(RICH, language=language), "privacidade").lower()
        assert not re.search(r"(são|is|are|estão) (privad|anônim|private|anonymous|safe|segur)", words)


def test_an_attack_that_barely_beats_its_control_is_not_said_to_succeed():
    slight = Attack("dcr_share", "share", 0.52, (0.51, 0.53), 0.5, (0.49, 0.51), (0.005, 0.03), 900, "excess")
    gate = replace(privacy("no_excess_found"), attacks=(slight,))
    text = section(render_html(replace(RICH, privacy=gate)), "privacidade")
    assert "acima do controle, por pouco" in text
    assert "teve êxito acima do controle" not in text
    large = replace(slight, value=0.7, excess=(0.3, 0.5))
    told = section(
        render_html(replace(RICH, privacy=replace(gate, status="attack_succeeded", attacks=(large,)))), "privacidade"
    )
    assert "teve êxito acima do controle" in told
    assert "mais perto dos reais usados" in told


def test_no_p_value_is_zero_and_the_caveat_stands_with_them(page):
    text = section(page, "metodo")
    assert "Um valor-p diz quão certa é uma diferença, não quão grande" in text
    assert "p < 0,001 (< 0,001)" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "p 0,000" not in text


def test_sample_sizes_of_the_models_are_in_the_method(page):
    text = section(page, "metodo")
    assert "400 / 400" in text
    assert "900 / 700 / 400" in text


def test_a_number_without_words_is_shown_under_its_code():
    table = readings_table([Reading("new_number", 0.5, None, 0.4)], "x", EN)
    assert table.rows[0][0].text == "new number"
    assert readings_table([], "x", EN) is None


@given(st.lists(st.none() | st.floats(-5, 5), max_size=6), st.sampled_from(["number", "auc", "change", "small"]))
def test_every_number_fits_on_its_line(numbers, form):
    low, high = span_of(numbers, form)
    assert low < high
    assert all(low <= number <= high for number in numbers if number is not None)


# ---------------------------------------------------------------- nobody exposed


def test_groups_and_classes_of_fewer_than_five_real_rows_are_nowhere(page):
    assert "Maria da Silva" not in page
    assert "Rarissima" not in page
    assert "Grupos com menos de 5 linhas reais, não mostrados para não expor ninguém: 1." in section(page, "equidade")


def test_a_finding_on_a_group_of_few_rows_is_left_out():
    few = Recommendation("group_lost", ("cliente",), {"group": "Maria da Silva", "n_real": 3})
    assert "Maria da Silva" not in render_html(replace(RICH, recommendations=(few,)))


def test_personal_numbers_in_groups_classes_and_rules_are_masked():
    person = "529.982.247-25"
    group = replace(fairness("cliente").groups[0], group=person)
    recall = replace(RICH.usefulness.target.recalls[0], label=person)
    report = replace(
        RICH,
        fairness=(replace(fairness("cliente"), groups=(group,), positive=person),),
        usefulness=replace(RICH.usefulness, target=replace(RICH.usefulness.target, recalls=(recall,))),
        mined_rules=(MinedRule(f"conta = {person}", "range", ("conta",), 1.0, 900, 1.0),),
        recommendations=(Recommendation("group_lost", ("cliente",), {"group": person, "n_real": 40}),),
    )
    html = render_html(report)
    assert person not in html
    assert html.count("[CPF]") >= 6  # on the page and in its JSON


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_in_a_section_can_become_markup(name):
    report = filled(make_report((name, "b", "c")), (name, "b", "c"))
    report = replace(
        report,
        fairness=(replace(fairness(name), positive=name),),
        mined_rules=(MinedRule(name, name, (name,), 1.0, 9, None),),
    )
    html = render_html(report)
    found = Page(html)
    assert found.tags.count("script") == 2
    assert not [attribute for attribute in found.attributes if attribute[1].startswith("on")]
    assert set(found.tags) == set(Page(render_html(RICH)).tags)


# ---------------------------------------------------------------- words


def test_every_reading_attack_and_test_that_is_computed_has_words():
    source = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("_*.py") if "view" not in path.name)
    used = set(re.findall(r'Reading\(\s*"(\w+)"', source))
    assert used <= set(READINGS), used - set(READINGS)
    assert set(ATTACK_NAMES) | {"exact_copies", "holdout_shift"} <= set(ATTACKS)
    assert set(TEST_NAMES) <= set(TESTS)


def test_no_word_is_the_same_placeholder_in_one_language_only():
    for key, words in _labels.LABELS.items():
        assert set(re.findall(r"{(\w+)}", words.pt)) == set(re.findall(r"{(\w+)}", words.en)), key


def test_reasons_of_the_test_reports_have_sentences():
    assert {"insufficient_data", "needs_holdout", "no_dependence"} <= _texts.REASON_CODES
