"""The judge of the benchmark of generators: pure functions of tables, the same for ours and for the rivals.

- Shape and trend error (per cent): the quality report of sdmetrics, real table against as many synthetic rows. The
  report leaves out pairs that are hardly dependent, and takes the bins of a number from each table by itself; so an
  error is read against the *floor*, the error of the real table drawn with replacement.
- Held-out C2ST: ROC AUC, five folds, of boosted trees that tell synthetic rows from rows that the generator never saw;
  0.5 is best. The score ``1 - (2 max(.5, AUC) - 1)`` against the rows it learnt from is the published one.
- TSTR: ROC AUC on real rows of boosted trees that were trained on synthetic rows.
- DCR share: synthetic rows that are nearer to a row of the learnt half than to any of the held-out half, ties half.
- Copies over chance: synthetic rows equal to a learnt row less those equal to a held-out row, in standard errors.
- Membership inference: AUC of "the closer a synthetic row, the more likely learnt".

The trees are XGBoost's, at its defaults, where it is installed, else LightGBM's; ``judge_name`` says which.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from benchmarks._generation_tables import Kind, Split
from contrapeso.kernels import nearest_gower

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
FOLDS = 5
FLOOR_DRAWS = 3
MOST_QUERIES = 10_000
"""Rows whose nearest rows are looked for: the share of 10,000 has a standard error of half a point."""
LEAST_IN_CLASS = 10
"""Test rows that a class needs for its AUC to count, where there are more than two classes."""
DAY_NS = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """All figures of one synthetic table. ``None``: not measured for this table."""

    shape_error: float
    trend_error: float
    c2st_held: float
    c2st_train: float
    score_train: float
    tstr: float | None
    dcr_share: float
    copies_train: int
    copies_held: int
    copies_z: float
    mia: float

    def to_dict(self) -> dict[str, Any]:
        """Figures by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Floor:
    """What real rows score: the learnt rows drawn with replacement, and the held-out rows in their place (``fresh``).

    Fresh rows are above the floor where categories are many or where the extremes of a column set the bins of the
    report. ``trtr`` is the AUC of trees trained on the learnt rows.
    """

    shape_error: float
    trend_error: float
    fresh_shape: float
    fresh_trend: float
    c2st_real: float
    trtr: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Figures by name."""
        return asdict(self)


def judge_name() -> str:
    """Package and version of the trees that judge."""
    package = "xgboost" if find_spec("xgboost") else "lightgbm"
    for name in (package, f"{package}-cpu"):
        try:
            return f"{package} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
    return package


def trees(seed: int) -> Any:
    """A classifier of boosted trees on one thread: 100 of depth 6 (XGBoost's defaults) or of 31 leaves (LightGBM's)."""
    if find_spec("xgboost"):
        from xgboost import XGBClassifier

        return XGBClassifier(random_state=seed, n_jobs=1, tree_method="hist")
    from lightgbm import LGBMClassifier

    return LGBMClassifier(random_state=seed, n_jobs=1, verbose=-1)


def judge(split: Split, synthetic: pd.DataFrame, seed: int = 0) -> Verdict:
    """All figures of ``synthetic``, which should have as many rows as ``split.train``."""
    made = conformed(synthetic, split)
    shape, trend = shape_and_trend(split.train, made, split.kinds)
    against_train = c2st_auc(split.train, made, split.kinds, seed)
    nearness = nearest(split, made, seed)
    in_train, in_held = exact_copies(made, split.train), exact_copies(made, split.held)
    return Verdict(
        shape, trend, c2st_auc(split.held, made, split.kinds, seed), against_train, c2st_score(against_train),
        tstr_auc(made, split, seed), dcr_share(*nearness), in_train, in_held,
        copies_over_chance(in_train, in_held, len(split.train), len(split.held)), membership_auc(split, made, seed),
    )  # fmt: skip


def floor(split: Split, seed: int = 0) -> Floor:
    """Figures of the real table itself: no generator can be expected to be better."""
    drawn = [_bootstrap(split.train, seed * FLOOR_DRAWS + draw) for draw in range(FLOOR_DRAWS)]
    errors = np.array([shape_and_trend(split.train, frame, split.kinds) for frame in drawn])
    fresh = shape_and_trend(split.train, split.held, split.kinds)
    real = c2st_auc(split.held, split.train, split.kinds, seed)
    shape, trend = map(float, errors.mean(axis=0))
    return Floor(shape, trend, *fresh, real, tstr_auc(split.train, split, seed))


def _bootstrap(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    return frame.iloc[np.random.default_rng(seed).integers(len(frame), size=len(frame))].reset_index(drop=True)


def conformed(synthetic: pd.DataFrame, split: Split) -> pd.DataFrame:
    """``synthetic`` with the columns and the types of the real table, so that equal values are equal.

    A generator that returns whole numbers as floats, or codes as texts, is not punished for it.
    """
    columns: dict[object, pd.Series[Any]] = {}
    for name in split.train:
        real, made = split.train[name], synthetic[name]
        if split.kinds[str(name)] == "date":
            columns[name] = pd.to_datetime(made).astype("datetime64[ns]")
        elif pd.api.types.is_numeric_dtype(real):
            columns[name] = pd.to_numeric(made).astype("float64").round(_decimals(real))
        else:
            columns[name] = made.astype(object)
    return pd.DataFrame(columns).reset_index(drop=True)


def _decimals(real: pd.Series) -> int:
    """Decimals that are kept: none for whole numbers, all that a float64 can mean for others."""
    return 0 if pd.api.types.is_integer_dtype(real) else 12


def shape_and_trend(real: pd.DataFrame, made: pd.DataFrame, kinds: Mapping[str, Kind]) -> tuple[float, float]:
    """Per cent by which the two properties of the quality report of sdmetrics fall short of 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # the report of one table has moved, not changed
        from sdmetrics.reports.single_table import QualityReport

    names = {"number": "numerical", "category": "categorical", "date": "datetime"}
    columns = {name: {"sdtype": names[kind]} for name, kind in kinds.items()}
    report = QualityReport()
    parts = [_reportable(frame, kinds) for frame in (real, made)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a constant column has no correlation
        report.generate(*parts, {"columns": columns}, verbose=False)
    shape, trend = report.get_properties().set_index("Property")["Score"][["Column Shapes", "Column Pair Trends"]]
    return 100 * (1 - float(shape)), 100 * (1 - float(trend))


def _reportable(frame: pd.DataFrame, kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """Numbers as float64 and categories as texts, so that 1 and 1.0 are the same category."""
    return pd.DataFrame(
        {
            name: _texts(frame[name]) if kind == "category" else frame[name] if kind == "date" else _float(frame[name])
            for name, kind in kinds.items()
        }
    )


def _texts(column: pd.Series) -> pd.Series:
    numeric = pd.api.types.is_numeric_dtype(column)
    texts = (column.astype("float64") if numeric else column).astype(str).astype(object)
    return texts.where(column.notna(), None)


def _float(column: pd.Series) -> pd.Series:
    return column.astype("float64")


def coded(tables: Sequence[pd.DataFrame], kinds: Mapping[str, Kind]) -> list[tuple[Floats, Codes]]:
    """Numbers and dates (in days) of every table, and one set of category codes for all of them; -1 is null."""
    numbers = [name for name, kind in kinds.items() if kind != "category"]
    labels = [name for name, kind in kinds.items() if kind == "category"]
    sizes = np.cumsum([len(table) for table in tables])[:-1]
    codes = [pd.factorize(pd.concat([_texts(t[name]) for t in tables]), sort=True)[0] for name in labels]
    rows = sum(len(table) for table in tables)
    blocks = np.split(np.column_stack(codes).astype(np.int32) if codes else np.empty((rows, 0), np.int32), sizes)
    found = []
    for table, block in zip(tables, blocks, strict=True):
        values = [_days(table[name]) if kinds[name] == "date" else _float(table[name]) for name in numbers]
        block_of_numbers = np.column_stack(values) if values else np.empty((len(table), 0))
        found.append((np.ascontiguousarray(block_of_numbers, dtype=np.float64), np.ascontiguousarray(block)))
    return found


def _days(dates: pd.Series) -> Floats:
    days = dates.to_numpy("datetime64[ns]").astype(np.int64) / DAY_NS
    return np.where(dates.isna(), np.nan, days)


def _matrix(part: tuple[Floats, Codes]) -> Floats:
    numbers, codes = part
    return np.hstack([numbers, codes.astype(np.float64)])


def c2st_auc(real: pd.DataFrame, made: pd.DataFrame, kinds: Mapping[str, Kind], seed: int = 0) -> float:
    """Mean over five folds of the AUC by which trees tell ``made`` from equally many rows of ``real``.

    References
    ----------
    .. [1] Lopez-Paz & Oquab, "Revisiting classifier two-sample tests", ICLR 2017.
    """
    size = min(len(real), len(made))
    rng = np.random.default_rng(seed)
    chosen = [frame.iloc[np.sort(rng.permutation(len(frame))[:size])] for frame in (real, made)]
    X = np.vstack([_matrix(part) for part in coded(chosen, kinds)])
    y = np.repeat([0, 1], size)
    folds = StratifiedKFold(min(FOLDS, size), shuffle=True, random_state=seed).split(X, y)
    return float(np.mean([_auc(trees(seed).fit(X[fit], y[fit]), X[test], y[test]) for fit, test in folds]))


def _auc(model: Any, X: Floats, y: NDArray[np.int64]) -> float:
    return float(roc_auc_score(y, model.predict_proba(X)[:, 1]))


def c2st_score(auc: float) -> float:
    """``1 - (2 max(.5, AUC) - 1)``: 1 cannot be told apart, 0 is always told apart."""
    return 1 - (2 * max(0.5, auc) - 1)


def tstr_auc(train: pd.DataFrame, split: Split, seed: int = 0) -> float | None:
    """AUC on the held-out rows of trees trained on ``train``; one class against the others, weighted by their rows.

    None for a table without target; 0.5 where ``train`` has a single class.
    """
    if split.target is None:
        return None
    kinds = {name: kind for name, kind in split.kinds.items() if name != split.target}
    fit, test = map(_matrix, coded([train, split.held], kinds))
    y_fit, y_test = _labels([train[split.target], split.held[split.target]])
    seen, y = np.unique(y_fit, return_inverse=True)
    if len(seen) < 2:
        return 0.5
    chances = trees(seed).fit(fit, y).predict_proba(test)
    return _weighted_auc(chances, seen, y_test)


def _labels(columns: Sequence[pd.Series]) -> list[NDArray[np.intp]]:
    codes, _ = pd.factorize(pd.concat([_texts(column) for column in columns]), sort=True)
    return np.split(codes, np.cumsum([len(column) for column in columns])[:-1])


def _weighted_auc(chances: Floats, seen: NDArray[np.intp], y_test: NDArray[np.intp]) -> float:
    if len(seen) == 2 and len(np.unique(y_test)) == 2:
        return float(roc_auc_score(y_test == seen[1], chances[:, 1]))
    counts = np.bincount(y_test)
    areas, weights = [], []
    for label in np.flatnonzero(counts >= LEAST_IN_CLASS):
        where = np.flatnonzero(seen == label)
        chance = chances[:, where[0]] if where.size else np.zeros(len(y_test))
        areas.append(float(roc_auc_score(y_test == label, chance)))
        weights.append(counts[label])
    return float(np.average(areas, weights=weights))


def nearest(split: Split, made: pd.DataFrame, seed: int = 0) -> tuple[Floats, Floats]:
    """Gower distance of (at most 10,000) synthetic rows to the nearest learnt and the nearest held-out row.

    Both sides are given equally many rows, because more rows are nearer by chance.
    """
    size = min(len(split.train), len(split.held))
    rng = np.random.default_rng(seed)
    learnt, held = (frame.iloc[rng.permutation(len(frame))[:size]] for frame in (split.train, split.held))
    asked = made.iloc[rng.permutation(len(made))[:MOST_QUERIES]]
    parts = coded([learnt, held, asked], split.kinds)
    ranges = _ranges([parts[0][0], parts[1][0]])
    to_learnt, to_held = (nearest_gower(part, parts[2], ranges, n_jobs=1).distances[:, 0] for part in parts[:2])
    return to_learnt, to_held


def _ranges(blocks: Sequence[Floats]) -> Floats:
    both = np.vstack(blocks)
    return np.nanmax(both, axis=0) - np.nanmin(both, axis=0) if both.shape[1] else np.empty(0)


def dcr_share(to_learnt: Floats, to_held: Floats) -> float:
    """Per cent of synthetic rows nearer to the learnt rows, ties half; 50 is what unseen rows have."""
    return 100 * float(np.mean((to_learnt < to_held) + 0.5 * (to_learnt == to_held)))


def exact_copies(made: pd.DataFrame, real: pd.DataFrame) -> int:
    """Synthetic rows that are equal to a real row in every column."""
    known = set(_row_keys(real))
    return sum(key in known for key in _row_keys(made))


def _row_keys(frame: pd.DataFrame) -> zip[tuple[object, ...]]:
    columns = (
        _texts(frame[name]) if not pd.api.types.is_datetime64_any_dtype(frame[name]) else frame[name].astype("int64")
        for name in frame
    )
    return zip(*(column.tolist() for column in columns), strict=True)


def copies_over_chance(in_train: int, in_held: int, n_train: int, n_held: int) -> float:
    """Copies of learnt rows beyond those of as many held-out rows, in standard errors; 2 is the limit of chance."""
    expected = in_held * n_train / n_held
    spread = np.sqrt(in_train + in_held * (n_train / n_held) ** 2)
    return float((in_train - expected) / spread) if spread > 0 else 0.0


def membership_auc(split: Split, made: pd.DataFrame, seed: int = 0) -> float:
    """AUC of an attacker who takes rows with a near synthetic row for learnt; 0.5 is guessing."""
    size = min(len(split.train), len(split.held), MOST_QUERIES)
    rng = np.random.default_rng(seed)
    asked = [frame.iloc[rng.permutation(len(frame))[:size]] for frame in (split.train, split.held)]
    parts = coded([made, *asked], split.kinds)
    ranges = _ranges([part[0] for part in parts[1:]])
    far = np.concatenate([nearest_gower(parts[0], part, ranges, n_jobs=1).distances[:, 0] for part in parts[1:]])
    return float(roc_auc_score(np.repeat([1, 0], size), -far))


Judge = Callable[[Split, pd.DataFrame, int], Verdict]

__all__ = [
    "Floor", "Judge", "Verdict", "c2st_auc", "c2st_score", "coded", "conformed", "copies_over_chance", "dcr_share",
    "exact_copies", "floor", "judge", "judge_name", "membership_auc", "nearest", "shape_and_trend", "trees",
    "tstr_auc",
]  # fmt: skip
