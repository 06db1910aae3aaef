"""The ministry's workbook of a round: the database as a snapshot, the template applied, the audit log told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy.orm import Session

from exports.ministry.snapshot import Child, Household, Job, Meta, Profile, Snapshot, Variant, WayStep
from exports.ministry.workbook import build
from exports.ministry.xlsx import write
from forms.problems import Problem
from server.access.rules import Who
from server.flows.authorities import authorities
from server.flows.export_units import EVERYONE, export_units, known
from server.flows.form_files import ZONE
from server.flows.places import gazetteer
from server.labour.ages import age_interval, possible_births
from server.store import audit, decisions, export_rows, lists, people, rounds
from server.store.decisions import ClassDecision
from server.store.overview import PlaceOf, as_collected
from server.store.rounds import Round
from sync.places.as_of import AsOf
from sync.places.authorities import Authorities
from sync.places.gazetteer import Gazetteer

COMMAND_LINE = "mangnon"


@dataclass(frozen=True)
class Workbook:
    """``rows`` counts the data rows per sheet."""

    content: bytes
    filename: str
    round_id: str
    rows: dict[str, int]
    sha256: str


def ministry_workbook(
    session: Session,
    *,
    round_id: str | None,
    variant: str,
    now: datetime,
    by: Who | None,
    on: date | None = None,
) -> Workbook:
    """The workbook of one round, cut to the area of who asks. Raises ``round_unknown``.

    With ``on``, households stand in the units of that day; without, where they were collected.
    """
    chosen = chosen_round(session, round_id)
    snapshot = make_snapshot(session, chosen, now=now, by=by, on=on)
    workbook = build(snapshot, variant=cast(Variant, variant))
    content = write(workbook)
    rows = {sheet.plan.name: len(sheet.rows) for sheet in workbook.sheets}
    audit.tell(
        session,
        now=now,
        person_id=by.id if by else None,
        action="export.ministry",
        subject=chosen.id,
        variant=variant,
        rows=rows,
        on=on.isoformat() if on else None,
    )
    name = f"mangnon-{chosen.id}-{variant}{f'-{on}' if on else ''}.xlsx"
    return Workbook(content, name, chosen.id, rows, hashlib.sha256(content).hexdigest())


def chosen_round(session: Session, round_id: str | None) -> Round:
    """The round asked for, else the open one, else the newest."""
    known = rounds.all_rounds(session)
    found = (
        session.get(Round, round_id)
        if round_id
        else rounds.open_round(session) or (known[0] if known else None)
    )
    if found is None:
        names = ", ".join(entry.id for entry in known) or "–"
        raise Problem("round_unknown", round=(round_id or "")[:40], known=names)
    return found


def make_snapshot(
    session: Session, chosen: Round, *, now: datetime, by: Who | None, on: date | None = None
) -> Snapshot:
    """Everything of the round within the person's area, as plain data."""
    places = gazetteer(session)
    today = now.astimezone(ZONE).date()
    visits = export_rows.visits(session, chosen.id, by)
    observations = export_rows.observations(session, chosen.id, by)
    kept = {row.id for row in observations}
    confirmed = decisions.standing(session)
    place = AsOf(places, on).place if on else as_collected
    list_day = on or min(today, chosen.period_to)
    names = {person.id: person.name for person in people.everyone(session)}
    jobs = [row for row in export_rows.jobs(session, chosen.id) if row.observation_id in kept]
    households = tuple(_household(row, place, places, on) for row in visits)
    return Snapshot(
        meta=_meta(session, chosen, now, list_day, by),
        units=export_units(
            places, households, on=list_day, as_collected=on is None, by=by or EVERYONE, today=today
        ),
        units_on=on,
        households=households,
        children=tuple(_child(row, confirmed.get(row.id), names) for row in observations),
        jobs=tuple(_job(row, {o.id: o.child_id for o in observations}) for row in jobs),
    )


def _meta(session: Session, chosen: Round, now: datetime, day: date, by: Who | None) -> Meta:
    bodies = authorities(session)
    return Meta(
        round_id=chosen.id,
        round_name=chosen.name,
        created_at=now.astimezone(ZONE),
        created_by=by.name if by else COMMAND_LINE,
        profiles=tuple(
            Profile(id=name, version=version) for name, version in export_rows.profiles(session, chosen.id)
        ),
        period_from=chosen.period_from,
        period_to=chosen.period_to,
        admin_list_date=day,
        **bodies_of_report(bodies, on=day),
        late=late_interviews(session, chosen, by),
    )


def late_interviews(session: Session, chosen: Round, by: Who | None) -> int | None:
    """How many interviews of the area have arrived since the round was closed; None while it is open."""
    if chosen.state == "open":
        return None
    return lists.count_submissions(
        session, by or EVERYONE, lists.Search(round_id=chosen.id, state="late", newest=True)
    )


def bodies_of_report(known: Authorities, *, on: date) -> dict[str, Any]:
    """Who draws the report up, who receives it, its way and the ministries behind, as they were on that day."""
    names = {name: body.name for name, body in known.on(on).items()}
    way = known.way("child_protection", on=on)
    first = way[0] if way else None
    return {
        "issuer": names.get(first.from_authority, "") if first else "",
        "recipient": names.get(first.to_authority, "") if first else "",
        "way": tuple(
            WayStep(
                names.get(step.from_authority, step.from_authority),
                names.get(step.to_authority, step.to_authority),
                step.assumed,
            )
            for step in way
        ),
        "child_ministries": tuple(body.name for body in known.ministries("child_protection", on=on)),
        "labour_ministries": tuple(body.name for body in known.ministries("labour", on=on)),
    }


def _household(row: Any, place: PlaceOf, places: Gazetteer, on: date | None) -> Household:
    facts: dict[str, Any] = row.facts
    day = on or row.visited_on
    ward, village = (
        known(places, code, day) for code in place(row.ward_code, row.village_code, row.visited_on)
    )
    return Household(
        id=row.household_id,
        ward=ward,
        village=village,
        interview_date=row.visited_on,
        latitude=row.lat,
        longitude=row.lon,
        collaborator=row.person_id[:8],
        **{
            name: facts.get(name)
            for name in (
                "number",
                "result",
                "members",
                "children",
                "poverty",
                "income",
                "housing",
                "informed",
                "consent_position",
                "consent_referral",
                "head_name",
                "phone",
            )
        },
    )


CHILD_FACTS = (
    "name",
    "ethnicity",
    "personal_number",
    "lives_with",
    "parents",
    "disability",
    "in_school",
    "grade",
    "highest_grade",
    "highest_grade_code",
    "absent_days",
    "works",
    "chores_hours",
    "in_danger",
    "note",
)


def _child(row: Any, decision: ClassDecision | None, names: dict[str, str]) -> Child:
    facts: dict[str, Any] = row.facts
    result: dict[str, Any] = row.result
    findings = result["findings"]
    birth = row.case["birth_date"]
    youngest, oldest = age_interval(possible_births(birth), row.reference_to) if birth else (None, None)
    return Child(
        id=row.child_id,
        household_id=row.household_id,
        class_=row.class_,
        birth=birth,
        sex=row.case["sex"],
        age_months=row.age_months,
        age_months_min=youngest,
        age_months_max=oldest,
        reference_date=row.reference_to,
        hours_week=row.hours_week,
        hours_day_max=row.hours_day_max,
        findings=tuple(finding["code"] + finding["suffix"] for finding in findings),
        articles=tuple(dict.fromkeys(article for finding in findings for article in finding["articles"])),
        unlawful=bool(row.unlawful),
        procedural_only=bool(row.procedural_only),
        risk_factors=tuple(row.case.get("risk_factors") or ()),
        injuries=_codes(facts, "injuries") or (),
        support_received=_codes(facts, "support_received"),
        support_needed=_codes(facts, "support_needed") or (),
        found_on=row.visited_on,
        confirmed_class=decision.confirmed if decision else None,
        confirmed_at=decision.at.astimezone(ZONE).date() if decision else None,
        confirmed_by=names.get(decision.person_id) if decision else None,
        confirmed_reason=decision.reason if decision else None,
        source="khao_sat",
        **{name: facts.get(name) for name in CHILD_FACTS},
    )


JOB_CODES = ("banned_jobs", "places", "hazard_answers")
JOB_FACTS = tuple(
    name
    for name in Job.__dataclass_fields__
    if name not in ("child_id", "position", "approval_number", *JOB_CODES)
)


def _job(row: Any, child_of: dict[str, str]) -> Job:
    facts: dict[str, Any] = row.facts
    values: dict[str, Any] = {name: facts.get(name) for name in JOB_FACTS}
    values |= {name: _codes(facts, name) or () for name in JOB_CODES}
    return Job(child_id=child_of[row.observation_id], position=row.position, **values)


def _codes(facts: dict[str, Any], name: str) -> tuple[str, ...] | None:
    value = facts.get(name)
    return None if value is None else tuple(str(code) for code in value)
