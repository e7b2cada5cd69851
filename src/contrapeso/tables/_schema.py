"""What each column of a table is: its kind, the reason for it, and what its values must keep to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeAlias, TypedDict, cast, get_args

from contrapeso.errors import ColumnNotFoundError, InvalidDataError, InvalidParameterError

Kind: TypeAlias = Literal[
    "continuous", "integer", "money", "boolean", "categorical", "ordinal", "datetime", "text", "identifier"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
NUMBER_KINDS: frozenset[Kind] = frozenset({"continuous", "integer", "money", "datetime"})
"""Kinds that have an arithmetic; the others are sets of atoms that are never mixed or invented."""

PROTOCOL = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is and ``why`` we think so.

    ``decimals`` is the grid of numbers (2 for cents; None for no grid), ``format`` the text form of
    dates, ``categories`` the values a boolean (false, true), categorical or ordinal column may take.
    """

    name: str
    kind: Kind
    dtype: str
    nullable: bool
    why: str
    decimals: int | None = None
    format: str | None = None
    categories: tuple[str, ...] | None = None


class ColumnDict(TypedDict):
    """A column as JSON."""

    name: str
    kind: str
    dtype: str
    nullable: bool
    why: str
    decimals: int | None
    format: str | None
    categories: list[str] | None


class SchemaDict(TypedDict):
    """A schema as JSON."""

    protocol: int
    columns: list[ColumnDict]


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table, in order.

    Examples
    --------
    >>> import pandas as pd
    >>> from contrapeso.tables import infer_schema
    >>> schema = infer_schema(pd.DataFrame({"valor": [10.5, 20.25], "pago": ["sim", "não"]}))
    >>> schema["valor"].kind, schema["pago"].kind
    ('money', 'boolean')
    """

    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for column in self.columns:
            if column.name in seen:
                raise InvalidDataError(
                    f"Two columns are named {column.name!r}; names must be unique. Rename one of them.",
                    {"column": column.name},
                )
            seen.add(column.name)

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise _not_found(name, self.names)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in order."""
        return tuple(column.name for column in self.columns)

    def of_kind(self, *kinds: Kind) -> tuple[str, ...]:
        """Names of the columns of these kinds, in table order."""
        return tuple(column.name for column in self.columns if column.kind in kinds)

    def override(self, kinds: Mapping[str, Kind]) -> Schema:
        """The same schema with the named columns set to other kinds.

        What no longer applies (categories of a number, the cent grid of a category) is dropped;
        :class:`RowCodec` reads it again from the data it is fitted on.
        """
        check_overrides(kinds, self.names)
        return Schema(tuple(_recast(c, kinds[c.name]) if c.name in kinds else c for c in self.columns))

    def to_dict(self) -> SchemaDict:
        """The schema as JSON types, with a protocol number."""
        columns = [cast(ColumnDict, asdict(c) | {"categories": _listed(c.categories)}) for c in self.columns]
        return {"protocol": PROTOCOL, "columns": columns}

    @classmethod
    def from_dict(cls, data: SchemaDict) -> Schema:
        """The schema that :meth:`to_dict` wrote."""
        if data.get("protocol") != PROTOCOL:
            raise InvalidDataError(
                f"The schema has protocol {data.get('protocol')!r}; this version reads protocol {PROTOCOL}."
            )
        return cls(tuple(_column(entry) for entry in data["columns"]))

    def __str__(self) -> str:
        rows = [(c.name, c.kind, c.dtype, "yes" if c.nullable else "", c.why) for c in self.columns]
        head = ("column", "kind", "dtype", "nulls", "why")
        widths = [max(len(row[i]) for row in [head, *rows]) for i in range(4)]
        lines = ["  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[4]]) for row in rows]
        title = "  ".join([*(cell.ljust(w) for cell, w in zip(head, widths, strict=False)), head[4]])
        return "\n".join([title, *lines])


def check_overrides(kinds: Mapping[str, Kind], names: tuple[str, ...]) -> None:
    """Refuse a name that is not a column and a kind that does not exist."""
    for name, kind in kinds.items():
        if name not in names:
            raise _not_found(name, names)
        if kind not in KINDS:
            raise InvalidParameterError(f"Column {name!r}: no kind {kind!r}. Kinds: {', '.join(KINDS)}.")


def _not_found(name: str, names: tuple[str, ...]) -> ColumnNotFoundError:
    return ColumnNotFoundError(f"No column {name!r}. Columns: {', '.join(names)}.", {"column": name})


def _recast(column: Column, kind: Kind) -> Column:
    if kind == column.kind:
        return column
    keep_decimals = kind in {"continuous", "money"}
    decimals = 0 if kind == "integer" else column.decimals if keep_decimals else None
    if kind == "money" and decimals is None:
        decimals = 2
    fmt = column.format if kind == "datetime" else None
    keep_categories = kind in {"boolean", "categorical", "ordinal"}
    categories = column.categories if keep_categories else None
    return replace(column, kind=kind, why="set by the caller", decimals=decimals, format=fmt, categories=categories)


def _listed(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _column(entry: ColumnDict) -> Column:
    if entry["kind"] not in KINDS:
        raise InvalidDataError(f"Column {entry['name']!r}: no kind {entry['kind']!r}. Kinds: {', '.join(KINDS)}.")
    categories = entry["categories"]
    return Column(
        name=entry["name"],
        kind=entry["kind"],
        dtype=entry["dtype"],
        nullable=entry["nullable"],
        why=entry["why"],
        decimals=entry["decimals"],
        format=entry["format"],
        categories=None if categories is None else tuple(categories),
    )


__all__ = ["KINDS", "NUMBER_KINDS", "Column", "Kind", "Schema", "SchemaDict", "check_overrides"]
