"""What a file is, by its content: names and extensions lie."""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from contrapeso.errors import FileMissingError, UnreadableFileError, WrongContentError
from contrapeso.tables.reading._decode import decode_text

ContentKind = Literal["parquet", "xlsx", "csv", "ofx"]


@dataclass(frozen=True, slots=True)
class FileSniff:
    """Kind of a file by its content, and notes where its name says something else."""

    kind: ContentKind
    notes: tuple[str, ...] = ()


_HEAD = 64 * 1024
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BINARY = bytes(sorted({*range(32)} - {9, 10, 11, 12, 13, 26}))  # 26 ends files written under DOS
_OFX = re.compile(r"^\s*(?:OFXHEADER\b|<\?OFX\b|<OFX\b)", re.IGNORECASE | re.MULTILINE)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|table|meta|style)\b", re.I | re.S
)
_XML = re.compile(r"\s*<\?xml\b", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]{40,}")
_EXTENSIONS: dict[str, ContentKind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xls": "xlsx",
    ".xlsm": "xlsx",
    ".xlsx": "xlsx",
    ".ofx": "ofx",
    ".qfx": "ofx",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_WORDS = {"parquet": "Parquet", "xlsx": "an Excel workbook", "csv": "delimited text", "ofx": "OFX"}


def read_bytes(path: Path) -> bytes:
    """Bytes of a file.

    Raises
    ------
    FileMissingError
        If it is not there or cannot be opened.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise FileMissingError(f"{path} cannot be opened: {error.strerror or error}. Check the path.") from error


def sniff(source: Path | bytes, *, name: str | None = None) -> FileSniff:
    """Kind of a file by its content.

    Parameters
    ----------
    source : path, or the whole content
    name : file name for messages and for the comparison with the content; default the name of the path

    Raises
    ------
    FileMissingError
        If the path cannot be opened.
    WrongContentError
        If the content is a web page, base64 text or an older format under a spreadsheet's name.
    UnreadableFileError
        If the file is empty or nothing that a reader here understands.
    """
    if isinstance(source, bytes):
        data, name = source, name or "The file"
    else:
        data, name = read_bytes(source), name or Path(source).name
    kind = _kind(data, name)
    said = _EXTENSIONS.get(Path(name).suffix.lower())
    if said in (None, kind):
        return FileSniff(kind)
    return FileSniff(
        kind, (f"wrong_name: the name says {_WORDS[said]}, the content is {_WORDS[kind]} and was read so",)
    )


def _kind(data: bytes, name: str) -> ContentKind:
    if not data.strip(b"\x00 \t\r\n\x1a"):
        raise UnreadableFileError(f"{name} is empty ({len(data)} bytes). Export it again.")
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive_kind(data, name)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise WrongContentError(
            f"{name} is an old Excel workbook (.xls) or one with a password. Open it and save it as .xlsx without one."
        )
    for magic, what in ((b"%PDF", "a PDF"), (b"\x1f\x8b", "a gzip archive"), (b"{\\rtf", "a rich text document")):
        if data.startswith(magic):
            raise UnreadableFileError(
                f"{name} is {what}; OFX, XLSX, CSV and Parquet are read. Export it as one of them."
            )
    return _text_kind(data, name)


def _archive_kind(data: bytes, name: str) -> ContentKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {member.replace("\\", "/").lstrip("/").lower() for member in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise UnreadableFileError(
            f"{name} is a damaged or cut workbook or archive ({error}). Copy or export it again."
        ) from error
    if "xl/workbook.xml" in members:
        return "xlsx"
    if "xl/workbook.bin" in members or "content.xml" in members:
        raise WrongContentError(f"{name} is a workbook of another format (.xlsb or .ods). Save it as .xlsx.")
    raise UnreadableFileError(f"{name} is a zip archive without a workbook. Unpack it and give the file inside.")


def _text_kind(data: bytes, name: str) -> ContentKind:
    head = data[:_HEAD]
    _refuse_base64(head, name)
    if not head.startswith(_TEXT_MARKS[1:]):
        n_binary = len(head) - len(head.translate(None, _BINARY))
        if b"\x00" in head or n_binary > len(head) * 0.02:
            raise UnreadableFileError(
                f"{name} is neither text nor a known binary format; OFX, XLSX, CSV and Parquet are read."
            )
    text, _, _ = decode_text(head[: len(head) - len(head) % 4] if len(head) == _HEAD else data)
    if _OFX.search(text[:8192]):
        return "ofx"
    if _HTML.match(text):
        raise WrongContentError(
            f"{name} is a web page (HTML), whatever its name says. Open it and save it as .xlsx or .csv."
        )
    if _XML.match(text):
        raise WrongContentError(f"{name} is XML but not OFX. Open it and save it as .xlsx or .csv.")
    return "csv"


def _refuse_base64(head: bytes, name: str) -> None:
    """Raise if the text is a workbook in base64, as saved from a mail or a web request."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"data:"):
        start = start.partition(b",")[2]
    if not (match := _BASE64.match(start)):
        return
    letters = b"".join(match[0].split())[:64]
    try:
        decoded = base64.b64decode(letters[: len(letters) - len(letters) % 4], validate=True)
    except binascii.Error:
        return
    if decoded.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise WrongContentError(
            f"{name} is not a workbook: it is the base64 text of one. Decode it (base64 -d) or download the file again."
        )


__all__ = ["ContentKind", "FileSniff", "read_bytes", "sniff"]
