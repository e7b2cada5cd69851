"""The sequence section: fresh sequences score about one, damage costs, and what cannot be measured says why."""

import numpy as np
import pandas as pd
import pytest

from contrapeso.errors import ColumnNotFoundError
from contrapeso.quality._sequences import NOTHING, TOO_FEW, UNREADABLE, assess_sequences


def bank(n_accounts, seed, rows=40):
    """Accounts with an own level, amounts that follow each other, kinds that stay, and no booking at weekends."""
    rng = np.random.default_rng(seed)
    parts = []
    for account in range(n_accounts):
        n = rng.integers(rows // 2, rows * 3 // 2)
        day = np.floor(np.cumsum(rng.exponential(3, n)) + rng.uniform(0, 700))
        x, kind = np.zeros(n), np.zeros(n, dtype=int)
        for i in range(1, n):
            x[i] = 0.6 * x[i - 1] + rng.normal()
            kind[i] = kind[i - 1] if rng.random() < 0.7 else rng.integers(0, 5)
        date = pd.Timestamp("2020-01-01") + pd.to_timedelta(day, unit="D")
        date = date - pd.to_timedelta(np.maximum(date.weekday - 4, 0), unit="D")
        amount = np.exp(4 + 0.5 * x).round(2)
        part = {"account": f"{seed}-{account}", "date": date, "amount": amount, "kind": np.array(list("abcde"))[kind]}
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


REAL, FRESH = bank(60, 1), bank(60, 2)


def score(real, synthetic, key="account", **others):
    section, error = assess_sequences(real, synthetic, "date", key, **others)
    low, high = section.score.interval
    assert 0 <= low <= section.score.value <= high <= 1
    assert error > 0
    return section.score.value


def readings(real, synthetic, **others):
    section, _ = assess_sequences(real, synthetic, "date", "account", **others)
    return {r.name: r for r in section.readings}


def test_fresh_accounts_score_about_one_whatever_their_number():
    """Ten pairs of tables; a score below 0.9 would be five standard errors off."""
    scores = [score(bank(n, 2 * n + s), bank(m, 2 * n + 50 + s)) for s in range(5) for n, m in ((40, 40), (60, 25))]
    assert min(scores) > 0.9
    assert np.mean(scores) > 0.96


def test_rows_in_another_order_score_clearly_lower():
    rng = np.random.default_rng(0)
    dates = FRESH.assign(date=rng.permutation(FRESH["date"].to_numpy()))
    shuffled = FRESH.sample(frac=1, random_state=0).reset_index(drop=True)
    rows = FRESH.assign(amount=shuffled["amount"], kind=shuffled["kind"])
    within = FRESH.assign(amount=FRESH.groupby("account")["amount"].transform(lambda s: rng.permutation(s.to_numpy())))
    assert score(REAL, dates) < 0.8
    assert score(REAL, rows) < 0.8
    assert score(REAL, within) < score(REAL, FRESH) - 0.1
    found = readings(REAL, rows)
    for name in ("transition_tv", "autocorrelation_gap"):
        assert found[name].value > 3 * found[name].reference + 0.05


def test_an_invented_order_costs_as_a_lost_one_does():
    shuffled = REAL.sample(frac=1, random_state=0).reset_index(drop=True)
    plain = REAL.assign(amount=shuffled["amount"], kind=shuffled["kind"])
    assert score(plain, FRESH) < 0.8


def test_each_damage_shows_in_its_reading():
    every_day = FRESH.assign(date=FRESH["date"] + pd.to_timedelta(np.arange(len(FRESH)) % 3, unit="D"))
    assert readings(REAL, every_day)["weekday_tv"].value > 0.15
    paydays = FRESH.assign(date=FRESH["date"].dt.to_period("M").dt.to_timestamp() + pd.Timedelta(days=4))
    assert readings(REAL, paydays)["day_of_month_tv"].value > 0.8
    short = FRESH.groupby("account").head(10)
    found = readings(REAL, short)
    assert found["sequence_length_ks"].value > 0.9
    assert found["sequences_per_category_gap"].value > 2 * found["sequences_per_category_gap"].reference
    slow = FRESH.assign(date=pd.Timestamp("2020-01-06") + (FRESH["date"] - FRESH["date"].min()) * 7)
    assert readings(REAL, slow)["inter_event_wasserstein"].value > 3
    assert readings(REAL, slow)["inter_event_ks"].value > 0.5


@pytest.mark.parametrize("holdout", [None, bank(60, 3)])
def test_fresh_readings_are_of_the_size_of_their_references(holdout):
    section, _ = assess_sequences(REAL, FRESH, "date", "account", holdout=holdout)
    assert section.score.ceiling > 0.93
    for reading in section.readings:
        assert reading.reference is not None
        assert reading.value < 3 * reading.reference + 0.05


def test_one_sequence_is_measured_by_stretches():
    one, two = (bank(1, seed, rows=1500).drop(columns="account") for seed in (1, 2))
    assert score(one, two, key=None) > 0.9
    rng = np.random.default_rng(0)
    assert score(one, two.assign(date=rng.permutation(two["date"].to_numpy())), key=None) < 0.7
    section, _ = assess_sequences(one, two, "date")
    assert "sequence_length_ks" not in {r.name for r in section.readings}


def test_a_step_number_orders_rows_without_a_calendar():
    def steps(frame):
        return frame.assign(date=frame.groupby("account").cumcount())

    section, _ = assess_sequences(steps(REAL), steps(FRESH), "date", "account")
    assert section.score.value > 0.9
    assert "weekday_tv" not in {r.name for r in section.readings}


def test_dates_as_text_read_like_dates_and_what_is_none_is_left_out():
    text = FRESH.assign(date=FRESH["date"].dt.strftime("%Y-%m-%d"))
    real = REAL.assign(date=REAL["date"].dt.strftime("%Y-%m-%d"))
    plain, same = assess_sequences(REAL, FRESH, "date", "account"), assess_sequences(real, text, "date", "account")
    assert same[0].score == plain[0].score
    text.loc[:99, "date"] = "soon"
    text.loc[100:149, "date"] = None
    text.loc[150:199, "account"] = None
    found = readings(real, text)["rows_without_order"]
    assert (found.value, found.reference) == (pytest.approx(200 / len(text)), 0.0)


def test_the_order_of_the_table_matters_only_among_ties():
    real, fresh = (t.assign(date=t["date"] + pd.to_timedelta(np.arange(len(t)), unit="s")) for t in (REAL, FRESH))
    other = fresh.sort_values(["account", "amount"]).sort_values("account", kind="stable")
    in_key_order = fresh.sort_values("account", kind="stable")
    one, two = (assess_sequences(real, t, "date", "account")[0] for t in (in_key_order, other))
    assert two.score.value == pytest.approx(one.score.value, abs=1e-9)


def test_the_same_seed_gives_the_same_section():
    assert assess_sequences(REAL, FRESH, "date", "account", seed=3) == assess_sequences(
        REAL, FRESH, "date", "account", seed=3
    )


@pytest.mark.parametrize(
    ("synthetic", "reason"),
    [
        (FRESH.head(10), TOO_FEW),
        (FRESH.iloc[:0], TOO_FEW),
        (FRESH.assign(date="soon"), UNREADABLE),
        (FRESH.assign(account=None), TOO_FEW),
    ],
)
def test_what_cannot_be_measured_says_why(synthetic, reason):
    section, error = assess_sequences(REAL, synthetic, "date", "account")
    assert (section.score.value, section.score.reason, section.readings, error) == (None, reason, (), None)


def test_rows_that_stand_alone_have_no_order_to_keep():
    alone = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=15), "x": range(15)})
    alone = pd.concat([alone] * 3, ignore_index=True).assign(account=range(45), date=1.0)
    section, _ = assess_sequences(alone, alone, "date", "account")
    assert section.score.reason in (None, NOTHING)
    assert "autocorrelation_gap" not in {r.name for r in section.readings}


def test_a_missing_order_column_is_named():
    with pytest.raises(ColumnNotFoundError, match="synthetic table has no column 'date'"):
        assess_sequences(REAL, FRESH.drop(columns="date"), "date", "account")


@pytest.mark.shared
def test_held_out_senators_score_about_one_and_their_shuffled_rows_do_not(shared_data):
    table = pd.read_parquet(shared_data / "ceaps_2020.parquet")
    names = np.random.default_rng(0).permutation(table["SENADOR"].unique())
    real, fresh = (table[table["SENADOR"].isin(part)].reset_index(drop=True) for part in np.array_split(names, 2))
    rest = [name for name in table if name not in ("SENADOR", "DATA")]
    mixed = fresh[rest].sample(frac=1, random_state=0).reset_index(drop=True)
    shuffled = pd.concat([fresh[["SENADOR", "DATA"]], mixed], axis=1)
    one, two = (assess_sequences(real, t, "DATA", "SENADOR")[0].score for t in (fresh, shuffled))
    assert one.value > 0.93
    assert two.value < 0.8
