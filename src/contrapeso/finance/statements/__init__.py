"""Statements and sheets of synthetic rows that cannot be taken for real ones, and the blind sheet for people."""

from contrapeso.finance.statements._blind import BlindSheet, Rewrite, blind_sheet
from contrapeso.finance.statements._blind_score import BlindScore, score_blind
from contrapeso.finance.statements._csv import write_csv
from contrapeso.finance.statements._files import Written
from contrapeso.finance.statements._ofx import write_ofx
from contrapeso.finance.statements._xlsx import write_xlsx

__all__ = [
    "BlindScore",
    "BlindSheet",
    "Rewrite",
    "Written",
    "blind_sheet",
    "score_blind",
    "write_csv",
    "write_ofx",
    "write_xlsx",
]
