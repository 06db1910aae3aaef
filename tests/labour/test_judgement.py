"""What a judgement carries: facts, articles, what is missing, policies, a hash; and all of it as JSON."""

from __future__ import annotations

import json
from typing import Any

import law_cases
import pytest

from server.labour.judge import judge, read_case
from server.labour.judgement import Judgement
from server.labour.profile_files import read_profile
from server.labour.profiles import all_profiles, find_profile
from server.labour.show import rows_in_words


def national(case: dict[str, Any], **policies: Any) -> Judgement:
    return judge(case, profiles=["VN-LC2019"], policies=policies)["VN-LC2019"]


def test_a_finding_names_the_facts_that_led_to_it() -> None:
    second = law_cases.job(places=["P147b"], hours=[2, 0, 0, 0, 0, 0, 0])
    case = law_cases.child(birth_date="2012-01-01", jobs=[law_cases.job(hours=[3, 0, 0, 0, 0, 0, 0]), second])
    found = {entry.code: entry for entry in national(case).findings}
    assert [tuple(fact) for fact in found["U15_DAY"].facts] == [
        ("hours_day", 5.0, None),
        ("relation", "employer", 1),
        ("relation", "employer", 2),
    ]
    assert [tuple(fact) for fact in found["LIGHT_BADPLACE"].facts] == [
        ("places", ("P147b",), 2),
        ("relation", "employer", 2),
    ]
    assert found["BANNED_PLACE:P147b"].text_vi == "Nơi làm việc cấm: Công trường xây dựng"
    assert found["BANNED_PLACE:P147b"].articles == ("LC 147(2)", "LC 147(2)(b)")


def test_a_finding_about_the_child_names_facts_of_the_child() -> None:
    case = law_cases.child(birth_date="2012-01-01", in_school=False, jobs=[law_cases.job()])
    (found,) = national(case).findings
    assert [tuple(fact) for fact in found.facts] == [
        ("jobs", 1, None),
        ("in_school", False, None),
        ("highest_grade", 6, None),
    ]


def test_findings_stand_in_the_order_of_the_table_whatever_the_order_of_jobs() -> None:
    """D11 comes before D16, though the banned job is told first and its code is first in the alphabet."""
    banned, unpapered = law_cases.job(banned_jobs=["J147d"]), law_cases.job(parental_consent=False)
    case = law_cases.child(birth_date="2009-12-01", jobs=[banned, unpapered])
    assert [entry.code for entry in national(case).findings] == ["NO_CONSENT", "BANNED_JOB:J147d"]


def test_every_job_that_lacks_a_fact_is_named() -> None:
    jobs = [law_cases.job(parental_consent=None), law_cases.job(parental_consent=None)]
    case = law_cases.child(birth_date="2009-12-01", jobs=jobs)
    assert [(entry.fact, entry.job) for entry in national(case).missing] == [
        ("parental_consent", 1),
        ("parental_consent", 2),
    ]


def test_a_job_of_unknown_relation_asks_for_it() -> None:
    case = law_cases.child(birth_date="2009-12-01", jobs=[law_cases.job(relation=None)])
    judged = national(case)
    assert judged.class_ == "REVIEW"
    assert ("relation", 1) in [(entry.fact, entry.job) for entry in judged.missing]


def test_what_is_missing_names_the_articles_that_need_it_and_the_job() -> None:
    case = law_cases.child(
        birth_date="2012-01-01",
        forced=None,
        jobs=[law_cases.job(), law_cases.job(health_checked=None, hours=None)],
    )
    lacking = [tuple(entry) for entry in national(case).missing]
    assert lacking == [
        ("forced", ("LC 8(2)", "LC 3(7)", "NĐ56 12(1)"), None),
        ("hours", ("LC 146(1)",), 2),
        ("health_checked", ("LC 145(1)(c)",), 2),
    ]


def test_a_relation_that_is_not_known_is_needed_by_the_law_on_scope() -> None:
    case = law_cases.child(birth_date="2010-01-01", jobs=[law_cases.job(relation=None)])
    (lack,) = national(case).missing
    assert lack.articles[:2] == ("LC 2(1)", "LC 3(6)")


def test_the_order_of_age_bands_joins_articles() -> None:
    young = national(law_cases.child(birth_date="2011-01-01", forced=True))
    old = national(law_cases.child(birth_date="2010-01-01", forced=True))
    assert young.findings[0].articles == ("LC 8(2)", "LC 3(7)", "NĐ56 12(1)")
    assert old.findings[0].articles == ("LC 8(2)", "LC 3(7)")
    both = national(law_cases.child(birth_date="2010", forced=True))
    assert both.class_ == "URGENT"
    assert both.findings[0].articles == ("LC 8(2)", "LC 3(7)")


def test_the_hash_is_of_the_facts_alone() -> None:
    one, two = law_cases.job(hours=[1] * 7), law_cases.job(load_kg=3)
    case = law_cases.child(birth_date="2012-01-01", jobs=[one, two])
    known = national(case).input_hash
    assert len(known) == 64
    assert national({**case, "id": "khác", "jobs": [two, one]}).input_hash == known
    assert national({**case, "jobs": [two]}).input_hash != known
    assert national({**case, "sex": None}).input_hash != known
    assert national({**case, "reference_date": "2026-10-05"}).input_hash != known
    assert national(law_cases.child()).input_hash == national(law_cases.child()).input_hash
    assert national(law_cases.child(jobs=None)).input_hash != national(law_cases.child()).input_hash


def test_the_facts_used_are_those_known() -> None:
    used = national({"id": "a", "reference_date": "2026-10-04", "sex": "male", "jobs": []}).facts_used
    assert used == {"reference_date": "2026-10-04", "sex": "male", "jobs": []}


def test_as_json_for_the_law() -> None:
    case = law_cases.child(birth_date="2010-01-01", jobs=[law_cases.job(banned_jobs=["III-65"], night=None)])
    data = json.loads(json.dumps(national(case).as_data()))
    assert data.pop("input_hash") == national(case).input_hash
    assert data == {
        "class": "HAZARDOUS",
        "findings": [
            {
                "code": "BANNED_JOB:III-65",
                "articles": ["LC 147(1)", "LC 147(1)(h)", "TT09 III-65"],
                "suffix": "",
                "row": "D17",
                "class": "HAZARDOUS",
                "text": {
                    "vi": "Việc cấm: Nhặt, phân loại rác, phế liệu",
                    "en": "Prohibited job: Nhặt, phân loại rác, phế liệu",
                },
                "facts": [
                    {"fact": "banned_jobs", "job": 1, "value": ["III-65"]},
                    {"fact": "relation", "job": 1, "value": "employer"},
                ],
            }
        ],
        "basis": [],
        "unlawful": True,
        "procedural_only": False,
        "missing": [{"fact": "night", "articles": ["LC 146(2)", "LC 106", "TT09 V-II"], "job": 1}],
        "profile": "VN-LC2019",
        "version": find_profile("VN-LC2019", read_case(case).reference_date).version,
        "reference_date": "2026-10-04",
        "age_months": 201,
        "policies": {"apply_to_family": False, "under15_load_value": "row_15_16"},
    }


def test_as_json_for_statistics_and_for_a_reason() -> None:
    case = law_cases.child(birth_date="2010")
    answers = {name: one.as_data() for name, one in judge(case).items()}
    assert list(answers) == ["MICS-28", "SDG-8.7.1-EA", "SDG-8.7.1-EA-HC", "VN-LC2019"]
    said = answers["SDG-8.7.1-EA"]
    assert set(said) == {
        "child_labour", "missing", "profile", "version", "reference_date", "age_months", "policies", "input_hash",
    }  # fmt: skip
    assert (said["child_labour"], said["age_months"], said["policies"]) == (False, None, {})
    assert answers["VN-LC2019"]["basis"] == [
        {
            "row": "–",
            "class": "NOT_WORKING",
            "articles": ["LC 143(1)"],
            "text": {"vi": "Không có việc làm trong tuần tham chiếu", "en": "No work in the reference week"},
        }
    ]


def test_statistics_say_what_is_missing() -> None:
    case = law_cases.child(birth_date="2014", chores_hours=None, jobs=[law_cases.job("family", hours=None)])
    lacking = judge(case, profiles=["SDG-8.7.1-EA-HC"])["SDG-8.7.1-EA-HC"].missing
    assert [tuple(entry) for entry in lacking] == [
        ("birth_date", ("SDG 8.7.1",), None),
        ("chores_hours", ("SDG 8.7.1",), None),
        ("hours", ("SDG 8.7.1",), 1),
    ]
    case = law_cases.child(birth_date="2009-01-01", jobs=[law_cases.job("family", hours=None)])
    (lack,) = judge(case, profiles=["SDG-8.7.1-EA"])["SDG-8.7.1-EA"].missing
    assert tuple(lack) == ("hours", ("SDG 8.7.1",), 1)
    case = law_cases.child(birth_date="2008", jobs=[law_cases.job("family", hours=[7] * 7)])
    answer = judge(case, profiles=["SDG-8.7.1-EA"])["SDG-8.7.1-EA"]
    assert answer.child_labour is None
    assert [lack.fact for lack in answer.missing] == ["birth_date"]


@pytest.mark.parametrize("name", ["VN-LC2019", "SDG-8.7.1-EA", "VN-NCLS2018"])
def test_the_rules_can_be_shown(name: str) -> None:
    profile = next(one for one in all_profiles() if one.name == name)
    rows = rows_in_words(profile)
    assert len(rows) == len(profile.rules) + len(profile.bases) + len(profile.bands)
    assert all(row.articles and row.text_vi and row.text_en and row.age for row in rows)


def test_rows_in_words() -> None:
    profile = next(one for one in all_profiles() if one.name == "VN-LC2019")
    rows = rows_in_words(profile)
    assert [row.row for row in rows][:3] == ["D01", "D02", "D03"]
    assert [row.row for row in rows][-2:] == ["D30", "–"]
    assert [row.row for row in rows].index("D14b") == [row.row for row in rows].index("D14") + 1
    said = {(row.code or row.row): row for row in rows}
    assert (said["U13_BANNED"].age, said["U15_DAY"].age, said["LIGHT_OFFLIST"].age) == (
        "<13",
        "<15",
        "13–<15",
    )
    assert said["D30"].age == "≥18"
    assert said["U15_DAY"].relation == "làm thuê, học nghề"
    assert said["U15_DAY"].condition == "hours_day > 4"
    assert said["U13_NO_APPROVAL"].condition == "arts_or_sport ≠ không và provincial_approval = không"
    assert said["M_NIGHT"].condition == "night = có và night_job = ngoài danh mục"
    assert said["M_OT"].condition == "(hours_day > 8 hoặc hours_week > 40) và overtime_job = ngoài danh mục"
    assert said["M_OT_CHECK"].condition.endswith("overtime_job ∈ overtime_jobs và hours_day ≤ 12")
    assert said["LOAD"].condition == "load_kg ≥ mức TT09 III-68 cho 16-18 tuổi"
    assert said["PROFILE"].condition == "jobs ≤ 0 và risk_factors: từ 2 trở lên"
    assert said["D25"].condition == "không có D22, D23, D23b, D24"
    assert said["M_DAY/FAM"].condition == "hours_day > 8 và khi không có D23, D23b"
    assert said["M_DAY/FAM"].result == "AT_RISK (UNLAWFUL nếu apply_to_family = true)"
    assert said["M_DAY/FAM"].articles == ("LC 146(2)", "Children Law 26")
    assert said["BANNED_JOB:{code}/FAM"].result == "HAZARDOUS (trái luật nếu apply_to_family = true)"
    young = next(row for row in rows if row.code == "LOAD" and row.age == "<15")
    assert young.condition.endswith("và nếu under15_load_value = row_15_16")
    assert said["D26"].as_data()["text"] == {
        "vi": "Chỉ làm việc nhà; từ đủ 15 tuổi không có ngưỡng",
        "en": "Household chores only; no threshold from 15",
    }
    assert said["CHORES_LONG"].as_data()["condition"] == "jobs ≤ 0 và chores_hours ≥ 21"
    assert set(said["FORCED"].as_data()) == {
        "row", "age", "relation", "condition", "result", "code", "articles", "text",
    }  # fmt: skip
    bands = rows_in_words(next(one for one in all_profiles() if one.name == "SDG-8.7.1-EA-HC"))
    assert [(row.age, row.condition, row.result) for row in bands] == [
        ("5–<12", "hours_week ≥ 1 hoặc chores_hours ≥ 21", "child_labour"),
        ("12–<15", "hours_week ≥ 14 hoặc chores_hours ≥ 21", "child_labour"),
        ("15–<18", "hours_week ≥ 43", "child_labour"),
    ]


def _profile(**changes: Any) -> dict[str, Any]:
    rule = {
        "row": "D01",
        "class": "A",
        "age": [0, 10],
        "vi": "v",
        "en": "e",
        "articles": ["LC 1"],
        "when": [],
    }
    data = {
        "name": "T", "version": "1", "kind": "rules", "enabled": True, "verified": False,
        "title_vi": "v", "title_en": "e", "source": "s", "unknown": {}, "class_order": ["A"],
    }  # fmt: skip
    return data | {"rule": [rule | changes]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"age": [10, 10]}, "an empty age band"),
        ({"articles": []}, "no article"),
        ({"when": [{"fact": "load_kg", "op": "=", "value": 1}]}, "no such comparison: ="),
        ({"when": [{"fact": "load_kg"}]}, "a test without an operator"),
    ],
)
def test_a_mistake_in_a_profile_is_found_when_it_is_read(changes: dict[str, Any], said: str) -> None:
    assert read_profile(_profile(), {}).rules[0].row == "D01"
    with pytest.raises(ValueError, match=said):
        read_profile(_profile(**changes), {})


def test_the_profile_says_how_leap_days_count() -> None:
    assert any("29 tháng 2" in note and "01 tháng 3" in note for note in all_profiles()[3].notes)


def test_a_fact_that_lacks_at_every_possible_age_does_not_ask_for_the_birth_date() -> None:
    case = law_cases.child(birth_date="2011", forced=None, jobs=[law_cases.job(hours=[1, 0, 0, 0, 0, 0, 0])])
    (forced,) = [entry for entry in national(case).missing if entry.fact == "forced"]
    assert forced.articles == ("LC 8(2)", "LC 3(7)", "NĐ56 12(1)")
    birth = [entry for entry in national(case).missing if entry.fact == "birth_date"]
    assert not birth or not set(forced.articles) <= set(birth[0].articles)
