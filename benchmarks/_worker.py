"""The process that is measured: it runs what its standard input asks and answers one JSON line per run.

Started by ``_record.measure`` as ``python -m benchmarks._worker``. Standard library only, because
what this process holds before the work starts is counted against the work.
First line of input: {"command": [...]} or {"module", "function", "kwargs", "fresh", "calls"}; every
further line asks for one run of ``calls`` calls; its times are those of one call.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

MIB = 2**20
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes on macOS, KiB elsewhere


def status_mib(key: str) -> float | None:
    """Field of ``/proc/self/status`` in MiB; None where there is no such file."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(key)), None)


def _reset_peak() -> bool:
    """Whether the kernel let the peak of this process start anew (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def _cpu_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def run_call(call: Callable[[], object], calls: int = 1, base: float | None = None) -> dict[str, object]:
    """One run of ``call``: seconds of one of its ``calls``, and the peak of this process.

    ``base`` is what the process held before its first run; what it holds now if it is None. What the C
    library kept from earlier runs is then counted as added, as it is in a first run.
    """
    gc.collect()
    fresh_peak = _reset_peak()
    held = (status_mib("VmRSS:") or 0.0) if base is None else base
    cpu, start = _cpu_s(), time.perf_counter()
    for _ in range(calls):
        result = call()
    wall, cpu = (time.perf_counter() - start) / calls, (_cpu_s() - cpu) / calls
    peak = status_mib("VmHWM:") if fresh_peak else None
    if peak is None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / MIB
    found = result() if callable(result) else result
    facts = found if isinstance(found, dict) else {}
    return {"wall_s": wall, "cpu_s": cpu, "peak_mib": peak, "base_mib": held, "facts": facts}


def run_command(command: list[str]) -> dict[str, object]:
    """One run of a command: seconds, and the peak of it and the processes that it waited for.

    What it says is thrown away, and shown only if it fails.
    """
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            sys.stderr.write(said.read().decode("utf-8", "replace")[-4000:])
            raise SystemExit(f"exit status {process.returncode}: {' '.join(command)}")
    return {
        "wall_s": wall,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss * _RSS_UNIT / MIB,
        "base_mib": 0.0,
        "facts": {},
    }


def _runner(order: dict[str, Any]) -> Callable[[], dict[str, object]]:
    if "command" in order:
        command = list(order["command"])
        return lambda: run_command(command)
    setup = getattr(import_module(str(order["module"])), str(order["function"]))
    kwargs = order["kwargs"]
    if order["fresh"]:
        return lambda: run_call(setup(**kwargs), order["calls"])
    call = setup(**kwargs)
    gc.collect()
    base = status_mib("VmRSS:")
    return lambda: run_call(call, order["calls"], base)


def main() -> None:
    """Answer on the real standard output; whatever the measured code prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    run = _runner(json.loads(sys.stdin.readline()))
    for _ in sys.stdin:
        print(json.dumps(run()), file=answers, flush=True)


if __name__ == "__main__":
    main()
