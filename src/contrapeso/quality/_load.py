"""A quality report from its JSON layout; unknown or missing parts are errors, never defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from contrapeso.errors import InvalidDataError
from contrapeso.quality._report import (
    PROTOCOL,
    Bars,
    ClassCount,
    ColumnReport,
    DataCharacteristics,
    Dependence,
    Dimension,
    Method,
    NotAssessed,
    PairReport,
    Privacy,
    QualityReport,
    Recommendation,
    RuleReport,
    Score,
)

T = TypeVar("T")
Part = Callable[[Any], Any]


def load_report(data: Mapping[str, Any]) -> QualityReport:
    """The report in ``data``, as :meth:`QualityReport.to_dict` laid it out."""
    protocol = data.get("protocol")
    if protocol != PROTOCOL:
        raise InvalidDataError(
            f"The quality report has protocol {protocol!r}; this version of contrapeso reads {PROTOCOL}. "
            "Update contrapeso, or assess the tables again."
        )
    return _part(
        QualityReport,
        overall=_score,
        dimensions=_many(_part(Dimension, score=_score)),
        columns=_many(_part(ColumnReport, score=_score, bars=_maybe(_part(Bars, **_tuples(Bars))))),
        pairs=_many(_part(PairReport)),
        dependence=_maybe(_dependence),
        correlation=_maybe(_dependence),
        rules=_many(_part(RuleReport, violations=tuple)),
        recommendations=_many(_part(Recommendation, columns=tuple)),
        privacy=_maybe(_part(Privacy)),
        data=_part(DataCharacteristics, classes=_many(_part(ClassCount)), missing_columns=tuple, extra_columns=tuple),
        not_assessed=_many(_part(NotAssessed, columns=tuple)),
        method=_part(Method),
    )({key: value for key, value in data.items() if key != "protocol"})


def _part(cls: Callable[..., T], **convert: Part) -> Callable[[Mapping[str, Any]], T]:
    """Reader of one dataclass; ``convert`` maps field names to readers of their values."""

    def read(data: Mapping[str, Any]) -> T:
        names = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        if set(data) != names:
            wrong = sorted(set(data) ^ names)
            raise InvalidDataError(
                f"{getattr(cls, '__name__', cls)} in the quality report lacks or does not know: {', '.join(wrong)}. "
                "Load the file as contrapeso wrote it."
            )
        return cls(**{name: convert.get(name, _same)(value) for name, value in data.items()})

    return read


def _same(value: Any) -> Any:
    return value


def _many(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """Reader of a list of parts."""
    return lambda items: tuple(read(item) for item in items)


def _maybe(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    """Reader of a part that may be None."""
    return lambda value: None if value is None else read(value)


def _tuples(cls: type[Bars]) -> dict[str, Part]:
    """Readers that turn every list field of ``cls`` into a tuple."""
    return {field.name: tuple for field in fields(cls) if field.name != "suppressed"}


def _matrix(rows: Any) -> tuple[tuple[float | None, ...], ...]:
    return tuple(tuple(row) for row in rows)


_score: Callable[[Mapping[str, Any]], Score] = _part(Score, interval=_maybe(tuple))
_dependence: Callable[[Mapping[str, Any]], Dependence] = _part(
    Dependence, columns=tuple, real=_matrix, synthetic=_matrix
)

__all__ = ["load_report"]
