"""A page from its template: one file with its policy, style, script and numbers for machines."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from contrapeso.errors import InvalidParameterError
from contrapeso.quality._format import Language
from contrapeso.quality._svg import STRIPES
from contrapeso.quality._writer import Writer


def writer_of(language: Language) -> Writer:
    """The pen of ``language``."""
    if language not in ("pt", "en"):
        raise InvalidParameterError(f"language={language!r} is not known. Use 'pt' or 'en'.")
    return Writer(language)


def page(template: str, say: Writer, data: str, **values: object) -> str:
    """A page from its template: policy, style, script, and ``data`` for machines."""
    script = _source("script.js.j2")
    return (
        _environment()
        .get_template(template)
        .render(
            say=say,
            lang={"pt": "pt-BR", "en": "en"}[say.language],
            style=Markup(_source("style.css.j2")),  # noqa: S704
            script=Markup(script),  # noqa: S704
            script_hash=_hash(script),
            stripes=Markup(STRIPES),  # noqa: S704
            data=Markup(data),  # noqa: S704
            **values,
        )
    )


class _Dense(Extension):
    """Templates without their indentation: at 200 columns it would be a tenth of the page."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """``source`` with each line from its first letter on."""
        return re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE)


@cache
def _environment() -> Environment:
    """Templates of this package; every text is escaped and an unknown name is an error."""
    return Environment(
        loader=PackageLoader("contrapeso.quality"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_Dense],
        undefined=StrictUndefined,
    )


@cache
def _source(name: str) -> str:
    """The text of a template that holds no template language: the style and the script."""
    loader = _environment().loader
    assert loader is not None  # noqa: S101
    return loader.get_source(_environment(), name)[0]


def _hash(script: str) -> str:
    """The script's name in the page's policy."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


__all__ = ["page", "writer_of"]
