"""The tables: bank rows, company books, uploads, runs, trained models and the record of category spellings.

Money is an integer number of centavos. Text that takes part in a duplicate key is never null
(empty instead), because nulls are all different in a unique index. ``category_raw`` is what the
file said and never changes; ``category`` is what the label map makes of it.

Duplicate keys are two partial unique indexes for each table of rows, see ``docs/adr/0003-bulk-writes.md``:
rows with a FITID by (date, amount, FITID, account, bank), rows without by (date, amount,
description, occurrence within the day, account, bank).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from contrapeso.store._records import RunKind, RunStatus, Stage, UploadStatus

RowId = BigInteger().with_variant(Integer(), "sqlite")
JsonObject = dict[str, Any]

FITID_KEY = ("date", "amount_cents", "fitid", "account", "bank")
OCCURRENCE_KEY = ("date", "amount_cents", "description", "occurrence", "account", "bank")
HAS_FITID = "fitid <> ''"
HAS_NO_FITID = "fitid = ''"


class UtcDateTime(TypeDecorator[dt.datetime]):
    """Moment in UTC; aware in Python, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Moment to store."""
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Moment that was stored."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """Base of the models; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class _MoneyRow:
    """Columns and keys that the two tables of money movements share."""

    __tablename__: str

    id: Mapped[int] = mapped_column(RowId, primary_key=True, sort_order=-2)
    source_sheet: Mapped[str | None] = mapped_column(String(255))
    source_row: Mapped[int | None] = mapped_column(Integer)
    date: Mapped[dt.date] = mapped_column(Date)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    description_raw: Mapped[str] = mapped_column(String(1000))
    description: Mapped[str] = mapped_column(String(500))
    direction: Mapped[str] = mapped_column(String(6))
    transaction_type: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    category_raw: Mapped[str | None] = mapped_column(String(255))
    category: Mapped[str | None] = mapped_column(String(255))
    balance_cents: Mapped[int | None] = mapped_column(BigInteger)
    bank: Mapped[str] = mapped_column(String(100))
    account: Mapped[str] = mapped_column(String(100))
    fitid: Mapped[str] = mapped_column(String(255))
    occurrence: Mapped[int] = mapped_column(Integer)
    extra: Mapped[str | None] = mapped_column(Text)

    @declared_attr
    def upload_id(cls) -> Mapped[int | None]:  # noqa: N805
        """Upload that brought the row; null for rows written from memory."""
        return mapped_column(ForeignKey("uploads.id"), sort_order=-1)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index, ...]:  # noqa: N805
        has, has_no, name = text(HAS_FITID), text(HAS_NO_FITID), cls.__tablename__
        return (
            Index(f"uq_{name}_fitid", *FITID_KEY, unique=True, sqlite_where=has, postgresql_where=has),
            Index(f"uq_{name}_occurrence", *OCCURRENCE_KEY, unique=True, sqlite_where=has_no, postgresql_where=has_no),
        )


class BankTransaction(_MoneyRow, Base):
    """One row of a bank statement (``debit`` or ``credit``)."""

    __tablename__ = "transactions"


class CompanyEntry(_MoneyRow, Base):
    """One row of the company books (``expense`` or ``income``), with the columns of the accountant's workbook."""

    __tablename__ = "company_financial"

    cost_center: Mapped[str | None] = mapped_column(String(255), sort_order=1)
    department: Mapped[str | None] = mapped_column(String(255), sort_order=1)
    project: Mapped[str | None] = mapped_column(String(255), sort_order=1)
    justificativa: Mapped[str | None] = mapped_column(Text, sort_order=1)
    observations: Mapped[str | None] = mapped_column(Text, sort_order=1)
    monthly_report_cents: Mapped[int | None] = mapped_column(BigInteger, sort_order=1)


class Upload(Base):
    """One file that was imported, once: ``raw_count = imported + duplicates + quarantined``."""

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    encoding: Mapped[str] = mapped_column(String(40))
    table_name: Mapped[str] = mapped_column(String(40))
    status: Mapped[UploadStatus] = mapped_column(String(10))
    raw_count: Mapped[int]
    imported: Mapped[int]
    duplicates: Mapped[int]
    quarantined: Mapped[int]
    accounts: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # [{"bank", "account"}]: a file may hold several
    report: Mapped[JsonObject] = mapped_column(JSON)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class Run(Base):
    """One command that was run: what was asked, what came out, and the error if it failed."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RunKind] = mapped_column(String(20), index=True)
    status: Mapped[RunStatus] = mapped_column(String(10))
    version: Mapped[str] = mapped_column(String(40))
    params: Mapped[JsonObject] = mapped_column(JSON)
    seed: Mapped[str | None] = mapped_column(String(80))  # any size of integer, as text
    input_sha256: Mapped[str | None] = mapped_column(String(64))
    result: Mapped[JsonObject | None] = mapped_column(JSON)
    outputs: Mapped[list[str] | None] = mapped_column(JSON)
    error_code: Mapped[str | None] = mapped_column(String(40))
    error_message: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class TrainedModel(Base):
    """One version of a trained classifier: what it was trained on, how well it does, and where its archive is."""

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    stage: Mapped[Stage] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(40))
    target: Mapped[str] = mapped_column(String(255))
    data_sha256: Mapped[str] = mapped_column(String(64))
    schema: Mapped[JsonObject] = mapped_column(JSON)
    seed: Mapped[str | None] = mapped_column(String(80))  # any size of integer, as text
    metrics: Mapped[JsonObject] = mapped_column(JSON)
    archive: Mapped[str] = mapped_column(Text)
    archive_sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class LabelMap(Base):
    """One spelling of a category in one table, what it stands for, and who decided so.

    ``canonical`` is the name in force (null: no category), ``suggestion`` one that waits for a person.
    """

    __tablename__ = "label_map"
    __table_args__ = (UniqueConstraint("table_name", "raw"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(String(40))
    raw: Mapped[str] = mapped_column(String(255))
    canonical: Mapped[str | None] = mapped_column(String(255))
    suggestion: Mapped[str | None] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(40))
    reason_pt: Mapped[str] = mapped_column(Text)
    reason_en: Mapped[str] = mapped_column(Text)
    count: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(100))


ROW_TABLES: dict[str, Table] = {
    name: Base.metadata.tables[name] for name in (BankTransaction.__tablename__, CompanyEntry.__tablename__)
}

__all__ = [
    "FITID_KEY",
    "HAS_FITID",
    "HAS_NO_FITID",
    "OCCURRENCE_KEY",
    "ROW_TABLES",
    "BankTransaction",
    "Base",
    "CompanyEntry",
    "LabelMap",
    "Run",
    "TrainedModel",
    "Upload",
]
