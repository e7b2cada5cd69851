"""``evaluate``: fresh rows grade A, damage is seen and named, and nothing but content matters."""

import json
import warnings
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError, UnknownConfigKeyError
from contrapeso.quality import QualityReport
from contrapeso.quality import evaluate as evaluate_all
from contrapeso.quality._labels import NOT_ASSESSED_WORDS
from contrapeso.tables import infer_schema

evaluate = partial(evaluate_all, depth="quick")  # what needs models is tested in test_quality_full.py


def draw(n, seed):
    """Mixed columns with real dependence, nulls, cents, counts, dates and rare categories."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 3))
    x1 = z[:, 0] + z[:, 1] + 0.5 * rng.normal(size=n)
    x1[rng.random(n) < 0.06] = np.nan
    return pd.DataFrame(
        {
            "x0": z[:, 0] + 0.5 * rng.normal(size=n),
            "x1": x1,
            "x2": z[:, 2] - z[:, 1] + 0.5 * rng.normal(size=n),
            "amount": np.round(np.exp(z[:, 0] + 0.5 * rng.normal(size=n)) * 100, 2),
            "hours": rng.poisson(np.exp(1 + 0.4 * z[:, 1])),
            "category": np.array(list("abcdefghijkl"))[np.clip((z[:, 2] * 2 + 6).astype(int), 0, 11)],
            "flag": rng.random(n) < 1 / (1 + np.exp(-2 * z[:, 0])),
            "zone": rng.choice(["n", "s", "e", "w"], n, p=[0.4, 0.3, 0.2, 0.1]),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 700, n), unit="D"),
        }
    )


def shuffled(frame, share, seed=9):
    rng, frame = np.random.default_rng(seed), frame.copy()
    for name in frame:
        chosen = np.flatnonzero(rng.random(len(frame)) < share)
        values = frame[name].to_numpy().copy()
        values[chosen] = values[rng.permutation(chosen)]
        frame[name] = values
    return frame


def numbers(report):
    """The report without the clock."""
    return {**report.to_dict(), "timestamp": None}


def score(report, name="overall"):
    return report.overall.value if name == "overall" else report.dimension(name).score.value


@pytest.fixture(scope="module")
def real():
    return draw(4000, 0)


@pytest.fixture(scope="module")
def fresh():
    return draw(4000, 1)


def test_fresh_rows_grade_a():
    """Ten pairs of tables: not one may miss."""
    for seed in range(10):
        report = evaluate(draw(10_000, 2 * seed), draw(10_000, 2 * seed + 1))
        assert report.grade == "A", (seed, report.overall)
        assert report.overall.value >= 0.97


@pytest.mark.parametrize(("n", "least"), [(300, 0.85), (1000, 0.93)])
def test_few_fresh_rows_reach_a_within_their_interval(n, least):
    for seed in range(20):
        report = evaluate(draw(n, 2 * seed), draw(n, 2 * seed + 1))
        assert report.overall.value >= least
        assert report.grade.startswith("A")


def test_the_corruption_ladder_falls_step_by_step(real, fresh):
    steps = [score(evaluate(real, shuffled(fresh, share))) for share in (0.0, 0.1, 0.3, 0.5, 0.8, 1.0)]
    assert all(a > b for a, b in pairwise(steps)), steps
    assert steps[0] > 0.95


def test_independent_marginals_fail_although_every_column_is_right(real, fresh):
    report = evaluate(real, shuffled(fresh, 1.0))
    assert report.grade == "F"
    assert score(report, "statistical_similarity") > 0.95
    assert report.pair_counts["lost"] > 5
    assert report.recommendations[0].code == "pair_lost"


def test_a_column_moved_by_one_sd_costs_and_is_named(real, fresh):
    report = evaluate(real, fresh.assign(x0=fresh["x0"] + fresh["x0"].std()))
    assert score(report) < score(evaluate(real, fresh)) - 0.1
    first = report.recommendations[0]
    assert (first.code, first.columns) == ("numeric_shift", ("x0",))
    assert first.evidence["shift_iqr"] == pytest.approx(0.74, abs=0.08)
    assert first.expected_gain > 0.05
    assert not [r for r in report.recommendations if "x0" in r.columns and r.code.startswith("pair")]


def test_the_expected_gain_of_a_shift_is_what_undoing_it_brings(real, fresh):
    broken = evaluate(real, fresh.assign(x0=fresh["x0"] + fresh["x0"].std()))
    gain = score(evaluate(real, fresh)) - score(broken)
    assert broken.recommendations[0].expected_gain == pytest.approx(gain, abs=0.02)


def test_filled_nulls_are_flagged(real, fresh):
    report = evaluate(real, fresh.assign(x1=fresh["x1"].fillna(0.0)))
    found = next(r for r in report.recommendations if r.code == "null_gap")
    assert found.columns == ("x1",)
    assert found.evidence["null_synthetic"] == 0
    assert found.evidence["null_real"] == pytest.approx(0.06, abs=0.02)
    column = next(c for c in report.columns if c.name == "x1")
    assert column.null_synthetic == 0


def test_an_invented_dependence_costs_and_is_named(real, fresh):
    marked = fresh.assign(zone=np.where(fresh["flag"], fresh["zone"].replace({"s": "n", "w": "n"}), "s"))
    report = evaluate(real, marked)
    assert score(report, "distribution_preservation") < score(evaluate(real, fresh), "distribution_preservation") - 0.05
    assert ("pair_invented", ("flag", "zone")) in {(r.code, r.columns) for r in report.recommendations}
    pair = next(p for p in report.pairs if (p.a, p.b) == ("flag", "zone"))
    assert pair.direction == "invented"
    assert pair.dependence_real < 0.02 < pair.dependence_synthetic


def test_fresh_rows_bring_no_false_findings():
    for seed in range(5):
        report = evaluate(draw(1500, 100 + seed), draw(1500, 200 + seed))
        assert [r.code for r in report.recommendations] == []


def test_missing_and_unseen_categories_are_named(real, fresh):
    gone = evaluate(real, fresh[~fresh["category"].isin(list("abcd"))])
    found = next(r for r in gone.recommendations if r.code == "categories_missing")
    assert found.columns == ("category",)
    assert set(found.evidence["names"]) <= set("abcd")
    new = evaluate(real, fresh.assign(category=fresh["category"].replace({"f": "novo"})))
    found = next(r for r in new.recommendations if r.code == "categories_unseen")
    assert found.evidence["n_unseen"] == 1
    assert found.evidence["share"] == pytest.approx((fresh["category"] == "f").mean())
    column = next(c for c in new.columns if c.name == "category")
    assert column.unseen_share == pytest.approx(found.evidence["share"])


def test_lost_cents_and_lost_whole_numbers_are_named(real, fresh):
    report = evaluate(real, fresh.assign(amount=fresh["amount"] + 0.003, hours=fresh["hours"] + 0.25))
    codes = {(r.code, r.columns) for r in report.recommendations}
    assert {("decimals_lost", ("amount",)), ("integers_lost", ("hours",))} <= codes


def test_repeated_rows_are_a_finding(real, fresh):
    repeated = fresh.iloc[np.random.default_rng(0).integers(0, 200, 4000)]
    report = evaluate(real, repeated)
    assert "duplicates" in {r.code for r in report.recommendations}
    assert report.data.duplicates_synthetic > 0.9
    assert report.grade in {"D", "F", "D/F"}


def test_recommendations_come_with_the_largest_gain_first(real, fresh):
    report = evaluate(real, shuffled(fresh, 0.5).assign(x0=5.0))
    gains = [r.expected_gain for r in report.recommendations if r.expected_gain is not None]
    assert gains == sorted(gains, reverse=True)
    assert all(0 <= gain <= 1 for gain in gains)


def test_same_seed_same_report_and_another_seed_another_interval(real, fresh):
    first, second = numbers(evaluate(real, fresh)), numbers(evaluate(real, fresh))
    assert json.dumps(first) == json.dumps(second)
    other = evaluate(real, fresh, seed=1)
    assert other.overall.value == evaluate(real, fresh).overall.value
    assert other.overall.interval != evaluate(real, fresh).overall.interval


def test_the_order_of_rows_does_not_matter(real, fresh):
    mixed = evaluate(real.sample(frac=1, random_state=1), fresh.sample(frac=1, random_state=2))
    same = numbers(evaluate(real, fresh))
    found = numbers(mixed)
    assert found["overall"]["value"] == pytest.approx(same["overall"]["value"], abs=1e-12)
    assert found["overall"]["interval"] == pytest.approx(same["overall"]["interval"], abs=1e-9)
    assert found["grade"] == same["grade"]


def test_the_order_of_columns_and_the_names_of_labels_do_not_matter(real, fresh):
    base = evaluate(real, fresh)
    moved = evaluate(real[real.columns[::-1]], fresh)
    assert moved.overall.value == pytest.approx(base.overall.value, abs=1e-12)
    renamed = [t.assign(zone=t["zone"].map({"n": "x1", "s": "b2", "e": "k3", "w": "a4"})) for t in (real, fresh)]
    assert evaluate(*renamed).overall.value == pytest.approx(base.overall.value, abs=1e-12)


def test_units_do_not_matter(real, fresh):
    base = evaluate(real, fresh)
    scaled = [t.assign(x0=t["x0"] * 1e3 + 1e6) for t in (real, fresh)]
    assert evaluate(*scaled).overall.value == pytest.approx(base.overall.value, abs=1e-9)


def test_the_inputs_are_left_as_they_were(real, fresh):
    before = real.copy(), fresh.copy()
    evaluate(real, fresh)
    pd.testing.assert_frame_equal(real, before[0])
    pd.testing.assert_frame_equal(fresh, before[1])


def by_class(sizes, seed):
    """Classes that differ in every column."""
    rng, parts = np.random.default_rng(seed), []
    for c, n in enumerate(sizes):
        z = rng.normal(size=(n, 2))
        part = {"a": z[:, 0] + 1.5 * c, "b": 0.8 * z[:, 0] + 0.5 * z[:, 1] - c, "y": f"class {c}"}
        part["zone"] = rng.choice(list("nsew"), n, p=np.roll([0.6, 0.2, 0.1, 0.1], c))
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(("sizes", "new"), [((3000, 300), (0, 2700)), ((3000, 800, 150), (0, 2200, 2850))])
def test_fresh_minority_rows_grade_a_against_the_reweighted_reference(sizes, new):
    for seed in range(6):
        real, synthetic = by_class(sizes, seed), by_class(new, 100 + seed)
        report = evaluate(real, synthetic, target="y")
        assert report.grade.startswith("A")
        assert report.overall.value >= 0.9
        assert report.method.reference == "class_mix"
        assert evaluate(real, synthetic).grade == "F"  # against the whole table every column looks broken


def test_a_rare_class_is_graded_with_the_noise_of_its_few_rows():
    reports = [evaluate(by_class((3000, 40), s), by_class((0, 2000), 50 + s), target="y") for s in range(8)]
    assert np.mean([r.overall.value for r in reports]) > 0.85
    assert all(r.method.n_effective == pytest.approx(40) and r.provisional for r in reports)
    widths = [r.overall.interval[1] - r.overall.interval[0] for r in reports]
    assert min(widths) > 0.02


def test_minority_rows_without_their_dependence_still_fail():
    real, synthetic = by_class((3000, 600), 0), by_class((0, 2000), 1)
    assert evaluate(real, shuffled(synthetic, 1.0), target="y").grade[0] in "CDF"


def test_the_class_mix_itself_is_not_scored_and_a_new_class_is():
    real, synthetic = by_class((3000, 300), 0), by_class((300, 3000), 1)
    column = next(c for c in evaluate(real, synthetic, target="y").columns if c.name == "y")
    assert column.note == "class_mix_fixed"
    renamed = synthetic.assign(y=np.where(np.arange(3300) % 5 == 0, "new", synthetic["y"]))
    report = evaluate(real, renamed, target="y")
    column = next(c for c in report.columns if c.name == "y")
    assert column.score.value < 0.9
    assert column.unseen_share == pytest.approx(0.2, abs=0.01)


def test_a_holdout_gives_the_ceiling_and_judges_copies(real, fresh):
    holdout = draw(2000, 7)
    report = evaluate(real, fresh, holdout=holdout)
    assert report.method.ceiling == "holdout"
    assert report.overall.ceiling > 0.95
    assert report.privacy.status == "no_excess_found"
    copies = evaluate(real, real.sample(1000, random_state=0), holdout=holdout)
    assert copies.privacy.status == "excess_copies"
    assert copies.privacy.do_not_release
    assert copies.privacy.n_exact_copies == 1000
    assert copies.grade == "A"  # a copy is good data; the gate is apart
    assert "exact_copies" in {r.code for r in copies.recommendations}


def test_without_a_holdout_privacy_cannot_be_assessed(real, fresh):
    report = evaluate(real, pd.concat([fresh, real.iloc[:40]]))
    assert report.privacy.status == "cannot_be_assessed"
    assert report.privacy.n_exact_copies == 40
    assert ("privacy", "needs_holdout") in {(n.code, n.reason) for n in report.not_assessed}


def test_what_is_not_measured_is_absent_with_a_reason(real, fresh):
    report = evaluate(real, fresh)
    for name, reason in (("business_rule_compliance", "no_rules"), ("model_performance", "quick")):
        dimension = report.dimension(name)
        assert (dimension.score.value, dimension.passed, dimension.score.reason) == (None, None, reason)
    assert {"joint_test", "model_performance", "privacy_attacks"} <= {n.code for n in report.not_assessed}
    assert {n.code for n in report.not_assessed} <= NOT_ASSESSED_WORDS.keys(), "the page would show a bare code"


@pytest.mark.parametrize(("n", "m"), [(0, 50), (50, 0), (29, 500), (500, 29)])
def test_too_few_rows_have_no_grade_but_a_reason(n, m):
    report = evaluate(draw(n, 0), draw(m, 1))
    assert (report.grade, report.overall.value, report.overall.reason) == (None, None, "insufficient_data")
    assert report.data.n_real == n
    assert all(d.score.value is None for d in report.dimensions)
    assert QualityReport.from_dict(report.to_dict()) == report


def test_between_30_and_200_rows_a_grade_is_provisional():
    assert evaluate(draw(30, 0), draw(500, 1)).provisional
    assert not evaluate(draw(200, 0), draw(200, 1)).provisional
    assert evaluate(draw(500, 0)[["x0"]], draw(500, 1)[["x0"]]).provisional  # one dimension only


def columns_of(real, synthetic, **kinds):
    report = evaluate(real, synthetic, **kinds)
    return {c.name: c for c in report.columns}, report


def test_constant_and_empty_columns_follow_their_stated_rules(real, fresh):
    n = len(real)
    left = real.assign(constant=7.0, word="x", empty=np.nan, filled=1.5)
    right = fresh.assign(
        constant=np.where(np.arange(n) % 4 == 0, 8.0, 7.0), word=np.where(np.arange(n) % 2 == 0, "x", "z"),
        empty=np.where(np.arange(n) % 10 == 0, 1.0, np.nan), filled=np.nan,
    )  # fmt: skip
    found, _ = columns_of(left, right)
    assert found["constant"].score.value == pytest.approx(0.75)
    assert found["word"].score.value == pytest.approx(0.5)
    assert found["empty"].score.value == pytest.approx(0.9)
    assert found["filled"].score.value == 0
    assert [found[c].note for c in ("constant", "word", "empty")] == ["constant", "constant", "all_null_real"]


def test_a_column_that_is_null_on_the_synthetic_side_only_scores_zero(real, fresh):
    found, _ = columns_of(real, fresh.assign(x0=np.nan, zone=None))
    assert found["x0"].score.value == found["zone"].score.value == 0
    assert found["x0"].note == "all_null_synthetic"


def test_missing_extra_and_uncastable_columns_are_named(real, fresh):
    broken = fresh.drop(columns="x0").assign(hours="many", extra=1)
    found, report = columns_of(real, broken)
    assert found["x0"].score.value == found["hours"].score.value == 0
    assert (found["x0"].note, found["hours"].note) == ("missing_column", "not_castable")
    assert report.data.missing_columns == ("x0",)
    assert report.data.extra_columns == ("extra",)
    assert {r.columns for r in report.recommendations if r.code == "column_missing"} == {("x0",), ("hours",)}


def test_values_of_another_dtype_are_cast_where_nothing_is_lost(real, fresh):
    base = score(evaluate(real, fresh))
    casts = {
        "hours": fresh["hours"].astype(str),
        "day": fresh["day"].dt.strftime("%Y-%m-%d"),
        "flag": fresh["flag"].astype(int),
        "zone": fresh["zone"].astype("category"),
        "amount": fresh["amount"].astype(object),
    }
    found, report = columns_of(real, fresh.assign(**casts))
    assert report.overall.value == pytest.approx(base, abs=1e-12)
    assert {name for name, c in found.items() if c.note == "cast"} == {"hours", "day", "flag", "amount"}


def test_infinities_and_ties_are_measured(real, fresh):
    spiked = [t.assign(x0=np.where(np.arange(len(t)) % 3 == 0, np.inf, np.round(t["x0"]))) for t in (real, fresh)]
    found, _ = columns_of(*spiked)
    assert found["x0"].score.value > 0.95
    moved, _ = columns_of(spiked[0], fresh.assign(x0=np.round(fresh["x0"])))
    assert moved["x0"].score.value < 0.75


def test_text_and_identifiers_are_left_out_and_listed(real, fresh):
    def add(table, seed):
        ids = [f"id{seed}{k:05d}" for k in range(len(table))]
        return table.assign(code=ids, note=[f"free text number {k} of {seed}" for k in range(len(table))])

    found, report = columns_of(add(real, 1), add(fresh, 2))
    assert {"code", "note"}.isdisjoint(found)
    listed = {column: n.reason for n in report.not_assessed for column in n.columns}
    assert listed == {"code": "excluded_identifier", "note": "excluded_text"}
    repeated = add(fresh, 2).assign(code="same")
    _, report = columns_of(add(real, 1), repeated)
    assert "duplicated_identifiers" in {n.reason for n in report.not_assessed}


def test_new_rare_categories_of_a_long_tail_are_not_held_against_a_fresh_sample():
    """5000 categories seen once or twice: a fresh sample brings as many new ones."""

    def tail(seed):
        rng = np.random.default_rng(seed)
        draws = rng.zipf(1.3, 3000)
        return pd.DataFrame({"label": [f"v{min(d, 5000)}" for d in draws], "x": rng.normal(size=3000)})

    schema_kinds = tail(0), tail(1)
    found, _ = columns_of(*schema_kinds)
    assert found["label"].unseen_share > 0.03
    assert found["label"].score.value > 0.97


def test_every_text_reads_in_both_languages(real, fresh):
    broken = shuffled(fresh, 1.0).assign(x0=9.0, x1=0.0, zone="q", hours=0.5)
    report = evaluate(real, broken, rules={"positive": lambda t: t["amount"] > 100})
    assert len({r.code for r in report.recommendations}) >= 6
    for item in (*report.recommendations, *report.not_assessed, report.method, report.privacy):
        assert item.text("pt") != item.text("en")
        assert "{" not in item.text("pt") + item.text("en")


def test_no_cell_of_the_bars_has_fewer_than_five_real_records(real, fresh):
    rare = real.assign(zone=np.where(np.arange(len(real)) < 3, "secret", real["zone"]))
    report = evaluate(rare, fresh)
    column = next(c for c in report.columns if c.name == "zone")
    assert "secret" not in json.dumps(report.to_dict())
    assert column.bars.suppressed == 1
    for c in report.columns:
        assert sum(c.bars.real) == pytest.approx(1, abs=0.005)
        assert sum(c.bars.synthetic) == pytest.approx(1, abs=0.005)
        assert all(share == 0 or share * len(real) >= 4.5 for share, role in zip(c.bars.real, c.bars.roles, strict=True)
                   if role != "suppressed")  # fmt: skip


@given(st.integers(0, 10**6), st.integers(31, 120), st.integers(31, 120))
@settings(max_examples=15)
def test_any_small_table_gets_numbers_in_range_and_survives_json(seed, n, m):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = evaluate(draw(n, seed), shuffled(draw(m, seed + 1), 0.3, seed))
    assert 0 <= report.overall.interval[0] <= report.overall.value <= report.overall.interval[1] <= 1
    assert QualityReport.from_dict(json.loads(json.dumps(report.to_dict(), allow_nan=False))) == report


def test_wrong_arguments_name_themselves(real, fresh):
    with pytest.raises(InvalidDataError, match="DataFrame"):
        evaluate([1, 2], fresh)
    with pytest.raises(InvalidDataError, match="two columns named 'x0'"):
        evaluate(real, pd.concat([fresh, fresh[["x0"]]], axis=1))
    with pytest.raises(ColumnNotFoundError, match="no target column 'label'"):
        evaluate(real, fresh, target="label")
    with pytest.raises(InvalidParameterError, match="at most 100 classes"):
        evaluate(real, fresh, target="x0")
    with pytest.raises(InvalidParameterError, match="seed"):
        evaluate(real, fresh, seed=-1)
    with pytest.raises(UnknownConfigKeyError, match="statistical_similarity"):
        evaluate(real, fresh, thresholds={"statistical": 0.5})
    with pytest.raises(InvalidParameterError, match=r"\[0, 1\]"):
        evaluate(real, fresh, thresholds={"statistical_similarity": 80})


def test_a_date_of_the_year_202_is_a_date(real, fresh):
    texts = [t.assign(day=t["day"].dt.strftime("%d/%m/%Y")) for t in (real, fresh)]
    texts[0].loc[5, "day"] = "05/03/0202"
    found, _ = columns_of(*texts)
    assert found["day"].kind == "datetime"
    assert found["day"].score.value > 0.95


def test_a_fresh_half_of_amounts_kept_as_text_is_not_an_invented_dependence():
    """Two columns of the same 300 rare values: every second value of a fresh half is new, in both columns at once."""

    def half(seed):
        rng = np.random.default_rng(seed)
        amount = np.where(rng.random(400) < 0.3, 10.0, rng.gamma(2, 500, 400).round())
        return pd.DataFrame({"amount": [f"R$ {v:.0f}" for v in amount], "again": [f"{v:.0f},00" for v in amount]})

    schema = infer_schema(half(0), {"amount": "categorical", "again": "categorical"})
    report = evaluate(half(0), half(1), schema=schema)
    assert report.dimension("distribution_preservation").score.value > 0.9


REAL_TABLES = ("adult_test", "bank_marketing", "calderdale_card_2014_2017", "ceaps_2020", "german", "mc_2021")


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL_TABLES)
def test_one_half_of_a_real_table_grades_a_against_the_other_and_f_once_scrambled(shared_data, name):
    table = pd.read_parquet(shared_data / f"{name}.parquet")
    order = np.random.default_rng(0).permutation(len(table))
    left, right = table.iloc[order[::2]], table.iloc[order[1::2]]
    report = evaluate(left, right)
    assert report.grade.startswith("A")
    assert report.overall.value > 0.93
    assert evaluate(left, shuffled(right, 1.0)).grade[-1] == "F"
