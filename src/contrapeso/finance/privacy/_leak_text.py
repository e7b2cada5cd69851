"""The leak report in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Lang: TypeAlias = Literal["pt", "en"]


@dataclass(frozen=True, slots=True)
class Line:
    """A check: its name, rows found, their share, the share of unseen real rows, and what copying would show."""

    name: str
    n: int
    share: float
    normal: float | None
    copying: float | None


_NAMES: dict[str, tuple[str, str]] = {
    "exact_copies": ("cópia exata de data, valor e descrição", "exact copy of date, amount and description"),
    "names": ("nome real", "real name"),
    "name_parts": ("parte de nome real", "part of a real name"),
    "identifiers": ("identificador real", "real identifier"),
    "canaries": ("canário", "canary"),
    "date_amount": ("mesma data e valor", "same date and amount"),
    "amount_payee": ("mesmo valor e favorecido", "same amount and payee"),
    "description": ("mesma descrição", "same description"),
    "rare_words": ("palavras raras de uma linha real", "rare words of one real row"),
}
_TITLE = (
    "{made} linhas sintéticas (pseudonimizadas), aprendidas de {train} linhas reais; {holdout} reais não vistas",
    "{made} synthetic (pseudonymised) rows, learned from {train} real rows; {holdout} real rows unseen",
)
_HEAD = (("linhas", "parte", "reais não vistas", "se copiasse"), ("rows", "share", "unseen real", "if copied"))
_CLOSE = (
    "Mais perto das linhas aprendidas que das não vistas: {share} (controle {control}, erro-padrão {error}).",
    "Closer to learned rows than to unseen ones: {share} (control {control}, standard error {error}).",
)
_NO_CLOSE = (
    "Distâncias não medidas: faltam linhas reais não vistas (ao menos 20) ou linhas sintéticas.",
    "Distances not measured: unseen real rows (at least 20) or synthetic rows are missing.",
)
_VERDICT = (
    ("APROVADO: nada real reapareceu nos cinco primeiros testes.", "REPROVADO: algo real reapareceu."),
    ("PASSED: nothing real came back in the first five checks.", "FAILED: something real came back."),
)
_CAVEAT = (
    "Um teste acha só o que procura. Linhas sintéticas de dados pessoais seguem sob a LGPD até decisão em contrário.",
    "A test finds only what it looks for. Synthetic rows of personal data stay under the LGPD until decided otherwise.",
)


def render(
    lang: Lang,
    sizes: tuple[int, int, int],
    lines: Sequence[Line],
    closeness: tuple[float, float, float] | None,
    passed: bool,  # noqa: FBT001
) -> str:
    """The report as text; ``sizes`` are synthetic, learned and unseen rows, ``closeness`` share, control and error."""
    which = 0 if lang == "pt" else 1
    made, train, holdout = (_whole(n, lang) for n in sizes)
    head = f"{'':44}" + "".join(f"{word:>17}" for word in _HEAD[which])
    table = [
        f"{_NAMES[line.name][which]:44}{_whole(line.n, lang):>17}"
        + "".join(f"{_percent(share, lang):>17}" for share in (line.share, line.normal, line.copying))
        for line in lines
    ]
    verdict = _VERDICT[which][0 if passed else 1]
    title = _TITLE[which].format(made=made, train=train, holdout=holdout)
    return "\n".join([title, head, *table, _near(closeness, lang), verdict, _CAVEAT[which]])


def _near(closeness: tuple[float, float, float] | None, lang: Lang) -> str:
    which = 0 if lang == "pt" else 1
    if closeness is None:
        return _NO_CLOSE[which]
    share, control, error = (_percent(value, lang) for value in closeness)
    return _CLOSE[which].format(share=share, control=control, error=error)


def _whole(n: int, lang: Lang) -> str:
    text = f"{n:,}"
    return text.replace(",", ".") if lang == "pt" else text


def _percent(share: float | None, lang: Lang) -> str:
    if share is None:
        return "-"
    text = f"{100 * share:.1f} %"
    return text.replace(".", ",") if lang == "pt" else text


__all__ = ["Lang", "Line", "render"]
