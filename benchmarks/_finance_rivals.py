"""The rivals' side of the finance benchmark: fit one on a table of movements and write as many of each category.

Run as a script by the interpreter that ``CONTRAPESO_RIVALS_PYTHON`` names, because the rivals are no dependency of the
project (SDV and ctgan are under the Business Source License)::

    pip install sdv            # or: pip install copulas rdt ctgan
    python benchmarks/_finance_rivals.py copula train.parquet out.parquet --seed 0

The table has the columns category, amount (units), day (days since 1970) and text. ``copula`` is SDV's
GaussianCopulaSynthesizer, or, where sdv is absent, its model itself: rdt's default transformers and copulas'
GaussianMultivariate with beta marginals; one for each category. ``ctgan`` is one CTGAN of 300 epochs over all
categories, from which rows of each category are drawn until there are enough. Texts are a categorical column of the 40
most frequent of the category. It imports nothing of the project; processor seconds are the last line.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

N_TEXTS = 40
N_TRIES = 20


def few_texts(train: pd.DataFrame) -> pd.DataFrame:
    """The table with the 40 most frequent texts of each category; the others are one more."""
    often = train.groupby("category")["text"].transform(lambda c: c.isin(c.value_counts().index[:N_TEXTS]))
    return train.assign(text=train["text"].where(often, "outros"))


def copula(train: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A Gaussian copula for each category."""
    parts = []
    for name, rows in train.groupby("category"):
        columns = rows[["amount", "day", "text"]].reset_index(drop=True)
        made = _sdv_copula(columns, seed) if _has_sdv() else _plain_copula(columns, seed)
        parts.append(made.assign(category=name))
    return pd.concat(parts, ignore_index=True)


def _has_sdv() -> bool:
    try:
        import sdv  # noqa: F401
    except ImportError:
        return False
    return True


def _sdv_copula(columns: pd.DataFrame, seed: int) -> pd.DataFrame:
    from sdv.metadata import Metadata
    from sdv.single_table import GaussianCopulaSynthesizer

    metadata = Metadata.detect_from_dataframe(columns)
    metadata.update_column("text", sdtype="categorical")
    for number in ("amount", "day"):
        metadata.update_column(number, sdtype="numerical")
    model = GaussianCopulaSynthesizer(metadata)
    np.random.seed(seed)  # noqa: NPY002
    model.fit(columns)
    return model.sample(len(columns))


def _plain_copula(columns: pd.DataFrame, seed: int) -> pd.DataFrame:
    from copulas.multivariate import GaussianMultivariate
    from copulas.univariate import BetaUnivariate
    from rdt import HyperTransformer

    encoder = HyperTransformer()
    encoder.detect_initial_config(columns)
    encoder.update_sdtypes({"text": "categorical", "amount": "numerical", "day": "numerical"})
    numbers = encoder.fit_transform(columns)
    model = GaussianMultivariate(distribution=BetaUnivariate, random_state=seed)
    model.fit(numbers)
    return encoder.reverse_transform(model.sample(len(columns)))


def ctgan(train: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One CTGAN, drawn from until every category has its rows or 20 batches are spent."""
    import torch
    from ctgan import CTGAN

    torch.set_num_threads(1)
    model = CTGAN(enable_gpu=False)
    model.set_random_state(seed)
    model.fit(train, ["category", "text"])
    wanted, parts = train["category"].value_counts(), []
    for name, n in wanted.items():
        found: list[pd.DataFrame] = []
        for _ in range(N_TRIES):
            batch = model.sample(max(500, int(n)), "category", name)
            found.append(batch[batch["category"] == name])
            if sum(map(len, found)) >= n:
                break
        parts.append(pd.concat(found, ignore_index=True).head(int(n)))
    return pd.concat(parts, ignore_index=True)


RIVALS = {"copula": copula, "ctgan": ctgan}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rival", choices=sorted(RIVALS))
    parser.add_argument("train", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    train, start = few_texts(pd.read_parquet(given.train)), time.process_time()
    made = RIVALS[given.rival](train, given.seed)
    made.to_parquet(given.out)
    print(json.dumps({"cpu_s": time.process_time() - start, "sdv": _has_sdv()}), flush=True)


if __name__ == "__main__":
    main()
