"""The example company's files, read by the real importer: exactly what was simulated comes back."""

from collections import Counter
from pathlib import Path

import pytest

from contrapeso.finance import apply_labels, propose_labels, simulate_company, write_company
from contrapeso.finance._transaction import ParsedFile
from contrapeso.finance.example import CATEGORIES, ExampleCompany
from contrapeso.finance.ingest import parse_file

BALANCE_REASONS = ("balance_row",)
ERROR_REASONS = ("bad_amount",)
BANKS = ("Banco Alameda", "Cooperativa Serra Azul")


@pytest.fixture(scope="module")
def company() -> ExampleCompany:
    return simulate_company()


@pytest.fixture(scope="module")
def parsed(company: ExampleCompany, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ParsedFile]:
    paths = write_company(company, tmp_path_factory.mktemp("company"))
    return {path.name: parse_file(Path(path)) for path in paths}


def test_every_file_gives_exactly_what_is_expected(company: ExampleCompany, parsed: dict[str, ParsedFile]) -> None:
    assert list(parsed) == list(company.expected)
    for name, expected in company.expected.items():
        file = parsed[name]
        assert (file.kind, file.table) == (expected.kind, expected.table), name
        assert len(file.transactions) == expected.transactions, name
        assert sum(row.amount_cents for row in file.transactions) == expected.total_cents, name
        assert sum(file.reasons.get(reason, 0) for reason in BALANCE_REASONS) == expected.balance_rows, name
        assert sum(file.reasons.get(reason, 0) for reason in ERROR_REASONS) == expected.errors, name
        assert sum(row.needs_review for row in file.quarantined) == expected.errors, name


def test_duplicates_by_identifier_are_exactly_the_overlaps(
    company: ExampleCompany, parsed: dict[str, ParsedFile]
) -> None:
    seen: set[tuple[str, str, str]] = set()
    for name, expected in company.expected.items():
        if expected.kind == "ofx":
            keys = [(row.bank, row.account, row.fitid) for row in parsed[name].transactions]
            assert sum(key in seen for key in keys) == expected.duplicates, name
            seen.update(keys)


def test_statements_bring_back_every_true_movement(company: ExampleCompany, parsed: dict[str, ParsedFile]) -> None:
    read = {
        (row.account, row.fitid): (row.date, row.amount_cents, row.description_raw)
        for file in parsed.values()
        if file.kind == "ofx"
        for row in file.transactions
    }
    true = {
        (row.account, row.fitid): (row.date, row.amount_cents, row.description)
        for row in company.movements
        if row.bank in BANKS
    }
    assert read == true


def test_the_wallet_brings_back_its_movements_and_balances(
    company: ExampleCompany, parsed: dict[str, ParsedFile]
) -> None:
    wallet = next(file for file in parsed.values() if file.kind == "csv")
    read = [(row.date, row.amount_cents, row.description_raw, row.balance_cents) for row in wallet.transactions]
    true = [
        (row.date, row.amount_cents, row.description, row.balance_cents)
        for row in company.movements
        if row.bank not in BANKS
    ]
    assert read == true


def test_books_bring_back_dates_amounts_and_labels_as_typed(
    company: ExampleCompany, parsed: dict[str, ParsedFile]
) -> None:
    books = [file for file in parsed.values() if file.kind == "xlsx"]
    read = Counter((row.date, row.amount_cents, row.description_raw) for file in books for row in file.transactions)
    true = Counter((row.date, row.amount_cents, row.description) for row in company.movements)
    assert not read - true
    assert (true - read).total() == 1  # the broken cell
    for file in books:
        typed = Counter((row.category_raw or "").strip() or None for row in file.transactions)
        expected: Counter[str | None] = Counter()
        for label, count in company.expected[file.name].labels.items():
            expected[(label or "").strip() or None] += count
        assert typed == expected


def test_proposed_labels_give_every_movement_its_true_category(
    company: ExampleCompany, parsed: dict[str, ParsedFile]
) -> None:
    rows = [row for file in parsed.values() if file.kind == "xlsx" for row in file.transactions]
    proposals = propose_labels([row.category_raw for row in rows], directions=[row.direction for row in rows])
    assert set(proposals.categories) == set(CATEGORIES)
    assert not proposals.of_status("suggested")
    named = apply_labels([row.category_raw for row in rows], proposals.decisions())
    labelled = Counter(
        (row.date, row.amount_cents, row.description_raw, name) for row, name in zip(rows, named, strict=True) if name
    )
    true = Counter((row.date, row.amount_cents, row.description, row.category) for row in company.movements)
    assert not labelled - true
    left_out = sum(p.count for p in proposals.of_status("quarantined", "uncategorised"))
    assert (true - labelled).total() == left_out + 1
