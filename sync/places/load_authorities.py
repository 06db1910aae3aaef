"""A list of bodies or of report routes from CSV: what it would add, correct and end, told before anything changes.

Bodies: id,name,level,function,valid_from,valid_to[,source,label]. Routes:
report_type,step,from_authority,to_authority,valid_from,valid_to[,due_rule,source,label]. The header says which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from forms.problems import Problem
from sync.places.authorities import FUNCTIONS, LEVELS, REPORT_TYPES, Authorities, Authority, ReportRoute
from sync.places.csv_text import decoded, split
from sync.places.report import Finding
from sync.places.rows import Row, read_day, shown
from sync.text import fold

BODY_COLUMNS = ("id", "name", "level", "function", "valid_from", "valid_to")
ROUTE_COLUMNS = ("report_type", "step", "from_authority", "to_authority", "valid_from", "valid_to")
_OPTIONAL = ("due_rule", "source", "label")
_ID = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
_DUE = re.compile(r"|before:(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_LONGEST = 200

Entry = TypeVar("Entry", Authority, ReportRoute)


@dataclass(frozen=True)
class AuthoritiesReport:
    """The entries to keep, those that end because of them among these, and what is wrong."""

    rows: int
    added: tuple[Authority | ReportRoute, ...]
    corrected: tuple[Authority | ReportRoute, ...]
    ended: tuple[Authority | ReportRoute, ...]
    unchanged: int
    problems: tuple[Finding, ...]
    warnings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the whole file may be loaded."""
        return not self.problems

    @property
    def kept(self) -> tuple[Authority | ReportRoute, ...]:
        """Everything that must be written."""
        return (*self.added, *self.corrected, *self.ended)

    def as_data(self) -> dict[str, object]:
        """The report for JSON."""
        return {
            "ok": self.ok,
            "rows": self.rows,
            "added": [entry.as_data() for entry in self.added],
            "corrected": [entry.as_data() for entry in self.corrected],
            "ended": [entry.as_data() for entry in self.ended],
            "unchanged": self.unchanged,
            "refused_rows": len({finding.line for finding in self.problems if finding.line}),
            "refused": [finding.as_data() for finding in self.problems],
            "warnings": [finding.as_data() for finding in self.warnings],
        }


def read_authorities(data: bytes, known: Authorities) -> AuthoritiesReport:
    """What a CSV would bring to what is known. Never raises for what the file holds."""
    try:
        rows, bodies = _rows(data)
    except Problem as problem:
        return AuthoritiesReport(0, (), (), (), 0, (Finding(0, problem),), ())
    if bodies:
        return _report(rows, [(row, _body(row)) for row in rows], known.bodies, known)
    return _report(rows, [(row, _route(row, known)) for row in rows], known.routes, known)


def adopted(known: Authorities, report: AuthoritiesReport) -> Authorities:
    """What is known, with an accepted report in it."""
    bodies = [entry for entry in report.kept if isinstance(entry, Authority)]
    routes = [entry for entry in report.kept if isinstance(entry, ReportRoute)]
    return known.overlaid(bodies, routes)


def _rows(data: bytes) -> tuple[list[Row], bool]:
    _, lines = split(decoded(data))
    _, header = next(lines, (0, []))
    columns = [fold(cell).replace(" ", "_") for cell in header]
    bodies = "id" in columns
    wanted = BODY_COLUMNS if bodies else ROUTE_COLUMNS
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise Problem(
            "authority_columns",
            missing=", ".join(missing),
            bodies=",".join(BODY_COLUMNS),
            routes=",".join(ROUTE_COLUMNS),
        )
    rows = []
    for number, cells in lines:
        row = Row(number, f"dòng {number} (line {number})", dict(zip(columns, cells, strict=False)))
        if len(cells) > len(columns) or set(columns[len(cells) :]) & set(wanted):
            row.refuse("place_cells", expected=len(columns), found=len(cells))
        rows.append(row)
    if not rows:
        raise Problem("places_empty")
    return rows, bodies


def _body(row: Row) -> Authority | None:
    if row.problems:
        return None
    first, last = _period(row)
    functions = tuple(part for part in row.cell("function").replace(" ", "").split(";") if part)
    entry = Authority(
        id=_id(row, "id"),
        name=row.cell("name"),
        level=_one_of(row, "level", LEVELS),
        functions=functions,
        valid_from=first,
        valid_to=last,
        source=row.cell("source")[:_LONGEST],
        label=row.cell("label")[:_LONGEST],
    )
    if not entry.name or len(entry.name) > _LONGEST or not entry.name[0].isalnum():
        row.refuse("authority_value", column="name", value=shown(entry.name), known=f"1–{_LONGEST}")
    if not functions or not set(functions) <= set(FUNCTIONS):
        row.refuse(
            "authority_value",
            column="function",
            value=shown(row.cell("function")),
            known="; ".join(FUNCTIONS),
        )
    return None if row.problems else entry


def _route(row: Row, known: Authorities) -> ReportRoute | None:
    if row.problems:
        return None
    first, last = _period(row)
    step = row.cell("step")
    if not re.fullmatch("[1-9]", step):
        row.refuse("authority_value", column="step", value=shown(step), known="1–9")
    if not _DUE.fullmatch(row.cell("due_rule")):
        row.refuse(
            "authority_value", column="due_rule", value=shown(row.cell("due_rule")), known="before:11-15"
        )
    ends = [_id(row, "from_authority"), _id(row, "to_authority")]
    kind = _one_of(row, "report_type", REPORT_TYPES)
    if row.problems:
        return None
    there = known.on(first or date.min)
    for name in ends:
        if name not in there:
            row.refuse("route_body_unknown", id=name, on=first or "—")
    entry = ReportRoute(kind, int(step), ends[0], ends[1], first, last, row.cell("due_rule"))
    source, label = row.cell("source")[:_LONGEST], row.cell("label")[:_LONGEST]
    return None if row.problems else replace(entry, source=source, label=label)


def _period(row: Row) -> tuple[date | None, date | None]:
    days: list[date | None] = []
    for name in ("valid_from", "valid_to"):
        text = row.cell(name)
        days.append(read_day(text) if text else None)
        if text and days[-1] is None:
            row.refuse("place_date", value=shown(text))
    first, last = days
    if first and last and last < first:
        row.refuse("authority_days", first=first, last=last)
    return first, last


def _id(row: Row, name: str) -> str:
    text = row.cell(name)
    if not _ID.fullmatch(text):
        row.refuse("authority_value", column=name, value=shown(text), known="a–z 0–9 _")
    return text


def _one_of(row: Row, name: str, values: Iterable[str]) -> str:
    text = row.cell(name)
    if text not in values:
        row.refuse("authority_value", column=name, value=shown(text), known=", ".join(values))
    return text


def _report(
    rows: list[Row], read: list[tuple[Row, Entry | None]], standing: tuple[Entry, ...], known: Authorities
) -> AuthoritiesReport:
    first: dict[object, Row] = {}
    for row, entry in read:
        if entry is not None and first.setdefault(entry.key, row) is not row:
            row.refuse("authority_twice", line=first[entry.key].number)
    new = [entry for row, entry in read if entry is not None and not row.problems]
    had = {entry.key: entry for entry in standing}
    ended = tuple(_ended(standing, new))
    report = AuthoritiesReport(
        rows=len(rows),
        added=tuple(entry for entry in new if entry.key not in had),
        corrected=tuple(entry for entry in new if had.get(entry.key, entry) != entry),
        ended=ended,
        unchanged=sum(1 for entry in new if had.get(entry.key) == entry),
        problems=tuple(Finding(row.number, problem) for row in rows for problem in row.problems),
        warnings=(),
    )
    return replace(report, warnings=tuple(_left_alone(adopted(known, report)))) if report.ok else report


def _ended(standing: tuple[Entry, ...], new: list[Entry]) -> Iterator[Entry]:
    """What gives way: a body to its next row, the whole way of a report type to one that begins later."""
    given = {entry.key for entry in new}
    begins: dict[str, date] = {}
    for entry in new:
        if entry.valid_from is not None:
            begins[_line(entry)] = min(entry.valid_from, begins.get(_line(entry), date.max))
    for entry in standing:
        until = begins.get(_line(entry))
        earlier = until is not None and (entry.valid_from or date.min) < until
        if (
            until
            and earlier
            and entry.key not in given
            and (entry.valid_to is None or entry.valid_to >= until)
        ):
            yield replace(entry, valid_to=until - timedelta(days=1))


def _line(entry: Authority | ReportRoute) -> str:
    return entry.id if isinstance(entry, Authority) else entry.report_type


def _left_alone(after: Authorities) -> Iterator[Finding]:
    """Steps that name a body on a day on which it is no more, or not yet."""
    for route in after.routes:
        for day in (route.valid_from or date.min, route.valid_to or date.max):
            there = after.on(day)
            for name in (route.from_authority, route.to_authority):
                if name not in there:
                    problem = Problem(
                        "route_without_body", type=route.report_type, step=route.step, id=name, on=day
                    )
                    yield Finding(0, problem)
