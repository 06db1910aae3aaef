"""Expressions that no client can read: an open quote or bracket, quotation marks of a word processor.

The converter passes them on unread, and the phone would only meet them in a family's house.
Source: XPath 1.0, 3.7 (literals have no escapes, so a quote runs to the next of its kind).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from forms.problems import Problem
from forms.schema import FormSchema

_KINDS = ("relevant", "required", "constraint", "calculate")
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_PAIRS = {")": "(", "]": "["}
_TYPOGRAPHIC = "‘’“”„"


def broken_expressions(schema: FormSchema, rows: Mapping[str, int]) -> Iterator[Problem]:
    """Every expression of the form that cannot be read; ``rows`` are the survey sheet's rows by question."""
    for field in schema.fields.values():
        for kind in _KINDS:
            mark = broken_at(getattr(field.bind, kind) or "")
            if mark:
                row = rows.get(field.name)
                where = f"survey, hàng {row}" if row else field.path
                yield Problem(
                    "form_broken_expression", where=where, question=field.name, column=kind, mark=mark
                )


def broken_at(expression: str) -> str | None:
    """The first quote or bracket that is open, closed twice or not of XPath; None where there is none."""
    bare = _LITERAL.sub("", expression)
    opened: list[str] = []
    for mark in bare:
        if mark in "'\"" or mark in _TYPOGRAPHIC:
            return mark
        if mark in "([":
            opened.append(mark)
        elif mark in _PAIRS and (not opened or opened.pop() != _PAIRS[mark]):
            return mark
    return opened[-1] if opened else None
