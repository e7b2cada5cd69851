"""Which column means what to a classifier: known by the names of the canonical row, else by what the values are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import pandas as pd

from contrapeso.errors import ColumnNotFoundError, InvalidParameterError
from contrapeso.tables import Kind, infer_schema

Role: TypeAlias = Literal["text", "cents", "amount", "date", "number", "category", "ignored"]
"""``cents`` is money in whole centavos, ``amount`` money in units; ``ignored`` columns take no part."""

CANONICAL: Mapping[str, Role] = {
    "description": "text",
    "amount_cents": "cents",
    "date": "date",
    "transaction_type": "category",
    "bank": "category",
    "account": "category",
    "currency": "category",
}
_BOOKKEEPING_WORDS = (
    "id upload_id description_raw direction category category_raw balance_cents fitid occurrence extra source_file "
    "source_sha256 source_sheet source_row justificativa observations monthly_report_cents is_synthetic"
)
BOOKKEEPING = frozenset(_BOOKKEEPING_WORDS.split())
"""Columns of a canonical row that repeat another one, name the row itself, or know the answer."""

_BY_KIND: Mapping[Kind, Role] = {
    "continuous": "number",
    "integer": "number",
    "money": "amount",
    "boolean": "category",
    "categorical": "category",
    "ordinal": "category",
    "datetime": "date",
    "text": "text",
    "identifier": "ignored",
}


def is_transactions(frame: pd.DataFrame) -> bool:
    """Whether ``frame`` has the columns of canonical bank rows: date, amount in centavos and description."""
    return {"date", "amount_cents", "description"} <= set(map(str, frame.columns))


def column_roles(frame: pd.DataFrame, given: Mapping[str, Role] | None = None) -> dict[str, Role]:
    """Role of every column of ``frame``: the ``given`` one, that of its canonical name, or that of its kind.

    Raises
    ------
    ColumnNotFoundError
        If ``given`` names a column that is not there.
    InvalidParameterError
        If it names a role that does not exist.
    """
    asked = dict(given or {})
    names = [str(name) for name in frame.columns]
    for name, role in asked.items():
        if name not in names:
            raise ColumnNotFoundError(f"There is no column {name!r}. Columns: {', '.join(names)}.", {"column": name})
        if role not in get_args(Role):
            raise InvalidParameterError(f"A role is one of {', '.join(get_args(Role))}; got {role!r} for {name!r}.")
    known: dict[str, Role] = {}
    if is_transactions(frame):
        known = {name: CANONICAL[name] for name in names if name in CANONICAL}
        known |= {name: "ignored" for name in names if name in BOOKKEEPING}
    known |= asked
    rest = [name for name in names if name not in known]
    inferred = infer_schema(frame[rest]) if rest else ()
    known |= {column.name: _BY_KIND[column.kind] for column in inferred}
    return {name: known[name] for name in names}


__all__ = ["BOOKKEEPING", "CANONICAL", "Role", "column_roles", "is_transactions"]
