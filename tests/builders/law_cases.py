"""The tables of ``tests/cases/law/``: samples with everything known and lawful, and cases that change them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "cases" / "law"
UNKNOWN = "?"
Table = dict[str, Any]


@cache
def samples() -> dict[str, Table]:
    """The sample child and the sample jobs, complete."""
    found = tomllib.loads((FOLDER / "samples.toml").read_text(encoding="utf-8"))
    return {
        name: {**found[table["like"]], **{k: v for k, v in table.items() if k != "like"}}
        if "like" in table
        else table
        for name, table in found.items()
    }


@cache
def tables() -> tuple[Table, ...]:
    """Every case of every table, in order."""
    files = sorted(path for path in FOLDER.glob("*.toml") if path.name != "samples.toml")
    return tuple(case for path in files for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"])


def facts_of(case: Table) -> Table:
    """The case as the engine takes it."""
    jobs = case.get("jobs", [])
    return {
        **_known(samples()["child"] | case.get("child", {})),
        "id": case["id"],
        "jobs": None if jobs == UNKNOWN else [job(**own) for own in jobs],
    }


def child(**changes: Any) -> Table:
    """The sample child with changes and no work."""
    return {**samples()["child"], "id": "thử", "jobs": [], **changes}


def job(sample: str = "employer", **changes: Any) -> Table:
    """A sample job with changes."""
    return _known({**samples()[sample], **changes})


def _known(table: Table) -> Table:
    return {name: _value(value) for name, value in table.items()}


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [_value(one) for one in value]
    return None if value == UNKNOWN else value
