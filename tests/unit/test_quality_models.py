"""The sections of the report that models fill: the joint test and the usefulness for training."""

from dataclasses import replace
from hashlib import blake2b

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from contrapeso.metrics import Features
from contrapeso.quality import evaluate
from contrapeso.quality._joint import assess_joint
from contrapeso.quality._samples import Sample, Samples
from contrapeso.quality._usefulness import assess_usefulness

NAMES = ("a", "b", "parity", "x", "noisy_x", "kind")
CATEGORICAL = np.array([True, True, True, False, False, True])


def rows(n, seed, how="fresh"):
    """Two coins, their parity, a line, its noisy copy, and a class (30 % are 1) that follows from the line."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 2, (2, n))
    x = rng.normal(size=n)
    values = np.column_stack([a, b, a ^ b, x, x + rng.normal(size=n) / 2, x + rng.normal(size=n) / 2 > 0.6])
    if how == "independent":
        values = np.column_stack([rng.permutation(column) for column in values.T])
    if how == "broken":
        values[:, 2] = rng.permutation(values[:, 2])
    return values


def sample(values, klass=None, weights=None, names=NAMES, categorical=CATEGORICAL):
    filled = np.where(np.isnan(values), 1e300, values)
    keys = np.array(
        [int(blake2b(row.tobytes(), digest_size=8).hexdigest(), 16) for row in filled + 0.0], dtype=np.uint64
    )
    klass = values[:, -1].astype(np.intp) if klass is None else np.asarray(klass)
    weights = np.ones(len(values)) if weights is None else weights
    features = Features(np.asarray(values, dtype=float), categorical, names)
    return Sample(features, np.arange(len(values)), keys, klass, weights)


def samples(train, fresh, synthetic, *, target=5, seed=0, **kind):
    """All rows of one class mix; the class is the last column."""
    made = [sample(values, **kind) for values in (train, fresh, synthetic)]
    if target is None:
        made = [replace(one, klass=np.zeros(one.n_rows, dtype=np.intp)) for one in made]
    labels = () if target is None else ("no", "yes", "\0null")
    return Samples(made[0], made[1], made[2], made[0], made[1], "holdout", target, labels, seed)


def trial(n, how, *, seed=0, target=5):
    return samples(rows(n, seed), rows(n, seed + 1), rows(n, seed + 2, how), target=target, seed=seed)


def only_class(values, label):
    return values[values[:, -1] == label]


def minority_only(n, how="fresh"):
    """What balancing gives: synthetic rows of class 1 alone; the mixed samples hold that class, the whole ones all."""
    train, fresh = rows(n, 0), rows(n, 1)
    synthetic = only_class(rows(3 * n, 2, how), 1)
    mixed = [sample(only_class(part, 1)) for part in (train, fresh, synthetic)]
    labels = ("no", "yes", "\0null")
    return Samples(*mixed, sample(train), sample(fresh), "holdout", 5, labels, 0)


def test_fresh_rows_pass_the_joint_test_and_broken_ones_do_not():
    fresh, error = assess_joint(trial(600, "fresh"))
    assert fresh.score.value == 1
    assert fresh.score.ceiling == 1
    assert error < 0.05
    assert (fresh.giveaways, fresh.interaction, fresh.suspects) == ((), (), ())
    broken, _ = assess_joint(trial(600, "broken"))
    assert broken.score.value < 0.7
    assert broken.score.interval[0] <= broken.score.value <= broken.score.interval[1]
    assert broken.interaction == ("a", "b", "parity")
    assert {giveaway.column for giveaway in broken.giveaways[:3]} == {"a", "b", "parity"}
    assert broken.readings[0].name == "pmse_ratio"
    assert broken.readings[0].value > 1.5


def test_scores_fall_as_more_rows_are_broken():
    scores = []
    for share in (0.0, 0.5, 1.0):
        values = rows(300, 2)
        values[: int(share * 300)] = rows(300, 3, "independent")[: int(share * 300)]
        scores.append(assess_joint(samples(rows(300, 0), rows(300, 1), values))[0].score.value)
    assert scores[0] > scores[1] > scores[2]


def test_suspects_are_rows_of_the_synthetic_table():
    given = trial(600, "broken")
    at = np.arange(600) * 3 + 7  # positions in a larger table
    found, _ = assess_joint(replace(given, synthetic=replace(given.synthetic, rows=at)))
    assert 0 < len(found.suspects) <= 20
    for suspect in found.suspects:
        assert suspect.row in at
        a, b, parity = given.synthetic.features.values[(suspect.row - 7) // 3, :3]
        assert parity != (a != b)
        assert suspect.probability >= 0.75
        assert set(suspect.columns) <= set(NAMES)


def test_the_reference_is_what_real_rows_reach():
    """Training rows that differ from fresh ones as the synthetic ones do: no fault of the synthetic rows."""
    drifted = samples(rows(500, 0, "broken"), rows(500, 1), rows(500, 2, "broken"))
    found, _ = assess_joint(drifted)
    assert found.auc.value > 0.65
    assert found.auc.reference == pytest.approx(found.auc.value, abs=0.06)
    assert found.score.value > 0.9


def test_a_fresh_table_that_is_another_one_cannot_judge():
    far = rows(200, 1) + np.array([0, 0, 0, 50, 0, 0])
    found, error = assess_joint(samples(rows(200, 0), far, rows(200, 2)))
    assert found.score.value is None
    assert found.score.reason == "real_rows_differ"
    assert error == 0


def test_too_few_effective_rows_have_no_score():
    given = trial(100, "fresh")
    heavy = np.r_[np.full(10, 9.1), np.full(90, 0.1)]
    found, _ = assess_joint(replace(given, fresh=replace(given.fresh, weights=heavy)))
    assert (found.score.value, found.score.reason) == (None, "insufficient_data")


def test_fresh_rows_are_useful_and_independent_columns_are_not():
    fresh, error = assess_usefulness(trial(700, "fresh"), {}, seeds=3)
    assert fresh.score.value > 0.93
    assert fresh.target.score.value > 0.95
    assert fresh.overall.value > 0.9
    assert 0 < error < 0.15
    independent, _ = assess_usefulness(trial(700, "independent"), {}, seeds=3)
    assert independent.overall.value < 0.15
    assert independent.score.interval[0] < 0.15  # what a model finds in noise may point the right way by chance
    by_name = {column.column: column for column in fresh.columns}
    assert by_name["x"].measure == "r2"
    assert by_name["kind"].measure == "auc"
    expected = (by_name["x"].synthetic - 0) / (by_name["x"].real - 0)
    assert by_name["x"].score == pytest.approx(min(1, expected))


def test_readings_of_the_target_stand_beside_those_of_real_rows():
    found, _ = assess_usefulness(trial(400, "fresh"), {}, seeds=2)
    readings = {reading.name: reading for reading in found.target.readings}
    assert list(readings) == ["tstr", "trtr", "trts", "augmented", "brier_synthetic"]
    for reading in readings.values():
        assert reading.value == pytest.approx(reading.reference, abs=0.06)
    low, high = readings["tstr"].interval
    assert low < readings["tstr"].value < high
    assert [recall.label for recall in found.target.recalls] == ["no", "yes"]
    assert sum(recall.n for recall in found.target.recalls) == 400
    assert len(found.target.models) == 4
    assert -1 <= found.target.rank_agreement <= 1
    shares = np.array([(column.real, column.synthetic) for column in found.importance.columns])
    assert_allclose(shares.sum(axis=0), 1)
    assert all(reading.reference is not None for reading in found.importance.readings)
    assert "kind" not in {column.column for column in found.importance.columns}


def test_a_minority_made_by_balancing_is_completed_with_real_rows():
    found, _ = assess_usefulness(minority_only(400), {}, seeds=2)
    assert found.target.completed
    assert found.target.score.value > 0.93
    readings = {reading.name: reading for reading in found.target.readings}
    assert (readings["trts"].value, readings["trts"].reason) == (None, "classes_missing")
    yes = next(recall for recall in found.target.recalls if recall.label == "yes")
    assert yes.augmented > yes.real  # that is what balancing is for


def test_a_wrong_minority_is_found_even_when_completed():
    given = minority_only(900)
    lost = given.synthetic.features.values.copy()
    lost[:, 3:5] = np.random.default_rng(0).normal(size=(len(lost), 2))
    found, _ = assess_usefulness(replace(given, synthetic=sample(lost)), {}, seeds=2)
    assert found.target.score.value < 0.9
    assert found.target.score.value < found.target.score.ceiling


def test_another_class_mix_is_weighted_back():
    values = rows(2000, 2)
    yes, no = only_class(values, 1), only_class(values, 0)
    found, _ = assess_usefulness(
        replace(trial(500, "fresh"), synthetic=sample(np.r_[yes[:300], no[:300]])), {}, seeds=2
    )
    assert found.target.score.value > 0.93
    assert not found.target.completed
    readings = {reading.name: reading for reading in found.target.readings}
    assert readings["brier_synthetic"].value == pytest.approx(readings["brier_synthetic"].reference, abs=0.03)


def test_answers_do_not_depend_on_threads_or_on_the_order_of_rows():
    given = trial(120, "broken")
    assert assess_joint(given) == assess_joint(given, n_jobs=2)
    assert assess_usefulness(given, {}, seeds=2) == assess_usefulness(given, {}, n_jobs=2, seeds=2)
    assert assess_joint(given)[0].auc != assess_joint(replace(given, seed=1))[0].auc


def test_without_a_target_there_is_the_overall_score_alone():
    found, _ = assess_usefulness(trial(400, "fresh", target=None), {})
    assert found.target is None
    assert found.importance is None
    assert found.score.value == found.overall.value > 0.9


def test_texts_are_no_targets():
    found, _ = assess_usefulness(trial(100, "fresh", target=None), dict.fromkeys(NAMES[:5], "text"))
    assert {column.column for column in found.columns} == {"kind"}


@pytest.mark.parametrize("value", [1.0, np.nan])
def test_columns_that_say_nothing_predict_nothing(value):
    flat = np.full((60, 6), value)
    given = samples(flat, flat, flat, target=None, klass=np.zeros(60, dtype=np.intp))
    use, error = assess_usefulness(given, {})
    assert (use.score.value, use.score.reason, error) == (None, "nothing_predictable", 0)
    joint, _ = assess_joint(given)
    assert joint.score.value == 1
    assert joint.readings[0].value is None


def test_a_target_of_one_class_has_no_score():
    one = [np.column_stack([rows(100, seed)[:, :5], np.zeros(100)]) for seed in range(3)]
    found, _ = assess_usefulness(samples(*one), {})
    assert (found.target.score.value, found.target.score.reason) == (None, "one_class")
    assert found.score.value == found.overall.value


def test_a_target_that_is_noise_is_not_predictable():
    noise = [
        np.column_stack([rows(300, s)[:, :5], np.random.default_rng(90 + s).integers(0, 2, 300)]) for s in range(3)
    ]
    found, _ = assess_usefulness(samples(*noise), {}, seeds=2)
    assert (found.target.score.value, found.target.score.reason) == (None, "target_not_predictable")
    kind = next(column for column in found.columns if column.column == "kind")
    assert (kind.score, kind.reason) == (None, "column_not_predictable")


def test_thirty_rows_have_defined_answers():
    for how in ("fresh", "independent"):
        joint, error = assess_joint(trial(30, how))
        assert 0 <= joint.score.value <= 1
        assert error >= 0
        use, error = assess_usefulness(trial(30, how), {}, seeds=2)
        assert use.score.value is None or error <= 0.25
        assert use.score.value is not None or use.score.reason in ("insufficient_data", "nothing_predictable")


def test_null_classes_are_left_out():
    given = trial(200, "fresh")
    klass = given.whole_train.klass.copy()
    klass[:20] = 2
    train = replace(given.whole_train, klass=klass)
    found, _ = assess_usefulness(replace(given, whole_train=train), {}, seeds=1)
    assert found.target.score.value is not None
    assert len(found.target.recalls) == 2


def test_a_table_of_which_real_rows_predict_next_to_nothing_has_no_score():
    """Fresh halves of a table with a rare class and nothing else were graded F by a model that never learned it."""
    rng = np.random.default_rng(0)
    frames = []
    for _ in range(2):
        frame = pd.DataFrame(rng.integers(0, 8, (300, 5)), columns=list("abcde"))
        frames.append(frame.assign(rare=np.where((frame["a"] == 0) & (frame["b"] < 3), "yes", "no")))
    report = evaluate(*frames, n_jobs=1)
    assert report.usefulness.score.value is None or report.usefulness.score.value > 0.5
    assert report.grade[0] in "AB"
