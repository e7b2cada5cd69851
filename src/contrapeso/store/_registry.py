"""The registry of trained classifiers: versions of a name, and the stage that each is in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import get_args

from sqlalchemy import Connection, Engine, Select, func, insert, select, text, update
from sqlalchemy.orm import Session

from contrapeso.errors import InvalidParameterError, NotFoundError
from contrapeso.store._engine import reading, writing
from contrapeso.store._models import TrainedModel
from contrapeso.store._records import ModelRow, Stage

MAX_NAME = 100
_LOCK = 0x6D6F64656C73  # advisory lock of PostgreSQL while a version number is taken


def register_model(
    engine: Engine,
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
    """Record of the next version of ``name``."""
    check_name(name)
    check_stage(stage)
    values = {
        "name": name,
        "stage": stage,
        "kind": kind,
        "target": target,
        "data_sha256": data_sha256,
        "schema": dict(schema),
        "seed": None if seed is None else str(seed),
        "metrics": dict(metrics),
        "archive": archive,
        "archive_sha256": archive_sha256,
        "created_at": datetime.now(UTC),
    }
    with writing(engine) as connection:
        _lock(connection)
        last = connection.execute(select(func.max(TrainedModel.version)).where(TrainedModel.name == name)).scalar()
        if stage == "production":
            _retire(connection, name)
        statement = insert(TrainedModel).values({**values, "version": (last or 0) + 1})
        return _fetched(connection, connection.execute(statement.returning(TrainedModel.id)).scalar_one())


def list_models(engine: Engine, name: str | None, stage: Stage | None) -> tuple[ModelRow, ...]:
    """Models by name, the newest version first."""
    query = select(TrainedModel).order_by(TrainedModel.name, TrainedModel.version.desc())
    if name is not None:
        query = query.where(TrainedModel.name == name)
    if stage is not None:
        check_stage(stage)
        query = query.where(TrainedModel.stage == stage)
    with reading(engine) as connection, Session(connection) as session:
        return tuple(_model_row(model) for model in session.scalars(query))


def get_model(engine: Engine, which: int | str) -> ModelRow:
    """One model: by id, by ``NAME`` (the newest version), ``NAME@STAGE`` or ``NAME@VERSION``.

    Raises
    ------
    NotFoundError
        If there is none; the message names those that there are.
    """
    query = _asked(which)
    with reading(engine) as connection, Session(connection) as session:
        found = session.scalars(query).first()
        if found is not None:
            return _model_row(found)
        known = session.execute(select(TrainedModel.name, TrainedModel.version, TrainedModel.stage)).all()
    listed = ", ".join(f"{name}@{version} ({stage})" for name, version, stage in sorted(known)[:20])
    raise NotFoundError(
        f"There is no model {which!r}. {f'Models: {listed}.' if listed else 'Train one first: contrapeso train FILE'}",
        {"model": str(which)},
    )


def set_stage(engine: Engine, which: int | str, stage: Stage) -> ModelRow:
    """Record of the model in its new stage; one that was in production under the same name is archived."""
    check_stage(stage)
    model = get_model(engine, which)
    with writing(engine) as connection:
        _lock(connection)
        if stage == "production":
            _retire(connection, model.name)
        connection.execute(update(TrainedModel).where(TrainedModel.id == model.id).values(stage=stage))
        return _fetched(connection, model.id)


def check_name(name: str) -> None:
    """Raise unless ``name`` can be a model, a file name, and be told from an id, a stage or a version."""
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    if not plain.isalnum() or name.isdecimal() or len(name) > MAX_NAME or name.startswith("."):
        raise InvalidParameterError(
            f"A model name has letters, digits, '-', '_' and '.', is no number, does not begin with a dot and has at "
            f"most {MAX_NAME} characters; got {name!r}."
        )


def check_stage(stage: str) -> None:
    """Raise unless ``stage`` is one."""
    if stage not in get_args(Stage):
        raise InvalidParameterError(f"A stage is one of {', '.join(get_args(Stage))}; got {stage!r}.")


def _asked(which: int | str) -> Select[TrainedModel]:
    newest = select(TrainedModel).order_by(TrainedModel.version.desc()).limit(1)
    if isinstance(which, int) or which.isdecimal():
        return newest.where(TrainedModel.id == int(which))
    name, mark, rest = which.rpartition("@")
    if not mark:
        return newest.where(TrainedModel.name == which)
    if rest.isdecimal():
        return newest.where(TrainedModel.name == name, TrainedModel.version == int(rest))
    check_stage(rest)
    return newest.where(TrainedModel.name == name, TrainedModel.stage == rest)


def _lock(connection: Connection) -> None:
    """Others wait: on SQLite by the write transaction, on PostgreSQL by a lock of its own."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _retire(connection: Connection, name: str) -> None:
    in_production = (TrainedModel.name == name, TrainedModel.stage == "production")
    connection.execute(update(TrainedModel).where(*in_production).values(stage="archived"))


def _fetched(connection: Connection, model_id: int) -> ModelRow:
    with Session(connection) as session:
        return _model_row(session.scalars(select(TrainedModel).where(TrainedModel.id == model_id)).one())


def _model_row(model: TrainedModel) -> ModelRow:
    return ModelRow(
        model.id,
        model.name,
        model.version,
        model.stage,
        model.kind,
        model.target,
        model.data_sha256,
        model.archive,
        model.archive_sha256,
        model.created_at,
        None if model.seed is None else int(model.seed),
        model.schema,
        model.metrics,
    )


__all__ = ["check_name", "check_stage", "get_model", "list_models", "register_model", "set_stage"]
