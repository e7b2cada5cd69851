"""The store: one object in front of the database, whichever it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import get_args

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, Engine, Table, select
from sqlalchemy.orm import Session

from contrapeso.errors import ColumnNotFoundError, ContrapesoError, InvalidDataError, InvalidParameterError
from contrapeso.finance import ParsedFile
from contrapeso.store import _bulk, _imports, _labels, _migrate, _registry, _runs
from contrapeso.store._columns import FROM_UPLOAD, fit, schema_of, unstorable
from contrapeso.store._engine import make_engine, masked, parse_url, reading
from contrapeso.store._models import ROW_TABLES, Upload
from contrapeso.store._records import (
    Decision,
    ImportOutcome,
    LabelRow,
    ModelRow,
    RunKind,
    RunRow,
    Stage,
    TableName,
    UploadRow,
    WriteOutcome,
)


def open_store(url: str) -> Store:
    """Store at ``url``: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/DATABASE``.

    Nothing is connected yet. Call ``migrate()`` once for a new or older database, and ``close()``
    at the end (or use the store in a ``with`` statement).
    """
    return Store(make_engine(parse_url(url)))


class Store:
    """Bank rows, company books, uploads, runs, models and category spellings in one database.

    Every method is one transaction. A database that cannot be reached or refuses raises
    ``StoreError``; one whose schema is not of this version raises ``SchemaOutdatedError``.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._checked = False

    @property
    def url(self) -> str:
        """URL of the database, without the password."""
        return masked(self._engine.url)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def migrate(self) -> None:
        """Create or update the tables; does nothing where they are current."""
        _migrate.migrate(self._engine)
        self._checked = True

    def check(self) -> None:
        """Refuse a database whose schema is not of this version, with the way out."""
        _migrate.check(self._engine)
        self._checked = True

    def _ready(self) -> Engine:
        if not self._checked:
            self.check()
        return self._engine

    def import_file(self, parsed: ParsedFile) -> ImportOutcome:
        """Store the transactions of one file: all of them accounted for, or nothing written.

        A file with a SHA-256 that is known adds nothing. Rows whose key is stored already are left
        out and listed; so are rows that a database column cannot hold.
        """
        return _imports.import_parsed(self._ready(), parsed)

    def write_rows(self, rows: pa.Table, name: TableName = "transactions") -> WriteOutcome:
        """Store rows from memory, with the duplicate rule of :meth:`import_file`.

        Parameters
        ----------
        rows : Arrow table, columns as ``finance.transactions_to_table`` makes them (where they come
            from is not kept: there is no upload); columns that may be null may be absent.

        Raises
        ------
        InvalidDataError
            If a column is unknown, missing, ill-typed, or holds a value that is too long.
        """
        target = row_table(name)
        fitted = fit(rows, target)
        bad = unstorable(fitted, target)
        if bad:
            position, (_, sentence) = min(bad.items())
            raise InvalidDataError(
                f"{len(bad)} rows cannot be stored; the first is row {position}: {sentence}", {"rows": sorted(bad)}
            )
        with _bulk.staged(self._ready(), fitted, target) as (connection, staging):
            merged = _bulk.merge(connection, staging, target, None)
        return WriteOutcome(merged.imported, tuple(row.position for row in merged.duplicates))

    def read_table(
        self, name: TableName, columns: Sequence[str] | None = None, where: ColumnElement[bool] | None = None
    ) -> pa.Table:
        """Arrow table of the rows of ``name`` in the order in which they were stored.

        Parameters
        ----------
        columns : names to read; default all, with ``source_file`` and ``source_sha256`` of the upload.
        where : condition on the columns of the model, such as ``BankTransaction.bank == "341"``.
        """
        target = row_table(name)
        names = tuple(columns) if columns is not None else (*target.c.keys(), *FROM_UPLOAD)
        unknown = [column for column in names if column not in target.c and column not in FROM_UPLOAD]
        if unknown:
            raise ColumnNotFoundError(
                f"Table {name!r} has no column {', '.join(map(repr, unknown))}. "
                f"Columns: {', '.join([*target.c.keys(), *FROM_UPLOAD])}.",
                {"columns": unknown},
            )
        stored = tuple(column for column in names if column not in FROM_UPLOAD)
        if len(stored) < len(names) and "upload_id" not in stored:
            stored = (*stored, "upload_id")
        query = select(*(target.c[column] for column in stored)).order_by(target.c.id)
        if where is not None:
            query = query.where(where)
        found = _bulk.read(self._ready(), query, schema_of(target, stored))
        return self._with_files(found, names).select(list(names))

    def _with_files(self, rows: pa.Table, names: Sequence[str]) -> pa.Table:
        wanted = [name for name in FROM_UPLOAD if name in names]
        if not wanted:
            return rows
        with reading(self._engine) as connection:
            uploads = connection.execute(select(Upload.id, Upload.file, Upload.sha256).order_by(Upload.id)).all()
        place = pc.index_in(rows["upload_id"], pa.array([upload.id for upload in uploads], pa.int32()))
        for name in wanted:
            values = [upload.file if name == "source_file" else upload.sha256 for upload in uploads]
            rows = rows.append_column(name, pa.array(values, pa.string()).take(place))
        return rows

    def uploads(self) -> tuple[UploadRow, ...]:
        """Files that were imported, oldest first."""
        with reading(self._ready()) as connection, Session(connection) as session:
            return tuple(_upload_row(upload) for upload in session.scalars(select(Upload).order_by(Upload.id)))

    def start_run(
        self,
        kind: RunKind,
        params: Mapping[str, object],
        *,
        seed: int | None = None,
        input_sha256: str | None = None,
    ) -> int:
        """Id of a new run that is under way."""
        return _runs.start_run(self._ready(), kind, params, seed=seed, input_sha256=input_sha256)

    def finish_run(
        self,
        run_id: int,
        *,
        result: Mapping[str, object] | None = None,
        outputs: Sequence[str] = (),
        error: ContrapesoError | None = None,
    ) -> None:
        """Record how a run ended: done with ``result`` and ``outputs``, or failed with ``error``."""
        _runs.finish_run(self._ready(), run_id, result=result, outputs=outputs, error=error)

    def record_run(
        self,
        kind: RunKind,
        params: Mapping[str, object],
        *,
        seed: int | None = None,
        input_sha256: str | None = None,
        result: Mapping[str, object] | None = None,
        outputs: Sequence[str] = (),
        error: ContrapesoError | None = None,
    ) -> int:
        """Id of a run that is recorded when it is over already."""
        run_id = self.start_run(kind, params, seed=seed, input_sha256=input_sha256)
        self.finish_run(run_id, result=result, outputs=outputs, error=error)
        return run_id

    def runs(self, kind: RunKind | None = None, limit: int | None = None) -> tuple[RunRow, ...]:
        """Runs, newest first."""
        return _runs.list_runs(self._ready(), kind, limit)

    def register_model(
        self,
        name: str,
        *,
        kind: str,
        target: str,
        data_sha256: str,
        schema: Mapping[str, object],
        metrics: Mapping[str, object],
        archive: str,
        archive_sha256: str,
        seed: int | None = None,
        stage: Stage = "candidate",
    ) -> ModelRow:
        """Record of the next version of ``name``; one in production under that name makes way for a new one there."""
        return _registry.register_model(
            self._ready(),
            name,
            kind=kind,
            target=target,
            data_sha256=data_sha256,
            schema=schema,
            metrics=metrics,
            archive=archive,
            archive_sha256=archive_sha256,
            seed=seed,
            stage=stage,
        )

    def models(self, name: str | None = None, stage: Stage | None = None) -> tuple[ModelRow, ...]:
        """Trained classifiers by name, the newest version first."""
        return _registry.list_models(self._ready(), name, stage)

    def model(self, which: int | str) -> ModelRow:
        """One model: by id, by ``NAME`` (the newest version), ``NAME@STAGE`` or ``NAME@VERSION``."""
        return _registry.get_model(self._ready(), which)

    def set_stage(self, which: int | str, stage: Stage) -> ModelRow:
        """Record of the model in its new stage; one that was in production under the same name is archived."""
        return _registry.set_stage(self._ready(), which, stage)

    def save_label_proposals(self, name: TableName, proposals: Iterable[_labels.Proposal]) -> int:
        """Keep proposals about category spellings; returns how many spellings are new.

        What a person has decided is not changed.
        """
        row_table(name)
        return _labels.save_proposals(self._ready(), name, proposals)

    def labels(self, name: TableName | None = None, status: str | None = None) -> tuple[LabelRow, ...]:
        """Category spellings by table, most frequent first."""
        return _labels.list_labels(self._ready(), name, status)

    def decide_label(
        self, name: TableName, raw: str, decision: Decision, *, canonical: str | None = None, decided_by: str = ""
    ) -> LabelRow:
        """Record what a person decided about the spelling ``raw``.

        ``accepted`` gives it ``canonical``, or else the suggested name; ``rejected`` keeps the
        spelling as it is. Call :meth:`apply_label_map` to see it in ``category``.
        """
        if decision not in get_args(Decision):
            raise InvalidParameterError(f"A decision is one of {', '.join(get_args(Decision))}; got {decision!r}.")
        return _labels.decide(self._ready(), name, raw, decision, canonical=canonical, decided_by=decided_by)

    def apply_label_map(self, name: TableName) -> int:
        """Set ``category`` from ``category_raw`` through the label map; returns how many rows changed."""
        row_table(name)
        return _labels.apply_labels(self._ready(), name)

    def counts_by_category(self, name: TableName, *, raw: bool = False) -> dict[str | None, int]:
        """Rows per category, most frequent first; ``raw`` counts the spellings of the files instead."""
        row_table(name)
        return _labels.count_categories(self._ready(), name, raw=raw)


def row_table(name: str) -> Table:
    """Table of rows by its name."""
    if name not in ROW_TABLES:
        raise InvalidParameterError(f"Tables of rows are {', '.join(ROW_TABLES)}; got {name!r}.")
    return ROW_TABLES[name]


def _upload_row(upload: Upload) -> UploadRow:
    return UploadRow(
        upload.id,
        upload.file,
        upload.sha256,
        upload.kind,
        upload.encoding,
        upload.table_name,
        upload.status,
        upload.raw_count,
        upload.imported,
        upload.duplicates,
        upload.quarantined,
        tuple((pair["bank"], pair["account"]) for pair in upload.accounts),
        upload.report,
        upload.created_at,
    )


__all__ = ["Store", "open_store"]
