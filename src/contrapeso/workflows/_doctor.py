"""Facts about this installation: versions, kernels in use, where state goes, which extras are there."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from contrapeso import __version__

if TYPE_CHECKING:
    from contrapeso.config import Settings
    from contrapeso.kernels import Kernels

LIBRARIES: Final = ("numpy", "scipy", "scikit-learn", "pandas", "pyarrow")
EXTRAS: Final = {"postgres": ("psycopg", "adbc_driver_postgresql")}

Choice = Literal["native", "asked", "not_built"]
Database = Literal["sqlite", "postgresql", "unknown"]


@dataclass(frozen=True, slots=True)
class DoctorResult:
    """What is installed and in use; nothing here needs mending to be reported.

    ``choice`` says why these kernels: the native ones are there, the pure ones were asked for by
    ``CONTRAPESO_KERNELS``, or the native ones were not built.
    """

    python: str
    system: str
    libraries: dict[str, str]
    kernels: Kernels
    choice: Choice
    state_dir: Path
    state_writable: bool
    database: Database
    extras: dict[str, bool]
    version: str = __version__

    def to_dict(self) -> dict[str, object]:
        """JSON-ready result."""
        return {
            "version": self.version,
            "python": self.python,
            "system": self.system,
            "libraries": self.libraries,
            "kernels": {**asdict(self.kernels), "isas": list(self.kernels.isas), "choice": self.choice},
            "state": {"path": str(self.state_dir), "writable": self.state_writable},
            "database": self.database,
            "extras": self.extras,
        }


def doctor(settings: Settings) -> DoctorResult:
    """Facts about this installation under ``settings``; nothing is opened, made or changed.

    Raises
    ------
    InvalidParameterError
        If ``CONTRAPESO_KERNELS`` asks for kernels that are not there, or is not one of its values.
    """
    from contrapeso.kernels import describe

    kernels = describe()
    return DoctorResult(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=f"{platform.system()} {platform.machine()}",
        libraries={name: version(name) for name in LIBRARIES},
        kernels=kernels,
        choice=_choice(kernels),
        state_dir=settings.state_dir,
        state_writable=_writable(settings.state_dir),
        database=_database(settings.url),
        extras={extra: all(find_spec(name) for name in modules) for extra, modules in EXTRAS.items()},
    )


def _choice(kernels: Kernels) -> Choice:
    if kernels.backend == "native":
        return "native"
    return "asked" if os.environ.get("CONTRAPESO_KERNELS", "").strip().lower() == "python" else "not_built"


def _writable(folder: Path) -> bool:
    """Whether ``folder`` can be written, or made; it is not made."""
    folder = folder.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _database(url: str) -> Database:
    """Kind of the database; the rest of the URL may hold a password and is not looked at."""
    kind = url.partition(":")[0].partition("+")[0]
    if kind == "sqlite":
        return "sqlite"
    return "postgresql" if kind in {"postgresql", "postgres"} else "unknown"
