"""One office in a test: its application, its clock, and people by role."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from server.flows.people import Added, add_person
from server.store.base import begin_writing, db

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Template:
    """An office set up once: its data folder and, on PostgreSQL, its database."""

    folder: Path
    database: str = ""


@dataclass
class Clock:
    """A clock that tests set."""

    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, **step: float) -> None:
        self.moment += timedelta(**step)


@dataclass
class Office:
    """One office in a test: its application, clock and people by role."""

    app: Flask
    clock: Clock
    people: dict[str, Added] = field(default_factory=dict)

    def add(self, name: str, role: str, *area: str) -> Added:
        with self.app.app_context():
            session = db.session()
            begin_writing(session)
            added = add_person(
                session,
                name=name,
                role=role,
                area=area,
                url="http://127.0.0.1:8000",
                now=self.clock(),
                today=self.clock().date(),
            )
            session.commit()
        self.people[name] = added
        return added
