"""Numbers that a classifier learns from: descriptions, amounts and calendar of bank rows, and any table with text."""

from contrapeso.finance.features._features import Form, TransactionFeatures, as_dates
from contrapeso.finance.features._payee import payee_key
from contrapeso.finance.features._roles import Role, column_roles, is_transactions

__all__ = ["Form", "Role", "TransactionFeatures", "as_dates", "column_roles", "is_transactions", "payee_key"]
