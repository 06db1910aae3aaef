"""What a phone must fetch of the households and children in its area: everything at first, then only what changed.

The cursor carries a mark of the area it was given for; when a person's area changes, the phone gets everything anew.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.access.rules import Who
from server.store import entity_log
from server.store.children import Child, Observation
from server.store.households import Household, Visit
from server.store.submissions import Submission

_CURSOR = re.compile(r"([0-9]{1,12})\.([0-9a-f]{8})")


def changes(session: Session, who: Who, cursor: str) -> dict[str, Any]:
    """Households, children and what is gone since the cursor; ``full`` when the phone should forget what it had."""
    area = None if who.everywhere else tuple(sorted(who.area))
    mark = hashlib.sha256(repr(area).encode()).hexdigest()[:8]
    since = _since(cursor, mark)
    newest = entity_log.newest(session)
    households = entity_log.households(session, area, since)
    children = entity_log.children(session, area, since)
    there = {row.id for row in households} | {child.id for child, _ in children}
    gone = [] if since == 0 else _gone(session, area, since, there)
    last = _last_seen(session, [child for child, _ in children])
    return {
        "cursor": f"{newest}.{mark}",
        "full": since == 0,
        "households": [_household(row) for row in households],
        "children": [_child(child, last.get((child.province_code, child.id), {})) for child, _ in children],
        "gone": gone,
    }


def _since(cursor: str, mark: str) -> int:
    if not cursor:
        return 0
    known = _CURSOR.fullmatch(cursor)
    if known is None:
        raise Problem("cursor_unknown")
    return int(known[1]) if known[2] == mark else 0


def _gone(
    session: Session, area: tuple[str, ...] | None, since: int, there: set[str]
) -> list[dict[str, str]]:
    """A household that is gone takes its children with it; children that left alone are named."""
    return [
        {"kind": kind, "id": entity_id}
        for kind in ("household", "child")
        for entity_id in sorted(entity_log.touched(session, kind, area, since) - there)
    ]


def _household(row: Household) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "label": f"{row.village_code or ''} / {row.number if row.number is not None else '?'}",
        "ward": row.ward_code,
        "village": row.village_code,
        "number": row.number,
        "head_name": row.head_name,
    }


def _child(row: Child, last: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "label": row.name or "",
        "household_id": row.household_id,
        "name": row.name,
        "sex": row.sex,
        "birth": row.birth,
        **last,
    }


def _last_seen(session: Session, children: list[Child]) -> dict[tuple[str, str], dict[str, Any]]:
    """What the form may show of the last visit: when it was, school and work then. No judgement leaves the office."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    ids = [child.id for child in children]
    for start in range(0, len(ids), 500):
        rows = session.execute(
            sa.select(
                Observation.province_code,
                Observation.child_id,
                Observation.works,
                Observation.facts,
                Visit.visited_on,
            )
            .join(
                Visit,
                sa.and_(
                    Visit.province_code == Observation.province_code,
                    Visit.submission_id == Observation.submission_id,
                ),
            )
            .join(
                Submission,
                sa.and_(
                    Submission.province_code == Visit.province_code, Submission.id == Visit.submission_id
                ),
            )
            .where(Observation.child_id.in_(ids[start : start + 500]))
            .order_by(Submission.received_at, Submission.id)
        )
        for row in rows:
            found[row.province_code, row.child_id] = {
                "last_visit": row.visited_on.isoformat() if row.visited_on else None,
                "last_in_school": row.facts.get("in_school"),
                "last_works": row.works,
            }
    return found
