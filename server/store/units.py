"""Administrative units and villages with their validity dates. A unit is (code, valid_from), never the code alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base
from server.store.households import Visit
from sync.places.unit import Change, Key, Outline, Unit


class UnitRow(Base):
    __tablename__ = "units"

    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(20))
    level: Mapped[str] = mapped_column(sa.String(20))
    parent_code: Mapped[str | None] = mapped_column(sa.String(20), index=True)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    households: Mapped[int | None]
    verified: Mapped[str] = mapped_column(sa.String(20), default="")
    practice: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(sa.String(200), default="")


class UnitChange(Base):
    """What happened to the office's own villages: merged, renamed, moved. The 2025 mergers ship with the program."""

    __tablename__ = "unit_changes"

    on: Mapped[date] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    from_code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    to_code: Mapped[str] = mapped_column(sa.String(20), primary_key=True, default="")
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    source: Mapped[str] = mapped_column(sa.String(200), default="")


class OutlineRow(Base):
    """The boundary of a unit as well-known binary."""

    __tablename__ = "outlines"

    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    wkb: Mapped[bytes]
    source: Mapped[str] = mapped_column(sa.String(200), default="")


class UnitsStamp(Base):
    """One row that changes with every change of the lists above, so that caches know."""

    __tablename__ = "units_stamp"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


COLUMNS = tuple(column.name for column in UnitRow.__table__.columns)


def all_units(session: Session) -> list[Unit]:
    """Every unit as the gazetteer takes it, in stable order."""
    rows = session.execute(
        sa.select(UnitRow.__table__).order_by(UnitRow.__table__.c.code, UnitRow.__table__.c.valid_from)
    )
    return [Unit(**{name: getattr(row, name) for name in COLUMNS}) for row in rows]


def all_changes(session: Session) -> list[Change]:
    rows = session.scalars(
        sa.select(UnitChange).order_by(UnitChange.on, UnitChange.from_code, UnitChange.to_code)
    )
    return [
        Change(row.on, row.type, row.from_code, row.to_code or None, row.note, row.source)  # type: ignore[arg-type]
        for row in rows
    ]


def all_outlines(session: Session) -> list[Outline]:
    rows = session.scalars(sa.select(OutlineRow).order_by(OutlineRow.code, OutlineRow.valid_from))
    return [Outline.from_wkb(row.code, row.valid_from, row.wkb, row.source) for row in rows]


def keep(session: Session, units: Iterable[Unit]) -> int:
    """Insert or replace these units; says how many."""
    given = {unit.key: {name: getattr(unit, name) for name in COLUMNS} for unit in units}
    _put(session, UnitRow, given)
    touch(session)
    return len(given)


def _put(
    session: Session, table: type[UnitRow] | type[OutlineRow], given: Mapping[Key, Mapping[str, object]]
) -> None:
    """Rows by code and day: the known ones replaced, the others added at once (a province has tens of thousands)."""
    known = {(code, day) for code, day in session.execute(sa.select(table.code, table.valid_from))}
    for key in known & given.keys():
        session.merge(table(**given[key]))
    new = [dict(row) for key, row in given.items() if key not in known]
    if new:
        session.execute(sa.insert(table), new)


def keep_changes(session: Session, changes: Iterable[Change]) -> None:
    for change in changes:
        session.merge(
            UnitChange(
                on=change.date,
                type=change.type,
                from_code=change.from_code,
                to_code=change.to_code or "",
                note=change.note,
                source=change.source,
            )
        )
    touch(session)


def keep_outlines(session: Session, outlines: Iterable[Outline]) -> None:
    given: dict[Key, Mapping[str, object]] = {
        outline.key: {
            "code": outline.code,
            "valid_from": outline.valid_from,
            "wkb": outline.wkb(),
            "source": outline.source,
        }
        for outline in outlines
    }
    _put(session, OutlineRow, given)
    touch(session)


def end_practice(session: Session, begins: date, today: date) -> int:
    """The office's own list begins on a day: practice villages go by then.

    Those that were visited stay as a thing of the past, and so do all of them until a list of a later day begins.
    """
    visited = set(session.scalars(sa.select(Visit.village_code).distinct()))
    standing = sa.or_(UnitRow.valid_to.is_(None), UnitRow.valid_to >= begins)
    found = list(session.scalars(sa.select(UnitRow).where(UnitRow.practice.is_(True), standing)))
    for row in found:
        if row.code in visited or begins > today:
            row.valid_to = begins - timedelta(days=1)
        else:
            session.delete(row)
    touch(session)
    return len(found)


def touch(session: Session) -> None:
    """Say that the lists have changed."""
    row = session.get(UnitsStamp, 1)
    if row is None:
        session.add(UnitsStamp(id=1, number=1))
    else:
        row.number += 1
    session.flush()


def stamp(session: Session) -> int:
    """A mark that changes when a list changes."""
    return session.scalar(sa.select(UnitsStamp.number).where(UnitsStamp.id == 1)) or 0
