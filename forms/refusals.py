"""What the converter says of a form, as our problems: in both languages, with sheet and row.

pyxform speaks English sentences; the commonest are known here by their wording, the rest is passed on as it is.
"""

from __future__ import annotations

import re

from forms.problems import Problem
from forms.sheets import Sheets

_KNOWN = (
    (re.compile(r"Unknown question type '([^']*)'"), "form_unknown_type"),
    (re.compile(r"Question or group with no name|Choices must have a name"), "form_without_name"),
    (re.compile(r"List name not in choices sheet: (\S+)"), "form_unknown_list"),
    (re.compile(r"Could not find the name '([^']*)'"), "form_unknown_reference"),
    (
        re.compile(r"the 'name' value '([^']*)' is invalid\. Questions, groups, and repeats must be"),
        "form_double_name",
    ),
    (re.compile(r"Choice names must be unique"), "form_double_choice"),
    (re.compile(r"Unmatched '(\w+)'"), "form_unmatched_group"),
    (re.compile(r"'name' value is invalid\. Names must begin"), "form_bad_name"),
    (re.compile(r"named '([^']*)' has no label or hint"), "form_without_label"),
    (re.compile(r"Missing calculation"), "form_without_calculation"),
    (re.compile(r"You must have a sheet named 'survey'"), "form_without_survey"),
)
_ROW = re.compile(r"\[\s*row\s*:\s*(\d+)\s*\]")
_SHEETS = r"['\"]?(survey|choices|settings|entities|external_choices|osm)['\"]?"
_ON_SHEET = re.compile(rf"on the {_SHEETS} sheet", re.IGNORECASE)
_ANY_SHEET = re.compile(rf"{_SHEETS}\s+sheet|sheet named {_SHEETS}", re.IGNORECASE)
_QUOTED = re.compile(r"['\"“]([^'\"“”]+)['\"”]")
# Our own lint says this one too, in both languages.
_SAID_BY_LINT = re.compile(r"max-pixels parameter")


def refused(message: str, sheets: Sheets) -> Problem:
    """The problem behind an error of the converter."""
    where = _where(message, sheets)
    for pattern, name in _KNOWN:
        found = pattern.search(message)
        if found:
            return Problem(name, where=where, **({"word": found[1]} if pattern.groups else {}))
    return Problem("form_refused", where=where, reason=_one_line(message))


def remark(message: str, sheets: Sheets) -> Problem | None:
    """The problem behind a warning of the converter; None where our lint says the same."""
    if _SAID_BY_LINT.search(message):
        return None
    return Problem("form_remark", where=_where(message, sheets), remark=_one_line(message))


def _where(message: str, sheets: Sheets) -> str:
    """Sheet and row of a message; where it names only a question or a type, the row of that."""
    row = _ROW.search(message)
    number = int(row[1]) if row else 0
    named = _ON_SHEET.search(message)
    if not number and not named:
        known = (sheets.rows.get(word) or sheets.types.get(word) for word in _QUOTED.findall(message))
        number = next((found for found in known if found), 0)
        named = None if number else _ANY_SHEET.search(message)
    sheet = "survey" if number else ""
    if named:
        sheet = next(part for part in named.groups() if part).lower()
    return ", ".join(part for part in (sheet, f"hàng {number}" if number else "") if part)


def _one_line(message: str) -> str:
    return " ".join(message.split())[:1000]
