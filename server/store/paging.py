"""Paging by key: a page begins after (or ends before) a given row, whatever has been added meanwhile.

The address of a page holds the id of a row, never a name; the row's sort key is looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

PAGE = 50


@dataclass(frozen=True)
class Cursor:
    """Where the page begins: ``after`` a row going on, ``before`` a row going back, neither at the start."""

    after: str = ""
    before: str = ""


@dataclass(frozen=True)
class Page:
    """The rows of one page; ``before`` and ``after`` are row ids to page on from, None at the ends."""

    rows: list[Any]
    before: str | None
    after: str | None


def fetch(
    session: Session,
    query: sa.Select[Any],
    *,
    key: sa.ColumnElement[Any],
    row_id: Any,
    down: bool,
    cursor: Cursor,
    size: int = PAGE,
) -> Page:
    """One page of a query that has ``row_id`` labelled ``id``; ``key`` is never null."""
    anchor_id = cursor.before or cursor.after
    anchor = session.execute(query.with_only_columns(key, row_id).where(row_id == anchor_id)).first()
    back = bool(cursor.before) and anchor is not None
    falling = down != back
    if anchor is not None:
        query = query.where(_beyond(key, row_id, anchor, falling))
    order = (key.desc(), row_id.desc()) if falling else (key.asc(), row_id.asc())
    rows = list(session.execute(query.order_by(None).order_by(*order).limit(size + 1)))
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    has_before = more if back else anchor is not None
    has_after = True if back else more
    return Page(rows, rows[0].id if has_before else None, rows[-1].id if has_after else None)


def _beyond(key: Any, row_id: Any, anchor: Any, falling: bool) -> sa.ColumnElement[bool]:
    at, own = anchor[0], anchor[1]
    if falling:
        return sa.or_(key < at, sa.and_(key == at, row_id < own))
    return sa.or_(key > at, sa.and_(key == at, row_id > own))
