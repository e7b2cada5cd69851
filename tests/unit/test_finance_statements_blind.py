"""The blind sheet: nothing but the making of a row tells it, the answers are sealed, and the score is honest."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter
from scipy.stats import binomtest

from contrapeso.errors import (
    FileMissingError,
    FileUnwritableError,
    InsufficientDataError,
    InvalidDataError,
    InvalidParameterError,
    UnreadableFileError,
)
from contrapeso.finance import simulate_company
from contrapeso.finance._ledger import Ledger, Rows
from contrapeso.finance.statements import BlindSheet, blind_sheet, score_blind
from contrapeso.finance.statements._blind_file import ANSWER, open_sealed
from contrapeso.tables.reading import read_grids


def anonymous(ledger: Ledger, rows: Rows) -> Sequence[str]:
    return [f"REAL {len(text)}" for text in ledger.descriptions[rows]]


@pytest.fixture(scope="module")
def kinds() -> tuple[list[dict], list[dict]]:
    """Real rows of the simulated company, and rows that stand for synthetic ones of two of its categories."""
    truth = simulate_company(months=4).truth
    real = [
        {"date": t.date.date(), "amount": t.amount_cents / 100, "description": t.description, "category": t.category,
         "account": t.account, "fitid": t.fitid, "balance": t.balance_cents / 100}
        for t in truth.itertuples()
    ]  # fmt: skip
    some = [r for r in real if r["category"] in {"Fornecedores", "Telefonia"}]
    made = [r | {"description": f"MADE {i}", "is_synthetic": True, "fitid": f"SYN-x-{i}", "account": "SYN-0001"}
            for i, r in enumerate(some)]  # fmt: skip
    return real, made


@pytest.fixture
def blind(kinds, tmp_path: Path) -> BlindSheet:
    return blind_sheet(*kinds, tmp_path / "cego", 24, 5, rewrite=anonymous)


def judged(sheet: Path) -> list[tuple]:
    """The rows of the sheet as shown."""
    return [found for found in read_grids(sheet)[0].rows if isinstance(found[0], (int, float))]


def filled_in(sheet: Path, answers: Sequence[str | None], path: Path, *, change: dict | None = None) -> Path:
    """The workbook as a spreadsheet program would save it again, with answers."""
    rows = read_grids(sheet)[0].rows
    header = next(i for i, found in enumerate(rows) if ANSWER in found)
    place = rows[header].index(ANSWER)
    book = xlsxwriter.Workbook(path)
    out = book.add_worksheet("Julgamento")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for i, found in enumerate(rows):
        cells = list(found)
        if i > header:
            cells += [None] * (place + 1 - len(cells))
            cells[place] = answers[i - header - 1]
        for j, cell in enumerate(cells):
            value = (change or {}).get((i - header, j), cell)
            if isinstance(value, dt.date):
                out.write_datetime(i, j, dt.datetime.combine(value, dt.time()), day)
            else:
                out.write(i, j, value)
    book.close()
    return path


def test_the_sheet_shows_only_what_both_kinds_have_and_not_their_names(blind: BlindSheet, kinds) -> None:
    real, _ = kinds
    truth = open_sealed(blind.answers).synthetic
    rows = judged(blind.sheet)
    assert len(rows) == len(truth) == blind.n_rows == 24
    for found, synthetic in zip(rows, truth, strict=True):
        assert found[2].startswith("MADE " if synthetic else "REAL ")
    whole = "".join(str(cell) for grid in read_grids(blind.sheet) for found in grid.rows for cell in found)
    with zipfile.ZipFile(blind.sheet) as archive:
        whole += "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert "SYN-" not in whole
    assert not any(r["account"] in whole or (r["fitid"] and r["fitid"] in whole) for r in real)
    assert not any(r["description"] in whole for r in real if len(r["description"]) > 12)
    dates = [found[1] for found in rows]
    assert dates == sorted(dates)


def test_real_rows_are_of_the_categories_of_the_synthetic_ones(blind: BlindSheet) -> None:
    assert blind.n_other_category == 0
    assert {found[5] for found in judged(blind.sheet)} == {"Fornecedores", "Telefonia"}


def test_where_no_such_real_row_is_left_others_are_taken_and_counted(kinds, tmp_path) -> None:
    real = [r for r in kinds[0] if r["category"] == "Aluguel"] * 10
    blind = blind_sheet(real, kinds[1], tmp_path, 12, 0, rewrite=anonymous)
    assert blind.n_other_category == sum(not made for made in open_sealed(blind.answers).synthetic)


def test_a_coin_decides_each_row_so_the_number_of_synthetic_ones_varies(kinds, tmp_path) -> None:
    counts = [
        sum(open_sealed(blind_sheet(*kinds, tmp_path / str(seed), 20, seed, rewrite=anonymous).answers).synthetic)
        for seed in range(30)
    ]
    assert len(set(counts)) > 4
    assert abs(np.mean(counts) - 10) < 4 * np.sqrt(20 / 4 / 30)  # 4 sigma: false alarm below 1 in 10,000


def test_the_sheet_commits_to_the_sealed_answers_which_do_not_lie_open(blind: BlindSheet) -> None:
    printed = [str(cell) for found in read_grids(blind.sheet)[0].rows[:4] for cell in found]
    assert any(blind.commitment in cell for cell in printed)
    assert open_sealed(blind.answers).commitment == blind.commitment
    content = blind.answers.read_text(encoding="utf-8")
    assert "true" not in content
    assert json.loads(content)["aviso"]


def test_a_seed_gives_the_same_files_and_none_gives_others(kinds, tmp_path) -> None:
    def both(name: str, seed: int | None) -> tuple[bytes, bytes]:
        found = blind_sheet(*kinds, tmp_path / name, 10, seed, rewrite=anonymous)
        return found.sheet.read_bytes(), found.answers.read_bytes()

    assert both("a", 1) == both("b", 1)
    assert both("c", None) != both("d", None)


def test_a_test_that_may_be_half_filled_in_is_never_overwritten(blind: BlindSheet, kinds) -> None:
    before = blind.sheet.read_bytes()
    with pytest.raises(FileUnwritableError, match="somebody's answers"):
        blind_sheet(*kinds, blind.sheet.parent, 10, 0, rewrite=anonymous)
    assert blind.sheet.read_bytes() == before


@pytest.mark.parametrize("n_right", [0, 8, 12, 18, 24])
def test_the_score_counts_right_answers_with_the_interval_of_wilson(blind: BlindSheet, tmp_path, n_right: int) -> None:
    truth = open_sealed(blind.answers).synthetic
    words = ["sintética" if made == (i < n_right) else "real" for i, made in enumerate(truth)]
    score = score_blind(filled_in(blind.sheet, words, tmp_path / "f.xlsx"), blind.answers)
    assert (score.n_answered, score.n_right) == (24, n_right)
    low, high = wilson_slowly(n_right, 24)
    assert score.interval == pytest.approx((low, high), abs=1e-6)
    assert score.p_value == pytest.approx(binomtest(n_right, 24).pvalue)
    verdict = "told_apart" if low > 0.5 else "mistaken" if high < 0.5 else "not_told_apart"
    assert score.verdict == verdict
    assert score.n_synthetic + score.n_real == 24
    assert score.n_synthetic_found + score.n_real - score.n_real_suspected == n_right
    assert f"{n_right} certas de 24 respostas" in score.sentence()
    assert f"{n_right} right of 24 answers" in score.sentence("en")


def wilson_slowly(k: int, n: int) -> tuple[float, float]:
    """Shares p at which ``|k/n - p| = 1.96 * sqrt(p (1 - p) / n)``, by bisection."""
    z = 1.959963984540054

    def outside(p: float) -> bool:
        return abs(k / n - p) > z * np.sqrt(p * (1 - p) / n)

    limits = []
    for far in (0.0, 1.0):
        near, edge = k / n, far
        for _ in range(60):
            middle = (near + edge) / 2
            near, edge = (near, middle) if outside(middle) else (middle, edge)
        limits.append(near)
    return limits[0], limits[1]


def test_rows_left_blank_do_not_count_and_words_are_read_generously(blind: BlindSheet, tmp_path) -> None:
    truth = open_sealed(blind.answers).synthetic
    words: list[str | None] = [None] * 24
    words[0], words[1], words[2] = " SINTÉTICA ", "Real.", "synthetic"
    score = score_blind(filled_in(blind.sheet, words, tmp_path / "f.xlsx"), blind.answers)
    assert score.n_answered == 3
    assert score.n_right == truth[0] + (not truth[1]) + truth[2]


def test_answers_that_cannot_be_scored_say_why(blind: BlindSheet, kinds, tmp_path) -> None:
    with pytest.raises(InsufficientDataError, match="No row"):
        score_blind(blind.sheet, blind.answers)
    words = ["real"] * 24
    with pytest.raises(InvalidDataError, match="row 3 says 'talvez'"):
        score_blind(filled_in(blind.sheet, ["real", "real", "talvez", *words[3:]], tmp_path / "a.xlsx"), blind.answers)
    changed = filled_in(blind.sheet, words, tmp_path / "b.xlsx", change={(2, 3): 1.0})
    with pytest.raises(InvalidDataError, match="rows of the sheet"):
        score_blind(changed, blind.answers)
    other = blind_sheet(*kinds, tmp_path / "other", 24, 6, rewrite=anonymous)
    with pytest.raises(InvalidDataError, match="commits to"):
        score_blind(filled_in(blind.sheet, words, tmp_path / "c.xlsx"), other.answers)
    with pytest.raises(UnreadableFileError, match="no sealed answer sheet"):
        score_blind(filled_in(blind.sheet, words, tmp_path / "d.xlsx"), blind.sheet)
    with pytest.raises(FileMissingError):
        score_blind(blind.sheet, tmp_path / "nowhere.json")
    text = tmp_path / "e.csv"
    text.write_text("a;b\n1;2\n")
    with pytest.raises(UnreadableFileError, match="no sheet of a blind test"):
        score_blind(text, blind.answers)


def test_too_few_rows_and_a_senseless_number_are_refused(kinds, tmp_path) -> None:
    real, made = kinds
    with pytest.raises(InsufficientDataError, match="both kinds"):
        blind_sheet(real, [], tmp_path, 5, 0, rewrite=anonymous)
    with pytest.raises(InsufficientDataError, match="smaller n"):
        blind_sheet(real[:2], made[:2], tmp_path, 5, 0, rewrite=anonymous)
    with pytest.raises(InvalidParameterError, match="at least 1"):
        blind_sheet(real, made, tmp_path, 0, 0, rewrite=anonymous)
    few = blind_sheet(real[:4], made[:2], tmp_path, 6, 0, rewrite=anonymous)
    assert sorted(open_sealed(few.answers).synthetic) == [False] * 4 + [True] * 2


def test_descriptions_of_real_rows_are_written_anew_by_the_templates_of_the_generator(kinds, tmp_path) -> None:
    templates = pytest.importorskip("contrapeso.finance.templates")
    if not hasattr(templates, "Templates"):
        pytest.skip("the room of templates has no Templates yet")
    real, made = kinds
    blind = blind_sheet(real, made, tmp_path, 30, 2)
    truth = open_sealed(blind.answers).synthetic
    texts = [found[2] for found, synthetic in zip(judged(blind.sheet), truth, strict=True) if not synthetic]
    assert all(isinstance(text, str) and text for text in texts)
    payees = ("Madeireira Tarumbé", "Compensados Aricanga", "Ferragens Pirambóia", "Dalva Brazanel")
    assert not [text for text in texts for payee in payees if payee.casefold() in text.casefold()]
