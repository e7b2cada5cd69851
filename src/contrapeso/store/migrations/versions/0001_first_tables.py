"""Bank rows, company books, uploads, runs and the record of category spellings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _uploads()
    _rows("transactions")
    _rows(
        "company_financial",
        sa.Column("cost_center", sa.String(255)),
        sa.Column("department", sa.String(255)),
        sa.Column("project", sa.String(255)),
        sa.Column("justificativa", sa.Text()),
        sa.Column("observations", sa.Text()),
        sa.Column("monthly_report_cents", sa.BigInteger()),
    )
    _runs()
    _label_map()


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("encoding", sa.String(40), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("raw_count", sa.Integer(), nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("accounts", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.UniqueConstraint("sha256", name="uq_uploads_sha256"),
    )


def _rows(name: str, *more: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("upload_id", sa.Integer()),
        sa.Column("source_sheet", sa.String(255)),
        sa.Column("source_row", sa.Integer()),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("description_raw", sa.String(1000), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("direction", sa.String(6), nullable=False),
        sa.Column("transaction_type", sa.String(10), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("category_raw", sa.String(255)),
        sa.Column("category", sa.String(255)),
        sa.Column("balance_cents", sa.BigInteger()),
        sa.Column("bank", sa.String(100), nullable=False),
        sa.Column("account", sa.String(100), nullable=False),
        sa.Column("fitid", sa.String(255), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("extra", sa.Text()),
        *more,
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=f"fk_{name}_upload_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    keys = {
        "fitid": (["date", "amount_cents", "fitid", "account", "bank"], "fitid <> ''"),
        "occurrence": (["date", "amount_cents", "description", "occurrence", "account", "bank"], "fitid = ''"),
    }
    for key, (columns, where) in keys.items():
        condition = sa.text(where)
        op.create_index(
            f"uq_{name}_{key}", name, columns, unique=True, sqlite_where=condition, postgresql_where=condition
        )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("seed", sa.String(80)),
        sa.Column("input_sha256", sa.String(64)),
        sa.Column("result", sa.JSON()),
        sa.Column("outputs", sa.JSON()),
        sa.Column("error_code", sa.String(40)),
        sa.Column("error_message", sa.Text()),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_kind", "runs", ["kind"])


def _label_map() -> None:
    op.create_table(
        "label_map",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("raw", sa.String(255), nullable=False),
        sa.Column("canonical", sa.String(255)),
        sa.Column("suggestion", sa.String(255)),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("reason_pt", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.String(100)),
        sa.PrimaryKeyConstraint("id", name="pk_label_map"),
        sa.UniqueConstraint("table_name", "raw", name="uq_label_map_table_name_raw"),
    )


def downgrade() -> None:
    for name in ("label_map", "runs", "company_financial", "transactions", "uploads"):
        op.drop_table(name)
