"""What every generator keeps, whatever it has learned: each family runs each check."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load

from contrapeso.errors import (
    CancelledError,
    ColumnNotFoundError,
    CorruptArchiveError,
    FileMissingError,
    InsufficientDataError,
    InvalidDataError,
    InvalidParameterError,
    NewerArchiveError,
    NotFittedError,
    UnmetConditionsError,
    UnsupportedOperationError,
)
from contrapeso.generators import (
    FAMILIES,
    Training,
    family_of,
    load_synthesizer,
)
from contrapeso.progress import Progress
from tests.unit._generator_cases import NARROW, SHORT, made

NAMES = sorted(FAMILIES)
DEEP = [name for name in NAMES if name != "mixture"]
WIDE_BATCHES = replace(SHORT, epochs=1, batch_size=2048)
QUICK = replace(SHORT, epochs=10, batch_size=32, learning_rate=0.01)
every = pytest.mark.parametrize("name", NAMES)
every_deep = pytest.mark.parametrize("name", DEEP)


def bank(n: int = 240, seed: int = 0) -> pd.DataFrame:
    """A small table with every kind of column and real dependence."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(["pix", "boleto", "tarifa"], n, p=[0.6, 0.3, 0.1])
    amount = np.round(np.exp(rng.normal(3 + (kind == "boleto") * 2, 1)), 2)
    amount[kind == "tarifa"] = 12.9
    day = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 365, n), "D")
    note = pd.Series(np.where(rng.random(n) < 0.3, None, "nota"), dtype=object)
    score = pd.Series(rng.normal(size=n)).where(rng.random(n) > 0.2)
    return pd.DataFrame(
        {
            "kind": kind,
            "amount": amount,
            "day": day,
            "parcels": rng.integers(1, 13, n),
            "paid": rng.random(n) < 0.5,
            "note": note,
            "score": score,
            "code": pd.Categorical(rng.choice(["A", "B", "C", "D"], n)),
            "level": pd.array(rng.integers(0, 5, n), dtype="Int64"),
        }
    )


def narrow(name: str) -> dict[str, Any]:
    return {"network": NARROW[name]} if name in NARROW else {}


@pytest.fixture(scope="module", params=NAMES)
def fitted(request: pytest.FixtureRequest) -> Any:
    return made(request.param).fit(bank(), target="kind")


def test_schema_is_kept(fitted: Any) -> None:
    real, rows = bank(), fitted.sample(100, random_state=1)
    assert rows.dtypes.equals(real.dtypes)
    assert list(rows.columns) == list(real.columns)
    assert rows.index.equals(pd.RangeIndex(100))
    assert set(rows["kind"]) <= set(real["kind"])
    assert rows["parcels"].between(1, 12).all()
    cents = rows["amount"].to_numpy() * 100
    assert np.allclose(cents, np.round(cents), atol=1e-6)
    assert (rows["amount"] > 0).all()
    assert (rows["day"] == rows["day"].dt.normalize()).all()


def test_nulls_come_only_where_they_were_and_do_come(fitted: Any) -> None:
    real, rows = bank(), fitted.sample(300, random_state=1)
    without = [name for name in real.columns if not real[name].isna().any()]
    assert not rows[without].isna().any().any()
    assert rows["note"].isna().any()
    assert rows["score"].isna().any()


@pytest.mark.parametrize("n", [0, 1, 57])
def test_counts_are_exact(fitted: Any, n: int) -> None:
    assert len(fitted.sample(n, random_state=0)) == n


def test_class_counts_are_exact(fitted: Any) -> None:
    rows = fitted.sample(n_per_class={"tarifa": 7, "pix": 5, "boleto": 0}, random_state=3)
    assert rows["kind"].tolist() == ["tarifa"] * 7 + ["pix"] * 5


def test_conditions_on_any_column_are_met_exactly(fitted: Any) -> None:
    asked = pd.DataFrame({"parcels": [3, 4, 3], "paid": [True, False, True]})
    rows = fitted.sample(conditions=asked, random_state=0, max_tries=200)
    assert rows["parcels"].tolist() == [3, 4, 3]
    assert rows["paid"].tolist() == [True, False, True]
    assert rows.dtypes.equals(bank().dtypes)
    again = fitted.sample(4, conditions={"code": "B"}, random_state=0, max_tries=200)
    assert again["code"].tolist() == ["B"] * 4


def test_constraints_and_excluded_rows_are_kept(fitted: Any) -> None:
    rows = fitted.sample(20, constraints=lambda frame: frame["amount"] < 100, random_state=0, max_tries=100)
    assert (rows["amount"] < 100).all()
    copies = fitted.sample(20, exclude=bank(), random_state=0, max_tries=50)
    assert len(copies.merge(bank(), how="inner")) == 0


def test_a_constraint_that_nothing_meets_is_said(fitted: Any) -> None:
    with pytest.raises(UnmetConditionsError, match="5 of 5"):
        fitted.sample(5, constraints=lambda frame: frame["amount"] < 0, max_tries=3, random_state=0)


def test_same_seed_same_rows_and_another_seed_others(fitted: Any) -> None:
    first, second = (fitted.sample(50, random_state=5) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(fitted.sample(50, random_state=6))
    assert not fitted.sample(50).equals(fitted.sample(50))


@every
def test_same_seed_same_model(name: str) -> None:
    tables = [made(name).fit(bank(120)).sample(40) for _ in range(2)]
    pd.testing.assert_frame_equal(*tables)


def test_saved_and_loaded_gives_the_same_rows(fitted: Any, tmp_path: Path) -> None:
    place = tmp_path / "model.cps"
    fitted.save(place)
    for loaded in (load_synthesizer(place), type(fitted).load(place)):
        assert type(loaded) is type(fitted)
        pd.testing.assert_frame_equal(loaded.sample(30, random_state=9), fitted.sample(30, random_state=9))
        assert loaded.card_ == fitted.card_
        assert loaded.sample(n_per_class={"tarifa": 3}, random_state=0)["kind"].tolist() == ["tarifa"] * 3
    fitted.save(tmp_path / "again.cps")
    assert place.read_bytes() == (tmp_path / "again.cps").read_bytes()


def test_card_tells_what_was_learned(fitted: Any) -> None:
    card = fitted.card_
    assert (card.n_rows, card.n_columns, card.target) == (240, 9, "kind")
    json.dumps(card.to_dict(), allow_nan=False)
    assert card.data_digest in card.to_markdown()
    assert "kind" not in json.dumps(card.training)


def test_log_prob_is_a_log_probability_or_refused(fitted: Any) -> None:
    try:
        scores = fitted.log_prob(bank())
    except UnsupportedOperationError as error:
        assert "likelihood" in str(error)  # noqa: PT017  (either is right; the family says which)
    else:
        assert scores.shape == (240,)
        assert np.isfinite(scores).all()
        assert (scores <= 0).all()


def test_imputed_cells_are_filled_and_the_others_unchanged(fitted: Any) -> None:
    real = bank(60, seed=4)
    try:
        filled = fitted.impute(real, random_state=0)
    except UnsupportedOperationError:
        assert not type(fitted).conditional
        return
    assert not filled.isna().any().any()
    known = real.notna()
    assert filled.where(known).equals(real.where(known))


@pytest.mark.parametrize("name", [name for name in NAMES if FAMILIES[name].conditional])
def test_imputed_cells_keep_the_relations_of_the_table(name: str) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.integers(0, 500, 300) / 100, "b": rng.integers(0, 500, 300) / 100})
    frame["total"] = (frame["a"] + frame["b"]).round(2)
    frame["city"] = rng.choice(["Natal", "Olinda", "Santos"], 300)
    frame["state"] = frame["city"].map({"Natal": "RN", "Olinda": "PE", "Santos": "SP"})
    frame["payee"] = [f"p{i}" for i in rng.integers(0, 900, 300)]
    frame["never"] = None
    gaps = frame.head(40).copy()
    for place, column in enumerate(["total", "state", "payee", "city"]):
        gaps.loc[place::4, column] = None
    filled = made(name).fit(frame).impute(gaps, random_state=0)
    assert filled["never"].isna().all()  # there is nothing that it could be
    assert not filled.drop(columns="never").isna().any().any()
    assert np.allclose(filled["total"], filled["a"] + filled["b"])
    assert set(zip(filled["city"], filled["state"], strict=True)) <= set(
        zip(frame["city"], frame["state"], strict=True)
    )
    assert set(filled["payee"]) <= set(frame["payee"])
    known = gaps.notna()
    assert filled.where(known).equals(gaps.where(known))


@pytest.mark.parametrize("name", ["mixture", "autoregressive"])
def test_rows_with_values_never_seen_are_imputed_all_the_same(name: str) -> None:
    model = made(name).fit(bank())
    gaps = pd.DataFrame(
        {**bank(3).to_dict("list"), "kind": ["cheque", "pix", None], "amount": [1e9, None, 5.0], "level": [None, 99, 1]}
    ).astype({"code": pd.CategoricalDtype(["Z", "A", "B", "C", "D"]), "level": "Int64"})
    filled = model.impute(gaps, random_state=0)
    assert not filled.isna().any().any()
    assert filled["kind"].tolist()[:2] == ["cheque", "pix"]
    assert filled["amount"].tolist()[0] == 1e9


def test_what_is_computed_follows_the_values_asked_for() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.random(400).round(3), "b": rng.random(400).round(3)})
    frame["total"] = (frame["a"] + frame["b"]).round(3)
    rows = made("mixture").fit(frame).sample(5, conditions={"a": frame["a"].iloc[7]}, random_state=0)
    assert (rows["a"] == frame["a"].iloc[7]).all()
    assert np.allclose(rows["total"], rows["a"] + rows["b"])


def damage(place: Path, **changes: object) -> None:
    with zipfile.ZipFile(place) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head = json.loads(members["schema.json"]) | changes
    members["schema.json"] = json.dumps(head).encode()
    with zipfile.ZipFile(place, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_damaged_and_newer_archives_are_refused(fitted: Any, tmp_path: Path) -> None:
    place = tmp_path / "model.cps"
    fitted.save(place)
    whole = place.read_bytes()
    for broken in (b"", whole[: len(whole) // 2], b"not an archive"):
        place.write_bytes(broken)
        with pytest.raises(CorruptArchiveError):
            load_synthesizer(place)
    for changes, error in (
        ({"protocol": 99}, NewerArchiveError),
        ({"protocol": 0}, CorruptArchiveError),
        ({"format": "other"}, CorruptArchiveError),
        ({"arrays_sha256": "0" * 64}, CorruptArchiveError),
        ({"content": {"family": "nobody"}}, CorruptArchiveError),
        ({"content": {"family": type(fitted).family}}, CorruptArchiveError),
    ):
        place.write_bytes(whole)
        damage(place, **changes)
        with pytest.raises(error):
            load_synthesizer(place)
    with pytest.raises(FileMissingError):
        load_synthesizer(tmp_path / "nothing.cps")


@every
@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"x": np.linspace(0, 1, 40)}),
        pd.DataFrame({"x": ["a"] * 30}),
        pd.DataFrame({"x": [1.5] * 30, "y": ["a", "b", "c"] * 10}),
        pd.DataFrame({"x": [1, 2, 3], "y": ["a", None, "b"]}),
        pd.DataFrame({"x": [None] * 12, "y": range(12)}),
        pd.DataFrame({"x": [0.5, np.inf, -np.inf, np.nan] * 6, "y": [True, False] * 12}),
        pd.DataFrame({"id": [f"DOC-{i:05d}" for i in range(60)], "x": np.arange(60) % 7}),
        pd.DataFrame({"id": np.arange(1000, 1060), "x": np.arange(60) % 7}),
        pd.DataFrame({"one": ["a"]}),
    ],
    ids=[
        "single column",
        "constant",
        "constant number",
        "three rows",
        "all null",
        "infinities",
        "text id",
        "id",
        "one row",
    ],
)
def test_odd_tables_work(name: str, frame: pd.DataFrame) -> None:
    rows = made(name).fit(frame).sample(25, random_state=0)
    assert rows.shape == (25, frame.shape[1])
    assert rows.dtypes.equals(frame.dtypes)
    for column in frame.columns:
        if frame[column].notna().all():
            assert rows[column].notna().all()
    if "id" in frame:
        assert rows["id"].is_unique
        assert not set(rows["id"]) & set(frame["id"])


@every
def test_a_table_of_identifiers_alone_asks_no_network(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": np.arange(1000, 1060), "code": [f"DOC-{i:05d}" for i in range(60)]})
    model = made(name).fit(frame)
    model.partial_fit(frame)
    model.save(tmp_path / "model.cps")
    for each in (model, load_synthesizer(tmp_path / "model.cps")):
        rows = each.sample(25, random_state=0)
        assert rows["id"].tolist() == list(range(1060, 1085))
        assert rows["code"].is_unique
        assert not each.log_prob(frame).any()


@pytest.mark.parametrize("name", ["gan", "cgan"])
def test_a_saved_adversarial_model_holds_what_samples_and_no_more(name: str, tmp_path: Path) -> None:
    made(name).fit(bank()).save(tmp_path / "model.cps")
    with zipfile.ZipFile(tmp_path / "model.cps") as archive:
        names = list(load(archive.read("arrays.safetensors")))
    assert any(part.startswith("model/") for part in names)
    assert not [part for part in names if "moments" in part or "discriminator" in part or "given_table" in part]
    again = load_synthesizer(tmp_path / "model.cps")
    again.partial_fit(bank(100, seed=2))
    assert len(again.sample(5)) == 5


@every
def test_the_order_of_the_rows_says_nothing(name: str) -> None:
    frame = pd.DataFrame({"x": ["a"] * 600 + [f"b{i % 20}" for i in range(600)], "y": list("pq") * 600})
    rows = made(name, training=QUICK).fit(frame).sample(1000, random_state=0)
    assert 0.4 < (rows["x"] == "a").mean() < 0.6


@pytest.mark.parametrize(
    "name",
    ["mixture", *(pytest.param(name, marks=[] if name == "gan" else pytest.mark.slow) for name in DEEP)],
)
def test_100k_categories_are_learned(name: str) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"payee": [f"p{i}" for i in rng.permutation(100_000)] + ["p1", "p2"] * 50_000})
    frame["kind"] = rng.choice(["a", "b"], len(frame))
    rows = made(name, training=WIDE_BATCHES, **narrow(name)).fit(frame).sample(2000, random_state=0)
    assert set(rows["payee"]) <= set(frame["payee"])
    assert 0.35 < rows["payee"].isin(["p1", "p2"]).mean() < 0.65


@every
def test_500_columns_are_learned(name: str) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"c{i}": rng.integers(0, 4, 64) for i in range(500)})
    rows = made(name, epochs=1, **narrow(name)).fit(frame).sample(10, random_state=0)
    assert rows.shape == (10, 500)
    assert rows.max().max() <= 3


@every
def test_cancel_stops_within_a_second(name: str) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"c{i}": rng.integers(0, 50, 20_000) for i in range(10)})
    asked: list[float] = []
    calls = 0

    def cancel() -> bool:
        nonlocal calls
        calls += 1
        if calls >= 10:
            asked.append(monotonic())
        return calls >= 10

    with pytest.raises(CancelledError):
        made(name, epochs=50).fit(frame, cancel=cancel)
    assert len(asked) == 1  # nothing went on after the first yes


@every
def test_progress_is_monotone_and_ends(name: str) -> None:
    seen: list[Progress] = []
    made(name).fit(bank(), progress=seen.append)
    training = [step for step in seen if step.step == "training"]
    assert training
    done = [step.done for step in training]
    assert done == sorted(done)
    assert all(step.total is not None and step.done <= step.total for step in training)


@every_deep
def test_resumed_training_gives_the_same_bits(name: str, tmp_path: Path) -> None:
    place = tmp_path / "checkpoint"
    whole = made(name, epochs=4).fit(bank()).sample(40, random_state=0)
    calls = 0

    def cancel() -> bool:
        nonlocal calls
        calls += 1
        return calls > 6

    training = replace(SHORT, epochs=4, checkpoint=place, checkpoint_every_s=0.0)
    with pytest.raises(CancelledError):
        made(name, training=training).fit(bank(), cancel=cancel)
    assert place.exists()
    resumed = made(name, training=training).fit(bank(), resume=True)
    pd.testing.assert_frame_equal(resumed.sample(40, random_state=0), whole)


@every
def test_new_rows_are_learned_without_forgetting_the_encoding(name: str) -> None:
    model = made(name, training=QUICK).fit(bank(), target="kind")
    later = bank(200, seed=1).assign(kind="tarifa")
    before = (model.sample(500, random_state=0)["kind"] == "tarifa").mean()
    model.partial_fit(later)
    after = (model.sample(500, random_state=0)["kind"] == "tarifa").mean()
    assert after > before + 0.05
    assert model.n_updates_ == 1
    assert model.card_.n_rows == 440


@every
def test_a_parquet_file_is_learned_in_pieces(name: str, tmp_path: Path) -> None:
    frame = bank(300)
    frame.to_parquet(tmp_path / "rows.parquet")
    rows = made(name).fit(tmp_path / "rows.parquet").sample(20, random_state=0)
    assert list(rows.columns) == list(frame.columns)
    pieces = made(name).fit(lambda: (frame.iloc[i : i + 100] for i in range(0, 300, 100)))
    assert pieces.card_.n_rows == 300
    assert pieces.sample(20, random_state=0).dtypes.equals(frame.dtypes)


@every
def test_requests_that_cannot_be_met_are_refused(name: str) -> None:
    model = made(name)
    with pytest.raises(NotFittedError):
        model.sample(3)
    with pytest.raises(InsufficientDataError):
        model.fit(lambda: iter([bank(0)]))
    with pytest.raises(ColumnNotFoundError):
        model.fit(bank(), target="nothing")
    model.fit(bank(60))
    with pytest.raises(InvalidParameterError, match="target"):
        model.sample(n_per_class={"pix": 2})
    with pytest.raises(InvalidParameterError):
        model.sample(-1)
    with pytest.raises(InvalidParameterError):
        model.sample()
    with pytest.raises(ColumnNotFoundError):
        model.sample(2, conditions={"nothing": 1})
    with pytest.raises(InvalidDataError, match="pixx"):
        model.sample(2, conditions={"kind": "pixx"})


@every
def test_parameters_can_be_read_changed_and_cloned(name: str) -> None:
    from sklearn.base import clone

    model = made(name)
    twin = clone(model)
    assert twin.get_params() == model.get_params()
    assert type(model).__name__ in repr(model)
    with pytest.raises(InvalidParameterError, match="nothing"):
        model.set_params(nothing=1)


@pytest.mark.parametrize(
    "bad", [{"epochs": 0}, {"batch_size": 0}, {"validation": 0.9}, {"device": "tpu"}, {"ema": 1.5}]
)
def test_training_options_out_of_range_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameterError, match=next(iter(bad))):
        Training(**bad)


def test_families_are_found_by_name() -> None:
    assert family_of("mixture").__name__ == "MixtureSynthesizer"
    with pytest.raises(InvalidParameterError, match="autoregressive"):
        family_of("autoregresive")
