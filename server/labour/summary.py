"""From the rows to the judgement: what holds at every possible age, the summary class, and the missing facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from server.labour.case import CASE_FIELDS, JOB_FIELDS, Case
from server.labour.evaluate import Key, Open, Outcome, evaluate
from server.labour.judgement import Basis, Finding, Judgement, Missing
from server.labour.profiles import Profile
from server.labour.program import Program
from server.labour.week import Need, Week

Name = TypeVar("Name", str, Key)

REVIEW = "REVIEW"
BIRTH: Need = ("birth_date", None)
ORDER = {name: place for place, name in enumerate((*CASE_FIELDS, *JOB_FIELDS))}


def judge_rules(program: Program, case: Case, week: Week) -> Judgement:
    """The judgement of a profile of rules."""
    stretches = program.for_ages(*case.months)
    outcomes = [evaluate(stretch, case, week) for stretch in stretches]
    outcome = outcomes[0] if len(outcomes) == 1 else _holding_everywhere(outcomes, program)
    findings = _in_order(outcome, program)
    proved = max(outcome.ranks.values(), default=0)
    proved = max([proved, *(program.rank[class_] for class_ in outcome.bases)])
    open_rows = [row for key, row in outcome.open.items() if key[0] != "base" or row.rank > proved]
    doubtful = any(row.rank > proved for row in open_rows) and proved < program.rank[REVIEW]
    class_ = REVIEW if doubtful else program.profile.class_order[len(program.rank) - proved]
    unlawful = any(finding.counts for finding in findings)
    return Judgement(
        profile=program.profile.name,
        version=program.profile.version,
        case=case,
        class_=class_,
        findings=findings,
        missing=missing_facts(open_rows, program.profile),
        basis=tuple(outcome.bases.values()),
        unlawful=True if unlawful else None if class_ == REVIEW else False,
        procedural_only=unlawful and _procedural(findings, program.profile),
        child_labour=None,
        policies=program.policies,
    )


def _in_order(outcome: Outcome, program: Program) -> tuple[Finding, ...]:
    """In the order of the table, so that the order of jobs does not matter."""
    if len(outcome.findings) < 2:
        return tuple(outcome.findings.values())
    place = program.place
    return tuple(sorted(outcome.findings.values(), key=lambda found: (place[found.row], found.code)))


def _procedural(findings: tuple[Finding, ...], profile: Profile) -> bool:
    return all(finding.code in profile.procedural for finding in findings if finding.counts)


def missing_facts(open_rows: list[Open], profile: Profile) -> tuple[Missing, ...]:
    """Every fact that an open row lacks, with the articles of those rows."""
    if not open_rows:
        return ()
    needs: dict[Need, dict[str, None]] = {}
    for row in open_rows:
        for need in row.needs:
            articles = needs.setdefault(need, dict.fromkeys(profile.unknown.get(need[0], ())))
            articles.update(dict.fromkeys(row.articles))
    ordered = sorted(needs, key=lambda need: (need[1] or 0, ORDER[need[0]]))
    return tuple(Missing(need[0], tuple(needs[need]), need[1]) for need in ordered)


def _holding_everywhere(outcomes: list[Outcome], program: Program) -> Outcome:
    """Birth date known in part: what every possible age says holds; the rest waits for the birth date."""
    whole = Outcome()
    for key in _keys(outcome.findings for outcome in outcomes):
        _join_findings(whole, key, outcomes)
    for class_ in _keys(outcome.bases for outcome in outcomes):
        _join_bases(whole, class_, outcomes, program)
    for key in _keys(outcome.open for outcome in outcomes):
        rows = [outcome.open[key] for outcome in outcomes if key in outcome.open]
        for row in rows:
            _leave_open(whole, key, row)
        if len(rows) < len(outcomes):
            whole.open[key].needs[BIRTH] = None
    return whole


def _join_findings(whole: Outcome, key: Key, outcomes: list[Outcome]) -> None:
    found = [outcome.findings[key] for outcome in outcomes if key in outcome.findings]
    ranks = [outcome.ranks[key] for outcome in outcomes if key in outcome.ranks]
    if len(found) < len(outcomes):
        articles = tuple(dict.fromkeys(article for finding in found for article in finding.articles))
        _leave_open(whole, key, Open(max(ranks), articles, {BIRTH: None}))
        return
    common = tuple(
        article for article in found[0].articles if all(article in other.articles for other in found)
    )
    counts = all(finding.counts for finding in found)
    whole.findings[key] = found[0]._replace(articles=common, counts=counts)
    whole.ranks[key] = ranks[0]
    if not counts and any(finding.counts for finding in found):  # D23 below 16, D23b from 16
        _leave_open(whole, key, Open(ranks[0], common, {BIRTH: None}))


def _join_bases(whole: Outcome, class_: str, outcomes: list[Outcome], program: Program) -> None:
    found: list[Basis] = [outcome.bases[class_] for outcome in outcomes if class_ in outcome.bases]
    if len(found) == len(outcomes):
        whole.bases[class_] = found[0]
        return
    _leave_open(whole, ("base", class_), Open(program.rank[class_], found[0].articles, {BIRTH: None}))


def _leave_open(whole: Outcome, key: Key, row: Open) -> None:
    known = whole.open.setdefault(key, Open(row.rank, (), {}))
    known.articles = tuple(dict.fromkeys(known.articles + row.articles))
    known.needs.update(row.needs)


def _keys(groups: Iterable[Iterable[Name]]) -> dict[Name, None]:
    return {key: None for keys in groups for key in keys}
