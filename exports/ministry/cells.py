"""From a record's value to a typed cell, by the column's type; and the columns of a sheet as plain rows.

A cell is text, a number, a real date or nothing. Nothing means "not known". Text is NFC, without control
characters, and never longer than a spreadsheet cell can hold: what is cut is cut with a mark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite

from exports.ministry.template import Codes, Column, SheetPlan
from forms.problems import Problem

Cell = str | int | float | date | datetime | None
Record = Mapping[str, object]

LONGEST_TEXT = 32_767  # characters, the limit of the .xlsx format
HIDDEN = "…"  # stands for a count or a rate that the de-identified variant does not give out
CUT_MARK = " … [đã cắt bớt]"
_CONTROL = re.compile(r"\r\n?|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff]")
_PLAIN_CODE = re.compile(r"[\w.:/-]{1,40}", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True)
class Row:
    """The cells of one row in the order of the sheet's columns, and the day its codes must be valid on."""

    cells: tuple[Cell, ...]
    day: date | None = None
    versions: tuple[str | None, ...] = ()  # of the code list, per column; None = any


@dataclass(frozen=True)
class Sheet:
    """One finished sheet: the plan it follows and its rows."""

    plan: SheetPlan
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.plan.columns

    def column(self, column_id: str) -> list[Cell]:
        """All cells of one column."""
        place = [column.id for column in self.columns].index(column_id)
        return [row.cells[place] for row in self.rows]


def make_sheet(plan: SheetPlan, records: Sequence[tuple[Record, date | None]], codes: Codes) -> Sheet:
    """The rows of a sheet from its records, each with the reference date of its codes."""
    return Sheet(plan, tuple(_row(plan, record, day, codes) for record, day in records))


def _row(plan: SheetPlan, record: Record, day: date | None, codes: Codes) -> Row:
    cells: list[Cell] = []
    versions: list[str | None] = []
    for column in plan.columns:
        place = f"{plan.name}.{column.id}"
        if column.source not in record:
            raise Problem("export_source_unknown", where=plan.name, column=column.id, source=column.source)
        version = record.get(column.version) if column.version else None
        versions.append(version if isinstance(version, str) else None)
        try:
            cells.append(_CONVERT[column.type](record[column.source], column, codes))
        except (TypeError, ValueError, AttributeError) as error:
            raise Problem("export_value_wrong", where=place, column=column.id, type=column.type) from error
    return Row(tuple(cells), day, tuple(versions))


def clean(text: str) -> str:
    """NFC text that a cell can hold: no control characters, at most 32,767 UTF-16 units, cut with a mark."""
    tidy = _CONTROL.sub(lambda found: "\n" if found[0][0] == "\r" else "", unicodedata.normalize("NFC", text))
    if _units(tidy) <= LONGEST_TEXT:
        return tidy
    kept = tidy[: LONGEST_TEXT - len(CUT_MARK)]
    while _units(kept) + len(CUT_MARK) > LONGEST_TEXT:
        kept = kept[: len(kept) - max(1, (_units(kept) + len(CUT_MARK) - LONGEST_TEXT) // 2)]
    return kept + CUT_MARK


def _units(text: str) -> int:
    return len(text) + sum(1 for letter in text if ord(letter) > 0xFFFF)


def _text(value: object, column: Column, codes: Codes) -> Cell:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(column.id)
    return clean(str(value)) or None


def _any(value: object, column: Column, codes: Codes) -> Cell:
    return value if isinstance(value, int | float | date) else _text(value, column, codes)


def _int(value: object, column: Column, codes: Codes) -> Cell:
    if value == HIDDEN:
        return HIDDEN
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise TypeError(column.id)


def _number(value: object, column: Column, codes: Codes) -> Cell:
    if value is None or value == HIDDEN:
        return None if value is None else HIDDEN
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise TypeError(column.id)
    return int(value) if value == int(value) else round(value, 6)


def _date(value: object, column: Column, codes: Codes) -> Cell:
    if value is None or isinstance(value, date):
        return value
    raise TypeError(column.id)


def _partial(value: object, column: Column, codes: Codes) -> Cell:
    """A real date when day, month and year are known, else "05/2013" or "2013"."""
    if value is None:
        return None
    found = _DATE.fullmatch(str(value))
    if not found:
        raise ValueError(column.id)
    year, month, day = found.groups()
    if day:
        return date(int(year), int(month), int(day))
    return f"{month}/{year}" if month else year


def _codes(value: object, column: Column, codes: Codes) -> Cell:
    if not isinstance(value, tuple | list | None):
        raise TypeError(column.id)
    return clean(";".join(value)) or None if value else None


def _label(value: object, column: Column, codes: Codes) -> Cell:
    return None if value is None else _find_label(str(value), column, codes)


def _labels(value: object, column: Column, codes: Codes) -> Cell:
    if not isinstance(value, tuple | list | None):
        raise TypeError(column.id)
    return "; ".join(_find_label(code, column, codes) for code in value) or None if value else None


def named(code: str) -> str:
    """A code for a message; one that does not look like a code could be somebody's words."""
    return code if _PLAIN_CODE.fullmatch(code) else HIDDEN


def _find_label(code: str, column: Column, codes: Codes) -> str:
    found = codes.find(column.lists, code, version=None, day=None)
    if found is None:
        raise Problem("export_code_unknown", column=column.id, value=named(code), list=column.list)
    return found.label


def _yesno(value: object, column: Column, codes: Codes) -> Cell:
    if value is None:
        return None
    if not isinstance(value, bool):
        raise TypeError(column.id)
    return "1" if value else "2"


def _yesno_label(value: object, column: Column, codes: Codes) -> Cell:
    code = _yesno(value, column, codes)
    return None if code is None else _find_label(str(code), column, codes)


_CONVERT: dict[str, Callable[[object, Column, Codes], Cell]] = {
    "any": _any,
    "code": _text,
    "codes": _codes,
    "date": _date,
    "degrees": _number,
    "findings": _codes,
    "int": _int,
    "label": _label,
    "labels": _labels,
    "number": _number,
    "partial": _partial,
    "percent": _number,
    "text": _text,
    "unit": _text,
    "yesno": _yesno,
    "yesno_label": _yesno_label,
}
