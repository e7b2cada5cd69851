"""Logs of the standard library, with personal numbers masked before any sink of ours.

The library only asks for loggers; handlers are set by the edge (``configure``), once.
"""

from __future__ import annotations

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

ROOT = "contrapeso"
_CPF = re.compile(r"(?<!\d)\d{3}\.?\d{3}\.?\d{3}-?\d{2}(?!\d)")
_CNPJ = re.compile(
    r"(?<![0-9A-Za-z])[0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}/?[0-9A-Z]{4}-?\d{2}(?!\d)"
    r"|(?<!\d)\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}(?!\d)"  # digits only: also glued to a word
)
_LONG_NUMBER = re.compile(r"(?<!\d)(?<!\d\.)\d{9,}(?!\d|\.\d)")  # decimals stay; a full stop after an account does not


def mask(text: str) -> str:
    """``text`` with CPF, CNPJ and long digit runs (accounts, cards) replaced by marks."""
    text = _CPF.sub("[CPF]", text)
    text = _CNPJ.sub(lambda m: "[CNPJ]" if sum(c.isdigit() for c in m[0]) >= 8 else m[0], text)
    return _LONG_NUMBER.sub("[NUMBER]", text)


class MaskingFormatter(logging.Formatter):
    """Masks the finished text of every record: the message, and the traceback under it."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def get_logger(name: str) -> logging.Logger:
    """Logger of the room ``name`` (without the package prefix)."""
    return logging.getLogger(f"{ROOT}.{name}")


def configure(level: str = "WARNING", file: str | None = None, fallback_dir: Path | None = None) -> None:
    """Attach one handler to the package's logger: ``file`` where it is given, else standard error.

    A log file that cannot be opened is said once on standard error and replaced by one in
    ``fallback_dir``; logging never stops the program.
    """
    root = logging.getLogger(ROOT)
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.setLevel(level.upper())
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file:
        handlers = [_file_handler(Path(file), fallback_dir)]
    for handler in handlers:
        handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        root.addHandler(handler)


def _file_handler(path: Path, fallback_dir: Path | None) -> logging.Handler:
    candidates = [path] + ([fallback_dir / "contrapeso.log"] if fallback_dir else [])
    for candidate in candidates:
        try:
            candidate.parent.mkdir(parents=True, exist_ok=True)
            return RotatingFileHandler(candidate, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
        except OSError as error:
            print(f"contrapeso: cannot log to {candidate}: {error}", file=sys.stderr)
    return logging.StreamHandler(sys.stderr)


__all__ = ["MaskingFormatter", "configure", "get_logger", "mask"]
