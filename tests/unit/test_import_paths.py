"""The documented import paths, and what they must not load."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "sklearn", "fastapi", "matplotlib")


def run(code: str, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {str(path)!r}); {code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("smote_implementation", "SMOTEImplementation"),
        ("synthetic_data_generator", "AdvancedSyntheticDataGenerator"),
        ("imbalanced_data_handler", "ImbalancedDataHandler"),
        ("quality_assessment_engine", "QualityAssessmentEngine"),
    ],
)
def test_both_documented_paths_give_the_same_object(module: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    documented = importlib.import_module(f"src.services.{module}")
    installed = importlib.import_module(f"contrapeso.services.{module}")
    assert getattr(documented, name) is getattr(installed, name)
    assert documented.__all__ == [name]


def test_the_package_is_not_importable_a_second_time_under_src() -> None:
    done = run("import src.contrapeso")
    assert done.returncode == 1
    assert "ImportError" in done.stderr


def test_bare_services_refuse_and_name_the_documented_path() -> None:
    done = run("import services", ROOT / "src")
    assert done.returncode == 1
    assert "ImportError" in done.stderr
    assert "src.services" in done.stderr


@pytest.mark.parametrize("module", ["contrapeso", "contrapeso.services.smote_implementation", "contrapeso.balancing"])
def test_importing_loads_no_heavy_library(module: str) -> None:
    done = run(f"import {module}; print([m for m in {HEAVY} if m in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr
