"""Where the households of a round live, exactly: only those that agreed to their position being written down."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.access.rules import Who
from server.store.area import in_area
from server.store.counting import newest_visits
from server.store.households import Visit


@dataclass(frozen=True)
class ExactPoint:
    submission_id: str
    lat: float
    lon: float
    accuracy: float | None


def exact_points(session: Session, round_id: str, who: Who) -> list[ExactPoint]:
    """The newest visit of every household in the person's area."""
    rows = session.execute(
        sa.select(Visit.submission_id, Visit.lat, Visit.lon, Visit.accuracy)
        .where(
            in_area(who),
            Visit.submission_id.in_(newest_visits(round_id)),
            Visit.lat.is_not(None),
            Visit.lon.is_not(None),
        )
        .order_by(Visit.submission_id)
    )
    return [ExactPoint(row[0], row[1] or 0.0, row[2] or 0.0, row[3]) for row in rows]
