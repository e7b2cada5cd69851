"""The command line: a skin over ``contrapeso.workflows``. One function a command, no logic of its own."""

from __future__ import annotations

import sys


def main() -> None:
    """Run ``contrapeso`` with the arguments of this process and exit with the status of the error table."""
    from contrapeso.cli._app import run

    sys.exit(run(sys.argv[1:]))


__all__ = ["main"]
