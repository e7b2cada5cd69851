"""The command line: a skin over ``contrapeso.workflows``. One function a command, no logic of its own."""

from __future__ import annotations

import os
import sys

from contrapeso.errors import ERROR_TABLE


def main() -> None:
    """Run ``contrapeso`` with the arguments of this process and exit with the status of the error table."""
    from contrapeso.cli._app import run

    code = run(sys.argv[1:])
    if code == ERROR_TABLE["cancelled"].exit_code:  # a thread that is fitting a model is not waited for
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


__all__ = ["main"]
