"""What a command says: a table for a person, JSON for a program, progress only on a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from contrapeso.errors import ContrapesoError
from contrapeso.progress import Progress, ProgressCallback, silent

if TYPE_CHECKING:
    from rich.console import RenderableType

Language = Literal["pt", "en"]
WIDE = 200
"""Columns of a pipe, where nothing needs to be folded."""


class Result(Protocol):
    """Anything a workflow returns."""

    def to_dict(self) -> dict[str, object]:
        """JSON-ready form."""


def system_language() -> Language:
    """Portuguese where the locale of the environment says so, otherwise English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "pt" if value.casefold().startswith("pt") else "en"
    return "en"


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command's words go. ``as_json`` prints one JSON object and nothing else."""

    as_json: bool
    language: Language

    def show(self, result: Result, *parts: RenderableType) -> None:
        """The result on standard output."""
        if self.as_json:
            self._dump({"success": True, "data": result.to_dict()})
            return
        from rich.console import Console

        on_terminal = sys.stdout.isatty()
        console = Console(highlight=False, soft_wrap=not on_terminal, width=None if on_terminal else WIDE)
        for part in parts:
            console.print(part)

    def fail(self, error: ContrapesoError) -> int:
        """The error on standard error (JSON: standard output); its exit code."""
        if self.as_json:
            answer = {"success": False, "error": str(error), "code": error.code, "details": error.details}
            self._dump(answer)
        else:
            word = "erro" if self.language == "pt" else "error"
            sys.stderr.write(f"{word} [{error.code}]: {error}\n")
        return error.exit_code

    @contextmanager
    def progress(self) -> Iterator[ProgressCallback]:
        """A callback that draws a bar on a terminal and is silent in a pipe."""
        if self.as_json or not sys.stderr.isatty():
            yield silent
            return
        from rich.console import Console
        from rich.progress import Progress as Bar

        with Bar(console=Console(stderr=True), transient=True) as bar:
            tasks: dict[str, int] = {}

            def draw(at: Progress) -> None:
                if at.step not in tasks:
                    tasks[at.step] = int(bar.add_task(at.step, total=at.total))
                bar.update(tasks[at.step], completed=at.done, total=at.total)  # type: ignore[arg-type]

            yield draw

    def _dump(self, answer: dict[str, object]) -> None:
        json.dump(answer, sys.stdout, ensure_ascii=False, indent=2, default=str)
        sys.stdout.write("\n")


__all__ = ["Language", "Output", "Result", "system_language"]
