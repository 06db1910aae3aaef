"""A form as it was sent (.xlsx, .md, .xml) becomes a published form, or Problems that say where and what cure.

The file is judged before anything opens it: size, unpacked size, macros, formulas. pyxform makes the XForm in
this process, without Java; ``forms.validate`` runs ODK Validate where Java is at hand.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from forms.expressions import broken_expressions
from forms.facts import declared_problems
from forms.lint import lint
from forms.problems import Problem, Problems
from forms.refusals import refused, remark
from forms.schema import FormSchema, read_schema
from forms.sheets import from_markdown
from forms.workbook import from_workbook

MAX_BYTES = 10 * 1024 * 1024
KINDS = (".xlsx", ".md", ".xml")
_FORM_ID = re.compile(r"[^\s\\<>&\"'\x00-\x1f]{1,100}")

_VALUE = re.compile(r"<value[^>]*/>|<value[^>]*>.*?</value>", re.DOTALL)
_TEXT = re.compile(r"(<text id=\"[^\"]*\">)(.*?)(</text>)", re.DOTALL)
_FORM = re.compile(r"<value form=\"([^\"]*)\"")


@dataclass(frozen=True)
class PublishedForm:
    """A form as phones get it; ``hash`` is of exactly these bytes.

    ``media`` names the files the form expects beside it; ``made`` holds those the conversion itself made.
    """

    form_id: str
    version: str
    title: str
    xform: bytes
    hash: str
    media: tuple[str, ...]
    made: tuple[tuple[str, bytes], ...]
    warnings: tuple[Problem, ...]


class _Converted(NamedTuple):
    xform: bytes
    made: tuple[tuple[str, bytes], ...]
    remarks: tuple[Problem, ...]
    rows: Mapping[str, int]


def publish(source: bytes, filename: str) -> PublishedForm:
    """The published form; raises ``Problems``. Same bytes and name, same result."""
    try:
        return _publish(source, filename)
    except Problem as problem:
        raise Problems([problem]) from None


def _publish(source: bytes, filename: str) -> PublishedForm:
    stem, kind = _kind(filename)
    if len(source) > MAX_BYTES:
        raise Problem("form_too_large", limit_mb=MAX_BYTES // (1024 * 1024))
    xform, made, remarks, rows = (
        _Converted(source, (), (), {}) if kind == ".xml" else _convert(source, stem, kind)
    )
    schema = _schema(xform)
    wrong = [*declared_problems(schema), *broken_expressions(schema, rows)]
    if wrong:
        raise Problems(wrong)
    return PublishedForm(
        form_id=schema.form_id,
        version=schema.version,
        title=schema.title or schema.form_id,
        xform=xform,
        hash=hash_of(xform),
        media=schema.media,
        made=made,
        warnings=(*remarks, *_nameless(schema), *lint(schema, rows)),
    )


def _nameless(schema: FormSchema) -> Iterator[Problem]:
    if "/meta/instanceID" not in schema.fields:
        yield Problem("form_without_instance_id")


def hash_of(xform: bytes) -> str:
    """The hash that clients compare: of the very bytes served."""
    return "md5:" + hashlib.md5(xform, usedforsecurity=False).hexdigest()


def _kind(filename: str) -> tuple[str, str]:
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    kind = (dot + ending).lower()
    if kind in {".xlsm", ".xltm", ".xlsb"}:
        raise Problem("form_has_macros")
    if kind not in KINDS:
        raise Problem("form_kind_unknown", filename=name[:100])
    return stem, kind


def _schema(xform: bytes) -> FormSchema:
    try:
        schema = read_schema(xform)
    except Problem as problem:
        if problem.kind.name.startswith("submission_"):
            raise Problem("form_unreadable", reason=problem.message("en")) from None
        raise
    if not _FORM_ID.fullmatch(schema.form_id):
        raise Problem("form_without_id")
    return schema


def _convert(source: bytes, stem: str, kind: str) -> _Converted:
    sheets = from_workbook(source) if kind == ".xlsx" else from_markdown(_decoded(source))
    name = re.sub(r"[^\w.-]+", "_", stem) or "form"
    remarks: list[str] = []
    try:
        result = convert({**sheets.definition, "fallback_form_name": name}, warnings=remarks, validate=False)
    except PyXFormError as error:
        raise refused(str(error), sheets) from None
    except RecursionError:
        raise Problem("form_unreadable", reason="nested too deeply") from None
    except Exception as error:
        # pyxform lets bare KeyError, TypeError and the like escape on odd sheets; no person may meet them raw.
        raise Problem("form_unreadable", reason=type(error).__name__) from None
    made = (("itemsets.csv", result.itemsets.encode()),) if result.itemsets else ()
    noted = [found for text in remarks if (found := remark(text, sheets)) is not None]
    return _Converted(_steady(result.xform).encode(), made, (*noted, *sheets.remarks), sheets.rows)


def _steady(xform: str) -> str:
    """The same bytes in every process: pyxform writes the forms of a translated text in the order of a set."""
    return _TEXT.sub(_ordered, xform)


def _ordered(text: re.Match[str]) -> str:
    values = _VALUE.findall(text[2])
    return text[1] + "".join(sorted(values, key=_form)) + text[3] if "".join(values) == text[2] else text[0]


def _form(value: str) -> str:
    """Which form of a text a value is: "" for the plain one, which comes first."""
    found = _FORM.match(value)
    return found[1] if found else ""


def _decoded(source: bytes) -> str:
    try:
        return source.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("form_unreadable", reason=f"UTF-8, byte {error.start}") from None
