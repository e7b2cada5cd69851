"""The process that fits one of our synthesizers on a Parquet file and writes rows and costs.

``python -m benchmarks._generation_fit Autoregressive train.parquet out.parquet --rows 1000 --seed 0``. It keeps to
one thread and answers on its last line of output with one JSON object, as ``_rivals.py`` does. Imports are not timed,
reading the table and writing the rows are not either. ``--target`` and ``--per-class`` make rows of given classes;
``--stream`` gives the synthesizer the file instead of the table.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks._worker import status_mib

FAMILIES = {
    "Mixture": "MixtureSynthesizer",
    "Autoregressive": "AutoregressiveSynthesizer",
    "VAE": "VAESynthesizer",
    "GAN": "GANSynthesizer",
    "ConditionalGAN": "ConditionalGANSynthesizer",
    "Diffusion": "DiffusionSynthesizer",
    "Transformer": "TransformerSynthesizer",
}
WITHOUT_TORCH = ("Mixture",)


def synthesizer(family: str, seed: int, options: dict[str, Any]) -> Any:
    """An unfitted synthesizer of this family; torch is imported, and held to one thread, where it will be used."""
    from contrapeso import generators

    if family not in WITHOUT_TORCH:
        import torch

        torch.set_num_threads(1)
    if "training" in options:
        options = {**options, "training": generators.Training(**options["training"])}
    return getattr(generators, FAMILIES[family])(random_state=seed, **options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=sorted(FAMILIES))
    parser.add_argument("train", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--options", default="{}", help="arguments of the synthesizer, as a JSON object")
    parser.add_argument("--target", help="column whose classes are sampled")
    parser.add_argument("--per-class", help="rows of every class, as a JSON list of pairs")
    parser.add_argument("--stream", action="store_true", help="fit on the file")
    given = parser.parse_args()
    model = synthesizer(given.family, given.seed, json.loads(given.options))
    table: Any = given.train if given.stream else pd.read_parquet(given.train)
    held = status_mib("VmRSS:")
    start = time.process_time()
    model.fit(table, **({"target": given.target} if given.target else {}))
    fitted = time.process_time()
    if given.per_class:
        made = model.sample(n_per_class=dict(json.loads(given.per_class)), random_state=given.seed)
    else:
        made = model.sample(given.rows, random_state=given.seed)
    sampled = time.process_time()
    made.to_parquet(given.out)
    answer = {
        "fit_cpu_s": fitted - start,
        "sample_cpu_s": sampled - fitted,
        "peak_mib": status_mib("VmHWM:"),
        "held_mib": held,
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
