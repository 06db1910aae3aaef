"""Facts from JSON: every field checked, unknown fields refused by name, values never repeated in a refusal."""

from __future__ import annotations

from datetime import date
from typing import Any

import law_cases
import pytest

from forms.problems import Problem
from server.labour.ages import OLDEST, age_interval, completed_months, possible_births
from server.labour.facts import read_case
from server.labour.judge import judge, read_policies
from server.labour.profiles import find_profile, profile_names

REFERENCE = date(2026, 10, 4)


def refusal(case: object, where: str = "#1") -> Problem:
    with pytest.raises(Problem) as caught:
        read_case(case, where)
    return caught.value


def job_refusal(**changes: Any) -> Problem:
    return refusal(law_cases.child(jobs=[law_cases.job(**changes)]))


def test_a_case_is_an_object() -> None:
    problem = refusal([])
    assert (problem.kind.name, problem.where) == ("law_case_not_object", "#1")


@pytest.mark.parametrize("field", ["id", "reference_date"])
def test_two_fields_are_needed(field: str) -> None:
    for case in (
        law_cases.child(**{field: None}),
        {k: v for k, v in law_cases.child().items() if k != field},
    ):
        problem = refusal(case)
        assert (problem.kind.name, problem.details["field"]) == ("law_field_missing", field)


def test_a_refusal_names_the_case_by_number_and_id() -> None:
    assert refusal(law_cases.child(id="em-bé-thử", sex="nam"), "#7").where == "#7 (em-bé-thử)"
    assert refusal(law_cases.child(id="em-bé-thử", sex="nam"), "").where == "em-bé-thử"
    assert refusal(law_cases.child(id="", sex="nam")).where == "#1"
    assert refusal(law_cases.child(id=5)).where == "#1"


def test_an_unknown_field_is_refused_by_name() -> None:
    problem = refusal(law_cases.child(tuoi=12))
    assert (problem.kind.name, problem.details["field"]) == ("law_field_unknown", "tuoi")
    problem = refusal(law_cases.child(jobs=[law_cases.job(), law_cases.job(hour=1)]))
    assert (problem.kind.name, problem.details["field"]) == ("law_field_unknown", "jobs[1].hour")
    assert refusal(law_cases.child(**{"x" * 200: 1})).details["field"] == "x" * 80


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("id", 5, "id"),
        ("id", "", "id"),
        ("id", "a\ud800", "id"),
        ("reference_date", "2026-02-30", "reference_date"),
        ("reference_date", "2026-10", "reference_date"),
        ("reference_date", 20261004, "reference_date"),
        ("birth_date", "2013-13", "birth_date"),
        ("birth_date", "2013-02-29", "birth_date"),
        ("birth_date", "13", "birth_date"),
        ("birth_date", 2013, "birth_date"),
        ("birth_date", "0000", "birth_date"),
        ("sex", "nam", "sex"),
        ("jobs", {}, "jobs"),
        ("jobs", [None], "jobs[0]"),
        ("chores_hours", -0.5, "chores_hours"),
        ("chores_hours", 168.5, "chores_hours"),
        ("chores_hours", True, "chores_hours"),
        ("chores_hours", "5", "chores_hours"),
        ("chores_hours", float("nan"), "chores_hours"),
        ("in_school", 1, "in_school"),
        ("highest_grade", 13, "highest_grade"),
        ("highest_grade", -1, "highest_grade"),
        ("highest_grade", 6.0, "highest_grade"),
        ("highest_grade", True, "highest_grade"),
        ("forced", "no", "forced"),
        ("risk_factors", "orphan", "risk_factors"),
        ("risk_factors", ["orphan", "rich"], "risk_factors[1]"),
        ("worked_12_months", 0, "worked_12_months"),
    ],
)
def test_a_bad_value_is_refused_and_not_repeated(field: str, value: object, at: str) -> None:
    problem = refusal(law_cases.child(**{field: value}))
    assert (problem.kind.name, problem.details["field"]) == ("law_value_bad", at)
    assert problem.details["expected"]
    assert repr(value) not in problem.details["expected"]


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("relation", "boss", "jobs[0].relation"),
        ("arts_or_sport", "no", "jobs[0].arts_or_sport"),
        ("light_job", "II-13", "jobs[0].light_job"),
        ("light_job", "II-6", "jobs[0].light_job"),
        ("overtime_job", "V-22", "jobs[0].overtime_job"),
        ("night_job", "V-II-3", "jobs[0].night_job"),
        ("night_job", False, "jobs[0].night_job"),
        ("banned_jobs", "III-65", "jobs[0].banned_jobs"),
        ("banned_jobs", ["III-65", "III-70"], "jobs[0].banned_jobs[1]"),
        ("banned_jobs", [None], "jobs[0].banned_jobs[0]"),
        ("places", ["IV-7"], "jobs[0].places[0]"),
        ("places", ["none"], "jobs[0].places[0]"),
        ("hours", [1] * 6, "jobs[0].hours"),
        ("hours", 12, "jobs[0].hours"),
        ("hours", [1, 1, 1, 24.5, 0, 0, 0], "jobs[0].hours[3]"),
        ("load_kg", 1001, "jobs[0].load_kg"),
        ("load_regular", "yes", "jobs[0].load_regular"),
    ],
)
def test_a_bad_value_of_a_job_is_refused(field: str, value: object, at: str) -> None:
    problem = job_refusal(**{field: value})
    assert (problem.kind.name, problem.details["field"]) == ("law_value_bad", at)


def test_what_is_expected_is_said() -> None:
    assert refusal(law_cases.child(sex="nam")).details["expected"] == "female | male"
    assert job_refusal(relation="x").details["expected"] == "apprentice | employer | family | own_account"
    assert refusal(law_cases.child(chores_hours=200)).details["expected"] == "0 ≤ n ≤ 168"
    assert job_refusal(load_kg=-1).details["expected"] == "0 ≤ n ≤ 1000"
    assert job_refusal(hours=[25] * 7).details["expected"] == "0 ≤ n ≤ 24"
    assert job_refusal(light_job="x").details["expected"] == "II-01 … none"


def test_the_ends_of_every_range_are_taken() -> None:
    case = read_case(
        law_cases.child(
            chores_hours=168,
            highest_grade=12,
            jobs=[law_cases.job(hours=[24, 0, None, 1, 1, 1, 1], load_kg=1000)],
        )
    )
    assert (case.chores_hours, case.highest_grade) == (168, 12)
    assert case.jobs is not None
    assert case.jobs[0].hours == (24, 0, None, 1, 1, 1, 1)
    assert (case.jobs[0].position, case.jobs[0].load_kg) == (1, 1000)
    assert read_case(law_cases.child(highest_grade=0)).highest_grade == 0


def test_only_id_and_reference_date_are_needed() -> None:
    case = read_case({"id": "a", "reference_date": "2026-10-04"})
    assert case.jobs is None
    assert case.months == (0, OLDEST)
    assert judge(case)["VN-LC2019"].class_ == "REVIEW"


def test_nobody_is_born_after_the_reference_date() -> None:
    assert refusal(law_cases.child(birth_date="2026-10-05")).kind.name == "law_born_later"
    assert read_case(law_cases.child(birth_date="2026-10-04")).months == (0, 0)
    assert read_case(law_cases.child(birth_date="2026")).months == (0, 9)


@pytest.mark.parametrize(
    ("born", "months"),
    [("2013-10-04", (156, 156)), ("2013-10", (155, 156)), ("2013", (153, 165)), ("1700", (OLDEST, OLDEST))],
)
def test_an_age_is_an_interval(born: str, months: tuple[int, int]) -> None:
    assert age_interval(possible_births(born), REFERENCE) == months


def test_leap_days_count_on_the_first_of_march() -> None:
    born = date(2008, 2, 29)
    assert completed_months(born, date(2026, 2, 28)) == 215
    assert completed_months(born, date(2026, 3, 1)) == 216
    assert completed_months(born, date(2028, 2, 29)) == 240
    assert possible_births("2012-02") == (date(2012, 2, 1), date(2012, 2, 29))
    with pytest.raises(ValueError, match="not a date"):
        possible_births("x")


def test_profiles_are_found_by_name_and_day() -> None:
    assert profile_names() == ("MICS-28", "SDG-8.7.1-EA", "SDG-8.7.1-EA-HC", "VN-LC2019")
    assert "VN-NCLS2018" in profile_names(enabled_only=False)
    assert not find_profile("VN-NCLS2018", REFERENCE).verified
    with pytest.raises(Problem) as caught:
        find_profile("VN-LC1994", REFERENCE)
    assert caught.value.kind.name == "law_profile_unknown"
    assert caught.value.details["known"].startswith("MICS-28, SDG-8.7.1-EA, ")
    with pytest.raises(Problem) as caught:
        find_profile("VN-LC2019", date(2021, 3, 14))
    assert caught.value.kind.name == "law_not_in_force"
    assert caught.value.details == {"profile": "VN-LC2019", "on": "2021-03-14", "since": "2021-03-15"}


def test_policies_are_read_and_checked() -> None:
    assert read_policies(["apply_to_family=true"]) == {"apply_to_family": True}
    assert read_policies(["apply_to_family=false", "under15_load_value=none"]) == {
        "apply_to_family": False,
        "under15_load_value": "none",
    }
    with pytest.raises(Problem) as caught:
        read_policies(["family=true"])
    assert caught.value.kind.name == "law_policy_unknown"
    assert caught.value.details["known"] == "apply_to_family, under15_load_value"
    for pair in ("apply_to_family=yes", "apply_to_family", "under15_load_value=5"):
        with pytest.raises(Problem) as caught:
            read_policies([pair])
        assert caught.value.kind.name == "law_policy_bad"
    assert caught.value.details["values"] == "row_15_16 | none"


def test_policies_are_checked_where_they_are_used_too() -> None:
    with pytest.raises(Problem) as caught:
        judge(law_cases.child(), policies={"apply_to_family": "yes"})
    assert caught.value.kind.name == "law_policy_bad"
    assert caught.value.details["values"] == "false | true"
