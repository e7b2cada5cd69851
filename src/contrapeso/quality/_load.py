"""A quality report from its JSON layout, read by the types of its fields.

A part that is missing or unknown is an error, never a default; only what protocol 1 did not have yet may be absent.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from contrapeso.errors import InvalidDataError
from contrapeso.quality import _report, _sections
from contrapeso.quality._report import PROTOCOL, Method, Privacy, QualityReport, RuleReport

_SINCE_2: Mapping[type, frozenset[str]] = {
    QualityReport: frozenset(
        {
            "joint", "usefulness", "diversity", "sequences", "fairness", "mined_rules", "tests", "pair_score",
            "clean_rows",
        }
    ),
    Privacy: frozenset({"attacks"}),
    RuleReport: frozenset({"over_regular"}),
    Method: frozenset({"n_sampled"}),
}  # fmt: skip


def load_report(data: Mapping[str, Any]) -> QualityReport:
    """The report in ``data``, as :meth:`QualityReport.to_dict` laid it out."""
    protocol: Any = data.get("protocol")
    if protocol not in range(1, PROTOCOL + 1):
        raise InvalidDataError(
            f"The quality report has protocol {protocol!r}; this version of contrapeso reads 1 to {PROTOCOL}. "
            "Update contrapeso, or assess the tables again."
        )
    body = {key: value for key, value in data.items() if key != "protocol"}
    report: QualityReport = _read_part(QualityReport, body, old=protocol < PROTOCOL)
    return report


def _read_part(cls: type, data: Mapping[str, Any], *, old: bool) -> Any:
    """An instance of dataclass ``cls``."""
    names = {field.name for field in fields(cls)}
    wrong = set(data) ^ names
    if old:
        wrong -= _SINCE_2.get(cls, frozenset())
    if wrong:
        raise InvalidDataError(
            f"{cls.__name__} in the quality report lacks or does not know: {', '.join(sorted(wrong))}. "
            "Load the file as contrapeso wrote it."
        )
    hints = _hints(cls)
    return cls(**{name: _read(hints[name], value, old=old) for name, value in data.items()})


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls, {**vars(_sections), **vars(_report)})


def _read(hint: Any, value: Any, *, old: bool) -> Any:
    """``value`` as ``hint`` says: dataclasses from mappings, tuples from lists, the rest as it is."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        return _read(next(part for part in arguments if part is not type(None)), value, old=old)
    if is_dataclass(hint) and isinstance(hint, type):
        return _read_part(hint, value, old=old)
    if origin is tuple:
        return _read_tuple(arguments, value, old=old)
    return value


def _read_tuple(arguments: tuple[Any, ...], values: Any, *, old: bool) -> tuple[Any, ...]:
    hints: Callable[[int], Any] = lambda k: arguments[0] if arguments[-1] is Ellipsis else arguments[k]  # noqa: E731
    return tuple(_read(hints(k), value, old=old) for k, value in enumerate(values))


__all__ = ["load_report"]
