"""Where a visit was placed before the gazetteer changed: kept as it was, append-only, never derived again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from server.store.base import Base, PlainJson, UtcTime
from server.store.derived import VISITS
from server.store.submissions import DERIVATIONS

TAGS = ("ward_valid_from", "location", "made_by")


class PastPlace(Base):
    """The tag that a visit had until ``replaced_at``, under the gazetteer of that time."""

    __tablename__ = "past_places"

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    submission_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    gazetteer: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    ward_code: Mapped[str | None] = mapped_column(sa.String(20))
    ward_valid_from: Mapped[date | None]
    village_code: Mapped[str | None] = mapped_column(sa.String(20))
    location: Mapped[Any] = mapped_column(PlainJson)
    replaced_at: Mapped[datetime] = mapped_column(UtcTime)


PAST_PLACES: sa.Table = PastPlace.__table__  # type: ignore[assignment]


def visit(connection: Connection, province: str, submission_id: str) -> Any:
    """The visit as it is tagged now; None where there is none."""
    return connection.execute(
        sa.select(
            VISITS.c.ward_code,
            VISITS.c.ward_valid_from,
            VISITS.c.village_code,
            VISITS.c.visited_on,
            VISITS.c.location,
            VISITS.c.made_by,
        ).where(VISITS.c.province_code == province, VISITS.c.submission_id == submission_id)
    ).first()


def retag(connection: Connection, row: dict[str, Any], problem: Any, now: datetime) -> None:
    """Give a visit the tag of ``row``, after keeping the one it has."""
    province, submission_id = row["province_code"], row["submission_id"]
    old = visit(connection, province, submission_id)
    assert old is not None
    key = {
        "province_code": province,
        "submission_id": submission_id,
        "gazetteer": (old.made_by or {}).get("gazetteer", ""),
    }
    kept = sa.select(PAST_PLACES.c.gazetteer).where(*(PAST_PLACES.c[name] == key[name] for name in key))
    if connection.scalar(kept) is None:
        tag = {
            name: getattr(old, name) for name in ("ward_code", "ward_valid_from", "village_code", "location")
        }
        connection.execute(sa.insert(PAST_PLACES), [{**key, **tag, "replaced_at": now}])
    connection.execute(
        sa.update(VISITS)
        .where(VISITS.c.province_code == province, VISITS.c.submission_id == submission_id)
        .values({name: row[name] for name in TAGS})
    )
    connection.execute(
        sa.update(DERIVATIONS)
        .where(DERIVATIONS.c.province_code == province, DERIVATIONS.c.submission_id == submission_id)
        .values(problem=problem)
    )


def of_visit(connection: Connection, province: str, submission_id: str) -> Iterable[sa.Row[Any]]:
    """The earlier tags of a visit, the first one ("as collected") first."""
    return connection.execute(
        sa.select(PAST_PLACES)
        .where(PAST_PLACES.c.province_code == province, PAST_PLACES.c.submission_id == submission_id)
        .order_by(PAST_PLACES.c.replaced_at, PAST_PLACES.c.gazetteer)
    ).all()
