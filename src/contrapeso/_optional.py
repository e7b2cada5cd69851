"""Optional dependencies, asked for where they are used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from contrapeso.errors import MissingExtraError


def require(module: str, *, extra: str) -> ModuleType:
    """Imported ``module``, or an error whose message is the pip command that installs it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != module.partition(".")[0]:
            raise  # the module is there and something it needs is not: not ours to rename
        raise MissingExtraError(
            f"{module} is not installed. Install it with: pip install 'contrapeso[{extra}]'",
            {"module": module, "extra": extra},
        ) from error


__all__ = ["require"]
