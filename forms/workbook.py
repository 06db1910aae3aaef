"""An Excel workbook as sheets of cells, judged before it is opened: unpacked size, macros, hostile XML, formulas."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from pyxform.xls2json_backends import xlsx_value_to_str

from forms.problems import Problem
from forms.sheets import MAX_CELLS, Cells, Sheets, assemble

MAX_PARTS = 2_000
MAX_UNPACKED = 25 * 1024 * 1024
MAX_COLUMNS = 300
MAX_EMPTY_ROWS = 60


def from_workbook(source: bytes) -> Sheets:
    """The sheets of a workbook, or a Problem for one that is too large, has macros or holds formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            _check_archive(archive)
        return assemble(_tables(source))
    except Problem:
        raise
    except Exception as error:
        # zipfile, zlib and openpyxl raise many kinds of error on broken workbooks; each means the same to a person.
        raise Problem("form_unreadable", reason=type(error).__name__) from None


def _check_archive(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Problem("form_zip_bomb")
    left = MAX_UNPACKED
    for part in parts:
        if part.filename.lower().endswith("vbaproject.bin"):
            raise Problem("form_has_macros")
        with archive.open(part) as stream:
            # The size in the directory may lie; what is really unpacked is counted.
            body = stream.read(left + 1)
        left -= len(body)
        if left < 0:
            raise Problem("form_zip_bomb")
        if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
            raise Problem("form_unreadable", reason="DOCTYPE")


def _tables(source: bytes) -> dict[str, list[Cells]]:
    book = load_workbook(io.BytesIO(source), read_only=True, data_only=False)
    try:
        tables: dict[str, list[Cells]] = {}
        left = MAX_CELLS
        for sheet in book.worksheets:
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
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
        cells: list[str] = []
        for cell in row:
            if cell.data_type == "f":
                raise Problem("form_has_formula", where=f"{sheet.title}, hàng {number}", cell=cell.coordinate)
            cells.append("" if cell.value is None else xlsx_value_to_str(cell.value))
        if any(cell.strip() for cell in cells):
            yield from empty
            empty = []
            yield cells
        elif len(empty) > MAX_EMPTY_ROWS:
            return
        else:
            empty.append(())
