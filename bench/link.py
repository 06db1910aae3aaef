"""How well ``mangnon children link`` finds the same child again: precision, recall and seconds on invented lists.

``--households N --rounds R --seeds a,b,c --dirt F``, or ``--registers N --seeds a,b,c`` for three registers of N
children that were made otherwise (``tests/builders/registers.py``). Ends with 1 where a target is missed: precision
0.99, recall 0.95, 5 minutes.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from itertools import combinations

import tests.builders.registers as registers
from sync.people.dirt import Habits
from sync.people.link import link
from sync.people.population import Population, make
from sync.people.record import read_people

PRECISION, RECALL, SECONDS = 0.99, 0.95, 300


def true_pairs(population: Population) -> set[tuple[str, str]]:
    rows: dict[str, list[str]] = defaultdict(list)
    for row_id, child in population.truth.items():
        rows[child].append(row_id)
    return {(a, b) for ids in rows.values() for a, b in combinations(sorted(ids), 2)}


def measure(households: int, rounds: int, seed: int, dirt: float) -> bool:
    population = make(households=households, rounds=rounds, seed=seed, habits=Habits().times(dirt))
    return reached(f"seed {seed} dirt {dirt}", population.rows, true_pairs(population))


def reached(what: str, rows: list[dict[str, str]], truth: set[tuple[str, str]]) -> bool:
    began = time.perf_counter()
    found = {(min(one.a, one.b), max(one.a, one.b)) for one in link(read_people(rows))}
    seconds = time.perf_counter() - began
    right = len(found & truth)
    precision, recall = right / max(len(found), 1), right / max(len(truth), 1)
    print(
        f"{what}: {len(rows)} rows, {len(truth)} true pairs, "
        f"precision {precision:.4f}, recall {recall:.4f}, {seconds:.0f} s",
        flush=True,
    )
    return precision >= PRECISION and recall >= RECALL and seconds < SECONDS


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, default=29_500)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seeds", default="101,102")
    parser.add_argument("--dirt", type=float, default=1.0)
    parser.add_argument("--registers", type=int, default=0, help="children of the three registers")
    asked = parser.parse_args()
    seeds = [int(seed) for seed in asked.seeds.split(",")]
    if asked.registers:
        every = [reached(f"registers, seed {seed}", *registers.make(asked.registers, seed)) for seed in seeds]
    else:
        every = [measure(asked.households, asked.rounds, seed, asked.dirt) for seed in seeds]
    return 0 if all(every) else 1


if __name__ == "__main__":
    sys.exit(main())
