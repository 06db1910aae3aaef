"""Finished sheets as the bytes of an .xlsx file: the same sheets give the same bytes.

Row 1 holds the Vietnamese labels, row 2 (hidden) the column ids. Codes are text, dates are real dates shown
as dd/mm/yyyy, nothing is ever a formula.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from math import ceil
from typing import Any

from exports.ministry.cells import Cell, Sheet
from exports.ministry.template import Column
from exports.ministry.workbook import Workbook

_CREATED = datetime(2024, 1, 1)  # noqa: DTZ001  a property of the format: the true time stands in sheet 00
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "dd/mm/yyyy",
}
_NUMBERS = {"int": "#,##0", "number": "0.##", "percent": "0.0%", "degrees": "0.000"}
_LEAST_WIDTH, _MOST_WIDTH = 8, 60
_HEADER_LINES = 3
_FONT = "Times New Roman"
_GREEN, _PALE, _LINE = "#1F6F4A", "#EAF4EE", "#C8D6CE"
_PAGE_WIDTH = 190  # characters on a landscape page that can still be read
_LEADING = {"03": 3, "05": 3, "06": 3, "07": 3, "08": 4}  # columns that say who or what a row is about
_TOTALS = {"phuong": "ward", "tong": "total"}


def write(workbook: Workbook) -> bytes:
    """The file."""
    buffer = io.BytesIO()
    import xlsxwriter  # for who writes a book: an idle server goes without

    book = xlsxwriter.Workbook(buffer, _OPTIONS)
    book.set_properties(
        {
            "title": f"{workbook.title} ({workbook.format_id})",
            "comments": f"Định dạng đề xuất {workbook.format_id}",
            "created": _CREATED,
        }
    )
    book.set_size(2400, 1400)
    formats = _Formats(book)
    for sheet in workbook.sheets:
        _write_sheet(book.add_worksheet(sheet.plan.name), sheet, formats, workbook)
    book.close()
    return buffer.getvalue()


class _Formats:
    """Cell formats, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, str], Any] = {}
        base = {"font_name": _FONT, "font_size": 11}
        self.header = book.add_format(
            base
            | {"bold": True, "font_color": "#FFFFFF", "bg_color": _GREEN, "text_wrap": True}
            | {"align": "center", "valign": "vcenter", "border": 1, "border_color": _LINE}
        )
        self.ids = book.add_format(base | {"font_color": "#808080", "italic": True, "num_format": "@"})

    def cell(self, kind: str, style: str) -> Any:
        """The format of a cell of that kind in a plain row, a ward's line or the last line."""
        if (kind, style) not in self._made:
            self._made[kind, style] = self._book.add_format(_cell_format(kind, style))
        return self._made[kind, style]


def _cell_format(kind: str, style: str) -> dict[str, object]:
    made: dict[str, object] = {"font_name": _FONT, "font_size": 11, "valign": "top"}
    made |= {"border": 1, "border_color": _LINE}
    made["num_format"] = "dd/mm/yyyy" if kind == "date" else _NUMBERS.get(kind, "@")
    if kind in ("wrap", "bold"):
        made["text_wrap"] = True
    if style or kind == "bold":
        made["bold"] = True
    if style:
        made["bg_color"] = _PALE
    if kind in ("hidden", "date"):
        made["align"] = "right" if kind == "hidden" else "center"
    return made


def _write_sheet(page: Any, sheet: Sheet, formats: _Formats, workbook: Workbook) -> None:
    widths = [_width(column, sheet.column(column.id)) for column in sheet.columns]
    for place, (column, width) in enumerate(zip(sheet.columns, widths, strict=True)):
        page.set_column(place, place, width)
        page.write_string(0, place, column.label, formats.header)
        page.write_string(1, place, column.id, formats.ids)
    lines = max((_lines(c.label, width) for c, width in zip(sheet.columns, widths, strict=True)), default=1)
    page.set_row(0, 15.75 * min(max(lines, 1), _HEADER_LINES) + 4)
    page.set_row(1, None, None, {"hidden": True})
    for at, row in enumerate(sheet.rows, start=2):
        style = _TOTALS.get(str(row.cells[0]), "") if sheet.plan.name.startswith("07") else ""
        for place, (column, cell) in enumerate(zip(sheet.columns, row.cells, strict=True)):
            _write_cell(page, at, place, column, cell, style, formats)
    _lay_out(page, sheet, workbook, sum(widths))


def _write_cell(
    page: Any, at: int, place: int, column: Column, cell: Cell, style: str, formats: _Formats
) -> None:
    if cell is None:
        page.write_blank(at, place, None, formats.cell("text", style))
    elif isinstance(cell, date):
        page.write_datetime(at, place, cell, formats.cell("date", style))
    elif isinstance(cell, int | float):
        page.write_number(at, place, cell, formats.cell(column.type, style))
    else:
        kind = "hidden" if column.type in _NUMBERS else "wrap" if column.width else "text"
        page.write_string(at, place, cell, formats.cell(kind, style))


def _width(column: Column, cells: list[Cell]) -> float:
    """The template's width, else wide enough for the cells and for the header on three lines."""
    words = max((len(word) for word in column.label.split()), default=0)
    header = max(words + 3, len(column.label) / _HEADER_LINES + 4)
    if column.width:
        return max(column.width, header)
    content = max((_shown_length(cell) for cell in cells), default=0)
    return min(max(_LEAST_WIDTH, header, content + 2), _MOST_WIDTH)


def _shown_length(cell: Cell) -> int:
    if cell is None:
        return 0
    return 10 if isinstance(cell, date) else max((len(line) for line in str(cell).split("\n")), default=0)


def _lines(label: str, width: float) -> int:
    lines, used = 1, 0
    for word in label.split():
        if used and used + 1 + len(word) > width - 2:
            lines, used = lines + 1, 0
        used += len(word) + (1 if used else 0)
    return lines


def _lay_out(page: Any, sheet: Sheet, workbook: Workbook, width: float) -> None:
    """What stays in view on the screen and on every printed page: the header, and who a row is about."""
    leading = min(_LEADING.get(sheet.plan.name[:2], 1), len(sheet.columns))
    page.freeze_panes(2, leading)
    page.autofilter(0, 0, max(len(sheet.rows) + 1, 1), len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.set_margins(left=0.5, right=0.4, top=0.7, bottom=0.6)
    page.fit_to_pages(ceil(width / _PAGE_WIDTH), 0)
    page.repeat_rows(0)
    page.repeat_columns(0, leading - 1)
    page.set_header(
        f'&L&"{_FONT},Bold"&11{sheet.plan.title}&R&"{_FONT},Italic"&9{workbook.format_id} (đề xuất)'
    )
    page.set_footer("&L&9&A&R&9Trang &P/&N")
