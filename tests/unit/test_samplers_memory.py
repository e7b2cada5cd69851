"""What a resampling takes is told before it is taken."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from contrapeso.errors import InvalidParameterError, MemoryLimitError
from contrapeso.samplers import SMOTE, RandomUnderSampler
from contrapeso.samplers._memory import bytes_of

X, Y = np.random.default_rng(0).normal(size=(1000, 10)), np.repeat([0, 1], [900, 100])
NEEDED = int(1800 * 80 + 0.2 * (1000 + 1800) * 80)
"""Result of 1800 rows of 80 bytes, and a fifth of input and result for the work."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1500", 1500), ("2 KB", 2000), ("2KiB", 2048), ("1.5 gib", 3 * 2**29), ("3G", 3 * 10**9), (3e9, 3 * 10**9)],
)
def test_a_limit_is_read_with_its_unit(text: Any, expected: int) -> None:
    assert bytes_of(text) == expected


@pytest.mark.parametrize("bad", ["", "lots", "5 XB", "-1 GB", 0, -5.0, "1.2.3 MB", "nan", float("nan")])
def test_a_limit_that_is_no_size_is_refused(bad: Any) -> None:
    with pytest.raises(InvalidParameterError, match="2 GiB"):
        bytes_of(bad)


def test_the_limit_is_kept_to_the_byte() -> None:
    SMOTE(random_state=0).fit_resample(X, Y, max_memory=NEEDED)
    with pytest.raises(MemoryLimitError, match="1000 rows to 1800") as caught:
        SMOTE(random_state=0).fit_resample(X, Y, max_memory=NEEDED - 1)
    assert caught.value.details == {"needed_bytes": NEEDED, "max_memory_bytes": NEEDED - 1, "n_rows": 1800}
    assert "sampling_strategy" in str(caught.value)


def test_a_small_limit_is_said_in_kib() -> None:
    with pytest.raises(MemoryLimitError, match=r"needs about [1-9][0-9.]* KiB .* max_memory is 9\.8 KiB"):
        SMOTE(random_state=0).fit_resample(X, Y, max_memory=10_000)


@pytest.mark.parametrize(
    "box",
    [
        pytest.param(pd.DataFrame(X), id="pandas"),
        pytest.param(sparse.csr_array(X), id="csr"),
        pytest.param(X.tolist(), id="lists"),
        pytest.param(pd.DataFrame(X, columns=list("abcdefghij")).to_dict("records"), id="dicts"),
    ],
)
def test_every_container_is_weighed(box: Any) -> None:
    with pytest.raises(MemoryLimitError):
        SMOTE(random_state=0).fit_resample(box, Y, max_memory="64 KiB")
    SMOTE(random_state=0).fit_resample(box, Y, max_memory="64 MiB")


def test_dropping_rows_needs_no_more_than_the_table() -> None:
    RandomUnderSampler(random_state=0).fit_resample(X, Y, max_memory=int(1.4 * X.nbytes))
