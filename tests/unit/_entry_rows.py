"""Rows of the documented shapes, out of the simulated company."""

import datetime as dt

from contrapeso.finance import simulate_company

TODAY = dt.date(2024, 6, 1)
BANK = {"date": "2024-01-05", "amount": -10.5, "description": "TARIFA PACOTE", "category": "tarifas"}


def bank_rows(n: int = 400) -> list[dict[str, object]]:
    """Rows of the documented shape, out of the simulated company."""
    movements = simulate_company(months=6).movements[:n]
    return [
        {
            "id": i,
            "bank_name": move.bank,
            "account_id": move.account,
            "transaction_id": move.fitid or f"X{i}",
            "timestamp": None,
            "date": move.date.isoformat(),
            "amount": move.amount_cents / 100,
            "description": move.description,
            "transaction_type": "debit" if move.amount_cents < 0 else "credit",
            "balance": move.balance_cents / 100,
            "category": move.category,
            "is_anomaly": i % 50 == 0,
        }
        for i, move in enumerate(movements, 1)
    ]


def company_rows(n: int = 400) -> list[dict[str, object]]:
    """Rows of a company's book: sizes, and a type that tells the direction."""
    words = {"debit": "expense", "credit": "income"}
    return [
        {
            "date": row["date"],
            "description": row["description"],
            "amount": abs(float(row["amount"])),
            "category": row["category"],
            "cost_center": "ADM",
            "department": ("Financeiro", "Operações")[i % 2],
            "project": None,
            "transaction_type": words[str(row["transaction_type"])],
            "monthly_report_value": abs(float(row["amount"])),
        }
        for i, row in enumerate(bank_rows(n))
    ]
