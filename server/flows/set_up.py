"""Setting up an office: database, official units, the shipped questionnaire, one open round, the first administrator.

Idempotent: running it again repairs what is missing and changes nothing that is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import resources

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from server.flows.form_files import ZONE
from server.flows.people import add_person
from server.flows.publish_form import publish_form
from server.store import forms, people, rounds, schema, units
from server.store.base import begin_writing
from server.store.rounds import Round
from sync.places import official
from sync.places.unit import Unit

ADMINISTRATOR = "Quản trị"


@dataclass
class SetUp:
    """What was done now; empty fields were there already."""

    units: int = 0
    practice: int = 0
    published: list[str] = field(default_factory=list)
    round: str = ""
    administrator: str = ""
    password: str = ""


def set_up(
    engine: Engine, session: Session, *, practice: bool, url: str, now: datetime, admin_password: str
) -> SetUp:
    """Everything above, in one transaction after the migrations."""
    schema.upgrade(engine)
    begin_writing(session)
    done = SetUp()
    done.units = _official_units(session)
    if practice:
        done.practice = _practice_villages(session)
    done.published = list(_questionnaires(session, now))
    done.round = _first_round(session, now)
    _administrator(session, done, url, now, admin_password)
    session.commit()
    return done


def _official_units(session: Session) -> int:
    have = {(unit.code, unit.valid_from) for unit in units.all_units(session)}
    return units.keep(session, [u for u in official.official_units() if (u.code, u.valid_from) not in have])


def _practice_villages(session: Session) -> int:
    """Practice villages only while the office has no list of its own."""
    villages = [unit for unit in units.all_units(session) if unit.level == "village"]
    if villages:
        return 0
    return units.keep(session, _practice())


def _practice() -> list[Unit]:
    return list(official.practice_villages())


def _questionnaires(session: Session, now: datetime) -> Iterator[str]:
    folder = resources.files("forms") / "questionnaires"
    for survey in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not survey.is_dir():
            continue
        for file in sorted(survey.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".md") and file.name != "README.md":
                yield from _ship(session, file.name, file.read_bytes(), now)


def _ship(session: Session, filename: str, source: bytes, now: datetime) -> Iterator[str]:
    if any(form.source == source for form in forms.all_versions(session)):
        return
    made = publish_form(session, source, filename, {}, now=now, by=None)
    yield f"{made.form_id} {made.version}"


def _first_round(session: Session, now: datetime) -> str:
    if rounds.all_rounds(session):
        return ""
    today = now.astimezone(ZONE).date()
    session.add(
        Round(
            id=str(today.year),
            name=f"Đợt khảo sát {today.year}",
            state="open",
            period_from=date(today.year, 1, 1),
            period_to=date(today.year, 12, 31),
            opened_at=now,
        )
    )
    return str(today.year)


def _administrator(session: Session, done: SetUp, url: str, now: datetime, password: str) -> None:
    if people.any_administrator(session) is not None:
        return
    today = now.astimezone(ZONE).date()
    added = add_person(
        session,
        name=ADMINISTRATOR,
        role="administrator",
        area=(),
        url=url,
        now=now,
        today=today,
        password=password,
    )
    done.administrator, done.password = added.name, added.password
