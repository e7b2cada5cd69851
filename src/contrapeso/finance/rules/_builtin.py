"""Rules that hold for bank statements in Brazil, and which of them a table bears out.

The instrument is that of the column, or what the description tells. Dates: PIX, Resolução BCB
1/2020 (16 November 2020); end of DOC and TEC, 29 February 2024, and their limit of R$ 4.999,99; standard wordings of
deposits and withdrawals, FEBRABAN, 8 July 2024; CNPJ with letters, July 2026.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from contrapeso.finance._ledger import Ledger
from contrapeso.finance.rules._rule import Rule, make_rule
from contrapeso.finance.rules._ruleset import RuleSet, as_frame
from contrapeso.finance.rules._table import Table

_DEBIT = "transaction_type in ('debit', 'expense')"
_CREDIT = "transaction_type in ('credit', 'income')"
_DOC = (
    "has_word(description, 'doc enviado', 'doc recebido', 'doc emitido', 'doc eletronico', 'doc credito', "
    "'doc debito', 'via doc', 'por doc', 'transf doc', 'transferencia doc', 'tec enviada', 'tec recebida', "
    "'tec enviado', 'tec recebido')"
    " or starts_with(description, 'doc e ') or starts_with(description, 'doc d ')"
)
_LETTERS = r"\b[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}\b"
_DIGITS = r"\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b"

_RULES: tuple[dict[str, object], ...] = (
    {
        "id": "data_presente", "type": "required", "columns": ["date"], "enforce": "reject",
        "message": {"pt": "Falta a data", "en": "The date is missing"},
    },
    {
        "id": "valor_presente", "type": "required", "columns": ["amount"], "enforce": "reject",
        "message": {"pt": "Falta o valor", "en": "The amount is missing"},
    },
    {
        "id": "data_valida", "type": "type", "column": "date", "kind": "date",
        "message": {"pt": "A data não é uma data", "en": "The date is no date"},
    },
    {
        "id": "centavos", "type": "resolution", "column": "amount", "step": 0.01, "enforce": "repair",
        "message": {"pt": "O valor tem fração de centavo", "en": "The amount has a fraction of a centavo"},
    },
    {
        "id": "valor_nao_zero", "type": "expression", "holds": "amount != 0", "severity": "soft", "enforce": "report",
        "message": {"pt": "Lançamento de valor zero", "en": "Movement of nothing"},
    },
    {
        "id": "tipo_conhecido", "type": "enum", "column": "transaction_type", "enforce": "construct",
        "values": ["debit", "credit", "expense", "income"],
        "message": {"pt": "Tipo de lançamento desconhecido", "en": "Unknown type of movement"},
    },
    {
        "id": "sinal_debito", "type": "implication", "when": _DEBIT, "then": "amount < 0", "enforce": "construct",
        "message": {"pt": "Débito deve ser negativo", "en": "A debit must be negative"},
    },
    {
        "id": "sinal_credito", "type": "implication", "when": _CREDIT, "then": "amount > 0", "enforce": "construct",
        "message": {"pt": "Crédito deve ser positivo", "en": "A credit must be positive"},
    },
    {
        "id": "sem_futuro", "type": "calendar", "not_after": "today", "enforce": "report",
        "message": {"pt": "Data no futuro", "en": "Date in the future"},
    },
    {
        "id": "texto_500", "type": "expression", "holds": "len(description) <= 500", "enforce": "reject",
        "message": {"pt": "Descrição com mais de 500 caracteres", "en": "Description of more than 500 characters"},
    },
    {
        "id": "dia_util_bancario", "type": "calendar", "business_day": True, "severity": "hard", "enforce": "repair",
        "when": "instrument in ('ted', 'doc', 'boleto', 'cheque', 'tax')",
        "message": {"pt": "Lançamento bancário fora de dia útil", "en": "Bank posting on a day without banks"},
    },
    {
        "id": "era_pix", "type": "era", "valid_from": "2020-11-16", "enforce": "repair",
        "when": "instrument == 'pix'",
        "message": {"pt": "PIX antes de 16/11/2020", "en": "PIX before 16 November 2020"},
    },
    {
        "id": "era_pix_texto", "type": "era", "valid_from": "2020-11-16", "enforce": "repair",
        "when": "has_word(description, 'pix')",
        "message": {"pt": "PIX na descrição antes de 16/11/2020", "en": "PIX in the text before 16 November 2020"},
    },
    {
        "id": "era_doc", "type": "era", "valid_to": "2024-02-29", "enforce": "repair",
        "when": "instrument == 'doc'",
        "message": {"pt": "DOC depois de 29/02/2024", "en": "DOC after 29 February 2024"},
    },
    {
        "id": "era_doc_texto", "type": "era", "valid_to": "2024-02-29", "enforce": "repair",
        "when": _DOC,
        "message": {"pt": "DOC ou TEC na descrição depois de 29/02/2024", "en": "DOC or TEC in the text after its end"},
    },
    {
        "id": "limite_doc", "type": "implication", "when": "instrument == 'doc'", "then": "abs(amount) <= 4999.99",
        "message": {"pt": "DOC acima de R$ 4.999,99", "en": "DOC above R$ 4,999.99"},
    },
    {
        "id": "era_febraban", "type": "era", "valid_from": "2024-07-08", "enforce": "reject",
        "when": "has_word(description, 'dep cheque atm', 'dep din atm', 'saque din cartao', 'saque banco 24h', "
                "'dep cheque ag', 'dep din ag', 'pix saque', 'pix troco')",
        "severity": "soft", "min_share": 0.95,
        "message": {"pt": "Texto padrão da FEBRABAN antes de 08/07/2024", "en": "FEBRABAN wording before 8 July 2024"},
    },
    {
        "id": "era_cnpj_letras", "type": "era", "valid_from": "2026-07-01", "enforce": "reject",
        "when": f"finds(description, '{_LETTERS}') and not finds(description, '{_DIGITS}')",
        "message": {"pt": "CNPJ com letras antes de julho de 2026", "en": "CNPJ with letters before July 2026"},
    },
    {
        "id": "documento_do_texto", "type": "check_digit", "column": "description", "kinds": ["cpf", "cnpj"],
        "within": True, "accept": "valid_or_masked", "severity": "soft", "min_share": 0.95, "enforce": "report",
        "message": {"pt": "CPF ou CNPJ com dígito errado", "en": "CPF or CNPJ with a wrong check digit"},
    },
    {
        "id": "id_unico", "type": "unique", "columns": ["account", "fitid"],
        "message": {"pt": "Identificador repetido na conta", "en": "Identifier repeated in the account"},
    },
    {
        "id": "linha_unica", "type": "unique", "columns": ["date", "amount", "description"], "severity": "soft",
        "enforce": "reject",
        "message": {"pt": "Mesma data, valor e descrição de outra linha", "en": "Date, amount and text of another row"},
    },
    {
        "id": "saldo_continuo", "type": "running_balance", "key": ["account"], "enforce": "construct",
        "message": {"pt": "O saldo não continua o anterior", "en": "The balance does not continue the one before"},
    },
    {
        "id": "parcela_ate_total", "type": "recurrence", "key": ["payee", "category"], "instalments": "description",
        "severity": "soft", "min_share": 0.8, "enforce": "report",
        "message": {"pt": "Parcela que não avança uma de cada vez", "en": "Instalment that does not advance by one"},
    },
)  # fmt: skip

LEAST_REAL = 0.99
_PRESENCE = frozenset({"data_presente", "valor_presente"})


def builtin_rules(real: pd.DataFrame | Ledger | None = None) -> RuleSet:
    """The rules for bank statements; with ``real`` rows, as far as those bear them out.

    Parameters
    ----------
    real : rows of the training slice, optional
        A hard rule that fewer than 99 % of the real rows it is about keep becomes soft and is reported, with the real
        share as its ``min_share``: statements of a table that has no negative amounts (expenses, card logs) are not
        made to have any. A rule that none of them keeps is left out. One rule is added: ``janela``, the days from the
        first real row to the last.

    Returns
    -------
    RuleSet

    Examples
    --------
    >>> len(builtin_rules()) >= 20, builtin_rules()["era_pix"].text("pt")
    (True, 'PIX antes de 16/11/2020')
    >>> card = pd.DataFrame({"amount": [10.0, 20.0], "transaction_type": ["expense", "expense"]})
    >>> "sinal_debito" in builtin_rules(card).ids
    False
    """
    rules = RuleSet(tuple(make_rule({**rule, "origin": "builtin"}) for rule in _RULES))
    if real is None:
        return rules
    frame = as_frame(real)
    found = [_borne_out(result.rule, result.share) for result in rules.check(frame).results]
    return replace(rules, rules=(*(rule for rule in found if rule is not None), *_window(frame)))


def _window(frame: pd.DataFrame) -> tuple[Rule, ...]:
    """The rule that new rows lie in the days of the real ones: anchored to the data, not to the day of the run."""
    table = Table(frame)
    if not table.has("date"):
        return ()
    when = table.days("date")
    if when.missing.all():
        return ()
    first, last = (
        str(np.datetime64(int(day), "D")) for day in (when.data[~when.missing].min(), when.data[~when.missing].max())
    )
    message = {"pt": f"Data fora do período dos dados ({first} a {last})", "en": f"Date outside of {first} to {last}"}
    given = {"id": "janela", "type": "calendar", "not_before": first, "not_after": last, "enforce": "repair"}
    return (make_rule({**given, "origin": "builtin", "message": message}),)


def _borne_out(rule: Rule, share: float | None) -> Rule | None:
    """The rule as strict as the real rows are; None where they contradict it."""
    if share is None or share >= LEAST_REAL or rule.id in _PRESENCE:
        return rule
    if share == 0:
        return None
    if rule.severity == "soft":
        return replace(rule, min_share=share if rule.min_share is None else min(rule.min_share, share))
    return replace(rule, severity="soft", enforce="report", min_share=share)


__all__ = ["LEAST_REAL", "builtin_rules"]
