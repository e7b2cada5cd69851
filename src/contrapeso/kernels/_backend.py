"""Which kernels run: the native module where it was built and is wanted, the pure ones otherwise."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Literal

from contrapeso.errors import InvalidParameterError

VARIABLE = "CONTRAPESO_KERNELS"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kernels:
    """The kernels in use: ``backend``, instruction set, those the processor has, threads and the reason."""

    backend: Literal["native", "python"]
    isa: str
    isas: tuple[str, ...]
    threads: int
    reason: str


@cache
def native() -> ModuleType | None:
    """The native module, or None where the pure kernels are to be used.

    Raises
    ------
    InvalidParameterError
        If ``CONTRAPESO_KERNELS`` is not ``auto``, ``native`` or ``python``, or asks for a native module that
        was not built.
    """
    wanted = os.environ.get(VARIABLE, "auto").strip().lower() or "auto"
    if wanted not in {"auto", "native", "python"}:
        raise InvalidParameterError(f"{VARIABLE} must be 'auto', 'native' or 'python'; got {wanted!r}.")
    if wanted == "python":
        return None
    try:
        from contrapeso.kernels import _native
    except ImportError as error:
        if wanted == "native":
            raise InvalidParameterError(
                f"{VARIABLE}=native, but the native kernels were not built ({error}). Install a wheel or a C++20 "
                "compiler and install again, or set it to 'auto'."
            ) from error
        logger.warning(
            "The native kernels were not built for this machine: the pure ones give the same answers, slower. "
            "`contrapeso doctor` says more; %s=python silences this.",
            VARIABLE,
        )
        return None
    module: ModuleType = _native
    return module


def describe() -> Kernels:
    """Facts about the kernels in use."""
    module = native()
    threads = n_threads(None)
    if module is not None:
        return Kernels("native", module.isa(), tuple(module.isas()), threads, "built and chosen")
    forced = os.environ.get(VARIABLE, "").strip().lower() == "python"
    reason = f"{VARIABLE}=python" if forced else "the native module was not built for this machine"
    return Kernels("python", "numpy", ("numpy",), threads, reason)


def n_threads(n_jobs: int | None) -> int:
    """Threads for ``n_jobs``: None and -1 are all cores, -2 all but one, and so on (joblib's convention)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if n_jobs is None:
        return cores
    if isinstance(n_jobs, bool) or n_jobs == 0:
        raise InvalidParameterError(f"n_jobs must be a positive or negative whole number or None; got {n_jobs!r}.")
    return int(n_jobs) if n_jobs > 0 else max(1, cores + 1 + int(n_jobs))


__all__ = ["Kernels", "describe", "n_threads", "native"]
