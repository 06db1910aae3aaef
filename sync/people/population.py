"""An invented population over survey rounds, with the truth known: who is who. Same seed, same population. Pure.

Families with brothers, sisters and twins, cousins of one name next door, children born, grown up or gone, households
that move. What interviewers would write of them, mistakes included, is the work of ``dirt``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from sync.people.dirt import Habits, written

VILLAGES = 24
TWINS, COUSINS, MOVES, LEAVES = 0.025, 0.04, 0.05, 0.03
YEARS = (5, 17)


@dataclass(frozen=True)
class Child:
    """A child as it is, before anybody writes it down."""

    key: str
    name: str
    sex: str
    birth: date
    number: str


@dataclass(frozen=True)
class Household:
    ward: str
    village: str
    mother: str
    father: str
    children: tuple[Child, ...] = ()


@dataclass
class Population:
    """``rows`` as lists would hold them; ``truth`` gives the child behind each row's id."""

    rows: list[dict[str, str]] = field(default_factory=list)
    truth: dict[str, str] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)


def make(
    *, households: int, rounds: int, seed: int, habits: Habits | None = None, first_year: int = 2026
) -> Population:
    """The rows of every round, shuffled within each."""
    random = Random(f"mang-non/{seed}")  # noqa: S311  (invented people, nothing secret)
    maker = _Maker(random, first_year)
    families = [maker.household() for _ in range(households)]
    families = maker.with_cousins(families)
    made, habits = Population(), habits or Habits()
    for number in range(rounds):
        year = first_year + number
        if number:
            families = [maker.a_year_later(family, year) for family in families]
        seen = [(family, child) for family in families for child in family.children if _asked(child, year)]
        random.shuffle(seen)
        for family, child in seen:
            row_id = f"r{number + 1}-{len(made.rows) + 1:07}"
            made.rows.append({"id": row_id, **written(random, _facts(family, child), habits)})
            made.truth[row_id], made.rounds[row_id] = child.key, number + 1
    return made


def _asked(child: Child, year: int) -> bool:
    return YEARS[0] <= year - child.birth.year <= YEARS[1]


def _facts(family: Household, child: Child) -> dict[str, str]:
    return {
        "name": child.name,
        "birth": child.birth.isoformat(),
        "sex": child.sex,
        "ward": family.ward,
        "village": family.village,
        "mother": family.mother,
        "father": family.father,
        "personal_id": child.number,
    }


@cache
def invented() -> dict[str, Any]:
    """The syllables of invented names."""
    text = (resources.files("sync.people") / "data" / "invented.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


class _Maker:
    """Makes people from one source of chance."""

    def __init__(self, random: Random, first_year: int) -> None:
        self._random = random
        self._first_year = first_year
        self._words = invented()
        self._made = 0

    def household(self) -> Household:
        ward = self._random.choices(self._words["wards"], (5, 4, 3, 3))[0]
        village = self._village(ward)
        father_family, mother_family = self._family(), self._family()
        father, mother = self._name(father_family, "male"), self._name(mother_family, "female")
        return Household(ward, village, mother, father, tuple(self._siblings(father_family)))

    def with_cousins(self, families: list[Household]) -> list[Household]:
        """In some families a child gets the name of a neighbour's child, at about the same age."""
        grown: list[Household] = []
        for family in families:
            if grown and family.children and self._random.random() < COUSINS:
                family = self._cousin(self._random.choice(grown[-200:]), family)
            grown.append(family)
        return grown

    def a_year_later(self, family: Household, year: int) -> Household:
        """Some move, some children leave, some are born or join."""
        random = self._random
        if random.random() < MOVES:
            ward = random.choice(self._words["wards"])
            family = replace(family, ward=ward, village=self._village(ward))
        staying = [child for child in family.children if random.random() >= LEAVES]
        if random.random() < 0.06:
            surname = (family.father or family.mother).split()[0]
            staying.append(self._child(surname, date(year - 5, 1, 1) + timedelta(random.randrange(365))))
        return replace(family, children=tuple(staying))

    def _cousin(self, neighbour: Household, family: Household) -> Household:
        if not neighbour.children:
            return family
        model = self._random.choice(neighbour.children)
        born = model.birth + timedelta(self._random.randrange(-700, 700))
        cousin = replace(self._child(model.name.split()[0], born), name=model.name, sex=model.sex)
        uncle = self._name(model.name.split()[0], "male")
        return replace(
            family,
            ward=neighbour.ward,
            village=neighbour.village if self._random.random() < 0.7 else self._village(neighbour.ward),
            father=uncle,
            children=(cousin, *family.children[1:]),
        )

    def _siblings(self, surname: str) -> Iterator[Child]:
        born = date(self._first_year - self._random.randint(6, 17), 1, 1)
        born += timedelta(self._random.randrange(365))
        names: set[str] = set()
        for _ in range(self._random.choices((1, 2, 3, 4), (35, 45, 15, 5))[0]):
            for _ in range(2 if self._random.random() < TWINS else 1):
                child = self._child(surname, born)
                while child.name.split()[-1] in names:
                    child = self._child(surname, born)
                names.add(child.name.split()[-1])
                yield child
            born += timedelta(self._random.randrange(400, 1800))

    def _child(self, surname: str, born: date) -> Child:
        self._made += 1
        sex = self._random.choice(("male", "female"))
        number = f"020{2 if sex == 'male' else 3}{born.year % 100:02}{self._random.randrange(10**6):06}"
        return Child(f"c{self._made:07}", self._name(surname, sex), sex, born, number)

    def _name(self, surname: str, sex: str) -> str:
        kind, given = ("middles_boy", "boys") if sex == "male" else ("middles_girl", "girls")
        words, random = self._words, self._random
        return f"{surname} {random.choice(words[kind])} {random.choice(words[given])}"

    def _family(self) -> str:
        families = self._words["families"]
        return str(self._random.choices(list(families), list(families.values()))[0])

    def _village(self, ward: str) -> str:
        return f"{ward}.{self._random.randint(1, VILLAGES):03}"
