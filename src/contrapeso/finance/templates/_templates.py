"""The templates of a ledger: learned from its rows, filled with other slots."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from contrapeso.errors import InvalidParameterError
from contrapeso.finance._ledger import Ledger, Rows, Texts, texts
from contrapeso.finance.templates._book import Book, distinct_texts, group, open_book, read_all, real_names
from contrapeso.finance.templates._fill import Filler, SlotTrace, check_columns, fill
from contrapeso.finance.templates._index import Index, build_index
from contrapeso.finance.templates._kin import Rewording, learn_rewordings
from contrapeso.finance.templates._model import Template
from contrapeso.finance.templates._names import Namer
from contrapeso.finance.templates._slots import SlotWriter

if TYPE_CHECKING:
    from contrapeso.finance.privacy import Pseudonyms


@dataclass(frozen=True, slots=True)
class Templates:
    """Wordings of a ledger.

    Attributes
    ----------
    of_row : int64, shape (n,)
        Template of each row.
    templates : tuple of Template
    payees : str, shape (n,)
        Payee key of each row, empty where its text names nobody.
    names : frozenset of str
        Normalised real names that stand in slots: what :class:`~contrapeso.finance.privacy.Pseudonyms` must not make
        and a leak test looks for.
    least_support : rows that a word that is not public needs to be printed again.
    random_state : chooses which real wording a new payee gets.
    """

    of_row: Rows
    templates: tuple[Template, ...]
    payees: Texts
    names: frozenset[str]
    least_support: int
    random_state: int
    _book: Book = field(repr=False)
    _rewordings: Mapping[int, Rewording] = field(repr=False)
    _indices: list[Index] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def learn(
        cls,
        ledger: Ledger,
        *,
        least_support: int = 3,
        random_state: int = 0,
        name_words: Collection[str] | None = None,
        reword: bool = True,
    ) -> Templates:
        """Templates of the descriptions of ``ledger``.

        Parameters
        ----------
        ledger : Ledger of n rows
        least_support : int, default 3
            Rows of at least two counterparties that a word needs to stay as it is, where it is not public.
        random_state : int, default 0
            Chooses which real wording a new payee gets; part of what is learned, so that a payee keeps it.
        name_words : folded words of persons' names; None takes the gazetteer of ``contrapeso.finance.privacy``.
        reword : bool, default True
            Whether new rows get other public wordings of their category's purpose (taxes, fees, ...), as often as the
            category has wordings that were not seen.

        Raises
        ------
        InvalidParameterError
            Where ``least_support`` is below 1.
        """
        if least_support < 1:
            raise InvalidParameterError(f"least_support counts rows and is at least 1; got {least_support}.")
        book = open_book(ledger, least_support, _gazetteer() if name_words is None else name_words)
        of_row, found = group(book)
        coded = np.array([any(slot.kind == "code" for slot in template.slots) for template in found], dtype=bool)
        real = real_names(book)
        rewordings = learn_rewordings(book, ledger.categories, coded[of_row].tolist(), real) if reword else {}
        return cls(of_row, found, book.payees, real, least_support, random_state, book, rewordings)

    def __len__(self) -> int:
        return len(self.templates)

    def assign(self, descriptions: object) -> tuple[Rows, Texts]:
        """Template (-1: none of these) and payee of other descriptions, read by the words of the learned ones.

        Parameters
        ----------
        descriptions : sequence of m texts

        Returns
        -------
        int64, shape (m,), and str, shape (m,)
        """
        number: dict[str, int] = {}
        for key in self._book.keys:
            number.setdefault(key, len(number))
        distinct, text_of = distinct_texts(texts(descriptions))
        readings, keys = read_all(distinct, self._book.words)
        found = np.array([number.get(key, -1) for key in keys], dtype=np.int64)
        return found[text_of], texts(readings[text].payee for text in text_of.tolist())

    def fill(  # noqa: PLR0917  # the columns of a ledger, in its order
        self,
        templates: Rows,
        days: NDArray[np.datetime64],
        cents: NDArray[np.int64],
        payees: Texts,
        names: Pseudonyms,
        rng: np.random.Generator,
        *,
        references: Rows | None = None,
    ) -> tuple[Texts, list[tuple[SlotTrace, ...]]]:
        """New descriptions of m rows, and what went into their slots.

        Parameters
        ----------
        templates : int64, shape (m,)
            Template of each new row.
        days : datetime64[D], shape (m,)
        cents : int64, shape (m,)
        payees : str, shape (m,)
            Key of the pseudonym of each row. A key of :attr:`payees` keeps the form of that payee's real name (words
            that all share, number of words); an empty one takes over the payee of a random row.
        names : Pseudonyms
        rng : numpy.random.Generator
        references : int64, shape (m,), optional
            Row of the learned ledger that lends wording, form and numbers to each new row, where it is of the same
            template; -1 leaves the choice to ``rng``.

        Returns
        -------
        texts : str, shape (m,)
        slots : list of m tuples of dict
            Of each slot ``kind``, ``text`` and ``source`` ('pseudonym', 'observed', 'pool', 'redrawn', 'from the day',
            'from the amount', 'next in the series'); a first one of kind 'wording' where the row has another public
            wording than its template.

        Raises
        ------
        InvalidParameterError
            For a template that is not there, or columns of different lengths.
        """
        columns: dict[str, object] = {"days": days, "cents": cents, "payees": payees, "references": references}
        check_columns(len(self.templates), templates, columns)
        index = self._look_ups()
        namer = Namer(names, self._book.words, self.names, index)
        filler = Filler(self._book, index, SlotWriter(index, namer, names, rng), self.random_state, self._rewordings)
        draws = rng.random(len(templates))
        chances = rng.random((len(templates), 2)) if self._rewordings else None
        return fill(filler, (templates, days, cents, payees), draws, references, chances)

    def _look_ups(self) -> Index:
        """The look-ups of the rows, counted at the first fill."""
        if not self._indices:
            self._indices.append(build_index(self._book, self.templates, self.of_row, self.names, self.least_support))
        return self._indices[0]


def _gazetteer() -> frozenset[str]:
    """Folded given names and surnames."""
    from contrapeso.finance.privacy import name_words

    return name_words()


__all__ = ["Templates"]
