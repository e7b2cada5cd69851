"""``propose_labels``: from the labels of a column to one proposal for each.

The story: count, set aside what is no category by its form, group the spellings of the rest, set
aside single rows of free text, ask about groups that may be one, write it down.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from contrapeso.errors import InvalidDataError
from contrapeso.finance._text import normalize_description
from contrapeso.finance.labels._forms import Form, Rule, form_of
from contrapeso.finance.labels._groups import Group, UnionFind, difference, group_labels, same_words
from contrapeso.finance.labels._keys import fold, parts_of
from contrapeso.finance.labels._proposals import Label, LabelProposal, LabelProposals, Status, as_label
from contrapeso.finance.labels._reasons import reasons
from contrapeso.finance.labels._suggestions import Suggestion, suggest

_FREQUENT_ROWS, _FREQUENT_SHARE = 5, 0.05
_SENTENCE_WORDS = 6
_REPEATED_SHARE = 0.8


def propose_labels(
    labels: Iterable[object],
    *,
    descriptions: Iterable[str | None] | None = None,
    directions: Iterable[str | None] | None = None,
) -> LabelProposals:
    """Proposals to group the spellings of one label and to set aside what is no label.

    Parameters
    ----------
    labels : the column as typed, one per row; text or missing (None, NaN, NA).
    descriptions : optional text of each row; rows of the same text suggest a category for a note.
    directions : optional ``debit``/``credit`` of each row; labels whose rows go opposite ways are
        never suggested to each other.

    Returns
    -------
    LabelProposals
        Exactly one per distinct label, counts adding up to the number of rows; the same for every
        order of the rows; canonical names are proposed to themselves.

    Raises
    ------
    InvalidParameterError
        If a label is neither text nor missing.
    InvalidDataError
        If the evidence has not one value per label.

    Examples
    --------
    >>> proposals = propose_labels(["Juros / Multa", "multa/juros", "Juros / Multa", "Parcela 2 de 3"])
    >>> proposals.decisions()
    {'Juros / Multa': 'Juros / Multa', 'multa/juros': 'Juros / Multa', 'Parcela 2 de 3': None}
    """
    column = [as_label(label) for label in labels]
    counts = Counter(label for label in column if label is not None)
    forms = _forms(counts)
    groups = group_labels({raw: count for raw, count in counts.items() if raw not in forms})
    single = _free_text(groups)
    forms.update(dict.fromkeys(single, Form("free_text")))
    kept = [group for group in groups if forms.keys().isdisjoint(group.spellings)]
    names = {raw: group.canonical for group in kept for raw in group.spellings}
    asked = suggest(kept, _directions(column, names, directions))
    known = _by_description(column, names, descriptions)
    words = same_words(parts_of(raw) for raw in names)
    made = [proposal for group in kept for proposal in _of_group(group, asked.get(group.canonical), words)]
    made += [_set_aside(raw, counts[raw], form.rule, known.get(raw)) for raw, form in forms.items()]
    if missing := len(column) - counts.total():
        made.append(_set_aside(None, missing, "missing", None))
    return LabelProposals(_ordered(made))


def _forms(counts: Mapping[str, int]) -> dict[str, Form]:
    """Labels that are no category by their form, those excepted that their column speaks for."""
    found = {raw: form for raw in counts if (form := form_of(raw)) is not None}
    rows = sum(count for raw, count in counts.items() if raw not in found or found[raw].rule != "missing")
    coded = 2 * sum(counts[raw] for raw, form in found.items() if form.unless == "coded") > rows
    folded: Counter[str] = Counter()
    for raw in found:
        folded[fold(raw)] += counts[raw]
    return {raw: form for raw, form in found.items() if not _overruled(form, folded[fold(raw)], rows, coded=coded)}


def _overruled(form: Form, count: int, rows: int, *, coded: bool) -> bool:
    """Whether the column speaks louder than the form of a label that it has ``count`` times."""
    if form.unless == "coded":
        return coded
    if form.unless == "repeated":
        return count > 1
    return form.unless == "frequent" and count >= _FREQUENT_ROWS and count > _FREQUENT_SHARE * rows


def _free_text(groups: Sequence[Group]) -> list[str]:
    """Sentences seen once in a column whose labels are short and repeat."""
    repeated = [group for group in groups if group.count > 1]
    rows = sum(group.count for group in groups)
    if not repeated or sum(group.count for group in repeated) < _REPEATED_SHARE * rows:
        return []
    longest = max(_length(group) for group in repeated)
    limit = max(_SENTENCE_WORDS - 1, 2 * longest)
    return [raw for group in groups if group.count == 1 and _length(group) > limit for raw in group.spellings]


def _length(group: Group) -> int:
    return len(group.canonical.split())


def _directions(
    column: Sequence[Label], names: Mapping[str, str], directions: Iterable[str | None] | None
) -> dict[str, Counter[str]]:
    """Canonical name -> how many of its rows go each way."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for label, direction in _paired(column, directions, "directions"):
        if label is not None and label in names and direction:
            seen[names[label]][direction] += 1
    return seen


def _by_description(
    column: Sequence[Label], names: Mapping[str, str], descriptions: Iterable[str | None] | None
) -> dict[str, str]:
    """Label set aside -> the category of nearly all (90 %, three or more) rows with its descriptions."""
    categories: dict[str, Counter[str]] = defaultdict(Counter)
    texts: dict[str, set[str]] = defaultdict(set)
    for label, description in _paired(column, descriptions, "descriptions"):
        text = normalize_description(description or "")
        if label is None or not text:
            continue
        if label in names:
            categories[text][names[label]] += 1
        else:
            texts[label].add(text)
    known: dict[str, str] = {}
    for label, own in texts.items():
        votes = sum((categories[text] for text in sorted(own) if text in categories), Counter[str]())
        if votes.total() >= 3:
            name, count = min(votes.items(), key=lambda item: (-item[1], item[0]))
            known |= {label: name} if count >= 0.9 * votes.total() else {}
    return known


def _paired(
    column: Sequence[Label], evidence: Iterable[str | None] | None, what: str
) -> Iterator[tuple[Label, str | None]]:
    """Labels with their evidence, which has one value per label or is not given."""
    values = [] if evidence is None else list(map(as_label, evidence))
    if evidence is not None and len(values) != len(column):
        raise InvalidDataError(
            f"{what} has {len(values)} values for {len(column)} labels; give one per label, or none."
        )
    return zip(column, values, strict=False)


def _of_group(group: Group, suggestion: Suggestion | None, words: UnionFind) -> list[LabelProposal]:
    """Proposals for the spellings of a category; a question about the group is asked of each of them."""
    made = []
    for raw, count in group.spellings.items():
        status: Status = "same" if raw == group.canonical else "merged"
        rule, target = difference(raw, group.canonical, words), None
        if suggestion is not None:
            status, rule, target = "suggested", suggestion.rule, suggestion.target
        made.append(LabelProposal(raw, group.canonical, status, rule, *reasons(rule, target), count, target))
    return made


def _set_aside(raw: Label, count: int, rule: Rule, known: str | None) -> LabelProposal:
    """Proposal for a label that is no category."""
    status: Status = "uncategorised" if rule == "missing" else "quarantined"
    texts = reasons(rule, known, by_description=True)
    return LabelProposal(raw, None, status, rule, *texts, count, known)


def _ordered(proposals: Iterable[LabelProposal]) -> tuple[LabelProposal, ...]:
    """Categories first, by rows of the category, then by rows of the spelling, then by name."""
    listed = list(proposals)
    rows: Counter[Label] = Counter()
    for proposal in listed:
        rows[proposal.canonical] += proposal.count
    return tuple(
        sorted(
            listed,
            key=lambda p: (p.canonical is None, -rows[p.canonical], p.canonical or "", -p.count, p.raw or ""),
        )
    )


__all__ = ["propose_labels"]
