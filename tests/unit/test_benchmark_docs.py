"""docs/benchmarks.md says what the records say, misses included, and the records say nothing private."""

import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import _docs, _record
from benchmarks.__main__ import names
from benchmarks._record import BenchmarkError, Case, Record, Spread, compare, measure, pair_case, save

RECORDS = _docs.load()
SIDES = ("wall", "cpu", "peak", "extra")


def case(**changes: Any) -> Case:
    fields: dict[str, Any] = {"claim": "work", "measured": Spread(2.0, 1.0, 3.0, 5), "unit": "s"}
    return Case(**fields | changes)


def waste(megabytes: int) -> Callable[[], object]:
    """Set-up of a job that holds this much memory for a moment."""
    return lambda: {"bytes": len(bytearray(megabytes * 2**20))}


def settings() -> Callable[[], object]:
    """Set-up of a job that tells how many threads the numerical libraries are held to."""
    return lambda: {name: os.environ.get(name) for name in _record.THREAD_VARIABLES}


def counted() -> Callable[[], object]:
    """Set-up of a job that sleeps 10 ms and whose facts are made, slowly, when the clock has stopped."""
    made: list[int] = []

    def facts() -> dict[str, int]:
        time.sleep(0.2)
        return {"calls": len(made)}

    def run() -> object:
        made.append(1)
        time.sleep(0.01)
        return facts

    return run


def kept_and_waste() -> Callable[[], object]:
    """Set-up of a job that holds 32 MiB more after every run."""
    kept: list[bytearray] = []
    return lambda: kept.append(bytearray(b"1" * 32 * 2**20))


def broken() -> Callable[[], object]:
    raise ValueError("the set-up fails")


def test_the_page_is_exactly_what_the_records_render_to() -> None:
    assert _docs.PAGE.read_text(encoding="utf-8") == _docs.render(RECORDS), "run python -m benchmarks --docs"


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["title"])
def test_records_hold_no_path_and_no_host(record: dict[str, Any]) -> None:
    text = json.dumps(record)
    assert socket.gethostname() not in text or len(socket.gethostname()) < 4
    top_folders = {path.parts[1] for path in (Path.home(), _record.ROOT, Path(tempfile.gettempdir())) if path.parts[1:]}
    for private in {str(Path.home()), str(_record.ROOT), *(f"/{folder}/" for folder in {*top_folders, "home"})}:
        assert private not in text


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["title"])
def test_every_kept_verdict_is_the_one_that_its_numbers_give(record: dict[str, Any]) -> None:
    for kept in record["cases"]:
        spreads = {key: Spread(**kept[key]) if kept[key] else None for key in ("measured", "rival", "ratio")}
        fields = {key: value for key, value in kept.items() if key != "met"} | spreads
        assert Case(**fields).met is kept["met"]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["title"])
def test_every_record_can_be_measured_again_by_its_command(record: dict[str, Any]) -> None:
    start, name = record["command"].rsplit(" ", 1)
    assert start == "python -m benchmarks"
    assert name in names()


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        ({}, None),
        ({"target": 2.0}, True),
        ({"target": 1.99}, False),
        ({"target": 2.0, "better": "higher"}, True),
        ({"target": 2.01, "better": "higher"}, False),
        ({"target": 1.0, "judged": "ratio", "ratio": Spread(0.9, 0.8, 1.2, 5)}, True),
        ({"target": 0.5, "judged": "ratio", "ratio": Spread(0.9, 0.8, 1.2, 5)}, False),
    ],
)
def test_a_target_is_judged_by_the_median(changes: dict[str, Any], met: bool | None) -> None:
    assert case(**changes).met is met


def test_a_miss_is_shown_as_missed_and_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_record, "RESULTS", tmp_path)
    slow = case(claim="slow", target=1.0, judged="ratio", rival=Spread(1, 1, 1, 5), ratio=Spread(2, 1, 3, 5))
    heavy = case(claim="heavy", unit="MiB", target=1.5)
    save("sample", Record("Sample", "What.", [slow, heavy, case(claim="free", note="why")]), load_before=0.5)
    page = _docs.render(_docs.load(tmp_path))
    assert page.count("**missed**") == 2
    assert "- heavy: the target was at most 1.50 MiB, measured was 2.00 MiB." in page
    assert "- free: why" in page
    assert "| free | 2.00 s [1.00 to 3.00] | – | – | – | no target |" in page
    assert "load before the run 0.5" in page


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.001234, "0.00123"), (0.0999, "0.0999"), (1.005, "1.00"), (12.345, "12.3"), (1234.5, "1,234")],
)
def test_numbers_have_three_digits_and_no_exponent(value: float, text: str) -> None:
    assert _docs.number(value) == text


def test_nothing_measured_is_said() -> None:
    assert "Nothing has been measured yet." in _docs.render([])


def test_a_job_is_measured_in_its_own_process() -> None:
    found = measure(waste, {"megabytes": 64}, repeat=2)
    assert found.facts == {"bytes": 64 * 2**20}
    assert 60 < found.extra_mib.median < 80
    assert found.wall_s.n == 2


def test_a_command_is_measured_with_its_memory() -> None:
    found = measure([sys.executable, "-c", "print(len(bytearray(96 * 2**20)))"], repeat=1)
    assert 96 < found.peak_mib.median < 160
    assert found.cpu_s.median > 0


def test_ours_and_the_rival_run_in_pairs() -> None:
    pair = compare(waste, waste, {"megabytes": 8}, repeat=3, warmup=0)
    assert pair.wall_ratio.n == 3
    assert pair.peak_ratio.median == pytest.approx(1, abs=0.1)
    made = pair_case("same work", pair, "itself", of="peak", target=1.2)
    assert (made.met, made.unit, made.rival_name) == (True, "MiB", "itself")


@pytest.mark.parametrize(("side", "unit"), [("wall", "s"), ("cpu", "s"), ("peak", "MiB"), ("extra", "MiB")], ids=str)
def test_a_case_shows_the_side_that_it_names(side: _record.Side, unit: str) -> None:
    ours, rival, ratio = ({key: Spread.of([i + 10 * part]) for i, key in enumerate(SIDES)} for part in range(3))
    mine, theirs = (
        _record.Measurement(found["wall"], found["cpu"], found["peak"], found["extra"]) for found in (ours, rival)
    )
    pair = _record.Pair(mine, theirs, ratio["wall"], ratio["peak"], ratio["cpu"], ratio["extra"])
    made = pair_case("work", pair, "rival", of=side)
    assert (made.measured, made.rival, made.ratio, made.unit) == (ours[side], rival[side], ratio[side], unit)


def test_the_libraries_of_a_measured_process_are_held_to_the_threads_asked_for() -> None:
    assert set(measure(settings, repeat=1, threads=3).facts.values()) == {"3"}
    assert measure(settings, repeat=1).facts["OMP_NUM_THREADS"] == os.environ.get("OMP_NUM_THREADS")


def test_of_many_calls_the_time_of_one_is_kept_and_facts_are_made_off_the_clock() -> None:
    found = measure(counted, repeat=2, calls=4)
    assert found.facts == {"calls": 8}
    assert 0.01 <= found.wall_s.low < 0.06


def test_memory_added_counts_from_before_the_first_run() -> None:
    found = measure(kept_and_waste, repeat=3)
    assert found.extra_mib.low < 90 < found.extra_mib.high


@pytest.mark.parametrize("job", [broken, [sys.executable, "-c", "raise SystemExit(3)"]], ids=["call", "command"])
def test_a_job_that_fails_is_an_error_and_no_number(job: Any) -> None:
    with pytest.raises(BenchmarkError, match="exit status"):
        measure(job, repeat=1)


def test_a_job_that_another_process_cannot_import_is_refused() -> None:
    with pytest.raises(BenchmarkError, match="top level"):
        measure(lambda: lambda: None, repeat=1)
