"""Who makes rows in the finance benchmarks: stand-ins, rivals in an interpreter of their own, and ours.

The naive method is what a first attempt does: amounts of a normal law clipped at a centavo to a thousand, days uniform
in the span, a text from a word list. Every maker gives as many rows of a category as the training slice has.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd

from benchmarks._generation_runs import RIVALS_PYTHON
from benchmarks._record import ROOT, BenchmarkError
from contrapeso._rng import generator, seed_sequence
from contrapeso.finance._ledger import Ledger, ledger_of
from contrapeso.finance.evaluation import DraftedRows, resample_rows

WORDS = ("pagamento", "compra", "transferência", "serviço", "depósito")
CEILING_CENTS = 100_000
OURS = ("pattern_based", "smote", "synthetic")
STAND_INS = ("bootstrap", "naive")
RIVALS = ("copula", "ctgan")


def naive(train: Ledger, category: str, n: int, method: str, seed: int) -> Ledger:  # noqa: ARG001
    """Clipped normal amounts, uniform days, a word list."""
    rows = train.take(train.categories == category)
    rng = generator(seed_sequence(seed), 77)
    cents = np.clip(rng.normal(rows.cents.mean(), rows.cents.std(), n).round(), 1, CEILING_CENTS).astype(np.int64)
    first, last = train.days.min().astype(np.int64), train.days.max().astype(np.int64)
    days = rng.integers(first, last + 1, n).astype("datetime64[D]")
    texts = [WORDS[i] for i in rng.integers(0, len(WORDS), n)]
    return ledger_of(days, cents, texts, categories=[category] * n, currency=train.currency)


OWN = DraftedRows()


def make(train: Ledger, category: str, n: int, method: str, seed: int) -> Ledger:
    """The maker of the product's functions: stand-ins by name, ours else."""
    if method == "bootstrap":
        return resample_rows(train, category, n, method, seed)
    return (naive if method == "naive" else OWN)(train, category, n, method, seed)


def made_by(name: str, train: Ledger, wanted: list[str], seed: int) -> tuple[Ledger, float]:
    """Rows of every category of ``wanted``, as many as the training slice has, and processor seconds.

    Raises
    ------
    BenchmarkError
        If a rival is asked for where ``CONTRAPESO_RIVALS_PYTHON`` names no interpreter, or it fails.
    """
    if name in RIVALS:
        return _rival(name, train.take(np.isin(train.categories.astype(str), wanted)), seed)
    start = process_time()
    parts = [make(train, category, int((train.categories == category).sum()), name, seed) for category in wanted]
    columns = [column for column in Ledger.__dataclass_fields__ if column != "currency"]
    joined = {column: np.concatenate([getattr(part, column) for part in parts]) for column in columns}
    return Ledger(**joined, currency=train.currency), process_time() - start


def _rival(name: str, train: Ledger, seed: int) -> tuple[Ledger, float]:
    python = os.environ.get(RIVALS_PYTHON)
    if not python or not Path(python).is_file():
        raise BenchmarkError(f"{RIVALS_PYTHON} names no interpreter with copulas, rdt and ctgan")
    days = train.days.astype(np.int64)
    frame = pd.DataFrame(
        {"category": train.categories, "amount": train.cents / 100, "day": days, "text": train.descriptions}
    )
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "train.parquet", Path(folder) / "made.parquet"
        frame.to_parquet(given)
        script = str(ROOT / "benchmarks" / "_finance_rivals.py")
        settings = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        command = [python, script, name, str(given), str(out), "--seed", str(seed)]
        done = subprocess.run(command, capture_output=True, text=True, env=settings, check=False)
        if done.returncode:
            raise BenchmarkError(f"{name} failed: {done.stderr.strip().splitlines()[-1:]}")
        made = pd.read_parquet(out)
    return _as_ledger(made, train.currency), float(json.loads(done.stdout.strip().splitlines()[-1])["cpu_s"])


def _as_ledger(made: pd.DataFrame, currency: str) -> Ledger:
    days = made["day"].round().astype(np.int64).to_numpy().astype("datetime64[D]")
    cents = (made["amount"] * 100).round().astype(np.int64)
    return ledger_of(days, cents, made["text"], categories=made["category"], currency=currency)


__all__ = ["OURS", "RIVALS", "STAND_INS", "made_by", "make", "naive"]
