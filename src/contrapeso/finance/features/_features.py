"""Bank rows, and any table with text columns, as numbers for a classifier.

Two forms. ``sparse`` is for linear models: TF-IDF of the descriptions, and everything else beside it on a scale on
which it does not drown the text. ``dense`` is for trees: the text as a few dozen directions of a truncated SVD, the
rest as it is. Which settings were compared, and on what, is in ``docs/training.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, cast, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from threadpoolctl import threadpool_limits

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError, NotFittedError
from contrapeso.finance.features._roles import Role, column_roles
from contrapeso.finance.features._text import DescriptionPieces
from contrapeso.finance.features._values import (
    AMOUNT_NAMES,
    CALENDAR_NAMES,
    Floats,
    amount_columns,
    calendar_columns,
    calendar_flags,
    flag_names,
)

Form: TypeAlias = Literal["sparse", "dense"]
Table: TypeAlias = pd.DataFrame | Sequence[Mapping[str, Any]]

BESIDE_TEXT = 0.15  # weight of a standardised number or a flag beside texts of length 1; measured, docs/training.md
N_BINS = 8
LOG = AMOUNT_NAMES.index("log")
MAX_CATEGORIES = 50


class TransactionFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Numbers of bank rows: what the description says, the amount, the day, and the other columns.

    Parameters
    ----------
    form : {"sparse", "dense"}, default "sparse"
        A CSR matrix for linear models, or an array for trees.
    n_components : int, default 64
        Directions of the text in the dense form; fewer where the text has fewer.
    roles : mapping of column to role, optional
        What a column means, where its name or values do not tell: ``text``, ``cents``, ``amount``, ``date``,
        ``number``, ``category`` or ``ignored``.
    random_state : int, default 0
        Start of the truncated SVD.

    Attributes
    ----------
    roles_ : dict of str to str
        Role of every column that was fitted, in their order.
    n_features_out_ : int

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({
    ...     "date": pd.to_datetime(["2024-03-05", "2024-03-08", "2024-03-20"]),
    ...     "amount_cents": [-12990, 250000, -7550],
    ...     "description": ["TARIFA PACOTE", "PIX RECEBIDO LOJA AZUL", "DARF 2089"],
    ... })
    >>> TransactionFeatures().fit_transform(rows).shape[0]
    3
    >>> TransactionFeatures(form="dense", n_components=2).fit(rows).transform(rows).shape
    (3, 16)
    """

    def __init__(
        self,
        *,
        form: Form = "sparse",
        n_components: int = 64,
        roles: Mapping[str, Role] | None = None,
        random_state: int = 0,
    ) -> None:
        self.form = form
        self.n_components = n_components
        self.roles = roles
        self.random_state = random_state

    def fit(self, X: Table, y: object = None) -> TransactionFeatures:  # noqa: ARG002  (scikit-learn's signature)
        """Learn the pieces of the texts, the scales of the numbers and the values of the categories."""
        self._fitted(X)
        return self

    def fit_transform(self, X: Table, y: object = None) -> Floats | sparse.csr_matrix:  # noqa: ARG002
        """Learn, and return the numbers of the same rows; what ``fit`` and ``transform`` give."""
        return self._assembled(*self._fitted(X))

    def transform(self, X: Table) -> Floats | sparse.csr_matrix:
        """Numbers of ``X``, one row a row; shape (n_rows, n_features_out_).

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ColumnNotFoundError
            If a column that was fitted is not there; others are ignored.
        """
        if not hasattr(self, "roles_"):
            raise NotFittedError("These features are not fitted. Call fit(rows) first.")
        frame = self._known(as_frame(X))
        return self._assembled(self._texts(frame), self._values(frame))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Name of every number; those of the dense form have no sign that LightGBM refuses in a name."""
        if self.form == "dense":
            texts = [f"text_{i}" for i in range(self._n_directions())]
        else:
            texts = [name for column, pieces in self.pieces_.items() for name in pieces.names(column)]
        return np.array([*texts, *self.value_names_], dtype=object)

    def _fitted(self, X: Table) -> tuple[sparse.csr_matrix, Floats]:
        self._check()
        frame = as_frame(X)
        self.roles_ = column_roles(frame, self.roles)
        if frame.empty or all(role == "ignored" for role in self.roles_.values()):
            raise InvalidDataError(
                f"There is nothing to learn from: {len(frame)} rows and columns {self.roles_}. "
                "Give a table with rows and at least one column that is no identifier."
            )
        self.pieces_ = {name: DescriptionPieces().fit(frame[name]) for name in self._named("text")}
        texts = self._texts(frame, reduce=False)
        self.svd_ = self._svd(texts)
        self._learn_values(frame)
        values = self._values(frame)
        self.n_features_out_ = (self._n_directions() if self.form == "dense" else texts.shape[1]) + values.shape[1]
        return self._reduced(texts), values

    def _check(self) -> None:
        if self.form not in get_args(Form):
            raise InvalidParameterError(f"form is one of {', '.join(get_args(Form))}; got {self.form!r}.")
        if not isinstance(self.n_components, int) or isinstance(self.n_components, bool) or self.n_components < 1:
            raise InvalidParameterError(f"n_components must be a whole number >= 1; got {self.n_components!r}.")

    def _named(self, *roles: Role) -> list[str]:
        return [name for name, role in self.roles_.items() if role in roles]

    def _known(self, frame: pd.DataFrame) -> pd.DataFrame:
        missing = [name for name, role in self.roles_.items() if role != "ignored" and name not in frame.columns]
        if missing:
            raise ColumnNotFoundError(
                f"The table lacks columns that were fitted: {', '.join(missing)}. Give a table of the same form.",
                {"columns": missing},
            )
        return frame

    def _texts(self, frame: pd.DataFrame, *, reduce: bool = True) -> sparse.csr_matrix | Floats:
        blocks = [pieces.transform(frame[name]) for name, pieces in self.pieces_.items()]
        whole = sparse.hstack(blocks, format="csr") if blocks else sparse.csr_matrix((len(frame), 0))
        return self._reduced(whole) if reduce else whole

    def _svd(self, texts: sparse.csr_matrix) -> Any:
        """Fitted truncated SVD; None in the sparse form and where the text has too few pieces."""
        from sklearn.decomposition import TruncatedSVD

        n = min(self.n_components, texts.shape[1] - 1, texts.shape[0] - 1)
        if self.form != "dense" or n < 1:
            return None
        with threadpool_limits(1, user_api="blas"):  # the same bits on any number of threads
            return TruncatedSVD(n, random_state=self.random_state).fit(texts)

    def _reduced(self, texts: sparse.csr_matrix) -> sparse.csr_matrix | Floats:
        if self.form != "dense":
            return texts
        if self.svd_ is None or not texts.shape[0]:
            return np.zeros((texts.shape[0], self._n_directions()))
        with threadpool_limits(1, user_api="blas"):
            return cast(Floats, self.svd_.transform(texts))

    def _n_directions(self) -> int:
        return 0 if self.svd_ is None else int(self.svd_.components_.shape[0])

    def _learn_values(self, frame: pd.DataFrame) -> None:
        self.categories_ = {name: categories(frame[name]) for name in self._named("category")}
        plain = {name: self._plain(frame[name], role) for name, role in self.roles_.items() if role in _PLAIN}
        self.center_ = {name: _center(block) for name, block in plain.items()}
        self.scale_ = {name: _spread(block, self.center_[name]) for name, block in plain.items()}
        logs = {name: block[:, LOG] for name, block in plain.items() if self.roles_[name] in {"cents", "amount"}}
        self.bins_ = {name: np.unique(np.quantile(log, np.arange(1, N_BINS) / N_BINS)) for name, log in logs.items()}
        self.value_names_ = [label for name in self.roles_ for label in self._labels(name)]

    def _plain(self, column: pd.Series, role: Role) -> Floats:
        """Numbers of a column before any scaling."""
        if role == "date":
            return calendar_columns(as_dates(column))
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        if role == "number":
            gone = ~np.isfinite(values)
            return np.column_stack([np.where(gone, 0.0, values), gone])
        return amount_columns(values if role == "cents" else np.round(values * 100))

    def _values(self, frame: pd.DataFrame) -> Floats:
        """Everything that is not text, in the order of ``value_names_``."""
        blocks = [
            self._value(frame[name], role) for name, role in self.roles_.items() if role not in {"text", "ignored"}
        ]
        return np.hstack(blocks) if blocks else np.zeros((len(frame), 0))

    def _value(self, column: pd.Series, role: Role) -> Floats:
        name = str(column.name)
        if role == "category":
            known = pd.Index(self.categories_[name], dtype=object)
            codes = known.get_indexer(pd.Index(_as_text(column))).astype(np.float64)
            return codes[:, None] if self.form == "dense" else _flags(codes, len(known)) * BESIDE_TEXT
        plain = self._plain(column, role)
        if self.form == "dense":
            return plain
        if role == "date":
            return calendar_flags(plain) * BESIDE_TEXT
        scaled = (plain - self.center_[name]) / self.scale_[name] * BESIDE_TEXT
        if role == "number":
            return scaled
        place = np.searchsorted(self.bins_[name], plain[:, LOG]).astype(np.float64)
        return np.hstack([scaled, _flags(place, len(self.bins_[name]) + 1) * BESIDE_TEXT])

    def _labels(self, name: str) -> list[str]:
        """Names of the numbers that ``name`` becomes."""
        role = self.roles_[name]
        if role == "category":
            return [name] if self.form == "dense" else [f"{name}={value}" for value in self.categories_[name]]
        if role == "date":
            parts: Sequence[str] = CALENDAR_NAMES if self.form == "dense" else flag_names()
            return [f"{name}_{part}" for part in parts]
        if role == "number":
            return [name, f"{name}_missing"]
        if role not in {"cents", "amount"}:
            return []
        bins = [] if self.form == "dense" else [f"{name}_bin={i}" for i in range(len(self.bins_[name]) + 1)]
        return [*(f"{name}_{part}" for part in AMOUNT_NAMES), *bins]

    def _assembled(self, texts: sparse.csr_matrix | Floats, values: Floats) -> sparse.csr_matrix | Floats:
        if self.form == "dense":
            return np.hstack([texts, values])
        return sparse.hstack([texts, sparse.csr_matrix(values)], format="csr")


_PLAIN = frozenset({"cents", "amount", "number", "date"})


def as_frame(X: Table) -> pd.DataFrame:
    """``X`` as a frame with text names."""
    if isinstance(X, pd.DataFrame):
        return X.set_axis(X.columns.map(str), axis=1)
    if isinstance(X, (list, tuple)) and all(isinstance(row, Mapping) for row in X):
        return pd.DataFrame(list(X))
    raise InvalidDataError(
        f"The rows must be a DataFrame or a list of dicts, with named columns; got {type(X).__name__}."
    )


def as_dates(column: pd.Series) -> pd.Series:
    """``column`` as datetime64; missing where a value is no date."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column.dt.tz_localize(None) if getattr(column.dt, "tz", None) is not None else column
    return pd.to_datetime(column, errors="coerce", format="mixed", dayfirst=_day_first(column))


def _day_first(column: pd.Series) -> bool:
    """Whether a text date begins with the day; ISO dates begin with the year and are read either way."""
    found = column.dropna()
    return bool(len(found)) and isinstance(found.iloc[0], str) and not found.iloc[0][:4].isdigit()


def categories(column: pd.Series) -> list[str]:
    """The most frequent values of a column as text, at most 50, the most frequent first; ties by their text."""
    counts = _as_text(column).value_counts()
    return sorted(counts.index, key=lambda value: (-int(counts[value]), value))[:MAX_CATEGORIES]


def _as_text(column: pd.Series) -> pd.Series:
    return column.astype(object).map(lambda value: "" if pd.isna(value) else str(value))


def _flags(codes: Floats, n: int) -> Floats:
    """One column a value; all zeros for a value that was not fitted (-1)."""
    flags = np.zeros((len(codes), n))
    known = np.flatnonzero(codes >= 0)
    flags[known, codes[known].astype(np.intp)] = 1.0
    return flags


def _center(block: Floats) -> Floats:
    return cast(Floats, block.mean(axis=0))


def _spread(block: Floats, center: Floats) -> Floats:
    spread = np.sqrt(((block - center) ** 2).mean(axis=0))
    return np.where(spread > 0, spread, 1.0)


__all__ = ["Form", "Table", "TransactionFeatures", "as_dates", "as_frame"]
