"""Whether two records are one child: bits of evidence against three other explanations. Pure.

Each agreement or difference is weighed three times, as log2 of how much likelier it is for one child than
  * for two children who have nothing to do with each other ("stranger"),
  * for two children of one family, twins among them ("sibling": the family's facts say nothing, the name does),
  * for two children of one name who live near each other ("namesake": the name says nothing, the family does).
The weakest of the three counts. So no amount of shared family makes twins one child, and no shared name cousins.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from rapidfuzz.distance import OSA

from sync.people import births, names
from sync.people.commonness import Commonness
from sync.people.record import Person

Bits = tuple[float, float, float]
THRESHOLD = 0.7
NAME: dict[str, Bits] = {  # added to the bits that the shared syllables are worth to "stranger"
    "same": (0.5, 8, 0),
    "marks_dropped": (0, 8, 0),
    "tone_differs": (-1, 5, -0.5),
    "letter_differs": (-2, -2, -1),
    "middle_differs": (-1.5, 6, -1),
    "reordered": (-2, 6, -0.5),
    "nickname": (-1, 0, 0),
    "abbreviated": (0, 7, -0.5),
    "misspelt": (8, 4, -1),
    "different": (-5, -7, 0),
    "unknown": (-2, -3, 0),
}
BIRTH: dict[str, Bits] = {
    "same": (12, 4, 9),
    "month_same": (7.5, 3, 4.5),
    "year_same": (3.5, 1.5, 2),
    "day_month_swapped": (8, 2, 5),
    "digits_swapped": (8, 2, 5),
    "lunar": (4.5, 1, 3),
    "one_digit": (4, 0, 1.5),
    "year_beside": (-1, -2, -3),
    "other_day": (-2.5, -3, -4.5),
    "different": (-8, -9, -9),
    "unknown": (0, 0, -0.5),
}
SEX: dict[bool, Bits] = {True: (0.9, 0.9, 0), False: (-5, -5, -5)}
NUMBER: dict[str, Bits] = {
    "same": (22, 12, 16),
    "digits_swapped": (14, 7, 11),
    "one_digit": (9, 0, 6),
    "two_digits": (2, -2, 0),
    "different": (-8, -8, -9),
}
PARENT: dict[str, Bits] = {  # "stranger" gains the bits of the parent's own name where it agrees
    "same": (0, 0, 6),
    "marks_dropped": (-0.5, 0, 6),
    "tone_differs": (-1, 0, 5),
    "letter_differs": (-2, 0, 3),
    "middle_differs": (-3, 0, 3.5),
    "reordered": (-2, 0, 4.5),
    "nickname": (-8, 0, 1),
    "abbreviated": (-4, 0, 4),
    "misspelt": (-2, 0, 4),
    "different": (-4, -0.5, -5),
    "unknown": (0, 0, 0),
}
AGREES = frozenset(PARENT) - {"different", "unknown", "nickname"}
NAMESAKE_PRIOR, SIBLING_PRIOR = -2.5, -1.0


@dataclass(frozen=True)
class Scored:
    """``bits`` of evidence beyond even odds; ``reasons`` name what agrees and what does not, in catalogue words."""

    bits: float
    reasons: tuple[str, ...]

    @property
    def score(self) -> float:
        """The same from 0 to 1."""
        return round(1 / (1 + 2 ** -max(-40.0, min(40.0, self.bits))), 4)


def stranger_prior(size: int) -> float:
    """In a list of many, two random records are rarely one child."""
    return -log2(max(size, 500)) - 0.5


def score(one: Person, other: Person, common: Commonness) -> Scored:
    """How likely the two records are one child."""
    stranger, sibling, namesake = stranger_prior(common.size), SIBLING_PRIOR, NAMESAKE_PRIOR
    reasons = []
    for reason, bits in _evidence(one, other, common):
        stranger, sibling, namesake = stranger + bits[0], sibling + bits[1], namesake + bits[2]
        reasons.append(reason)
    return Scored(min(stranger, sibling, namesake), tuple(reasons))


def _evidence(one: Person, other: Person, common: Commonness) -> list[tuple[str, Bits]]:
    found = [_name(one, other, common)]
    birth = births.compare(one.birth, other.birth)
    found.append((f"birth.{birth}", BIRTH[birth]))
    if one.sex and other.sex:
        alike = one.sex == other.sex
        found.append(("sex.same" if alike else "sex.different", SEX[alike]))
    if one.number and other.number:
        number = _numbers(one.number, other.number)
        found.append((f"personal_id.{number}", NUMBER[number]))
    found += [_parent(word, *pair, common) for word, pair in _parents(one, other)]
    if one.ward and other.ward:
        found.append(_place(one, other, common))
    return found


def _name(one: Person, other: Person, common: Commonness) -> tuple[str, Bits]:
    level: str = names.compare(one.name, other.name)
    if level == "different" and (one.name.given in common.calls or other.name.given in common.calls):
        level = "nickname"
    stranger, sibling, namesake = NAME[level]
    if level not in ("different", "unknown"):
        stranger += common.name(one.name, other.name)
    if level == "middle_differs" and names.middles_clash(one.name, other.name):
        stranger, sibling, namesake = stranger - 2.5, sibling - 3, namesake - 2
    if level in ("tone_differs", "letter_differs", "misspelt") and _both_established(one, other, common):
        stranger, sibling = stranger - 2, sibling - 6
    return f"name.{level}", (stranger, sibling, namesake)


def _both_established(one: Person, other: Person, common: Commonness) -> bool:
    """Whether the given names that differ are both names here (Minh and Ninh), and no slip of each other."""
    first, second = one.name.syllables[-1].whole, other.name.syllables[-1].whole
    return first != second and common.established(first) and common.established(second)


def _numbers(one: str, other: str) -> str:
    if one == other:
        return "same"
    swapped = sorted(one) == sorted(other)
    if OSA.distance(one, other, score_cutoff=1) <= 1:
        return "digits_swapped" if swapped else "one_digit"
    if len(one) != len(other) or sum(a != b for a, b in zip(one, other, strict=True)) > 2:
        return "different"
    return "digits_swapped" if swapped else "two_digits"


def _parents(one: Person, other: Person) -> list[tuple[str, tuple[names.Name, names.Name]]]:
    pairs = (("mother", (one.mother, other.mother)), ("father", (one.father, other.father)))
    return [(word, pair) for word, pair in pairs if pair[0].syllables and pair[1].syllables]


def _parent(word: str, one: names.Name, other: names.Name, common: Commonness) -> tuple[str, Bits]:
    level = names.compare(one, other)
    if level == "different" and (one.titled or other.titled):
        level = "nickname"
    stranger, sibling, namesake = PARENT[level]
    if level in AGREES:
        stranger += common.parent(one)
    if level == "middle_differs" and names.middles_clash(one, other):
        stranger, namesake = stranger - 2, namesake - 3
    return f"{word}.{level}", (stranger, sibling, namesake)


def _place(one: Person, other: Person, common: Commonness) -> tuple[str, Bits]:
    if one.ward != other.ward:
        return "place.ward_differs", (-2.5, 0, -0.5)
    ward = common.place("ward", one.ward)
    if not one.village or not other.village:
        return "place.ward_same", (ward, 0, 0)
    if one.village == other.village:
        return "place.village_same", (max(ward, common.place("village", one.village)), 0, 1.8)
    return "place.village_differs", (ward - 2.5, 0, -0.5)
