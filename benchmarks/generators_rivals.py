"""The rivals' generators at their defaults on half of Adult, in their own interpreter and process, judged as ours are.

CONTRAPESO_RIVALS_PYTHON names an interpreter that has ctgan and mostlyai-engine (see ``_rivals.py``); without it
nothing is measured. A part: ``python -m benchmarks.generators_rivals --families TVAE --seeds 0``. Rows that a rival
made before are judged again with ``--families CTGAN --rows FILE.parquet --costs FILE.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import pandas as pd

from benchmarks._generation_plan import Asked, carry_out, command_line, from_environment, jobs, summary
from benchmarks._generation_runs import RIVALS, Run, divided, judged, keep
from benchmarks._record import BenchmarkError, Case, Record
from benchmarks.generators import COST, EXCESS, HELD, SCORE, Claim, case, only, reference, shape, trend, useful

NAMES = ("CTGAN", "TVAE", "TabularARGN")
PLAN = tuple(jobs((NAMES, ("adult",), "half", range(1))))
CLAIMS = (
    COST,
    Claim("sampling as many rows, CPU", lambda run: run.sample_cpu_s, "s"),
    Claim("peak memory", lambda run: run.peak_mib, "MiB"),
    Claim("shape error", shape, "%"),
    Claim("trend error", trend, "%"),
    *(Claim(claim.what, claim.figure, claim.unit) for claim in EXCESS),
    HELD,
    SCORE,
    Claim("TSTR AUC", useful, "", better="higher"),
    Claim("DCR share of the learnt half", lambda run: run.dcr_share, "%"),
)


def rival_cases(runs: Sequence[Run]) -> list[Case]:
    """All figures of every rival, without targets."""
    cases = []
    for name in NAMES:
        if found := only(runs, name, "adult"):
            epochs = fmean(run.epochs or 0 for run in found)
            remarks = {COST.what: f"{epochs:g} epochs, version {found[0].version}", "shape error": reference(found)}
            cases += [case(found, claim, remarks.get(claim.what, "")) for claim in CLAIMS]
    return cases


def record(runs: Sequence[Run]) -> Record:
    """The page of all kept runs of rivals."""
    if not runs:
        raise BenchmarkError("No run of a rival is kept; measure some first.")
    return Record(
        "Generators of others",
        "Rivals at their defaults on a random half of Adult, in their own process on one core and thread, CPU seconds "
        "without imports; the same judge as for ours.",
        rival_cases(runs),
        packages=("numpy", "pandas", "sdmetrics"),
        notes=(
            f"C2ST and TSTR by {', '.join(sorted({run.judge for run in runs}))}.",
            (
                "CTGAN and TVAE: ctgan (Business Source License), 300 epochs. TabularARGN: mostlyai-engine "
                "(Apache-2.0), early stopping, value protection off. They are no dependency of the project."
            ),
        ),
    )


def run(asked: Asked | None = None) -> Record:
    """Measure what is asked for and make the record of all kept runs."""
    return record(carry_out(PLAN, asked or from_environment(), rival=True, path=RIVALS))


def judge_again(name: str, rows: Path, costs: Path, seed: int = 0) -> Run:
    """The run that rows and costs, kept from an earlier fit on half of Adult, make."""
    parts, base = divided("adult", seed, "half")
    found = judged(name, "adult", seed, "half", parts, base, json.loads(costs.read_text()), pd.read_parquet(rows))
    keep([found], RIVALS)
    print(summary(found), file=sys.stderr)
    return found


def main() -> None:
    """The command line; ``--rows`` judges rows that are there already."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--costs", type=Path)
    given, rest = parser.parse_known_args()
    if given.rows and given.costs:
        name = rest[rest.index("--families") + 1]
        judge_again(name, given.rows, given.costs)
        rest = ["--render"]
    sys.argv[1:] = rest
    command_line("generators_rivals", run)


if __name__ == "__main__":
    main()
