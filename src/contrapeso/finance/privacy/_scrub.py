"""Real texts with pseudonyms in the places of persons and identifiers."""

from __future__ import annotations

from contrapeso.finance.privacy._identifiers import find_identifiers
from contrapeso.finance.privacy._names import content_words, find_names, in_style_of
from contrapeso.finance.privacy._pseudonyms import Pseudonyms


def scrub(text: str, names: Pseudonyms) -> str:
    """``text`` with the persons and identifiers that are found in it replaced; everything else as it was typed.

    Only what :func:`find_identifiers` and :func:`find_names` know is replaced. A firm stays, and so does a person with
    an unusual given name: the result is pseudonymised, no more.

    Examples
    --------
    >>> names = Pseudonyms(["JOAO SILVA", "529.982.247-25"], random_state=0)
    >>> new = scrub("PIX ENVIADO JOAO SILVA 529.982.247-25 ALUGUEL", names)
    >>> new.startswith("PIX ENVIADO "), new.endswith("-** ALUGUEL"), "JOAO SILVA" in new
    (True, True, False)
    """
    spans = [
        (found.start, found.end, names.identifier(found, found.key)) for found in find_identifiers(text, numbers=True)
    ]
    for person in find_names(text, unknown=True):
        if not any(start < person.end and person.start < end for start, end, _ in spans):
            n_words = max(len(content_words(person.text)), 2)
            spans.append((person.start, person.end, names.person(person.key, n_words=n_words)))
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + in_style_of(new, text[start:end]) + text[end:]
    return text


__all__ = ["scrub"]
