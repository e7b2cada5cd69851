"""What importing the samplers costs, in interpreters started anew."""

from __future__ import annotations

import sys

from benchmarks._record import Case, Record, compare, measure, pair_case

REPEAT = 9
TARGET = 0.4
WHOLE = ("import contrapeso.samplers", "import imblearn.over_sampling")
ONE = ("from contrapeso.samplers import SMOTE", "from imblearn.over_sampling import SMOTE")


def _command(line: str) -> list[str]:
    return [sys.executable, "-c", line]


def _pair(lines: tuple[str, str], target: float, repeat: int) -> list[Case]:
    pair = compare(_command(lines[0]), _command(lines[1]), repeat=repeat, warmup=2)
    claim = f"`{lines[0]}`"
    return [
        pair_case(f"{claim}: processor time", pair, f"`{lines[1]}`", of="cpu", target=target),
        pair_case(f"{claim}: wall time", pair, f"`{lines[1]}`", target=target),
        pair_case(f"{claim}: peak memory", pair, f"`{lines[1]}`", of="peak"),
    ]


def run(repeat: int = REPEAT) -> Record:
    """Both packages, both ways, and an interpreter that imports nothing."""
    bare = measure(_command("pass"), repeat=repeat, warmup=2)
    return Record(
        "Import time against imbalanced-learn",
        "Each import is the only line of a Python interpreter started anew, its start and end included; "
        "bytecode files and the disk's cache are warm.",
        [
            *_pair(WHOLE, TARGET, repeat),
            *_pair(ONE, TARGET, repeat),
            Case("`pass`, the interpreter alone: processor time", bare.cpu_s, "s"),
            Case("`pass`, the interpreter alone: wall time", bare.wall_s, "s"),
        ],
        notes=(
            (
                "Names of `contrapeso.samplers` are loaded where they are first used; the import of one sampler by "
                "name is what a script waits for, and is held to the same target. What it waits for is scikit-learn."
            ),
        ),
        packages=("numpy", "scipy", "scikit-learn", "pandas", "imbalanced-learn"),
    )
