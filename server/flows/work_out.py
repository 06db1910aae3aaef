"""What one interview says: household, place, children, jobs and the law's judgement, as plain rows.

Pure: bytes, form, gazetteer and dates in, rows out; the same input gives the same rows, ids included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from forms.facts import ChildFacts, HouseholdFacts, Position, collect
from forms.problems import Problem
from forms.read import EntityRef, Row, read_submission
from forms.schema import FormSchema
from server.flows import law_case
from server.flows.round_of import Frame, round_of
from server.labour.judge import Judgement, judge
from server.store import departures
from server.store.identity import CHILD_FIELDS, HOUSEHOLD_FIELDS
from sync.places.gazetteer import Gazetteer
from sync.places.locate import Location
from sync.places.points import locate_kept
from sync.text import fold

ENGINE = "1"
NATIONAL = "VN-LC2019"
LONGEST_ID = 64
SIMPLE = frozenset({str, int, float, bool, type(None)})


@dataclass(frozen=True)
class Source:
    """The submission as far as derivation needs it; ``round_id`` is the round that was open at reception."""

    province: str
    submission_id: str
    instance_id: str
    xml: bytes
    round_id: str | None
    received_on: date
    form: tuple[str, str] = ("", "")
    rounds: tuple[Frame, ...] = ()


@dataclass
class Rows:
    """Rows by table; ``flag`` is something an officer should look at, though the interview could be read."""

    household: dict[str, Any] | None = None
    visit: dict[str, Any] | None = None
    children: list[dict[str, Any]] = field(default_factory=list)
    observations: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    judgements: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)
    departures: list[dict[str, Any]] = field(default_factory=list)
    flag: Problem | None = None


def work_out(source: Source, schema: FormSchema, form_version: str, places: Gazetteer) -> Rows:
    """Everything this interview gives; empty rows for a form that declares no facts."""
    record = read_submission(source.xml, schema)
    facts = collect(record, schema)
    rows = Rows()
    if schema.entities:
        rows.entities = _entities(source, record.answers)
    if facts is None:
        return rows
    visited = law_case.as_date(facts.values.get("interview_date")) or source.received_on
    source = _in_its_round(source, visited)
    reference = law_case.household_reference(facts, visited)
    location = _locate(facts, places, visited)
    household_id = facts.entity.id if facts.entity and facts.entity.id else _made_id(source, "household")
    ward, rows.flag = _ward_of_record(facts, places, visited)
    rows.household = _household(source, facts, household_id, ward)
    rows.visit = {
        "province_code": source.province,
        "submission_id": source.submission_id,
        "household_id": household_id,
        "round_id": source.round_id,
        "visited_on": visited,
        "reference_to": reference,
        "result": facts.values.get("result"),
        "ward_code": ward,
        "ward_valid_from": unit.valid_from if ward and (unit := places.find(ward, on=visited)) else None,
        "village_code": facts.values.get("village"),
        **_position(facts),
        "location": location.as_data(),
        "facts": plain(dict(facts.values)),
        "made_by": {"form": form_version, "engine": ENGINE, "gazetteer": places.version},
        "entity": _edit(facts.entity, rows.household, HOUSEHOLD_FIELDS),
    }
    for entity in rows.entities:
        entity |= {"ward_code": ward, "village_code": facts.values.get("village")}
    _children(source, facts, household_id, reference, rows)
    return rows


def _in_its_round(source: Source, visited: date) -> Source:
    """The source with the round of the interview's own day."""
    own = round_of(
        source.rounds,
        visited=visited,
        received=source.received_on,
        at_reception=source.round_id,
        form=source.form,
    )
    return replace(source, round_id=own)


def _entities(source: Source, answers: Row) -> list[dict[str, Any]]:
    """What the interview creates or updates, outermost first."""
    return [
        {
            "province_code": source.province,
            "submission_id": source.submission_id,
            "position": position,
            "dataset": entity.dataset,
            "entity_id": entity.id,
            "label": entity.label,
            "properties": dict(entity.properties),
            "ward_code": None,
            "village_code": None,
        }
        for position, entity in enumerate(_walk(answers), start=1)
        if entity.action and entity.id and len(entity.id) <= LONGEST_ID
    ]


def _walk(row: Row) -> Iterator[EntityRef]:
    yield from row.entities
    for rows in row.repeats.values():
        for inner in rows:
            yield from _walk(inner)


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    kind = type(value)
    if kind in SIMPLE:
        return value
    if kind is dict:
        return {key: entry if type(entry) in SIMPLE else plain(entry) for key, entry in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, set | frozenset):
        return sorted(plain(entry) for entry in value)  # a set has another order in every process
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value


def _edit(entity: EntityRef | None, row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """What this visit says of who someone is, and the version it began from; a blank answer erases nothing."""
    said = {name: row[name] for name in names if row[name] is not None}
    if entity is None or entity.action != "update":
        return {"values": said, "action": "create"}
    versions = {"base": entity.base_version, "trunk": entity.trunk_version, "branch": entity.branch_id}
    return {"values": said, "action": "update", **versions}


def _locate(facts: HouseholdFacts, places: Gazetteer, on: date) -> Location:
    """The position as a second opinion; a position or village nobody knows leaves the declared place alone."""
    position, village = facts.values.get("position"), facts.values.get("village")
    at = position if isinstance(position, Position) else None
    place, _problem = locate_kept(
        places,
        lat=at.lat if at else None,
        lon=at.lon if at else None,
        accuracy=at.accuracy if at else None,
        declared=str(village) if village else None,
        on=on,
    )
    return place


def _position(facts: HouseholdFacts) -> dict[str, float | None]:
    """The exact point, only where the family agreed to it."""
    position = facts.values.get("position")
    if not isinstance(position, Position) or facts.values.get("consent_position") is False:
        return {"lat": None, "lon": None, "accuracy": None}
    return {"lat": position.lat, "lon": position.lon, "accuracy": position.accuracy}


def _ward_of_record(facts: HouseholdFacts, places: Gazetteer, on: date) -> tuple[str | None, Problem | None]:
    """The declared ward, and a flag where the declared village does not belong to it."""
    ward, village = facts.values.get("ward"), facts.values.get("village")
    if not ward:
        return None, None
    if places.find(str(ward), on=on) is None:
        return str(ward), Problem("ward_unknown", ward=ward, on=on)
    unit = places.find(str(village), on=on) if village else None
    # A village of an older list names the ward of its time; the ward that this one has become counts.
    if village and (unit is None or places.on(on).ward_of(unit) != ward):
        return str(ward), Problem("village_not_of_ward", village=village, ward=ward, on=on)
    return str(ward), None


def _household(source: Source, facts: HouseholdFacts, household_id: str, ward: str | None) -> dict[str, Any]:
    name = facts.values.get("head_name")
    return {
        "province_code": source.province,
        "id": household_id,
        "ward_code": ward,
        "village_code": facts.values.get("village"),
        "number": facts.values.get("number"),
        "head_name": name,
        "head_key": fold(str(name)) if name else None,
    }


def _children(source: Source, facts: HouseholdFacts, household_id: str, reference: date, rows: Rows) -> None:
    left = {child.position: kind for child in facts.children if (kind := _departure(child, reference))}
    for child in facts.children:
        if child.position in left:
            _left(source, child, household_id, left[child.position], rows)
    chosen = [
        child
        for child in facts.children
        if child.position not in left and law_case.is_child(child.values, reference)
    ]
    cases = {
        child.position: law_case.law_case(child, f"{source.submission_id}.{child.position}", reference)
        for child in chosen
    }
    judged = {position: judge(case) for position, case in cases.items()}
    unlawful = {position for position, results in judged.items() if results[NATIONAL].unlawful}
    for position, case in cases.items():
        if unlawful - {position} and not case["jobs"]:
            cases[position] = law_case.with_sibling_risk(case)
            judged[position] = judge(cases[position])
    for child in chosen:
        _child(source, child, household_id, cases[child.position], judged[child.position], rows)


def _departure(child: ChildFacts, reference: date) -> str | None:
    """Why a known child is no longer one of this household's; nobody judges a child that is not there."""
    presence = child.values.get("presence")
    if presence in departures.KINDS:
        return str(presence)
    known = child.entity is not None and child.entity.action == "update"
    return "grown" if known and law_case.is_of_age(child.values, reference) else None


def _left(source: Source, child: ChildFacts, household_id: str, kind: str, rows: Rows) -> None:
    child_id = _child_id(source, child)
    row = {"province_code": source.province, "id": child_id, "household_id": household_id}
    rows.children.append({**row, "name": None, "name_key": None, "sex": None, "birth": None})
    rows.departures.append(
        {
            "province_code": source.province,
            "id": f"{source.submission_id}.{child.position}",
            "submission_id": source.submission_id,
            "child_id": child_id,
            "round_id": source.round_id,
            "kind": kind,
            "entity": _edit(child.entity, {**row, "presence": kind}, ("household_id", "presence")),
        }
    )


def _child_id(source: Source, child: ChildFacts) -> str:
    known = child.entity.id if child.entity else ""
    return known or _made_id(source, f"child.{child.position}")


def _child(
    source: Source,
    child: ChildFacts,
    household_id: str,
    case: dict[str, Any],
    judged: Mapping[str, Judgement],
    rows: Rows,
) -> None:
    child_id = _child_id(source, child)
    observation_id = f"{source.submission_id}.{child.position}"
    shared = {"province_code": source.province}
    name = child.values.get("name")
    rows.children.append(
        {
            **shared,
            "id": child_id,
            "household_id": household_id,
            "name": name,
            "name_key": fold(str(name)) if name else None,
            "sex": case["sex"],
            "birth": case["birth_date"],
        }
    )
    national = judged[NATIONAL]
    rows.observations.append(
        {
            **shared,
            "id": observation_id,
            "submission_id": source.submission_id,
            "position": child.position,
            "child_id": child_id,
            "round_id": source.round_id,
            "age_months": national.age_months,
            "works": child.values.get("works"),
            **hours_of(case["jobs"]),
            "class_": national.class_,
            "unlawful": national.unlawful,
            "procedural_only": national.procedural_only,
            "facts": plain(dict(child.values)),
            "case": case,
            "entity": _edit(child.entity, {**rows.children[-1], **_found_here(child)}, CHILD_FIELDS),
        }
    )
    rows.jobs.extend(
        {
            **shared,
            "observation_id": observation_id,
            "position": job.position,
            "facts": plain(dict(job.values)),
        }
        for job in child.jobs
    )
    for profile, result in sorted(judged.items()):
        _judgement(shared, observation_id, profile, result, rows)


def _found_here(child: ChildFacts) -> dict[str, str | None]:
    """A known child that was found counts as here again, whatever an earlier visit said."""
    known = child.entity is not None and child.entity.action == "update"
    return {"presence": departures.HERE if known else None}


def _judgement(
    shared: dict[str, str], observation_id: str, profile: str, result: Judgement, rows: Rows
) -> None:
    rows.judgements.append(
        {
            **shared,
            "observation_id": observation_id,
            "profile": profile,
            "version": result.version,
            "class_": result.class_,
            "child_labour": result.child_labour,
            "input_hash": result.input_hash,
            "result": result.as_data(),
        }
    )
    rows.findings.extend(
        {
            **shared,
            "observation_id": observation_id,
            "profile": profile,
            "position": number,
            "code": finding.code,
            "suffix": finding.suffix,
            "articles": list(finding.articles),
        }
        for number, finding in enumerate(result.findings)
    )


def hours_of(jobs: list[dict[str, Any]] | None) -> dict[str, float | None]:
    """Hours of all jobs: the week's known sum and the longest day; nothing where no hour is known."""
    days = [[job["hours"][day] for job in jobs or () if job["hours"]] for day in range(7)]
    known = [sum(hour for hour in day if hour is not None) for day in days if any(h is not None for h in day)]
    if jobs == []:
        return {"hours_week": 0.0, "hours_day_max": 0.0}
    return {"hours_week": sum(known) if known else None, "hours_day_max": max(known) if known else None}


def _made_id(source: Source, what: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"mangnon:{source.instance_id}:{what}"))
