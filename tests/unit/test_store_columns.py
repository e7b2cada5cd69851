"""Bank rows as Arrow columns, fitted to the tables of the database."""

import json
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given

from contrapeso.errors import InvalidDataError
from contrapeso.finance import transactions_to_table
from contrapeso.store._columns import fit, schema_of, unstorable
from contrapeso.store._imports import _plain_cents
from contrapeso.store._models import ROW_TABLES
from tests._bank_rows import any_rows, transaction

BANK = ROW_TABLES["transactions"]


@given(any_rows())
def test_every_field_of_every_row_is_in_the_table(rows):
    found = transactions_to_table(rows).to_pylist()
    expected = [
        {
            **{name: getattr(row, name) for name in ("date", "amount_cents", "description_raw", "description")},
            **{name: getattr(row, name) for name in ("direction", "transaction_type", "currency", "category_raw")},
            **{name: getattr(row, name) for name in ("category", "balance_cents", "bank", "account", "fitid")},
            "occurrence": row.occurrence,
            "extra": dict(row.extra),
            "source_file": row.source.file,
            "source_sha256": row.source.sha256,
            "source_sheet": row.source.sheet,
            "source_row": row.source.row,
        }
        for row in rows
    ]
    assert [{**row, "extra": json.loads(row["extra"] or "{}")} for row in found] == expected


def test_no_rows_still_have_typed_columns():
    table = transactions_to_table([])
    assert table.schema.field("date").type == pa.date32()
    assert table.schema.field("amount_cents").type == pa.int64()


@given(any_rows())
def test_a_fitted_table_has_the_columns_and_types_of_the_model(rows):
    fitted = fit(transactions_to_table(rows), BANK)
    names = tuple(column.name for column in BANK.c if column.name not in {"id", "upload_id"})
    assert fitted.schema == schema_of(BANK, names)


def test_an_unknown_column_is_named_with_those_that_exist():
    table = transactions_to_table([transaction(1)]).append_column("valor", pa.array([1]))
    with pytest.raises(InvalidDataError, match=r"'valor'.*amount_cents"):
        fit(table, BANK)


def test_a_missing_column_is_named_with_its_type():
    with pytest.raises(InvalidDataError, match=r"'amount_cents' is missing.*int64"):
        fit(transactions_to_table([transaction(1)]).drop_columns(["amount_cents"]), BANK)


def test_an_optional_column_may_be_absent():
    fitted = fit(transactions_to_table([transaction(1, balance_cents=5)]).drop_columns(["balance_cents"]), BANK)
    assert fitted["balance_cents"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [(pa.array(["12,50"]), "do not convert"), (pa.array([12.5]), "do not convert"), (pa.nulls(1), "must not be null")],
)
def test_values_that_do_not_fit_are_refused_not_rounded(values, sentence):
    table = transactions_to_table([transaction(1)])
    table = table.set_column(table.column_names.index("amount_cents"), "amount_cents", values)
    with pytest.raises(InvalidDataError, match=sentence):
        fit(table, BANK)


@pytest.mark.parametrize(
    ("changes", "reason", "named"),
    [
        ({"description": "x" * 501}, "value_too_long", "description has 501 characters"),
        ({"description_raw": "x" * 1001}, "value_too_long", "description_raw has 1001"),
        ({"category_raw": "x" * 256}, "value_too_long", "category_raw has 256"),
        ({"description": "a\x00b"}, "not_storable", "NUL"),
        ({"description": "💰" * 500, "account": "💰" * 100, "bank": "💰" * 100}, "value_too_long", "2400 bytes"),
    ],
)
def test_rows_that_not_every_database_holds_are_found_with_the_reason(changes, reason, named):
    rows = [transaction(1), transaction(2, **changes), transaction(3, date=date(2024, 1, 1))]
    found = unstorable(fit(transactions_to_table(rows), BANK), BANK)
    assert list(found) == [1]
    assert found[1][0] == reason
    assert named in found[1][1]


def test_rows_at_the_limit_are_kept():
    rows = [transaction(1, description="é" * 500, account="x" * 100, bank="y" * 100, description_raw="z" * 1000)]
    assert unstorable(fit(transactions_to_table(rows), BANK), BANK) == {}


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("12", 1200), ("-12.5", -1250), ("1234,56", 123_456), ("1.234.567,8", 123_456_780),
        ("1.234", None), ("1,234", None), ("1.23,45", None), ("R$ 5", None), ("#REF!", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_a_monthly_value_is_taken_only_if_it_can_be_read_in_one_way(written, cents):
    assert _plain_cents(written) == cents
