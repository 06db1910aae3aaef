"""The sheets of an XLSForm as rows of cells, from markdown tables or from Excel, bounded and in NFC.

pyxform would read both itself; we do it so that one hostile line cannot hold the server, formulas are seen, and
every row keeps its number for the messages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyxform.constants import SUPPORTED_SHEET_NAMES

from forms.problems import Problem

MAX_CELLS = 400_000
MAX_COLUMNS = 300  # the converter's work grows with the square of the languages
MAX_CELL = 32_767
_PIPE = re.compile(r"(?<!\\)\|")
Cells = Sequence[str]


@dataclass(frozen=True)
class Sheets:
    """``definition`` is what pyxform takes; ``rows`` and ``types`` tell the row on the survey sheet of a
    question's name, and the first row of a type of question."""

    definition: Mapping[str, object]
    rows: Mapping[str, int]
    types: Mapping[str, int]
    remarks: tuple[Problem, ...] = ()


def from_markdown(text: str) -> Sheets:
    """The sheets of markdown tables, one table a sheet, each named by a row of its own."""
    tables: dict[str, list[Cells]] = {}
    remarks: list[Problem] = []
    table: list[Cells] | None = None
    total = 0
    for number, line in enumerate(text.splitlines(), start=1):
        cells = _cells(line)
        if cells is None:
            continue
        name, row = cells[0], cells[1:]
        total += len(row)
        if total > MAX_CELLS:
            raise Problem("form_zip_bomb")
        if name:
            table = tables.setdefault(name, [])
        if table is None or not any(row):
            continue
        if table and any(row[len(table[0]) :]):
            remarks.append(Problem("lint_markdown_pipe", line=number))
        table.append(row)
    if not tables:
        raise Problem("form_unreadable", reason="no table")
    return assemble(tables, tuple(remarks))


def assemble(tables: Mapping[str, Sequence[Cells]], remarks: tuple[Problem, ...] = ()) -> Sheets:
    """What pyxform takes, from the cells of each sheet; the first row of a sheet is its header."""
    definition: dict[str, object] = {"sheet_names": list(tables)}
    rows: dict[str, int] = {}
    types: dict[str, int] = {}
    for title, cells in tables.items():
        name = title.lower()
        if name not in SUPPORTED_SHEET_NAMES:
            if len(tables) > 1:
                continue
            name = "survey"
        header = [clean(cell) for cell in cells[0]] if cells else []
        _check_header(title, header)
        entries = [_entry(header, row, title, at) for at, row in enumerate(cells[1:], start=2)]
        definition[name] = entries
        definition[f"{name}_header"] = [dict.fromkeys(column for column in header if column)]
        if name == "survey":
            for at, entry in enumerate(entries, start=2):
                rows.setdefault(entry.get("name", ""), at)
                types.setdefault(entry.get("type", ""), at)
    return Sheets(definition, rows, types, remarks)


def clean(cell: str) -> str:
    """A cell's text in NFC, without blanks around it and without non-breaking ones."""
    return unicodedata.normalize("NFC", cell.replace("\u00a0", " ")).strip()


def _cells(line: str) -> Cells | None:
    """The cells of one line of a table; None for anything else, comments and rulers included."""
    body = line.strip()
    if len(body) < 2 or body[0] != "|" or body[-1] != "|" or not body.strip("|- :"):
        return None
    return [clean(cell).replace("\\|", "|") for cell in _PIPE.split(body[1:-1])]


def _check_header(title: str, header: Iterable[str]) -> None:
    used = [column for column in header if column]
    if len(used) > MAX_COLUMNS:
        raise Problem("form_too_wide", where=title, most=MAX_COLUMNS)
    seen: set[str] = set()
    for column in used:
        if column in seen:
            raise Problem("form_refused", where=title, reason=f"the column “{column}” stands twice")
        seen.add(column)


def _entry(header: Sequence[str], row: Cells, title: str, number: int) -> dict[str, str]:
    entry: dict[str, str] = {}
    for column, cell in zip(header, row, strict=False):
        text = clean(cell)
        if len(text) > MAX_CELL:
            raise Problem("form_refused", where=f"{title}, hàng {number}", reason=f"“{column}” is too long")
        if column and text:
            entry[column] = text
    return entry
