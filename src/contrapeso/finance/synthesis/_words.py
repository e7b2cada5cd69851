"""The words of plan and result, Portuguese and English, by stable codes."""

from __future__ import annotations

from typing import Literal

from contrapeso.errors import InvalidParameterError

Language = Literal["pt", "en"]

REASONS: dict[str, tuple[str, str]] = {
    "majority": ("é a maior categoria", "it is the largest category"),
    "enough": ("já tem {before} de {goal} linhas", "it has {before} of {goal} rows already"),
    "not_asked": ("não foi pedida", "it was not asked for"),
    "not_minority": (
        "tem {share} das linhas; só as de até {limit} são completadas sem razão pedida",
        "it has {share} of the rows; without a ratio only those of up to {limit} are filled up",
    ),
    "ratio": (
        "{goal} linhas são {ratio} da maior categoria ({largest})",
        "{goal} rows are {ratio} of the largest ({largest})",
    ),
    "rows": ("{add} linhas pedidas", "{add} rows asked for"),
    "capped": (
        "sem razão pedida, no máximo {cap} linhas sintéticas por linha real",
        "without a ratio, at most {cap} synthetic rows for each real one",
    ),
    "asked": ("método pedido", "method asked for"),
    "series": (
        "{share} das linhas são de séries que se repetem: as séries são continuadas e imitadas",
        "{share} of the rows belong to recurring series: the series are continued and imitated",
    ),
    "few": ("{before} linhas são poucas para vizinhanças", "{before} rows are few for neighbourhoods"),
    "some": ("{before} linhas bastam para interpolar entre vizinhas", "{before} rows are enough to interpolate"),
    "many": ("{before} linhas bastam para aprender um gerador", "{before} rows are enough to learn a generator"),
    "alone": (
        "uma linha só não tem vizinha: as linhas novas vêm do seu modelo e dos valores gerais",
        "one row has no neighbour: the new rows come from its pattern and from the whole file",
    ),
    "judged": (
        "menor distância à parte seguinte dos dados ({scores})",
        "least distance to the later part of the data ({scores})",
    ),
}  # fmt: skip

HEADS: dict[str, tuple[str, str]] = {
    "category": ("categoria", "category"),
    "before": ("linhas", "rows"),
    "add": ("novas", "new"),
    "after": ("depois", "after"),
    "method": ("método", "method"),
    "reason": ("razão", "reason"),
    "total": ("total", "total"),
    "none": ("nenhum", "none"),
}

NOTES: dict[str, tuple[str, str]] = {
    "unknown_category": (
        "A categoria {category!r} não ocorre nas linhas; nada foi acrescentado. Categorias: {known}.",
        "The category {category!r} does not occur in the rows; nothing was added. Categories: {known}.",
    ),
    "no_category": (
        "{n} linhas não têm categoria; ficam como estão e não entram na conta.",
        "{n} rows have no category; they stay as they are and are not counted.",
    ),
    "set_aside": (
        "{n} linhas não foram usadas para aprender ({why}); saem como vieram.",
        "{n} rows were not learned from ({why}); they come out as they were.",
    ),
    "shortfall": (
        "{category}: {made} de {asked} linhas; às outras faltou um lugar livre ({tries} tentativas).",
        "{category}: {made} of {asked} rows; the others found no free place ({tries} tries).",
    ),
    "ruled_out": (
        "{category}: {made} de {asked} linhas; as outras contrariavam regras ({rules}) ou não acharam lugar livre.",
        "{category}: {made} of {asked} rows; the others broke rules ({rules}) or found no free place.",
    ),
    "nothing_to_do": (
        "Nenhuma categoria precisa de linhas; o resultado são as linhas como vieram.",
        "No category needs rows; the result is the rows as they came.",
    ),
    "largest_asked": (
        "{category!r} é a maior categoria; diga quantas linhas quer (rows) para aumentá-la.",
        "{category!r} is the largest category; say how many rows you want (rows) to enlarge it.",
    ),
    "spellings": (
        "{n} grafias contam com outra categoria ({examples}); as linhas ficam como vieram.",
        "{n} spellings are counted with another category ({examples}); the rows stay as they came.",
    ),
    "notes": (
        "{n} linhas têm uma anotação no lugar da categoria ({examples}); ficam como vieram e não são balanceadas.",
        "{n} rows have a note in the place of a category ({examples}); they stay as they came and are not balanced.",
    ),
    "rarely_helps": (
        "{categories}: com 12 linhas ou mais, pesos de classe costumam dar o mesmo resultado; meça antes de treinar.",
        "{categories}: with 12 rows or more, class weights tend to do as well; measure before you train.",
    ),
}  # fmt: skip


def said(table: dict[str, tuple[str, str]], code: str, language: Language, **values: object) -> str:
    """The sentence of ``code``."""
    check_language(language)
    return table[code][0 if language == "pt" else 1].format(**values)


def both(table: dict[str, tuple[str, str]], code: str, **values: object) -> tuple[str, str]:
    """The sentence in both languages; values that are pairs give one to each."""

    def one(place: int) -> dict[str, object]:
        return {name: value[place] if isinstance(value, tuple) else value for name, value in values.items()}

    return said(table, code, "pt", **one(0)), said(table, code, "en", **one(1))


def check_language(language: object) -> None:
    """Refuse a language that there is not."""
    if language not in {"pt", "en"}:
        raise InvalidParameterError(f"language must be 'pt' or 'en'; got {language!r}.")


def percent(share: float) -> tuple[str, str]:
    """A share as a percentage, Portuguese and English."""
    text = f"{100 * share:.1f}".removesuffix(".0")
    return f"{text.replace('.', ',')} %", f"{text}%"


def decimal(value: float, digits: int = 2) -> tuple[str, str]:
    """A number, Portuguese and English."""
    text = f"{value:.{digits}f}"
    return text.replace(".", ","), text


__all__ = ["HEADS", "NOTES", "REASONS", "Language", "both", "check_language", "decimal", "percent", "said"]
