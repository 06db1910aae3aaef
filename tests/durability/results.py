"""The kept tables of the long runs: ``results/<proof>.csv``, one line per part, with commit and date."""

from __future__ import annotations

import csv
import subprocess
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).parent / "results"


def append(proof: str, **columns: object) -> None:
    """Add a line; the first one writes the head."""
    row = {"date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"), "commit": _commit()} | columns
    path = FOLDER / f"{proof}.csv"
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)
    print(", ".join(f"{key} {value}" for key, value in row.items()), flush=True)


def total(proof: str, column: str, **which: str) -> int:
    """The sum of a column over the lines that hold these values."""
    path = FOLDER / f"{proof}.csv"
    if not path.exists():
        return 0
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[key] == value for key, value in which.items())]
    return sum(int(row[column]) for row in rows)


def _commit() -> str:
    """The commit of what was proven; ``+`` when the server differs from it."""
    short = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", "../../../server", "../../../forms", "../../../sync")
    return (short or "unknown") + ("+" if changed else "")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=FOLDER, capture_output=True, text=True, check=False)
    return done.stdout.strip()
