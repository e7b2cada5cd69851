"""The door of every generator: fit, sample, log_prob, impute, save and load.

A table goes through the shared encoder and becomes rows of codes; a family learns and draws codes;
the encoder turns them into a table again. What families share is here; what one family knows is in
the few methods that its class fills in.
"""

from __future__ import annotations

import inspect
import os
import tempfile
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contrapeso._rng import RandomState, child, seed_sequence
from contrapeso.errors import (
    CancelledError,
    ColumnNotFoundError,
    CorruptArchiveError,
    InvalidParameterError,
    NotFittedError,
    UnsupportedOperationError,
)
from contrapeso.generators._card import ModelCard
from contrapeso.generators._column_labels import (
    labels_of,
    named,
    pack_labels,
    relabelled,
    relabelling,
    unpack_labels,
)
from contrapeso.generators._conditions import Constraint, Wanted, collect, contradicted, match, wanted
from contrapeso.generators._record import TrainingRecord
from contrapeso.generators._stream import (
    TableSource,
    as_frame,
    digest_of,
    encode_all,
    first_frame,
    learn_encoder,
    open_source,
    row_hashes,
)
from contrapeso.persistence import Archive, ArchiveKind, read_archive, write_archive
from contrapeso.progress import Cancel, ProgressCallback, never, silent
from contrapeso.tables import Schema
from contrapeso.tables.encoding import Encoded, Encoding, Given, TableEncoder

KIND = ArchiveKind("contrapeso-synthesizer", 1)
FIT, SAMPLE, DECODE, UPDATE = range(4)  # keys of the random streams


class Synthesizer:
    """Base of the families; see :class:`MixtureSynthesizer` and its siblings.

    Attributes
    ----------
    encoder_ : TableEncoder
    card_ : ModelCard
    target_ : str or None
    n_updates_ : int
        How many times :meth:`partial_fit` went on with the training.
    """

    family: ClassVar[str]
    options: ClassVar[tuple[type, ...]] = ()
    """Frozen dataclasses that the constructor takes, beside ``Encoding``."""
    residuals: ClassVar[bool] = False
    """Whether the family draws the position within a bin itself, instead of a fine token."""
    conditional: ClassVar[bool] = True
    """Whether given codes are met by construction; else by rejection."""

    encoding: Encoding
    random_state: RandomState
    encoder_: TableEncoder
    card_: ModelCard
    target_: str | None
    n_updates_: int
    _seed: np.random.SeedSequence
    _empty: pd.DataFrame
    _labels: pd.Index | None
    _n_draws: int

    def fit(
        self,
        data: TableSource,
        *,
        target: Hashable | None = None,
        schema: Schema | None = None,
        keep: Sequence[Hashable] = (),
        resume: bool = False,
        progress: ProgressCallback = silent,
        cancel: Cancel = never,
    ) -> Self:
        """Learn the joint distribution of the columns of ``data``.

        Parameters
        ----------
        data : DataFrame, array, list of dicts, Arrow or polars table, Parquet path, Arrow data set, callable
            A Parquet path, a data set or a callable that returns an iterable of frames is read in pieces,
            twice, and need not fit in memory.
        target : label, optional
            Column of the classes: ``sample(n_per_class=...)`` asks for it.
        schema : Schema, optional
            Kinds of the columns; inferred by default.
        keep : sequence of labels, optional
            Columns that conditions will name: they come first in the order of a fixed-order family and no
            relation drops them.
        resume : bool, default=False
            Whether to go on from ``training.checkpoint`` where one is there.
        progress, cancel : callable, optional

        Returns
        -------
        self

        Raises
        ------
        InvalidDataError, InsufficientDataError
            If the data cannot be learned from.
        CancelledError, TrainingDivergedError
        """
        stop = _stopper(cancel)
        source, self._labels = open_source(data), labels_of(data)
        target = None if target is None else str(target)
        self._seed, self._n_draws, self.n_updates_, self.target_ = seed_sequence(self.random_state), 0, 0, target
        first = [*([target] if target is not None else []), *(name for name in map(str, keep) if name != target)]
        self._empty = first_frame(source).iloc[:0]
        _check_columns(first, self._empty.columns)
        encoder = TableEncoder(self._encoding(), schema=schema, keep=first, first=first)
        digest = learn_encoder(source, encoder, progress, stop)
        with tempfile.TemporaryDirectory(prefix="contrapeso-") as folder:
            rows = encode_all(source, encoder, encoder.n_rows_, Path(folder), stop)
            self.encoder_ = encoder
            record = _nothing_to_learn(len(rows))
            if encoder.tokens_:
                record = self._fit_rows(rows, child(self._seed, FIT), progress, cancel, resume=resume)
        self.card_ = self._card(digest, record)
        return self

    def partial_fit(self, data: TableSource, *, progress: ProgressCallback = silent, cancel: Cancel = never) -> Self:
        """Go on learning from new rows, starting from what is known; fits where nothing was fitted.

        The encoder stays: a category never seen before counts as a rare one, a number beyond the range as the last bin.
        """
        if not hasattr(self, "encoder_"):
            return self.fit(data, progress=progress, cancel=cancel)
        source, stop = open_source(data), _stopper(cancel)
        digest, n = digest_of(source)
        with tempfile.TemporaryDirectory(prefix="contrapeso-") as folder:
            rows = encode_all(source, self.encoder_, n, Path(folder), stop)
            self.n_updates_ += 1
            record = _nothing_to_learn(n)
            if self.encoder_.tokens_:
                record = self._update_rows(rows, child(self._seed, UPDATE, self.n_updates_), progress, cancel)
        self.card_ = replace(self._card(digest, record), n_rows=self.card_.n_rows + n)
        return self

    def sample(
        self,
        n: int | None = None,
        *,
        n_per_class: Mapping[Any, int] | None = None,
        conditions: Mapping[Any, Any] | pd.DataFrame | None = None,
        constraints: Constraint | Sequence[Constraint] = (),
        exclude: pd.DataFrame | None = None,
        max_tries: int = 20,
        random_state: RandomState = None,
    ) -> pd.DataFrame:
        """New rows.

        Parameters
        ----------
        n : int, optional
            How many.
        n_per_class : mapping of label to int, optional
            Exactly so many rows of each class of the target, in this order.
        conditions : mapping or DataFrame, optional
            Values that the rows must have: one for all, or one row of a frame for each. They are met exactly.
        constraints : callable or sequence of callables, optional
            Each takes a frame and says of every row whether it is legal; others are drawn again.
        exclude : DataFrame, optional
            Rows that must not come out again, the training rows for instance.
        max_tries : int, default=20
            How often rows that were refused are drawn again.
        random_state : int, Generator, SeedSequence, optional
            By default the next part of the stream of the fit: other rows at every call, the same in every program.

        Returns
        -------
        DataFrame of the columns, order and dtypes of the training table, with index 0, 1, 2, ... The labels of the
        columns are those of the DataFrame that was learned, and text where something else was.

        Raises
        ------
        NotFittedError
        InvalidParameterError, ColumnNotFoundError, InvalidDataError
            If the request contradicts itself, or asks for a value that the training rows did not have.
        UnmetConditionsError
            If values asked for contradict what always holds between their columns, or rows are missing after
            ``max_tries``.
        """
        self._check_fitted()
        wish = wanted(
            n,
            columns=self.encoder_.columns_,
            target=self.target_,
            n_per_class=n_per_class,
            conditions=named(conditions),
            constraints=relabelling(constraints, self._labels),
            exclude=None if exclude is None or not len(exclude) else self._like_training(exclude),
            max_tries=max_tries,
        )
        return relabelled(self._drawn(wish, self._stream(random_state)), self._labels)

    def log_prob(self, data: TableSource) -> NDArray[np.float64]:
        """Log-probability of every row, in nats, shape (n,).

        Of its codes and, in families that model the place within a bin, of the density of that place over a uniform
        one, so it may be above 0. Comparable between models of one family with the same encoding only.

        Raises
        ------
        UnsupportedOperationError
            If the family has no likelihood.
        """
        self._check_fitted()
        rows = self.encoder_.encode(as_frame(data))
        return self._log_prob_rows(rows) if self.encoder_.tokens_ else np.zeros(len(rows))

    def impute(self, data: TableSource, *, random_state: RandomState = None) -> pd.DataFrame:
        """``data`` with every null drawn from its distribution given the rest of the row; other cells unchanged.

        A column that was null in every training row stays null, and so does a cell that another column determines
        to be null.

        Returns
        -------
        DataFrame with index 0, 1, 2, ...

        Raises
        ------
        UnsupportedOperationError
            If the family cannot condition on any columns.
        InvalidDataError
            If ``data`` has not the columns of the training table.
        """
        self._check_fitted()
        if not self.conditional:
            raise UnsupportedOperationError(
                f"{type(self).__name__} cannot condition on any columns. MixtureSynthesizer and "
                "AutoregressiveSynthesizer(AutoregressiveNetwork(order='any')) can."
            )
        frame = as_frame(data)
        rows = np.flatnonzero(frame.isna().any(axis=1))
        if not len(rows):
            return relabelled(frame.copy(), self._labels)
        gaps = frame.iloc[rows].reset_index(drop=True)
        drawn = self._frame(self.encoder_.known(gaps), self._stream(random_state), gaps)
        return relabelled(_filled(frame, rows, drawn), self._labels)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write one archive: JSON and arrays, nothing that runs code; see :func:`load_synthesizer`."""
        self._check_fitted()
        encoder, encoder_arrays = self.encoder_.state()
        model, model_arrays = self._model_state() if self.encoder_.tokens_ else ({}, {})
        content = {
            "family": self.family,
            "parameters": self._parameters(),
            "seed": {"entropy": str(self._seed.entropy), "spawn_key": list(self._seed.spawn_key)},
            "target": self.target_,
            "n_updates": self.n_updates_,
            "labels": pack_labels(self._labels),
            "encoder": encoder,
            "model": model,
            "card": self.card_.to_dict(),
        }
        arrays = {f"encoder/{name}": array for name, array in encoder_arrays.items()}
        write_archive(path, KIND, content, arrays | {f"model/{name}": array for name, array in model_arrays.items()})

    def export_onnx(self, path: str | os.PathLike[str], *, candidates: int = 1) -> None:  # noqa: ARG002
        """Write the sampler as one ONNX file, for a runtime without torch, where the family can be written so.

        Raises
        ------
        UnsupportedOperationError
            If it cannot.
        """
        raise UnsupportedOperationError(
            f"{type(self).__name__} is not a network. The autoregressive family, the VAE, the GAN and the conditional "
            "GAN can be exported."
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The generator that :meth:`save` wrote.

        Raises
        ------
        FileMissingError, CorruptArchiveError, NewerArchiveError
        """
        return cls.from_archive(read_archive(path, KIND))

    @classmethod
    def from_archive(cls, archive: Archive) -> Self:
        """The generator in an archive that was read."""
        content = archive.content
        if content.get("family") != cls.family:
            raise CorruptArchiveError(
                f"The archive holds the family {content.get('family')!r}; {cls.__name__} is {cls.family!r}. "
                "Use load_synthesizer, which finds the class."
            )
        try:
            return cls._restored(content, archive.arrays)
        except (KeyError, TypeError, IndexError, ValueError) as error:
            if isinstance(error, CorruptArchiveError):
                raise
            raise CorruptArchiveError(f"The archive is not whole ({error}). Save the model again.") from error

    @classmethod
    def _restored(cls, content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        made = cls(**cls._from_parameters(content["parameters"]))
        entropy = int(content["seed"]["entropy"])
        made._seed = np.random.SeedSequence(entropy, spawn_key=tuple(content["seed"]["spawn_key"]))
        made.target_, made.n_updates_, made._n_draws = content["target"], content["n_updates"], 0
        made._labels = unpack_labels(content.get("labels"))
        made.encoder_ = TableEncoder.from_state(content["encoder"], _under("encoder/", arrays))
        made.card_ = ModelCard.from_dict(content["card"])
        if made.encoder_.tokens_:
            made._restore_model(content["model"], _under("model/", arrays))
        made._empty = made.encoder_.decode(Encoded(np.empty((0, len(made.encoder_.tokens_)), np.int32)), _rng(0))
        return made

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002  (the field's signature)
        """Constructor parameters by name."""
        return {name: getattr(self, name) for name in _names(type(self))}

    def set_params(self, **parameters: Any) -> Self:
        """Change constructor parameters by name."""
        for name, value in parameters.items():
            if name not in _names(type(self)):
                raise InvalidParameterError(
                    f"{type(self).__name__} has no parameter {name!r}. It has: {', '.join(_names(type(self)))}."
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        given = inspect.signature(type(self)).parameters
        changed = [f"{k}={v!r}" for k, v in self.get_params().items() if v != given[k].default]
        return f"{type(self).__name__}({', '.join(changed)})"

    # What a family fills in

    def _fit_rows(
        self, rows: Encoded, seed: np.random.SeedSequence, progress: ProgressCallback, cancel: Cancel, *, resume: bool
    ) -> TrainingRecord:
        raise NotImplementedError

    def _update_rows(
        self, rows: Encoded, seed: np.random.SeedSequence, progress: ProgressCallback, cancel: Cancel
    ) -> TrainingRecord:
        raise NotImplementedError

    def _sample_rows(self, given: Given, seed: np.random.SeedSequence) -> Encoded:
        raise NotImplementedError

    def _log_prob_rows(self, rows: Encoded) -> NDArray[np.float64]:  # noqa: ARG002
        raise UnsupportedOperationError(
            f"{type(self).__name__} has no likelihood. MixtureSynthesizer and AutoregressiveSynthesizer have one."
        )

    def _model_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        raise NotImplementedError

    def _restore_model(self, content: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        raise NotImplementedError

    def _privacy(self) -> dict[str, Any] | None:
        """Epsilon and delta of the training, where it was private."""
        return None

    def _encoding(self) -> Encoding:
        """The encoding with the family's own needs."""
        return replace(self.encoding, fine_levels=0) if self.residuals else self.encoding

    # Steps

    def _drawn(self, wish: Wanted, seed: np.random.SeedSequence) -> pd.DataFrame:
        """Rows that meet the wish: by construction what codes can say, the rest by rejection."""
        if wish.conditions is None:
            return collect(wish, lambda rows, k: self._frame(self._nothing(len(rows)), child(seed, k)))
        asked = _cast(wish.conditions, self._empty)
        clash = self.encoder_.relations_.clash(asked)
        if clash is not None:
            raise contradicted(clash)
        given = self.encoder_.given(asked)
        names = tuple(asked.columns) if not self._can_meet(given) else given.unresolved
        if names and self._can_meet(given):
            rest = asked.drop(columns=[*names])
            frame = collect(
                wish,
                lambda rows, k: self._frame(given.rows(rows), child(seed, k), _rows(rest, rows)),
                lambda rows, made: _equal(made[list(names)], asked.iloc[rows][list(names)]),
            )
        elif names:
            wish = replace(wish, conditions=asked)
            frame = match(wish, lambda n, k: self._frame(self._nothing(n), child(seed, k)), tuple(asked.columns))
        else:
            frame = collect(wish, lambda rows, k: self._met(given.rows(rows), asked.iloc[rows], child(seed, k)))
        return _overwritten(frame, asked)

    def _met(self, given: Given, asked: pd.DataFrame, seed: np.random.SeedSequence) -> pd.DataFrame:
        """Rows for these requests, with the asked values in place before anything is checked."""
        asked = asked.reset_index(drop=True)
        return _overwritten(self._frame(given, seed, asked), asked)

    def _can_meet(self, given: Given) -> bool:  # noqa: ARG002
        """Whether this fitted model meets these codes by construction."""
        return self.conditional

    def _frame(self, given: Given, seed: np.random.SeedSequence, known: pd.DataFrame | None = None) -> pd.DataFrame:
        """Rows for these requests; what relations compute is computed from the ``known`` cells."""
        rows = Encoded(np.empty((len(given), 0), dtype=np.int32))
        if self.encoder_.tokens_:
            rows = self._sample_rows(given, child(seed, SAMPLE))
        return self.encoder_.decode(rows, _rng(child(seed, DECODE)), known=known)

    def _like_training(self, data: TableSource) -> pd.DataFrame:
        """Rows in the columns and dtypes of the training table."""
        frame = as_frame(data)
        _check_columns(self.encoder_.columns_, frame.columns)
        return frame[list(self.encoder_.columns_)].astype(self._empty.dtypes.to_dict())

    def _nothing(self, n: int) -> Given:
        return Given.nothing(n, len(self.encoder_.tokens_))

    def _stream(self, random_state: RandomState) -> np.random.SeedSequence:
        if random_state is not None:  # the seed of a fit may be given here too: another branch of it
            return child(seed_sequence(random_state), SAMPLE, 0)
        self._n_draws += 1
        return child(self._seed, SAMPLE, self._n_draws)

    def _check_fitted(self) -> None:
        if not hasattr(self, "encoder_"):
            raise NotFittedError(f"{type(self).__name__} is not fitted. Call fit(data) first.")

    def _card(self, digest: str, record: TrainingRecord) -> ModelCard:
        return ModelCard(
            family=self.family,
            data_digest=digest,
            n_rows=self.encoder_.n_rows_,
            n_columns=len(self.encoder_.columns_),
            target=self.target_,
            seed=str(self._seed.entropy),
            parameters=self._parameters(),
            training=record.to_dict(),
            relations=tuple(self.encoder_.relations_.describe("en")),
            privacy=self._privacy(),
        )

    def _parameters(self) -> dict[str, Any]:
        """Constructor parameters as JSON types; the seed is kept apart."""
        return {name: _plain(value) for name, value in self.get_params().items() if name != "random_state"}

    @classmethod
    def _from_parameters(cls, stored: dict[str, Any]) -> dict[str, Any]:
        """Constructor arguments out of what :meth:`_parameters` gave."""
        types = {options.__name__: options for options in (Encoding, *cls.options)}
        return {name: _typed(value, types) for name, value in stored.items()}


def _names(cls: type) -> list[str]:
    return list(inspect.signature(cls).parameters)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        plain = {name: _plain(item) for name, item in asdict(value).items()}
        return plain | ({"_type": type(value).__name__})
    if isinstance(value, os.PathLike):
        return None  # a path of the machine that trained says nothing elsewhere
    return list(value) if isinstance(value, tuple) else value


def _typed(value: Any, types: Mapping[str, type]) -> Any:
    """A stored value as it was given: options as their frozen dataclass, the rest as itself."""
    if not isinstance(value, dict):
        return value
    options = types[value["_type"]]
    known = {f.name for f in fields(options)}
    items = {name: item for name, item in value.items() if name in known}
    return options(**{name: tuple(item) if isinstance(item, list) else item for name, item in items.items()})


def _under(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _rng(seed: np.random.SeedSequence | int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64DXSM(seed))


def _stopper(cancel: Cancel) -> Callable[[], None]:
    def stop() -> None:
        if cancel():
            raise CancelledError("The training was cancelled while the table was read.")

    return stop


def _check_columns(names: Sequence[str], columns: pd.Index) -> None:
    for name in names:
        if name not in columns:
            raise ColumnNotFoundError(f"No column {name!r}. Columns: {', '.join(map(str, columns))}.", {"column": name})


def _cast(conditions: pd.DataFrame, empty: pd.DataFrame) -> pd.DataFrame:
    """Conditions in the dtypes of the table, so that 1, 1.0 and numpy's 1 are the same wish."""
    cast_columns = {}
    for name in conditions.columns:
        wish, dtype = conditions[name], empty[name].dtype
        _check_kind(name, wish, dtype)
        try:
            cast_columns[name] = wish.astype(dtype)
        except (ValueError, TypeError) as error:
            raise InvalidParameterError(
                f"A condition on column {name!r} is not {dtype}: {error}. Ask for a value of the column's type."
            ) from error
    return pd.DataFrame(cast_columns, index=conditions.index)


def _check_kind(name: str, wish: pd.Series, dtype: Any) -> None:
    """Refuse what numpy would turn into another value in silence: texts and nulls as booleans, fractions as whole."""
    if not isinstance(dtype, np.dtype) or dtype.kind not in "biu":
        return
    for value in wish.unique():
        whole = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
        fits = isinstance(value, (bool, np.bool_)) if dtype.kind == "b" else whole and float(value).is_integer()
        if not fits:
            raise InvalidParameterError(
                f"A condition on column {name!r}, which is {dtype}, asks for {value!r}. Ask for a value of that type."
            )


def _rows(asked: pd.DataFrame, rows: NDArray[np.intp]) -> pd.DataFrame | None:
    """These rows of what is asked; None where nothing is."""
    return asked.iloc[rows].reset_index(drop=True) if asked.shape[1] else None


def _equal(made: pd.DataFrame, asked: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows of ``made`` have the values of the rows of ``asked``."""
    return np.asarray(row_hashes(made) == row_hashes(asked.astype(made.dtypes.to_dict())), dtype=bool)


def _overwritten(frame: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """The frame with the asked values themselves: a bin is met by its code, the value by writing it."""
    for name in asked.columns:
        frame[name] = asked[name].to_numpy() if frame[name].dtype == object else asked[name].array
    return frame


def _filled(frame: pd.DataFrame, rows: NDArray[np.intp], drawn: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with its nulls in ``rows`` taken from ``drawn``, which has one row for each of these."""
    filled = {}
    for name in frame.columns:
        gone = frame[name].isna().to_numpy()[rows]
        filled[name] = _placed(frame[name], rows[gone], drawn[name][gone]) if gone.any() else frame[name]
    return pd.DataFrame(filled)


def _placed(column: pd.Series, rows: NDArray[np.intp], values: pd.Series) -> pd.Series:
    """The column with values in these rows; a category that it did not have becomes one of its categories."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.add_categories([v for v in values.dropna().unique() if v not in column.cat.categories])
        values = values.astype(column.dtype)
    changed = column.copy()
    changed.iloc[rows] = values.to_numpy(dtype=object) if column.dtype == object else values.array
    return changed


def _nothing_to_learn(n_rows: int) -> TrainingRecord:
    """Record of a table whose every column is made anew."""
    return TrainingRecord("There is nothing to learn: every column holds identifiers.", n_rows=n_rows)


__all__ = ["KIND", "Synthesizer"]
