"""Whole tables as rows of codes and back: the one encoder that every generator trains on."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso.errors import InsufficientDataError, InvalidDataError, NotFittedError
from contrapeso.tables._numbers import nulls
from contrapeso.tables._schema import Column, Schema
from contrapeso.tables.encoding._column import ColumnCodec, ColumnCodes
from contrapeso.tables.encoding._config import Encoding
from contrapeso.tables.encoding._dependencies import Dependency
from contrapeso.tables.encoding._gaps import Gap
from contrapeso.tables.encoding._identifiers import IdentifierColumn, IdentifierSummary
from contrapeso.tables.encoding._known import Told, known_cells, limits_of, overlaid
from contrapeso.tables.encoding._moments import MomentColumn, MomentSummary
from contrapeso.tables.encoding._nominal import LabelSummary, NominalColumn
from contrapeso.tables.encoding._numeric import NumberSummary, NumericColumn
from contrapeso.tables.encoding._partitions import TableSummary, check_columns, from_zero, named_columns
from contrapeso.tables.encoding._relations import Relations
from contrapeso.tables.encoding._sketch import ValueCounts, factor, key
from contrapeso.tables.encoding._state import Arrays, Json, pack_dtype, pack_values, unpack_dtype, unpack_values
from contrapeso.tables.encoding._text import TextColumn
from contrapeso.tables.encoding._tokens import CodeArray, Encoded, Given, Token

_CODECS: dict[str, Any] = {
    kind.__name__: kind for kind in (IdentifierColumn, MomentColumn, NominalColumn, NumericColumn, TextColumn)
}


class TableEncoder:
    """Reversible encoder of a table into tokens.

    Parameters
    ----------
    config : Encoding
        Options.
    schema : Schema, optional
        Kinds of the columns; inferred from the first partition without one.
    keep : collection of str
        Columns that conditions will name: no relation drops or re-expresses them.
    first : sequence of str
        Columns whose tokens come first.

    Attributes
    ----------
    tokens_ : tuple of Token
        Positions of an encoded row.
    columns_ : tuple of str
        Columns of the table, in order.
    relations_ : Relations
        Columns that are computed after decoding, and how.
    n_rows_ : int
        Rows seen.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from contrapeso.tables.encoding import TableEncoder
    >>> frame = pd.DataFrame({"parcelas": [1, 3, 7], "tipo": ["pix", "boleto", "pix"]})
    >>> encoder = TableEncoder().fit(frame)
    >>> [(token.column, token.n_codes) for token in encoder.tokens_]
    [('parcelas', 3), ('tipo', 2)]
    >>> encoder.decode(encoder.encode(frame), np.random.default_rng(0)).equals(frame)
    True
    """

    tokens_: tuple[Token, ...]
    columns_: tuple[str, ...]
    relations_: Relations
    n_rows_: int

    def __init__(
        self,
        config: Encoding = Encoding(),  # noqa: B008  (frozen)
        *,
        schema: Schema | None = None,
        keep: Collection[str] = (),
        first: Sequence[str] = (),
    ) -> None:
        self.config, self.schema, self.keep, self.first = config, schema, tuple(keep), tuple(first)
        self._summary: TableSummary | None = None
        self._codecs: dict[str, ColumnCodec] = {}

    def fit(self, frame: pd.DataFrame) -> Self:
        """Learn a whole table at once."""
        self._summary = None
        return self.partial_fit(frame).finish()

    def partial_fit(self, frame: pd.DataFrame) -> Self:
        """Read one partition; :meth:`finish` when all were read."""
        if self._summary is None:
            config = self.config
            self._summary = TableSummary.start(
                frame, self.schema, self.keep, related=config.relations, most_labels=config.max_codes
            )
        self._summary.add(frame)
        return self

    def merge(self, other: TableEncoder) -> Self:
        """Take in the rows that another encoder, with the same options, has read."""
        if other._summary is not None and self._summary is not None:
            self._summary.merge(other._summary)
        elif other._summary is not None:
            self._summary = other._summary.copy()
        return self

    def finish(self) -> Self:
        """Fit the codecs to what was read."""
        summary = self._summary
        if summary is None or not summary.n_rows:
            raise InsufficientDataError("An encoder needs at least one row. Pass a table that is not empty.")
        self.schema_, self.columns_, self.n_rows_ = summary.schema, summary.schema.names, summary.n_rows
        self.relations_, self._labels = summary.relations, summary.labels
        for name in self.first:
            self.schema_[name]  # raises for a name that is none
        left = summary.relations.schema
        order = [name for name in self.first if name in left.names]
        order += [name for name in left.names if name not in order]
        self._codecs = {name: _codec(left[name], summary, self.config) for name in order}
        self._place_tokens()
        return self

    def avoiding(self, frame: pd.DataFrame) -> Self:
        """The encoder that makes none of the identifiers of these rows either; nothing else is learned from them."""
        self._check_fitted()
        series, made = dict(named_columns(frame)), copy.copy(self)
        made._codecs = {
            name: codec.avoiding(series[name]) if isinstance(codec, IdentifierColumn) and name in series else codec
            for name, codec in self._codecs.items()
        }
        return made

    def _place_tokens(self) -> None:
        """Token list of all columns, parents counted from the first token of the row."""
        tokens: list[Token] = []
        self._starts: dict[str, int] = {}
        for name, codec in self._codecs.items():
            start = self._starts[name] = len(tokens)
            tokens += [t if t.parent is None else replace(t, parent=t.parent + start) for t in codec.tokens]
        self.tokens_ = tuple(tokens)

    def encode(self, frame: pd.DataFrame) -> Encoded:
        """Codes of ``frame``: values that were not seen take the rare or the nearest code."""
        self._check_fitted()
        check_columns(frame, self.columns_)
        series = dict(named_columns(self.relations_.reduce(from_zero(frame))))
        codes = np.empty((len(frame), len(self.tokens_)), dtype=np.int32)
        residuals = []
        for name, codec in self._codecs.items():
            coded = codec.encode(series[name])
            if isinstance(codec, NumericColumn) and codec.sources:
                coded = codec.same(coded, series[name], series)
            start = self._starts[name]
            codes[:, start : start + coded.codes.shape[1]] = coded.codes
            if coded.residual is not None:
                residuals.append(coded.residual)
        return Encoded(codes, np.concatenate(residuals, axis=1) if residuals else None)

    def decode(
        self, encoded: Encoded, rng: np.random.Generator, *, start: int = 0, known: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """The table of ``encoded``: same dtypes, names and column order; the index is 0, 1, 2, ...

        Parameters
        ----------
        encoded : Encoded
        rng : Generator
            For what codes do not say: positions within bins, rare values, identifiers.
        start : int, default=0
            Rows decoded before, so that identifiers of numbers go on after theirs.
        known : DataFrame, optional
            Cells that are known, null where they are not, in the dtypes of the table: what is computed from them
            (sums, lookups) is computed from these values, not from those that their codes would give. A column
            with a known cell has no new nulls among its identifiers.
        """
        self._check_fitted()
        if encoded.codes.shape[1] != len(self.tokens_):
            raise InvalidDataError(
                f"The encoder has {len(self.tokens_)} tokens; the rows have {encoded.codes.shape[1]}."
            )
        coded = self._by_column(encoded)
        told = {} if known is None else dict(named_columns(known))
        parts: dict[str, pd.Series] = {}
        for name in sorted(self._codecs, key=self._decoding_order):
            codec = self._codecs[name]
            if isinstance(codec, IdentifierColumn):
                made = codec.fresh(len(encoded), rng, start, nulls=name not in told)
            elif isinstance(codec, NumericColumn) and codec.sources:
                made = codec.copied(coded[name], parts, rng)
            else:
                made = codec.decode(coded[name], rng)
            fixed = name in told and name not in self.relations_.reexpressed
            parts[name] = overlaid(made, told[name]) if fixed else made
        names = self.relations_.schema.names
        frame = pd.DataFrame({name: parts[name] for name in names}, index=pd.RangeIndex(len(encoded)))
        frame = self.relations_.restore(frame, rng, known) if self.relations_.steps else frame
        frame.columns = self._labels
        return frame

    def _by_column(self, encoded: Encoded) -> dict[str, ColumnCodes]:
        """Codes and residuals of each column."""
        coded, at = {}, 0
        for name, codec in self._codecs.items():
            first, n = self._starts[name], len(codec.tokens)
            width = sum(token.residual for token in codec.tokens)
            residual = encoded.residual[:, at : at + width] if encoded.residual is not None and width else None
            at += width
            coded[name] = ColumnCodes(encoded.codes[:, first : first + n], residual)
        return coded

    def _decoding_order(self, name: str) -> tuple[bool, int]:
        """Columns that repeat others come after them, in table order."""
        codec = self._codecs[name]
        return isinstance(codec, NumericColumn) and bool(codec.sources), self.columns_.index(name)

    def given(self, conditions: pd.DataFrame) -> Given:
        """Codes of the values asked for, one row per row wanted; null asks for null.

        Raises
        ------
        ColumnNotFoundError
            If a column is not one of the table's.
        InvalidDataError
            If no code stands for a value; the message names the nearest.
        """
        self._check_fitted()
        asked = dict(named_columns(conditions))
        codes = np.full((len(conditions), len(self.tokens_)), -1, dtype=np.int32)
        allowed: dict[int, NDArray[np.bool_]] = {}
        unresolved = []
        for name, series in asked.items():
            self.schema_[name]  # raises for a name that is none
            codec = self._codecs.get(name)
            if codec is None or not codec.tokens or name in self.relations_.reexpressed:
                exact = codec is None and self._determined(name, series, allowed, asked)
                unresolved += [] if exact else [name]
                continue
            coded = ColumnCodes(codec.given(series))
            if isinstance(codec, NumericColumn) and set(codec.sources) & set(asked):
                none = pd.Series(np.full(len(series), np.nan))
                coded = codec.same(coded, series, {s: asked.get(s, none) for s in codec.sources})
            start = self._starts[name]
            codes[:, start : start + len(codec.tokens)] = coded.codes
        self._mask_bounded(asked, codes, allowed)
        return Given(codes, allowed, tuple(asked), tuple(unresolved))

    def known(self, frame: pd.DataFrame) -> Given:
        """What rows with nulls ask for: the code of every value that is there, and any but null's where there is none.

        Unlike :meth:`given` this refuses no value: one that was never seen takes the code of the nearest. A column
        that is null in every training row stays free, as there is nothing else that it could be.

        Parameters
        ----------
        frame : DataFrame
            Every column of the table.
        """
        codes = self.encode(frame).codes
        gone = {name: nulls(series) for name, series in named_columns(frame)}
        for step in self.relations_.steps:
            if isinstance(step, Gap):  # a gap is known where both of its ends are
                gone[step.output] = gone[step.output] | gone[step.base.name]
        for name, start in self._starts.items():
            codes[gone[name], start : start + len(self._codecs[name].tokens)] = -1
        self._free_unseen_pairs(codes)
        allowed: dict[int, NDArray[np.bool_]] = {}
        for step in self.relations_.steps:
            source = step.pairing.source if isinstance(step, Dependency) else None
            if isinstance(step, Dependency) and source in self._codecs and (gone[source] & ~gone[step.output]).any():
                self._mask_source(step, frame, gone[source] & ~gone[step.output], allowed)
        self._mask_bounded(known_cells(frame), codes, allowed)
        open_columns = [name for name, where in gone.items() if where.any()]
        return self.without_nulls(Given(codes, allowed, self.columns_), open_columns)

    def _mask_source(
        self, step: Dependency, frame: pd.DataFrame, rows: NDArray[np.bool_], allowed: dict[int, NDArray[np.bool_]]
    ) -> None:
        """In ``rows``, leave the determining column the codes that go with the value that it determines."""
        codec = self._codecs[step.pairing.source]
        if not codec.tokens or step.pairing.source in self.relations_.reexpressed:
            return
        token = self._starts[step.pairing.source]
        wanted = dict(named_columns(frame))[step.output][rows]
        masks = allowed.setdefault(token, np.ones((len(frame), codec.tokens[0].n_codes), dtype=bool))
        masks[rows] &= _masks(step.output, wanted, step, codec, strict=False)[0]
        masks[~masks.any(axis=1)] = True  # two columns that no source value has together

    def _mask_bounded(self, told: Told, codes: CodeArray, allowed: dict[int, NDArray[np.bool_]]) -> None:
        """Leave a column that an order bounds by known cells the codes whose values are within the bounds."""
        for name, (low, high) in limits_of(self.relations_.steps, told).items():
            codec = self._codecs.get(name)
            bounded = np.isfinite(low) | np.isfinite(high)
            if not isinstance(codec, NumericColumn) or not codec.is_plain or not bounded.any():
                continue
            token = self._starts[name]
            least, most = codec.scale.reach()
            legal = (least <= high[:, None]) & (most >= low[:, None])
            legal[~legal.any(axis=1)] = True
            legal |= (codes[:, token] >= 0)[:, None]
            if not legal.all():
                allowed[token] = legal & allowed[token] if token in allowed else legal

    def _free_unseen_pairs(self, codes: CodeArray) -> None:
        """Leave a fine code open beside a coarse code that no training row had it with."""
        for t, token in enumerate(self.tokens_):
            if token.parent is None or token.log_prior is None:
                continue
            above, own = codes[:, token.parent], codes[:, t]
            both = np.flatnonzero((above >= 0) & (own >= 0))
            codes[both[np.isneginf(token.log_prior[above[both], own[both]])], t] = -1

    def without_nulls(self, given: Given, columns: Collection[str]) -> Given:
        """The same request, where ``columns`` may not be null in the rows in which they are free.

        A column whose codes all stand for null is left as it is, and so is one that a relation computes.
        """
        allowed = dict(given.allowed)
        for name in columns:
            codec = self._codecs.get(name)
            if codec is None or not codec.null_codes:
                continue
            token = self._starts[name]
            legal = np.ones(codec.tokens[0].n_codes, dtype=bool)
            legal[list(codec.null_codes)] = False
            if legal.any():
                masks = legal | (given.codes[:, token] >= 0)[:, None]
                allowed[token] = masks & allowed[token] if token in allowed else masks
        return replace(given, allowed=allowed)

    def _determined(
        self, name: str, series: pd.Series, allowed: dict[int, NDArray[np.bool_]], asked: Collection[str]
    ) -> bool:
        """Mask the codes of the column that determines ``name``; whether that says everything."""
        step = next((s for s in self.relations_.steps if isinstance(s, Dependency) and s.output == name), None)
        if step is None or step.pairing.source not in self._codecs or step.pairing.source in asked:
            return False
        source, token = step.pairing.source, self._starts[step.pairing.source]
        codec = self._codecs[source]
        if not codec.tokens or source in self.relations_.reexpressed:
            return False
        masks, exact = _masks(name, series, step, codec)
        allowed[token] = masks & allowed[token] if token in allowed else masks
        return exact and len(codec.tokens) == 1

    def _check_fitted(self) -> None:
        if not self._codecs:
            raise NotFittedError("The encoder has learned no table yet. Call fit, or finish after partial_fit.")

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Everything that decode, encode and given need, as JSON types and arrays."""
        self._check_fitted()
        arrays: Arrays = {}
        columns = []
        for i, codec in enumerate(self._codecs.values()):
            content, parts = codec.state()
            columns.append({"is": type(codec).__name__, "of": content})
            arrays |= {f"{i}.{name}": part for name, part in parts.items()}
        labels = self._labels
        content = {
            "config": asdict(self.config),
            "schema": self.schema_.to_dict(),
            "keep": list(self.keep),
            "first": list(self.first),
            "n_rows": self.n_rows_,
            "labels": {
                "values": pack_values(labels.tolist()),
                "dtype": pack_dtype(labels.dtype),
                "names": pack_values(labels.names),
            },
            "relations": self.relations_.to_dict(),
            "columns": columns,
        }
        return content, arrays

    @classmethod
    def from_state(cls, content: Mapping[str, Any], arrays: Mapping[str, Any]) -> Self:
        """The encoder that :meth:`state` wrote."""
        schema = Schema.from_dict(content["schema"])
        encoder = cls(Encoding(**content["config"]), schema=schema, keep=content["keep"], first=content["first"])
        encoder.schema_, encoder.columns_, encoder.n_rows_ = schema, schema.names, content["n_rows"]
        labels = content["labels"]
        encoder._labels = _index(labels)
        encoder.relations_ = Relations.from_dict(content["relations"])
        for i, column in enumerate(content["columns"]):
            own = {name.partition(".")[2]: part for name, part in arrays.items() if name.partition(".")[0] == str(i)}
            codec = _CODECS[column["is"]].from_state(column["of"], own)
            encoder._codecs[codec.name] = codec
        encoder._place_tokens()
        return encoder


def _codec(column: Column, summary: TableSummary, config: Encoding) -> ColumnCodec:
    """Codec of one column."""
    of = summary.of(column.name)
    if isinstance(of, IdentifierSummary):
        if not of.unique:
            return _of_labels(column, of.labels, summary, config)
        return IdentifierColumn.fit(column.name, of, private=config.min_support > 1 or config.k_extreme > 1)
    if isinstance(of, MomentSummary):
        return MomentColumn.fit(column.name, of, config)
    if isinstance(of, NumberSummary):
        equal: dict[str, ValueCounts] = {
            source: summary.equal[column.name, source] for source in summary.sources().get(column.name, ())
        }
        return NumericColumn.fit(column.name, of, config, equal)
    return _of_labels(column, of, summary, config)


def _of_labels(column: Column, labels: LabelSummary, summary: TableSummary, config: Encoding) -> ColumnCodec:
    sample = summary.sample
    if column.kind == "text":
        return TextColumn.fit(column.name, labels, column, config, sample)
    alike = None
    if sample is not None and column.name in sample.frame and len(labels.labels.counts) > config.max_codes - 2:
        alike = sample.ranks(sample.frame[column.name], column.name, config.max_codes)
    return NominalColumn.fit(column.name, labels, column, config, alike)


def _masks(
    name: str, wanted: pd.Series, step: Dependency, codec: ColumnCodec, *, strict: bool = True
) -> tuple[NDArray[np.bool_], bool]:
    """Per row, the codes of the determining column that go with the value wanted; and whether they say everything.

    A value that was never seen is refused, or, where not ``strict``, says nothing.
    """
    n_codes = codec.tokens[0].n_codes
    of_targets, targets = factor(step.pairing.targets)
    by_key = {key(value): i for i, value in enumerate(targets)}
    alike = {value: i for i, value in enumerate(targets)}
    codes, values = factor(wanted)
    masks = np.zeros((len(wanted), n_codes), dtype=bool)
    exact = True
    for i in np.unique(codes).tolist():
        place = -1 if i < 0 else by_key.get(key(values[i]), alike.get(values[i], -2))
        sources = step.pairing.sources[of_targets == place]
        if not len(sources) and not strict:
            masks[codes == i] = True
            continue
        if not len(sources):
            shown = ", ".join(repr(v) for v in targets[:4])
            raise InvalidDataError(
                f"Column {name!r}: no row of the training table has {None if i < 0 else values[i]!r}, so it cannot be "
                f"asked for. Values: {shown}.",
                {"column": name},
            )
        own = np.unique(codec.given(sources)[:, 0])
        masks[np.ix_(codes == i, own)] = True
        exact &= not (isinstance(codec, NumericColumn) and bool(np.isin(own, codec.scale.cell_code).any()))
    return masks, exact


def _index(labels: Mapping[str, Json]) -> pd.Index:
    values: list[Any] = unpack_values(labels["values"])
    if any(isinstance(value, tuple) for value in values):
        return pd.MultiIndex.from_tuples(values, names=unpack_values(labels["names"]))
    return pd.Index(values, dtype=unpack_dtype(labels["dtype"]), name=unpack_values(labels["names"])[0])


__all__ = ["TableEncoder"]
