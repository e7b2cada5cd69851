"""``write_company``: the company's statements and books as files in a folder."""

from __future__ import annotations

from pathlib import Path

from contrapeso.finance.example._company import ExampleCompany
from contrapeso.finance.example._files import plan_files


def write_company(company: ExampleCompany, folder: str | Path) -> list[Path]:
    """Paths of the files written into ``folder``, in the order in which they are to be imported.

    OFX statements of both banks with overlapping periods, the wallet's CSV, and one XLSX book a year.
    The same company gives the same bytes. Existing files of these names are overwritten.

    Parameters
    ----------
    company : the simulated company.
    folder : made if it is not there.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in plan_files(company):
        path = target / file.name
        path.write_bytes(file.content())
        paths.append(path)
    return paths


__all__ = ["write_company"]
