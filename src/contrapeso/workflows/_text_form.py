"""How a file writes its whole numbers and moments, so that generated rows are written in the same way.

The reader makes floats of whole numbers beside blanks, and drops the offsets of moments: right for a balance sheet,
wrong for a file that shall look like the one that came.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from contrapeso.tables.reading import Cell, Limits, decode_text, load, open_parquet, sniff

if TYPE_CHECKING:
    import pandas as pd

Separator = Literal["T", " "]

_OFFSET = re.compile(r":\d{2}(?:[.,]\d+)? ?(Z|[+-]\d{2}:?\d{2})\s*$")
_POINT_ZERO = re.compile(r"[.,]0{1,2}\s*$")
_LOOK = 200
"""Rows that say whether a file has offsets or writes ``.0``."""
_WHOLE = 2.0**53


@dataclass(frozen=True, slots=True)
class TextForm:
    """How moments with an offset are written: what stands before the time of day, and whether zero is ``Z``."""

    moments: Mapping[str, tuple[Separator, bool]] = field(default_factory=dict)

    def written(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with these moments as text."""
        found = frame.copy(deep=False)
        for name, (separator, zulu) in self.moments.items():
            if name in frame and getattr(frame[name].dtype, "tz", None) is not None:
                made = [None if gone else moment.isoformat(separator) for moment, gone in _cells(frame[name])]
                found[name] = [text.replace("+00:00", "Z") if zulu and text else text for text in made]
        return found


def as_written(frame: pd.DataFrame, path: Path, limits: Limits) -> tuple[pd.DataFrame, TextForm, tuple[str, ...]]:
    """The table that was read from ``path`` in types that write as the file does.

    Whole numbers beside blanks become Int64, moments of one offset get it. Sentences say what could not be kept:
    a column of several offsets stays without them.

    Returns
    -------
    frame, form, notes
    """
    doubtful = [name for name in frame.columns if _is_whole_with_blanks(frame[name]) or _is_moment(frame[name])]
    if not doubtful:
        return frame, TextForm(), ()
    data = load(path, limits)
    kind = sniff(data, name=path.name).kind
    if kind == "parquet":
        fields = open_parquet(data, path.name, limits).schema
        whole = [
            name for name in doubtful if name in fields.names and str(fields.field(name).type).lstrip("u")[:3] == "int"
        ]
        return _with_whole(frame, [name for name in whole if _is_whole_with_blanks(frame[name])]), TextForm(), ()
    if kind == "xlsx":
        whole = [name for name in doubtful if _is_whole_with_blanks(frame[name])]
        return _with_whole(frame, whole), TextForm(), ()
    return _as_text(frame, _texts(decode_text(data)[0], frame, doubtful), doubtful)


def _as_text(
    frame: pd.DataFrame, texts: Mapping[str, list[str]], doubtful: Sequence[str]
) -> tuple[pd.DataFrame, TextForm, tuple[str, ...]]:
    whole = [name for name in doubtful if _is_whole_with_blanks(frame[name])]
    frame = _with_whole(frame, [n for n in whole if not any(map(_POINT_ZERO.search, texts.get(n, [])[:_LOOK]))])
    moments: dict[str, tuple[Separator, bool]] = {}
    notes = []
    for name in (name for name in doubtful if _is_moment(frame[name])):
        found = {match[1] if (match := _OFFSET.search(text)) else None for text in texts.get(name, [])}
        if found <= {None}:
            continue
        if len(found) > 1:
            notes.append(f"{name}: {len(found)} different offsets; its times are those of the wall clock, without one.")
            continue
        offset = cast(str, found.pop())
        frame = frame.assign(**{name: frame[name].dt.tz_localize(_zone(offset))})
        moments[name] = ("T" if "T" in texts[name][0] else " ", offset == "Z")
    return frame, TextForm(moments), tuple(notes)


def _texts(text: str, frame: pd.DataFrame, names: Sequence[str]) -> dict[str, list[str]]:
    """Cells of these columns as they are written, blanks left out; of all rows only where the first have offsets."""
    from contrapeso.tables.reading._delimited import read_delimited, split_lines

    head = read_delimited("".join(split_lines(text[: 256 * 1024])[:_LOOK]))
    some = _by_name(head.rows, frame, names)
    moments = [name for name in names if any(map(_OFFSET.search, some.get(name, [])))]
    return some | (_by_name(read_delimited(text).rows, frame, moments) if moments else {})


def _by_name(rows: Sequence[Sequence[Cell]], frame: pd.DataFrame, names: Sequence[str]) -> dict[str, list[str]]:
    from contrapeso.tables.reading._headers import column_names, find_header

    header, first = find_header(rows)
    width = len(rows[first]) if first < len(rows) else 0
    titles = column_names(rows[header] if header is not None else [], width)[0]
    places = {name: titles.index(name) for name in names if name in titles and name in frame}
    return {
        name: [str(row[j]) for row in rows[first:] if j < len(row) and str(row[j] or "").strip()]
        for name, j in places.items()
    }


def _is_moment(column: pd.Series) -> bool:
    return str(column.dtype).startswith("datetime64") and getattr(column.dtype, "tz", None) is None


def _is_whole_with_blanks(column: pd.Series) -> bool:
    if str(column.dtype) != "float64" or not column.isna().any() or column.isna().all():
        return False
    present = column.dropna()
    return bool((present == present.round()).all() and (present.abs() < _WHOLE).all())


def _with_whole(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    attrs = frame.attrs
    changed = frame.astype(dict.fromkeys(names, "Int64")) if names else frame
    changed.attrs = attrs
    return changed


def _zone(offset: str) -> Any:
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    return timezone((-1 if offset[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def _cells(column: pd.Series) -> zip[tuple[Any, bool]]:
    return zip(column, column.isna(), strict=True)


__all__ = ["TextForm", "as_written"]
