"""The sentence, in Portuguese and English, that tells a person why a label was proposed so."""

from __future__ import annotations

from typing import TypeAlias

Sentences: TypeAlias = tuple[str, str]

_REASONS: dict[str, Sentences] = {
    "identical": ("Já está na grafia escolhida.", "Already in the chosen spelling."),
    "blanks": ("Só mudam os espaços.", "Only the blanks differ."),
    "case": ("Só mudam maiúsculas e minúsculas.", "Only upper and lower case differ."),
    "accents": ("Só muda a acentuação.", "Only the accents differ."),
    "punctuation": ("Só muda a pontuação.", "Only the punctuation differs."),
    "plural": ("Singular e plural do mesmo nome.", "Singular and plural of the same name."),
    "order": ("As mesmas partes em outra ordem.", "The same parts in another order."),
    "joined": (
        "As mesmas letras, com outra separação de palavras.",
        "The same letters, divided into words differently.",
    ),
    "same_words": ("As mesmas palavras, escritas de outra forma.", "The same words, put together differently."),
    "linking_words": ("Só mudam palavras de ligação (de, da, ...).", "Only linking words (of, the, ...) differ."),
    "abbreviation": ("Parece abreviação.", "Looks like an abbreviation."),
    "typo": (
        "Parece erro de digitação: uma tecla de diferença, e rara.",
        "Looks like a typing error: one keystroke, and rare.",
    ),
    "part_of": ("É uma das partes de um rótulo composto.", "It is one of the parts of a compound label."),
    "missing": ("Diz que não há categoria.", "Says that there is no category."),
    "balance_mark": ("Marca de saldo: não é um lançamento.", "A balance mark: not a movement."),
    "only_signs": ("Só tem sinais, nenhuma palavra.", "Has signs only, no word."),
    "only_numbers": ("Só tem números ou datas, nenhuma palavra.", "Has numbers or dates only, no word."),
    "spreadsheet_error": ("É um erro de planilha.", "It is a spreadsheet error."),
    "instalment": (
        "Número de parcela: uma anotação, não uma categoria.",
        "An instalment number: a note, not a category.",
    ),
    "question": ("Termina em dúvida: uma anotação, não uma categoria.", "Ends in doubt: a note, not a category."),
    "date": ("Contém uma data: uma anotação, não uma categoria.", "Contains a date: a note, not a category."),
    "amount": ("Contém um valor: uma anotação, não uma categoria.", "Contains an amount: a note, not a category."),
    "reference": ("Contém um número de documento ou endereço.", "Contains a document number or an address."),
    "request": ("É um recado para alguém.", "It is a message to somebody."),
    "event": ("Conta um acontecimento, uma vez só.", "Tells of one event, once."),
    "deed": ("Descreve um serviço avulso, uma vez só.", "Describes a single job, once."),
    "free_text": (
        "Frase longa que aparece uma vez, numa coluna de rótulos curtos que se repetem.",
        "A long sentence seen once, in a column of short labels that repeat.",
    ),
}
_ASK: Sentences = ("É o mesmo que “{0}”?", "Is it the same as “{0}”?")
_SAME_TEXT: Sentences = (
    "Lançamentos com a mesma descrição são “{0}”.",
    "Rows with the same description are “{0}”.",
)

RULES = frozenset(_REASONS)
"""Every rule that a proposal may name."""


def reasons(rule: str, ask: str | None = None, *, by_description: bool = False) -> Sentences:
    """Sentences in Portuguese and English for ``rule``; with ``ask``, the question about that label.

    >>> reasons("part_of", "Juros / Multa")[1]
    'It is one of the parts of a compound label. Is it the same as “Juros / Multa”?'
    """
    portuguese, english = _REASONS[rule]
    if ask is None:
        return portuguese, english
    more = _SAME_TEXT if by_description else _ASK
    return f"{portuguese} {more[0].format(ask)}", f"{english} {more[1].format(ask)}"


__all__ = ["RULES", "Sentences", "reasons"]
