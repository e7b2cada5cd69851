"""`contrapeso doctor`: the facts it prints are the facts, in both languages and as JSON."""

import json
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from contrapeso import __version__, kernels
from contrapeso.kernels import Kernels

Call = Callable[..., tuple[int, str, str]]


def pretend(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    """Let the kernels describe themselves as ``backend``, whatever this machine has."""
    native = Kernels("native", "avx2", ("avx2", "baseline"), 3, "built and chosen")
    pure = Kernels("python", "numpy", ("numpy",), 3, "not built")
    monkeypatch.setattr(kernels, "describe", lambda: native if backend == "native" else pure)


def test_json_holds_the_versions_and_kernels_of_this_process(call: Call, tmp_path: Path) -> None:
    code, out, err = call("doctor", "--json")
    assert (code, err) == (0, "")
    facts = json.loads(out)["data"]
    used = kernels.describe()
    assert facts["version"] == __version__
    assert facts["python"].endswith(platform.python_version())
    assert facts["libraries"]["numpy"] == version("numpy")
    assert set(facts["libraries"]) == {"numpy", "scipy", "scikit-learn", "pandas", "pyarrow"}
    assert facts["kernels"]["backend"] == used.backend
    assert (facts["kernels"]["isa"], facts["kernels"]["isas"]) == (used.isa, list(used.isas))
    assert facts["kernels"]["threads"] == used.threads >= 1
    assert facts["state"] == {"path": str(tmp_path / "state"), "writable": True}
    assert facts["database"] == "sqlite"
    assert not (tmp_path / "state").exists()  # looking makes nothing


@pytest.mark.parametrize(("language", "word"), [("en", "Kernels: native, avx2"), ("pt", "Núcleos de cálculo: nativos")])
def test_native_kernels_name_their_instruction_set(
    call: Call, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    pretend(monkeypatch, "native")
    code, out, err = call("--lang", language, "doctor")
    assert (code, err) == (0, "")
    assert word in out
    assert "avx2, baseline" in out
    assert out.splitlines()[0].startswith(f"Contrapeso {__version__}, ")
    assert f"pandas {version('pandas')}" in out


@pytest.mark.parametrize("language", ["en", "pt"])
def test_pure_kernels_say_why_and_what_to_do(call: Call, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    pretend(monkeypatch, "python")
    monkeypatch.delenv("CONTRAPESO_KERNELS", raising=False)
    _, out, _ = call("--lang", language, "doctor")
    assert "make native" in out
    assert json.loads(call("doctor", "--json")[1])["data"]["kernels"]["choice"] == "not_built"
    monkeypatch.setenv("CONTRAPESO_KERNELS", "python")
    _, out, _ = call("--lang", language, "doctor")
    assert "CONTRAPESO_KERNELS=python" in out
    assert "make native" not in out
    assert json.loads(call("doctor", "--json")[1])["data"]["kernels"]["choice"] == "asked"


def test_a_state_folder_that_cannot_be_made_is_reported_not_raised(call: Call, tmp_path: Path) -> None:
    (tmp_path / "junk.bin").write_bytes(b"x")
    code, out, _ = call("--state-dir", "junk.bin/state", "doctor")
    assert code == 0
    assert "NOT writable" in out
    facts = json.loads(call("--state-dir", "junk.bin/state", "doctor", "--json")[1])["data"]
    assert facts["state"] == {"path": "junk.bin/state", "writable": False}


def test_the_password_of_the_database_is_not_shown(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://ana:segredo@nowhere/books")
    code, out, _ = call("doctor")
    assert code == 0
    assert "Database: PostgreSQL" in out
    as_json = call("doctor", "--json")[1]
    assert json.loads(as_json)["data"]["database"] == "postgresql"
    assert "segredo" not in out + as_json


def test_an_extra_that_is_not_there_names_the_command(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contrapeso.workflows._doctor.EXTRAS", {"postgres": ("no_such_module",)})
    code, out, _ = call("doctor")
    assert code == 0
    assert "pip install 'contrapeso[postgres]'" in out
