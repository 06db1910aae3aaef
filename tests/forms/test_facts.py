"""From a submission to the facts of a household: what is known, what is known to be none, what is not known."""

from __future__ import annotations

from typing import Any

import pytest

from forms.facts import ChildFacts, HouseholdFacts, collect, vocabulary
from forms.problems import Problems
from forms.publish import publish
from forms.read import read_submission
from forms.schema import FormSchema, read_schema
from forms.values import Position
from tests.builders import ls_cl
from tests.builders.instances import fill


def facts_of(xml: bytes, form: FormSchema | None = None) -> HouseholdFacts:
    form = form or ls_cl.schema()
    facts = collect(read_submission(xml, form), form)
    assert facts is not None
    return facts


def only_child(**changes: Any) -> ChildFacts:
    (child,) = facts_of(ls_cl.household([ls_cl.lawful_child() | changes])).children
    return child


def only_job(**changes: Any) -> dict[str, Any]:
    child = ls_cl.child("Trẻ Một", "1", (2012, 3, 4), grade="09", jobs=[ls_cl.job(**changes)])
    (found,) = facts_of(ls_cl.household([child])).children
    return dict(found.jobs[0].values)


def test_a_household_with_three_children_of_its_five_members() -> None:
    children = [ls_cl.lawful_child(), ls_cl.overworked_child(), ls_cl.endangered_child()]
    facts = facts_of(ls_cl.household(children, number=7))
    assert facts.values["ward"] == "05977"
    assert facts.values["number"] == 7
    assert facts.values["result"] == "1"
    assert facts.values["consent"] is True
    assert facts.values["position"] == Position(21.84, 106.76, 260.0, 8.0)
    assert facts.values["shocks"] == ()
    assert facts.values["reference_from"] == "2026-10-05"
    assert facts.values["reference_to"] == "2026-10-11"
    assert facts.entity is not None
    assert (facts.entity.dataset, facts.entity.action) == ("household", "create")
    assert [child.values["name"] for child in facts.children] == ["Trẻ Một", "Trẻ Hai", "Trẻ Ba"]
    assert [child.position for child in facts.children] == [2, 3, 4]
    assert all(child.entity is not None and child.entity.id for child in facts.children)


def test_a_child_s_facts_come_through_codes() -> None:
    child = only_child()
    expected = {
        "sex": "male",
        "birth_year": 2012,
        "birth_month": 3,
        "birth_day": 4,
        "ethnicity": "07",
        "disability": False,
        "in_school": True,
        "grade": "09",
        "highest_grade": 8,
        "absent_days": 0,
        "works": True,
        "worked_12_months": True,
        "chores_hours": 2.5,
        "forced": False,
        "in_danger": False,
        "injuries": (),
        "reasons": ("1",),
        "risk_factors": (),
        "others_present": (),
    }
    assert {name: child.values[name] for name in expected} == expected


def test_a_job_s_facts_come_through_codes() -> None:
    job = only_job(hours=(3, 3, 3, 2.25, 0, 0, 0))
    expected = {
        "industry": "C",
        "industry_version": "2025",
        "relation": "employer",
        "light_job": "II-06",
        "overtime_job": "V-07",
        "night_job": "-",
        "arts_or_sport": False,
        "night": False,
        "hours_mon": 3.0,
        "hours_thu": 2.25,
        "hours_sun": 0.0,
        "load_kg": 0.0,
        "load_regular": False,
        "written_contract": True,
        "health_checked": True,
        "harms_study": False,
        "unsafe": False,
        "banned_jobs": (),
        "places": (),
        "hazard_answers": (),
        "provincial_approval": None,
    }
    assert {name: job[name] for name in expected} == expected


def test_a_day_whose_hours_are_not_known_is_not_zero() -> None:
    job = only_job(hours=(3, None, 0, 0, 0, 0, 0))
    assert (job["hours_mon"], job["hours_tue"], job["hours_wed"]) == (3.0, None, 0.0)


def test_codes_of_several_questions_are_put_together() -> None:
    assert only_job(place="08", h4="6", h6="1")["places"] == ("P147d", "IV-4", "IV-3")
    assert only_job(place="14", h3="7")["banned_jobs"] == ("III-65", "III-12", "III-13")


@pytest.mark.parametrize(
    ("answers", "fact", "value"),
    [
        ({"h3": "19"}, "banned_jobs", None),
        ({"h3": "19 11"}, "banned_jobs", ("III-29",)),
        ({"h5": "1"}, "places", None),
        ({"h5": "5"}, "places", ()),
        ({"h5": "1 6"}, "hazard_answers", ("1", "6")),
        ({"h6": "8"}, "places", None),
        ({"h6": None}, "places", None),
        ({"h5": "1", "h4": "1"}, "places", ("P147b",)),
        ({"g10": "1 5"}, "night", True),
        ({"g14": "8"}, "written_contract", None),
        ({"g16": "2"}, "health_checked", False),
        ({"g13": "9"}, "parental_consent", None),
        ({"status": "5"}, "relation", "own_account"),
        ({"unsafe": ""}, "unsafe", None),
        ({"load_kg": "12.5"}, "load_kg", 12.5),
        ({"listed": "none"}, "light_job", "-"),
        ({"listed": "V-20"}, "light_job", None),
    ],
)
def test_known_none_and_not_known_are_different(answers: dict[str, Any], fact: str, value: object) -> None:
    assert only_job(**answers)[fact] == value


def test_a_question_that_was_not_asked_gives_a_fact_that_is_not_known() -> None:
    (child,) = facts_of(ls_cl.household([ls_cl.idle_child()])).children
    assert child.values["works"] is False
    assert child.values["forced"] is None
    assert child.jobs == ()


def test_a_refusal_and_an_empty_house_have_no_children() -> None:
    for result in ("3", "4", "5", "6"):
        facts = facts_of(ls_cl.absent(result=result))
        assert (facts.values["result"], facts.values["consent"], facts.children) == (result, None, ())


def test_the_vocabulary_knows_what_is_personal() -> None:
    personal = {kind.name for kind in vocabulary().values() if kind.personal}
    assert {"child.name", "household.head_name", "job.employer_name", "child.note"} <= personal
    assert "child.sex" not in personal


OWN = """
| survey |
| | type | name | label | bind::mn:fact |
| | select_one yesno | informed | Informed | household.informed |
| | select_multiple banned | everywhere | Everywhere | job.banned_jobs |
| | begin repeat | kid | Kid | |
| | text | who | Who | child.name |
| | integer | born | Born | child.birth_year |
| | select_one yesno | school | School | child.in_school |
| | begin repeat | task | Task | |
| | decimal | mon | Monday | job.hours_mon |
| | select_multiple banned | here | Here | job.banned_jobs |
| | end repeat | | | |
| | end repeat | | | |
| choices |
| | list_name | name | label |
| | yesno | yes | Yes |
| | yesno | no | No |
| | banned | J147b | Alcohol |
| | banned | III-12 | Stones |
| settings |
| | form_id | version | namespaces |
| | other_form | 7 | mn="urn:mangnon:facts" |
"""


def other_form(markdown: str = OWN) -> FormSchema:
    return read_schema(publish(markdown.encode(), "other.md").xform)


def test_any_form_may_declare_facts_with_its_own_names() -> None:
    form = other_form()
    kid = {
        "who": "Trẻ Một",
        "born": 2014,
        "school": "yes",
        "task": [{"mon": 1.5, "here": "III-12"}, {"mon": ""}],
    }
    answers = {"informed": "no", "everywhere": "J147b", "kid": [kid, {"who": "Trẻ Hai"}]}
    facts = facts_of(fill(form, answers, instance_id="uuid:1"), form)
    assert facts.values == {"informed": False}
    assert [child.values for child in facts.children] == [
        {"name": "Trẻ Một", "birth_year": 2014, "in_school": True},
        {"name": "Trẻ Hai", "birth_year": None, "in_school": None},
    ]
    first, second = facts.children[0].jobs
    assert first.values == {"banned_jobs": ("III-12", "J147b"), "hours_mon": 1.5}
    assert second.values == {"banned_jobs": ("J147b",), "hours_mon": None}
    assert facts.children[1].jobs == ()


def test_one_child_and_one_job_without_repeats() -> None:
    flat = "\n".join(line for line in OWN.splitlines() if "repeat" not in line)
    form = other_form(flat)
    facts = facts_of(fill(form, {"who": "Trẻ Một", "mon": 4}, instance_id="uuid:1"), form)
    (child,) = facts.children
    assert child.values["name"] == "Trẻ Một"
    assert child.jobs[0].values["hours_mon"] == 4.0
    assert (
        collect(read_submission(fill(form, {"who": "Trẻ Một"}, instance_id="uuid:2"), form), form) is not None
    )


def test_a_form_without_facts_gives_none() -> None:
    form = read_schema(publish(b"| survey |\n| | type | name | label |\n| | text | q | Q |\n", "q.md").xform)
    assert collect(read_submission(fill(form, {"q": "x"}, instance_id="uuid:1"), form), form) is None


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("child.birth_year", "child.birthyear", "fact_unknown"),
        ("child.name", "household.head_name", "fact_misplaced"),
        ("job.hours_mon", "child.forced", "fact_misplaced"),
    ],
)
def test_facts_are_checked_when_the_form_is_published(before: str, after: str, problem: str) -> None:
    with pytest.raises(Problems) as raised:
        publish(OWN.replace(before, after).encode(), "other.md")
    assert [each.kind.name for each in raised.value.problems] == [problem]
