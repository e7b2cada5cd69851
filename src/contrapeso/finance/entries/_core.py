"""Which columns are the date, the amount and the other fields of a movement: declared, named, or told by content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from contrapeso.errors import ColumnNotFoundError, InvalidParameterError
from contrapeso.finance.entries._amounts import read_amounts
from contrapeso.finance.entries._box import Key
from contrapeso.finance.entries._cells import Cells
from contrapeso.finance.entries._dates import read_days
from contrapeso.finance.entries._names import ROLES, SINGLE, Role, hint_of, named_role
from contrapeso.finance.entries._words import Said, Words

Columns = dict[Key, Cells]
_SAMPLE = 1000
_READABLE = 0.5
_SURE = 0.9
_RARE = 1000
"""Added to the rank of a name that half of the rows or fewer have: keys of another dialect among them."""
_WORDS = {
    "dates": Words("datas", "dates"),
    "money": Words("a única coluna de valores", "the only column of amounts"),
    "cents": Words("a coluna de valores com centavos ou sinal", "the column of amounts with cents or signs"),
    "text": Words("o texto mais variado", "the most varied text"),
}


@dataclass(frozen=True)
class Core:
    """Column of each field, why, and what the caller declared.

    Attributes
    ----------
    places : key of the column of each role of ``SINGLE`` that there is
    said : why
    declared : roles that the caller gave, of every kind
    """

    places: dict[Role, Key]
    said: dict[Role, Said]
    declared: dict[Key, Role] = field(default_factory=dict)

    def place(self, role: Role, key: Key, said: Said) -> None:
        """Give a role to a column."""
        self.places[role], self.said[role] = key, said

    def drop(self, *roles: Role) -> None:
        """Leave the columns of these roles to the rest, unless they were declared."""
        for role in roles:
            if role in self.places and self.said[role].code != "declared":
                del self.places[role], self.said[role]


def check_mapping(columns: Columns, mapping: Mapping[str, str] | None) -> dict[Key, Role]:
    """The declared role of each column.

    Raises
    ------
    ColumnNotFoundError
        If a column is not there.
    InvalidParameterError
        If a role does not exist, or two columns have one that only one can have.
    """
    declared: dict[Key, Role] = {}
    keys = {str(key): key for key in columns}
    for name, role in (mapping or {}).items():
        if name not in columns and str(name) not in keys:
            turned = f" A mapping goes from column to role: {{{role!r}: {name!r}}}." if role in columns else ""
            raise ColumnNotFoundError(
                f"There is no column {name!r}. Columns: {', '.join(map(str, columns))}.{turned}", {"column": name}
            )
        if role not in ROLES:
            raise InvalidParameterError(f"A role is one of {', '.join(ROLES)}; got {role!r} for {name!r}.")
        declared[name if name in columns else keys[str(name)]] = role
    for role in SINGLE & set(declared.values()):
        same = [str(key) for key, asked in declared.items() if asked == role]
        if len(same) > 1:
            raise InvalidParameterError(f"One column is the {role}; {' and '.join(same)} are declared to be it.")
    return declared


def find_core(columns: Columns, declared: Mapping[Key, Role]) -> Core:
    """The columns of the fields of a movement.

    Raises
    ------
    ColumnNotFoundError
        If no column, or more than one, can be the date or the amount.
    """
    core = Core({}, {}, dict(declared))
    for key, role in declared.items():
        if role in SINGLE:
            core.place(role, key, Said("declared"))
    _by_name(core, columns)
    if core.places.keys() & {"amount"}:
        core.drop("amount_cents", "debit", "credit")
    if "amount_cents" in core.places:
        core.drop("debit", "credit")
    if "balance" in core.places:
        core.drop("balance_cents")
    if "date" not in core.places:
        _find_date(core, columns)
    if not core.places.keys() & {"amount", "amount_cents", "debit", "credit"}:
        _find_amount(core, columns)
    if "description" not in core.places:
        _find_description(core, columns)
    return core


def _free(core: Core, columns: Columns) -> list[Key]:
    taken = set(core.places.values()) | core.declared.keys()
    return [key for key in columns if key not in taken]


def _by_name(core: Core, columns: Columns) -> None:
    """The best named column of each role: a readable one first, one that most rows have, then by its name."""
    candidates: dict[Role, list[tuple[bool, int, int, Key]]] = {}
    most = max((cells.n for cells in columns.values()), default=0)
    for j, key in enumerate(columns):
        if key in core.declared or not (found := named_role(key)) or found[0] not in SINGLE - core.places.keys():
            continue
        rank = found[1] + (_RARE if columns[key].n * 2 <= most else 0)
        candidates.setdefault(found[0], []).append((not _fits(found[0], columns[key]), rank, j, key))
    for role, found_columns in candidates.items():
        unfit, _, _, key = min(found_columns, key=lambda entry: entry[:3])
        if not (unfit and columns[key].n):
            core.place(role, key, Said("by_name"))


def _fits(role: Role, cells: Cells) -> bool:
    """Whether the values of a column can be what its name says; a column without values cannot."""
    if role == "date":
        return read_days(_sampled(cells)).share >= _READABLE
    if role in {"amount", "amount_cents", "debit", "credit", "balance", "balance_cents"}:
        return read_amounts(_sampled(cells)).share >= _READABLE
    return bool(cells.n)


def _sampled(cells: Cells) -> Cells:
    """At most a thousand values that are there, from all over the column."""
    there = np.flatnonzero(~cells.blank)
    if len(there) > _SAMPLE:
        there = there[np.linspace(0, len(there) - 1, _SAMPLE).astype(np.int64)]
    return cells.take(there)


def _find_date(core: Core, columns: Columns) -> None:
    dates = [key for key in _free(core, columns) if _is_date(columns[key])]
    plain_days = [key for key in dates if hint_of(key) != "system"]
    if not dates:
        named = [key for key in _free(core, columns) if (found := named_role(key)) and found[0] == "date"]
        if not named:
            raise _not_found("date", "dates", columns)
        dates = named
    core.place("date", (plain_days or dates)[0], Said("by_content", {"what": _WORDS["dates"]}))


def _is_date(cells: Cells) -> bool:
    """Whether nearly all values are dates; numbers are not taken for day numbers of a workbook."""
    if not cells.n or not cells.is_plain or issubclass(cells.kind, int | float | np.number):
        return False
    return read_days(_sampled(cells)).share >= _SURE


def _find_amount(core: Core, columns: Columns) -> None:
    found = {key: columns[key] for key in _free(core, columns) if _is_money(columns[key])}
    if not found:
        named = [key for key in _free(core, columns) if (role := named_role(key)) and role[0] == "amount"]
        if not named:
            raise _not_found("amount", "amounts", columns)
        core.place("amount", named[0], Said("by_name"))
        return
    if len(found) > 1:
        found = {key: cells for key, cells in found.items() if _has_cents(cells)} or found
    if len(found) > 1:
        names = ", ".join(map(str, found))
        raise ColumnNotFoundError(
            f"Several columns could be the amount: {names}. Name one, e.g. "
            f"mapping={{{next(iter(map(str, found)))!r}: 'amount'}}.",
            {"role": "amount", "candidates": [str(key) for key in found]},
        )
    key = next(iter(found))
    what = "money" if len(columns) < 2 or not _has_cents(columns[key]) else "cents"
    core.place("amount", key, Said("by_content", {"what": _WORDS[what]}))


def _is_money(cells: Cells) -> bool:
    if not cells.n or not cells.is_plain or issubclass(cells.kind, bool | np.bool_) or hint_of_id(cells):
        return False
    amounts = read_amounts(_sampled(cells))
    return amounts.share >= _SURE and not (issubclass(cells.kind, str) and _are_codes(cells))


def hint_of_id(cells: Cells) -> bool:
    """Whether the name of a column says that it identifies or is of the system."""
    return hint_of(cells.key) in {"id", "identifier", "system"}


def _are_codes(cells: Cells) -> bool:
    """Whether texts of digits begin with zeros or never have a mark: numbers of documents, not amounts."""
    texts = [str(value) for value in cells.distinct[:_SAMPLE]]
    return all(text.isdigit() for text in texts) and (
        any(text.startswith("0") for text in texts) or len({len(text) for text in texts}) == 1
    )


def _has_cents(cells: Cells) -> bool:
    cents = read_amounts(_sampled(cells)).cents
    return bool((cents % 100 != 0).any() or (cents < 0).any())


def _find_description(core: Core, columns: Columns) -> None:
    """The column of texts with the most distinct ones that are words; none where there is none."""
    best: tuple[int, Key] | None = None
    for key in _free(core, columns):
        cells = columns[key]
        if not cells.n or not cells.is_plain or not issubclass(cells.kind, str) or hint_of_id(cells) or _is_date(cells):
            continue
        texts = [str(value) for value in cells.distinct[:_SAMPLE]]
        worded = sum(any(sign.isalpha() for sign in text) and " " in text.strip() for text in texts)
        if worded * 2 > len(texts) and (best is None or len(cells.distinct) > best[0]):
            best = len(cells.distinct), key
    if best is not None:
        core.place("description", best[1], Said("by_content", {"what": _WORDS["text"]}))


def _not_found(role: str, what: str, columns: Columns) -> ColumnNotFoundError:
    names = ", ".join(map(str, columns)) or "none"
    return ColumnNotFoundError(
        f"No column of {what} was found among: {names}. Name it, e.g. mapping={{'my_column': {role!r}}}.",
        {"role": role, "columns": [str(key) for key in columns]},
    )


__all__ = ["Columns", "Core", "check_mapping", "find_core"]
