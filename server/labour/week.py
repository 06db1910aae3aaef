"""The reference week of a child: the hours of all jobs added up day by day, as far as they are known."""

from __future__ import annotations

from dataclasses import dataclass

from server.labour.case import DAYS, Case, Job

Need = tuple[str, int | None]  # a fact that is not known, and the position of its job

PLACES = 6  # a sum of decimal hours must not pass a limit by an error of binary fractions


@dataclass(frozen=True, slots=True)
class Week:
    """The longest day and the whole week. When not ``complete`` both are only what is known: lower bounds."""

    day: float
    week: float
    complete: bool
    lacking: tuple[Need, ...]


NO_WORK = Week(0.0, 0.0, True, ())
NOBODY_KNOWS = Week(0.0, 0.0, False, (("jobs", None),))


def week_of(case: Case) -> Week:
    """The hours of the case; an hour that is not known is never taken for zero."""
    if case.jobs is None:
        return NOBODY_KNOWS
    if not case.jobs:
        return NO_WORK
    days = [0.0] * DAYS
    lacking: list[Need] = []
    for job in case.jobs:
        if not _add(job, days):
            lacking.append(("hours", job.position))
    return Week(round(max(days), PLACES), round(sum(days), PLACES), not lacking, tuple(lacking))


def _add(job: Job, days: list[float]) -> bool:
    """Add the known hours of a job; whether all were known."""
    if job.hours is None:
        return False
    complete = True
    for day, hours in enumerate(job.hours):
        if hours is None:
            complete = False
        else:
            days[day] += hours
    return complete
