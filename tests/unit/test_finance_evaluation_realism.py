"""Calibrated realism, the ambiguity of descriptions, and the benchmark's own arithmetic."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from contrapeso.errors import InvalidParameterError, TooFewSamplesError
from contrapeso.finance._ledger import Ledger, ledger_of
from contrapeso.finance.evaluation import ambiguity_map, realism, row_realism
from contrapeso.finance.evaluation._realism import INSUFFICIENT, WIDEST


def sales(n: int, seed: int, first: str = "2023-01-02") -> Ledger:
    """Log-normal amounts on weekdays, texts of some lengths."""
    rng = np.random.default_rng(seed)
    span = np.datetime64(first) + np.arange(700)
    weekdays = span[(span.astype(int) + 3) % 7 < 5]
    cents = np.round(np.exp(rng.normal(5, 0.7, n)) * 100).astype(int)
    texts = ["PIX RECEBIDO " + "X" * int(k) for k in rng.integers(3, 20, n)]
    return ledger_of(rng.choice(weekdays, n), cents, texts, categories=["vendas"] * n, currency="GBP")


def naive(n: int, seed: int) -> Ledger:
    rng = np.random.default_rng(seed)
    days = np.datetime64("2023-01-02") + rng.integers(0, 20, n)
    return ledger_of(days, [1] * n, ["x"] * n, categories=["vendas"] * n, currency="GBP")


@pytest.mark.parametrize("held_out", [True, False])
def test_p_values_of_real_rows_are_no_smaller_than_uniform(held_out: bool) -> None:
    values = []
    for seed in range(20):
        train, new, apart = sales(80, seed), sales(40, 100 + seed), sales(40, 200 + seed)
        values.append(row_realism(train, new, apart if held_out else None))
    found = np.concatenate(values)
    for level in (0.05, 0.1, 0.3):  # 800 rows, in 20 groups that share a reference
        assert (found <= level).mean() < level + 0.05
    assert 0.4 < found.mean() < 0.6


def test_strange_rows_are_less_typical_than_any_real_one() -> None:
    values = row_realism(sales(100, 0), naive(20, 0), sales(100, 1))
    assert_allclose(values, 1 / 101)


def test_a_category_that_is_unknown_or_tiny_has_no_p_value() -> None:
    made = ledger_of(["2024-01-02"] * 2, [1, 2], ["a", "b"], categories=["vendas", "nova"])
    assert np.isnan(row_realism(sales(4, 0), made)).all()
    assert np.isnan(row_realism(sales(50, 0), made)).tolist() == [False, True]


def test_real_rows_score_near_100_and_naive_ones_near_0() -> None:
    train, later = sales(300, 0), sales(200, 1, "2025-01-06")
    good = realism(train, later, sales(300, 2)).categories["vendas"]
    bad = realism(train, later, naive(300, 0)).categories["vendas"]
    assert good.score > 90
    assert bad.score < 20
    assert bad.high < good.low
    assert good.low <= good.score <= good.high


def test_the_weakest_side_is_named() -> None:
    train, later, made = sales(300, 0), sales(200, 1, "2025-01-06"), sales(300, 2)
    larger = ledger_of(made.days, made.cents * 31, made.descriptions, categories=made.categories, currency="GBP")
    found = realism(train, later, larger).categories["vendas"]
    assert found.weakest == "amount"
    assert found.sides["day"] > 90 > found.sides["amount"]


def test_there_is_no_score_where_rows_are_too_few_to_tell() -> None:
    found = realism(sales(6, 0), sales(5, 1), sales(3, 2)).categories["vendas"]
    assert found.score is None
    assert found.note == INSUFFICIENT
    assert found.high - found.low > WIDEST


def test_slices_that_share_nothing_have_no_score() -> None:
    train = ledger_of(["2024-01-01"] * 9, [-100] * 9, ["a"] * 9, categories=["x"] * 9)
    later = ledger_of(["2024-02-28"] * 9, [-9_999_999] * 9, ["b" * 40] * 9, categories=["x"] * 9)
    found = realism(train, later, train).categories["x"]
    assert found.score is None or found.sides


def test_reports_are_plain_and_repeatable() -> None:
    args = sales(60, 0), sales(60, 1), sales(60, 2)
    assert json.dumps(realism(*args).to_dict()) == json.dumps(realism(*args).to_dict())
    assert realism(*args).mean is not None


# -- ambiguity ---------------------------------------------------------------------------------------------------------

ROWS = st.lists(st.tuples(st.sampled_from(["PIX ANA", "pix  aná", "DARF", "TED BIA", ""]), st.sampled_from("abc")),
                min_size=1, max_size=25)  # fmt: skip


@given(ROWS)
def test_the_map_is_what_counting_by_hand_gives(rows: list[tuple[str, str]]) -> None:
    n = len(rows)
    ledger = ledger_of(["2024-01-01"] * n, range(n), [text for text, _ in rows], categories=[name for _, name in rows])
    keys = [{"PIX ANA": "pix ana", "pix  aná": "pix ana"}.get(text, text.lower()) for text, _ in rows]
    groups = {
        key: Counter(name for k, (_, name) in zip(keys, rows, strict=True) if k == key) for key in set(keys) - {""}
    }
    if not groups:
        return
    found, total = ambiguity_map(ledger), sum(map(Counter.total, groups.values()))
    assert found.n_rows == total
    assert_allclose(found.ceiling, sum(max(c.values()) for c in groups.values()) / total)
    assert found.ambiguous_rows == sum(c.total() for c in groups.values() if len(c) > 1)
    assert 0 <= found.macro_f1_ceiling <= 1
    if found.left_out_one is not None:
        assert found.left_out_one <= found.ceiling_repeated + 1e-12


def test_the_worst_pair_comes_first_and_names_stay_out_of_the_plain_report() -> None:
    texts = ["PIX ANA"] * 6 + ["TARIFA"] * 3
    rows = ledger_of(["2024-01-01"] * 9, [1] * 9, texts, categories=list("aaabbb") + list("aac"))
    found = ambiguity_map(rows)
    assert [(pair.categories, pair.rows) for pair in found.pairs] == [(("a", "b"), 3), (("a", "c"), 1)]
    assert found.texts[0].text == "pix ana"
    assert "ana" not in json.dumps(found.to_dict())
    assert "pix ana" in json.dumps(found.to_dict(with_texts=True))
    assert "ana" not in found.describe() + found.describe("en")


def test_direction_and_payee_tell_rows_apart_that_the_text_does_not() -> None:
    rows = ledger_of(["2024-01-01"] * 4, [5, 6, -5, -6], ["PIX ANA 1", "PIX ANA 1", "PIX ANA 1", "PIX ANA 2"],
                     categories=["entrada", "entrada", "saida", "saida"])  # fmt: skip
    assert ambiguity_map(rows).ceiling == 0.75
    assert ambiguity_map(rows, by="description and direction").ceiling == 1.0
    assert ambiguity_map(rows, by="payee").n_texts == 1


def test_bad_questions_are_refused() -> None:
    rows = ledger_of(["2024-01-01"], [1], ["x"])
    with pytest.raises(TooFewSamplesError):
        ambiguity_map(rows)
    with pytest.raises(InvalidParameterError):
        ambiguity_map(sales(5, 0), by="amount")  # type: ignore[arg-type]


# -- the benchmark -----------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_the_benchmark_splits_every_table_by_day(shared_data: Path) -> None:
    from benchmarks._finance_tables import measured_categories, split

    for name in ("mc_2021", "ceaps_2020", "calderdale", "company 2026"):
        train, later = split(name)
        assert train.days.max() < later.days.min()
        assert 0.2 < len(later) / (len(train) + len(later)) < 0.4
        assert len(measured_categories(train, later)) >= 5


def test_the_benchmark_reads_its_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import finance

    monkeypatch.setattr(finance, "FIDELITY", tmp_path / "fidelity.csv")
    monkeypatch.setattr(finance, "WORTH", tmp_path / "worth.csv")
    asked = finance.Asked(("bootstrap", "naive"), ("company 2026",), 1, worth=False)
    assert finance.measure_all(asked) == []
    cases = {case.claim: case for case in finance.record().cases}
    naive_amount = cases[f"naive, company 2026: {finance.WORDS['amount']}"]
    assert naive_amount.measured.median > 1
    assert naive_amount.target is None
    before = (tmp_path / "fidelity.csv").read_bytes()
    assert finance.measure_all(asked) == []
    assert (tmp_path / "fidelity.csv").read_bytes() == before
