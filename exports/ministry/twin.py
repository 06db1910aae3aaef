"""The CSV twin of a sheet: UTF-8, column ids as header, rows sorted by stable keys so that files can be diffed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date

from exports.ministry.cells import Cell, Row, Sheet

_BOM = "\ufeff"  # a spreadsheet reads Vietnamese right only with it
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(sheet: Sheet) -> str:
    """Header of column ids and the rows, LF line ends."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.id for column in sheet.columns])
    for row in sorted_rows(sheet):
        writer.writerow([_plain(cell) for cell in row.cells])
    return out.getvalue()


def csv_bytes(sheet: Sheet) -> bytes:
    """The twin as a file."""
    return (_BOM + csv_text(sheet)).encode()


def csv_twins(sheets: Iterable[Sheet]) -> dict[str, bytes]:
    """File name -> bytes, for the data sheets 01–08."""
    return {
        f"{sheet.plan.name}.csv": csv_bytes(sheet) for sheet in sheets if "01" <= sheet.plan.name[:2] <= "08"
    }


def sorted_rows(sheet: Sheet) -> list[Row]:
    """Rows by their whole text: ids and codes come first in every data sheet."""
    return sorted(sheet.rows, key=lambda row: [_plain(cell) for cell in row.cells])


def _plain(cell: Cell) -> str:
    """ISO dates, point decimals; text that a spreadsheet would take for a formula gets an apostrophe."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float):
        return f"{cell:.10g}" if isinstance(cell, float) else str(cell)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
