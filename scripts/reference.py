"""Write docs/reference.md: every command with its help, every setting, every error code. `--check` only compares."""

import contextlib
import io
import os
import sys
from pathlib import Path

os.environ.update(COLUMNS="100", TERMINAL_WIDTH="100", NO_COLOR="1", LC_ALL="C.UTF-8")

from contrapeso.cli._app import app, run
from contrapeso.config import Settings
from contrapeso.errors import ERROR_TABLE

TARGET = Path(__file__).resolve().parents[1] / "docs" / "reference.md"
PLAIN_ENVIRONMENT = {"database_url", "log_level", "log_file"}

KERNELS = (
    "Two more variables belong to no deployment. `CONTRAPESO_KERNELS` chooses the kernels when they are first used: "
    "`auto` (the native ones where they were compiled), `native` (an error where they were not) or `python`; "
    "`contrapeso doctor` says which are in use. `CONTRAPESO_PURE=1` at installation leaves the native ones out."
)


def help_of(*command: str) -> str:
    """What `contrapeso COMMAND --help` prints, without trailing blanks."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        run([*command, "--help"])
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def command_names() -> list[tuple[str, ...]]:
    """Words of every command in the order of the help; a group before its commands."""
    names = [(str(command.name or command.callback.__name__),) for command in app.registered_commands]
    for group in app.registered_groups:
        inner = group.typer_instance
        names.append((str(inner.info.name),))
        names += [(str(inner.info.name), str(c.name or c.callback.__name__)) for c in inner.registered_commands]
    return names


def commands() -> str:
    """A section for every command."""
    blocks = [f"```text\n{help_of()}\n```"]
    blocks += [f"### contrapeso {' '.join(name)}\n\n```text\n{help_of(*name)}\n```" for name in command_names()]
    return "## Commands\n\n" + "\n\n".join(blocks)


def settings() -> str:
    """One row for every setting."""
    rows = ["| setting | environment | default | what it is |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        variable = name.upper() if name in PLAIN_ENVIRONMENT else f"CONTRAPESO_{name.upper()}"
        default = "the user's data folder" if name == "state_dir" else f"`{field.default}`"
        rows.append(f"| `{name}` | `{variable}` | {default} | {field.description} |")
    return (
        "## Settings\n\nArguments win over the environment, the environment over `contrapeso.toml` in the working "
        "directory.\n\n" + "\n".join(rows) + "\n\n" + KERNELS
    )


def errors() -> str:
    """One row for every error code."""
    rows = ["| code | exit | HTTP | meaning |", "|---|---|---|---|"]
    rows += [f"| `{code}` | {e.exit_code} | {e.http_status} | {e.meaning} |" for code, e in ERROR_TABLE.items()]
    return (
        '## Error codes\n\nWith `--json` an error is `{"success": false, "error": ..., "code": ..., '
        '"details": {...}}` on standard output; otherwise a sentence on standard error. '
        "Exit code 0 is success, 130 an interruption.\n\n" + "\n".join(rows)
    )


def reference() -> str:
    """The whole page."""
    note = "<!-- made by scripts/reference.py; do not edit -->"
    return "\n\n".join(["# Reference", note, commands(), settings(), errors()]) + "\n"


if __name__ == "__main__":
    page = reference()
    if "--check" in sys.argv:
        sys.exit(0 if TARGET.read_text(encoding="utf-8") == page else "docs/reference.md is out of date")
    TARGET.write_text(page, encoding="utf-8")
