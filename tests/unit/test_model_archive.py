"""Archives of trained classifiers: what is written comes back to the bit, and nothing else is read."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from numpy.testing import assert_array_equal

from contrapeso.balancing import BalancedClassifier
from contrapeso.errors import (
    ColumnNotFoundError,
    CorruptArchiveError,
    FileMissingError,
    FileUnwritableError,
    InvalidDataError,
    NewerArchiveError,
)
from contrapeso.finance.features import TransactionFeatures
from contrapeso.workflows.training import _archive as archives
from contrapeso.workflows.training._archive import BODY, HEAD, PROTOCOL, read_model, write_model
from contrapeso.workflows.training._classifier import TrainedClassifier, needed_columns
from contrapeso.workflows.training._estimators import _MAKERS, LINEAR, make_estimator
from contrapeso.workflows.training._plain_columns import PlainColumns


def table(n: int = 90) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(0)
    y = np.repeat(["usual", "rare", "rarer"], [n - 30, 18, 12]).astype(object)
    frame = pd.DataFrame(
        {
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), unit="D"),
            "amount_cents": rng.integers(-9_000, 9_000, n),
            "description": [f"{label} loja {i % 7}" for i, label in enumerate(y)],
            "transaction_type": rng.choice(["debit", "credit"], n),
        }
    )
    return frame, y


def trained(name: str, *, text: bool, rung: str = "none", **options: object) -> tuple[TrainedClassifier, pd.DataFrame]:
    frame, y = table()
    if not text:
        frame = (
            frame.rename(columns={"date": "day"}).assign(shop=frame["description"].str[-1]).drop(columns="description")
        )
        frame.loc[0, ["shop", "transaction_type"]] = None
        features: TransactionFeatures | PlainColumns = PlainColumns()
    else:
        features = TransactionFeatures(form="sparse" if name in LINEAR else "dense", n_components=5)
    estimator = make_estimator(name, has_text=text, n_rows=len(y), seed=0)
    small = {"n_estimators": 5, "max_iter": 5}
    tree = {k: v for k, v in small.items() if k in estimator.get_params() and name not in {"logistic_regression"}}
    X = features.fit(frame).transform(frame)
    model = BalancedClassifier(estimator.set_params(**tree), rung, random_state=1, **options).fit(X, y)
    return TrainedClassifier(features, model, needed_columns(frame)), frame


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    write_model(tmp_path / "m.cpm", {"name": "m"}, trained("logistic_regression", text=True)[0])
    return tmp_path / "m.cpm"


@pytest.mark.parametrize("text", [True, False])
@pytest.mark.parametrize("name", sorted(_MAKERS))
def test_every_classifier_comes_back_to_the_bit(tmp_path: Path, name: str, text: bool) -> None:
    model, frame = trained(name, text=text)
    digest = write_model(tmp_path / "m.cpm", {"name": "m"}, model)
    again = read_model(tmp_path / "m.cpm", digest)
    assert again.content == {"name": "m"}
    assert_array_equal(again.classifier.predict_proba(frame), model.predict_proba(frame))
    assert_array_equal(again.classifier.predict(frame), model.predict(frame))


@pytest.mark.parametrize("rung", ["weights", "smote_1", "under_bagging_1", "mixture"])
def test_treated_and_tuned_classifiers_come_back_too(tmp_path: Path, rung: str) -> None:
    model, frame = trained("lightgbm", text=False, rung=rung, threshold="tuned", calibrated=True)
    write_model(tmp_path / "m.cpm", {}, model)
    assert_array_equal(read_model(tmp_path / "m.cpm").classifier.predict_proba(frame), model.predict_proba(frame))


def test_writing_leaves_the_classifier_as_it_was(tmp_path: Path) -> None:
    model, frame = trained("lightgbm", text=True)
    before = model.predict_proba(frame)
    write_model(tmp_path / "m.cpm", {}, model)
    assert_array_equal(model.predict_proba(frame), before)


def test_there_is_no_pickle_in_an_archive(saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        assert archive.namelist() == [HEAD, BODY]
        inner = zipfile.ZipFile(io.BytesIO(archive.read(BODY)))
        assert {Path(name).suffix for name in inner.namelist()} <= {".json", ".npy", ".npz"}
        for name in inner.namelist():
            assert not inner.read(name).startswith((b"\x80\x04", b"\x80\x05")), name


def rewritten(path: Path, **changes: bytes | None) -> Path:
    """The archive with members replaced (their digests too), or left out."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head = json.loads(members[HEAD])
    for given, data in changes.items():
        name = {"body": BODY}.get(given, given)
        if data is None:
            del members[name]
        else:
            members[name] = data
            head["members"][name] = hashlib.sha256(data).hexdigest()
    members[HEAD] = json.dumps(head).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def head_changed(path: Path, **changes: object) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[HEAD] = json.dumps(json.loads(members[HEAD]) | changes).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


class Harm:
    """What an attacker would write: reading it must not call anything."""

    def __reduce__(self):
        return (print, ("run",))


def test_a_type_that_we_never_write_is_refused_before_it_is_made(saved: Path) -> None:
    import collections

    body = skops.io.dumps(collections.Counter("aab"))
    with pytest.raises(CorruptArchiveError, match=r"collections.Counter, which no Contrapeso writes"):
        read_model(rewritten(saved, body=body))


def test_a_pickle_in_place_of_the_model_is_refused(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CorruptArchiveError, match="cannot be read"):
        read_model(rewritten(saved, body=pickle.dumps(Harm())))
    assert capsys.readouterr().out == ""


def test_something_else_of_ours_is_no_classifier(saved: Path) -> None:
    with pytest.raises(CorruptArchiveError, match="holds no classifier"):
        read_model(rewritten(saved, body=skops.io.dumps({"a": 1})))


def test_a_newer_archive_is_refused_with_the_way_out(saved: Path) -> None:
    with pytest.raises(NewerArchiveError, match="Install a newer contrapeso") as refused:
        read_model(head_changed(saved, protocol=PROTOCOL + 1))
    assert refused.value.code == "newer_archive"


@pytest.mark.parametrize("protocol", [0, "1", None, True])
def test_a_protocol_that_never_was_is_refused(saved: Path, protocol: object) -> None:
    with pytest.raises(CorruptArchiveError, match="its protocol is"):
        read_model(head_changed(saved, protocol=protocol))


@pytest.mark.parametrize("place", [0.05, 0.3, 0.6, 0.95])
def test_a_flipped_or_missing_byte_is_noticed(saved: Path, place: float) -> None:
    whole = saved.read_bytes()
    at = int(len(whole) * place)
    for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
        saved.write_bytes(damaged)
        with pytest.raises(CorruptArchiveError):
            read_model(saved)


def test_another_file_than_the_registered_one_is_refused(saved: Path) -> None:
    with pytest.raises(CorruptArchiveError, match="not the file that was registered"):
        read_model(saved, "0" * 64)


def test_an_archive_of_another_kind_or_without_parts_is_refused(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(CorruptArchiveError, match="is not the one that was written"):
        read_model(rewritten(saved, body=None))
    with pytest.raises(CorruptArchiveError, match="no trained classifier"):
        read_model(head_changed(saved, format="something"))
    with pytest.raises(FileMissingError, match="Train the model again"):
        read_model(tmp_path / "nowhere.cpm")


def test_a_booster_that_is_missing_is_named(tmp_path: Path) -> None:
    write_model(tmp_path / "m.cpm", {}, trained("lightgbm", text=False)[0])
    with pytest.raises(CorruptArchiveError, match=r"booster-0\.lgb\.txt"):
        read_model(rewritten(tmp_path / "m.cpm", **{"booster-0.lgb.txt": None}))
    write_model(tmp_path / "n.cpm", {}, trained("xgboost", text=False)[0])
    with pytest.raises(CorruptArchiveError, match=r"booster-0\.xgb\.ubj cannot be read"):
        read_model(rewritten(tmp_path / "n.cpm", **{"booster-0.xgb.ubj": b"{}"}))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileUnwritableError, match="Choose another place"):
        write_model(tmp_path / "file" / "m.cpm", {}, trained("logistic_regression", text=False)[0])


def test_a_type_without_a_place_on_the_list_is_a_defect_at_writing(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archives, "ALLOWED", frozenset())
    with pytest.raises(AssertionError, match="on no list"):
        write_model(tmp_path / "m.cpm", {}, trained("logistic_regression", text=False)[0])
    assert not list(tmp_path.iterdir())


def test_a_table_that_does_not_fit_is_refused_by_column() -> None:
    model, frame = trained("logistic_regression", text=False)
    with pytest.raises(ColumnNotFoundError, match="lacks 'transaction_type', 'shop'"):
        model.predict(frame.drop(columns=["shop", "transaction_type"]))
    wrong = frame.assign(amount_cents="dez", day="ontem")
    with pytest.raises(InvalidDataError, match="'day': date expected, text found; 'amount_cents': number expected"):
        model.predict(wrong)
    empty = frame.assign(amount_cents=None)
    assert model.predict_proba(empty).shape == (90, 3)
    more = frame.assign(extra=1)[["extra", *reversed(frame.columns)]]
    assert_array_equal(model.predict(more), model.predict(frame))
