"""The probe for whole tables: can trees tell generated rows from real ones that no model has seen?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from contrapeso.generators._probe import probe
from contrapeso.tables.encoding import TableEncoder


def probe_tables(
    train: pd.DataFrame, held_out: pd.DataFrame, synthetic: pd.DataFrame, seed: np.random.SeedSequence
) -> float:
    """AUC with which trees tell ``synthetic`` from ``held_out`` rows, both coded as ``train`` is; .5 is best.

    Comparable between families, because one encoder codes the rows of all of them.
    """
    encoder = TableEncoder().fit(train)
    if not encoder.tokens_:
        return 0.5
    return probe(encoder.encode(held_out), encoder.encode(synthetic), encoder.tokens_, seed)


__all__ = ["probe_tables"]
