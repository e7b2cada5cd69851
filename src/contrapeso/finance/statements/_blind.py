"""The blind sheet: real and synthetic rows mixed for a person to tell apart, and the answers sealed beside it.

Whether a row is synthetic is decided by a coin for each place of the sheet, so counting what is left tells nothing.
Real rows are drawn from the categories of the synthetic ones, and their descriptions are written anew by the same
templates and pseudonyms, so that neither a category nor a known name gives the answer away; dates, amounts, types and
categories are the real ones. The sheet prints the SHA-256 of the sealed answers: they cannot be changed afterwards
without notice.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from contrapeso._rng import RandomState, child, generator, seed_sequence
from contrapeso.errors import FileUnwritableError, InsufficientDataError, InvalidParameterError
from contrapeso.finance._ledger import Ledger, Rows
from contrapeso.finance.balances import Line, read_rows
from contrapeso.finance.balances._rows import Row
from contrapeso.finance.statements._blind_file import ANSWER, FORMAT, ROW_HEADERS, rows_digest, sealed
from contrapeso.finance.statements._cells import Plain, plain_text
from contrapeso.finance.statements._files import sha256_of, write_whole
from contrapeso.finance.statements._xlsx import formats_of, open_book, write_cell

Rewrite: TypeAlias = Callable[[Ledger, Rows], Sequence[str]]
"""Descriptions under pseudonyms of some rows of a ledger: ``(ledger, rows) -> texts``."""

SHEET_NAME, ANSWERS_NAME = "teste-cego.xlsx", "gabarito-fechado.json"
_TITLE = "Teste cego: quais destas linhas são sintéticas?"
_HOW = (
    "Escolha real ou sintética em cada linha que quiser julgar; as outras ficam em branco. Nomes e números são "
    "pseudônimos em todas as linhas. Não abra o gabarito antes de salvar suas respostas."
)


@dataclass(frozen=True, slots=True)
class BlindSheet:
    """The two files of a blind test.

    Attributes
    ----------
    sheet, answers : Path
        The workbook to fill in, and the sealed answers.
    commitment : str
        SHA-256 of the sealed answers, which the sheet prints.
    n_rows, n_other_category : int
        Rows to judge, and real ones among them for which no row of a synthetic row's category was left.
    """

    sheet: Path
    answers: Path
    commitment: str
    n_rows: int
    n_other_category: int


def blind_sheet(
    real_rows: Sequence[Row],
    made_rows: Sequence[Row],
    folder: str | Path,
    n: int = 40,
    random_state: RandomState = None,
    *,
    columns: Mapping[str, str] | None = None,
    rewrite: Rewrite | None = None,
) -> BlindSheet:
    """A workbook of ``n`` rows to judge, and the sealed answers, written into ``folder``.

    Parameters
    ----------
    real_rows, made_rows : dicts of one form; the real ones should be those that the synthetic ones were learnt from or
        later ones of the same accounts
    folder : made if it is not there; must not hold a blind test already
    n : rows to judge
    random_state : None for a test that nobody can work out; a seed gives the same files again
    columns : key of each role, as in :func:`contrapeso.finance.balances.read_rows`
    rewrite : descriptions of real rows under pseudonyms; default by the templates and pseudonyms of the generator

    Raises
    ------
    InsufficientDataError
        If one kind has no row, or both together fewer than ``n``.
    FileUnwritableError
        If the folder holds a blind test already, which may be half filled in, or cannot be written.
    """
    target = Path(folder)
    _refuse_existing(target)
    real, made = read_rows(real_rows, columns), read_rows(made_rows, columns)
    _refuse_too_few(len(real.lines), len(made.lines), n)
    seed = seed_sequence(random_state)
    rng = generator(seed, 0)
    n_made = int(np.clip(rng.binomial(n, 0.5), max(n - len(real.lines), 0), min(n, len(made.lines))))
    chosen_made = rng.choice(len(made.lines), n_made, replace=False)
    chosen_real, n_other = _matched(real.lines, made.lines, n - n_made, rng)
    texts = (rewrite or _by_templates(child(seed, 1)))(real.ledger, chosen_real)
    shown = [_Shown(real.lines[i], text, synthetic=False) for i, text in zip(chosen_real.tolist(), texts, strict=True)]
    shown += [_Shown(made.lines[i], made.lines[i].description, synthetic=True) for i in chosen_made.tolist()]
    shown = sorted((shown[i] for i in rng.permutation(n)), key=lambda row: row.line.date)
    rows = [_cells(row, i) for i, row in enumerate(shown, start=1)]
    payload = _payload([row.synthetic for row in shown], rows_digest(rows), rng.bytes(32).hex())
    commitment = sha256_of(payload)
    files = {target / SHEET_NAME: _workbook(rows, commitment), target / ANSWERS_NAME: sealed(payload)}
    write_whole(files)
    return BlindSheet(target / SHEET_NAME, target / ANSWERS_NAME, commitment, n, n_other)


@dataclass(frozen=True, slots=True)
class _Shown:
    line: Line
    text: str
    synthetic: bool


def _refuse_existing(folder: Path) -> None:
    for name in (SHEET_NAME, ANSWERS_NAME):
        if (folder / name).exists():
            raise FileUnwritableError(
                f"{folder / name} is there already and may hold somebody's answers. Name another folder or move it.",
                {"path": str(folder / name)},
            )


def _refuse_too_few(n_real: int, n_made: int, n: int) -> None:
    if n < 1:
        raise InvalidParameterError(f"n is the number of rows to judge, at least 1; got {n}.")
    if not n_real or not n_made or n_real + n_made < n:
        raise InsufficientDataError(
            f"A blind sheet of {n} rows needs rows of both kinds, {n} together; got {n_real} real and {n_made} "
            "synthetic ones. Give more rows or a smaller n.",
            {"n_real": n_real, "n_synthetic": n_made},
        )


def _matched(real: Sequence[Line], made: Sequence[Line], k: int, rng: np.random.Generator) -> tuple[Rows, int]:
    """``k`` real rows in the proportions of the categories of the synthetic ones, and how many are of another one."""
    order = rng.permutation(len(real)).tolist()
    by_category: dict[str, list[int]] = {}
    for i in order:
        by_category.setdefault(real[i].category, []).append(i)
    wanted = [made[i].category for i in rng.integers(0, len(made), k).tolist()]
    found = [left.pop() for category in wanted if (left := by_category.get(category))]
    others = [i for i in order if i not in set(found)][: k - len(found)]
    return np.array(found + others, dtype=np.int64), len(others)


def _by_templates(seed: np.random.SeedSequence) -> Rewrite:
    """Descriptions written anew by the template of each row, under pseudonyms, as those of synthetic rows are."""

    def rewrite(ledger: Ledger, rows: Rows) -> Sequence[str]:
        from contrapeso.finance.privacy import Pseudonyms
        from contrapeso.finance.templates import Templates

        learned = Templates.learn(ledger, random_state=int(seed.generate_state(1)[0]))
        names = Pseudonyms(learned.names, child(seed, 0))
        payees, of_row = learned.payees[rows], learned.of_row[rows]
        texts, _ = learned.fill(of_row, ledger.days[rows], ledger.cents[rows], payees, names, generator(seed, 1))
        return [str(text) for text in texts]

    return rewrite


def _cells(row: _Shown, number: int) -> tuple[Plain, ...]:
    line = row.line
    return (
        number,
        line.date,
        plain_text(row.text),
        line.cents,
        plain_text(line.kind) or None,
        plain_text(line.category) or None,
    )


def _payload(answers: Sequence[bool], rows_sha256: str, nonce: str) -> bytes:
    content = {"format": FORMAT, "nonce": nonce, "rows_sha256": rows_sha256, "synthetic": list(answers)}
    return json.dumps(content, sort_keys=True).encode()


def _workbook(rows: Sequence[tuple[Plain, ...]], commitment: str) -> bytes:
    buffer = io.BytesIO()
    book = open_book(buffer, "Teste cego")
    sheet = book.add_worksheet("Julgamento")
    formats = formats_of(book)
    sheet.write_string(0, 0, _TITLE, book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, _HOW)
    sheet.write_string(2, 0, f"Compromisso (SHA-256 do gabarito): {commitment}")
    _write_rows(sheet, rows, formats)
    book.close()
    return buffer.getvalue()


def _write_rows(sheet: Any, rows: Sequence[tuple[Plain, ...]], formats: Mapping[str, Any]) -> None:
    shown = ("value", "date", "text", "money", "text", "text")
    for j, (header, width) in enumerate(zip(ROW_HEADERS, (6, 12, 46, 16, 10, 24, 16, 16, 40), strict=True)):
        sheet.set_column(j, j, width)
        sheet.write_string(4, j, header, formats["header"])
    for i, row in enumerate(rows, start=5):
        for j, cell in enumerate(row):
            write_cell(sheet, (i, j), cell, shown[j], formats)
    last = 4 + len(rows)
    column = ROW_HEADERS.index(ANSWER)
    sheet.data_validation(5, column, last, column, {"validate": "list", "source": ["real", "sintética"]})
    sure = {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": 5}
    sheet.data_validation(5, column + 1, last, column + 1, sure)
    sheet.freeze_panes(5, 0)


__all__ = ["ANSWERS_NAME", "SHEET_NAME", "BlindSheet", "Rewrite", "blind_sheet"]
