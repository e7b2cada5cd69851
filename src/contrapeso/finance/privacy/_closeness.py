"""Whether synthetic rows lie closer to the rows that were learned than to real rows that were not."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from contrapeso.finance._ledger import Ledger
from contrapeso.finance.privacy._names import content_words

_TEXT_COLUMNS = 24
_MOST_ROWS = 2_000
_LEAST_ROWS = 20
_BLOCK = 250

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Closeness:
    """Share of rows that are closer to learned rows than to as many real rows that were not learned.

    Attributes
    ----------
    share : of the synthetic rows; one half where nothing is memorised and the ledger does not change.
    control : of real rows of the training time that were taken out of the learned ones: what drift alone gives.
    error : standard error of ``share - control``.
    n_made, n_reference : rows that were compared.
    """

    share: float
    control: float
    error: float
    n_made: int
    n_reference: int

    @property
    def excess(self) -> float:
        """``share - control``; above two errors it tells of memory."""
        return self.share - self.control


def closeness(train: Ledger, made: Ledger, holdout: Ledger, rng: np.random.Generator) -> Closeness | None:
    """Share of ``made`` closer to ``train`` than to ``holdout``, with its control; None below 20 rows of each.

    A row is its amount (signed log, in standard deviations of the training rows), its day on the circle of the month
    and its words (hashed to 24 columns of length 1). A tie counts one half. At most 2,000 rows of each are compared.
    """
    n_control = min(len(train) // 3, _MOST_ROWS)
    n_reference = min(len(holdout), len(train) - n_control, _MOST_ROWS)
    if min(n_control, n_reference, len(made)) < _LEAST_ROWS:
        return None
    order = rng.permutation(len(train))
    learned = train.take(order[n_control : n_control + n_reference])
    other = holdout.take(rng.permutation(len(holdout))[:n_reference])
    rows = made.take(rng.permutation(len(made))[:_MOST_ROWS])
    scale = float(np.std(_signed_log(train))) or 1.0
    near, far = _points(learned, scale), _points(other, scale)
    own = _closer(_points(rows, scale), near, far)
    control = _closer(_points(train.take(order[:n_control]), scale), near, far)
    error = float(np.sqrt(own.var() / len(own) + control.var() / len(control)))
    return Closeness(float(own.mean()), float(control.mean()), error, len(own), n_reference)


def _signed_log(ledger: Ledger) -> NDArray[np.float64]:
    return np.sign(ledger.cents) * np.log1p(np.abs(ledger.cents.astype(np.float64)))


def _points(ledger: Ledger, scale: float) -> Points:
    """Rows as points, shape (n, 27)."""
    day = (ledger.days - ledger.days.astype("datetime64[M]")).astype(np.int64)
    angle = 2 * np.pi * day / 31
    columns = np.column_stack([_signed_log(ledger) / scale, np.sin(angle) / 2, np.cos(angle) / 2])
    unique, of_row = np.unique(ledger.descriptions.astype(str), return_inverse=True)
    return np.hstack([columns, _hashed(unique.tolist())[of_row]]).astype(np.float32)


def _hashed(texts: list[str]) -> NDArray[np.float64]:
    """Signed hash of the words of each text, length 1 or 0, shape (n, 24)."""
    table = np.zeros((len(texts), _TEXT_COLUMNS))
    for row, text in enumerate(texts):
        for word in content_words(text):
            code = crc32(word.encode(errors="surrogatepass"))
            table[row, code % _TEXT_COLUMNS] += 1 if code & 0x80000000 else -1
    lengths: NDArray[np.float64] = np.linalg.norm(table, axis=1, keepdims=True)
    return table / np.maximum(lengths, 1.0)


def _closer(rows: Points, near: Points, far: Points) -> NDArray[np.float64]:
    """1 where the nearest point of ``near`` is closer than that of ``far``, one half where both are as far."""
    to_near, to_far = _nearest(rows, near), _nearest(rows, far)
    return np.where(np.isclose(to_near, to_far, rtol=1e-5, atol=1e-5), 0.5, (to_near < to_far).astype(np.float64))


def _nearest(rows: Points, others: Points) -> NDArray[np.float64]:
    """Squared distance of each row to the nearest of ``others``."""
    lengths = (others**2).sum(axis=1)
    parts = (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))
    found = [(lengths - 2 * part @ others.T).min(axis=1) + (part**2).sum(axis=1) for part in parts]
    nearest: NDArray[np.float64] = np.concatenate(found).astype(np.float64)
    return nearest.clip(min=0.0)


__all__ = ["Closeness", "closeness"]
