"""Bytes to text without a silent guess: byte order mark, strict UTF-8, then the Windows code page."""

from __future__ import annotations

import codecs

from contrapeso.errors import UnreadableFileError

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark starts with the UTF-16 one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode_text(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    """Text of ``data``, the encoding that was used, and notes on what a person should know.

    The order is: byte order mark, strict UTF-8, Windows-1252, Latin-1 (which accepts every byte).

    Raises
    ------
    UnreadableFileError
        If a UTF-16 or UTF-32 mark is there and the rest contradicts it.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_marked(data, encoding), encoding, ()
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError as error:
        at = error.start
    note = f"encoding: byte {at + 1:,} is not UTF-8, so the file was read as {{}}"
    try:
        return body.decode("cp1252"), "cp1252", (note.format("Windows-1252"),)
    except UnicodeDecodeError:
        return body.decode("latin-1"), "latin-1", (note.format("Latin-1"),)


def _decode_marked(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"The file starts with the mark of {encoding.upper()} but byte {error.start + 1:,} is not valid in it. "
            "Save it again as UTF-8."
        ) from error


__all__ = ["decode_text"]
