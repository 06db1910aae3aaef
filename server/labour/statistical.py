"""Statistical profiles: child labour yes, no, or not enough facts, by bands of age and hours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from server.labour.case import JOB_FIELDS, Case
from server.labour.conditions import NO, UNKNOWN, YES, Condition, compile_test
from server.labour.evaluate import Open
from server.labour.judgement import Judgement
from server.labour.profiles import Band, Profile, Test
from server.labour.summary import BIRTH, missing_facts
from server.labour.week import Need, Week

ANSWERS = {YES: True, NO: False, UNKNOWN: None}


@dataclass(frozen=True, slots=True)
class _CompiledBand:
    band: Band
    tests: tuple[tuple[bool, Condition], ...]  # whether it asks each job, and the condition


@cache
def _compiled(profile: Profile) -> tuple[_CompiledBand, ...]:
    return tuple(
        _CompiledBand(band, tuple((_asks_jobs(test), compile_test(test, profile)) for test in band.tests))
        for band in profile.bands
    )


def _asks_jobs(test: Test) -> bool:
    return test.fact in JOB_FIELDS


@cache
def _bands(profile: Profile, low: int, high: int) -> tuple[tuple[_CompiledBand, ...], bool]:
    """The bands that an age between ``low`` and ``high`` may fall in, and whether it may fall outside of all."""
    bands = [band for band in _compiled(profile) if band.band.age[0] <= high and low < band.band.age[1]]
    outside = not bands or low < bands[0].band.age[0] or high >= bands[-1].band.age[1]
    return tuple(bands), outside


def judge_statistics(profile: Profile, case: Case, week: Week) -> Judgement:
    """The judgement of a statistical profile; outside its bands a person is not counted."""
    low, high = case.months
    bands, outside = _bands(profile, low, high)
    answers = [_answer(band, case, week) for band in bands]
    if outside:
        answers.append((NO, {}))
    said = {answer for answer, _ in answers}
    answer = said.pop() if len(said) == 1 else UNKNOWN
    rows = _open_rows(bands, answers, case) if answer == UNKNOWN else []
    return Judgement(
        profile=profile.name,
        version=profile.version,
        case=case,
        class_=None,
        findings=(),
        missing=missing_facts(rows, profile),
        basis=(),
        unlawful=None,
        procedural_only=False,
        child_labour=ANSWERS[answer],
        policies={},
    )


def _open_rows(
    bands: tuple[_CompiledBand, ...], answers: list[tuple[int, dict[Need, None]]], case: Case
) -> list[Open]:
    birth: dict[Need, None] = {BIRTH: None} if len(answers) > 1 else {}
    rows = []
    for band, (_, needs) in zip(bands, answers, strict=False):
        rows.append(Open(0, band.band.articles, birth | needs))
    return rows


def _answer(band: _CompiledBand, case: Case, week: Week) -> tuple[int, dict[Need, None]]:
    """Any test suffices; the needs are those of the tests that are not decided."""
    needs: dict[Need, None] = {}
    for of_job, condition in band.tests:
        for job in (case.jobs or ()) if of_job else (None,):
            answer = condition.holds(case, job, week)
            if answer == YES:
                return YES, {}
            if answer == UNKNOWN:
                needs.update(dict.fromkeys(condition.lacks(case, job, week)))
    return (UNKNOWN, needs) if needs else (NO, needs)
