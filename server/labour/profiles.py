"""Profiles: bodies of rules as data, read from ``profiles/*.toml`` and checked once.

A rule of a ``rules`` profile finds something; a ``base`` says what the child's situation is when nothing is found.
A ``statistics`` profile only has bands: child labour when any test of the child's age band holds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from forms.problems import Problem

LISTS = ("banned_jobs", "banned_places", "light_jobs", "overtime_jobs", "night_jobs")

PolicyValue = bool | str
Policies = Mapping[str, PolicyValue]


@dataclass(frozen=True)
class Test:
    """One condition on one fact, or several of which any suffices. Exactly one of the operands is given."""

    __test__ = False

    fact: str = ""
    operator: str = ""
    operand: Any = None
    any_of: tuple[Test, ...] = ()

    def facts(self) -> Iterator[str]:
        """The names of the facts that this test looks at."""
        if self.fact:
            yield self.fact
        for test in self.any_of:
            yield from test.facts()


@dataclass(frozen=True)
class Item:
    """One entry of a list of jobs or places. ``short``: the list holds the number, the text is the law's own."""

    code: str
    vi: str
    articles: tuple[str, ...]
    short: bool = False


@dataclass(frozen=True)
class Rule:
    """One row of the decision table, or one base situation (which has no code)."""

    row: str
    class_: str
    age: tuple[int, int]
    vi: str
    en: str
    articles: tuple[str, ...]
    code: str = ""
    suffix: str = ""
    relation: tuple[str, ...] = ()
    when: tuple[Test, ...] = ()
    clean: tuple[str, ...] = ()
    unless_found: tuple[str, ...] = ()
    also: tuple[tuple[tuple[int, int], tuple[str, ...]], ...] = ()
    only_if: tuple[tuple[str, PolicyValue], ...] = ()
    counts_if: tuple[tuple[str, PolicyValue], ...] = ()
    class_if: tuple[tuple[tuple[str, PolicyValue], ...], str] | None = None
    valid_from: date = date.min
    valid_to: date = date.max

    def facts(self) -> tuple[str, ...]:
        """The facts of its conditions, in order."""
        return tuple(dict.fromkeys(name for test in self.when for name in test.facts()))


@dataclass(frozen=True)
class Band:
    """One age band of a statistical profile."""

    age: tuple[int, int]
    tests: tuple[Test, ...]
    articles: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A choice that the law leaves open; always shown as a proposal."""

    name: str
    default: PolicyValue
    values: tuple[PolicyValue, ...]
    vi: str
    en: str


@dataclass(frozen=True)
class LoadLimit:
    """Kilograms from which carrying is prohibited."""

    age: str
    sex: str
    occasional: float
    regular: float


@dataclass(frozen=True)
class RiskFactor:
    """One circumstance of D28; factors of one group count once."""

    code: str
    group: str
    vi: str
    en: str


@dataclass(frozen=True, eq=False)
class Profile:
    """One version of one body of rules; each is itself and nothing else, so that it can be compiled once."""

    name: str
    version: str
    kind: str
    enabled: bool
    verified: bool
    title_vi: str
    title_en: str
    source: str
    valid_from: date
    valid_to: date
    notes: tuple[str, ...]
    unknown: Mapping[str, tuple[str, ...]]
    policies: Mapping[str, Policy] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    bases: tuple[Rule, ...] = ()
    bands: tuple[Band, ...] = ()
    class_order: tuple[str, ...] = ()
    unlawful_classes: frozenset[str] = frozenset()
    procedural: frozenset[str] = frozenset()
    lists: Mapping[str, Mapping[str, Item]] = field(default_factory=dict)
    load_limits: tuple[LoadLimit, ...] = ()
    risk_factors: tuple[RiskFactor, ...] = ()

    def articles(self) -> frozenset[str]:
        """Every article that the profile knows: whatever a finding cites is one of these."""
        found = {article for entry in self.rules for article in entry.articles}
        found |= {article for base in self.bases for article in base.articles}
        found |= {article for band in self.bands for article in band.articles}
        found |= {article for rule in self.rules for _, more in rule.also for article in more}
        found |= {article for item in self.items() for article in item.articles}
        return frozenset(found | {article for more in self.unknown.values() for article in more})

    def items(self) -> Iterator[Item]:
        """Every entry of every list."""
        for entries in self.lists.values():
            yield from entries.values()

    def in_force(self, on: date) -> bool:
        """Whether this version is the law on that day."""
        return self.valid_from <= on <= self.valid_to


@cache
def all_profiles() -> tuple[Profile, ...]:
    """Every version of every profile, by name and then by the day it begins."""
    from server.labour.profile_files import read_profile

    folder = resources.files("server.labour") / "profiles"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    texts = {name: tomllib.loads((folder / name).read_text(encoding="utf-8")) for name in names}
    found = [read_profile(data, texts) for data in texts.values() if "name" in data]
    return tuple(sorted(found, key=lambda profile: (profile.name, profile.valid_from)))


def profile_names(*, enabled_only: bool = True) -> tuple[str, ...]:
    """The names of the profiles, each once."""
    chosen = (profile.name for profile in all_profiles() if profile.enabled or not enabled_only)
    return tuple(dict.fromkeys(chosen))


@cache
def find_profile(name: str, on: date) -> Profile:
    """The version of the profile in force on that day."""
    versions = [profile for profile in all_profiles() if profile.name == name]
    if not versions:
        known = ", ".join(profile_names(enabled_only=False))
        raise Problem("law_profile_unknown", profile=name, known=known)
    for profile in versions:
        if profile.in_force(on):
            return profile
    raise Problem(
        "law_not_in_force", profile=name, on=on.isoformat(), since=versions[0].valid_from.isoformat()
    )


@cache
def known_codes(name: str) -> frozenset[str]:
    """The codes of one list, over all profiles."""
    return frozenset(code for profile in all_profiles() for code in profile.lists.get(name, ()))


@cache
def known_risk_factors() -> frozenset[str]:
    """The codes of the risk factors, over all profiles."""
    return frozenset(factor.code for profile in all_profiles() for factor in profile.risk_factors)
