"""File and sheet names of tables: unique, and only letters that every system takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from exports.table import Table

_UNSAFE = re.compile(r"[^\w.-]+")


def unique_names(tables: Sequence[Table], first: str, longest: int) -> list[str]:
    """A name for each table: ``first`` for the form itself, then each repeat's own."""
    names: list[str] = []
    for table in tables:
        wanted = _UNSAFE.sub("_", table.name or first).strip("._")[:longest] or "table"
        name, number = wanted, 2
        while name.casefold() in {known.casefold() for known in names}:
            ending = f"_{number}"
            name, number = wanted[: longest - len(ending)] + ending, number + 1
        names.append(name)
    return names
