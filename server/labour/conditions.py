"""Conditions of the rules, compiled to functions with three answers: yes, no, not enough facts."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from server.labour.case import JOB_FIELDS, Case, Job
from server.labour.profiles import LoadLimit, Profile, Test
from server.labour.week import Need, Week

NO, YES, UNKNOWN = 0, 1, 2

Holds = Callable[[Case, Job | None, Week], int]
Lacks = Callable[[Case, Job | None, Week], tuple[Need, ...]]

WORKED = "worked_12_months"
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether it holds, and which facts are lacking when that is not known."""

    holds: Holds
    lacks: Lacks


def compile_all(tests: Iterable[Test], profile: Profile) -> Condition:
    """Every one of the tests must hold; one "no" decides whatever else is unknown."""
    parts = tuple(compile_test(test, profile) for test in tests)
    if len(parts) == 1:
        return parts[0]
    checks = tuple(part.holds for part in parts)

    def holds(case: Case, job: Job | None, week: Week) -> int:
        answer = YES
        for check in checks:
            one = check(case, job, week)
            if one == NO:
                return NO
            if one == UNKNOWN:
                answer = UNKNOWN
        return answer

    return Condition(holds, _lacks_of(parts))


def _compile_any(tests: Iterable[Test], profile: Profile) -> Condition:
    parts = tuple(compile_test(test, profile) for test in tests)
    checks = tuple(part.holds for part in parts)

    def holds(case: Case, job: Job | None, week: Week) -> int:
        answer = NO
        for check in checks:
            one = check(case, job, week)
            if one == YES:
                return YES
            if one == UNKNOWN:
                answer = UNKNOWN
        return answer

    return Condition(holds, _lacks_of(parts))


def _lacks_of(parts: tuple[Condition, ...]) -> Lacks:
    def lacks(case: Case, job: Job | None, week: Week) -> tuple[Need, ...]:
        unknown = (part for part in parts if part.holds(case, job, week) == UNKNOWN)
        return tuple(dict.fromkeys(need for part in unknown for need in part.lacks(case, job, week)))

    return lacks


def compile_test(test: Test, profile: Profile) -> Condition:
    """The function of one test of a profile."""
    if test.any_of:
        return _compile_any(test.any_of, profile)
    if test.operator in _COMPARE:
        return _comparison(test)
    if test.operator == "reaches":
        return _load(tuple(limit for limit in profile.load_limits if limit.age == test.operand))
    if test.operator == "at_least":
        groups = {factor.code: factor.group for factor in profile.risk_factors}
        return _risk(groups, test.operand)
    if test.operator in ("listed", "among"):
        return _membership(test, frozenset(profile.lists[test.operand]))
    return _equality(test)


def value_of(fact: str, case: Case, job: Job | None, week: Week) -> Any:
    """The value of a fact as a rule sees it; the hours are those of all jobs."""
    if fact == "hours_day":
        return week.day
    if fact == "hours_week":
        return week.week
    if fact == "jobs":
        return None if case.jobs is None else len(case.jobs)
    return getattr(job if fact in JOB_FIELDS else case, fact)


def _getter(fact: str) -> tuple[Callable[[Case, Job | None], Any], Lacks]:
    get = operator.attrgetter(fact)
    if fact in JOB_FIELDS:
        return (lambda case, job: get(job)), (
            lambda case, job, week: ((fact, job.position if job else None),)
        )
    return (lambda case, job: get(case)), (lambda case, job, week: ((fact, None),))


def _equality(test: Test) -> Condition:
    get, lacks = _getter(test.fact)
    wanted = test.operand
    if test.operator == "unless":
        return Condition(lambda case, job, week: NO if get(case, job) == wanted else YES, lacks)

    def holds(case: Case, job: Job | None, week: Week) -> int:
        value = get(case, job)
        if value is None:
            return UNKNOWN
        return YES if value == wanted else NO

    return Condition(holds, lacks)


def _membership(test: Test, codes: Collection[str]) -> Condition:
    get, lacks = _getter(test.fact)
    many = test.operator == "among"

    def holds(case: Case, job: Job | None, week: Week) -> int:
        value = get(case, job)
        if value is None:
            return UNKNOWN
        found = any(code in codes for code in value) if many else value in codes
        return YES if found else NO

    return Condition(holds, lacks)


def _comparison(test: Test) -> Condition:
    compare = _COMPARE[test.operator]
    limit = test.operand
    if test.fact in ("hours_day", "hours_week"):
        return _hours(test.fact == "hours_day", test.operator, limit)
    if test.fact == "jobs":

        def count(case: Case, job: Job | None, week: Week) -> int:
            if case.jobs is None:
                return UNKNOWN
            return YES if compare(len(case.jobs), limit) else NO

        return Condition(count, lambda case, job, week: (("jobs", None),))
    get, lacks = _getter(test.fact)

    def holds(case: Case, job: Job | None, week: Week) -> int:
        value = get(case, job)
        if value is None:
            return UNKNOWN
        return YES if compare(value, limit) else NO

    return Condition(holds, lacks)


def _hours(longest_day: bool, sign: str, limit: float) -> Condition:
    """Known hours are a lower bound: passing a limit stands, staying below it needs every hour."""
    compare = _COMPARE[sign]
    stands = YES if sign in (">", ">=") else NO

    def holds(case: Case, job: Job | None, week: Week) -> int:
        answer = YES if compare(week.day if longest_day else week.week, limit) else NO
        return answer if week.complete or answer == stands else UNKNOWN

    return Condition(holds, lambda case, job, week: week.lacking)


def _load(limits: tuple[LoadLimit, ...]) -> Condition:
    """TT09 III-68: the limit depends on the sex and on how regular the carrying is; unknown means any of them."""

    possible = {
        (sex, regular): _possible(limits, sex, regular)
        for sex in ("male", "female", None)
        for regular in (True, False, None)
    }

    def holds(case: Case, job: Job | None, week: Week) -> int:
        assert job is not None
        load = job.load_kg
        if load is None:
            return UNKNOWN
        lowest, highest = possible[case.sex, job.load_regular]
        return YES if load >= highest else UNKNOWN if load >= lowest else NO

    def lacks(case: Case, job: Job | None, week: Week) -> tuple[Need, ...]:
        assert job is not None
        needs: list[Need] = []
        if job.load_kg is None:
            needs.append(("load_kg", job.position))
        if job.load_regular is None:
            needs.append(("load_regular", job.position))
        if case.sex is None:
            needs.append(("sex", None))
        return tuple(needs)

    return Condition(holds, lacks)


def _possible(limits: tuple[LoadLimit, ...], sex: str | None, regular: bool | None) -> tuple[float, float]:
    """The lowest and the highest limit that may apply."""
    rows = [row for row in limits if sex is None or row.sex == sex]
    found = [row.regular for row in rows if regular is not False]
    found += [row.occasional for row in rows if regular is not True]
    return min(found), max(found)


def _risk(groups: dict[str, str], enough: int) -> Condition:
    """D28: how many circumstances; "worked in the last 12 months" is a factor and a fact of its own, both one."""

    def known(case: Case) -> set[str]:
        found = {groups[code] for code in case.risk_factors or () if code in groups}
        return found | {WORKED} if case.worked_12_months else found

    def holds(case: Case, job: Job | None, week: Week) -> int:
        found = known(case)
        if len(found) >= enough:
            return YES
        if case.risk_factors is None:
            return UNKNOWN
        could_be_more = case.worked_12_months is None and WORKED not in found
        return UNKNOWN if could_be_more and len(found) + 1 >= enough else NO

    def lacks(case: Case, job: Job | None, week: Week) -> tuple[Need, ...]:
        factors: tuple[Need, ...] = (("risk_factors", None),) if case.risk_factors is None else ()
        worked: tuple[Need, ...] = ((WORKED, None),) if case.worked_12_months is None else ()
        return factors + worked

    return Condition(holds, lacks)
