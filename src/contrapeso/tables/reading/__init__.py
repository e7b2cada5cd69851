"""Reading tables: what a file is by its content, its cells, and how its numbers and dates are written.

Nothing here knows what the rows mean. Every decision that is made for a person (the style of
numbers, the order of day and month, the header row) is made once per column or file from all its
values, and is returned with its reason.
"""

from contrapeso.tables.reading._cells import Cell, CellError, cell_text, fold, is_blank, is_error_text
from contrapeso.tables.reading._dates import DateStyle, detect_date_style, parse_date, parse_datetime
from contrapeso.tables.reading._decode import decode_text
from contrapeso.tables.reading._frames import bad_parquet, open_parquet, read_frame
from contrapeso.tables.reading._grids import Grid, load, read_grids
from contrapeso.tables.reading._limits import Limits
from contrapeso.tables.reading._numbers import (
    NumberStyle,
    detect_number_style,
    grid_cents,
    parse_cents,
    parse_number,
)
from contrapeso.tables.reading._sniff import ContentKind, FileSniff, sniff

__all__ = [
    "Cell",
    "CellError",
    "ContentKind",
    "DateStyle",
    "FileSniff",
    "Grid",
    "Limits",
    "NumberStyle",
    "bad_parquet",
    "cell_text",
    "decode_text",
    "detect_date_style",
    "detect_number_style",
    "fold",
    "grid_cents",
    "is_blank",
    "is_error_text",
    "load",
    "open_parquet",
    "parse_cents",
    "parse_date",
    "parse_datetime",
    "parse_number",
    "read_frame",
    "read_grids",
    "sniff",
]
