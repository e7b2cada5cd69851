"""A fictional company with real habits: simulated movements, and the files in which a person would have them."""

from contrapeso.finance.example._cast import CATEGORIES
from contrapeso.finance.example._company import ExampleCompany, ExpectedFile, Movement
from contrapeso.finance.example._simulate import simulate_company
from contrapeso.finance.example._write import write_company

__all__ = ["CATEGORIES", "ExampleCompany", "ExpectedFile", "Movement", "simulate_company", "write_company"]
