"""Households of the shipped questionnaire, filled in as a phone would: plainly invented people, fixed dates.

``household()`` gives the XML of one interview; ``lawful_child``, ``overworked_child`` and ``endangered_child``
are the three children of the main story: lawful, unlawful by hours, hazardous by place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from importlib import resources
from uuid import NAMESPACE_URL, uuid5

from forms.publish import PublishedForm, publish
from forms.schema import FormSchema, read_schema
from tests.builders.instances import fill

INTERVIEWED = date(2026, 10, 12)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Child = dict[str, object]


def source() -> bytes:
    """The shipped questionnaire as it stands in the repository."""
    folder = resources.files("forms") / "questionnaires" / "child_labour"
    return (folder / "ls_cl.md").read_bytes()


@cache
def shipped() -> PublishedForm:
    return publish(source(), "ls_cl.md")


def schema() -> FormSchema:
    return read_schema(shipped().xform)


def household(
    children: Sequence[Child] = (),
    *,
    number: int = 1,
    ward: str = "05977",
    village: str = "05977.001",
    interviewed: date = INTERVIEWED,
    position: str = "21.8400 106.7600 260 8",
    photo: str = "",
    instance_id: str = "",
    deprecated_id: str = "",
    version: str | None = None,
    changes: Mapping[str, object] | None = None,
) -> bytes:
    """A completed interview with one adult and these children; ``changes`` replace or (None) remove answers."""
    name = f"{ward}/{village}/{number}/{interviewed}"
    answers = {
        **_frame(name, ward, village, number, interviewed),
        **_consent(position, photo),
        **_circumstances(len(children)),
        "member": [_adult(name), *(_member(child, f"{name}/{at}") for at, child in enumerate(children))],
        "l2": "1",
        **(changes or {}),
    }
    return fill(
        schema(),
        {key: value for key, value in answers.items() if value is not None},
        instance_id=instance_id or f"uuid:{_id('instance', name)}",
        deprecated_id=deprecated_id,
        instance_name=f"{village} / {number}",
        version=version,
    )


def absent(number: int = 1, *, ward: str = "05977", village: str = "05977.001", result: str = "3") -> bytes:
    """A visit that met nobody: the interview ends at once."""
    name = f"{ward}/{village}/{number}/{INTERVIEWED}/absent"
    answers = {**_frame(name, ward, village, number, INTERVIEWED), "a5": result, "result": result}
    return fill(schema(), answers, instance_id=f"uuid:{_id('instance', name)}")


def lawful_child() -> Child:
    """14 years old, plaits bamboo 3 hours on five days, every paper, at school (LC 145, 146(1); TT09 II-6)."""
    return child("Trẻ Một", "1", (2012, 3, 4), grade="09", jobs=[job(hours=(3, 3, 3, 3, 3, 0, 0))])


def overworked_child() -> Child:
    """13 years old, the same lawful work, but 5 hours on six days: over 4 a day and 20 a week (LC 146(1))."""
    return child("Trẻ Hai", "2", (2013, 5, 6), grade="08", jobs=[job(hours=(5, 5, 5, 5, 5, 5, 0))])


def endangered_child() -> Child:
    """16 years old, six hours a day in a karaoke house (LC 147(2)(d))."""
    serving = job(
        "Bưng bê ở quán karaoke",
        industry="S",
        occupation="5",
        listed="none",
        place="08",
        hours=(6, 6, 6, 6, 6, 6, 0),
        young=False,
    )
    return child("Trẻ Ba", "1", (2010, 1, 2), in_school=False, highest="09", jobs=[serving])


def idle_child(name: str = "Trẻ Bốn", birth: tuple[int, int | None, int | None] = (2017, 7, 8)) -> Child:
    """9 years old, at school, no work."""
    return child(name, "2", birth, grade="04")


def known_household(household_id: str, base: int) -> dict[str, object]:
    """What ``household(changes=…)`` needs to be about a household of the last round, as its list told of it."""
    entity = {"id": household_id, "create": "false", "update": "true", "baseVersion": base, "label": ""}
    return {"a0": household_id, "household": entity}


def known_child(child_id: str, base: int, answers: Child | None = None, now: str = "1") -> Child:
    """A child of the last round: still here with these answers, or ``now`` moved (2), dead (3), a wrong entry (4)."""
    entity = {"id": child_id, "create": "false", "update": "true", "baseVersion": base, "label": ""}
    known: Child = {
        "d0": child_id,
        "d0_now": now,
        "child_known": child_id,
        "child_id": child_id,
        "child": entity,
    }
    return {**known, **(answers or {"is_child": 0})}


def child(
    name: str,
    sex: str,
    birth: tuple[int, int | None, int | None],
    *,
    grade: str = "",
    highest: str = "",
    in_school: bool = True,
    jobs: Sequence[Mapping[str, object]] = (),
    **changes: object,
) -> Child:
    """One child with its answers; ``changes`` are further or other answers by question name."""
    year, month, day = birth
    person: Child = {"d1": name, "d2": "3", "d3": sex, "d4_year": year, "d4_month": month, "d4_day": day}
    answers = (
        person
        | {"d5": "07", "is_child": 1, "d7": "1", "d8": "1", "d9": "2", "d10": "1", "d11": "1"}
        | _school(grade, highest, in_school)
        | _work(jobs)
        | {f"i{number}": 0.5 for number in range(1, 6)}
        | {"chores_hours": 2.5, "k1": "1", "l1": "0", "k7": "2"}
        | changes
    )
    return {key: value for key, value in answers.items() if value is not None}


def job(
    description: str = "Đan giỏ tre",
    *,
    industry: str = "C",
    occupation: str = "7",
    listed: str = "II-06",
    status: str = "1",
    place: str = "01",
    hours: Sequence[float | None] = (2, 2, 2, 2, 2, 0, 0),
    young: bool = True,
    **changes: object,
) -> dict[str, object]:
    """A paid job with consent and written contract; ``young`` adds the papers asked below 15 years."""
    unknown = [day for day, hour in zip(DAYS, hours, strict=True) if hour is None]
    work: dict[str, object] = {"g1": description, "g2": industry, "g3": occupation, "g4": listed}
    answers = (
        work
        | {"g5": status, "g6": "4", "g7": "Cơ sở Thử Nghiệm", "g8": place}
        | {f"g9{letter}": hour for letter, hour in zip("abcdefg", hours, strict=True)}
        | {"g9_dk": " ".join(unknown) or None}
        | {f"hours_{day}": hour for day, hour in zip(DAYS, hours, strict=True)}
        | {"g10": "3", "g11": "2", "g12_year": 2026, "g13": "1", "g14": "1"}
        | ({"g15": "1", "g16": "1"} if young else {})
        | {"g18": "3", "g19": 800, "g19_to": "1", "harms_study": "no"}
        | {"h1": "3", "load_kg": 0, "h3": "0", "h4": "0", "h5": "0", "h6": "2", "unsafe": "no"}
        | changes
    )
    return {key: value for key, value in answers.items() if value is not None}


def _school(grade: str, highest: str, in_school: bool) -> Child:
    done = highest or (f"{int(grade) - 1:02d}" if grade else "00")
    common: Child = {"e1": "1", "e2": "1" if in_school else "2", "e4": done, "highest_grade": int(done)}
    if in_school:
        return common | {"e3": grade, "e5": 0, "in_school": "yes", "risk_codes": "", "risk_factors": "-"}
    left = {"e6": "3", "e7_year": 2025, "in_school": "no"}
    return common | left | {"risk_codes": "dropped_out", "risk_factors": "dropped_out"}


def _work(jobs: Sequence[Mapping[str, object]]) -> Child:
    answers: Child = {f"f{number}": "2" for number in range(1, 8)}
    if not jobs:
        return answers | {"ea": "no", "f8": "3", "works": "no", "worked_12_months": "no", "k4": "2"}
    asked = {"g0": len(jobs), "job": list(jobs), "g20": "1", "h8": "0", "k5": "0", "k6": "1"}
    private = {"g21": "2", "g22": "2", "h10": "2"}
    return answers | asked | private | {"f4": "1", "ea": "yes", "works": "yes", "worked_12_months": "yes"}


def _frame(name: str, ward: str, village: str, number: int, interviewed: date) -> dict[str, object]:
    times: dict[str, object] = {
        "start": f"{interviewed}T08:00:00.000+07:00",
        "end": f"{interviewed}T08:40:00.000+07:00",
        "today": interviewed.isoformat(),
        "deviceid": "thiet-bi-thu",
        "interview_date": interviewed.isoformat(),
        "ref_from": (interviewed - timedelta(days=7)).isoformat(),
        "ref_to": (interviewed - timedelta(days=1)).isoformat(),
    }
    entity = {"id": _id("household", name), "create": "1", "label": f"{village} / {number}"}
    visit = {"a1": ward, "a2": village, "a3": number, "a4": 1, "a5": "1", "result": "1"}
    return times | visit | {"household": entity}


def _consent(position: str, photo: str) -> dict[str, object]:
    answers: dict[str, object] = {"a6": "1", "a7": "1", "b1": "1", "b2": "1", "b3": "1", "b5": "1"}
    place = {"b4": "1" if position else "2", "a8": position or None}
    return answers | place | {"b3_photo": photo or None}


def _circumstances(children: int) -> dict[str, object]:
    people: dict[str, object] = {"c1": "Nguyễn Thị Thử", "c2": "0900000000", "c3": "1"}
    living = {"c6": "3", "c7": "2", "c8": "1", "c10": "1", "c11": "0", "c12": "1"}
    heard = {"c13": "1", "c14": "1", "c15": "1"}
    return people | {"c4": children + 1, "c5": children} | living | heard


def _adult(name: str) -> dict[str, object]:
    person: dict[str, object] = {"d1": "Nguyễn Thị Thử", "d2": "1", "d3": "2", "d5": "07"}
    birth = {"d4_year": 1985, "d4_month": 3, "d4_day": 4, "is_child": 0}
    entity = {"id": _id("adult", name), "create": "false", "update": "false", "label": "Nguyễn Thị Thử"}
    return person | birth | {"child": entity}


def _member(answers: Child, name: str) -> Child:
    entity = {"id": _id("child", name), "create": "true", "update": "false", "label": answers.get("d1", "")}
    return {"child_id": entity["id"], "child": entity, **answers}


def _id(kind: str, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{kind}/{name}"))
