"""A description cut into words, numbers, blanks and signs that join to exactly the same text."""

from __future__ import annotations

import re

_WORD = r"[^\W\d_]+"
_MASK = r"[*xX•#]{1,9}(?:[.\-/][*xX•#]{1,9}){0,3}[.\-/]?\d(?:[.\-/]?[\d*xX•#]){0,30}"
_UNIT = r"(?:\d|[^\W\d_]{1,3}(?![^\W\d_]))"
_NUMBER = rf"[^\W\d_]{{0,3}}\d{_UNIT}*(?:[./:,\-]+{_UNIT}+|(?:[.\-/]?[*•]){{1,9}})*[ºª°%]?"
_EMAIL = r"[\w.+\-]{1,64}@[\w\-]{1,64}(?:\.[\w\-]{1,64}){1,9}"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_PLAIN = re.compile(rf"{_MASK}|{_NUMBER}|[A-Za-z]{{1,2}}\$|{_WORD}|\s+|[^\w\s]|_+", re.DOTALL)
_WITH_MAIL = re.compile(rf"{_EMAIL}|{_PLAIN.pattern}", re.DOTALL)
_WITH_UUID = re.compile(rf"{_UUID}|{_EMAIL}|{_PLAIN.pattern}", re.DOTALL)


def tokens(text: str) -> list[str]:
    """Pieces of ``text`` in order; their concatenation is ``text``.

    >>> tokens("PIX 03/12 - Ana  ***.456.789-**")
    ['PIX', ' ', '03/12', ' ', '-', ' ', 'Ana', '  ', '***.456.789-**']
    """
    if text.count("-") >= 4:
        return _WITH_UUID.findall(text)
    return (_WITH_MAIL if "@" in text else _PLAIN).findall(text)


__all__ = ["tokens"]
