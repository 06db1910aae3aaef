"""Workbooks and tables that are small as files and large as work: each must be refused, or read, at once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence

from openpyxl import Workbook

SHEET, STYLES, BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
TYPES, RELATIONS, TEXTS = "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ROOM = 24 * 1024 * 1024
Rows = Sequence[Sequence[object]]
PLAIN: dict[str, Rows] = {
    "survey": (("type", "name", "label"), ("text", "q1", "Một")),
    "settings": (("form_id", "version"), ("small", "8")),
}


def workbook(sheets: dict[str, Rows] | None = None) -> bytes:
    """An Excel file of these sheets."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in (sheets or PLAIN).items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parts(source: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return out.getvalue()


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A plain workbook with one part changed, or made when it has none of that name."""
    content = parts(workbook())
    content[name] = change(content.get(name, b""))
    return packed(content)


def before(mark: bytes, put: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(mark, put + mark, 1)


def heavy_workbooks() -> Iterator[tuple[str, bytes]]:
    """Each unpacks to at most 25 MB and has few parts, and would take seconds to minutes to read."""
    many: dict[str, tuple[str, bytes, bytes]] = {
        "styles": (STYLES, b"<cellXfs", b"<cellXfs>" + b"<xf/>" * (ROOM // 5) + b"</cellXfs>"),
        "fonts": (STYLES, b"<fonts", b"<fonts>" + b"<font/>" * (ROOM // 7) + b"</fonts>"),
        "rows": (SHEET, b"</sheetData>", b"<row/>" * (ROOM // 6)),
        "cells": (SHEET, b"</sheetData>", b"<row r='3'>" + b"<c/>" * (ROOM // 4) + b"</row>"),
        "one cell": (SHEET, b"</sheetData>", b"<row r='3'>" + b"<c r='A3'/>" * (ROOM // 11) + b"</row>"),
        "depth": (SHEET, b"<sheetData", b"<a>" * (ROOM // 8) + b"</a>" * (ROOM // 8)),
        "attributes": (SHEET, b"/>", b" " + b" ".join(b"a%d='1'" % n for n in range(1_000_000))),
        "names": (BOOK, b"</workbook>", b"<definedNames>" + b"<n name='a'/>" * 500_000 + b"</definedNames>"),
        "kinds": (TYPES, b"</Types>", b"<Override PartName='/a' ContentType='b'/>" * (ROOM // 42)),
        "relations": (RELATIONS, b"</Rel", b"<Relationship Id='a' Type='b' Target='c'/>" * (ROOM // 42)),
    }
    for name, (part, mark, put) in many.items():
        yield name, with_part(part, before(mark, put))
    sheet = b'<sheet name="s%d" sheetId="%d" r:id="rId1" xmlns:r="' + OFFICE + b'"/>'
    for count in (20_000, 50):  # the second: one part, read as often as it is named
        yield (
            f"{count} sheets",
            with_part(BOOK, before(b"</sheets>", b"".join(sheet % (n, n) for n in range(9, count + 9)))),
        )
    yield "texts", packed(parts(workbook()) | {TEXTS: b'<sst xmlns="' + MAIN + b'">' + b"<si/>" * 4_000_000})


def heavy_tables() -> Iterator[tuple[str, bytes]]:
    """Markdown forms that grow the converter's work out of proportion."""
    for what in ("label::L", "bind::x", "media::image::L"):
        columns = " | ".join(f"{what}{number}" for number in range(20_000))
        yield (
            f"20,000 columns {what}",
            f"| survey |\n| | type | name | {columns} |\n| | text | a {'| x ' * 20_000}|\n".encode(),
        )
    yield "nested groups", _survey("| | begin group | g{} | L |\n", 5_000)
    yield "nested repeats", _survey("| | begin repeat | g{} | L |\n", 5_000)
    yield "one name 20,000 times", _survey("| | text | a | L |\n", 20_000)
    yield "20,000 unknown types", _survey("| | texx | a{} | L |\n", 20_000)
    yield "20,000 unknown names", _survey("| | note | a{} | ${{z{}}} |\n", 20_000)
    yield "references never closed", _survey("| | note | a{} | " + "${{" * 5_000 + " |\n", 20)
    yield "only pipes", b"|" * 5_000_000
    yield "many tables", b"".join(b"| s%d |\n| | a |\n" % number for number in range(50_000))


def _survey(line: str, count: int) -> bytes:
    head = "| survey |\n| | type | name | label |\n"
    return (head + "".join(line.format(number, number) for number in range(count))).encode()
