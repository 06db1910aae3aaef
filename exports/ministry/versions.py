"""Codes of a classification in the version of their day: what was asked in another version is translated.

A questionnaire is drawn up in one version of VSIC, but a job is reported in the version in force on the child's
reference day. The template's correspondences say which code answers to which; where one code became several, the
code stays as it was recorded, with its version, because a letter alone would say something else.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from exports.ministry.round import Round
from exports.ministry.snapshot import Job
from exports.ministry.template import Codes

INDUSTRY = "vsic"


def in_force(rounded: Round, codes: Codes) -> Round:
    """The round with every job's industry in the version of its day."""
    days = {child.id: rounded.day_of(child) for child in rounded.snapshot.children}
    jobs = tuple(_translated(job, codes, days) for job in rounded.snapshot.jobs)
    if jobs == rounded.snapshot.jobs:
        return rounded
    return Round(replace(rounded.snapshot, jobs=jobs), recorded=rounded.snapshot.jobs)


def _translated(job: Job, codes: Codes, days: dict[str, date]) -> Job:
    if job.industry is None or job.industry_version is None:
        return job
    code, version = codes.translate(INDUSTRY, job.industry, job.industry_version, day=days[job.child_id])
    return replace(job, industry=code, industry_version=version)
