"""What the name of a column says that it holds, in Portuguese and English; its values have the last word."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias, get_args

from contrapeso.finance.entries._box import Key
from contrapeso.finance.ingest._headers import header_key, role_of

Role: TypeAlias = Literal[
    "date",
    "amount",
    "amount_cents",
    "debit",
    "credit",
    "description",
    "category",
    "type",
    "balance",
    "balance_cents",
    "bank",
    "agency",
    "account",
    "currency",
    "id",
    "copy",
    "calendar",
    "other_date",
    "timestamp",
    "person",
    "firm",
    "identifier",
    "document",
    "constant",
    "categorical",
    "number",
    "text",
    "nested",
    "empty",
    "synthetic",
]
"""What a column is to us. From ``copy`` on, roles say how a new row gets its value."""

ROLES: tuple[Role, ...] = get_args(Role)
SINGLE: frozenset[Role] = frozenset(ROLES[: ROLES.index("id")])
"""Roles that one column at most has."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OWN: dict[str, tuple[Role, int]] = {
    "amount cents": ("amount_cents", 50),
    "valor centavos": ("amount_cents", 50),
    "cents": ("amount_cents", 60),
    "centavos": ("amount_cents", 60),
    "amt": ("amount", 90),
    "total": ("amount", 95),
    "price": ("amount", 96),
    "preco": ("amount", 96),
    "balance cents": ("balance_cents", 0),
    "description raw": ("description", -1),
    "desc": ("description", 90),
    "text": ("description", 95),
    "texto": ("description", 95),
    "name": ("description", 200),
    "category raw": ("category", 50),
    "label": ("category", 90),
    "classe": ("category", 90),
    "class": ("category", 90),
    "rotulo": ("category", 90),
    "etiqueta": ("category", 90),
    "tag": ("category", 91),
    "grupo": ("category", 92),
    "group": ("category", 92),
    "target": ("category", 93),
    "when": ("date", 90),
    "quando": ("date", 90),
    "posted": ("date", 90),
    "posted at": ("date", 90),
    "post date": ("date", 5),
    "timestamp": ("timestamp", 0),
    "datetime": ("date", 80),
    "direction": ("type", 50),
    "is synthetic": ("synthetic", 0),
    "sintetico": ("synthetic", 0),
    "synthetic": ("synthetic", 0),
    "provenance": ("nested", 0),
    "iban": ("account", 90),
}
_SYSTEM_WORDS = "created updated modified imported uploaded inserted deleted criado atualizado importado"
_SYSTEM = frozenset(_SYSTEM_WORDS.split())
_OTHER_DAY_WORDS = "vencimento due competencia emissao liquidacao settlement value processed release"
_OTHER_DAY = frozenset(_OTHER_DAY_WORDS.split())
_NO_NAME_WORDS = (
    "category categoria type tipo code codigo group grupo area expense despesa bank banco project projeto file arquivo "
    "id cost custo department departamento status"
)
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
_PERSON_WORDS = (
    "cliente customer client senador deputado vereador employee funcionario colaborador socio titular holder "
    "responsavel owner vendedor comprador pessoa person user usuario aprovador approver solicitante requester sender "
    "remetente destinatario recipient pagador recebedor cardholder portador"
)
_PERSON = frozenset(_PERSON_WORDS.split())
_FIRM_WORDS = (
    "fornecedor supplier merchant payee favorecido beneficiario beneficiary vendor estabelecimento empresa company "
    "contraparte counterparty sacado cedente loja store razao nome name"
)
_FIRM = frozenset(_FIRM_WORDS.split())
_IDENTIFIER_WORDS = "cpf cnpj rg pis iban email mail phone telefone celular whatsapp chave"
_IDENTIFIER = frozenset(_IDENTIFIER_WORDS.split())
_TEXT = frozenset({"justification", "observations"})
Hint: TypeAlias = Literal["person", "firm", "identifier", "id", "text", "system", "synthetic", "provenance"]


def words_of(key: Key) -> str:
    """Words of a name, folded: of ``transactionDate``, ``TRANSACTION_DATE`` and ``Transaction Date`` the same.

    >>> words_of("transactionDate"), words_of("Valor (R$)")
    ('transaction date', 'valor')
    """
    return header_key(_CAMEL.sub(" ", str(key)))


def named_role(key: Key) -> tuple[Role, int] | None:
    """The role that a name asks for, with its rank (lower is better); None where it asks for none of ``SINGLE``.

    >>> named_role("transaction_type"), named_role("created_at")
    (('type', 6), None)
    """
    words = words_of(key)
    if words in _OWN:
        return _OWN[words]
    if not (found := role_of(words)):
        return None
    role, rank = found
    parts = set(words.split())
    if role == "date" and parts & _SYSTEM:
        return None
    if role in SINGLE:
        return role, rank + (100 if parts & _OTHER_DAY and rank else 0)
    return None


def hint_of(key: Key) -> Hint | None:
    """What the name of a column says of how a new row may get its value."""
    words = words_of(key)
    role = _OWN[words][0] if words in _OWN else (role_of(words) or ("", 0))[0]
    parts = set(words.split())
    rules: tuple[tuple[bool, Hint], ...] = (
        (role == "synthetic", "synthetic"),
        (words == "provenance", "provenance"),
        (bool(parts & _SYSTEM) or role == "timestamp", "system"),
        (bool(parts & _IDENTIFIER), "identifier"),
        (role in {"fitid", "identifier"}, "id"),
        (role in _TEXT, "text"),
        (bool(parts & _PERSON) and not parts & _NO_NAME, "person"),
        (bool(parts & _FIRM) and not parts & _NO_NAME, "firm"),
    )
    return next((hint for holds, hint in rules if holds), None)


__all__ = ["ROLES", "SINGLE", "Hint", "Role", "hint_of", "named_role", "words_of"]
