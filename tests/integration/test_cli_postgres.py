"""The same commands on PostgreSQL, named by DATABASE_URL."""

import json
from pathlib import Path

import pytest

from contrapeso.cli._app import run
from contrapeso.finance import simulate_company, write_company


@pytest.mark.postgres
def test_import_labels_and_analysis_on_postgresql(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    company = simulate_company(months=6)
    files = [str(path) for path in write_company(company, tmp_path)]
    assert run(["import", *files, "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)["data"]
    assert {file["file"]: file["imported"] for file in outcome["files"]} == {
        name: expected.new for name, expected in company.expected.items()
    }
    assert run(["labels", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["labels"]
    assert run(["balance", "--source", "company_financial", "--out", str(tmp_path / "b.csv"), "--json"]) == 0
    balanced = json.loads(capsys.readouterr().out)["data"]
    assert balanced["plan"]["n_add"] > 0
