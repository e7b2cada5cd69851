"""Every example in a docstring runs as it is written, in every room."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import contrapeso

ROOT = Path(contrapeso.__file__).parent
MODULES = sorted(
    ".".join(("contrapeso", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_run_as_written(name: str) -> None:
    result = doctest.testmod(import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
