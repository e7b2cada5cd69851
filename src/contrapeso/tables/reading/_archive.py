"""The members of a zip archive in chunks, whatever sizes it declares."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator

from contrapeso.errors import UnreadableFileError

_CHUNK = 1 << 20


def damaged(name: str, why: str) -> UnreadableFileError:
    """Error for a workbook that cannot be read."""
    return UnreadableFileError(f"{name} is a damaged workbook ({why}). Open it and save it again as .xlsx.")


def inflate(data: bytes, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """Content of a member in chunks of at most 1 MiB: exactly what a parser would see, read to its real end.

    Raises
    ------
    UnreadableFileError
        If the member is damaged, protected or compressed in a way that no spreadsheet uses.
    """
    if member.flag_bits & 1:
        raise UnreadableFileError(f"{name} is protected by a password. Save it without one.")
    at = member.header_offset
    if data[at : at + 4] != b"PK\x03\x04" or len(data) < at + 30:
        raise damaged(name, f"no local header for {member.filename}")
    n_name, n_extra = struct.unpack_from("<HH", data, at + 26)
    start = at + 30 + n_name + n_extra
    raw = memoryview(data)[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        chunks: Iterator[bytes] = (bytes(raw[i : i + _CHUNK]) for i in range(0, len(raw), _CHUNK))
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        chunks = _inflate_raw(raw, member.filename, name)
    else:
        raise damaged(name, f"compression method {member.compress_type}")
    checksum = 0
    for chunk in chunks:
        checksum = zlib.crc32(chunk, checksum)
        yield chunk
    if checksum != member.CRC:  # a flipped bit may be a digit of an amount
        raise damaged(name, f"the checksum of {member.filename} is wrong")


def _inflate_raw(raw: memoryview, member: str, name: str) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pending: bytes | memoryview = b""
    at = 0
    while not inflater.eof:
        if not pending:
            pending = raw[at : at + _CHUNK]
            at += _CHUNK
            if not pending:
                raise damaged(name, f"{member} ends too early")
        try:
            chunk = inflater.decompress(pending, _CHUNK)
        except zlib.error as error:
            raise damaged(name, f"{member}: {error}") from error
        pending = inflater.unconsumed_tail
        if chunk:
            yield chunk


__all__ = ["damaged", "inflate"]
