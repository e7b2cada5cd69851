"""The documented class: originals first and unchanged, same keys and order, state as JSON, no silence."""

import copy
import json
from datetime import date, timedelta

import numpy as np
import pytest

from contrapeso.errors import (
    ContrapesoWarning,
    CorruptArchiveError,
    FileMissingError,
    FileUnwritableError,
    InvalidParameterError,
    NewerArchiveError,
    UnknownConfigKeyError,
)
from src.services.financial_category_balancer import FinancialCategoryBalancer


@pytest.fixture(scope="module")
def transactions():
    """Bank rows with three categories, one of them scarce."""
    rng = np.random.default_rng(0)
    shapes = [("despesa", 60, -500, -10), ("receita", 30, 1000, 5000), ("investimento", 10, -900, -100)]
    return [
        {
            "date": (date(2024, 1, 2) + timedelta(days=int(rng.integers(0, 360)))).isoformat(),
            "amount": round(float(rng.uniform(low, high)), 2),
            "description": f"{'TED' if name == 'investimento' else 'PIX'} {name.upper()} {i}",
            "category": name,
        }
        for name, n, low, high in shapes
        for i in range(n)
    ]


@pytest.fixture
def balancer():
    return FinancialCategoryBalancer({"smote_config": {"random_state": 42}, "synthetic_config": {"methods": ["vae"]}})


def synthetic_of(rows):
    return [row for row in rows if row.get("is_synthetic", False)]


def test_the_documented_usage(balancer, transactions):
    before = copy.deepcopy(transactions)
    balanced = balancer.balance_financial_categories(
        transactions, target_category='investimento', method='pattern_based'
    )  # fmt: skip
    assert balanced[: len(transactions)] == before == transactions
    assert all(given is came for given, came in zip(transactions, balanced, strict=False))
    made = synthetic_of(balanced)
    assert len(balanced) == len(transactions) + len(made)
    assert sum(row["category"] == "investimento" for row in balanced) == 30
    for row in made:
        assert list(row) == ["date", "amount", "description", "category", "is_synthetic", "provenance"]
        assert row["is_synthetic"] is True
        assert row["category"] == "investimento"
        assert row["amount"] < 0
        assert date.fromisoformat(row["date"])
    assert not any("is_synthetic" in row for row in transactions)


@pytest.mark.parametrize("method", ["auto", "smote", "synthetic", "pattern_based"])
def test_every_method_makes_rows(balancer, transactions, method):
    made = synthetic_of(balancer.balance_financial_categories(transactions, method=method))
    assert len(made) == 20
    assert {row["category"] for row in made} == {"investimento"}


def test_a_ratio_fills_up_every_category_to_it(transactions):
    balancer = FinancialCategoryBalancer({"target_ratio": 1.0})
    balanced = balancer.balance_financial_categories(transactions, method="smote")
    assert {
        name: sum(row["category"] == name for row in balanced) for name in ("despesa", "receita", "investimento")
    } == {
        "despesa": 60,
        "receita": 60,
        "investimento": 60,
    }


def test_no_rows_in_no_rows_out(balancer):
    assert balancer.balance_financial_categories([]) == []


def test_an_unknown_category_changes_nothing_and_warns(balancer, transactions):
    with pytest.warns(ContrapesoWarning, match="does not occur"):
        assert balancer.balance_financial_categories(transactions, target_category="non_existent") == transactions


def test_an_unknown_method_is_refused(balancer, transactions):
    with pytest.raises(InvalidParameterError, match="pattern_based"):
        balancer.balance_financial_categories(transactions, method="magic")
    with pytest.raises(InvalidParameterError):
        balancer.balance_financial_categories([], method="magic")


def test_two_calls_with_one_seed_give_the_same_rows(transactions):
    first, again = (
        FinancialCategoryBalancer({"random_state": 9}).balance_financial_categories(transactions) for _ in range(2)
    )
    assert json.dumps(first) == json.dumps(again)


def test_statistics_hold_what_was_seen(balancer, transactions):
    before = balancer.get_category_statistics()
    assert before.keys() == {
        "category_patterns", "business_rules", "category_stats", "temporal_stats", "amount_distributions"
    }  # fmt: skip
    assert {"receita", "despesa", "transferencia", "investimento", "outros"} <= before["category_patterns"].keys()
    assert before["category_stats"] == {}
    balancer.balance_financial_categories(transactions)
    found = balancer.get_category_statistics()
    assert found["category_stats"]["investimento"]["count"] == 10
    assert found["amount_distributions"]["receita"]["min"] >= 1000
    assert sum(found["temporal_stats"]["despesa"]["weekday"]) == 60
    low, high = found["category_patterns"]["despesa"]["typical_amount_range"]
    assert 10 <= low <= high <= 500
    found["category_stats"]["investimento"]["count"] = 0
    assert balancer.get_category_statistics()["category_stats"]["investimento"]["count"] == 10


def test_a_pattern_bounds_amounts_and_sets_parameters(balancer, transactions):
    balancer.update_category_patterns(
        {
            "investimento": {
                "typical_amount_range": (200, 300),
                "method": "smote",
                "rows": 15,
                "common_descriptions": ["x"],
            }
        }
    )
    made = synthetic_of(balancer.balance_financial_categories(transactions))
    assert len(made) == 15
    assert all(200 <= -row["amount"] <= 300 for row in made)
    assert {row["provenance"]["method"] for row in made} == {"smote"}
    assert balancer.category_patterns["investimento"]["rows"] == 15


def test_bad_patterns_are_refused_and_nothing_changes(balancer):
    before = copy.deepcopy(balancer.category_patterns)
    with pytest.raises(UnknownConfigKeyError, match="typical_amount_range"):
        balancer.update_category_patterns({"x": {"typical_amount_rang": (1, 2)}})
    for bad in ({"typical_amount_range": (-1, 2)}, {"typical_amount_range": 5}, {"method": "magic"}, {"rows": 1.5}):
        with pytest.raises(InvalidParameterError):
            balancer.update_category_patterns({"x": bad})
    with pytest.raises(InvalidParameterError):
        balancer.update_category_patterns(["x"])
    assert balancer.category_patterns == before


def test_a_config_key_that_does_not_exist_names_the_nearest():
    with pytest.raises(UnknownConfigKeyError, match="target_ratio"):
        FinancialCategoryBalancer({"target_ration": 0.5})
    with pytest.raises(InvalidParameterError):
        FinancialCategoryBalancer({"random_state": -1})
    with pytest.raises(InvalidParameterError):
        FinancialCategoryBalancer(3)


def test_the_documented_config_of_all_classes_is_taken():
    whole = {
        "smote": {"random_state": 42, "k_neighbors": 3, "sampling_strategy": "auto"},
        "synthetic": {"methods": ["vae", "gan"], "sample_size_ratio": 0.5, "epochs": 100, "batch_size": 32},
        "quality": {"statistical_tests": ["ks_test"]},
    }
    balancer = FinancialCategoryBalancer(whole)
    assert balancer.smote_handler.config["k_neighbors"] == 3
    assert balancer.synthetic_generator.config["methods"] == ["vae", "gan"]


def test_the_state_survives_as_json(balancer, transactions, tmp_path):
    balancer.update_category_patterns({"investimento": {"typical_amount_range": (200, 300)}})
    first = balancer.balance_financial_categories(transactions)
    place = tmp_path / "state.pkl"
    balancer.save_balancer_state(str(place))
    state = json.loads(place.read_text(encoding="utf-8"))
    assert state["format"] == "contrapeso-category-balancer"
    assert not any(row["description"] in place.read_text(encoding="utf-8") for row in transactions)
    other = FinancialCategoryBalancer()
    other.load_balancer_state(place)
    assert other.business_rules == balancer.business_rules
    assert other.get_category_statistics() == json.loads(json.dumps(balancer.get_category_statistics()))
    assert other.balance_financial_categories(transactions) == first


def test_a_state_that_is_none_is_refused(balancer, tmp_path):
    with pytest.raises(FileMissingError):
        balancer.load_balancer_state(tmp_path / "nothing.json")
    place = tmp_path / "state.json"
    for text, error in (
        ("{", CorruptArchiveError),
        ('{"format": "x"}', CorruptArchiveError),
        ('{"format": "contrapeso-category-balancer", "protocol": 99}', NewerArchiveError),
        ('{"format": "contrapeso-category-balancer", "protocol": true}', CorruptArchiveError),
        ('{"format": "contrapeso-category-balancer", "protocol": 1, "config": {}}', CorruptArchiveError),
    ):
        place.write_text(text, encoding="utf-8")
        with pytest.raises(error):
            balancer.load_balancer_state(place)
    with pytest.raises(FileUnwritableError):
        balancer.save_balancer_state(tmp_path / "no" / "state.json")


def test_the_history_has_an_entry_for_each_call_and_no_row(balancer, transactions):
    balancer.balance_financial_categories(transactions, method="smote")
    entry = balancer.balancing_history[-1]
    assert entry["method"] == "smote"
    assert entry["n_synthetic"] == 20
    assert not any(row["description"] in json.dumps(entry) for row in transactions)


def test_both_import_paths_give_the_same_class():
    from contrapeso.services.financial_category_balancer import FinancialCategoryBalancer as Installed

    assert Installed is FinancialCategoryBalancer


def test_auto_that_may_decline_gives_the_rows_back_with_the_numbers(transactions):
    balancer = FinancialCategoryBalancer({"decline": True})
    with pytest.warns(ContrapesoWarning, match="beside class weights"):
        assert balancer.balance_financial_categories(transactions) == transactions
    assert len(balancer.balance_financial_categories(transactions, method="smote")) > len(transactions)


def test_where_nothing_can_be_measured_nothing_is_declined(transactions):
    few = [*transactions[:12], *transactions[-2:]]
    balancer = FinancialCategoryBalancer({"decline": True, "target_ratio": 0.5})
    assert len(balancer.balance_financial_categories(few)) > len(few)


def test_the_worth_of_balancing_is_told(balancer, transactions):
    found = balancer.is_it_worth(transactions, seeds=1, cuts=1, methods=("pattern_based",), n_draws=50)
    assert found.verdict in {"ajuda", "empate", "prejudica"}
    assert found.given["pattern_based"] == found.asked["pattern_based"]


def test_rules_are_told_in_both_languages(balancer):
    names = [rule["name"] for rule in balancer.business_rules]
    assert {"sign", "calendar", "pseudonyms"} <= set(names)
    assert all(rule["pt"] and rule["en"] for rule in balancer.business_rules)
