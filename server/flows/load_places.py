"""Loading the office's own list of villages, or boundaries: a report first, then all of it or nothing.

Old lists stay: what gives way to a later list ends the day before it, and is never taken away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from forms.problems import Problem
from server.flows.places import gazetteer
from server.store import audit, units
from sync.places.compare import Comparison, adopt, compare
from sync.places.gazetteer import Gazetteer
from sync.places.load import read_places
from sync.places.report import Finding, LoadReport


@dataclass(frozen=True)
class Preview:
    """The rows of the file, what they would change, and the gazetteer with them in it where nothing is wrong."""

    report: LoadReport
    changes: Comparison
    before: Gazetteer
    after: Gazetteer | None

    def as_data(self) -> dict[str, object]:
        told = self.report.as_data()
        return {**told, "refused": told["problems"], **self.changes.as_data()}


def preview(
    session: Session, content: bytes, filename: str, *, today: date, end_missing: bool = False
) -> Preview:
    """What the file would bring; changes nothing."""
    places = gazetteer(session)
    report = _with_future(_read(content, filename, places), today)
    changes = compare(places.units, report.units, report.changes, places)
    try:
        _check_conflicts(changes)
        after = adopt(places, report, end_missing=end_missing) if report.ok else None
    except Problem as problem:
        return Preview(_refused(report, problem), changes, places, None)
    return Preview(report, changes, places, after)


def _read(content: bytes, filename: str, places: Gazetteer) -> LoadReport:
    if not _is_geojson(content, filename):
        return read_places(content, places, source=filename[:200])
    from sync.places.geojson import read_geojson

    return read_geojson(content, places, source=filename[:200])


def load(
    session: Session,
    content: bytes,
    filename: str,
    *,
    now: datetime,
    today: date,
    by: str | None,
    end_missing: bool = False,
) -> Preview:
    """Load the whole file; raises ``places_refused`` with nothing loaded when any row is wrong."""
    seen = preview(session, content, filename, today=today, end_missing=end_missing)
    if seen.after is None:
        raise PlacesRefused(seen)
    begins = [unit.valid_from for unit in seen.report.units if unit.level == "village"]
    if begins:
        units.end_practice(session, max(today, min(begins)), today)
    known, changes = set(seen.before.units), set(seen.before.changes)
    units.keep(session, [unit for unit in seen.after.units if unit not in known])
    units.keep_changes(session, [change for change in seen.after.changes if change not in changes])
    units.keep_outlines(session, seen.report.outlines)
    audit.tell(
        session,
        now=now,
        person_id=by,
        action="places.load",
        subject=filename[:200],
        rows=seen.report.rows,
        gazetteer=seen.after.version,
    )
    return seen


def _is_geojson(content: bytes, filename: str) -> bool:
    """By its name, or by its first sign where a name says something else."""
    return (
        filename.lower().endswith((".geojson", ".json")) or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    )


def _with_future(report: LoadReport, today: date) -> LoadReport:
    """Say so when units are to come into force only later: a wrong year looks like that."""
    days = [unit.valid_from for unit in report.units if unit.valid_from > today]
    if not days:
        return report
    finding = Finding(0, Problem("places_future", count=len(days), day=min(days)))
    return replace(report, warnings=(finding, *report.warnings), warning_count=report.warning_count + 1)


def _check_conflicts(changes: Comparison) -> None:
    """One code for two villages at one time would write one over the other; from a later day on it is a new list."""
    clashing = [pair for pair in changes.conflicting if pair.old.key == pair.new.key]
    if clashing:
        pair = clashing[0]
        example = f"{pair.new.code}: {pair.old.name} / {pair.new.name}"
        raise Problem("places_conflicting", count=len(clashing), example=example)


def _refused(report: LoadReport, problem: Problem) -> LoadReport:
    return replace(
        report, problems=(Finding(0, problem), *report.problems), problem_count=report.problem_count + 1
    )


class PlacesRefused(Problem):
    """The list was refused; ``preview`` names every row."""

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        self.report = preview.report
        super().__init__("places_refused", count=preview.report.problem_count, rows=preview.report.rows)
