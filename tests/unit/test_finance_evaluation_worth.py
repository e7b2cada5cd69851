"""Whether balancing is worth it: what the maker sees, paired differences, verdicts, alarms and curves."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import f1_score

from contrapeso.errors import InsufficientDataError, InvalidDataError, InvalidParameterError
from contrapeso.finance._ledger import Ledger, ledger_of
from contrapeso.finance.evaluation import (
    CurveCache,
    LearningCurve,
    knee_of,
    learning_curve,
    ratio_curve,
    resample_rows,
    worth,
)
from contrapeso.finance.evaluation._learner import mean_f1
from contrapeso.finance.evaluation._paired import Difference, Run, scored
from contrapeso.finance.evaluation._splits import minority_of, payees, temporal_cuts, thinned
from contrapeso.finance.evaluation._worth import verdict_of

WORDS = {
    "vendas": ["PIX RECEBIDO CLIENTE", "TED RECEBIDA LOJA", "CARTAO VENDAS"],
    "fornecedores": ["PAGTO FORNECEDOR MADEIRA", "BOLETO FERRAGENS", "PIX ENVIADO TINTAS"],
    "tarifas": ["TARIFA PACOTE", "TAR DOC TED"],
    "impostos": ["DARF SIMPLES", "GPS INSS"],
    "reembolso": ["PIX ENVIADO SOCIO"],
}


def books(n_months: int = 18, seed: int = 0) -> Ledger:
    """Five categories of unequal size, two of them rare; the text tells most of them."""
    rng = np.random.default_rng(seed)
    rows = []
    for month in range(n_months):
        first = np.datetime64("2023-01", "M") + month
        for name, n in (("vendas", 14), ("fornecedores", 8), ("tarifas", 2), ("impostos", 1), ("reembolso", 1)):
            for _ in range(n):
                day = first.astype("datetime64[D]") + int(rng.integers(0, 27))
                sign = 1 if name == "vendas" else -1
                text = f"{rng.choice(WORDS[name])} {rng.integers(0, 99)}"
                rows.append((day, sign * int(rng.integers(100, 90_000)), text, name))
    rows.sort(key=lambda row: row[0])
    days, cents, texts, names = zip(*rows, strict=True)
    return ledger_of(list(days), cents, texts, categories=names)


BOOKS = books()


def nothing(train: Ledger, category: str, n: int, method: str, seed: int) -> Ledger:
    return train.take(np.zeros(0, dtype=np.int64))


def quick(make=resample_rows, ledger: Ledger = BOOKS, **options):
    return worth(ledger, make, **({"methods": ("copies",), "cuts": 2, "seeds": 2, "n_draws": 60} | options))


def test_the_maker_sees_only_rows_before_the_cut() -> None:
    seen = []

    def spy(train, category, n, method, seed):
        seen.append(train.days.max())
        return resample_rows(train, category, n, method, seed)

    quick(spy)
    starts = {cut.day for cut in temporal_cuts(BOOKS, 2)}
    assert max(seen) < max(starts)
    assert len(set(seen)) == 2


def test_a_day_is_on_one_side_of_a_cut_and_strata_are_by_payee() -> None:
    keys = payees(BOOKS)
    for cut in temporal_cuts(BOOKS, 4):
        assert BOOKS.days[cut.train].max() < cut.day <= BOOKS.days[cut.test].min()
        known = set(keys[cut.train])
        assert_array_equal(cut.seen, [key in known for key in keys[cut.test]])


@given(st.integers(0, 10**6), st.integers(1, 6))
def test_thinning_leaves_so_many_of_the_rare_and_all_of_the_others(seed: int, examples: int) -> None:
    rows, names = np.arange(len(BOOKS)), ("impostos", "tarifas")
    kept = thinned(BOOKS, rows, names, examples, np.random.default_rng(seed))
    left = BOOKS.categories[kept]
    assert all((left == name).sum() == examples for name in names)
    assert (left == "vendas").sum() == (BOOKS.categories == "vendas").sum()
    assert (np.diff(kept) > 0).all()


def test_the_rare_categories_are_those_with_a_tenth_of_the_rows() -> None:
    assert set(minority_of(BOOKS, np.arange(len(BOOKS)))) == {"tarifas", "impostos", "reembolso"}
    even = ledger_of(["2024-01-01"] * 5, [1] * 5, ["x"] * 5, categories=list("aaabb"))
    assert minority_of(even, np.arange(5)) == ()


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abcd")), min_size=2, max_size=30))
def test_scores_are_those_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    truth, guess = (np.array(side) for side in zip(*pairs, strict=True))
    labels = sorted(set(truth))
    expected = f1_score(truth, guess, labels=labels, average="macro", zero_division=0)
    assert_allclose(mean_f1(truth, guess), expected)
    run = Run(0, 0, np.arange(len(truth)), truth, ("a",), "b", {"none": guess})
    found = scored(
        [run], np.array([""] * len(truth), dtype=object), np.arange(len(truth)), np.random.default_rng(0), 50
    )
    assert_allclose(found.of("none", "macro_f1"), expected)


def test_the_interval_is_wider_where_rows_come_in_clusters() -> None:
    rng = np.random.default_rng(0)
    day = np.repeat(np.arange(30), 10)
    truth = np.tile(["a", "b"], 150)
    right = np.repeat(rng.random(30) < 0.7, 10)
    guess = np.where(right, truth, np.where(truth == "a", "b", "a"))
    run = Run(0, 0, np.arange(300), truth, ("a",), "b", {"none": truth, "x": guess})
    own = np.array([f"p{i}" for i in range(300)], dtype=object)
    clustered = scored([run], own, day, np.random.default_rng(1)).difference("x", "none", "macro_f1")
    alone = scored([run], own, np.arange(300), np.random.default_rng(1)).difference("x", "none", "macro_f1")
    assert clustered.high - clustered.low > 2 * (alone.high - alone.low)
    assert clustered.value == alone.value


def test_copies_are_what_random_over_sampling_is() -> None:
    report = quick()
    assert report.of("copies").minority_f1 == report.of("random_oversampling").minority_f1
    assert report.given == report.asked


def test_rows_that_are_not_made_change_nothing() -> None:
    report = quick(nothing)
    assert report.of("copies").against_none == Difference(0.0, 0.0, 0.0)
    assert report.of("copies").verdict == "empate"
    assert report.verdict == "empate"
    assert report.given == {"copies": 0}


def test_noise_under_a_rare_name_hurts() -> None:
    def noise(train, category, n, method, seed):
        others = train.take(np.isin(train.categories.astype(str), ("fornecedores", "vendas")))
        rows = others.take(np.arange(n) % len(others))
        return ledger_of(rows.days, rows.cents, rows.descriptions, categories=[category] * n)

    report = quick(noise, seeds=2, n_draws=200)
    assert report.of("copies").minority_f1 < report.of("none").minority_f1 - 0.05
    assert report.verdict == "prejudica"
    assert report.recommendation != "copies"


def test_a_maker_that_knows_the_future_sets_off_the_alarm() -> None:
    def cheat(train, category, n, method, seed):
        after = BOOKS.take((BOOKS.days > train.days.max()) & (BOOKS.categories == category))
        return after.take(np.arange(n) % len(after))

    report = quick(cheat)
    assert "copies" in report.alarms
    assert report.leaks["copies"] > 0
    assert "Alarme" in report.describe()


def test_a_habit_that_goes_on_in_the_month_of_the_cut_is_no_leak() -> None:
    def steady(train, category, n, method, seed):
        cut = next(cut for cut in temporal_cuts(BOOKS, 2) if cut.day > train.days.max())
        month = BOOKS.days.astype("datetime64[M]") == cut.day.astype("datetime64[M]")
        later = BOOKS.take(month & (BOOKS.days >= cut.day) & (BOOKS.categories == "vendas"))
        rows = later.take(np.arange(n) % len(later))
        days = np.full(n, train.days.max())
        return ledger_of(days, rows.cents, rows.descriptions, categories=[category] * n)

    report = quick(steady)
    assert report.near == report.leaks == {"copies": 0}


@pytest.mark.parametrize(
    ("minority", "majority", "verdict"),
    [
        ((0.05, 0.01, 0.09), (0.0, -0.01, 0.01), "ajuda"),
        ((0.05, -0.01, 0.09), (0.0, -0.01, 0.01), "empate"),
        ((0.003, 0.001, 0.005), (0.0, 0.0, 0.0), "empate"),
        ((0.05, 0.01, 0.09), (-0.02, -0.03, 0.0), "empate"),
        ((0.05, 0.01, 0.09), (-0.04, -0.06, -0.02), "prejudica"),
        ((-0.05, -0.09, -0.01), (0.0, 0.0, 0.0), "prejudica"),
    ],
)
def test_verdicts_by_interval_and_by_the_loss_of_the_largest(minority, majority, verdict) -> None:
    assert verdict_of(Difference(*minority), Difference(*majority)) == verdict


def test_few_examples_leave_so_many_and_the_report_is_plain() -> None:
    report = quick(examples=2, model="logistic")
    assert report.examples == 2
    plain = json.loads(json.dumps(report.to_dict()))
    assert [one["treatment"] for one in plain["treatments"]][:2] == ["none", "class_weight"]
    assert "Vale a pena?" in report.describe()
    assert "Is it worth it?" in report.describe("en")
    assert quick(examples=2, model="logistic").to_dict() == report.to_dict()


def test_strata_tell_seen_from_cold_payees() -> None:
    strata = quick().strata["none"]
    assert set(strata) == {"seen", "cold"}
    assert strata["seen"] is not None


@pytest.mark.parametrize(
    "options",
    [{"ratio": 0.0}, {"ratio": 1.5}, {"seeds": 0}, {"methods": ()}, {"methods": ("none",)}, {"methods": ("a", "a")},
     {"examples": 0}, {"cuts": 0}, {"n_draws": 10}, {"model": "forest"}],
)  # fmt: skip
def test_options_outside_their_rule_are_refused(options) -> None:
    with pytest.raises(InvalidParameterError):
        quick(**options)


def test_too_few_rows_and_wrong_rows_are_refused_in_words() -> None:
    with pytest.raises(InsufficientDataError, match="20 rows"):
        quick(ledger=BOOKS.take(np.arange(10)))
    one_day = ledger_of(["2024-01-01"] * 30, [1] * 30, ["x"] * 30, categories=list("ab") * 15)
    with pytest.raises(InsufficientDataError, match="longer time"):
        quick(ledger=one_day)
    with pytest.raises(InsufficientDataError, match="category to balance"):
        quick(minority=("inventada",))
    with pytest.raises(InvalidDataError, match="asked for"):
        quick(lambda train, category, n, method, seed: train)
    with pytest.raises(InvalidParameterError, match="no treatment"):
        quick().of("vae")


def test_the_ratio_curve_is_kept_by_what_it_is_made_of() -> None:
    calls = []

    def counted(train, category, n, method, seed):
        calls.append(category)
        return resample_rows(train, category, n, method, seed)

    cache = CurveCache()
    first = ratio_curve(BOOKS, counted, ratios=(0.25, 0.5), cuts=1, cache=cache)
    n = len(calls)
    assert ratio_curve(BOOKS, counted, ratios=(0.25, 0.5), cuts=1, cache=cache) is first
    assert len(calls) == n
    other = BOOKS.take(np.arange(len(BOOKS) - 1))
    ratio_curve(other, counted, ratios=(0.25, 0.5), cuts=1, cache=cache)
    assert len(calls) > n
    assert [point.ratio for point in first.points] == [0.0, 0.25, 0.5]
    assert first.points[0].n_made == 0 < first.points[1].n_made < first.points[2].n_made
    assert first.points[2].leak_risk > 0.5
    assert json.loads(json.dumps(first.to_dict()))["method"] == "pattern_based"


def test_a_ratio_outside_its_rule_is_refused() -> None:
    with pytest.raises(InvalidParameterError):
        ratio_curve(BOOKS, resample_rows, ratios=(2.0,))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8))
def test_the_knee_is_a_ratio_of_the_curve_or_none(scores: list[float]) -> None:
    ratios = list(np.linspace(0, 1, len(scores)))
    knee = knee_of(ratios, scores)
    assert (knee is None) == (max(scores) - scores[0] < 0.005)
    assert knee is None or knee in ratios


def test_labelled_rows_are_worth_the_made_rows_that_gain_as_much() -> None:
    curve = LearningCurve((3, 8), (0.6, 0.7), (0, 10, 20), (0.6, 0.65, 0.75), "x")
    assert_allclose(curve.worth_of(5), 15.0)
    assert LearningCurve((3, 8), (0.6, 0.6), (0, 10), (0.6, 0.7), "x").worth_of(5) == 0.0
    assert LearningCurve((3, 8), (0.6, 0.9), (0, 10), (0.6, 0.7), "x").worth_of(5) is None


def test_a_learning_curve_has_a_score_for_every_number() -> None:
    curve = learning_curve(BOOKS, resample_rows, examples=(2, 4), made=(0, 5), cuts=1, seeds=1)
    assert len(curve.by_examples) == len(curve.by_made) == 2
    assert curve.by_examples[0] == curve.by_made[0]
    with pytest.raises(InvalidParameterError):
        learning_curve(BOOKS, resample_rows, examples=(4, 2))
