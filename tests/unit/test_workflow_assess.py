"""``assess`` on Parquet files that are read in chunks, against the same files read whole."""

import json

import numpy as np
import pandas as pd
import pytest

from contrapeso.config import Settings
from contrapeso.errors import (
    ColumnNotFoundError,
    FileTooLargeError,
    InvalidDataError,
    InvalidParameterError,
    UnreadableFileError,
)
from contrapeso.workflows import TableRef, assess
from contrapeso.workflows import _assess as assess_module
from contrapeso.workflows import _large as large_module

LIMIT = 300


def draw(n, seed, strength=1.0):
    rng = np.random.default_rng(seed)
    income = np.exp(rng.normal(8, 0.6, n)).round(2)
    chance = 1 / (1 + np.exp(-strength * (np.log(income) - 8.5) * 3))
    return pd.DataFrame(
        {
            "income": income,
            "rent": (income * rng.uniform(0.2, 0.4, n)).round(2),
            "city": rng.choice(["Recife", "Belém", "Rio"], n, p=[0.5, 0.3, 0.2]),
            "visits": rng.poisson(3, n),
            "churn": np.where(rng.random(n) < chance, "left", "stays"),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Real rows (some without a class), synthetic rows, a holdout, and both tables in one with a mark."""
    folder = tmp_path_factory.mktemp("tables")
    real, made, held = draw(900, 0), draw(700, 1, 0.6), draw(500, 2)
    real.loc[::50, "churn"] = None
    both = pd.concat([real.assign(is_synthetic=False), made.assign(is_synthetic=True)], ignore_index=True)
    tables = {"real": real, "made": made, "held": held, "both": both}
    tables["marked_holdout"] = held.assign(Sintético=np.where(np.arange(500) < 100, "Sim", "não"))
    for name, frame in tables.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    made.to_csv(folder / "made.csv", index=False)
    return folder


@pytest.fixture
def settings(tmp_path):
    return Settings(state_dir=tmp_path)


@pytest.fixture
def in_chunks(monkeypatch):
    """Files of more than 300 rows are large, and no large file may be read whole."""
    monkeypatch.setattr(large_module, "LARGE_ROWS", LIMIT)
    read_whole = assess_module.load_frame

    def small_only(ref, settings):
        assert ref.path is None or ref.path.suffix != ".parquet", f"{ref.label} was read whole"
        return read_whole(ref, settings)

    monkeypatch.setattr(assess_module, "load_frame", small_only)


def numbers(report):
    return {**report.to_dict(), "timestamp": None}


def close(left, right):
    """The same JSON, numbers to nine digits."""
    one, two = (json.loads(json.dumps(x), parse_float=lambda digits: round(float(digits), 9)) for x in (left, right))
    assert one == two


CASES = {
    "apart": ("real", ["made"], {"depth": "quick"}),
    "target": ("real", ["made"], {"depth": "quick", "target": "churn"}),
    "one balanced table": ("both", [], {"depth": "quick", "target": "churn", "holdout": "held"}),
    "balanced beside real": ("both", ["both"], {"depth": "quick", "target": "churn", "holdout": "marked_holdout"}),
    "kinds": ("real", ["made"], {"depth": "quick", "kinds": {"visits": "categorical"}, "seed": 5}),
    "all of it": ("real", ["made"], {"target": "churn", "holdout": "held", "sensitive": ["city"]}),
}


def arguments(folder, case):
    real, made, options = CASES[case]
    refs = [TableRef(folder / f"{name}.parquet") for name in made]
    if "holdout" in options:
        options = {**options, "holdout": TableRef(folder / f"{options['holdout']}.parquet")}
    return TableRef(folder / f"{real}.parquet"), refs, options


@pytest.mark.parametrize("case", CASES)
def test_a_large_file_gets_the_grade_of_its_frame(folder, settings, request, case):
    real, made, options = arguments(folder, case)
    whole = assess(real, made, settings, **options).report
    request.getfixturevalue("in_chunks")
    chunks = assess(real, made, settings, **options).report
    assert chunks.grade == whole.grade is not None
    close(numbers(chunks), numbers(whole))


@pytest.mark.parametrize("rows", [90, 400])
def test_scores_do_not_depend_on_how_a_file_is_cut(folder, settings, in_chunks, monkeypatch, rows):
    real, made, options = arguments(folder, "one balanced table")
    whole = assess(real, made, settings, **options).report
    monkeypatch.setattr(large_module, "CHUNK_ROWS", rows)
    parts = assess(real, made, settings, **options).report
    for one, other in zip(whole.dimensions, parts.dimensions, strict=True):
        groups = one.name == "distribution_preservation"  # its noise is that of the row groups
        assert one.score.value == pytest.approx(other.score.value, abs=0.03 if groups else 1e-9)
    assert parts.data == whole.data


def test_a_large_table_is_compared_with_a_small_one_and_the_page_is_written(folder, settings, in_chunks, tmp_path):
    page = tmp_path / "report.html"
    options = {"target": "churn", "depth": "quick", "html": page}
    found = assess(TableRef(folder / "real.parquet"), [TableRef(folder / "made.csv")], settings, **options)
    assert found.report.data.n_synthetic == 700
    assert found.report.data.n_real == 882
    assert "churn" in page.read_text(encoding="utf-8")
    assert found.json.is_file()


def test_what_is_wrong_with_a_large_file_is_said_as_of_a_small_one(folder, settings, in_chunks, tmp_path):
    real, made = TableRef(folder / "real.parquet"), TableRef(folder / "made.parquet")
    with pytest.raises(InvalidDataError, match="no 'is_synthetic' column"):
        assess(real, [], settings)
    with pytest.raises(ColumnNotFoundError, match="Did you mean 'churn'"):
        assess(real, [made], settings, target="chrn")
    none = tmp_path / "none.parquet"
    draw(400, 0).assign(is_synthetic=False).to_parquet(none, index=False)
    with pytest.raises(InvalidParameterError, match=r"No row of .none\.parquet. is marked"):
        assess(real, [TableRef(none)], settings, depth="quick")
    with pytest.raises(InvalidParameterError, match="has no sheets"):
        assess(TableRef(folder / "made.csv", sheet="one"), [made], settings)


def test_the_limits_protect_from_large_files_too(folder, settings, in_chunks):
    real, made = TableRef(folder / "real.parquet"), TableRef(folder / "made.parquet")
    for limit, words in (("max_file_bytes", "bytes or more"), ("max_uncompressed_bytes", "once decompressed")):
        with pytest.raises(FileTooLargeError, match=words):
            assess(real, [made], settings.model_copy(update={limit: 1000}))
    few = settings.model_copy(update={"max_rows": 100, "max_cells": 100})
    assert assess(real, [made], few, depth="quick").report.data.n_real == 900


def test_a_damaged_large_file_is_named(folder, settings, in_chunks, tmp_path):
    data = bytearray((folder / "real.parquet").read_bytes())
    data[200:900] = bytes(700)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(data)
    with pytest.raises(UnreadableFileError, match=r"broken\.parquet is a damaged"):
        assess(TableRef(broken), [TableRef(folder / "made.parquet")], settings, depth="quick")


def test_the_limit_is_two_million_rows():
    assert large_module.LARGE_ROWS == 2_000_000
