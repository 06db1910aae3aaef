"""A profile compiled for one choice of policies: for every stretch of ages the rules that can apply, by relation."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise

from server.labour.ages import OLDEST
from server.labour.case import RELATIONS
from server.labour.conditions import Condition, compile_all
from server.labour.judgement import Basis
from server.labour.profiles import Item, Policies, PolicyValue, Profile, Rule

Settings = tuple[tuple[str, PolicyValue], ...]
Said = tuple[str, tuple[str, ...], str, str]  # code, articles, text in Vietnamese and English


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """A rule within one stretch of ages, with the policies applied. ``among``: the fact that fills its code."""

    rule: Rule
    class_: str
    rank: int
    counts: bool
    articles: tuple[str, ...]
    condition: Condition
    among: str
    named: Mapping[str, Said]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CompiledBase:
    """A base situation within one stretch of ages."""

    rule: Rule
    rank: int
    basis: Basis
    condition: Condition
    clean: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Ages from ``low`` to below ``high`` (in months) for which the same rules apply."""

    low: int
    high: int
    of_child: tuple[CompiledRule, ...]
    of_job: Mapping[str | None, tuple[CompiledRule, ...]]
    guarded: tuple[CompiledRule, ...]
    bases: tuple[CompiledBase, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """All stretches of a profile, in the order of age."""

    profile: Profile
    policies: Mapping[str, PolicyValue]
    rank: Mapping[str, int]
    place: Mapping[str, int]  # of each row in the table
    stretches: tuple[Stretch, ...]
    lows: tuple[int, ...]  # where each stretch begins

    def for_ages(self, low: int, high: int) -> tuple[Stretch, ...]:
        """The stretches that an age between ``low`` and ``high`` may fall in."""
        first = bisect(self.lows, low) - 1
        return self.stretches[first : max(bisect(self.lows, high), first + 1)]


@cache
def compile_profile(profile: Profile, settings: Settings, on: date) -> Program:
    """The program of the rules in force on a day; compiled once for every day and choice of policies."""
    return _compiled(profile, settings, _in_force(profile.rules, on), _in_force(profile.bases, on))


def _in_force(rules: Iterable[Rule], on: date) -> tuple[int, ...]:
    return tuple(number for number, rule in enumerate(rules) if rule.valid_from <= on <= rule.valid_to)


def _compiled(
    profile: Profile, settings: Settings, rules: tuple[int, ...], bases: tuple[int, ...]
) -> Program:
    policies = dict(settings)
    chosen = [profile.rules[number] for number in rules if _agrees(profile.rules[number].only_if, policies)]
    situations = [profile.bases[number] for number in bases]
    rank = {name: place for place, name in enumerate(reversed(profile.class_order), start=1)}
    ages = [rule.age for rule in (*chosen, *situations)] + [age for rule in chosen for age, _ in rule.also]
    edges = sorted({edge for age in ages for edge in age} | {0, OLDEST + 1})
    maker = _Maker(profile, policies, rank)
    stretches = tuple(maker.stretch(low, high, chosen, situations) for low, high in pairwise(edges))
    place = {row: number for number, row in enumerate(dict.fromkeys(rule.row for rule in chosen))}
    return Program(profile, policies, rank, place, stretches, tuple(stretch.low for stretch in stretches))


def _agrees(wanted: Settings, policies: Policies) -> bool:
    return all(policies[name] == value for name, value in wanted)


@dataclass(frozen=True)
class _Maker:
    """Makes the stretches of one program."""

    profile: Profile
    policies: Policies
    rank: Mapping[str, int]

    def stretch(self, low: int, high: int, rules: list[Rule], bases: list[Rule]) -> Stretch:
        made = [self._rule(rule, low) for rule in rules if rule.age[0] <= low < rule.age[1]]
        of_jobs = [one for one in made if one.rule.relation]
        by_relation: dict[str | None, tuple[CompiledRule, ...]] = {
            relation: tuple(one for one in of_jobs if relation in one.rule.relation) for relation in RELATIONS
        }
        return Stretch(
            low=low,
            high=high,
            of_child=tuple(one for one in made if not one.rule.relation),
            of_job=by_relation | {None: tuple(of_jobs)},
            guarded=tuple(one for one in made if one.rule.unless_found),
            bases=tuple(self._base(base) for base in bases if base.age[0] <= low < base.age[1]),
        )

    def _rule(self, rule: Rule, age: int) -> CompiledRule:
        class_ = rule.class_
        if rule.class_if is not None and _agrees(rule.class_if[0], self.policies):
            class_ = rule.class_if[1]
        more = [article for band, articles in rule.also if band[0] <= age < band[1] for article in articles]
        articles = (*rule.articles, *more)
        naming = [test for test in rule.when if test.operator == "among" and "{code}" in rule.code]
        return CompiledRule(
            rule=rule,
            class_=class_,
            rank=self.rank[class_],
            counts=class_ in self.profile.unlawful_classes and _agrees(rule.counts_if, self.policies),
            articles=articles,
            condition=compile_all(rule.when, self.profile),
            among=naming[0].fact if naming else "",
            named=_named(rule, articles, self.profile.lists[naming[0].operand] if naming else {}),
            facts=rule.facts(),
        )

    def _base(self, base: Rule) -> CompiledBase:
        return CompiledBase(
            rule=base,
            rank=self.rank[base.class_],
            basis=Basis(base.row, base.class_, base.articles, base.vi, base.en),
            condition=compile_all(base.when, self.profile),
            clean=frozenset(base.clean),
        )


def _named(rule: Rule, articles: tuple[str, ...], items: Mapping[str, Item]) -> dict[str, Said]:
    """What a rule says about each entry of a list."""
    return {
        code: (
            rule.code.replace("{code}", code),
            tuple(dict.fromkeys(articles + item.articles)),
            rule.vi.replace("{item}", item.vi),
            rule.en.replace("{item}", item.vi),
        )
        for code, item in items.items()
    }
