"""The format as data: reads a template folder into sheets, columns and versioned code lists.

A template says which sheets and columns there are, in which order, under which labels, from which value of
the row's record, and with which code list. Nothing here knows a child.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from exports.ministry.snapshot import ExtraCode, Variant
from forms.problems import Problem

CURRENT = "LSCL-MOH/1.0"
TYPES = frozenset(
    {"any", "code", "codes", "date", "degrees", "findings", "int", "label", "labels", "number"}
    | {"partial", "percent", "text", "unit", "yesno", "yesno_label"}
)


@dataclass(frozen=True)
class Code:
    """One code of one version of a list, in force from ``valid_from`` to the day ``valid_to`` included."""

    system: str
    version: str
    code: str
    label: str
    valid_from: date | None = None
    valid_to: date | None = None
    title: str = ""
    basis: str = ""

    def in_force(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True)
class Correspondence:
    """Which code of one version of a list answers to which of another; a code that became several is left out."""

    system: str
    from_version: str
    to_version: str
    codes: Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """One column; ``source`` names the value of the row's record that fills it."""

    id: str
    label: str
    type: str
    source: str
    list: str = ""  # names of code lists, separated by "|"
    version: str = ""  # the value that says which version of the list
    required: bool = False
    identifying: bool = False
    only: str = ""  # the only variant that has this column; "" = both
    width: int = 0
    formula: str = ""
    basis: str = ""

    @property
    def lists(self) -> tuple[str, ...]:
        return tuple(self.list.split("|")) if self.list else ()

    def stands_in(self, variant: Variant) -> bool:
        return self.only in ("", variant) and not (self.identifying and variant == "deidentified")


@dataclass(frozen=True)
class SheetPlan:
    """One sheet of the format."""

    name: str
    title: str
    purpose: str
    columns: tuple[Column, ...]

    def for_variant(self, variant: Variant) -> SheetPlan:
        return replace(self, columns=tuple(c for c in self.columns if c.stands_in(variant)))


@dataclass(frozen=True)
class Template:
    """One version of the workbook's format."""

    id: str
    title: str
    status: str
    sheets: tuple[SheetPlan, ...]
    codes: tuple[Code, ...]
    correspondences: tuple[Correspondence, ...] = ()

    def with_codes(self, extra: Sequence[ExtraCode]) -> Template:
        """The template with the codes of published questionnaires that it does not know itself."""
        known = {(code.system, code.version, code.code) for code in self.codes}
        more = tuple(
            Code(e.system, e.version, e.code, e.label, e.valid_from, e.valid_to)
            for e in extra
            if (e.system, e.version, e.code) not in known
        )
        return replace(self, codes=self.codes + more)


class Codes:
    """Looks codes up in the lists of a template."""

    def __init__(self, codes: Sequence[Code], correspondences: Sequence[Correspondence] = ()) -> None:
        self._found: dict[tuple[str, str], list[Code]] = {}
        self._between = {(c.system, c.from_version, c.to_version): c.codes for c in correspondences}
        for code in codes:
            self._found.setdefault((code.system, code.code), []).append(code)

    def find(self, lists: Sequence[str], code: str, *, version: str | None, day: date | None) -> Code | None:
        """The code in one of the lists, in the asked version (any, if not known) and in force on the day."""
        for name in lists:
            for entry in self._found.get((name, code), ()):
                if (version is None or entry.version == version) and (day is None or entry.in_force(day)):
                    return entry
        return None

    def translate(self, system: str, code: str, version: str, *, day: date) -> tuple[str, str]:
        """The code and version of the day that answer to a recorded code; as recorded where no single one does."""
        recorded = self.find((system,), code, version=version, day=None)
        if recorded is None or recorded.in_force(day):
            return code, version
        for (name, before, after), answers in self._between.items():
            if (name, before) == (system, version) and code in answers:
                found = self.find((system,), answers[code], version=after, day=day)
                if found is not None:
                    return found.code, found.version
        return code, version

    def parted(self, lists: Sequence[str], code: str, version: str | None) -> bool:
        """Whether a code of that version became several, so that it can only be given out as recorded."""
        return version is not None and any(
            (name, before) in ((system, version) for system in lists)
            and code not in answers
            and self.find((name,), code, version=version, day=None) is not None
            for (name, before, _), answers in self._between.items()
        )


@cache
def load_template(format_id: str = CURRENT) -> Template:
    """The shipped template of that id, or a Problem."""
    folder = resources.files("exports.ministry") / "templates" / format_id.replace("/", "-")
    if "/" not in format_id or not (folder / "format.toml").is_file():
        raise Problem("export_format_unknown", format_id=format_id)
    files = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    return read_template(files)


def read_template(files: Mapping[str, str]) -> Template:
    """A template from the texts of its files, by name; ``format.toml`` is its head."""
    try:
        parts = {name: tomllib.loads(text) for name, text in sorted(files.items())}
        head = parts.pop("format.toml")
        plans = {plan.name: plan for part in parts.values() for plan in map(_sheet, part.get("sheet", ()))}
        lists = [entry for part in parts.values() for entry in part.get("list", ())]
        codes = tuple(code for entry in lists for code in _codes(entry))
        between = [entry for part in parts.values() for entry in part.get("correspondence", ())]
        sheets = tuple(plans[name] for name in head["sheets"])
        template = Template(
            head["id"],
            head["title"],
            head["status"],
            sheets,
            codes,
            tuple(Correspondence(**c) for c in between),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Problem("export_format_broken", reason=str(error)) from error
    _check(template)
    return template


def _sheet(entry: Mapping[str, Any]) -> SheetPlan:
    columns = tuple(Column(**column) for column in entry["columns"])
    return SheetPlan(entry["name"], entry["title"], entry["purpose"], columns)


def _codes(entry: Mapping[str, Any]) -> Iterator[Code]:
    for code, label in entry["codes"]:
        yield Code(
            entry["system"],
            entry["version"],
            code,
            label,
            entry.get("valid_from"),
            entry.get("valid_to"),
            entry["title"],
            entry.get("basis", ""),
        )


def _check(template: Template) -> None:
    systems = {code.system for code in template.codes}
    for sheet in template.sheets:
        if len(sheet.name) > 31 or set(sheet.name) & set(r"[]:*?/\\"):
            raise Problem("export_format_broken", where=sheet.name, reason="sheet name")
        if len({column.id for column in sheet.columns}) != len(sheet.columns):
            raise Problem("export_format_broken", where=sheet.name, reason="column twice")
        for column in sheet.columns:
            if column.type not in TYPES or not set(column.lists) <= systems:
                place = f"{sheet.name}.{column.id}"
                raise Problem("export_format_broken", where=place, reason="type or list")
    keys = {(code.system, code.version, code.code) for code in template.codes}
    if len(keys) != len(template.codes):
        raise Problem("export_format_broken", reason="code twice")
    for between in template.correspondences:
        for before, after in between.codes.items():
            ends = ((between.from_version, before), (between.to_version, after))
            if any((between.system, version, code) not in keys for version, code in ends):
                raise Problem("export_format_broken", where=between.system, reason=f"{before} = {after}")
