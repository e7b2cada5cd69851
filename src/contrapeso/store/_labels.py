"""The record of category spellings: proposals kept, decisions made, names applied.

``category`` is always ``category_raw`` seen through this record, so a decision can be changed and
applied again; nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection, Engine, and_, exists, func, insert, select, update
from sqlalchemy.orm import Session

from contrapeso.errors import InvalidParameterError, NotFoundError
from contrapeso.store._engine import reading, writing
from contrapeso.store._models import ROW_TABLES, LabelMap
from contrapeso.store._records import Decision, LabelRow, TableName

DECIDED = ("accepted", "rejected")
_PROPOSED = ("canonical", "suggestion", "status", "rule", "reason_pt", "reason_en", "count")


class Proposal(Protocol):
    """What is asked of a proposal; ``finance.labels.LabelProposal`` is one."""

    @property
    def raw(self) -> str | None: ...
    @property
    def canonical(self) -> str | None: ...
    @property
    def suggestion(self) -> str | None: ...
    @property
    def status(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def reason_pt(self) -> str: ...
    @property
    def reason_en(self) -> str: ...
    @property
    def count(self) -> int: ...


def save_proposals(engine: Engine, table: TableName, proposals: Iterable[Proposal]) -> int:
    """Keep ``proposals``; returns how many spellings are new.

    Spellings that a person has decided keep their decision; only their count is brought up to date.
    Missing labels (``raw`` None) have no spelling and are not kept.
    """
    new = 0
    with writing(engine) as connection:
        query = select(LabelMap.raw, LabelMap.status).where(LabelMap.table_name == table)
        known = {row.raw: row.status for row in connection.execute(query)}
        for proposal in proposals:
            if proposal.raw is not None:
                new += proposal.raw not in known
                _save(connection, table, proposal, known.get(proposal.raw))
    return new


def _save(connection: Connection, table: TableName, proposal: Proposal, status: str | None) -> None:
    if status in DECIDED:
        values: dict[str, object] = {"count": proposal.count}
    else:
        values = {name: getattr(proposal, name) for name in _PROPOSED}
    if status is None:
        values |= {"table_name": table, "raw": proposal.raw, "created_at": datetime.now(UTC)}
        connection.execute(insert(LabelMap).values(values))
        return
    where = and_(LabelMap.table_name == table, LabelMap.raw == proposal.raw)
    connection.execute(update(LabelMap).where(where).values(values))


def list_labels(engine: Engine, table: TableName | None, status: str | None) -> tuple[LabelRow, ...]:
    """Spellings by table, most frequent first."""
    query = select(LabelMap).order_by(LabelMap.table_name, LabelMap.count.desc(), LabelMap.raw)
    if table is not None:
        query = query.where(LabelMap.table_name == table)
    if status is not None:
        query = query.where(LabelMap.status == status)
    with reading(engine) as connection, Session(connection) as session:
        return tuple(_label_row(label) for label in session.scalars(query))


def _label_row(label: LabelMap) -> LabelRow:
    return LabelRow(
        label.table_name,
        label.raw,
        label.canonical,
        label.status,
        label.rule,
        label.reason_pt,
        label.reason_en,
        label.count,
        label.suggestion,
        label.decided_at,
        label.decided_by,
    )


def decide(
    engine: Engine, table: TableName, raw: str, decision: Decision, *, canonical: str | None, decided_by: str
) -> LabelRow:
    """Record a decision; see ``Store.decide_label``."""
    if decision == "rejected" and canonical is not None:
        raise InvalidParameterError(
            f"A rejected proposal keeps the spelling {raw!r} as it is; canonical={canonical!r} says otherwise. "
            "Use decision='accepted' to give it another name."
        )
    with writing(engine) as connection, Session(connection) as session:
        query = select(LabelMap).where(LabelMap.table_name == table, LabelMap.raw == raw)
        label = session.scalars(query).one_or_none()
        if label is None:
            raise NotFoundError(f"There is no label {raw!r} in {table!r}.", {"table": table, "raw": raw})
        label.canonical = raw if decision == "rejected" else canonical or label.suggestion or label.canonical
        label.status = decision
        label.decided_at = datetime.now(UTC)
        label.decided_by = decided_by
        session.flush()
        return _label_row(label)


def apply_labels(engine: Engine, table: TableName) -> int:
    """Set ``category`` from ``category_raw`` through the record; returns how many rows changed."""
    rows = ROW_TABLES[table]
    same = and_(LabelMap.table_name == table, LabelMap.raw == rows.c.category_raw)
    name = select(LabelMap.canonical).where(same).scalar_subquery()
    statement = update(rows).where(exists().where(same), rows.c.category.is_distinct_from(name)).values(category=name)
    with writing(engine) as connection:
        return connection.execute(statement).rowcount


def count_categories(engine: Engine, table: TableName, *, raw: bool) -> dict[str | None, int]:
    """Rows per category, most frequent first; None counts the rows without one."""
    column = ROW_TABLES[table].c["category_raw" if raw else "category"]
    query = select(column, func.count()).group_by(column)
    with reading(engine) as connection:
        found = connection.execute(query).all()
    return dict(sorted(found, key=lambda item: (-item[1], item[0] is None, item[0] or "")))


__all__ = ["Proposal", "apply_labels", "count_categories", "decide", "list_labels", "save_proposals"]
