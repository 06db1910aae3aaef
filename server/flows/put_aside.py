"""Refused deliveries are kept for an officer, as far as they go: bounded for each device in number and size, so that
a broken client cannot fill the disk. Devices name themselves, so a person's devices together are bounded too.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forms.problems import Problem
from server.flows.receive_submission import Sender
from server.store.base import one_at_a_time
from server.store.submissions import SET_ASIDE
from sync import digest

DEVICES = 5


def put_aside(
    connection: Connection,
    xml: bytes,
    problem: Problem,
    sender: Sender,
    *,
    now: datetime,
    most: int,
    size: int,
) -> bool:
    """Whether the bytes are kept now, or were already; ``most`` and ``size`` bound one device."""
    table, mark = SET_ASIDE.c, digest.of_bytes(xml)
    one_at_a_time(connection, f"set_aside {sender.person_id}")
    mine = sa.case((table.device_id.is_not_distinct_from(sender.device_id), 1), else_=0)
    count, total, own_count, own_total, same = connection.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(table.size), 0),
            sa.func.coalesce(sa.func.sum(mine), 0),
            sa.func.coalesce(sa.func.sum(mine * table.size), 0),
            sa.func.coalesce(sa.func.sum(sa.case((table.content_hash == mark, 1), else_=0)), 0),
        ).where(table.person_id == sender.person_id)
    ).one()
    if same:
        return True
    full = own_count >= most or own_total + len(xml) > size
    if full or count >= DEVICES * most or total + len(xml) > DEVICES * size:
        return False
    connection.execute(
        sa.insert(SET_ASIDE).values(
            id=str(uuid4()),
            received_at=now,
            person_id=sender.person_id,
            device_id=sender.device_id,
            problem=problem.as_data(),
            content=xml,
            content_hash=mark,
            size=len(xml),
        )
    )
    return True
