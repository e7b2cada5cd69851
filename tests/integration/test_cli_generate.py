"""``contrapeso generate``: what a user types, what is written, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from contrapeso.errors import ERROR_TABLE, TrainingDivergedError
from contrapeso.generators import FAMILIES, load_synthesizer

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def customers(tmp_path: Path) -> pd.DataFrame:
    """The rows of customers.parquet: a class of 10 %, a sum, whole numbers, dates, booleans, a name with a sign."""
    rng = np.random.default_rng(7)
    n = 300
    churn = rng.random(n) < 0.1
    balance = np.round(rng.lognormal(6, 1, n), 2)
    fee = np.round(balance * 0.01 + rng.exponential(5, n), 2)
    frame = pd.DataFrame(
        {
            "age": rng.normal(np.where(churn, 55, 40), 8).round().astype(int),
            "balance": balance,
            "fee": fee,
            "total": np.round(balance + fee, 2),
            "plan": rng.choice(["basic", "plus", "premium"], n, p=[0.6, 0.3, 0.1]),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 30, n), unit="D"),
            "active": rng.random(n) < 0.8,
            "a=b": rng.choice(["x", "y"], n),
            "churn": np.where(churn, "yes", "no"),
        }
    )
    frame.to_parquet(tmp_path / "customers.parquet", index=False)
    frame.to_csv(tmp_path / "customers.csv", index=False)
    return frame


MIXTURE = ("--method", "mixture")


@pytest.mark.usefixtures("customers")
def test_rows_have_the_columns_and_dtypes_of_the_table_and_all_are_marked(call: Call, customers: pd.DataFrame) -> None:
    code, out, err = call("generate", "customers.parquet", "--out", "new.parquet", "--rows", 50, *MIXTURE, "--json")
    assert (code, err) == (0, "")
    made = pd.read_parquet("new.parquet")
    assert list(made.columns) == [*customers.columns, "is_synthetic"]
    assert made["is_synthetic"].tolist() == [True] * 50
    assert made.dtypes[customers.columns].to_dict() == customers.dtypes.to_dict()
    assert ((made["balance"] + made["fee"] - made["total"]).abs() < 0.005).all()
    data = json.loads(out)["data"]
    assert (data["n_rows"], data["n_train"], data["method"], data["seed"]) == (50, 240, "mixture", 42)
    assert 0 <= data["probe"] <= 1
    assert any("balance" in sentence for sentence in data["relations"])
    card = Path(data["card"]).read_text(encoding="utf-8")
    assert card.startswith("# Model card")
    assert f"{data['probe']:.3g}" in card


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("training rows", "probe AUC", "relations kept", "Model card: new.card.md")),
        ("pt", ("linhas de treino",)),
    ],
)
def test_a_person_gets_a_summary_in_their_language(call: Call, language: str, said: tuple[str, ...]) -> None:
    code, out, _ = call("--lang", language, "generate", "customers.csv", "--out", "new.csv", *MIXTURE)
    assert code == 0
    assert "mixture" in out
    for words in (*said, "new.csv"):
        assert words in out
    assert len(pd.read_csv("new.csv")) == 240  # as many as trained


@pytest.mark.usefixtures("customers")
def test_a_saved_model_samples_again_without_the_table(call: Call) -> None:
    code, out, _ = call(
        "generate", "customers.csv", "--out", "one.csv", "--target", "churn", *MIXTURE, "--save-model", "kept/m.cps"
    )
    assert code == 0
    assert "Model: kept/m.cps" in out
    assert load_synthesizer("kept/m.cps").target_ == "churn"
    code, _, _ = call("generate", "--model", "kept/m.cps", "--out", "two.csv")
    assert code == 0
    assert Path("one.csv").read_bytes() == Path("two.csv").read_bytes()
    call("generate", "--model", "kept/m.cps", "--out", "three.csv", "--seed", 5)
    assert Path("one.csv").read_bytes() != Path("three.csv").read_bytes()


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize("saved", [False, True])
def test_classes_and_values_are_met_exactly(call: Call, saved: bool) -> None:
    asked = ["--per-class", "yes=7", "--per-class", "no=3", "--where", "plan=premium", "--where", "active=false"]
    asked += ["--where", "a=b=x", "--where", "since=2020-01-05"]
    model = ["customers.parquet", "--target", "churn", *MIXTURE]
    if saved:
        call("generate", *model, "--out", "all.parquet", "--save-model", "m.cps")
        model = ["--model", "m.cps"]
    code, out, err = call("generate", *model, *asked, "--out", "new.parquet", "--json")
    assert (code, err) == (0, "")
    made = pd.read_parquet("new.parquet")
    assert list(made["churn"]) == ["yes"] * 7 + ["no"] * 3
    assert set(made["plan"]) == {"premium"}
    assert not made["active"].any()
    assert set(made["a=b"]) == {"x"}
    assert set(made["since"]) == {pd.Timestamp("2020-01-05")}
    assert json.loads(out)["data"]["n_per_class"] == {"yes": 7, "no": 3}


def test_a_holdout_trains_nothing_and_assess_takes_the_three_files(call: Call, customers: pd.DataFrame) -> None:
    code, out, _ = call(
        "generate",
        "customers.parquet",
        "--out",
        "new.parquet",
        "--target",
        "churn",
        "--holdout",
        0.2,
        *MIXTURE,
        "--json",
    )
    assert code == 0
    data = json.loads(out)["data"]
    train, held = pd.read_parquet(data["train"]), pd.read_parquet(data["holdout"])
    assert data["n_holdout"] == len(held) == len(customers) - len(train)
    assert data["n_train"] == len(train)
    counts = customers["churn"].value_counts()
    assert held["churn"].value_counts().to_dict() == (counts * 0.2).round().astype(int).to_dict()
    both = pd.concat([train, held]).sort_values(["balance", "age"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(both, customers.sort_values(["balance", "age"]).reset_index(drop=True))
    files = (data["train"], "new.parquet", "--holdout", data["holdout"])
    code, out, _ = call("assess", *files, "--target", "churn", "--quick", "--json")
    assert code == 0
    assert json.loads(out)["data"]["report"]["data"]["n_synthetic"] == len(train)


@pytest.mark.usefixtures("customers")
def test_auto_names_the_method_that_made_the_rows_and_notes_say_what_failed(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> object:
        raise TrainingDivergedError("The loss became NaN at step 3.")

    monkeypatch.setattr(FAMILIES["autoregressive"], "fit", fails)
    code, out, err = call("generate", "customers.csv", "--out", "new.xlsx", "--rows", 3)
    assert (code, err) == (0, "")
    assert "mixture" in out
    assert "Method 'autoregressive' was not trained: The loss became NaN at step 3." in out
    sheet = pd.read_excel("new.xlsx", engine="calamine")
    assert sheet["Sintético"].tolist() == ["sim"] * 3


@pytest.mark.usefixtures("customers")
def test_a_network_learns_within_its_time(call: Call) -> None:
    options = ("--method", "autoregressive", "--max-time", 1, "--rows", 5, "--json")
    code, out, _ = call("generate", "customers.csv", "--out", "new.csv", *options)
    assert code == 0
    assert json.loads(out)["data"]["method"] == "autoregressive"


@pytest.mark.usefixtures("customers")
def test_the_same_seed_gives_the_same_bytes(call: Call) -> None:
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        call("generate", "customers.csv", "--out", f"{name}.parquet", *MIXTURE, "--seed", seed)
    one, two, three = (Path(f"{name}.parquet").read_bytes() for name in ("one", "two", "three"))
    assert one == two
    assert one != three


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "invalid_parameter"),
        (["nowhere.csv"], "file_not_found"),
        (["customers.csv", "--method", "ganz"], "invalid_parameter"),
        (["customers.csv", "--target", "chrn"], "column_not_found"),
        (["customers.csv", "--where", "plna=basic"], "column_not_found"),
        (["customers.csv", "--where", "plan"], "invalid_parameter"),
        (["customers.csv", "--where", "plan=plus", "--where", "plan=basic"], "invalid_parameter"),
        (["customers.csv", "--where", "age=old"], "invalid_parameter"),
        (["customers.parquet", "--where", "active=perhaps"], "invalid_parameter"),
        (["customers.parquet", "--where", "since=soon"], "invalid_parameter"),
        (["customers.csv", "--where", "plan=gold"], "invalid_data"),
        (["customers.csv", "--per-class", "yes=3"], "invalid_parameter"),
        (["customers.csv", "--target", "churn", "--per-class", "yes"], "invalid_parameter"),
        (["customers.csv", "--target", "churn", "--per-class", "yes=1", "--per-class", "yes=2"], "invalid_parameter"),
        (["customers.csv", "--target", "churn", "--per-class", "perhaps=3"], "invalid_data"),
        (["customers.csv", "--target", "churn", "--per-class", "yes=3", "--rows", "4"], "invalid_parameter"),
        (["customers.csv", "--holdout", "1.5"], "invalid_parameter"),
        (["customers.csv", "--holdout", "0.0001"], "invalid_parameter"),
        (["customers.csv", "--model", "m.cps"], "invalid_parameter"),
        (["--model", "nowhere.cps"], "file_not_found"),
        (["--model", "junk.bin"], "corrupt_archive"),
        (["--model", "m.cps", "--method", "gan"], "invalid_parameter"),
        (["--model", "m.cps", "--save-model", "n.cps"], "invalid_parameter"),
        (["marked.csv"], "invalid_data"),
        (["customers.csv", "--save-model", "junk.bin/m.cps"], "file_unwritable"),
    ],
)
def test_every_mistake_has_a_code_and_its_exit_status(call: Call, arguments: list[str], code: str) -> None:
    Path("junk.bin").write_bytes(bytes(range(256)) * 4)
    pd.DataFrame({"a": [1, 2], "is_synthetic": [False, True]}).to_csv("marked.csv", index=False)
    method = [] if {"--method", "--model"} & set(arguments) else list(MIXTURE)
    status, _, err = call("generate", *arguments, *method, "--out", "x.csv")
    assert status == ERROR_TABLE[code].exit_code, err
    assert f"[{code}]" in err
    status, out, err = call("generate", *arguments, *method, "--out", "x.csv", "--json")
    assert err == ""
    assert json.loads(out)["code"] == code


@pytest.mark.usefixtures("customers")
def test_without_torch_a_network_is_answered_with_the_pip_command(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    status, _, err = call("generate", "customers.csv", "--method", "vae", "--out", "x.csv")
    assert status == ERROR_TABLE["missing_extra"].exit_code
    assert "pip install 'contrapeso[deep]'" in err
    assert call("generate", "customers.csv", "--out", "x.csv")[0] == 0  # auto is the mixture then


def test_bank_rows_of_the_database_never_contradict_themselves(call: Call, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 90, 200), unit="D")
    spent = rng.random(200) < 0.7
    pd.DataFrame(
        {
            "Data": days.strftime("%d/%m/%Y"),
            "Descrição": rng.choice(["PIX ENVIADO", "TARIFA", "VENDA"], 200),
            "Valor": np.where(spent, -1, 1) * np.round(rng.lognormal(4, 1, 200), 2),
        }
    ).to_excel("extrato.xlsx", index=False)
    assert call("import", "extrato.xlsx", "--bank", "341", "--account", "1-2")[0] == 0
    options = ("--source", "transactions", "--out", "new.parquet", "--rows", 300, *MIXTURE, "--json")
    code, _, err = call("generate", *options)
    assert code == 0, err
    made = pd.read_parquet("new.parquet")
    assert (made.loc[made["amount_cents"] < 0, "transaction_type"] == "debit").all()
    assert (made.loc[made["amount_cents"] > 0, "transaction_type"] == "credit").all()


def test_two_different_numbers_of_rows_are_refused_before_training(call: Call, customers: pd.DataFrame) -> None:
    code, _, said = call(
        "generate", "customers.parquet", "--out", "o.csv", "--target", "churn", "--rows", 20, "--per-class", "yes=5",
        "--method", "autoregressive",
    )  # fmt: skip
    assert code == ERROR_TABLE["invalid_parameter"].exit_code
    assert "--rows 20" in said
    assert not Path("o.csv").exists()


def written(tmp_path: Path, offsets: list[str], *, point: str = "") -> Path:
    """A CSV of moments with offsets, whole numbers beside blanks, and cents."""
    rng = np.random.default_rng(0)
    lines = ["when,parcels,value"]
    for i in range(150):
        moment = pd.Timestamp("2025-01-01") + pd.Timedelta(int(rng.integers(0, 60 * 24 * 90)), "min")
        parcels = "" if i % 6 == 0 else f"{rng.integers(1, 500)}{point}"
        lines.append(f"{moment.isoformat()}{offsets[i % len(offsets)]},{parcels},{rng.gamma(2, 50):.2f}")
    path = tmp_path / "file.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def columns_of(path: Path) -> dict[str, list[str]]:
    head, *rows = (line.split(",") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: [row[j] for row in rows] for j, name in enumerate(head)}


def test_whole_numbers_beside_blanks_and_moments_with_offsets_are_written_as_they_came(
    call: Call, tmp_path: Path
) -> None:
    came = written(tmp_path, ["-03:00"])
    code, _, err = call("generate", came, "--out", "new.csv", "--save-model", "m.cps", *MIXTURE)
    assert (code, err) == (0, "")
    made = columns_of(tmp_path / "new.csv")
    assert all(text.isdecimal() for text in made["parcels"] if text)
    assert "" in made["parcels"]
    assert all(text.endswith("-03:00") and text[10] == "T" for text in made["when"])
    assert call("generate", "--model", "m.cps", "--out", "more.csv", "--rows", 20)[0] == 0
    more = columns_of(tmp_path / "more.csv")
    assert all(text.endswith("-03:00") for text in more["when"])
    assert all(text.isdecimal() for text in more["parcels"] if text)
    asked = made["when"][0].removesuffix("-03:00")
    assert call("generate", "--model", "m.cps", "--out", "at.csv", "--rows", 2, "--where", f"when={asked}")[0] == 0
    assert {text[:19].replace(" ", "T") for text in columns_of(tmp_path / "at.csv")["when"]} == {asked}


def test_a_point_zero_and_a_z_stay_and_several_offsets_are_said(call: Call, tmp_path: Path) -> None:
    assert call("generate", written(tmp_path, ["Z"], point=".0"), "--out", "new.csv", *MIXTURE)[0] == 0
    made = columns_of(tmp_path / "new.csv")
    assert all(text.endswith(".0") for text in made["parcels"] if text)
    assert all(text.endswith("Z") for text in made["when"])
    code, out, _ = call("generate", written(tmp_path, ["-03:00", "-02:00"]), "--out", "new.csv", *MIXTURE, "--json")
    assert code == 0
    assert any("2 different offsets" in note for note in json.loads(out)["data"]["notes"])
    assert not any("+" in text or text.count("-") > 2 for text in columns_of(tmp_path / "new.csv")["when"])


def test_whole_numbers_of_a_parquet_file_beside_nulls_are_written_whole(call: Call, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    parcels = [None if i % 5 == 0 else int(value) for i, value in enumerate(rng.integers(1, 400, 120))]
    pq.write_table(pa.table({"parcels": parcels, "value": rng.normal(size=120)}), tmp_path / "file.parquet")
    assert call("generate", "file.parquet", "--out", "new.csv", *MIXTURE)[0] == 0
    assert all(text.isdecimal() for text in columns_of(tmp_path / "new.csv")["parcels"] if text)
