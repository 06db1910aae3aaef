"""A form's tables as CSV files in one zip: UTF-8 with its mark, as Excel wants it, one file for each repeat."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import IO

from exports.columns import Cell
from exports.datasets.names import unique_names
from exports.table import Table

MOMENT = (2024, 1, 1, 0, 0, 0)
CHUNK = 256 * 1024
# Excel runs a text that begins so as a formula; a telephone number or a negative number is none.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s.,()-]*$)")


def write_zip(
    tables: Sequence[Table],
    rows: Iterable[tuple[int, list[Cell]]],
    out: IO[bytes],
    form_id: str,
    scratch: Callable[[], IO[bytes]],
) -> dict[str, int]:
    """Write the zip; ``scratch`` gives an empty temporary file for each table. Says how many rows each file has."""
    names = _names(tables, form_id)
    counts = [0] * len(tables)
    with ExitStack() as stack:
        files = [stack.enter_context(scratch()) for _ in tables]
        texts = [
            io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False) for file in files
        ]
        writers = [csv.writer(text, lineterminator="\r\n") for text in texts]
        for table, writer in zip(tables, writers, strict=True):
            writer.writerow([_text(cell) for cell in table.header])
        for number, cells in rows:
            writers[number].writerow([_text(cell) for cell in cells])
            counts[number] += 1
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text, file in zip(names, texts, files, strict=True):
                text.flush()
                text.detach()
                file.seek(0)
                info = zipfile.ZipInfo(name, MOMENT)
                info.compress_type = zipfile.ZIP_DEFLATED
                with archive.open(info, "w", force_zip64=True) as entry:
                    shutil.copyfileobj(file, entry, CHUNK)
    return dict(zip(names, counts, strict=True))


def _names(tables: Sequence[Table], form_id: str) -> list[str]:
    first, *below = unique_names(tables, form_id, 80)
    return [f"{first}.csv", *(f"{first}-{name}.csv" for name in below)]


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    text = str(cell)
    return "'" + text if isinstance(cell, str) and _FORMULA.match(text) else text
