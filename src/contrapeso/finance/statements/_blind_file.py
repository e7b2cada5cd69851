"""The form of the two files of a blind test: what is judged, what is sealed, and how they are known to be a pair."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from contrapeso.errors import FileMissingError, InvalidDataError, UnreadableFileError
from contrapeso.finance.statements._cells import Plain, point_reais
from contrapeso.finance.statements._files import sha256_of
from contrapeso.tables.reading import Cell, cell_text, fold, is_blank, read_grids

FORMAT = "contrapeso-blind-1"
ANSWER, SURENESS = "Sua resposta", "Certeza (1 a 5)"
ROW_HEADERS = ("Nº", "Data", "Descrição", "Valor", "Tipo", "Categoria", ANSWER, SURENESS, "Por quê?")
_N_SHOWN = 6
_COMMITMENT = re.compile(r"\b[0-9a-f]{64}\b")
_WARNING = "Respostas do teste cego. Abra somente depois de salvar suas respostas na planilha."
_REAL = frozenset({"real", "r", "verdadeira", "verdadeiro", "autentica", "true"})
_SYNTHETIC = frozenset({"sintetica", "sintetico", "s", "synthetic", "falsa", "falso", "inventada"})


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the sealed answers say: whether each row is synthetic, and the digest of the rows that were shown."""

    synthetic: tuple[bool, ...]
    rows_sha256: str
    commitment: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet that came back: the printed commitment, the digest of its rows, and the answers (None: left blank)."""

    commitment: str
    rows_sha256: str
    said_synthetic: tuple[bool | None, ...]


def rows_digest(rows: Sequence[Sequence[Plain]]) -> str:
    """SHA-256 of the rows as shown: number, date, description, centavos, type and category."""
    digest = hashlib.sha256()
    for row in rows:
        number, date, text, cents, kind, category = row
        shown = (
            str(number),
            str(date),
            str(text or ""),
            point_reais(int(str(cents))),
            str(kind or ""),
            str(category or ""),
        )
        digest.update(json.dumps(shown).encode())
    return digest.hexdigest()


def sealed(payload: bytes) -> bytes:
    """The file of the answers: encoded, so that nobody reads them by accident."""
    content = {"aviso": _WARNING, "formato": FORMAT, "fechado": base64.b64encode(payload).decode()}
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def open_sealed(path: Path) -> Sealed:
    """The answers that a file of :func:`sealed` holds."""
    try:
        payload = base64.b64decode(json.loads(_read(path))["fechado"], validate=True)
        content = json.loads(payload)
        synthetic = tuple(bool(answer) for answer in content["synthetic"])
        return Sealed(synthetic, str(content["rows_sha256"]), sha256_of(payload))
    except (UnicodeDecodeError, json.JSONDecodeError, binascii.Error, KeyError, TypeError) as error:
        raise UnreadableFileError(
            f"{path.name!r} is no sealed answer sheet of a blind test. Give the file written beside the sheet.",
            {"file": path.name},
        ) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileMissingError(f"{path} cannot be opened: {error.strerror or error}.", {"path": str(path)}) from error


def read_filled(path: Path) -> Filled:
    """The answers that a person wrote into the sheet.

    Raises
    ------
    UnreadableFileError
        If the file is no sheet of a blind test.
    InvalidDataError
        If an answer is neither real nor synthetic.
    """
    for grid in read_grids(path):
        header = next((i for i, row in enumerate(grid.rows) if _is_header(row)), None)
        if header is None:
            continue
        above = " ".join(cell_text(cell) for row in grid.rows[:header] for cell in row)
        printed = _COMMITMENT.search(above)
        rows = list(_judged(grid.rows[header + 1 :]))
        answers = tuple(_answer(row, i) for i, row in enumerate(rows, start=1))
        shown = [_shown(row) for row in rows]
        return Filled(printed[0] if printed else "", rows_digest(shown), answers)
    raise UnreadableFileError(
        f"{path.name!r} is no sheet of a blind test: no header is {ANSWER!r}. Give the workbook that was filled in.",
        {"file": path.name},
    )


def _is_header(row: Sequence[Cell]) -> bool:
    return any(isinstance(cell, str) and fold(cell) == fold(ANSWER) for cell in row)


def _judged(rows: Sequence[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """Rows with a number; padded to all columns."""
    for row in rows:
        if row and not is_blank(row[0]):
            yield (*row, *(None,) * (len(ROW_HEADERS) - len(row)))


def _shown(row: Sequence[Cell]) -> tuple[Plain, ...]:
    number, date, text, amount, kind, category = (cell for cell in row[:_N_SHOWN])
    cents = round(float(amount) * 100) if isinstance(amount, (int, float)) else 0
    return cell_text(number), cell_text(date), cell_text(text), cents, cell_text(kind), cell_text(category)


def _answer(row: Sequence[Cell], number: int) -> bool | None:
    """Whether the person says synthetic; None where the cell is blank."""
    cell = row[ROW_HEADERS.index(ANSWER)]
    if is_blank(cell):
        return None
    word = fold(cell_text(cell)).strip(" .")
    if word in _SYNTHETIC:
        return True
    if word in _REAL:
        return False
    raise InvalidDataError(
        f"An answer is 'real' or 'sintética', or blank; row {number} says {cell_text(cell)[:40]!r}. Mend it there.",
        {"row": number},
    )


__all__ = ["ANSWER", "FORMAT", "ROW_HEADERS", "Filled", "Sealed", "open_sealed", "read_filled", "rows_digest", "sealed"]
