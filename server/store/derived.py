"""Replacing what one submission has given, and fingerprinting all that is derived.

A household's and a child's own row is settled from all visits, whatever order derivation ran in (``identity``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from server.store import identity
from server.store.children import Child, FindingRow, JobRow, JudgementRow, Observation
from server.store.households import Household, Visit

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


def replace(
    connection: Connection,
    province: str,
    submission_id: str,
    rows: DerivedRows | None,
    groups: Mapping[str, str],
) -> None:
    """Take away what this submission gave before and put in what it gives now; ``groups``: children joined."""
    households, children = _ids_of(connection, province, submission_id)
    _delete(connection, province, submission_id)
    if rows is not None and rows.household is not None and rows.visit is not None:
        identity.ensure(connection, "household", rows.household)
        connection.execute(sa.insert(VISITS), [rows.visit])
        for child, observation in zip(rows.children, rows.observations, strict=True):
            identity.ensure(connection, "child", child)
            connection.execute(sa.insert(OBSERVATIONS), [_column_names(observation)])
        for table, values in ((JOBS, rows.jobs), (JUDGEMENTS, rows.judgements), (FINDINGS, rows.findings)):
            if values:
                connection.execute(sa.insert(table), [_column_names(value) for value in values])
        households.append(rows.household["id"])
        children += [child["id"] for child in rows.children]
    for child_id in sorted(set(children)):
        identity.settle_child(connection, province, child_id, groups.get(child_id, child_id))
    for household_id in sorted(set(households)):
        identity.settle_household(connection, province, household_id)


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
