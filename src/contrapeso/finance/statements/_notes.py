"""The sheets that explain: how each synthetic row was made, and the rules that it was held to.

Their headers must name no date and no amount column in the words of the reader, which would take them for movements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contrapeso.finance.ingest._headers import header_key, role_of
from contrapeso.finance.statements._cells import Plain, plain_value
from contrapeso.finance.statements._table import SheetTable

PROVENANCE, RULES = "Proveniência", "Regras"
_SUBJECTS = {
    "run": "Execução",
    "run_id": "Execução",
    "method": "Método",
    "parents": "Linhas de origem e pesos",
    "template": "Modelo de texto",
    "slots": "Lacunas preenchidas",
    "amount": "Como surgiu o valor",
    "date": "Como surgiu a data",
    "balance": "Como surgiu o saldo",
    "rules": "Regras verificadas",
    "repairs": "Reparos",
    "nearest": "Linha real mais próxima",
    "realism": "Nota de realismo",
}
_RULE_HEADERS = {
    "id": "Regra",
    "type": "Espécie de regra",
    "severity": "Severidade",
    "enforce": "Como se garante",
    "origin": "Origem",
    "message": "O que exige",
    "support": "Casos",
    "confidence": "Confiança",
    "real": "Cumprimento nas linhas reais",
    "before": "Cumprimento antes de garantir",
    "after": "Cumprimento depois de garantir",
    "compliance": "Cumprimento",
    "examples": "Exemplos contrários",
}


@dataclass(frozen=True, slots=True)
class NoteTable:
    """A sheet of explanations."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Plain, ...], ...]


def provenance_table(table: SheetTable) -> NoteTable:
    """One row for each synthetic movement: its row in the first sheet, its identifier, and all that is told of it."""
    made = [(i, line) for i, line in enumerate(table.lines) if line.synthetic]
    subjects = tuple(dict.fromkeys(str(key) for _, line in made for key in line.provenance))
    rows = tuple(
        (i + 2, table.ids[i], *(plain_value(line.provenance.get(subject)) for subject in subjects)) for i, line in made
    )
    headers = ("Linha", "FITID", *(_header(_SUBJECTS, subject) for subject in subjects))
    return NoteTable(PROVENANCE, headers, rows or (("Nenhuma linha sintética.",),))


def rules_table(rules: Sequence[Mapping[str, object]]) -> NoteTable:
    """One row for each rule, under the names of what is told of it."""
    keys = tuple(dict.fromkeys(str(key) for rule in rules for key in rule))
    rows = tuple(tuple(plain_value(rule.get(key)) for key in keys) for rule in rules)
    headers = tuple(_header(_RULE_HEADERS, key) for key in keys)
    return NoteTable(RULES, headers or ("Regra",), rows or (("Nenhuma regra foi informada.",),))


def _header(known: Mapping[str, str], key: str) -> str:
    """Header of a subject; one that the reader would know as a column of movements is set in other words."""
    header = known.get(key, key)
    return f"Sobre {header}, em detalhe" if role_of(header_key(header)) else header


__all__ = ["PROVENANCE", "RULES", "NoteTable", "provenance_table", "rules_table"]
