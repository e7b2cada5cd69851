"""The report page: honest, self-contained, hostile-proof, small, readable by everyone."""

import base64
import hashlib
import json
import re
import string
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contrapeso.quality
from contrapeso.errors import InvalidParameterError
from contrapeso.quality import _format, _labels, _texts
from contrapeso.quality._html import BalanceSection, render_html
from contrapeso.quality._label_readings import ATTACKS, READINGS
from contrapeso.quality._report import (
    Bars,
    ClassCount,
    ColumnReport,
    DataCharacteristics,
    Dependence,
    Dimension,
    Method,
    NotAssessed,
    PairReport,
    Privacy,
    QualityReport,
    Recommendation,
    RuleReport,
    Score,
)
from tests._reports import filled, privacy

PACKAGE = Path(contrapeso.quality.__file__).parent
VOID = {"meta", "input", "br", "link", "img", "hr"}
EVIDENCE = {
    "categories_missing": {"n_missing": 3, "n_categories": 16, "mass": 0.041},
    "categories_unseen": {"n_unseen": 2, "share": 0.013},
    "column_missing": {},
    "decimals_lost": {"decimals_real": 2, "share_synthetic": 0.4},
    "duplicates": {"synthetic": 0.12, "real": 0.03},
    "exact_copies": {"share": 0.2, "holdout": 0.01},
    "integers_lost": {"share_synthetic": 0.6},
    "null_gap": {"null_real": 0.05, "null_synthetic": 0.0},
    "numeric_shift": {"shift_iqr": 0.42},
    "out_of_range": {"share": 0.031},
    "pair_changed": {"score": 0.71},
    "pair_invented": {"real": 0.01, "synthetic": 0.4},
    "pair_lost": {"real": 0.52, "synthetic": 0.11},
    "rule_violated": {"rule": "a <= b", "rate_real": 1.0, "rate_synthetic": 0.96, "rows": [3, 18, 77]},
    "shape_differs": {"score": 0.7123},
    "interaction_broken": {"auc": 0.81, "auc_real": 0.51},
    "told_apart": {"auc": 0.81, "auc_real": 0.51},
    "target_signal_lost": {"real": 0.88, "synthetic": 0.6},
    "column_signal_lost": {"real": 0.7, "synthetic": 0.1},
    "augmentation_hurts": {"real": 0.88, "augmented": 0.84},
    "sequence_broken": {"score": 0.4},
    "mined_rule_broken": {"rule": "a <= b", "rate_real": 1.0, "rate_synthetic": 0.7},
    "copies_unjudged": {"share": 0.4},
    "near_copies": {"value": 0.2, "control": 0.01},
    "overfit": {"value": 0.6, "control": 0.5},
    "rare_records_exposed": {"value": 0.7, "control": 0.5},
    "membership_exposed": {"value": 0.7, "control": 0.5},
    "attribute_exposed": {"value": 0.7, "control": 0.5},
    "linkable": {"value": 0.3, "control": 0.01},
    "singled_out": {"value": 0.3, "control": 0.01},
    "group_lost": {"group": "idosos", "n_real": 40},
    "group_underrepresented": {"group": "idosos", "real": 0.2, "synthetic": 0.05},
    "group_fidelity": {"group": "idosos", "score": 0.5},
    "group_detected": {"group": "idosos", "auc": 0.8, "overall": 0.55},
    "bias_amplified": {"real": 0.1, "synthetic": 0.3},
    "label_rate_shifted": {"group": "idosos", "real": 0.1, "synthetic": 0.3},
    "odds_worse": {"real": 0.1, "synthetic": 0.3},
}
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "</title></style><!--",
    "{{ 7 * 7 }}{% raw %}",
    "{score}{real}{columns}",
    "\u202egpj.exe\u2066",
    "عمود البيانات",
    "🧾💸",
    "a\x00b\x0bc\ud800",
    "linha\nnova\ttab",
    "&lt;b&gt;&#60;",
    "x" * 3000,
]


class Page(HTMLParser):
    """Elements, attributes and text of a page; every element must be closed."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.open, self.text, self.scripts = [], [], [], [], []
        self.feed(html)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif self.open and self.open[-1] != "style":
            self.text.append(data)

    @property
    def words(self):
        return re.sub(r"\s+", " ", " ".join(self.text))


def make_bars(labels, role="value", suppressed=0):
    n = len(labels)
    real = tuple(round(2 * (k + 1) / (n * (n + 1)), 4) for k in range(n))
    return Bars(tuple(labels), real, tuple(reversed(real)), suppressed, (role,) * n)


def make_report(names=("valor", "categoria"), *, n_cells=12, **changes):
    columns = tuple(
        ColumnReport(
            name,
            "money" if k % 2 == 0 else "categorical",
            Score(0.95 - 0.4 * k / len(names), (0.5, 0.97), 0.99),
            ks=0.9,
            js=0.88,
            wasserstein=0.123 if k % 2 == 0 else None,
            null_real=0.05,
            null_synthetic=0.0,
            unseen_share=0.01,
            coverage=0.9,
            bars=make_bars([f"{c} – {c + 1}" for c in range(n_cells)], "range")
            if k % 2 == 0
            else make_bars([f"Categoria {c}" for c in range(n_cells)], suppressed=2),
        )
        for k, name in enumerate(names)
    )
    n = len(names)
    matrix = tuple(tuple(1.0 if i == j else round(((i * j) % 7) / 10, 4) for j in range(n)) for i in range(n))
    faded = tuple(tuple(value if value == 1 else value / 2 for value in row) for row in matrix)
    values = {
        "overall": Score(0.8123, (0.801, 0.834), 0.975),
        "grade": "B",
        "provisional": False,
        "dimensions": (
            Dimension("statistical_similarity", Score(0.86, (0.84, 0.88), 0.97), 0.8, 0.25, True),
            Dimension("distribution_preservation", Score(0.77, (0.75, 0.79), 0.98), 0.75, 0.3, True),
            Dimension("business_rule_compliance", Score(None, reason="no_rules"), 0.9, 0.2, None),
            Dimension("model_performance", Score(None, reason="no_target"), 0.75, 0.25, None),
        ),
        "columns": columns,
        "pairs": (PairReport(names[0], names[-1], 0.52, 0.11, 0.2, "lost"),),
        "pair_counts": {"kept": 0, "lost": 1, "invented": 0, "changed": 0},
        "dependence": Dependence(tuple(names), matrix, faded),
        "correlation": Dependence(tuple(names), matrix, faded, "spearman"),
        "rules": (),
        "recommendations": (Recommendation("null_gap", (names[0],), EVIDENCE["null_gap"], 0.03),),
        "privacy": Privacy("cannot_be_assessed", 0.0013, 4, None, n),
        "data": DataCharacteristics(3012, 1204, None, n, {}, None, (), 0.01, 0.02),
        "not_assessed": (NotAssessed("privacy", "needs_holdout"),),
        "method": Method(42, 27, 8, 20, "whole_table", 3012.0, "half_split", {"numpy": "2.4.0"}),
        "timestamp": "2026-11-22T14:03:11+00:00",
    }
    return QualityReport(**{**values, **changes})


def embedded(page):
    return next(json.loads(text) for attrs, text in page.scripts if attrs.get("type") == "application/json")


# ---------------------------------------------------------------- hostile input

names = st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=60), st.text(string.printable, min_size=1))


@settings(max_examples=60)
@given(st.lists(names, min_size=1, max_size=5, unique=True), st.sampled_from(["pt", "en"]), st.data())
def test_no_name_can_inject_an_element_an_attribute_or_a_script(hostile, language, data):
    anything = data.draw(names)
    report = make_report(
        tuple(hostile),
        rules=(RuleReport(anything, 0.9, 0.8, 0.88, 10, (1,)),),
        recommendations=tuple(Recommendation(code, tuple(hostile[:2]), EVIDENCE[code], 0.1) for code in EVIDENCE),
        not_assessed=(NotAssessed(anything, "needs_holdout", tuple(hostile)),),
        data=replace(
            make_report().data, target=anything, classes=(ClassCount(anything, 1, 2),), extra_columns=(anything,)
        ),
        timestamp=anything,
    )
    report = replace(report, columns=tuple(replace(c, bars=make_bars([anything, *hostile])) for c in report.columns))
    balance = BalanceSection(anything, ((anything, 5, 5, 10),), anything, 1, anything)
    html = render_html(report, language=language, balance=balance)
    html.encode()  # no lone surrogate is left
    page, plain = Page(html), Page(render_html(make_report(), language=language))
    assert set(page.tags) <= set(plain.tags) | {"table", "th", "td", "tr"}
    assert page.tags.count("script") == 2
    assert page.tags.count("title") > 1  # the page's and the drawings'
    assert not [attribute for attribute in page.attributes if attribute[1].startswith("on")]
    assert not [value for _, name, value in page.attributes if name in ("src", "href") and not value.startswith("#")]
    for svg in re.findall(r"<svg.*?</svg>(?=[^<]|<(?!/svg|rect|line|path|text))", html, re.S):
        if svg.count("<svg") == svg.count("</svg>"):
            ET.fromstring(svg)  # noqa: S314
    assert [column["name"] for column in embedded(page)["columns"]] == [column.name for column in report.columns]
    assert not set("<>&") & set(html.partition('id="contrapeso-report">')[2].partition("</script>")[0])


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_text(name):
    page = Page(render_html(make_report((name, "b"))))
    assert re.sub(r"\s+", " ", _format.clean(name)) in page.words


def test_a_column_named_like_a_placeholder_stays_itself():
    text = _texts.recommendation_text("shape_differs", ("{score}",), {"score": 0.5}, "en")
    assert text.startswith("{score}: ")
    assert "0.50" in text


# ---------------------------------------------------------------- self-contained

SAMPLE = render_html(make_report(), balance=BalanceSection("categoria", (("a", 1, 2, 3),), "SMOTE", 0, "nota"))


def test_nothing_is_fetched():
    assert "http" not in "".join(v for _, n, v in Page(SAMPLE).attributes if n in ("src", "href", "action") and v)
    assert "@import" not in SAMPLE
    assert set(re.findall(r"url\(([^)]*)\)", SAMPLE)) == {"#cp-stripes"}
    assert not set(Page(SAMPLE).tags) & {"link", "img", "iframe", "object", "embed", "base"}


def test_the_page_satisfies_its_own_policy():
    page = Page(SAMPLE)
    policy = next(v for t, n, v in page.attributes if t == "meta" and n == "content" and "default-src" in v)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    (script,) = [text for attrs, text in page.scripts if attrs.get("type") != "application/json"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert len(script.encode()) <= 10_000


def test_the_json_block_is_the_report():
    report = make_report()
    assert embedded(Page(render_html(report))) == json.loads(json.dumps(report.to_dict()))


def test_numbers_that_json_does_not_have_become_null():
    report = make_report(recommendations=(Recommendation("shape_differs", ("valor",), {"score": float("nan")}, None),))
    page = Page(render_html(report))
    assert embedded(page)["recommendations"][0]["evidence"]["score"] is None
    assert "nan" not in page.words


# ---------------------------------------------------------------- size


def wide_report(n, kind):
    """The heaviest report that evaluate makes: 23 cells a column, thirty pairs, both maps, long labels."""
    names = tuple(f"uma_coluna_de_nome_comprido_{k}" for k in range(n))
    made = make_report(names)
    bars = {
        "money": make_bars([f"{1000 * c}.25 – {1000 * (c + 1)}.25" for c in range(23)], "range"),
        "categorical": make_bars([f"Uma categoria de nome comprido, número {c}" for c in range(23)]),
    }[kind]
    columns = tuple(replace(column, kind=kind, bars=bars, note="cast") for column in made.columns)
    pairs = tuple(PairReport(*pair, 0.4, 0.1, 0.3, "lost") for pair in pairwise(names))[:30]
    recommendations = tuple(Recommendation("null_gap", (name,), EVIDENCE["null_gap"], 0.01) for name in names)
    return filled(replace(made, columns=columns, pairs=pairs, recommendations=recommendations))


@pytest.mark.parametrize("kind", ["money", "categorical"])
@pytest.mark.parametrize(("n", "limit"), [(30, 500_000), (60, 1_000_000), (200, 2_000_000)])
def test_the_heaviest_page_stays_under_its_limit(n, limit, kind):
    html = render_html(wide_report(n, kind))
    assert len(html.encode()) < limit
    data = embedded(Page(html))
    assert len(data["columns"]) == n
    assert len(data["dependence"]["columns"]) == 30


def test_a_usual_page_of_thirty_columns_with_every_section_is_light():
    """Half numbers of 20 ranges, half categories of 8; ten findings."""
    names = tuple(f"coluna_{k}" for k in range(30))
    numbers, labels = make_bars([f"{c}.25 – {c + 1}.25" for c in range(20)], "range"), make_bars("abcdefgh")
    made = make_report(names)
    columns = tuple(replace(c, bars=numbers if k % 2 == 0 else labels) for k, c in enumerate(made.columns))
    recommendations = tuple(Recommendation("null_gap", (name,), EVIDENCE["null_gap"], 0.01) for name in names[:10])
    html = render_html(filled(replace(made, columns=columns, recommendations=recommendations)))
    assert len(html.encode()) < 350_000


# ---------------------------------------------------------------- what it says


def words(report, language="pt", **more):
    return Page(render_html(report, language=language, **more)).words


def test_the_verdict_comes_first_in_words():
    html = render_html(make_report())
    text = Page(html[html.index("<main>") : html.index("</main>") + 7]).words  # without the contents in the header
    assert text.index("Boa") < text.index("O que corrigir primeiro") < text.index("As dimensões")
    assert "0,81 de 1 · intervalo de 95% entre 0,80 e 0,83 · teto 0,97" in text
    assert "são parecidas com as reais" in text
    assert "resemble the real ones" in words(make_report(), "en")


def test_sections_come_in_the_promised_order():
    balance = BalanceSection("alvo", (("a", 10, 5, 15),), "SMOTE")
    html = render_html(make_report(rules=(RuleReport("r", 1.0, 0.9, 0.9, 5),)), balance=balance)
    order = re.findall(r'<section id="(\w+)"', html)
    assert order == [
        "resultado", "balanceamento", "corrigir", "dimensoes", "colunas", "relacoes", "regras", "privacidade", "metodo",
    ]  # fmt: skip
    anchors = [value[1:] for tag, name, value in Page(html).attributes if (tag, name) == ("a", "href")]
    assert set(order) <= set(anchors)


def test_too_little_data_gives_no_grade_and_says_why():
    report = make_report(overall=Score(None, reason="insufficient_data"), grade=None, provisional=True)
    text = words(report)
    assert "Dados insuficientes" in text
    assert _texts.reason_text("insufficient_data") in text
    assert "Provisória" not in text
    assert not re.search(r"Nota [A-F]\b", text)


def test_a_provisional_grade_says_why():
    few = replace(make_report().data, n_synthetic=150)
    assert "menos de 200 linhas" in words(make_report(provisional=True, data=few))
    one = tuple(replace(d, score=Score(None, reason="no_rules"), passed=None) for d in make_report().dimensions[1:])
    alone = make_report(provisional=True, dimensions=(make_report().dimensions[0], *one))
    assert "menos de duas dimensões" in words(alone)
    assert "Provisória" not in words(make_report())


def test_two_letters_are_explained():
    text = words(make_report(grade="B/C"))
    assert "Boa a regular" in text
    assert "A margem de erro cruza duas notas" in text


def test_a_dimension_under_its_minimum_is_named_and_caps_the_grade():
    low = Dimension("distribution_preservation", Score(0.7499, (0.72, 0.77), 0.98), 0.75, 0.3, False)
    text = words(make_report(grade="C", dimensions=(make_report().dimensions[0], low)))
    assert "Abaixo do mínimo: relações entre colunas (0,74 < 0,75). Por isso a nota não passa de C." in text


def test_absent_dimensions_say_why():
    text = words(make_report())
    assert "Nenhuma regra de negócio foi informada." in text
    assert "Não medida" in text


def test_privacy_never_promises():
    for status in ("cannot_be_assessed", "no_excess_found", "excess_copies", "attack_succeeded"):
        gate = replace(privacy(status, attacks=status != "cannot_be_assessed"), holdout_copies=0.02)
        report = make_report(privacy=gate)
        for language in ("pt", "en"):
            text = words(report, language).lower()
            assert not re.search(r"(são|is|are) (privad|anônim|private|anonymous|safe|segur)", text)
    assert "Não pode ser avaliada" in words(make_report())


def test_copies_beyond_chance_are_said_beside_the_grade():
    html = render_html(make_report(privacy=Privacy("excess_copies", 0.5, 600, 0.01, 4)))
    verdict = html[html.index('id="resultado"') : html.index('id="corrigir"')]
    assert verdict.index('<p class="letter') < verdict.index('<p class="stamp">Não divulgue</p>')
    assert "NÃO DIVULGUE" in verdict
    assert "uma cópia é um dado bom" in verdict  # the grade stays, and is explained


def test_a_score_just_under_its_threshold_is_not_rounded_up():
    assert _format.score(0.7999, "en") == "0.79"
    assert _format.score(0.8, "en") == "0.80"
    assert _format.score(0.29, "en") == "0.29"  # 0.29 * 100 is 28.999999999999996


def test_balance_counts_are_shown_before_and_after():
    rows = (("Juros", 28, 252, 280), ("Vendas", 812, -12, 800))
    text = words(make_report(), balance=BalanceSection("categoria", rows, "SMOTENC", 42, "até dez vezes"))
    assert "Juros 28 +252 280" in text
    assert "Vendas 812 −12 800" in text
    assert "29,0 → 2,9" in text  # 812 / 28 and 800 / 280
    assert "840 +240 = 1.080" in text
    assert "até dez vezes" in text


def test_an_empty_class_has_no_ratio():
    balance = BalanceSection("categoria", (("a", 0, 5, 5), ("b", 5, 0, 5)), "random")
    assert "menor classe" not in words(make_report(), balance=balance)


def test_free_text_and_personal_numbers_stay_off_the_page():
    made = make_report(("descricao", "cliente", "classe"))
    labels = ("PIX MARIA APARECIDA", "529.982.247-25", "conta 123456789012")
    kinds = ("text", "categorical", "ordinal")
    columns = tuple(replace(c, kind=kind, bars=make_bars(labels)) for c, kind in zip(made.columns, kinds, strict=True))
    data = replace(made.data, classes=(ClassCount("529.982.247-25", 3, 4),))
    balance = BalanceSection("cliente", (("conta 123456789012", 3, 1, 4),), "SMOTE")
    html = render_html(replace(made, columns=columns, data=data), balance=balance)
    text_column = html[html.index('data-name="descricao"') :].partition("</details>")[0]
    assert "MARIA" not in text_column
    assert "texto 1" in text_column
    assert "Os textos não são mostrados" in text_column
    assert "529.982" not in html
    assert "123456789012" not in html
    shown = embedded(Page(html))["columns"]
    assert [column["bars"]["labels"][0] for column in shown] == ["texto 1", labels[0], labels[0]]


def test_the_verdict_says_how_much_was_measured():
    assert "Dimensões medidas: 2 de 4. Privacidade não avaliada." in words(make_report())
    judged = make_report(privacy=Privacy("no_excess_found", 0.01, 4, 0.02, 4))
    assert "Dimensões medidas: 2 de 4. Privacidade" not in words(judged)


def test_columns_come_worst_first_and_unmeasured_last():
    made = make_report(("boa", "ruim", "id"))
    scores = (Score(0.9), Score(0.1), Score(None, reason="excluded_identifier"))
    columns = tuple(replace(c, score=s) for c, s in zip(made.columns, scores, strict=True))
    html = render_html(replace(made, columns=columns))
    assert re.findall(r'data-name="(\w+)"', html) == ["ruim", "boa", "id"]


def test_recommendations_beyond_seven_are_folded_away():
    many = tuple(Recommendation("column_missing", (f"c{k}",), {}, 0.1) for k in range(9))
    html = render_html(make_report(recommendations=many))
    assert html.count('<li class="card">') == 9
    assert "Mais 2 itens" in html


def test_no_finding_is_said_and_not_left_blank():
    assert "Nada a corrigir foi encontrado" in words(make_report(recommendations=()))
    assert "As relações não foram medidas" in words(make_report(dependence=None, correlation=None))
    assert "A tabela não tem colunas comparáveis" in words(make_report(columns=()))
    assert "Privacidade não avaliada" in words(make_report(privacy=None))


def test_an_unknown_language_is_refused():
    with pytest.raises(InvalidParameterError, match="'pt' or 'en'"):
        render_html(make_report(), language="fr")


# ---------------------------------------------------------------- words and numbers


@pytest.mark.parametrize(
    ("shown", "pt", "en"),
    [
        (lambda lang: _format.number(1234.56, lang), "1.234,56", "1,234.56"),
        (lambda lang: _format.number(-0.001, lang), "0,00", "0.00"),
        (lambda lang: _format.count(1204, lang), "1.204", "1,204"),
        (lambda lang: _format.percent(0.0413, lang), "4,1%", "4.1%"),
        (lambda lang: _format.percent(0.0, lang), "0%", "0%"),
        (lambda lang: _format.percent(0.0001, lang), "menos de 0,1%", "under 0.1%"),
        (lambda lang: _format.percent(0.99999, lang), "mais de 99,9%", "over 99.9%"),
        (lambda lang: _format.percent(None, lang), "—", "—"),
        (lambda lang: _format.percent(-0.02, lang), "−2,0%", "−2.0%"),
        (lambda lang: _format.signed(-0.42, lang), "−0,42", "−0.42"),
        (lambda lang: _format.signed(0.001, lang), "0,00", "0.00"),
        (
            lambda lang: _format.moment("2026-11-22T14:03:11+00:00", lang),
            "22/11/2026 14:03 UTC",
            "2026-11-22 14:03 UTC",
        ),
        (lambda lang: _format.moment("ontem", lang), "ontem", "ontem"),
        (lambda lang: _format.range_label("1000 – 2500.5", lang), "1.000 – 2.500,5", "1,000 – 2,500.5"),
        (lambda lang: _format.range_label("≥ -12.25", lang), "≥ −12,25", "≥ −12.25"),
        (lambda lang: _format.range_label("< 2024-01-31", lang), "< 31/01/2024", "< 2024-01-31"),
        (lambda lang: _format.range_label("1e+20 – 2e+20", lang), "1e+20 – 2e+20", "1e+20 – 2e+20"),
    ],
)
def test_numbers_and_dates_are_written_as_in_the_language(shown, pt, en):
    assert shown("pt") == pt
    assert shown("en") == en


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_portuguese_numbers_read_back(value):
    text = _format.number(value, "pt", 2)
    assert float(text.replace(".", "").replace(",", ".")) == pytest.approx(value, abs=0.005001)


@given(st.text())
def test_clean_text_is_short_and_printable_in_utf8(text):
    shown = _format.clean(text)
    assert len(shown) <= 80
    shown.encode()
    ET.fromstring(f"<a>{''.join(c for c in shown if c not in '<&')}</a>")  # noqa: S314 - legal in XML


def test_every_code_has_words_in_both_languages_and_evidence_that_fills_them():
    assert set(EVIDENCE) == set(_texts.RECOMMENDATION_CODES)
    for code, evidence in EVIDENCE.items():
        for language in ("pt", "en"):
            whole = _texts.recommendation_text(code, ("a", "b"), evidence, language)
            finding, action = _texts.recommendation_parts(code, ("a", "b"), evidence, language)
            assert "{" not in whole
            assert finding.endswith(".")
            assert action.endswith(".")
            assert action in whole
    for code in _texts.REASON_CODES:
        assert _texts.reason_text(code, "pt") != _texts.reason_text(code, "en")


def test_every_code_that_the_room_uses_has_words():
    source = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("_*.py"))
    used = set(re.findall(r'(?:reason|note)=?(?: =)? ?"(\w+)"', source)) | set(
        re.findall(r'NotAssessed\("\w+", "(\w+)"', source)
    )
    assert used <= _texts.REASON_CODES, used - _texts.REASON_CODES
    assert set(re.findall(r'Recommendation\("(\w+)"', source)) <= _texts.RECOMMENDATION_CODES


def test_every_label_is_used_and_every_metric_is_in_both_languages():
    files = [*PACKAGE.glob("_*.py"), *(PACKAGE / "templates").glob("*.j2")]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files if path.name != "_labels.py")
    made = ("map_", "measure_", "found_", "against_", "use_against_")  # the rest of the key comes from the report
    for key in _labels.LABELS:
        stem = next((stem[:-1] for stem in made if key.startswith(stem)), key)
        assert re.search(rf"[\"']{stem}(?:[\"']|_)", source), key
    for text in (*_labels.METRICS.values(), *READINGS.values(), *ATTACKS.values()):
        for phrase in (text.name, text.means, text.good, text.limits):
            assert phrase.pt
            assert phrase.en


# ---------------------------------------------------------------- for everyone


@pytest.mark.parametrize(("language", "tag"), [("pt", "pt-BR"), ("en", "en")])
def test_the_document_says_its_language(language, tag):
    assert f'<html lang="{tag}">' in render_html(make_report(), language=language)


def test_headings_do_not_skip_a_level_and_ids_are_unique():
    page = Page(SAMPLE)
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    idents = [value for _, name, value in page.attributes if name == "id"]
    assert len(idents) == len(set(idents))
    for _, name, value in page.attributes:
        if name == "aria-labelledby":
            assert set(value.split()) <= set(idents)


def test_without_script_the_tools_are_hidden_and_the_rest_is_there():
    page = Page(SAMPLE)
    assert ("form", "hidden", None) in page.attributes
    assert "details" in page.tags
    assert "Medidas" in page.words


def palette(css, start):
    block = css[css.index(start) :]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block[: block.index("}")]))


def luminance(colour):
    colour = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    parts = [int(colour[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("start", [":root {", "@media (prefers-color-scheme: dark)", "@media print"])
def test_colours_meet_wcag_aa(start):
    css = (PACKAGE / "templates" / "style.css.j2").read_text(encoding="utf-8")
    colours = palette(css, start)
    for ink in ("ink", "soft", "real", "syn", "good", "bad", "warn"):
        assert contrast(colours[ink], colours["paper"]) >= 4.5, ink
    for ink in ("ink", "soft"):
        assert contrast(colours[ink], colours["page"]) >= 4.5, ink
    assert contrast(colours["bad"], colours["bad-soft"]) >= 4.5
    assert contrast(colours["warn"], colours["warn-soft"]) >= 4.5
    assert contrast(colours["on-dark"], colours["heat"]) >= 4.5
