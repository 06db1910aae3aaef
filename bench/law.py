"""How fast the law engine judges: children of all ages and kinds of work, under every enabled profile.

    python bench/law.py [--children N]

Reading the cases (parsing and checking every field) is counted apart from judging them. The children are made up
from a fixed seed. Prints a table and fails when a million children would take longer than the limit.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from server.labour.judge import judge, read_case
from server.labour.profiles import known_codes, profile_names

LIMIT = 60.0
MILLION = 1_000_000
BATCH = 1_000
RELATIONS = ("employer", "apprentice", "family", "own_account")


class Children:
    """Made-up children: a fifth without work, most with one job, some with two or three, some facts unknown."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311
        self.lists = {name: (*sorted(known_codes(name)), "none") for name in ("light_jobs", "overtime_jobs")}
        self.banned = sorted(known_codes("banned_jobs"))
        self.places = sorted(known_codes("banned_places"))

    def __iter__(self) -> Any:
        number = 0
        while True:
            number += 1
            yield self._child(number)

    def _child(self, number: int) -> dict[str, Any]:
        chance = self.chance
        age, works = chance.randint(5, 17), chance.random() < 0.8
        return {
            "id": str(number),
            "reference_date": "2026-10-04",
            "birth_date": self._birth(2026 - age),
            "sex": chance.choice(("male", "female")),
            "jobs": [self._job() for _ in range(chance.choice((1, 1, 1, 1, 2, 3)))] if works else [],
            "chores_hours": chance.randint(0, 25),
            "in_school": chance.random() < 0.9,
            "highest_grade": max(0, age - 6),
            "forced": chance.random() < 0.01,
            "exploited": False,
            "risk_factors": ["poor_household"] if chance.random() < 0.2 else [],
            "worked_12_months": chance.random() < 0.3,
        }

    def _birth(self, year: int) -> str:
        text = f"{year}-{self.chance.randint(1, 9):02d}-{self.chance.randint(1, 28):02d}"
        return text[: self.chance.choice((10, 10, 10, 10, 7, 4))]

    def _job(self) -> dict[str, Any]:
        chance = self.chance
        maybe = {name: chance.choice((True, True, True, False, None)) for name in _PAPERS}
        return maybe | {
            "relation": chance.choice(RELATIONS),
            "arts_or_sport": False,
            "light_job": chance.choice(self.lists["light_jobs"]),
            "overtime_job": chance.choice(self.lists["overtime_jobs"]),
            "night_job": "none",
            "banned_jobs": [chance.choice(self.banned)] if chance.random() < 0.2 else [],
            "places": [chance.choice(self.places)] if chance.random() < 0.1 else [],
            "hours": [chance.choice((0, 1, 2, 3, 4, 5, 8)) for _ in range(7)],
            "night": chance.random() < 0.05,
            "overtime": False,
            "load_kg": chance.choice((0, 0, 5, 12, 20)),
            "load_regular": chance.random() < 0.5,
            "harms_study": False,
            "unsafe": False,
        }


_PAPERS = (
    "parental_consent",
    "written_contract",
    "representative_signed",
    "health_checked",
    "provincial_approval",
)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--children", type=int, default=MILLION)
    wanted = asked.parse_args().children
    children = iter(Children(seed=4))
    reading = judging = 0.0
    classes: Counter[str | None] = Counter()
    done = 0
    while done < wanted:
        made = list(islice(children, min(BATCH, wanted - done)))
        begun = time.process_time()
        cases = [read_case(data) for data in made]
        read = time.process_time()
        for case in cases:
            classes[judge(case)["VN-LC2019"].class_] += 1
        judging += time.process_time() - read
        reading += read - begun
        done += len(made)
    million = judging * MILLION / wanted
    print(
        f"{wanted:,} children, {len(profile_names())} profiles each, one core, load {os.getloadavg()[0]:.1f}"
    )
    print(f"reading the cases   {reading:8.1f} s  {wanted / reading:10,.0f} a second")
    print(f"judging them        {judging:8.1f} s  {wanted / judging:10,.0f} a second")
    print(f"a million judged in {million:8.1f} s  limit {LIMIT:.0f} s")
    print("classes: " + ", ".join(f"{name} {count:,}" for name, count in classes.most_common()))
    return 0 if million < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
