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
    Where some lines are UTF-8 and others are not, each is read in its own encoding, so that one
    stray byte does not spoil every other accent of the file.

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
    lines = body.split(b"\n")
    legacy = {i for i, line in enumerate(lines) if not _is_utf8(line)}
    codec = _legacy_codec(b"\n".join(lines[i] for i in legacy))
    if all(line.isascii() for i, line in enumerate(lines) if i not in legacy):
        note = f"encoding: byte {at + 1:,} is not UTF-8, so the file was read as {codec}"
        return body.decode(codec), codec, (note,)
    note = f"encoding: {len(legacy)} lines are not UTF-8 as the others are; they were read as {codec}"
    text = "\n".join(line.decode(codec if i in legacy else "utf-8") for i, line in enumerate(lines))
    return text, f"utf-8+{codec}", (note,)


def _is_utf8(line: bytes) -> bool:
    if line.isascii():
        return True
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _legacy_codec(data: bytes) -> str:
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _decode_marked(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"The file starts with the mark of {encoding.upper()} but byte {error.start + 1:,} is not valid in it. "
            "Save it again as UTF-8."
        ) from error


__all__ = ["decode_text"]
