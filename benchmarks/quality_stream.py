"""Quality assessment of tables read in chunks: 5,000,000 x 30 real rows against as many, from two Parquet files.

The files are simulated and written before the clock starts, and removed afterwards. Time is that of ``evaluate_chunks``
from opening the files to the report, reading them, models and attacks included; peak memory is that of the whole
process, imports included.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks._record import Measurement, Record, measure, peak_case, wall_case
from benchmarks.quality import limit_threads, simulate

N_ROWS = 5_000_000
CHUNK = 250_000
TARGET_PEAK_MIB = 2000


def write(folder: Path, n_rows: int, chunk: int = CHUNK) -> None:
    """Two simulated tables as Parquet files, made chunk by chunk."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, seed, strength in (("real", 0, 1.0), ("synthetic", 1, 0.8)):
        writer = None
        for start in range(0, n_rows, chunk):
            frame = simulate(min(chunk, n_rows - start), 2 * start + seed, strength=strength)
            table = pa.Table.from_pandas(frame, preserve_index=False)
            writer = writer or pq.ParquetWriter(folder / f"{name}.parquet", table.schema)
            writer.write_table(table)
        if writer is not None:
            writer.close()


def in_chunks(folder: str, depth: str = "full", *, chunk: int = CHUNK) -> Callable[[], object]:
    """``evaluate_chunks`` of two files that are there, on one thread."""
    from contrapeso.quality import evaluate_chunks, parquet_chunks

    limit_threads(one_thread=True)
    real, synthetic = (parquet_chunks(Path(folder) / f"{name}.parquet", chunk) for name in ("real", "synthetic"))

    def run() -> object:
        report = evaluate_chunks(real, synthetic, depth="quick" if depth == "quick" else "full", n_jobs=1)
        return {"score": round(report.overall.value or 0.0, 4), "n_sampled": report.method.n_sampled}

    return run


def measured(n_rows: int, repeat: int = 1) -> tuple[Measurement, Measurement]:
    """The full and the quick assessment of files of ``n_rows``, which are removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="contrapeso-quality-stream-") as folder:
        write(Path(folder), n_rows)
        full, quick = (
            measure(in_chunks, {"folder": folder, "depth": depth}, repeat=repeat) for depth in ("full", "quick")
        )
    return full, quick


def run() -> Record:
    full, quick = measured(N_ROWS)
    return Record(
        "Quality assessment in chunks",
        "5,000,000 x 30 simulated rows against as many, every row counted, from Parquet files, one thread, one repeat.",
        [
            peak_case("evaluate_chunks(), 5,000,000 x 30, peak memory", full, target=TARGET_PEAK_MIB),
            wall_case("evaluate_chunks(), 5,000,000 x 30", full),
            peak_case("evaluate_chunks(depth='quick'), 5,000,000 x 30, peak memory", quick, target=TARGET_PEAK_MIB),
            wall_case("evaluate_chunks(depth='quick'), 5,000,000 x 30", quick),
        ],
        packages=("numpy", "pandas", "pyarrow", "scipy", "lightgbm"),
        notes=(
            f"Score {full.facts['score']}; counts from all rows, models on samples of {full.facts['n_sampled']} rows.",
        ),
    )


__all__ = ["run"]
