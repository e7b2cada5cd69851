"""What is measured on rows, for tables that are read in chunks: the same measures, on uniform samples of the rows.

Copied and repeated rows alone are those of whole tables, by their row keys; a sequence is whole or not measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.metrics._sketch import KeySample
from contrapeso.quality._diversity import assess_diversity
from contrapeso.quality._given import Given, check, read
from contrapeso.quality._privacy import _copy_attack as copy_attack
from contrapeso.quality._privacy import _status as status_of
from contrapeso.quality._reference import Classes, Keys, build_reference
from contrapeso.quality._report import DataCharacteristics, NotAssessed, Privacy
from contrapeso.quality._rowlevel import RowLevel, measure_rows
from contrapeso.quality._rowlevel import _check_holdout as check_holdout
from contrapeso.quality._sections import Joint, Reading
from contrapeso.quality._stream_report import assess_copies
from contrapeso.tables import Schema

KeySamples = tuple[KeySample, KeySample, KeySample]
MAX_CHECKED = 2**20
MAX_REPEATS = 2**23
_MAX_NAMED = 20
_REPEATS = frozenset({"collision_rate", "distinct_rows"})


@dataclass(frozen=True, slots=True)
class RowSamples:
    """Uniform samples of the rows of the tables, for what cannot be read off counts; whole tables where they are small.

    ``n_real``, ``n_synthetic`` and ``n_holdout`` are the rows that they were drawn from, ``positions`` are those of
    the synthetic ones in their table.
    """

    real: pd.DataFrame
    synthetic: pd.DataFrame
    holdout: pd.DataFrame | None
    n_real: int
    n_synthetic: int
    n_holdout: int | None
    schema: Schema
    positions: NDArray[np.intp]

    @property
    def sizes(self) -> tuple[int, ...] | None:
        """Rows of the samples: real, synthetic and, where there is one, holdout; None where they are whole tables."""
        frames = [frame for frame in (self.real, self.synthetic, self.holdout) if frame is not None]
        sizes = tuple(map(len, frames))
        return None if sum(sizes) == self.n_real + self.n_synthetic + (self.n_holdout or 0) else sizes


def measure_samples(
    samples: RowSamples, given: Given, keys: KeySamples, n_copied: int, data: DataCharacteristics
) -> RowLevel:
    """Everything that ``given.wanted`` asks for, on the rows of ``samples``.

    Parameters
    ----------
    given : Given
        Its tables are not looked at.
    keys : three samples of row keys
        Of the whole tables; exact copies are counted on them, in ``n_copied`` columns.
    data : DataCharacteristics
        Of the whole tables: which classes have no synthetic row.

    Raises
    ------
    InvalidDataError
        If the holdout is a part of the real table.
    """
    check_holdout(_common(keys))
    whole = samples.sizes is None
    names = _sequence_names(given, samples)
    wanted = given.wanted if whole or not names else replace(given.wanted, sequence_index=None, sequence_key=None)
    sampled = check(
        samples.real, samples.synthetic, holdout=samples.holdout, schema=samples.schema, target=given.target,
        rules=None, seed=given.seed, thresholds=None, wanted=wanted,
    )  # fmt: skip
    tables = read(sampled)
    found = measure_rows(sampled, tables, build_reference(tables.classes, tables.keys, given.seed))
    if whole:
        return found
    absent = tuple(_absent(found, names, data))
    privacy = _whole_privacy(found.privacy, keys, n_copied)
    joint, diversity = _placed(found.joint, samples.positions), _whole_repeats(found.diversity, keys)
    return replace(found, privacy=privacy, absent=absent, joint=joint, diversity=diversity)


def _whole_repeats(found: tuple[Reading, ...], keys: KeySamples) -> tuple[Reading, ...]:
    """The readings with repeated rows as they are in whole tables; as in the samples where these are too large."""
    if any(sample.n_kept < sample.n_rows or sample.n_rows > MAX_REPEATS for sample in keys):
        return found
    (real, klass), (synthetic, klass_s), _ = (sample.arrays() for sample in keys)
    none = np.empty(0, dtype=np.intp)
    classes = Classes(klass, klass_s, none, int(max(klass.max(), klass_s.max())) + 1)
    readings = assess_diversity((), (real, synthetic, np.empty(0, dtype=np.uint64)), classes)
    whole = {reading.name: reading for reading in readings if reading.name in _REPEATS}
    return tuple(whole.get(reading.name, reading) for reading in found)


def _placed(joint: Joint | None, positions: NDArray[np.intp]) -> Joint | None:
    """The joint test with the suspects named by their places in the whole table."""
    if joint is None:
        return None
    return replace(joint, suspects=tuple(replace(one, row=int(positions[one.row])) for one in joint.suspects))


def _common(keys: KeySamples, most: int = MAX_CHECKED) -> tuple[Keys, Keys, Keys]:
    """Row keys of the three tables below one limit, so that equal rows are in or out together; at most so many each."""
    limit = min(sample.limit for sample in keys)
    keys = (keys[0].below(limit), keys[1].below(limit), keys[2].below(limit))
    while max(sample.n_kept for sample in keys) > most:
        limit //= 2
        keys = (keys[0].below(limit), keys[1].below(limit), keys[2].below(limit))
    return keys[0].arrays()[0], keys[1].arrays()[0], keys[2].arrays()[0]


def _sequence_names(given: Given, samples: RowSamples) -> tuple[str, ...]:
    """Columns that order the rows, where the synthetic table has them."""
    names = [name for name in (given.wanted.sequence_index, given.wanted.sequence_key) if name is not None]
    return tuple(names) if all(name in samples.synthetic for name in names) else ()


def _whole_privacy(found: Privacy, keys: KeySamples, n_copied: int) -> Privacy:
    """The gate with the exact copies of whole tables in place of those of the samples."""
    gate = assess_copies(keys, n_copied)
    if not found.attacks:
        return gate
    copied = copy_attack(gate, _common(keys, max(sample.max_keys for sample in keys)))
    sampled, *others = found.attacks
    if sampled.verdict == "cannot_be_assessed" and gate.status != "excess_copies":
        copied = replace(copied, verdict=sampled.verdict, reason=sampled.reason)
    attacks = (copied, *others)
    return replace(gate, status=status_of(gate, attacks), attacks=attacks)


def _absent(found: RowLevel, names: tuple[str, ...], data: DataCharacteristics) -> Iterator[NotAssessed]:
    """What was not measured, as it is of whole tables."""
    for item in found.absent:
        if item.code == "sequences" and names:
            yield NotAssessed("sequences", "sequences_need_all_rows", names)  # a sample has no whole sequence
        elif item.code != "classes":
            yield item
    gone = tuple(c.label for c in data.classes if c.n_real and not c.n_synthetic)[:_MAX_NAMED]
    if gone:
        yield NotAssessed("classes", "classes_left_out", gone)


__all__ = ["RowSamples", "measure_samples"]
