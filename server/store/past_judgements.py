"""Judgements that a newer profile has replaced: kept as they were, append-only, never derived again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.store.base import Base, PlainJson, UtcTime
from server.store.children import JudgementRow, Observation


class PastJudgement(Base):
    __tablename__ = "past_judgements"

    province_code: Mapped[str] = mapped_column(sa.String(2), primary_key=True)
    observation_id: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    profile: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    version: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    input_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    result: Mapped[Any] = mapped_column(PlainJson)
    replaced_at: Mapped[datetime] = mapped_column(UtcTime)


def of_submission(session: Session, province: str, submission_id: str) -> dict[tuple[str, str], JudgementRow]:
    """The judgements that now stand for a submission, by (observation, profile)."""
    rows = session.scalars(
        sa.select(JudgementRow)
        .join(
            Observation,
            sa.and_(
                Observation.province_code == JudgementRow.province_code,
                Observation.id == JudgementRow.observation_id,
            ),
        )
        .where(Observation.province_code == province, Observation.submission_id == submission_id)
    )
    return {(row.observation_id, row.profile): row for row in rows}


def keep(session: Session, rows: list[dict[str, Any]]) -> None:
    """Keep replaced judgements; one that was kept before stays as it is."""
    for row in rows:
        key = tuple(
            row[name] for name in ("province_code", "observation_id", "profile", "version", "input_hash")
        )
        if session.get(PastJudgement, key) is None:
            session.add(PastJudgement(**row))
    session.flush()
