"""How much: amounts of a group of rows as price points and a smooth body, on the grid that people use."""

from contrapeso.finance.amounts._model import AmountModel
from contrapeso.finance.amounts._resolution import STEPS, resolutions, snap

__all__ = ["STEPS", "AmountModel", "resolutions", "snap"]
