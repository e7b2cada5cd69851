"""How a column of texts writes an amount: mark, groups, currency, the sides of the sign, decimals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from contrapeso.tables.reading import NumberStyle, parse_cents

_SIGNS = "+\\-\u2212"
_WRITTEN = re.compile(
    rf"\s*(?P<open>\()?\s*(?P<before>[{_SIGNS}]\s*)?(?P<currency>R\$|US\$|\$|€|£|BRL|USD|EUR)?(?P<gap>\s*)"
    rf"(?P<after>[{_SIGNS}])?(?P<body>[\d.,\u00a0 ]*\d)(?P<behind>\s*[{_SIGNS}])?(?P<side>\s*[DCdc])?\s*(?P<close>\))?"
    r"(?P<tail>\s*(?:R\$|BRL|USD|EUR|€|£))?\s*"
)
Place = Literal["before", "after", "behind", "brackets", "side"]
_V = TypeVar("_V")


@dataclass(frozen=True)
class TextForm:
    """Parts of a written amount.

    Attributes
    ----------
    mark : decimal mark
    group : mark of thousands, '' where they are not grouped
    prefix, tail : currency before and behind, with its blanks
    place : where the sign of a negative amount stands; ``side`` is a letter D or C behind
    minus, debit, credit : the sign and the letters as they are typed
    decimals : ``2`` always two; ``cut`` none where the amount is whole; ``short`` no zero at the end at all
    """

    mark: str = ","
    group: str = ""
    prefix: str = ""
    tail: str = ""
    place: Place = "before"
    minus: str = "-"
    debit: str = ""
    credit: str = ""
    decimals: Literal["2", "cut", "short"] = "2"

    def write(self, cents: int) -> str:
        """``cents`` as text.

        >>> TextForm(group=".", prefix="R$ ").write(-123456)
        '-R$ 1.234,56'
        """
        body = self._body(abs(cents))
        if self.place == "side":
            return self.prefix + body + (self.debit if cents < 0 else self.credit) + self.tail
        if cents >= 0:
            return self.prefix + body + self.tail
        if self.place == "brackets":
            return f"({self.prefix}{body}){self.tail}"
        if self.place == "behind":
            return self.prefix + body + self.minus + self.tail
        inner = self.prefix + self.minus if self.place == "after" else self.minus + self.prefix
        return inner + body + self.tail

    def _body(self, cents: int) -> str:
        whole, rest = divmod(cents, 100)
        units = f"{whole:,}".replace(",", self.group) if self.group else str(whole)
        if self.decimals != "2" and rest == 0:
            return units
        digits = f"{rest:02d}"
        return units + self.mark + (digits.rstrip("0") if self.decimals == "short" else digits)


def learn_text_form(texts: Iterable[str], style: NumberStyle) -> TextForm:
    """The form of most of ``texts``, of which those that are no amount say nothing.

    >>> learn_text_form(["R$ 1.234,56", "-R$ 0,10"], NumberStyle(",", True, "given")).write(-200000)
    '-R$ 2.000,00'
    """
    found = [parts for text in texts if parse_cents(text, style) is not None and (parts := _WRITTEN.fullmatch(text))]
    bodies = [match["body"].replace("\u00a0", " ") for match in found]
    place, minus = _sign([match for match in found if _is_negative(match)])
    letters = [match["side"] for match in found if match["side"]]
    return TextForm(
        style.decimal,
        _group(bodies, style.decimal),
        _most([(match["currency"] or "") + (match["gap"] if match["currency"] else "") for match in found], ""),
        _most([match["tail"] or "" for match in found], ""),
        "side" if letters and len(letters) * 2 > len(found) else place,
        minus,
        _most([letter for letter in letters if letter.strip() in "Dd"], _other(letters, "D")),
        _most([letter for letter in letters if letter.strip() in "Cc"], _other(letters, "C")),
        _decimals(bodies, style.decimal),
    )


def _is_negative(match: re.Match[str]) -> bool:
    signs = [(match[name] or "").strip() for name in ("before", "after", "behind")]
    return bool(match["open"]) or any(sign in "-\u2212" for sign in signs if sign)


def _sign(negatives: list[re.Match[str]]) -> tuple[Place, str]:
    places: list[tuple[Place, str]] = []
    for match in negatives:
        if match["open"]:
            places.append(("brackets", "-"))
            continue
        names: tuple[Place, ...] = ("before", "after", "behind")
        place = next(name for name in names if match[name])
        places.append((place, match[place]))
    return _most(places, ("before", "-"))


def _other(letters: list[str], letter: str) -> str:
    """The letter of the other side, typed as the one that is known: its blanks and its case."""
    known = _most(letters, f" {letter}")
    typed = letter if known.strip().isupper() else letter.lower()
    return known.replace(known.strip(), typed)


def _group(bodies: list[str], mark: str) -> str:
    """Mark of thousands where most amounts of a thousand and more have one."""
    thousands = [body.split(mark)[0] for body in bodies]
    long = [whole for whole in thousands if sum(map(str.isdigit, whole)) > 3]
    if not long:
        return ""
    return _most([next((sign for sign in whole if not sign.isdigit()), "") for whole in long], "")


def _decimals(bodies: list[str], mark: str) -> Literal["2", "cut", "short"]:
    fractions = [body.partition(mark)[2] for body in bodies]
    if any(len(fraction) == 1 for fraction in fractions):
        tens = [fraction for fraction in fractions if fraction.endswith("0")]
        return "short" if len(tens) < sum(len(fraction) == 1 for fraction in fractions) else "2"
    whole = [fraction for fraction in fractions if not fraction.strip("0")]
    return "cut" if sum(not fraction for fraction in whole) * 2 > len(whole) else "2"


def _most(values: list[_V], otherwise: _V) -> _V:
    return Counter(values).most_common(1)[0][0] if values else otherwise


__all__ = ["TextForm", "learn_text_form"]
