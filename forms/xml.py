"""The one strict door for XML: UTF-8 only, no DOCTYPE, no entities, no network, bounded size of structure.
A form that was written elsewhere may be in another encoding, if it says so (``in_utf8``).

Both forms and submissions come in through here; what comes out is an lxml tree and text in NFC.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from typing import cast

from lxml import etree

from forms.problems import Problem

MAX_NODES = 100_000
MAX_ATTRIBUTES = 60_000
_ENCODING = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_DECLARED = re.compile(r"""(<\?xml[^>]*?)\s+encoding\s*=\s*["'][^"']*["']""")
_SAFE_ENCODINGS = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_OTHER_ENCODINGS = {"iso-8859-1", "iso-8859-15", "windows-1252", "windows-1258"}
_COUNT = etree.XPath("count(//*)")


class _Mine(threading.local):
    """One parser for each thread: lxml serialises threads that share one."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )


_mine = _Mine()


def parse(data: bytes, *, scale: int = 1) -> etree._Element:
    """The root element, or a Problem that says why these bytes are not acceptable XML.

    ``scale`` widens the bounds: a form with long lists is larger than any interview.
    """
    body = data.removeprefix(b"\xef\xbb\xbf")
    _check_bytes(body, scale)
    try:
        root = etree.fromstring(body, _mine.parser)
    except etree.XMLSyntaxError as error:
        raise _broken(error) from None
    # XPath counts in C; a loop in Python would cost more than the parsing.
    if cast(float, _COUNT(root)) > MAX_NODES * scale:
        raise Problem("submission_too_complex", what="elements")
    return root


def encoding_of(form: bytes) -> str:
    """The encoding a form is written in: that of its mark, else the one it declares, else UTF-8."""
    if form.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    declared = _ENCODING.match(form.removeprefix(b"\xef\xbb\xbf"))
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    return name if name in _OTHER_ENCODINGS else "utf-8"


def in_utf8(form: bytes) -> bytes:
    """The same form in UTF-8, for reading it; what is served stays as it came."""
    encoding = encoding_of(form)
    if encoding == "utf-8":
        return form
    try:
        text = form.decode(encoding)
    except UnicodeDecodeError as error:
        raise Problem("submission_not_utf8", reason=f"{encoding}, byte {error.start}") from None
    return _DECLARED.sub(r"\1", text, count=1).encode()


def local(element: etree._Element) -> str:
    """The element's name without its namespace."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2] if "}" in tag else tag


def text_of(element: etree._Element) -> str:
    """The element's own text in NFC, without blanks around it."""
    raw = element.text
    if not raw:
        return ""
    raw = raw.strip()
    return raw if raw.isascii() else unicodedata.normalize("NFC", raw)


def declares_other_encoding(body: bytes) -> str:
    """The encoding an XML declaration names when it is another than UTF-8 or ASCII; else nothing."""
    declared = _ENCODING.match(body)
    return declared[1].decode("ascii") if declared and declared[1].lower() not in _SAFE_ENCODINGS else ""


def _check_bytes(body: bytes, scale: int) -> None:
    if b"\0" in body:
        raise Problem("submission_not_utf8", reason="NUL")
    other = declares_other_encoding(body)
    if other:
        raise Problem("submission_not_utf8", reason=other)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("submission_not_utf8", reason=f"byte {error.start}") from None
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Problem("submission_has_doctype")
    # Counted before parsing: an element with very many attributes is slow to build, not only to read.
    if body.count(b"=") > MAX_ATTRIBUTES * scale:
        raise Problem("submission_too_complex", what="attributes")


def _broken(error: etree.XMLSyntaxError) -> Problem:
    line = error.position[0] if error.position else 0
    if "depth" in str(error):
        return Problem("submission_too_complex", what="depth")
    return Problem("submission_not_xml", line=line)
