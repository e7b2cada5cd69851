"""The text of an OFX file, whatever its header says about the charset.

Headers lie: four of the sixteen Brazilian samples declare ``CHARSET:1252`` over UTF-8 bytes. So the
bytes are asked first (byte order mark, strict UTF-8) and the header only afterwards. Where a file
mixes both, each stretch between two ``<`` is asked for itself: a legacy byte in one memo must not
turn every other memo into mojibake. Every codec tried keeps ASCII bytes as they are, so tags can
be counted in the bytes and in the text with the same result.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEAD_BYTES = 2048
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)", re.IGNORECASE)
_SGML_ENCODING = re.compile(rb"ENCODING:[ \t]*([A-Za-z0-9_-]*?)(?=CHARSET|\s|\Z)", re.IGNORECASE)
_SGML_CHARSET = re.compile(rb"CHARSET:[ \t]*([A-Za-z0-9_-]*?)(?=COMPRESSION|\s|\Z)", re.IGNORECASE)

# Only codecs that map bytes below 0x80 to themselves. ISO-8859-1 is read as its superset cp1252, as browsers do.
_CODECS = {
    **dict.fromkeys(("utf-8", "utf8", "unicode", "csunicode"), "utf-8"),
    **dict.fromkeys(("1252", "cp1252", "windows-1252", "ansi"), "cp1252"),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "8859-1", "latin1", "latin-1"), "cp1252"),
    **dict.fromkeys(("iso-8859-15", "8859-15"), "iso8859-15"),
    **dict.fromkeys(("usascii", "us-ascii", "ascii"), "ascii"),
    **{str(page): f"cp{page}" for page in (437, 850, 858, 860, 1250, 1251, 1253, 1254, 1257)},
}


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Text of a file, the encoding that was used, the one its header declares ("-" if none) and what was odd."""

    text: str
    encoding: str
    declared: str
    notes: tuple[str, ...] = ()


def decode_ofx(data: bytes) -> DecodedText:
    """The text of OFX bytes: byte order mark, strict UTF-8, declared charset, cp1252, latin-1, in this order."""
    declared = declared_charset(data)
    wide = wide_codec(data)
    if wide is not None:
        text, encoding, cut = data.decode(wide, "replace").removeprefix("\ufeff"), wide, False
    else:
        text, encoding, cut = _decode_narrow(data.removeprefix(codecs.BOM_UTF8), _codec_of(declared))
    notes = _charset_notes(encoding, declared)
    if cut:
        notes += ("cut_character: the file ends inside a character, which was left out.",)
    return DecodedText(text, encoding, declared, notes)


def declared_charset(data: bytes) -> str:
    """What the header says: ``ENCODING/CHARSET`` of OFX 1.x, ``encoding`` of XML, or "-"."""
    wide = wide_codec(data)
    head = data[: 4 * _HEAD_BYTES].decode(wide, "replace").encode("utf-8") if wide else data[:_HEAD_BYTES]
    xml = _XML_ENCODING.search(head)
    if xml:
        return xml[1].decode("ascii")
    parts = [match[1].decode("ascii") for match in (_SGML_ENCODING.search(head), _SGML_CHARSET.search(head)) if match]
    return "/".join(part for part in parts if part) or "-"


def wide_codec(data: bytes) -> str | None:
    """The codec of text in two- or four-byte units, by its mark or by the zero bytes of its ASCII; else None."""
    for mark, codec in _BOMS[1:]:
        if data.startswith(mark):
            return codec
    head = data[:64]
    even, odd = head[0::2], head[1::2]
    if len(head) >= 16 and not any(odd) and all(even):
        return "utf-16-le"
    if len(head) >= 16 and not any(even) and all(odd):
        return "utf-16-be"
    return None


def _codec_of(declared: str) -> str | None:
    """The codec of a declaration; the last part that names one decides (``USASCII/1252`` is cp1252)."""
    known = [_CODECS[part] for part in declared.lower().split("/") if part in _CODECS]
    return known[-1] if known else None


def _decode_narrow(data: bytes, declared: str | None) -> tuple[str, str, bool]:
    """Text, encoding used, and whether a last half character was left out."""
    if data.isascii():
        return data.decode("ascii"), "ascii", False
    try:
        return data.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and not data[: error.start].isascii():
            return data[: error.start].decode("utf-8"), "utf-8", True
    return *_decode_pieces(data, declared), False


def _decode_pieces(data: bytes, declared: str | None) -> tuple[str, str]:
    """Each stretch between two ``<`` as UTF-8 where it is, the others together in the first legacy codec that fits."""
    pieces = data.split(b"<")
    legacy = [piece for piece in pieces if not _is_utf8(piece)]
    codec = _first_fit(b"<".join(legacy), declared)
    if len(legacy) == len([piece for piece in pieces if not piece.isascii()]):
        return data.decode(codec), codec
    text = "<".join(piece.decode("utf-8" if _is_utf8(piece) else codec) for piece in pieces)
    return text, f"utf-8+{codec}"


def _first_fit(data: bytes, declared: str | None) -> str:
    """The first of the declared charset, cp1252 and latin-1 that has every byte."""
    for codec in dict.fromkeys((declared or "cp1252", "cp1252")):
        try:
            data.decode(codec)
        except UnicodeDecodeError:
            continue
        return codec
    return "latin-1"


def _is_utf8(piece: bytes) -> bool:
    if piece.isascii():
        return True
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _charset_notes(encoding: str, declared: str) -> tuple[str, ...]:
    """A note where the header does not tell the truth about the bytes."""
    if encoding == "ascii" or declared == "-" or encoding == _codec_of(declared):
        return ()
    if encoding == "latin-1" and _codec_of(declared) == "cp1252":
        return ()
    return (f"charset_lie: the header declares {declared}, the bytes are {encoding}; the bytes were believed.",)


_BINARY = {
    b"PK\x03\x04": "a zip archive (perhaps an XLSX workbook)",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "gzip-compressed data",
    b"\xd0\xcf\x11\xe0": "an old binary Excel workbook (.xls)",
    b"PAR1": "a Parquet table",
}
_TEXTUAL = {
    b"UEsDB": "base64 text of a zip archive (perhaps an XLSX workbook)",
    b"!Type:": "a QIF file",
    b"{": "JSON text",
    b"[": "JSON text",
    b"<": "XML or another markup",
}


def is_binary(data: bytes) -> bool:
    """Whether the first bytes are those of an archive, a workbook or a document, whatever text is inside."""
    return data.startswith(tuple(_BINARY))


def describe_content(data: bytes) -> str:
    """What bytes that are not OFX look like, in words for an error message."""
    head = data[:_HEAD_BYTES].lstrip()
    lowered = head.lower()
    if b"<html" in lowered or b"<!doctype html" in lowered:
        return "an HTML page (perhaps the bank's login or error page)"
    for signature, words in (_BINARY | _TEXTUAL).items():
        if head.startswith(signature):
            return words
    return _describe_text(head)


def _describe_text(head: bytes) -> str:
    if not head:
        return "an empty file"
    if b"\x00" in head:
        return "binary data"
    first = head.splitlines()[0]
    return "a delimited table (CSV)" if any(first.count(mark) >= 2 for mark in (b";", b",", b"\t")) else "plain text"


__all__ = ["DecodedText", "declared_charset", "decode_ofx", "describe_content", "is_binary", "wide_codec"]
