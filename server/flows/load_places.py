"""Loading the office's own list of villages, or boundaries: a report first, then all of it or nothing."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from forms.problems import Problem
from server.flows.places import gazetteer
from server.store import audit, units
from sync.places.geojson import read_geojson
from sync.places.load import read_places
from sync.places.report import LoadReport


def preview(session: Session, content: bytes, filename: str) -> LoadReport:
    """What the file would bring; changes nothing."""
    places = gazetteer(session)
    if filename.lower().endswith((".geojson", ".json")):
        return read_geojson(content, places, source=filename)
    return read_places(content, places, source=filename)


def load(
    session: Session, content: bytes, filename: str, *, now: datetime, today: date, by: str | None
) -> LoadReport:
    """Load the whole file; raises ``places_refused`` with nothing loaded when any row is wrong."""
    report = preview(session, content, filename)
    if not report.ok:
        raise PlacesRefused(report)
    if any(unit.level == "village" for unit in report.units):
        units.end_practice(session, today)
    units.keep(session, report.units)
    units.keep_changes(session, report.changes)
    units.keep_outlines(session, report.outlines)
    audit.tell(session, now=now, person_id=by, action="places.load", subject=filename[:200], rows=report.rows)
    return report


class PlacesRefused(Problem):
    """The list was refused; ``report`` names every row."""

    def __init__(self, report: LoadReport) -> None:
        self.report = report
        super().__init__("places_refused", count=report.problem_count, rows=report.rows)
