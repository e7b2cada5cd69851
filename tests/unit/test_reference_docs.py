"""The documentation is under test: commands, settings and error codes appear in it as they are."""

import subprocess
import sys
from pathlib import Path

import pytest

from contrapeso.cli._app import app
from contrapeso.config import Settings
from contrapeso.errors import ERROR_TABLE

ROOT = Path(__file__).resolve().parents[2]


def test_reference_page_is_what_the_program_says() -> None:
    check = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "reference.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stderr


def test_every_command_shows_an_example() -> None:
    groups = [group.typer_instance for group in app.registered_groups]
    assert groups
    for command in [*app.registered_commands, *(command for group in groups for command in group.registered_commands)]:
        assert command.callback is not None
        assert "Example: contrapeso " in (command.callback.__doc__ or ""), command.callback.__name__


@pytest.mark.parametrize("name", [*Settings.model_fields, *ERROR_TABLE])
def test_every_setting_and_error_code_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")


def test_readme_links_point_at_files_that_exist() -> None:
    import re

    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []
