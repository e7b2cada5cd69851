"""The drawings of the report: valid, described, without rows, and true to the numbers."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contrapeso.quality._svg import (
    MAX_CATEGORIES,
    N_WHOLE,
    STRIPES,
    Alt,
    Cell,
    Mark,
    column_plot,
    dumbbell,
    heat_map,
    mini_overlay,
    scale_strip,
    score_bar,
    shown_categories,
    small_bar,
    stacked_bar,
    versus,
)

WORDS = {"null": "vazio", "other": "outras", "unseen": "inéditas", "suppressed": "raras"}
ALT = Alt("x", "título", "descrição")
shares = st.floats(0, 1)
roles = st.sampled_from(["range", "value", "null", "other", "unseen", "suppressed"])
cells = st.lists(st.builds(Cell, st.text(max_size=40), roles, shares, shares), max_size=60)
wild = st.one_of(
    st.text(max_size=50),
    st.sampled_from(["<script>alert(1)</script>", "</svg>", '" onload="x', "&amp;", "\x00\x0b", "\ud800", "𝔘" * 90]),
)


def percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own text


@given(cells, wild)
def test_a_column_plot_is_valid_svg_with_title_and_description(drawn, name):
    svg = column_plot(drawn, Alt("c1", name, "descrição"), WORDS, percent)
    if not drawn:
        assert not svg
        return
    root = parse(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "c1-t c1-d"
    assert root[0].tag == "title"
    assert root[0].get("id") == "c1-t"
    assert (root[1].tag, root[1].text) == ("desc", "descrição")


@given(wild)
def test_hostile_names_stay_text(name):
    drawn = [Cell(name, "value", 0.4, 0.5), Cell(name, "value", 0.6, 0.5)]
    for svg in (column_plot(drawn, Alt("a", name, "d"), WORDS, percent), mini_overlay(drawn, Alt("b", name))):
        root = parse(svg)
        assert {element.tag for element in root.iter()} <= {"svg", "title", "desc", "g", "rect", "text", "path", "line"}
        assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]


def test_bar_lengths_are_the_shares_and_real_comes_before_synthetic():
    root = parse(column_plot([Cell("a", "value", 0.8, 0.2), Cell("b", "value", 0.2, 0.8)], ALT, WORDS, percent))
    widths = {
        side: [float(rect.get("width").rstrip("%")) for rect in root.find(f"g[@class='{side}']")]
        for side in ("real", "syn")
    }
    assert widths == {"real": [56.0, 14.0], "syn": [14.0, 56.0]}


def test_ranges_are_drawn_on_one_scale_with_the_special_cells():
    drawn = [Cell("1 – 2", "range", 0.4, 0.1), Cell("2 – 3", "range", 0.2, 0.5), Cell("", "null", 0.4, 0.4)]
    root = parse(column_plot(drawn, ALT, WORDS, percent))
    steps = root.find("svg/path[@class='area']").get("d")
    assert steps == "M0 100V20h1V60h1V100z"  # 0.4 and 0.2 of a top of 0.5
    real = next(rect for rect in root.iter("rect") if rect.get("class") == "real")
    assert float(real.get("height")) == pytest.approx(150 * 0.4 / 0.5)
    assert "vazio" in [text.text for text in root.iter("text")]


@given(cells)
def test_the_largest_categories_are_kept_in_order_and_no_special_cell_with_rows_is_lost(drawn):
    shown = shown_categories(drawn)
    values = [cell for cell in drawn if cell.role in ("range", "value")]
    kept = [cell for cell in shown if cell.role in ("range", "value")]
    assert len(kept) == min(MAX_CATEGORIES, len(values))
    left = [cell for cell in values if cell not in kept]
    if left and kept:
        assert min(max(c.real, c.synthetic) for c in kept) >= max(max(c.real, c.synthetic) for c in left)
    for cell in drawn:
        if cell.role not in ("range", "value") and (cell.real > 0 or cell.synthetic > 0):
            assert cell in shown


@given(st.one_of(st.none(), shares), st.one_of(st.none(), st.tuples(shares, shares)), st.one_of(st.none(), shares))
def test_a_score_bar_carries_interval_ceiling_and_threshold(value, interval, ceiling):
    mark = None if ceiling is None else Mark(ceiling, "teto")
    svg = score_bar(value, ALT, interval=interval, ceiling=mark, ticks=[Mark(0.8, "mínimo 0,80")])
    root = parse(svg)
    classes = [element.get("class") for element in root.iter()]
    assert classes.count("whisker") == (0 if interval is None else 3)
    assert classes.count("diamond") == (0 if ceiling is None else 1)
    assert classes.count("fill") == (0 if value is None else 1)
    assert next(root.iter("text")).text == "mínimo 0,80"
    for rect in root.iter("rect"):
        assert 0 <= float(rect.get("width").rstrip("%")) <= 100


def test_a_failed_score_bar_differs_by_class():
    assert 'class="fill low"' in score_bar(0.4, ALT, passed=False)
    assert 'class="fill low"' in small_bar(0.4, ALT, passed=False)
    assert "fill" not in small_bar(None, ALT)


def tiles_of(root):
    """(row, column) -> class of the tile, from the strokes of a heat map."""
    found = {}
    for path in root.iter("path"):
        kind, _, level = path.get("class").partition(" ")
        if kind == "tile":
            for column, row, width in re.findall(r"M(\d+) (\d+)\.5h(\d+)", path.get("d")):
                for k in range(int(width)):
                    assert (int(row), int(column) + k) not in found
                    found[int(row), int(column) + k] = level
    return found


@given(st.integers(1, 24), st.data())
def test_a_heat_map_has_one_tile_per_cell_in_its_level(n, data):
    value = st.one_of(st.none(), st.floats(-1, 1), st.just(0.0))
    matrix = data.draw(st.lists(st.lists(value, min_size=n, max_size=n), min_size=n, max_size=n))
    for scale in ("from_zero", "both_ways"):
        tiles = tiles_of(parse(heat_map(matrix, ALT, scale=scale, show=lambda v: f"{v:.2f}")))
        assert set(tiles) == {(i, j) for i in range(n) for j in range(n if n <= N_WHOLE else i + 1)}
        for (i, j), level in tiles.items():
            if matrix[i][j] is None:
                assert level == "qx"
            else:
                assert int(level[1]) == min(9, int(abs(matrix[i][j]) * 10))


def test_the_direction_of_a_difference_is_in_its_tile():
    root = parse(heat_map([[0.0, 0.31], [-0.55, 1.0]], ALT, scale="both_ways", show=str))
    assert tiles_of(root) == {(0, 0): "q0", (0, 1): "q3 more", (1, 0): "q5 less", (1, 1): "q9 more"}


def test_differences_can_be_read_without_colour():
    matrix = [[0.0] * N_WHOLE for _ in range(N_WHOLE)]
    matrix[0][1], matrix[1][0], matrix[2][3] = 0.4, -0.4, 0.6
    root = parse(heat_map(matrix, ALT, scale="both_ways", show=str))
    signs = {path.get("class"): path.get("d") for path in root.iter("path") if path.get("class").startswith("sign")}
    assert signs == {"sign": "M1.3 0.5h.4m-.2-.2v.4M0.3 1.5h.4", "sign on": "M3.3 2.5h.4m-.2-.2v.4"}


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_class_bar_shows_what_stayed_what_came_and_what_went(before, after):
    largest = max(before, after)
    root = parse(stacked_bar(before, after, largest, ALT))
    width = {rect.get("class"): float(rect.get("width").rstrip("%")) for rect in root.iter("rect")}
    scale = 100 / max(largest, 1)
    assert width["real"] == pytest.approx(min(before, after) * scale, abs=0.01)
    assert width.get("syn", 0) == pytest.approx(max(0, after - before) * scale, abs=0.01)
    assert width.get("dropped", 0) == pytest.approx(max(0, before - after) * scale, abs=0.01)


@given(shares, shares)
def test_a_dumbbell_uses_two_shapes(real, synthetic):
    root = parse(dumbbell(real, synthetic, Alt("", "Real 0,1, sintético 0,2")))
    at = float(root.find("circle").get("cx").rstrip("%")), float(root.find("rect[@class='box']").get("x").rstrip("%"))
    assert at == pytest.approx((4 + 92 * real, 4 + 92 * synthetic), abs=0.051)
    assert root.get("aria-label")


numbers = st.floats(-3, 3)


@given(numbers, st.none() | numbers, st.none() | st.tuples(numbers, numbers).map(sorted), st.tuples(numbers, numbers))
def test_a_value_stands_under_its_reference_inside_the_line(value, reference, interval, span):
    low, high = sorted(span)
    root = parse(versus(value, reference, span=(low, high), interval=interval, reference_interval=interval))
    assert root.get("aria-hidden") == "true"  # the numbers stand beside it
    places = [float(element.get(key).rstrip("%")) for element in root for key in ("x", "cx") if element.get(key)]
    assert all(2 <= place <= 98 for place in places)
    assert (root.find("circle") is None) == (reference is None)
    if reference is not None and low <= min(value, reference) and max(value, reference) <= high:
        real, ours = float(root.find("circle").get("cx")[:-1]), float(root.find("rect[@class='box']").get("x")[:-1])
        assert (real - ours) * (reference - value) >= 0  # in the order of the numbers


def test_an_absent_value_has_no_drawing():
    assert versus(None, 0.5, span=(0.0, 1.0)) == ""


def test_a_thumbnail_of_many_categories_stays_small():
    many = [Cell(f"c{k}", "value", 1 / 250, 1 / 250) for k in range(250)]
    assert len(mini_overlay(many, ALT)) < 2500
    assert not mini_overlay([], ALT)


def test_a_drawing_without_words_is_hidden_from_readers():
    assert parse(small_bar(0.5, Alt("", ""))).get("aria-hidden") == "true"
    assert parse(small_bar(0.5, Alt("", "metade"))).get("aria-label") == "metade"


def test_furniture_is_valid_and_hidden_from_readers():
    for svg in (STRIPES, scale_strip("from_zero"), scale_strip("both_ways")):
        assert parse(svg).get("aria-hidden") == "true"
