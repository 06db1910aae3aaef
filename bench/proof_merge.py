"""One million random histories of phones editing one child: no value lost, no order that matters.

``--histories N --seed S``; prints what was checked, ends with 1 at the first history that breaks the rule.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "builders"))

from devices import arrival_matters, invented, lost, random_history

from sync.histories import settle


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--histories", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began, conflicts = time.perf_counter(), 0
    for number in range(asked.histories):
        random = Random(f"{asked.seed}/{number}")  # noqa: S311
        history = random_history(random, phones=random.randint(2, 4), steps=random.randint(2, 10))
        state = settle(history.edits)
        conflicts += bool(state.conflicts)
        if lost(history, state) or invented(history, state) or arrival_matters(history, random):
            print(f"history {asked.seed}/{number} breaks the rule: {history.edits}")
            return 1
    seconds = time.perf_counter() - began
    print(
        f"{asked.histories} histories, {conflicts} with conflicts, 0 lost, 0 order-dependent, {seconds:.0f} s"
    )
    return 0 if conflicts else 1


if __name__ == "__main__":
    sys.exit(main())
