"""Several synthetic tables side by side: places only beyond noise, refused tables never ahead."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.errors import InvalidParameterError
from contrapeso.quality import render_comparison
from contrapeso.quality._report import Score
from contrapeso.quality._view_compare import places, tied
from tests._reports import filled, privacy
from tests.unit.test_report_html import HOSTILE, Page, embedded, make_report


def scored(value, reach=0.02, **changes):
    overall = Score(value, (value - reach, value + reach), 0.97)
    return replace(filled(make_report()), overall=overall, grade="A" if value >= 0.9 else "C", **changes)


def words(reports, language="pt"):
    return Page(render_comparison(reports, language=language)).words


def test_a_table_is_ahead_where_its_interval_overlaps_no_other():
    text = words({"a": scored(0.7), "b": scored(0.95)})
    assert "b está à frente" in text
    assert "1º lugar" in text
    assert "2º lugar" in text


def test_overlapping_intervals_are_a_tie():
    text = words({"a": scored(0.9), "b": scored(0.92)}, "en")
    assert "Tied in front: a, b." in text
    assert "place 1, tied with b" in text
    assert "place 2" not in text
    assert "+0.02 to the first (tied)" in text


def test_a_refused_table_is_never_ahead_however_well_it_scores():
    reports = {"copy": scored(0.99, privacy=privacy("attack_succeeded")), "x": scored(0.9), "y": scored(0.7)}
    text = words(reports, "en")
    assert "x is ahead" in text
    assert "Do not release: copy." in text


def test_differences_are_to_the_first_table():
    text = words({"a": scored(0.9), "b": scored(0.7)}, "en")
    assert "−0.20 to the first" in text
    assert "−0.20 to the first (tied)" not in text


def test_a_table_without_a_grade_has_no_place_and_says_why():
    none = replace(make_report(), overall=Score(None, reason="insufficient_data"), grade=None)
    text = words({"a": scored(0.9), "b": none}, "en")
    assert "no place: no interval" in text
    assert "Insufficient data" in text
    assert "Fewer than two tables" in text


def test_other_real_rows_are_noticed():
    other = scored(0.9)
    other = replace(other, data=replace(other.data, n_real=99))
    caution = "were not compared with the same real rows"
    assert caution in words({"a": scored(0.9), "b": other}, "en")
    assert caution not in words({"a": scored(0.9), "b": scored(0.7)}, "en")


@pytest.mark.parametrize("n", [0, 1, 9])
def test_two_to_eight_tables_are_compared(n):
    with pytest.raises(InvalidParameterError, match="2 to 8"):
        render_comparison({str(k): make_report() for k in range(n)})


def test_eight_tables_fit_and_hold_no_request():
    html = render_comparison({f"conjunto {k}": scored(0.5 + 0.05 * k) for k in range(8)})
    assert len(html.encode()) < 150_000
    page = Page(html)
    assert not [v for _, name, v in page.attributes if name in ("src", "href") and not v.startswith("#")]
    assert [item["name"] for item in embedded(page)] == [f"conjunto {k}" for k in range(8)]
    for table in re.findall(r"<table.*?</table>", html, re.DOTALL):
        assert "<caption" in table


@pytest.mark.parametrize("name", HOSTILE)
def test_the_name_of_a_table_stays_text(name):
    page = Page(render_comparison({name: scored(0.9), "b": scored(0.7)}))
    assert page.tags.count("script") == 2
    assert set(page.tags) == set(Page(render_comparison({"a": scored(0.9), "b": scored(0.7)})).tags)


scores = st.floats(0, 1).flatmap(lambda v: st.floats(0, 0.3).map(lambda r: Score(v, (v - r, v + r)))) | st.just(
    Score(0.5)
)


@given(st.lists(scores, min_size=2, max_size=8))
def test_places_agree_with_the_intervals(drawn):
    found = places(drawn)
    for k, score in enumerate(drawn):
        assert (found[k] is None) == (score.interval is None)
        for j in tied(drawn, k):
            assert k in tied(drawn, j)
        for j, other in enumerate(drawn):
            if score.interval and other.interval and other.interval[0] > score.interval[1]:
                assert found[j] < found[k]
                assert j not in tied(drawn, k)
    ranked = [place for place in found if place is not None]
    assert not ranked or min(ranked) == 1
