"""Every case of the tables: class, findings, what is missing, whether it is unlawful, and the article it cites."""

from __future__ import annotations

import re
from typing import Any

import law_cases
import pytest

from server.labour.judge import judge
from server.labour.judgement import Judgement
from server.labour.profiles import Profile, find_profile

CASES = law_cases.tables()
UNLAWFUL = ("URGENT", "HAZARDOUS", "UNLAWFUL")
ROWS = [*(f"D{number:02d}" for number in range(1, 29)), "D14b", "D23b"]


def profile_of(judged: Judgement) -> Profile:
    return find_profile(judged.profile, judged.reference_date)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    names = ["VN-LC2019", *case.get("statistics", ())]
    answers = judge(law_cases.facts_of(case), profiles=names, policies=case.get("policy"))
    judged = answers.pop("VN-LC2019")
    assert judged.class_ == case["class"]
    assert sorted(found.code + found.suffix for found in judged.findings) == sorted(case.get("findings", []))
    assert sorted({lack.fact for lack in judged.missing}) == sorted(case.get("missing", []))
    assert judged.unlawful is case.get("unlawful", _unlawful(case["class"]))
    assert judged.procedural_only is case.get("procedural_only", False)
    cited = [*judged.findings, *judged.basis, *judged.missing]
    assert case["article"] in {article for entry in cited for article in entry.articles}
    assert all(entry.articles and profile_of(judged).articles().issuperset(entry.articles) for entry in cited)
    said = {name: "?" if one.child_labour is None else one.child_labour for name, one in answers.items()}
    assert said == case.get("statistics", {})


def _unlawful(class_: str) -> bool | None:
    return None if class_ == "REVIEW" else class_ in UNLAWFUL


def test_there_are_enough_cases_each_with_its_own_name() -> None:
    names = [case["id"] for case in CASES]
    assert len(names) == len(set(names))
    assert len(names) >= 300
    assert all(case["says"] and case["article"] for case in CASES)


def test_every_row_of_the_table_is_met() -> None:
    """Each row is found, or stands as the reason, in some case."""
    met = set()
    for case in CASES:
        judged = judge(law_cases.facts_of(case), profiles=["VN-LC2019"], policies=case.get("policy"))
        met |= {entry.row for entry in (*judged["VN-LC2019"].findings, *judged["VN-LC2019"].basis)}
    assert [row for row in (*ROWS, "D30") if row not in met] == []


def test_every_entry_of_every_list_is_met() -> None:
    told = set(re.findall(r"'([A-Z0-9]+[a-z]*(?:-[A-Z0-9]+)*)'", repr(CASES)))
    profile = next(iter(judge(law_cases.child(), profiles=["VN-LC2019"]).values()))
    assert {item.code for item in profile_of(profile).items()} - told == set()
