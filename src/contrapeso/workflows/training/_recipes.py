"""Two functions for pipelines that exist already, under the names and signatures that they were documented with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from contrapeso.errors import ColumnNotFoundError, InvalidParameterError

if TYPE_CHECKING:
    import pandas as pd

TARGETS = ("category", "Tipo", "target", "label", "class")
OWN_KEYS = frozenset({"use_balancing", "target", "strategy", "target_ratio", "random_state"})


def train_with_balancing(model_type: str, X: Any, y: Any, balancing_config: Mapping[str, Any] | None = None) -> Any:
    """Fitted classifier of ``model_type``, trained on ``X`` and ``y``, balanced first where a configuration is given.

    Parameters
    ----------
    model_type : as in :func:`contrapeso.workflows.train`; 'auto' is LightGBM
    X : table of numbers of shape (n, p); with ``balancing_config`` whatever ``ImbalancedDataHandler`` takes
    y : labels of shape (n,)
    balancing_config : configuration of ``ImbalancedDataHandler``, plus ``strategy`` (default 'auto') and
        ``target_ratio``; None or empty balances nothing

    Returns
    -------
    A classifier with ``fit``, ``predict`` and ``predict_proba``. It trains on all rows given: pass training rows only.

    Examples
    --------
    >>> import numpy as np
    >>> from contrapeso.workflows import train_with_balancing
    >>> X, y = np.arange(40.0).reshape(20, 2), np.repeat([0, 1], 10)
    >>> train_with_balancing("logistic_regression", X, y).predict(X[:2]).tolist()
    [0, 0]
    """
    from contrapeso.workflows.training._estimators import check_model_type, make_estimator

    check_model_type(model_type)
    if balancing_config:
        X, y = _balanced(X, y, balancing_config)
    seed = int((balancing_config or {}).get("random_state", 42))
    kind = "lightgbm" if model_type == "auto" else model_type
    return make_estimator(kind, has_text=False, n_rows=len(y), seed=seed).fit(X, y)


def process_data_with_balancing(
    raw_data: pd.DataFrame | Sequence[Mapping[str, Any]], config: Mapping[str, Any] | None = None
) -> tuple[Any, Any]:
    """``(X, y)`` of a table with labels: numbers for a classifier, balanced where ``config['use_balancing']`` is true.

    Parameters
    ----------
    raw_data : DataFrame or list of dicts; bank rows get the features of their description, amount and day
    config : ``use_balancing`` (default False), ``target`` (default the first of category, Tipo, target, label, class
        that is a column), ``strategy``, ``target_ratio``, ``random_state``, and the configuration of
        ``ImbalancedDataHandler``

    Returns
    -------
    X : DataFrame of numbers, y : Series of labels
        Rows without a label are left out. The features are fitted to all rows given: pass training rows only, or use
        :func:`contrapeso.workflows.train`, which keeps an untouched part.
    """
    import pandas as pd

    from contrapeso.finance.features import TransactionFeatures

    asked = dict(config or {})
    frame = raw_data if isinstance(raw_data, pd.DataFrame) else pd.DataFrame(list(raw_data))
    target = _target(frame, asked.get("target"))
    frame = frame[frame[target].notna()].reset_index(drop=True)
    features = TransactionFeatures(form="dense")
    numbers = features.fit_transform(frame.drop(columns=[target]))
    X = pd.DataFrame(numbers, columns=list(features.get_feature_names_out()))
    y = frame[target]
    return _balanced(X, y, asked) if asked.get("use_balancing", False) else (X, y)


def _target(frame: pd.DataFrame, asked: object) -> str:
    known = [str(asked)] if asked is not None else list(TARGETS)
    found = next((name for name in known if name in frame.columns), None)
    if found is None:
        raise ColumnNotFoundError(
            f"None of {', '.join(map(repr, known))} is a column of the data ({', '.join(map(str, frame.columns))}). "
            "Name the column of the classes: config['target'].",
            {"columns": [str(name) for name in frame.columns]},
        )
    return found


def _balanced(X: Any, y: Any, config: Mapping[str, Any]) -> tuple[Any, Any]:
    """Rows balanced by the handler; keys that are not its own are taken out."""
    from contrapeso.services.imbalanced_data_handler import ImbalancedDataHandler

    ratio = config.get("target_ratio", 1.0)
    if not isinstance(ratio, (int, float)) or isinstance(ratio, bool):
        raise InvalidParameterError(f"target_ratio is a number in (0, 1]; got {ratio!r}.")
    handler = ImbalancedDataHandler({key: value for key, value in config.items() if key not in OWN_KEYS})
    balanced = handler.handle_imbalanced_data(X, y, strategy=config.get("strategy", "auto"), target_ratio=ratio)
    return balanced[0], balanced[1]


__all__ = ["process_data_with_balancing", "train_with_balancing"]
