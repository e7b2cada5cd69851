"""Quality assessment of tables read in chunks: 5,000,000 x 30 real rows against as many, from two Parquet files.

The files are simulated and written before the clock starts. Time is that of ``evaluate_chunks`` from opening the files
to the report, reading them included; peak memory is that of the whole process, imports included.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks._record import Record, measure, peak_case, wall_case
from benchmarks.quality import limit_threads, simulate

N_ROWS = 5_000_000
CHUNK = 250_000
TARGET_WALL_S = 90
TARGET_PEAK_MB = 2000


def written(folder: Path, n_rows: int, chunk: int) -> tuple[Path, Path]:
    """Two simulated tables as Parquet files, made chunk by chunk; files that are there are kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    paths = []
    for name, seed, strength in (("real", 0, 1.0), ("synthetic", 1, 0.8)):
        path = folder / f"{name}_{n_rows}.parquet"
        paths.append(path)
        if path.exists():
            continue
        part = path.with_suffix(".part")
        writer = None
        for start in range(0, n_rows, chunk):
            frame = simulate(min(chunk, n_rows - start), 2 * start + seed, strength=strength)
            table = pa.Table.from_pandas(frame, preserve_index=False)
            writer = writer or pq.ParquetWriter(part, table.schema)
            writer.write_table(table)
        if writer is not None:
            writer.close()
        part.rename(path)
    return paths[0], paths[1]


def in_chunks(n_rows: int, *, chunk: int = CHUNK, one_thread: bool = False) -> Callable[[], object]:
    """``evaluate_chunks`` of two files that are there."""
    from contrapeso.quality._stream import evaluate_chunks, parquet_chunks

    limit_threads(one_thread=one_thread)
    folder = Path(tempfile.gettempdir()) / "contrapeso-quality-stream"
    folder.mkdir(exist_ok=True)
    real, synthetic = written(folder, n_rows, chunk)

    def run() -> object:
        report = evaluate_chunks(parquet_chunks(real, chunk), parquet_chunks(synthetic, chunk))
        return {"score": round(report.overall.value or 0.0, 4), "grade": report.grade}

    return run


def make(n_rows: int = N_ROWS) -> None:
    """Write the files, in a process whose memory is not measured."""
    folder = Path(tempfile.gettempdir()) / "contrapeso-quality-stream"
    folder.mkdir(exist_ok=True)
    written(folder, n_rows, CHUNK)


def run() -> Record:
    make()
    found = measure(in_chunks, {"n_rows": N_ROWS, "one_thread": True}, repeat=5)
    return Record(
        "Quality assessment in chunks",
        "5,000,000 x 30 simulated rows against as many, every row counted, from Parquet files.",
        [
            wall_case("evaluate_chunks(), 5,000,000 x 30, one thread", found),
            peak_case("evaluate_chunks(), 5,000,000 x 30, peak memory", found),
        ],
        packages=("numpy", "pandas", "pyarrow", "scipy"),
        notes=(f"Targets: under {TARGET_WALL_S} s and {TARGET_PEAK_MB} MB. Score {found.facts['score']}.",),
    )


if __name__ == "__main__":
    make(int(sys.argv[1]) if len(sys.argv) > 1 else N_ROWS)
