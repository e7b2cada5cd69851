"""Damage that sdmetrics scores like a fresh draw is seen by our report, and the page says what was kept."""

from collections import Counter
from functools import lru_cache
from importlib import metadata

import numpy as np
import pytest

from benchmarks import quality_blind_spots as blind
from benchmarks.quality_blind_spots import DETECTION, GRADE, OURS, SAYS, SPOTS, TOTAL
from contrapeso.quality import evaluate

N = 1500
LOOSE = 0.03
BY_NAME = {spot.name: spot for spot in SPOTS}
NEEDS_A_MODEL = "exclusive or"
COINS = ("a", "b", "either", "income", "rent")
NAMED_ONLY = {"flag", "unseen", "copy"}
"""Blind spots whose damage our report names, but that cost it little or no score."""
COUNTED = [spot for spot in SPOTS if spot.name != NEEDS_A_MODEL]


@lru_cache
def made(name):
    spot = BY_NAME[name]
    return blind.tables(spot, N, COINS if name == NEEDS_A_MODEL else None)


def theirs(real, synthetic):
    return {**blind.sdmetrics_report(real, synthetic), DETECTION: blind.sdmetrics_detection(real, synthetic, 1)}


@pytest.mark.parametrize("spot", SPOTS, ids=lambda spot: spot.name)
def test_sdmetrics_scores_the_broken_table_like_a_fresh_draw(spot):
    real, fresh, broken, _ = made(spot.name)
    before, after = theirs(real, fresh), theirs(real, broken)
    seen = [name for name in spot.blind if after[name] < before[name] - LOOSE]
    assert seen == [], (
        f"sdmetrics {metadata.version('sdmetrics')} sees {spot.broken} in {', '.join(seen)} now: well done. "
        "Take it out of Spot.blind and run python -m benchmarks quality_blind_spots."
    )


@pytest.mark.parametrize("spot", COUNTED, ids=lambda spot: spot.name)
def test_our_report_names_the_damage_and_only_where_it_is(spot):
    real, fresh, broken, holdout = made(spot.name)
    before, after = (evaluate(real, table, holdout=holdout, depth="quick", n_jobs=1) for table in (fresh, broken))
    assert before.grade == "A"
    assert blind.named(before, spot) is None
    place, _ = blind.named(after, spot)
    assert place == 1
    if spot.name not in NAMED_ONLY:
        assert after.overall.value < before.overall.value - 0.1
        assert after.grade != "A"


def test_our_report_sees_a_destroyed_exclusive_or():
    real, fresh, broken, holdout = made(NEEDS_A_MODEL)
    before, after = (evaluate(real, table, holdout=holdout, n_jobs=1) for table in (fresh, broken))
    assert before.overall.value > 0.95  # trees learn an exclusive or by luck, so the interval may reach into B
    assert before.recommendations == ()
    found = next(item for item in after.recommendations if item.code == "interaction_broken")
    assert {"a", "b", "either"} <= set(found.columns)
    assert after.overall.value < before.overall.value - 0.1
    assert "A" not in after.grade


def test_without_models_our_report_does_not_see_a_destroyed_exclusive_or_either():
    real, _, broken, holdout = made(NEEDS_A_MODEL)
    assert evaluate(real, broken, holdout=holdout, depth="quick", n_jobs=1).recommendations == ()


def test_a_copy_keeps_its_grade_and_is_not_to_be_released():
    real, fresh, broken, holdout = made("copy")
    before, after = (evaluate(real, table, holdout=holdout, depth="quick", n_jobs=1) for table in (fresh, broken))
    assert not before.privacy.do_not_release
    assert after.privacy.do_not_release
    assert after.grade == "A"
    assert blind.sdmetrics_report(real, broken)[TOTAL] == 1.0


def test_an_unseen_category_stops_their_detection_and_not_our_report():
    real, _, broken, holdout = made("unseen")
    assert blind.sdmetrics_detection(real, broken, 1) == "ValueError", (
        f"sdmetrics {metadata.version('sdmetrics')} takes unseen categories now: well done. Run the benchmark again."
    )
    report = evaluate(real, broken, holdout=holdout, depth="quick", n_jobs=1)
    city = next(column for column in report.columns if column.name == "city")
    assert city.unseen_share == pytest.approx((broken["city"] == "Atlantis").mean())


def test_beyond_fifty_thousand_rows_only_our_score_is_the_same_every_time():
    ours, sampled = blind.repeated(50_500, 3)
    assert len(set(ours)) == 1
    assert len(set(sampled)) > 1, "QualityReport is deterministic now: well done. Take the run-to-run line out."
    assert max(sampled) - min(sampled) < LOOSE


def test_their_total_variation_takes_steps_with_the_square_of_the_categories(monkeypatch):
    steps = []

    class Counted(Counter):
        def values(self):
            steps.append(len(self))
            return super().values()

    monkeypatch.setattr("sdmetrics.utils.Counter", Counted)
    taken = []
    for n_categories in (500, 2000):
        steps.clear()
        blind.total_variation(n_categories)()
        taken.append(sum(steps))
    assert taken[1] >= 16 * taken[0] > 0, "TVComplement is no longer quadratic: well done. Take the line on time out."


def test_many_categories_cost_a_fresh_draw_little_in_our_report():
    found = blind.whole_report(2000)()
    assert found["score"] > 0.9
    assert blind.total_variation(2000)()["score"] < 0.8


def test_seeding_numpy_for_sdmetrics_leaves_its_global_generator_as_it_was():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    with blind.numpy_seed(7):
        np.random.random()  # noqa: NPY002
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@pytest.fixture(scope="module")
def kept():
    rows = blind.read()
    return {(row.spot, row.measure): row for row in rows}


def test_the_page_is_exactly_what_the_kept_numbers_render_to():
    assert blind.PAGE.read_text(encoding="utf-8") == blind.render(blind.read()), (
        "run python -m benchmarks quality_blind_spots"
    )


@pytest.mark.parametrize("spot", SPOTS, ids=lambda spot: spot.name)
def test_what_the_page_prints_in_bold_did_not_fall(spot, kept):
    for name in spot.blind:
        row = kept[spot.name, name]
        assert row.broken == row.fresh or float(row.broken) >= float(row.fresh) - LOOSE


@pytest.mark.parametrize("spot", SPOTS, ids=lambda spot: spot.name)
def test_what_our_report_says_on_the_page_is_about_the_damage(spot, kept):
    assert kept[spot.name, SAYS].fresh == blind.NOTHING
    assert kept[spot.name, SAYS].broken != blind.NOTHING
    assert kept[spot.name, GRADE].fresh == "A"
    if spot.name not in NAMED_ONLY:
        assert float(kept[spot.name, OURS].broken) < float(kept[spot.name, OURS].fresh) - 0.05


def test_the_page_is_about_the_version_that_the_tests_run_against():
    assert metadata.version("sdmetrics").startswith(f"{blind.SDMETRICS}.")
