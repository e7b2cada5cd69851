"""``contrapeso train``, ``predict`` and ``models``: what a user types, what is written, and what comes back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contrapeso.cli._interrupt import interruptible
from contrapeso.errors import ERROR_TABLE, CancelledError

Call = Callable[..., tuple[int, str, str]]
QUICK = ("--model", "logistic_regression", "--balancing", "class_weight")


@pytest.fixture
def customers(tmp_path: Path) -> pd.DataFrame:
    """The rows of customers.csv: a class of 20 % that age tells."""
    rng = np.random.default_rng(5)
    churn = rng.random(160) < 0.2
    frame = pd.DataFrame(
        {
            "age": rng.normal(np.where(churn, 55, 40), 6).round(1),
            "plan": rng.choice(["basic", "plus"], 160),
            "churn": np.where(churn, "yes", "no"),
        }
    )
    frame.to_csv(tmp_path / "customers.csv", index=False)
    return frame


@pytest.mark.usefixtures("customers")
def test_train_list_stage_and_predict(call: Call) -> None:
    code, out, err = call("train", "customers.csv", "-t", "churn", "--name", "saida", *QUICK, "--json")
    assert (code, err) == (0, "")
    data = json.loads(out)["data"]
    assert (data["model"]["name"], data["model"]["stage"], data["model_type"]) == ("saida", "candidate", QUICK[1])
    assert data["verdict"] in {"ajuda", "empate", "prejudica"}
    assert Path(data["path"]).exists()
    assert {"label", "n_train", "n_test", "before", "after"} <= set(data["classes"][0])
    code, out, _ = call("models", "--stage", "saida@1=production", "--json")
    assert (code, json.loads(out)["data"]["changed"]["stage"]) == (0, "production")
    code, out, _ = call("predict", "customers.csv", "-m", "saida@production", "-o", "p.parquet")
    assert code == 0
    assert "saida v1" in out
    assert {"predicted_churn", "probability"} <= set(pd.read_parquet("p.parquet").columns)


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("pt", ["Veredito: ", "precisão", "revocação", "Matthews", "intocadas", "Modelo: saida v1"]),
        ("en", ["Verdict: ", "precision", "recall", "Matthews", "untouched", "Model: saida v1"]),
    ],
)
def test_a_person_is_told_in_their_language(call: Call, language: str, words: list[str]) -> None:
    code, out, _ = call("--lang", language, "train", "customers.csv", "-t", "churn", "--name", "saida", *QUICK)
    assert code == 0
    assert [word for word in words if word not in out] == []
    code, out, _ = call("--lang", language, "models")
    assert code == 0
    assert "saida v1" in out
    assert "candidate" in out


def test_an_empty_registry_says_how_to_fill_it(call: Call) -> None:
    assert "contrapeso train" in call("models")[1]


@pytest.mark.usefixtures("customers")
def test_what_cannot_be_done_is_said_with_the_code_of_the_table(call: Call, tmp_path: Path) -> None:
    pd.read_csv("customers.csv").head(5).to_csv("few.csv", index=False)
    cases = {
        ("train", "few.csv", "-t", "churn"): "insufficient_data",
        ("train", "customers.csv", "-t", "churn", "--model", "forest"): "invalid_parameter",
        ("models", "--stage", "production"): "invalid_parameter",
        ("models", "--stage", "9=production"): "not_found",
        ("predict", "customers.csv", "-m", "9", "-o", "p.csv"): "not_found",
        ("predict", "customers.csv", "-m", "none.cpm", "-o", "p.csv"): "file_not_found",
    }
    for arguments, expected in cases.items():
        code, _, err = call(*arguments)
        assert f"[{expected}]" in err, arguments
        assert code == ERROR_TABLE[expected].exit_code


@pytest.mark.usefixtures("customers")
def test_a_damaged_model_is_refused(call: Call) -> None:
    _, out, _ = call("train", "customers.csv", "-t", "churn", "--name", "saida", *QUICK, "--json")
    path = Path(json.loads(out)["data"]["path"])
    path.write_bytes(path.read_bytes()[:-100])
    code, _, err = call("predict", "customers.csv", "-m", "saida", "-o", "p.csv")
    assert code == ERROR_TABLE["corrupt_archive"].exit_code
    assert "not the file that was registered" in err


def press(times: int = 1) -> None:
    for _ in range(times):
        os.kill(os.getpid(), signal.SIGINT)


def busy() -> None:
    """Work that asks nobody, for half a minute at most."""
    press()
    start = time.perf_counter()
    while time.perf_counter() - start < 30:
        pass


def test_ctrl_c_is_a_question_first_and_an_error_soon_after() -> None:
    with interruptible() as cancel:
        assert not cancel()
        press()
        assert cancel()
    with pytest.raises(CancelledError, match="interrupted"), interruptible():
        busy()
    with pytest.raises(CancelledError), interruptible():
        press(2)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.slow
def test_ctrl_c_ends_the_command_with_the_code_of_cancelled(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30_000, 30))
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(30)]).assign(y=rng.choice(list("abcdefgh"), 30_000))
    frame.to_parquet(tmp_path / "big.parquet", index=False)
    environment = {**os.environ, "CONTRAPESO_STATE_DIR": str(tmp_path / "state"), "OMP_NUM_THREADS": "1"}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "contrapeso", "train", str(tmp_path / "big.parquet"), "-t", "y", "-m", "lightgbm"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
        while not list((tmp_path / "state").glob("*.sqlite3")) and running.poll() is None:
            time.sleep(0.05)
        time.sleep(4)
        asked = time.perf_counter()
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
        waited = time.perf_counter() - asked
    assert running.returncode == ERROR_TABLE["cancelled"].exit_code, err
    assert "[cancelled]" in err
    assert waited < 10  # about one second on a free machine


@pytest.mark.parametrize(
    ("rung", "words"), [("threshold", "moving the threshold helps"), ("smote_1", "the treatment helps")]
)
def test_a_gain_of_the_threshold_is_not_called_a_gain_of_balancing(rung, words):
    from types import SimpleNamespace

    from contrapeso.cli import _render

    result = SimpleNamespace(
        readings=[], measure="mcc", model_type="lightgbm", rung=rung, balancing="auto", reason=lambda _: "",
        split="time", first_day=None, n_train=1, n_test=1, verdict="ajuda", classes=[], strata=[], notes=lambda _: [],
        model=SimpleNamespace(label="m", id=1, stage="candidate"), path="p", seed=0,
    )  # fmt: skip
    shown = [part for part in _render.trained(result, "en") if isinstance(part, str)]
    assert any(words in part for part in shown)
