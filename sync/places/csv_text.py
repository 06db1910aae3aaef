"""The bytes of a list -> its lines of cells, whatever program saved it.

Commas, semicolons or tabs; UTF-8 with or without its mark, or the UTF-16 of a spreadsheet's "Unicode text". Excel's
first line ``sep=;`` says which sign parts the cells.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from forms.problems import Problem

MOST_BYTES = 64 * 1024 * 1024
_MOST_LINES = 300_000
_SEPARATOR = re.compile(r"\s*sep=([,;\t])[,;\t]*(\r\n?|\n)", re.IGNORECASE)


def decoded(data: bytes, *, most_bytes: int = MOST_BYTES) -> str:
    """The text; raises ``places_too_big`` or, with the line, ``places_encoding``."""
    if len(data) > most_bytes:
        raise Problem("places_too_big", limit=f"{most_bytes // 1024 // 1024} MB")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Problem("places_encoding", line=data.count(b"\n", 0, error.start) + 1) from None
    if "\0" in text:
        raise Problem("places_encoding", line=text.count("\n", 0, text.index("\0")) + 1)
    return text


def split(text: str, *, most_lines: int = _MOST_LINES) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """The sign between the cells, and each row that holds anything with the line it begins on.

    Raises ``places_too_big``; reading on raises, with the line, ``places_broken``.
    """
    if text.count("\n") > most_lines:
        raise Problem("places_too_big", limit=f"{most_lines} dòng/lines")
    said = _SEPARATOR.match(text)
    if said:
        return said[1], _lines(text[said.end() :], said[1], begins=2)
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max((",", ";", "\t"), key=header.count)
    return delimiter, _lines(text, delimiter)


def _lines(text: str, delimiter: str, begins: int = 1) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    first = begins
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + first
    except csv.Error:
        raise Problem("places_broken", line=begins) from None
