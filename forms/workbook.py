"""An Excel workbook as sheets of cells, judged before it is opened (``archive.py``); formulas are refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from pyxform.xls2json_backends import xlsx_value_to_str

from forms.archive import check_archive
from forms.problems import Problem
from forms.sheets import MAX_CELLS, MAX_COLUMNS, Cells, Sheets, assemble

MAX_EMPTY_ROWS = 60


def from_workbook(source: bytes) -> Sheets:
    """The sheets of a workbook, or a Problem for one that is too large, has macros or holds formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            check_archive(archive)
        return assemble(_tables(source))
    except Problem:
        raise
    except Exception as error:
        # zipfile, zlib and openpyxl raise many kinds of error on broken workbooks; each means the same to a person.
        raise Problem("form_unreadable", reason=type(error).__name__) from None


def _tables(source: bytes) -> dict[str, list[Cells]]:
    book = load_workbook(io.BytesIO(source), read_only=True, data_only=False)
    try:
        tables: dict[str, list[Cells]] = {}
        left, seen = MAX_CELLS, set[str]()
        for sheet in book.worksheets:
            part = getattr(sheet, "_worksheet_path", sheet.title)
            if part in seen:
                raise Problem("form_zip_bomb")  # one part shown as many sheets is read as often
            seen.add(part)
            tables[sheet.title] = rows = []
            for row in _rows(sheet):
                left -= len(row) + 1
                if left < 0:
                    raise Problem("form_zip_bomb")
                rows.append(row)
        return tables
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[Cells]:
    """The rows of a sheet, up to a long run of empty ones, as pyxform counts them."""
    sheet.reset_dimensions()
    empty: list[Cells] = []
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
        cells: list[str] = []
        for cell in row:
            if cell.data_type == "f":
                raise Problem("form_has_formula", where=f"{sheet.title}, hàng {number}", cell=cell.coordinate)
            cells.append("" if cell.value is None else xlsx_value_to_str(cell.value))
        while cells and not cells[-1]:
            cells.pop()  # openpyxl fills every row up to the last column asked for
        if any(cell.strip() for cell in cells):
            yield from empty
            empty = []
            yield cells
        elif len(empty) > MAX_EMPTY_ROWS:
            return
        else:
            empty.append(())
