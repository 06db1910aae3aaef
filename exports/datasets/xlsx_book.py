"""A form's tables as the sheets of one Excel workbook, written row by row; codes stay text, nothing is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Any

from exports.columns import Cell
from exports.datasets.names import unique_names
from exports.table import Table
from forms.problems import Problem

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767
LARGEST_NUMBER = 10**15
_CREATED = datetime(2024, 1, 1)  # noqa: DTZ001  a property of the format: the same answers give the same bytes


def write_xlsx(
    tables: Sequence[Table], rows: Iterable[tuple[int, list[Cell]]], out: IO[bytes], form_id: str
) -> dict[str, int]:
    """Write the workbook; says how many rows each sheet has. Raises ``answers_exceed_excel``."""
    names = unique_names(tables, form_id, 31)
    for name, table in zip(names, tables, strict=True):
        if len(table.header) > MAX_COLUMNS:
            raise Problem("answers_exceed_excel", table=name, what=f"{len(table.header)} > {MAX_COLUMNS}")
    import xlsxwriter  # for who writes a book: an idle server goes without

    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    try:
        book.set_properties({"title": form_id, "created": _CREATED})
        bold = book.add_format({"bold": True})
        sheets = [book.add_worksheet(name) for name in names]
        for sheet, table in zip(sheets, tables, strict=True):
            sheet.freeze_panes(1, 0)
            _write(sheet, 0, list(table.header), names[0], bold)
        counts = [0] * len(tables)
        for number, cells in rows:
            counts[number] += 1
            if counts[number] >= MAX_ROWS:
                raise Problem("answers_exceed_excel", table=names[number], what=f"> {MAX_ROWS - 1}")
            _write(sheets[number], counts[number], cells, names[number], None)
    finally:
        book.close()
    return dict(zip(names, counts, strict=True))


def _write(sheet: Any, row: int, cells: Sequence[Cell], table: str, style: Any) -> None:
    for column, cell in enumerate(cells):
        if cell is None:
            continue
        if isinstance(cell, str):
            if len(cell) > MAX_TEXT:
                raise Problem("answers_exceed_excel", table=table, what=f"{len(cell)} > {MAX_TEXT}")
            sheet.write_string(row, column, cell, style)
        elif abs(cell) < LARGEST_NUMBER:
            sheet.write_number(row, column, cell, style)
        else:
            sheet.write_string(row, column, str(cell), style)
