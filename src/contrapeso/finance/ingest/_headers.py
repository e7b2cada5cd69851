"""What the columns of a bank or company sheet mean, by their headers in Portuguese or English.

A header is compared without accents, case, punctuation and units. The first synonym of a role wins
over the later ones; columns that lose, or that no role knows, are kept as extra fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contrapeso.tables.reading import Cell, cell_text, fold, is_blank

Role: TypeAlias = Literal[
    "date",
    "description",
    "amount",
    "debit",
    "credit",
    "balance",
    "type",
    "category",
    "bank",
    "account",
    "fitid",
    "identifier",
    "currency",
    "agency",
    "cost_center",
    "department",
    "project",
    "justification",
    "observations",
    "monthly_report_value",
    "is_synthetic",
]

_SYNONYMS: dict[Role, str] = {
    "date": """data|data lancamento|data do lancamento|data movimento|data movimentacao
        |data transacao|data da transacao|data mov|data operacao|data contabil|data pagamento
        |data do pagamento|data compra|data da compra
        |dt|dt lancamento|dt movimento|dia|date|transaction date|posting date|posted date|booking date|value date""",
    "description": """descricao|descricao do lancamento|descricao lancamento|historico|historico do lancamento
        |lancamento|lancamentos|memo|description|narrative|details|title|titulo|estabelecimento|detalhes
        |detalhamento|complemento
        |favorecido|beneficiario|fornecedor|payee|merchant|merchant name|supplier|supplier name""",
    "amount": """valor|valor do lancamento|valor lancamento|valor da transacao|valor transacao|valor liquido|vlr
        |amount|transaction amount|net amount|quantia|montante|valor pago|valor total|value""",
    "debit": "debito|debitos|valor debito|saida|saidas|debit|debits|withdrawal|withdrawals|paid out|despesas",
    "credit": "credito|creditos|valor credito|entrada|entradas|credit|credits|deposit|deposits|paid in|receitas",
    "balance": "saldo|saldo final|saldo atual|saldo apos|saldo apos lancamento|saldo do dia|balance|running balance",
    "category": """categoria|category|classificacao|plano de contas|tipo despesa|tipo de despesa|rubrica
        |merchant category group|merchant category|expense type""",
    "type": """tipo|type|tipo lancamento|tipo de lancamento|tipo transacao|tipo de transacao|transaction type|natureza
        |d c|c d|dc|cd|debito credito|credito debito|sinal|direction""",
    "bank": "banco|bank|bank name|nome do banco|instituicao|instituicao financeira",
    "account": "conta|account|conta corrente|account id|account number|numero da conta|no da conta|no conta",
    "fitid": "fitid|fit id",
    "identifier": """id|identificador|id transacao|id da transacao|transaction id|transaction number|documento|doc
        |no documento|n documento|numero documento|numero do documento|no doc|num doc|cod documento|codigo documento
        |reference|referencia|protocolo""",
    "currency": "moeda|currency",
    "agency": "agencia|ag|branch",
    "cost_center": "centro de custo|centro custo|centro de custos|cost center|cost centre",
    "department": "departamento|department|setor|area",
    "project": "projeto|project",
    "justification": "justificativa|justification",
    "observations": "observacoes|observacao|obs|observations|notes|notas",
    "monthly_report_value": """valor para relat mensal|valor para relatorio mensal|valor relatorio mensal
        |monthly report value""",
    "is_synthetic": "sintetico|is synthetic|synthetic",
}
_BY_NAME: dict[str, tuple[Role, int]] = {
    name: (role, rank)
    for role, names in _SYNONYMS.items()
    for rank, name in enumerate(re.split(r"\s*\|\s*", names.strip()))
}
_BY_FIRST_WORD: dict[str, Role] = {
    **dict.fromkeys(("data", "dt"), "date"),
    **dict.fromkeys(("descricao", "historico"), "description"),
    **dict.fromkeys(("valor", "vlr"), "amount"),
    **dict.fromkeys(("saldo",), "balance"),
    **dict.fromkeys(("categoria",), "category"),
}
_BY_LAST_WORD: dict[str, Role] = {"date": "date", "amount": "amount", "balance": "balance"}
_LOOSE = 100
"""Rank of a match by one word: after every whole name."""

_UNITS = re.compile(r"\(.*?\)|\br\$|\bbrl\b")
_NOT_WORD = re.compile(r"[\W_]+")
_PORTUGUESE = frozenset(
    {
        "data",
        "valor",
        "descricao",
        "historico",
        "lancamento",
        "saldo",
        "tipo",
        "categoria",
        "conta",
        "observacoes",
        "debito",
    }
)
_EXPENSE = frozenset({"despesa", "despesas", "gasto", "gastos", "expense", "expenses"})
_INCOME = frozenset({"receita", "receitas", "income"})
_SUBTOTAL = re.compile(r"(sub\s?)?tota(l|is)\b")
_SEARCHED_ROWS = 30


def header_key(cell: Cell) -> str:
    """Header as it is compared: folded, without units and punctuation.

    >>> header_key("Observações:"), header_key("Valor (R$)"), header_key("VALOR_REEMBOLSADO")
    ('observacoes', 'valor', 'valor reembolsado')
    """
    folded = fold(cell) if isinstance(cell, str) else ""
    return _NOT_WORD.sub(" ", _UNITS.sub(" ", folded)).strip()


def role_of(key: str) -> tuple[Role, int] | None:
    """Role of a header key with the rank of the match (lower is better)."""
    if key in _BY_NAME:
        return _BY_NAME[key]
    words = key.split()
    if len(words) > 1 and words[0] in _BY_FIRST_WORD:
        return _BY_FIRST_WORD[words[0]], _LOOSE
    if len(words) > 1 and words[-1] in _BY_LAST_WORD:
        return _BY_LAST_WORD[words[-1]], _LOOSE
    return None


@dataclass(frozen=True, slots=True)
class Columns:
    """Meaning of the columns of one sheet.

    Attributes
    ----------
    header : index of the header row within the grid; -1 if the names are no row of it
    keys : header keys by column
    roles : column of each role
    fallbacks : further description columns, best first, for rows whose first one is blank
    extra : name of the extra field by column
    side : columns of tables to the right
    """

    header: int
    keys: tuple[str, ...]
    roles: dict[Role, int]
    fallbacks: tuple[int, ...]
    extra: dict[int, str]
    side: frozenset[int]

    @property
    def is_portuguese(self) -> bool:
        """Whether the headers are Portuguese words."""
        return any(word in _PORTUGUESE for key in self.keys for word in key.split())

    @property
    def says_expense(self) -> bool:
        """Whether the header of a category says that every row is an expense (``TIPO_DESPESA``)."""
        keys = [key for key in self.keys if (role := role_of(key)) and role[0] in {"category", "type"}]
        words = {word for key in keys for word in key.split()}
        return bool(words & _EXPENSE) and not words & _INCOME


def find_columns(rows: Sequence[Sequence[Cell]]) -> Columns | None:
    """Columns of the sheet, or None if none of its first rows names a date and an amount.

    The row that names the most roles is the header; the first one of those that tie.
    """
    found = [columns for i, row in enumerate(rows[:_SEARCHED_ROWS]) if (columns := columns_of(row, i))]
    return max(found, key=lambda columns: len(columns.roles), default=None)


def columns_of(row: Sequence[Cell], header: int = -1) -> Columns | None:
    """Columns under a header row, or None if it does not name a date and an amount.

    ``header`` is its index in the grid, -1 for names that are no row of it.
    """
    named = {role[0] for cell in row if (role := role_of(header_key(cell)))}
    if "date" not in named or not named & {"amount", "debit", "credit"}:
        return None
    keys = tuple(header_key(cell) for cell in row)
    side = _side_columns(keys)
    ranked: dict[Role, list[tuple[int, int]]] = {}
    for j, key in enumerate(keys):
        if j not in side and (found := role_of(key)):
            ranked.setdefault(found[0], []).append((found[1], j))
    roles = {role: min(places)[1] for role, places in ranked.items()}
    if "amount" in roles:  # one signed column is enough; split ones beside it are copies
        roles.pop("debit", None)
        roles.pop("credit", None)
    if "date" not in roles or not roles.keys() & {"amount", "debit", "credit"}:
        return None  # only a table to the right has them
    fallbacks = tuple(j for _, j in sorted(ranked.get("description", []))[1:])
    return Columns(header, keys, roles, fallbacks, _extra_names(row, roles, side), side)


def _side_columns(keys: Sequence[str]) -> frozenset[int]:
    """Columns of tables to the right: runs of headers, after a blank one, that repeat a role or hold subtotals."""
    runs: list[list[int]] = [[]]
    for j, key in enumerate(keys):
        if key:
            runs[-1].append(j)
        elif runs[-1]:
            runs.append([])
    main = next((k for k, run in enumerate(runs) if "date" in _roles(keys, run)), 0)
    known = _roles(keys, runs[main])
    side: set[int] = set()
    for run in runs[main + 1 :]:
        roles = _roles(keys, run)
        if side or roles & known or any(_SUBTOTAL.match(keys[j]) for j in run):
            side.update(range(run[0], len(keys)) if run else ())
        known |= roles
    return frozenset(side)


def _roles(keys: Sequence[str], run: Iterable[int]) -> set[Role]:
    return {role[0] for j in run if (role := role_of(keys[j]))}


_KEPT_ROLES: frozenset[Role] = frozenset(
    {
        *("agency", "cost_center", "department", "project", "justification", "observations"),
        *("monthly_report_value", "is_synthetic"),
    }
)


def _extra_names(row: Sequence[Cell], roles: dict[Role, int], side: frozenset[int]) -> dict[int, str]:
    """Name of the extra field of each column that is no field of a transaction."""
    by_column = {j: role for role, j in roles.items()}
    names: dict[int, str] = {}
    for j, cell in enumerate(row):
        role = by_column.get(j)
        if j in side or (role and role not in _KEPT_ROLES):
            continue
        name = role or ("" if is_blank(cell) else " ".join(cell_text(cell).split())) or f"column_{j + 1}"
        names[j] = name if name not in names.values() else f"{name}_{j + 1}"
    return names


__all__ = ["Columns", "Role", "columns_of", "find_columns", "header_key", "role_of"]
