"""``link(people)``: the pairs of records that are one child, with score and reasons. Pure, and the same every time.

After scoring, links that contradict each other are taken apart: a record that seems to be two children who are
certainly not one (a nickname that fits both twins) keeps the clearly better link, or none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

from sync.people.blocks import pairs
from sync.people.commonness import Commonness
from sync.people.names import compare
from sync.people.record import Person
from sync.people.score import THRESHOLD, Scored, score

CLEARLY_OTHER, CLEARLY_BETTER = -3.0, 3.0
Links = dict[tuple[int, int], Scored]


@dataclass(frozen=True)
class Link:
    a: str
    b: str
    score: float
    reasons: tuple[str, ...]

    def as_data(self) -> dict[str, Any]:
        return {"a": self.a, "b": self.b, "score": self.score, "reasons": list(self.reasons)}


def link(
    people: Sequence[Person], threshold: float = THRESHOLD, about: Container[str] | None = None
) -> list[Link]:
    """The pairs at or above the threshold, in the order of the records; with ``about``, those with one of these ids."""
    common = Commonness(people)
    candidates = pairs(people).tolist()
    common.learn_calls(_clashes(people, candidates))
    if about is not None:
        asked = [person.id in about for person in people]
        candidates = [pair for pair in candidates if asked[pair[0]] or asked[pair[1]]]
    least = log2(threshold / (1 - threshold))
    found: Links = {}
    for first, second in candidates:
        if people[first].id != people[second].id:
            scored = score(people[first], people[second], common)
            if scored.bits >= least:
                found[first, second] = scored
    _take_apart(people, common, found)
    return [
        Link(people[first].id, people[second].id, scored.score, scored.reasons)
        for (first, second), scored in sorted(found.items())
    ]


def _clashes(people: Sequence[Person], candidates: Iterable[list[int]]) -> Counter[str]:
    """For each given name, the records that have another name in a family with a child of that very birthday."""
    clashing: set[int] = set()
    for first, second in candidates:
        one, other = people[first], people[second]
        if one.birth != other.birth or not one.birth.full or one.birth.vague or one.sex != other.sex:
            continue
        family = [(one.mother.key, other.mother.key), (one.father.key, other.father.key)]
        agree = any(a and a == b for a, b in family) and all(a == b or not a or not b for a, b in family)
        if agree and compare(one.name, other.name) == "different":
            clashing |= {first, second}
    return Counter(people[place].name.given for place in clashing)


def _take_apart(people: Sequence[Person], common: Commonness, found: Links) -> None:
    """Remove links of a record to two others that are certainly not one child."""
    partners: dict[int, list[int]] = defaultdict(list)
    for first, second in found:
        partners[first].append(second)
        partners[second].append(first)
    dropped: set[tuple[int, int]] = set()
    for middle, others in partners.items():
        for place, one in enumerate(others):
            for other in others[place + 1 :]:
                if _pair(one, other) not in found and _apart(people[one], people[other], common):
                    dropped.update(_weaker(_pair(middle, one), _pair(middle, other), found))
    for pair in dropped:
        del found[pair]


def _apart(one: Person, other: Person, common: Commonness) -> bool:
    return score(one, other, common).bits < CLEARLY_OTHER


def _weaker(one: tuple[int, int], other: tuple[int, int], found: Links) -> Iterable[tuple[int, int]]:
    difference = found[one].bits - found[other].bits
    if abs(difference) < CLEARLY_BETTER:
        return (one, other)
    return (other,) if difference > 0 else (one,)


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
