"""The office's own list of bodies and report routes, over those that ship with the program."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base
from sync.places.authorities import Authority, ReportRoute

# Stands in a key for "since ever": a key may not be empty.
_EVER = date.min


class AuthorityRow(Base):
    __tablename__ = "authorities"

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    name: Mapped[str] = mapped_column(sa.String(200))
    level: Mapped[str] = mapped_column(sa.String(20))
    functions: Mapped[str] = mapped_column(sa.String(200))
    source: Mapped[str] = mapped_column(sa.String(200), default="")
    label: Mapped[str] = mapped_column(sa.String(200), default="")


class ReportRouteRow(Base):
    __tablename__ = "report_routes"

    report_type: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    from_authority: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    to_authority: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    due_rule: Mapped[str] = mapped_column(sa.String(40), default="")
    source: Mapped[str] = mapped_column(sa.String(200), default="")
    label: Mapped[str] = mapped_column(sa.String(200), default="")


def bodies(session: Session) -> list[Authority]:
    """The bodies that the office has loaded."""
    return [
        Authority(
            id=row.id,
            name=row.name,
            level=row.level,
            functions=tuple(row.functions.split(";")),
            valid_from=None if row.valid_from == _EVER else row.valid_from,
            valid_to=row.valid_to,
            source=row.source,
            label=row.label,
        )
        for row in session.scalars(sa.select(AuthorityRow))
    ]


def routes(session: Session) -> list[ReportRoute]:
    """The steps that the office has loaded."""
    return [
        ReportRoute(
            report_type=row.report_type,
            step=row.step,
            from_authority=row.from_authority,
            to_authority=row.to_authority,
            valid_from=None if row.valid_from == _EVER else row.valid_from,
            valid_to=row.valid_to,
            due_rule=row.due_rule,
            source=row.source,
            label=row.label,
        )
        for row in session.scalars(sa.select(ReportRouteRow))
    ]


def keep(session: Session, entries: Iterable[Authority | ReportRoute]) -> None:
    """Insert or replace these bodies and steps."""
    for entry in entries:
        session.merge(_body_row(entry) if isinstance(entry, Authority) else _route_row(entry))
    session.flush()


def _body_row(body: Authority) -> AuthorityRow:
    return AuthorityRow(
        id=body.id,
        valid_from=body.valid_from or _EVER,
        valid_to=body.valid_to,
        name=body.name,
        level=body.level,
        functions=";".join(body.functions),
        source=body.source,
        label=body.label,
    )


def _route_row(route: ReportRoute) -> ReportRouteRow:
    return ReportRouteRow(
        report_type=route.report_type,
        step=route.step,
        from_authority=route.from_authority,
        to_authority=route.to_authority,
        valid_from=route.valid_from or _EVER,
        valid_to=route.valid_to,
        due_rule=route.due_rule,
        source=route.source,
        label=route.label,
    )
