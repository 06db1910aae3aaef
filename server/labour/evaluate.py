"""Evaluating all rows for one case at one stretch of ages: what is proved, what stays open, and for want of what."""

from __future__ import annotations

from dataclasses import dataclass, field

from server.labour.case import Case, Job
from server.labour.conditions import NO, UNKNOWN, YES, value_of
from server.labour.judgement import Basis, Fact, Finding
from server.labour.program import CompiledBase, CompiledRule, Said, Stretch
from server.labour.week import Need, Week

Key = tuple[str, str]  # a finding: code and suffix; an open row: row and code; a base: its class


@dataclass(slots=True)
class Open:
    """A row that cannot be decided."""

    rank: int
    articles: tuple[str, ...]
    needs: dict[Need, None]


@dataclass(slots=True)
class Outcome:
    """What one stretch of ages says."""

    findings: dict[Key, Finding] = field(default_factory=dict)
    ranks: dict[Key, int] = field(default_factory=dict)
    bases: dict[str, Basis] = field(default_factory=dict)
    open: dict[Key, Open] = field(default_factory=dict)


def evaluate(stretch: Stretch, case: Case, week: Week) -> Outcome:
    """All rows, for a child of an age within the stretch."""
    outcome = Outcome()
    for rule in stretch.of_child:
        answer = rule.condition.holds(case, None, week)
        if answer == YES:
            _found(outcome, rule, case, None, week)
        elif answer == UNKNOWN:
            _opened(outcome, rule, rule.condition.lacks(case, None, week))
    for job in case.jobs or ():
        _judge_job(outcome, stretch, case, job, week)
    if outcome.findings:
        _silence(outcome, stretch.guarded)
    if case.jobs is None and stretch.of_job[None]:
        most = max(rule.rank for rule in stretch.of_job[None])
        outcome.open["D29", "jobs"] = Open(most, (), {("jobs", None): None})
    for base in stretch.bases:
        _stand(outcome, base, case, week)
    return outcome


def _judge_job(outcome: Outcome, stretch: Stretch, case: Case, job: Job, week: Week) -> None:
    relation = job.relation
    for rule in stretch.of_job[relation]:
        answer = rule.condition.holds(case, job, week)
        if answer == NO:
            continue
        if answer == YES and relation is not None:
            _found(outcome, rule, case, job, week)
            continue
        needs = rule.condition.lacks(case, job, week) if answer == UNKNOWN else ()
        _opened(outcome, rule, needs if relation is not None else (("relation", job.position), *needs))


def _found(outcome: Outcome, rule: CompiledRule, case: Case, job: Job | None, week: Week) -> None:
    facts = tuple(_facts(rule, case, job, week))
    if not rule.among:
        _add(outcome, rule, (rule.rule.code, rule.articles, rule.rule.vi, rule.rule.en), facts)
        return
    for code in value_of(rule.among, case, job, week):
        _add(outcome, rule, rule.named[code], facts)


def _add(outcome: Outcome, rule: CompiledRule, said: Said, facts: tuple[Fact, ...]) -> None:
    code, articles, text_vi, text_en = said
    key = code, rule.rule.suffix
    known = outcome.findings.get(key)
    if known is not None:
        facts = known.facts + tuple(fact for fact in facts if fact not in known.facts)
    outcome.ranks[key] = rule.rank
    row = rule.rule
    outcome.findings[key] = Finding(
        code, articles, row.suffix, row.row, rule.class_, rule.counts, text_vi, text_en, facts
    )


def _facts(rule: CompiledRule, case: Case, job: Job | None, week: Week) -> list[Fact]:
    """The facts behind a finding that are known; hours are those of all jobs, so they name none."""
    position = None if job is None else job.position
    found = []
    for name in rule.facts:
        value = value_of(name, case, job, week)
        if value is not None:
            found.append(Fact(name, value, None if name.startswith("hours_") else position))
    if job is not None:
        found.append(Fact("relation", job.relation, position))
    return found


def _opened(outcome: Outcome, rule: CompiledRule, needs: tuple[Need, ...]) -> None:
    key = rule.rule.row, rule.rule.code
    known = outcome.open.get(key)
    if known is None:
        known = outcome.open[key] = Open(rule.rank, rule.articles, {})
    known.needs.update(dict.fromkeys(needs))


def _silence(outcome: Outcome, guarded: tuple[CompiledRule, ...]) -> None:
    """A row with ``unless_found`` gives way to the rows that say more."""
    rows = {finding.row for finding in outcome.findings.values()}
    for rule in guarded:
        if rows.intersection(rule.rule.unless_found):
            outcome.findings.pop((rule.rule.code, rule.rule.suffix), None)
            outcome.ranks.pop((rule.rule.code, rule.rule.suffix), None)
            outcome.open.pop((rule.rule.row, rule.rule.code), None)


def _stand(outcome: Outcome, base: CompiledBase, case: Case, week: Week) -> None:
    """Whether a base situation holds: there is such work, and no row of ``clean`` is found or open."""
    jobs, wanted = case.jobs or (), base.rule.relation
    unsure = [job for job in jobs if job.relation is None]
    if wanted and not unsure and not any(job.relation in wanted for job in jobs):
        return
    if base.clean and any(finding.row in base.clean for finding in outcome.findings.values()):
        return
    answer = base.condition.holds(case, None, week)
    if answer == NO:
        return
    certain = answer == YES and (not wanted or any(job.relation in wanted for job in jobs))
    if certain and not any(row in base.clean for row, _ in outcome.open):
        outcome.bases[base.rule.class_] = base.basis
        return
    needs = dict.fromkeys(base.condition.lacks(case, None, week))
    if wanted:
        needs |= dict.fromkeys(("relation", job.position) for job in unsure)
    outcome.open["base", base.rule.class_] = Open(base.rank, base.rule.articles, needs)
