"""Survey rounds: the period in which households are visited and counted together."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base, UtcTime

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Round(Base):
    """``reference_rule``: which week answers are about; the versions are those in force when the round opened."""

    __tablename__ = "rounds"
    __table_args__ = (sa.CheckConstraint("state in ('open','closed')", name="state"),)

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(10))
    period_from: Mapped[date]
    period_to: Mapped[date]
    opened_at: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    deadline: Mapped[date | None]
    reference_rule: Mapped[str] = mapped_column(sa.String(40), server_default="seven_days_before")
    form_id: Mapped[str | None] = mapped_column(sa.String(200))
    form_version: Mapped[str | None] = mapped_column(sa.String(100))
    gazetteer_version: Mapped[str | None] = mapped_column(sa.String(64))


class RoundVillage(Base):
    """The list of villages as it stood when the round opened, with the households registered in each."""

    __tablename__ = "round_villages"

    round_id: Mapped[str] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True)
    village_code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    ward_code: Mapped[str] = mapped_column(sa.String(20))
    ward_valid_from: Mapped[date | None]
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(20))
    households: Mapped[int | None]
    verified: Mapped[str] = mapped_column(sa.String(20), default="")


class Assignment(Base):
    """Who visits what in a round: a village (``unit_code``), or a household by its id."""

    __tablename__ = "assignments"

    round_id: Mapped[str] = mapped_column(sa.ForeignKey("rounds.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(sa.ForeignKey("people.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    target: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


def open_round(session: Session) -> Round | None:
    """The round now open; the newest if there are several."""
    return session.scalar(
        sa.select(Round).where(Round.state == "open").order_by(Round.opened_at.desc(), Round.id).limit(1)
    )


def all_rounds(session: Session) -> list[Round]:
    return list(session.scalars(sa.select(Round).order_by(Round.opened_at.desc(), Round.id)))


def opened_on(session: Session, round_id: str) -> date | None:
    """The day whose villages the round keeps."""
    found = session.get(Round, round_id)
    return found.opened_at.astimezone(ZONE).date() if found else None


def villages(session: Session, round_id: str) -> list[RoundVillage]:
    return list(
        session.scalars(
            sa.select(RoundVillage)
            .where(RoundVillage.round_id == round_id)
            .order_by(RoundVillage.ward_code, RoundVillage.village_code)
        )
    )


def assignments(session: Session, round_id: str) -> list[Assignment]:
    return list(
        session.scalars(
            sa.select(Assignment)
            .where(Assignment.round_id == round_id)
            .order_by(Assignment.person_id, Assignment.kind, Assignment.target)
        )
    )
