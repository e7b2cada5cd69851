"""Invented payees planted in a ledger before anything is learned from it: if one comes back, rows are copied.

A canary is a person with a name of invented words and a CPF whose check digits are wrong, so that both belong to nobody
and neither can come back by chance. Some have one row, others up to four: a rule that keeps what is frequent must not
keep what is frequent with one counterparty.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from contrapeso._rng import RandomState, generator, seed_sequence
from contrapeso.errors import InsufficientDataError, InvalidParameterError
from contrapeso.finance._ledger import Ledger, Rows, texts
from contrapeso.finance.privacy._digits import cpf_check_digits
from contrapeso.finance.privacy._gazetteer import GIVEN_NAMES
from contrapeso.finance.privacy._names import content_words, in_style_of, tokens
from contrapeso.finance.privacy._pools import invented_words

_MOST_ROWS = 4


@dataclass(frozen=True, slots=True)
class Canary:
    """A planted payee.

    Attributes
    ----------
    name : given name and two invented words that no real row has.
    cpf : eleven digits with punctuation and wrong check digits.
    rows : rows of the planted ledger in which it stands.
    """

    name: str
    cpf: str
    rows: tuple[int, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The invented words of the name, normalised."""
        return content_words(self.name)[1:]


def plant_canaries(ledger: Ledger, n: int = 5, random_state: RandomState = None) -> tuple[Ledger, tuple[Canary, ...]]:
    """``ledger`` with the rows of ``n`` invented payees after its own, and who they are.

    The rows have the day, amount, category and account of real rows, the instrument of one of them, and no balance. The
    i-th canary has 1 + i mod 4 rows.

    Parameters
    ----------
    ledger : Ledger with at least one row
    n : int, default 5
    random_state : int, Generator, SeedSequence or None

    Raises
    ------
    InvalidParameterError
        ``n`` is below 1.
    InsufficientDataError
        ``ledger`` has no row.

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> ledger = ledger_of(["2024-05-06"], [-1250], ["PIX ENVIADO PADARIA SOL"])
    >>> planted, canaries = plant_canaries(ledger, 2, random_state=0)
    >>> len(planted), [len(canary.rows) for canary in canaries]
    (4, [1, 2])
    """
    if n < 1:
        raise InvalidParameterError(f"n is the number of canaries, at least 1; got {n}.")
    if len(ledger) == 0:
        raise InsufficientDataError("Canaries imitate rows of the ledger, and it has none.")
    rng = generator(seed_sequence(random_state))
    names = _names(ledger, n, rng)
    parents: list[int] = []
    descriptions: list[str] = []
    canaries: list[Canary] = []
    for i, name in enumerate(names):
        cpf, rows = _wrong_cpf(rng), rng.integers(len(ledger), size=1 + i % _MOST_ROWS)
        first = len(ledger) + len(parents)
        canaries.append(Canary(name, cpf, tuple(range(first, first + len(rows)))))
        said = f"{name} {cpf}" if i % 2 == 0 else name
        descriptions += [_worded(said, ledger.descriptions[rows[0]])] * len(rows)
        parents += rows.tolist()
    return _with_rows(ledger, np.array(parents, dtype=np.int64), descriptions), tuple(canaries)


def _names(ledger: Ledger, n: int, rng: np.random.Generator) -> list[str]:
    """``n`` names whose invented words are all different and in no row of ``ledger``."""
    taken = {word for text in set(ledger.descriptions) for word in tokens(text)}
    free = [word for word in invented_words() if not set(content_words(word)) & taken]
    if len(free) < 2 * n:
        raise InvalidParameterError(f"At most {len(free) // 2} canaries have words of their own; n={n} was asked.")
    words = rng.choice(len(free), size=(n, 2), replace=False).tolist()
    given = rng.choice(len(GIVEN_NAMES), size=n).tolist()
    return [f"{GIVEN_NAMES[first]} {free[a]} {free[b]}" for first, (a, b) in zip(given, words, strict=True)]


def _wrong_cpf(rng: np.random.Generator) -> str:
    base = "".join(map(str, rng.integers(0, 10, size=9).tolist()))
    wrong = str((int(cpf_check_digits(base)) + 37) % 100).zfill(2)
    return f"{base[:3]}.{base[3:6]}.{base[6:]}-{wrong}"


def _worded(said: str, example: str) -> str:
    """The instrument of ``example`` and then ``said``, in its style."""
    from contrapeso.finance.features import payee_key

    payee = set(payee_key(example).split())
    kept = takewhile(lambda word: word.isalpha() and not set(content_words(word)) & payee, example.split())
    return in_style_of(" ".join([*kept, said]), example)


def _with_rows(ledger: Ledger, parents: Rows, descriptions: list[str]) -> Ledger:
    copies = ledger.take(parents)
    return Ledger(
        np.concatenate([ledger.days, copies.days]),
        np.concatenate([ledger.cents, copies.cents]),
        np.concatenate([ledger.descriptions, texts(descriptions)]),
        np.concatenate([ledger.categories, copies.categories]),
        np.concatenate([ledger.accounts, copies.accounts]),
        np.concatenate([ledger.balances, np.zeros(len(parents), dtype=np.int64)]),
        np.concatenate([ledger.balance_known, np.zeros(len(parents), dtype=bool)]),
        ledger.currency,
    )


__all__ = ["Canary", "plant_canaries"]
