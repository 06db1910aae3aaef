"""A workbook's zip archive judged before anyone opens it: how much it unpacks to, macros, and the XML inside.

Small files may stand for hours of work: three million empty styles pack into 42 kB. What is counted are the marks
that cost time and memory, ``<`` and ``=``, before any of it is parsed.
"""

from __future__ import annotations

import re
import zipfile

from forms.problems import Problem
from forms.xml import declares_other_encoding

MAX_PARTS = 2_000
MAX_UNPACKED = 25 * 1024 * 1024
MAX_SHEETS = 200
# Marks of rows, cells and their texts in all parts together; and of everything else, which costs far more each.
MAX_CELL_MARKS, MAX_OTHER_MARKS = 800_000, 100_000
_OTHER_MARK = re.compile(rb"<(?!/?(?:\w{1,8}:)?(?:row|c|v|is|si|t)[\s/>])")
_IN_TWO_BYTES = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0\0<", b"Lo\xa7\x94")


def check_archive(archive: zipfile.ZipFile) -> None:
    """Raises a Problem for what no form needs; reads every part once."""
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Problem("form_zip_bomb")
    room = _Room()
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
        if _is_xml(body):
            room.take(body)


class _Room:
    """How many marks may still come."""

    def __init__(self) -> None:
        self._sheets, self._marks, self._other = MAX_SHEETS, MAX_CELL_MARKS, MAX_OTHER_MARKS

    def take(self, body: bytes) -> None:
        """Cheap counts first: what they refuse is not looked at more closely."""
        self._sheets -= body.count(b"sheetId")
        self._marks -= max(body.count(b"<"), body.count(b"="))
        if self._sheets < 0 or self._marks < 0:
            raise Problem("form_zip_bomb")
        self._other -= sum(1 for _ in _OTHER_MARK.finditer(body))
        if self._other < 0:
            raise Problem("form_zip_bomb")


def _is_xml(body: bytes) -> bool:
    """Whether it is XML in UTF-8, not a picture or the like; refuses XML that hides what it is."""
    if body.startswith(_IN_TWO_BYTES) or declares_other_encoding(body):
        raise Problem("form_unreadable", reason="encoding")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Problem("form_unreadable", reason="DOCTYPE")
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
