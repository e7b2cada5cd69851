"""What a slot with digits is, judged by all rows of its template: their days, amounts and payees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from contrapeso.finance.templates._lexicon import CODE_WORDS, MONTHS
from contrapeso.finance.templates._model import Slot, SlotKind
from contrapeso.finance.templates._numbers import DateOrder, pair, read_date, read_month, read_value
from contrapeso.finance.templates._words import fold

_AGREES = 0.6
_NEAR_DAYS = 62
_NEAR_MONTHS = 14
_LASTING = 0.5
_ENOUGH = 200
_FARTHEST_NAME = (-2, 1)
_IDENTIFIERS = 0.8
_CPF_DIGITS, _CNPJ_DIGITS = 11, 14
_INSTALMENT_TEXT = "parc parcela parcelas parcelamento prestacao cota quota instalment installment"
_INSTALMENT_WORDS = frozenset(_INSTALMENT_TEXT.split())
_ALWAYS_LASTING = frozenset({"masked", "cpf", "cnpj", "email", "key"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One row of a slot: its text, day, centavos and payee."""

    text: str
    day: date
    cents: int
    payee: str


def refined(kind: str, seen: Sequence[Seen], before: str) -> Slot:
    """The slot of rows whose texts have the shape ``kind`` after the word ``before`` (empty at the start)."""
    sample = seen[:: max(1, len(seen) // _ENOUGH)]
    n_values = len({row.text for row in seen})
    if kind in ("pair", "instalment"):
        return _pair_slot(kind, sample, before, n_values)
    if kind == "number":
        return _number_slot(seen, sample, before, n_values)
    judge = _JUDGES.get(kind)
    if judge is not None:
        return judge(sample, n_values)
    return Slot(_KINDS[kind], n_values=n_values, lasting=kind in _ALWAYS_LASTING)


_KINDS: dict[str, SlotKind] = {
    "name": "name", "word": "word", "masked": "masked", "cpf": "cpf", "cnpj": "cnpj", "email": "email", "key": "key",
    "time": "time",
}  # fmt: skip


def _date_slot(sample: Sequence[Seen], n_values: int) -> Slot:
    """A full date."""
    order, offset = _order(sample)
    return Slot("date", order=order, n_values=n_values, offset=offset)


def _competence_slot(sample: Sequence[Seen], n_values: int) -> Slot:
    """A month and a year."""
    return Slot("competence", n_values=n_values, offset=_month_offset(sample))


def _value_slot(sample: Sequence[Seen], n_values: int) -> Slot:
    """An amount of money: that of the row, or another."""
    linked = sum(read_value(row.text) == abs(row.cents) for row in sample) >= _AGREES * len(sample)
    return Slot("amount" if linked else "value", n_values=n_values)


def _order(sample: Sequence[Seen]) -> tuple[DateOrder, int]:
    """Order of the parts that brings the dates closest to the posting days, and the most common distance."""
    best: tuple[float, DateOrder, int] = (float("inf"), "dmy", 0)
    orders: tuple[DateOrder, ...] = ("dmy", "mdy", "ymd")
    for order in orders:
        days = [read_date(row.text, order, row.day) for row in sample]
        gaps = [(found - row.day).days if found else 10_000 for found, row in zip(days, sample, strict=True)]
        distance = median(map(abs, gaps))
        if distance < best[0]:
            best = (distance, order, Counter(gaps).most_common(1)[0][0])
    return best[1], best[2]


def _pair_slot(kind: str, sample: Sequence[Seen], before: str, n_values: int) -> Slot:
    """``a/b`` as an instalment, a day of the posting, a competence with a short year, or a mere number."""
    pairs = [pair(row.text) for row in sample]
    known = [(found, row) for found, row in zip(pairs, sample, strict=True) if found]
    n = max(len(known), 1)
    counts = sum(0 < i <= total for (i, total), _ in known) / n
    if counts >= _AGREES and (kind == "instalment" or before in _INSTALMENT_WORDS):
        return Slot("instalment", n_values=n_values)
    order, offset = _order(sample)
    days = [read_date(row.text, order, row.day) for row in sample]
    near = sum(abs((d - row.day).days) <= _NEAR_DAYS for d, row in zip(days, sample, strict=True) if d) / len(sample)
    months = [read_month(row.text) for row in sample]
    gaps = [m - _month_of(row.day) for m, row in zip(months, sample, strict=True) if m is not None]
    short_year = sum(abs(gap) <= _NEAR_MONTHS for gap in gaps) / len(sample)
    if short_year >= _AGREES and short_year >= near:
        return Slot("competence", n_values=n_values, offset=_month_offset(sample))
    if near >= _AGREES and near > counts - 0.2:
        return Slot("date", order=order, n_values=n_values, offset=offset)
    return Slot("instalment" if counts >= _AGREES else "number", n_values=n_values)


def _month_of(day: date) -> int:
    """Months since year 0."""
    return day.year * 12 + day.month - 1


def _month_offset(sample: Sequence[Seen]) -> int:
    """Most common distance in months between the month named and that of posting; names alone count within a year."""
    gaps = []
    for row in sample:
        months = read_month(row.text)
        if months is not None:
            gaps.append(months - _month_of(row.day))
        elif (name := fold(row.text)) in MONTHS:
            gaps.append((MONTHS[name] - row.day.month + 6) % 12 - 6)
    return Counter(gaps).most_common(1)[0][0] if gaps else 0


def _month_slot(sample: Sequence[Seen], n_values: int) -> Slot:
    """The name of a month that moves with the day of posting, or one that stays (``RUA SETE DE SETEMBRO``)."""
    offset = _month_offset(sample)
    gaps = [(MONTHS[fold(row.text)] - row.day.month + 6) % 12 - 6 for row in sample]
    moves = _FARTHEST_NAME[0] <= offset <= _FARTHEST_NAME[1] and gaps.count(offset) >= _AGREES * len(gaps)
    return Slot("month", lasting=not moves, n_values=n_values, offset=offset)


def _number_slot(seen: Sequence[Seen], sample: Sequence[Seen], before: str, n_values: int) -> Slot:
    """A plain number as a year, a public code, or somebody's number that lasts or not."""
    texts = [row.text for row in sample]
    if all(text.isdigit() and len(text) == 4 for text in texts):
        gaps = [int(row.text) - row.day.year for row in sample]
        if sum(abs(gap) <= 1 for gap in gaps) >= 0.9 * len(gaps):
            return Slot("year", n_values=n_values, offset=12 * Counter(gaps).most_common(1)[0][0])
    if before in CODE_WORDS and all(text.isdigit() and len(text) <= 4 for text in texts):
        return Slot("code", n_values=n_values)
    if kind := _identifier(texts):
        return Slot(kind, n_values=n_values, lasting=True)
    return Slot("number", n_values=n_values, lasting=_lasts(seen))


def _identifier(texts: Sequence[str]) -> SlotKind | None:
    """Whether bare digits are CPFs or CNPJs by their check digits."""
    from contrapeso.finance.privacy import is_cnpj, is_cpf

    if all(len(text) == _CPF_DIGITS for text in texts) and sum(map(is_cpf, texts)) >= _IDENTIFIERS * len(texts):
        return "cpf"
    if all(len(text) == _CNPJ_DIGITS for text in texts) and sum(map(is_cnpj, texts)) >= _IDENTIFIERS * len(texts):
        return "cnpj"
    return None


def _lasts(seen: Sequence[Seen]) -> bool:
    """Whether payees that come back mostly bring the same number."""
    repeats = len(seen) - len({row.payee for row in seen})
    same = len(seen) - len({(row.payee, row.text) for row in seen})
    return repeats > 0 and same >= _LASTING * repeats


_JUDGES: dict[str, Callable[[Sequence[Seen], int], Slot]] = {
    "date": _date_slot, "competence": _competence_slot, "month": _month_slot, "value": _value_slot,
}  # fmt: skip

__all__ = ["Seen", "refined"]
