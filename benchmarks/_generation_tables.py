"""Tables that generators are measured on, the kind of every column, and how the rows are divided.

Two divisions. ``half``: a random half to learn from, the other half (as many rows) held out; the seed of the
division is the seed of the run. ``published``: what the literature uses, the UCI parts of Adult and 90 % of Default.
What a column is, is said here once for every judge and rival: numbers, categories (texts, integer codes, the target,
columns of two values) and dates. Our synthesizers are told nothing but the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks._record import ROOT, BenchmarkError

SHARED = ROOT.parent / "shared" / "data"
Kind = Literal["number", "category", "date"]
Protocol = Literal["half", "published"]
PUBLISHED_SHARE = 0.9
PUBLISHED_SEED = 1234


@dataclass(frozen=True, slots=True)
class Source:
    """A table of the shared folder: its files, target, columns to leave out, integer codes and dates."""

    files: tuple[str, ...]
    target: str | None
    drop: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    dates: Mapping[str, str] | None = None
    published: Literal["files", "share"] | None = None


PAY = ("PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6")
SOURCES: dict[str, Source] = {
    "adult": Source(("adult_train", "adult_test"), "income", published="files"),
    "default": Source(
        ("default_credit",), "default payment next month", drop=("ID",), codes=("SEX", "EDUCATION", "MARRIAGE", *PAY),
        published="share",
    ),
    "bank": Source(("bank_marketing",), "y"),
    "german": Source(("german",), "risk"),
    "ceaps": Source(
        ("ceaps_2020",), "TIPO_DESPESA", drop=("COD_DOCUMENTO",), codes=("ANO", "MES"), dates={"DATA": "%d/%m/%Y"}
    ),
    "calderdale": Source(
        ("calderdale_card_2014_2017",), "Merchant Category Group", drop=("Transaction number",),
        dates={"Transaction Date": "%Y-%m-%d"},
    ),
    "mammography": Source(("imblearn/mammography",), "label"),
    "satimage": Source(("imblearn/satimage",), "label"),
    "abalone": Source(("imblearn/abalone",), "label"),
    "us_crime": Source(("imblearn/us_crime",), "label"),
    "page_blocks": Source(("keel/page-blocks0",), "Class"),
}  # fmt: skip
NAMED = ("default", "bank", "german", "ceaps", "calderdale")
"""Tables that the targets name beside Adult."""
FINE = ("mammography", "satimage", "abalone", "us_crime")
"""Small tables of fine continuous columns."""


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn from, rows held out (as many, in the division in halves), kinds of the columns, target."""

    train: pd.DataFrame
    held: pd.DataFrame
    kinds: Mapping[str, Kind]
    target: str | None

    def of(self, kind: Kind) -> list[str]:
        """Columns of this kind in the order of the table."""
        return [str(name) for name in self.train if self.kinds[str(name)] == kind]


def frames(name: str) -> list[pd.DataFrame]:
    """The files of a table, without the columns to leave out and with its dates parsed."""
    source = SOURCES[name]
    found = []
    for file in source.files:
        path = SHARED / f"{file}.parquet"
        if not path.is_file():
            raise BenchmarkError(f"Table {name!r} needs {file}.parquet of the shared data folder, which is not there.")
        frame = pd.read_parquet(path).drop(columns=list(source.drop))
        for column, form in (source.dates or {}).items():
            frame[column] = _dated(frame[column], form)
        found.append(frame)
    return found


def _dated(texts: pd.Series, form: str) -> pd.Series:
    """Dates of a column of texts; what is no date becomes null."""
    return pd.to_datetime(texts, format=form, errors="coerce").astype("datetime64[ns]")


def kinds_of(name: str, frame: pd.DataFrame) -> dict[str, Kind]:
    """What every column of table ``name`` is."""
    source = SOURCES[name]
    stated = {*source.codes, source.target}
    return {str(column): _kind(frame[column], stated=column in stated) for column in frame}


def _kind(column: pd.Series, *, stated: bool) -> Kind:
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    if stated or not pd.api.types.is_numeric_dtype(column) or column.nunique() <= 2:
        return "category"
    return "number"


def split(name: str, seed: int, protocol: Protocol = "half") -> Split:
    """Rows to learn from and rows held out of table ``name``.

    Raises
    ------
    BenchmarkError
        If the table is not there or has no published division.
    """
    parts = frames(name)
    whole = pd.concat(parts, ignore_index=True)
    kinds = kinds_of(name, whole)
    if protocol == "published" and SOURCES[name].published is None:
        raise BenchmarkError(f"Table {name!r} has no published division; use the halves.")
    if protocol == "published" and SOURCES[name].published == "files":
        return Split(parts[0], parts[1], kinds, SOURCES[name].target)
    order = np.random.default_rng(seed if protocol == "half" else PUBLISHED_SEED).permutation(len(whole))
    size = len(whole) // 2 if protocol == "half" else round(PUBLISHED_SHARE * len(whole))
    train, held = order[:size], order[size : 2 * size]
    return Split(_rows(whole, train), _rows(whole, held), kinds, SOURCES[name].target)


def _rows(frame: pd.DataFrame, positions: NDArray[np.intp]) -> pd.DataFrame:
    return frame.iloc[positions].reset_index(drop=True)


def stratified_halves(name: str, seed: int) -> Split:
    """Halves of every class: the rarest class is equally large in both."""
    whole = pd.concat(frames(name), ignore_index=True)
    target = SOURCES[name].target
    assert target is not None
    rng = np.random.default_rng(seed)
    classes = whole.groupby(target, sort=True).indices.values()
    first = [rng.permutation(rows)[: len(rows) // 2] for rows in classes]
    chosen = np.zeros(len(whole), dtype=bool)
    chosen[np.concatenate(first)] = True
    return Split(
        _rows(whole, rng.permutation(np.flatnonzero(chosen))), _rows(whole, np.flatnonzero(~chosen)),
        kinds_of(name, whole), target,
    )  # fmt: skip


__all__ = [
    "FINE", "NAMED", "SOURCES", "Kind", "Protocol", "Source", "Split", "frames", "kinds_of", "split",
    "stratified_halves",
]  # fmt: skip
