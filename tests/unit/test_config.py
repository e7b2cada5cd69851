"""Settings: strongest source first, wrong values refused by name, nothing read twice."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from contrapeso.config import Settings, load_settings
from contrapeso.errors import InvalidParameterError

PLAIN = ("database_url", "log_level", "log_file")


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith("CONTRAPESO_") or name.lower() in PLAIN:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_are_an_embedded_database_in_the_state_folder() -> None:
    settings = Settings()
    assert settings.url == f"sqlite:///{settings.state_dir / 'contrapeso.sqlite3'}"
    assert settings.log_level == "WARNING"
    assert settings.language is None


def test_an_empty_database_url_means_the_embedded_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert Settings().url.startswith("sqlite:///")


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("written", ["{}", "CONTRAPESO_{}"])
def test_documented_plain_names_and_prefixed_names_are_read(
    name: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = "ERROR" if name == "log_level" else "somewhere"
    monkeypatch.setenv(written.format(name.upper()), value)
    assert getattr(Settings(), name) == value


def test_the_prefixed_name_is_stronger_than_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///plain")
    monkeypatch.setenv("CONTRAPESO_DATABASE_URL", "sqlite:///prefixed")
    assert Settings().url == "sqlite:///prefixed"


def test_arguments_beat_the_environment_and_it_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contrapeso.toml").write_text('max_rows = 11\nmax_cells = 12\nlog_level = "INFO"\n')
    monkeypatch.setenv("CONTRAPESO_MAX_ROWS", "22")
    monkeypatch.setenv("CONTRAPESO_MAX_CELLS", "23")
    settings = Settings(max_cells=34)
    assert (settings.max_cells, settings.max_rows, settings.log_level) == (34, 22, "INFO")


def test_an_unknown_key_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "contrapeso.toml").write_text("max_row = 11\n")
    with pytest.raises(InvalidParameterError, match="MAX_ROW"):
        load_settings()


def test_a_folder_given_by_hand_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRAPESO_STATE_DIR", str(tmp_path / "environment"))
    assert load_settings(tmp_path / "argument").state_dir == tmp_path / "argument"
    assert load_settings().state_dir == tmp_path / "environment"


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_ROWS", "0"), ("MAX_FILE_BYTES", "-1"), ("MAX_CELLS", "many"), ("LANGUAGE", "fr"), ("LOG_LEVEL", "LOUD")],
)
def test_a_value_outside_its_rule_is_refused_by_name(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"CONTRAPESO_{name}", value)
    with pytest.raises(InvalidParameterError, match=f"{name}.*{value}"):
        load_settings()


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().max_rows = 1  # type: ignore[misc]


def test_every_setting_is_explained() -> None:
    unexplained = [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")]
    assert unexplained == []
