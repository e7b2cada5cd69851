"""Write the table of bank holidays from 2000 to 2099 by its rules; `--check` only compares."""

import sys
from pathlib import Path

from contrapeso.finance.calendar._rules import compute_bank_holidays
from contrapeso.finance.calendar._table import TABLE, table_text

TARGET = Path(__file__).resolve().parents[1] / "src" / "contrapeso" / "finance" / "calendar" / TABLE

if __name__ == "__main__":
    text = table_text(compute_bank_holidays())
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.read_text(encoding="utf-8") == text else f"{TARGET.name} is out of date")
    TARGET.write_text(text, encoding="utf-8")
