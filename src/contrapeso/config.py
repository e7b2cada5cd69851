"""Deployment settings: one table of (name, type, default, help), read once at the edge and passed inward.

Sources, strongest first: arguments, environment (``CONTRAPESO_*`` and the documented plain names),
``contrapeso.toml`` in the working directory, the defaults below. Algorithms take their
parameters in constructors, never from here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from contrapeso.errors import InvalidParameterError


def _alias(name: str) -> AliasChoices:
    return AliasChoices(f"CONTRAPESO_{name.upper()}", name)


class Settings(BaseSettings):
    """What a deployment may change; frozen once read."""

    model_config = SettingsConfigDict(
        env_prefix="CONTRAPESO_", toml_file="contrapeso.toml", frozen=True, extra="forbid", populate_by_name=True
    )

    state_dir: Path = Field(
        default_factory=lambda: user_data_path("contrapeso"),
        description="Folder of the embedded database, the runs and the reports.",
    )
    database_url: str | None = Field(
        None,
        validation_alias=_alias("database_url"),
        description="SQLAlchemy URL of the database; unset means SQLite in the state folder.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        "WARNING", validation_alias=_alias("log_level"), description="Least severe message that is logged."
    )
    log_file: str | None = Field(
        None, validation_alias=_alias("log_file"), description="Log file; unset means standard error."
    )
    language: Literal["pt", "en"] | None = Field(
        None, description="Language of people-facing text; unset follows the system locale."
    )
    max_file_bytes: int = Field(64 * 2**20, gt=0, description="Largest file that is read, in bytes.")
    max_uncompressed_bytes: int = Field(
        512 * 2**20, gt=0, description="Largest uncompressed size of a workbook, in bytes (zip bombs)."
    )
    max_rows: int = Field(2_000_000, gt=0, description="Most rows read from one file.")
    max_cells: int = Field(50_000_000, gt=0, description="Most cells (rows x columns) read from one file.")

    @property
    def url(self) -> str:
        """Database URL in force."""
        return self.database_url or f"sqlite:///{self.state_dir / 'contrapeso.sqlite3'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (the hook's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of the sources; no ``.env`` file and no secrets folder."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(state_dir: Path | None = None) -> Settings:
    """Settings from the environment and ``contrapeso.toml``; ``state_dir`` wins over both.

    Raises
    ------
    InvalidParameterError
        If a setting has a value outside its rule; the message names the setting and the rule.
    """
    try:
        return Settings() if state_dir is None else Settings(state_dir=state_dir)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])).upper()}: {item['msg']} (got {item['input']!r})"
            for item in error.errors()
        )
        raise InvalidParameterError(
            f"A setting is outside its rule: {wrong}. Correct the environment variable or contrapeso.toml."
        ) from error


__all__ = ["Settings", "load_settings"]
