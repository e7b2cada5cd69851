"""The history of commands: begun, finished or failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.orm import Session

import contrapeso
from contrapeso.errors import ContrapesoError, NotFoundError
from contrapeso.store._engine import reading, writing
from contrapeso.store._models import Run
from contrapeso.store._records import RunKind, RunRow


def start_run(
    engine: Engine,
    kind: RunKind,
    params: Mapping[str, object],
    *,
    seed: int | None = None,
    input_sha256: str | None = None,
) -> int:
    """Id of a new run that is under way."""
    values = {
        "kind": kind,
        "status": "running",
        "version": contrapeso.__version__,
        "params": dict(params),
        "seed": None if seed is None else str(seed),
        "input_sha256": input_sha256,
        "started_at": datetime.now(UTC),
    }
    with writing(engine) as connection:
        return connection.execute(insert(Run).values(values).returning(Run.id)).scalar_one()


def finish_run(
    engine: Engine,
    run_id: int,
    *,
    result: Mapping[str, object] | None = None,
    outputs: Sequence[str] = (),
    error: ContrapesoError | None = None,
) -> None:
    """Record how a run ended: done with ``result`` and ``outputs``, or failed with ``error``."""
    values = {
        "status": "done" if error is None else "failed",
        "result": None if result is None else dict(result),
        "outputs": list(outputs),
        "error_code": error.code if error else None,
        "error_message": str(error) if error else None,
        "finished_at": datetime.now(UTC),
    }
    with writing(engine) as connection:
        changed = connection.execute(update(Run).where(Run.id == run_id).values(values)).rowcount
    if not changed:
        raise NotFoundError(f"There is no run {run_id}.", {"run_id": run_id})


def list_runs(engine: Engine, kind: RunKind | None, limit: int | None) -> tuple[RunRow, ...]:
    """Runs, newest first."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(Run.kind == kind)
    with reading(engine) as connection, Session(connection) as session:
        return tuple(_run_row(run) for run in session.scalars(query))


def _run_row(run: Run) -> RunRow:
    return RunRow(
        run.id,
        run.kind,
        run.status,
        run.version,
        run.started_at,
        run.finished_at,
        run.params,
        None if run.seed is None else int(run.seed),
        run.input_sha256,
        run.result,
        tuple(run.outputs or ()),
        run.error_code,
        run.error_message,
    )


__all__ = ["finish_run", "list_runs", "start_run"]
