"""Judging one case under the profiles: the front door of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Any

from forms.problems import Problem
from server.labour.case import Case
from server.labour.facts import read_case
from server.labour.judgement import Finding, Judgement, Missing
from server.labour.profiles import (
    Policies,
    PolicyValue,
    Profile,
    all_profiles,
    find_profile,
    profile_names,
)
from server.labour.program import Program, Settings, compile_profile
from server.labour.statistical import judge_statistics
from server.labour.summary import judge_rules
from server.labour.week import week_of

__all__ = ["Case", "Finding", "Judgement", "Missing", "judge", "read_case", "read_policies"]


def judge(
    case: Case | Mapping[str, Any],
    *,
    profiles: Iterable[str] | None = None,
    policies: Policies | None = None,
) -> dict[str, Judgement]:
    """The judgements by profile, under the law of the reference date; by default of every enabled profile."""
    if not isinstance(case, Case):
        case = read_case(case)
    given = tuple(sorted(policies.items())) if policies else ()
    week = week_of(case)
    answers: dict[str, Judgement] = {}
    names = profile_names() if profiles is None else tuple(profiles)
    for name, found in _in_force(names, case.reference_date, given):
        if isinstance(found, Program):
            answers[name] = judge_rules(found, case, week)
        else:
            answers[name] = judge_statistics(found, case, week)
    return answers


@cache
def _in_force(names: tuple[str, ...], on: date, given: Settings) -> tuple[tuple[str, Program | Profile], ...]:
    """The law of a day: programs of rules, and profiles of statistics."""
    found: list[tuple[str, Program | Profile]] = []
    for name in names:
        profile = find_profile(name, on)
        rules = profile.kind == "rules"
        found.append((name, compile_profile(profile, _settings(profile, given), on) if rules else profile))
    return tuple(found)


def read_policies(pairs: Iterable[str]) -> dict[str, PolicyValue]:
    """Policies from words like ``apply_to_family=true``."""
    policies: dict[str, PolicyValue] = {}
    for pair in pairs:
        name, _, word = pair.partition("=")
        policies[name] = {"true": True, "false": False}.get(word, word)
    _check(tuple(sorted(policies.items())))
    return policies


@cache
def _settings(profile: Profile, given: Settings) -> Settings:
    """The policies of a profile: the given ones, else its own defaults."""
    _check(given)
    chosen = dict(given)
    return tuple(
        (name, chosen.get(name, policy.default)) for name, policy in sorted(profile.policies.items())
    )


def _check(given: Settings) -> None:
    known = {name: policy for profile in all_profiles() for name, policy in profile.policies.items()}
    for name, value in given:
        if name not in known:
            raise Problem("law_policy_unknown", policy=name, known=", ".join(sorted(known)))
        if value not in known[name].values:
            values = " | ".join(str(allowed).lower() for allowed in known[name].values)
            raise Problem("law_policy_bad", policy=name, values=values)
