"""Optional dependencies: the message is the pip command, and a broken install is not renamed."""

import sys
from pathlib import Path

import pytest

from contrapeso._optional import require
from contrapeso.errors import MissingExtraError


def test_an_installed_module_comes_back() -> None:
    assert require("json.decoder", extra="any") is sys.modules["json.decoder"]


@pytest.mark.parametrize("name", ["contrapeso_no_such_module", "json.no_such_part"])
def test_a_missing_module_is_answered_with_the_command_that_installs_it(name: str) -> None:
    with pytest.raises(MissingExtraError) as caught:
        require(name, extra="deep")
    assert "pip install 'contrapeso[deep]'" in str(caught.value)
    assert caught.value.details == {"module": name, "extra": "deep"}
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_a_module_that_lacks_something_of_its_own_keeps_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "contrapeso_half_installed.py").write_text("import contrapeso_its_own_need\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="contrapeso_its_own_need") as caught:
        require("contrapeso_half_installed", extra="deep")
    assert not isinstance(caught.value, MissingExtraError)
