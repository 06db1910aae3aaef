"""Replacing what one submission has given, and fingerprinting all that is derived.

A household's and a child's own row shows the newest visit (by reception), whatever order derivation ran in.
"""

from __future__ import annotations

import hashlib
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from server.store.children import Child, FindingRow, JobRow, JudgementRow, Observation
from server.store.households import Household, Visit
from server.store.submissions import SUBMISSIONS

HOUSEHOLDS: sa.Table = Household.__table__  # type: ignore[assignment]
VISITS: sa.Table = Visit.__table__  # type: ignore[assignment]
CHILDREN: sa.Table = Child.__table__  # type: ignore[assignment]
OBSERVATIONS: sa.Table = Observation.__table__  # type: ignore[assignment]
JOBS: sa.Table = JobRow.__table__  # type: ignore[assignment]
JUDGEMENTS: sa.Table = JudgementRow.__table__  # type: ignore[assignment]
FINDINGS: sa.Table = FindingRow.__table__  # type: ignore[assignment]
TABLES = (FINDINGS, JUDGEMENTS, JOBS, OBSERVATIONS, VISITS, CHILDREN, HOUSEHOLDS)


class DerivedRows(Protocol):
    """What ``replace`` stores: rows by table, as the flow worked them out."""

    household: dict[str, Any] | None
    visit: dict[str, Any] | None
    children: list[dict[str, Any]]
    observations: list[dict[str, Any]]
    jobs: list[dict[str, Any]]
    judgements: list[dict[str, Any]]
    findings: list[dict[str, Any]]


def replace(connection: Connection, province: str, submission_id: str, rows: DerivedRows | None) -> None:
    """Take away what this submission gave before and put in what it gives now."""
    before = _ids_of(connection, province, submission_id)
    _delete(connection, province, submission_id)
    if rows is not None and rows.household is not None and rows.visit is not None:
        _put_identity(
            connection, HOUSEHOLDS, rows.household, _household_newer(connection, rows, submission_id)
        )
        connection.execute(sa.insert(VISITS), [rows.visit])
        for child, observation in zip(rows.children, rows.observations, strict=True):
            newer = _child_newer(connection, province, child["id"], submission_id)
            _put_identity(connection, CHILDREN, child, newer)
            connection.execute(sa.insert(OBSERVATIONS), [_column_names(observation)])
        for table, values in ((JOBS, rows.jobs), (JUDGEMENTS, rows.judgements), (FINDINGS, rows.findings)):
            if values:
                connection.execute(sa.insert(table), [_column_names(value) for value in values])
    _drop_orphans(connection, province, before)


def fingerprint(connection: Connection) -> str:
    """One SHA-256 over every derived row, in key order."""
    digest = hashlib.sha256()
    for table in TABLES:
        digest.update(table.name.encode())
        for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns)):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _column_names(row: dict[str, Any]) -> dict[str, Any]:
    return {("class" if key == "class_" else key): value for key, value in row.items()}


def _received(connection: Connection, province: str, submission_id: str) -> tuple[Any, str]:
    row = connection.execute(
        sa.select(SUBMISSIONS.c.received_at).where(
            SUBMISSIONS.c.province_code == province, SUBMISSIONS.c.id == submission_id
        )
    ).one()
    return row[0], submission_id


def _later(connection: Connection, province: str, submission_id: str) -> sa.ColumnElement[bool]:
    """Whether a joined submission was received after this one (ties by id, so that any order gives one answer)."""
    at, own = _received(connection, province, submission_id)
    return sa.or_(
        SUBMISSIONS.c.received_at > at, sa.and_(SUBMISSIONS.c.received_at == at, SUBMISSIONS.c.id > own)
    )


def _household_newer(connection: Connection, rows: DerivedRows, submission_id: str) -> bool:
    assert rows.visit is not None
    province = rows.visit["province_code"]
    found = connection.scalar(
        sa.select(VISITS.c.submission_id)
        .join(
            SUBMISSIONS,
            sa.and_(
                SUBMISSIONS.c.province_code == VISITS.c.province_code,
                SUBMISSIONS.c.id == VISITS.c.submission_id,
            ),
        )
        .where(VISITS.c.province_code == province, VISITS.c.household_id == rows.visit["household_id"])
        .where(_later(connection, province, submission_id))
        .limit(1)
    )
    return found is not None


def _child_newer(connection: Connection, province: str, child_id: str, submission_id: str) -> bool:
    found = connection.scalar(
        sa.select(OBSERVATIONS.c.id)
        .join(
            SUBMISSIONS,
            sa.and_(
                SUBMISSIONS.c.province_code == OBSERVATIONS.c.province_code,
                SUBMISSIONS.c.id == OBSERVATIONS.c.submission_id,
            ),
        )
        .where(OBSERVATIONS.c.province_code == province, OBSERVATIONS.c.child_id == child_id)
        .where(_later(connection, province, submission_id))
        .limit(1)
    )
    return found is not None


def _put_identity(connection: Connection, table: sa.Table, row: dict[str, Any], newer: bool) -> None:
    """Insert or refresh an identity row; one that a newer visit wrote stays."""
    same = sa.and_(table.c.province_code == row["province_code"], table.c.id == row["id"])
    known = connection.scalar(sa.select(table.c.id).where(same))
    if known is None:
        connection.execute(sa.insert(table), [row])
    elif not newer:
        connection.execute(sa.update(table).where(same).values(**row))


def _ids_of(connection: Connection, province: str, submission_id: str) -> tuple[list[str], list[str]]:
    mine = sa.and_(OBSERVATIONS.c.province_code == province, OBSERVATIONS.c.submission_id == submission_id)
    children = list(connection.scalars(sa.select(OBSERVATIONS.c.child_id).where(mine)))
    visit = sa.and_(VISITS.c.province_code == province, VISITS.c.submission_id == submission_id)
    return list(connection.scalars(sa.select(VISITS.c.household_id).where(visit))), children


def _delete(connection: Connection, province: str, submission_id: str) -> None:
    mine = sa.select(OBSERVATIONS.c.id).where(
        OBSERVATIONS.c.province_code == province, OBSERVATIONS.c.submission_id == submission_id
    )
    for table in (FINDINGS, JUDGEMENTS, JOBS):
        connection.execute(
            sa.delete(table).where(table.c.province_code == province, table.c.observation_id.in_(mine))
        )
    for table in (OBSERVATIONS, VISITS):
        connection.execute(
            sa.delete(table).where(table.c.province_code == province, table.c.submission_id == submission_id)
        )


def _drop_orphans(connection: Connection, province: str, before: tuple[list[str], list[str]]) -> None:
    """Identity rows that no visit speaks of any more (an edit may have removed a child)."""
    households, children = before
    seen = sa.select(OBSERVATIONS.c.child_id).where(OBSERVATIONS.c.province_code == province)
    if children:
        connection.execute(
            sa.delete(CHILDREN).where(
                CHILDREN.c.province_code == province, CHILDREN.c.id.in_(children), CHILDREN.c.id.not_in(seen)
            )
        )
    visited = sa.select(VISITS.c.household_id).where(VISITS.c.province_code == province)
    if households:
        connection.execute(
            sa.delete(HOUSEHOLDS).where(
                HOUSEHOLDS.c.province_code == province,
                HOUSEHOLDS.c.id.in_(households),
                HOUSEHOLDS.c.id.not_in(visited),
            )
        )
