"""Numbers and amounts: generated from known integers in each style, read back exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.tables.reading import NumberStyle, detect_number_style, grid_cents, parse_cents, parse_number
from contrapeso.tables.reading._numbers import COMMA, POINT, evidence

CENTS = st.integers(-(10**13), 10**13)


def written(cents: int, style: NumberStyle, *, grouped: bool) -> str:
    """Plain writing of an amount, by integer arithmetic only."""
    whole, rest = divmod(abs(cents), 100)
    digits = f"{whole:,}" if grouped else str(whole)
    if style.decimal == ",":
        digits = digits.replace(",", ".")
    return f"{'-' if cents < 0 else ''}{digits}{style.decimal}{rest:02d}"


@given(CENTS, st.sampled_from([COMMA, POINT]), st.booleans())
def test_a_written_amount_is_read_back_to_the_cent(cents, style, grouped):
    assert parse_cents(written(cents, style, grouped=grouped), style) == cents


@given(
    st.integers(0, 10**12),
    st.sampled_from(
        [
            ("R$ {}", 1),
            ("R$\u00a0{}", 1),
            ("-R$ {}", -1),
            ("R$ -{}", -1),
            ("({})", -1),
            ("(R$ {})", -1),
            ("{}-", -1),
            ("{} D", -1),
            ("{}D", -1),
            ("{} c", 1),
            ("-{} D", -1),
            ("+{}", 1),
            ("\u2212{}", -1),
            ("  {} ", 1),
            ("{} BRL", 1),
        ]
    ),
)
def test_signs_currency_and_brackets_are_understood(cents, form):
    pattern, sign = form
    assert parse_cents(pattern.format(written(cents, COMMA, grouped=True)), COMMA) == sign * cents


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "-", "R$", "abc", "#REF!", "#N/A", "#VALOR!", "#DIV/0!", "12/03", "1,2,3", "1.23,45", "--5,00"),
        *("-5,00 C", "((5,00))", "1e999999999", "\u0663,00", "1,234", "12E5", "NaN", "inf", "5,00 X", "1..234"),
        *("9" * 60, "1,00,00"),
    ],
)
def test_what_is_no_amount_in_a_comma_column_is_none_and_never_zero(text):
    assert parse_cents(text, COMMA) is None


@given(st.text(max_size=30), st.sampled_from([COMMA, POINT]))
def test_any_text_is_a_number_or_none(text, style):
    number, cents = parse_number(text, style), parse_cents(text, style)
    assert number is None or isinstance(number, float)
    if cents is not None:
        assert number is not None
        assert cents == round(number * 100)


def test_parts_of_a_cent_are_no_amount_but_the_noise_of_floats_is():
    assert parse_cents("94.88000000000001", POINT) == 9488
    assert parse_cents("10.005", POINT) is None
    assert grid_cents(Decimal("1.005")) is None
    assert grid_cents(Decimal("NaN")) is None


@pytest.mark.parametrize(
    ("values", "decimal", "certain"),
    [
        (["1.234", "10,50"], ",", True),
        (["1.234", "1.234.567"], ",", True),
        (["1.234", "12.5"], ".", True),
        (["1.234", "1,234.56"], ".", True),
        (["1.234", "0.125"], ".", True),
        (["1.234", "1234.567"], ".", True),
        (["1,234,567"], ".", True),
        (["R$ 1.234", "R$ 5,00"], ",", True),
        (["10", "20"], ".", True),
        (["1.234", "5.678"], ".", False),
        (["10,50", "11,50", "12.50"], ",", False),
        (["#REF!", "abc", "10,50"], ",", True),
        ([], ".", True),
    ],
)
def test_the_style_is_decided_by_the_whole_column(values, decimal, certain):
    style = detect_number_style(values)
    assert (style.decimal, style.certain) == (decimal, certain)


def test_thousands_without_any_evidence_follow_the_file_and_say_so():
    prefer = NumberStyle(",", certain=False, why="the ';' delimiter")
    style = detect_number_style(["1.234", "5.678"], prefer=prefer)
    assert parse_cents("1.234", style) == 123_400
    assert not style.certain
    assert "';' delimiter" in style.why


def test_values_that_contradict_the_column_are_none_not_misread():
    style = detect_number_style(["10,50", "11,50", "12.50"])
    assert [parse_cents(text, style) for text in ("10,50", "11,50", "12.50")] == [1050, 1150, None]


@given(st.lists(CENTS, min_size=1, max_size=20), st.sampled_from([COMMA, POINT]), st.booleans())
def test_a_column_of_amounts_is_detected_in_its_style(column, style, grouped):
    texts = [written(cents, style, grouped=grouped) for cents in column]
    found = detect_number_style(texts)
    assert (found.decimal, found.certain, found.proved) == (style.decimal, True, True)


@pytest.mark.parametrize(
    ("text", "mark"), [("1.234", "?"), ("1,5", ","), ("0,123", ","), ("12", None), ("1.2.3", None)]
)
def test_what_one_number_proves(text, mark):
    assert evidence(text) == mark
