"""When payments fall and recur: date laws of groups of rows, and the series among them."""

from contrapeso.finance.series._anchors import Anchor, AnchorKind
from contrapeso.finance.series._find import MONTHS_OF, AmountKind, Cadence, Series, find_series
from contrapeso.finance.series._law import DateLaw, LawKind, Part
from contrapeso.finance.series._learn import learn_law

__all__ = [
    "MONTHS_OF",
    "AmountKind",
    "Anchor",
    "AnchorKind",
    "Cadence",
    "DateLaw",
    "LawKind",
    "Part",
    "Series",
    "find_series",
    "learn_law",
]
