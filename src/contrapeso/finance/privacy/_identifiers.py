"""Where in a description there are numbers and addresses that lead to a person, a firm or an account."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from contrapeso.finance.privacy._shapes import MASK, NUMBER, SHAPES, IdentifierKind, Shape

_CLUE = re.compile("[0-9]|@|•{3}|[*]{3}")
_RUNS = re.compile("[0-9]+")
_NOT_KEY = re.compile(rf"[^0-9A-Za-z{re.escape(MASK)}@]+")
_MASKS = re.compile(rf"[{re.escape(MASK)}]")


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier in a text: its kind and where it stands.

    The text itself is not shown by ``repr``, so that it does not slip into a log.
    """

    kind: IdentifierKind
    start: int
    end: int
    text: str = field(repr=False)

    @property
    def masked(self) -> bool:
        """Whether signs such as ``*`` stand in place of some of its digits."""
        return self.kind in {"cpf", "cnpj", "card"} and _MASKS.search(self.text) is not None

    @property
    def key(self) -> str:
        """The signs that count, in small letters: two spellings of one number have one key."""
        key = identifier_key(self.text)
        if self.kind == "cpf" and len(key) > 11:
            return key[-11:]
        if self.kind == "phone" and len(key) > 11 and key.startswith("55"):
            return key[2:]
        return key[-14:] if self.kind == "cnpj" else key


def find_identifiers(text: str, *, numbers: bool = False) -> tuple[Identifier, ...]:
    """The identifiers in ``text``, from left to right, none of them inside another.

    CPF, CNPJ (alphanumeric too), PIS, voter's number, card, boleto, key of an invoice, IBAN, e-mail, phone, random or
    end-to-end key of PIX (``evp``), CEP, plate, agency and account; masked forms of CPF, CNPJ and card.

    Parameters
    ----------
    text : str
    numbers : bool, default False
        Take every other number of five digits or more that is neither a date nor an amount (kind ``number``).

    Examples
    --------
    >>> [(found.kind, found.text) for found in find_identifiers("PIX 529.982.247-25 Ag: 0012 Conta 45871-3")]
    [('cpf', '529.982.247-25'), ('agency', '0012'), ('account', '45871-3')]
    >>> find_identifiers("DARF 0220 03/2024")
    ()
    """
    if _CLUE.search(text) is None:
        return ()
    n_digits = sum(len(run) for run in _RUNS.findall(text))
    length = len(text)
    found: list[Identifier] = []
    taken = bytearray(length)
    for shape in SHAPES:
        if n_digits >= shape.least_digits and length >= shape.least_length:
            if shape.needs and shape.needs.isdisjoint(text):
                continue
            _add(found, taken, shape, text)
    if numbers and n_digits >= NUMBER.least_digits:
        _add(found, taken, NUMBER, text)
    return tuple(sorted(found, key=lambda one: one.start))


def identifier_key(text: str) -> str:
    """Digits, letters and masks of ``text`` in small letters; every sign of a mask is ``*``.

    >>> identifier_key("•••.456.789-••") == identifier_key("***456789**")
    True
    """
    kept = _NOT_KEY.sub("", text)
    if any(sign in MASK for sign in kept) and not kept.isalpha() and "@" not in kept:
        digits_only = _MASKS.sub("", kept)
        kept = _MASKS.sub("*", kept) if digits_only.isdigit() else kept
    return kept.lower()


def _add(found: list[Identifier], taken: bytearray, shape: Shape, text: str) -> None:
    """Appends what ``shape`` finds in ``text`` where no earlier shape has ``taken`` the signs."""
    for match in shape.pattern.finditer(text):
        group = 1 if shape.pattern.groups else 0
        start, end = match.span(group)
        if 1 in taken[start:end]:
            continue
        kind = shape.judge(match.group(group))
        if kind is not None:
            taken[start:end] = b"\x01" * (end - start)
            found.append(Identifier(kind, start, end, match.group(group)))


__all__ = ["Identifier", "IdentifierKind", "find_identifiers", "identifier_key"]
