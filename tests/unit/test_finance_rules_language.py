"""The language of rules: what it says yes to, what it refuses, and that it agrees with plain Python row by row."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._text import normalize_description
from contrapeso.finance.features._payee import payee_key
from contrapeso.finance.rules import FUNCTIONS, parse
from contrapeso.finance.rules._evaluate import truth_of
from contrapeso.finance.rules._folding import fold_all, holding, payees_of, space_all
from contrapeso.finance.rules._patterns import check_pattern, folded, globber
from contrapeso.finance.rules._table import Table
from contrapeso.finance.rules._values import UnanswerableError

FRAME = pd.DataFrame(
    {
        "date": ["2024-01-05", "2024-01-06", None],
        "amount": [-10.5, 0.3, np.nan],
        "category": ["Impostos", None, "x"],
        "description": ["DAS 01/2024", "PIX João", ""],
        "Valor total": [1, 2, 3],
    }
)


def ask(expression: str, frame: pd.DataFrame = FRAME) -> list[bool | None]:
    true, known = truth_of(parse(expression), Table(frame))
    return [bool(yes) if sure else None for yes, sure in zip(true, known, strict=True)]


@pytest.mark.parametrize(
    ("expression", "answers"),
    [
        ("amount < 0 and category == 'Impostos'", [True, False, False]),
        ("amount < 0 or category == 'x'", [True, None, True]),
        ("amount == .1 + .2", [False, True, None]),
        ("-20 < amount <= -10.5", [True, False, None]),
        ("category in ['Impostos', 'x']", [True, None, True]),
        ("category not in ('x',)", [True, None, False]),
        ("category is None", [False, True, False]),
        ("description is not None", [True, True, False]),
        ("is_null(amount)", [False, False, True]),
        ("is_business_day(date)", [True, False, None]),
        ("weekday(date) == 5", [False, True, None]),
        ("day(date) == 5 and month(date) == 1 and year(date) == 2024", [True, False, None]),
        ("date >= '2024-01-06'", [False, True, None]),
        ("date == date('2024-01-05')", [True, False, None]),
        ("date - date('2024-01-01') == 4", [True, False, None]),
        ("date + 1 == date('2024-01-07')", [False, True, None]),
        ("days_between(date, '2024-01-10') == 5", [True, False, None]),
        ("business_days_between(date, '2024-01-08') == 1", [True, False, None]),
        ("nth_business_day(date, -1) == date('2024-01-31')", [True, True, None]),
        ("business_day(date) == 4 and labour_day(date) == 4", [True, False, None]),
        ("business_days_left(date) == 19", [True, False, None]),
        ("template_matches('das*')", [True, False, None]),
        ("like(description, '*joão')", [False, True, None]),
        ("like(description, 'das ??/2024')", [True, False, None]),
        ("has_word(description, 'joao', 'das')", [True, True, None]),
        ("has_word(description, 'da')", [False, False, None]),
        ("contains(description, 'AS 0')", [True, False, None]),
        ("starts_with(description, 'pix') or ends_with(description, '2024')", [True, True, None]),
        (r"matches(description, 'DAS \d{2}/\d{4}')", [True, False, None]),
        (r"finds(description, '\d{2}/')", [True, False, None]),
        ("fold(description) == 'pix joao'", [False, True, None]),
        ("lower(category) == 'impostos'", [True, None, False]),
        ("len(description) == 8", [False, True, None]),
        ("between(amount, -11, 0)", [True, False, None]),
        ("abs(amount) == 10.5 and sign(amount) == -1", [True, False, None]),
        ("cents(amount) == 30", [False, True, None]),
        ("round(amount) == -10 or round(amount, 1) == .3", [True, True, None]),
        ("max(amount, 0) == 0 and min(amount, 0, -1) < 0", [True, False, None]),
        ("coalesce(category, 'y') == 'y'", [False, True, False]),
        ("amount / 0 > 1", [None, None, None]),
        ("col('Valor total') % 2 == 1", [True, False, True]),
        ("(amount < 0) if category == 'Impostos' else (amount > 0)", [True, None, None]),
        ("prev(amount) < 0", [None, True, None]),
        ("not amount < 0", [False, True, None]),
        ("amount == None", [None, None, None]),
        ("True", [True, True, True]),
    ],
)
def test_an_expression_answers_in_three_truths(expression: str, answers: list[bool | None]) -> None:
    assert ask(expression) == answers


@pytest.mark.parametrize(
    "expression",
    [
        "().__class__", "amount.real", "x[0]", "lambda: 1", "__import__('os')", "a ** b", "[x for x in y]", "f'{x}'",
        "1 in x", "x is 3", "x in ['a', y]", "(" * 300, "-" * 900 + "1", "x" * 1001, "9e999", "amount <", "a\x00", "",
        "matchs(x, 'a')", "abs(*x)", "abs(x=1)", "x := 3", "print(1)", "{1: 2}", "'a'.join(x)", "abs()", "1j == x",
        "matches(x, y)", "matches(x, '(a+)+')", "matches(x, '(a|b)*')", r"matches(x, '(a)\1')", "await x", "b'x' == y",
        "matches(x, '" + "a?" * 30 + "')", "col(x)", "10 ** 10 ** 10", "... == x", "a if b", "exec('1')", "x; y",
        " and ".join(["a"] * 400), "finds(x, '(?=a)')", "matches(x, '[')", "like(x, 1)",
    ],
)  # fmt: skip
def test_what_is_outside_the_language_is_refused_with_a_sentence(expression: str) -> None:
    with pytest.raises(InvalidParameterError) as error:
        parse(expression)
    assert str(error.value).endswith((".", "'", '"')) or len(str(error.value)) > 20


def test_an_absent_column_and_a_wrong_kind_have_no_answer() -> None:
    for expression in ("saldo > 0", "amount > 'a' and category > 'b'", "date + date > 1", "description + 1 > 2"):
        with pytest.raises(UnanswerableError):
            ask(expression)


def test_prev_follows_the_date_within_the_account() -> None:
    frame = pd.DataFrame(
        {"date": ["2024-01-03", "2024-01-01", "2024-01-02", "2024-01-01"], "amount": [3.0, 1.0, 2.0, 9.0],
         "account": ["a", "a", "a", "b"]}
    )  # fmt: skip
    assert ask("prev(amount) == amount - 1", frame) == [True, None, True, None]
    assert ask("prev(amount, category) > 0", frame.assign(category="z")) == [True, None, True, True]


numbers = st.one_of(st.none(), st.integers(-300, 300).map(lambda cents: cents / 100))


@given(st.lists(st.tuples(numbers, numbers, st.sampled_from(["a", "b", None])), min_size=1, max_size=12))
def test_the_columns_agree_with_python_row_by_row(rows: list[tuple[float | None, float | None, str | None]]) -> None:
    frame = pd.DataFrame(rows, columns=["x", "y", "c"]).astype({"x": float, "y": float, "c": object})
    expected = []
    for x, y, c in rows:
        low = None if x is None or y is None else round(100 * x) < round(100 * y)
        same = None if c is None else c == "a"
        found = False if low is False or same is False else None if low is None or same is None else True
        expected.append(found)
    assert ask("x < y and c == 'a'", frame) == expected
    opposite = [None if one is None else not one for one in expected]
    assert ask("not (x < y and c == 'a')", frame) == ask("x >= y or c != 'a'", frame) == opposite


text = st.text(st.sampled_from("abçÃé İß 12/-.*|\t\x1e\x00ﬁ_Zz"), max_size=14)


@given(st.lists(text, min_size=1, max_size=6))
def test_texts_folded_together_are_those_folded_alone(texts: list[str]) -> None:
    folds = fold_all(texts)
    assert folds == [" ".join(folded(one).split()) for one in texts]
    assert [one.strip(" -:;,._|") for one in folds] == [normalize_description(one) for one in texts]
    assert payees_of(folds) == [payee_key(one) for one in folds]
    spaced = space_all(folds)
    assert holding(spaced, [" b ", "z"]).tolist() == [" b " in one or "z" in one for one in spaced]


@given(st.text("ab*?", max_size=6), st.text("ab", max_size=8))
def test_a_glob_is_the_regular_expression_it_stands_for(glob: str, word: str) -> None:
    import re

    pattern = "".join(".*" if sign == "*" else "." if sign == "?" else sign for sign in glob)
    assert globber(glob)(word) == (re.fullmatch(pattern, word) is not None)


@pytest.mark.parametrize(
    "pattern", [r"\d{2}/\d{4}", "[a-z]+ (?:x|y) .*", r"(\d{3}\.){2}\d{3}", "[)(+*]{2}x?", "(ab+)?c"]
)
def test_usual_patterns_are_taken(pattern: str) -> None:
    check_pattern(pattern)


def test_dates_outside_the_calendar_are_not_known() -> None:
    frame = pd.DataFrame({"date": [dt.date(1980, 1, 1), dt.date(2024, 1, 2), dt.date(2150, 1, 1)]})
    assert ask("is_business_day(date)", frame) == [None, True, None]
    assert ask("date < '2000-01-01'", frame) == [True, False, False]


def test_every_function_says_what_it_means() -> None:
    assert all(function.meaning for function in FUNCTIONS.values())
