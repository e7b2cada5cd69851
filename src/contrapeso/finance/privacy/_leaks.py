"""The leak report: what of the real rows comes back in synthetic ones, beside what is normal and what copying shows.

Five counts have to be 0: exact copies, real names, parts of them, real identifiers, canaries. The others are compared
with real rows: a later slice that was not learned tells how often amounts and payees repeat by themselves. A report
that finds nothing proves nothing unless it can find something, so every check runs on the training rows, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from contrapeso._rng import RandomState, generator, seed_sequence
from contrapeso.finance._ledger import Ledger
from contrapeso.finance.privacy._canaries import Canary
from contrapeso.finance.privacy._closeness import Closeness, closeness
from contrapeso.finance.privacy._leak_text import Lang, Line, render
from contrapeso.finance.privacy._reals import Reals, Wordings, flags

ZeroCheck: TypeAlias = Literal["exact_copies", "names", "name_parts", "identifiers", "canaries"]
RepeatCheck: TypeAlias = Literal["date_amount", "amount_payee", "description", "rare_words"]
_SAMPLE = 2_000
_EXAMPLES = 5

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Count:
    """Rows in which something real was found.

    Attributes
    ----------
    n : synthetic rows.
    share : of all synthetic rows; 0 where there are none.
    normal : share of real rows that were not learned (the holdout; for repeats without one, of training rows that
        equal another); None where no such rows are there.
    copying : share of training rows, which is what copying them would show; None for canaries that nobody planted.
    """

    n: int
    share: float
    normal: float | None
    copying: float | None


@dataclass(frozen=True, slots=True)
class Leak:
    """One finding: the synthetic row, the check, and what was found with all but a hint of it covered."""

    check: ZeroCheck
    row: int
    hint: str


@dataclass(frozen=True, slots=True)
class LeakReport:
    """What of the training rows comes back in synthetic rows.

    Attributes
    ----------
    n_train, n_made, n_holdout : rows.
    zero : counts that have to be 0.
    repeats : counts to compare with ``normal``.
    identifier_kinds : real identifiers that came back, by kind.
    longest_run : rare words in one run that a synthetic row shares with one real row (0 below two), and the same for
        the holdout (None without one).
    closeness : None without a holdout or with too few rows.
    leaks : the first five findings of each check, covered.
    """

    n_train: int
    n_made: int
    n_holdout: int
    zero: dict[ZeroCheck, Count]
    repeats: dict[RepeatCheck, Count]
    identifier_kinds: dict[str, int]
    longest_run: tuple[int, int | None]
    closeness: Closeness | None
    leaks: tuple[Leak, ...]

    @property
    def passed(self) -> bool:
        """Whether every count that has to be 0 is 0."""
        return all(count.n == 0 for count in self.zero.values())

    def to_dict(self) -> dict[str, object]:
        """The report in plain JSON types."""
        return {"passed": self.passed, **asdict(self), "longest_run": list(self.longest_run), "leaks": self._leaks()}

    def render(self, lang: Lang = "pt") -> str:
        """The report as text, in Portuguese or English."""
        shown = [(name, one) for name, one in self._counts() if name != "canaries" or one.copying is not None]
        lines = [Line(name, one.n, one.share, one.normal, one.copying) for name, one in shown]  # unplanted: unmeasured
        near = self.closeness
        shares = None if near is None else (near.share, near.control, near.error)
        return render(lang, (self.n_made, self.n_train, self.n_holdout), lines, shares, self.passed)

    def _counts(self) -> list[tuple[str, Count]]:
        return [*self.zero.items(), *self.repeats.items()]

    def _leaks(self) -> list[dict[str, object]]:
        return [asdict(leak) for leak in self.leaks]


def leak_report(
    train: Ledger,
    made: Ledger,
    *,
    holdout: Ledger | None = None,
    names: Collection[str] = (),
    canaries: Sequence[Canary] = (),
    public: Collection[str] = (),
    random_state: RandomState = 0,
) -> LeakReport:
    """What of ``train`` comes back in ``made``.

    Parameters
    ----------
    train : Ledger
        The rows that were learned, planted canaries among them.
    made : Ledger
        Synthetic rows.
    holdout : Ledger, optional
        Real rows that were not learned, later ones at best: the control of every count, and of the distances.
    names : collection of str, optional
        Real names that were found in templates; those that the gazetteer finds in ``train`` are added.
    canaries : sequence of Canary, optional
        Those that ``train`` was planted with.
    public : collection of str, optional
        Names that may come back: a bank that is called like a person, a senator.
    random_state : int, Generator, SeedSequence or None, default 0
        For the samples of large ledgers that serve as controls.

    Returns
    -------
    LeakReport

    Examples
    --------
    >>> from contrapeso.finance._ledger import ledger_of
    >>> real = ledger_of(["2024-05-06"], [-1250], ["PIX ENVIADO JOAO SILVA"])
    >>> report = leak_report(real, ledger_of(["2024-05-07"], [-1300], ["PIX ENVIADO JOAO SILVA"]))
    >>> report.passed, report.zero["names"].n, report.leaks[0].hint
    (False, 1, 'j… s…')
    """
    rng = generator(seed_sequence(random_state))
    wordings = Wordings.of(train.descriptions)
    reals = Reals(wordings, names, public)
    own = _Found(made, Wordings.of(made.descriptions), reals, canaries)
    again = _sampled(train, rng)
    copying = _Found(again, Wordings.of(again.descriptions), reals, canaries)
    later = None if holdout is None or not len(holdout) else _sampled(holdout, rng)
    normal = None if later is None else _Found(later, Wordings.of(later.descriptions), reals, canaries)
    rows = _RealRows(train, wordings)
    near = None if holdout is None else closeness(train, made, holdout, rng)
    return LeakReport(
        len(train),
        len(made),
        0 if holdout is None else len(holdout),
        _zero(own, normal, copying, rows, planted=bool(canaries)),
        _repeats(own, normal, rows),
        own.identifier_kinds,
        (own.longest_run, None if normal is None else normal.longest_run),
        near,
        tuple(own.leaks(rows)),
    )


def _sampled(ledger: Ledger, rng: np.random.Generator) -> Ledger:
    """At most 2,000 rows of ``ledger``."""
    return ledger if len(ledger) <= _SAMPLE else ledger.take(np.sort(rng.permutation(len(ledger))[:_SAMPLE]))


class _RealRows:
    """The training rows as keys of three kinds, and how often each occurs."""

    def __init__(self, train: Ledger, wordings: Wordings) -> None:
        self._counts = {kind: Counter(_keys(kind, train, wordings)) for kind in _KEY_KINDS}

    def repeated(self, kind: str, ledger: Ledger, wordings: Wordings) -> Flags:
        """Rows of ``ledger`` that equal a training row in the columns of ``kind``."""
        known = self._counts[kind]
        return np.fromiter((key in known for key in _keys(kind, ledger, wordings)), dtype=bool, count=len(ledger))

    def usual(self, kind: str) -> float | None:
        """Share of training rows that equal another one; None where there is none."""
        counts = self._counts[kind]
        total = sum(counts.values())
        return sum(n for n in counts.values() if n > 1) / total if total else None


_KEY_KINDS = ("exact", "date_amount", "amount_payee", "description")


def _keys(kind: str, ledger: Ledger, wordings: Wordings) -> Iterator[object]:
    """What is compared of each row; a row without text has no payee and no description."""
    days, cents = ledger.days.astype(np.int64).tolist(), ledger.cents.tolist()
    rows = wordings.of_row.tolist()
    if kind == "exact":
        return ((day, cent, wordings.texts[row]) for day, cent, row in zip(days, cents, rows, strict=True))
    if kind == "date_amount":
        return zip(days, cents, strict=True)
    if kind == "amount_payee":
        return ((cent, wordings.payees[row]) for cent, row in zip(cents, rows, strict=True))
    return (wordings.texts[row] for row in rows)


class _Found:
    """What the index of real texts finds in the rows of one ledger."""

    def __init__(self, ledger: Ledger, wordings: Wordings, reals: Reals, canaries: Sequence[Canary]) -> None:
        self.ledger, self.wordings = ledger, wordings
        self._names = [reals.name_in(words) for words in wordings.words]
        self._parts = [
            () if name else reals.part_in(words) for name, words in zip(self._names, wordings.words, strict=True)
        ]
        self._numbers = [reals.numbers_in(text) for text in wordings.texts]
        self._runs = [reals.longest_run_in(words) for words in wordings.words]
        alarms = {word for canary in canaries for word in canary.words}
        cpfs = {canary.cpf for canary in canaries}
        self._canaries = [
            _sings(words, text, alarms, cpfs) for words, text in zip(wordings.words, wordings.texts, strict=True)
        ]

    def rows_with(self, check: ZeroCheck) -> Flags:
        """Rows in which ``check`` finds something; exact copies are no matter of the text alone."""
        said: dict[ZeroCheck, Sequence[object]] = {
            "names": self._names,
            "name_parts": self._parts,
            "identifiers": self._numbers,
            "canaries": self._canaries,
        }
        return flags(self.wordings, (bool(one) for one in said[check]))

    @property
    def with_rare_words(self) -> Flags:
        return flags(self.wordings, (run > 1 for run in self._runs))

    @property
    def longest_run(self) -> int:
        return max(self._runs, default=0)

    @property
    def identifier_kinds(self) -> dict[str, int]:
        """Rows of each kind of real identifier."""
        rows: Counter[str] = Counter()
        for found, n in zip(self._numbers, self.wordings.n_rows, strict=True):
            for kind in {one.kind for one in found}:
                rows[kind] += n
        return dict(sorted(rows.items()))

    def leaks(self, rows: _RealRows) -> Iterator[Leak]:
        """The first findings of each check, covered."""
        for row in np.flatnonzero(rows.repeated("exact", self.ledger, self.wordings))[:_EXAMPLES].tolist():
            yield Leak("exact_copies", row, "date, amount, description")
        for check in _TEXT_CHECKS:
            for row in np.flatnonzero(self.rows_with(check))[:_EXAMPLES].tolist():
                yield Leak(check, row, self._hint(check, self.wordings.of_row[row]))

    def _hint(self, check: ZeroCheck, text: int) -> str:
        if check == "identifiers":
            return ", ".join(f"{found.kind} …{_last_digit(found.text)}" for found in self._numbers[text])
        words = self._names[text] if check == "names" else self._parts[text]
        return "canary" if check == "canaries" else " ".join(f"{word[0]}…" for word in words)


_TEXT_CHECKS: tuple[ZeroCheck, ...] = ("names", "name_parts", "identifiers", "canaries")


def _last_digit(text: str) -> str:
    return next((sign for sign in reversed(text) if sign.isdigit()), "")


def _sings(words: tuple[str, ...], text: str, alarms: set[str], cpfs: set[str]) -> bool:
    """Whether a canary is in the text: one of its invented words, or its CPF."""
    return bool(alarms.intersection(words)) or any(cpf in text for cpf in cpfs)


def _share(found: Flags) -> float:
    return float(found.mean()) if len(found) else 0.0


def _zero(
    own: _Found, normal: _Found | None, copying: _Found, rows: _RealRows, *, planted: bool
) -> dict[ZeroCheck, Count]:
    counts: dict[ZeroCheck, Count] = {"exact_copies": _repeat("exact", own, normal, rows, copying=1.0)}
    for check in _TEXT_CHECKS:
        found = own.rows_with(check)
        other = None if normal is None else _share(normal.rows_with(check))
        shown = _share(copying.rows_with(check)) if planted or check != "canaries" else None
        counts[check] = Count(int(found.sum()), _share(found), other, shown)
    return counts


def _repeats(own: _Found, normal: _Found | None, rows: _RealRows) -> dict[RepeatCheck, Count]:
    kinds: tuple[RepeatCheck, ...] = ("date_amount", "amount_payee", "description")
    counts = {kind: _repeat(kind, own, normal, rows, copying=1.0) for kind in kinds}
    rare, other = own.with_rare_words, None if normal is None else _share(normal.with_rare_words)
    return {**counts, "rare_words": Count(int(rare.sum()), _share(rare), other, None)}


def _repeat(kind: str, own: _Found, normal: _Found | None, rows: _RealRows, *, copying: float) -> Count:
    found = rows.repeated(kind, own.ledger, own.wordings)
    usual = rows.usual(kind) if normal is None else _share(rows.repeated(kind, normal.ledger, normal.wordings))
    return Count(int(found.sum()), _share(found), usual, copying)


__all__ = ["Count", "Leak", "LeakReport", "RepeatCheck", "ZeroCheck", "leak_report"]
