"""The rivals' side of the benchmark of generators: fit one of them on a Parquet file and write rows and costs.

Run as a script by the interpreter that ``CONTRAPESO_RIVALS_PYTHON`` names, because the rivals are no
dependency of the project (ctgan is under the Business Source License)::

    pip install torch ctgan mostlyai-engine pandas pyarrow
    python benchmarks/_rivals.py CTGAN train.parquet out.parquet --rows 1000 --seed 0 --categorical a,b

It imports nothing of the project, and answers on its last line of output with one JSON object.
Importing the rival is not timed; reading the table and writing the rows are not either.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

Job = tuple[Callable[[], object], Callable[[], pd.DataFrame], Callable[[], dict[str, object]]]
PACKAGES = {"CTGAN": "ctgan", "TVAE": "ctgan", "TabularARGN": "mostlyai-engine"}


def ctgan_family(name: str, train: pd.DataFrame, rows: int, seed: int, categorical: Sequence[str]) -> Job:
    """CTGAN or TVAE at their defaults (300 epochs) on the processor; what their encoder takes is told apart."""
    import ctgan
    import torch
    from ctgan.data_transformer import DataTransformer

    torch.set_num_threads(1)
    model = getattr(ctgan, name)(enable_gpu=False)
    model.set_random_state(seed)
    encoding = _timed_methods(DataTransformer, ("fit", "transform"))

    def facts() -> dict[str, object]:
        epochs = int(model._epochs) if hasattr(model, "_epochs") else int(model.epochs)
        return {"epochs": epochs, "encoding_cpu_s": sum(encoding)}

    return lambda: model.fit(train, list(categorical)), lambda: model.sample(rows), facts


def argn(_: str, train: pd.DataFrame, rows: int, seed: int, categorical: Sequence[str]) -> Job:
    """TabularARGN of mostlyai-engine: defaults but for value protection, which is off as it is for the others."""
    from mostlyai import engine

    folder = tempfile.TemporaryDirectory()
    engine.set_random_state(seed)
    kinds = {column: "TABULAR_CATEGORICAL" if column in set(categorical) else "AUTO" for column in train}
    chosen = {column: kind for column, kind in kinds.items() if kind != "AUTO"}

    def fit() -> None:
        engine.split(tgt_data=train, workspace_dir=folder.name, tgt_encoding_types=chosen or None)
        engine.analyze(workspace_dir=folder.name, value_protection=False)
        engine.encode(workspace_dir=folder.name)
        engine.train(workspace_dir=folder.name, device="cpu")

    def sample() -> pd.DataFrame:
        engine.generate(workspace_dir=folder.name, sample_size=rows, device="cpu")
        made = pd.read_parquet(Path(folder.name) / "SyntheticData")
        return made[list(train)]

    return fit, sample, lambda: _argn_facts(Path(folder.name))


def _argn_facts(folder: Path) -> dict[str, object]:
    progress = folder / "ModelStore" / "model-data" / "progress-messages.csv"
    if not progress.is_file():
        return {}
    return {"epochs": float(pd.read_csv(progress)["epoch"].max())}


def _timed_methods(kind: type, methods: Sequence[str]) -> list[float]:
    """List that every later call of these methods adds its processor seconds to."""
    spent: list[float] = []

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            start = time.process_time()
            try:
                return method(*args, **options)
            finally:
                spent.append(time.process_time() - start)

        return call

    for name in methods:
        setattr(kind, name, timed(getattr(kind, name)))
    return spent


RIVALS: dict[str, Callable[..., Job]] = {"CTGAN": ctgan_family, "TVAE": ctgan_family, "TabularARGN": argn}


def cpu_s() -> float:
    """Processor seconds of this process and of the children that it waited for."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rival", choices=sorted(RIVALS))
    parser.add_argument("train", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--categorical", default="", help="names of the categorical columns, as a JSON list")
    given = parser.parse_args()
    train = pd.read_parquet(given.train)
    categorical = json.loads(given.categorical) if given.categorical else []
    fit, sample, facts = RIVALS[given.rival](given.rival, train, given.rows, given.seed, categorical)
    start = cpu_s()
    fit()
    fitted = cpu_s()
    made = sample()
    sampled = cpu_s()
    made.to_parquet(given.out)
    answer = {
        "fit_cpu_s": fitted - start,
        "sample_cpu_s": sampled - fitted,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "version": metadata.version(PACKAGES[given.rival]),
        **facts(),
    }
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
