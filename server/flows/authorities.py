"""Who reports to whom: what ships with the program, with the office's own lists over it; loading such a list."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from forms.problems import Problem
from server.store import audit
from server.store import authorities as store
from sync.places.authorities import Authorities, shipped_authorities
from sync.places.load_authorities import AuthoritiesReport, read_authorities


class AuthoritiesRefused(Problem):
    """The list was refused; ``report`` names every row."""

    def __init__(self, report: AuthoritiesReport) -> None:
        self.report = report
        super().__init__("authorities_refused", count=len(report.problems), rows=report.rows)


def authorities(session: Session) -> Authorities:
    """All bodies and report routes that hold in this office."""
    return shipped_authorities().overlaid(store.bodies(session), store.routes(session))


def preview(session: Session, content: bytes) -> AuthoritiesReport:
    """What the file would bring; changes nothing."""
    return read_authorities(content, authorities(session))


def load(
    session: Session, content: bytes, filename: str, *, now: datetime, by: str | None
) -> AuthoritiesReport:
    """Load the whole file; raises ``authorities_refused`` with nothing loaded when any row is wrong."""
    report = preview(session, content)
    if not report.ok:
        raise AuthoritiesRefused(report)
    store.keep(session, report.kept)
    audit.tell(
        session, now=now, person_id=by, action="authorities.load", subject=filename[:200], rows=report.rows
    )
    return report
