"""A child as a list tells of it: one line of a CSV, made comparable. Pure: bytes in, records or a Problem out."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forms.problems import Problem
from sync.people.births import Birth, read_birth
from sync.people.names import Name, read_name
from sync.text import fold

COLUMNS = ("id", "name", "birth", "sex", "ward", "village", "mother", "father", "personal_id")
NEEDED = ("id", "name")
_SEX = {
    **dict.fromkeys(("nam", "trai", "male", "m", "boy", "1", "con trai", "be trai"), "male"),
    **dict.fromkeys(("nữ", "nu", "gái", "gai", "female", "f", "girl", "2", "con gái", "bé gái"), "female"),
}


@dataclass(frozen=True, eq=False)
class Person:
    """What two lists may agree on; empty where a list does not say."""

    id: str
    name: Name
    birth: Birth
    sex: str
    ward: str
    village: str
    mother: Name
    father: Name
    number: str


def read_person(row: Mapping[str, str | None]) -> Person:
    """One row, by the names of ``COLUMNS``; what is missing or not understood is "not known"."""
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    return Person(
        id=cells["id"],
        name=read_name(cells["name"]),
        birth=read_birth(cells["birth"]),
        sex=_SEX.get(unicodedata.normalize("NFC", cells["sex"]).lower(), ""),
        ward=_place(cells["ward"]),
        village=_place(cells["village"]),
        mother=read_name(cells["mother"]),
        father=read_name(cells["father"]),
        number=_number(cells["personal_id"]),
    )


def read_people(rows: Iterable[Mapping[str, str | None]]) -> list[Person]:
    return [read_person(row) for row in rows]


def read_csv(data: bytes) -> list[Person]:
    """The children of a CSV (UTF-8 or the UTF-16 of a spreadsheet; comma, semicolon or tab), in file order."""
    text = _decoded(data)
    head = text.split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        reader.fieldnames = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        missing = [name for name in NEEDED if name not in reader.fieldnames]
        if missing:
            raise Problem("children_columns_missing", columns=", ".join(missing))
        people = read_people(reader)
    except csv.Error as error:
        raise Problem("children_csv_broken", line=reader.line_num, fault=str(error)) from None
    nameless = next((line for line, person in enumerate(people, 2) if not person.id), None)
    if nameless is not None:
        raise Problem("children_csv_broken", line=nameless, fault="id")
    return people


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Problem("children_csv_broken", line=line, fault="UTF-8") from None


def _place(text: str) -> str:
    """A code or a name of a place; the zeros a spreadsheet takes from the front of a code do not count."""
    key = fold(text)
    return key.lstrip("0") if key[:1].isdigit() else key


def _number(text: str) -> str:
    """The digits of a personal number; a zero that a spreadsheet took from the front is put back."""
    digits = re.sub(r"\D", "", text)
    return digits.zfill(12) if len(digits) >= 9 and digits.strip("0") else ""
