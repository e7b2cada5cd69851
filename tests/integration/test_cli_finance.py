"""``contrapeso finance``: movements planned, balanced in every format, judged, checked by rules, tried by a person."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from contrapeso.cli._app import run
from contrapeso.config import load_settings
from contrapeso.finance import simulate_company
from contrapeso.finance.ingest import parse_file
from contrapeso.workflows import opened_store
from tests.unit.test_finance_statements_blind import filled_in


@pytest.fixture(scope="module")
def movements():
    """A year of the example company in a bookkeeper's columns."""
    truth = simulate_company(months=12).truth
    return pd.DataFrame(
        {
            "Data": [day.strftime("%d/%m/%Y") for day in truth["date"]],
            "Histórico": truth["description"],
            "Valor": [f"{cents / 100:.2f}".replace(".", ",") for cents in truth["amount_cents"]],
            "Categoria": truth["category"],
            "Centro": "Matriz",
        }
    )


@pytest.fixture
def statement(movements, tmp_path, monkeypatch):
    monkeypatch.setenv("CONTRAPESO_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    movements.to_csv(tmp_path / "extrato.csv", sep=";", index=False)
    return tmp_path / "extrato.csv"


BALANCE = ["--category", "Aluguel", "--category", "Aporte", "--method", "pattern_based", "--ratio", "0.1"]


def test_the_plan_says_what_every_column_is_and_what_would_be_made(statement, capsys):
    assert run(["--lang", "pt", "finance", "plan", str(statement), "--category", "Aluguel"]) == 0
    shown = capsys.readouterr().out
    assert "Valor [amount]" in shown
    assert "Histórico [description]" in shown
    assert "Aluguel" in shown
    assert not list(statement.parent.glob("*.xlsx"))


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_the_movements_that_came_are_followed_by_marked_ones(statement, movements, form, capsys):
    out = statement.with_name(f"balanced.{form}")
    assert run(["finance", "balance", str(statement), *BALANCE, "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["data"]
    goal = -(-movements["Categoria"].value_counts().max() // 10)
    counts = movements["Categoria"].value_counts()
    assert told["made"] == {name: goal - counts[name] for name in ("Aluguel", "Aporte") if counts[name] < goal}
    assert told["leaks"]["passed"], told["leaks"]["zero"]
    if form == "json":
        rows = json.loads(out.read_text(encoding="utf-8"))
        made = [row for row in rows if row.get("is_synthetic")]
        assert [row["Histórico"] for row in rows[: len(movements)]] == movements["Histórico"].tolist()
        assert all("is_synthetic" not in row for row in rows[: len(movements)])
        assert all(row["provenance"]["method"] == "pattern_based" for row in made)
        assert all(row["Centro"] == "Matriz" for row in made)
    else:
        read = parse_file(out)
        made = [row for row in read.transactions if row.extra.get("is_synthetic") == "sim"]
        assert len(read.transactions) == len(movements) + len(made)
    assert len(made) == sum(told["made"].values())
    with opened_store(load_settings()) as store:
        (found,) = store.runs("balance")
    assert (found.status, found.result["n_synthetic"]) == ("done", len(made))


def test_an_ofx_file_holds_the_new_rows_in_accounts_of_their_own(statement):
    out = statement.with_name("novas.ofx")
    assert run(["finance", "balance", str(statement), *BALANCE, "-o", str(out), "--balances", "shadow"]) == 0
    read = parse_file(out)
    assert read.transactions
    assert {row.fitid[:4] for row in read.transactions} == {"SYN-"}
    assert {row.account[:4] for row in read.transactions} == {"SYN-"}
    assert all(row.date.weekday() < 5 for row in read.transactions)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_rows(statement):
    outs = [statement.with_name(f"{name}.csv") for name in ("a", "b", "c")]
    for out, seed in zip(outs, ("1", "1", "2"), strict=True):
        assert run(["finance", "balance", str(statement), *BALANCE, "-o", str(out), "--seed", seed]) == 0
    first, same, other = (out.read_bytes() for out in outs)
    assert first == same
    assert first != other


def test_rules_are_checked_learned_and_written_to_be_used_again(statement, capsys):
    kept = statement.with_name("regras.json")
    assert run(["finance", "rules", str(statement), "--learn", "--out", str(kept)]) == 0
    assert "sinal" in capsys.readouterr().out
    assert run(["finance", "rules", str(statement), "--rules", str(kept), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["data"]
    assert found["satisfiable"]["ok"]
    out = statement.with_name("kept.json")
    assert run(["finance", "balance", str(statement), *BALANCE, "-o", str(out), "--rules", str(kept)]) == 0


@pytest.mark.slow
def test_worth_tells_whether_new_rows_help_and_what_no_classifier_can_do(statement, capsys):
    command = ["--lang", "pt", "finance", "worth", str(statement), "--cuts", "1", "--seeds", "1"]
    assert run([*command, "--method", "pattern_based"]) == 0
    shown = capsys.readouterr().out
    assert "Vale a pena?" in shown
    assert "pesos de classe" in shown
    assert "mais de uma categoria" in shown


@pytest.mark.slow
def test_what_if_draws_the_curve_of_the_ratio_and_prices_labelled_rows(statement, capsys):
    assert run(["--lang", "pt", "finance", "what-if", str(statement)]) == 0
    shown = capsys.readouterr().out
    assert "F1 minoritárias" in shown
    assert "linhas rotuladas a mais por categoria" in shown


def test_a_blind_test_is_written_and_scored(statement, capsys):
    folder = statement.with_name("teste")
    assert run(["finance", "blind-test", str(statement), "--folder", str(folder), "-n", "20", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["data"]
    assert run(["finance", "blind-score", told["sheet"], told["answers"]]) == 4  # nothing is answered yet
    assert "insufficient_data" in capsys.readouterr().err
    filled = filled_in(Path(told["sheet"]), ["real"] * told["n_rows"], statement.with_name("respostas.xlsx"))
    assert run(["finance", "blind-score", str(filled), told["answers"]]) == 0
    assert f"of {told['n_rows']} answers" in capsys.readouterr().out


def test_the_database_is_a_source_too(statement, tmp_path, capsys):
    assert run(["demo", "--folder", str(tmp_path / "demo")]) == 0
    capsys.readouterr()
    state = ["--state-dir", str(tmp_path / "demo" / "state")]
    out = tmp_path / "company.json"
    command = ["finance", "balance", "--source", "company_financial", "--category", "Aluguel", "--quick"]
    assert run([*state, *command, "-o", str(out)]) == 0
    made = [row for row in json.loads(out.read_text(encoding="utf-8")) if row.get("is_synthetic")]
    assert made
    assert all(row["transaction_type"] == "expense" and row["amount_cents"] < 0 for row in made)
    assert all(date.fromisoformat(row["date"]).weekday() < 5 for row in made)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["balance", "{file}", "-o", "x.pdf"], 2, "no format of movements"),
        (["balance", "{file}", "-o", "x.csv", "--method", "magic"], 2, "pattern_based"),
        (["balance", "{file}", "-o", "x.csv", "--ratio", "2"], 2, "above 0 and at most 1"),
        (["plan", "{file}", "--map", "Data"], 2, "COLUMN=ROLE"),
        (["plan", "{file}", "--map", "Nada=date"], 4, "Nada"),
        (["plan", "missing.csv"], 3, "missing.csv"),
        (["plan"], 2, "Name a table"),
        (["balance", "{file}", "-o", "x.csv", "--rules", "missing.json"], 3, "missing.json"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_code_of_the_table(statement, arguments, code, said, capsys):
    assert run(["finance", *(argument.replace("{file}", str(statement)) for argument in arguments)]) == code
    assert said in capsys.readouterr().err
