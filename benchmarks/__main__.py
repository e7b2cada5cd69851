"""``python -m benchmarks [names] [--docs]``: measure, keep the records, write the page."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

from benchmarks._docs import write
from benchmarks._record import BenchmarkError, Record, save


def names() -> list[str]:
    """Benchmark modules of this package."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def run(name: str) -> None:
    """Run one benchmark and keep its record."""
    module = import_module(f"benchmarks.{name}")
    load_before = os.getloadavg()[0]
    record: Record = module.run()
    save(name, record, load_before=load_before)
    for case in record.cases:
        verdict = {True: "met", False: "MISSED", None: ""}[case.met]
        ratio = f"  ratio {case.ratio.median:.3g}" if case.ratio else ""
        print(f"{name}: {case.claim}: {case.measured.median:.4g} {case.unit}{ratio}  {verdict}".rstrip())


def main() -> None:
    """Parse the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"benchmarks to run (default: all): {', '.join(names())}")
    parser.add_argument("--docs", action="store_true", help="measure nothing, only write docs/benchmarks.md")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(names()))
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(names())}")
    failed = [name for name in ([] if options.docs else options.names or names()) if not _tried(name)]
    print(f"wrote {write().name}", file=sys.stderr)
    sys.exit(1 if failed else 0)


def _tried(name: str) -> bool:
    """Whether the benchmark ran; one that cannot keeps its earlier record and does not stop the others."""
    try:
        run(name)
    except BenchmarkError as error:
        print(f"{name}: not measured: {error}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    main()
